//! Consents on the wire. Must not know: rows other than those it is made from.

use crate::api::answer::{Resource, page};
use crate::api::extract::Wire;
use crate::api::problem::Problem;
use crate::db::consents::ConsentRow;
use crate::domain::consents::{self, Basis, Channel, ConsentState, Purpose};
use crate::domain::problem::{Code, Problems};
use crate::domain::roles::Role;
use crate::domain::time::{Day, parse_day};
use crate::texts::Lang;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

/// A wording, and its SHA-256 in hex, which each answer keeps.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentWording {
    /// `id`, `ko` or `en`.
    language: String,
    text: String,
    digest: String,
}

/// What is asked for a purpose.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentText {
    purpose: Purpose,
    version: i32,
    /// The first day on which this version is asked.
    #[schema(value_type = String, format = Date)]
    valid_from: Day,
    /// `public_task`: the text informs, and there is nothing to withdraw.
    basis: Basis,
    wordings: Vec<ConsentWording>,
}

/// What is asked today, purpose by purpose.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "data": [{
    "purpose": "statistics", "version": 1, "valid_from": "2026-01-01", "basis": "consent",
    "wordings": [{ "language": "en", "text": "I agree that my data is used ...", "digest": "9f2c" }]
}] }))]
pub struct ConsentTexts {
    pub data: Vec<ConsentText>,
}

impl From<&consents::ConsentText> for ConsentText {
    fn from(text: &consents::ConsentText) -> Self {
        let wording = |(language, text): (&String, &String)| ConsentWording {
            language: language.clone(),
            text: text.clone(),
            digest: consents::digest(text),
        };
        Self {
            purpose: text.purpose,
            version: text.version,
            valid_from: text.valid_from,
            basis: text.basis,
            wordings: text.wordings.iter().map(wording).collect(),
        }
    }
}

/// The person agrees to the version that is asked today, read in a language.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "purpose": "matching", "text_version": 1, "language": "id" }))]
pub struct GiveConsent {
    purpose: Purpose,
    text_version: i32,
    /// The language in which it was read.
    language: Lang,
}

/// An officer keeps what a person agreed to on paper or at the desk.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "purpose": "matching", "text_version": 1, "language": "id", "channel": "paper",
    "signed_on": "2026-11-20"
}))]
pub struct RecordConsent {
    purpose: Purpose,
    text_version: i32,
    /// The language in which it was read.
    language: Lang,
    /// `paper` or `desk`.
    channel: Channel,
    /// The day on the paper, which must be told of `paper`: the version that was asked on it counts.
    #[serde(default)]
    #[schema(format = Date)]
    signed_on: Option<String>,
}

/// An answer as a request says it.
#[derive(Debug, Clone)]
pub struct Said {
    pub purpose: Purpose,
    pub text_version: i32,
    pub language: Lang,
    pub channel: Channel,
    pub signed_on: Option<Day>,
}

impl Wire for GiveConsent {
    type Value = Said;
    fn value(self) -> Result<Said, Problems> {
        Ok(Said {
            purpose: self.purpose,
            text_version: self.text_version,
            language: self.language,
            channel: Channel::App,
            signed_on: None,
        })
    }
}

impl Wire for RecordConsent {
    type Value = Said;
    fn value(self) -> Result<Said, Problems> {
        let mut p = Problems::default();
        let signed_on = p.maybe("/signed_on", self.signed_on, |text| parse_day(&text));
        if !matches!(self.channel, Channel::Paper | Channel::Desk) {
            p.add("/channel", Code::Invalid);
        }
        if self.channel == Channel::Paper && signed_on == Some(None) {
            p.add("/signed_on", Code::Missing);
        }
        p.done(|| {
            Some(Said {
                purpose: self.purpose,
                text_version: self.text_version,
                language: self.language,
                channel: self.channel,
                signed_on: signed_on?,
            })
        })
    }
}

/// Said with a withdrawal.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// How the office heard of it: `paper`, `desk` or `phone`. The office must say it; a person
    /// withdraws by `app` and says nothing.
    #[param(nullable = false, inline = false)]
    channel: Option<Channel>,
}

impl Withdrawal {
    pub fn channel(&self, role: Role) -> Result<Channel, Problem> {
        let is_own = role == Role::Seeker;
        match self.channel {
            None if is_own => Ok(Channel::App),
            Some(channel) if !is_own && Channel::OF_WITHDRAWALS.contains(&channel) => Ok(channel),
            _ => Err(Code::ParameterInvalid.with("name", "channel").into()),
        }
    }
}

/// An answer of a person. It is ended once, and nothing else of it ever changes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11",
    "job_seeker_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12", "purpose": "matching",
    "basis": "consent", "state": "in_force", "text_version": 1, "text_digest": "9f2c",
    "language": "id", "channel": "app", "signed_on": null, "given_at": "2026-11-24T03:00:00Z",
    "given_by": "seeker", "ended_at": null, "ended_channel": null, "ended_by": null
}))]
pub struct Consent {
    id: Uuid,
    job_seeker_id: Uuid,
    purpose: Purpose,
    basis: Basis,
    state: ConsentState,
    /// Null where the law is the basis and no wording was shown.
    #[schema(required = true)]
    text_version: Option<i32>,
    /// SHA-256 of the wording that was shown, in hex.
    #[schema(required = true)]
    text_digest: Option<String>,
    #[schema(required = true)]
    language: Option<String>,
    channel: Channel,
    /// The day on the paper.
    #[schema(required = true, value_type = Option<String>, format = Date)]
    signed_on: Option<Day>,
    given_at: DateTime<Utc>,
    /// In which role it was entered; null: by the service itself.
    #[schema(required = true)]
    given_by: Option<Role>,
    #[schema(required = true)]
    ended_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    ended_channel: Option<Channel>,
    #[schema(required = true)]
    ended_by: Option<Role>,
    #[serde(skip)]
    version: i64,
}

impl Resource for Consent {
    fn version(&self) -> i64 {
        self.version
    }
    fn location(&self) -> String {
        format!("/v1/consents/{}", self.id)
    }
}

impl From<ConsentRow> for Consent {
    fn from(row: ConsentRow) -> Self {
        Self {
            id: row.id.uuid(),
            job_seeker_id: row.seeker_id.uuid(),
            purpose: row.purpose,
            basis: row.basis,
            state: row.state,
            text_version: row.text_version,
            text_digest: row.text_digest,
            language: row.language,
            channel: row.channel,
            signed_on: row.signed_on,
            given_at: row.given_at.utc(),
            given_by: row.given_role,
            ended_at: row.ended_at.map(crate::domain::time::Instant::utc),
            ended_channel: row.ended_channel,
            ended_by: row.ended_role,
            version: row.version,
        }
    }
}

page!(
    /// Answers, the first one first.
    ConsentPage of Consent
);
