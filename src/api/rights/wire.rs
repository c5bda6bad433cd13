//! Data requests on the wire. Must not know: rows other than those they are made from.

use crate::api::answer::{Resource, page};
use crate::api::extract::Wire;
use crate::api::problem::Problem;
use crate::api::sight::Sight;
use crate::db::rights::{Filter, RequestRow, Words};
use crate::domain::ids::RoundId;
use crate::domain::problem::{Code, Problems};
use crate::domain::rights::{
    Correction, Decision, DecisionForm, NewRequest, RecordField, RefusalGround, RequestForm,
    RequestKind, RequestState, ReviewOutcome, Verdict,
};
use crate::domain::time::Instant;
use crate::texts::{self, Lang};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

/// A member of the record that is wrong.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedCorrection {
    pub field: RecordField,
    /// What it should say, as a registration spells it, numbers too; left out to clear it.
    #[serde(default)]
    pub value: Option<String>,
}

/// A request about one's own data. `corrections` and `evidence` belong to a correction and
/// `round_id` to an objection: each must have them, and no other kind may.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "correction", "text": "A digit is wrong.", "evidence": "The KTP, shown at the desk.",
    "corrections": [{ "field": "village", "value": "Cijengkol" }]
}))]
pub struct MakeDataRequest {
    pub kind: RequestKind,
    /// In the person's own words.
    #[serde(default)]
    pub text: Option<String>,
    /// What shows that the record is wrong.
    #[serde(default)]
    pub evidence: Option<String>,
    #[serde(default)]
    #[validate(length(max = 21))]
    pub corrections: Vec<WantedCorrection>,
    /// The published round whose result a human being shall look at.
    #[serde(default)]
    pub round_id: Option<Uuid>,
}

impl Wire for MakeDataRequest {
    type Value = NewRequest;

    fn value(self) -> Result<NewRequest, Problems> {
        let one = |c: WantedCorrection| Correction { field: c.field, value: c.value };
        RequestForm {
            kind: self.kind,
            text: self.text,
            evidence: self.evidence,
            corrections: self.corrections.into_iter().map(one).collect(),
            round: self.round_id.map(Into::into),
        }
        .parse()
    }
}

/// An answer to a request.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "outcome": "granted", "note": "The KTP was seen." }))]
pub struct DecideDataRequest {
    pub outcome: Verdict,
    /// Which members of a correction are granted, when it is granted in part.
    #[serde(default)]
    pub fields: Vec<RecordField>,
    /// Why it is refused, as a whole or in part.
    #[serde(default)]
    pub ground: Option<RefusalGround>,
    /// What the review of a result found; with a granted objection.
    #[serde(default)]
    pub review: Option<ReviewOutcome>,
    /// What the person reads.
    pub note: String,
}

impl Wire for DecideDataRequest {
    type Value = Decision;

    fn value(self) -> Result<Decision, Problems> {
        DecisionForm {
            verdict: self.outcome,
            fields: self.fields,
            ground: self.ground,
            review: self.review,
            note: self.note,
        }
        .parse()
    }
}

/// A member and what it should say.
#[derive(Debug, Serialize, ToSchema)]
pub struct AskedCorrection {
    pub field: RecordField,
    /// Null clears it.
    #[schema(required = true)]
    pub value: Option<String>,
}

/// A request with the person's words and its answer, for the office and the person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11",
    "job_seeker_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12", "kind": "correction",
    "state": "received", "text": "A digit is wrong.", "evidence": "The KTP, shown at the desk.",
    "corrections": [{ "field": "village", "value": "Cijengkol" }], "round_id": null,
    "received_at": "2026-11-24T03:00:00Z", "escalates_at": "2026-11-26T03:00:00Z",
    "due_at": "2026-11-27T03:00:00Z", "escalated_at": null, "overdue": false,
    "decided_at": null, "ground": null, "ground_detail": null, "review": null, "note": null,
    "ended_at": null, "updated_at": "2026-11-24T03:00:00Z"
}))]
pub struct DataRequest {
    pub id: Uuid,
    pub job_seeker_id: Uuid,
    pub kind: RequestKind,
    pub state: RequestState,
    #[schema(required = true)]
    pub text: Option<String>,
    #[schema(required = true)]
    pub evidence: Option<String>,
    pub corrections: Vec<AskedCorrection>,
    #[schema(required = true)]
    pub round_id: Option<Uuid>,
    pub received_at: DateTime<Utc>,
    /// When a lead officer is told of it, if there is no answer by then.
    pub escalates_at: DateTime<Utc>,
    /// When it must be answered.
    pub due_at: DateTime<Utc>,
    /// Since when a lead officer knows of it.
    #[schema(required = true)]
    pub escalated_at: Option<DateTime<Utc>>,
    /// There is no answer, and the time is over.
    pub overdue: bool,
    #[schema(required = true)]
    pub decided_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub ground: Option<RefusalGround>,
    /// The ground in the reader's language.
    #[schema(required = true)]
    pub ground_detail: Option<String>,
    #[schema(required = true)]
    pub review: Option<ReviewOutcome>,
    /// What the officer writes to the person.
    #[schema(required = true)]
    pub note: Option<String>,
    /// When it was over: done, refused or withdrawn.
    #[schema(required = true)]
    pub ended_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl Resource for DataRequest {
    fn version(&self) -> i64 {
        self.version
    }
    fn location(&self) -> String {
        format!("/v1/me/data-requests/{}", self.id)
    }
}

fn said(ground: RefusalGround, lang: Lang) -> &'static str {
    match ground {
        RefusalGround::IdentityNotProven => texts::label(lang, "ground_identity_not_proven"),
        RefusalGround::EvidenceInsufficient => texts::label(lang, "ground_evidence_insufficient"),
        RefusalGround::RecordCorrect => texts::label(lang, "ground_record_correct"),
        RefusalGround::RetentionDuty => texts::label(lang, "ground_retention_duty"),
        RefusalGround::LegalException => texts::label(lang, "ground_legal_exception"),
        RefusalGround::Repeated => texts::label(lang, "ground_repeated"),
    }
}

impl DataRequest {
    pub fn shown(_: Sight, row: &RequestRow, words: Words, (now, lang): (Instant, Lang)) -> Self {
        let one = |c: Correction| AskedCorrection { field: c.field, value: c.value };
        Self {
            id: row.id.uuid(),
            job_seeker_id: row.seeker_id.uuid(),
            kind: row.kind,
            state: row.state,
            text: words.text,
            evidence: words.evidence,
            corrections: words.corrections.into_iter().map(one).collect(),
            round_id: row.round_id.map(RoundId::uuid),
            received_at: row.received_at.utc(),
            escalates_at: row.escalates_at.utc(),
            due_at: row.due_at.utc(),
            escalated_at: row.escalated_at(now).map(Instant::utc),
            overdue: row.is_overdue(now),
            decided_at: row.decided_at.map(Instant::utc),
            ground: row.ground,
            ground_detail: row.ground.map(|ground| said(ground, lang).to_owned()),
            review: row.review,
            note: words.note,
            ended_at: row.ended_at.map(Instant::utc),
            updated_at: row.updated_at.utc(),
            version: row.version,
        }
    }
}

/// A line of a list: nobody's words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11",
    "job_seeker_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12", "kind": "erasure",
    "state": "received", "received_at": "2026-11-24T03:00:00Z",
    "due_at": "2026-11-27T03:00:00Z", "escalated_at": null, "overdue": false,
    "updated_at": "2026-11-24T03:00:00Z"
}))]
pub struct DataRequestLine {
    id: Uuid,
    job_seeker_id: Uuid,
    kind: RequestKind,
    state: RequestState,
    received_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    #[schema(required = true)]
    escalated_at: Option<DateTime<Utc>>,
    overdue: bool,
    updated_at: DateTime<Utc>,
}

impl DataRequestLine {
    pub fn of(row: &RequestRow, now: Instant) -> Self {
        Self {
            id: row.id.uuid(),
            job_seeker_id: row.seeker_id.uuid(),
            kind: row.kind,
            state: row.state,
            received_at: row.received_at.utc(),
            due_at: row.due_at.utc(),
            escalated_at: row.escalated_at(now).map(Instant::utc),
            overdue: row.is_overdue(now),
            updated_at: row.updated_at.utc(),
        }
    }
}

page!(
    /// A page of requests, the oldest first.
    DataRequestPage of DataRequestLine
);

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListDataRequests {
    #[param(nullable = false, inline = false)]
    pub kind: Option<RequestKind>,
    #[param(nullable = false, inline = false)]
    pub state: Option<RequestState>,
    /// Those that must be answered before that moment.
    #[param(nullable = false, format = DateTime)]
    pub due_before: Option<String>,
    /// `true`: open ones that a lead officer should know of.
    #[param(nullable = false)]
    pub escalated: Option<bool>,
    /// `true`: open ones whose time is over.
    #[param(nullable = false)]
    pub overdue: Option<bool>,
    /// 1 to 100, 20 unless told.
    #[param(nullable = false, minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(nullable = false)]
    pub cursor: Option<String>,
}

impl ListDataRequests {
    /// The list's name with its filters: a cursor belongs to these.
    pub fn list_name(&self) -> String {
        format!(
            "data-requests {:?} {:?} {:?} {:?} {:?}",
            self.kind, self.state, self.due_before, self.escalated, self.overdue
        )
    }

    pub fn filter(&self, now: Instant) -> Result<Filter, Problem> {
        let wrong = |name: &'static str| Problem::from(Code::ParameterInvalid.with("name", name));
        let only = |given: Option<bool>, name| match given {
            Some(false) => Err(wrong(name)),
            Some(true) => Ok(Some(now)),
            None => Ok(None),
        };
        let due_before = self.due_before.as_deref().map(str::parse::<Instant>).transpose();
        Ok(Filter {
            seeker: None,
            kind: self.kind,
            state: self.state,
            due_before: due_before.map_err(|_| wrong("due_before"))?,
            escalated_by: only(self.escalated, "escalated")?,
            overdue_by: only(self.overdue, "overdue")?,
        })
    }
}
