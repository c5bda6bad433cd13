//! Agreements: rows and queries. The only writer of its table. Must not know: seasons.

use super::journal::Line;
use super::schema::agreements;
use super::states::stated;
use super::types::Json;
use super::{Conn, Fault, MultiBackend, Tx};
use crate::domain::agreements::{AgreementKind, AgreementState, Footing, NewAgreement};
use crate::domain::ids::{AccountId, AgreementId};
use crate::domain::lifecycle::Transition;
use crate::domain::time::{Day, Instant};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

pub const SUBJECT: &str = "agreement";

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = agreements, treat_none_as_default_value = false, treat_none_as_null = true)]
#[diesel(check_for_backend(MultiBackend))]
pub struct AgreementRow {
    pub id: AgreementId,
    pub kind: AgreementKind,
    pub title: String,
    pub si_gun: Option<String>,
    pub effective_from: Day,
    pub effective_to: Option<Day>,
    /// `[{kind, number, dated_on}]`.
    pub documents: Json,
    pub state: AgreementState,
    pub version: i64,
    pub updated_at: Instant,
    pub changed_by: Option<AccountId>,
}

stated!(AgreementRow of agreements, |row| (SUBJECT, row.id.uuid()));

impl AgreementRow {
    /// What decides whether a season may stand on it.
    pub fn footing(&self) -> Footing {
        Footing {
            kind: self.kind,
            state: self.state,
            effective_from: self.effective_from,
            effective_to: self.effective_to,
        }
    }
}

fn documents(new: &NewAgreement) -> Json {
    let all: Vec<Value> = new
        .documents
        .iter()
        .map(|d| json!({ "kind": d.kind.as_str(), "number": d.number, "dated_on": d.dated_on.to_string() }))
        .collect();
    Json(Value::Array(all))
}

fn row_of(
    tx: &Tx<'_>,
    id: AgreementId,
    new: &NewAgreement,
    state: AgreementState,
    version: i64,
) -> AgreementRow {
    AgreementRow {
        id,
        kind: new.kind,
        title: new.title.clone(),
        si_gun: new.si_gun.map(|s| s.code().to_owned()),
        effective_from: new.effective_from,
        effective_to: new.effective_to,
        documents: documents(new),
        state,
        version,
        updated_at: tx.now,
        changed_by: tx.actor.account,
    }
}

pub fn insert(
    tx: &mut Tx<'_>,
    id: AgreementId,
    new: &NewAgreement,
    state: AgreementState,
) -> Result<(), Fault> {
    let row = row_of(tx, id, new, state, 1);
    diesel::insert_into(agreements::table).values(&row).execute(tx.db)?;
    tx.journal_new(&row, Line::of("propose"))
}

pub fn get(conn: &mut Conn<'_>, id: AgreementId) -> Result<AgreementRow, Fault> {
    Ok(agreements::table.find(id).select(AgreementRow::as_select()).first(conn.db)?)
}

pub fn page(
    conn: &mut Conn<'_>,
    after: Option<AgreementId>,
    rows: i64,
) -> Result<Vec<AgreementRow>, Fault> {
    let mut query = agreements::table.select(AgreementRow::as_select()).into_boxed();
    if let Some(after) = after {
        query = query.filter(agreements::id.gt(after));
    }
    Ok(query.order(agreements::id.asc()).limit(rows).load(conn.db)?)
}

/// Replaces what it says, if nobody changed the row since it was read.
pub fn rewrite(tx: &mut Tx<'_>, old: &AgreementRow, new: &NewAgreement) -> Result<(), Fault> {
    let row = row_of(tx, old.id, new, old.state, old.version + 1);
    let at = agreements::table
        .filter(agreements::id.eq(old.id))
        .filter(agreements::version.eq(old.version));
    if diesel::update(at).set(&row).execute(tx.db)? != 1 {
        return Err(Fault::Moved);
    }
    tx.journal_change(old, Line::of("change"))
}

/// Stores a step of the lifecycle, if nobody changed the row since it was read.
pub fn keep(
    tx: &mut Tx<'_>,
    row: &AgreementRow,
    step: Transition<AgreementState>,
) -> Result<(), Fault> {
    let at = agreements::table
        .filter(agreements::id.eq(row.id))
        .filter(agreements::version.eq(row.version))
        .filter(agreements::state.eq(step.from()));
    let kept = diesel::update(at)
        .set((
            agreements::state.eq(step.to()),
            agreements::version.eq(row.version + 1),
            agreements::updated_at.eq(tx.now),
            agreements::changed_by.eq(tx.actor.account),
        ))
        .execute(tx.db)?;
    if kept != 1 {
        return Err(Fault::Moved);
    }
    tx.journal_step(row, &step, AgreementState::as_str, step.event().as_str())
}
