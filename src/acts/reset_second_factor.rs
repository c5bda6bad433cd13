//! Takes somebody's second factor away, and every session that it opened: by a lead officer, by its
//! owner, at the desk and by a command. Must not know: who asked.

use crate::db::{Fault, Tx, second_factors, sessions};
use crate::domain::ids::AccountId;

/// False if there was none.
pub fn reset(tx: &mut Tx<'_>, account: AccountId) -> Result<bool, Fault> {
    let had = second_factors::remove(tx, account)?;
    if had {
        sessions::end_all(tx, account)?;
    }
    Ok(had)
}
