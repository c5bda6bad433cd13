//! Assertions of clients that were used: each serves once, in whichever process. Rows live as long
//! as their assertion could. The only writer of its table. Must not know: what an assertion says.

use super::schema::client_assertions;
use super::{Fault, Tx};
use crate::domain::ids::AccountId;
use crate::domain::time::Instant;
use crate::each_backend;
use crate::seal::hash;
use diesel::prelude::*;

#[derive(Insertable)]
#[diesel(table_name = client_assertions, treat_none_as_default_value = false)]
struct AssertionRow {
    jti_hash: Vec<u8>,
    expires_at: Instant,
}

/// Whether the client uses it for the first time.
pub fn use_once(
    tx: &mut Tx<'_>,
    client: AccountId,
    jti: &str,
    expires_at: Instant,
) -> Result<bool, Fault> {
    let named = [client.uuid().as_bytes(), jti.as_bytes()].concat();
    let row = AssertionRow { jti_hash: hash("client_assertions.jti", &named), expires_at };
    let query = diesel::insert_into(client_assertions::table).values(&row).on_conflict_do_nothing();
    Ok(each_backend!(&mut *tx.db, |c| query.execute(c))? == 1)
}

/// Those that serve nobody any more. Returns how many.
pub fn forget_expired(tx: &mut Tx<'_>) -> Result<usize, Fault> {
    let gone = client_assertions::table.filter(client_assertions::expires_at.lt(tx.now));
    Ok(diesel::delete(gone).execute(tx.db)?)
}
