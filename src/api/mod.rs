//! HTTP: what all routes share, and how they are mounted.
//! Must not know: diesel, SQL.

pub mod answer;
pub mod cursor;
pub mod extract;
pub mod guard;
pub mod limits;
pub mod metrics;
pub mod peer;
pub mod problem;
pub mod routes;
pub mod token;
mod versions;
pub mod watch;

mod about;
mod accounts;
mod agreements;
mod applications;
mod auth;
mod breaches;
mod clients;
mod consents;
mod examples;
mod fences;
mod frame;
mod health;
mod imports;
mod inputs;
mod jobs;
mod journal;
mod leases;
mod looks;
mod mend;
mod merges;
mod organisations;
mod pace;
mod portable;
mod processing;
mod quotas;
mod reasons;
mod retention;
mod rights;
mod rounds;
mod scopes;
mod seasons;
mod seekers;
pub mod sight;
mod spelled;
mod table;
mod validity;

pub use fences::cors;
pub use frame::frame;
pub use pace::let_go;
pub use seekers::RegisterSeeker;
pub use table::routes;

use crate::config::SecondFactor;
use crate::db::{Fault, Store};
use crate::domain::rulebook::Rulebook;
use crate::outside::breached::Breached;
use crate::outside::scanner::Scanner;
use actix_web::web;
use limits::{Limits, Rates};
use metrics::Metrics;
use peer::Proxies;
use std::sync::Arc;
use token::Tokens;

/// What stands between the service and the world.
pub struct Edge {
    pub rates: Rates,
    pub proxies: Proxies,
    /// Whose pages may ask.
    pub origins: Vec<String>,
    /// Whether clients reach the service by TLS alone.
    pub has_tls: bool,
    /// Where clients reach it, without a slash at the end.
    pub url: String,
    pub second_factor: SecondFactor,
    /// Passwords that nobody may choose, if whoever runs the service has such a file.
    pub breached: Option<Breached>,
    /// What judges files that are kept as they came; without it none is.
    pub scanner: Option<Scanner>,
}

/// Where a service alone on a machine is reached.
const HERE: &str = "http://127.0.0.1:8080";

/// The service alone on a machine, with nobody who needs a second factor.
impl From<Rates> for Edge {
    fn from(rates: Rates) -> Self {
        Self {
            rates,
            proxies: Proxies::default(),
            origins: Vec::new(),
            has_tls: false,
            url: HERE.to_owned(),
            second_factor: SecondFactor::Off,
            breached: None,
            scanner: None,
        }
    }
}

/// What every handler's guard stands on.
pub struct App {
    pub store: Arc<Store>,
    pub tokens: Tokens,
    pub limits: Limits,
    pub edge: Edge,
    pub metrics: Metrics,
    pub hashers: auth::Turns,
    /// One at a time: a picture takes memory while it is drawn.
    pub papers: auth::Turns,
    /// What holds for a season that is not opened yet.
    pub rules: Rulebook,
    pub is_demo: bool,
    /// What clients of demo data are answered from.
    pub sandbox: Option<web::Data<App>>,
    document: OnceDocument,
}

type OnceDocument = std::sync::OnceLock<(String, String)>;

impl App {
    pub fn new(
        store: Arc<Store>,
        edge: impl Into<Edge>,
        rules: Rulebook,
        is_demo: bool,
    ) -> Result<Self, Fault> {
        let edge = edge.into();
        Ok(Self {
            tokens: Tokens::load(&store)?,
            limits: Limits::new(edge.rates, store.clone()),
            edge,
            store,
            metrics: Metrics::new().map_err(Fault::broken)?,
            hashers: auth::Turns::default(),
            papers: auth::Turns::one(),
            rules,
            is_demo,
            sandbox: None,
            document: OnceDocument::new(),
        })
    }

    /// With demo data beside its own.
    #[must_use]
    pub fn with_sandbox(self, sandbox: web::Data<Self>) -> Self {
        Self { sandbox: Some(sandbox), ..self }
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
    ($app:expr) => {{
        let app = $app;
        actix_web::App::new()
            .app_data(app.clone())
            .wrap(actix_web::middleware::from_fn($crate::api::limits::limited))
            .wrap($crate::api::cors(&app))
            .wrap(actix_web::middleware::from_fn($crate::api::frame))
            .wrap(actix_web::middleware::Compress::default())
            .wrap(actix_web::middleware::from_fn($crate::api::let_go))
            .configure($crate::api::mount)
    }};
}
