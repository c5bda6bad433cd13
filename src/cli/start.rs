//! Opens the database that is meant: keys, tables, and whether it is a demo.
//! Must not know: what it is opened for.

use super::stop::Stop;
use crate::clock::Clock;
use crate::config::DataSettings;
use crate::db::meta::{self, DemoMark};
use crate::db::{Actor, DatabaseUrl, Fault, OpenError, Store};
use crate::jobs;
use crate::outside::breached::Breached;
use crate::seal::{Seal, Source, WITHOUT_TRUST};
use std::io;
use std::path::Path;
use std::sync::Arc;

const OPEN_ROAD: &str =
    "DATABASE_URL: a PostgreSQL on another machine is reached with sslmode=verify-full only";

/// A database that is ready for use.
pub struct Opened {
    pub store: Store,
    pub url: DatabaseUrl,
    pub keys: Source,
}

/// Which database is meant, and the keys that seal it.
pub struct Meant {
    pub url: DatabaseUrl,
    pub keys: Source,
    seal: Arc<Seal>,
    pool: u32,
}

/// Passwords known from breaches, where the settings name a file of them.
pub fn breached(settings: &DataSettings) -> Result<Option<Breached>, Stop> {
    let open = |path: &Path| {
        let told = |error| Stop::usage(format!("{}: {error}", path.display()));
        Breached::open(path).map_err(told)
    };
    settings.breached().map(open).transpose()
}

/// What is wrong with a source of keys: its text or its command, or an outage.
fn no_ring(keys: &Source, error: &io::Error) -> Stop {
    let line = format!("{}: {error}", keys.shown());
    match (keys, error.kind()) {
        (Source::File(_), _) => Stop::failed(line),
        (_, io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => Stop::usage(line),
        _ => Stop::failed(line),
    }
}

impl Meant {
    /// Reads the key ring, or makes its file; from now on the process learns of new keys.
    pub fn by(settings: &DataSettings, demo: bool) -> Result<Self, Stop> {
        let url = settings.database(demo)?;
        if WITHOUT_TRUST && !url.shown().contains("musiman_test_") {
            return Err(Stop::failed("this build protects nothing: it is for benches/trust alone"));
        }
        if !url.is_private() {
            return Err(Stop::usage(OPEN_ROAD));
        }
        let keys = settings.key_source(&url).map_err(Stop::usage)?;
        let seal = Seal::from(keys.clone()).map_err(|error| no_ring(&keys, &error))?;
        let seal = Arc::new(seal);
        jobs::keys::watch(&seal);
        Ok(Self { url, keys, seal, pool: settings.pool() })
    }

    /// Opens, and looks at nothing but the key by which the database is indexed.
    pub fn store(&self) -> Result<Store, Stop> {
        let store = Store::open(&self.url, self.pool, Clock::system(), self.seal.clone());
        store.map_err(|error| self.not_opened(error))
    }

    /// As `store`, while nobody else has the database open.
    pub fn alone(&self) -> Result<Store, Stop> {
        let store = Store::alone(&self.url, Clock::system(), self.seal.clone());
        store.map_err(|error| self.not_opened(error))
    }

    fn not_opened(&self, error: OpenError) -> Stop {
        match error {
            OpenError::OtherRing => self.other_ring(),
            OpenError::InUse => Stop::failed(format!("{}: {error}", self.url.shown())),
            error => error.into(),
        }
    }

    fn other_ring(&self) -> Stop {
        Stop::failed(format!(
            "{} was begun with another key ring than that of {}: put the right one there, or name it in MUSIMAN_KEYS",
            self.url.shown(),
            self.keys.shown()
        ))
    }

    /// Opens, migrates, and marks a database that has no mark yet. Gives the mark that stands, and
    /// whether it is new.
    pub fn open(&self, wanted: DemoMark) -> Result<(Store, DemoMark, bool), Stop> {
        let store = self.store()?;
        let (mark, is_new) = self.ready(&store, wanted)?;
        Ok((store, mark, is_new))
    }

    fn ready(&self, store: &Store, wanted: DemoMark) -> Result<(DemoMark, bool), Stop> {
        store.migrate()?;
        if !store.write(Actor::SYSTEM, |tx, _| meta::key_ring_fits(tx))? {
            return Err(self.other_ring());
        }
        Ok(store.write::<_, Fault>(Actor::SYSTEM, |tx, _| meta::mark(tx, wanted))?)
    }

    /// Refuses a database that is marked as a demo.
    fn real(&self, store: &Store) -> Result<(), Stop> {
        match self.ready(store, DemoMark::No)?.0 {
            DemoMark::No => Ok(()),
            DemoMark::Loading | DemoMark::Ready => Err(Stop::wrong(format!(
                "{} is a demo with fictional data: only `musiman serve --demo` opens it",
                self.url.shown()
            ))),
        }
    }
}

/// Opens and migrates; a database that is marked as a demo is refused.
pub fn open(settings: &DataSettings) -> Result<Opened, Stop> {
    let meant = Meant::by(settings, false)?;
    let store = meant.store()?;
    meant.real(&store)?;
    Ok(Opened { store, url: meant.url, keys: meant.keys })
}

/// As `open`, while nobody else has the database open.
pub fn open_alone(settings: &DataSettings) -> Result<Opened, Stop> {
    let meant = Meant::by(settings, false)?;
    let store = meant.alone()?;
    meant.real(&store)?;
    Ok(Opened { store, url: meant.url, keys: meant.keys })
}
