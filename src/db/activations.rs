//! One-time codes with which people get their account, or get it back.
//! The only writer of its table. Must not know: passwords.

use super::schema::activation_codes;
use super::{Conn, Fault, MultiBackend, Tx, seekers};
use crate::domain::accounts::PaperCode;
use crate::domain::ids::{AccountId, SeekerId};
use crate::domain::time::{Day, Instant};
use diesel::prelude::*;

/// Long enough to get home from the desk and find help over a weekend, short enough that a lost
/// slip of paper is soon worthless.
const HOURS: i64 = 72;
/// Whoever holds the paper and does not know the birth date guesses five times.
const TRIES: i32 = 5;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = activation_codes, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
struct CodeRow {
    seeker_id: SeekerId,
    code_index: Vec<u8>,
    expires_at: Instant,
    tries: i32,
    made_by: AccountId,
}

fn code_index(conn: &Conn<'_>, code: &PaperCode) -> Vec<u8> {
    conn.seal.index("activation_codes.code", code.as_str().as_bytes())
}

/// Keeps the code's hash in the place of an older one; says until when it serves.
pub fn put(tx: &mut Tx<'_>, seeker: SeekerId, code: &PaperCode) -> Result<Instant, Fault> {
    let made_by = tx.actor.account.ok_or_else(|| Fault::broken("a code needs an officer"))?;
    let expires_at = tx.now.plus_hours(HOURS);
    let code_index = code_index(tx, code);
    drop_of(tx, seeker)?;
    let row = CodeRow { seeker_id: seeker, code_index, expires_at, tries: 0, made_by };
    diesel::insert_into(activation_codes::table).values(&row).execute(tx.db)?;
    tx.journal(seekers::SUBJECT, seeker.uuid(), "make_activation_code", None)?;
    Ok(expires_at)
}

/// A code that was not used yet serves nobody any more.
pub fn drop_of(tx: &mut Tx<'_>, seeker: SeekerId) -> Result<(), Fault> {
    diesel::delete(activation_codes::table.find(seeker)).execute(tx.db)?;
    Ok(())
}

/// Uses the code up if it is good for somebody born on that day. A refused try counts, so the
/// caller must commit it.
pub fn redeem(tx: &mut Tx<'_>, code: &PaperCode, born_on: Day) -> Result<Option<SeekerId>, Fault> {
    let index = code_index(tx, code);
    let query = activation_codes::table.filter(activation_codes::code_index.eq(index));
    let found: Option<CodeRow> = query.select(CodeRow::as_select()).first(tx.db).optional()?;
    let Some(row) = found.filter(|r| r.expires_at > tx.now && r.tries < TRIES) else {
        return Ok(None);
    };
    if seekers::get(tx, row.seeker_id, seekers::Scope::All)?.born_on == born_on {
        drop_of(tx, row.seeker_id)?;
        return Ok(Some(row.seeker_id));
    }
    diesel::update(activation_codes::table.find(row.seeker_id))
        .set(activation_codes::tries.eq(row.tries + 1))
        .execute(tx.db)?;
    tx.journal(seekers::SUBJECT, row.seeker_id.uuid(), "activation_refused", None)?;
    Ok(None)
}

/// A code that waits, without its hash.
#[derive(Debug, Clone, Copy, Queryable)]
pub struct Waiting {
    pub expires_at: Instant,
    pub tries: i32,
}

/// The code that waits for a person.
pub fn of(conn: &mut Conn<'_>, seeker: SeekerId) -> Result<Option<Waiting>, Fault> {
    let query = activation_codes::table.find(seeker);
    let columns = (activation_codes::expires_at, activation_codes::tries);
    Ok(query.select(columns).first(conn.db).optional()?)
}
