//! An agreement and a season as the office makes them over HTTP.

use super::{Answer, World};
use musiman::domain::ids::OrganisationId;
use musiman::domain::roles::Role;
use serde_json::{Value, json};

/// What a test proposes: a memorandum with Hongcheon that covers 2027.
pub fn agreement() -> Value {
    json!({
        "kind": "sister_city_mou", "title": "Bekasi and Hongcheon", "si_gun": "51720",
        "effective_from": "2026-01-01", "effective_to": "2027-12-31",
        "documents": [
            { "kind": "signed_original", "number": "415/MOU/2026", "dated_on": "2025-12-15" },
        ],
    })
}

/// Terms that rules and clock accept, under the agreement of this id.
pub fn season(agreement: &str) -> Value {
    let heads = |half: &str, sector: &str, kind: &str| {
        json!({
            "si_gun": "51720", "half": half, "sector": sector, "kind": kind, "heads": 25,
            "document": "MOJ 2026-12",
        })
    };
    json!({
        "agreement_id": agreement, "name": "Spring 2027",
        "contract_from": "2027-03-01", "contract_to": "2027-10-31",
        "freeze_at": "2026-12-20T10:00:00Z", "objection_hours": 72, "list_max": 20,
        "rubric": [
            { "kind": "experience", "per": 12, "points": 10, "max": 50 },
            { "kind": "korean", "per": 1, "points": 5, "max": 25 },
        ],
        "offer_hours": 72, "idr_per_100_krw": 1150, "rate_source": "central bank, 2026-11-20",
        "beacons": {
            "first": { "name": "drand", "form": "hex of round N" },
            "fallback": { "name": "block hash", "form": "hex at height H" },
        },
        "allocations": [
            heads("2027-H1", "agriculture", "household"), heads("2027-H1", "agriculture", "public"),
        ],
    })
}

/// Terms that keep every rule, in the season of this id.
pub fn quota(season: &str) -> Value {
    json!({
        "season_id": season, "kind": "household", "sector": "agriculture", "crop": "strawberry",
        "work": "picking and packing", "starts_on": "2027-03-01", "ends_on": "2027-07-31",
        "seats": 2, "wage_unit": "hour", "wage_amount": 10_600, "hours_per_week": 40,
        "days_off_per_month": 4, "housing": "house", "housing_deduction": 0,
        "meals_deduction": 0, "min_experience_months": null,
    })
}

impl World {
    /// A confirmed agreement; gives its id.
    pub async fn agreement(&self) -> String {
        let made =
            self.post("/v1/agreements").by("office").once().json(agreement()).send().await.ok();
        let path = format!("/v1/agreements/{}/confirmation", made.id());
        self.post(&path).by("office").if_match(made.etag()).send().await.ok();
        made.id().to_owned()
    }

    /// A season in draft under a confirmed agreement.
    pub async fn draft_season(&self) -> Answer {
        let body = season(&self.agreement().await);
        self.post("/v1/seasons").by("lead").once().json(body).send().await.ok()
    }

    /// A season that is open.
    pub async fn open_season(&self) -> Answer {
        let made = self.draft_season().await;
        let path = format!("/v1/seasons/{}/opening", made.id());
        self.post(&path).by("lead").if_match(made.etag()).send().await.ok()
    }

    /// An approved farm of Hongcheon with an account `partner<number>`; gives its id.
    pub async fn partner(&self, number: u32) -> String {
        self.employer(number, "farm").await
    }

    /// An approved organisation of the kind in Hongcheon, with its account `partner<number>`.
    pub async fn employer(&self, number: u32, kind: &str) -> String {
        let body = json!({
            "kind": kind, "name": format!("Bright Field {number}"), "si_gun": "51720",
            "farm_id": format!("10{number:08}"),
        });
        let made = self.post("/v1/organisations").by("office").once().json(body).send().await.ok();
        let path = format!("/v1/organisations/{}/approval", made.id());
        self.post(&path).by("office").if_match(made.etag()).send().await.ok();
        let id: OrganisationId = made.id().parse().unwrap();
        self.account(&format!("partner{number}"), Role::Partner, Some(id), None);
        made.id().to_owned()
    }

    /// A posted demand of `partner<number>`, in draft.
    pub async fn posted(&self, number: u32, terms: Value) -> Answer {
        let by = format!("partner{number}");
        self.post("/v1/quotas").by(&by).once().json(terms).send().await.ok()
    }

    /// One step of a quota by somebody who read it last as `quota`.
    pub async fn step(&self, login: &str, quota: &Answer, step: &str) -> Answer {
        let path = format!("/v1/quotas/{}/{step}", quota.id());
        let request = self.post(&path).by(login).if_match(quota.etag());
        match step {
            "endorsement" => request.json(json!({ "document": "Hongcheon 2026-1187" })),
            "rejection" => request.json(json!({ "note": "The lodging has no photographs." })),
            _ => request,
        }
        .send()
        .await
    }

    /// A quota of `partner<number>` that is open to job seekers.
    pub async fn open_quota(&self, number: u32, terms: Value) -> Answer {
        let posted = self.posted(number, terms).await;
        let by = format!("partner{number}");
        let submitted = self.step(&by, &posted, "submission").await.ok();
        let endorsed = self.step("office", &submitted, "endorsement").await.ok();
        self.step("office", &endorsed, "approval").await.ok()
    }
}
