//! The own sessions: seen and ended by their owner, and by nobody else.

use crate::support::{Answer, World, both};
use serde_json::{Value, json};

const PASSWORD: &str = "kata sandi panjang";

async fn officer(w: &World, login: &str) -> Answer {
    let body =
        json!({ "login": login, "name": "Petugas Contoh", "role": "office", "password": PASSWORD });
    w.post("/v1/accounts").by("lead").once().json(body).send().await.ok();
    log_in(w, login).await
}

async fn log_in(w: &World, login: &str) -> Answer {
    let body = json!({ "login": login, "password": PASSWORD });
    w.post("/v1/auth/login").json(body).send().await.ok()
}

fn token(session: &Answer) -> &str {
    session.body["access_token"].as_str().unwrap()
}

async fn turn(w: &World, session: &Answer) -> Answer {
    let body = json!({ "refresh_token": session.body["refresh_token"] });
    w.post("/v1/auth/refresh").json(body).send().await
}

async fn list(w: &World, token: &str) -> Vec<Value> {
    let list = w.get("/v1/me/sessions").bearer(token).send().await.ok();
    list.body["data"].as_array().unwrap().clone()
}

fn path(session: &Value) -> String {
    format!("/v1/me/sessions/{}", session["id"].as_str().unwrap())
}

#[test]
fn a_person_sees_the_own_sessions_and_ends_one() {
    both(|w| async move {
        let first = officer(&w, "petugas").await;
        officer(&w, "lain").await;
        w.clock.advance(chrono::TimeDelta::minutes(5));
        let second = log_in(&w, "petugas").await;
        w.clock.advance(chrono::TimeDelta::minutes(1));
        let first = turn(&w, &first).await.ok();

        let all = list(&w, token(&second)).await;
        let seen: Vec<_> = all.iter().map(|s| (&s["last_used_at"], &s["current"])).collect();
        let (turned, begun) = (json!("2026-11-24T02:06:00Z"), json!("2026-11-24T02:05:00Z"));
        assert_eq!(seen, [(&turned, &json!(false)), (&begun, &json!(true))]);
        assert_eq!(all[0]["created_at"], "2026-11-24T02:00:00Z");
        assert_eq!(all[0]["expires_at"], "2026-11-24T14:06:00Z");
        assert_eq!(all[0]["ends_at"], "2026-11-25T02:00:00Z");
        assert_eq!(list(&w, token(&first)).await[0]["current"], true);
        let told = serde_json::to_string(&all).unwrap();
        assert!(!told.contains("token") && !told.contains("203.0.113.7"), "{told}");

        let read = w.get(&path(&all[0])).bearer(token(&second)).send().await.ok();
        assert_eq!(read.body, all[0]);
        let end = |tag: &str| w.delete(&path(&all[0])).bearer(token(&second)).if_match(tag).send();
        let bare = w.delete(&path(&all[0])).bearer(token(&second)).send().await;
        bare.refused(428, "if_match_missing");
        assert_eq!(end("\"2.x\"").await.refused(412, "version_stale").etag(), read.etag());
        // A use meanwhile does not make the tag stale.
        let first = turn(&w, &first).await.ok();
        assert_eq!(end(read.etag()).await.status, 204);
        assert_eq!(end(read.etag()).await.status, 204, "a repeat");
        turn(&w, &first).await.refused(401, "token_invalid");
        w.get(&path(&all[0])).bearer(token(&second)).send().await.refused(404, "not_found");
        assert_eq!(list(&w, token(&second)).await.len(), 1);
        turn(&w, &second).await.ok();
    });
}

#[test]
fn nobody_reads_or_ends_the_session_of_another() {
    both(|w| async move {
        let mine = officer(&w, "petugas").await;
        let theirs = officer(&w, "lain").await;
        let session = list(&w, token(&theirs)).await.remove(0);
        w.get(&path(&session)).bearer(token(&mine)).send().await.refused(404, "not_found");
        let end = w.delete(&path(&session)).bearer(token(&mine)).if_match("*").send().await;
        end.refused(404, "not_found");
        w.get("/v1/me/sessions").send().await.refused(401, "token_missing");
        turn(&w, &theirs).await.ok();
    });
}

#[test]
fn a_new_password_and_silence_end_sessions() {
    both(|w| async move {
        let first = officer(&w, "petugas").await;
        log_in(&w, "petugas").await;
        assert_eq!(list(&w, token(&first)).await.len(), 2);
        let body = json!({ "current": PASSWORD, "new": "kata sandi yang lain" });
        let changed = w.post("/v1/auth/password").bearer(token(&first)).json(body).send().await;
        assert_eq!(changed.status, 204);
        assert_eq!(list(&w, token(&first)).await, [] as [Value; 0]);

        let old = officer(&w, "lain").await;
        w.clock.advance(chrono::TimeDelta::hours(12));
        assert_eq!(list(&w, token(&log_in(&w, "lain").await)).await.len(), 1);
        turn(&w, &old).await.refused(401, "token_invalid");
    });
}

#[test]
fn a_session_of_staff_ends_after_a_day_in_spite_of_use_and_one_of_a_job_seeker_later() {
    both(|w| async move {
        let mut officer = officer(&w, "petugas").await;
        for _ in 0..23 {
            w.clock.advance(chrono::TimeDelta::hours(1));
            officer = turn(&w, &officer).await.ok();
        }
        assert_eq!(list(&w, token(&officer)).await[0]["expires_at"], "2026-11-25T02:00:00Z");
        assert_eq!(officer.body["expires_in"], 600);
        w.clock.advance(chrono::TimeDelta::minutes(56));
        officer = turn(&w, &officer).await.ok();
        // The last tokens end with the session, and not ten minutes later.
        assert_eq!(officer.body["expires_in"], 240);
        w.clock.advance(chrono::TimeDelta::seconds(239));
        w.get("/v1/me").bearer(token(&officer)).send().await.ok();
        w.clock.advance(chrono::TimeDelta::seconds(1));
        w.get("/v1/me").bearer(token(&officer)).send().await.refused(401, "token_invalid");
        turn(&w, &officer).await.refused(401, "token_invalid");
        log_in(&w, "petugas").await;

        let siti = w.seeker(1).await;
        let path = format!("/v1/job-seekers/{}/activation-code", siti["id"].as_str().unwrap());
        let code = w.post(&path).by("office").once().send().await.ok();
        let body =
            json!({ "code": code.body["code"], "born_on": "1996-03-07", "password": PASSWORD });
        let mut seeker = w.post("/v1/auth/activation").json(body).send().await.ok();
        for _ in 0..5 {
            w.clock.advance(chrono::TimeDelta::days(15));
            seeker = turn(&w, &seeker).await.ok();
        }
        w.clock.advance(chrono::TimeDelta::days(15));
        turn(&w, &seeker).await.refused(401, "token_invalid");
    });
}

/// What the watch of a process does every second.
fn look(w: &World) {
    w.app.tokens.look_again(&w.store).unwrap();
}

#[test]
fn an_ended_session_reads_nothing_more_and_another_one_goes_on() {
    both(|w| async move {
        let first = officer(&w, "petugas").await;
        let second = log_in(&w, "petugas").await;
        let ended = list(&w, token(&second)).await.remove(0);
        w.delete(&path(&ended)).bearer(token(&second)).if_match("*").send().await.ok();
        look(&w);
        w.get("/v1/me").bearer(token(&first)).send().await.refused(401, "token_invalid");
        w.get("/v1/seasons").bearer(token(&first)).send().await.refused(401, "token_invalid");
        w.get("/v1/me").bearer(token(&second)).send().await.ok();
        let body = json!({ "refresh_token": second.body["refresh_token"] });
        w.post("/v1/auth/logout").bearer(token(&second)).json(body).send().await.ok();
        look(&w);
        w.get("/v1/me").bearer(token(&second)).send().await.refused(401, "token_invalid");
        // Nothing is remembered longer than a token lives.
        w.clock.advance(chrono::TimeDelta::hours(1));
        look(&w);
        w.get("/v1/me").bearer(token(&log_in(&w, "petugas").await)).send().await.ok();
    });
}

#[test]
fn a_disabled_account_and_a_changed_role_read_nothing_more() {
    both(|w| async move {
        for (login, change) in
            [("petugas", json!({ "state": "disabled" })), ("lain", json!({ "role": "kadin" }))]
        {
            let session = officer(&w, login).await;
            let me = w.get("/v1/me").bearer(token(&session)).send().await.ok();
            let account = format!("/v1/accounts/{}", me.id());
            w.get("/v1/job-seekers").bearer(token(&session)).send().await.ok();
            w.patch(&account).by("lead").if_match("*").merge(&change).send().await.ok();
            look(&w);
            for path in ["/v1/me", "/v1/job-seekers", "/v1/seasons"] {
                let told = w.get(path).bearer(token(&session)).send().await;
                told.refused(401, "token_invalid");
            }
        }
        w.get("/v1/job-seekers").by("office").send().await.ok();
    });
}

#[test]
fn sessions_come_in_pages() {
    both(|w| async move {
        let first = officer(&w, "petugas").await;
        log_in(&w, "petugas").await;
        let all = list(&w, token(&first)).await;
        let page = |after: String| {
            w.get(&format!("/v1/me/sessions?limit=1{after}")).bearer(token(&first)).send()
        };
        let one = page(String::new()).await.ok();
        let after = one.body["next_cursor"].as_str().unwrap();
        let two = page(format!("&cursor={after}")).await.ok();
        assert_eq!((&one.body["data"][0], &two.body["data"][0]), (&all[0], &all[1]));
        assert!(two.body["next_cursor"].is_null());
    });
}
