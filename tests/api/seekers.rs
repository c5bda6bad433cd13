//! The register over HTTP.

use crate::support::{World, both};
use serde_json::json;

#[test]
fn an_officer_registers_reads_and_confirms_a_seeker() {
    both(|w| async move {
        let made = w.post("/v1/job-seekers").by("office").once().json(w.siti(1)).send().await;
        assert_eq!(made.status, 201, "{}", made.body);
        assert_eq!(made.body["state"], "registered");
        assert_eq!(made.body["phone"], "+6281200000001");
        let path = made.header("location").to_owned();
        let read = w.get(&path).by("office").send().await;
        assert_eq!((read.status, &read.body), (200, &made.body));
        assert_eq!(read.etag(), made.etag());
        let same = w.get(&path).by("office").header("if-none-match", read.etag()).send().await;
        assert_eq!((same.status, same.bytes.len()), (304, 0));

        let path = format!("{path}/verification");
        w.post(&path).by("office").send().await.refused(428, "if_match_missing");
        w.post(&path).by("kadin").if_match(read.etag()).send().await.refused(403, "role_forbidden");
        let done = w.post(&path).by("office").if_match(read.etag()).send().await;
        assert_eq!((done.status, &done.body["state"]), (200, &json!("verified")), "{}", done.body);
        // The same officer again: it stands. Another with the old tag: too late.
        let again = w.post(&path).by("office").if_match(read.etag()).send().await;
        assert_eq!((again.status, again.etag()), (200, done.etag()));
        let late = w.post(&path).by("office2").if_match(read.etag()).send().await;
        late.refused(412, "version_stale");
        assert_eq!(late.etag(), done.etag());
        let fresh = w.post(&path).by("office2").if_match(done.etag()).send().await;
        fresh.refused(409, "state_conflict");
    });
}

#[test]
fn of_32_clients_with_one_nik_one_wins() {
    both(|w| async move {
        let all: Vec<_> = (0..32)
            .map(|_| w.post("/v1/job-seekers").by("office").once().json(w.siti(7)).send())
            .collect();
        let mut statuses: Vec<u16> =
            futures_util::future::join_all(all).await.iter().map(|a| a.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![201], vec![409; 31]].concat());
    });
}

#[test]
fn of_32_officers_with_one_tag_one_confirms() {
    both(|w| async move {
        let made = w.post("/v1/job-seekers").by("office").once().json(w.siti(8)).send().await;
        let path = format!("/v1/job-seekers/{}/verification", made.id());
        for n in 0..32 {
            w.account(&format!("officer{n}"), musiman::domain::roles::Role::Office, None, None);
        }
        let all: Vec<_> = (0..32)
            .map(|n| w.post(&path).by(&format!("officer{n}")).if_match(made.etag()).send())
            .collect();
        let mut statuses: Vec<u16> =
            futures_util::future::join_all(all).await.iter().map(|a| a.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![200], vec![412; 31]].concat());
    });
}

#[test]
fn one_key_makes_one_seeker_however_often_it_is_sent() {
    both(|w| async move {
        let key = "0123456789abcdef0123456789abcdef";
        let send = || w.post("/v1/job-seekers").by("office").key(key).json(w.siti(9)).send();
        let answers = futures_util::future::join_all((0..16).map(|_| send())).await;
        assert!(answers.iter().all(|a| a.status == 201 && a.bytes == answers[0].bytes));
        let other = w.post("/v1/job-seekers").by("office").key(key).json(w.siti(10)).send().await;
        other.refused(422, "idempotency_key_reused");
    });
}

#[test]
fn anybody_may_register_and_learns_nothing() {
    both(|w| async move {
        w.seeker(11).await;
        for number in [11, 12] {
            let noted = w.post("/v1/job-seekers").once().json(w.siti(number)).send().await;
            assert_eq!(noted.status, 202);
            assert_eq!(noted.body.as_object().unwrap().keys().collect::<Vec<_>>(), ["next"]);
        }
        // The draft waits; it blocks nobody, and the desk finds it.
        let drafts = w.get("/v1/job-seekers?state=draft").by("office").send().await;
        assert_eq!(drafts.body["data"].as_array().unwrap().len(), 2);
        w.seeker(12).await;
    });
}

/// A transaction that still runs anywhere on the server holds the horizon back: the list is asked
/// again until it has settled.
pub async fn settled(w: &World, path: &str, rows: usize) -> (Vec<String>, serde_json::Value) {
    for _ in 0..500 {
        let page = names(w, path).await;
        if page.0.len() == rows {
            return page;
        }
    }
    names(w, path).await
}

async fn names(w: &World, path: &str) -> (Vec<String>, serde_json::Value) {
    let page = w.get(path).by("office").send().await.ok();
    let text = |v: &serde_json::Value| v["name"].as_str().unwrap().to_owned();
    (page.body["data"].as_array().unwrap().iter().map(text).collect(), page.body.clone())
}

#[test]
fn pages_follow_each_other_and_a_strange_cursor_is_refused() {
    both(|w| async move {
        for n in 1..=5 {
            w.seeker(n).await;
        }
        let (first, body) = names(&w, "/v1/job-seekers?limit=3").await;
        let cursor = body["next_cursor"].as_str().unwrap();
        let (second, body) = names(&w, &format!("/v1/job-seekers?limit=3&cursor={cursor}")).await;
        assert_eq!((first.len(), second.len(), body["next_cursor"].is_null()), (3, 2, true));
        let other = format!("/v1/job-seekers?kecamatan=321618&cursor={cursor}");
        w.get(&other).by("office").send().await.refused(400, "cursor_invalid");
        w.get("/v1/job-seekers?limit=0")
            .by("office")
            .send()
            .await
            .refused(400, "parameter_invalid");
        w.get("/v1/job-seekers?limt=3").by("office").send().await.refused(400, "parameter_unknown");
    });
}

#[test]
fn a_watermark_brings_what_changed_since() {
    both(|w| async move {
        w.seeker(1).await;
        let two = w.post("/v1/job-seekers").by("office").once().json(w.siti(2)).send().await;
        let (all, body) = settled(&w, "/v1/job-seekers?updated_since=0", 2).await;
        assert_eq!(all.len(), 2);
        let mark = body["watermark"].as_str().unwrap();
        let path = format!("/v1/job-seekers?updated_since={mark}");
        assert_eq!(names(&w, &path).await.0.len(), 0);
        let verify = format!("/v1/job-seekers/{}/verification", two.id());
        w.post(&verify).by("office").if_match(two.etag()).send().await.ok();
        assert_eq!(settled(&w, &path, 1).await.0, ["Siti Contoh 2"]);
    });
}

#[test]
fn every_wrong_field_is_told_at_once() {
    both(|w| async move {
        let body =
            json!({ "nik": 1, "name": ["x"], "extra": 1, "born_on": "1996-02-30", "sex": "x" });
        let told = w.post("/v1/job-seekers").by("office").once().json(body).send().await;
        told.refused(422, "fields_invalid");
        let expected = [
            ("/born_on", "day_invalid"),
            ("/extra", "unknown_member"),
            ("/kecamatan", "missing"),
            ("/name", "wrong_type"),
            ("/nik", "wrong_type"),
            ("/sex", "unknown_value"),
        ];
        assert_eq!(told.reasons(), expected.map(|(p, c)| (p.to_owned(), c.to_owned())));
    });
}

#[test]
fn an_officer_finds_a_person_by_each_key_and_nobody_else_may() {
    both(|w| async move {
        w.seeker(21).await;
        w.seeker(22).await;
        let search = |body| w.post("/v1/job-seekers/search").by("office").json(body).send();
        let nik = w.siti(21)["nik"].clone();
        for (body, found) in [
            (json!({ "nik": nik }), 1),
            (json!({ "phone": "0812 0000 0022" }), 1),
            (json!({ "name": "siti  CONTOH" }), 2),
            (json!({ "name": "Siti Contoh 22" }), 1),
            (json!({ "name": "x' OR y'" }), 0),
        ] {
            let told = search(body.clone()).await;
            let lines = told.body["data"].as_array().map(Vec::len);
            assert_eq!((told.status, lines), (200, Some(found)), "{body} {}", told.body);
        }
        search(json!({})).await.refused(422, "fields_invalid");
        search(json!({ "nik": nik, "name": "Siti" })).await.refused(422, "fields_invalid");
        search(json!({ "name": "a\u{0}b" })).await.refused(422, "fields_invalid");
        let by_kadin = w.post("/v1/job-seekers/search").by("kadin").json(json!({ "nik": nik }));
        by_kadin.send().await.refused(403, "role_forbidden");
    });
}

#[test]
fn a_change_keeps_what_it_does_not_name_and_takes_a_confirmation_of_another_identity_away() {
    both(|w| async move {
        let made = w.post("/v1/job-seekers").by("office").once().json(w.siti(31)).send().await;
        let path = made.header("location").to_owned();
        let verify = w.post(&format!("{path}/verification")).by("office").if_match(made.etag());
        let verified = verify.send().await.ok();
        let patch = |tag: &str, body| w.patch(&path).by("office").if_match(tag).merge(&body).send();
        let moved = patch(verified.etag(), json!({ "village": "Ciledug", "phone": null })).await;
        assert_eq!(moved.status, 200, "{}", moved.body);
        assert_eq!(moved.body["village"], "Ciledug");
        assert_eq!((&moved.body["phone"], &moved.body["farm_months"]), (&json!(null), &json!(36)));
        assert_eq!(moved.body["state"], "verified");
        let late = w.patch(&path).by("office2").if_match(verified.etag());
        late.merge(&json!({ "village": "X" })).send().await.refused(412, "version_stale");
        let wrong = patch(moved.etag(), json!({ "nik": "1", "name": null })).await;
        wrong.refused(422, "fields_invalid");
        let renamed = patch(moved.etag(), json!({ "name": "Siti Lain" })).await.ok();
        assert_eq!(renamed.body["state"], "registered");
        let taken = w.seeker(32).await["nik"].clone();
        patch(renamed.etag(), json!({ "nik": taken })).await.refused(409, "nik_taken");
    });
}

#[test]
fn a_person_is_not_born_tomorrow_and_no_paper_was_issued_then() {
    both(|w| async move {
        // Half past eleven at night in Jakarta: there the 24th lasts for half an hour more.
        w.clock.set("2026-11-24T16:30:00Z".parse().unwrap());
        let both_at = |code: &str| {
            ["/ak1_issued_on", "/born_on"].map(|field| (field.to_owned(), code.to_owned()))
        };
        let with = |number, day: &str| {
            let mut body = w.siti(number);
            body["born_on"] = json!(day);
            body["ak1_issued_on"] = json!(day);
            body
        };
        let wrong = [
            ("9999-12-31", "day_in_future"),
            ("2026-11-25", "day_in_future"),
            ("1899-12-31", "day_invalid"),
        ];
        let siti = w.seeker(1).await;
        let path = format!("/v1/job-seekers/{}", siti["id"].as_str().unwrap());
        let read = w.get(&path).by("office").send().await.ok();
        for (day, code) in wrong {
            let body = with(2, day);
            let office = w.post("/v1/job-seekers").by("office").once().json(body.clone()).send();
            let nobody = w.post("/v1/job-seekers").once().json(body).send();
            let change = json!({ "born_on": day, "ak1_issued_on": day });
            let patch = w.patch(&path).by("office").if_match(read.etag()).merge(&change).send();
            for told in [office.await, nobody.await, patch.await] {
                assert_eq!(told.refused(422, "fields_invalid").reasons(), both_at(code), "{day}");
            }
        }
        let today = with(3, "2026-11-24");
        w.post("/v1/job-seekers").by("office").once().json(today).send().await.ok();
        let change = json!({ "ak1_issued_on": "2026-11-24" });
        w.patch(&path).by("office").if_match(read.etag()).merge(&change).send().await.ok();
    });
}
