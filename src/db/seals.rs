//! Lines of the journal by their order of settling, and the seals over them. The only writer of
//! its table. Must not know: what a seal says or who signs it.

use super::schema::{journal, journal_seals};
use super::types::{AnyId, Json};
use super::{Conn, Fault, Tx, sql};
use crate::domain::capacity::Capacity;
use crate::domain::ids::AccountId;
use crate::domain::roles::Role;
use crate::domain::time::Instant;
use diesel::prelude::*;
use diesel::sql_types::Bool;

/// A line as it stands. `changed_tx` is the transaction that wrote it (on SQLite its own number):
/// lines below the horizon are complete, while numbers of `seq` may still appear between others.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = journal, check_for_backend(super::MultiBackend))]
pub struct JournalLine {
    pub seq: i64,
    pub at: Instant,
    pub actor: Option<AccountId>,
    pub role: Option<Role>,
    pub capacity: Capacity,
    pub operation: Option<String>,
    pub subject_kind: String,
    pub subject: AnyId,
    pub event: String,
    pub from_state: Option<String>,
    pub to_state: Option<String>,
    /// HMAC-SHA256 of the row that a change found (`states::digest`).
    pub digest_before: Option<Vec<u8>>,
    /// Of the row that it left.
    pub digest_after: Option<Vec<u8>>,
    pub detail: Option<Json>,
    pub changed_tx: i64,
}

/// One link of the chain: all lines with `from_tx <= changed_tx < to_tx`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = journal_seals, check_for_backend(super::MultiBackend))]
#[diesel(treat_none_as_default_value = false)]
pub struct SealRow {
    /// From 1, without gaps.
    pub number: i64,
    /// Where the link before ended; 0 for the first.
    pub from_tx: i64,
    pub to_tx: i64,
    pub lines: i64,
    /// SHA-256.
    pub digest: Vec<u8>,
    /// Ed25519 over the digest.
    pub signature: Vec<u8>,
    pub sealed_at: Instant,
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

const LOCK: &str = "SELECT pg_try_advisory_xact_lock(7751002) AS locked";

/// Whether this transaction is the one that seals; on SQLite every writer is alone.
pub fn try_lock(tx: &mut Tx<'_>) -> Result<bool, Fault> {
    if sql::is_postgres(tx.db) {
        Ok(diesel::sql_query(LOCK).get_result::<Locked>(tx.db)?.locked)
    } else {
        Ok(true)
    }
}

pub fn last(conn: &mut Conn<'_>) -> Result<Option<SealRow>, Fault> {
    let newest = journal_seals::table.order(journal_seals::number.desc());
    Ok(newest.select(SealRow::as_select()).first(conn.db).optional()?)
}

/// The next seals after a number, in their order.
pub fn after(conn: &mut Conn<'_>, number: i64, limit: i64) -> Result<Vec<SealRow>, Fault> {
    Ok(journal_seals::table
        .filter(journal_seals::number.gt(number))
        .order(journal_seals::number.asc())
        .limit(limit)
        .select(SealRow::as_select())
        .load(conn.db)?)
}

/// Lines of a range in the order of the chain, at most `limit` of them.
pub fn lines(
    conn: &mut Conn<'_>,
    from_tx: i64,
    to_tx: i64,
    limit: i64,
) -> Result<Vec<JournalLine>, Fault> {
    Ok(journal::table
        .filter(journal::changed_tx.ge(from_tx).and(journal::changed_tx.lt(to_tx)))
        .order((journal::changed_tx.asc(), journal::seq.asc()))
        .limit(limit)
        .select(JournalLine::as_select())
        .load(conn.db)?)
}

/// How many lines lie at `from_tx` or later, and when the oldest of them was written.
pub fn tail(conn: &mut Conn<'_>, from_tx: i64) -> Result<(i64, Option<Instant>), Fault> {
    let later = journal::table.filter(journal::changed_tx.ge(from_tx));
    let oldest = later.order((journal::changed_tx.asc(), journal::seq.asc()));
    let oldest = oldest.select(journal::at).first(conn.db).optional()?;
    Ok((later.count().get_result(conn.db)?, oldest))
}

pub fn insert(tx: &mut Tx<'_>, seal: &SealRow) -> Result<(), Fault> {
    diesel::insert_into(journal_seals::table).values(seal).execute(tx.db)?;
    Ok(())
}
