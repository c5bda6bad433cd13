//! `musiman serve`: the API, its metrics and the worker, from start to a clean end.
//! Must not know: any route.

use super::logs;
use super::stop::Stop;
use super::{demo, start};
use crate::api::limits::Rates;
use crate::api::peer::Proxies;
use crate::api::watch::watch;
use crate::api::{App, Edge};
use crate::clock::Clock;
use crate::config::{DataSettings, Plain, ServeSettings, TlsFiles};
use crate::db::{Fault, Store, accounts};
use crate::domain::rulebook::{DEMO, Rulebook};
use crate::outside::certificate::Certificate;
use crate::{application, jobs};
use actix_web::dev::Server;
use actix_web::rt;
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
/// How long a client may take to shake hands for TLS, and to hang up when it was told to.
const SHAKE_TIME: Duration = Duration::from_secs(5);
const LEAVE_TIME: Duration = Duration::from_secs(5);
/// Connections at a time, and new ones that shake hands for TLS, over all threads. More wait in the
/// system's queue.
const CONNECTIONS: usize = 8192;
const SHAKING: usize = 512;
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

/// The threads behind the requests: jobs, the journal's seals, and the watch over tokens; and the
/// flag that ends them.
struct Workers {
    stop: Arc<AtomicBool>,
    jobs: JoinHandle<()>,
    sealer: JoinHandle<()>,
    watch: JoinHandle<()>,
}

impl Workers {
    fn start(app: web::Data<App>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (of_jobs, of_sealer, of_watch) = (stop.clone(), stop.clone(), stop.clone());
        let (store, same, rules) = (app.store.clone(), app.store.clone(), app.rules.clone());
        Self {
            stop,
            jobs: std::thread::spawn(move || jobs::run(&store, &rules, &of_jobs)),
            sealer: std::thread::spawn(move || jobs::sealing::run(&same, &of_sealer)),
            watch: std::thread::spawn(move || watch(&app, &of_watch)),
        }
    }

    /// Lets them finish what they have in hand.
    fn end(self) -> Result<(), Stop> {
        self.stop.store(true, Ordering::Relaxed);
        let ended =
            self.jobs.join().and_then(|()| self.sealer.join()).and_then(|()| self.watch.join());
        ended.map_err(|_| Stop::failed("a worker broke"))
    }
}

impl Serve {
    pub fn run(self) -> Result<(), Stop> {
        logs::start(&self.data)?;
        let certificate = self.certificate()?;
        self.stays_private(certificate.as_deref())?;
        let edge = self.edge(certificate.is_some())?;
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
        let edge = reached(edge, &listener, certificate.is_some())?;
        let app = App::new(Arc::new(store), edge, rules, self.demo)?;
        let app = match self.http.sandbox() {
            Some(url) => app.with_sandbox(self.beside(url)?),
            None => app,
        };
        let app = web::Data::new(app);
        greet(&listener, certificate.is_some(), &more)?;
        let served = self.serve_until_asked(app, listener, certificate);
        rt::System::new().block_on(served)
    }

    async fn serve_until_asked(
        self,
        app: web::Data<App>,
        listener: TcpListener,
        certificate: Option<Arc<Certificate>>,
    ) -> Result<(), Stop> {
        // From here on a signal asks for the end instead of forcing it.
        let (mut term, mut int) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let server = self.server(app.clone(), listener, certificate.as_ref())?;
        let renewal = certificate.map(renew_when_asked).transpose()?;
        let sandbox = app.sandbox.clone();
        let workers: Vec<Workers> =
            [Some(app.clone()), sandbox].into_iter().flatten().map(Workers::start).collect();
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
        if let Some(renewal) = renewal {
            renewal.abort();
        }
        if let Some(metrics) = metrics {
            metrics.stop(false).await;
        }
        workers.into_iter().try_for_each(Workers::end)?;
        tracing::info!("ended");
        Ok(ended?)
    }

    /// A demo of its own for clients that only try.
    fn beside(&self, url: &str) -> Result<web::Data<App>, Stop> {
        if self.demo {
            return Err(Stop::usage("MUSIMAN_SANDBOX: the demo is one already"));
        }
        let rules = rules(true)?;
        let (store, _) = demo::open(&self.data.of_sandbox(url), &rules)?;
        Ok(web::Data::new(App::new(Arc::new(store), self.rates(), rules, true)?))
    }

    /// Nothing goes beyond this machine in plain unless something else encrypts it.
    fn stays_private(&self, certificate: Option<&Certificate>) -> Result<(), Stop> {
        let plain = |what| self.data.may_be_plain(what).map_err(Stop::usage);
        let (http, metrics) = (plain(Plain::Http)?, plain(Plain::Metrics)?);
        let beyond = |address: SocketAddr| !address.ip().is_loopback();
        if let Some(certificate) = certificate.filter(|_| beyond(self.http.listen)) {
            self.is_trusted(certificate)?;
        } else if beyond(self.http.listen) && !http {
            return Err(Stop::usage(
                "MUSIMAN_LISTEN goes beyond this machine without TLS: give MUSIMAN_TLS_CERT, or say MUSIMAN_PLAIN=http where a proxy in front ends TLS",
            ));
        }
        if self.http.metrics.0.is_some_and(beyond) && !metrics {
            return Err(Stop::usage(
                "MUSIMAN_METRICS goes beyond this machine in plain: say MUSIMAN_PLAIN=metrics where something else encrypts the way",
            ));
        }
        Ok(())
    }

    /// Clients beyond this machine find a certificate that they can trust.
    fn is_trusted(&self, certificate: &Certificate) -> Result<(), Stop> {
        if self.http.edge.tls_own_authority {
            return Ok(());
        }
        let host = self.http.edge.host().map_err(Stop::usage)?;
        let host =
            host.ok_or_else(|| Stop::usage("MUSIMAN_URL: name the host of the certificate"))?;
        let seconds = Clock::system().now().utc().timestamp().unsigned_abs();
        certificate.is_trusted(&host, seconds).map_err(|error| {
            Stop::usage(format!(
                "MUSIMAN_TLS_CERT: {host}: {error}; MUSIMAN_TLS_OWN_AUTHORITY=true if clients know it otherwise"
            ))
        })
    }

    fn rates(&self) -> Rates {
        Rates {
            account: self.http.requests_per_minute,
            address: self.http.requests_per_minute_of_an_address,
            door: self.http.log_ins_per_minute_of_an_address,
        }
    }

    fn certificate(&self) -> Result<Option<Arc<Certificate>>, Stop> {
        let files = self.http.edge.tls().map_err(Stop::usage)?;
        let load = |f: TlsFiles| Certificate::load(f.cert, f.key).map(Arc::new);
        files.map(load).transpose().map_err(Stop::usage)
    }

    fn edge(&self, has_tls: bool) -> Result<Edge, Stop> {
        let given = &self.http.edge;
        let url = given.url().map_err(Stop::usage)?.unwrap_or_default();
        let trusted = given.proxies().map_err(Stop::usage)?;
        Ok(Edge {
            rates: self.rates(),
            has_tls: has_tls || url.starts_with("https://"),
            url,
            proxies: Proxies { trusted, header: given.proxy_header },
            origins: given.origins().map_err(Stop::usage)?,
            second_factor: self.http.second_factor(self.demo),
            breached: start::breached(&self.data)?,
            scanner: given.scanner(),
        })
    }

    fn server(
        &self,
        app: web::Data<App>,
        listener: TcpListener,
        certificate: Option<&Arc<Certificate>>,
    ) -> Result<Server, Stop> {
        let workers = self.http.workers();
        let blocking = usize::try_from(self.data.pool()).unwrap_or(1).div_ceil(workers);
        let server = HttpServer::new(move || application!(app.clone()))
            .workers(workers)
            .worker_max_blocking_threads(blocking.max(1))
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(HEAD_TIME)
            .client_disconnect_timeout(LEAVE_TIME)
            .tls_handshake_timeout(SHAKE_TIME)
            .max_connections(CONNECTIONS.div_ceil(workers))
            .max_connection_rate(SHAKING.div_ceil(workers))
            .shutdown_timeout(LAST_SECONDS)
            .disable_signals();
        let server = match certificate {
            Some(certificate) => {
                let config = certificate.config().map_err(Stop::failed)?;
                server.listen_rustls_0_23(listener, config)?
            }
            None => server.listen(listener)?,
        };
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

/// A new certificate needs no new start: SIGHUP brings it in.
fn renew_when_asked(certificate: Arc<Certificate>) -> Result<rt::task::JoinHandle<()>, Stop> {
    let mut asked = signal(SignalKind::hangup())?;
    Ok(rt::spawn(async move {
        while asked.recv().await.is_some() {
            match certificate.reload() {
                Ok(()) => tracing::info!("the certificate was read anew"),
                Err(error) => tracing::error!(error, "the old certificate goes on"),
            }
        }
    }))
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

/// Where nothing else was told, clients reach the service where it listens.
fn reached(edge: Edge, listener: &TcpListener, has_tls: bool) -> Result<Edge, Stop> {
    if !edge.url.is_empty() {
        return Ok(edge);
    }
    let scheme = if has_tls { "https" } else { "http" };
    Ok(Edge { url: format!("{scheme}://{}", listener.local_addr()?), ..edge })
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

fn greet(listener: &TcpListener, has_tls: bool, more: &str) -> Result<(), Stop> {
    let scheme = if has_tls { "https" } else { "http" };
    let address = listener.local_addr()?;
    let said = format!(
        "musiman serves {scheme}://{address}\ndocumentation   {scheme}://{address}/docs\n{more}"
    );
    // Whoever started the service may not listen; it serves all the same.
    let _ = std::io::stdout().write_all(said.as_bytes());
    Ok(())
}
