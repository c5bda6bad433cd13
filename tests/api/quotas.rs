//! Quotas over HTTP: from a partner's demand to what job seekers may list.

use crate::support::season::quota;
use crate::support::{Answer, World, both};
use musiman::domain::roles::Role;
use serde_json::{Value, json};

fn told(reasons: &[(&str, &str)]) -> Vec<(String, String)> {
    reasons.iter().map(|(p, c)| ((*p).to_owned(), (*c).to_owned())).collect()
}

/// The terms with these members in place of the good ones.
fn with(season: &str, members: Value) -> Value {
    let mut terms = quota(season);
    for (name, value) in members.as_object().unwrap() {
        terms[name] = value.clone();
    }
    terms
}

async fn post(w: &World, login: &str, terms: Value) -> Answer {
    w.post("/v1/quotas").by(login).once().json(terms).send().await
}

/// An account `seeker` of a job seeker.
async fn seeker(w: &World) {
    let seeker = w.seeker(1).await;
    let id = seeker["id"].as_str().unwrap().parse().ok();
    w.account("seeker", Role::Seeker, None, id);
}

#[test]
fn a_demand_becomes_open_through_submission_endorsement_and_approval() {
    both(|w| async move {
        let season = w.open_season().await;
        w.partner(1).await;
        let posted = w.posted(1, quota(season.id())).await;
        assert_eq!((posted.status, &posted.body["state"]), (201, &json!("draft")));
        // 40 hours of a week are 173 of a month without paid rest; 1150 rupiah buy 100 won.
        let expected = [
            ("wage_amount_idr", json!(121_900)),
            ("monthly_wage", json!(1_833_800)),
            ("monthly_wage_idr", json!(21_088_700)),
            ("idr_per_100_krw", json!(1150)),
            ("si_gun_name", json!("Hongcheon")),
        ];
        for (member, value) in expected {
            assert_eq!(posted.body[member], value, "{member}");
        }
        w.step("office", &posted, "approval").await.refused(409, "state_conflict");
        let submitted = w.step("partner1", &posted, "submission").await.ok();
        w.step("partner1", &posted, "submission").await.ok();
        let endorsed = w.step("office", &submitted, "endorsement").await.ok();
        assert_eq!(endorsed.body["endorsement_document"], "Hongcheon 2026-1187");
        let other = w
            .post(&format!("/v1/quotas/{}/endorsement", posted.id()))
            .by("office")
            .if_match(submitted.etag())
            .json(json!({ "document": "another" }))
            .send()
            .await;
        other.refused(412, "version_stale");
        let open = w.step("office2", &endorsed, "approval").await.ok();
        assert_eq!(open.body["state"], "open");
        let read = w.get(&format!("/v1/quotas/{}", posted.id())).by("partner1").send().await.ok();
        assert_eq!((read.body.clone(), read.etag()), (open.body.clone(), open.etag()));
    });
}

#[test]
fn a_rejected_demand_is_mended_and_comes_again() {
    both(|w| async move {
        let season = w.open_season().await;
        w.partner(1).await;
        let posted = w.posted(1, quota(season.id())).await;
        let path = format!("/v1/quotas/{}", posted.id());
        let change = |tag: &str, body: Value| {
            w.patch(&path).by("partner1").if_match(tag).merge(&body).send()
        };
        let submitted = w.step("partner1", &posted, "submission").await.ok();
        let held = change(submitted.etag(), json!({ "seats": 3 })).await;
        held.refused(409, "state_conflict");
        let back = w.step("office", &submitted, "rejection").await.ok();
        assert_eq!(back.body["state_note"], "The lodging has no photographs.");
        let bad = change(back.etag(), json!({ "wage_amount": 1, "seats": 0, "x": 1 })).await;
        bad.refused(422, "fields_invalid");
        let mended = change(back.etag(), json!({ "seats": 3, "crop": "pepper" })).await.ok();
        assert_eq!((&mended.body["seats"], &mended.body["state"]), (&json!(3), &json!("rejected")));
        assert_eq!(change(back.etag(), json!({ "seats": 3 })).await.ok().etag(), mended.etag());
        change(back.etag(), json!({ "seats": 4 })).await.refused(412, "version_stale");
        let again = w.step("partner1", &mended, "submission").await.ok();
        assert_eq!(
            (&again.body["state"], &again.body["state_note"]),
            (&json!("submitted"), &json!(null))
        );
        let gone = w.step("partner1", &again, "withdrawal").await.ok();
        assert_eq!(gone.body["state"], "withdrawn");
        w.step("partner1", &gone, "submission").await.refused(409, "state_conflict");
    });
}

#[test]
fn every_rule_that_terms_break_is_told_at_once_with_its_figures() {
    both(|w| async move {
        let season = w.open_season().await;
        w.partner(1).await;
        let bad = json!({
            "starts_on": "2027-02-28", "ends_on": "2027-12-01", "seats": 13, "wage_amount": 10_599,
            "hours_per_week": 34, "days_off_per_month": 3, "housing": "greenhouse",
            "housing_deduction": 900_000, "meals_deduction": 1, "kind": "public", "sector": "fishery",
        });
        let sent = post(&w, "partner1", with(season.id(), bad)).await;
        sent.refused(422, "fields_invalid");
        let expected = [
            ("", "allocation_missing"),
            ("/days_off_per_month", "days_off_too_few"),
            ("/ends_on", "stay_too_long"),
            ("/hours_per_week", "hours_below_guarantee"),
            ("/housing", "housing_banned"),
            ("/housing_deduction", "housing_deduction_too_high"),
            ("/kind", "organisation_kind_wrong"),
            ("/meals_deduction", "deductions_too_high"),
            ("/starts_on", "quota_outside_season"),
            ("/wage_amount", "wage_below_minimum"),
        ];
        assert_eq!(sent.reasons(), told(&expected));
        let wage = sent.body["errors"].as_array().unwrap().iter();
        let wage = wage.filter(|e| e["pointer"] == "/wage_amount").collect::<Vec<_>>()[0];
        let detail = wage["detail"].as_str().unwrap_or_default();
        assert!(detail.contains("10600"), "{wage}");
    });
}

#[test]
fn an_employer_demands_no_more_than_its_cap_in_all_its_quotas_together() {
    both(|w| async move {
        let season = w.open_season().await;
        w.partner(1).await;
        w.partner(2).await;
        let seats = |n: u32| with(season.id(), json!({ "seats": n }));
        let eight = w.posted(1, seats(8)).await;
        let over = post(&w, "partner1", seats(5)).await;
        over.refused(422, "fields_invalid");
        assert_eq!(over.reasons(), told(&[("/seats", "employer_cap_exceeded")]));
        let four = w.posted(1, seats(4)).await;
        w.posted(2, seats(12)).await;
        // A withdrawn demand counts no more.
        w.step("partner1", &eight, "withdrawal").await.ok();
        let path = format!("/v1/quotas/{}", four.id());
        let body = json!({ "seats": 12 });
        w.patch(&path).by("partner1").if_match(four.etag()).merge(&body).send().await.ok();
    });
}

#[test]
fn only_an_approved_employer_of_the_right_kind_posts() {
    both(|w| async move {
        let season = w.open_season().await;
        w.employer(1, "cooperative").await;
        let farm = w.partner(2).await;
        let household = post(&w, "partner1", quota(season.id())).await;
        assert_eq!(household.reasons(), told(&[("/kind", "organisation_kind_wrong")]));
        w.posted(1, with(season.id(), json!({ "kind": "public", "seats": 20 }))).await;
        let posted = w.posted(2, quota(season.id())).await;
        let path = format!("/v1/organisations/{farm}");
        let read = w.get(&path).by("office").send().await.ok();
        let stop = w.post(&format!("{path}/suspension")).by("office").if_match(read.etag());
        stop.json(json!({ "note": "wages unpaid" })).send().await.ok();
        let suspended = post(&w, "partner2", quota(season.id())).await;
        suspended.refused(422, "organisation_not_approved");
        w.step("partner2", &posted, "submission").await.refused(422, "organisation_not_approved");
        for login in ["office", "kadin"] {
            post(&w, login, quota(season.id())).await.refused(403, "role_forbidden");
        }
        let unkeyed = w.post("/v1/quotas").by("partner1").json(quota(season.id())).send().await;
        unkeyed.refused(400, "idempotency_key_missing");
    });
}

#[test]
fn quotas_change_only_between_opening_and_freeze() {
    both(|w| async move {
        w.partner(1).await;
        let draft = w.draft_season().await;
        for unknown in [draft.id().to_owned(), w.clock.new_id().to_string()] {
            let sent = post(&w, "partner1", quota(&unknown)).await;
            sent.refused(422, "fields_invalid");
            assert_eq!(sent.reasons(), told(&[("/season_id", "season_unknown")]));
        }
        let season = w.open_season().await;
        let posted = w.posted(1, quota(season.id())).await;
        let open = w.open_quota(1, quota(season.id())).await;
        w.clock.set("2026-12-20T10:00:00Z".parse().unwrap());
        post(&w, "partner1", quota(season.id())).await.refused(409, "season_not_open");
        w.step("partner1", &posted, "submission").await.refused(409, "season_not_open");
        let held = w.step("partner1", &open, "withdrawal").await;
        held.refused(409, "season_not_open");
        let path = format!("/v1/quotas/{}", posted.id());
        let body = json!({ "seats": 1 });
        let late = w.patch(&path).by("partner1").if_match(posted.etag()).merge(&body).send().await;
        late.refused(409, "season_not_open");
    });
}

#[test]
fn of_32_officers_with_one_tag_one_approves_a_quota() {
    both(|w| async move {
        let season = w.open_season().await;
        w.partner(1).await;
        let posted = w.posted(1, quota(season.id())).await;
        let submitted = w.step("partner1", &posted, "submission").await.ok();
        let endorsed = w.step("office", &submitted, "endorsement").await.ok();
        for n in 0..32 {
            w.account(&format!("officer{n}"), Role::Office, None, None);
        }
        let logins: Vec<String> = (0..32).map(|n| format!("officer{n}")).collect();
        let all = logins.iter().map(|login| w.step(login, &endorsed, "approval"));
        let mut statuses: Vec<u16> =
            futures_util::future::join_all(all).await.iter().map(|a| a.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![200], vec![412; 31]].concat());
    });
}

#[test]
fn everybody_sees_the_quotas_that_are_theirs_to_see() {
    both(|w| async move {
        let season = w.open_season().await;
        w.partner(1).await;
        w.partner(2).await;
        seeker(&w).await;
        let draft = w.posted(1, quota(season.id())).await;
        let open = w.open_quota(2, quota(season.id())).await;
        let seen = |login: &'static str| {
            let w = w.clone();
            async move {
                let page = w.get("/v1/quotas").by(login).send().await.ok();
                let ids = page.body["data"].as_array().unwrap().clone();
                ids.iter().map(|q| q["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
            }
        };
        let both_of_them = [draft.id(), open.id()];
        for login in ["office", "lead", "kadin"] {
            assert_eq!(seen(login).await, both_of_them, "{login}");
        }
        assert_eq!(seen("partner1").await, [draft.id()]);
        assert_eq!(seen("partner2").await, [open.id()]);
        assert_eq!(seen("seeker").await, [open.id()]);
        w.get("/v1/quotas").send().await.refused(401, "token_missing");

        let path = format!("/v1/quotas/{}", draft.id());
        for login in ["partner2", "seeker"] {
            w.get(&path).by(login).send().await.refused(404, "not_found");
        }
        let steal = w.patch(&path).by("partner2").if_match(draft.etag());
        steal.merge(&json!({ "seats": 1 })).send().await.refused(404, "not_found");
        for step in ["submission", "withdrawal"] {
            w.step("partner2", &draft, step).await.refused(404, "not_found");
            for login in ["office", "kadin", "seeker"] {
                w.step(login, &draft, step).await.refused(403, "role_forbidden");
            }
        }
        for step in ["endorsement", "approval", "rejection"] {
            for login in ["partner1", "kadin", "seeker"] {
                w.step(login, &draft, step).await.refused(403, "role_forbidden");
            }
        }
        let bare = w.post(&format!("{path}/submission")).by("partner1").send().await;
        bare.refused(428, "if_match_missing");
    });
}

#[test]
fn quotas_are_found_by_place_crop_months_and_wage() {
    both(|w| async move {
        let season = w.open_season().await;
        w.partner(1).await;
        seeker(&w).await;
        let terms = |members: Value| with(season.id(), members);
        let berries = w.open_quota(1, terms(json!({ "crop": "Strawberry" }))).await;
        let late = json!({
            "crop": "딸기", "starts_on": "2027-06-01", "ends_on": "2027-10-31", "wage_unit": "month",
            "wage_amount": 2_500_000,
        });
        let late = w.open_quota(1, terms(late)).await;
        let (early, late) = (berries.id(), late.id());
        let all = vec![early, late];
        let season = format!("season_id={}", season.id());
        let searches = [
            ("si_gun=51720", all.clone()),
            ("si_gun=42720", all.clone()),
            ("si_gun=51760", vec![]),
            ("crop=strawB", vec![early]),
            ("crop=%EB%94%B8", vec![late]),
            ("crop=berry", vec![]),
            ("crop=%25", vec![]),
            ("to=2027-05", vec![early]),
            ("from=2027-08", vec![late]),
            ("from=2027-06&to=2027-06", all.clone()),
            ("wage_min=1833800", all.clone()),
            ("wage_min=1833801", vec![late]),
            ("sector=fishery", vec![]),
            ("state=open&sector=agriculture", all.clone()),
            ("state=draft", vec![]),
            (season.as_str(), all),
        ];
        for (search, expected) in searches {
            let page = w.get(&format!("/v1/quotas?{search}")).by("seeker").send().await.ok();
            let found: Vec<&str> = page.body["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|q| q["id"].as_str().unwrap())
                .collect();
            assert_eq!(found, expected, "{search}");
        }
        for bad in
            ["si_gun=99999", "from=2027-13", "to=2027", "season_id=x", "wage_min=x", "state=x"]
        {
            let told = w.get(&format!("/v1/quotas?{bad}")).by("seeker").send().await;
            told.refused(400, "parameter_invalid");
        }
        w.get("/v1/quotas?wage=1").by("seeker").send().await.refused(400, "parameter_unknown");
        let page = w.get("/v1/quotas?limit=1").by("seeker").send().await.ok();
        let cursor = page.body["next_cursor"].as_str().unwrap();
        let next = format!("/v1/quotas?limit=1&cursor={cursor}");
        assert_eq!(w.get(&next).by("seeker").send().await.ok().body["data"][0]["id"], late);
        // A cursor is bound to the reader's view of the list.
        w.get(&next).by("office").send().await.refused(400, "cursor_invalid");
    });
}

#[test]
fn one_key_posts_one_quota() {
    both(|w| async move {
        let season = w.open_season().await;
        w.partner(1).await;
        let key = "0123456789abcdef0123456789abcdef";
        let send = |terms| w.post("/v1/quotas").by("partner1").key(key).json(terms).send();
        let one = send(quota(season.id())).await.ok();
        let two = send(quota(season.id())).await.ok();
        assert_eq!((one.bytes.clone(), one.etag()), (two.bytes.clone(), two.etag()));
        let other = send(with(season.id(), json!({ "seats": 1 }))).await;
        other.refused(422, "idempotency_key_reused");
    });
}
