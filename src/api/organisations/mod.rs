//! Organisations: register, read, change, advise, approve, suspend.
//! Must not know: quotas.

mod wire;

use super::answer::{Created, Plain, Tagged, tag_of};
use super::cursor::{self, After};
use super::extract::{IfMatch, Json, Key, Patch, Path, Query, Wire};
use super::guard::{Kadin, Office, Only, Or, Partner};
use super::problem::Problem;
use crate::db::organisations::{self as table, Filter, OrganisationRow, Scope};
use crate::db::{Conn, Tx};
use crate::domain::ids::OrganisationId;
use crate::domain::lifecycle::{Refusal, decide, leads_to};
use crate::domain::organisations::{OrganisationEvent, may_change};
use crate::domain::roles::Role;
use wire::{
    EndorseOrganisation, ListOrganisations, Organisation, OrganisationPage, RegisterOrganisation,
    SuspendOrganisation,
};

type Reader = Or<Or<Office, Kadin>, Partner>;

fn scope_of(who: &Reader) -> Scope {
    match who {
        Or::This(_) => Scope::All,
        Or::That(partner) => Scope::Own(partner.organisation),
    }
}

fn show(conn: &mut Conn<'_>, id: OrganisationId) -> Result<Organisation, Problem> {
    Ok(table::get(conn, id, Scope::All)?.into())
}

fn tag_now(row: &OrganisationRow) -> String {
    tag_of(&Organisation::from(row.clone()))
}

pub async fn register_organisation(
    who: Only<Or<Office, Kadin>>,
    key: Key,
    body: Json<RegisterOrganisation>,
) -> Result<Created<Organisation>, Problem> {
    let Json(new, seen) = body;
    who.once(
        key,
        seen,
        move |tx, _, id| {
            table::insert(tx, id.into(), &new)?;
            Ok(None)
        },
        |tx, id| show(tx, id.into()).map(Created),
    )
    .await
}

pub async fn get_organisation(
    who: Only<Reader>,
    id: Path<OrganisationId>,
) -> Result<Tagged<Organisation>, Problem> {
    let scope = scope_of(&who.is);
    who.read(move |conn, _| Ok(Tagged(table::get(conn, id.0, scope)?.into()))).await
}

pub async fn list_organisations(
    who: Only<Or<Office, Kadin>>,
    query: Query<ListOrganisations>,
) -> Result<Plain<OrganisationPage>, Problem> {
    let query = query.0;
    let limit = cursor::limit(query.limit)?;
    let filter = Filter { kind: query.kind, state: query.state };
    let list = format!("organisations {filter:?}");
    who.read(move |conn, _| {
        let after = query.cursor.map(|text| cursor::read(conn.seal, &list, &text)).transpose()?;
        let rows = table::page(conn, filter, after.map(|a| a.id.into()), limit + 1)?;
        let at = |row: &OrganisationRow| After { order: 0, id: row.id.uuid() };
        let (rows, end) = cursor::page(rows, limit, at);
        Ok(Plain(OrganisationPage {
            data: rows.into_iter().map(Into::into).collect(),
            next_cursor: end.map(|end| cursor::write(conn.seal, &list, end)),
        }))
    })
    .await
}

pub async fn change_organisation(
    who: Only<Or<Office, Kadin>>,
    id: Path<OrganisationId>,
    tag: IfMatch,
    patch: Patch<RegisterOrganisation>,
) -> Result<Tagged<Organisation>, Problem> {
    let role = who.role()?;
    who.write(move |tx, _| {
        let row = table::get(tx, id.0, Scope::All)?;
        let present = RegisterOrganisation::from(&row);
        let new = patch.onto(&present)?;
        let stands = present.value().is_ok_and(|present| present == new);
        if !(stands && tx.repeats(row.changed_by)) {
            tag.holds(row.version, || tag_now(&row))?;
            if !may_change(role, row.state) {
                return Err(Problem::state(Refusal::State, tag_now(&row)));
            }
            table::rewrite(tx, &row, &new)?;
        }
        show(tx, id.0).map(Tagged)
    })
    .await
}

pub async fn endorse_organisation(
    who: Only<Kadin>,
    id: Path<OrganisationId>,
    tag: IfMatch,
    body: Json<EndorseOrganisation>,
) -> Result<Tagged<Organisation>, Problem> {
    let note = body.0;
    who.write(move |tx, _| {
        let row = table::get(tx, id.0, Scope::All)?;
        let stands = row.endorsement_note.as_ref() == Some(&note);
        if !(stands && tx.repeats(row.changed_by)) {
            tag.holds(row.version, || tag_now(&row))?;
            table::endorse(tx, &row, &note)?;
        }
        show(tx, id.0).map(Tagged)
    })
    .await
}

fn step(
    tx: &mut Tx<'_>,
    id: OrganisationId,
    tag: &IfMatch,
    (event, role): (OrganisationEvent, Role),
    note: Option<&str>,
) -> Result<Tagged<Organisation>, Problem> {
    let row = table::get(tx, id, Scope::All)?;
    if !(leads_to(event, row.state) && tx.repeats(row.changed_by)) {
        tag.holds(row.version, || tag_now(&row))?;
        let step = decide(row.state, event, role).map_err(|r| Problem::state(r, tag_now(&row)))?;
        table::keep(tx, &row, step, note)?;
    }
    show(tx, id).map(Tagged)
}

pub async fn approve_organisation(
    who: Only<Office>,
    id: Path<OrganisationId>,
    tag: IfMatch,
) -> Result<Tagged<Organisation>, Problem> {
    let by = (OrganisationEvent::Approve, who.role()?);
    who.write(move |tx, _| step(tx, id.0, &tag, by, None)).await
}

pub async fn suspend_organisation(
    who: Only<Office>,
    id: Path<OrganisationId>,
    tag: IfMatch,
    body: Json<SuspendOrganisation>,
) -> Result<Tagged<Organisation>, Problem> {
    let by = (OrganisationEvent::Suspend, who.role()?);
    let note = body.0;
    who.write(move |tx, _| step(tx, id.0, &tag, by, Some(&note))).await
}
