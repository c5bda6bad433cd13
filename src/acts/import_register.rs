//! Imports a register in chunks: each chunk is one transaction, so whatever stops an import, the
//! rows before are there, none is half there, and reading the file again doubles nobody.
//! Must not know: where progress and reports are shown.

use crate::db::seekers::{self, SeekerRow, Stamp};
use crate::db::{Actor, Fault, Store, Tx};
use crate::domain::ids::SeekerId;
use crate::domain::problem::Wrong;
use crate::domain::register::{Accepted, Columns, Field, RowVerdict, Seen, read_row};
use crate::domain::seekers::{NewSeeker, SeekerState, differences};
use crate::domain::time::Zone;
use crate::outside::tables::{FileProblem, Table};
use serde_json::json;
use std::collections::HashMap;
use std::io;
use uuid::Uuid;

/// Rows of one transaction: short enough for other writers to get their turn.
const CHUNK: usize = 500;

crate::words!(
    /// What became of a row that could be read.
    Outcome {
        New = "new",
        Unchanged = "unchanged",
        Changed = "changed",
        /// The papers of this person were seen, and the row says another identity: not written.
        Conflict = "conflict",
    }
);

/// How many rows ended how. Warned rows are among the accepted ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub new: u64,
    pub unchanged: u64,
    pub changed: u64,
    pub conflict: u64,
    pub refused: u64,
    pub warned: u64,
}

impl Counts {
    /// Rows that became, or already were, a registration.
    pub const fn accepted(&self) -> u64 {
        self.new + self.unchanged + self.changed
    }

    pub const fn rows(&self) -> u64 {
        self.accepted() + self.conflict + self.refused
    }

    const fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::New => self.new += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Changed => self.changed += 1,
            Outcome::Conflict => self.conflict += 1,
        }
    }
}

/// What an import tells while it goes on.
pub trait Witness {
    /// A row that was refused, with every problem.
    fn refused(&mut self, row: u64, problems: &[Wrong]) -> io::Result<()>;
    /// A row that was accepted all the same.
    fn warned(&mut self, row: u64, warnings: &[Wrong]) -> io::Result<()>;
    /// A row that waits for an officer; the names of the fields that differ.
    fn conflict(&mut self, row: u64, fields: &[&'static str]) -> io::Result<()>;
    /// A chunk is stored.
    fn stored(&mut self, counts: &Counts);
}

/// Why an import stopped. What was stored before stays.
#[derive(Debug)]
pub enum Stopped {
    File(FileProblem),
    Database(Fault),
    Report(io::Error),
}

impl From<FileProblem> for Stopped {
    fn from(problem: FileProblem) -> Self {
        Self::File(problem)
    }
}

impl From<Fault> for Stopped {
    fn from(fault: Fault) -> Self {
        Self::Database(fault)
    }
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Report(error)
    }
}

struct Read {
    row: u64,
    accepted: Box<Accepted>,
}

/// Reads the whole table and stores it, 500 rows a transaction. Memory does not grow with the
/// file but for 16 bytes a row, which find a NIK that stands twice.
pub fn import_register(
    store: &Store,
    actor: Actor,
    table: &mut Table,
    witness: &mut dyn Witness,
) -> Result<Counts, Stopped> {
    let columns = table.columns().clone();
    let today = store.clock().now().day_in(Zone::Jakarta);
    let import = store.clock().new_id();
    let (mut seen, mut counts, mut chunk) = (Seen::default(), Counts::default(), Vec::new());
    for row in table.rows()? {
        let row = row?;
        let number = u32::try_from(row.number).unwrap_or(u32::MAX);
        match seen.admit(&columns, number, read_row(&columns, &row.cells, today)) {
            RowVerdict::Refused(refused) => {
                counts.refused += 1;
                witness.refused(row.number, &refused.problems.0)?;
            }
            RowVerdict::Accepted(accepted) => {
                if !accepted.warnings.is_empty() {
                    counts.warned += 1;
                    witness.warned(row.number, &accepted.warnings)?;
                }
                chunk.push(Read { row: row.number, accepted });
            }
        }
        if chunk.len() == CHUNK {
            store_chunk(store, actor, import, &columns, &chunk, &mut counts, witness)?;
            chunk.clear();
        }
    }
    store_chunk(store, actor, import, &columns, &chunk, &mut counts, witness)?;
    Ok(counts)
}

fn store_chunk(
    store: &Store,
    actor: Actor,
    import: Uuid,
    columns: &Columns,
    chunk: &[Read],
    counts: &mut Counts,
    witness: &mut dyn Witness,
) -> Result<(), Stopped> {
    if chunk.is_empty() {
        return Ok(());
    }
    let kept = store.write(actor, |tx, _| keep_chunk(tx, import, columns, chunk))?;
    for (read, (outcome, fields)) in chunk.iter().zip(kept) {
        counts.count(outcome);
        if outcome == Outcome::Conflict {
            witness.conflict(read.row, &fields)?;
        }
    }
    witness.stored(counts);
    Ok(())
}

type Kept = (Outcome, Vec<&'static str>);

/// Looks the chunk up in one statement and writes what is new in another.
fn keep_chunk(
    tx: &mut Tx<'_>,
    import: Uuid,
    columns: &Columns,
    chunk: &[Read],
) -> Result<Vec<Kept>, Fault> {
    let indexes: Vec<Vec<u8>> =
        chunk.iter().map(|r| seekers::nik_index(tx, &r.accepted.seeker.nik)).collect();
    let rows = seekers::registered(tx, &indexes)?;
    let held: HashMap<Vec<u8>, SeekerRow> =
        rows.into_iter().map(|row| (row.nik_index.clone(), row)).collect();
    let changed_tx = tx.change_number()?;
    let stamp = Stamp { state: SeekerState::Registered, version: 1, changed_tx };
    let (mut new, mut kept) = (Vec::new(), Vec::with_capacity(chunk.len()));
    for (read, index) in chunk.iter().zip(&indexes) {
        let seeker = &read.accepted.seeker;
        if let Some(row) = held.get(index) {
            kept.push(bring_up_to_date(tx, columns, row, seeker)?);
        } else {
            new.push(seekers::row_of(tx, SeekerId(tx.new_id()), seeker, stamp)?);
            kept.push((Outcome::New, Vec::new()));
        }
    }
    let made = new.len();
    if made > 0 {
        seekers::insert_many(tx, new)?;
    }
    tx.journal("import", import, "store", Some(json!({ "rows": chunk.len(), "new": made })))?;
    Ok(kept)
}

/// What may not change behind the back of the officer who saw the papers.
const IDENTITY: [&str; 3] = ["name", "born_on", "sex"];

fn bring_up_to_date(
    tx: &mut Tx<'_>,
    columns: &Columns,
    row: &SeekerRow,
    stated: &NewSeeker,
) -> Result<Kept, Fault> {
    let old = row.open(tx)?;
    let new = completed(columns, &old, stated);
    let fields = differences(&old, &new);
    if fields.is_empty() {
        return Ok((Outcome::Unchanged, fields));
    }
    if row.state == SeekerState::Verified && fields.iter().any(|f| IDENTITY.contains(f)) {
        return Ok((Outcome::Conflict, fields));
    }
    seekers::rewrite(tx, row, &new, &fields)?;
    Ok((Outcome::Changed, fields))
}

/// What a row does not state it does not erase: blank cells and missing columns keep the old.
fn completed(columns: &Columns, old: &NewSeeker, stated: &NewSeeker) -> NewSeeker {
    let (old, new) = (old.clone(), stated.clone());
    let has = |field| columns.at(field).is_some();
    let count = |field, new, old| if has(field) { new } else { old };
    NewSeeker {
        kk: new.kk.or(old.kk),
        birth_place: new.birth_place.or(old.birth_place),
        marital: new.marital.or(old.marital),
        address: new.address.or(old.address),
        village: new.village.or(old.village),
        education: new.education.or(old.education),
        phone: new.phone.or(old.phone),
        email: new.email.or(old.email),
        ak1_number: new.ak1_number.or(old.ak1_number),
        ak1_issued_on: new.ak1_issued_on.or(old.ak1_issued_on),
        farm_months: count(Field::FarmMonths, new.farm_months, old.farm_months),
        fishery_months: count(Field::FisheryMonths, new.fishery_months, old.fishery_months),
        korean_level: if has(Field::KoreanLevel) { new.korean_level } else { old.korean_level },
        training_hours: count(Field::TrainingHours, new.training_hours, old.training_hours),
        passport: new.passport.or(old.passport),
        passport_expires_on: new.passport_expires_on.or(old.passport_expires_on),
        nik: new.nik,
        name: new.name,
        born_on: new.born_on,
        sex: new.sex,
        kecamatan: new.kecamatan,
    }
}
