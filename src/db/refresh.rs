//! Refresh tokens: one use each; reuse of an old one ends its session (RFC 9700).
//! The only writer of its table. Must not know: access tokens.

use super::accounts::{self, AccountRow};
use super::schema::{refresh_tokens, sessions as sessions_table};
use super::sessions::{self, SessionRow};
use super::types::{AccountState, AnyId};
use super::{Conn, Fault, MultiBackend, Tx};
use crate::domain::ids::{AccountId, SessionId};
use crate::domain::sessions::Ends;
use crate::domain::time::Instant;
use crate::seal::random;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;

/// Seconds in which the same answer is given once more, for a client that lost it.
const GRACE: i64 = 30;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
struct RefreshRow {
    id: AnyId,
    session_id: SessionId,
    token_hash: Vec<u8>,
    expires_at: Instant,
    used_at: Option<Instant>,
}

/// A token as its holder gets it, and the session that it keeps alive.
#[derive(Debug, PartialEq, Eq)]
pub struct Issued {
    pub token: String,
    pub session: SessionId,
    /// When its holder last showed a password or a code.
    pub begun_at: Instant,
    /// When the session ends in spite of use.
    pub ends_at: Instant,
}

impl Issued {
    fn of(token: String, session: &SessionRow) -> Self {
        let SessionRow { id, begun_at, ends_at, .. } = *session;
        Self { token, session: id, begun_at, ends_at }
    }
}

fn hash_of(conn: &Conn<'_>, token: &str) -> Vec<u8> {
    conn.seal.index("refresh_tokens.token", token.as_bytes())
}

/// The token that follows: the same whenever it is asked for, and nobody else's guess.
fn next_of(conn: &Conn<'_>, token: &str) -> String {
    URL_SAFE_NO_PAD.encode(conn.seal.index("refresh_tokens.next", token.as_bytes()))
}

fn issue(tx: &mut Tx<'_>, session: &SessionRow, token: String) -> Result<Issued, Fault> {
    let row = RefreshRow {
        id: AnyId(tx.new_id()),
        session_id: session.id,
        token_hash: hash_of(tx, &token),
        expires_at: session.expires_at,
        used_at: None,
    };
    diesel::insert_into(refresh_tokens::table).values(&row).execute(tx.db)?;
    Ok(Issued::of(token, session))
}

/// The first token of a new session. None if the account changed after `seen` was read: a log-in
/// that was under way must not outlive the change.
pub fn begin(tx: &mut Tx<'_>, seen: &AccountRow, ends: Ends) -> Result<Option<Issued>, Fault> {
    let Some(account) = accounts::still(tx, seen)? else { return Ok(None) };
    let session = sessions::begin(tx, account.id, ends.of(account.role))?;
    let token = URL_SAFE_NO_PAD.encode(random::<32>().map_err(Fault::broken)?);
    issue(tx, &session, token).map(Some)
}

fn get(conn: &mut Conn<'_>, token: &str) -> Result<Option<(RefreshRow, SessionRow)>, Fault> {
    let hash = hash_of(conn, token);
    let query = refresh_tokens::table.filter(refresh_tokens::token_hash.eq(hash));
    let found: Option<RefreshRow> =
        query.select(RefreshRow::as_select()).first(conn.db).optional()?;
    let Some(row) = found else { return Ok(None) };
    let session = sessions::get(conn, row.session_id)?;
    Ok(Some((row, session)))
}

/// What a presented token is worth.
#[derive(Debug)]
pub enum Turned {
    /// The account as it stands, and the next token of the session.
    Next(Box<AccountRow>, Issued),
    /// Unknown or expired, or its session is over.
    Refused,
    /// Of an account that may not log in any more.
    Disabled,
    /// An old token came back after the grace, or after its follower was used: somebody stole one,
    /// and the session is over.
    SessionEnded,
}

/// Takes a token and gives the next one; within the grace the same next one, as long as nobody used
/// it.
pub fn turn(tx: &mut Tx<'_>, token: &str, ends: Ends) -> Result<Turned, Fault> {
    let Some((row, session)) = get(tx, token)? else { return Ok(Turned::Refused) };
    if session.ended_at.is_some() || row.expires_at <= tx.now {
        return Ok(Turned::Refused);
    }
    let next = next_of(tx, token);
    let followed = get(tx, &next)?.map(|(row, _)| row);
    let late = row.used_at.is_some_and(|used| used.plus_seconds(GRACE) < tx.now);
    if late || followed.as_ref().is_some_and(|next| next.used_at.is_some()) {
        sessions::end(tx, &session, "refresh_reused")?;
        return Ok(Turned::SessionEnded);
    }
    let account = accounts::get(tx, session.account_id)?;
    if account.state != AccountState::Active {
        return Ok(Turned::Disabled);
    }
    if followed.is_some() {
        return Ok(Turned::Next(Box::new(account), Issued::of(next, &session)));
    }
    diesel::update(refresh_tokens::table.find(row.id))
        .set(refresh_tokens::used_at.eq(tx.now))
        .execute(tx.db)?;
    let session = sessions::extend(tx, session, ends.of(account.role))?;
    let next = issue(tx, &session, next)?;
    Ok(Turned::Next(Box::new(account), next))
}

/// Ends the session that the token belongs to, if the account owns it.
pub fn end(tx: &mut Tx<'_>, account: AccountId, token: &str) -> Result<(), Fault> {
    match get(tx, token)? {
        Some((_, session)) if session.account_id == account => {
            sessions::end(tx, &session, "log_out")
        }
        _ => Ok(()),
    }
}

/// Those that could last be used before that moment. Returns how many.
pub fn forget_before(tx: &mut Tx<'_>, before: Instant) -> Result<usize, Fault> {
    let old = refresh_tokens::table.filter(refresh_tokens::expires_at.lt(before));
    Ok(diesel::delete(old).execute(tx.db)?)
}

/// Those of an account that is closed.
pub fn forget_of(tx: &mut Tx<'_>, account: AccountId) -> Result<(), Fault> {
    let theirs = sessions_table::table
        .filter(sessions_table::account_id.eq(account))
        .select(sessions_table::id);
    let tokens = refresh_tokens::table.filter(refresh_tokens::session_id.eq_any(theirs));
    diesel::delete(tokens).execute(tx.db)?;
    Ok(())
}

/// A token by its times alone.
#[derive(Debug, Clone, Queryable)]
pub struct Kept {
    pub id: AnyId,
    pub session: SessionId,
    pub expires_at: Instant,
    pub used_at: Option<Instant>,
}

/// Every token of an account that is still kept, the oldest first.
pub fn kept(conn: &mut Conn<'_>, account: AccountId) -> Result<Vec<Kept>, Fault> {
    let theirs = sessions_table::table
        .filter(sessions_table::account_id.eq(account))
        .select(sessions_table::id);
    let query = refresh_tokens::table
        .filter(refresh_tokens::session_id.eq_any(theirs))
        .order(refresh_tokens::id.asc())
        .select((
            refresh_tokens::id,
            refresh_tokens::session_id,
            refresh_tokens::expires_at,
            refresh_tokens::used_at,
        ));
    Ok(query.load(conn.db)?)
}
