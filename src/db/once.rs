//! Idempotency keys: the key row commits with the work it stands for.
//! Must not know: which header it came in.

use super::schema::once;
use super::types::AnyId;
use super::{Fault, Tx};
use crate::domain::time::Instant;
use crate::each_backend;
use diesel::prelude::*;
use uuid::Uuid;

/// How long a first answer is kept.
const KEPT_HOURS: i64 = 24;

/// What a request was about whose body is not known any more: its key alone tells it again.
const FORGOTTEN: &[u8] = &[];

/// What a key stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Nobody used it: do the work under the id that was claimed.
    First,
    /// The same request was answered before; the id of what it made.
    Repeat(Uuid),
    /// The key belongs to another body.
    Other,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = once, treat_none_as_default_value = false)]
#[diesel(check_for_backend(super::MultiBackend))]
struct OnceRow {
    scope: Vec<u8>,
    body: Vec<u8>,
    made: AnyId,
    at: Instant,
}

/// Claims the key before any other read, so that a second user of it meets the unique index:
/// it waits there, fails to serialize, runs again and finds the row.
pub fn claim(tx: &mut Tx<'_>, scope: &[u8], body: &[u8], made: Uuid) -> Result<Claim, Fault> {
    let row = OnceRow { scope: scope.to_vec(), body: body.to_vec(), made: AnyId(made), at: tx.now };
    let query = diesel::insert_into(once::table).values(&row).on_conflict_do_nothing();
    if each_backend!(&mut *tx.db, |c| query.execute(c))? == 1 {
        return Ok(Claim::First);
    }
    let held: OnceRow = once::table.find(scope).select(OnceRow::as_select()).first(tx.db)?;
    if held.at.plus_hours(KEPT_HOURS) <= tx.now {
        diesel::update(once::table.find(scope))
            .set((once::body.eq(body), once::made.eq(AnyId(made)), once::at.eq(tx.now)))
            .execute(tx.db)?;
        return Ok(Claim::First);
    }
    let same = held.body == body || held.body == FORGOTTEN;
    Ok(if same { Claim::Repeat(held.made.0) } else { Claim::Other })
}

/// Their hashes are of an index key that goes; a request that is sent again still makes nothing.
pub fn forget_bodies(tx: &mut Tx<'_>) -> Result<(), Fault> {
    diesel::update(once::table).set(once::body.eq(FORGOTTEN)).execute(tx.db)?;
    Ok(())
}

/// Forgets keys older than a day. Returns how many.
pub fn forget_old(tx: &mut Tx<'_>) -> Result<usize, Fault> {
    let before = tx.now.plus_hours(-KEPT_HOURS);
    Ok(diesel::delete(once::table.filter(once::at.lt(before))).execute(tx.db)?)
}
