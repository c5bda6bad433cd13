//! `musiman serve`: the API, its metrics and the worker, from start to a clean end.
//! Must not know: any route.

use super::logs;
use super::stop::Stop;
use super::{demo, start};
use crate::api::App;
use crate::api::limits::Rates;
use crate::config::{DataSettings, ServeSettings};
use crate::db::{Fault, Store, accounts};
use crate::domain::rulebook::{DEMO, Rulebook};
use crate::{application, jobs};
use actix_web::dev::Server;
use actix_web::{HttpResponse, HttpServer, web};
use clap::Args;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// How long an idle connection is kept, and how long a client may take for its head.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long requests that run may take at the end.
const LAST_SECONDS: u64 = 25;

#[derive(Args)]
pub struct Serve {
    /// Serve a fictional season from a database of its own, which the first start loads
    #[arg(long)]
    demo: bool,
    #[command(flatten)]
    http: ServeSettings,
    #[command(flatten)]
    data: DataSettings,
}

/// The threads behind the requests: jobs and the journal's seals, and the flag that ends them.
struct Workers {
    stop: Arc<AtomicBool>,
    jobs: JoinHandle<()>,
    sealer: JoinHandle<()>,
}

impl Workers {
    fn start(store: Arc<Store>, rules: Rulebook) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (of_jobs, of_sealer, same) = (stop.clone(), stop.clone(), store.clone());
        Self {
            stop,
            jobs: std::thread::spawn(move || jobs::run(&store, &rules, &of_jobs)),
            sealer: std::thread::spawn(move || jobs::sealing::run(&same, &of_sealer)),
        }
    }

    /// Lets both finish what they have in hand.
    fn end(self) -> Result<(), Stop> {
        self.stop.store(true, Ordering::Relaxed);
        let ended = self.jobs.join().and_then(|()| self.sealer.join());
        ended.map_err(|_| Stop::failed("a worker broke"))
    }
}

impl Serve {
    pub fn run(self) -> Result<(), Stop> {
        logs::start(&self.data)?;
        // Taken first: nothing is loaded for a service that cannot be reached.
        let listener = listen(self.http.listen)?;
        let rules = rules(self.demo)?;
        let (store, more) = if self.demo {
            demo::open(&self.data, &rules)?
        } else {
            let store = start::open(&self.data)?.store;
            let hint = first_account(&store)?;
            (store, hint)
        };
        let store = Arc::new(store);
        let rates = self.rates();
        let app = web::Data::new(App::new(store.clone(), rates, rules, self.demo)?);
        greet(&listener, &more)?;
        actix_web::rt::System::new().block_on(self.serve_until_asked(app, store, listener))
    }

    async fn serve_until_asked(
        self,
        app: web::Data<App>,
        store: Arc<Store>,
        listener: TcpListener,
    ) -> Result<(), Stop> {
        // From here on a signal asks for the end instead of forcing it.
        let (mut term, mut int) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let server = self.server(app.clone(), listener)?;
        let workers = Workers::start(store, app.rules.clone());
        let metrics = self.metrics(app);
        let handle = server.handle();
        let asked = async move {
            tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
            tracing::info!("ending: requests that run are finished");
            handle.stop(true).await;
        };
        let asked = actix_web::rt::spawn(asked);
        let ended = server.await;
        asked.abort();
        if let Some(metrics) = metrics {
            metrics.stop(false).await;
        }
        workers.end()?;
        tracing::info!("ended");
        Ok(ended?)
    }

    fn rates(&self) -> Rates {
        Rates {
            account: self.http.requests_per_minute,
            address: self.http.requests_per_minute_of_an_address,
            door: self.http.log_ins_per_minute_of_an_address,
        }
    }

    fn server(&self, app: web::Data<App>, listener: TcpListener) -> Result<Server, Stop> {
        let workers = self.http.workers();
        let blocking = usize::try_from(self.data.pool()).unwrap_or(1).div_ceil(workers);
        let server = HttpServer::new(move || application!(app.clone()))
            .workers(workers)
            .worker_max_blocking_threads(blocking.max(1))
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(HEAD_TIME)
            .shutdown_timeout(LAST_SECONDS)
            .disable_signals()
            .listen(listener)?;
        Ok(server.run())
    }

    /// The figures have a listener of their own; without it the service still serves.
    fn metrics(&self, app: web::Data<App>) -> Option<actix_web::dev::ServerHandle> {
        let address = self.http.metrics.0?;
        let server = HttpServer::new(move || {
            actix_web::App::new()
                .app_data(app.clone())
                .route("/metrics", web::get().to(metrics_text))
        })
        .workers(1)
        .disable_signals()
        .bind(address);
        match server {
            Ok(server) => {
                let server = server.run();
                let handle = server.handle();
                actix_web::rt::spawn(server);
                Some(handle)
            }
            Err(error) => {
                tracing::warn!(%address, %error, "no metrics: set MUSIMAN_METRICS");
                None
            }
        }
    }
}

async fn metrics_text(app: web::Data<App>) -> HttpResponse {
    match app.metrics.text() {
        Ok(text) => HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text),
        Err(error) => {
            tracing::error!(%error, "the figures cannot be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// The rules that come with the program; those of the demonstration lie over them.
fn rules(demo: bool) -> Result<Rulebook, Stop> {
    let shipped = Rulebook::shipped();
    let rules = if demo { shipped.and_then(|rules| rules.with_overlay(DEMO)) } else { shipped };
    rules.map_err(|p| Stop::failed(format!("the rules that come along: {p:?}")))
}

fn listen(address: SocketAddr) -> Result<TcpListener, Stop> {
    let taken = |error| Stop::failed(format!("{address}: {error} (set MUSIMAN_LISTEN)"));
    TcpListener::bind(address).map_err(taken)
}

/// How to make an account where there is none.
fn first_account(store: &Store) -> Result<String, Stop> {
    let nobody = store.read::<_, Fault>(|conn, _| accounts::page(conn, None, None, 1))?.is_empty();
    let hint = "Nobody can log in yet. Make the first account with\n  musiman account create --login NAME --role lead\n";
    Ok(if nobody { hint.to_owned() } else { String::new() })
}

fn greet(listener: &TcpListener, more: &str) -> Result<(), Stop> {
    let address = listener.local_addr()?;
    let said =
        format!("musiman serves http://{address}\ndocumentation   http://{address}/docs\n{more}");
    // Whoever started the service may not listen; it serves all the same.
    let _ = std::io::stdout().write_all(said.as_bytes());
    Ok(())
}
