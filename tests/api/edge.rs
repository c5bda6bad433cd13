//! What stands between the service and the world: fences on every answer, other origins, and
//! limits that processes share.

use crate::support::{Answer, Kind, World, both, kinds, rules, seal};
use actix_web::{test as call, web};
use musiman::api::limits::Rates;
use musiman::api::{App, Edge};
use musiman::db::Store;
use serde_json::json;
use std::sync::Arc;

/// Where the world's requests come from.
const PEER: &str = "203.0.113.7:4711";

fn is_fenced(at: &str, answer: &Answer) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{at}: {name}");
    }
    assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{at}");
    assert!(!answer.header("cache-control").is_empty(), "{at}");
    assert!(answer.header("strict-transport-security").is_empty(), "{at}: no TLS here");
}

#[test]
fn every_answer_has_its_fences() {
    both(|w| async move {
        let big = vec![b' '; 1024 * 1024];
        let login = || w.post("/v1/auth/login");
        for (at, status, request) in [
            ("health", 200, w.get("/livez")),
            ("document", 200, w.get("/openapi.json")),
            ("page", 200, w.get("/docs/")),
            ("way to the page", 302, w.get("/docs")),
            ("personal", 200, w.get("/v1/me").by("office")),
            ("no token", 401, w.get("/v1/me")),
            ("nothing there", 404, w.get("/v1/nothing")),
            ("wrong method", 405, w.put("/v1/me").by("office")),
            ("too large", 413, login().bytes("application/json", big)),
            ("other type", 415, login().bytes("text/plain", b"{}".to_vec())),
        ] {
            let answer = request.send().await;
            assert_eq!(answer.status, status, "{at}: {}", answer.body);
            is_fenced(at, &answer);
        }
        let personal = w.get("/v1/me").by("office").send().await;
        assert_eq!(personal.header("cache-control"), "private, no-store");
    });
}

#[test]
fn a_refusal_for_haste_has_its_fences() {
    for kind in kinds() {
        actix_web::rt::System::new().block_on(async {
            let w = World::new(kind, Rates { account: 1, address: 1, door: 1 }).await;
            w.get("/livez").send().await.ok();
            let late = w.get("/livez").send().await;
            late.refused(429, "too_many_requests");
            is_fenced("late", &late);
        });
    }
}

/// Another process on the world's database, as far as limits can tell.
fn another(w: &World, rates: Rates, origins: Vec<String>) -> web::Data<App> {
    let store = Arc::new(Store::open(&w.url, 4, w.clock.clone(), seal()).unwrap());
    let edge = Edge { origins, ..Edge::from(rates) };
    web::Data::new(App::new(store, edge, rules(), false).unwrap())
}

#[test]
fn a_page_of_a_named_origin_is_let_in_and_no_other() {
    both(|w| async move {
        let named = "https://app.example.id";
        let rates = Rates { account: 9, address: 1, door: 9 };
        let app = another(&w, rates, vec![named.to_owned()]);
        let service = call::init_service(musiman::application!(app)).await;
        let asked = |origin: &str| {
            call::TestRequest::with_uri("/v1/me")
                .method(actix_web::http::Method::OPTIONS)
                .insert_header(("origin", origin))
                .insert_header(("access-control-request-method", "PATCH"))
                .insert_header(("access-control-request-headers", "if-match"))
                .to_request()
        };
        let told = call::call_service(&service, asked(named)).await;
        assert_eq!(told.status(), 200);
        assert_eq!(told.headers().get("access-control-allow-origin").unwrap(), named);
        assert!(!told.headers().contains_key("access-control-allow-credentials"));
        let told = call::call_service(&service, asked("https://app.example.id.evil.id")).await;
        assert_eq!(told.status(), 400);
        assert!(!told.headers().contains_key("access-control-allow-origin"));
        for status in [200, 429] {
            let request = call::TestRequest::with_uri("/livez").insert_header(("origin", named));
            let told = call::call_service(&service, request.to_request()).await;
            assert_eq!(told.status(), status);
            assert_eq!(told.headers().get("access-control-allow-origin").unwrap(), named);
            let shown =
                told.headers().get("access-control-expose-headers").unwrap().to_str().unwrap();
            for name in ["etag", "location", "ratelimit-policy", "retry-after", "x-request-id"] {
                assert!(shown.contains(name), "{name}");
            }
        }
        w.request(actix_web::http::Method::OPTIONS, "/v1/me")
            .header("origin", named)
            .header("access-control-request-method", "GET")
            .send()
            .await
            .refused(405, "method_not_allowed");
    });
}

#[test]
fn two_processes_let_through_no_more_than_the_limit_and_its_bound() {
    if !kinds().contains(&Kind::Postgres) {
        return;
    }
    actix_web::rt::System::new().block_on(async {
        let rates = Rates { account: 40, address: 40, door: 10 };
        let w = World::new(Kind::Postgres, rates).await;
        let second = call::init_service(musiman::application!(another(&w, rates, vec![]))).await;
        let peer = PEER.parse().unwrap();
        let (mut read, mut tried) = (0, 0);
        for _ in 0..60 {
            read += u32::from(w.get("/livez").send().await.status != 429);
            let request = call::TestRequest::with_uri("/livez").peer_addr(peer).to_request();
            read += u32::from(call::call_service(&second, request).await.status() != 429);
        }
        for _ in 0..20 {
            let login = json!({});
            tried += u32::from(w.post("/v1/auth/login").json(login).send().await.status != 429);
            let request = call::TestRequest::post().uri("/v1/auth/login").peer_addr(peer);
            let request = request.to_request();
            tried += u32::from(call::call_service(&second, request).await.status() != 429);
        }
        assert!((36..=42).contains(&read), "{read}");
        assert!((9..=10).contains(&tried), "{tried}");
    });
}
