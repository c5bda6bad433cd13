//! What a stranger learns of who has an account or stands in the register: nothing, neither by
//! words nor by time.

use crate::support::played::{identifiers, whole};
use crate::support::{Answer, World, both};
use musiman::db::accounts::{self, NewAccount};
use musiman::db::{Actor, Fault};
use musiman::domain::ids::AccountId;
use musiman::domain::roles::Role;
use musiman::password;
use serde_json::{Value, json};
use std::time::Duration;

/// Enough for a median; each pair of tries meets the same load.
const PAIRS: u32 = 9;

/// Without a hash for the unknown the two are a hundred times apart.
const ALIKE: f64 = 3.0;

#[expect(clippy::disallowed_methods, reason = "time is what is measured")]
async fn timed(request: impl Future<Output = Answer>) -> (Answer, Duration) {
    let begun = std::time::Instant::now();
    let answer = request.await;
    (answer, begun.elapsed())
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

fn alike(what: &str, known: Vec<Duration>, unknown: Vec<Duration>) {
    let (known, unknown) = (median(known), median(unknown));
    let ratio = if known > unknown { known / unknown } else { unknown / known };
    assert!(ratio < ALIKE, "{what}: {known} s for the known, {unknown} s for the unknown");
}

/// The answer without what is new in every one.
fn said(answer: &Answer) -> (u16, Value, Vec<String>) {
    let mut body = answer.body.clone();
    if let Some(members) = body.as_object_mut() {
        members.remove("request_id");
    }
    let mut headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
    headers.sort();
    (answer.status, body, headers)
}

fn with_password(w: &World, login: &str, hash: &str) {
    w.store
        .write::<_, Fault>(Actor::SYSTEM, |tx, _| {
            let id = AccountId(tx.new_id());
            let new = NewAccount {
                login: login.to_owned(),
                name: Some(login.to_owned()),
                password_hash: hash.to_owned(),
                role: Role::Kadin,
                organisation: None,
                seeker: None,
            };
            accounts::insert(tx, id, new)
        })
        .unwrap();
}

#[test]
fn a_log_in_tells_of_no_account_by_its_words_or_its_time() {
    both(|w: World| async move {
        let hash = password::hash("kata sandi panjang").unwrap();
        let guess = |login: String| {
            let body = json!({ "login": login, "password": "kata sandi keliru" });
            w.post("/v1/auth/login").json(body).send()
        };
        let (mut known, mut unknown) = (vec![], vec![]);
        for number in 0..PAIRS {
            with_password(&w, &format!("ada{number}"), &hash);
            let (told, time) = timed(guess(format!("ada{number}"))).await;
            known.push(time);
            let (other, time) = timed(guess(format!("nihil{number}"))).await;
            unknown.push(time);
            told.refused(401, "login_refused");
            assert_eq!(said(&told), said(&other));
        }
        alike("a log-in", known, unknown);
        let body = json!({ "login": "ada0", "password": "kata sandi panjang" });
        w.post("/v1/auth/login").json(body).send().await.ok();
    });
}

#[test]
fn a_nik_is_no_better_known_to_a_stranger_after_a_log_in() {
    both(|w: World| async move {
        w.known(1).await;
        let no_account = w.post("/v1/job-seekers").by("office").once().json(whole(2));
        no_account.send().await.ok();
        let guess = |number: u32| {
            let body = json!({ "login": identifiers(number)[0], "password": "kata sandi keliru" });
            w.post("/v1/auth/login").json(body).send()
        };
        let told = guess(3).await;
        told.refused(401, "login_refused");
        for number in [1, 2] {
            assert_eq!(said(&guess(number).await), said(&told), "{number}");
        }
    });
}

#[test]
fn a_registration_by_oneself_tells_nothing_of_the_register_and_changes_nothing_in_it() {
    both(|w: World| async move {
        let (mut known, mut unknown) = (vec![], vec![]);
        for number in 1..=PAIRS {
            let id = w.known(number).await;
            let register = |body: Value| w.post("/v1/job-seekers").once().json(body).send();
            let mut again = whole(number);
            again["name"] = json!("Orang Lain");
            again["phone"] = json!("081311112222");
            let (told, time) = timed(register(again)).await;
            known.push(time);
            let (other, time) = timed(register(whole(100 + number))).await;
            unknown.push(time);
            assert_eq!(told.status, 202, "{}", told.body);
            assert_eq!(said(&told), said(&other));
            assert!(told.header("location").is_empty() && told.etag().is_empty());
            let kept = w.get(&format!("/v1/job-seekers/{id}")).by("office").send().await.ok();
            assert_eq!(kept.body["name"], whole(number)["name"]);
        }
        alike("a registration", known, unknown);
    });
}

#[test]
fn the_key_of_a_registration_tells_nothing_when_it_comes_back() {
    both(|w: World| async move {
        w.known(1).await;
        let send =
            |key: &str, number: u32| w.post("/v1/job-seekers").key(key).json(whole(number)).send();
        let (known, unknown) = ("k".repeat(22), "u".repeat(22));
        let first = (send(&known, 1).await, send(&unknown, 50).await);
        let again = (send(&known, 1).await, send(&unknown, 50).await);
        for answer in [&first.1, &again.0, &again.1] {
            assert_eq!(said(answer), said(&first.0));
        }
        let other = (send(&known, 51).await, send(&unknown, 1).await);
        other.0.refused(422, "idempotency_key_reused");
        assert_eq!(said(&other.0), said(&other.1));
    });
}

#[test]
fn nobody_outside_the_office_looks_anybody_up() {
    both(|w: World| async move {
        let p = w.played().await;
        let find = |body: Value| w.post("/v1/job-seekers/search").json(body);
        for number in [1, 60] {
            let nik = json!({ "nik": identifiers(number)[0] });
            for login in ["kadin", "farm", "company", "seeker1"] {
                find(nik.clone()).by(login).send().await.refused(403, "role_forbidden");
            }
            find(nik.clone()).send().await.refused(401, "token_missing");
            let (jti, now) = (w.clock.new_id(), w.clock.now());
            let client = p.client.parse().unwrap();
            let token = w.app.tokens.sign_machine(client, "rounds.read", jti, now).unwrap();
            find(nik).bearer(&token).send().await.refused(403, "scope_missing");
        }
    });
}

#[test]
fn an_activation_tells_nothing_of_codes_or_days_of_birth() {
    both(|w: World| async move {
        let activate = |code: Value, born_on: &str| {
            let password = "kata sandi panjang";
            let body = json!({ "code": code, "born_on": born_on, "password": password });
            w.post("/v1/auth/activation").json(body).send()
        };
        let (mut known, mut unknown) = (vec![], vec![]);
        for number in 1..=PAIRS {
            let id = w.known(number).await;
            let slip = w.post(&format!("/v1/job-seekers/{id}/activation-code")).by("office").once();
            let code = slip.send().await.ok().body["code"].clone();
            let (wrong_day, time) = timed(activate(code.clone(), "1990-01-01")).await;
            known.push(time);
            let (wrong_code, time) = timed(activate(json!("22222-22222"), "1996-03-07")).await;
            unknown.push(time);
            wrong_day.refused(401, "login_refused");
            assert_eq!(said(&wrong_day), said(&wrong_code));
            activate(code, "1996-03-07").await.ok();
        }
        alike("an activation", known, unknown);
    });
}
