//! Accounts: make, list, change, disable. Must not know: how a password is hashed.

mod wire;

use super::answer::{Created, Plain, Tagged, tag_of};
use super::auth;
use super::cursor::{self, After};
use super::extract::{IfMatch, Json, Key, Patch, Path, Query};
use super::guard::{Lead, Only};
use super::problem::Problem;
use crate::db::accounts::{self as table, AccountRow, NewAccount};
use crate::db::types::AccountState;
use crate::db::{Conn, Fault, Tx, organisations, sessions};
use crate::domain::accounts::{may_be_partner, may_become};
use crate::domain::ids::{AccountId, OrganisationId};
use crate::domain::problem::{Code, Problems};
use crate::domain::roles::Role;
use crate::password::NOBODY;
use wire::{Account, AccountPage, AccountTerms, CreateAccount, Draft, ListAccounts, Terms};

fn show(conn: &mut Conn<'_>, id: AccountId) -> Result<Account, Problem> {
    Ok(table::person(conn, id)?.into())
}

/// The tag of an account as it stands.
pub(super) fn tag(row: &AccountRow) -> String {
    tag_of(&Account::from(row.clone()))
}

/// A partner's organisation is there and employs.
fn check_employer(tx: &mut Tx<'_>, id: Option<OrganisationId>) -> Result<(), Problem> {
    let Some(id) = id else { return Ok(()) };
    let mut p = Problems::default();
    match organisations::get(tx, id, organisations::Scope::All) {
        Ok(row) => drop(p.at("/organisation_id", may_be_partner(row.kind))),
        Err(Fault::NotFound) => p.add("/organisation_id", Code::OrganisationUnknown),
        Err(other) => return Err(other.into()),
    }
    if p.is_empty() { Ok(()) } else { Err(p.into()) }
}

pub async fn create_account(
    who: Only<Lead>,
    key: Key,
    body: Json<CreateAccount>,
) -> Result<Created<Account>, Problem> {
    let Json(Draft { login, name, role, organisation, password }, seen) = body;
    who.freshly()?;
    let password_hash = match password {
        Some(password) => auth::hashed(&who, password, "/password").await?,
        None => NOBODY.to_owned(),
    };
    let new =
        NewAccount { login, name: Some(name), password_hash, role, organisation, seeker: None };
    who.once(
        key,
        seen,
        move |tx, _, id| {
            check_employer(tx, new.organisation)?;
            table::insert(tx, id.into(), new.clone())?;
            Ok(None)
        },
        |tx, id| show(tx, id.into()).map(Created),
    )
    .await
}

pub async fn get_account(who: Only<Lead>, id: Path<AccountId>) -> Result<Tagged<Account>, Problem> {
    who.read(move |conn, _| show(conn, id.0).map(Tagged)).await
}

pub async fn list_accounts(
    who: Only<Lead>,
    query: Query<ListAccounts>,
) -> Result<Plain<AccountPage>, Problem> {
    let query = query.0;
    let limit = cursor::limit(query.limit)?;
    let list = format!("accounts {:?}", query.role);
    who.read(move |conn, _| {
        let after = query.cursor.map(|text| cursor::read(conn.seal, &list, &text)).transpose()?;
        let rows = table::page(conn, query.role, after.map(|a| a.id.into()), limit + 1)?;
        let at = |row: &AccountRow| After { order: 0, id: row.id.uuid() };
        let (rows, end) = cursor::page(rows, limit, at);
        Ok(Plain(AccountPage {
            data: rows.into_iter().map(Into::into).collect(),
            next_cursor: end.map(|end| cursor::write(conn.seal, &list, end)),
        }))
    })
    .await
}

/// The row as it will be, or why it may not become so.
fn changed(row: &AccountRow, patch: &Patch<AccountTerms>) -> Result<AccountRow, Problem> {
    let Terms { name, role, state, organisation } = patch.onto(&row.into())?;
    let mut p = Problems::default();
    p.at("/role", may_become(row.role, role));
    p.done(|| Some(AccountRow { name, role, state, organisation_id: organisation, ..row.clone() }))
        .map_err(Problem::from)
}

fn is_active_lead(row: &AccountRow) -> bool {
    row.role == Role::Lead && row.state == AccountState::Active
}

/// Changes the row; whoever loses a role, a state or an organisation loses the sessions too.
fn change(tx: &mut Tx<'_>, old: &AccountRow, new: &AccountRow) -> Result<(), Problem> {
    if new.organisation_id != old.organisation_id {
        check_employer(tx, new.organisation_id)?;
    }
    if is_active_lead(old) && !is_active_lead(new) && table::active_leads(tx)? <= 1 {
        let mut last = Problem::from(Code::LastLead);
        last.tag = Some(tag(old));
        return Err(last);
    }
    table::change(tx, old, new)?;
    if old.standing() != new.standing() {
        sessions::end_all(tx, old.id)?;
    }
    Ok(())
}

pub async fn change_account(
    who: Only<Lead>,
    id: Path<AccountId>,
    tag: IfMatch,
    patch: Patch<AccountTerms>,
) -> Result<Tagged<Account>, Problem> {
    who.freshly()?;
    who.write(move |tx, _| {
        let old = table::person(tx, id.0)?;
        let new = changed(&old, &patch)?;
        let stands = old.standing() == new.standing() && old.name == new.name;
        if !(stands && tx.repeats(old.changed_by)) {
            tag.holds(old.version, || self::tag(&old))?;
            change(tx, &old, &new)?;
        }
        show(tx, id.0).map(Tagged)
    })
    .await
}
