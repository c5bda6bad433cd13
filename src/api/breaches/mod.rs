//! Breaches: record, mend what is known, tell authority and people, close.
//! Must not know: how a notice is worded.

mod notices;
mod people;
mod wire;

pub use notices::{list_breach_notices, list_own_breaches};
pub use people::{add_breach_people, list_breach_people, tell_authority, tell_people};

use super::answer::{Created, Plain, Tagged, tag_of};
use super::cursor::{self, After, Paging};
use super::extract::{IfMatch, Json, Key, Patch, Path, Query};
use super::guard::{Lead, Only};
use super::problem::Problem;
use crate::db::breaches::{self as table, BreachRow};
use crate::db::{Conn, Tx};
use crate::domain::breaches::{BreachEvent, BreachState, notice_until, past};
use crate::domain::ids::BreachId;
use crate::domain::lifecycle::{Refusal, decide};
use crate::domain::problem::Problems;
use crate::domain::roles::Role;
use crate::domain::time::Instant;
use wire::{Breach, BreachFacts, BreachPage, RecordBreach};

fn told(conn: &mut Conn<'_>, row: &BreachRow, now: Instant) -> Result<Breach, Problem> {
    let counts = table::counts(conn, row.id)?;
    Ok(Breach::of(row, counts, now)?)
}

fn show(conn: &mut Conn<'_>, id: BreachId, now: Instant) -> Result<Breach, Problem> {
    let row = table::get(conn, id)?;
    told(conn, &row, now)
}

/// An open breach, held by the reader's tag.
fn held(tx: &mut Tx<'_>, row: &BreachRow, tag: &IfMatch) -> Result<Breach, Problem> {
    let now = tx.now;
    let present = told(tx, row, now)?;
    tag.holds(row.version, || tag_of(&present))?;
    if row.state == BreachState::Closed {
        return Err(Problem::state(Refusal::State, tag_of(&present)));
    }
    Ok(present)
}

pub async fn record_breach(
    who: Only<Lead>,
    key: Key,
    body: Json<RecordBreach>,
) -> Result<Created<Breach>, Problem> {
    let Json((terms, known_at), seen) = body;
    let mut p = Problems::default();
    p.at("/known_at", past(known_at, None, who.now()));
    let until = p.at("/known_at", notice_until(known_at, &who.app().rules));
    let until = p.done(|| until)?;
    who.once(
        key,
        seen,
        move |tx, _, id| {
            table::insert(tx, id.into(), &terms, (known_at, until))?;
            Ok(None)
        },
        |tx, id| {
            let now = tx.now;
            show(tx, id.into(), now).map(Created)
        },
    )
    .await
}

pub async fn list_breaches(
    who: Only<Lead>,
    query: Query<Paging>,
) -> Result<Plain<BreachPage>, Problem> {
    const LIST: &str = "breaches";
    let limit = cursor::limit(query.0.limit)?;
    who.snapshot(move |conn, now| {
        let before = query.0.cursor.map(|text| cursor::read(conn.seal, LIST, &text)).transpose()?;
        let rows = table::page(conn, before.map(|a| a.id.into()), limit + 1)?;
        let at = |row: &BreachRow| After { order: 0, id: row.id.uuid() };
        let (rows, end) = cursor::page(rows, limit, at);
        let data = rows.iter().map(|row| told(conn, row, now)).collect::<Result<_, _>>()?;
        let next_cursor = end.map(|end| cursor::write(conn.seal, LIST, end));
        Ok(Plain(BreachPage { data, next_cursor }))
    })
    .await
}

pub async fn get_breach(who: Only<Lead>, id: Path<BreachId>) -> Result<Tagged<Breach>, Problem> {
    who.snapshot(move |conn, now| show(conn, id.0, now).map(Tagged)).await
}

pub async fn change_breach(
    who: Only<Lead>,
    id: Path<BreachId>,
    tag: IfMatch,
    patch: Patch<BreachFacts>,
) -> Result<Tagged<Breach>, Problem> {
    who.write(move |tx, now| {
        let row = table::get(tx, id.0)?;
        let old = row.terms()?;
        let new = patch.onto(&BreachFacts::from(old.clone()))?;
        if new == old && tx.repeats(row.changed_by) {
            return told(tx, &row, now).map(Tagged);
        }
        held(tx, &row, &tag)?;
        table::change(tx, &row, &new)?;
        show(tx, id.0, now).map(Tagged)
    })
    .await
}

pub async fn close_breach(
    who: Only<Lead>,
    id: Path<BreachId>,
    tag: IfMatch,
) -> Result<Tagged<Breach>, Problem> {
    who.write(move |tx, now| {
        let row = table::get(tx, id.0)?;
        if row.state == BreachState::Closed && tx.repeats(row.changed_by) {
            return told(tx, &row, now).map(Tagged);
        }
        let present = held(tx, &row, &tag)?;
        let step = decide(row.state, BreachEvent::Close, Role::Lead);
        let step = step.map_err(|r| Problem::state(r, tag_of(&present)))?;
        present.may_close().map_err(Problem::rules)?;
        table::close(tx, &row, step)?;
        show(tx, id.0, now).map(Tagged)
    })
    .await
}
