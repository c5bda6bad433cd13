//! Imports on the wire. Must not know: how rows are judged.

use crate::api::answer::{Resource, page};
use crate::db::imports::{ImportRow as Row, Said, Verdict};
use crate::db::jobs::JobRow;
use crate::db::types::{ImportMode, JobState};
use crate::domain::problem::Code;
use crate::domain::register::{Columns, Counts, Format, Outcome};
use crate::domain::time::Instant;
use crate::matching::lottery::hex;
use crate::texts::{self, Lang};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How an upload is read.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct UploadQuery {
    pub mode: ImportMode,
}

/// Which rows, and how many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListRows {
    /// Only rows that ended so.
    #[param(nullable = false)]
    pub outcome: Option<Outcome>,
    /// Only rows of which something is told, or nothing.
    #[param(nullable = false)]
    pub told: Option<bool>,
    /// 1 to 100, 20 unless told.
    #[param(nullable = false, minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(nullable = false)]
    pub cursor: Option<String>,
}

impl ListRows {
    pub fn wants(&self, verdict: &Verdict) -> bool {
        let told = verdict.outcome == Outcome::Conflict || !verdict.problems.is_empty();
        self.outcome.is_none_or(|o| o == verdict.outcome) && self.told.is_none_or(|t| t == told)
    }
}

/// Rows by how they ended. Warned rows are among those that were not refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportCounts {
    pub new: u64,
    pub unchanged: u64,
    pub changed: u64,
    pub conflict: u64,
    pub refused: u64,
    pub warned: u64,
}

impl From<Counts> for ImportCounts {
    fn from(counts: Counts) -> Self {
        let Counts { new, unchanged, changed, conflict, refused, warned } = counts;
        Self { new, unchanged, changed, conflict, refused, warned }
    }
}

/// What is said of a row or of the file.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowProblem {
    /// The header of the column; empty for the whole row.
    pub column: String,
    /// Stable, never translated.
    pub code: String,
    /// In the reader's language.
    pub detail: String,
}

impl RowProblem {
    pub fn of(said: &Said, lang: Lang) -> Self {
        let facts: Vec<(&str, String)> =
            said.facts.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        let detail = texts::text(lang, said.code, &facts);
        Self { column: said.column.clone(), code: said.code.to_string(), detail }
    }
}

/// A register that was uploaded, and how far it is read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "mode": "apply", "format": "csv",
    "job_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12", "state": "running",
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "rows_done": 1500, "rows_total": 5000,
    "counts": { "new": 1400, "unchanged": 30, "changed": 20, "conflict": 0, "refused": 50, "warned": 12 },
    "ignored_columns": ["Hobi"], "problem": null, "problems": [],
    "updated_at": "2026-11-24T03:00:00Z", "destroyed_at": null
}))]
pub struct Import {
    pub id: Uuid,
    pub mode: ImportMode,
    /// Not known until the file was opened.
    #[schema(required = true)]
    pub format: Option<Format>,
    pub job_id: Uuid,
    pub state: JobState,
    /// SHA-256 of the file, in hexadecimal.
    pub digest: String,
    pub rows_done: i64,
    #[schema(required = true)]
    pub rows_total: Option<i64>,
    pub counts: ImportCounts,
    /// Headers whose columns are not read.
    pub ignored_columns: Vec<String>,
    /// The code of what stopped it.
    #[schema(required = true)]
    pub problem: Option<String>,
    /// What is wrong with the whole file.
    pub problems: Vec<RowProblem>,
    pub updated_at: DateTime<Utc>,
    /// When the file and the verdicts over its rows were destroyed, as retention asks.
    #[schema(required = true)]
    pub destroyed_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    version: i64,
}

impl Resource for Import {
    fn version(&self) -> i64 {
        self.version
    }
    fn location(&self) -> String {
        format!("/v1/imports/{}", self.id)
    }
}

impl Import {
    pub fn of(row: &Row, headers: &[String], job: JobRow, said: &[Said], lang: Lang) -> Self {
        let columns = Columns::recognise(headers).ok();
        let ignored = columns.iter().flat_map(Columns::ignored).map(str::to_owned);
        Self {
            id: row.id.uuid(),
            mode: row.mode,
            format: row.format,
            job_id: row.job_id.uuid(),
            state: job.state,
            digest: hex(&row.digest),
            rows_done: row.position,
            rows_total: job.total,
            counts: row.counts().into(),
            ignored_columns: ignored.collect(),
            problem: job.problem,
            problems: said.iter().map(|s| RowProblem::of(s, lang)).collect(),
            updated_at: row.updated_at.max(job.updated_at).utc(),
            version: row.version.max(job.version),
            destroyed_at: row.destroyed_at.map(Instant::utc),
        }
    }
}

/// The verdict over one row.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "row": 17, "outcome": "refused", "problems": [{
        "column": "NIK", "code": "nik_length", "detail": "A NIK has 16 digits; this one has 15."
    }], "changed_fields": []
}))]
pub struct ImportRow {
    /// Counted over the data rows of the file, from 1.
    pub row: i64,
    pub outcome: Outcome,
    /// Why it was refused, or else its warnings.
    pub problems: Vec<RowProblem>,
    /// The names of the fields that differ from the record.
    pub changed_fields: Vec<String>,
}

impl ImportRow {
    pub fn of(verdict: Verdict, lang: Lang) -> Self {
        let mut problems: Vec<RowProblem> =
            verdict.problems.iter().map(|said| RowProblem::of(said, lang)).collect();
        // A conflict that says nothing of itself is one of identities.
        let told = verdict.problems.iter().any(|said| said.code == Code::ProcessingRestricted);
        if verdict.outcome == Outcome::Conflict && !told {
            let code = Code::IdentityConflict;
            let said = Said { column: String::new(), code, facts: Vec::new() };
            problems.push(RowProblem::of(&said, lang));
        }
        let Verdict { row, outcome, fields, .. } = verdict;
        Self { row, outcome, problems, changed_fields: fields }
    }
}

page!(
    /// A page of rows in the order of the file.
    ImportRowPage of ImportRow
);
