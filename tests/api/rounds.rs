//! Lists, freeze, draw, round: the path of a season over HTTP.

use crate::support::drawn::{AFTER_OBJECTION, Drawn, FREEZE};
use crate::support::{Answer, World, both};
use serde_json::json;
use std::sync::atomic::AtomicBool;

const BEACON: &str = "9f2c6e0d";

async fn freeze(w: &World, d: &Drawn) -> Answer {
    w.lead_does(d, "freeze", "*", json!({})).await
}

async fn beacon(w: &World, d: &Drawn) -> Answer {
    let body = json!({ "name": "drand", "value": BEACON, "source": "https://example.org/1" });
    w.lead_does(d, "beacon", "*", body).await
}

/// Three applicants for two seats, frozen, drawn and computed by `office`.
async fn computed(w: &World) -> (Drawn, Vec<String>, Answer) {
    let d = w.drawn();
    let mut people = vec![];
    for n in 1..=3 {
        let id = w.applicant(n).await;
        assert_eq!(w.applies(&d, n, &id).await.status, 201);
        people.push(id);
    }
    w.at(FREEZE);
    freeze(w, &d).await.ok();
    w.at(AFTER_OBJECTION);
    beacon(w, &d).await.ok();
    let path = format!("/v1/seasons/{}/rounds", d.season);
    let queued = w.post(&path).by("office").once().send().await;
    assert_eq!((queued.status, &queued.body["state"]), (202, &json!("queued")), "{}", queued.body);
    let holder = w.clock.new_id();
    assert!(musiman::jobs::run_one(&w.store, holder, &AtomicBool::new(false)).unwrap());
    let round = w.get(&format!("/v1/rounds/{}", queued.id())).by("office").send().await.ok();
    assert_eq!(round.body["state"], "computed", "{}", round.body);
    (d, people, round)
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
        assert_eq!((&frozen.body["tree_size"], &frozen.body["version"]), (&json!(0), &json!(1)));
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
            w.account(&format!("officer{n}"), musiman::domain::roles::Role::Office, None, None);
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
        let (_, _, round) = computed(&w).await;
        let path = format!("/v1/rounds/{}", round.id());
        let approval = w.post(&format!("{path}/approval")).by("office2");
        let approved = approval.if_match(round.etag()).send().await.ok();
        w.clock.advance(chrono::TimeDelta::days(8));
        let late = w.post(&format!("{path}/publication")).by("lead");
        late.if_match(approved.etag()).send().await.refused(409, "reveal_too_late");
        let void = w.get(&path).by("office").send().await.ok();
        assert_eq!((&void.body["state"], &void.body["secret"]), (&json!("void"), &json!(null)));
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
        assert_eq!(w.get(&path).send().await.ok().body["data"], json!([]));
    });
}
