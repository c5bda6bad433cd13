//! What a killed process leaves: a job under a lease that nobody renews. The next process takes it
//! up when the lease has lapsed, and what it works on is done once.

use crate::support::drawn::FREEZE;
use crate::support::{World, both};
use chrono::TimeDelta;
use musiman::acts::compute_round::compute;
use musiman::db::{Actor, Fault, jobs};
use musiman::domain::ids::RoundId;
use serde_json::json;

/// A season that is drawn, with one round queued; gives the round's id.
async fn queued(w: &World) -> String {
    let d = w.drawn();
    for n in 1..=3 {
        let id = w.applicant(n).await;
        w.applies(&d, n, &id).await.ok();
    }
    w.at(FREEZE);
    w.lead_does(&d, "freeze", "*", json!({})).await.ok();
    w.clock.advance(TimeDelta::hours(72));
    let body = json!({ "name": "drand", "value": "9f2c6e0d", "source": "https://example.org/1" });
    w.lead_does(&d, "beacon", "*", body).await.ok();
    let path = format!("/v1/seasons/{}/rounds", d.season);
    w.post(&path).by("office").once().send().await.ok().id().to_owned()
}

async fn state(w: &World, round: &str) -> String {
    let read = w.get(&format!("/v1/rounds/{round}")).by("office").send().await.ok();
    read.body["state"].as_str().unwrap().to_owned()
}

#[test]
fn a_round_whose_process_died_is_computed_by_the_next_one() {
    both(|w| async move {
        let round = queued(&w).await;
        let dead = w.clock.new_id();
        let held = w.store.claim::<_, Fault>(|tx, _| jobs::claim(tx, dead)).unwrap();
        assert!(held.is_some());
        // While the lease may still be alive nobody else takes it.
        w.work();
        assert_eq!(state(&w, &round).await, "queued");
        w.clock.advance(TimeDelta::seconds(jobs::LEASE + 1));
        w.work();
        assert_eq!(state(&w, &round).await, "computed");
    });
}

#[test]
fn a_round_that_two_processes_compute_is_stored_once() {
    both(|w| async move {
        let round = queued(&w).await;
        let id: RoundId = round.parse().unwrap();
        let works: Vec<_> = (0..4)
            .map(|_| {
                let store = w.store.clone();
                std::thread::spawn(move || compute(&store, Actor::SYSTEM, id))
            })
            .collect();
        let done: Vec<bool> = works.into_iter().map(|work| work.join().unwrap().is_ok()).collect();
        assert!(done.contains(&true), "{done:?}");
        let seats = w.get(&format!("/v1/rounds/{round}/seats")).by("office").send().await.ok();
        let numbers: Vec<_> =
            seats.body["data"].as_array().unwrap().iter().map(|s| s["number"].clone()).collect();
        assert_eq!(numbers, [json!(1), json!(2)]);
        assert_eq!(state(&w, &round).await, "computed");
    });
}
