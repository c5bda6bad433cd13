//! Keys that sign tokens: published before they sign, good until their last token has ended, and
//! gone at once when somebody must take one out. Two applications stand for two processes.

use crate::support::{NO_LIMITS, World, both, rules, seal};
use actix_web::web;
use chrono::TimeDelta;
use musiman::acts::rotate_signing;
use musiman::api::App;
use musiman::api::token::{Claims, Holder, LIFE};
use musiman::db::{Fault, Store, journal};
use musiman::domain::roles::Role;
use serde_json::Value;
use std::sync::Arc;

const SETTLE: i64 = 900;

/// Another process on the same database.
fn another(w: &World) -> web::Data<App> {
    let store = Arc::new(Store::open(&w.url, 4, w.clock.clone(), seal()).unwrap());
    web::Data::new(App::new(store, NO_LIMITS, rules(), false).unwrap())
}

fn look(app: &App) {
    app.tokens.look_again(&app.store).unwrap();
}

fn sign(w: &World, app: &App) -> String {
    let holder = Holder {
        account: w.clock.new_id(),
        role: Role::Office,
        organisation: None,
        job_seeker: None,
        session: None,
        proved_at: w.clock.now(),
    };
    app.tokens.sign(holder, w.clock.new_id(), w.clock.now()).unwrap()
}

fn kid(token: &str) -> String {
    let header = jsonwebtoken::decode_header(token).unwrap();
    header.kid.unwrap()
}

fn takes(w: &World, app: &App, token: &str) -> Option<Arc<Claims>> {
    app.tokens.check(token, w.clock.now())
}

async fn published(w: &World) -> Vec<String> {
    let set = w.get("/.well-known/jwks.json").send().await.ok();
    let keys = set.body["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn events(w: &World) -> Vec<(String, String)> {
    let filter = journal::Filter::default();
    let lines = w.store.read::<_, Fault>(|conn, _| journal::page(conn, &filter, None, 100));
    let lines = lines.unwrap().into_iter().filter(|line| line.subject_kind == "signing_key");
    lines.map(|line| (line.subject.0.to_string(), line.event)).collect()
}

#[test]
fn a_new_key_is_published_before_it_signs_and_the_old_one_until_its_last_token_ended() {
    both(|w| async move {
        let other = another(&w);
        let old = kid(&sign(&w, &w.app));
        assert_eq!(published(&w).await, [old.as_str()]);
        let turned = rotate_signing::turn_over(&other.store, SETTLE).unwrap();
        assert!(turned.is_new && turned.kid != old);
        assert_eq!(turned.signs_from, w.clock.now().plus_seconds(SETTLE));
        look(&w.app);
        look(&other);
        assert_eq!(published(&w).await, [old.clone(), turned.kid.clone()], "both, before it signs");
        // A second turnover meanwhile, such as by another worker, makes no third key.
        let again = rotate_signing::turn_over(&w.store, SETTLE).unwrap();
        assert_eq!((again.is_new, &again.kid), (false, &turned.kid));

        w.clock.advance(TimeDelta::seconds(SETTLE - 1));
        let last = sign(&w, &other);
        assert_eq!(kid(&last), old);
        w.clock.advance(TimeDelta::seconds(1));
        for app in [&w.app, &other] {
            assert_eq!(kid(&sign(&w, app)), turned.kid, "its hour came without another look");
            assert!(takes(&w, app, &last).is_some());
        }
        let fresh = sign(&w, &w.app);
        w.clock.advance(TimeDelta::seconds(LIFE - 2));
        assert!(takes(&w, &other, &last).is_some() && takes(&w, &other, &fresh).is_some());
        assert_eq!(published(&w).await.len(), 2);
        w.clock.advance(TimeDelta::seconds(120));
        assert_eq!(published(&w).await, [turned.kid.as_str()], "gone by the clock");
        rotate_signing::keep(&w.store, &rules()).unwrap();
        look(&w.app);
        assert_eq!(rotate_signing::list(&w.store).unwrap().len(), 1);
        let told = |kid: &str, event: &str| (kid.to_owned(), event.to_owned());
        let expected = [told(&old, "retire"), told(&turned.kid, "make"), told(&old, "make")];
        assert_eq!(events(&w), expected);
    });
}

#[test]
fn a_key_that_is_taken_out_takes_every_token_with_it_in_every_process() {
    both(|w| async move {
        let other = another(&w);
        let token = w.token("lead");
        // Both processes remember the signature.
        assert!(takes(&w, &w.app, &token).is_some() && takes(&w, &other, &token).is_some());
        let bad = kid(&token);
        let signs = rotate_signing::remove(&w.store, &bad).unwrap();
        assert_ne!(signs, bad);
        look(&w.app);
        look(&other);
        w.get("/v1/me").bearer(&token).send().await.refused(401, "token_invalid");
        assert!(takes(&w, &other, &token).is_none());
        assert_eq!(published(&w).await, [signs.as_str()]);
        let fresh = w.token("lead");
        assert_eq!(kid(&fresh), signs);
        w.get("/v1/me").bearer(&fresh).send().await.ok();
        assert!(takes(&w, &other, &fresh).is_some());
        assert!(matches!(rotate_signing::remove(&w.store, &bad), Err(Fault::NotFound)), "a repeat");
        assert!(events(&w).contains(&(bad, "remove".to_owned())));
    });
}

#[test]
fn a_key_taken_out_in_the_middle_of_a_turnover_leaves_one_that_signs() {
    both(|w| async move {
        let old = kid(&sign(&w, &w.app));
        let next = rotate_signing::turn_over(&w.store, SETTLE).unwrap().kid;
        // The next one leaks before it signed: the old one goes on, without an end.
        assert_eq!(rotate_signing::remove(&w.store, &next).unwrap(), old);
        let keys = rotate_signing::list(&w.store).unwrap();
        assert_eq!((keys.len(), &keys[0].kid, keys[0].retired_at), (1, &old, None));
        // The old one leaks while the next one waits: that one signs at once.
        let next = rotate_signing::turn_over(&w.store, SETTLE).unwrap().kid;
        assert_eq!(rotate_signing::remove(&w.store, &old).unwrap(), next);
        look(&w.app);
        assert_eq!(kid(&sign(&w, &w.app)), next);
        assert_eq!(published(&w).await, [next]);
    });
}

#[test]
fn keys_turn_over_by_themselves_when_they_have_had_their_days() {
    both(|w| async move {
        let w = &w;
        rotate_signing::keep(&w.store, &rules()).unwrap();
        assert_eq!(rotate_signing::list(&w.store).unwrap().len(), 1, "not before");
        w.clock.advance(TimeDelta::days(90));
        rotate_signing::keep(&w.store, &rules()).unwrap();
        rotate_signing::keep(&w.store, &rules()).unwrap();
        let keys = rotate_signing::list(&w.store).unwrap();
        assert_eq!(keys.len(), 2);
        assert!(keys[0].retired_at.is_some() && keys[1].signs_from > w.clock.now());
    });
}

#[test]
fn the_key_set_may_be_kept_for_a_while_and_has_a_tag() {
    both(|w| async move {
        let set = || w.get("/.well-known/jwks.json");
        let first = set().send().await.ok();
        assert_eq!(first.header("cache-control"), "public, max-age=300");
        let same = set().header("if-none-match", first.etag()).send().await;
        assert_eq!((same.status, same.bytes.len(), same.etag()), (304, 0, first.etag()));
        assert_eq!(same.header("cache-control"), "public, max-age=300");
        rotate_signing::turn_over(&w.store, SETTLE).unwrap();
        look(&w.app);
        let other = set().header("if-none-match", first.etag()).send().await.ok();
        assert_eq!((other.status, other.body["keys"].as_array().map(Vec::len)), (200, Some(2)));
        assert!(other.body["keys"].as_array().unwrap().iter().all(|key| key.get("d").is_none()));
        assert_ne!(other.body["keys"], Value::Null);
    });
}
