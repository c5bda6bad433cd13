//! Second factors: the secret behind an authenticator app, one that is offered, and the recovery
//! codes for a lost phone. The only writer of its tables. Must not know: who needs one.

use super::accounts::SUBJECT;
use super::schema::{recovery_codes, second_factors};
use super::types::AnyId;
use super::{Conn, Fault, MultiBackend, Tx};
use crate::domain::accounts::PaperCode;
use crate::domain::ids::AccountId;
use crate::domain::time::Instant;
use crate::seal::{Place, hash, random};
use crate::totp;
use diesel::prelude::*;

pub const SECRET: &str = "second_factors.secret_sealed";
pub const OFFERED: &str = "second_factors.offered_sealed";

/// Minutes in which an offered secret must be confirmed.
const OFFER_MINUTES: i64 = 15;
const RECOVERY_CODES: usize = 10;
/// Letters of a recovery code: 150 bits, so that a plain hash keeps it.
const LETTERS: usize = 30;

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = second_factors, primary_key(account_id))]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
#[diesel(check_for_backend(MultiBackend))]
pub struct SecondFactorRow {
    pub account_id: AccountId,
    secret_sealed: Option<Vec<u8>>,
    pub confirmed_at: Option<Instant>,
    /// The step of the last code that was taken: each serves once.
    last_step: i64,
    offered_sealed: Option<Vec<u8>>,
    offered_until: Option<Instant>,
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = recovery_codes, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
struct RecoveryRow {
    id: AnyId,
    account_id: AccountId,
    code_hash: Vec<u8>,
}

/// A secret for an authenticator app, until it is confirmed.
#[derive(Debug, Clone)]
pub struct Offer {
    pub secret: [u8; totp::SECRET_BYTES],
    pub until: Instant,
}

fn place(column: &'static str, account: AccountId) -> Place {
    Place { column, row: account.uuid() }
}

fn find(conn: &mut Conn<'_>, account: AccountId) -> Result<Option<SecondFactorRow>, Fault> {
    let query = second_factors::table.find(account).select(SecondFactorRow::as_select());
    Ok(query.first(conn.db).optional()?)
}

/// The factor that the account has, if it was confirmed.
pub fn confirmed(
    conn: &mut Conn<'_>,
    account: AccountId,
) -> Result<Option<SecondFactorRow>, Fault> {
    Ok(find(conn, account)?.filter(|row| row.secret_sealed.is_some()))
}

fn keep(tx: &mut Tx<'_>, row: &SecondFactorRow, is_new: bool) -> Result<(), Fault> {
    if is_new {
        diesel::insert_into(second_factors::table).values(row).execute(tx.db)?;
    } else {
        diesel::update(second_factors::table.find(row.account_id)).set(row).execute(tx.db)?;
    }
    Ok(())
}

/// Makes a secret for an app; the factor that the account has serves on until it is confirmed.
pub fn offer(tx: &mut Tx<'_>, account: AccountId) -> Result<Offer, Fault> {
    let secret = random().map_err(Fault::broken)?;
    let until = tx.now.plus_seconds(60 * OFFER_MINUTES);
    let found = find(tx, account)?;
    let is_new = found.is_none();
    let none = SecondFactorRow {
        account_id: account,
        secret_sealed: None,
        confirmed_at: None,
        last_step: 0,
        offered_sealed: None,
        offered_until: None,
    };
    let sealed = tx.seal.close(place(OFFERED, account), &secret).map_err(Fault::broken)?;
    let row = SecondFactorRow {
        offered_sealed: Some(sealed),
        offered_until: Some(until),
        ..found.unwrap_or(none)
    };
    keep(tx, &row, is_new)?;
    tx.journal(SUBJECT, account.uuid(), "offer_second_factor", None)?;
    Ok(Offer { secret, until })
}

/// Puts the offered secret in force if the app shows its code; the new recovery codes.
pub fn confirm(
    tx: &mut Tx<'_>,
    account: AccountId,
    code: &str,
) -> Result<Option<Vec<PaperCode>>, Fault> {
    let Some(row) = find(tx, account)? else { return Ok(None) };
    let in_time = row.offered_until.is_some_and(|until| until > tx.now);
    let Some(sealed) = row.offered_sealed.as_ref().filter(|_| in_time) else { return Ok(None) };
    let secret = tx.seal.open(place(OFFERED, account), sealed).map_err(Fault::broken)?;
    let Some(step) = totp::step_of(&secret, code.trim(), tx.now) else { return Ok(None) };
    let sealed = tx.seal.close(place(SECRET, account), &secret).map_err(Fault::broken)?;
    let row = SecondFactorRow {
        account_id: account,
        secret_sealed: Some(sealed),
        confirmed_at: Some(tx.now),
        last_step: step,
        offered_sealed: None,
        offered_until: None,
    };
    keep(tx, &row, false)?;
    tx.journal(SUBJECT, account.uuid(), "set_second_factor", None)?;
    renew_codes(tx, account).map(Some)
}

fn hash_of(account: AccountId, code: &PaperCode) -> Vec<u8> {
    let value = [account.uuid().as_bytes(), code.as_str().as_bytes()].concat();
    hash("recovery_codes.code", &value)
}

fn drop_codes(tx: &mut Tx<'_>, account: AccountId) -> Result<(), Fault> {
    let theirs = recovery_codes::table.filter(recovery_codes::account_id.eq(account));
    diesel::delete(theirs).execute(tx.db)?;
    Ok(())
}

fn renew_codes(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<PaperCode>, Fault> {
    drop_codes(tx, account)?;
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let code = PaperCode::from_random(random::<LETTERS>().map_err(Fault::broken)?);
        let row = RecoveryRow {
            id: AnyId(tx.new_id()),
            account_id: account,
            code_hash: hash_of(account, &code),
        };
        diesel::insert_into(recovery_codes::table).values(&row).execute(tx.db)?;
        codes.push(code);
    }
    Ok(codes)
}

/// How many recovery codes are left.
pub fn codes_left(conn: &mut Conn<'_>, account: AccountId) -> Result<i64, Fault> {
    let theirs = recovery_codes::table.filter(recovery_codes::account_id.eq(account));
    Ok(theirs.count().get_result(conn.db)?)
}

/// Uses a good code up: the app's, of a step later than the last one, or one from paper.
pub fn take_code(tx: &mut Tx<'_>, row: &SecondFactorRow, typed: &str) -> Result<bool, Fault> {
    let account = row.account_id;
    let Some(sealed) = &row.secret_sealed else { return Ok(false) };
    let secret = tx.seal.open(place(SECRET, account), sealed).map_err(Fault::broken)?;
    let step = totp::step_of(&secret, typed.trim(), tx.now);
    if let Some(step) = step.filter(|step| *step > row.last_step) {
        diesel::update(second_factors::table.find(account))
            .set(second_factors::last_step.eq(step))
            .execute(tx.db)?;
        return Ok(true);
    }
    let hash = hash_of(account, &PaperCode::typed(typed));
    let same = recovery_codes::table.filter(recovery_codes::code_hash.eq(hash));
    if diesel::delete(same).execute(tx.db)? == 0 {
        return Ok(false);
    }
    tx.journal(SUBJECT, account.uuid(), "use_recovery_code", None)?;
    Ok(true)
}

/// Takes the factor away; false if there was none.
pub fn remove(tx: &mut Tx<'_>, account: AccountId) -> Result<bool, Fault> {
    drop_codes(tx, account)?;
    if diesel::delete(second_factors::table.find(account)).execute(tx.db)? == 0 {
        return Ok(false);
    }
    tx.journal(SUBJECT, account.uuid(), "remove_second_factor", None)?;
    Ok(true)
}
