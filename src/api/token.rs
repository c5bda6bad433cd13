//! Access tokens: JWT signed with Ed25519, checked against our clock, remembered for a while.
//! Must not know: passwords, handlers.

use crate::db::signing::{self, KeyPair};
use crate::db::{Actor, Fault, Store, accounts, sessions};
use crate::domain::ids::{AccountId, SessionId};
use crate::domain::roles::Role;
use crate::domain::time::Instant;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use uuid::Uuid;

/// Seconds that an access token lives.
pub const LIFE: i64 = signing::TOKEN_LIFE;
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
    /// When its holder last showed a password or a code, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// What a machine may do, word by word; people have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Whether it opens demo data, and nothing else.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sandbox: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(truth: &bool) -> bool {
    !truth
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
            auth_time: None,
            scope: None,
            sandbox: false,
        }
    }
}

impl Claims {
    fn of_machine(client: Uuid, scope: &str, jti: Uuid, now: Instant) -> Self {
        let claims = Self::of(client, Role::Office, client.to_string(), jti, now);
        Self { scope: Some(scope.to_owned()), ..claims }
    }

    /// Who acts with the token.
    pub fn actor(&self) -> Actor {
        let account = AccountId(self.sub);
        if self.scope.is_some() {
            Actor::machine(account, self.role)
        } else {
            Actor::account(account, self.role)
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
    /// In which session, and when it ends in spite of use.
    pub session: Option<(Uuid, Instant)>,
    /// When they last showed a password or a code.
    pub proved_at: Instant,
}

impl Holder {
    /// Seconds that a token lives: no longer than its session.
    pub fn life(&self, now: Instant) -> i64 {
        let left = |(_, end): (Uuid, Instant)| end.utc().timestamp() - now.utc().timestamp();
        self.session.map_or(LIFE, left).clamp(0, LIFE)
    }
}

struct Signer {
    kid: String,
    key: EncodingKey,
    from: Instant,
}

struct Checker {
    key: DecodingKey,
    public: Vec<u8>,
    until: Option<Instant>,
}

impl Checker {
    fn counts(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// What the database says of tokens, as it was read last.
struct Known {
    /// In the order in which they sign.
    signers: Vec<Signer>,
    checkers: HashMap<String, Checker>,
    /// Sessions and accounts that ended while a token of theirs may live.
    ended: HashSet<Uuid>,
    /// Another one whenever a key went: what was remembered before counts no more.
    turn: u64,
}

impl Known {
    fn read(store: &Store) -> Result<Self, Fault> {
        store.snapshot(|conn, now| {
            let since = now.plus_seconds(-2 * LIFE);
            let sessions = sessions::ended_since(conn, since)?.into_iter().map(SessionId::uuid);
            let accounts = accounts::disabled_since(conn, since)?.into_iter().map(AccountId::uuid);
            let ended = sessions.chain(accounts).collect();
            let (mut signers, mut checkers) = (Vec::new(), HashMap::new());
            for KeyPair { kid, secret, public, signs_from, retired_at } in signing::load(conn, now)?
            {
                let key = EncodingKey::from_ed_der(&secret);
                signers.push(Signer { kid: kid.clone(), key, from: signs_from });
                let key = DecodingKey::from_ed_der(&public);
                checkers.insert(kid, Checker { key, public, until: retired_at });
            }
            Ok(Self { signers, checkers, ended, turn: 0 })
        })
    }

    /// The last key whose hour has come.
    fn signer(&self, now: Instant) -> Option<&Signer> {
        self.signers.iter().rfind(|signer| signer.from <= now).or(self.signers.first())
    }

    fn has_ended(&self, claims: &Claims) -> bool {
        self.ended.contains(&claims.sub) || claims.sid.is_some_and(|sid| self.ended.contains(&sid))
    }
}

/// A token whose signature was checked.
struct Seen {
    claims: Arc<Claims>,
    kid: String,
    turn: u64,
}

/// Signs, checks, and publishes the public keys.
pub struct Tokens {
    known: RwLock<Known>,
    seen: moka::sync::Cache<[u8; 32], Arc<Seen>>,
}

impl Tokens {
    /// Reads the keys of the database, and makes the first one.
    pub fn load(store: &Store) -> Result<Self, Fault> {
        signing::load_or_make(store)?;
        let known = RwLock::new(Known::read(store)?);
        Ok(Self { known, seen: moka::sync::Cache::new(REMEMBERED) })
    }

    /// Learns what other processes and commands did: new keys, keys that went, ended sessions and
    /// disabled accounts.
    pub fn look_again(&self, store: &Store) -> Result<(), Fault> {
        let mut fresh = Known::read(store)?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let went = known.checkers.keys().any(|kid| !fresh.checkers.contains_key(kid));
        fresh.turn = known.turn + u64::from(went);
        *known = fresh;
        if went {
            self.seen.invalidate_all();
        }
        Ok(())
    }

    fn known(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn sign(&self, holder: Holder, jti: Uuid, now: Instant) -> Result<String, Fault> {
        let claims = Claims::of(holder.account, holder.role, "password".to_owned(), jti, now);
        let claims = Claims {
            exp: claims.iat + holder.life(now),
            organisation: holder.organisation,
            job_seeker: holder.job_seeker,
            sid: holder.session.map(|session| session.0),
            auth_time: Some(holder.proved_at.utc().timestamp()),
            ..claims
        };
        self.signed(&claims, now)
    }

    /// For a machine: an officer within the scopes.
    pub fn sign_machine(
        &self,
        client: Uuid,
        scope: &str,
        jti: Uuid,
        now: Instant,
    ) -> Result<String, Fault> {
        self.signed(&Claims::of_machine(client, scope, jti, now), now)
    }

    /// For a machine that is answered from demo data.
    pub fn sign_sandbox(
        &self,
        client: Uuid,
        scope: &str,
        jti: Uuid,
        now: Instant,
    ) -> Result<String, Fault> {
        let claims = Claims::of_machine(client, scope, jti, now);
        self.signed(&Claims { sandbox: true, ..claims }, now)
    }

    fn signed(&self, claims: &Claims, now: Instant) -> Result<String, Fault> {
        let known = self.known();
        let signer = known.signer(now).ok_or(Fault::NotFound)?;
        let header = Header {
            typ: Some(TYPE.to_owned()),
            kid: Some(signer.kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, claims, &signer.key).map_err(Fault::broken)
    }

    /// The claims of a good token. Signature checks are remembered; expiry, the end of the key and
    /// the end of the session never are.
    pub fn check(&self, token: &str, now: Instant) -> Option<Arc<Claims>> {
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let known = self.known();
        let remembered = self.seen.get(&hash).filter(|seen| seen.turn == known.turn);
        let seen = if let Some(seen) = remembered {
            seen
        } else {
            let seen = Arc::new(decode(&known, token)?);
            self.seen.insert(hash, seen.clone());
            seen
        };
        let at = now.utc().timestamp();
        let is_good = seen.claims.nbf <= at
            && at < seen.claims.exp
            && known.checkers.get(&seen.kid)?.counts(now)
            && !known.has_ended(&seen.claims);
        is_good.then(|| seen.claims.clone())
    }

    /// RFC 7517 and 8037: what signs, what will sign, and what signed tokens that still live.
    pub fn jwks(&self, now: Instant) -> Vec<Value> {
        let known = self.known();
        let mut all: Vec<(&String, &Vec<u8>)> = known
            .checkers
            .iter()
            .filter(|(_, checker)| checker.counts(now))
            .map(|(kid, checker)| (kid, &checker.public))
            .collect();
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

fn decode(known: &Known, token: &str) -> Option<Seen> {
    let header = jsonwebtoken::decode_header(token).ok()?;
    if header.typ.as_deref() != Some(TYPE) {
        return None;
    }
    let kid = header.kid?;
    let checker = known.checkers.get(&kid)?;
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[ISSUER]);
    rules.validate_exp = false;
    rules.validate_nbf = false;
    let data = jsonwebtoken::decode::<Claims>(token, &checker.key, &rules).ok()?;
    Some(Seen { claims: Arc::new(data.claims), kid, turn: known.turn })
}
