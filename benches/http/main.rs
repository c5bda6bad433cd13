//! Requests per second of the service against pgbench with the very statements that the service
//! sends, on one throw-away PostgreSQL, in one run. Prints ratios; asserts no time.
//!
//! `cargo bench --bench http [-- SECONDS]`, 4 seconds a turn unless told.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a bench is a program of its own: it measures time and ends by panicking"
)]

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/api/support/cluster.rs"]
mod cluster;
mod load;
mod peer;
mod register;

use cluster::{Kind, fresh};
use load::{Figures, Service};
use musiman::db::DatabaseUrl;
use peer::{Answered, Peer};
use std::time::{Duration, Instant};

const SEEKERS: u64 = 200_000;
const CLIENTS: usize = 16;
const TURNS: usize = 5;

fn main() {
    let given = std::env::args().skip(1).find_map(|a| a.parse().ok());
    let time = Duration::from_secs(given.unwrap_or(4));
    let (url, folder) = fresh(Kind::Postgres);
    let DatabaseUrl::Postgres(url) = url else { unreachable!("asked for PostgreSQL") };
    let file = folder.path().join("register.csv");
    register::write(&file, SEEKERS);

    let service = Service::new(folder.path(), &url);
    let begun = Instant::now();
    service.import(&file);
    let spent = begun.elapsed().as_secs_f64();
    println!("import   {SEEKERS} rows in {spent:.1} s: {:.0} rows/s", as_float(SEEKERS) / spent);

    let peer = Peer::new(&url);
    peer.run_sql("VACUUM ANALYZE");
    let service = service.serve();
    println!("resident {} MB after start", service.resident_megabytes());

    let ids = service.some_ids();
    let get = |n: usize| format!("GET /v1/job-seekers/{} HTTP/1.1\r\n", ids[n % ids.len()]);
    let page = |n: usize| {
        let kecamatan = 321_601 + n % 23;
        format!("GET /v1/job-seekers?limit=20&kecamatan={kecamatan} HTTP/1.1\r\n")
    };
    compare("get", 0.35, &service, &peer, time, &get);
    compare("page", 0.30, &service, &peer, time, &page);
    let create = |n: usize| register::creation(n);
    compare("create", 0.45, &service, &peer, time, &create);
    println!("resident {} MB at the end", service.resident_megabytes());
}

fn as_float(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// One request is watched for its statements; then the service and pgbench take turns. What is
/// told is the turn with the median ratio, and the ratios of all.
fn compare(
    what: &str,
    wanted: f64,
    service: &load::Serving,
    peer: &Peer,
    time: Duration,
    request: &(dyn Fn(usize) -> String + Sync),
) {
    let scripts = peer.scripts(what, |n| drop(service.once(&request(1_000_000_000 + n))));
    let turn = |turn: usize| {
        let figures = service.load(CLIENTS, time, &|n| request(n + turn * 10_000_000));
        (figures, peer.pgbench(&scripts, CLIENTS, time))
    };
    let mut turns: Vec<(Figures, Answered)> = (0..TURNS).map(turn).collect();
    let ratio = |(f, p): &(Figures, Answered)| f.rate / p.rate;
    turns.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
    let (f, p) = &turns[TURNS / 2];
    println!(
        "{what}: {:.2} of pgbench (wanted {wanted}; {:.2} to {:.2} in {TURNS} turns)",
        f.rate / p.rate,
        ratio(&turns[0]),
        ratio(&turns[TURNS - 1]),
    );
    println!(
        "  service {:>6.0}/s, p50 {:>4.1} ms, p99 {:>4.1} ms; {:.0} us CPU a request, {} refused",
        f.rate, f.p50, f.p99, f.cpu_micros, f.refused
    );
    println!("  pgbench {:>6.0}/s, p50 {:>4.1} ms, p99 {:>4.1} ms", p.rate, p.p50, p.p99);
}
