//! What a killed process leaves: a job under a lease that nobody renews. The next process takes it
//! up when the lease has lapsed, and what it works on is done once.

use crate::support::drawn::FREEZE;
use crate::support::{World, both, rules, seal};
use chrono::TimeDelta;
use musiman::acts::compute_round::compute;
use musiman::clock::Clock;
use musiman::db::rounds::{self, Scope};
use musiman::db::{Actor, DatabaseUrl, Fault, Store, jobs};
use musiman::domain::ids::RoundId;
use musiman::domain::time::Instant;
use serde_json::json;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// A season that is drawn, with one round of so many people queued; gives the round's id.
async fn queued(w: &World, people: u32) -> String {
    let d = w.drawn();
    for n in 1..=people {
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
        let round = queued(&w, 3).await;
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
        let round = queued(&w, 3).await;
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

const DATABASE: &str = "TEST_KILLED_DATABASE";
const HOUR: &str = "TEST_KILLED_HOUR";

/// The database and the hour that the test told the process that it started.
#[expect(clippy::disallowed_methods, reason = "what to do comes from the process that starts it")]
fn told() -> Option<(DatabaseUrl, Instant)> {
    let told = |name| std::env::var(name).ok();
    Some((told(DATABASE)?.parse().unwrap(), told(HOUR)?.parse().unwrap()))
}

fn works_until_it_is_killed(url: &DatabaseUrl, hour: Instant) {
    let store = Arc::new(Store::open(url, 2, Clock::fixed(hour), seal()).unwrap());
    musiman::jobs::run(&store, &rules(), &AtomicBool::new(false));
}

/// This test again, in a process of its own.
fn another_process(w: &World) -> Child {
    let url = match &w.url {
        DatabaseUrl::Postgres(url) => url.clone(),
        DatabaseUrl::Sqlite(path) => path.display().to_string(),
    };
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "killed::a_round_whose_process_is_killed_in_its_middle_is_whole_or_not_there",
        ])
        .env(DATABASE, url)
        .env(HOUR, w.clock.now().to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "another program needs time to be killed in")]
fn a_round_whose_process_is_killed_in_its_middle_is_whole_or_not_there() {
    if let Some((url, hour)) = told() {
        return works_until_it_is_killed(&url, hour);
    }
    both(|w| async move {
        let round = queued(&w, 30).await;
        let id: RoundId = round.parse().unwrap();
        let read =
            || w.store.read::<_, Fault>(|conn, _| rounds::get(conn, id, Scope::All)).unwrap();
        let seats = || w.store.read::<_, Fault>(|conn, _| rounds::seats(conn, id)).unwrap().len();
        let job = read().job_id;
        let tries = || w.store.read::<_, Fault>(|conn, _| jobs::get(conn, job)).unwrap().attempts;
        let mut in_the_middle = 0;
        while state(&w, &round).await == "queued" {
            let mut process = another_process(&w);
            while tries() == in_the_middle {
                std::thread::yield_now();
            }
            std::thread::sleep(Duration::from_millis(u64::try_from(2 * in_the_middle).unwrap()));
            process.kill().unwrap();
            process.wait().unwrap();
            if state(&w, &round).await == "queued" {
                assert_eq!(seats(), 0);
                in_the_middle += 1;
            }
            w.clock.advance(TimeDelta::seconds(jobs::LEASE + 1));
        }
        eprintln!("{:?}: {in_the_middle} processes killed in the middle", w.kind);
        assert!(in_the_middle > 0, "no process was killed in the middle");
        assert_eq!((state(&w, &round).await.as_str(), seats()), ("computed", 2));
    });
}
