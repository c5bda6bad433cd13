//! One-time codes with which staff choose a password: the first one, or one in the place of a
//! forgotten one. The only writer of its table. Must not know: passwords, second factors.

use super::accounts::SUBJECT;
use super::schema::password_codes;
use super::{Fault, MultiBackend, Tx};
use crate::domain::accounts::PaperCode;
use crate::domain::ids::AccountId;
use crate::domain::time::Instant;
use crate::seal::hash;
use diesel::prelude::*;

/// Long enough for a weekend, as the codes of the desk.
const HOURS: i64 = 72;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = password_codes, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
struct CodeRow {
    account_id: AccountId,
    code_hash: Vec<u8>,
    expires_at: Instant,
}

fn hash_of(code: &PaperCode) -> Vec<u8> {
    hash("password_codes.code", code.as_str().as_bytes())
}

fn drop_of(tx: &mut Tx<'_>, account: AccountId) -> Result<(), Fault> {
    diesel::delete(password_codes::table.find(account)).execute(tx.db)?;
    Ok(())
}

/// Keeps the code's hash in the place of an older one; says until when it serves.
pub fn put(tx: &mut Tx<'_>, account: AccountId, code: &PaperCode) -> Result<Instant, Fault> {
    let expires_at = tx.now.plus_hours(HOURS);
    let row = CodeRow { account_id: account, code_hash: hash_of(code), expires_at };
    drop_of(tx, account)?;
    diesel::insert_into(password_codes::table).values(&row).execute(tx.db)?;
    tx.journal(SUBJECT, account.uuid(), "make_password_code", None)?;
    Ok(expires_at)
}

/// Uses the code up if it is that account's.
pub fn redeem(tx: &mut Tx<'_>, account: AccountId, code: &PaperCode) -> Result<bool, Fault> {
    let query = password_codes::table.find(account).select(CodeRow::as_select());
    let found: Option<CodeRow> = query.first(tx.db).optional()?;
    let hash = hash_of(code);
    let good = found.is_some_and(|row| row.expires_at > tx.now && row.code_hash == hash);
    if good {
        drop_of(tx, account)?;
    }
    Ok(good)
}
