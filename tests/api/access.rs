//! Who gets in, and how.

use crate::support::{Answer, World, both, ends};
use musiman::db::refresh::{self, Turned};
use musiman::db::types::AccountState;
use musiman::db::{Actor, Fault, Tx, accounts, sessions};
use musiman::password;
use serde_json::json;

#[test]
fn a_person_logs_in_by_password_and_is_who_they_are() {
    both(|w| async move {
        let hash = password::hash("kata sandi panjang").unwrap();
        let id = w.account("petugas", musiman::domain::roles::Role::Office, None, None);
        w.store
            .write::<_, Fault>(Actor::SYSTEM, |tx, _| accounts::set_password(tx, id, &hash))
            .unwrap();
        let log_in = |password: &str| {
            w.post("/v1/auth/login")
                .json(json!({ "login": "Petugas ", "password": password }))
                .send()
        };
        log_in("kata sandi lain").await.refused(401, "login_refused");
        let tokens = log_in("kata sandi panjang").await.ok();
        assert_eq!(tokens.header("cache-control"), "no-store");
        let token = tokens.body["access_token"].as_str().unwrap();
        let me = w.get("/v1/me").bearer(token).send().await.ok();
        assert_eq!((me.body["role"].as_str(), me.id()), (Some("office"), &*id.to_string()));
        w.clock.advance(chrono::TimeDelta::seconds(601));
        w.get("/v1/me").bearer(token).send().await.refused(401, "token_invalid");
    });
}

#[test]
fn a_bent_token_is_refused() {
    both(|w| async move {
        w.get("/v1/me").send().await.refused(401, "token_missing");
        w.get("/v1/me").bearer("x.y.z").send().await.refused(401, "token_invalid");
        let token = w.token("office");
        let (rest, signature) = token.rsplit_once('.').unwrap();
        let other = if signature.starts_with('A') { "B" } else { "A" };
        let bent = format!("{rest}.{other}{}", signature.get(1..).unwrap());
        let told = w.get("/v1/me").bearer(&bent).send().await;
        told.refused(401, "token_invalid");
        assert!(told.header("www-authenticate").starts_with("Bearer"));
    });
}

const PASSWORD: &str = "kata sandi panjang";

/// An officer with a password, logged in.
async fn session(w: &World) -> Answer {
    let body = json!({ "login": "baru", "name": "Petugas Contoh", "role": "office", "password": PASSWORD });
    w.post("/v1/accounts").by("lead").once().json(body).send().await.ok();
    log_in(w, "baru", PASSWORD).await.ok()
}

async fn log_in(w: &World, login: &str, password: &str) -> Answer {
    w.post("/v1/auth/login").json(json!({ "login": login, "password": password })).send().await
}

async fn turn(w: &World, session: &Answer) -> Answer {
    let body = json!({ "refresh_token": session.body["refresh_token"] });
    w.post("/v1/auth/refresh").json(body).send().await
}

#[test]
fn a_refresh_token_turns_and_its_reuse_after_the_grace_ends_the_family() {
    both(|w| async move {
        let first = session(&w).await;
        let second = turn(&w, &first).await.ok();
        assert_ne!(second.body["refresh_token"], first.body["refresh_token"]);
        assert_eq!(second.header("cache-control"), "no-store");
        let token = second.body["access_token"].as_str().unwrap();
        w.get("/v1/me").bearer(token).send().await.ok();
        // A client that lost the answer asks again within the grace.
        w.clock.advance(chrono::TimeDelta::seconds(30));
        let again = turn(&w, &first).await.ok();
        assert_eq!(again.body["refresh_token"], second.body["refresh_token"]);
        w.clock.advance(chrono::TimeDelta::seconds(1));
        turn(&w, &first).await.refused(401, "token_invalid");
        turn(&w, &second).await.refused(401, "token_invalid");
        let other = json!({ "refresh_token": "x" });
        w.post("/v1/auth/refresh").json(other).send().await.refused(401, "token_invalid");
    });
}

#[test]
fn a_refresh_token_whose_follower_was_used_ends_the_family_even_within_the_grace() {
    both(|w| async move {
        let first = session(&w).await;
        let second = turn(&w, &first).await.ok();
        let third = turn(&w, &second).await.ok();
        turn(&w, &first).await.refused(401, "token_invalid");
        turn(&w, &third).await.refused(401, "token_invalid");
    });
}

#[test]
fn of_many_who_turn_one_token_at_once_all_get_the_same() {
    both(|w| async move {
        let first = session(&w).await;
        let all = futures_util::future::join_all((0..8).map(|_| turn(&w, &first))).await;
        let next: std::collections::BTreeSet<String> =
            all.into_iter().map(|a| a.ok().body["refresh_token"].to_string()).collect();
        assert_eq!(next.len(), 1);
    });
}

#[test]
fn a_session_that_was_ended_does_not_turn() {
    both(|w| async move {
        let first = session(&w).await;
        let token = first.body["access_token"].as_str().unwrap();
        let body = json!({ "refresh_token": first.body["refresh_token"] });
        // Nobody ends the session of somebody else.
        let strange = w.post("/v1/auth/logout").by("office").json(body.clone()).send().await;
        assert_eq!(strange.status, 204);
        let second = turn(&w, &first).await.ok();
        let ended = w.post("/v1/auth/logout").bearer(token).json(body).send().await;
        assert_eq!(ended.status, 204);
        turn(&w, &second).await.refused(401, "token_invalid");
    });
}

#[test]
fn a_new_password_ends_every_session() {
    both(|w| async move {
        let first = session(&w).await;
        let other = log_in(&w, "baru", PASSWORD).await.ok();
        let token = first.body["access_token"].as_str().unwrap();
        let change = |current: &str, new: &str| {
            let body = json!({ "current": current, "new": new });
            w.post("/v1/auth/password").bearer(token).json(body).send()
        };
        let told = change("bukan kata sandi", "kata sandi yang lain").await;
        told.refused(422, "fields_invalid");
        assert_eq!(told.reasons(), [("/current".to_owned(), "password_wrong".to_owned())]);
        let told = change(PASSWORD, "pendek").await;
        assert_eq!(told.reasons(), [("/new".to_owned(), "too_short".to_owned())]);
        assert_eq!(change(PASSWORD, "kata sandi yang lain").await.status, 204);
        turn(&w, &first).await.refused(401, "token_invalid");
        turn(&w, &other).await.refused(401, "token_invalid");
        log_in(&w, "baru", PASSWORD).await.refused(401, "login_refused");
        log_in(&w, "baru", "kata sandi yang lain").await.ok();
    });
}

async fn code_for(w: &World, id: &str, key: &str) -> Answer {
    w.post(&format!("/v1/job-seekers/{id}/activation-code")).by("office").key(key).send().await
}

async fn activate(w: &World, code: &Answer, born_on: &str, password: &str) -> Answer {
    let typed = code.body["code"].as_str().unwrap().to_lowercase().replace('-', " ");
    let body = json!({ "code": typed, "born_on": born_on, "password": password });
    w.post("/v1/auth/activation").json(body).send().await
}

const KEYS: [&str; 2] = ["first-key-0123456789abcdef", "second-key-0123456789abcde"];

#[test]
fn a_person_of_the_register_gets_an_account_and_gets_it_back() {
    both(|w| async move {
        let siti = w.seeker(1).await;
        let id = siti["id"].as_str().unwrap();
        let old = code_for(&w, id, KEYS[0]).await.ok();
        let code = code_for(&w, id, KEYS[0]).await.ok();
        assert_ne!(old.body["code"], code.body["code"], "a code is shown once");
        assert_eq!(code.header("cache-control"), "no-store");
        activate(&w, &old, "1996-03-07", PASSWORD).await.refused(401, "login_refused");
        let first = activate(&w, &code, "1996-03-07", PASSWORD).await.ok();
        let token = first.body["access_token"].as_str().unwrap();
        let me = w.get("/v1/me").bearer(token).send().await.ok();
        assert_eq!((&me.body["role"], &me.body["job_seeker_id"]), (&json!("seeker"), &siti["id"]));
        w.get(&format!("/v1/job-seekers/{id}")).bearer(token).send().await.ok();
        activate(&w, &code, "1996-03-07", PASSWORD).await.refused(401, "login_refused");
        log_in(&w, siti["nik"].as_str().unwrap(), PASSWORD).await.ok();

        // The phone is lost: the desk gives another code, and the old sessions end.
        let code = code_for(&w, id, KEYS[1]).await.ok();
        activate(&w, &code, "1996-03-07", "kata sandi yang lain").await.ok();
        turn(&w, &first).await.refused(401, "token_invalid");
        let nik = siti["nik"].as_str().unwrap();
        log_in(&w, nik, PASSWORD).await.refused(401, "login_refused");
        log_in(&w, nik, "kata sandi yang lain").await.ok();
        let list = w.get("/v1/accounts?role=seeker").by("lead").send().await.ok();
        assert_eq!(list.body["data"].as_array().unwrap().len(), 1);
        assert!(list.body["data"][0]["login"].is_null());
    });
}

#[test]
fn a_code_survives_five_wrong_birth_dates_and_no_more() {
    both(|w| async move {
        let siti = w.seeker(1).await;
        let id = siti["id"].as_str().unwrap();
        for (key, wrong) in [(KEYS[0], 4), (KEYS[1], 5)] {
            let code = code_for(&w, id, key).await.ok();
            for _ in 0..wrong {
                let told = activate(&w, &code, "1996-03-08", PASSWORD).await;
                told.refused(401, "login_refused");
            }
            let last = activate(&w, &code, "1996-03-07", PASSWORD).await;
            assert_eq!(last.status, if wrong < 5 { 200 } else { 401 }, "{wrong} wrong dates");
        }
    });
}

#[test]
fn a_code_lapses_after_three_days_and_a_draft_gets_none() {
    both(|w| async move {
        let siti = w.seeker(1).await;
        let code = code_for(&w, siti["id"].as_str().unwrap(), KEYS[0]).await.ok();
        w.clock.advance(chrono::TimeDelta::hours(72));
        activate(&w, &code, "1996-03-07", PASSWORD).await.refused(401, "login_refused");
        w.post("/v1/job-seekers").once().json(w.siti(2)).send().await.ok();
        let drafts = w.get("/v1/job-seekers?state=draft").by("office").send().await.ok();
        let told = code_for(&w, drafts.body["data"][0]["id"].as_str().unwrap(), KEYS[1]).await;
        assert_ne!(told.refused(409, "state_conflict").etag(), "");
    });
}

#[test]
fn of_16_who_use_one_code_one_gets_in() {
    both(|w| async move {
        let siti = w.seeker(1).await;
        let code = code_for(&w, siti["id"].as_str().unwrap(), KEYS[0]).await.ok();
        let all = (0..16).map(|_| activate(&w, &code, "1996-03-07", PASSWORD));
        let answers = futures_util::future::join_all(all).await;
        assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1);
        assert!(answers.iter().all(|a| a.status == 200 || a.status == 401));
    });
}

fn write<T>(w: &World, work: impl Fn(&mut Tx<'_>) -> Result<T, Fault>) -> T {
    w.store.write(Actor::SYSTEM, |tx, _| work(tx)).unwrap()
}

#[test]
fn a_log_in_under_way_does_not_outlive_a_change_of_the_account() {
    both(|w| async move {
        let id = w.account("baru", musiman::domain::roles::Role::Office, None, None);
        let seen = write(&w, |tx| accounts::get(tx, id));
        let first = write(&w, |tx| refresh::begin(tx, &seen, ends())).unwrap();

        // The password was found right; before the session begins, somebody sets another one.
        write(&w, |tx| {
            accounts::set_password(tx, id, "another")?;
            sessions::end_all(tx, id)
        });
        assert_eq!(write(&w, |tx| refresh::begin(tx, &seen, ends())), None);
        assert!(matches!(write(&w, |tx| refresh::turn(tx, &first.token, ends())), Turned::Refused));

        let seen = write(&w, |tx| accounts::get(tx, id));
        let second = write(&w, |tx| refresh::begin(tx, &seen, ends())).unwrap();
        let disabled = accounts::AccountRow { state: AccountState::Disabled, ..seen.clone() };
        write(&w, |tx| accounts::change(tx, &seen, &disabled));
        assert_eq!(write(&w, |tx| refresh::begin(tx, &seen, ends())), None);
        let stands = write(&w, |tx| accounts::get(tx, id));
        assert_eq!(write(&w, |tx| refresh::begin(tx, &stands, ends())), None);
        assert!(matches!(
            write(&w, |tx| refresh::turn(tx, &second.token, ends())),
            Turned::Disabled
        ));
    });
}

#[test]
fn no_session_of_the_old_password_is_left_by_log_ins_during_its_change() {
    both(|w| async move {
        let first = session(&w).await;
        let token = first.body["access_token"].as_str().unwrap();
        let body = json!({ "current": PASSWORD, "new": "kata sandi yang lain" });
        let change = w.post("/v1/auth/password").bearer(token).json(body).send();
        let log_ins = futures_util::future::join_all((0..4).map(|_| log_in(&w, "baru", PASSWORD)));
        let turns = futures_util::future::join_all((0..4).map(|_| turn(&w, &first)));
        let (changed, mut given, turned) =
            futures_util::future::join3(change, log_ins, turns).await;
        assert_eq!(changed.status, 204);
        given.extend(turned);
        for answer in given {
            if answer.status == 200 {
                turn(&w, &answer).await.refused(401, "token_invalid");
            } else {
                assert_eq!(answer.status, 401, "{}", answer.body);
            }
        }
    });
}
