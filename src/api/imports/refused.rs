//! The refused rows of an import as a file to mend and send again: the sender's own cells, read
//! from the upload once more, each row with what is wrong. Must not know: how rows are judged.

use super::wire::RowProblem;
use crate::api::sight::Sight;
use crate::db::imports::{self as table, Verdict};
use crate::db::{Conn, Fault};
use crate::domain::ids::ImportId;
use crate::domain::register::{Field, Outcome};
use crate::outside::tables::{RefusedRows, Table};
use crate::texts::Lang;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufWriter, Seek as _, SeekFrom};

/// Verdicts that are held in memory at once.
const AT_ONCE: usize = 500;

fn refused_after(
    conn: &mut Conn<'_>,
    id: ImportId,
    after: i64,
) -> Result<VecDeque<Verdict>, Fault> {
    table::page(conn, id, after, AT_ONCE, |v| v.outcome == Outcome::Refused).map(Into::into)
}

/// `NIK: what is wrong; No HP: what is wrong`.
fn said(verdict: &Verdict, lang: Lang) -> String {
    let one = |problem: RowProblem| {
        let RowProblem { column, detail, .. } = problem;
        if column.is_empty() { detail } else { format!("{column}: {detail}") }
    };
    let all: Vec<String> =
        verdict.problems.iter().map(|said| one(RowProblem::of(said, lang))).collect();
    all.join("; ")
}

/// The file, wound back to its beginning. Its rows tell who people are.
pub fn write(_: Sight, conn: &mut Conn<'_>, id: ImportId, lang: Lang) -> Result<File, Fault> {
    let mut upload = tempfile::tempfile().map_err(Fault::broken)?;
    table::copy_upload(conn, id, &mut upload)?;
    let mut register = Table::open(upload).map_err(Fault::broken)?;
    let columns = register.columns().clone();
    let out = BufWriter::new(tempfile::tempfile().map_err(Fault::broken)?);
    let mut out =
        RefusedRows::begin(out, &columns, Field::Problem.title()).map_err(Fault::broken)?;
    let mut waiting = refused_after(conn, id, 0)?;
    for row in register.rows().map_err(Fault::broken)? {
        let Some(next) = waiting.front() else { break };
        let row = row.map_err(Fault::broken)?;
        if u64::try_from(next.row) == Ok(row.number) {
            out.row(&row.cells, &said(next, lang)).map_err(Fault::broken)?;
            let last = next.row;
            waiting.pop_front();
            if waiting.is_empty() {
                waiting = refused_after(conn, id, last)?;
            }
        }
    }
    let out = out.finish().map_err(Fault::broken)?;
    let mut file = out.into_inner().map_err(|error| Fault::broken(error.into_error()))?;
    file.seek(SeekFrom::Start(0)).map_err(Fault::broken)?;
    Ok(file)
}
