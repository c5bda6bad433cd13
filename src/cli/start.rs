//! Opens the database that is meant: keys, tables, and whether it is a demo.
//! Must not know: what it is opened for.

use super::stop::Stop;
use crate::clock::Clock;
use crate::config::DataSettings;
use crate::db::meta::{self, DemoMark};
use crate::db::{Actor, DatabaseUrl, Fault, Store};
use crate::seal::Seal;
use std::sync::Arc;

/// A database that is ready for use.
pub struct Opened {
    pub store: Store,
    pub url: DatabaseUrl,
}

/// Opens and migrates; a database that is marked as a demo is refused.
pub fn open(settings: &DataSettings) -> Result<Opened, Stop> {
    let url = settings.database()?;
    let key_file = settings.key_file(&url);
    let shown = key_file.display();
    let seal = Seal::open_or_make(&key_file)
        .map_err(|error| Stop::failed(format!("the key file {shown}: {error}")))?;
    let store = Store::open(&url, settings.pool, Clock::system(), Arc::new(seal))?;
    store.migrate()?;
    if !store.write(Actor::SYSTEM, |tx, _| meta::key_ring_fits(tx))? {
        return Err(Stop::failed(format!(
            "{} was begun with another key file than {shown}: put the right one there, or name it in MUSIMAN_KEYS",
            url.shown()
        )));
    }
    match store.write::<_, Fault>(Actor::SYSTEM, |tx, _| meta::mark(tx, DemoMark::No))? {
        DemoMark::No => Ok(Opened { store, url }),
        DemoMark::Loading | DemoMark::Ready => Err(Stop::wrong(format!(
            "{} is a demo with fictional data and is not opened as a real one",
            url.shown()
        ))),
    }
}
