//! Keys that sign tokens as the office turns them over, beside two services on one PostgreSQL that
//! are killed and begun again, and beside one on SQLite.

use crate::cluster::{Kind, fresh};
use crate::{Service, kinds, make_lead, musiman, run, url_of};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use musiman::clock::Clock;
use serde_json::Value;
use std::path::Path;

fn command(folder: &Path, url: &str, arguments: &[&str]) -> (i32, String, String) {
    run(musiman(folder, url).arg("keys").args(arguments))
}

fn kid(token: &str) -> String {
    let head = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let head: Value = serde_json::from_slice(&head).unwrap();
    head["kid"].as_str().unwrap().to_owned()
}

fn published(service: &Service) -> Vec<String> {
    let (_, set) = service.send("GET /.well-known/jwks.json HTTP/1.1", &Value::Null).unwrap();
    let keys = set["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn me(service: &Service, token: &str) -> u16 {
    let head = format!("GET /v1/me HTTP/1.1\r\nAuthorization: Bearer {token}");
    service.send(&head, &Value::Null).unwrap().0
}

/// Waits for what the watch of a service brings within seconds.
fn soon(what: &str, holds: impl Fn() -> bool) {
    let begun = Clock::stopwatch();
    while !holds() {
        assert!(begun.elapsed().as_secs() < 20, "it never came: {what}");
    }
}

/// Asks often, and is not held up for it.
fn begin(folder: &Path, url: &str) -> Service {
    let often = [
        "--requests-per-minute-of-an-address=1000000",
        "--log-ins-per-minute-of-an-address=1000000",
    ];
    Service::start_with(folder, url, &often)
}

#[test]
fn a_key_for_tokens_turns_over_beside_services_that_are_killed_and_begun_again() {
    for kind in kinds() {
        let (url, folder) = fresh(kind);
        let (url, folder) = (url_of(&url), folder.path());
        make_lead(folder, &url);
        // SQLite is for one service at a time.
        let many = if kind == Kind::Postgres { 2 } else { 1 };
        let mut services: Vec<Service> = (0..many).map(|_| begin(folder, &url)).collect();
        let token = services[0].log_in();
        let old = kid(&token);
        let (status, out, err) = command(folder, &url, &["sign-rotate", "--settle", "8"]);
        assert_eq!(status, 0, "{err}");
        let new = out.split(' ').nth(1).unwrap().to_owned();
        for service in &services {
            soon("both are published", || published(service) == [old.clone(), new.clone()]);
        }
        // Before the hour of the new key a service is killed: the plan stands in the database.
        drop(services.remove(0));
        services.push(begin(folder, &url));
        let (_, out, err) = command(folder, &url, &["sign-rotate", "--settle", "0"]);
        assert!(out.contains(&new) && err.contains("waits for its hour"), "{out}{err}");
        for service in &services {
            soon("the new key signs", || kid(&service.log_in()) == new);
        }
        let fresh = services[0].log_in();
        for service in &services {
            assert_eq!(me(service, &fresh), 200);
            assert_eq!(me(service, &token), 200, "an old token is good until its end");
        }
        let (_, out, _) = command(folder, &url, &["sign-list"]);
        let lines: Vec<&str> = out.lines().collect();
        assert!(lines[0].starts_with(&old) && lines[0].contains(" until "), "{out}");
        assert!(lines[1].starts_with(&new) && lines[1].ends_with(" signs"), "{out}");

        let (status, out, err) = command(folder, &url, &["sign-remove", &new]);
        assert!(status == 0 && out.contains(&format!("key {old} signs")), "{out}{err}");
        for service in &services {
            soon("its tokens are refused", || me(service, &fresh) == 401);
            soon("it is published no more", || published(service) == [old.as_str()]);
            assert_eq!(me(service, &token), 200);
        }
        assert_eq!(command(folder, &url, &["sign-remove", &new]).0, 2);
        assert_eq!(command(folder, &url, &["sign-remove", "no-id"]).0, 2);
    }
}
