//! Agreements over HTTP.

use crate::support::both;
use crate::support::season::agreement;
use musiman::domain::roles::Role;
use serde_json::json;

#[test]
fn the_chamber_proposes_and_the_office_confirms_and_ends() {
    both(|w| async move {
        let made = w.post("/v1/agreements").by("kadin").once().json(agreement()).send().await;
        assert_eq!((made.status, &made.body["state"]), (201, &json!("proposed")), "{}", made.body);
        let path = made.header("location").to_owned();
        for login in ["kadin", "office", "lead"] {
            let read = w.get(&path).by(login).send().await;
            assert_eq!((read.status, &read.body), (200, &made.body), "{login}");
        }
        for step in ["confirmation", "ending"] {
            let path = format!("{path}/{step}");
            w.post(&path)
                .by("kadin")
                .if_match(made.etag())
                .send()
                .await
                .refused(403, "role_forbidden");
            w.post(&path).by("office").send().await.refused(428, "if_match_missing");
        }
        let confirm = format!("{path}/confirmation");
        let done = w.post(&confirm).by("office").if_match(made.etag()).send().await.ok();
        assert_eq!(done.body["state"], "confirmed");
        let again = w.post(&confirm).by("office").if_match(made.etag()).send().await.ok();
        assert_eq!(again.etag(), done.etag());
        let late = w.post(&confirm).by("office2").if_match(made.etag()).send().await;
        late.refused(412, "version_stale");
        let twice = w.post(&confirm).by("office2").if_match(done.etag()).send().await;
        twice.refused(409, "state_conflict");
        let end = format!("{path}/ending");
        let ended = w.post(&end).by("office2").if_match(done.etag()).send().await.ok();
        assert_eq!(ended.body["state"], "ended");
        let back = w.post(&confirm).by("office").if_match(ended.etag()).send().await;
        back.refused(409, "state_conflict");
    });
}

#[test]
fn an_agreement_is_changed_by_the_chamber_only_while_it_is_proposed() {
    both(|w| async move {
        let made = w.post("/v1/agreements").by("kadin").once().json(agreement()).send().await.ok();
        let path = made.header("location").to_owned();
        let change = |login: &'static str, tag: &str, body| {
            w.patch(&path).by(login).if_match(tag).merge(&body).send()
        };
        let one = change("kadin", made.etag(), json!({ "effective_to": null })).await.ok();
        assert_eq!(one.body["effective_to"], json!(null));
        let same = change("kadin", made.etag(), json!({ "effective_to": null })).await.ok();
        assert_eq!(same.etag(), one.etag());
        let stale = change("office", made.etag(), json!({ "title": "x" })).await;
        stale.refused(412, "version_stale");
        let bad =
            json!({ "si_gun": null, "effective_to": "2025-01-01", "documents": [{ "kind": "x" }] });
        let told = change("office", one.etag(), bad).await;
        told.refused(422, "fields_invalid");
        let confirm = format!("{path}/confirmation");
        let done = w.post(&confirm).by("office").if_match(one.etag()).send().await.ok();
        let late = change("kadin", done.etag(), json!({ "title": "x" })).await;
        late.refused(409, "state_conflict");
        let two = change("office", done.etag(), json!({ "title": "Bekasi, Hongcheon" })).await.ok();
        assert_eq!(two.body["title"], "Bekasi, Hongcheon");
        let end = format!("{path}/ending");
        let ended = w.post(&end).by("office").if_match(two.etag()).send().await.ok();
        change("lead", ended.etag(), json!({ "title": "x" })).await.refused(409, "state_conflict");
    });
}

#[test]
fn every_wrong_member_of_an_agreement_is_told_at_once() {
    both(|w| async move {
        let bad = json!({
            "kind": "treaty", "title": " ", "si_gun": "51720", "effective_from": "2026-02-30",
            "documents": [{ "kind": "other", "number": "", "dated_on": "x" }], "extra": 1,
        });
        let told = w.post("/v1/agreements").by("office").once().json(bad).send().await;
        told.refused(422, "fields_invalid");
        let expected = [
            ("/documents/0/dated_on", "day_invalid"),
            ("/documents/0/number", "missing"),
            ("/effective_from", "day_invalid"),
            ("/extra", "unknown_member"),
            ("/kind", "unknown_value"),
            ("/title", "missing"),
        ];
        assert_eq!(told.reasons(), expected.map(|(p, c)| (p.to_owned(), c.to_owned())));
        let unkeyed = w.post("/v1/agreements").by("office").json(agreement()).send().await;
        unkeyed.refused(400, "idempotency_key_missing");
    });
}

#[test]
fn partners_seekers_and_the_public_see_no_agreement() {
    both(|w| async move {
        w.partner(1).await;
        let seeker = w.seeker(1).await;
        w.account("seeker", Role::Seeker, None, seeker["id"].as_str().unwrap().parse().ok());
        let made = w.post("/v1/agreements").by("office").once().json(agreement()).send().await.ok();
        for path in ["/v1/agreements", made.header("location")] {
            for login in ["partner1", "seeker"] {
                w.get(path).by(login).send().await.refused(403, "role_forbidden");
            }
            w.get(path).send().await.refused(401, "token_missing");
        }
        let nowhere = format!("/v1/agreements/{}", w.clock.new_id());
        w.get(&nowhere).by("office").send().await.refused(404, "not_found");
    });
}

#[test]
fn the_list_of_agreements_goes_page_by_page() {
    both(|w| async move {
        for _ in 0..3 {
            w.post("/v1/agreements").by("kadin").once().json(agreement()).send().await.ok();
        }
        let one = w.get("/v1/agreements?limit=2").by("kadin").send().await.ok();
        let cursor = one.body["next_cursor"].as_str().unwrap();
        let path = format!("/v1/agreements?limit=2&cursor={cursor}");
        let two = w.get(&path).by("kadin").send().await.ok();
        let count = |page: &serde_json::Value| page["data"].as_array().unwrap().len();
        assert_eq!((count(&one.body), count(&two.body)), (2, 1));
        w.get("/v1/agreements?cursor=AAAA").by("kadin").send().await.refused(400, "cursor_invalid");
    });
}
