//! Machines that prove themselves by a key of their own (`private_key_jwt`, RFC 7523).

use crate::support::{Answer, NO_LIMITS, World, both, rules, seal};
use actix_web::{test as call, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use musiman::api::App;
use musiman::db::{Actor, Fault, Store, assertions};
use serde_json::{Value, json};
use std::sync::Arc;

const FORM: &str = "application/x-www-form-urlencoded";
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const AUDIENCE: &str = "http://127.0.0.1:8080/v1/auth/token";

/// A key pair of a machine.
struct Pair {
    alg: Algorithm,
    secret: EncodingKey,
    jwk: Value,
}

fn ed25519(seed: u8) -> Pair {
    let key = SigningKey::from_bytes(&[seed; 32]);
    let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
    let secret = EncodingKey::from_ed_der(key.to_pkcs8_der().unwrap().as_bytes());
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x });
    Pair { alg: Algorithm::EdDSA, secret, jwk }
}

fn p256() -> Pair {
    let key = rcgen::KeyPair::generate().unwrap();
    let point = key.public_key_raw();
    let part = |from, to| URL_SAFE_NO_PAD.encode(&point[from..to]);
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": part(1, 33), "y": part(33, 65) });
    Pair { alg: Algorithm::ES256, secret: EncodingKey::from_ec_der(&key.serialize_der()), jwk }
}

async fn client(w: &World, pair: &Pair) -> String {
    let body = json!({ "name": "Sistem Layanan", "scopes": ["seekers.read"] });
    let made = w.post("/v1/clients").by("lead").once().json(body).send().await.ok();
    let id = made.body["client"]["id"].as_str().unwrap().to_owned();
    add(w, &id, &pair.jwk).await.ok();
    id
}

async fn add(w: &World, id: &str, jwk: &Value) -> Answer {
    w.post(&format!("/v1/clients/{id}/keys")).by("lead").once().json(jwk.clone()).send().await
}

fn claims(w: &World, id: &str) -> Value {
    let now = w.clock.now().utc().timestamp();
    json!({
        "iss": id, "sub": id, "aud": AUDIENCE, "iat": now, "exp": now + 60,
        "jti": w.clock.new_id(),
    })
}

fn signed(pair: &Pair, claims: &Value) -> String {
    jsonwebtoken::encode(&Header::new(pair.alg), claims, &pair.secret).unwrap()
}

async fn ask(w: &World, assertion: &str, more: &str) -> Answer {
    let text = format!(
        "grant_type=client_credentials&client_assertion_type={TYPE}&client_assertion={assertion}{more}"
    );
    w.post("/v1/auth/token").bytes(FORM, text.into_bytes()).send().await
}

#[track_caller]
fn refused(answer: &Answer, what: &str, error: &str) {
    assert_eq!(answer.body["error"], json!(error), "{what}: {}", answer.body);
}

#[test]
fn a_machine_gets_a_token_by_a_key_of_its_own_of_either_kind() {
    both(|w| async move {
        for pair in [ed25519(1), p256()] {
            let id = client(&w, &pair).await;
            let given = ask(&w, &signed(&pair, &claims(&w, &id)), "").await.ok();
            assert_eq!(given.body["scope"], "seekers.read");
            let token = given.body["access_token"].as_str().unwrap();
            w.get("/v1/job-seekers").bearer(token).send().await.ok();
            let named =
                ask(&w, &signed(&pair, &claims(&w, &id)), &format!("&client_id={id}")).await;
            named.ok();
            let shown = w.get(&format!("/v1/clients/{id}")).by("lead").send().await.ok();
            assert_eq!(shown.body["keys"][0]["alg"], json!(pair.alg));
            assert!(shown.body["last_used_at"].is_string());
        }
    });
}

#[test]
fn an_assertion_serves_once_in_all_processes_together() {
    both(|w| async move {
        let pair = ed25519(1);
        let id = client(&w, &pair).await;
        let store = Arc::new(Store::open(&w.url, 4, w.clock.clone(), seal()).unwrap());
        let other = web::Data::new(App::new(store, NO_LIMITS, rules(), false).unwrap());
        let other = call::init_service(musiman::application!(other)).await;
        let again = async |assertion: &str| {
            let text = format!(
                "grant_type=client_credentials&client_assertion_type={TYPE}&client_assertion={assertion}"
            );
            let request = call::TestRequest::post().uri("/v1/auth/token");
            let request = request.insert_header(("content-type", FORM)).set_payload(text);
            call::call_service(&other, request.to_request()).await.status().as_u16()
        };
        let assertion = signed(&pair, &claims(&w, &id));
        ask(&w, &assertion, "").await.ok();
        refused(&ask(&w, &assertion, "").await, "replayed", "invalid_client");
        assert_eq!(again(&assertion).await, 401, "replayed at another process");
        let fresh = signed(&pair, &claims(&w, &id));
        assert_eq!(again(&fresh).await, 200);
        refused(&ask(&w, &fresh, "").await, "replayed from another process", "invalid_client");
        // The same id from another machine is another assertion.
        let second = ed25519(2);
        let its = client(&w, &second).await;
        let mut same = claims(&w, &its);
        same["jti"] = json!("one");
        ask(&w, &signed(&second, &same), "").await.ok();
        let mut mine = claims(&w, &id);
        mine["jti"] = json!("one");
        ask(&w, &signed(&pair, &mine), "").await.ok();
        let race = signed(&pair, &claims(&w, &id));
        let all = futures_util::future::join_all((0..8).map(|_| ask(&w, &race, ""))).await;
        assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 1);
        let forget = || {
            let forget =
                w.store.write::<_, Fault>(Actor::SYSTEM, |tx, _| assertions::forget_expired(tx));
            forget.unwrap()
        };
        assert_eq!(forget(), 0, "while one could come back");
        w.clock.advance(chrono::TimeDelta::minutes(10));
        assert!(forget() >= 5);
        refused(&ask(&w, &assertion, "").await, "long after", "invalid_client");
    });
}

#[test]
fn an_assertion_that_says_anything_else_is_refused() {
    both(|w| async move {
        let pair = ed25519(1);
        let id = client(&w, &pair).await;
        let other = client(&w, &ed25519(2)).await;
        let good = claims(&w, &id);
        ask(&w, &signed(&pair, &good), "").await.ok();
        let now = w.clock.now().utc().timestamp();
        for (name, value) in [
            ("aud", json!("http://127.0.0.1:8080")),
            ("aud", json!("https://elsewhere.example/v1/auth/token")),
            ("aud", json!([AUDIENCE])),
            ("aud", json!([AUDIENCE, "https://elsewhere.example"])),
            ("aud", json!(null)),
            ("exp", json!(now)),
            ("exp", json!(now - 3600)),
            ("exp", json!(now + 3600)),
            ("exp", json!(i64::MAX)),
            ("exp", json!(null)),
            ("exp", json!("9999999999")),
            ("nbf", json!(now + 3600)),
            ("iat", json!(now + 3600)),
            ("iss", json!(other)),
            ("iss", json!("musiman")),
            ("sub", json!(other)),
            ("sub", json!("' OR 1=1 --")),
            ("jti", json!("")),
            ("jti", json!("x".repeat(129))),
            ("jti", json!(null)),
        ] {
            let mut wrong = claims(&w, &id);
            wrong[name] = value;
            let told = ask(&w, &signed(&pair, &wrong), "").await;
            refused(&told, &format!("{name}: {wrong}"), "invalid_client");
            assert_eq!(told.header("cache-control"), "no-store");
        }
        let fresh = || claims(&w, &id);
        for (what, assertion) in [
            ("another client's key", signed(&ed25519(2), &fresh())),
            ("a stranger's key", signed(&ed25519(9), &fresh())),
            ("another kind of key", signed(&p256(), &fresh())),
            ("no signature", signed(&pair, &fresh()).rsplit_once('.').unwrap().0.to_owned() + "."),
            ("no assertion", "x.y.z".to_owned()),
        ] {
            refused(&ask(&w, &assertion, "").await, what, "invalid_client");
        }
        let good = signed(&pair, &fresh());
        for more in [
            "&client_secret=x".to_owned(),
            format!("&client_id={other}"),
            "&client_id=x".to_owned(),
        ] {
            refused(&ask(&w, &good, &more).await, &more, "invalid_request");
        }
        let text = format!("grant_type=client_credentials&client_assertion={good}");
        let told = w.post("/v1/auth/token").bytes(FORM, text.clone().into_bytes()).send().await;
        refused(&told, "no type", "invalid_request");
        let basic = w.post("/v1/auth/token").header("authorization", "Basic YTpi");
        let text = format!("{text}&client_assertion_type={TYPE}");
        let told = basic.bytes(FORM, text.into_bytes()).send().await;
        refused(&told, "two proofs", "invalid_request");
        ask(&w, &good, "").await.ok();
    });
}

#[test]
fn the_header_of_an_assertion_chooses_neither_algorithm_nor_key() {
    both(|w| async move {
        let pair = p256();
        let id = client(&w, &pair).await;
        let x = pair.jwk["x"].as_str().unwrap();
        let point = [
            &[4][..],
            &URL_SAFE_NO_PAD.decode(x).unwrap(),
            &URL_SAFE_NO_PAD.decode(pair.jwk["y"].as_str().unwrap()).unwrap(),
        ];
        for secret in [point.concat(), x.as_bytes().to_vec(), pair.jwk.to_string().into_bytes()] {
            for alg in [Algorithm::HS256, Algorithm::HS512] {
                let key = EncodingKey::from_secret(&secret);
                let token = jsonwebtoken::encode(&Header::new(alg), &claims(&w, &id), &key);
                refused(&ask(&w, &token.unwrap(), "").await, "as a secret", "invalid_client");
            }
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        for alg in ["none", "None", "", "ES384", "RS256"] {
            let header = json!({ "alg": alg, "typ": "JWT" });
            let bare = format!("{}.{}.", part(&header), part(&claims(&w, &id)));
            refused(&ask(&w, &bare, "").await, alg, "invalid_client");
        }
        let head = |change: fn(&mut Header)| {
            let mut header = Header::new(pair.alg);
            change(&mut header);
            jsonwebtoken::encode(&header, &claims(&w, &id), &pair.secret).unwrap()
        };
        for (what, assertion) in [
            ("kid", head(|h| h.kid = Some("../../dev/null".to_owned()))),
            ("typ", head(|h| h.typ = Some("at+jwt".to_owned()))),
            ("crit", head(|h| h.crit = Some(vec!["exp".to_owned()]))),
        ] {
            refused(&ask(&w, &assertion, "").await, what, "invalid_client");
        }
        // A token of ours is no assertion, and an assertion opens nothing.
        refused(&ask(&w, &w.token("lead"), "").await, "a token", "invalid_client");
        let good = head(|h| h.typ = Some("client-authentication+jwt".to_owned()));
        w.get("/v1/me").bearer(&good).send().await.refused(401, "token_invalid");
        ask(&w, &good, "").await.ok();
    });
}

#[test]
fn keys_come_and_go_two_at_a_time() {
    both(|w| async move {
        let (first, second) = (ed25519(1), p256());
        let id = client(&w, &first).await;
        let both = add(&w, &id, &second.jwk).await.ok();
        assert_eq!((both.status, both.body["keys"].as_array().unwrap().len()), (201, 2));
        add(&w, &id, &ed25519(3).jwk).await.refused(409, "keys_full");
        for pair in [&first, &second] {
            ask(&w, &signed(pair, &claims(&w, &id)), "").await.ok();
        }
        let path =
            format!("/v1/clients/{id}/keys/{}", both.body["keys"][0]["id"].as_str().unwrap());
        let end = |tag: &str| w.delete(&path).by("lead").if_match(tag).send();
        end("\"1.x\"").await.refused(412, "version_stale");
        let ended = end(both.etag()).await.ok();
        assert_eq!(end(both.etag()).await.ok().body, ended.body, "a repeat");
        refused(&ask(&w, &signed(&first, &claims(&w, &id)), "").await, "ended", "invalid_client");
        ask(&w, &signed(&second, &claims(&w, &id)), "").await.ok();
        w.delete(&path).by("office").if_match("*").send().await.refused(403, "role_forbidden");
        let disable = w.post(&format!("/v1/clients/{id}/disabling")).by("lead").if_match("*");
        disable.send().await.ok();
        let late = signed(&second, &claims(&w, &id));
        refused(&ask(&w, &late, "").await, "disabled", "invalid_client");
        add(&w, &id, &first.jwk).await.refused(409, "state_conflict");
    });
}

#[test]
fn only_a_public_key_of_the_two_kinds_is_taken() {
    both(|w| async move {
        let id = client(&w, &ed25519(1)).await;
        let ec = p256().jwk;
        let weak = URL_SAFE_NO_PAD.encode([0; 32]);
        for wrong in [
            json!({ "kty": "OKP", "crv": "Ed25519", "x": weak }),
            json!({ "kty": "OKP", "crv": "X25519", "x": ed25519(1).jwk["x"] }),
            json!({ "kty": "OKP", "crv": "Ed25519", "x": "***" }),
            json!({ "kty": "EC", "crv": "P-256", "x": ec["x"], "y": ec["x"] }),
            json!({ "kty": "EC", "crv": "P-256", "x": ec["x"] }),
            json!({ "kty": "oct", "crv": "none", "x": ec["x"] }),
        ] {
            let told = add(&w, &id, &wrong).await;
            told.refused(422, "fields_invalid");
            assert_eq!(told.reasons(), [("/x".to_owned(), "public_key_invalid".to_owned())]);
        }
        let mut private = ed25519(1).jwk;
        private["d"] = json!("AAAA");
        let told = add(&w, &id, &private).await;
        assert_eq!(told.reasons(), [("/d".to_owned(), "unknown_member".to_owned())]);
    });
}
