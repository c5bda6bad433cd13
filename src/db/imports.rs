//! Imports: the upload in sealed pieces, how far its job is, and the verdict over every row.
//! The only writer of these tables. Must not know: how a row is judged.

use super::schema::{import_chunks, import_verdicts, imports};
use super::types::{ImportMode, JobKind};
use super::{Conn, Fault, MultiBackend, Tx, jobs};
use crate::domain::ids::{AccountId, ImportId, JobId};
use crate::domain::problem::{Code, Wrong};
use crate::domain::register::{Counts, Format, Outcome};
use crate::domain::time::Instant;
use crate::each_backend;
use crate::seal::Place;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};
use uuid::Uuid;

pub const SUBJECT: &str = "import";

/// Bytes of one sealed piece of an upload.
const PIECE: u64 = 256 * 1024;
/// Lines of verdicts that are held in memory at once.
const LINES: i64 = 8;
/// The line of verdicts that tells what is wrong with the whole file; rows begin at 1.
const WHOLE_FILE: i64 = 0;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = imports, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
pub struct ImportRow {
    pub id: ImportId,
    pub mode: ImportMode,
    /// Not known until the job has opened the file.
    pub format: Option<Format>,
    pub job_id: JobId,
    pub digest: Vec<u8>,
    pub header_sealed: Option<Vec<u8>>,
    /// The last row that was judged.
    pub position: i64,
    pub new_rows: i64,
    pub unchanged_rows: i64,
    pub changed_rows: i64,
    pub conflict_rows: i64,
    pub refused_rows: i64,
    pub warned_rows: i64,
    pub created_by: Option<AccountId>,
    pub version: i64,
    pub updated_at: Instant,
    /// When the file and the verdicts over its rows went.
    pub destroyed_at: Option<Instant>,
}

/// What an upload begins.
#[derive(Debug, Clone)]
pub struct NewImport {
    pub id: ImportId,
    pub job: JobId,
    pub mode: ImportMode,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
}

/// What was said of one row, or of the whole file. Never a value of the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Header of the column; empty for the whole row.
    pub column: String,
    pub code: Code,
    pub facts: Vec<(String, String)>,
}

/// The judgement over a row, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub row: i64,
    pub outcome: Outcome,
    pub problems: Vec<Said>,
    /// Names of the fields that differ.
    pub fields: Vec<String>,
}

/// Column, code, facts.
type SpelledSaid = (String, String, Vec<(String, String)>);

/// How a verdict is spelled under its seal.
#[derive(Serialize, Deserialize)]
struct Spelled {
    row: i64,
    outcome: String,
    problems: Vec<SpelledSaid>,
    fields: Vec<String>,
}

impl From<&Wrong> for Said {
    fn from(wrong: &Wrong) -> Self {
        let facts = wrong.reason.facts.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect();
        Self { column: wrong.pointer.clone(), code: wrong.reason.code, facts }
    }
}

impl From<Verdict> for Spelled {
    fn from(verdict: Verdict) -> Self {
        let spelled = |said: Said| (said.column, said.code.to_string(), said.facts);
        Self {
            row: verdict.row,
            outcome: verdict.outcome.to_string(),
            problems: verdict.problems.into_iter().map(spelled).collect(),
            fields: verdict.fields,
        }
    }
}

impl Spelled {
    fn read(self) -> Result<Verdict, Fault> {
        let said = |(column, code, facts): SpelledSaid| {
            let code = code.parse().map_err(Fault::broken)?;
            Ok::<_, Fault>(Said { column, code, facts })
        };
        Ok(Verdict {
            row: self.row,
            outcome: self.outcome.parse().map_err(Fault::broken)?,
            problems: self.problems.into_iter().map(said).collect::<Result<_, _>>()?,
            fields: self.fields,
        })
    }
}

/// Each piece opens in its own import at its own place only.
pub(super) fn place(column: &'static str, id: ImportId, number: i64) -> Place {
    let row = Uuid::from_u128(id.uuid().as_u128() ^ u128::from(number.unsigned_abs()));
    Place { column, row }
}

pub(super) const BYTES: &str = "import_chunks.bytes_sealed";
pub(super) const VERDICTS: &str = "import_verdicts.verdicts_sealed";
pub(super) const HEADER: &str = "imports.header_sealed";

/// Keeps the upload and queues the job that reads it.
pub fn begin(tx: &mut Tx<'_>, new: &NewImport, upload: &mut dyn Read) -> Result<(), Fault> {
    jobs::enqueue(tx, new.job, JobKind::ImportJobSeekers, new.id.uuid())?;
    let row = ImportRow {
        id: new.id,
        mode: new.mode,
        format: None,
        job_id: new.job,
        digest: new.digest.to_vec(),
        header_sealed: None,
        position: 0,
        new_rows: 0,
        unchanged_rows: 0,
        changed_rows: 0,
        conflict_rows: 0,
        refused_rows: 0,
        warned_rows: 0,
        created_by: tx.actor.account,
        version: 1,
        updated_at: tx.now,
        destroyed_at: None,
    };
    diesel::insert_into(imports::table).values(&row).execute(tx.db)?;
    keep_upload(tx, new.id, upload)?;
    let detail = serde_json::json!({ "mode": new.mode.as_str() });
    tx.journal(SUBJECT, new.id.uuid(), "begin", Some(detail))
}

fn keep_upload(tx: &mut Tx<'_>, id: ImportId, upload: &mut dyn Read) -> Result<(), Fault> {
    let mut piece = Vec::new();
    for number in 0i32.. {
        piece.clear();
        (&mut *upload).take(PIECE).read_to_end(&mut piece).map_err(Fault::broken)?;
        if piece.is_empty() {
            break;
        }
        let sealed = tx.seal.close(place(BYTES, id, number.into()), &piece)?;
        let row = (
            import_chunks::import_id.eq(id),
            import_chunks::number.eq(number),
            import_chunks::bytes_sealed.eq(sealed),
        );
        diesel::insert_into(import_chunks::table).values(row).execute(tx.db)?;
    }
    Ok(())
}

/// Writes the upload out as it came.
pub fn copy_upload(conn: &mut Conn<'_>, id: ImportId, out: &mut dyn Write) -> Result<(), Fault> {
    for number in 0i32.. {
        let query = import_chunks::table.find((id, number)).select(import_chunks::bytes_sealed);
        let sealed: Option<Vec<u8>> = query.first(conn.db).optional()?;
        let Some(sealed) = sealed else { break };
        let piece = conn.seal.open(place(BYTES, id, number.into()), &sealed)?;
        out.write_all(&piece).map_err(Fault::broken)?;
    }
    out.flush().map_err(Fault::broken)
}

pub fn get(conn: &mut Conn<'_>, id: ImportId) -> Result<ImportRow, Fault> {
    Ok(imports::table.find(id).select(ImportRow::as_select()).first(conn.db)?)
}

/// Imports whose job ended and that nothing touched since; their uploads are still there.
pub fn ended_before(conn: &mut Conn<'_>, before: Instant) -> Result<Vec<ImportId>, Fault> {
    let old = imports::table
        .filter(imports::destroyed_at.is_null().and(imports::updated_at.lt(before)))
        .order(imports::id.asc())
        .select((imports::id, imports::job_id));
    let old: Vec<(ImportId, JobId)> = old.load(conn.db)?;
    let mut ended = Vec::new();
    for (id, job) in old {
        if jobs::get(conn, job)?.has_ended() {
            ended.push(id);
        }
    }
    Ok(ended)
}

/// Imports whose uploads are still there.
pub fn with_upload(conn: &mut Conn<'_>) -> Result<Vec<ImportId>, Fault> {
    let there = imports::table.filter(imports::destroyed_at.is_null());
    Ok(there.order(imports::id.asc()).select(imports::id).load(conn.db)?)
}

/// Imports that are not read to their end.
pub fn running(conn: &mut Conn<'_>) -> Result<Vec<ImportId>, Fault> {
    let mut running = Vec::new();
    for import in with_upload(conn)? {
        if is_running(conn, import)? {
            running.push(import);
        }
    }
    Ok(running)
}

pub fn is_running(conn: &mut Conn<'_>, import: ImportId) -> Result<bool, Fault> {
    let job = get(conn, import)?.job_id;
    Ok(!jobs::get(conn, job)?.has_ended())
}

/// The file, its header and the verdicts over its rows go; the counts stay.
pub fn destroy_upload(tx: &mut Tx<'_>, id: ImportId) -> Result<(), Fault> {
    let there = imports::table.find(id).filter(imports::destroyed_at.is_null());
    let kept = diesel::update(there)
        .set((
            imports::header_sealed.eq(None::<Vec<u8>>),
            imports::destroyed_at.eq(tx.now),
            imports::version.eq(imports::version + 1),
            imports::updated_at.eq(tx.now),
        ))
        .execute(tx.db)?;
    if kept == 0 {
        return Ok(());
    }
    let of_chunks = import_chunks::table.filter(import_chunks::import_id.eq(id));
    diesel::delete(of_chunks).execute(tx.db)?;
    let of_verdicts = import_verdicts::table.filter(import_verdicts::import_id.eq(id));
    diesel::delete(of_verdicts).execute(tx.db)?;
    tx.journal(SUBJECT, id.uuid(), "destroy_upload", None)
}

fn unsigned(number: i64) -> u64 {
    number.unsigned_abs()
}

fn signed(number: u64) -> Result<i64, Fault> {
    i64::try_from(number).map_err(Fault::broken)
}

impl ImportRow {
    pub fn counts(&self) -> Counts {
        Counts {
            new: unsigned(self.new_rows),
            unchanged: unsigned(self.unchanged_rows),
            changed: unsigned(self.changed_rows),
            conflict: unsigned(self.conflict_rows),
            refused: unsigned(self.refused_rows),
            warned: unsigned(self.warned_rows),
        }
    }

    /// The file's header as it stands, once the file was opened.
    pub fn headers(&self, conn: &Conn<'_>) -> Result<Vec<String>, Fault> {
        let Some(sealed) = &self.header_sealed else { return Ok(Vec::new()) };
        let text = conn.open(HEADER, (SUBJECT, self.id.uuid()), sealed)?;
        serde_json::from_str(&text).map_err(Fault::broken)
    }
}

/// Notes what the file turned out to be.
pub fn opened(
    tx: &mut Tx<'_>,
    id: ImportId,
    format: Format,
    headers: &[String],
) -> Result<(), Fault> {
    let text = serde_json::to_string(headers).map_err(Fault::broken)?;
    let sealed = tx.close(HEADER, id.uuid(), &text)?;
    diesel::update(imports::table.find(id))
        .set((
            imports::format.eq(format),
            imports::header_sealed.eq(sealed),
            imports::version.eq(imports::version + 1),
            imports::updated_at.eq(tx.now),
        ))
        .execute(tx.db)?;
    Ok(())
}

/// Keeps the verdicts over the rows after `position`; `Moved` when the import is past them.
pub fn enter(
    tx: &mut Tx<'_>,
    id: ImportId,
    verdicts: Vec<Verdict>,
    counts: &Counts,
) -> Result<(), Fault> {
    let Some(first_row) = verdicts.first().map(|v| v.row) else { return Ok(()) };
    let here = imports::table.find(id).filter(imports::position.eq(first_row - 1));
    let kept = diesel::update(here)
        .set((
            imports::position.eq(signed(counts.rows())?),
            imports::new_rows.eq(signed(counts.new)?),
            imports::unchanged_rows.eq(signed(counts.unchanged)?),
            imports::changed_rows.eq(signed(counts.changed)?),
            imports::conflict_rows.eq(signed(counts.conflict)?),
            imports::refused_rows.eq(signed(counts.refused)?),
            imports::warned_rows.eq(signed(counts.warned)?),
            imports::version.eq(imports::version + 1),
            imports::updated_at.eq(tx.now),
        ))
        .execute(tx.db)?;
    if kept != 1 {
        return Err(Fault::Moved);
    }
    insert_line(tx, id, first_row, verdicts)
}

fn insert_line(
    tx: &mut Tx<'_>,
    id: ImportId,
    first_row: i64,
    verdicts: Vec<Verdict>,
) -> Result<(), Fault> {
    let spelled: Vec<Spelled> = verdicts.into_iter().map(Into::into).collect();
    let text = serde_json::to_vec(&spelled).map_err(Fault::broken)?;
    let sealed = tx.seal.close(place(VERDICTS, id, first_row), &text)?;
    let row = (
        import_verdicts::import_id.eq(id),
        import_verdicts::first_row.eq(first_row),
        import_verdicts::verdicts_sealed.eq(sealed),
    );
    let query = diesel::insert_into(import_verdicts::table).values(row).on_conflict_do_nothing();
    each_backend!(&mut *tx.db, |c| query.execute(c))?;
    Ok(())
}

/// Keeps what is wrong with the whole file.
pub fn refuse(tx: &mut Tx<'_>, id: ImportId, problems: &[Wrong]) -> Result<(), Fault> {
    let verdict = Verdict {
        row: WHOLE_FILE,
        outcome: Outcome::Refused,
        problems: problems.iter().map(Into::into).collect(),
        fields: Vec::new(),
    };
    insert_line(tx, id, WHOLE_FILE, vec![verdict])
}

fn opened_line(
    conn: &Conn<'_>,
    id: ImportId,
    first_row: i64,
    sealed: &[u8],
) -> Result<Vec<Verdict>, Fault> {
    conn.sees((SUBJECT, id.uuid()));
    let text = conn.seal.open(place(VERDICTS, id, first_row), sealed)?;
    let spelled: Vec<Spelled> = serde_json::from_slice(&text).map_err(Fault::broken)?;
    spelled.into_iter().map(Spelled::read).collect()
}

/// What is wrong with the whole file.
pub fn file_problems(conn: &mut Conn<'_>, id: ImportId) -> Result<Vec<Said>, Fault> {
    let query = import_verdicts::table.find((id, WHOLE_FILE));
    let sealed: Option<Vec<u8>> =
        query.select(import_verdicts::verdicts_sealed).first(conn.db).optional()?;
    let Some(sealed) = sealed else { return Ok(Vec::new()) };
    let verdicts = opened_line(conn, id, WHOLE_FILE, &sealed)?;
    Ok(verdicts.into_iter().flat_map(|v| v.problems).collect())
}

/// The next `rows` verdicts after row `after` that are `wanted`, in the order of the file.
pub fn page(
    conn: &mut Conn<'_>,
    id: ImportId,
    after: i64,
    rows: usize,
    wanted: impl Fn(&Verdict) -> bool,
) -> Result<Vec<Verdict>, Fault> {
    let of_import = import_verdicts::table.filter(import_verdicts::import_id.eq(id));
    let from: Option<i64> = of_import
        .filter(import_verdicts::first_row.le(after + 1))
        .filter(import_verdicts::first_row.gt(WHOLE_FILE))
        .select(diesel::dsl::max(import_verdicts::first_row))
        .first(conn.db)?;
    let (mut found, mut from) = (Vec::new(), from.unwrap_or(1));
    loop {
        let lines: Vec<(i64, Vec<u8>)> = of_import
            .filter(import_verdicts::first_row.ge(from))
            .order(import_verdicts::first_row.asc())
            .limit(LINES)
            .select((import_verdicts::first_row, import_verdicts::verdicts_sealed))
            .load(conn.db)?;
        let Some(last) = lines.last().map(|(first_row, _)| *first_row) else { break };
        for (first_row, sealed) in lines {
            let verdicts = opened_line(conn, id, first_row, &sealed)?;
            found.extend(verdicts.into_iter().filter(|v| v.row > after && wanted(v)));
        }
        if found.len() >= rows {
            break;
        }
        from = last + 1;
    }
    found.truncate(rows);
    Ok(found)
}
