//! Clients: machines that the lead officer lets in, their secrets, and their end.
//! Must not know: how a secret is kept.

mod keys;
mod wire;

pub use keys::{add_client_key, end_client_key};

use super::answer::{CreatedOnce, Plain, Tagged, tag_of};
use super::cursor::{self, After, Paging};
use super::extract::{IfMatch, Json, Key, Path, Path2, Query, Seen};
use super::guard::{Lead, Only};
use super::problem::Problem;
use crate::db::accounts::{self as table, AccountRow, NewClient};
use crate::db::types::{AccountData, AccountState};
use crate::db::{Conn, Tx, client_keys, secrets};
use crate::domain::ids::{AccountId, SecretId};
use crate::domain::lifecycle::Refusal;
use crate::domain::problem::{Code, Problems};
use crate::password;
use wire::{Client, ClientPage, ClientWithSecret, CreateClient, Draft};

fn show(conn: &mut Conn<'_>, id: AccountId) -> Result<Client, Problem> {
    let row = table::client(conn, id)?;
    Ok(Client::of(row, &secrets::of(conn, &[id])?, &client_keys::of(conn, &[id])?)?)
}

fn told(
    tx: &mut Tx<'_>,
    id: AccountId,
    client_secret: Option<String>,
) -> Result<CreatedOnce<ClientWithSecret>, Problem> {
    Ok(CreatedOnce(ClientWithSecret { client: show(tx, id)?, client_secret }))
}

/// A client of demo data needs some.
fn sandbox_is_there(who: &Only<Lead>, data: AccountData) -> Result<(), Problem> {
    let mut p = Problems::default();
    if data == AccountData::Demo && who.app().sandbox.is_none() {
        p.add("/sandbox", Code::SandboxOff);
    }
    p.done(|| Some(())).map_err(Problem::from)
}

pub async fn create_client(
    who: Only<Lead>,
    key: Key,
    body: Json<CreateClient>,
) -> Result<CreatedOnce<ClientWithSecret>, Problem> {
    who.freshly()?;
    let Json(Draft { name, scopes, data }, seen) = body;
    sandbox_is_there(&who, data)?;
    let new = NewClient { name, scopes, data, password_hash: password::NOBODY.to_owned() };
    who.once(
        key,
        seen,
        move |tx, _, id| {
            table::insert_client(tx, id.into(), new.clone())?;
            let secret = SecretId(tx.new_id());
            let secret = secrets::add(tx, id.into(), secret)?;
            told(tx, id.into(), secret).map(Some)
        },
        |tx, id| told(tx, id.into(), None),
    )
    .await
}

pub async fn get_client(who: Only<Lead>, id: Path<AccountId>) -> Result<Tagged<Client>, Problem> {
    who.snapshot(move |conn, _| show(conn, id.0).map(Tagged)).await
}

pub async fn list_clients(
    who: Only<Lead>,
    query: Query<Paging>,
) -> Result<Plain<ClientPage>, Problem> {
    const LIST: &str = "clients";
    let query = query.0;
    let limit = cursor::limit(query.limit)?;
    who.snapshot(move |conn, _| {
        let after = query.cursor.map(|text| cursor::read(conn.seal, LIST, &text)).transpose()?;
        let rows = table::clients(conn, after.map(|a| a.id.into()), limit + 1)?;
        let at = |row: &AccountRow| After { order: 0, id: row.id.uuid() };
        let (rows, end) = cursor::page(rows, limit, at);
        let ids: Vec<AccountId> = rows.iter().map(|row| row.id).collect();
        let (secrets, keys) = (secrets::of(conn, &ids)?, client_keys::of(conn, &ids)?);
        let shown = rows.into_iter().map(|row| Client::of(row, &secrets, &keys));
        let data = shown.collect::<Result<_, _>>()?;
        let next_cursor = end.map(|end| cursor::write(conn.seal, LIST, end));
        Ok(Plain(ClientPage { data, next_cursor }))
    })
    .await
}

/// A second secret; 409 for a third, and for a client that is disabled.
fn add(tx: &mut Tx<'_>, id: AccountId, secret: SecretId) -> Result<String, Problem> {
    let row = table::client(tx, id)?;
    let tag = tag_of(&show(tx, id)?);
    if row.state == AccountState::Disabled {
        return Err(Problem::state(Refusal::State, tag));
    }
    let Some(secret) = secrets::add(tx, id, secret)? else {
        let mut full = Problem::from(Code::SecretsFull);
        full.tag = Some(tag);
        return Err(full);
    };
    table::touch(tx, &row)?;
    Ok(secret)
}

pub async fn add_client_secret(
    who: Only<Lead>,
    id: Path<AccountId>,
    key: Key,
) -> Result<CreatedOnce<ClientWithSecret>, Problem> {
    who.freshly()?;
    let (id, seen) = (id.0, Seen::EMPTY);
    who.once(
        key,
        seen,
        move |tx, _, secret| {
            let secret = add(tx, id, secret.into())?;
            told(tx, id, Some(secret)).map(Some)
        },
        move |tx, _| told(tx, id, None),
    )
    .await
}

pub async fn end_client_secret(
    who: Only<Lead>,
    path: Path2<AccountId, SecretId>,
    tag: IfMatch,
) -> Result<Tagged<Client>, Problem> {
    let Path2(id, secret) = path;
    who.write(move |tx, _| {
        let row = table::client(tx, id)?;
        let secret = secrets::get(tx, id, secret)?;
        let present = show(tx, id)?;
        let ended = secret.ended_at.is_some();
        if ended && tx.repeats(row.changed_by) {
            return Ok(Tagged(present));
        }
        tag.holds(row.version, || tag_of(&present))?;
        if ended {
            return Err(Problem::state(Refusal::State, tag_of(&present)));
        }
        secrets::end(tx, &secret)?;
        table::touch(tx, &row)?;
        show(tx, id).map(Tagged)
    })
    .await
}

pub async fn disable_client(
    who: Only<Lead>,
    id: Path<AccountId>,
    tag: IfMatch,
) -> Result<Tagged<Client>, Problem> {
    let id = id.0;
    who.write(move |tx, _| {
        let row = table::client(tx, id)?;
        let present = show(tx, id)?;
        let disabled = row.state == AccountState::Disabled;
        if disabled && tx.repeats(row.changed_by) {
            return Ok(Tagged(present));
        }
        tag.holds(row.version, || tag_of(&present))?;
        if disabled {
            return Err(Problem::state(Refusal::State, tag_of(&present)));
        }
        table::disable_client(tx, &row)?;
        show(tx, id).map(Tagged)
    })
    .await
}
