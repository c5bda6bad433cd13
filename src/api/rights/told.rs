//! The export on the wire. Must not know: how it is gathered.

use super::files::EvidenceFile;
use super::wire::DataRequest;
use crate::acts::frozen::{Against, Part, Record, Wish};
use crate::api::consents::Consent;
use crate::api::portable::ExternalId;
use crate::api::reasons::{PointsPart, WhyNot};
use crate::api::rounds::ExplainedWish;
use crate::api::seekers::JobSeeker;
use crate::db::accounts::AccountRow;
use crate::db::activations::Waiting;
use crate::db::applications::ApplicationRow;
use crate::db::breaches::{BreachRow, TouchedRow};
use crate::db::inputs::{FrozenOf, OpenRow};
use crate::db::merges::MergeRow;
use crate::db::refresh::Kept;
use crate::db::rounds::{RoundRow, SeatRow};
use crate::db::seals::JournalLine;
use crate::db::sessions::SessionRow;
use crate::db::types::{AccountState, ApplicationState};
use crate::db::{Conn, Fault};
use crate::domain::capacity::Capacity;
use crate::domain::identity::Sex;
use crate::domain::ids::{AccountId, DataRequestId, QuotaId};
use crate::domain::merges::MergeState;
use crate::domain::rights::RecordField;
use crate::domain::roles::Role;
use crate::domain::time::Instant;
use crate::matching::lottery::hex;
use crate::texts::Lang;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Everything that the service holds of a person, but for secrets (hashes of passwords, codes and
/// tokens) and for what it derives from this to find it again. Officers are told by their role.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "made_at": "2026-11-24T03:00:00Z", "record": {
        "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "nik": "3216184703960002", "kk": null,
        "name": "Siti Contoh", "birth_place": null, "born_on": "1996-03-07", "sex": "female",
        "marital_status": "single", "address": "Jl. Melati 1", "village": "Cijengkol",
        "kecamatan": "321618", "kecamatan_name": "Setu", "education": "smp",
        "phone": "+6281234567890", "email": null, "ak1_number": "3216/00001/2026",
        "ak1_issued_on": "2026-03-02", "farm_months": 36, "fishery_months": 0, "korean_level": 1,
        "training_hours": 40, "passport_number": null, "passport_expires_on": null,
        "state": "registered", "identity": "matches", "updated_at": "2026-11-24T03:00:00Z"
    },
    "kept_until": "2028-11-24", "account": null, "sessions": [], "activation_code": null, "applications": [],
    "frozen_lists": [], "results": [], "data_requests": [], "evidence_files": [], "consents": [], "external_ids": [], "breaches": [], "merges": [],
    "journal": [{
        "at": "2026-11-24T03:00:00Z", "role": "office", "capacity": "authority",
        "operation": "register_seeker", "by_me": false,
        "subject_kind": "job_seeker", "subject_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11",
        "event": "register", "from_state": null, "to_state": null, "detail": null
    }]
}))]
pub struct Export {
    pub made_at: DateTime<Utc>,
    pub record: JobSeeker,
    /// The last day on which the record is kept, in Asia/Jakarta, unless it is changed or used; null
    /// while a request about it is open or it lies still.
    #[schema(required = true)]
    pub kept_until: Option<NaiveDate>,
    /// What the person logs in with.
    #[schema(required = true)]
    pub account: Option<ExportedAccount>,
    /// Log-ins that are still kept, ended ones too.
    pub sessions: Vec<ExportedSession>,
    /// A code from the desk that was not used yet.
    #[schema(required = true)]
    pub activation_code: Option<ExportedCode>,
    /// Ranked lists, withdrawn ones too.
    pub applications: Vec<ExportedList>,
    /// What frozen inputs say of the person.
    pub frozen_lists: Vec<FrozenList>,
    /// Published rounds that decided about the person, with what decided.
    pub results: Vec<ExportedResult>,
    pub data_requests: Vec<DataRequest>,
    /// Files that were handed in with them, to be fetched one by one.
    pub evidence_files: Vec<EvidenceFile>,
    /// Answers to what was asked for consent, ended ones too.
    pub consents: Vec<Consent>,
    /// Under which numbers other systems know the person.
    pub external_ids: Vec<ExternalId>,
    /// Failures to protect the data that the person was told of.
    pub breaches: Vec<ExportedBreach>,
    /// Other records of the same person that were merged into this one, and why.
    pub merges: Vec<ExportedMerge>,
    /// What was done, and who looked, the oldest first.
    pub journal: Vec<ExportedLine>,
}

/// An authenticator app that the person chose to log in with.
#[derive(Serialize, ToSchema)]
pub struct ExportedFactor {
    pub confirmed_at: DateTime<Utc>,
    /// Codes on paper that were not used yet.
    pub recovery_codes_left: i64,
}

#[derive(Serialize, ToSchema)]
pub struct ExportedAccount {
    id: Uuid,
    role: Role,
    state: AccountState,
    #[schema(required = true)]
    second_factor: Option<ExportedFactor>,
    updated_at: DateTime<Utc>,
}

impl ExportedAccount {
    pub fn of(row: &AccountRow, second_factor: Option<ExportedFactor>) -> Self {
        Self {
            id: row.id.uuid(),
            role: row.role,
            state: row.state,
            second_factor,
            updated_at: row.updated_at.utc(),
        }
    }
}

/// A token that kept a session alive, by its times alone.
#[derive(Serialize, ToSchema)]
pub struct ExportedToken {
    id: Uuid,
    expires_at: DateTime<Utc>,
    #[schema(required = true)]
    used_at: Option<DateTime<Utc>>,
}

impl From<&Kept> for ExportedToken {
    fn from(kept: &Kept) -> Self {
        let used_at = kept.used_at.map(Instant::utc);
        Self { id: kept.id.0, expires_at: kept.expires_at.utc(), used_at }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ExportedSession {
    id: Uuid,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    /// Unless it is used before.
    expires_at: DateTime<Utc>,
    /// In spite of any use.
    ends_at: DateTime<Utc>,
    #[schema(required = true)]
    ended_at: Option<DateTime<Utc>>,
    tokens: Vec<ExportedToken>,
}

impl ExportedSession {
    pub fn of(row: &SessionRow, tokens: Vec<ExportedToken>) -> Self {
        Self {
            id: row.id.uuid(),
            created_at: row.begun_at.utc(),
            last_used_at: row.used_at.utc(),
            expires_at: row.expires_at.utc(),
            ends_at: row.ends_at.utc(),
            ended_at: row.ended_at.map(Instant::utc),
            tokens,
        }
    }
}

/// A code that waits; the code itself is kept nowhere.
#[derive(Serialize, ToSchema)]
pub struct ExportedCode {
    expires_at: DateTime<Utc>,
    /// Wrong tries so far.
    tries: i32,
}

impl From<Waiting> for ExportedCode {
    fn from(waiting: Waiting) -> Self {
        Self { expires_at: waiting.expires_at.utc(), tries: waiting.tries }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ExportedList {
    id: Uuid,
    season_id: Uuid,
    /// Quotas, best first.
    choices: Vec<Uuid>,
    state: ApplicationState,
    /// Why the office did it for the person.
    #[schema(required = true)]
    reason: Option<String>,
    updated_at: DateTime<Utc>,
}

impl ExportedList {
    pub fn of(row: &ApplicationRow) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.uuid(),
            season_id: row.season_id.uuid(),
            choices: row.choices()?.into_iter().map(QuotaId::uuid).collect(),
            state: row.state,
            reason: row.reason.clone(),
            updated_at: row.updated_at.utc(),
        })
    }
}

/// A wish as it was frozen.
#[derive(Serialize, ToSchema)]
pub struct FrozenWish {
    quota_id: String,
    age_band: String,
    experience_band: String,
    points: i64,
    parts: Vec<PointsPart>,
    reasons: Vec<WhyNot>,
}

impl FrozenWish {
    fn of(wish: &Wish, lang: Lang) -> Self {
        let part = |p: &Part| PointsPart { kind: p.kind.clone(), value: p.value, points: p.points };
        Self {
            quota_id: wish.quota.clone(),
            age_band: wish.age_band.clone(),
            experience_band: wish.experience_band.clone(),
            points: wish.points,
            parts: wish.parts.iter().map(part).collect(),
            reasons: wish.reasons.iter().map(|a: &Against| WhyNot::of(a, lang)).collect(),
        }
    }
}

/// The person in a frozen input, under a pseudonym.
#[derive(Serialize, ToSchema)]
pub struct FrozenList {
    season_id: Uuid,
    input_version: i32,
    frozen_at: DateTime<Utc>,
    pseudonym: String,
    kecamatan: String,
    sex: String,
    wishes: Vec<FrozenWish>,
}

impl FrozenList {
    pub fn of(at: &FrozenOf, input: &OpenRow, record: &Record, lang: Lang) -> Self {
        Self {
            season_id: at.season.uuid(),
            input_version: at.version,
            frozen_at: input.frozen_at.utc(),
            pseudonym: hex(&at.pseudonym),
            kecamatan: record.kecamatan.clone(),
            sex: record.sex.clone(),
            wishes: record.list.iter().map(|wish| FrozenWish::of(wish, lang)).collect(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ExportedSeat {
    quota_id: Uuid,
    number: i32,
    kecamatan: String,
    sex: Sex,
    age_band: String,
    experience_band: String,
}

impl From<SeatRow> for ExportedSeat {
    fn from(row: SeatRow) -> Self {
        Self {
            quota_id: row.quota_id.uuid(),
            number: row.number,
            kecamatan: row.kecamatan,
            sex: row.sex,
            age_band: row.age_band,
            experience_band: row.experience_band,
        }
    }
}

/// A published round with the person's seat, if there is one, and each wish explained.
#[derive(Serialize, ToSchema)]
pub struct ExportedResult {
    round_id: Uuid,
    season_id: Uuid,
    #[schema(required = true)]
    published_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    seat: Option<ExportedSeat>,
    wishes: Vec<ExplainedWish>,
}

impl ExportedResult {
    pub fn of(round: &RoundRow, seat: Option<ExportedSeat>, wishes: Vec<ExplainedWish>) -> Self {
        Self {
            round_id: round.id.uuid(),
            season_id: round.season_id.uuid(),
            published_at: round.published_at.map(Instant::utc),
            seat,
            wishes,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ExportedBreach {
    breach_id: Uuid,
    title: String,
    #[schema(required = true)]
    told_at: Option<DateTime<Utc>>,
    /// How the notice went out.
    #[schema(required = true)]
    channel: Option<String>,
}

impl From<(BreachRow, TouchedRow)> for ExportedBreach {
    fn from((breach, touched): (BreachRow, TouchedRow)) -> Self {
        Self {
            breach_id: breach.id.uuid(),
            title: breach.title,
            told_at: touched.told_at.map(Instant::utc),
            channel: touched.channel.map(|channel| channel.as_str().to_owned()),
        }
    }
}

/// A record that was the double of this one, or of one of its doubles.
#[derive(Serialize, ToSchema)]
pub struct ExportedMerge {
    id: Uuid,
    state: MergeState,
    survivor_id: Uuid,
    double_id: Uuid,
    /// Members that were taken from the double.
    fields: Vec<RecordField>,
    /// Why both are of one person.
    #[schema(required = true)]
    evidence: Option<String>,
    #[schema(required = true)]
    data_request_id: Option<Uuid>,
    proposed_at: DateTime<Utc>,
    #[schema(required = true)]
    decided_at: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
}

impl ExportedMerge {
    pub fn of(conn: &Conn<'_>, row: &MergeRow) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.uuid(),
            state: row.state,
            survivor_id: row.survivor_id.uuid(),
            double_id: row.double_id.uuid(),
            fields: row.fields()?,
            evidence: row.open(conn)?.evidence,
            data_request_id: row.request_id.map(DataRequestId::uuid),
            proposed_at: row.proposed_at.utc(),
            decided_at: row.decided_at.map(Instant::utc),
            updated_at: row.updated_at.utc(),
        })
    }
}

/// A line of the journal about the person, the account, a list or a request.
#[derive(Serialize, ToSchema)]
pub struct ExportedLine {
    at: DateTime<Utc>,
    #[schema(required = true)]
    role: Option<Role>,
    capacity: Capacity,
    /// Why: the operation that it was part of.
    #[schema(required = true)]
    operation: Option<String>,
    by_me: bool,
    subject_kind: String,
    subject_id: Uuid,
    event: String,
    #[schema(required = true)]
    from_state: Option<String>,
    #[schema(required = true)]
    to_state: Option<String>,
    /// Names of changed members, codes and counts as one JSON text.
    #[schema(required = true)]
    detail: Option<String>,
}

impl ExportedLine {
    pub fn of(line: JournalLine, me: Option<AccountId>) -> Self {
        Self {
            at: line.at.utc(),
            role: line.role,
            capacity: line.capacity,
            operation: line.operation,
            by_me: line.actor.is_some() && line.actor == me,
            subject_kind: line.subject_kind,
            subject_id: line.subject.0,
            event: line.event,
            from_state: line.from_state,
            to_state: line.to_state,
            detail: line.detail.map(|detail| detail.0.to_string()),
        }
    }
}
