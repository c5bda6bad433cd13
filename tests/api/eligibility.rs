//! Whether somebody may have a seat, and with how many points.

use crate::support::both;
use musiman::domain::quotas::QuotaEvent;
use musiman::domain::roles::Role;
use serde_json::{Value, json};

fn codes(body: &Value) -> Vec<&str> {
    let reasons = body["reasons"].as_array().unwrap();
    reasons.iter().map(|r| r["code"].as_str().unwrap()).collect()
}

#[test]
fn a_person_sees_the_own_points_part_by_part() {
    both(|w| async move {
        let d = w.drawn();
        let id = w.applicant(1).await;
        let path = format!("/v1/job-seekers/{id}/eligibility?quota_id={}", d.quota);
        let own = w.get(&path).by("seeker1").send().await.ok();
        assert_eq!(
            (&own.body["eligible"], &own.body["reasons"], &own.body["points"]),
            (&json!(true), &json!([]), &json!(30))
        );
        let parts = json!([{ "kind": "experience", "value": 36, "points": 30 }]);
        assert_eq!((&own.body["parts"], &own.body["freeze_on"]), (&parts, &json!("2026-12-20")));
        assert_eq!(w.get(&path).by("office").send().await.ok().body, own.body);
    });
}

#[test]
fn every_reason_comes_with_its_figures_its_rule_and_in_the_readers_language() {
    both(|w| async move {
        let d = w.drawn();
        let mut old = w.siti(1);
        old["nik"] = json!("3216184703700001");
        old["born_on"] = json!("1970-03-07");
        old["farm_months"] = json!(0);
        old.as_object_mut().unwrap().retain(|name, _| !name.starts_with("ak1"));
        let made = w.post("/v1/job-seekers").by("office").once().json(old).send().await.ok();
        let path = format!("/v1/job-seekers/{}/eligibility?quota_id={}", made.id(), d.quota);
        let told = w.get(&path).by("office").send().await.ok();
        assert_eq!(told.body["eligible"], false);
        let mut found = codes(&told.body);
        found.sort_unstable();
        let expected = ["age_too_high", "ak1_missing", "experience_too_short", "not_verified"];
        assert_eq!(found, expected);
        for reason in told.body["reasons"].as_array().unwrap() {
            let rule = &reason["rule"];
            for member in ["id", "valid_from", "source", "confidence"] {
                assert!(rule[member].is_string(), "{reason}");
            }
            assert!(rule["fictional"].is_boolean(), "{reason}");
        }
        let age = |body: &Value| {
            let all = body["reasons"].as_array().unwrap();
            all.iter().find(|r| r["code"] == "age_too_high").unwrap()["detail"].clone()
        };
        assert!(age(&told.body).as_str().unwrap().contains("56 years"), "{}", age(&told.body));
        let read = w.get(&path).by("office").header("accept-language", "ko").send().await.ok();
        assert_ne!(age(&read.body), age(&told.body));
    });
}

#[test]
fn a_seeker_asks_for_open_quotas_and_only_for_oneself() {
    both(|w| async move {
        let d = w.drawn();
        let (id, other) = (w.applicant(1).await, w.applicant(2).await);
        let path =
            |id: &str, quota: &str| format!("/v1/job-seekers/{id}/eligibility?quota_id={quota}");
        let quota = d.quota.to_string();
        w.get(&path(&other, &quota)).by("seeker1").send().await.refused(404, "not_found");
        for login in ["farm", "kadin"] {
            let told = w.get(&path(&id, &quota)).by(login).send().await;
            told.refused(403, "role_forbidden");
        }
        w.get(&path(&id, &quota)).send().await.refused(401, "token_missing");
        w.get(&path(&id, &id)).by("seeker1").send().await.refused(404, "not_found");
        w.get(&path(&id, "x")).by("seeker1").send().await.refused(400, "parameter_invalid");
        let bare = format!("/v1/job-seekers/{id}/eligibility");
        w.get(&bare).by("seeker1").send().await.refused(400, "parameter_invalid");
        w.quota_steps(d.quota, QuotaEvent::Withdraw, Role::Partner);
        w.get(&path(&id, &quota)).by("seeker1").send().await.refused(404, "not_found");
        let told = w.get(&path(&id, &quota)).by("office").send().await.ok();
        assert_eq!(codes(&told.body), ["quota_not_open"]);
        assert_eq!(told.body["reasons"][0]["rule"], json!(null));
    });
}
