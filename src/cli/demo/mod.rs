//! The demo: a fictional season in a database of its own, loaded by the first start and found by
//! every later one. Its past is played with a clock that stands still until it is moved.
//! Must not know: HTTP.

mod dice;
mod draw;
mod partners;
mod people;
mod season;
mod staff;
mod told;

use super::start::Meant;
use super::stop::Stop;
use crate::acts::stop::Stop as Refused;
use crate::clock::Clock;
use crate::config::DataSettings;
use crate::db::meta::{self, DemoMark};
use crate::db::{Actor, DatabaseUrl, Fault, Store};
use crate::domain::rulebook::Rulebook;
use crate::domain::time::Instant;
use crate::seal::Source;
use chrono::TimeDelta;
use dice::Dice;
use staff::Staff;
use std::fs::File;
use std::io;
use std::path::Path;

/// What the demo's clock shows when it is loaded.
const BEGINS: &str = "2026-12-01T00:00:00Z";
const SEED: u64 = 3216;

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Fault(fault) => fault.into(),
            other => Self::failed(format!("the demo cannot be loaded: {other:?}")),
        }
    }
}

/// The demo's database under the demo's clock, and what is to be said about it.
pub fn open(settings: &DataSettings, rules: &Rulebook) -> Result<(Store, String), Stop> {
    let meant = Meant::by(settings, true)?;
    // One start at a time: whoever comes second finds what the first one loaded.
    let Source::File(keys) = &meant.keys else {
        return Err(Stop::usage(format!(
            "the demo keeps its keys in a file: unset {:?}",
            meant.keys
        )));
    };
    let lock = File::open(keys)?;
    if lock.try_lock().is_err() {
        eprintln!("another start loads the demo: waiting for its end");
        lock.lock()?;
    }
    let (store, mark) = whole(&meant)?;
    match mark {
        DemoMark::No => {
            return Err(Stop::wrong(format!(
                "{} holds real data: the demo wants a database of its own",
                meant.url.shown()
            )));
        }
        DemoMark::Ready => {}
        DemoMark::Loading => load(&store, rules)?,
    }
    drop(lock);
    let shift = store.read(|conn, _| meta::clock_shift(conn))?;
    let store = store.with_clock(Clock::shifted(TimeDelta::microseconds(shift)));
    let said = told::told(&store)?;
    Ok((store, said))
}

/// Opens; what an earlier start left half loaded is begun anew.
fn whole(meant: &Meant) -> Result<(Store, DemoMark), Stop> {
    let (store, mark, is_new) = meant.open(DemoMark::Loading)?;
    if mark != DemoMark::Loading || is_new {
        return Ok((store, mark));
    }
    drop(store);
    let shown = meant.url.shown();
    let DatabaseUrl::Sqlite(path) = &meant.url else {
        return Err(Stop::failed(format!(
            "the demo in {shown} was not loaded to its end: empty that database"
        )));
    };
    eprintln!("the demo in {shown} was not loaded to its end: it is loaded again");
    for ending in ["", "-wal", "-shm"] {
        remove(path, ending)?;
    }
    let (store, mark, _) = meant.open(DemoMark::Loading)?;
    Ok((store, mark))
}

fn remove(path: &Path, ending: &str) -> Result<(), Stop> {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    match std::fs::remove_file(&name) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// A moment as it is written here.
fn moment(text: &str) -> Result<Instant, Refused> {
    Ok(text.parse().map_err(Fault::broken)?)
}

/// Loads, and sets the clock on which the demo goes on.
fn load(store: &Store, rules: &Rulebook) -> Result<(), Stop> {
    eprintln!("loading the demo: fictional people, partners and rules");
    play(store, rules)?;
    let begins = moment(BEGINS)?.micros();
    Ok(store.write(Actor::SYSTEM, |tx, now| meta::demo_is_ready(tx, begins - now.micros()))?)
}

/// The past, step by step on its day.
fn play(store: &Store, rules: &Rulebook) -> Result<(), Refused> {
    let clock = Clock::fixed(moment("2026-10-01T02:00:00Z")?);
    let store = &store.with_clock(clock.clone());
    let on = |text| moment(text).map(|at| clock.set(at));
    let dice = &mut Dice::new(SEED);
    let partners = partners::partners(dice);
    let staff = Staff::hired(store)?;
    let agreement = season::agree(store, &staff)?;
    let employers = season::welcome(store, &staff, &partners)?;
    on("2026-10-05T02:00:00Z")?;
    let season = season::open(store, &staff, agreement, &partners, rules)?;
    on("2026-10-12T02:00:00Z")?;
    let mut quotas = Vec::new();
    for (employer, partner) in employers.into_iter().zip(&partners) {
        quotas.extend(season::demand(store, season, employer, partner)?);
    }
    on("2026-10-20T02:00:00Z")?;
    season::approve(store, &staff, &quotas)?;
    on("2026-11-20T01:00:00Z")?;
    people::register(store, &staff)?;
    on("2026-11-20T06:00:00Z")?;
    let people = people::see_papers(store, &staff)?;
    on("2026-11-22T03:00:00Z")?;
    people::apply(store, season, &people, dice)?;
    on("2026-11-24T03:00:00Z")?;
    draw::freeze(store, &staff, season)?;
    on("2026-11-28T03:00:00Z")?;
    draw::beacon(store, &staff, season)?;
    let round = draw::compute(store, &staff, season)?;
    on("2026-11-29T03:00:00Z")?;
    draw::approve(store, &staff, round)?;
    on("2026-11-30T03:00:00Z")?;
    draw::publish(store, &staff, round)?;
    draw::invite(store, &staff, season, round)
}
