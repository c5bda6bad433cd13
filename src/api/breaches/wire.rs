//! Breaches on the wire. Must not know: rows other than those it is made from.

use crate::api::answer::{Resource, page};
use crate::api::extract::Wire;
use crate::db::Fault;
use crate::db::breaches::{BreachRow, TouchedRow};
use crate::domain::breaches::{
    self, BreachForm, BreachState, BreachTerms, DataKind, NoticeChannel, Worded,
};
use crate::domain::ids::SeekerId;
use crate::domain::places::Kecamatan;
use crate::domain::problem::{Code, Problems, Reason};
use crate::domain::seekers::SeekerState;
use crate::domain::time::Instant;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

/// Most ids of one request; more are touched by a filter.
const IDS_MAX: u64 = 1000;

/// A text for people, in Indonesian at least. Name nobody.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeWords {
    #[validate(length(min = 1, max = 2000))]
    id: String,
    #[serde(default)]
    ko: Option<String>,
    #[serde(default)]
    en: Option<String>,
}

impl NoticeWords {
    fn worded(&self) -> Result<Worded, Problems> {
        Worded::parse(&self.id, self.ko.as_deref(), self.en.as_deref())
    }
}

impl From<Worded> for NoticeWords {
    fn from(words: Worded) -> Self {
        Self { id: words.id, ko: words.ko, en: words.en }
    }
}

/// What is known of a failure to protect personal data, and since when.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "title": "List sent to a wrong address", "happened_from": "2026-11-23T01:00:00Z",
    "happened_to": null, "known_at": "2026-11-23T06:00:00Z",
    "data_kinds": ["identity", "contact"],
    "how": { "id": "Satu daftar terkirim ke alamat surel yang salah." },
    "handling": { "id": "Penerima diminta menghapus daftar itu dan telah menegaskannya." }
}))]
pub struct RecordBreach {
    #[validate(length(min = 1, max = 200))]
    title: String,
    #[serde(default)]
    #[schema(format = DateTime)]
    happened_from: Option<String>,
    #[serde(default)]
    #[schema(format = DateTime)]
    happened_to: Option<String>,
    /// When the office learned of it: from here the 72 hours run.
    #[schema(format = DateTime)]
    known_at: String,
    #[validate(length(min = 1, max = 20))]
    data_kinds: Vec<DataKind>,
    /// How it came about.
    how: NoticeWords,
    /// What the office does about it.
    handling: NoticeWords,
}

/// What is known of a breach, as it may change. The moment of knowledge stays.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "title": "List sent to a wrong address", "happened_from": "2026-11-23T01:00:00Z",
    "happened_to": null, "data_kinds": ["identity", "contact"],
    "how": { "id": "Satu daftar terkirim ke alamat surel yang salah." },
    "handling": { "id": "Penerima diminta menghapus daftar itu dan telah menegaskannya." }
}))]
pub struct BreachFacts {
    #[validate(length(min = 1, max = 200))]
    title: String,
    #[serde(default)]
    #[schema(format = DateTime)]
    happened_from: Option<String>,
    #[serde(default)]
    #[schema(format = DateTime)]
    happened_to: Option<String>,
    #[validate(length(min = 1, max = 20))]
    data_kinds: Vec<DataKind>,
    how: NoticeWords,
    handling: NoticeWords,
}

fn instant(text: &str) -> Result<Instant, Code> {
    text.parse().map_err(|_| Code::InstantInvalid)
}

impl Wire for RecordBreach {
    type Value = (BreachTerms, Instant);
    fn value(self) -> Result<Self::Value, Problems> {
        let mut p = Problems::default();
        let known_at = p.at("/known_at", instant(&self.known_at));
        let facts = BreachFacts {
            title: self.title,
            happened_from: self.happened_from,
            happened_to: self.happened_to,
            data_kinds: self.data_kinds,
            how: self.how,
            handling: self.handling,
        };
        let terms = match facts.value() {
            Ok(terms) => Some(terms),
            Err(part) => {
                p.under("", part);
                None
            }
        };
        p.done(|| Some((terms?, known_at?)))
    }
}

impl Wire for BreachFacts {
    type Value = BreachTerms;
    fn value(self) -> Result<BreachTerms, Problems> {
        let form = BreachForm {
            title: self.title,
            happened_from: self.happened_from,
            happened_to: self.happened_to,
            data_kinds: self.data_kinds,
            how: self.how.worded(),
            handling: self.handling.worded(),
        };
        form.parse()
    }
}

impl From<BreachTerms> for BreachFacts {
    fn from(terms: BreachTerms) -> Self {
        Self {
            title: terms.title,
            happened_from: terms.happened_from.map(|at| at.to_string()),
            happened_to: terms.happened_to.map(|at| at.to_string()),
            data_kinds: terms.data_kinds,
            how: terms.how.into(),
            handling: terms.handling.into(),
        }
    }
}

/// Whom it touched: a list of ids, or everybody in the register who fits the filters.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "kecamatan": "321618", "state": "verified" }))]
pub struct AddBreachPeople {
    #[serde(default)]
    #[validate(length(min = 1, max = IDS_MAX))]
    job_seeker_ids: Option<Vec<String>>,
    #[serde(default)]
    kecamatan: Option<String>,
    #[serde(default)]
    state: Option<SeekerState>,
    /// The whole register.
    #[serde(default)]
    everybody: bool,
}

/// The same, well formed.
#[derive(Debug, Clone)]
pub enum Whom {
    These(Vec<SeekerId>),
    Fitting(Option<Kecamatan>, Option<SeekerState>),
}

/// The ids of a list that are ones; the others are noted.
fn ids(p: &mut Problems, given: Option<&Vec<String>>) -> Option<Vec<SeekerId>> {
    let read = |(index, text): (usize, &String)| {
        p.at(&format!("/job_seeker_ids/{index}"), text.parse().map_err(|_| Code::Invalid))
    };
    given.map(|given| given.iter().enumerate().filter_map(read).collect())
}

impl Wire for AddBreachPeople {
    type Value = Whom;
    fn value(self) -> Result<Whom, Problems> {
        let mut p = Problems::default();
        let these = ids(&mut p, self.job_seeker_ids.as_ref());
        let kecamatan = p.maybe("/kecamatan", self.kecamatan, |code| Kecamatan::by_code(&code));
        let by_filter = kecamatan != Some(None) || self.state.is_some();
        match [these.is_some(), by_filter, self.everybody].into_iter().filter(|g| *g).count() {
            0 => p.add("", Code::Missing),
            1 => {}
            _ => p.add("", Code::TooMany.with("max", 1)),
        }
        p.done(|| match these {
            Some(ids) => Some(Whom::These(ids)),
            None => Some(Whom::Fitting(kecamatan?, self.state)),
        })
    }
}

/// The authority was told.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "sent_at": "2026-11-24T01:00:00Z", "channel": "letter" }))]
pub struct TellAuthority {
    #[schema(format = DateTime)]
    sent_at: String,
    channel: NoticeChannel,
}

/// People were told: those of the list, or everybody who still waited.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "sent_at": "2026-11-24T01:00:00Z", "channel": "app" }))]
pub struct TellPeople {
    #[schema(format = DateTime)]
    sent_at: String,
    /// `app` shows the notice in the app; it is shown there whatever the channel was.
    channel: NoticeChannel,
    #[serde(default)]
    #[validate(length(min = 1, max = IDS_MAX))]
    job_seeker_ids: Option<Vec<String>>,
}

/// A notice that went out.
#[derive(Debug, Clone)]
pub struct Sent {
    pub at: Instant,
    pub channel: NoticeChannel,
    pub people: Option<Vec<SeekerId>>,
}

impl Wire for TellAuthority {
    type Value = Sent;
    fn value(self) -> Result<Sent, Problems> {
        let mut p = Problems::default();
        let at = p.at("/sent_at", instant(&self.sent_at));
        p.done(|| Some(Sent { at: at?, channel: self.channel, people: None }))
    }
}

impl Wire for TellPeople {
    type Value = Sent;
    fn value(self) -> Result<Sent, Problems> {
        let mut p = Problems::default();
        let at = p.at("/sent_at", instant(&self.sent_at));
        let people = ids(&mut p, self.job_seeker_ids.as_ref());
        p.done(|| Some(Sent { at: at?, channel: self.channel, people }))
    }
}

/// A breach as it stands, with its clock.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "state": "open",
    "title": "List sent to a wrong address", "happened_from": "2026-11-23T01:00:00Z",
    "happened_to": null, "known_at": "2026-11-23T06:00:00Z",
    "notice_until": "2026-11-26T06:00:00Z", "is_late": false,
    "data_kinds": ["identity", "contact"],
    "how": { "id": "Satu daftar terkirim ke alamat surel yang salah.", "ko": null, "en": null },
    "handling": { "id": "Penerima diminta menghapus daftar itu.", "ko": null, "en": null },
    "people": 120, "people_waiting": 120, "authority_told_at": null, "authority_channel": null,
    "updated_at": "2026-11-24T03:00:00Z"
}))]
pub struct Breach {
    id: Uuid,
    state: BreachState,
    title: String,
    #[schema(required = true)]
    happened_from: Option<DateTime<Utc>>,
    #[schema(required = true)]
    happened_to: Option<DateTime<Utc>>,
    known_at: DateTime<Utc>,
    /// 72 hours after the moment of knowledge, by the rule of that day.
    notice_until: DateTime<Utc>,
    /// That moment has passed, and authority or people wait.
    is_late: bool,
    data_kinds: Vec<DataKind>,
    how: NoticeWords,
    handling: NoticeWords,
    /// How many the breach touched.
    people: i64,
    /// How many of them were not told yet.
    people_waiting: i64,
    #[schema(required = true)]
    authority_told_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    authority_channel: Option<NoticeChannel>,
    updated_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl Resource for Breach {
    fn version(&self) -> i64 {
        self.version
    }
    fn location(&self) -> String {
        format!("/v1/breaches/{}", self.id)
    }
}

impl Breach {
    pub fn of(
        row: &BreachRow,
        (people, people_waiting): (i64, i64),
        now: Instant,
    ) -> Result<Self, Fault> {
        let terms = row.terms()?;
        let waits = people_waiting > 0 || row.authority_told_at.is_none();
        Ok(Self {
            id: row.id.uuid(),
            state: row.state,
            title: terms.title,
            happened_from: terms.happened_from.map(Instant::utc),
            happened_to: terms.happened_to.map(Instant::utc),
            known_at: row.known_at.utc(),
            notice_until: row.notice_until.utc(),
            is_late: waits && now > row.notice_until,
            data_kinds: terms.data_kinds,
            how: terms.how.into(),
            handling: terms.handling.into(),
            people,
            people_waiting,
            authority_told_at: row.authority_told_at.map(Instant::utc),
            authority_channel: row.authority_channel,
            updated_at: row.updated_at.utc(),
            version: row.version,
        })
    }

    /// Why it cannot be closed yet.
    pub fn may_close(&self) -> Result<(), Vec<Reason>> {
        breaches::may_close(self.authority_told_at.is_some(), self.people_waiting)
    }
}

page!(
    /// Breaches, the newest first.
    BreachPage of Breach
);

/// Somebody whom a breach touched.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "job_seeker_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "told_at": null, "channel": null
}))]
pub struct BreachPerson {
    job_seeker_id: Uuid,
    #[schema(required = true)]
    told_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    channel: Option<NoticeChannel>,
}

impl From<TouchedRow> for BreachPerson {
    fn from(row: TouchedRow) -> Self {
        Self {
            job_seeker_id: row.seeker_id.uuid(),
            told_at: row.told_at.map(Instant::utc),
            channel: row.channel,
        }
    }
}

page!(
    /// Whom a breach touched.
    BreachPersonPage of BreachPerson
);
