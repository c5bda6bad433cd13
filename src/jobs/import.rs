//! The job of an import: opens the sealed upload and stores it chunk by chunk, each with its
//! verdicts and its progress. Must not know: HTTP, how a row is judged.

use super::{Ended, Held};
use crate::acts::import_register::{Chunk, Judged, Stopped, Task, Witness, import_register};
use crate::db::imports::{self, ImportRow, Verdict};
use crate::db::{Fault, Tx, jobs};
use crate::domain::ids::ImportId;
use crate::domain::problem::Code;
use crate::outside::tables::{FileProblem, Table};
use std::fs::File;
use std::io;
use std::ops::ControlFlow;

/// Keeps verdicts and progress in the transaction of their chunk.
struct Keeper<'a> {
    held: &'a Held<'a>,
    import: ImportId,
    total: i64,
}

impl From<&Judged> for Verdict {
    fn from(judged: &Judged) -> Self {
        Self {
            row: i64::try_from(judged.row).unwrap_or(i64::MAX),
            outcome: judged.outcome,
            problems: judged.problems.iter().map(Into::into).collect(),
            fields: judged.fields.iter().map(|f| (*f).to_owned()).collect(),
        }
    }
}

impl Witness for Keeper<'_> {
    fn enter(&self, tx: &mut Tx<'_>, chunk: &Chunk<'_>) -> Result<(), Fault> {
        let verdicts = chunk.rows.iter().map(Into::into).collect();
        imports::enter(tx, self.import, verdicts, &chunk.counts)?;
        let done = i64::try_from(chunk.counts.rows()).map_err(Fault::broken)?;
        jobs::progress(tx, self.held.job.id, self.held.holder, done, Some(self.total))
    }

    fn stored(&mut self, _: &Chunk<'_>) -> io::Result<ControlFlow<()>> {
        let stop = self.held.must_stop();
        Ok(if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}

/// The import with its upload in a file that has no name.
fn unsealed(held: &Held<'_>, id: ImportId) -> Result<(ImportRow, File), Fault> {
    let mut file = tempfile::tempfile().map_err(Fault::broken)?;
    let row = held.store.snapshot(|conn, _| {
        imports::copy_upload(conn, id, &mut file)?;
        imports::get(conn, id)
    })?;
    Ok((row, file))
}

/// Opens the table and counts its rows, so that a broken file is found before a row is stored.
fn open(file: File) -> Result<(Table, i64), FileProblem> {
    let mut table = Table::open(file)?;
    let mut total = 0;
    for row in table.rows()? {
        row?;
        total += 1;
    }
    Ok((table, total))
}

/// Keeps what is wrong with the file; its first code ends the job.
fn refused(held: &Held<'_>, id: ImportId, problem: FileProblem) -> Result<Ended, Fault> {
    let problems = match problem {
        FileProblem::Refused(problems) => problems.0,
        FileProblem::Io(error) => return Err(Fault::broken(error)),
    };
    held.store.write(held.actor(), |tx, _| imports::refuse(tx, id, &problems))?;
    let code = problems.first().map_or(Code::FileUnreadable, |w| w.reason.code);
    Ok(Ended::Failed(code.as_str()))
}

pub fn run(held: &Held<'_>) -> Result<Ended, Fault> {
    let import = ImportId::from(held.job.subject.0);
    let (row, file) = unsealed(held, import)?;
    let (mut table, total) = match open(file) {
        Ok(opened) => opened,
        Err(problem) => return refused(held, import, problem),
    };
    held.store.write(held.actor(), |tx, _| {
        imports::opened(tx, import, table.format(), table.columns().headers())?;
        jobs::progress(tx, held.job.id, held.holder, row.position, Some(total))
    })?;
    let task =
        Task { actor: held.actor(), import: import.uuid(), mode: row.mode, done: row.counts() };
    let mut keeper = Keeper { held, import, total };
    match import_register(held.store, &task, &mut table, &mut keeper) {
        Ok(_) => Ok(Ended::Done),
        Err(Stopped::LeftOff) => Ok(Ended::LeftOff),
        Err(Stopped::File(problem)) => refused(held, import, problem),
        Err(Stopped::Database(fault)) => Err(fault),
        Err(Stopped::Report(error)) => Err(Fault::broken(error)),
    }
}
