//! Imports a register in chunks: each chunk is one transaction, so whatever stops an import, the
//! rows before are there, none is half there, and reading the file again doubles nobody.
//! Must not know: where progress and reports are shown.

use crate::db::consents::{self, Answer};
use crate::db::seekers::{self, SeekerRow, Stamp};
use crate::db::types::ImportMode;
use crate::db::{Actor, Fault, Store, Tx, rights};
use crate::domain::consents::Channel;
use crate::domain::ids::SeekerId;
use crate::domain::problem::{Code, Wrong};
use crate::domain::register::{Columns, Counts, Field, Outcome, RowVerdict, Seen, read_row};
use crate::domain::seekers::{NewSeeker, SeekerState, differences};
use crate::domain::time::Zone;
use crate::outside::tables::{FileProblem, Table};
use serde_json::json;
use std::collections::HashMap;
use std::io;
use std::ops::ControlFlow;
use uuid::Uuid;

/// Rows of one transaction: short enough for other writers to get their turn.
const CHUNK: usize = 500;

/// What an import does, and from where on.
#[derive(Debug, Clone, Copy)]
pub struct Task {
    pub actor: Actor,
    pub import: Uuid,
    /// A preview judges every row and writes none.
    pub mode: ImportMode,
    /// What was done before: as many rows are passed over.
    pub done: Counts,
}

impl Task {
    /// Everything, from the first row on.
    pub fn whole(actor: Actor, import: Uuid) -> Self {
        Self { actor, import, mode: ImportMode::Apply, done: Counts::default() }
    }
}

/// The judgement over one row.
#[derive(Debug)]
pub struct Judged {
    pub row: u64,
    pub outcome: Outcome,
    /// Why it was refused, or else its warnings.
    pub problems: Vec<Wrong>,
    /// The names of the fields that differ from the record.
    pub fields: Vec<&'static str>,
}

/// Rows that are stored together.
pub struct Chunk<'a> {
    pub rows: &'a [Judged],
    /// All rows of the import up to the end of this chunk.
    pub counts: Counts,
}

/// Sees an import go on.
pub trait Witness {
    /// Writes in the transaction of the chunk, as often as that is tried; a fault undoes both.
    fn enter(&self, _tx: &mut Tx<'_>, _chunk: &Chunk<'_>) -> Result<(), Fault> {
        Ok(())
    }
    /// The chunk is stored. `Break` leaves the import off here.
    fn stored(&mut self, chunk: &Chunk<'_>) -> io::Result<ControlFlow<()>>;
}

/// Why an import stopped. What was stored before stays.
#[derive(Debug)]
pub enum Stopped {
    File(FileProblem),
    Database(Fault),
    Report(io::Error),
    /// The witness asked for it.
    LeftOff,
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
    verdict: RowVerdict,
}

/// Reads the whole table and stores it, 500 rows a transaction. Memory does not grow with the
/// file but for 16 bytes a row, which find a NIK that stands twice.
pub fn import_register(
    store: &Store,
    task: &Task,
    table: &mut Table,
    witness: &mut dyn Witness,
) -> Result<Counts, Stopped> {
    let columns = table.columns().clone();
    let today = store.clock().now().day_in(Zone::Jakarta);
    let (mut seen, mut counts, mut chunk) = (Seen::default(), task.done, Vec::new());
    for row in table.rows()? {
        let row = row?;
        let number = u32::try_from(row.number).unwrap_or(u32::MAX);
        let verdict = seen.admit(&columns, number, read_row(&columns, &row.cells, today));
        if row.number > task.done.rows() {
            chunk.push(Read { row: row.number, verdict });
        }
        if chunk.len() == CHUNK {
            counts = store_chunk(store, task, &columns, &chunk, counts, witness)?;
            chunk.clear();
        }
    }
    store_chunk(store, task, &columns, &chunk, counts, witness)
}

fn store_chunk(
    store: &Store,
    task: &Task,
    columns: &Columns,
    chunk: &[Read],
    before: Counts,
    witness: &mut dyn Witness,
) -> Result<Counts, Stopped> {
    if chunk.is_empty() {
        return Ok(before);
    }
    let (rows, counts) = store.write(task.actor, |tx, _| {
        let rows = judge(tx, task, columns, chunk)?;
        let mut counts = before;
        for row in &rows {
            counts.note(row.outcome, !row.problems.is_empty());
        }
        witness.enter(tx, &Chunk { rows: &rows, counts })?;
        Ok::<_, Fault>((rows, counts))
    })?;
    match witness.stored(&Chunk { rows: &rows, counts })? {
        ControlFlow::Continue(()) => Ok(counts),
        ControlFlow::Break(()) => Err(Stopped::LeftOff),
    }
}

/// Looks the chunk up in one statement and writes what is new in another.
fn judge(
    tx: &mut Tx<'_>,
    task: &Task,
    columns: &Columns,
    chunk: &[Read],
) -> Result<Vec<Judged>, Fault> {
    let held = records_of(tx, chunk)?;
    let restricted = rights::restricted(tx, None)?;
    let writes = task.mode == ImportMode::Apply;
    let (mut new, mut judged) = (Vec::new(), Vec::with_capacity(chunk.len()));
    for read in chunk {
        let row = read.row;
        judged.push(match &read.verdict {
            RowVerdict::Refused(refused) => {
                let problems = refused.problems.0.clone();
                Judged { row, outcome: Outcome::Refused, problems, fields: Vec::new() }
            }
            RowVerdict::Accepted(accepted) => {
                let (seeker, mut problems) = (&accepted.seeker, accepted.warnings.clone());
                let (outcome, fields) = if let Some(record) = held.get(&seeker.nik.as_u64()) {
                    if record.state == SeekerState::Erased {
                        judged.push(of_double(row, columns, problems));
                        continue;
                    }
                    let still = restricted.contains(&record.id);
                    let done = bring_up_to_date(tx, columns, record, seeker, writes && !still)?;
                    if still && !done.1.is_empty() {
                        lies_still(&mut problems, done.1)
                    } else {
                        done
                    }
                } else {
                    new.push(seeker);
                    (Outcome::New, Vec::new())
                };
                Judged { row, outcome, problems, fields }
            }
        });
    }
    if writes {
        let detail = json!({ "rows": chunk.len(), "new": new.len() });
        register(tx, &new)?;
        tx.journal("import", task.import, "store", Some(detail))?;
    }
    Ok(judged)
}

/// The NIK was a wrong one, and its record went into another: nobody is registered under it again.
fn of_double(row: u64, columns: &Columns, mut problems: Vec<Wrong>) -> Judged {
    let pointer = columns.header(Field::Nik).to_owned();
    problems.push(Wrong { pointer, reason: Code::NikMerged.into() });
    Judged { row, outcome: Outcome::Conflict, problems, fields: Vec::new() }
}

/// The person had the processing restricted: the row is not written, and says why.
fn lies_still(
    problems: &mut Vec<Wrong>,
    fields: Vec<&'static str>,
) -> (Outcome, Vec<&'static str>) {
    let reason = Code::ProcessingRestricted.into();
    problems.push(Wrong { pointer: String::new(), reason });
    (Outcome::Conflict, fields)
}

/// The records of the people of a chunk, by NIK.
fn records_of(tx: &mut Tx<'_>, chunk: &[Read]) -> Result<HashMap<u64, SeekerRow>, Fault> {
    let mut niks = HashMap::new();
    for read in chunk {
        if let RowVerdict::Accepted(accepted) = &read.verdict {
            let nik = &accepted.seeker.nik;
            niks.insert(seekers::nik_index(tx, nik), nik.as_u64());
        }
    }
    let indexes: Vec<Vec<u8>> = niks.keys().cloned().collect();
    let rows = seekers::registered(tx, &indexes)?;
    Ok(rows.into_iter().filter_map(|row| Some((*niks.get(&row.nik_index)?, row))).collect())
}

fn register(tx: &mut Tx<'_>, new: &[&NewSeeker]) -> Result<(), Fault> {
    if new.is_empty() {
        return Ok(());
    }
    let changed_tx = tx.change_number()?;
    let stamp = Stamp { state: SeekerState::Registered, version: 1, changed_tx };
    let rows: Result<Vec<SeekerRow>, Fault> =
        new.iter().map(|one| seekers::row_of(tx, SeekerId(tx.new_id()), one, stamp)).collect();
    let rows = rows?;
    let people: Vec<SeekerId> = rows.iter().map(|row| row.id).collect();
    seekers::insert_many(tx, rows)?;
    consents::insert_many(tx, &people, &[Answer::by_law(Channel::Import)])
}

/// What may not change behind the back of the officer who saw the papers.
const IDENTITY: [&str; 3] = ["name", "born_on", "sex"];

fn bring_up_to_date(
    tx: &mut Tx<'_>,
    columns: &Columns,
    row: &SeekerRow,
    stated: &NewSeeker,
    writes: bool,
) -> Result<(Outcome, Vec<&'static str>), Fault> {
    let old = row.open(tx)?;
    let new = completed(columns, &old, stated);
    let fields = differences(&old, &new);
    if fields.is_empty() {
        return Ok((Outcome::Unchanged, fields));
    }
    if row.state == SeekerState::Verified && fields.iter().any(|f| IDENTITY.contains(f)) {
        return Ok((Outcome::Conflict, fields));
    }
    if writes {
        seekers::rewrite(tx, row, &new, &fields)?;
    }
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
