//! Clients of demo data: they meet the demo's data and no other, and nobody else meets it.

use crate::support::dump::dump;
use crate::support::{Answer, NO_LIMITS, World, both, kinds};
use serde_json::{Value, json};
use std::future::Future;

const FORM: &str = "application/x-www-form-urlencoded";
const SCOPES: [&str; 3] = ["seekers.read", "seekers.write", "seasons.read"];

/// A service with demo data beside its own.
fn beside<F, Fut>(body: F)
where
    F: Fn(World, World) -> Fut,
    Fut: Future<Output = ()>,
{
    for kind in kinds() {
        actix_web::rt::System::new().block_on(async {
            let demo = World::new(kind, NO_LIMITS).await;
            let real = World::beside(kind, &demo).await;
            body(real, demo).await;
        });
    }
}

async fn client(w: &World, sandbox: bool) -> Answer {
    let body = json!({ "name": "Sistem Percobaan", "scopes": SCOPES, "sandbox": sandbox });
    w.post("/v1/clients").by("lead").once().json(body).send().await
}

async fn asked(w: &World, made: &Answer) -> Answer {
    let (id, secret) = (&made.body["client"]["id"], &made.body["client_secret"]);
    let (id, secret) = (id.as_str().unwrap(), secret.as_str().unwrap());
    let text = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    w.post("/v1/auth/token").bytes(FORM, text.into_bytes()).send().await
}

async fn token(w: &World, made: &Answer) -> String {
    asked(w, made).await.ok().body["access_token"].as_str().unwrap().to_owned()
}

async fn people(w: &World, token: &str) -> Vec<Value> {
    let list = w.get("/v1/job-seekers").bearer(token).send().await.ok();
    let people = list.body["data"].as_array().unwrap();
    people.iter().map(|person| person["id"].clone()).collect()
}

#[test]
fn a_sandbox_client_is_answered_from_demo_data_and_writes_nothing_else() {
    beside(|real, demo| async move {
        let mine = real.seeker(1).await;
        let theirs = demo.seeker(2).await;
        let made = client(&real, true).await.ok();
        assert_eq!(made.body["client"]["sandbox"], true);
        let sandbox = token(&real, &made).await;
        let before = dump(&real.store, real.kind);

        assert_eq!(people(&real, &sandbox).await, [theirs["id"].clone()]);
        let person = |id: &Value| format!("/v1/job-seekers/{}", id.as_str().unwrap());
        let read = |id: &Value| real.get(&person(id)).bearer(&sandbox).send();
        read(&mine["id"]).await.refused(404, "not_found");
        let read = read(&theirs["id"]).await.ok();
        assert_eq!(read.header("x-musiman-demo"), "fictional data and rules");
        let new = real.post("/v1/job-seekers").bearer(&sandbox).once().json(real.siti(3));
        let new = new.send().await.ok();
        let change = real.patch(&person(&mine["id"])).bearer(&sandbox).if_match("*");
        change.merge(&json!({ "name": "Lain" })).send().await.refused(404, "not_found");
        // The NIK of a real person is as free there as any other.
        let same = real.post("/v1/job-seekers").bearer(&sandbox).once().json(real.siti(1));
        assert_eq!(same.send().await.status, 201);
        let open = real.get("/v1/seasons").bearer(&sandbox).send().await.ok();
        assert!(!open.header("x-musiman-demo").is_empty(), "open operations too");

        let late = dump(&real.store, real.kind);
        assert_eq!(before, late, "real data changed");
        let at = demo.get(&person(&new.body["id"])).by("office").send().await.ok();
        assert_eq!(at.id(), new.id());
    });
}

#[test]
fn a_real_client_never_meets_demo_data() {
    beside(|real, demo| async move {
        let mine = real.seeker(1).await;
        demo.seeker(2).await;
        let made = client(&real, false).await.ok();
        assert_eq!(made.body["client"]["sandbox"], false);
        let given = token(&real, &made).await;
        let before = dump(&demo.store, demo.kind);
        assert_eq!(people(&real, &given).await, [mine["id"].clone()]);
        let read = real.get("/v1/job-seekers").bearer(&given).send().await.ok();
        assert!(read.header("x-musiman-demo").is_empty());
        let new = real.post("/v1/job-seekers").bearer(&given).once().json(real.siti(3));
        new.send().await.ok();
        assert_eq!(before, dump(&demo.store, demo.kind), "demo data changed");
        // Tokens of either are signed by keys that the other does not know.
        let lead = demo.token("lead");
        real.get("/v1/me").bearer(&lead).send().await.refused(401, "token_invalid");
        let sandbox = token(&real, &client(&real, true).await.ok()).await;
        for token in [&given, &sandbox, &real.token("lead")] {
            demo.get("/v1/me").bearer(token).send().await.refused(401, "token_invalid");
        }
    });
}

#[test]
fn a_sandbox_client_that_was_disabled_opens_nothing_more() {
    beside(|real, demo| async move {
        demo.seeker(2).await;
        let made = client(&real, true).await.ok();
        let given = token(&real, &made).await;
        assert_eq!(people(&real, &given).await.len(), 1);
        let path = format!("/v1/clients/{}", made.body["client"]["id"].as_str().unwrap());
        real.post(&format!("{path}/disabling")).by("lead").if_match("*").send().await.ok();
        assert_eq!(asked(&real, &made).await.body["error"], "invalid_client");
        real.app.tokens.look_again(&real.store).unwrap();
        let told = real.get("/v1/job-seekers").bearer(&given).send().await;
        told.refused(401, "token_invalid");
    });
}

#[test]
fn without_demo_data_no_sandbox_client_is_let_in() {
    both(|w| async move {
        let told = client(&w, true).await;
        told.refused(422, "fields_invalid");
        assert_eq!(told.reasons(), [("/sandbox".to_owned(), "sandbox_off".to_owned())]);
        let client = w.clock.new_id();
        let (jti, now) = (w.clock.new_id(), w.clock.now());
        let token = w.app.tokens.sign_sandbox(client, "seekers.read", jti, now).unwrap();
        w.get("/v1/job-seekers").bearer(&token).send().await.refused(401, "token_invalid");
    });
}
