//! Machines: clients, their secrets, their tokens, and what these open.

use crate::support::{Answer, World, both};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

const FORM: &str = "application/x-www-form-urlencoded";

async fn client(w: &World, scopes: &[&str]) -> Answer {
    let body = json!({ "name": "Sistem Layanan", "scopes": scopes });
    w.post("/v1/clients").by("lead").once().json(body).send().await.ok()
}

fn id(made: &Answer) -> &str {
    made.body["client"]["id"].as_str().unwrap()
}

fn secret(made: &Answer) -> &str {
    made.body["client_secret"].as_str().unwrap()
}

async fn form(w: &World, text: &str) -> Answer {
    w.post("/v1/auth/token").bytes(FORM, text.as_bytes().to_vec()).send().await
}

async fn ask(w: &World, id: &str, secret: &str, more: &str) -> Answer {
    let text = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}{more}");
    form(w, &text).await
}

async fn basic(w: &World, id: &str, secret: &str, text: &str) -> Answer {
    let pair = STANDARD.encode(format!("{id}:{secret}"));
    let request = w.post("/v1/auth/token").header("authorization", &format!("Basic {pair}"));
    request.bytes(FORM, text.as_bytes().to_vec()).send().await
}

#[track_caller]
fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status, &answer.body["error"]), (status, &json!(error)), "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.body["error_description"].as_str().unwrap().is_ascii());
    let scheme = if status == 401 { "Basic realm=\"musiman\"" } else { "" };
    assert_eq!(answer.header("www-authenticate"), scheme);
}

fn token(answer: &Answer) -> &str {
    answer.body["access_token"].as_str().unwrap()
}

#[test]
fn a_machine_gets_a_token_and_does_what_its_scopes_name() {
    both(|w| async move {
        let made = client(&w, &["seekers.write", "seekers.read"]).await;
        assert_eq!((made.status, made.header("cache-control")), (201, "no-store"));
        assert_eq!(secret(&made).len(), 43);
        let given = ask(&w, id(&made), secret(&made), "").await.ok();
        assert_eq!(given.header("cache-control"), "no-store");
        assert_eq!(given.body["token_type"], "Bearer");
        assert_eq!(given.body["expires_in"], 600);
        assert_eq!(given.body["scope"], "seekers.read seekers.write");

        let register = |token: &str, n: u32| {
            w.post("/v1/job-seekers").bearer(token).once().json(w.siti(n)).send()
        };
        assert_eq!(register(token(&given), 1).await.status, 201);
        let list = w.get("/v1/job-seekers").bearer(token(&given)).send().await.ok();
        assert_eq!(list.body["data"].as_array().unwrap().len(), 1);
        let verify = format!(
            "/v1/job-seekers/{}/verification",
            list.body["data"][0]["id"].as_str().unwrap()
        );
        let told = w.post(&verify).bearer(token(&given)).if_match("*").send().await;
        told.refused(403, "scope_missing");
        w.get("/v1/me").bearer(token(&given)).send().await.refused(403, "scope_missing");
        w.get("/v1/clients").bearer(token(&given)).send().await.refused(403, "scope_missing");

        let text = "grant_type=client_credentials&scope=seekers.read";
        let less = basic(&w, id(&made), secret(&made), text).await.ok();
        assert_eq!(less.body["scope"], "seekers.read");
        w.get("/v1/job-seekers").bearer(token(&less)).send().await.ok();
        // Open to anybody without a token, and closed to a machine without the scope.
        let told = register(token(&less), 2).await;
        told.refused(403, "scope_missing");
        assert!(told.body["detail"].as_str().unwrap().contains("seekers.write"));
        w.get("/v1/seasons").bearer(token(&less)).send().await.refused(403, "scope_missing");

        w.clock.advance(chrono::TimeDelta::seconds(601));
        let late = w.get("/v1/job-seekers").bearer(token(&given)).send().await;
        late.refused(401, "token_invalid");
    });
}

#[test]
fn every_bad_request_for_a_token_is_told_as_the_standard_has_it() {
    both(|w| async move {
        let made = client(&w, &["seekers.read"]).await;
        let (id, secret) = (id(&made), secret(&made));
        let stranger = w.clock.new_id().to_string();
        let wrong = ask(&w, id, "x", "").await;
        refused(&wrong, 401, "invalid_client");
        for who in [stranger.as_str(), "nobody"] {
            let answer = ask(&w, who, secret, "").await;
            refused(&answer, 401, "invalid_client");
            assert_eq!(answer.bytes, wrong.bytes, "a stranger is told something else");
        }
        refused(&basic(&w, id, "x", "grant_type=client_credentials").await, 401, "invalid_client");
        refused(&form(&w, "grant_type=client_credentials").await, 401, "invalid_client");
        refused(&form(&w, "grant_type=password").await, 400, "unsupported_grant_type");
        refused(&form(&w, "").await, 400, "invalid_request");
        let twice = format!("&client_id={id}");
        refused(&ask(&w, id, secret, &twice).await, 400, "invalid_request");
        let both_ways = format!("grant_type=client_credentials&client_secret={secret}");
        refused(&basic(&w, id, secret, &both_ways).await, 400, "invalid_request");
        for scope in ["seekers.write", "seekers.read%20seekers.write", "king", "%20"] {
            let answer = ask(&w, id, secret, &format!("&scope={scope}")).await;
            refused(&answer, 400, "invalid_scope");
        }
        let as_json = w.post("/v1/auth/token").json(json!({ "grant_type": "client_credentials" }));
        refused(&as_json.send().await, 400, "invalid_request");
        // No account of a person is a client, and no client logs in by password.
        let lead = w.get("/v1/me").by("lead").send().await.ok();
        refused(&ask(&w, lead.id(), secret, "").await, 401, "invalid_client");
        let body = json!({ "login": id, "password": secret });
        w.post("/v1/auth/login").json(body).send().await.refused(401, "login_refused");
        // Unknown parameters do not count.
        ask(&w, id, secret, "&audience=x").await.ok();
    });
}

#[test]
fn a_disabled_client_loses_its_writes_at_once_and_gets_no_token() {
    both(|w| async move {
        let made = client(&w, &["seekers.write", "seekers.read"]).await;
        let given = ask(&w, id(&made), secret(&made), "").await.ok();
        let path = format!("/v1/clients/{}", id(&made));
        let disable = |login: &str, tag: &str| {
            w.post(&format!("{path}/disabling")).by(login).if_match(tag).send()
        };
        disable("office", "*").await.refused(403, "role_forbidden");
        disable("lead", "\"9.x\"").await.refused(412, "version_stale");
        let tag = w.get(&path).by("lead").send().await.ok().etag().to_owned();
        let ended = disable("lead", &tag).await.ok();
        assert_eq!(ended.body["state"], "disabled");
        assert_eq!(disable("lead", &tag).await.ok().etag(), ended.etag(), "a repeat");
        let write = w.post("/v1/job-seekers").bearer(token(&given)).once().json(w.siti(1));
        write.send().await.refused(401, "account_disabled");
        w.get("/v1/job-seekers").bearer(token(&given)).send().await.ok();
        refused(&ask(&w, id(&made), secret(&made), "").await, 401, "invalid_client");
        let more = w.post(&format!("{path}/secrets")).by("lead").once().send().await;
        more.refused(409, "state_conflict");
    });
}

#[test]
fn two_secrets_serve_during_a_change_and_a_third_is_refused() {
    both(|w| async move {
        let made = client(&w, &["seasons.read"]).await;
        let path = format!("/v1/clients/{}", id(&made));
        let add = |key: &'static str| w.post(&format!("{path}/secrets")).by("lead").key(key).send();
        let second = add("second-0123456789abcdef-key").await.ok();
        let again = add("second-0123456789abcdef-key").await.ok();
        assert_eq!(
            (&again.body["client"], &again.body["client_secret"]),
            (&second.body["client"], &Value::Null)
        );
        assert_eq!(
            add("third-0123456789abcdef-key").await.refused(409, "secrets_full").etag(),
            w.get(&path).by("lead").send().await.etag()
        );
        for served in [secret(&made), secret(&second)] {
            ask(&w, id(&made), served, "").await.ok();
        }
        let old = second.body["client"]["secrets"][0]["id"].as_str().unwrap();
        let end =
            |tag: &str| w.delete(&format!("{path}/secrets/{old}")).by("lead").if_match(tag).send();
        let stale = made.etag().to_owned();
        end(&stale).await.refused(412, "version_stale");
        let tag = w.get(&path).by("lead").send().await.ok().etag().to_owned();
        let ended = end(&tag).await.ok();
        assert_eq!(ended.body["secrets"].as_array().unwrap().len(), 1);
        assert_eq!(end(&tag).await.ok().body, ended.body, "a repeat");
        refused(&ask(&w, id(&made), secret(&made), "").await, 401, "invalid_client");
        ask(&w, id(&made), secret(&second), "").await.ok();
        let other = client(&w, &["seasons.read"]).await;
        let foreign = w.delete(&format!("/v1/clients/{}/secrets/{old}", id(&other))).by("lead");
        foreign.if_match("*").send().await.refused(404, "not_found");
        add("fourth-0123456789abcdef-key").await.ok();
    });
}

#[test]
fn of_8_who_add_a_secret_at_once_one_gets_it() {
    both(|w| async move {
        let made = client(&w, &["seasons.read"]).await;
        let path = format!("/v1/clients/{}/secrets", id(&made));
        let all = (0..8).map(|_| w.post(&path).by("lead").once().send());
        let answers = futures_util::future::join_all(all).await;
        let mut statuses: Vec<u16> = answers.iter().map(|a| a.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![201], vec![409; 7]].concat());
    });
}

#[test]
fn a_secret_is_told_once_and_kept_nowhere() {
    both(|w| async move {
        let body = json!({ "name": "Sistem Layanan", "scopes": ["jobs.read"] });
        let key = "create-0123456789abcdef-key";
        let send =
            |body: &Value| w.post("/v1/clients").by("lead").key(key).json(body.clone()).send();
        let first = send(&body).await.ok();
        let again = send(&body).await.ok();
        assert_eq!((again.status, &again.body["client"]), (201, &first.body["client"]));
        assert!(again.body["client_secret"].is_null());
        let other = json!({ "name": "Lain", "scopes": ["jobs.read"] });
        send(&other).await.refused(422, "idempotency_key_reused");
        let read = w.get(first.header("location")).by("lead").send().await.ok();
        assert_eq!(read.body, first.body["client"]);
        let list = w.get("/v1/clients").by("lead").send().await.ok();
        assert_eq!(list.body["data"], json!([read.body]));
        assert!(!list.body.to_string().contains(secret(&first)));
        w.get("/v1/clients").by("office").send().await.refused(403, "role_forbidden");
        let bad = json!({ "name": "", "scopes": ["rounds.publish"] });
        let told = w.post("/v1/clients").by("lead").once().json(bad).send().await;
        told.refused(422, "fields_invalid");
        let none = json!({ "name": "Lain", "scopes": [] });
        let told = w.post("/v1/clients").by("lead").once().json(none).send().await;
        assert_eq!(told.reasons(), [("/scopes".to_owned(), "missing".to_owned())]);
    });
}

#[test]
fn a_client_is_no_account_that_a_lead_could_change() {
    both(|w| async move {
        let made = client(&w, &["jobs.read"]).await;
        let path = format!("/v1/accounts/{}", id(&made));
        w.get(&path).by("lead").send().await.refused(404, "not_found");
        let promote = w.patch(&path).by("lead").if_match("*").merge(&json!({ "role": "lead" }));
        promote.send().await.refused(404, "not_found");
        let list = w.get("/v1/accounts?limit=100").by("lead").send().await.ok();
        assert!(!list.body.to_string().contains(id(&made)));
        let person = w.get("/v1/me").by("lead").send().await.ok();
        let told = w.get(&format!("/v1/clients/{}", person.id())).by("lead").send().await;
        told.refused(404, "not_found");
    });
}

#[test]
fn the_last_use_is_noted_once_a_minute() {
    both(|w| async move {
        let made = client(&w, &["jobs.read"]).await;
        let used = async || {
            ask(&w, id(&made), secret(&made), "").await.ok();
            w.get(&format!("/v1/clients/{}", id(&made))).by("lead").send().await.ok()
        };
        assert!(made.body["client"]["last_used_at"].is_null());
        assert_eq!(used().await.body["last_used_at"], "2026-11-24T02:00:00Z");
        w.clock.advance(chrono::TimeDelta::seconds(59));
        let kept = used().await;
        assert_eq!(kept.body["last_used_at"], "2026-11-24T02:00:00Z");
        w.clock.advance(chrono::TimeDelta::seconds(1));
        assert_eq!(used().await.body["last_used_at"], "2026-11-24T02:01:00Z");
        let tag = kept.etag().to_owned();
        let disable = w.post(&format!("/v1/clients/{}/disabling", id(&made))).by("lead");
        // A use is no change that makes the tag stale.
        disable.if_match(&tag).send().await.ok();
    });
}
