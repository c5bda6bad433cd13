//! `musiman import job-seekers`: a register into the database, with a report of its rows.
//! Must not know: how a row is read.

use super::progress::Progress;
use super::stop::Stop;
use super::{logs, start};
use crate::acts::import_register::{Counts, Stopped, Witness, import_register};
use crate::config::DataSettings;
use crate::db::Actor;
use crate::domain::problem::{Code, Wrong};
use crate::outside::tables::{FileProblem, Table};
use crate::texts::{self, Lang};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
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

impl Witness for Teller {
    fn refused(&mut self, row: u64, problems: &[Wrong]) -> io::Result<()> {
        self.line(row, "refused", told(problems))
    }

    fn warned(&mut self, row: u64, warnings: &[Wrong]) -> io::Result<()> {
        self.line(row, "warned", told(warnings))
    }

    fn conflict(&mut self, row: u64, fields: &[&'static str]) -> io::Result<()> {
        let detail = texts::text(Lang::Id, Code::IdentityConflict, &[]);
        let code = Code::IdentityConflict.as_str();
        let one = |field| json!({ "column": field, "code": code, "detail": detail });
        self.line(row, "conflict", fields.iter().map(one).collect())
    }

    fn stored(&mut self, counts: &Counts) {
        self.progress.at(counts.rows());
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
        let done = import_register(&opened.store, Actor::SYSTEM, &mut table, &mut teller);
        teller.progress.end();
        if let Some(report) = &mut teller.report {
            report.flush()?;
        }
        let counts = done.map_err(|stopped| match stopped {
            Stopped::File(problem) => refused(&problem),
            Stopped::Database(fault) => fault.into(),
            Stopped::Report(error) => error.into(),
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
