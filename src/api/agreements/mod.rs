//! Agreements: propose, read, change, confirm, end.
//! Must not know: seasons.

mod wire;

use super::answer::{Created, Plain, Tagged, tag_of};
use super::cursor::{self, After, Paging};
use super::extract::{IfMatch, Json, Key, Patch, Path, Query, Wire};
use super::guard::{Kadin, Office, Only, Or};
use super::problem::Problem;
use crate::db::agreements::{self as table, AgreementRow};
use crate::db::{Conn, Tx};
use crate::domain::agreements::{AgreementEvent, AgreementState, may_change};
use crate::domain::ids::AgreementId;
use crate::domain::lifecycle::{Refusal, decide, leads_to};
use crate::domain::roles::Role;
use wire::{Agreement, AgreementPage, ProposeAgreement};

fn show(conn: &mut Conn<'_>, id: AgreementId) -> Result<Agreement, Problem> {
    Ok((&table::get(conn, id)?).into())
}

fn tag_now(row: &AgreementRow) -> String {
    tag_of(&Agreement::from(row))
}

pub async fn propose_agreement(
    who: Only<Or<Office, Kadin>>,
    key: Key,
    body: Json<ProposeAgreement>,
) -> Result<Created<Agreement>, Problem> {
    let Json(new, seen) = body;
    who.once(
        key,
        seen,
        move |tx, _, id| {
            table::insert(tx, id.into(), &new, AgreementState::Proposed)?;
            Ok(None)
        },
        |tx, id| show(tx, id.into()).map(Created),
    )
    .await
}

pub async fn get_agreement(
    who: Only<Or<Office, Kadin>>,
    id: Path<AgreementId>,
) -> Result<Tagged<Agreement>, Problem> {
    who.read(move |conn, _| show(conn, id.0).map(Tagged)).await
}

pub async fn list_agreements(
    who: Only<Or<Office, Kadin>>,
    query: Query<Paging>,
) -> Result<Plain<AgreementPage>, Problem> {
    const LIST: &str = "agreements";
    let query = query.0;
    let limit = cursor::limit(query.limit)?;
    who.read(move |conn, _| {
        let after = query.cursor.map(|text| cursor::read(conn.seal, LIST, &text)).transpose()?;
        let rows = table::page(conn, after.map(|a| a.id.into()), limit + 1)?;
        let at = |row: &AgreementRow| After { order: 0, id: row.id.uuid() };
        let (rows, end) = cursor::page(rows, limit, at);
        Ok(Plain(AgreementPage {
            data: rows.iter().map(Into::into).collect(),
            next_cursor: end.map(|end| cursor::write(conn.seal, LIST, end)),
        }))
    })
    .await
}

pub async fn change_agreement(
    who: Only<Or<Office, Kadin>>,
    id: Path<AgreementId>,
    tag: IfMatch,
    patch: Patch<ProposeAgreement>,
) -> Result<Tagged<Agreement>, Problem> {
    let role = who.role()?;
    who.write(move |tx, _| {
        let row = table::get(tx, id.0)?;
        let present = ProposeAgreement::from(&row);
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

fn step(
    tx: &mut Tx<'_>,
    id: AgreementId,
    tag: &IfMatch,
    event: AgreementEvent,
    role: Role,
) -> Result<Tagged<Agreement>, Problem> {
    let row = table::get(tx, id)?;
    if !(leads_to(event, row.state) && tx.repeats(row.changed_by)) {
        tag.holds(row.version, || tag_now(&row))?;
        let step = decide(row.state, event, role).map_err(|r| Problem::state(r, tag_now(&row)))?;
        table::keep(tx, &row, step)?;
    }
    show(tx, id).map(Tagged)
}

pub async fn confirm_agreement(
    who: Only<Office>,
    id: Path<AgreementId>,
    tag: IfMatch,
) -> Result<Tagged<Agreement>, Problem> {
    let role = who.role()?;
    who.write(move |tx, _| step(tx, id.0, &tag, AgreementEvent::Confirm, role)).await
}

pub async fn end_agreement(
    who: Only<Office>,
    id: Path<AgreementId>,
    tag: IfMatch,
) -> Result<Tagged<Agreement>, Problem> {
    let role = who.role()?;
    who.write(move |tx, _| step(tx, id.0, &tag, AgreementEvent::End, role)).await
}
