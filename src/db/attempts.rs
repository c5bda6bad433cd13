//! Tries at log-ins, counted before they are made: two at a time are two. The only writer of its
//! table. Must not know: what is tried.

use super::schema::attempts;
use super::{Conn, Fault, MultiBackend, Tx};
use crate::domain::attempts::{FORGOTTEN_AFTER_HOURS, pause};
use crate::domain::time::Instant;
use diesel::prelude::*;

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = attempts, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
struct AttemptRow {
    key_index: Vec<u8>,
    wrong: i32,
    tried_at: Instant,
    paused_until: Instant,
}

/// Whose tries are counted together, as a keyed hash of what names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tries(Vec<u8>);

impl Tries {
    pub fn of(conn: &Conn<'_>, parts: &[&[u8]]) -> Self {
        Self(conn.seal.index("attempts.key", &parts.join(&0)))
    }
}

/// Counts a try as wrong, until `good` says otherwise. During a pause it is none: the moment at which
/// the pause ends.
pub fn take(tx: &mut Tx<'_>, tries: &Tries) -> Result<Result<(), Instant>, Fault> {
    let query = attempts::table.find(&tries.0).select(AttemptRow::as_select());
    let found: Option<AttemptRow> = query.first(tx.db).optional()?;
    if let Some(row) = &found
        && row.paused_until > tx.now
    {
        return Ok(Err(row.paused_until));
    }
    let is_new = found.is_none();
    let recent = found.filter(|row| row.tried_at.plus_hours(FORGOTTEN_AFTER_HOURS) > tx.now);
    let wrong = recent.map_or(0, |row| row.wrong).saturating_add(1);
    let seconds = pause(u32::try_from(wrong).unwrap_or(0));
    let row = AttemptRow {
        key_index: tries.0.clone(),
        wrong,
        tried_at: tx.now,
        paused_until: tx.now.plus_seconds(seconds),
    };
    if is_new {
        diesel::insert_into(attempts::table).values(&row).execute(tx.db)?;
    } else {
        diesel::update(attempts::table.find(&tries.0)).set(&row).execute(tx.db)?;
    }
    Ok(Ok(()))
}

/// A try that was counted and never judged is none.
pub fn take_back(tx: &mut Tx<'_>, tries: &Tries) -> Result<(), Fault> {
    let theirs = attempts::table.find(&tries.0).filter(attempts::wrong.gt(0));
    diesel::update(theirs)
        .set((attempts::wrong.eq(attempts::wrong - 1), attempts::paused_until.eq(tx.now)))
        .execute(tx.db)?;
    Ok(())
}

/// The tries ended well: nothing is held against anybody.
pub fn good(tx: &mut Tx<'_>, tries: &Tries) -> Result<(), Fault> {
    diesel::delete(attempts::table.find(&tries.0)).execute(tx.db)?;
    Ok(())
}

/// Tries that count no more. Returns how many.
pub fn forget_old(tx: &mut Tx<'_>) -> Result<usize, Fault> {
    let before = tx.now.plus_hours(-FORGOTTEN_AFTER_HOURS);
    Ok(diesel::delete(attempts::table.filter(attempts::tried_at.lt(before))).execute(tx.db)?)
}
