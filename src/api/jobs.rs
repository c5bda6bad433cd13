//! Jobs: how far long work is. Must not know: what a job does.

use super::answer::{Resource, Tagged};
use super::extract::Path;
use super::guard::{Office, Only};
use super::problem::Problem;
use crate::db::jobs as table;
use crate::db::types::{JobKind, JobState};
use crate::domain::ids::JobId;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Long work, and how far it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "kind": "import_job_seekers", "state": "running",
    "subject_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12", "done": 1500, "total": 5000,
    "problem": null, "updated_at": "2026-11-24T03:00:00Z"
}))]
pub struct Job {
    pub id: Uuid,
    pub kind: JobKind,
    pub state: JobState,
    /// What it works on: an import, a round.
    pub subject_id: Uuid,
    pub done: i64,
    #[schema(required = true)]
    pub total: Option<i64>,
    /// The code of what stopped it.
    #[schema(required = true)]
    pub problem: Option<String>,
    pub updated_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl Resource for Job {
    fn version(&self) -> i64 {
        self.version
    }
    fn location(&self) -> String {
        format!("/v1/jobs/{}", self.id)
    }
}

impl From<table::JobRow> for Job {
    fn from(row: table::JobRow) -> Self {
        Self {
            id: row.id.uuid(),
            kind: row.kind,
            state: row.state,
            subject_id: row.subject.0,
            done: row.done,
            total: row.total,
            problem: row.problem,
            updated_at: row.updated_at.utc(),
            version: row.version,
        }
    }
}

pub async fn get_job(who: Only<Office>, id: Path<JobId>) -> Result<Tagged<Job>, Problem> {
    who.read(move |conn, _| Ok(Tagged(table::get(conn, id.0)?.into()))).await
}
