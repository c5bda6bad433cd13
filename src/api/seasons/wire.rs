//! Seasons on the wire. Must not know: rows other than those it is made from.

use crate::api::answer::{Resource, page};
use crate::api::extract::Wire;
use crate::db::Fault;
use crate::db::seasons::{AllocationRow, SeasonRow};
use crate::domain::points::{RubricKind, RubricPartForm};
use crate::domain::problem::Problems;
use crate::domain::rulebook::Rulebook;
use crate::domain::seasons::{
    AllocationForm, AllocationKind, BeaconForm, NewSeason, SeasonForm, SeasonState, Sector,
};
use crate::matching::lottery::hex;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

/// A part of the points: `points` for every full `per` units, at most `max`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RubricPart {
    kind: RubricKind,
    per: i64,
    points: i64,
    max: i64,
}

/// A public source of randomness, and the exact text form of what it gives.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Beacon {
    name: String,
    form: String,
}

/// The beacon that decides, and the one that steps in if the first stays silent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Beacons {
    first: Beacon,
    fallback: Beacon,
}

/// Heads that the Korean ministry allocated.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Allocation {
    /// Code of the si/gun.
    si_gun: String,
    /// `2027-H1`.
    half: String,
    sector: Sector,
    kind: AllocationKind,
    heads: i64,
    /// Number of the document that grants them.
    document: String,
}

/// The terms of a season. Days are Korean.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "agreement_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12", "name": "Spring 2027",
    "contract_from": "2027-03-01", "contract_to": "2027-10-31",
    "freeze_at": "2026-12-20T10:00:00Z", "objection_hours": 72, "list_max": 20,
    "rubric": [{ "kind": "experience", "per": 12, "points": 10, "max": 50 }],
    "offer_hours": 72, "idr_per_100_krw": 1150, "rate_source": "Bank Indonesia, 2026-11-20",
    "beacons": {
        "first": { "name": "drand", "form": "randomness of round 4711111, hex" },
        "fallback": { "name": "block hash", "form": "hash of block 900000, hex" }
    },
    "allocations": [{
        "si_gun": "51720", "half": "2027-H1", "sector": "agriculture", "kind": "household",
        "heads": 25, "document": "MOJ 2026-12"
    }]
}))]
pub struct CreateSeason {
    #[schema(format = "uuid")]
    agreement_id: String,
    #[validate(length(min = 1, max = 120))]
    name: String,
    #[schema(format = Date)]
    contract_from: String,
    #[schema(format = Date)]
    contract_to: String,
    #[schema(format = DateTime)]
    freeze_at: String,
    /// Hours between freeze and beacon in which anybody may object.
    objection_hours: i64,
    /// The longest ranked list, 1 to 30; 20 unless told.
    #[serde(default)]
    list_max: Option<i64>,
    /// Without parts the lottery alone decides.
    #[serde(default)]
    rubric: Vec<RubricPart>,
    /// Hours until an offer lapses.
    offer_hours: i64,
    /// Rupiah for 100 won, at which wages are shown.
    idr_per_100_krw: i64,
    #[validate(length(min = 1, max = 200))]
    rate_source: String,
    beacons: Beacons,
    #[validate(length(max = 500))]
    allocations: Vec<Allocation>,
}

impl RubricPart {
    fn form(self) -> RubricPartForm {
        let kind = self.kind.as_str().to_owned();
        RubricPartForm { kind, per: self.per, points: self.points, max: self.max }
    }
}

impl Beacon {
    fn form(self) -> BeaconForm {
        BeaconForm { name: self.name, form: self.form }
    }
}

impl Allocation {
    fn form(self) -> AllocationForm {
        AllocationForm {
            si_gun: self.si_gun,
            half: self.half,
            sector: self.sector.as_str().to_owned(),
            kind: self.kind.as_str().to_owned(),
            heads: self.heads,
            document: self.document,
        }
    }
}

impl Wire for CreateSeason {
    type Value = NewSeason;
    fn value(self) -> Result<NewSeason, Problems> {
        let form = SeasonForm {
            agreement_id: self.agreement_id,
            name: self.name,
            contract_from: self.contract_from,
            contract_to: self.contract_to,
            freeze_at: self.freeze_at,
            objection_hours: self.objection_hours,
            list_max: self.list_max,
            rubric: self.rubric.into_iter().map(RubricPart::form).collect(),
            offer_hours: self.offer_hours,
            idr_per_100_krw: self.idr_per_100_krw,
            rate_source: self.rate_source,
            beacon_first: self.beacons.first.form(),
            beacon_fallback: self.beacons.fallback.form(),
            allocations: self.allocations.into_iter().map(Allocation::form).collect(),
        };
        form.parse()
    }
}

fn rubric_of(new: &NewSeason) -> Vec<RubricPart> {
    let part = |p: &crate::domain::points::RubricPart| RubricPart {
        kind: p.kind(),
        per: p.per(),
        points: p.points(),
        max: p.max(),
    };
    new.rubric.parts().iter().map(part).collect()
}

fn beacons_of(new: &NewSeason) -> Beacons {
    let beacon =
        |b: &crate::domain::seasons::Beacon| Beacon { name: b.name.clone(), form: b.form.clone() };
    Beacons { first: beacon(&new.beacons.first), fallback: beacon(&new.beacons.fallback) }
}

fn allocations_of(new: &NewSeason) -> Vec<Allocation> {
    let allocation = |a: &crate::domain::seasons::NewAllocation| Allocation {
        si_gun: a.key.si_gun.code().to_owned(),
        half: a.key.half.to_string(),
        sector: a.key.sector,
        kind: a.key.kind,
        heads: a.heads,
        document: a.document.clone(),
    };
    new.allocations.iter().map(allocation).collect()
}

impl From<&NewSeason> for CreateSeason {
    fn from(new: &NewSeason) -> Self {
        Self {
            agreement_id: new.agreement.to_string(),
            name: new.name.clone(),
            contract_from: new.contract_from.to_string(),
            contract_to: new.contract_to.to_string(),
            freeze_at: new.freeze_at.to_string(),
            objection_hours: new.objection_hours,
            list_max: Some(new.list_max),
            rubric: rubric_of(new),
            offer_hours: new.offer_hours,
            idr_per_100_krw: new.idr_per_100_krw,
            rate_source: new.rate_source.clone(),
            beacons: beacons_of(new),
            allocations: allocations_of(new),
        }
    }
}

/// A season. What the opening adds is null in a draft.
#[expect(clippy::struct_field_names, reason = "the season key is what matching.md calls it")]
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11",
    "agreement_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12", "name": "Spring 2027",
    "contract_from": "2027-03-01", "contract_to": "2027-10-31",
    "freeze_at": "2026-12-20T10:00:00Z", "objection_hours": 72, "list_max": 20,
    "rubric": [{ "kind": "experience", "per": 12, "points": 10, "max": 50 }],
    "offer_hours": 72, "idr_per_100_krw": 1150, "rate_source": "Bank Indonesia, 2026-11-20",
    "beacons": {
        "first": { "name": "drand", "form": "randomness of round 4711111, hex" },
        "fallback": { "name": "block hash", "form": "hash of block 900000, hex" }
    },
    "allocations": [{
        "si_gun": "51720", "half": "2027-H1", "sector": "agriculture", "kind": "household",
        "heads": 25, "document": "MOJ 2026-12"
    }],
    "state": "open",
    "secret_commitment": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "season_key_commitment": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
    "rules_digest": "fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13",
    "rubric_digest": "a4e624d686e03ed2767c0abd85c14426b0b1157d2ce81d27bb4fe4f6f01d688a",
    "opened_at": "2026-11-24T03:00:00Z", "fictional": false, "updated_at": "2026-11-24T03:00:00Z"
}))]
pub struct Season {
    id: Uuid,
    agreement_id: Uuid,
    name: String,
    contract_from: NaiveDate,
    contract_to: NaiveDate,
    freeze_at: DateTime<Utc>,
    objection_hours: i64,
    list_max: i64,
    rubric: Vec<RubricPart>,
    offer_hours: i64,
    idr_per_100_krw: i64,
    rate_source: String,
    beacons: Beacons,
    allocations: Vec<Allocation>,
    state: SeasonState,
    /// SHA-256 of the lottery's secret, which is revealed with publication.
    #[schema(required = true)]
    secret_commitment: Option<String>,
    /// SHA-256 of the key that makes pseudonyms.
    #[schema(required = true)]
    season_key_commitment: Option<String>,
    /// SHA-256 of the rules as they were frozen at the opening.
    #[schema(required = true)]
    rules_digest: Option<String>,
    #[schema(required = true)]
    rubric_digest: Option<String>,
    #[schema(required = true)]
    opened_at: Option<DateTime<Utc>>,
    /// Whether some of its rules hold in the demonstration only.
    fictional: bool,
    updated_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl Resource for Season {
    fn version(&self) -> i64 {
        self.version
    }
    fn location(&self) -> String {
        format!("/v1/seasons/{}", self.id)
    }
}

impl Season {
    /// Of the allocations given, those of this season are shown; `rules` hold until the opening.
    pub fn of(
        row: &SeasonRow,
        allocations: &[AllocationRow],
        rules: &Rulebook,
    ) -> Result<Self, Fault> {
        let own: Vec<_> = allocations.iter().filter(|a| a.season_id == row.id).cloned().collect();
        let stated = row.stated(&own)?;
        let hash = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(hex);
        let frozen = row.rules.as_deref();
        Ok(Self {
            id: row.id.uuid(),
            agreement_id: row.agreement_id.uuid(),
            name: row.name.clone(),
            contract_from: row.contract_from,
            contract_to: row.contract_to,
            freeze_at: row.freeze_at.utc(),
            objection_hours: stated.objection_hours,
            list_max: stated.list_max,
            rubric: rubric_of(&stated),
            offer_hours: stated.offer_hours,
            idr_per_100_krw: row.idr_per_100_krw,
            rate_source: row.rate_source.clone(),
            beacons: beacons_of(&stated),
            allocations: allocations_of(&stated),
            state: row.state,
            secret_commitment: hash(&row.secret_commitment),
            season_key_commitment: hash(&row.season_key_commitment),
            rules_digest: row.rules_digest.clone(),
            rubric_digest: row.rubric_digest.clone(),
            opened_at: row.opened_at.map(crate::domain::time::Instant::utc),
            fictional: frozen.map_or_else(|| rules.has_fiction(), Rulebook::canonical_has_fiction),
            updated_at: row.updated_at.utc(),
            version: row.version,
        })
    }
}

page!(
    /// A page of seasons.
    SeasonPage of Season
);

/// How the list is cut.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListSeasons {
    /// 1 to 100, 20 unless told.
    #[param(nullable = false, minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(nullable = false)]
    pub cursor: Option<String>,
}
