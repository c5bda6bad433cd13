//! Applications on the wire. Must not know: rows other than those it is made from.

use crate::api::answer::Resource;
use crate::api::extract::Wire;
use crate::api::problem::Problem;
use crate::db::Fault;
use crate::db::applications::ApplicationRow;
use crate::db::types::ApplicationState;
use crate::domain::identity::free_text;
use crate::domain::ids::QuotaId;
use crate::domain::problem::{Code, Problems};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

const REASON_MAX: usize = 300;

/// Quotas in the order of the person's own wish, the best first.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "choices": ["01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11"] }))]
pub struct PutApplication {
    /// Ids of open quotas of the season.
    pub choices: Vec<String>,
    /// Why the office does it for the person; the office must say it.
    #[serde(default)]
    pub reason: Option<String>,
}

/// The list as a request says it.
#[derive(Debug, Clone)]
pub struct Choices {
    pub choices: Vec<QuotaId>,
    pub reason: Option<String>,
}

impl Wire for PutApplication {
    type Value = Choices;

    fn value(self) -> Result<Choices, Problems> {
        let mut p = Problems::default();
        let read = |(index, text): (usize, &String)| {
            p.at(&format!("/choices/{index}"), text.parse().map_err(|_| Code::Invalid))
        };
        let choices: Vec<Option<QuotaId>> = self.choices.iter().enumerate().map(read).collect();
        let reason = p.maybe("/reason", self.reason, |text| free_text(&text, REASON_MAX));
        p.done(|| {
            let choices = choices.into_iter().collect::<Option<_>>()?;
            Some(Choices { choices, reason: reason?.flatten() })
        })
    }
}

/// A ranked list as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "season_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12",
    "job_seeker_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c13",
    "choices": ["01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11"], "state": "active", "reason": null,
    "updated_at": "2026-11-24T03:00:00Z"
}))]
pub struct Application {
    pub season_id: Uuid,
    pub job_seeker_id: Uuid,
    /// Best first.
    pub choices: Vec<Uuid>,
    pub state: ApplicationState,
    /// Why the office did it for the person.
    #[schema(required = true)]
    pub reason: Option<String>,
    pub updated_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl Resource for Application {
    fn version(&self) -> i64 {
        self.version
    }
    fn location(&self) -> String {
        format!("/v1/seasons/{}/applications/{}", self.season_id, self.job_seeker_id)
    }
}

impl Application {
    pub fn of(row: &ApplicationRow) -> Result<Self, Fault> {
        Ok(Self {
            season_id: row.season_id.uuid(),
            job_seeker_id: row.seeker_id.uuid(),
            choices: row.choices()?.into_iter().map(QuotaId::uuid).collect(),
            state: row.state,
            reason: row.reason.clone(),
            updated_at: row.updated_at.utc(),
            version: row.version,
        })
    }
}

/// Said with a withdrawal.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// Why the office does it for the person; the office must say it.
    #[param(nullable = false)]
    pub reason: Option<String>,
}

impl Withdrawal {
    pub fn reason(&self) -> Result<Option<String>, Problem> {
        let read = self.reason.as_deref().map(|text| free_text(text, REASON_MAX)).transpose();
        read.map(Option::flatten).map_err(|_| Code::ParameterInvalid.with("name", "reason").into())
    }
}
