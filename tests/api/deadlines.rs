//! The seven days of the reveal bind whether somebody tries to publish or not.

use crate::support::drawn::{Drawn, FREEZE};
use crate::support::{Answer, World, both};
use chrono::TimeDelta;
use musiman::acts::deadline::keep_deadlines;
use serde_json::json;

/// A season whose beacon is entered, with one round computed.
async fn computed(w: &World) -> (Drawn, Answer) {
    let d = w.drawn();
    w.at(FREEZE);
    w.lead_does(&d, "freeze", "*", json!({})).await.ok();
    w.clock.advance(TimeDelta::hours(72));
    let body = json!({ "name": "drand", "value": "9f2c", "source": "https://example.org/1" });
    w.lead_does(&d, "beacon", "*", body).await.ok();
    let round = ask(w, &d).await.ok();
    w.work();
    (d, round)
}

async fn ask(w: &World, d: &Drawn) -> Answer {
    w.post(&format!("/v1/seasons/{}/rounds", d.season)).by("office").once().send().await
}

async fn approve(w: &World, round: &Answer) -> Answer {
    w.post(&format!("/v1/rounds/{}/approval", round.id())).by("office2").if_match("*").send().await
}

async fn state(w: &World, round: &Answer) -> String {
    let path = format!("/v1/rounds/{}", round.id());
    let told = w.get(&path).by("office").send().await.ok();
    told.body["state"].as_str().unwrap().to_owned()
}

#[test]
fn the_worker_voids_rounds_whose_reveal_is_overdue_and_no_others() {
    both(|w| async move {
        let (d, one) = computed(&w).await;
        let two = ask(&w, &d).await.ok();
        w.clock.advance(TimeDelta::days(7));
        keep_deadlines(&w.store).unwrap();
        assert_eq!(
            (state(&w, &one).await, state(&w, &two).await),
            ("computed".into(), "queued".into())
        );
        w.clock.advance(TimeDelta::microseconds(1));
        keep_deadlines(&w.store).unwrap();
        keep_deadlines(&w.store).unwrap();
        for round in [&one, &two] {
            assert_eq!(state(&w, round).await, "void");
        }
        w.work();
        assert_eq!(state(&w, &two).await, "void", "what waits is not computed any more");
        let public = w.get(&format!("/v1/rounds/{}", one.id())).send().await.ok();
        assert_eq!(public.body["state"], "void");
    });
}

#[test]
fn nothing_is_queued_or_approved_after_the_time_of_the_reveal() {
    both(|w| async move {
        let (d, round) = computed(&w).await;
        w.clock.advance(TimeDelta::days(8));
        ask(&w, &d).await.refused(409, "reveal_too_late");
        approve(&w, &round).await.refused(409, "reveal_too_late");
        assert_eq!(state(&w, &round).await, "void", "the refusal is kept");
        approve(&w, &round).await.refused(409, "reveal_too_late");
    });
}

#[test]
fn a_drawn_season_that_is_closed_leaves_no_round_open() {
    both(|w| async move {
        let (d, round) = computed(&w).await;
        let path = format!("/v1/seasons/{}/closure", d.season);
        w.post(&path).by("lead").if_match("*").send().await.ok();
        assert_eq!(state(&w, &round).await, "void");
        approve(&w, &round).await.refused(409, "state_conflict");
        ask(&w, &d).await.refused(409, "state_conflict");
    });
}
