//! Breaches over HTTP: the record with its clock, whom it touched, the notices, and the end.

use crate::support::{Answer, World, both};
use chrono::TimeDelta;
use serde_json::{Value, json};

fn record() -> Value {
    json!({
        "title": "List sent to a wrong address", "happened_from": "2026-11-23T01:00:00Z",
        "known_at": "2026-11-24T01:00:00Z", "data_kinds": ["contact", "identity"],
        "how": { "id": "Daftar terkirim ke alamat yang salah.", "en": "A list went astray." },
        "handling": { "id": "Penerima telah menghapusnya.", "ko": "수신자가 삭제했습니다." },
    })
}

async fn recorded(w: &World) -> Answer {
    w.post("/v1/breaches").by("lead").once().json(record()).send().await.ok()
}

/// A step of what was read last.
async fn step(w: &World, of: &Answer, what: &str, body: Option<Value>) -> Answer {
    let path = format!("/v1/breaches/{}/{what}", of.id());
    let request = w.post(&path).by("lead").if_match(of.etag());
    match body {
        Some(body) => request.json(body),
        None => request,
    }
    .send()
    .await
}

fn told(people: Option<&str>) -> Value {
    let mut body = json!({ "sent_at": "2026-11-24T02:00:00Z", "channel": "letter" });
    if let Some(id) = people {
        body["job_seeker_ids"] = json!([id]);
    }
    body
}

#[test]
fn a_breach_goes_from_its_record_to_its_end_when_everybody_was_told() {
    both(|w| async move {
        let (one, two) = (w.applicant(1).await, w.applicant(2).await);
        let made = recorded(&w).await;
        assert_eq!(
            (&made.body["notice_until"], &made.body["is_late"]),
            (&json!("2026-11-27T01:00:00Z"), &json!(false))
        );
        let added = step(&w, &made, "people", Some(json!({ "job_seeker_ids": [one] }))).await.ok();
        let all = json!({ "kecamatan": "321618", "state": "verified" });
        let added = step(&w, &added, "people", Some(all)).await.ok();
        assert_eq!((&added.body["people"], &added.body["people_waiting"]), (&json!(2), &json!(2)));
        let early = step(&w, &added, "closure", None).await;
        early.refused(422, "rule_refused");
        let codes: Vec<String> = early.reasons().into_iter().map(|(_, code)| code).collect();
        assert_eq!(codes, ["breach_authority_waits", "breach_people_wait"]);
        let authority = step(&w, &added, "authority-notice", Some(told(None))).await.ok();
        let again = step(&w, &added, "authority-notice", Some(told(None))).await.ok();
        assert_eq!(authority.etag(), again.etag(), "the same said twice is said once");
        let first = step(&w, &authority, "people-notices", Some(told(Some(&two)))).await.ok();
        assert_eq!(first.body["people_waiting"], 1);
        let own = |by: &'static str| w.get("/v1/me/breaches").by(by).send();
        assert_eq!(own("seeker1").await.ok().body["data"], json!([]));
        let seen = own("seeker2").await.ok().body;
        let text = seen["data"][0]["text"].as_str().unwrap();
        assert!(text.contains("A list went astray.") && text.contains("2026-11-23"), "{text}");
        let rest = step(&w, &first, "people-notices", Some(told(None))).await.ok();
        let closed = step(&w, &rest, "closure", None).await.ok();
        assert_eq!(closed.body["state"], "closed");
        step(&w, &closed, "people", Some(json!({ "everybody": true })))
            .await
            .refused(409, "state_conflict");
        let people = w.get(&format!("/v1/breaches/{}/people", made.id())).by("lead").send();
        assert_eq!(people.await.ok().body["data"].as_array().unwrap().len(), 2);
    });
}

#[test]
fn the_notices_tell_in_three_languages_which_data_when_how_and_what_is_done() {
    both(|w| async move {
        let made = recorded(&w).await;
        let path = format!("/v1/breaches/{}/notices", made.id());
        let all = w.get(&path).by("lead").send().await.ok().body;
        let facts = [
            ("id", ["nomor identitas", "Daftar terkirim", "Penerima telah"]),
            ("ko", ["식별번호", "Daftar terkirim", "수신자가"]),
            ("en", ["identity numbers", "A list went", "Penerima telah"]),
        ];
        for to in ["to_people", "to_authority"] {
            for (notice, (language, words)) in all[to].as_array().unwrap().iter().zip(facts) {
                let text = notice["text"].as_str().unwrap();
                assert_eq!(notice["language"], language);
                for word in words.into_iter().chain(["2026-11-23", "2026-11-24", "27/2022"]) {
                    assert!(text.contains(word) || word == "27/2022" && language == "ko", "{text}");
                }
                assert!(!text.contains(['{', '[', '}', ']']), "{text}");
            }
        }
    });
}

#[test]
fn the_clock_runs_72_hours_and_what_is_known_may_grow_meanwhile() {
    both(|w| async move {
        let made = recorded(&w).await;
        let path = format!("/v1/breaches/{}", made.id());
        let more =
            json!({ "happened_to": "2026-11-23T05:00:00Z", "handling": { "en": "Deleted." } });
        let changed =
            w.patch(&path).by("lead").if_match(made.etag()).merge(&more).send().await.ok();
        assert_eq!(changed.body["handling"]["en"], "Deleted.");
        assert_eq!(changed.body["known_at"], made.body["known_at"]);
        let moved = json!({ "known_at": "2026-11-24T02:00:00Z" });
        let moved = w.patch(&path).by("lead").if_match("*").merge(&moved).send().await;
        assert_eq!(moved.reasons(), [("/known_at".to_owned(), "unknown_member".to_owned())]);
        let reversed = json!({ "happened_to": "2026-11-22T05:00:00Z" });
        let reversed = w.patch(&path).by("lead").if_match("*").merge(&reversed).send().await;
        assert_eq!(reversed.reasons(), [("/happened_to".to_owned(), "period_reversed".to_owned())]);
        w.patch(&path)
            .by("lead")
            .if_match(made.etag())
            .merge(&json!({ "title": "x" }))
            .send()
            .await
            .refused(412, "version_stale");
        w.clock.advance(TimeDelta::hours(71));
        assert_eq!(w.get(&path).by("lead").send().await.ok().body["is_late"], false);
        w.clock.advance(TimeDelta::minutes(1));
        assert_eq!(w.get(&path).by("lead").send().await.ok().body["is_late"], true);
        let list = w.get("/v1/breaches").by("lead").send().await.ok();
        assert_eq!(list.body["data"][0]["is_late"], true);
    });
}

#[test]
fn what_cannot_be_is_refused_at_its_place() {
    both(|w| async move {
        let made = recorded(&w).await;
        let at = |place: &str, code: &str| vec![(place.to_owned(), code.to_owned())];
        let mut later = record();
        later["known_at"] = json!("2026-11-24T03:00:00Z");
        let later = w.post("/v1/breaches").by("lead").once().json(later).send().await;
        assert_eq!(later.reasons(), at("/known_at", "instant_in_future"));
        let nobody = json!({ "job_seeker_ids": ["01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11"] });
        let nobody = step(&w, &made, "people", Some(nobody)).await;
        assert_eq!(nobody.reasons(), at("/job_seeker_ids/0", "job_seeker_unknown"));
        let twice = json!({ "everybody": true, "kecamatan": "321618" });
        assert_eq!(step(&w, &made, "people", Some(twice)).await.reasons(), at("", "too_many"));
        assert_eq!(step(&w, &made, "people", Some(json!({}))).await.reasons(), at("", "missing"));
        let before = json!({ "sent_at": "2026-11-23T23:00:00Z", "channel": "email" });
        let before = step(&w, &made, "authority-notice", Some(before)).await;
        assert_eq!(before.reasons(), at("/sent_at", "too_early"));
        w.post("/v1/breaches")
            .by("office")
            .once()
            .json(record())
            .send()
            .await
            .refused(403, "role_forbidden");
    });
}
