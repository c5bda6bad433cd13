//! Requests as a client writes them, answers as it reads them.

use super::World;
use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::{Method, StatusCode, header};
use actix_web::test;
use serde_json::Value;

/// A request in the making.
pub struct Request {
    world: World,
    inner: test::TestRequest,
    line: String,
    token: Option<String>,
}

impl Request {
    pub fn new(world: World, method: Method, path: &str) -> Self {
        let line = format!("{method} {path}");
        let inner = test::TestRequest::default()
            .method(method)
            .uri(path)
            .peer_addr("203.0.113.7:4711".parse().unwrap())
            .insert_header((header::ACCEPT_LANGUAGE, "en"));
        Self { world, inner, line, token: None }
    }

    /// From another place than the rest of the test.
    pub fn from(mut self, address: &str) -> Self {
        self.inner = self.inner.peer_addr(format!("{address}:4711").parse().unwrap());
        self
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.inner = self.inner.insert_header((name, value));
        self
    }

    /// With a fresh token of this login.
    pub fn by(self, login: &str) -> Self {
        let token = self.world.token(login);
        self.bearer(&token)
    }

    pub fn bearer(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With a new idempotency key.
    pub fn once(self) -> Self {
        let key = self.world.clock.new_id().to_string();
        self.key(&key)
    }

    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub fn if_match(self, tag: &str) -> Self {
        self.header("if-match", tag)
    }

    pub fn json(mut self, body: Value) -> Self {
        self.inner = self.inner.set_json(body);
        self
    }

    pub fn merge(self, body: &Value) -> Self {
        self.bytes("application/merge-patch+json", body.to_string().into_bytes())
    }

    pub fn bytes(mut self, media_type: &str, body: Vec<u8>) -> Self {
        self.inner = self.inner.insert_header((header::CONTENT_TYPE, media_type)).set_payload(body);
        self
    }

    pub async fn send(self) -> Answer {
        let answer = self.world.send(self.inner).await;
        if let Some(heard) = &mut *self.world.heard.borrow_mut() {
            heard.push(Heard { line: self.line, token: self.token, answer: answer.clone() });
        }
        answer
    }
}

/// What was asked with which token, and what was answered.
pub struct Heard {
    pub line: String,
    pub token: Option<String>,
    pub answer: Answer,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: header::HeaderMap,
    pub bytes: Vec<u8>,
    /// The body as JSON, null if it is none.
    pub body: Value,
}

impl Answer {
    pub(super) async fn read(response: ServiceResponse<impl MessageBody>) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let bytes = test::read_body(response).await.to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Self { status, headers, bytes, body }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("")
    }

    pub fn etag(&self) -> &str {
        self.header("etag")
    }

    pub fn id(&self) -> &str {
        self.body["id"].as_str().unwrap_or_else(|| panic!("no id in {}", self.body))
    }

    /// Asserts a problem: its status, its code, and that nothing of the inside leaks.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> &Self {
        assert_eq!(
            (self.status, self.body["code"].as_str()),
            (status, Some(code)),
            "{}",
            self.body
        );
        assert_eq!(self.header("content-type"), "application/problem+json");
        self
    }

    /// The pointers with their codes, sorted.
    pub fn reasons(&self) -> Vec<(String, String)> {
        let text = |v: &Value| v.as_str().unwrap_or("").to_owned();
        let mut all: Vec<(String, String)> = self.body["errors"]
            .as_array()
            .map(|errors| errors.iter().map(|e| (text(&e["pointer"]), text(&e["code"]))).collect())
            .unwrap_or_default();
        all.sort();
        all
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        let good = StatusCode::from_u16(self.status).is_ok_and(|s| s.is_success());
        assert!(good, "{} {}", self.status, self.body);
        self
    }
}
