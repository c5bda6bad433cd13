//! Seasons over HTTP: draft, opening, closure.

use crate::support::season::{agreement, season};
use crate::support::{World, both};
use musiman::db::{Fault, seasons};
use musiman::domain::ids::SeasonId;
use musiman::matching::lottery::{commitment, hex};
use serde_json::{Value, json};

fn told(reasons: &[(&str, &str)]) -> Vec<(String, String)> {
    reasons.iter().map(|(p, c)| ((*p).to_owned(), (*c).to_owned())).collect()
}

#[test]
fn a_lead_opens_a_season_and_everybody_reads_its_terms() {
    both(|w| async move {
        let made = w.draft_season().await;
        assert_eq!((made.status, &made.body["state"]), (201, &json!("draft")));
        assert_eq!(
            (&made.body["secret_commitment"], &made.body["opened_at"]),
            (&json!(null), &json!(null))
        );
        let path = made.header("location").to_owned();
        // A draft is the office's alone.
        w.get(&path).send().await.refused(404, "not_found");
        w.get(&path).by("kadin").send().await.refused(404, "not_found");
        assert_eq!(w.get(&path).by("office").send().await.ok().body, made.body);
        let listed = |page: &Value| page["data"].as_array().unwrap().len();
        assert_eq!(listed(&w.get("/v1/seasons").send().await.ok().body), 0);
        assert_eq!(listed(&w.get("/v1/seasons").by("office").send().await.ok().body), 1);

        let opening = format!("{path}/opening");
        let open = w.post(&opening).by("lead").if_match(made.etag()).send().await.ok();
        assert_eq!(open.body["state"], "open");
        let public = w.get(&path).send().await.ok();
        assert_eq!(public.body, open.body);
        assert_eq!(w.get("/v1/seasons").send().await.ok().body["data"], json!([open.body]));
        for (member, length) in [
            ("secret_commitment", 64),
            ("season_key_commitment", 64),
            ("rules_digest", 64),
            ("rubric_digest", 64),
        ] {
            assert_eq!(open.body[member].as_str().map(str::len), Some(length), "{member}");
        }
        assert_eq!((&open.body["fictional"], &open.body["list_max"]), (&json!(true), &json!(20)));
        // What was committed to is what is kept, and nobody reads it.
        let id: SeasonId = made.id().parse().unwrap();
        let row = w.store.read::<_, Fault>(|conn, _| seasons::get(conn, id)).unwrap();
        let secret = w.store.read::<_, Fault>(|conn, _| seasons::secret(conn, &row)).unwrap();
        assert_eq!(open.body["secret_commitment"], json!(hex(&commitment(&secret))));
        assert!(!String::from_utf8_lossy(&public.bytes).contains(&hex(&secret)));
    });
}

#[test]
fn opening_is_done_once_by_a_lead_who_read_the_last_version() {
    both(|w| async move {
        let made = w.draft_season().await;
        let opening = format!("/v1/seasons/{}/opening", made.id());
        w.post(&opening)
            .by("office")
            .if_match(made.etag())
            .send()
            .await
            .refused(403, "role_forbidden");
        w.post(&opening).by("lead").send().await.refused(428, "if_match_missing");
        let path = made.header("location").to_owned();
        let body = json!({ "name": "Early 2027" });
        let new = w.patch(&path).by("lead").if_match(made.etag()).merge(&body).send().await.ok();
        let stale = w.post(&opening).by("lead").if_match(made.etag()).send().await;
        stale.refused(412, "version_stale");
        let open = w.post(&opening).by("lead").if_match(new.etag()).send().await.ok();
        let again = w.post(&opening).by("lead").if_match(new.etag()).send().await.ok();
        assert_eq!(again.body, open.body, "the secrets are drawn once");
        w.account("lead2", musiman::domain::roles::Role::Lead, None, None);
        let second = w.post(&opening).by("lead2").if_match(open.etag()).send().await;
        second.refused(409, "state_conflict");
        assert_eq!(second.etag(), open.etag());
        let late = w.patch(&path).by("lead").if_match(open.etag()).merge(&json!({ "list_max": 5 }));
        late.send().await.refused(409, "state_conflict");
    });
}

#[test]
fn a_draft_is_changed_as_a_whole_or_not_at_all() {
    both(|w| async move {
        let made = w.draft_season().await;
        let path = made.header("location").to_owned();
        let change =
            |tag: &str, body: Value| w.patch(&path).by("lead").if_match(tag).merge(&body).send();
        let bad = json!({ "objection_hours": 1, "freeze_at": "2026-11-23T00:00:00Z" });
        let refused = change(made.etag(), bad).await;
        refused.refused(422, "fields_invalid");
        assert_eq!(
            refused.reasons(),
            told(&[("/freeze_at", "freeze_in_past"), ("/objection_hours", "objection_too_short")])
        );
        let heads = json!([{
            "si_gun": "51760", "half": "2027-H2", "sector": "fishery", "kind": "public",
            "heads": 7, "document": "MOJ 2027-1",
        }]);
        let beacons = json!({ "first": { "form": "base64 of round N" } });
        let body = json!({ "allocations": heads, "list_max": null, "beacons": beacons });
        let new = change(made.etag(), body.clone()).await.ok();
        assert_eq!((&new.body["allocations"], &new.body["list_max"]), (&heads, &json!(20)));
        assert_eq!(new.body["beacons"]["first"]["name"], "drand");
        assert_eq!(change(made.etag(), body).await.ok().etag(), new.etag());
        change(made.etag(), json!({ "name": "x" })).await.refused(412, "version_stale");
        w.patch(&path)
            .by("office")
            .if_match(new.etag())
            .merge(&json!({ "name": "x" }))
            .send()
            .await
            .refused(403, "role_forbidden");
    });
}

/// The reasons against a season under such an agreement.
async fn against(w: &World, agreement: Value, confirm: bool) -> Vec<(String, String)> {
    let made = w.post("/v1/agreements").by("office").once().json(agreement).send().await.ok();
    if confirm {
        let path = format!("/v1/agreements/{}/confirmation", made.id());
        w.post(&path).by("office").if_match(made.etag()).send().await.ok();
    }
    let sent = w.post("/v1/seasons").by("lead").once().json(season(made.id())).send().await;
    assert_eq!(sent.status, 422, "{}", sent.body);
    sent.reasons()
}

#[test]
fn a_season_stands_only_on_an_agreement_that_may_carry_it() {
    both(|w| async move {
        let mut paper = agreement();
        let late = ("/agreement_id", "agreement_not_effective");
        let chamber = ("/agreement_id", "agreement_cannot_unlock_quotas");
        assert_eq!(against(&w, paper.clone(), false).await, told(&[late]));
        paper["kind"] = json!("chamber_company_memorandum");
        assert_eq!(against(&w, paper.clone(), true).await, told(&[chamber]));
        paper["effective_to"] = json!("2027-05-31");
        assert_eq!(against(&w, paper, true).await, told(&[chamber, late]));
        let nobody = season(&w.clock.new_id().to_string());
        let sent = w.post("/v1/seasons").by("lead").once().json(nobody).send().await;
        sent.refused(422, "fields_invalid");
        assert_eq!(sent.reasons(), told(&[("/agreement_id", "agreement_unknown")]));
    });
}

#[test]
fn an_agreement_that_ended_meanwhile_stops_the_opening() {
    both(|w| async move {
        let made = w.draft_season().await;
        let path = format!("/v1/agreements/{}", made.body["agreement_id"].as_str().unwrap());
        let read = w.get(&path).by("office").send().await.ok();
        let end = format!("{path}/ending");
        w.post(&end).by("office").if_match(read.etag()).send().await.ok();
        w.clock.set("2026-12-20T10:00:00Z".parse().unwrap());
        let opening = format!("/v1/seasons/{}/opening", made.id());
        let refused = w.post(&opening).by("lead").if_match(made.etag()).send().await;
        refused.refused(422, "fields_invalid");
        let reasons =
            [("/agreement_id", "agreement_not_effective"), ("/freeze_at", "freeze_in_past")];
        assert_eq!(refused.reasons(), told(&reasons));
    });
}

#[test]
fn every_wrong_member_of_a_season_is_told_at_once() {
    both(|w| async move {
        let mut bad = season("x");
        bad["contract_to"] = json!("2027-02-01");
        bad["list_max"] = json!(31);
        bad["rubric"][0]["points"] = json!(0);
        bad["beacons"]["fallback"]["name"] = json!("drand");
        bad["allocations"][1] = bad["allocations"][0].clone();
        bad["allocations"][0]["half"] = json!("2026-H1");
        bad["allocations"][1]["half"] = json!("2026-H1");
        bad["extra"] = json!(1);
        let sent = w.post("/v1/seasons").by("lead").once().json(bad).send().await;
        sent.refused(422, "fields_invalid");
        let expected = [
            ("/agreement_id", "invalid"),
            ("/allocations/0/half", "allocation_outside_season"),
            ("/allocations/1", "duplicate"),
            ("/beacons/fallback/name", "duplicate"),
            ("/contract_to", "period_reversed"),
            ("/extra", "unknown_member"),
            ("/list_max", "too_large"),
            ("/rubric/0/points", "too_small"),
        ];
        assert_eq!(sent.reasons(), told(&expected));
    });
}

#[test]
fn a_season_is_closed_by_a_lead_and_stays_closed() {
    both(|w| async move {
        let open = w.open_season().await;
        let path = format!("/v1/seasons/{}/closure", open.id());
        w.post(&path)
            .by("office")
            .if_match(open.etag())
            .send()
            .await
            .refused(403, "role_forbidden");
        w.post(&path).by("lead").send().await.refused(428, "if_match_missing");
        let closed = w.post(&path).by("lead").if_match(open.etag()).send().await.ok();
        assert_eq!(closed.body["state"], "closed");
        let opening = format!("/v1/seasons/{}/opening", open.id());
        w.post(&opening)
            .by("lead")
            .if_match(closed.etag())
            .send()
            .await
            .refused(409, "state_conflict");
        let nowhere = format!("/v1/seasons/{}/closure", w.clock.new_id());
        w.post(&nowhere).by("lead").if_match("*").send().await.refused(404, "not_found");
    });
}
