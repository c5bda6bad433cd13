//! HTTP: every route on one page, and what all of them share.
//! Must not know: diesel, SQL.

pub mod answer;
pub mod cursor;
pub mod extract;
pub mod guard;
pub mod limits;
pub mod metrics;
pub mod problem;
pub mod routes;
pub mod token;

mod applications;
mod auth;
mod frame;
mod health;
mod jobs;
mod mend;
mod seekers;
mod spelled;
mod validity;

pub use frame::frame;

use crate::db::{Fault, Store};
use actix_web::web;
use limits::{Limits, Rates};
use metrics::Metrics;
use routes::Routes;
use serde_json::{Value, json};
use std::sync::Arc;
use token::Tokens;

/// What every handler's guard stands on.
pub struct App {
    pub store: Arc<Store>,
    pub tokens: Tokens,
    pub limits: Limits,
    pub metrics: Metrics,
    /// Password hashing takes memory: so many at once and no more.
    pub hashers: tokio::sync::Semaphore,
    pub is_demo: bool,
    document: OnceDocument,
}

type OnceDocument = std::sync::OnceLock<(String, String)>;

const HASHERS: usize = 2;

impl App {
    pub fn new(store: Arc<Store>, rates: Rates, is_demo: bool) -> Result<Self, Fault> {
        Ok(Self {
            tokens: Tokens::load(&store)?,
            store,
            limits: Limits::new(rates),
            metrics: Metrics::new().map_err(Fault::broken)?,
            hashers: tokio::sync::Semaphore::new(HASHERS),
            is_demo,
            document: OnceDocument::new(),
        })
    }

    /// The OpenAPI document and its tag.
    fn document(&self) -> &(String, String) {
        self.document.get_or_init(|| {
            let text = document_text();
            let tag = answer::tag(1, text.as_bytes());
            (text, tag)
        })
    }
}

/// Every route of the service, tag by tag.
pub fn routes() -> Routes {
    let mut r = Routes::default();

    r.tag("Access", "Log in, stay logged in, get an account.");
    r.post("/v1/auth/login", auth::login, "Log in. Job seekers log in with their NIK. Gives an access token for ten minutes and a refresh token.");
    r.get("/v1/me", auth::get_me, "Who am I. The account behind the token.");
    r.get(
        "/.well-known/jwks.json",
        auth::get_jwks,
        "Public keys. The keys that sign access tokens (RFC 7517).",
    );

    r.tag("Job seekers", "The register of Kabupaten Bekasi.");
    r.post("/v1/job-seekers", seekers::register_seeker, "Register a job seeker. The office registers at once; anybody else gets 202 whatever stands in the register, and the record waits for proof at the desk.");
    r.get(
        "/v1/job-seekers",
        seekers::list_seekers,
        "List job seekers. Without identifiers; with `updated_since` in the order of changes.",
    );
    r.get(
        "/v1/job-seekers/{id}",
        seekers::get_seeker,
        "Read one job seeker. A seeker reads only the own record.",
    );
    r.post(
        "/v1/job-seekers/{id}/verification",
        seekers::verify_seeker,
        "Confirm a job seeker. The papers were seen.",
    );

    r.tag("Applications", "Ranked lists of a season.");
    r.put(
        "/v1/seasons/{id}/applications/{job_seeker_id}",
        applications::put_application,
        "Hand in a ranked list. Until the freeze, as often as one likes; the order of arrival never counts.",
    );
    r.get(
        "/v1/seasons/{id}/applications/{job_seeker_id}",
        applications::get_application,
        "Read a ranked list. As it stands, withdrawn or not.",
    );
    r.delete(
        "/v1/seasons/{id}/applications/{job_seeker_id}",
        applications::withdraw_application,
        "Withdraw a ranked list. The row stays as withdrawn; a new list may follow until the freeze.",
    );

    r.tag("Jobs", "Long work and its progress.");
    r.get("/v1/jobs/{id}", jobs::get_job, "Read a job. How far it is, and what stopped it.");

    r.tag("Service", "Health and documents.");
    r.get("/livez", health::get_livez, "Alive. The process answers.");
    r.get(
        "/readyz",
        health::get_readyz,
        "Ready. The database is reached and its migrations are in place.",
    );
    r
}

/// The head of the OpenAPI document.
fn about() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "musiman",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Places the registered job seekers of Kabupaten Bekasi to Korean seasonal quotas. Enumerations in answers may be joined by new values; ignore fields that you do not know.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            "contact": { "name": "Dinas Ketenagakerjaan Kabupaten Bekasi" }
        },
        "servers": [{ "url": "/", "description": "The service that serves this document." }],
        "components": {
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "From /v1/auth/login." }
            },
            "headers": {
                "ETag": { "description": "Version and digest of the representation.", "schema": { "type": "string" } },
                "Location": { "description": "Where it is read.", "schema": { "type": "string" } },
                "Allow": { "description": "The methods that the path knows.", "schema": { "type": "string" } },
                "Retry-After": { "description": "Seconds to wait.", "schema": { "type": "integer" } },
                "WWW-Authenticate": { "description": "The scheme to log in with.", "schema": { "type": "string" } }
            }
        }
    })
}

/// The OpenAPI document as it is checked in.
pub fn document_text() -> String {
    let mut text = serde_json::to_string_pretty(&routes().document()).unwrap_or_default();
    text.push('\n');
    text
}

/// Mounts everything on an actix application; the one of the tests is the one of production.
pub fn mount(config: &mut web::ServiceConfig) {
    routes().mount(config);
    health::mount_documents(config);
}

/// The service as actix runs it: `application!(data)`.
#[macro_export]
macro_rules! application {
    ($app:expr) => {
        actix_web::App::new()
            .app_data($app)
            .wrap(actix_web::middleware::from_fn($crate::api::frame))
            .wrap(actix_web::middleware::Compress::default())
            .configure($crate::api::mount)
    };
}
