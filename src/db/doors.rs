//! The doors to data: read, snapshot, write, claim. Only this file begins a transaction.
//! Must not know: what happens behind a door.

use super::connect::{DatabaseUrl, Manager, OpenError, Pool};
use super::reads::Reads;
use super::{Actor, Again, Conn, Db, Fault, Tx};
use crate::clock::Clock;
use crate::domain::time::Instant;
use crate::seal::Seal;
use diesel::connection::{AnsiTransactionManager, Connection, TransactionManager};
use std::sync::Arc;
use std::time::Duration;

const TURNS: u64 = 12;

/// Both pools, the clock and the seal. Cheap to share behind an `Arc`.
pub struct Store {
    pub(super) read: Pool,
    pub(super) write: Pool,
    clock: Clock,
    seal: Arc<Seal>,
    reads: Arc<Reads>,
    is_shared: bool,
}

struct Begin {
    postgres: &'static str,
    sqlite: &'static str,
}

const WRITE: Begin =
    Begin { postgres: "BEGIN ISOLATION LEVEL SERIALIZABLE", sqlite: "BEGIN IMMEDIATE" };
const SNAPSHOT: Begin =
    Begin { postgres: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", sqlite: "BEGIN" };
const CLAIM: Begin =
    Begin { postgres: "BEGIN ISOLATION LEVEL READ COMMITTED", sqlite: "BEGIN IMMEDIATE" };

type Manages = <Db as Connection>::TransactionManager;

fn inside<T, E: From<Fault>>(
    db: &mut Db,
    begin: &Begin,
    body: impl FnOnce(&mut Db) -> Result<T, E>,
) -> Result<T, E> {
    match db {
        Db::Pg(c) => AnsiTransactionManager::begin_transaction_sql(c, begin.postgres),
        Db::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, begin.sqlite),
    }
    .map_err(Fault::from)?;
    match body(db) {
        Ok(value) => {
            Manages::commit_transaction(db).map_err(Fault::from)?;
            Ok(value)
        }
        Err(error) => {
            // The first error is the one to tell; a connection that cannot roll back is dropped.
            let _ = Manages::rollback_transaction(db);
            Err(error)
        }
    }
}

impl Store {
    /// SQLite has one writer beside `size` readers; PostgreSQL one pool of `size` for both.
    pub fn open(
        url: &DatabaseUrl,
        size: u32,
        clock: Clock,
        seal: Arc<Seal>,
    ) -> Result<Self, OpenError> {
        let manager =
            |writes| Manager { url: url.clone(), writes, alone: false, seal: seal.clone() };
        let (read, write) = match url {
            DatabaseUrl::Postgres(_) => {
                let pool = manager(true).pool(size)?;
                (pool.clone(), pool)
            }
            DatabaseUrl::Sqlite(path) => {
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder).map_err(OpenError::Folder)?;
                }
                // The writer first: it makes the file and sets its journal mode.
                let write = manager(true).pool(1)?;
                (manager(false).pool(size)?, write)
            }
        };
        let is_shared = matches!(url, DatabaseUrl::Postgres(_));
        Ok(Self { read, write, clock, seal, reads: Arc::default(), is_shared })
    }

    /// One connection for all, beside which no program has the database open.
    pub fn alone(url: &DatabaseUrl, clock: Clock, seal: Arc<Seal>) -> Result<Self, OpenError> {
        let (url, is_shared) = (url.clone(), false);
        let manager = Manager { url, writes: true, alone: true, seal: seal.clone() };
        let write = manager.pool(1)?;
        Ok(Self { read: write.clone(), write, clock, seal, reads: Arc::default(), is_shared })
    }

    /// Whether other processes may serve the same data.
    pub fn is_shared(&self) -> bool {
        self.is_shared
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub fn seal(&self) -> &Arc<Seal> {
        &self.seal
    }

    /// Looks at personal data that wait for their lines.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// The same data under another clock: the demo plays its past with it.
    #[must_use]
    pub fn with_clock(&self, clock: Clock) -> Self {
        Self {
            read: self.read.clone(),
            write: self.write.clone(),
            clock,
            seal: self.seal.clone(),
            reads: self.reads.clone(),
            is_shared: self.is_shared,
        }
    }

    /// For one statement: opens no transaction.
    pub fn read<T, E: From<Fault>>(
        &self,
        f: impl FnOnce(&mut Conn<'_>, Instant) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut db = self.read.get().map_err(|_| Fault::Busy)?;
        f(&mut Conn::new(&mut db, &self.seal), self.clock.now())
    }

    /// For several statements that must see one state.
    pub fn snapshot<T, E: From<Fault>>(
        &self,
        f: impl FnOnce(&mut Conn<'_>, Instant) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut db = self.read.get().map_err(|_| Fault::Busy)?;
        inside(&mut db, &SNAPSHOT, |db| f(&mut Conn::new(db, &self.seal), self.clock.now()))
    }

    /// One transaction; on both databases writers happen as if one after another. `f` may run
    /// several times and must do nothing but read and write through `tx`.
    pub fn write<T, E: From<Fault> + Again>(
        &self,
        actor: Actor,
        f: impl Fn(&mut Tx<'_>, Instant) -> Result<T, E>,
    ) -> Result<T, E> {
        self.turns(actor, &WRITE, f)
    }

    /// Takes work from a queue: many processes, each row to one of them.
    pub fn claim<T, E: From<Fault> + Again>(
        &self,
        f: impl Fn(&mut Tx<'_>, Instant) -> Result<T, E>,
    ) -> Result<T, E> {
        self.turns(Actor::SYSTEM, &CLAIM, f)
    }

    fn turns<T, E: From<Fault> + Again>(
        &self,
        actor: Actor,
        begin: &Begin,
        f: impl Fn(&mut Tx<'_>, Instant) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut db = self.write.get().map_err(|_| Fault::Busy)?;
        for turn in 0..TURNS {
            let done: Result<T, E> = inside(&mut db, begin, |db| {
                // Asked for here, so that no wait for the turn lies between the hour and the write.
                let now = self.clock.now();
                let conn = Conn::new(db, &self.seal);
                let lines = Vec::new();
                let mut tx = Tx { conn, actor, now, clock: &self.clock, change: None, lines };
                let done = f(&mut tx, now)?;
                tx.write_lines()?;
                Ok(done)
            });
            match done {
                Err(error) if error.again() => pause(turn),
                done => return done,
            }
        }
        Err(Fault::Busy.into())
    }
}

/// Spreads the losers of a conflict; not the same wait for each turn.
#[expect(clippy::disallowed_methods, reason = "doors run on blocking threads")]
fn pause(turn: u64) {
    std::thread::sleep(Duration::from_millis(turn * turn % 50));
}
