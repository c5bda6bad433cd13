//! Quotas on the wire. Must not know: rows other than those it is made from.

use crate::api::answer::{Resource, page};
use crate::api::extract::Wire;
use crate::db::quotas::QuotaRow;
use crate::db::seasons::SeasonRow;
use crate::domain::ids::SeasonId;
use crate::domain::places::SiGun;
use crate::domain::problem::{Code, Problems};
use crate::domain::quotas::{
    HousingKind, QuotaForm, QuotaState, QuotaTerms, WageUnit, document, note,
};
use crate::domain::seasons::{AllocationKind, Sector, in_rupiah};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

/// A demand for seasonal workers. Money is whole won; days are Korean.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "season_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12", "kind": "household",
    "sector": "agriculture", "crop": "strawberry", "work": "Picking and packing",
    "starts_on": "2027-03-01", "ends_on": "2027-07-31", "seats": 3, "wage_unit": "hour",
    "wage_amount": 10600, "hours_per_week": 40, "days_off_per_month": 4, "housing": "house",
    "housing_deduction": 100_000, "meals_deduction": 0, "min_experience_months": 24
}))]
pub struct PostQuota {
    #[schema(format = "uuid")]
    season_id: String,
    kind: AllocationKind,
    sector: Sector,
    #[validate(length(min = 1, max = 80))]
    crop: String,
    #[validate(length(min = 1, max = 1000))]
    work: String,
    #[schema(format = Date)]
    starts_on: String,
    /// Last day of the contract.
    #[schema(format = Date)]
    ends_on: String,
    seats: i64,
    wage_unit: WageUnit,
    wage_amount: i64,
    hours_per_week: i64,
    days_off_per_month: i64,
    housing: HousingKind,
    /// Won a month.
    #[serde(default)]
    housing_deduction: i64,
    /// Won a month.
    #[serde(default)]
    meals_deduction: i64,
    /// Months in the sector; the minimum of the rules holds anyway.
    #[serde(default)]
    min_experience_months: Option<i64>,
}

/// What a posting says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    pub season: SeasonId,
    pub terms: QuotaTerms,
}

impl Wire for PostQuota {
    type Value = Posted;
    fn value(self) -> Result<Posted, Problems> {
        let mut p = Problems::default();
        let season = p.at("/season_id", self.season_id.parse().map_err(|_| Code::Invalid));
        let form = QuotaForm {
            kind: self.kind.as_str().to_owned(),
            sector: self.sector.as_str().to_owned(),
            crop: self.crop,
            work: self.work,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            seats: self.seats,
            wage_unit: self.wage_unit.as_str().to_owned(),
            wage_amount: self.wage_amount,
            hours_per_week: self.hours_per_week,
            days_off_per_month: self.days_off_per_month,
            housing: self.housing.as_str().to_owned(),
            housing_deduction: self.housing_deduction,
            meals_deduction: self.meals_deduction,
            min_experience_months: self.min_experience_months,
        };
        let terms = form.parse().map_err(|part| p.under("", part)).ok();
        p.done(|| Some(Posted { season: season?, terms: terms? }))
    }
}

impl From<&QuotaRow> for PostQuota {
    fn from(row: &QuotaRow) -> Self {
        let terms = row.terms();
        Self {
            season_id: row.season_id.to_string(),
            kind: terms.kind,
            sector: terms.sector,
            crop: terms.crop,
            work: terms.work,
            starts_on: terms.starts_on.to_string(),
            ends_on: terms.ends_on.to_string(),
            seats: terms.seats,
            wage_unit: terms.wage_unit,
            wage_amount: terms.wage_amount,
            hours_per_week: terms.hours_per_week,
            days_off_per_month: terms.days_off_per_month,
            housing: terms.housing,
            housing_deduction: terms.housing_deduction,
            meals_deduction: terms.meals_deduction,
            min_experience_months: terms.min_experience_months,
        }
    }
}

/// The document of the si/gun.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "document": "Hongcheon 2026-1187" }))]
pub struct EndorseQuota {
    #[validate(length(min = 1, max = 120))]
    document: String,
}

impl Wire for EndorseQuota {
    type Value = String;
    fn value(self) -> Result<String, Problems> {
        let mut p = Problems::default();
        let document = p.at("/document", document(&self.document));
        p.done(|| document)
    }
}

/// Why it is sent back.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "note": "The lodging has no photographs." }))]
pub struct RejectQuota {
    #[validate(length(min = 1, max = 500))]
    note: String,
}

impl Wire for RejectQuota {
    type Value = String;
    fn value(self) -> Result<String, Problems> {
        let mut p = Problems::default();
        let note = p.at("/note", note(&self.note));
        p.done(|| note)
    }
}

/// A partner's demand. Won are whole; rupiah stand beside them at the season's stated rate.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11",
    "season_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12",
    "organisation_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c13",
    "organisation_name": "Contoh Farm", "si_gun": "51720",
    "si_gun_name": "Hongcheon", "kind": "household", "sector": "agriculture",
    "crop": "strawberry", "work": "Picking and packing", "starts_on": "2027-03-01",
    "ends_on": "2027-07-31", "seats": 3, "wage_unit": "hour", "wage_amount": 10600,
    "wage_amount_idr": 121_900, "monthly_wage": 1_833_800, "monthly_wage_idr": 21_088_700,
    "idr_per_100_krw": 1150, "rate_source": "Bank Indonesia, 2026-11-20", "hours_per_week": 40,
    "days_off_per_month": 4, "housing": "house", "housing_deduction": 100_000,
    "meals_deduction": 0, "min_experience_months": 24, "state": "open",
    "endorsement_document": "Hongcheon 2026-1187", "state_note": null,
    "updated_at": "2026-11-24T03:00:00Z"
}))]
pub struct Quota {
    id: Uuid,
    season_id: Uuid,
    organisation_id: Uuid,
    /// The employer.
    organisation_name: String,
    si_gun: String,
    si_gun_name: String,
    kind: AllocationKind,
    sector: Sector,
    crop: String,
    work: String,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    seats: i32,
    wage_unit: WageUnit,
    /// Won an hour or a month.
    wage_amount: i64,
    wage_amount_idr: i64,
    /// Won that a month surely brings, without paid rest.
    monthly_wage: i64,
    monthly_wage_idr: i64,
    /// Rupiah for 100 won.
    idr_per_100_krw: i64,
    rate_source: String,
    hours_per_week: i32,
    days_off_per_month: i32,
    housing: HousingKind,
    housing_deduction: i64,
    meals_deduction: i64,
    #[schema(required = true)]
    min_experience_months: Option<i32>,
    state: QuotaState,
    /// Number of the si/gun's document.
    #[schema(required = true)]
    endorsement_document: Option<String>,
    /// Why it was sent back.
    #[schema(required = true)]
    state_note: Option<String>,
    updated_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl Resource for Quota {
    fn version(&self) -> i64 {
        self.version
    }
    fn location(&self) -> String {
        format!("/v1/quotas/{}", self.id)
    }
}

impl Quota {
    /// `season` is the quota's own: its rate shows the rupiah.
    pub fn of(row: &QuotaRow, season: &SeasonRow, employer: &str) -> Self {
        let rupiah = |won| in_rupiah(won, season.idr_per_100_krw);
        let place = SiGun::by_code(&row.si_gun).map(SiGun::name);
        Self {
            id: row.id.uuid(),
            season_id: row.season_id.uuid(),
            organisation_id: row.organisation_id.uuid(),
            organisation_name: employer.to_owned(),
            si_gun: row.si_gun.clone(),
            si_gun_name: place.unwrap_or_default().to_owned(),
            kind: row.kind,
            sector: row.sector,
            crop: row.crop.clone(),
            work: row.work.clone(),
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            seats: row.seats,
            wage_unit: row.wage_unit,
            wage_amount: row.wage_amount,
            wage_amount_idr: rupiah(row.wage_amount),
            monthly_wage: row.monthly_wage,
            monthly_wage_idr: rupiah(row.monthly_wage),
            idr_per_100_krw: season.idr_per_100_krw,
            rate_source: season.rate_source.clone(),
            hours_per_week: row.hours_per_week,
            days_off_per_month: row.days_off_per_month,
            housing: row.housing,
            housing_deduction: row.housing_deduction,
            meals_deduction: row.meals_deduction,
            min_experience_months: row.min_experience_months,
            state: row.state,
            endorsement_document: row.endorsement_document.clone(),
            state_note: row.state_note.clone(),
            updated_at: row.updated_at.utc(),
            version: row.version,
        }
    }
}

page!(
    /// A page of quotas.
    QuotaPage of Quota
);

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuotas {
    #[param(nullable = false)]
    pub season_id: Option<Uuid>,
    #[param(nullable = false, inline = false)]
    pub state: Option<QuotaState>,
    /// Code of the si/gun.
    #[param(nullable = false)]
    pub si_gun: Option<String>,
    #[param(nullable = false, inline = false)]
    pub sector: Option<Sector>,
    /// Begins like this, whatever the case.
    #[param(nullable = false)]
    pub crop: Option<String>,
    /// `2027-03`: with work in this month or later.
    #[param(nullable = false)]
    pub from: Option<String>,
    /// `2027-06`: with work in this month or earlier.
    #[param(nullable = false)]
    pub to: Option<String>,
    /// Won a month at least.
    #[param(nullable = false)]
    pub wage_min: Option<i64>,
    /// 1 to 100, 20 unless told.
    #[param(nullable = false, minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(nullable = false)]
    pub cursor: Option<String>,
}
