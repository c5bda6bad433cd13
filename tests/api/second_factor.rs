//! The second factor of log-ins: set up, shown, lost and replaced.

use crate::support::{Answer, NO_LIMITS, World, kinds};
use chrono::TimeDelta;
use futures_util::future::join_all;
use musiman::api::Edge;
use musiman::config::SecondFactor;
use musiman::domain::ids::SeekerId;
use musiman::domain::roles::Role;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::future::Future;
use totp_rs::{Builder, Secret};

const PASSWORD: &str = "kata sandi panjang";

/// Staff get in with a second factor only.
fn strict<F, Fut>(body: F)
where
    F: Fn(World) -> Fut,
    Fut: Future<Output = ()>,
{
    for kind in kinds() {
        actix_web::rt::System::new().block_on(async {
            let edge = Edge { second_factor: SecondFactor::Staff, ..NO_LIMITS.into() };
            body(World::new(kind, edge).await).await;
        });
    }
}

/// What an app shows for the secret at this moment, and a later one by so many steps.
fn shown(w: &World, secret: &Value, steps: i64) -> String {
    let secret = Secret::try_from_base32(secret.as_str().unwrap()).unwrap();
    let app = Builder::new().with_secret(secret).build().unwrap();
    let at = w.clock.now().utc().timestamp() + 30 * steps;
    app.generate(at.unsigned_abs()).to_string()
}

/// The same body with more members.
fn with(mut body: Value, more: &Value) -> Value {
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    body
}

impl World {
    async fn officer(&self, login: &str, role: &str) -> Answer {
        let body =
            json!({ "login": login, "name": "Petugas Contoh", "role": role, "password": PASSWORD });
        self.post("/v1/accounts").by("lead").once().json(body).send().await.ok()
    }

    async fn entry(&self, path: &str, login: &str, more: Value) -> Answer {
        let body = with(json!({ "login": login, "password": PASSWORD }), &more);
        self.post(&format!("/v1/auth/{path}")).json(body).send().await
    }

    /// Sets a second factor up; the secret, and the answer.
    async fn set_up(&self, login: &str, more: Value) -> (Value, Answer) {
        let offer = self.entry("second-factor", login, more.clone()).await.ok();
        assert_eq!(offer.header("cache-control"), "no-store");
        let secret = offer.body["secret"].clone();
        // The code of the next step still counts, and a later one follows it.
        let more = with(more, &json!({ "new_code": shown(self, &secret, 0) }));
        let done = self.entry("second-factor/confirmation", login, more).await.ok();
        (secret, done)
    }

    async fn factor(&self, session: &Answer) -> Answer {
        let token = session.body["access_token"].as_str().unwrap();
        self.get("/v1/me/second-factor").bearer(token).send().await
    }

    async fn turned(&self, session: &Answer) -> Answer {
        let body = json!({ "refresh_token": session.body["refresh_token"] });
        self.post("/v1/auth/refresh").json(body).send().await
    }

    /// Somebody of the register with an account and the common password; the login.
    async fn activated(&self, number: u32) -> String {
        let id = self.seeker(number).await["id"].as_str().unwrap().to_owned();
        self.activate(&id).await.ok();
        self.siti(number)["nik"].as_str().unwrap().to_owned()
    }

    async fn activate(&self, id: &str) -> Answer {
        let slip = self.post(&format!("/v1/job-seekers/{id}/activation-code")).by("office").once();
        let code = slip.send().await.ok().body["code"].clone();
        let body = json!({ "code": code, "born_on": "1996-03-07", "password": PASSWORD });
        self.post("/v1/auth/activation").json(body).send().await
    }
}

#[test]
fn staff_get_in_with_a_second_factor_only() {
    strict(|w| async move {
        w.officer("baru", "office").await;
        w.entry("login", "baru", json!({})).await.refused(401, "second_factor_unset");
        w.entry("login", "baru", json!({ "code": "123456" }))
            .await
            .refused(401, "second_factor_unset");
        let offer = w.entry("second-factor", "baru", json!({})).await.ok();
        let uri = offer.body["uri"].as_str().unwrap();
        assert!(uri.starts_with("otpauth://totp/musiman:baru?secret="), "{uri}");
        let wrong = w.entry("second-factor/confirmation", "baru", json!({ "new_code": "x" })).await;
        assert_eq!(
            wrong.refused(422, "fields_invalid").reasons(),
            [("/new_code".to_owned(), "second_factor_wrong".to_owned())]
        );
        let (secret, done) = w.set_up("baru", json!({})).await;
        assert_ne!(secret, offer.body["secret"], "an offer that was left counts no more");
        assert_eq!(done.body["recovery_codes"].as_array().unwrap().len(), 10);
        let factor = w.factor(&done).await.ok();
        assert_eq!(factor.body["required"], true);
        assert_eq!(factor.body["recovery_codes_left"], 10);
        assert!(factor.body["confirmed_at"].is_string());

        w.entry("login", "baru", json!({})).await.refused(401, "second_factor_needed");
        let used = json!({ "code": shown(&w, &secret, 0) });
        w.entry("login", "baru", used).await.refused(401, "second_factor_wrong");
        let next = json!({ "code": shown(&w, &secret, 1) });
        w.entry("login", "baru", next.clone()).await.ok();
        w.entry("login", "baru", next).await.refused(401, "second_factor_wrong");
        w.clock.advance(TimeDelta::seconds(90));
        let late = json!({ "code": shown(&w, &secret, -2) });
        w.entry("login", "baru", late).await.refused(401, "second_factor_wrong");
        let spaced = shown(&w, &secret, 0);
        w.entry("login", "baru", json!({ "code": format!(" {spaced} ") })).await.ok();
    });
}

#[test]
fn an_offer_lapses() {
    strict(|w| async move {
        w.officer("baru", "kadin").await;
        let offer = w.entry("second-factor", "baru", json!({})).await.ok();
        w.clock.advance(TimeDelta::minutes(15));
        let code = json!({ "new_code": shown(&w, &offer.body["secret"], 0) });
        let late = w.entry("second-factor/confirmation", "baru", code).await;
        late.refused(422, "fields_invalid");
        w.entry("login", "baru", json!({})).await.refused(401, "second_factor_unset");
    });
}

#[test]
fn a_code_lets_one_of_many_in() {
    strict(|w| async move {
        w.officer("baru", "office").await;
        let (secret, done) = w.set_up("baru", json!({})).await;
        for code in [json!(shown(&w, &secret, 1)), done.body["recovery_codes"][3].clone()] {
            let tries = (0..5).map(|_| w.entry("login", "baru", json!({ "code": code })));
            let mut told: Vec<u16> = join_all(tries).await.iter().map(|a| a.status).collect();
            told.sort_unstable();
            assert_eq!(told, [200, 401, 401, 401, 401]);
            w.clock.advance(TimeDelta::hours(25));
        }
        let last = json!({ "code": done.body["recovery_codes"][4] });
        let session = w.entry("login", "baru", last).await.ok();
        assert_eq!(w.factor(&session).await.body["recovery_codes_left"], 8);
    });
}

#[test]
fn recovery_codes_are_read_kindly_and_belong_to_one_account() {
    strict(|w| async move {
        w.officer("satu", "office").await;
        w.officer("dua", "office").await;
        let (_, first) = w.set_up("satu", json!({})).await;
        w.set_up("dua", json!({})).await;
        let code = first.body["recovery_codes"][0].as_str().unwrap().to_lowercase();
        let code = json!({ "code": code.replace('-', " ") });
        w.entry("login", "dua", code.clone()).await.refused(401, "second_factor_wrong");
        w.entry("login", "satu", code).await.ok();
        let codes: BTreeSet<&str> = first.body["recovery_codes"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(codes.len(), 10);
    });
}

#[test]
fn a_new_phone_takes_the_place_of_the_old_one_when_it_shows_its_code() {
    strict(|w| async move {
        w.officer("baru", "office").await;
        let (old, first) = w.set_up("baru", json!({})).await;
        w.entry("second-factor", "baru", json!({})).await.refused(401, "second_factor_needed");
        let offered =
            w.entry("second-factor", "baru", json!({ "code": shown(&w, &old, 1) })).await.ok();
        w.clock.advance(TimeDelta::seconds(60));
        let both = json!({
            "code": shown(&w, &old, 0), "new_code": shown(&w, &offered.body["secret"], 0)
        });
        let second = w.entry("second-factor/confirmation", "baru", both).await.ok();
        w.turned(&first).await.refused(401, "token_invalid");
        w.turned(&second).await.ok();
        let of_old = [json!(shown(&w, &old, 1)), first.body["recovery_codes"][0].clone()];
        for code in of_old {
            let told = w.entry("login", "baru", json!({ "code": code })).await;
            told.refused(401, "second_factor_wrong");
        }
        let new = json!({ "code": shown(&w, &offered.body["secret"], 1) });
        w.entry("login", "baru", new).await.ok();
    });
}

#[test]
fn who_lost_everything_begins_anew_after_a_lead_officer_saw_them() {
    strict(|w| async move {
        let account = w.officer("baru", "office").await;
        let path = format!("/v1/accounts/{}/second-factor", account.id());
        let (_, session) = w.set_up("baru", json!({})).await;
        w.delete(&path)
            .by("office")
            .if_match(account.etag())
            .send()
            .await
            .refused(403, "role_forbidden");
        w.delete(&path).by("lead").if_match("\"x\"").send().await.refused(412, "version_stale");
        w.delete(&path).by("lead").send().await.refused(428, "if_match_missing");
        w.delete(&path).by("lead").if_match(account.etag()).send().await.ok();
        w.delete(&path).by("lead").if_match(account.etag()).send().await.ok();
        w.turned(&session).await.refused(401, "token_invalid");
        w.entry("login", "baru", json!({})).await.refused(401, "second_factor_unset");
        w.set_up("baru", json!({})).await;
        let lines = w.get("/v1/journal?limit=100").by("lead").send().await.ok();
        let events = lines.body["data"].as_array().unwrap();
        let told = |event: &str| events.iter().filter(|line| line["event"] == event).count();
        assert_eq!((told("set_second_factor"), told("remove_second_factor")), (2, 1));
    });
}

#[test]
fn a_job_seeker_may_have_one_and_loses_it_at_the_desk() {
    strict(|w| async move {
        let nik = w.activated(1).await;
        let plain = w.entry("login", &nik, json!({})).await.ok();
        assert_eq!(w.factor(&plain).await.ok().body["required"], false);
        let offer = w.entry("second-factor", &nik, json!({})).await.ok();
        assert!(!offer.body["uri"].as_str().unwrap().contains(&nik), "{}", offer.body);
        let (secret, _) = w.set_up(&nik, json!({})).await;
        w.entry("login", &nik, json!({})).await.refused(401, "second_factor_needed");
        w.entry("second-factor/removal", &nik, json!({}))
            .await
            .refused(401, "second_factor_needed");
        let code = json!({ "code": shown(&w, &secret, 1) });
        assert_eq!(w.entry("second-factor/removal", &nik, code).await.status, 204);
        let plain = w.entry("login", &nik, json!({})).await.ok();
        let id = w.get("/v1/me").bearer(plain.body["access_token"].as_str().unwrap()).send().await;
        let id: SeekerId = id.body["job_seeker_id"].as_str().unwrap().parse().unwrap();

        w.clock.advance(TimeDelta::seconds(60));
        w.set_up(&nik, json!({})).await;
        w.entry("login", &nik, json!({})).await.refused(401, "second_factor_needed");
        w.activate(&id.to_string()).await.ok();
        w.entry("login", &nik, json!({})).await.ok();
    });
}

#[test]
fn staff_cannot_go_without_while_it_is_asked_for() {
    strict(|w| async move {
        w.officer("baru", "lead").await;
        let (secret, done) = w.set_up("baru", json!({})).await;
        let code = json!({ "code": shown(&w, &secret, 1) });
        let told = w.entry("second-factor/removal", "baru", code).await;
        told.refused(422, "second_factor_required");
        w.factor(&done).await.ok();
    });
    crate::support::both(|w| async move {
        w.account("lama", Role::Office, None, None);
        w.officer("baru", "office").await;
        let session = w.entry("login", "baru", json!({})).await.ok();
        assert_eq!(w.factor(&session).await.ok().body["required"], false);
        let (_, with_factor) = w.set_up("baru", json!({})).await;
        w.turned(&with_factor).await.ok();
    });
}
