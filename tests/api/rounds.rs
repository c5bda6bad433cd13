//! Lists, freeze, draw, round: the path of a season over HTTP.

use crate::support::drawn::{Drawn, FREEZE};
use crate::support::{Answer, World, both};
use chrono::TimeDelta;
use musiman::domain::organisations::OrganisationKind;
use musiman::domain::roles::Role;
use serde_json::json;
use std::sync::atomic::AtomicBool;

const BEACON: &str = "9f2c6e0d";

pub async fn freeze(w: &World, d: &Drawn) -> Answer {
    w.lead_does(d, "freeze", "*", json!({})).await
}

async fn beacon(w: &World, d: &Drawn) -> Answer {
    let body = json!({ "name": "drand", "value": BEACON, "source": "https://example.org/1" });
    w.lead_does(d, "beacon", "*", body).await
}

/// Three applicants for two seats, before the freeze.
pub async fn three_lists(w: &World) -> (Drawn, Vec<String>) {
    let d = w.drawn();
    let mut people = vec![];
    for n in 1..=3 {
        let id = w.applicant(n).await;
        assert_eq!(w.applies(&d, n, &id).await.status, 201);
        people.push(id);
    }
    (d, people)
}

/// The same frozen, drawn and computed by `office`.
async fn computed(w: &World) -> (Drawn, Vec<String>, Answer) {
    let (d, people) = three_lists(w).await;
    w.at(FREEZE);
    let round = through(w, &d).await;
    (d, people, round)
}

/// From the freeze on as far as a computed round.
pub async fn through(w: &World, d: &Drawn) -> Answer {
    freeze(w, d).await.ok();
    w.clock.advance(TimeDelta::hours(72));
    beacon(w, d).await.ok();
    let path = format!("/v1/seasons/{}/rounds", d.season);
    let queued = w.post(&path).by("office").once().send().await;
    assert_eq!((queued.status, &queued.body["state"]), (202, &json!("queued")), "{}", queued.body);
    let holder = w.clock.new_id();
    assert!(musiman::jobs::run_one(&w.store, holder, &AtomicBool::new(false)).unwrap());
    let round = w.get(&format!("/v1/rounds/{}", queued.id())).by("office").send().await.ok();
    assert_eq!(round.body["state"], "computed", "{}", round.body);
    round
}

/// Approved and published by two persons.
pub async fn published(w: &World, round: &Answer) -> Answer {
    let path = format!("/v1/rounds/{}", round.id());
    let approval = w.post(&format!("{path}/approval")).by("office2").if_match(round.etag());
    let approved = approval.send().await.ok();
    let publication = w.post(&format!("{path}/publication")).by("lead").if_match(approved.etag());
    publication.send().await.ok()
}

#[test]
fn a_list_changes_until_the_hour_of_the_freeze() {
    both(|w| async move {
        let d = w.drawn();
        let (id, other) = (w.applicant(1).await, w.applicant(2).await);
        let made = w.applies(&d, 1, &id).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let path = made.header("location").to_owned();
        w.get(&path).by("seeker2").send().await.refused(404, "not_found");
        let put = |body| w.put(&path).by("office").if_match(made.etag()).json(body).send();
        put(json!({ "choices": [d.quota.to_string()] })).await.refused(422, "fields_invalid");
        let wrong = json!({ "choices": [d.season.to_string()], "reason": "at the desk" });
        let told = put(wrong).await;
        assert_eq!(told.reasons(), [("/choices/0".to_owned(), "quota_unknown".to_owned())]);
        let gone = w.request(actix_web::http::Method::DELETE, &path);
        let gone = gone.by("seeker1").if_match(made.etag()).send().await.ok();
        assert_eq!(gone.body["state"], "withdrawn");
        freeze(&w, &d).await.refused(409, "too_early");
        w.at(FREEZE);
        w.applies(&d, 2, &other).await.refused(409, "list_after_freeze");
        let frozen = freeze(&w, &d).await.ok();
        assert_eq!(
            (&frozen.body["tree_size"], &frozen.body["input_version"]),
            (&json!(0), &json!(1))
        );
        beacon(&w, &d).await.refused(409, "too_early");
    });
}

#[test]
fn a_round_is_published_by_two_persons_and_everybody_sees_their_part() {
    both(|w| async move {
        let (d, people, round) = computed(&w).await;
        let path = format!("/v1/rounds/{}", round.id());
        let step = |what: &str, by: &str, tag: &str| {
            w.post(&format!("{path}/{what}")).by(by).if_match(tag).send()
        };
        w.get(&path).send().await.refused(404, "not_found");
        w.get(&format!("{path}/seats")).by("farm").send().await.refused(404, "not_found");
        step("approval", "office", round.etag()).await.refused(422, "approver_computed_round");
        let approved = step("approval", "office2", round.etag()).await.ok();
        let told = step("publication", "lead", approved.etag()).await.ok();
        assert_eq!(told.body["state"], "published");
        let public = w.get(&path).send().await.ok();
        assert_eq!(public.body["secret"], "01".repeat(32));
        assert_eq!(public.body["placed"], json!(null));
        let seats = w.get(&format!("{path}/seats")).by("farm").send().await.ok();
        assert_eq!(seats.body["count"], 2);
        assert_eq!(seats.body["data"][0]["name"], json!(null));
        assert_eq!(seats.body["data"][0]["number"], 1);
        let mut outcomes = vec![];
        for (n, id) in (1..).zip(&people) {
            let path = format!("{path}/explanations/{id}");
            let said = w.get(&path).by(&format!("seeker{n}")).send().await.ok();
            assert_eq!(said.body["wishes"][0]["quota_id"], d.quota.to_string());
            outcomes.push(said.body["wishes"][0]["outcome"].as_str().unwrap().to_owned());
        }
        outcomes.sort();
        assert_eq!(outcomes, ["placed", "placed", "refused"]);
        let other = format!("{path}/explanations/{}", people[0]);
        w.get(&other).by("seeker2").send().await.refused(404, "not_found");
        let summary = w.get(&format!("{path}/summary")).send().await.ok();
        assert_eq!(summary.body["placed"], json!(null));
    });
}

#[test]
fn of_32_officers_with_one_tag_one_approves_a_round() {
    both(|w| async move {
        let (_, _, round) = computed(&w).await;
        let path = format!("/v1/rounds/{}/approval", round.id());
        for n in 0..32 {
            w.account(&format!("officer{n}"), Role::Office, None, None);
        }
        let all: Vec<_> = (0..32)
            .map(|n| w.post(&path).by(&format!("officer{n}")).if_match(round.etag()).send())
            .collect();
        let answers = futures_util::future::join_all(all).await;
        let good = answers.iter().filter(|a| a.status == 200).count();
        let stale = answers.iter().filter(|a| a.status == 412).count();
        assert_eq!((good, stale), (1, 31));
    });
}

#[test]
fn a_secret_that_is_revealed_too_late_makes_the_round_void() {
    both(|w| async move {
        let (_, people, round) = computed(&w).await;
        let path = format!("/v1/rounds/{}", round.id());
        let approval = w.post(&format!("{path}/approval")).by("office2");
        let approved = approval.if_match(round.etag()).send().await.ok();
        w.clock.advance(TimeDelta::days(8));
        let late = w.post(&format!("{path}/publication")).by("lead");
        late.if_match(approved.etag()).send().await.refused(409, "reveal_too_late");
        let void = w.get(&path).by("office").send().await.ok();
        assert_eq!((&void.body["state"], &void.body["secret"]), (&json!("void"), &json!(null)));
        let public = w.get(&path).send().await.ok();
        for member in ["state", "secret_commitment", "root", "beacon_at", "outcome_digest"] {
            assert_eq!(public.body[member], void.body[member], "{member}");
        }
        for member in ["placed", "unplaced", "seed", "secret", "job_id"] {
            assert_eq!(public.body[member], json!(null), "{member}");
        }
        assert_eq!(public.body["nodes"], json!([]));
        w.get(&format!("{path}/seats")).by("seeker1").send().await.refused(404, "not_found");
        let explained = format!("{path}/explanations/{}", people[0]);
        w.get(&explained).by("seeker1").send().await.refused(404, "not_found");
        w.get(&format!("{path}/summary")).send().await.refused(404, "not_found");
    });
}

#[test]
fn computing_again_gives_the_same_digests() {
    both(|w| async move {
        let (d, _, round) = computed(&w).await;
        let path = format!("/v1/seasons/{}/rounds", d.season);
        w.post(&path).by("office").once().send().await.ok();
        let holder = w.clock.new_id();
        assert!(musiman::jobs::run_one(&w.store, holder, &AtomicBool::new(false)).unwrap());
        let rounds = w.get(&path).by("office").send().await.ok();
        for digest in ["instance_digest", "outcome_digest"] {
            assert!(round.body[digest].is_string());
            assert_eq!(rounds.body["data"][1][digest], round.body[digest]);
        }
        // Anybody may hold them against what is published later, and learns nothing else.
        let public = w.get(&path).by("seeker1").send().await.ok();
        assert_eq!(public.body["data"].as_array().unwrap().len(), 2);
        let told = &public.body["data"][0];
        let digests = ["input_digest", "root", "instance_digest", "outcome_digest"];
        for member in digests.iter().chain(&["id", "state", "input_version"]) {
            assert_eq!(told[member], round.body[member], "{member}");
        }
        for member in ["placed", "beacon_value", "seed", "secret", "job_id", "computed_at"] {
            assert_eq!(told[member], json!(null), "{member}");
        }
        assert_eq!((&told["nodes"], &told["lints"]), (&json!([]), &json!([])));
        assert_eq!(w.get(&path).send().await.ok().body, public.body);
    });
}

#[test]
fn a_correction_is_a_new_version_with_its_reason_until_the_beacon() {
    both(|w| async move {
        let d = w.drawn();
        let id = w.applicant(1).await;
        w.applies(&d, 1, &id).await.ok();
        w.at(FREEZE);
        let one = freeze(&w, &d).await.ok();
        assert_eq!(freeze(&w, &d).await.ok().body, one.body, "a repeat makes no version");
        let path = format!("/v1/job-seekers/{id}");
        let months = json!({ "farm_months": 24 });
        w.patch(&path).by("office").if_match("*").merge(&months).send().await.ok();
        let why = json!({ "reason": "Twelve months were counted twice." });
        let two = w.lead_does(&d, "freeze", one.etag(), why.clone()).await.ok();
        assert_eq!((&two.body["input_version"], &two.body["reason"]), (&json!(2), &why["reason"]));
        for member in ["digest", "root"] {
            assert_ne!(two.body[member], one.body[member], "{member}");
        }
        w.account("lead2", Role::Lead, None, None);
        let again = format!("/v1/seasons/{}/freeze", d.season);
        let silent = w.post(&again).by("lead2").if_match("*").json(json!({})).send().await;
        silent.refused(409, "state_conflict");
        w.clock.advance(TimeDelta::hours(72));
        let drawn = beacon(&w, &d).await.ok();
        assert_eq!(
            (&drawn.body["input_version"], &drawn.body["state"]),
            (&json!(2), &json!("drawn"))
        );
        let late = json!({ "reason": "too late" });
        let told = w.lead_does(&d, "freeze", drawn.etag(), late).await;
        let season = w.get(&format!("/v1/seasons/{}", d.season)).send().await.ok();
        assert_eq!(told.refused(409, "state_conflict").etag(), season.etag());
    });
}

#[test]
fn who_read_an_older_season_is_told_the_present_tag() {
    both(|w| async move {
        let d = w.drawn();
        let path = format!("/v1/seasons/{}", d.season);
        let tag = |read: Answer| read.ok().etag().to_owned();
        w.at(FREEZE);
        let stale = w.lead_does(&d, "freeze", "\"1.0\"", json!({})).await;
        let present = tag(w.get(&path).send().await);
        assert_eq!(stale.refused(412, "version_stale").etag(), present);
        w.lead_does(&d, "freeze", &present, json!({})).await.ok();
        w.clock.advance(TimeDelta::hours(72));
        let body = json!({ "name": "drand", "value": BEACON, "source": "https://example.org/1" });
        let stale = w.lead_does(&d, "beacon", &present, body.clone()).await;
        let present = tag(w.get(&path).send().await);
        assert_eq!(stale.refused(412, "version_stale").etag(), present);
        w.lead_does(&d, "beacon", &present, body).await.ok();
        let other = json!({ "name": "drand", "value": "00", "source": "https://example.org/2" });
        let told = w.lead_does(&d, "beacon", "*", other).await;
        let present = tag(w.get(&path).send().await);
        assert_eq!(told.refused(409, "state_conflict").etag(), present);
    });
}

#[test]
fn a_seat_in_another_season_stands_against_a_second_one() {
    both(|w| async move {
        let (one, two) = (w.drawn(), w.drawn_by("farm2", OrganisationKind::Farm));
        let id = w.applicant(1).await;
        w.applies(&one, 1, &id).await.ok();
        w.applies(&two, 1, &id).await.ok();
        w.at(FREEZE);
        let round = through(&w, &one).await;
        published(&w, &round).await;
        let asked = format!("/v1/job-seekers/{id}/eligibility?quota_id={}", two.quota);
        let judged = w.get(&asked).by("seeker1").send().await.ok();
        assert_eq!(judged.body["reasons"][0]["code"], "seat_in_other_season", "{}", judged.body);
        let round = through(&w, &two).await;
        assert_eq!((&round.body["placed"], &round.body["unplaced"]), (&json!(0), &json!(1)));
        let path = format!("/v1/rounds/{}/explanations/{id}", round.id());
        w.get(&path).by("seeker1").send().await.refused(404, "not_found");
        let said = w.get(&path).by("office").send().await.ok();
        let wish = &said.body["wishes"][0];
        assert_eq!(wish["outcome"], "ineligible");
        assert_eq!(wish["reasons"], judged.body["reasons"], "frozen as it was told");
    });
}

#[test]
fn a_company_learns_how_many_and_the_chamber_reads_the_summary() {
    both(|w| async move {
        let d = w.drawn_by("company", OrganisationKind::Company);
        w.drawn_by("farm", OrganisationKind::Farm);
        let id = w.applicant(1).await;
        w.applies(&d, 1, &id).await.ok();
        w.at(FREEZE);
        let round = through(&w, &d).await;
        published(&w, &round).await;
        let path = format!("/v1/rounds/{}", round.id());
        let seats = |by: &'static str| w.get(&format!("{path}/seats")).by(by).send();
        let own = seats("company").await.ok();
        assert_eq!((&own.body["count"], &own.body["data"]), (&json!(1), &json!([])));
        let strange = seats("farm").await.ok();
        assert_eq!((&strange.body["count"], &strange.body["data"]), (&json!(0), &json!([])));
        assert_eq!(seats("seeker1").await.ok().body["data"][0]["job_seeker_id"], json!(id));
        seats("kadin").await.refused(403, "role_forbidden");
        let explained = format!("{path}/explanations/{id}");
        for login in ["kadin", "company"] {
            w.get(&explained).by(login).send().await.refused(403, "role_forbidden");
        }
        let summary = w.get(&format!("{path}/summary")).by("kadin").send().await.ok();
        assert_eq!(summary.body["smallest_count"], 5);
        assert!(!String::from_utf8_lossy(&summary.bytes).contains(&id));
    });
}

#[test]
fn a_round_that_is_asked_for_twice_with_one_key_is_computed_once() {
    both(|w| async move {
        let (d, ..) = computed(&w).await;
        let path = format!("/v1/seasons/{}/rounds", d.season);
        let ask = || w.post(&path).by("office").key("the-same-key-0123456789ab").send();
        let first = ask().await;
        let second = ask().await;
        assert_eq!((first.status, second.status, first.id()), (202, 202, second.id()));
        assert_eq!(first.header("location"), format!("/v1/rounds/{}", first.id()));
        w.post(&path).by("office").send().await.refused(400, "idempotency_key_missing");
        w.post(&path).by("kadin").once().send().await.refused(403, "role_forbidden");
        let all = w.get(&path).by("office").send().await.ok();
        assert_eq!(all.body["data"].as_array().unwrap().len(), 2);
        // One that waits is nobody's but the office's.
        let public = w.get(&path).send().await.ok();
        assert_eq!(public.body["data"].as_array().unwrap().len(), 1);
    });
}
