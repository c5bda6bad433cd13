//! Public keys of clients: a second one to change over, and the end of one.
//! Must not know: what is signed with them.

use super::show;
use super::wire::{Client, ClientJwk};
use crate::api::answer::{Created, Tagged, tag_of};
use crate::api::extract::{IfMatch, Json, Key, Path, Path2};
use crate::api::guard::{Lead, Only};
use crate::api::problem::Problem;
use crate::db::types::AccountState;
use crate::db::{Tx, accounts, client_keys};
use crate::domain::client_keys::PublicKey;
use crate::domain::ids::{AccountId, ClientKeyId};
use crate::domain::lifecycle::Refusal;
use crate::domain::problem::Code;

/// 409 for a third key, and for a client that is disabled.
fn add(
    tx: &mut Tx<'_>,
    id: AccountId,
    new: ClientKeyId,
    key: &PublicKey,
) -> Result<Client, Problem> {
    let row = accounts::client(tx, id)?;
    let tag = tag_of(&show(tx, id)?);
    if row.state == AccountState::Disabled {
        return Err(Problem::state(Refusal::State, tag));
    }
    if !client_keys::add(tx, id, new, key)? {
        let mut full = Problem::from(Code::KeysFull);
        full.tag = Some(tag);
        return Err(full);
    }
    accounts::touch(tx, &row)?;
    show(tx, id)
}

pub async fn add_client_key(
    who: Only<Lead>,
    id: Path<AccountId>,
    key: Key,
    body: Json<ClientJwk>,
) -> Result<Created<Client>, Problem> {
    who.freshly()?;
    let (id, Json(public, seen)) = (id.0, body);
    who.once(
        key,
        seen,
        move |tx, _, new| add(tx, id, new.into(), &public).map(|c| Some(Created(c))),
        move |tx, _| show(tx, id).map(Created),
    )
    .await
}

pub async fn end_client_key(
    who: Only<Lead>,
    path: Path2<AccountId, ClientKeyId>,
    tag: IfMatch,
) -> Result<Tagged<Client>, Problem> {
    let Path2(id, key) = path;
    who.write(move |tx, _| {
        let row = accounts::client(tx, id)?;
        let key = client_keys::get(tx, id, key)?;
        let present = show(tx, id)?;
        let ended = key.ended_at.is_some();
        if ended && tx.repeats(row.changed_by) {
            return Ok(Tagged(present));
        }
        tag.holds(row.version, || tag_of(&present))?;
        if ended {
            return Err(Problem::state(Refusal::State, tag_of(&present)));
        }
        client_keys::end(tx, &key)?;
        accounts::touch(tx, &row)?;
        show(tx, id).map(Tagged)
    })
    .await
}
