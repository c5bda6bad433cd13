//! Job seekers on the wire. Must not know: rows other than those it is made from.

use crate::api::answer::Resource;
use crate::api::extract::Wire;
use crate::api::sight::Sight;
use crate::db::seekers::{SeekerLine, SeekerRow};
use crate::domain::identity::{
    Ak1Number, Education, Email, Kk, Marital, Name, Nik, Passport, Phone, Sex, free_text,
};
use crate::domain::ids::SeekerId;
use crate::domain::places::Kecamatan;
use crate::domain::problem::Problems;
use crate::domain::seekers::{
    IdentityState, NewSeeker, SeekerState, korean_level, months, training_hours,
};
use crate::domain::time::parse_day as day;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

/// What a registration says. Days are Indonesian; `kecamatan` is the six-digit code.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "nik": "3216184703960002", "name": "Siti Contoh", "born_on": "1996-03-07", "sex": "female",
    "kecamatan": "321618", "village": "Cijengkol", "address": "Jl. Melati 1", "phone": "081234567890",
    "marital_status": "single", "education": "smp", "ak1_number": "3216/00001/2026",
    "ak1_issued_on": "2026-03-02", "farm_months": 36, "fishery_months": 0, "korean_level": 1,
    "training_hours": 40
}))]
pub struct RegisterSeeker {
    /// 16 digits.
    #[validate(length(min = 1, max = 40))]
    pub nik: String,
    /// Family card number, 16 digits.
    #[serde(default)]
    pub kk: Option<String>,
    #[validate(length(min = 1, max = 120))]
    pub name: String,
    #[serde(default)]
    #[validate(length(max = 100))]
    pub birth_place: Option<String>,
    #[schema(format = Date)]
    pub born_on: String,
    pub sex: Sex,
    #[serde(default)]
    pub marital_status: Option<Marital>,
    #[serde(default)]
    #[validate(length(max = 250))]
    pub address: Option<String>,
    #[serde(default)]
    #[validate(length(max = 100))]
    pub village: Option<String>,
    pub kecamatan: String,
    #[serde(default)]
    pub education: Option<Education>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub ak1_number: Option<String>,
    #[serde(default)]
    #[schema(format = Date)]
    pub ak1_issued_on: Option<String>,
    /// Months of farming.
    #[serde(default)]
    pub farm_months: u32,
    /// Months of fishing.
    #[serde(default)]
    pub fishery_months: u32,
    /// 0 to 5.
    #[serde(default)]
    pub korean_level: u32,
    /// Hours of preparatory training.
    #[serde(default)]
    pub training_hours: u32,
    #[serde(default)]
    pub passport_number: Option<String>,
    #[serde(default)]
    #[schema(format = Date)]
    pub passport_expires_on: Option<String>,
}

impl Wire for RegisterSeeker {
    type Value = NewSeeker;

    fn value(self) -> Result<NewSeeker, Problems> {
        let w = self;
        let mut p = Problems::default();
        let nik = p.at("/nik", Nik::parse(&w.nik));
        let kk = p.maybe("/kk", w.kk, |t| Kk::parse(&t));
        let name = p.at("/name", Name::parse(&w.name));
        let birth_place = p.maybe("/birth_place", w.birth_place, |t| free_text(&t, 100));
        let address = p.maybe("/address", w.address, |t| free_text(&t, 250));
        let village = p.maybe("/village", w.village, |t| free_text(&t, 100));
        let born_on = p.at("/born_on", day(&w.born_on));
        let kecamatan = p.at("/kecamatan", Kecamatan::by_code(&w.kecamatan));
        let phone = p.maybe("/phone", w.phone, |t| Phone::parse(&t));
        let email = p.maybe("/email", w.email, |t| Email::parse(&t));
        let ak1_number = p.maybe("/ak1_number", w.ak1_number, |t| Ak1Number::parse(&t));
        let ak1_issued_on = p.maybe("/ak1_issued_on", w.ak1_issued_on, |t| day(&t));
        let farm_months = p.at("/farm_months", months(w.farm_months.into()));
        let fishery_months = p.at("/fishery_months", months(w.fishery_months.into()));
        let level = p.at("/korean_level", korean_level(w.korean_level.into()));
        let hours = p.at("/training_hours", training_hours(w.training_hours.into()));
        let passport = p.maybe("/passport_number", w.passport_number, |t| Passport::parse(&t));
        let expires = p.maybe("/passport_expires_on", w.passport_expires_on, |t| day(&t));
        p.done(|| {
            Some(NewSeeker {
                nik: nik?,
                kk: kk?,
                name: name?,
                birth_place: birth_place?.flatten(),
                born_on: born_on?,
                sex: w.sex,
                marital: w.marital_status,
                address: address?.flatten(),
                village: village?.flatten(),
                kecamatan: kecamatan?,
                education: w.education,
                phone: phone?,
                email: email?,
                ak1_number: ak1_number?,
                ak1_issued_on: ak1_issued_on?,
                farm_months: farm_months?,
                fishery_months: fishery_months?,
                korean_level: level?,
                training_hours: hours?,
                passport: passport?,
                passport_expires_on: expires?,
            })
        })
    }
}

/// What stands at present, as the form that a change is merged into.
impl From<&NewSeeker> for RegisterSeeker {
    fn from(s: &NewSeeker) -> Self {
        Self {
            nik: s.nik.as_str().to_owned(),
            kk: s.kk.as_ref().map(|k| k.as_str().to_owned()),
            name: s.name.as_str().to_owned(),
            birth_place: s.birth_place.clone(),
            born_on: s.born_on.to_string(),
            sex: s.sex,
            marital_status: s.marital,
            address: s.address.clone(),
            village: s.village.clone(),
            kecamatan: s.kecamatan.code().to_owned(),
            education: s.education,
            phone: s.phone.as_ref().map(|p| p.as_str().to_owned()),
            email: s.email.as_ref().map(|e| e.as_str().to_owned()),
            ak1_number: s.ak1_number.as_ref().map(|n| n.as_str().to_owned()),
            ak1_issued_on: s.ak1_issued_on.map(|d| d.to_string()),
            farm_months: s.farm_months.into(),
            fishery_months: s.fishery_months.into(),
            korean_level: s.korean_level.into(),
            training_hours: s.training_hours.into(),
            passport_number: s.passport.as_ref().map(|p| p.as_str().to_owned()),
            passport_expires_on: s.passport_expires_on.map(|d| d.to_string()),
        }
    }
}

/// A whole record, for the office and the person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "nik": "3216184703960002", "kk": null,
    "name": "Siti Contoh", "birth_place": null, "born_on": "1996-03-07", "sex": "female",
    "marital_status": "single", "address": "Jl. Melati 1", "village": "Cijengkol",
    "kecamatan": "321618", "kecamatan_name": "Setu", "education": "smp",
    "phone": "+6281234567890", "email": null, "ak1_number": "3216/00001/2026",
    "ak1_issued_on": "2026-03-02", "farm_months": 36, "fishery_months": 0, "korean_level": 1,
    "training_hours": 40, "passport_number": null, "passport_expires_on": null,
    "state": "registered", "identity": "matches", "updated_at": "2026-11-24T03:00:00Z"
}))]
pub struct JobSeeker {
    pub id: Uuid,
    pub nik: String,
    #[schema(required = true)]
    pub kk: Option<String>,
    pub name: String,
    #[schema(required = true)]
    pub birth_place: Option<String>,
    pub born_on: NaiveDate,
    pub sex: Sex,
    #[schema(required = true)]
    pub marital_status: Option<Marital>,
    #[schema(required = true)]
    pub address: Option<String>,
    #[schema(required = true)]
    pub village: Option<String>,
    pub kecamatan: String,
    pub kecamatan_name: String,
    #[schema(required = true)]
    pub education: Option<Education>,
    #[schema(required = true)]
    pub phone: Option<String>,
    #[schema(required = true)]
    pub email: Option<String>,
    #[schema(required = true)]
    pub ak1_number: Option<String>,
    #[schema(required = true)]
    pub ak1_issued_on: Option<NaiveDate>,
    pub farm_months: u16,
    pub fishery_months: u16,
    pub korean_level: u8,
    pub training_hours: u16,
    #[schema(required = true)]
    pub passport_number: Option<String>,
    #[schema(required = true)]
    pub passport_expires_on: Option<NaiveDate>,
    pub state: SeekerState,
    pub identity: IdentityState,
    pub updated_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl Resource for JobSeeker {
    fn version(&self) -> i64 {
        self.version
    }
    fn location(&self) -> String {
        format!("/v1/job-seekers/{}", self.id)
    }
}

impl JobSeeker {
    pub fn shown(_: Sight, row: &SeekerRow, s: NewSeeker) -> Self {
        Self {
            id: row.id.uuid(),
            nik: s.nik.as_str().to_owned(),
            kk: s.kk.map(|k| k.as_str().to_owned()),
            name: s.name.as_str().to_owned(),
            birth_place: s.birth_place,
            born_on: s.born_on,
            sex: s.sex,
            marital_status: s.marital,
            address: s.address,
            village: s.village,
            kecamatan: s.kecamatan.code().to_owned(),
            kecamatan_name: s.kecamatan.name().to_owned(),
            education: s.education,
            phone: s.phone.map(|p| p.as_str().to_owned()),
            email: s.email.map(|e| e.as_str().to_owned()),
            ak1_number: s.ak1_number.map(|n| n.as_str().to_owned()),
            ak1_issued_on: s.ak1_issued_on,
            farm_months: s.farm_months,
            fishery_months: s.fishery_months,
            korean_level: s.korean_level,
            training_hours: s.training_hours,
            passport_number: s.passport.map(|p| p.as_str().to_owned()),
            passport_expires_on: s.passport_expires_on,
            state: row.state,
            identity: row.identity,
            updated_at: row.updated_at.utc(),
            version: row.version,
        }
    }
}

/// A line of a list: no identifiers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "name": "Siti Contoh", "born_on": "1996-03-07",
    "sex": "female", "kecamatan": "321618", "farm_months": 36, "fishery_months": 0,
    "korean_level": 1, "state": "registered", "identity": "matches",
    "merged_into": null,
    "updated_at": "2026-11-24T03:00:00Z"
}))]
pub struct JobSeekerLine {
    id: Uuid,
    name: String,
    born_on: NaiveDate,
    sex: Sex,
    kecamatan: String,
    farm_months: i32,
    fishery_months: i32,
    korean_level: i32,
    state: SeekerState,
    identity: IdentityState,
    /// The record that it turned out to be the double of.
    #[schema(required = true)]
    merged_into: Option<Uuid>,
    updated_at: DateTime<Utc>,
}

impl JobSeekerLine {
    pub fn of(line: SeekerLine, merged_into: Option<SeekerId>) -> Self {
        Self {
            id: line.id.uuid(),
            name: line.name,
            born_on: line.born_on,
            sex: line.sex,
            kecamatan: line.kecamatan,
            farm_months: line.farm_months,
            fishery_months: line.fishery_months,
            korean_level: line.korean_level,
            state: line.state,
            identity: line.identity,
            merged_into: merged_into.map(SeekerId::uuid),
            updated_at: line.updated_at.utc(),
        }
    }
}

/// A page of the register.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobSeekerPage {
    pub data: Vec<JobSeekerLine>,
    /// Hand it back as `cursor` for the next page; null on the last one.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
    /// With `updated_since`: hand it back next time to get what changed after this page.
    #[schema(required = true)]
    pub watermark: Option<String>,
}

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListSeekers {
    /// Six-digit code.
    #[param(nullable = false)]
    pub kecamatan: Option<String>,
    #[param(nullable = false, inline = false)]
    pub state: Option<SeekerState>,
    /// `agriculture` or `fishery`: with some experience in it.
    #[param(nullable = false)]
    pub sector: Option<String>,
    /// A watermark of an earlier page, `0` for everything.
    #[param(nullable = false)]
    pub updated_since: Option<String>,
    /// 1 to 100, 20 unless told.
    #[param(nullable = false, minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(nullable = false)]
    pub cursor: Option<String>,
}

/// Says what to do next, and nothing of what stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "next": "Bring your KTP to the desk of the labour office." }))]
pub struct RegistrationNoted {
    pub next: &'static str,
}
