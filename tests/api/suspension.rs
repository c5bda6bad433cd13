//! A suspended employer gets nobody, and the office takes an open quota back.

use crate::rounds::through;
use crate::support::drawn::FREEZE;
use crate::support::season::quota;
use crate::support::{World, both};
use serde_json::{Value, json};

/// Suspends whom the quota belongs to.
async fn suspend(w: &World, quota: &str) {
    let read = w.get(&format!("/v1/quotas/{quota}")).by("office").send().await.ok();
    let path = format!("/v1/organisations/{}", read.body["organisation_id"].as_str().unwrap());
    let present = w.get(&path).by("office").send().await.ok();
    let asked = w.post(&format!("{path}/suspension")).by("office").if_match(present.etag());
    asked.json(json!({ "note": "wages unpaid" })).send().await.ok();
}

async fn listed(w: &World, login: &str) -> Vec<Value> {
    let page = w.get("/v1/quotas").by(login).send().await.ok();
    page.body["data"].as_array().unwrap().iter().map(|q| q["id"].clone()).collect()
}

#[test]
fn the_quotas_of_a_suspended_employer_are_listed_by_nobody_but_itself_and_the_office() {
    both(|w| async move {
        let d = w.drawn();
        let id = w.applicant(1).await;
        let quota = d.quota.to_string();
        assert_eq!(listed(&w, "seeker1").await, [json!(quota)]);
        suspend(&w, &quota).await;
        assert_eq!(listed(&w, "seeker1").await, [json!(null); 0]);
        let path = format!("/v1/quotas/{quota}");
        w.get(&path).by("seeker1").send().await.refused(404, "not_found");
        for login in ["farm", "office"] {
            assert_eq!(listed(&w, login).await, [json!(quota)], "{login}");
            assert_eq!(w.get(&path).by(login).send().await.ok().body["state"], "open");
        }
        let told = w.applies(&d, 1, &id).await;
        told.refused(422, "fields_invalid");
        let reasons = [("/choices/0".to_owned(), "employer_suspended".to_owned())];
        assert_eq!(told.reasons(), reasons);
        let asked = format!("/v1/job-seekers/{id}/eligibility?quota_id={quota}");
        w.get(&asked).by("seeker1").send().await.refused(404, "not_found");
        let judged = w.get(&asked).by("office").send().await.ok();
        assert_eq!(judged.body["eligible"], false);
        assert_eq!(judged.body["reasons"][0]["code"], "employer_suspended");
    });
}

#[test]
fn nobody_is_placed_at_an_employer_that_is_suspended_before_the_freeze() {
    both(|w| async move {
        let d = w.drawn();
        let id = w.applicant(1).await;
        assert_eq!(w.applies(&d, 1, &id).await.status, 201);
        suspend(&w, &d.quota.to_string()).await;
        w.at(FREEZE);
        let round = through(&w, &d).await;
        assert_eq!((&round.body["placed"], &round.body["unplaced"]), (&json!(0), &json!(1)));
        let path = format!("/v1/rounds/{}/explanations/{id}", round.id());
        let said = w.get(&path).by("office").send().await.ok();
        let wish = &said.body["wishes"][0];
        assert_eq!(wish["outcome"], "ineligible");
        assert_eq!(wish["reasons"][0]["code"], "employer_suspended", "{wish}");
    });
}

#[test]
fn the_office_takes_an_open_quota_back_until_the_freeze() {
    both(|w| async move {
        let season = w.open_season().await;
        w.partner(1).await;
        let id = w.applicant(1).await;
        let back = w.open_quota(1, quota(season.id())).await;
        let stays = w.open_quota(1, quota(season.id())).await;
        w.step("partner1", &back, "rejection").await.refused(403, "role_forbidden");
        let told = w.step("office", &back, "rejection").await.ok();
        assert_eq!(
            (&told.body["state"], &told.body["state_note"]),
            (&json!("rejected"), &json!("The lodging has no photographs."))
        );
        assert_eq!(listed(&w, "seeker1").await, [json!(stays.id())]);
        let asked = format!("/v1/job-seekers/{id}/eligibility?quota_id={}", back.id());
        let judged = w.get(&asked).by("office").send().await.ok();
        assert_eq!(judged.body["reasons"][0]["code"], "quota_not_open");
        // The partner mends it, and it may be opened again.
        w.step("partner1", &told, "submission").await.ok();
        w.at(FREEZE);
        w.step("office", &stays, "rejection").await.refused(409, "season_not_open");
    });
}
