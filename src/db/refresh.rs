//! Refresh tokens: one use each, in families; reuse of an old one ends its family (RFC 9700).
//! The only writer of its table. Must not know: access tokens.

use super::accounts::{self, AccountRow};
use super::schema::refresh_tokens;
use super::types::{AccountState, AnyId};
use super::{Conn, Fault, MultiBackend, Tx};
use crate::domain::ids::AccountId;
use crate::domain::time::Instant;
use crate::seal::random;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;

/// Days that a session lives without use.
const DAYS: i64 = 30;
/// Seconds in which an old token still serves, for a client that lost the answer.
const GRACE: i64 = 30;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
struct RefreshRow {
    id: AnyId,
    family: AnyId,
    account_id: AccountId,
    token_hash: Vec<u8>,
    expires_at: Instant,
    used_at: Option<Instant>,
    revoked_at: Option<Instant>,
}

fn hash_of(conn: &Conn<'_>, token: &str) -> Vec<u8> {
    conn.seal.index("refresh_tokens.token", token.as_bytes())
}

fn issue(tx: &mut Tx<'_>, account: AccountId, family: Option<AnyId>) -> Result<String, Fault> {
    let token = URL_SAFE_NO_PAD.encode(random::<32>().map_err(Fault::broken)?);
    let id = AnyId(tx.new_id());
    let row = RefreshRow {
        id,
        family: family.unwrap_or(id),
        account_id: account,
        token_hash: hash_of(tx, &token),
        expires_at: tx.now.plus_hours(24 * DAYS),
        used_at: None,
        revoked_at: None,
    };
    diesel::insert_into(refresh_tokens::table).values(&row).execute(tx.db)?;
    Ok(token)
}

/// The first token of a new family. None if the account changed after `seen` was read: a log-in
/// that was under way must not outlive the change.
pub fn begin(tx: &mut Tx<'_>, seen: &AccountRow) -> Result<Option<String>, Fault> {
    let Some(account) = accounts::still(tx, seen)? else { return Ok(None) };
    tx.journal("account", account.id.uuid(), "log_in", None)?;
    issue(tx, account.id, None).map(Some)
}

fn get(conn: &mut Conn<'_>, token: &str) -> Result<Option<RefreshRow>, Fault> {
    let hash = hash_of(conn, token);
    let query = refresh_tokens::table.filter(refresh_tokens::token_hash.eq(hash));
    Ok(query.select(RefreshRow::as_select()).first(conn.db).optional()?)
}

/// What a presented token is worth.
#[derive(Debug)]
pub enum Turned {
    /// The account as it stands, and the next token of the family.
    Next(Box<AccountRow>, String),
    /// Unknown, expired or revoked.
    Refused,
    /// Of an account that may not log in any more.
    Disabled,
    /// An old token came back after the grace: somebody stole one, and the family is over.
    FamilyEnded,
}

/// Takes a token and gives the next one.
pub fn turn(tx: &mut Tx<'_>, token: &str) -> Result<Turned, Fault> {
    let Some(row) = get(tx, token)? else { return Ok(Turned::Refused) };
    if row.revoked_at.is_some() || row.expires_at <= tx.now {
        return Ok(Turned::Refused);
    }
    match row.used_at {
        Some(used) if used.plus_seconds(GRACE) < tx.now => {
            end_family(tx, row.family)?;
            tx.journal("account", row.account_id.uuid(), "refresh_reused", None)?;
            return Ok(Turned::FamilyEnded);
        }
        Some(_) => {}
        None => {
            diesel::update(refresh_tokens::table.find(row.id))
                .set(refresh_tokens::used_at.eq(tx.now))
                .execute(tx.db)?;
        }
    }
    let account = accounts::get(tx, row.account_id)?;
    if account.state != AccountState::Active {
        return Ok(Turned::Disabled);
    }
    let next = issue(tx, row.account_id, Some(row.family))?;
    Ok(Turned::Next(Box::new(account), next))
}

fn end_family(tx: &mut Tx<'_>, family: AnyId) -> Result<(), Fault> {
    diesel::update(refresh_tokens::table.filter(refresh_tokens::family.eq(family)))
        .set(refresh_tokens::revoked_at.eq(tx.now))
        .execute(tx.db)?;
    Ok(())
}

/// Ends the session that the token belongs to, if the account owns it.
pub fn end(tx: &mut Tx<'_>, account: AccountId, token: &str) -> Result<(), Fault> {
    match get(tx, token)? {
        Some(row) if row.account_id == account => {
            end_family(tx, row.family)?;
            tx.journal("account", account.uuid(), "log_out", None)
        }
        _ => Ok(()),
    }
}

/// Ends every session of an account.
pub fn end_all(tx: &mut Tx<'_>, account: AccountId) -> Result<(), Fault> {
    let theirs = refresh_tokens::table
        .filter(refresh_tokens::account_id.eq(account))
        .filter(refresh_tokens::revoked_at.is_null());
    diesel::update(theirs).set(refresh_tokens::revoked_at.eq(tx.now)).execute(tx.db)?;
    Ok(())
}
