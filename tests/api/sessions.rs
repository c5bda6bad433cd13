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
        assert_eq!(all[0]["expires_at"], "2026-12-24T02:06:00Z");
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
fn a_new_password_and_thirty_days_of_silence_end_sessions() {
    both(|w| async move {
        let first = officer(&w, "petugas").await;
        log_in(&w, "petugas").await;
        assert_eq!(list(&w, token(&first)).await.len(), 2);
        let body = json!({ "current": PASSWORD, "new": "kata sandi yang lain" });
        let changed = w.post("/v1/auth/password").bearer(token(&first)).json(body).send().await;
        assert_eq!(changed.status, 204);
        assert_eq!(list(&w, token(&first)).await, [] as [Value; 0]);

        let old = officer(&w, "lain").await;
        w.clock.advance(chrono::TimeDelta::days(30));
        assert_eq!(list(&w, token(&log_in(&w, "lain").await)).await.len(), 1);
        turn(&w, &old).await.refused(401, "token_invalid");
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
