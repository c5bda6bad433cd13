//! What people ask about their own data: rows with their sealed words. The only writer of its
//! table. Must not know: what a granted request changes, masks, JSON of answers.

mod ties;

pub use ties::ties;

use super::journal::Line;
use super::reads::Subject;
use super::schema::data_requests as table;
use super::states::stated;
use super::{Conn, Fault, MultiBackend, Tx, seekers};
use crate::domain::ids::{AccountId, DataRequestId, RoundId, SeekerId};
use crate::domain::lifecycle::Transition;
use crate::domain::rights::{
    Clocks, Correction, Decision, NewRequest, RefusalGround, RequestKind, RequestState,
    ReviewOutcome,
};
use crate::domain::time::Instant;
use crate::seal::Place;
use diesel::prelude::*;
use serde::Serialize;
use std::collections::HashSet;

pub const SUBJECT: &str = "data_request";

const TEXT: &str = "data_requests.text_sealed";
const EVIDENCE: &str = "data_requests.evidence_sealed";
const CORRECTIONS: &str = "data_requests.corrections_sealed";
const NOTE: &str = "data_requests.note_sealed";

#[derive(Debug, Clone, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = table, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
pub struct RequestRow {
    pub id: DataRequestId,
    pub seeker_id: SeekerId,
    pub kind: RequestKind,
    pub state: RequestState,
    pub text_sealed: Option<Vec<u8>>,
    pub evidence_sealed: Option<Vec<u8>>,
    /// `[[member, value], ...]`.
    pub corrections_sealed: Option<Vec<u8>>,
    pub round_id: Option<RoundId>,
    pub received_at: Instant,
    pub escalates_at: Instant,
    pub due_at: Instant,
    pub decided_at: Option<Instant>,
    pub decided_by: Option<AccountId>,
    pub ground: Option<RefusalGround>,
    pub review: Option<ReviewOutcome>,
    pub note_sealed: Option<Vec<u8>>,
    pub ended_at: Option<Instant>,
    pub version: i64,
    pub updated_at: Instant,
    pub changed_by: Option<AccountId>,
}

stated!(RequestRow of data_requests, |row| (SUBJECT, row.id.uuid()));

/// What a row says under its seals.
#[derive(Debug, Clone, Default)]
pub struct Words {
    pub text: Option<String>,
    pub evidence: Option<String>,
    pub corrections: Vec<Correction>,
    pub note: Option<String>,
}

fn spelled(corrections: &[Correction]) -> Result<String, Fault> {
    let pairs: Vec<(&str, Option<&str>)> =
        corrections.iter().map(|one| (one.field.as_str(), one.value.as_deref())).collect();
    serde_json::to_string(&pairs).map_err(Fault::broken)
}

fn read(text: &str) -> Result<Vec<Correction>, Fault> {
    let pairs: Vec<(String, Option<String>)> = serde_json::from_str(text).map_err(Fault::broken)?;
    let one = |(field, value): (String, _)| {
        Ok(Correction { field: field.parse().map_err(Fault::broken)?, value })
    };
    pairs.into_iter().map(one).collect()
}

impl RequestRow {
    /// Opens the row. It counts as a look at the person's data.
    pub fn open(&self, conn: &Conn<'_>) -> Result<Words, Fault> {
        let subject: Subject = (seekers::SUBJECT, self.seeker_id.uuid());
        let opened = |column, sealed: &Option<Vec<u8>>| {
            let Some(sealed) = sealed else { return Ok(None) };
            conn.sees(subject);
            let place = Place { column, row: self.id.uuid() };
            Ok::<_, Fault>(Some(conn.seal.open_text(place, sealed)?))
        };
        let corrections = opened(CORRECTIONS, &self.corrections_sealed)?;
        Ok(Words {
            text: opened(TEXT, &self.text_sealed)?,
            evidence: opened(EVIDENCE, &self.evidence_sealed)?,
            corrections: corrections.as_deref().map_or_else(|| Ok(Vec::new()), read)?,
            note: opened(NOTE, &self.note_sealed)?,
        })
    }

    /// Since when a lead officer should know of it.
    pub fn escalated_at(&self, now: Instant) -> Option<Instant> {
        (self.state.is_open() && self.escalates_at <= now).then_some(self.escalates_at)
    }

    /// Whether the person still waits, longer than the law gives.
    pub fn is_overdue(&self, now: Instant) -> bool {
        self.state.is_open() && self.due_at <= now
    }

    /// Whether it keeps the person's data from being worked on.
    pub fn restricts(&self) -> bool {
        self.kind == RequestKind::Restriction && self.state == RequestState::Decided
    }
}

fn closed(
    tx: &Tx<'_>,
    column: &'static str,
    id: DataRequestId,
    text: Option<&str>,
) -> Result<Option<Vec<u8>>, Fault> {
    text.map(|text| tx.close(column, id.uuid(), text)).transpose()
}

pub fn insert(
    tx: &mut Tx<'_>,
    id: DataRequestId,
    seeker: SeekerId,
    new: &NewRequest,
    clocks: Clocks,
) -> Result<(), Fault> {
    let wanted = if new.corrections.is_empty() { None } else { Some(spelled(&new.corrections)?) };
    let row = RequestRow {
        id,
        seeker_id: seeker,
        kind: new.kind,
        state: RequestState::Received,
        text_sealed: closed(tx, TEXT, id, new.text.as_deref())?,
        evidence_sealed: closed(tx, EVIDENCE, id, new.evidence.as_deref())?,
        corrections_sealed: closed(tx, CORRECTIONS, id, wanted.as_deref())?,
        round_id: new.round,
        received_at: tx.now,
        escalates_at: clocks.escalates_at,
        due_at: clocks.due_at,
        decided_at: None,
        decided_by: None,
        ground: None,
        review: None,
        note_sealed: None,
        ended_at: None,
        version: 1,
        updated_at: tx.now,
        changed_by: tx.actor.account,
    };
    diesel::insert_into(table::table).values(&row).execute(tx.db)?;
    let detail = serde_json::json!({ "kind": new.kind.as_str() });
    tx.journal_new(&row, Line::of("request").with(detail))
}

/// One row, if the scope covers it.
pub fn get(
    conn: &mut Conn<'_>,
    id: DataRequestId,
    scope: seekers::Scope,
) -> Result<RequestRow, Fault> {
    let row: RequestRow = table::table.find(id).select(RequestRow::as_select()).first(conn.db)?;
    match scope {
        seekers::Scope::Own(own) if own != row.seeker_id => Err(Fault::NotFound),
        _ => Ok(row),
    }
}

/// Which requests are asked for; all that are given must hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub seeker: Option<SeekerId>,
    pub kind: Option<RequestKind>,
    pub state: Option<RequestState>,
    pub due_before: Option<Instant>,
    /// Open ones that a lead officer should know of by that moment.
    pub escalated_by: Option<Instant>,
    /// Open ones whose time is over by that moment.
    pub overdue_by: Option<Instant>,
}

/// A page by id, the oldest first.
pub fn page(
    conn: &mut Conn<'_>,
    filter: &Filter,
    after: Option<DataRequestId>,
    rows: i64,
) -> Result<Vec<RequestRow>, Fault> {
    let mut query = table::table.select(RequestRow::as_select()).into_boxed();
    if let Some(seeker) = filter.seeker {
        query = query.filter(table::seeker_id.eq(seeker));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(table::kind.eq(kind));
    }
    if let Some(state) = filter.state {
        query = query.filter(table::state.eq(state));
    }
    if let Some(before) = filter.due_before {
        query = query.filter(table::due_at.lt(before));
    }
    if let Some(now) = filter.escalated_by {
        query = query.filter(table::state.eq_any(RequestState::OPEN));
        query = query.filter(table::escalates_at.le(now));
    }
    if let Some(now) = filter.overdue_by {
        query = query.filter(table::state.eq_any(RequestState::OPEN));
        query = query.filter(table::due_at.le(now));
    }
    if let Some(after) = after {
        query = query.filter(table::id.gt(after));
    }
    Ok(query.order(table::id.asc()).limit(rows).load(conn.db)?)
}

/// Stores a step of the lifecycle with the answer that it carries, if nobody changed the row since
/// it was read. Gives the row as it stands then.
pub fn keep(
    tx: &mut Tx<'_>,
    row: &RequestRow,
    step: Transition<RequestState>,
    decision: Option<&Decision>,
) -> Result<RequestRow, Fault> {
    let note = decision.map(|decision| decision.note.as_str());
    let going_on = step.to().is_open() || step.to() == RequestState::Decided;
    let new = RequestRow {
        state: step.to(),
        decided_at: decision.map(|_| tx.now).or(row.decided_at),
        decided_by: if decision.is_some() { tx.actor.account } else { row.decided_by },
        ground: decision.map_or(row.ground, |decision| decision.ground),
        review: decision.map_or(row.review, |decision| decision.review),
        note_sealed: closed(tx, NOTE, row.id, note)?.or_else(|| row.note_sealed.clone()),
        ended_at: (!going_on).then_some(tx.now),
        version: row.version + 1,
        updated_at: tx.now,
        changed_by: tx.actor.account,
        ..row.clone()
    };
    let at = table::table
        .filter(table::id.eq(row.id))
        .filter(table::version.eq(row.version))
        .filter(table::state.eq(step.from()));
    let kept = diesel::update(at)
        .set((
            table::state.eq(new.state),
            table::decided_at.eq(new.decided_at),
            table::decided_by.eq(new.decided_by),
            table::ground.eq(new.ground),
            table::review.eq(new.review),
            table::note_sealed.eq(&new.note_sealed),
            table::ended_at.eq(new.ended_at),
            table::version.eq(new.version),
            table::updated_at.eq(new.updated_at),
            table::changed_by.eq(new.changed_by),
        ))
        .execute(tx.db)?;
    if kept != 1 {
        return Err(Fault::Moved);
    }
    let event = step.event().as_str();
    tx.journal_step(row, &step, RequestState::as_str, event)?;
    Ok(new)
}

/// Everybody whose data must lie still; only that one, if one is given.
pub fn restricted(conn: &mut Conn<'_>, only: Option<SeekerId>) -> Result<HashSet<SeekerId>, Fault> {
    let mut query = table::table
        .filter(table::state.eq(RequestState::Decided))
        .filter(table::kind.eq(RequestKind::Restriction))
        .select(table::seeker_id)
        .into_boxed();
    if let Some(only) = only {
        query = query.filter(table::seeker_id.eq(only));
    }
    let all: Vec<SeekerId> = query.load(conn.db)?;
    Ok(all.into_iter().collect())
}

/// Whether this person's data must lie still.
pub fn lies_still(conn: &mut Conn<'_>, seeker: SeekerId) -> Result<bool, Fault> {
    Ok(!restricted(conn, Some(seeker))?.is_empty())
}

/// How many requests a person made.
pub fn count_of(conn: &mut Conn<'_>, seeker: SeekerId) -> Result<i64, Fault> {
    let theirs = table::table.filter(table::seeker_id.eq(seeker));
    Ok(theirs.count().get_result(conn.db)?)
}

/// Whether a request of the person waits for its answer, but for one.
pub fn waits(
    conn: &mut Conn<'_>,
    seeker: SeekerId,
    but: Option<DataRequestId>,
) -> Result<bool, Fault> {
    let open = table::table
        .filter(table::seeker_id.eq(seeker))
        .filter(table::state.eq_any(RequestState::OPEN))
        .select(table::id);
    let open: Vec<DataRequestId> = open.load(conn.db)?;
    Ok(open.into_iter().any(|id| Some(id) != but))
}

/// Every request becomes another person's, who is the same human being.
pub fn hand_over(tx: &mut Tx<'_>, from: SeekerId, to: SeekerId) -> Result<(), Fault> {
    let theirs = table::table.filter(table::seeker_id.eq(from));
    let old: Vec<RequestRow> = theirs.select(RequestRow::as_select()).load(tx.db)?;
    diesel::update(theirs)
        .set((
            table::seeker_id.eq(to),
            table::version.eq(table::version + 1),
            table::updated_at.eq(tx.now),
            table::changed_by.eq(tx.actor.account),
        ))
        .execute(tx.db)?;
    old.iter().try_for_each(|old| tx.journal_change(old, Line::of("hand_over")))
}

/// The words of every request of a person go; that it was asked and how it was answered stays.
pub fn erase_words(tx: &mut Tx<'_>, seeker: SeekerId) -> Result<(), Fault> {
    let nothing = None::<Vec<u8>>;
    let theirs = table::table.filter(table::seeker_id.eq(seeker));
    let old: Vec<RequestRow> = theirs.select(RequestRow::as_select()).load(tx.db)?;
    diesel::update(theirs)
        .set((
            table::text_sealed.eq(&nothing),
            table::evidence_sealed.eq(&nothing),
            table::corrections_sealed.eq(&nothing),
            table::note_sealed.eq(&nothing),
        ))
        .execute(tx.db)?;
    old.iter().try_for_each(|old| tx.journal_change(old, Line::of("erase_words")))
}
