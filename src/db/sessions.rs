//! Sessions: what a log-in begins, uses keep alive and its owner or a new password ends.
//! The only writer of its table. Must not know: tokens.

use super::schema::sessions;
use super::{Conn, Fault, MultiBackend, Tx};
use crate::domain::ids::{AccountId, SessionId};
use crate::domain::sessions::Span;
use crate::domain::time::Instant;
use diesel::prelude::*;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
pub struct SessionRow {
    pub id: SessionId,
    pub account_id: AccountId,
    pub begun_at: Instant,
    pub used_at: Instant,
    /// Unless it is used before.
    pub expires_at: Instant,
    /// In spite of any use.
    pub ends_at: Instant,
    pub ended_at: Option<Instant>,
}

impl SessionRow {
    pub fn lives(&self, now: Instant) -> bool {
        self.ended_at.is_none() && self.expires_at > now
    }
}

pub fn begin(tx: &mut Tx<'_>, account: AccountId, span: Span) -> Result<SessionRow, Fault> {
    let ends_at = span.ends(tx.now);
    let row = SessionRow {
        id: SessionId(tx.new_id()),
        account_id: account,
        begun_at: tx.now,
        used_at: tx.now,
        expires_at: span.silent(tx.now, ends_at),
        ends_at,
        ended_at: None,
    };
    diesel::insert_into(sessions::table).values(&row).execute(tx.db)?;
    tx.journal("account", account.uuid(), "log_in", None)?;
    Ok(row)
}

/// A use makes it live on, to its end at most.
pub fn extend(tx: &mut Tx<'_>, row: SessionRow, span: Span) -> Result<SessionRow, Fault> {
    let expires_at = span.silent(tx.now, row.ends_at);
    let row = SessionRow { used_at: tx.now, expires_at, ..row };
    diesel::update(sessions::table.find(row.id))
        .set((sessions::used_at.eq(row.used_at), sessions::expires_at.eq(row.expires_at)))
        .execute(tx.db)?;
    Ok(row)
}

pub fn get(conn: &mut Conn<'_>, id: SessionId) -> Result<SessionRow, Fault> {
    Ok(sessions::table.find(id).select(SessionRow::as_select()).first(conn.db)?)
}

/// The account's sessions that live, oldest first.
pub fn page(
    conn: &mut Conn<'_>,
    account: AccountId,
    now: Instant,
    after: Option<SessionId>,
    rows: i64,
) -> Result<Vec<SessionRow>, Fault> {
    let mut query = sessions::table
        .filter(sessions::account_id.eq(account))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .select(SessionRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(sessions::id.gt(after));
    }
    Ok(query.order(sessions::id.asc()).limit(rows).load(conn.db)?)
}

/// Ends it; `event` says how.
pub fn end(tx: &mut Tx<'_>, row: &SessionRow, event: &str) -> Result<(), Fault> {
    diesel::update(sessions::table.find(row.id))
        .set(sessions::ended_at.eq(tx.now))
        .execute(tx.db)?;
    tx.journal("account", row.account_id.uuid(), event, None)
}

/// Ends every session of an account. What was done to the account has the journal's line.
pub fn end_all(tx: &mut Tx<'_>, account: AccountId) -> Result<(), Fault> {
    let theirs = sessions::table
        .filter(sessions::account_id.eq(account))
        .filter(sessions::ended_at.is_null());
    diesel::update(theirs).set(sessions::ended_at.eq(tx.now)).execute(tx.db)?;
    Ok(())
}

/// Ends every session of everybody.
pub(super) fn end_everybodys(tx: &mut Tx<'_>) -> Result<(), Fault> {
    let live = sessions::table.filter(sessions::ended_at.is_null());
    diesel::update(live).set(sessions::ended_at.eq(tx.now)).execute(tx.db)?;
    Ok(())
}

/// Those that were ended since.
pub fn ended_since(conn: &mut Conn<'_>, since: Instant) -> Result<Vec<SessionId>, Fault> {
    let ended = sessions::table.filter(sessions::ended_at.ge(since));
    Ok(ended.select(sessions::id).load(conn.db)?)
}

/// Those that could last be used before that moment; their tokens went before. Returns how many.
pub fn forget_before(tx: &mut Tx<'_>, before: Instant) -> Result<usize, Fault> {
    Ok(diesel::delete(sessions::table.filter(sessions::expires_at.lt(before))).execute(tx.db)?)
}

/// Every session of an account that is still kept, ended ones too, the oldest first.
pub fn kept(conn: &mut Conn<'_>, account: AccountId) -> Result<Vec<SessionRow>, Fault> {
    let theirs = sessions::table.filter(sessions::account_id.eq(account));
    Ok(theirs.order(sessions::id.asc()).select(SessionRow::as_select()).load(conn.db)?)
}
