//! Codes with which staff choose a password, and log-ins that must be fresh.

use crate::support::{Answer, World, both};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

const PASSWORD: &str = "kata sandi panjang";
const OTHER: &str = "kata sandi yang lain";
/// SHA-1 of the first.
const KNOWN_HASH: &str = "296EA29C191D33E7725A9C7CB4751C84F3E55424";

impl World {
    /// An officer without a password.
    async fn bare_officer(&self) -> Answer {
        let body = json!({ "login": "baru", "name": "Petugas Contoh", "role": "office" });
        self.post("/v1/accounts").by("lead").once().json(body).send().await.ok()
    }

    async fn code_for(&self, account: &Answer) -> Answer {
        let path = format!("/v1/accounts/{}/password-code", account.id());
        self.post(&path).by("lead").once().send().await
    }

    async fn choose(&self, code: &Value, password: &str) -> Answer {
        let body = json!({ "login": "baru", "code": code, "password": password });
        self.post("/v1/auth/password-reset").json(body).send().await
    }

    async fn entered(&self, password: &str) -> Answer {
        let body = json!({ "login": "baru", "password": password });
        self.post("/v1/auth/login").json(body).send().await
    }
}

#[test]
fn staff_choose_their_passwords_and_nobody_else_knows_them() {
    both(|w| async move {
        let account = w.bare_officer().await;
        w.entered(PASSWORD).await.refused(401, "login_refused");
        let slip = w.code_for(&account).await.ok();
        assert_eq!(slip.header("cache-control"), "no-store");
        let code = slip.body["code"].clone();
        w.choose(&code, "pendek").await.refused(422, "fields_invalid");
        w.choose(&json!("00000-00000-00000-00000-00000"), PASSWORD)
            .await
            .refused(401, "login_refused");
        let typed = json!(code.as_str().unwrap().to_lowercase().replace('-', " "));
        assert_eq!(w.choose(&typed, PASSWORD).await.status, 204);
        let session = w.entered(PASSWORD).await.ok();
        w.choose(&code, OTHER).await.refused(401, "login_refused");

        let next = w.code_for(&account).await.ok().body["code"].clone();
        assert_eq!(w.choose(&next, OTHER).await.status, 204);
        w.entered(PASSWORD).await.refused(401, "login_refused");
        w.entered(OTHER).await.ok();
        let body = json!({ "refresh_token": session.body["refresh_token"] });
        let turned = w.post("/v1/auth/refresh").json(body).send().await;
        turned.refused(401, "token_invalid");
    });
}

#[test]
fn a_code_lapses_serves_one_of_many_and_only_the_last_one_serves() {
    both(|w| async move {
        let account = w.bare_officer().await;
        let first = w.code_for(&account).await.ok().body["code"].clone();
        let second = w.code_for(&account).await.ok().body["code"].clone();
        w.choose(&first, PASSWORD).await.refused(401, "login_refused");
        let told = join_all((0..4).map(|_| w.choose(&second, PASSWORD))).await;
        assert_eq!(told.iter().filter(|answer| answer.status == 204).count(), 1);
        let third = w.code_for(&account).await.ok().body["code"].clone();
        w.clock.advance(TimeDelta::hours(72));
        w.choose(&third, OTHER).await.refused(401, "login_refused");
        w.entered(PASSWORD).await.ok();
    });
}

#[test]
fn codes_are_for_staff_that_may_log_in() {
    both(|w| async move {
        let account = w.bare_officer().await;
        let path = format!("/v1/accounts/{}/password-code", account.id());
        w.post(&path).by("office").once().send().await.refused(403, "role_forbidden");
        let code = w.code_for(&account).await.ok().body["code"].clone();
        let disabled = json!({ "state": "disabled" });
        let change = w.patch(&format!("/v1/accounts/{}", account.id())).by("lead");
        change.if_match(account.etag()).merge(&disabled).send().await.ok();
        w.code_for(&account).await.refused(409, "state_conflict");
        w.choose(&code, PASSWORD).await.refused(401, "login_refused");
    });
}

#[test]
fn guesses_at_a_code_are_slowed() {
    both(|w| async move {
        w.bare_officer().await;
        let spelled = |login: &str| {
            let body = json!({ "login": login, "code": "x", "password": PASSWORD });
            w.post("/v1/auth/password-reset").json(body).send()
        };
        for login in ["baru", "BARU", " baru", "Baru", "bArU "] {
            spelled(login).await.refused(401, "login_refused");
        }
        spelled("baRu").await.refused(429, "log_in_paused");
        w.choose(&json!("x"), PASSWORD).await.refused(429, "log_in_paused");
    });
}

#[test]
fn what_a_stolen_token_must_not_do_asks_for_a_fresh_log_in() {
    both(|w| async move {
        let body = json!({ "login": "baru", "name": "Petugas Contoh", "role": "lead", "password": PASSWORD });
        let account = w.post("/v1/accounts").by("lead").once().json(body).send().await.ok();
        let (first, second) = (w.entered(PASSWORD).await.ok(), w.entered(PASSWORD).await.ok());
        w.clock.advance(TimeDelta::seconds(901));
        let body = json!({ "refresh_token": first.body["refresh_token"] });
        let turned = w.post("/v1/auth/refresh").json(body).send().await.ok();
        let stale = turned.body["access_token"].as_str().unwrap();
        let list = w.get("/v1/me/sessions").bearer(stale).send().await.ok();
        let sessions = list.body["data"].as_array().unwrap().clone();
        let other = sessions.iter().find(|session| session["current"] == false).unwrap();
        let end = |token: &str, id: &Value| {
            let path = format!("/v1/me/sessions/{}", id.as_str().unwrap());
            w.delete(&path).bearer(token).if_match("*").send()
        };
        let told = end(stale, &other["id"]).await;
        told.refused(401, "log_in_again");
        let asked = told.header("www-authenticate");
        assert!(
            asked.contains("insufficient_user_authentication") && asked.contains("max_age=900")
        );
        let machine = json!({ "name": "Sistem", "scopes": ["seekers.read"] });
        let post = |path: &str, token: &str| w.post(path).bearer(token).once();
        let made = post("/v1/clients", stale).json(machine.clone()).send().await;
        made.refused(401, "log_in_again");
        let key = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
        let keys = format!("/v1/clients/{}/keys", account.id());
        post(&keys, stale).json(key).send().await.refused(401, "log_in_again");
        let code = format!("/v1/accounts/{}/password-code", account.id());
        post(&code, stale).send().await.refused(401, "log_in_again");
        let mend = w.patch(&format!("/v1/accounts/{}", account.id())).bearer(stale);
        let mend = mend.if_match(account.etag()).merge(&json!({ "role": "office" }));
        mend.send().await.refused(401, "log_in_again");

        let fresh = w.entered(PASSWORD).await.ok();
        let fresh = fresh.body["access_token"].as_str().unwrap();
        post("/v1/clients", fresh).json(machine).send().await.ok();
        drop(second);
        let read = w.get(&format!("/v1/me/sessions/{}", other["id"].as_str().unwrap()));
        let tag = read.bearer(fresh).send().await.ok().etag().to_owned();
        let path = format!("/v1/me/sessions/{}", other["id"].as_str().unwrap());
        w.delete(&path).bearer(fresh).if_match(&tag).send().await.ok();
    });
}

#[test]
fn no_door_takes_a_password_that_is_known_from_a_breach() {
    use musiman::api::Edge;
    use musiman::outside::breached::Breached;
    use std::io::Write as _;
    for kind in crate::support::kinds() {
        actix_web::rt::System::new().block_on(async {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            writeln!(file, "{KNOWN_HASH}:3").unwrap();
            let breached = Some(Breached::open(file.path()).unwrap());
            let w = World::new(kind, Edge { breached, ..crate::support::NO_LIMITS.into() }).await;
            let told = |answer: &Answer, pointer: &str| {
                answer.refused(422, "fields_invalid");
                assert_eq!(answer.reasons(), [(pointer.to_owned(), "password_breached".to_owned())]);
            };
            let body = json!({ "login": "lain", "name": "Petugas Contoh", "role": "office", "password": PASSWORD });
            let made = w.post("/v1/accounts").by("lead").once().json(body).send().await;
            told(&made, "/password");
            let account = w.bare_officer().await;
            let code = w.code_for(&account).await.ok().body["code"].clone();
            told(&w.choose(&code, PASSWORD).await, "/password");
            assert_eq!(w.choose(&code, OTHER).await.status, 204);
            let session = w.entered(OTHER).await.ok();
            let token = session.body["access_token"].as_str().unwrap();
            let body = json!({ "current": OTHER, "new": PASSWORD });
            let changed = w.post("/v1/auth/password").bearer(token).json(body).send().await;
            told(&changed, "/new");
            let id = w.seeker(1).await["id"].as_str().unwrap().to_owned();
            let slip = w.post(&format!("/v1/job-seekers/{id}/activation-code")).by("office").once();
            let code = slip.send().await.ok().body["code"].clone();
            let body = json!({ "code": code, "born_on": "1996-03-07", "password": PASSWORD });
            let activated = w.post("/v1/auth/activation").json(body).send().await;
            told(&activated, "/password");
        });
    }
}
