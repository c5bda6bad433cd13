//! Makes an account: for the command line and the demo; the API makes its own inside the request
//! that must happen once. Must not know: how a password is hashed.

use crate::db::accounts::{self, NewAccount};
use crate::db::{Actor, Fault, Store, organisations};
use crate::domain::accounts::may_be_partner;
use crate::domain::ids::{AccountId, OrganisationId};
use crate::domain::problem::{Code, Reason};

/// Whether a partner may act for the organisation: it is there and employs.
pub fn employs(store: &Store, id: OrganisationId) -> Result<Result<(), Reason>, Fault> {
    match store.read(|conn, _| organisations::get(conn, id, organisations::Scope::All)) {
        Ok(row) => Ok(may_be_partner(row.kind)),
        Err(Fault::NotFound) => Ok(Err(Code::OrganisationUnknown.into())),
        Err(fault) => Err(fault),
    }
}

/// The account's id, or `Fault::Taken` when somebody has that login. The password is hashed.
pub fn create_account(store: &Store, actor: Actor, new: NewAccount) -> Result<AccountId, Fault> {
    store.write(actor, move |tx, _| {
        let id = AccountId(tx.new_id());
        accounts::insert(tx, id, new.clone())?;
        Ok(id)
    })
}
