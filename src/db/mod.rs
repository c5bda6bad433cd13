//! Tables, columns, transactions: diesel over PostgreSQL and SQLite, one code for both.
//! Must not know: HTTP, tokens, texts.

mod actor;
mod connect;
mod doors;
mod fault;
mod migrate;
mod numbers;
mod sharing;

pub mod accounts;
pub mod activations;
pub mod agreements;
pub mod applications;
pub mod assertions;
pub mod attempts;
pub mod breaches;
pub mod classes;
pub mod client_keys;
pub mod consents;
pub mod copy;
pub mod evidence;
pub mod external_ids;
pub mod impact;
pub mod imports;
pub mod inputs;
pub mod jobs;
pub mod journal;
pub mod kept;
pub mod merges;
pub mod meta;
pub mod once;
pub mod organisations;
pub mod password_codes;
pub mod quotas;
pub mod rates;
pub mod reads;
pub mod refresh;
pub mod reindex;
pub mod reseal;
pub mod rights;
pub mod rounds;
pub mod schema;
pub mod seals;
pub mod seasons;
pub mod second_factors;
pub mod secrets;
pub mod seekers;
pub mod sessions;
pub mod signing;
pub mod sql;
pub mod states;
pub mod types;

pub use actor::Actor;
pub use connect::{DatabaseUrl, OpenError};
pub use doors::Store;
pub use fault::{Again, Fault};

use crate::clock::Clock;
use crate::domain::ids::AccountId;
use crate::domain::time::Instant;
use crate::seal::{Place, Seal, Unsealable};
use diesel::prelude::*;
use diesel::{PgConnection, SqliteConnection};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};
use uuid::Uuid;

/// One connection to either database.
#[derive(diesel::MultiConnection)]
pub enum Db {
    Pg(PgConnection),
    Sqlite(SqliteConnection),
}

/// Runs a body that diesel supports on each backend but not on both as one (batches, upserts).
#[macro_export]
macro_rules! each_backend {
    ($db:expr, |$conn:ident| $body:expr) => {
        match $db {
            $crate::db::Db::Pg($conn) => $body,
            $crate::db::Db::Sqlite($conn) => $body,
        }
    };
}

/// Columns of a `Selectable`, for RETURNING.
pub trait Columns: Selectable<MultiBackend> {
    fn columns() -> Self::SelectExpression {
        Self::construct_selection()
    }
}
impl<T: Selectable<MultiBackend>> Columns for T {}

impl From<Unsealable> for Fault {
    fn from(error: Unsealable) -> Self {
        Self::broken(error)
    }
}

/// What readers take: a connection and the seal. Remembers whose sealed data it opened.
pub struct Conn<'a> {
    pub db: &'a mut Db,
    pub seal: &'a Seal,
    seen: RefCell<BTreeSet<reads::Subject>>,
}

impl<'a> Conn<'a> {
    fn new(db: &'a mut Db, seal: &'a Seal) -> Self {
        Self { db, seal, seen: RefCell::default() }
    }
}

impl Conn<'_> {
    /// Opens a sealed text column of a subject's row.
    pub fn open(
        &self,
        column: &'static str,
        subject: reads::Subject,
        sealed: &[u8],
    ) -> Result<String, Fault> {
        self.sees(subject);
        Ok(self.seal.open_text(Place { column, row: subject.1 }, sealed)?)
    }

    /// Notes that a subject's personal data goes out.
    pub fn sees(&self, subject: reads::Subject) {
        self.seen.borrow_mut().insert(subject);
    }

    /// Whose data was opened.
    pub fn seen(&mut self) -> BTreeSet<reads::Subject> {
        std::mem::take(self.seen.get_mut())
    }

    pub fn close(&self, column: &'static str, row: Uuid, value: &str) -> Result<Vec<u8>, Fault> {
        Ok(self.seal.close(Place { column, row }, value.as_bytes())?)
    }
}

/// What writers take: the connection inside the one write transaction, who acts, and when.
pub struct Tx<'a> {
    conn: Conn<'a>,
    pub actor: Actor,
    pub now: Instant,
    clock: &'a Clock,
    change: Option<i64>,
    /// Lines of the journal that are written at the end.
    lines: Vec<journal::NewLine>,
}

impl<'a> Deref for Tx<'a> {
    type Target = Conn<'a>;
    fn deref(&self) -> &Conn<'a> {
        &self.conn
    }
}

impl<'a> DerefMut for Tx<'a> {
    fn deref_mut(&mut self) -> &mut Conn<'a> {
        &mut self.conn
    }
}

impl Tx<'_> {
    pub fn new_id(&self) -> Uuid {
        self.clock.new_id()
    }

    /// Whether the present version of a row was made by the account that asks.
    pub fn repeats(&self, changed_by: Option<AccountId>) -> bool {
        changed_by.is_some() && changed_by == self.actor.account
    }
}
