//! Bad input at every door: a clear problem each time, never a 500.

use crate::permissions::{filled, operations};
use crate::support::{Answer, World, both};
use actix_web::http::Method;
use musiman::api::limits::Rates;
use musiman::api::token::Holder;
use musiman::domain::roles::Role;
use serde_json::{Value, json};

/// A token of a role that the operation takes; its account does not exist.
fn token(w: &World, operation: &Value) -> Option<String> {
    let role: Role = operation["x-roles"][0].as_str()?.parse().unwrap();
    let id = || w.clock.new_id();
    let holder = Holder {
        account: id(),
        role,
        organisation: (role == Role::Partner).then(id),
        job_seeker: (role == Role::Seeker).then(id),
        session: None,
        proved_at: w.clock.now(),
    };
    Some(w.app.tokens.sign(holder, id(), w.clock.now()).unwrap())
}

async fn sent(w: &World, op: &(Method, String, Value), media_type: &str, body: Vec<u8>) -> Answer {
    let (method, path, operation) = op;
    let mut request = w.request(method.clone(), &filled(path)).once().if_match("\"1.x\"");
    if let Some(token) = token(w, operation) {
        request = request.bearer(&token);
    }
    request.bytes(media_type, body).send().await
}

fn must_refuse(at: &str, answer: &Answer) {
    assert!((400..500).contains(&answer.status), "{at}: {} {}", answer.status, answer.body);
    assert_eq!(answer.header("content-type"), "application/problem+json", "{at}");
    for member in ["type", "title", "status", "detail", "code", "errors", "request_id"] {
        assert!(!answer.body[member].is_null(), "{at}: no {member} in {}", answer.body);
    }
}

/// Bodies that no form takes.
fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    vec![
        ("nothing", vec![]),
        ("half", b"{".to_vec()),
        ("an array", b"[]".to_vec()),
        ("a number", b"1e999".to_vec()),
        ("bad UTF-8", b"{\"name\": \"\xff\xfe\"}".to_vec()),
        ("a NUL", b"{\"name\\u0000\": \"a\\u0000b\"}".to_vec()),
        ("nesting", deep.into_bytes()),
        ("strangers", br#"{"__proto__": 1, "'; DROP TABLE seekers; --": [null, {}]}"#.to_vec()),
        ("a huge number", br#"{"seats": 99999999999999999999999999999999}"#.to_vec()),
    ]
}

#[test]
fn no_door_takes_a_bad_body() {
    both(|w| async move {
        for op in operations() {
            let Some(content) = op.2["requestBody"]["content"].as_object() else { continue };
            let media_type = content.keys().next().unwrap().clone();
            if !media_type.ends_with("json") {
                continue;
            }
            for (what, body) in bodies() {
                let answer = sent(&w, &op, &media_type, body).await;
                must_refuse(&format!("{} {} {what}", op.0, op.1), &answer);
            }
            let at = format!("{} {}", op.0, op.1);
            let other = sent(&w, &op, "text/plain", b"{}".to_vec()).await;
            assert_eq!(other.status, 415, "{at}: {}", other.body);
            let big = sent(&w, &op, &media_type, vec![b' '; 10 * 1024 * 1024]).await;
            assert_eq!(big.status, 413, "{at}: {}", big.body);
        }
    });
}

#[test]
fn no_query_breaks_a_list() {
    both(|w| async move {
        for op in operations().into_iter().filter(|op| op.0 == Method::GET) {
            let token = token(&w, &op.2);
            for query in
                ["unknown=1", "limit=-1", "limit=x", "limit=%ff", "cursor=%00", "limit=101"]
            {
                if op.2["parameters"].to_string().contains("\"in\":\"query\"") {
                    let mut request = w.get(&format!("{}?{query}", filled(&op.1)));
                    if let Some(token) = &token {
                        request = request.bearer(token);
                    }
                    let answer = request.send().await;
                    must_refuse(&format!("{} ?{query}", op.1), &answer);
                }
            }
        }
    });
}

#[test]
fn sql_in_a_string_is_a_string() {
    both(|w| async move {
        let mut body = w.siti(1);
        body["name"] = json!("Robert'); DROP TABLE seekers;--");
        let made = w.post("/v1/job-seekers").by("office").once().json(body).send().await.ok();
        assert_eq!(made.body["name"], "Robert'); DROP TABLE seekers;--");
        w.get("/v1/job-seekers?kecamatan=1'%20OR%201=1")
            .by("office")
            .send()
            .await
            .refused(400, "parameter_invalid");
    });
}

#[test]
fn what_is_not_there_is_not_found_and_a_wrong_method_is_told_the_right_ones() {
    both(|w| async move {
        w.get("/v1/nothing").send().await.refused(404, "not_found");
        w.get("/v1/job-seekers/not-an-id").by("office").send().await.refused(404, "not_found");
        let wrong = w.put("/v1/job-seekers").by("office").send().await;
        wrong.refused(405, "method_not_allowed");
        assert_eq!(wrong.header("allow"), "GET, HEAD, POST");
        // The server leaves the body out when it writes; here the status is the proof.
        assert_eq!(w.request(Method::HEAD, "/livez").send().await.status, 200);
    });
}

#[test]
fn a_change_of_what_is_not_there_is_refused() {
    both(|w| async move {
        let nowhere = filled("/v1/job-seekers/{id}");
        let change = json!({ "name": "Siti" });
        let told = w.patch(&nowhere).by("office").if_match("\"1.x\"").merge(&change).send().await;
        must_refuse("patch", &told);
    });
}

#[test]
fn problems_speak_the_readers_language_and_codes_do_not_change() {
    both(|w| async move {
        let mut titles = vec![];
        for (asked, given) in
            [("id", "id"), ("ko;q=0.9, en;q=0.1", "ko"), ("en-GB", "en"), ("fr", "id")]
        {
            let answer = w.get("/v1/me").header("accept-language", asked).send().await;
            answer.refused(401, "token_missing");
            assert_eq!(answer.header("content-language"), given);
            assert!(answer.header("vary").contains("Accept-Language"));
            titles.push(answer.body["title"].clone());
        }
        assert!(titles[0] != titles[1] && titles[1] != titles[2] && titles[0] == titles[3]);
    });
}

#[test]
fn the_request_after_the_last_of_the_minute_waits() {
    for kind in crate::support::kinds() {
        actix_web::rt::System::new().block_on(async {
            let w = World::new(kind, Rates { account: 2, address: 2, door: 1 }).await;
            for _ in 0..2 {
                let answer = w.get("/v1/me").by("office").send().await.ok();
                assert!(answer.header("ratelimit-policy").contains("q=2"));
            }
            let late = w.get("/v1/me").by("office").send().await;
            late.refused(429, "too_many_requests");
            assert!(late.header("retry-after").parse::<u32>().unwrap() >= 1);
            w.get("/v1/me").by("lead").send().await.ok();
        });
    }
}

/// Both databases under these rates; a door gives one try a minute.
fn with_one_try<F: Future<Output = ()>>(body: impl Fn(World) -> F) {
    for kind in crate::support::kinds() {
        actix_web::rt::System::new().block_on(async {
            body(World::new(kind, Rates { account: 9, address: 9, door: 1 }).await).await;
        });
    }
}

#[test]
fn no_other_spelling_of_a_door_gets_around_its_limit() {
    with_one_try(|w| async move {
        let guess = json!({ "login": "office", "password": "kata sandi lain" });
        let first = w.post("/v1/auth/%6Cogin").json(guess.clone()).send().await;
        first.refused(401, "login_refused");
        for path in ["/v1/auth/login", "/v1/auth/%6Cogin", "/%76%31/auth/log%69n"] {
            let told = w.post(path).json(guess.clone()).send().await;
            told.refused(429, "too_many_requests");
        }
    });
}

#[test]
fn a_self_registration_is_a_door_and_the_office_is_not_held_up_by_it() {
    with_one_try(|w| async move {
        let register = |n: u32| w.post("/v1/job-seekers").once().json(w.siti(n));
        assert_eq!(register(1).send().await.status, 202);
        register(2).send().await.refused(429, "too_many_requests");
        register(2).by("kadin").send().await.refused(429, "too_many_requests");
        let spelled = w.post("/v1/job%2Dseekers").once().json(w.siti(2)).send().await;
        spelled.refused(429, "too_many_requests");
        assert_eq!(register(2).by("office").send().await.status, 201);
        assert_eq!(register(3).by("lead").send().await.status, 201);
        w.get("/v1/job-seekers").by("office").send().await.ok();
    });
}

#[test]
fn a_key_serves_once_however_the_path_is_spelled() {
    both(|w| async move {
        let key = "one-key-0123456789abcdefgh";
        let first = w.post("/v1/job-seekers").by("office").key(key).json(w.siti(1)).send().await;
        let again = w.post("/v1/job%2Dseekers").by("office").key(key).json(w.siti(1)).send().await;
        assert_eq!((first.status, again.status, first.id()), (201, 201, again.id()));
    });
}
