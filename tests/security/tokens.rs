//! Tokens that were bent, made up, or come from elsewhere.

use crate::support::{World, both};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{Hmac, Mac as _};
use musiman::db::signing;
use serde_json::{Value, json};
use sha2::Sha256;

/// The service's own key pair, so that all but one thing of a token is right.
struct Own {
    kid: String,
    key: SigningKey,
    public: Vec<u8>,
}

fn own(w: &World) -> Own {
    let pair = signing::load_or_make(&w.store).unwrap().pop().unwrap();
    let key = SigningKey::from_pkcs8_der(&pair.secret).unwrap();
    Own { kid: pair.kid, key, public: pair.public }
}

fn stranger() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn said(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn signed(header: &Value, claims: &Value, key: &SigningKey) -> String {
    let said = said(header, claims);
    let signature = URL_SAFE_NO_PAD.encode(key.sign(said.as_bytes()).to_bytes());
    format!("{said}.{signature}")
}

fn hashed(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let said = said(header, claims);
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(said.as_bytes());
    format!("{said}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn header(own: &Own) -> Value {
    json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": own.kid })
}

/// What a lead officer's token says.
fn claims(w: &World) -> Value {
    let token = w.token("lead");
    let said = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&said).unwrap()
}

fn with(of: &Value, name: &str, value: Value) -> Value {
    let mut of = of.clone();
    of[name] = value;
    of
}

fn without(of: &Value, name: &str) -> Value {
    let mut of = of.clone();
    of.as_object_mut().unwrap().remove(name);
    of
}

async fn refused(w: &World, what: &str, token: &str) {
    let told = w.get("/v1/me").bearer(token).send().await;
    assert_eq!((told.status, &told.body["code"]), (401, &json!("token_invalid")), "{what}");
    assert!(told.header("www-authenticate").starts_with("Bearer"), "{what}");
    // An operation that is open to all does not take a bad token for none.
    assert_eq!(w.get("/v1/seasons").bearer(token).send().await.status, 401, "{what}");
}

#[test]
fn a_token_of_the_own_key_is_taken_and_each_wrong_claim_of_it_is_not() {
    both(|w: World| async move {
        let (own, claims) = (own(&w), claims(&w));
        let sign = |claims: &Value| signed(&header(&own), claims, &own.key);
        w.get("/v1/me").bearer(&sign(&claims)).send().await.ok();
        let now = w.clock.now().utc().timestamp();
        for (what, wrong) in [
            ("expired", with(&claims, "exp", json!(now))),
            ("expired long ago", with(&claims, "exp", json!(1))),
            ("not yet valid", with(&claims, "nbf", json!(now + 1))),
            ("another audience", with(&claims, "aud", json!("elsewhere"))),
            ("audiences without this", with(&claims, "aud", json!(["elsewhere"]))),
            ("another issuer", with(&claims, "iss", json!("elsewhere"))),
            ("no expiry", without(&claims, "exp")),
            ("no beginning", without(&claims, "nbf")),
            ("no audience", without(&claims, "aud")),
            ("no issuer", without(&claims, "iss")),
            ("no subject", without(&claims, "sub")),
            ("an expiry of text", with(&claims, "exp", json!("9999999999"))),
            ("an expiry beyond numbers", with(&claims, "exp", json!(1e300))),
            ("a role that is none", with(&claims, "role", json!("king"))),
            ("roles", with(&claims, "role", json!(["lead"]))),
            ("a subject of SQL", with(&claims, "sub", json!("' OR 1=1 --"))),
            ("no object", json!([claims])),
        ] {
            refused(&w, what, &sign(&wrong)).await;
        }
    });
}

#[test]
fn the_header_of_a_token_chooses_neither_algorithm_nor_key() {
    both(|w: World| async move {
        let (own, claims) = (own(&w), claims(&w));
        let right = header(&own);
        let jwk = json!({
            "kty": "OKP", "crv": "Ed25519", "kid": own.kid, "alg": "EdDSA",
            "x": URL_SAFE_NO_PAD.encode(stranger().verifying_key().as_bytes()),
        });
        for alg in ["none", "None", "NONE", "nOnE", ""] {
            let header = with(&right, "alg", json!(alg));
            for end in ["", ".", ".AA"] {
                refused(&w, alg, &format!("{}{end}", said(&header, &claims))).await;
            }
            refused(&w, alg, &signed(&header, &claims, &own.key)).await;
        }
        let spki = [&[0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0][..], &own.public];
        let spki = spki.concat();
        let pem = STANDARD.encode(&spki);
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{pem}\n-----END PUBLIC KEY-----\n");
        let text = URL_SAFE_NO_PAD.encode(&own.public);
        let jwks = w.get("/.well-known/jwks.json").send().await.ok().bytes;
        let public: [&[u8]; 7] =
            [&own.public, &spki, pem.as_bytes(), text.as_bytes(), &jwks, b"", own.kid.as_bytes()];
        for secret in public {
            for alg in ["HS256", "EdDSA"] {
                let header = with(&right, "alg", json!(alg));
                refused(&w, "the public key as a secret", &hashed(&header, &claims, secret)).await;
            }
        }
        for alg in ["RS256", "ES256", "ES256K", "HS512", "Ed25519", "eddsa"] {
            let token = signed(&with(&right, "alg", json!(alg)), &claims, &own.key);
            refused(&w, alg, &token).await;
        }
        for (what, strange) in [
            ("another key", right.clone()),
            ("a key in the header", with(&right, "jwk", jwk.clone())),
            ("an address of keys", with(&right, "jku", json!("http://127.0.0.1:1/jwks.json"))),
            ("an address of papers", with(&right, "x5u", json!("file:///etc/passwd"))),
            ("papers in the header", with(&right, "x5c", json!([STANDARD.encode("x")]))),
            ("a critical word", with(&right, "crit", json!(["jwk"]))),
        ] {
            refused(&w, what, &signed(&strange, &claims, &stranger())).await;
        }
    });
}

#[test]
fn no_kid_leads_to_a_key_of_the_attacker() {
    both(|w: World| async move {
        let (own, claims) = (own(&w), claims(&w));
        for kid in [
            json!("../../../../dev/null"),
            json!("/dev/null"),
            json!("file:///proc/self/environ"),
            json!("' UNION SELECT 'x' --"),
            json!("x' OR '1'='1"),
            json!(format!("{}' --", own.kid)),
            json!(format!("{}\0", own.kid)),
            json!(format!(" {}", own.kid)),
            json!(own.kid.to_uppercase()),
            json!(""),
            json!(null),
            json!(0),
            json!([own.kid]),
            json!("$(id)"),
            json!("a".repeat(5000)),
        ] {
            let header = with(&header(&own), "kid", kid.clone());
            let told = kid.to_string();
            if kid != json!(own.kid) {
                refused(&w, &told, &signed(&header, &claims, &own.key)).await;
            }
            refused(&w, &told, &signed(&header, &claims, &stranger())).await;
            refused(&w, &told, &hashed(&with(&header, "alg", json!("HS256")), &claims, b"")).await;
        }
        refused(&w, "no kid", &signed(&without(&header(&own), "kid"), &claims, &own.key)).await;
        for typ in ["JWT", "at+JWT2", "", "id+jwt"] {
            let other = with(&header(&own), "typ", json!(typ));
            refused(&w, typ, &signed(&other, &claims, &own.key)).await;
        }
    });
}

#[test]
fn a_token_that_was_bent_anywhere_is_none() {
    both(|w: World| async move {
        let token = w.token("lead");
        w.get("/v1/me").bearer(&token).send().await.ok();
        let parts: Vec<&str> = token.split('.').collect();
        for cut in [1, parts[2].len() / 2, parts[2].len(), token.len() - 1] {
            refused(&w, "cut off", &token[..token.len() - cut]).await;
        }
        for at in (0..token.len()).step_by(7) {
            let old = token.as_bytes()[at];
            let new = if old == b'A' { 'B' } else { 'A' };
            let mut bent = token.clone();
            bent.replace_range(at..=at, &new.to_string());
            // The spare bits of the last letter are no part of the signature, but of the spelling.
            refused(&w, &format!("bent at {at}"), &bent).await;
        }
        let other = w.token("kadin");
        let other: Vec<&str> = other.split('.').collect();
        refused(&w, "of two tokens", &[parts[0], parts[1], other[2]].join(".")).await;
        refused(&w, "of two tokens", &[parts[0], other[1], parts[2]].join(".")).await;
        for token in ["x", ".", "..", "a.b.c", &format!("{token}.x"), &format!("{token}=")] {
            refused(&w, token, token).await;
        }
        for scheme in ["Basic", "Token", "Bearer Bearer", "bearer\t"] {
            let told = w.get("/v1/me").header("authorization", &format!("{scheme} {token}"));
            assert_eq!(told.send().await.status, 401, "{scheme}");
        }
    });
}

#[test]
fn a_refresh_token_that_comes_back_ends_what_was_made_of_it() {
    both(|w: World| async move {
        let body = json!({
            "login": "baru", "name": "Contoh", "role": "kadin", "password": "kata sandi panjang",
            "organisation_id": null,
        });
        w.post("/v1/accounts").by("lead").once().json(body).send().await.ok();
        let body = json!({ "login": "baru", "password": "kata sandi panjang" });
        let first = w.post("/v1/auth/login").json(body).send().await.ok().body;
        let turn = |token: &Value| {
            w.post("/v1/auth/refresh").json(json!({ "refresh_token": token })).send()
        };
        let second = turn(&first["refresh_token"]).await.ok().body;
        // A lost answer is forgiven for a short while only.
        w.clock.advance(chrono::TimeDelta::minutes(5));
        assert_eq!(turn(&first["refresh_token"]).await.status, 401, "a used token came back");
        assert_eq!(turn(&second["refresh_token"]).await.status, 401, "the family lives on");
        let access = second["access_token"].as_str().unwrap();
        refused(&w, "a refresh token", second["refresh_token"].as_str().unwrap()).await;
        turn(&json!(access)).await.refused(422, "fields_invalid");
    });
}
