//! Rounds: compute, approve, publish, read.
//! Must not know: how seats are found.

mod explanation;
mod seats;
mod summary;
mod wire;

pub use explanation::get_explanation;
pub use seats::list_seats;
pub use summary::get_summary;

use super::answer::{Accepted, Plain, Tagged, tag_of};
use super::cursor::{self, After};
use super::extract::{IfMatch, Key, Path, Query, Seen};
use super::guard::{Anybody, Lead, Office, Only};
use super::problem::Problem;
use crate::acts::freeze::rules_of;
use crate::db::rounds::{self as table, RoundRow, Scope};
use crate::db::types::JobKind;
use crate::db::{Conn, Tx, inputs, jobs, seasons};
use crate::domain::ids::{JobId, RoundId, SeasonId};
use crate::domain::lifecycle::{decide, leads_to};
use crate::domain::problem::Code;
use crate::domain::roles::Role;
use crate::domain::rounds::{RoundEvent, approver, reveal};
use crate::domain::seasons::{SeasonEvent, SeasonState};
use crate::domain::time::Instant;
use wire::{Pages, Round, RoundPage};

/// The office sees all; others see `public`.
fn scope(role: Option<Role>, public: Scope) -> Scope {
    match role {
        Some(Role::Office | Role::Lead) => Scope::All,
        _ => public,
    }
}

fn whole(conn: &mut Conn<'_>, row: RoundRow, scope: Scope) -> Result<Round, Problem> {
    let season = seasons::get(conn, row.season_id)?;
    let input = inputs::get(conn, row.season_id, row.input_version)?;
    Ok(Round::of(row, &season, input, scope == Scope::All))
}

fn show(conn: &mut Conn<'_>, id: RoundId, scope: Scope) -> Result<Round, Problem> {
    let row = table::get(conn, id, scope)?;
    whole(conn, row, scope)
}

/// Queues a round of the season's latest input, whose beacon is known.
fn queue(tx: &mut Tx<'_>, season: SeasonId, id: RoundId) -> Result<(), Problem> {
    let row = seasons::get(tx, season)?;
    let input = inputs::latest(tx, season)?.filter(|input| input.seed.is_some());
    let input = input.filter(|_| row.state == SeasonState::Drawn).ok_or(Code::StateConflict)?;
    let job = JobId(tx.new_id());
    jobs::enqueue(tx, job, JobKind::ComputeRound, id.uuid())?;
    Ok(table::insert(tx, id, season, input.input_version, job)?)
}

pub async fn compute_round(
    who: Only<Office>,
    id: Path<SeasonId>,
    key: Key,
) -> Result<Accepted<Round>, Problem> {
    who.once(
        key,
        Seen([0; 32]),
        move |tx, _, made| queue(tx, id.0, made.into()),
        |tx, made| show(tx, made.into(), Scope::All).map(Accepted),
    )
    .await
}

pub async fn get_round(who: Only<Anybody>, id: Path<RoundId>) -> Result<Tagged<Round>, Problem> {
    let scope = scope(who.is.role, Scope::Told);
    who.snapshot(move |conn, _| show(conn, id.0, scope).map(Tagged)).await
}

pub async fn list_rounds(
    who: Only<Anybody>,
    id: Path<SeasonId>,
    query: Query<Pages>,
) -> Result<Plain<RoundPage>, Problem> {
    let (season, scope) = (id.0, scope(who.is.role, Scope::Computed));
    let limit = cursor::limit(query.0.limit)?;
    let list = format!("rounds {season} {scope:?}");
    who.snapshot(move |conn, _| {
        let is_hidden = seasons::get(conn, season)?.state == SeasonState::Draft;
        if is_hidden && scope != Scope::All {
            return Err(Code::NotFound.into());
        }
        let after = query.0.cursor.map(|text| cursor::read(conn.seal, &list, &text)).transpose()?;
        let after = after.map(|a| RoundId(a.id));
        let rows = table::page(conn, season, scope, after, limit + 1)?;
        let (rows, end) = cursor::page(rows, limit, |row| After { order: 0, id: row.id.uuid() });
        let data = rows.into_iter().map(|row| whole(conn, row, scope)).collect::<Result<_, _>>()?;
        let next_cursor = end.map(|end| cursor::write(conn.seal, &list, end));
        Ok(Plain(RoundPage { data, next_cursor }))
    })
    .await
}

fn approve(
    tx: &mut Tx<'_>,
    now: Instant,
    id: RoundId,
    tag: &IfMatch,
    role: Role,
) -> Result<Tagged<Round>, Problem> {
    let row = table::get(tx, id, Scope::All)?;
    let present = show(tx, id, Scope::All)?;
    if leads_to(RoundEvent::Approve, row.state) && tx.repeats(row.changed_by) {
        return Ok(Tagged(present));
    }
    tag.holds(row.version, || tag_of(&present))?;
    let step = decide(row.state, RoundEvent::Approve, role)
        .map_err(|r| Problem::state(r, tag_of(&present)))?;
    let by = tx.actor.account.ok_or(Code::TokenMissing)?;
    if let Some(computed_by) = row.computed_by {
        approver(computed_by, by).map_err(Problem::from)?;
    }
    table::keep(tx, &row, step, |row| RoundRow {
        approved_by: Some(by),
        approved_at: Some(now),
        ..row
    })?;
    show(tx, id, Scope::All).map(Tagged)
}

pub async fn approve_round(
    who: Only<Office>,
    id: Path<RoundId>,
    tag: IfMatch,
) -> Result<Tagged<Round>, Problem> {
    let role = who.role()?;
    who.write(move |tx, now| approve(tx, now, id.0, &tag, role)).await
}

/// The round as published, or what made it void: that is kept, and told as a refusal.
type Published = Result<Round, Problem>;

fn publish(
    tx: &mut Tx<'_>,
    now: Instant,
    id: RoundId,
    tag: &IfMatch,
) -> Result<Published, Problem> {
    let row = table::get(tx, id, Scope::All)?;
    let present = show(tx, id, Scope::All)?;
    if leads_to(RoundEvent::Publish, row.state) && tx.repeats(row.changed_by) {
        return Ok(Ok(present));
    }
    tag.holds(row.version, || tag_of(&present))?;
    let refused = |r| Problem::state(r, tag_of(&present));
    let step = decide(row.state, RoundEvent::Publish, Role::Lead).map_err(refused)?;
    let season = seasons::get(tx, row.season_id)?;
    let input = inputs::get(tx, row.season_id, row.input_version)?;
    let beacon_at = input.beacon_at.ok_or(Code::StateConflict)?;
    if let Err(late) = reveal(beacon_at, now, &rules_of(&season)?) {
        let step = decide(row.state, RoundEvent::Void, Role::Lead).map_err(refused)?;
        table::keep(tx, &row, step, |row| row)?;
        return Ok(Err(late.into()));
    }
    let ahead = decide(season.state, SeasonEvent::Publish, Role::Lead).map_err(refused)?;
    let secret = seasons::secret(tx, &season)?;
    let by = tx.actor.account;
    table::keep(tx, &row, step, |row| RoundRow {
        published_by: by,
        published_at: Some(now),
        secret_revealed: Some(secret.to_vec()),
        ..row
    })?;
    seasons::keep(tx, &season, ahead)?;
    show(tx, id, Scope::All).map(Ok)
}

pub async fn publish_round(
    who: Only<Lead>,
    id: Path<RoundId>,
    tag: IfMatch,
) -> Result<Tagged<Round>, Problem> {
    who.write(move |tx, now| publish(tx, now, id.0, &tag)).await?.map(Tagged)
}
