//! `musiman import job-seekers`: a register into the database, with a report of its rows.
//! Must not know: how a row is read.

use super::progress::Progress;
use super::stop::Stop;
use super::{logs, start};
use crate::acts::import_register::{Chunk, Judged, Stopped, Task, Witness, import_register};
use crate::config::DataSettings;
use crate::db::Actor;
use crate::domain::problem::{Code, Wrong};
use crate::domain::register::{Counts, Outcome};
use crate::outside::tables::{FileProblem, Table};
use crate::texts::{self, Lang};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::ops::ControlFlow;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Import {
    /// Read a register (CSV or XLSX) into the job seekers; the same file again changes nothing
    JobSeekers(JobSeekers),
}

#[derive(Args)]
pub struct JobSeekers {
    /// The register
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Write a JSON line for each row that was refused or warned
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    data: DataSettings,
}

/// Shows the progress and writes the report.
struct Teller {
    progress: Progress,
    report: Option<BufWriter<File>>,
}

/// Whether it is told why the row was left: the person had the processing restricted, or the NIK is
/// that of a merged record.
fn says_why(wrongs: &[Wrong]) -> bool {
    let told = [Code::ProcessingRestricted, Code::NikMerged];
    wrongs.iter().any(|w| told.contains(&w.reason.code))
}

impl Teller {
    fn line(&mut self, row: u64, outcome: &str, problems: Vec<Value>) -> io::Result<()> {
        let Some(report) = &mut self.report else { return Ok(()) };
        writeln!(report, "{}", json!({ "row": row, "outcome": outcome, "problems": problems }))
    }
}

/// In the office's language.
fn told(wrongs: &[Wrong]) -> Vec<Value> {
    let one = |w: &Wrong| {
        let detail = texts::text(Lang::Id, w.reason.code, &w.reason.facts);
        json!({ "column": w.pointer, "code": w.reason.code.as_str(), "detail": detail })
    };
    wrongs.iter().map(one).collect()
}

impl Teller {
    /// A row that was refused, warned, or waits for an officer.
    fn tell(&mut self, judged: &Judged) -> io::Result<()> {
        let (row, problems) = (judged.row, &judged.problems);
        match judged.outcome {
            Outcome::Refused => return self.line(row, "refused", told(problems)),
            Outcome::Conflict if says_why(problems) => {
                return self.line(row, "conflict", told(problems));
            }
            _ if !problems.is_empty() => self.line(row, "warned", told(problems))?,
            _ => {}
        }
        if judged.outcome != Outcome::Conflict {
            return Ok(());
        }
        let detail = texts::text(Lang::Id, Code::IdentityConflict, &[]);
        let code = Code::IdentityConflict.as_str();
        let one = |field| json!({ "column": field, "code": code, "detail": detail });
        self.line(row, "conflict", judged.fields.iter().map(one).collect())
    }
}

impl Witness for Teller {
    fn stored(&mut self, chunk: &Chunk<'_>) -> io::Result<ControlFlow<()>> {
        chunk.rows.iter().try_for_each(|judged| self.tell(judged))?;
        self.progress.at(chunk.counts.rows());
        Ok(ControlFlow::Continue(()))
    }
}

impl Import {
    pub fn run(self) -> Result<(), Stop> {
        let Self::JobSeekers(import) = self;
        import.run()
    }
}

impl JobSeekers {
    fn run(self) -> Result<(), Stop> {
        logs::start(&self.data)?;
        let shown = self.file.display();
        let file =
            File::open(&self.file).map_err(|error| Stop::usage(format!("{shown}: {error}")))?;
        let mut table = Table::open(file).map_err(|problem| refused(&problem))?;
        let report = self.report.as_ref().map(File::create).transpose()?.map(BufWriter::new);
        let opened = start::open(&self.data)?;
        let mut teller = Teller { progress: Progress::new("rows", None), report };
        let task =
            Task::whole(Actor::operator("import job-seekers"), opened.store.clock().new_id());
        let done = import_register(&opened.store, &task, &mut table, &mut teller);
        teller.progress.end();
        if let Some(report) = &mut teller.report {
            report.flush()?;
        }
        let counts = done.map_err(|stopped| match stopped {
            Stopped::File(problem) => refused(&problem),
            Stopped::Database(fault) => fault.into(),
            Stopped::Report(error) => error.into(),
            Stopped::LeftOff => Stop::failed("left off"),
        })?;
        let Counts { new, unchanged, changed, conflict, refused, warned } = counts;
        let accepted = counts.accepted();
        let mut out = io::stdout().lock();
        writeln!(out, "new {new} changed {changed} unchanged {unchanged} conflict {conflict}")?;
        writeln!(out, "accepted {accepted} refused {refused} warned {warned}")?;
        Ok(())
    }
}

fn refused(problem: &FileProblem) -> Stop {
    match problem {
        FileProblem::Io(error) => Stop::failed(error.to_string()),
        FileProblem::Refused(problems) => {
            let say = |w: &Wrong| texts::text(Lang::Id, w.reason.code, &w.reason.facts);
            let lines: Vec<String> = problems.0.iter().map(say).collect();
            Stop::wrong(lines.join(" "))
        }
    }
}
