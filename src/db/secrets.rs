//! Secrets of clients: made of chance, kept as SHA-256, at most two at a time.
//! The only writer of its table. Must not know: tokens.

use super::accounts::{self, AccountRow};
use super::journal::Line;
use super::schema::client_secrets;
use super::states::stated;
use super::types::AccountState;
use super::{Conn, Fault, MultiBackend, Tx};
use crate::domain::ids::{AccountId, SecretId};
use crate::domain::time::Instant;
use crate::seal::random;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

/// One in use, and the next one while it is brought to the client.
const AT_MOST: usize = 2;

#[derive(Debug, Clone, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = client_secrets, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
pub struct SecretRow {
    pub id: SecretId,
    pub client_id: AccountId,
    pub secret_hash: Vec<u8>,
    pub created_at: Instant,
    pub ended_at: Option<Instant>,
}

stated!(SecretRow of client_secrets, |row| (accounts::CLIENT, row.client_id.uuid()));

/// 256 bits of chance need no slow hash: nobody tries them through.
fn hash_of(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// The secrets of these clients that serve, oldest first.
pub fn of(conn: &mut Conn<'_>, clients: &[AccountId]) -> Result<Vec<SecretRow>, Fault> {
    let theirs = client_secrets::table
        .filter(client_secrets::client_id.eq_any(clients))
        .filter(client_secrets::ended_at.is_null());
    let query = theirs.select(SecretRow::as_select());
    Ok(query.order(client_secrets::id.asc()).load(conn.db)?)
}

pub fn get(conn: &mut Conn<'_>, client: AccountId, id: SecretId) -> Result<SecretRow, Fault> {
    let theirs = client_secrets::table.find(id).filter(client_secrets::client_id.eq(client));
    Ok(theirs.select(SecretRow::as_select()).first(conn.db)?)
}

/// A new secret, told this once; none if the client has two.
pub fn add(tx: &mut Tx<'_>, client: AccountId, id: SecretId) -> Result<Option<String>, Fault> {
    if of(tx, &[client])?.len() >= AT_MOST {
        return Ok(None);
    }
    let secret = URL_SAFE_NO_PAD.encode(random::<32>().map_err(Fault::broken)?);
    let row = SecretRow {
        id,
        client_id: client,
        secret_hash: hash_of(&secret).to_vec(),
        created_at: tx.now,
        ended_at: None,
    };
    diesel::insert_into(client_secrets::table).values(&row).execute(tx.db)?;
    tx.journal_new(&row, Line::of("add_secret"))?;
    Ok(Some(secret))
}

pub fn end(tx: &mut Tx<'_>, row: &SecretRow) -> Result<(), Fault> {
    diesel::update(client_secrets::table.find(row.id))
        .set(client_secrets::ended_at.eq(tx.now))
        .execute(tx.db)?;
    tx.journal_change(row, Line::of("end_secret"))
}

/// The active client that the secret belongs to. A stranger's guess costs as much as a real one.
pub fn client_with(
    conn: &mut Conn<'_>,
    id: AccountId,
    secret: &str,
) -> Result<Option<AccountRow>, Fault> {
    let client = match accounts::client(conn, id) {
        Err(Fault::NotFound) => None,
        found => Some(found?),
    };
    let (kept, given) = (of(conn, &[id])?, hash_of(secret));
    let mut good = Choice::from(0);
    for place in 0..AT_MOST {
        let hash = kept.get(place).map_or(&[0; 32][..], |row| &row.secret_hash);
        good |= hash.ct_eq(&given);
    }
    Ok(client.filter(|client| bool::from(good) && client.state == AccountState::Active))
}
