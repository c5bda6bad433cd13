//! Clients on the wire. Must not know: rows other than those it is made from.

use crate::api::answer::{Resource, page};
use crate::api::extract::Wire;
use crate::db::Fault;
use crate::db::accounts::AccountRow;
use crate::db::client_keys::KeyRow;
use crate::db::secrets::SecretRow;
use crate::db::types::{AccountData, AccountState};
use crate::domain::client_keys::{KeyAlg, PublicKey};
use crate::domain::identity::Name;
use crate::domain::problem::{Code, Problems, Reason};
use crate::domain::scopes::{Scope, Scopes};
use crate::domain::time::Instant;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

/// A machine that is to come in.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Sistem Layanan Kabupaten", "scopes": ["seekers.read", "imports.write"] }))]
pub struct CreateClient {
    #[validate(length(min = 1, max = 120))]
    name: String,
    /// Fixed for its life: another need is another client.
    #[schema(min_items = 1)]
    scopes: Vec<Scope>,
    /// For its life: whether it is answered from demo data alone, and never touches others.
    #[serde(default)]
    #[schema(default = false)]
    sandbox: bool,
}

/// The same, well formed.
pub struct Draft {
    pub name: String,
    pub scopes: Scopes,
    pub data: AccountData,
}

impl Wire for CreateClient {
    type Value = Draft;
    fn value(self) -> Result<Draft, Problems> {
        let mut p = Problems::default();
        let name = p.at("/name", Name::parse(&self.name));
        if self.scopes.is_empty() {
            p.add("/scopes", Code::Missing);
        }
        p.done(|| {
            let scopes = self.scopes.into_iter().collect();
            let data = if self.sandbox { AccountData::Demo } else { AccountData::Real };
            Some(Draft { name: name?.as_str().to_owned(), scopes, data })
        })
    }
}

/// A secret that serves; what it is was told once.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientSecret {
    id: Uuid,
    created_at: DateTime<Utc>,
}

/// A public key to prove itself by, as a JWK (RFC 7517, RFC 8037); no private member is taken.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }))]
pub struct ClientJwk {
    /// `OKP` or `EC`.
    #[validate(length(min = 1, max = 10))]
    kty: String,
    /// `Ed25519` or `P-256`.
    #[validate(length(min = 1, max = 20))]
    crv: String,
    #[validate(length(min = 1, max = 100))]
    x: String,
    /// Of `EC` alone.
    #[validate(length(min = 1, max = 100))]
    #[schema(nullable = false)]
    y: Option<String>,
}

impl ClientJwk {
    fn key(&self) -> Result<PublicKey, Reason> {
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| Code::PublicKeyInvalid);
        let x = bytes(&self.x)?;
        match (self.kty.as_str(), self.crv.as_str(), &self.y) {
            ("OKP", "Ed25519", None) => PublicKey::ed25519(&x),
            ("EC", "P-256", Some(y)) => PublicKey::p256(&x, &bytes(y)?),
            _ => Err(Code::PublicKeyInvalid.into()),
        }
    }
}

impl Wire for ClientJwk {
    type Value = PublicKey;
    fn value(self) -> Result<PublicKey, Problems> {
        let mut p = Problems::default();
        let key = p.at("/x", self.key());
        p.done(|| key)
    }
}

/// A public key that serves.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientKey {
    /// What an assertion may name as its `kid`.
    id: Uuid,
    alg: KeyAlg,
    created_at: DateTime<Utc>,
}

/// A machine that gets tokens at `/v1/auth/token` with its id and a secret, or with an assertion under a key of
/// its own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "name": "Sistem Layanan Kabupaten",
    "scopes": ["imports.write", "seekers.read"], "state": "active",
    "secrets": [{ "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12", "created_at": "2026-11-24T03:00:00Z" }],
    "keys": [], "sandbox": false, "last_used_at": null, "updated_at": "2026-11-24T03:00:00Z"
}))]
pub struct Client {
    id: Uuid,
    name: String,
    scopes: Vec<Scope>,
    state: AccountState,
    /// Two at most: the next one while it is brought to the machine.
    secrets: Vec<ClientSecret>,
    /// Two at most, as with secrets.
    keys: Vec<ClientKey>,
    /// Whether it is answered from demo data alone.
    sandbox: bool,
    /// When it got a token, to the minute.
    #[schema(required = true)]
    last_used_at: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl Client {
    /// `secrets` and `keys` may hold those of other clients too.
    pub fn of(row: AccountRow, secrets: &[SecretRow], keys: &[KeyRow]) -> Result<Self, Fault> {
        let secret =
            |s: &SecretRow| ClientSecret { id: s.id.uuid(), created_at: s.created_at.utc() };
        let key = |k: &KeyRow| {
            let (id, alg, created_at) = (k.id.uuid(), k.alg, k.created_at.utc());
            ClientKey { id, alg, created_at }
        };
        Ok(Self {
            id: row.id.uuid(),
            scopes: row.scopes()?.iter().collect(),
            name: row.name.unwrap_or_default(),
            state: row.state,
            secrets: secrets.iter().filter(|s| s.client_id == row.id).map(secret).collect(),
            keys: keys.iter().filter(|k| k.client_id == row.id).map(key).collect(),
            sandbox: row.data == AccountData::Demo,
            last_used_at: row.used_at.map(Instant::utc),
            updated_at: row.updated_at.utc(),
            version: row.version,
        })
    }
}

impl Resource for Client {
    fn version(&self) -> i64 {
        self.version
    }
    fn location(&self) -> String {
        format!("/v1/clients/{}", self.id)
    }
}

/// A client with its new secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "client": {
        "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "name": "Sistem Layanan Kabupaten",
        "scopes": ["imports.write", "seekers.read"], "state": "active",
        "secrets": [{ "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12", "created_at": "2026-11-24T03:00:00Z" }],
        "keys": [], "sandbox": false, "last_used_at": null, "updated_at": "2026-11-24T03:00:00Z"
    },
    "client_secret": "GQ8bW1ynVbi2Vb1yyCkqjV0mLxZ4ln9yrGvZ7eSdW4E"
}))]
pub struct ClientWithSecret {
    pub client: Client,
    /// Told this once and kept nowhere: null when the request is repeated. A secret that got lost
    /// is replaced by another one.
    #[schema(required = true)]
    pub client_secret: Option<String>,
}

impl Resource for ClientWithSecret {
    fn version(&self) -> i64 {
        self.client.version
    }
    fn location(&self) -> String {
        self.client.location()
    }
}

page!(
    /// A page of clients.
    ClientPage of Client
);
