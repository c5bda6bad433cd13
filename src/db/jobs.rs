//! Background jobs: claimed by one process at a time, under a lease that lapses with its holder.
//! The only writer of its table. Must not know: what a job does.

use super::schema::jobs;
use super::types::{AnyId, JobKind, JobState};
use super::{Conn, Db, Fault, MultiBackend, Tx};
use crate::domain::ids::{AccountId, JobId};
use crate::domain::time::Instant;
use diesel::prelude::*;
use uuid::Uuid;

/// Seconds after which a job whose process fell silent is taken up by another.
pub const LEASE: i64 = 30;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
pub struct JobRow {
    pub id: JobId,
    pub kind: JobKind,
    pub subject: AnyId,
    pub state: JobState,
    pub done: i64,
    pub total: Option<i64>,
    /// The code of what stopped it.
    pub problem: Option<String>,
    pub attempts: i32,
    pub claimed_by: Option<AnyId>,
    pub lease_until: Option<Instant>,
    pub created_by: Option<AccountId>,
    pub version: i64,
    pub updated_at: Instant,
}

pub fn enqueue(tx: &mut Tx<'_>, id: JobId, kind: JobKind, subject: Uuid) -> Result<(), Fault> {
    let row = JobRow {
        id,
        kind,
        subject: AnyId(subject),
        state: JobState::Waiting,
        done: 0,
        total: None,
        problem: None,
        attempts: 0,
        claimed_by: None,
        lease_until: None,
        created_by: tx.actor.account,
        version: 1,
        updated_at: tx.now,
    };
    diesel::insert_into(jobs::table).values(&row).execute(tx.db)?;
    tx.journal("job", id.uuid(), "enqueue", Some(serde_json::json!({ "kind": kind.as_str() })))
}

pub fn get(conn: &mut Conn<'_>, id: JobId) -> Result<JobRow, Fault> {
    Ok(jobs::table.find(id).select(JobRow::as_select()).first(conn.db)?)
}

/// The oldest job that waits, or whose holder fell silent; it is `holder`'s from now on.
/// To be called inside `Store::claim`.
pub fn claim(tx: &mut Tx<'_>, holder: Uuid) -> Result<Option<JobRow>, Fault> {
    let query = jobs::table
        .filter(
            jobs::state
                .eq(JobState::Waiting)
                .or(jobs::state.eq(JobState::Running).and(jobs::lease_until.lt(tx.now))),
        )
        .order(jobs::id.asc())
        .limit(1)
        .select(jobs::id);
    let next: Option<JobId> = match &mut *tx.db {
        Db::Pg(c) => query.for_update().skip_locked().first(c).optional()?,
        Db::Sqlite(c) => query.first(c).optional()?,
    };
    let Some(id) = next else { return Ok(None) };
    diesel::update(jobs::table.find(id))
        .set((
            jobs::state.eq(JobState::Running),
            jobs::claimed_by.eq(AnyId(holder)),
            jobs::lease_until.eq(tx.now.plus_seconds(LEASE)),
            jobs::attempts.eq(jobs::attempts + 1),
            jobs::version.eq(jobs::version + 1),
            jobs::updated_at.eq(tx.now),
        ))
        .execute(tx.db)?;
    get(tx, id).map(Some)
}

/// Notes how far it is and renews the lease. `Moved` when the job is somebody else's by now.
pub fn progress(
    tx: &mut Tx<'_>,
    id: JobId,
    holder: Uuid,
    done: i64,
    total: Option<i64>,
) -> Result<(), Fault> {
    let held = jobs::table.filter(jobs::id.eq(id)).filter(jobs::claimed_by.eq(AnyId(holder)));
    let kept = diesel::update(held)
        .set((
            jobs::done.eq(done),
            jobs::total.eq(total),
            jobs::lease_until.eq(tx.now.plus_seconds(LEASE)),
            jobs::version.eq(jobs::version + 1),
            jobs::updated_at.eq(tx.now),
        ))
        .execute(tx.db)?;
    if kept == 1 { Ok(()) } else { Err(Fault::Moved) }
}

/// Ends the job, well or with the code of what stopped it.
pub fn finish(
    tx: &mut Tx<'_>,
    id: JobId,
    holder: Uuid,
    problem: Option<&str>,
) -> Result<(), Fault> {
    let state = if problem.is_none() { JobState::Done } else { JobState::Failed };
    let held = jobs::table.filter(jobs::id.eq(id)).filter(jobs::claimed_by.eq(AnyId(holder)));
    let kept = diesel::update(held)
        .set((
            jobs::state.eq(state),
            jobs::problem.eq(problem),
            jobs::lease_until.eq(None::<Instant>),
            jobs::version.eq(jobs::version + 1),
            jobs::updated_at.eq(tx.now),
        ))
        .execute(tx.db)?;
    if kept != 1 {
        return Err(Fault::Moved);
    }
    tx.journal("job", id.uuid(), state.as_str(), None)
}

impl JobRow {
    pub fn has_ended(&self) -> bool {
        matches!(self.state, JobState::Done | JobState::Failed)
    }
}
