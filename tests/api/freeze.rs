//! The freeze against writes that end while it reads, and corrections of what is frozen.

use crate::support::drawn::{Drawn, FREEZE};
use crate::support::{World, both};
use chrono::TimeDelta;
use musiman::acts::freeze::{self as act, Order};
use musiman::acts::stop::Stop;
use musiman::clock::Clock;
use musiman::db::seasons::SeasonRow;
use musiman::db::{Actor, Fault, Store, applications, inputs, seasons};
use musiman::domain::applications::{ListedQuota, RankedList};
use musiman::domain::ids::SeekerId;
use musiman::domain::quotas::{QuotaEvent, QuotaState};
use musiman::domain::roles::Role;
use musiman::domain::seasons::SeasonState;
use serde_json::json;
use std::collections::{HashMap, HashSet};

fn order() -> Order {
    Order { actor: Actor::SYSTEM, role: Role::Lead, reason: None }
}

fn present(store: &Store, d: &Drawn) -> SeasonRow {
    store.read::<_, Fault>(|conn, _| seasons::get(conn, d.season)).unwrap()
}

fn list(d: &Drawn) -> RankedList {
    let open = ListedQuota { season: d.season, state: QuotaState::Open, employer_suspended: false };
    RankedList::check(&[d.quota], d.season, 20, &HashMap::from([(d.quota, open)])).unwrap()
}

fn frozen(store: &Store, d: &Drawn) -> HashSet<SeekerId> {
    let people = store.snapshot::<_, Fault>(|conn, _| inputs::people(conn, d.season, 1)).unwrap();
    people.into_iter().map(|(id, _)| id).collect()
}

/// The same data as somebody sees it whose request came before the hour.
fn before_the_hour(w: &World) -> Store {
    let hour: chrono::DateTime<chrono::Utc> = FREEZE.parse().unwrap();
    let early = hour - TimeDelta::minutes(2);
    w.store.with_clock(Clock::fixed(early.to_rfc3339().parse().unwrap()))
}

/// Hands in a list as the service does: while the season is open.
fn applies(store: &Store, d: &Drawn, who: SeekerId) -> Result<bool, Fault> {
    store.write(Actor::SYSTEM, |tx, _| {
        let is_open = seasons::get(tx, d.season)?.state == SeasonState::Open;
        if is_open {
            applications::insert(tx, d.season, who, &list(d), None)?;
        }
        Ok(is_open)
    })
}

fn withdraws(store: &Store, d: &Drawn, who: SeekerId) {
    let withdraw = |tx: &mut musiman::db::Tx<'_>, _| {
        let row = applications::of(tx, d.season, who)?.ok_or(Fault::NotFound)?;
        applications::withdraw(tx, &row, None)
    };
    store.write::<_, Fault>(Actor::SYSTEM, withdraw).unwrap();
}

#[test]
fn a_list_that_changes_while_the_freeze_reads_is_frozen_as_it_was_answered() {
    both(|w| async move {
        let d = w.drawn();
        let mut people: Vec<SeekerId> = vec![];
        for n in 1..=3 {
            people.push(w.applicant(n).await.parse().unwrap());
        }
        let early = before_the_hour(&w);
        applies(&w.store, &d, people[0]).unwrap();
        w.at("2026-12-20T09:59:00Z");
        applies(&w.store, &d, people[1]).unwrap();
        w.at(FREEZE);
        let asked = present(&w.store, &d);
        let first = act::read(&w.store, &asked, &order()).unwrap();
        // Neither the number of lists nor the latest moment tells of this one.
        withdraws(&early, &d, people[0]);
        assert!(!act::keep(&w.store, &first, &order()).unwrap());
        let second = act::read(&w.store, &asked, &order()).unwrap();
        assert!(applies(&early, &d, people[2]).unwrap());
        assert!(!act::keep(&w.store, &second, &order()).unwrap());
        assert_eq!(present(&w.store, &d).state, SeasonState::Open);
        act::freeze(&w.store, &asked, &order()).unwrap();
        assert_eq!(frozen(&w.store, &d), HashSet::from([people[1], people[2]]));
        assert!(!applies(&early, &d, people[0]).unwrap(), "the season is frozen");
    });
}

#[test]
fn a_quota_that_changes_while_the_freeze_reads_is_read_again() {
    both(|w| async move {
        let d = w.drawn();
        w.at(FREEZE);
        let asked = present(&w.store, &d);
        let draft = act::read(&w.store, &asked, &order()).unwrap();
        w.quota_steps(d.quota, QuotaEvent::Withdraw, Role::Partner);
        assert!(!act::keep(&w.store, &draft, &order()).unwrap());
        act::freeze(&w.store, &asked, &order()).unwrap();
    });
}

#[test]
fn of_lists_that_race_with_the_freeze_every_answered_one_is_frozen() {
    both(|w| async move {
        let d = w.drawn();
        let mut people: Vec<SeekerId> = vec![];
        for n in 1..=8 {
            people.push(w.applicant(n).await.parse().unwrap());
        }
        w.at(FREEZE);
        let early = before_the_hour(&w);
        let asked = present(&w.store, &d);
        let answered: HashSet<SeekerId> = std::thread::scope(|scope| {
            let hands: Vec<_> = people
                .iter()
                .map(|who| {
                    scope.spawn(|| applies(&early, &d, *who).unwrap_or(false).then_some(*who))
                })
                .collect();
            // Too many writes at once are told as busy; nothing is lost, and one asks again.
            while let Err(stop) = act::freeze(&w.store, &asked, &order()) {
                assert!(matches!(stop, Stop::Fault(Fault::Busy)), "{stop:?}");
            }
            hands.into_iter().filter_map(|hand| hand.join().unwrap()).collect()
        });
        assert_eq!(frozen(&w.store, &d), answered);
    });
}

#[test]
fn a_correction_moves_the_tag_for_the_next_one_and_for_the_beacon() {
    both(|w| async move {
        let d = w.drawn();
        w.at(FREEZE);
        let one = w.lead_does(&d, "freeze", "*", json!({})).await.ok();
        let why = json!({ "reason": "An objection was right." });
        let two = w.lead_does(&d, "freeze", one.etag(), why.clone()).await.ok();
        let path = format!("/v1/seasons/{}", d.season);
        w.account("lead2", Role::Lead, None, None);
        let late = w.post(&format!("{path}/freeze")).by("lead2").if_match(one.etag());
        let late = late.json(why.clone()).send().await;
        let present = w.get(&path).send().await.ok().etag().to_owned();
        assert_eq!(late.refused(412, "version_stale").etag(), present);
        for tag in [one.etag(), "*"] {
            let repeat = w.lead_does(&d, "freeze", tag, why.clone()).await.ok();
            assert_eq!(repeat.body, two.body, "{tag}: a repeat makes no version");
        }
        let three = w.lead_does(&d, "freeze", two.etag(), why).await.ok();
        assert_eq!(three.body["input_version"], 3, "who read the second version means a third");
        w.clock.advance(TimeDelta::hours(72));
        let body = json!({ "name": "drand", "value": "9f2c", "source": "https://example.org/1" });
        let stale = w.lead_does(&d, "beacon", two.etag(), body.clone()).await;
        stale.refused(412, "version_stale");
        w.lead_does(&d, "beacon", three.etag(), body).await.ok();
    });
}

#[test]
fn the_fallback_decides_only_with_a_reason_that_everybody_reads() {
    both(|w| async move {
        let d = w.drawn();
        w.at(FREEZE);
        w.lead_does(&d, "freeze", "*", json!({})).await.ok();
        w.clock.advance(TimeDelta::hours(72));
        let mut body =
            json!({ "name": "block hash", "value": "00ab", "source": "https://example.org/2" });
        let why = "The first beacon stood still from 10:00 to 12:00.";
        let bare = w.lead_does(&d, "beacon", "*", body.clone()).await;
        assert_eq!(bare.refused(422, "fields_invalid").body["errors"][0]["pointer"], "/reason");
        let mut first =
            json!({ "name": "drand", "value": "9f2c", "source": "https://example.org/1" });
        first["reason"] = json!(why);
        let needless = w.lead_does(&d, "beacon", "*", first).await;
        assert_eq!(needless.refused(422, "fields_invalid").body["errors"][0]["pointer"], "/reason");
        body["reason"] = json!(why);
        w.lead_does(&d, "beacon", "*", body).await.ok();
        let told = w.get(&format!("/v1/seasons/{}/inputs", d.season)).send().await.ok();
        assert_eq!(told.body["data"][0]["beacon_reason"], why);
    });
}

#[test]
fn of_8_leads_with_one_tag_one_corrects_the_input() {
    both(|w| async move {
        let d = w.drawn();
        w.at(FREEZE);
        let frozen = w.lead_does(&d, "freeze", "*", json!({})).await.ok();
        let path = format!("/v1/seasons/{}/freeze", d.season);
        let ask = |n: u32| {
            let login = format!("lead{n}");
            w.account(&login, Role::Lead, None, None);
            let body = json!({ "reason": "An objection was right." });
            w.post(&path).by(&login).if_match(frozen.etag()).json(body).send()
        };
        let answers = futures_util::future::join_all((2..10).map(ask)).await;
        let mut told: Vec<u16> = answers.iter().map(|a| a.status).collect();
        told.sort_unstable();
        assert_eq!(told, [200, 412, 412, 412, 412, 412, 412, 412]);
    });
}

#[test]
fn every_version_of_the_input_is_open_to_all_by_its_digests() {
    both(|w| async move {
        let d = w.drawn();
        let id = w.applicant(1).await;
        w.applies(&d, 1, &id).await.ok();
        let path = format!("/v1/seasons/{}/inputs", d.season);
        assert_eq!(w.get(&path).send().await.ok().body["data"], json!([]));
        w.at(FREEZE);
        let one = w.lead_does(&d, "freeze", "*", json!({})).await.ok();
        let why = json!({ "reason": "An objection was right." });
        let two = w.lead_does(&d, "freeze", one.etag(), why.clone()).await.ok();
        let told = w.get(&path).send().await.ok();
        assert_eq!(told.body["next_cursor"], json!(null));
        assert!(!String::from_utf8_lossy(&told.bytes).contains(&id));
        let members = ["digest", "root", "tree_size", "reason", "frozen_at", "objection_until"];
        for (n, made) in [&one, &two].into_iter().enumerate() {
            let version = &told.body["data"][n];
            assert_eq!(version["input_version"], made.body["input_version"]);
            for member in members {
                assert_eq!(version[member], made.body[member], "{member}");
            }
            assert_eq!((&version["beacon_at"], version.get("state")), (&json!(null), None));
        }
        assert_eq!(told.body["data"][1]["reason"], why["reason"]);
        w.clock.advance(TimeDelta::hours(72));
        let body = json!({ "name": "drand", "value": "9f2c", "source": "https://example.org/1" });
        let drawn = w.lead_does(&d, "beacon", two.etag(), body).await.ok();
        let first = w.get(&format!("{path}?limit=1")).send().await.ok();
        assert_eq!(first.body["data"][0]["beacon_at"], json!(null));
        let next = format!("{path}?limit=1&cursor={}", first.body["next_cursor"].as_str().unwrap());
        let second = w.get(&next).by("seeker1").send().await.ok();
        for member in ["beacon_name", "beacon_value", "beacon_source", "beacon_at", "digest"] {
            assert_eq!(second.body["data"][0][member], drawn.body[member], "{member}");
        }
        w.get(&format!("{path}?page=2")).send().await.refused(400, "parameter_unknown");
        let unknown = format!("/v1/seasons/{}/inputs", w.clock.new_id());
        w.get(&unknown).send().await.refused(404, "not_found");
    });
}
