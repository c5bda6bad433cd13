//! What sealing and the journal cost: the service against the same build without them, each on a
//! database of its own in one throw-away PostgreSQL, in one run. Prints ratios; asserts no time.
//!
//! `just bench-trust [SECONDS]`
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench is a program of its own: it measures time and ends by panicking"
)]

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/api/support/cluster.rs"]
mod cluster;
#[expect(dead_code, reason = "the other bench uses more of it")]
#[path = "../http/load.rs"]
mod load;
#[path = "../http/register.rs"]
mod register;

use cluster::{Kind, fresh};
use load::{Figures, Service, Serving};
use musiman::db::DatabaseUrl;
use std::path::Path;
use std::time::Duration;

const SEEKERS: u64 = 50_000;
const CLIENTS: usize = 16;
const TURNS: usize = 7;

/// The service of a build on a database with everybody in it.
fn serving(program: &Path, folder: &Path) -> Serving {
    let (url, _) = fresh(Kind::Postgres);
    let DatabaseUrl::Postgres(url) = url else { unreachable!("asked for PostgreSQL") };
    let service = Service::of(program, folder, &url);
    service.import(&folder.join("register.csv"));
    service.serve()
}

fn main() {
    let mut given = std::env::args().skip(1).filter(|a| a != "--bench");
    let bare = given.next().expect("the program without sealing and journal");
    let time = Duration::from_secs(given.next().map_or(3, |a| a.parse().unwrap()));
    let (whole, without) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for folder in [&whole, &without] {
        register::write(&folder.path().join("register.csv"), SEEKERS);
    }
    let whole = serving(Path::new(env!("CARGO_BIN_EXE_musiman")), whole.path());
    let without = serving(Path::new(&bare), without.path());
    let get = |ids: &[String], n: usize| {
        format!("GET /v1/job-seekers/{} HTTP/1.1\r\n", ids[n % ids.len()])
    };
    let (a, b) = (whole.some_ids(), without.some_ids());
    compare("get", 0.85, time, (&whole, &|n| get(&a, n)), (&without, &|n| get(&b, n)));
    compare("create", 0.75, time, (&whole, &register::creation), (&without, &register::creation));
}

type Side<'a> = (&'a Serving, &'a (dyn Fn(usize) -> String + Sync));

/// Both take turns; what is told is the median ratio.
fn compare(what: &str, wanted: f64, time: Duration, whole: Side<'_>, without: Side<'_>) {
    let load = |(service, request): Side<'_>, turn: usize| {
        service.load(CLIENTS, time, &|n| request(n + turn * 10_000_000))
    };
    let turn = |turn| (load(whole, turn), load(without, turn));
    let mut turns: Vec<(Figures, Figures)> = (0..TURNS).map(turn).collect();
    let ratio = |(a, b): &(Figures, Figures)| a.rate / b.rate;
    turns.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
    let (a, b) = &turns[TURNS / 2];
    println!(
        "{what}: {:.2} of the throughput without (wanted {wanted}; {:.2} to {:.2} in {TURNS} turns)",
        ratio(&turns[TURNS / 2]),
        ratio(&turns[0]),
        ratio(&turns[TURNS - 1]),
    );
    for (name, f) in [("whole  ", a), ("without", b)] {
        println!(
            "  {name} {:>6.0}/s, p50 {:>4.1} ms, p99 {:>4.1} ms; {:.0} us CPU a request, {} refused",
            f.rate, f.p50, f.p99, f.cpu_micros, f.refused
        );
    }
}
