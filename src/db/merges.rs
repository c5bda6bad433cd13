//! Proposals to merge two records of one human being, with their sealed words, and which record a
//! double led into. The only writer of its table. Must not know: what a merge does to the records.

use super::journal::Line;
use super::reads::Subject;
use super::schema::merges;
use super::states::stated;
use super::types::Json;
use super::{Conn, Fault, MultiBackend, Tx, seekers};
use crate::domain::ids::{AccountId, DataRequestId, MergeId, SeekerId};
use crate::domain::lifecycle::Transition;
use crate::domain::merges::{MergeState, NewMerge};
use crate::domain::rights::RecordField;
use crate::domain::time::Instant;
use crate::seal::Place;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::HashMap;

pub const SUBJECT: &str = "merge";

pub(super) const EVIDENCE: &str = "merges.evidence_sealed";
pub(super) const NOTE: &str = "merges.note_sealed";

/// The states in which the double is an empty record.
const DONE: [MergeState; 2] = [MergeState::Confirmed, MergeState::Released];

#[derive(Debug, Clone, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = merges, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
pub struct MergeRow {
    pub id: MergeId,
    pub survivor_id: SeekerId,
    pub double_id: SeekerId,
    /// Versions of both records as the proposer met them.
    pub survivor_version: i64,
    pub double_version: i64,
    /// Members that the survivor takes from the double.
    pub fields: Json,
    pub evidence_sealed: Option<Vec<u8>>,
    pub request_id: Option<DataRequestId>,
    pub state: MergeState,
    pub proposed_by: Option<AccountId>,
    pub proposed_at: Instant,
    pub decided_by: Option<AccountId>,
    pub decided_at: Option<Instant>,
    pub note_sealed: Option<Vec<u8>>,
    pub version: i64,
    pub updated_at: Instant,
    pub changed_by: Option<AccountId>,
}

stated!(MergeRow of merges, |row| (SUBJECT, row.id.uuid()));

/// What a row says under its seals.
#[derive(Debug, Clone)]
pub struct Words {
    pub evidence: Option<String>,
    /// Why it was refused.
    pub note: Option<String>,
}

/// Rows of a double that go over to the survivor, and how many cannot.
pub struct Parted<T> {
    pub going: Vec<T>,
    pub left: usize,
}

impl<T> Parted<T> {
    pub(super) fn of(rows: Vec<T>, goes: impl Fn(&T) -> bool) -> Self {
        let (going, left): (Vec<T>, Vec<T>) = rows.into_iter().partition(goes);
        Self { going, left: left.len() }
    }
}

impl MergeRow {
    pub fn fields(&self) -> Result<Vec<RecordField>, Fault> {
        let damaged = || Fault::broken("merges.fields is no list of members");
        let all = self.fields.0.as_array().ok_or_else(damaged)?;
        all.iter().map(|f| f.as_str().and_then(|f| f.parse().ok()).ok_or_else(damaged)).collect()
    }

    /// Opens the row. It counts as a look at the survivor's data.
    pub fn open(&self, conn: &Conn<'_>) -> Result<Words, Fault> {
        let subject: Subject = (seekers::SUBJECT, self.survivor_id.uuid());
        let opened = |column, sealed: &Option<Vec<u8>>| {
            let Some(sealed) = sealed else { return Ok(None) };
            conn.sees(subject);
            let place = Place { column, row: self.id.uuid() };
            Ok::<_, Fault>(Some(conn.seal.open_text(place, sealed)?))
        };
        Ok(Words {
            evidence: opened(EVIDENCE, &self.evidence_sealed)?,
            note: opened(NOTE, &self.note_sealed)?,
        })
    }
}

pub fn insert(
    tx: &mut Tx<'_>,
    id: MergeId,
    new: &NewMerge,
    (survivor_version, double_version): (i64, i64),
) -> Result<(), Fault> {
    let fields = new.fields.iter().map(|field| Value::String(field.to_string())).collect();
    let row = MergeRow {
        id,
        survivor_id: new.survivor,
        double_id: new.double,
        survivor_version,
        double_version,
        fields: Json(Value::Array(fields)),
        evidence_sealed: Some(tx.close(EVIDENCE, id.uuid(), &new.evidence)?),
        request_id: new.request,
        state: MergeState::Proposed,
        proposed_by: tx.actor.account,
        proposed_at: tx.now,
        decided_by: None,
        decided_at: None,
        note_sealed: None,
        version: 1,
        updated_at: tx.now,
        changed_by: tx.actor.account,
    };
    diesel::insert_into(merges::table).values(&row).execute(tx.db)?;
    let detail = json!({ "survivor": new.survivor.to_string(), "double": new.double.to_string() });
    tx.journal_new(&row, Line::of("propose").with(detail))
}

pub fn get(conn: &mut Conn<'_>, id: MergeId) -> Result<MergeRow, Fault> {
    Ok(merges::table.find(id).select(MergeRow::as_select()).first(conn.db)?)
}

/// A page by id, the oldest first.
pub fn page(
    conn: &mut Conn<'_>,
    state: Option<MergeState>,
    after: Option<MergeId>,
    rows: i64,
) -> Result<Vec<MergeRow>, Fault> {
    let mut query = merges::table.select(MergeRow::as_select()).into_boxed();
    if let Some(state) = state {
        query = query.filter(merges::state.eq(state));
    }
    if let Some(after) = after {
        query = query.filter(merges::id.gt(after));
    }
    Ok(query.order(merges::id.asc()).limit(rows).load(conn.db)?)
}

/// Stores a step of the lifecycle with the note that it carries, if nobody changed the row since it
/// was read.
pub fn keep(
    tx: &mut Tx<'_>,
    row: &MergeRow,
    step: Transition<MergeState>,
    note: Option<&str>,
) -> Result<(), Fault> {
    let note = note.map(|note| tx.close(NOTE, row.id.uuid(), note)).transpose()?;
    let decides = row.state == MergeState::Proposed;
    let at = merges::table
        .filter(merges::id.eq(row.id))
        .filter(merges::version.eq(row.version))
        .filter(merges::state.eq(step.from()));
    let kept = diesel::update(at)
        .set((
            merges::state.eq(step.to()),
            merges::decided_by.eq(if decides { tx.actor.account } else { row.decided_by }),
            merges::decided_at.eq(if decides { Some(tx.now) } else { row.decided_at }),
            merges::note_sealed.eq(note),
            merges::version.eq(row.version + 1),
            merges::updated_at.eq(tx.now),
            merges::changed_by.eq(tx.actor.account),
        ))
        .execute(tx.db)?;
    if kept != 1 {
        return Err(Fault::Moved);
    }
    tx.journal_step(row, &step, MergeState::as_str, step.event().as_str())
}

/// Into which record each of these doubles went.
pub fn survivors(
    conn: &mut Conn<'_>,
    doubles: &[SeekerId],
) -> Result<HashMap<SeekerId, SeekerId>, Fault> {
    let done = merges::table
        .filter(merges::double_id.eq_any(doubles))
        .filter(merges::state.eq_any(DONE))
        .select((merges::double_id, merges::survivor_id));
    let all: Vec<(SeekerId, SeekerId)> = done.load(conn.db)?;
    Ok(all.into_iter().collect())
}

/// The record that stands for a double now: its survivor may have been a double later.
pub fn standing(conn: &mut Conn<'_>, double: SeekerId) -> Result<Option<SeekerId>, Fault> {
    let mut last = None;
    while let Some(next) = survivors(conn, &[last.unwrap_or(double)])?.into_values().next() {
        last = Some(next);
    }
    Ok(last)
}

/// The merges that made a record what it is, those of its doubles too, the oldest first.
pub fn behind(conn: &mut Conn<'_>, survivor: SeekerId) -> Result<Vec<MergeRow>, Fault> {
    let (mut all, mut into): (Vec<MergeRow>, Vec<SeekerId>) = (Vec::new(), vec![survivor]);
    while !into.is_empty() {
        let done = merges::table
            .filter(merges::survivor_id.eq_any(&into))
            .filter(merges::state.eq_any(DONE))
            .order(merges::id.asc());
        let rows: Vec<MergeRow> = done.select(MergeRow::as_select()).load(conn.db)?;
        into = rows.iter().map(|row| row.double_id).collect();
        all.extend(rows);
    }
    all.sort_by_key(|row| row.id);
    Ok(all)
}

/// The doubles of a record.
pub fn doubles_of(conn: &mut Conn<'_>, survivor: SeekerId) -> Result<Vec<SeekerId>, Fault> {
    Ok(behind(conn, survivor)?.into_iter().map(|row| row.double_id).collect())
}

/// The words of every proposal that named one of these people go; that it was made stays.
pub fn erase_words(tx: &mut Tx<'_>, people: &[SeekerId]) -> Result<(), Fault> {
    let nothing = None::<Vec<u8>>;
    let named = || merges::survivor_id.eq_any(people).or(merges::double_id.eq_any(people));
    let old = merges::table.filter(named()).select(MergeRow::as_select());
    let old: Vec<MergeRow> = old.load(tx.db)?;
    diesel::update(merges::table.filter(named()))
        .set((merges::evidence_sealed.eq(&nothing), merges::note_sealed.eq(&nothing)))
        .execute(tx.db)?;
    old.iter().try_for_each(|old| tx.journal_change(old, Line::of("erase_words")))
}
