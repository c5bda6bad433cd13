//! Public keys of clients, by which they prove themselves without a secret: at most two at a time.
//! The only writer of its table. Must not know: what is signed with them.

use super::accounts::{self, AccountRow};
use super::journal::Line;
use super::schema::client_keys;
use super::states::stated;
use super::types::AccountState;
use super::{Conn, Fault, MultiBackend, Tx};
use crate::domain::client_keys::{KeyAlg, PublicKey};
use crate::domain::ids::{AccountId, ClientKeyId};
use crate::domain::time::Instant;
use diesel::prelude::*;
use serde::Serialize;

/// One in use, and the next one while the client changes over.
const AT_MOST: usize = 2;

#[derive(Debug, Clone, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = client_keys, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
pub struct KeyRow {
    pub id: ClientKeyId,
    pub client_id: AccountId,
    pub alg: KeyAlg,
    pub public_key: Vec<u8>,
    pub created_at: Instant,
    pub ended_at: Option<Instant>,
}

stated!(KeyRow of client_keys, |row| (accounts::CLIENT, row.client_id.uuid()));

/// The keys of these clients that serve, oldest first.
pub fn of(conn: &mut Conn<'_>, clients: &[AccountId]) -> Result<Vec<KeyRow>, Fault> {
    let theirs = client_keys::table
        .filter(client_keys::client_id.eq_any(clients))
        .filter(client_keys::ended_at.is_null());
    Ok(theirs.select(KeyRow::as_select()).order(client_keys::id.asc()).load(conn.db)?)
}

pub fn get(conn: &mut Conn<'_>, client: AccountId, id: ClientKeyId) -> Result<KeyRow, Fault> {
    let theirs = client_keys::table.find(id).filter(client_keys::client_id.eq(client));
    Ok(theirs.select(KeyRow::as_select()).first(conn.db)?)
}

/// Whether there was room for one more.
pub fn add(
    tx: &mut Tx<'_>,
    client: AccountId,
    id: ClientKeyId,
    key: &PublicKey,
) -> Result<bool, Fault> {
    if of(tx, &[client])?.len() >= AT_MOST {
        return Ok(false);
    }
    let row = KeyRow {
        id,
        client_id: client,
        alg: key.alg,
        public_key: key.bytes.clone(),
        created_at: tx.now,
        ended_at: None,
    };
    diesel::insert_into(client_keys::table).values(&row).execute(tx.db)?;
    let detail = serde_json::json!({ "alg": key.alg.as_str() });
    tx.journal_new(&row, Line::of("add_key").with(detail))?;
    Ok(true)
}

pub fn end(tx: &mut Tx<'_>, row: &KeyRow) -> Result<(), Fault> {
    diesel::update(client_keys::table.find(row.id))
        .set(client_keys::ended_at.eq(tx.now))
        .execute(tx.db)?;
    tx.journal_change(row, Line::of("end_key"))
}

/// The active client with its keys.
pub fn client_with(
    conn: &mut Conn<'_>,
    id: AccountId,
) -> Result<Option<(AccountRow, Vec<KeyRow>)>, Fault> {
    let client = match accounts::client(conn, id) {
        Err(Fault::NotFound) => None,
        found => Some(found?),
    };
    let keys = of(conn, &[id])?;
    Ok(client.filter(|client| client.state == AccountState::Active).map(|client| (client, keys)))
}
