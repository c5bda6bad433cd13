//! How a machine proves itself without a secret: a JWT that it signs with a key of its own (RFC
//! 7523), for this token endpoint, for minutes, and once. Must not know: tables.

use crate::db::client_keys::KeyRow;
use crate::domain::client_keys::KeyAlg;
use crate::domain::ids::AccountId;
use crate::domain::time::Instant;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Deserialize;

pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Seconds that an assertion may live.
const LONGEST: i64 = 300;
/// Seconds by which the client's clock may differ.
const CLOCKS: i64 = 30;
const JTI_MAX: usize = 128;

#[derive(Deserialize)]
struct Said {
    iss: String,
    sub: String,
    /// One audience: an assertion for several would serve the others too.
    aud: String,
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
    jti: String,
}

/// What a good assertion is used up by.
pub struct Proven {
    pub jti: String,
    pub until: Instant,
}

/// Whose it claims to be.
pub fn client_of(assertion: &str) -> Option<AccountId> {
    let said: Said = jsonwebtoken::dangerous::insecure_decode_claims(assertion).ok()?;
    said.sub.parse().ok()
}

fn algorithm(alg: KeyAlg) -> Algorithm {
    match alg {
        KeyAlg::EdDsa => Algorithm::EdDSA,
        KeyAlg::Es256 => Algorithm::ES256,
    }
}

/// The key says which algorithm counts; the header may only agree.
fn signed_by(assertion: &str, header: &Header, key: &KeyRow) -> Option<Said> {
    let alg = algorithm(key.alg);
    let is_meant = header.kid.as_ref().is_none_or(|kid| *kid == key.id.to_string());
    if header.alg != alg || !is_meant {
        return None;
    }
    let decoding = match key.alg {
        KeyAlg::EdDsa => DecodingKey::from_ed_der(&key.public_key),
        KeyAlg::Es256 => DecodingKey::from_ec_der(&key.public_key),
    };
    let mut rules = Validation::new(alg);
    rules.required_spec_claims.clear();
    rules.validate_exp = false;
    rules.validate_aud = false;
    jsonwebtoken::decode::<Said>(assertion, &decoding, &rules).ok().map(|data| data.claims)
}

/// What is proven, if one of the client's keys signed it and everything in it holds.
pub fn proven(
    assertion: &str,
    client: AccountId,
    keys: &[KeyRow],
    audience: &str,
    now: Instant,
) -> Option<Proven> {
    let header = jsonwebtoken::decode_header(assertion).ok()?;
    let typ = header.typ.as_deref().unwrap_or("JWT");
    if !["JWT", "client-authentication+jwt"].contains(&typ) || header.crit.is_some() {
        return None;
    }
    let said = keys.iter().find_map(|key| signed_by(assertion, &header, key))?;
    let (at, soon) = (now.utc().timestamp(), now.utc().timestamp() + CLOCKS);
    let is_good = said.iss == said.sub
        && said.sub.parse() == Ok(client)
        && said.aud == audience
        && at < said.exp
        && said.exp <= soon + LONGEST
        && said.iat.is_none_or(|iat| iat <= soon)
        && said.nbf.is_none_or(|nbf| nbf <= soon)
        && (1..=JTI_MAX).contains(&said.jti.len());
    is_good.then(|| Proven { jti: said.jti, until: now.plus_seconds(LONGEST + 2 * CLOCKS) })
}
