//! Clients on the wire. Must not know: rows other than those it is made from.

use crate::api::answer::{Resource, page};
use crate::api::extract::Wire;
use crate::db::Fault;
use crate::db::accounts::AccountRow;
use crate::db::secrets::SecretRow;
use crate::db::types::AccountState;
use crate::domain::identity::Name;
use crate::domain::problem::{Code, Problems};
use crate::domain::scopes::{Scope, Scopes};
use crate::domain::time::Instant;
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
}

/// The same, well formed.
pub struct Draft {
    pub name: String,
    pub scopes: Scopes,
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
            Some(Draft { name: name?.as_str().to_owned(), scopes })
        })
    }
}

/// A secret that serves; what it is was told once.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientSecret {
    id: Uuid,
    created_at: DateTime<Utc>,
}

/// A machine that gets tokens at `/v1/auth/token` with its id and a secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "name": "Sistem Layanan Kabupaten",
    "scopes": ["imports.write", "seekers.read"], "state": "active",
    "secrets": [{ "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12", "created_at": "2026-11-24T03:00:00Z" }],
    "last_used_at": null, "updated_at": "2026-11-24T03:00:00Z"
}))]
pub struct Client {
    id: Uuid,
    name: String,
    scopes: Vec<Scope>,
    state: AccountState,
    /// Two at most: the next one while it is brought to the machine.
    secrets: Vec<ClientSecret>,
    /// When it got a token, to the minute.
    #[schema(required = true)]
    last_used_at: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl Client {
    /// `secrets` may hold those of other clients too.
    pub fn of(row: AccountRow, secrets: &[SecretRow]) -> Result<Self, Fault> {
        let secret =
            |s: &SecretRow| ClientSecret { id: s.id.uuid(), created_at: s.created_at.utc() };
        Ok(Self {
            id: row.id.uuid(),
            scopes: row.scopes()?.iter().collect(),
            name: row.name.unwrap_or_default(),
            state: row.state,
            secrets: secrets.iter().filter(|s| s.client_id == row.id).map(secret).collect(),
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
        "last_used_at": null, "updated_at": "2026-11-24T03:00:00Z"
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
