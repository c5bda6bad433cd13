//! Pauses between log-ins that fail, and who does not feel them.

use crate::support::{Answer, World, both};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

const PASSWORD: &str = "kata sandi panjang";
const OTHER: &str = "198.51.100.9";

impl World {
    async fn known_officer(&self) {
        let body = json!({ "login": "baru", "name": "Petugas Contoh", "role": "office", "password": PASSWORD });
        self.post("/v1/accounts").by("lead").once().json(body).send().await.ok();
    }

    async fn guess(&self, login: &str) -> Answer {
        self.enter(json!({ "login": login, "password": "kata sandi keliru" })).await
    }

    async fn enter(&self, body: Value) -> Answer {
        self.post("/v1/auth/login").json(body).send().await
    }
}

fn good() -> Value {
    json!({ "login": "baru", "password": PASSWORD })
}

#[test]
fn who_fails_too_often_waits_and_then_longer() {
    both(|w| async move {
        w.known_officer().await;
        for login in ["baru", "nihil"] {
            for _ in 0..5 {
                w.guess(login).await.refused(401, "login_refused");
            }
            let told = w.guess(login).await;
            told.refused(429, "log_in_paused");
            assert_eq!(told.header("retry-after"), "6");
        }
        w.enter(good()).await.refused(429, "log_in_paused");
        w.clock.advance(TimeDelta::seconds(5));
        w.guess("baru").await.refused(401, "login_refused");
        w.clock.advance(TimeDelta::seconds(6));
        w.enter(good()).await.refused(429, "log_in_paused");
        w.clock.advance(TimeDelta::seconds(5));
        w.enter(good()).await.ok();
        w.guess("baru").await.refused(401, "login_refused");
        w.enter(good()).await.ok();
    });
}

#[test]
fn strangers_lock_nobody_out() {
    both(|w| async move {
        w.known_officer().await;
        let device = w.enter(good()).await.ok().body["device"].clone();
        for _ in 0..6 {
            w.guess("baru").await;
        }
        w.enter(good()).await.refused(429, "log_in_paused");
        let elsewhere = w.post("/v1/auth/login").from(OTHER).json(good());
        elsewhere.send().await.ok();
        let body =
            |device: &Value| json!({ "login": "baru", "password": PASSWORD, "device": device });
        w.enter(body(&device)).await.ok();
        let bent = json!(device.as_str().unwrap().replace('A', "B"));
        w.enter(body(&bent)).await.refused(429, "log_in_paused");
    });
}

#[test]
fn a_device_that_is_stolen_has_its_own_pauses() {
    both(|w| async move {
        w.known_officer().await;
        let device = w.enter(good()).await.ok().body["device"].clone();
        let guess = || {
            w.enter(json!({ "login": "baru", "password": "kata sandi keliru", "device": device }))
        };
        for _ in 0..5 {
            guess().await.refused(401, "login_refused");
        }
        guess().await.refused(429, "log_in_paused");
        w.enter(good()).await.ok();
    });
}

#[test]
fn guesses_side_by_side_are_counted_one_by_one() {
    both(|w| async move {
        w.known_officer().await;
        let told = join_all((0..12).map(|_| w.guess("baru"))).await;
        let judged = told.iter().filter(|answer| answer.status == 401).count();
        assert_eq!(judged, 5);
        assert!(told.iter().all(|answer| [401, 429].contains(&answer.status)));
    });
}

#[test]
fn wrong_ones_are_forgotten_after_a_day() {
    both(|w| async move {
        w.known_officer().await;
        for _ in 0..5 {
            w.guess("baru").await;
        }
        w.clock.advance(TimeDelta::hours(24));
        for _ in 0..5 {
            w.guess("baru").await.refused(401, "login_refused");
        }
    });
}

#[test]
fn guesses_at_a_code_are_counted_wherever_they_come_from() {
    both(|w| async move {
        w.known_officer().await;
        let offer = w.post("/v1/auth/second-factor").json(good()).send().await.ok();
        let secret = offer.body["secret"].as_str().unwrap();
        let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
        let app = totp_rs::Builder::new().with_secret(secret).build().unwrap();
        let shown = || app.generate(w.clock.now().utc().timestamp().unsigned_abs()).to_string();
        let mut body = good();
        body["new_code"] = json!(shown());
        let confirmed = w.post("/v1/auth/second-factor/confirmation").json(body).send().await.ok();
        w.clock.advance(TimeDelta::seconds(60));
        let with_code = |code: &str, more: Value| {
            let mut body = json!({ "login": "baru", "password": PASSWORD, "code": code });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        for place in 1..=5 {
            let from = w.post("/v1/auth/login").from(&format!("198.51.100.{place}"));
            let told = from.json(with_code("x", json!({}))).send().await;
            told.refused(401, "second_factor_wrong");
        }
        w.enter(with_code(&shown(), json!({}))).await.refused(429, "log_in_paused");
        let device = json!({ "device": confirmed.body["device"] });
        w.enter(with_code(&shown(), device)).await.ok();
    });
}
