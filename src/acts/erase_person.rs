//! Erases a person: the record keeps its row and its id, and nothing in it tells of anybody.
//! Pseudonyms in frozen inputs stay, so that a published match can be checked as before.
//! Must not know: HTTP, who asked for it.

use super::stop::Stop;
use crate::db::seekers::{self, Scope, SeekerRow};
use crate::db::{
    Fault, Tx, accounts, activations, applications, evidence, external_ids, imports, merges,
    refresh, rights, second_factors, sessions,
};
use crate::domain::ids::{ImportId, SeekerId};
use crate::domain::lifecycle::{Transition, decide};
use crate::domain::problem::Code;
use crate::domain::retention::holds;
use crate::domain::roles::Role;
use crate::domain::rulebook::Rulebook;
use crate::domain::seekers::{SeekerEvent, SeekerState};
use crate::domain::time::Zone;
use crate::password::NOBODY;

/// Closes the account and ends what it could come in with.
fn shut_out(tx: &mut Tx<'_>, seeker: SeekerId) -> Result<(), Fault> {
    activations::drop_of(tx, seeker)?;
    let Some(account) = accounts::of_seeker(tx, seeker)? else { return Ok(()) };
    second_factors::remove(tx, account.id)?;
    refresh::forget_of(tx, account.id)?;
    sessions::end_all(tx, account.id)?;
    accounts::close(tx, &account, NOBODY)
}

/// Ends what somebody could come in with, and takes out of the record and of what hangs on it all
/// that tells of a person.
pub(super) fn empty(
    tx: &mut Tx<'_>,
    row: &SeekerRow,
    step: Transition<SeekerState>,
) -> Result<(), Fault> {
    shut_out(tx, row.id)?;
    applications::erase_of(tx, row.id)?;
    external_ids::erase_of(tx, row.id)?;
    seekers::erase(tx, row, step)
}

/// The doubles of the person are found no more, and nobody reads why they were ones.
fn forget_doubles(tx: &mut Tx<'_>, seeker: SeekerId) -> Result<(), Fault> {
    let mut records = merges::doubles_of(tx, seeker)?;
    for double in &records {
        seekers::free_nik(tx, *double)?;
    }
    records.push(seeker);
    merges::erase_words(tx, &records)
}

/// Everything at once, or nothing.
///
/// # Errors
/// Every rule that keeps the record, as [`Stop::Rules`]; `HeldByImport` while a register that
/// names the person is being read.
pub fn erase_person(
    tx: &mut Tx<'_>,
    seeker: SeekerId,
    uploads: &[ImportId],
    (role, rules): (Role, &Rulebook),
) -> Result<(), Stop> {
    let row = seekers::get(tx, seeker, Scope::All)?;
    let nik = row.open(tx)?.nik;
    let reasons = holds(&rights::ties(tx, seeker)?, tx.now.day_in(Zone::Jakarta), rules);
    if !reasons.is_empty() {
        return Err(Stop::Rules(reasons));
    }
    for import in uploads {
        if imports::is_running(tx, *import)? {
            return Err(Code::HeldByImport.with("import", import).into());
        }
        imports::destroy_upload(tx, *import)?;
    }
    rights::erase_words(tx, seeker)?;
    rights::erase_words(tx, seeker)?;
    forget_doubles(tx, seeker)?;
    evidence::destroy_of(tx, seeker)?;
    // What others entered under the NIK of somebody known tells of that person too.
    let mut records = match row.state {
        SeekerState::Draft => Vec::new(),
        _ => seekers::drafts(tx, &nik)?,
    };
    records.push(row);
    for row in records {
        empty(tx, &row, decide(row.state, SeekerEvent::Erase, role)?)?;
    }
    Ok(())
}
