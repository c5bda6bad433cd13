//! Rounds: compute, approve, publish, read.
//! Must not know: how seats are found.

mod explanation;
mod seats;
mod summary;
mod told;
mod wire;

pub(super) use explanation::wishes as explained_wishes;
pub use explanation::{ExplainedWish, get_explanation};
pub use seats::list_seats;
pub use summary::get_summary;

use super::answer::{Accepted, Plain, Tagged, tag_of};
use super::cursor::{self, After};
use super::extract::{IfMatch, Key, Path, Query, Seen};
use super::guard::{Anybody, Lead, Office, Only};
use super::problem::Problem;
use crate::acts::publish_round as act;
use crate::acts::queue_round::queue_round;
use crate::acts::stop::Stop;
use crate::db::rounds::{self as table, RoundRow, Scope};
use crate::db::{Conn, Tx, inputs, seasons};
use crate::domain::ids::{RoundId, SeasonId};
use crate::domain::lifecycle::leads_to;
use crate::domain::problem::Code;
use crate::domain::roles::Role;
use crate::domain::rounds::{RoundEvent, RoundState};
use crate::domain::seasons::SeasonState;
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
    let open = match (scope, row.state) {
        (Scope::All, _) => None,
        (_, RoundState::Published) => Some(told::told(conn, &row, &season)?.0),
        _ => None,
    };
    let round = Round::of(row, &season, input, scope == Scope::All);
    Ok(match open {
        Some(open) => round.told_outside(&open),
        None => round,
    })
}

fn show(conn: &mut Conn<'_>, id: RoundId, scope: Scope) -> Result<Round, Problem> {
    let row = table::get(conn, id, scope)?;
    whole(conn, row, scope)
}

pub async fn compute_round(
    who: Only<Office>,
    id: Path<SeasonId>,
    key: Key,
) -> Result<Accepted<Round>, Problem> {
    who.once(
        key,
        Seen::EMPTY,
        move |tx, _, made| {
            queue_round(tx, id.0, made.into())?;
            Ok(None)
        },
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

/// The round after the step, or what made it void: that is kept, and told as a refusal.
type InTime = Result<Round, Problem>;

/// A refusal of the lifecycle shows how the round stands.
fn told(stop: Stop, present: &Round) -> Problem {
    match stop {
        Stop::State(refusal) => Problem::state(refusal, tag_of(present)),
        other => other.into(),
    }
}

fn approve(tx: &mut Tx<'_>, id: RoundId, tag: &IfMatch, role: Role) -> Result<InTime, Problem> {
    let row = table::get(tx, id, Scope::All)?;
    let present = show(tx, id, Scope::All)?;
    if leads_to(RoundEvent::Approve, row.state) && tx.repeats(row.changed_by) {
        return Ok(Ok(present));
    }
    tag.holds(row.version, || tag_of(&present))?;
    match act::approve_round(tx, &row, role).map_err(|stop| told(stop, &present))? {
        Ok(()) => show(tx, id, Scope::All).map(Ok),
        Err(late) => Ok(Err(late.into())),
    }
}

pub async fn approve_round(
    who: Only<Office>,
    id: Path<RoundId>,
    tag: IfMatch,
) -> Result<Tagged<Round>, Problem> {
    let role = who.role()?;
    who.write(move |tx, _| approve(tx, id.0, &tag, role)).await?.map(Tagged)
}

fn publish(tx: &mut Tx<'_>, id: RoundId, tag: &IfMatch) -> Result<InTime, Problem> {
    let row = table::get(tx, id, Scope::All)?;
    let present = show(tx, id, Scope::All)?;
    if leads_to(RoundEvent::Publish, row.state) && tx.repeats(row.changed_by) {
        return Ok(Ok(present));
    }
    tag.holds(row.version, || tag_of(&present))?;
    match act::publish_round(tx, &row).map_err(|stop| told(stop, &present))? {
        Ok(()) => show(tx, id, Scope::All).map(Ok),
        Err(late) => Ok(Err(late.into())),
    }
}

pub async fn publish_round(
    who: Only<Lead>,
    id: Path<RoundId>,
    tag: IfMatch,
) -> Result<Tagged<Round>, Problem> {
    who.write(move |tx, _| publish(tx, id.0, &tag)).await?.map(Tagged)
}
