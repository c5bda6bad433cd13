//! Access tokens: JWT signed with Ed25519, checked against our clock, remembered for a while.
//! Must not know: passwords, handlers.

use crate::db::{Fault, Store, signing};
use crate::domain::roles::Role;
use crate::domain::time::Instant;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use uuid::Uuid;

/// Seconds that an access token lives.
pub const LIFE: i64 = 600;
const ISSUER: &str = "musiman";
const TYPE: &str = "at+jwt";
const REMEMBERED: u64 = 20_000;

/// What a token says (RFC 9068).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    pub sub: Uuid,
    /// The machine, or `password` for people.
    pub client_id: String,
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
    pub jti: Uuid,
    pub role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_seeker: Option<Uuid>,
    /// The session that it was given in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<Uuid>,
    /// What a machine may do, word by word; people have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

impl Claims {
    fn of(sub: Uuid, role: Role, client_id: String, jti: Uuid, now: Instant) -> Self {
        let iat = now.utc().timestamp();
        Self {
            iss: ISSUER.to_owned(),
            aud: ISSUER.to_owned(),
            sub,
            client_id,
            iat,
            nbf: iat,
            exp: iat + LIFE,
            jti,
            role,
            organisation: None,
            job_seeker: None,
            sid: None,
            scope: None,
        }
    }
}

/// Whom a token is for.
#[derive(Debug, Clone, Copy)]
pub struct Holder {
    pub account: Uuid,
    pub role: Role,
    pub organisation: Option<Uuid>,
    pub job_seeker: Option<Uuid>,
    pub session: Option<Uuid>,
}

struct Keys {
    signer: (String, EncodingKey),
    checkers: HashMap<String, (DecodingKey, Vec<u8>)>,
}

/// Signs, checks, and publishes the public keys.
pub struct Tokens {
    keys: RwLock<Keys>,
    seen: moka::sync::Cache<[u8; 32], Arc<Claims>>,
}

impl Tokens {
    /// Reads the keys of the database, and makes the first one.
    pub fn load(store: &Store) -> Result<Self, Fault> {
        let rows = signing::load_or_make(store)?;
        let newest = rows.last().ok_or(Fault::NotFound)?;
        let signer = (newest.kid.clone(), EncodingKey::from_ed_der(&newest.secret));
        let checkers = rows
            .iter()
            .map(|k| (k.kid.clone(), (DecodingKey::from_ed_der(&k.public), k.public.clone())))
            .collect();
        Ok(Self {
            keys: RwLock::new(Keys { signer, checkers }),
            seen: moka::sync::Cache::new(REMEMBERED),
        })
    }

    pub fn sign(&self, holder: Holder, jti: Uuid, now: Instant) -> Result<String, Fault> {
        let claims = Claims::of(holder.account, holder.role, "password".to_owned(), jti, now);
        self.signed(&Claims {
            organisation: holder.organisation,
            job_seeker: holder.job_seeker,
            sid: holder.session,
            ..claims
        })
    }

    /// For a machine: an officer within the scopes.
    pub fn sign_machine(
        &self,
        client: Uuid,
        scope: &str,
        jti: Uuid,
        now: Instant,
    ) -> Result<String, Fault> {
        let claims = Claims::of(client, Role::Office, client.to_string(), jti, now);
        self.signed(&Claims { scope: Some(scope.to_owned()), ..claims })
    }

    fn signed(&self, claims: &Claims) -> Result<String, Fault> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let header = Header {
            typ: Some(TYPE.to_owned()),
            kid: Some(keys.signer.0.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, claims, &keys.signer.1).map_err(Fault::broken)
    }

    /// The claims of a good token. Signature checks are remembered, expiry never is.
    pub fn check(&self, token: &str, now: Instant) -> Option<Arc<Claims>> {
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let claims = if let Some(claims) = self.seen.get(&hash) {
            claims
        } else {
            let claims = Arc::new(self.decode(token)?);
            self.seen.insert(hash, claims.clone());
            claims
        };
        let at = now.utc().timestamp();
        (claims.nbf <= at && at < claims.exp).then_some(claims)
    }

    fn decode(&self, token: &str) -> Option<Claims> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let (key, _) = keys.checkers.get(header.kid.as_deref()?)?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[ISSUER]);
        rules.validate_exp = false;
        rules.validate_nbf = false;
        jsonwebtoken::decode::<Claims>(token, key, &rules).ok().map(|data| data.claims)
    }

    /// RFC 7517 and 8037.
    pub fn jwks(&self) -> Vec<Value> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<(&String, &Vec<u8>)> =
            keys.checkers.iter().map(|(kid, (_, public))| (kid, public)).collect();
        all.sort();
        all.iter()
            .map(|(kid, public)| {
                json!({
                    "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
                    "kid": kid, "x": URL_SAFE_NO_PAD.encode(public),
                })
            })
            .collect()
    }
}
