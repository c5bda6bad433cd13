//! Consents over HTTP: what is asked, what is kept of an answer, and what stops without it.

use crate::rounds::{freeze, published, through};
use crate::support::drawn::{Drawn, FREEZE};
use crate::support::{Answer, World, both};
use musiman::acts::freeze::{self as act, Order};
use musiman::db::{Actor, Fault, seasons};
use musiman::domain::roles::Role;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const OWN: &str = "/v1/me/consents";

fn to(purpose: &str) -> Value {
    json!({ "purpose": purpose, "text_version": 1, "language": "ko" })
}

/// A verified seeker `seeker<number>` who agreed to nothing yet.
async fn stranger(w: &World, number: u32) -> String {
    let made = w.seeker(number).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/job-seekers/{id}/verification");
    w.post(&path).by("office").if_match("*").send().await.ok();
    w.account(&format!("seeker{number}"), Role::Seeker, None, id.parse().ok());
    id
}

async fn gives(w: &World, by: &str, purpose: &str) -> Answer {
    w.post(OWN).by(by).once().json(to(purpose)).send().await
}

async fn withdraws(w: &World, by: &str, of: &Answer) -> Answer {
    let said = if by.starts_with("seeker") { "" } else { "?channel=desk" };
    let path = format!("/v1/consents/{}/withdrawal{said}", of.id());
    w.post(&path).by(by).if_match(of.etag()).send().await
}

/// The consent of a person to a purpose as it stands.
async fn present(w: &World, id: &str, purpose: &str) -> Answer {
    let all = w.get(&format!("/v1/job-seekers/{id}/consents")).by("office").send().await.ok();
    let of = |c: &&Value| c["purpose"] == purpose && c["state"] == "in_force";
    let one = all.body["data"].as_array().unwrap().iter().find(of).unwrap().clone();
    let path = format!("/v1/consents/{}", one["id"].as_str().unwrap());
    w.get(&path).by("office").send().await.ok()
}

#[test]
fn everybody_reads_what_is_asked_in_three_languages_with_its_digest() {
    both(|w| async move {
        let told = w.get("/v1/consent-texts").send().await.ok();
        let texts = told.body["data"].as_array().unwrap();
        assert_eq!(texts.len(), 7);
        for text in texts {
            let wordings = text["wordings"].as_array().unwrap();
            assert_eq!(wordings.len(), 3, "{text}");
            for wording in wordings {
                let digest = Sha256::digest(wording["text"].as_str().unwrap());
                assert_eq!(wording["digest"], musiman::matching::lottery::hex(&digest));
            }
        }
    });
}

#[test]
fn an_answer_keeps_the_wording_and_is_ended_once_and_never_overwritten() {
    both(|w| async move {
        let id = stranger(&w, 1).await;
        stranger(&w, 2).await;
        let given = gives(&w, "seeker1", "statistics").await.ok();
        assert_eq!((given.status, &given.body["job_seeker_id"]), (201, &json!(id)));
        assert_eq!(
            (&given.body["language"], &given.body["channel"], &given.body["given_by"]),
            (&json!("ko"), &json!("app"), &json!("seeker"))
        );
        let texts = w.get("/v1/consent-texts").send().await.ok();
        assert!(
            String::from_utf8_lossy(&texts.bytes)
                .contains(given.body["text_digest"].as_str().unwrap())
        );
        gives(&w, "seeker1", "statistics").await.refused(409, "consent_stands");
        let path = given.header("location").to_owned();
        w.get(&path).by("seeker2").send().await.refused(404, "not_found");
        withdraws(&w, "seeker2", &given).await.refused(404, "not_found");
        let gone = withdraws(&w, "seeker1", &given).await.ok();
        assert_eq!(gone.body["state"], "withdrawn");
        assert_eq!(withdraws(&w, "seeker1", &given).await.ok().etag(), gone.etag());
        withdraws(&w, "office", &given).await.refused(412, "version_stale");
        withdraws(&w, "office", &gone).await.refused(409, "state_conflict");
        // The same in another language is another wording, and takes the place of the first.
        gives(&w, "seeker1", "statistics").await.ok();
        let mut other = to("statistics");
        other["language"] = json!("id");
        let other = w.post(OWN).by("seeker1").once().json(other).send().await.ok();
        let all = w.get(OWN).by("seeker1").send().await.ok();
        let of = |c: &&Value| c["purpose"] == "statistics";
        let told: Vec<&Value> = all.body["data"].as_array().unwrap().iter().filter(of).collect();
        let states: Vec<&Value> = told.iter().map(|c| &c["state"]).collect();
        assert_eq!(states, ["withdrawn", "replaced", "in_force"]);
        assert_eq!((told[0], told[2]), (&gone.body, &other.body));
    });
}

#[test]
fn the_office_says_how_it_heard_of_a_withdrawal() {
    both(|w| async move {
        let id = stranger(&w, 1).await;
        let given = gives(&w, "seeker1", "statistics").await.ok();
        let path = format!("/v1/consents/{}/withdrawal", given.id());
        let tried = |by: &'static str, query: &'static str| {
            w.post(&format!("{path}{query}")).by(by).if_match(given.etag()).send()
        };
        for channel in ["", "?channel=app", "?channel=import", "?channel=letter"] {
            tried("office", channel).await.refused(400, "parameter_invalid");
        }
        tried("seeker1", "?channel=phone").await.refused(400, "parameter_invalid");
        let gone = tried("office", "?channel=phone").await.ok();
        assert_eq!(
            (&gone.body["ended_channel"], &gone.body["ended_by"]),
            (&json!("phone"), &json!("office"))
        );
        // A voice on the phone proves no consent.
        let mut body = to("statistics");
        body["channel"] = json!("phone");
        let kept = w.post(&format!("/v1/job-seekers/{id}/consents")).by("office").once();
        let invalid = [("/channel".to_owned(), "invalid".to_owned())];
        assert_eq!(kept.json(body).send().await.reasons(), invalid);
        let own = gives(&w, "seeker1", "statistics").await.ok();
        assert_eq!(withdraws(&w, "seeker1", &own).await.ok().body["ended_channel"], "app");
    });
}

#[test]
fn a_repeated_key_gives_one_answer_and_an_old_wording_is_refused() {
    both(|w| async move {
        stranger(&w, 1).await;
        let key = w.clock.new_id().to_string();
        let send = || w.post(OWN).by("seeker1").key(&key).json(to("medical")).send();
        let (first, again) = (send().await.ok(), send().await.ok());
        assert_eq!((first.id(), first.etag()), (again.id(), again.etag()));
        let mut old = to("matching");
        old["text_version"] = json!(7);
        let told = w.post(OWN).by("seeker1").once().json(old).send().await;
        assert_eq!(
            told.reasons(),
            [("/text_version".to_owned(), "consent_text_unknown".to_owned())]
        );
        w.post(OWN)
            .by("office")
            .once()
            .json(to("matching"))
            .send()
            .await
            .refused(403, "role_forbidden");
    });
}

#[test]
fn the_office_keeps_what_was_signed_with_the_day_on_the_paper() {
    both(|w| async move {
        let id = stranger(&w, 1).await;
        let path = format!("/v1/job-seekers/{id}/consents");
        let keep = |channel: &str, signed_on: Value| {
            let mut body = to("matching");
            body["channel"] = json!(channel);
            body["signed_on"] = signed_on;
            w.post(&path).by("office").once().json(body).send()
        };
        let at = |place: &str, code: &str| vec![(place.to_owned(), code.to_owned())];
        assert_eq!(keep("paper", Value::Null).await.reasons(), at("/signed_on", "missing"));
        assert_eq!(keep("app", Value::Null).await.reasons(), at("/channel", "invalid"));
        let later = keep("paper", json!("2027-01-01")).await;
        assert_eq!(later.reasons(), at("/signed_on", "day_in_future"));
        let early = keep("paper", json!("2025-12-31")).await;
        assert_eq!(early.reasons(), at("/purpose", "consent_text_unknown"));
        let kept = keep("paper", json!("2026-11-20")).await.ok();
        assert_eq!(
            (&kept.body["signed_on"], &kept.body["given_by"]),
            (&json!("2026-11-20"), &json!("office"))
        );
        let seen = w.get(&format!("/v1/consents/{}", kept.id())).by("seeker1").send().await.ok();
        assert_eq!(seen.body, kept.body);
        let journal = w.get("/v1/me/journal").by("seeker1").send().await.ok();
        let given = |line: &Value| line["event"] == "give_consent" && line["role"] == "office";
        assert!(journal.body["data"].as_array().unwrap().iter().any(given), "{}", journal.body);
    });
}

#[test]
fn being_in_the_register_rests_on_the_law_and_cannot_be_withdrawn() {
    both(|w| async move {
        let id = stranger(&w, 1).await;
        let by_law = present(&w, &id, "registration").await;
        assert_eq!(
            (&by_law.body["basis"], &by_law.body["channel"], &by_law.body["text_version"]),
            (&json!("public_task"), &json!("desk"), &Value::Null)
        );
        withdraws(&w, "seeker1", &by_law).await.refused(409, "consent_by_law");
        // Who reads the notice says so; the basis stays the law.
        let read = gives(&w, "seeker1", "registration").await.ok();
        assert_eq!(read.body["basis"], "public_task");
        withdraws(&w, "seeker1", &read).await.refused(409, "consent_by_law");
    });
}

#[test]
fn nobody_hands_in_a_list_without_agreeing_to_be_matched() {
    both(|w| async move {
        let d = w.drawn();
        let id = stranger(&w, 1).await;
        let told = w.applies(&d, 1, &id).await;
        assert_eq!(told.reasons(), [(String::new(), "consent_missing".to_owned())]);
        let wrong = Drawn { season: d.season, quota: w.clock.new_id().into() };
        let both = w.applies(&wrong, 1, &id).await.reasons();
        let codes: Vec<&str> = both.iter().map(|(_, code)| code.as_str()).collect();
        assert_eq!(codes, ["consent_missing", "quota_unknown"]);
        gives(&w, "seeker1", "matching").await.ok();
        assert_eq!(w.applies(&d, 1, &id).await.status, 201);
    });
}

#[test]
fn whoever_withdrew_is_not_weighed_and_learns_why() {
    both(|w| async move {
        let d = w.drawn();
        let mut people = vec![];
        for n in 1..=2 {
            let id = w.applicant(n).await;
            assert_eq!(w.applies(&d, n, &id).await.status, 201);
            people.push(id);
        }
        let given = present(&w, &people[0], "matching").await;
        withdraws(&w, "seeker1", &given).await.ok();
        w.at(FREEZE);
        let round = through(&w, &d).await;
        published(&w, &round).await;
        let path = format!("/v1/rounds/{}", round.id());
        let seats = w.get(&format!("{path}/seats")).by("office").send().await.ok();
        let seated: Vec<&Value> =
            seats.body["data"].as_array().unwrap().iter().map(|s| &s["job_seeker_id"]).collect();
        assert_eq!(seated, [&json!(people[1])]);
        let why = format!("{path}/explanations/{}", people[0]);
        let why = w.get(&why).by("seeker1").send().await.ok().body;
        let wish = &why["wishes"][0];
        assert_eq!((&wish["outcome"], &wish["points"]), (&json!("ineligible"), &json!(0)), "{why}");
        assert_eq!(wish["reasons"].as_array().unwrap().len(), 1, "{why}");
        assert_eq!(wish["reasons"][0]["code"], "consent_missing");
        assert!(wish["reasons"][0]["detail"].as_str().unwrap().contains("draw of seats"), "{why}");
    });
}

#[test]
fn a_consent_that_ends_while_the_freeze_reads_makes_it_read_again() {
    both(|w| async move {
        let d = w.drawn();
        let id = w.applicant(1).await;
        assert_eq!(w.applies(&d, 1, &id).await.status, 201);
        let given = present(&w, &id, "matching").await;
        w.at(FREEZE);
        let order = Order { actor: Actor::SYSTEM, role: Role::Lead, reason: None };
        let asked = w.store.read::<_, Fault>(|conn, _| seasons::get(conn, d.season)).unwrap();
        let draft = act::read(&w.store, &asked, &order).unwrap();
        withdraws(&w, "seeker1", &given).await.ok();
        assert!(!act::keep(&w.store, &draft, &order).unwrap());
        freeze(&w, &d).await.ok();
    });
}

#[test]
fn a_partner_sees_the_bands_of_those_who_agree_and_the_number_of_all() {
    both(|w| async move {
        let d = w.drawn();
        let mut people = vec![];
        for n in 1..=2 {
            let id = w.applicant(n).await;
            assert_eq!(w.applies(&d, n, &id).await.status, 201);
            people.push(id);
        }
        w.at(FREEZE);
        let round = through(&w, &d).await;
        published(&w, &round).await;
        let path = format!("/v1/rounds/{}/seats", round.id());
        let bands = |body: &Value| {
            let seats = body["data"].as_array().unwrap();
            seats.iter().filter(|s| !s["age_band"].is_null()).count()
        };
        let seen = w.get(&path).by("farm").send().await.ok().body;
        assert_eq!((bands(&seen), &seen["count"]), (2, &json!(2)), "{seen}");
        let given = present(&w, &people[0], "share_with_employer").await;
        withdraws(&w, "seeker1", &given).await.ok();
        let seen = w.get(&path).by("farm").send().await.ok().body;
        assert_eq!((bands(&seen), &seen["count"]), (1, &json!(2)), "{seen}");
        let whole = w.get(&path).by("office").send().await.ok().body;
        assert_eq!(bands(&whole), 2, "the office sees all: {whole}");
    });
}
