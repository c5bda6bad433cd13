//! The numbers by which changes are ordered, and how a restore begins them anew.
//! Must not know: who reads changes.

use super::{Conn, Fault, Tx, sql};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

diesel::define_sql_function! {
    /// PostgreSQL's number of this transaction, in the present stretch.
    fn change_number() -> BigInt;
}

const PG_CHANGE: &str = "SELECT change_number() AS number";
const PG_HORIZON: &str =
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + change_base() AS number";
const SQLITE_CHANGE: &str =
    "SELECT coalesce(max(seq), 0) + 1 AS number FROM sqlite_sequence WHERE name = 'journal'";
const PG_XID: &str = "SELECT pg_current_xact_id()::text::bigint AS number";
/// Bits of what one life of a database may number.
const STRETCH: u32 = 32;

impl Conn<'_> {
    /// Every change below this number is settled: no commit can still appear there.
    pub fn horizon(&mut self) -> Result<i64, Fault> {
        self.number(if sql::is_postgres(self.db) { PG_HORIZON } else { SQLITE_CHANGE })
    }

    fn number(&mut self, query: &str) -> Result<i64, Fault> {
        Ok(diesel::sql_query(query).get_result::<Number>(self.db)?.number)
    }
}

impl Tx<'_> {
    /// The number that this transaction's changes carry in `changed_tx`: PostgreSQL's transaction
    /// id, on SQLite the journal line to come. Readers compare it with `Conn::horizon`.
    pub fn change_number(&mut self) -> Result<i64, Fault> {
        if let Some(number) = self.change {
            return Ok(number);
        }
        let query = if sql::is_postgres(self.db) { PG_CHANGE } else { SQLITE_CHANGE };
        let number = self.number(query)?;
        self.change = Some(number);
        Ok(number)
    }

    /// Begins a new stretch of numbers after a restore: above every number that the database of the
    /// backup, whose horizon is given, can have told anybody until it was lost.
    pub fn number_from_anew(&mut self, horizon: i64) -> Result<(), Fault> {
        let first = ((horizon >> STRETCH) + 1) << STRETCH;
        let text = if sql::is_postgres(self.db) {
            let base = first - self.number(PG_XID)?;
            format!(
                "CREATE OR REPLACE FUNCTION change_base() RETURNS bigint LANGUAGE sql IMMUTABLE \
                 AS 'SELECT {base}::bigint'; \
                 SELECT setval(pg_get_serial_sequence('journal', 'seq'), \
                 (SELECT coalesce(max(seq), 0) + 1 FROM journal), false);"
            )
        } else {
            format!(
                "DELETE FROM sqlite_sequence WHERE name = 'journal'; \
                 INSERT INTO sqlite_sequence (name, seq) VALUES ('journal', {});",
                first - 1
            )
        };
        self.change = None;
        Ok(self.db.batch_execute(&text)?)
    }
}
