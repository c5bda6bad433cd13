//! Seasons: draft, change, read, open, close. Must not know: how an input is frozen.

mod wire;

use super::answer::{Created, Plain, Tagged, tag_of};
use super::cursor::{self, After};
use super::extract::{IfMatch, Json, Key, Patch, Path, Query};
use super::guard::{Anybody, Lead, Only};
use super::problem::Problem;
use crate::acts::close_season::close_season as act_close;
use crate::acts::open_season::{self as act, Secrets, may_stand};
use crate::db::seasons::{self as table, SeasonRow};
use crate::db::{Conn, Fault, Tx};
use crate::domain::ids::SeasonId;
use crate::domain::lifecycle::{Refusal, decide, leads_to};
use crate::domain::roles::Role;
use crate::domain::rulebook::Rulebook;
use crate::domain::seasons::{SeasonEvent, SeasonState};
use wire::{CreateSeason, ListSeasons, Season, SeasonPage};

fn sees_drafts(who: &Anybody) -> bool {
    matches!(who.role, Some(Role::Office | Role::Lead))
}

fn show(
    conn: &mut Conn<'_>,
    id: SeasonId,
    with_drafts: bool,
    rules: &Rulebook,
) -> Result<Season, Problem> {
    let row = table::get(conn, id)?;
    if row.state == SeasonState::Draft && !with_drafts {
        return Err(Fault::NotFound.into());
    }
    let allocations = table::allocations(conn, id)?;
    Ok(Season::of(&row, &allocations, rules)?)
}

/// The tag of the season as the office reads it now: what 409 and 412 carry.
pub(super) fn present_tag(
    conn: &mut Conn<'_>,
    id: SeasonId,
    rules: &Rulebook,
) -> Result<String, Problem> {
    show(conn, id, true, rules).map(|season| tag_of(&season))
}

pub async fn create_season(
    who: Only<Lead>,
    key: Key,
    body: Json<CreateSeason>,
) -> Result<Created<Season>, Problem> {
    let Json(new, seen) = body;
    let (app, again) = (who.app().clone(), who.app().clone());
    who.once(
        key,
        seen,
        move |tx, now, id| {
            may_stand(tx, &new, &app.rules, now)?;
            table::insert(tx, id.into(), &new)?;
            Ok(None)
        },
        move |tx, id| show(tx, id.into(), true, &again.rules).map(Created),
    )
    .await
}

pub async fn get_season(who: Only<Anybody>, id: Path<SeasonId>) -> Result<Tagged<Season>, Problem> {
    let (app, drafts) = (who.app().clone(), sees_drafts(&who.is));
    who.snapshot(move |conn, _| show(conn, id.0, drafts, &app.rules).map(Tagged)).await
}

pub async fn list_seasons(
    who: Only<Anybody>,
    query: Query<ListSeasons>,
) -> Result<Plain<SeasonPage>, Problem> {
    let query = query.0;
    let limit = cursor::limit(query.limit)?;
    let (app, drafts) = (who.app().clone(), sees_drafts(&who.is));
    let list = format!("seasons {drafts}");
    who.snapshot(move |conn, _| {
        let after = query.cursor.map(|text| cursor::read(conn.seal, &list, &text)).transpose()?;
        let rows = table::page(conn, drafts, after.map(|a| a.id.into()), limit + 1)?;
        let at = |row: &SeasonRow| After { order: 0, id: row.id.uuid() };
        let (rows, end) = cursor::page(rows, limit, at);
        let ids: Vec<SeasonId> = rows.iter().map(|row| row.id).collect();
        let allocations = table::allocations_of(conn, &ids)?;
        let season = |row: &SeasonRow| Season::of(row, &allocations, &app.rules);
        Ok(Plain(SeasonPage {
            data: rows.iter().map(season).collect::<Result<_, _>>()?,
            next_cursor: end.map(|end| cursor::write(conn.seal, &list, end)),
        }))
    })
    .await
}

pub async fn change_season(
    who: Only<Lead>,
    id: Path<SeasonId>,
    tag: IfMatch,
    patch: Patch<CreateSeason>,
) -> Result<Tagged<Season>, Problem> {
    let app = who.app().clone();
    who.write(move |tx, now| {
        let row = table::get(tx, id.0)?;
        let stated = table::stated(tx, &row)?;
        let new = patch.onto(&CreateSeason::from(&stated))?;
        if !(stated == new && tx.repeats(row.changed_by)) {
            let present = show(tx, id.0, true, &app.rules)?;
            tag.holds(row.version, || tag_of(&present))?;
            if row.state != SeasonState::Draft {
                return Err(Problem::state(Refusal::State, tag_of(&present)));
            }
            may_stand(tx, &new, &app.rules, now)?;
            table::rewrite(tx, &row, &new)?;
        }
        show(tx, id.0, true, &app.rules).map(Tagged)
    })
    .await
}

/// Repeat, tag and lifecycle: whether the step is still to be done.
fn is_due(
    tx: &mut Tx<'_>,
    row: &SeasonRow,
    tag: &IfMatch,
    (event, role): (SeasonEvent, Role),
    rules: &Rulebook,
) -> Result<bool, Problem> {
    if leads_to(event, row.state) && tx.repeats(row.changed_by) {
        return Ok(false);
    }
    let present = show(tx, row.id, true, rules)?;
    tag.holds(row.version, || tag_of(&present))?;
    decide(row.state, event, role).map_err(|r| Problem::state(r, tag_of(&present)))?;
    Ok(true)
}

pub async fn open_season(
    who: Only<Lead>,
    id: Path<SeasonId>,
    tag: IfMatch,
) -> Result<Tagged<Season>, Problem> {
    let (app, role) = (who.app().clone(), who.role()?);
    let secrets = Secrets::draw()?;
    who.write(move |tx, _| {
        let row = table::get(tx, id.0)?;
        if is_due(tx, &row, &tag, (SeasonEvent::Open, role), &app.rules)? {
            act::open_season(tx, id.0, role, &app.rules, secrets)?;
        }
        show(tx, id.0, true, &app.rules).map(Tagged)
    })
    .await
}

pub async fn close_season(
    who: Only<Lead>,
    id: Path<SeasonId>,
    tag: IfMatch,
) -> Result<Tagged<Season>, Problem> {
    let (app, role) = (who.app().clone(), who.role()?);
    who.write(move |tx, _| {
        let row = table::get(tx, id.0)?;
        let by = (SeasonEvent::Close, role);
        if is_due(tx, &row, &tag, by, &app.rules)? {
            act_close(tx, &row, role)?;
        }
        show(tx, id.0, true, &app.rules).map(Tagged)
    })
    .await
}
