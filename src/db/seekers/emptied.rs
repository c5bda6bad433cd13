//! Records that were emptied: the row stays, and tells of nobody. A double keeps its wrong NIK, under
//! its seal, which finds the row and so leads on to the record that stands.
//! Must not know: why a record goes.

use super::{NIK, SeekerRow, nik_index};
use crate::db::journal::Line;
use crate::db::schema::seekers;
use crate::db::{Conn, Fault, Tx};
use crate::domain::identity::Nik;
use crate::domain::ids::SeekerId;
use crate::domain::lifecycle::Transition;
use crate::domain::seekers::{IdentityState, SeekerState};
use crate::domain::time::Day;
use crate::seal::random;
use diesel::prelude::*;

fn nobodys_index() -> Result<Vec<u8>, Fault> {
    Ok(random::<32>().map_err(Fault::broken)?.to_vec())
}

/// Takes out of a record all that tells of a person. The row stays for what refers to it: frozen
/// lists under their pseudonyms, seats, the journal.
pub fn erase(tx: &mut Tx<'_>, old: &SeekerRow, step: Transition<SeekerState>) -> Result<(), Fault> {
    let nobody = tx.close(NIK, old.id.uuid(), "")?;
    let row = SeekerRow {
        nik_sealed: nobody,
        // Found by no NIK, and like no other.
        nik_index: nobodys_index()?,
        kk_sealed: None,
        name: String::new(),
        name_folded: String::new(),
        born_on: Day::default(),
        birth_place: None,
        marital: None,
        address_sealed: None,
        village: None,
        kecamatan: String::new(),
        education: None,
        phone_sealed: None,
        phone_index: None,
        email_sealed: None,
        ak1_number: None,
        ak1_issued_on: None,
        farm_months: 0,
        fishery_months: 0,
        korean_level: 0,
        training_hours: 0,
        passport_sealed: None,
        passport_index: None,
        passport_expires_on: None,
        state: step.to(),
        identity: IdentityState::Matches,
        version: old.version + 1,
        updated_at: tx.now,
        changed_by: tx.actor.account,
        changed_tx: tx.change_number()?,
        id: old.id,
        sex: old.sex,
    };
    let at = seekers::table
        .filter(seekers::id.eq(old.id))
        .filter(seekers::version.eq(old.version))
        .filter(seekers::state.eq(step.from()));
    if diesel::update(at).set(&row).execute(tx.db)? != 1 {
        return Err(Fault::Moved);
    }
    tx.journal_step(old, &step, SeekerState::as_str, step.event().as_str())
}

/// Registrations that somebody entered under this NIK and nobody saw.
pub fn drafts(conn: &mut Conn<'_>, nik: &Nik) -> Result<Vec<SeekerRow>, Fault> {
    let index = nik_index(conn, nik);
    let query = seekers::table
        .filter(seekers::nik_index.eq(index))
        .filter(seekers::state.eq(SeekerState::Draft));
    Ok(query.select(SeekerRow::as_select()).load(conn.db)?)
}

fn find_by(
    tx: &mut Tx<'_>,
    double: SeekerId,
    (text, index): (&str, Vec<u8>),
    event: &str,
) -> Result<(), Fault> {
    let emptied = seekers::table.find(double).filter(seekers::state.eq(SeekerState::Erased));
    let old: SeekerRow = emptied.select(SeekerRow::as_select()).first(tx.db)?;
    let sealed = tx.close(NIK, double.uuid(), text)?;
    diesel::update(emptied)
        .set((seekers::nik_sealed.eq(sealed), seekers::nik_index.eq(index)))
        .execute(tx.db)?;
    tx.journal_change(&old, Line::of(event))
}

/// Lets a NIK that is wrong find the emptied double: nobody is registered under it again.
pub fn lead_on(tx: &mut Tx<'_>, double: SeekerId, wrong_nik: &Nik) -> Result<(), Fault> {
    let index = nik_index(tx, wrong_nik);
    find_by(tx, double, (wrong_nik.as_str(), index), "lead_on")
}

/// No NIK finds the double any more.
pub fn free_nik(tx: &mut Tx<'_>, double: SeekerId) -> Result<(), Fault> {
    find_by(tx, double, ("", nobodys_index()?), "free_nik")
}

/// By which these records are found.
pub fn nik_indexes(conn: &mut Conn<'_>, people: &[SeekerId]) -> Result<Vec<Vec<u8>>, Fault> {
    let query = seekers::table.filter(seekers::id.eq_any(people)).select(seekers::nik_index);
    Ok(query.load(conn.db)?)
}
