//! Makes an account: for the command line and the demo; the API makes its own inside the request
//! that must happen once. Must not know: how a password is hashed.

use crate::db::accounts::{self, NewAccount};
use crate::db::{Actor, Fault, Store};
use crate::domain::ids::AccountId;

/// The account's id, or `Fault::Taken` when somebody has that login. The password is hashed.
pub fn create_account(store: &Store, actor: Actor, new: NewAccount) -> Result<AccountId, Fault> {
    store.write(actor, move |tx, _| {
        let id = AccountId(tx.new_id());
        accounts::insert(tx, id, new.clone())?;
        Ok(id)
    })
}
