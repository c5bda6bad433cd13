//! Proposals to merge two records, on the wire. Must not know: rows other than those they are made
//! from.

use crate::acts::frozen::Against;
use crate::api::answer::{Resource, page};
use crate::api::extract::Wire;
use crate::api::reasons::WhyNot;
use crate::api::seekers::JobSeeker;
use crate::api::sight::Sight;
use crate::db::Fault;
use crate::db::merges::{MergeRow, Words};
use crate::domain::ids::DataRequestId;
use crate::domain::merges::{Fate, MergeForm, MergeState, MergedThing, NewMerge, refusal};
use crate::domain::problem::{Problems, Reason};
use crate::domain::rights::RecordField;
use crate::domain::time::Instant;
use crate::texts::Lang;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

/// Two records of one human being, and why they are.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "survivor_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11",
    "double_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12", "fields": ["phone"],
    "evidence": "One KTP and one family card, both seen; a digit of the NIK was typed wrong."
}))]
pub struct ProposeMerge {
    /// The record that stands.
    pub survivor_id: Uuid,
    /// The record that goes into it.
    pub double_id: Uuid,
    /// Members that the survivor takes from the double; it keeps its own otherwise.
    #[serde(default)]
    #[validate(length(max = 21))]
    pub fields: Vec<RecordField>,
    /// What shows that they are one person: documents that were seen.
    pub evidence: String,
    /// The request in which the person said so.
    #[serde(default)]
    pub data_request_id: Option<Uuid>,
}

impl Wire for ProposeMerge {
    type Value = NewMerge;

    fn value(self) -> Result<NewMerge, Problems> {
        MergeForm {
            survivor: self.survivor_id.into(),
            double: self.double_id.into(),
            fields: self.fields,
            evidence: self.evidence,
            request: self.data_request_id.map(Into::into),
        }
        .parse()
    }
}

/// Why a proposal is refused.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "note": "The family cards differ: these are two sisters." }))]
pub struct RefuseMerge {
    note: String,
}

impl Wire for RefuseMerge {
    type Value = String;

    fn value(self) -> Result<String, Problems> {
        refusal(&self.note)
    }
}

/// A member in which the records differ.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergeDifference {
    pub field: RecordField,
    /// The survivor takes it from the double.
    pub taken: bool,
}

/// What becomes of things of the double.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergeEffect {
    thing: MergedThing,
    /// So many hang on the survivor then.
    moves: usize,
    /// So many count no more: of consents the ones that a later word overrides.
    ends: usize,
    /// So many stay where they are, under the double's id or pseudonym.
    stays: usize,
}

impl From<Fate> for MergeEffect {
    fn from(fate: Fate) -> Self {
        let Fate { thing, moves, ends, stays } = fate;
        Self { thing, moves, ends, stays }
    }
}

/// Both records with all that a second officer has to see, while the proposal stands.
#[derive(Default)]
pub struct Sides {
    pub survivor: Option<JobSeeker>,
    pub double: Option<JobSeeker>,
    pub differences: Vec<RecordField>,
    pub fates: Vec<Fate>,
    pub against: Vec<Reason>,
}

/// A proposal with both records side by side. Once it is decided, nothing is compared any more.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c13", "state": "withdrawn",
    "survivor_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11",
    "double_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12", "fields": ["phone"],
    "evidence": "One KTP and one family card, both seen; a digit of the NIK was typed wrong.",
    "data_request_id": null, "survivor": null, "double": null, "differences": [], "effects": [],
    "against": [], "proposed_at": "2026-11-24T03:00:00Z", "decided_at": "2026-11-24T04:00:00Z",
    "note": null, "updated_at": "2026-11-24T04:00:00Z"
}))]
pub struct Merge {
    pub id: Uuid,
    pub state: MergeState,
    pub survivor_id: Uuid,
    pub double_id: Uuid,
    pub fields: Vec<RecordField>,
    #[schema(required = true)]
    pub evidence: Option<String>,
    #[schema(required = true)]
    pub data_request_id: Option<Uuid>,
    /// The records as they stand, while the proposal is not decided; null if one was erased.
    #[schema(required = true)]
    pub survivor: Option<JobSeeker>,
    #[schema(required = true)]
    pub double: Option<JobSeeker>,
    pub differences: Vec<MergeDifference>,
    pub effects: Vec<MergeEffect>,
    /// Every reason for which it cannot be confirmed now; uploads are looked into only then.
    pub against: Vec<WhyNot>,
    pub proposed_at: DateTime<Utc>,
    #[schema(required = true)]
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was refused.
    #[schema(required = true)]
    pub note: Option<String>,
    pub updated_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl Resource for Merge {
    fn version(&self) -> i64 {
        self.version
    }
    fn location(&self) -> String {
        format!("/v1/merges/{}", self.id)
    }
}

impl Merge {
    pub fn shown(
        _: Sight,
        row: &MergeRow,
        words: Words,
        sides: Sides,
        lang: Lang,
    ) -> Result<Self, Fault> {
        let fields = row.fields()?;
        let differs = |field| MergeDifference { field, taken: fields.contains(&field) };
        let against = sides.against.into_iter().map(Against::from);
        Ok(Self {
            id: row.id.uuid(),
            state: row.state,
            survivor_id: row.survivor_id.uuid(),
            double_id: row.double_id.uuid(),
            evidence: words.evidence,
            data_request_id: row.request_id.map(DataRequestId::uuid),
            survivor: sides.survivor,
            double: sides.double,
            differences: sides.differences.into_iter().map(differs).collect(),
            effects: sides.fates.into_iter().map(Into::into).collect(),
            against: against.map(|reason| WhyNot::of(&reason, lang)).collect(),
            proposed_at: row.proposed_at.utc(),
            decided_at: row.decided_at.map(Instant::utc),
            note: words.note,
            updated_at: row.updated_at.utc(),
            version: row.version,
            fields,
        })
    }
}

/// A line of a list: nobody's data and nobody's words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c13", "state": "proposed",
    "survivor_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11",
    "double_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12", "data_request_id": null,
    "proposed_at": "2026-11-24T03:00:00Z", "decided_at": null,
    "updated_at": "2026-11-24T03:00:00Z"
}))]
pub struct MergeLine {
    id: Uuid,
    state: MergeState,
    survivor_id: Uuid,
    double_id: Uuid,
    #[schema(required = true)]
    data_request_id: Option<Uuid>,
    proposed_at: DateTime<Utc>,
    #[schema(required = true)]
    decided_at: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
}

impl From<MergeRow> for MergeLine {
    fn from(row: MergeRow) -> Self {
        Self {
            id: row.id.uuid(),
            state: row.state,
            survivor_id: row.survivor_id.uuid(),
            double_id: row.double_id.uuid(),
            data_request_id: row.request_id.map(DataRequestId::uuid),
            proposed_at: row.proposed_at.utc(),
            decided_at: row.decided_at.map(Instant::utc),
            updated_at: row.updated_at.utc(),
        }
    }
}

page!(
    /// A page of proposals, the oldest first.
    MergePage of MergeLine
);

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListMerges {
    /// `proposed`: those that wait for a lead officer.
    #[param(nullable = false, inline = false)]
    pub state: Option<MergeState>,
    /// 1 to 100, 20 unless told.
    #[param(nullable = false, minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(nullable = false)]
    pub cursor: Option<String>,
}
