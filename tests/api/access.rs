//! Who gets in, and how.

use crate::support::both;
use musiman::db::{Actor, Fault, accounts};
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
