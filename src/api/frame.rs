//! What surrounds every answer: request id, language, problem bodies, limits, log line, metrics.
//! The only writer of problem bodies. Must not know: any resource.

use super::problem::Problem;
use super::{App, fences, guard};
use crate::clock::Clock;
use crate::domain::problem::{Code, Wrong};
use crate::texts::{self, Lang};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Codes are documented under this stable address.
const TYPE_BASE: &str = "https://musiman.id/problems/";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The schema of every refusal.
pub(super) fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "RFC 9457. `code` is stable and never translated; new codes may join. `title` and `detail` follow Accept-Language.",
        "required": ["type", "title", "status", "detail", "code", "errors", "request_id"],
        "properties": {
            "type": { "type": "string", "format": "uri" },
            "title": { "type": "string" },
            "status": { "type": "integer", "format": "int32" },
            "detail": { "type": "string" },
            "code": { "type": "string" },
            "errors": { "type": "array", "items": { "$ref": "#/components/schemas/FieldProblem" } },
            "request_id": { "type": "string" }
        }
    })
}

/// One reason at one place of the request.
pub(super) fn field_problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "`pointer` is a JSON pointer (RFC 6901) into the request, empty for the whole.",
        "required": ["pointer", "code", "detail"],
        "properties": {
            "pointer": { "type": "string" },
            "code": { "type": "string" },
            "detail": { "type": "string" }
        }
    })
}

pub(super) fn problem_example(status: u16) -> Value {
    let code = match status {
        400 => Code::NotJson,
        401 => Code::TokenMissing,
        403 => Code::RoleForbidden,
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        408 => Code::BodyTooSlow,
        409 => Code::StateConflict,
        412 => Code::VersionStale,
        413 => Code::BodyTooLarge,
        415 => Code::MediaTypeUnsupported,
        422 => Code::FieldsInvalid,
        428 => Code::IfMatchMissing,
        429 => Code::TooManyRequests,
        _ => Code::Busy,
    };
    let mut problem = Problem::from(code);
    if status == 422 {
        let wrong = Wrong { pointer: "/name".to_owned(), reason: Code::NameEmpty.into() };
        problem.errors.push(wrong);
    }
    body_of(&problem, Lang::En, "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11")
}

fn body_of(problem: &Problem, lang: Lang, request_id: &str) -> Value {
    let code = problem.reason.code;
    let errors: Vec<Value> = problem
        .errors
        .iter()
        .map(|w| {
            json!({
                "pointer": w.pointer,
                "code": w.reason.code.as_str(),
                "detail": texts::text(lang, w.reason.code, &w.reason.facts),
            })
        })
        .collect();
    json!({
        "type": format!("{TYPE_BASE}{}", code.as_str()),
        "title": texts::title(lang, code),
        "status": problem.status().as_u16(),
        "detail": texts::text(lang, problem.reason.code, &problem.reason.facts),
        "code": code.as_str(),
        "errors": errors,
        "request_id": request_id,
    })
}

/// A refusal as RFC 6749, section 5.2 has it; the description is for developers, in ASCII.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "error": "invalid_client", "error_description": "The client is not known, is disabled, or has another secret. Check its id and secret." }))]
pub struct OAuthError {
    error: &'static str,
    error_description: String,
}

impl OAuthError {
    fn of(problem: &Problem) -> Self {
        let code = problem.reason.code;
        let error_description = texts::text(Lang::En, code, &problem.reason.facts);
        Self { error: code.as_str(), error_description }
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// The client's id if it is harmless, else a new one.
fn request_id(request: &HttpRequest, clock: &Clock) -> String {
    let given = request.headers().get(&REQUEST_ID).and_then(|v| v.to_str().ok());
    let harmless = |id: &&str| {
        (1..=64).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    given.filter(harmless).map_or_else(|| clock.new_id().to_string(), str::to_owned)
}

/// W3C trace context: the trace that this request belongs to.
fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let given = headers.get("traceparent")?.to_str().ok()?;
    let id = given.split('-').nth(1)?;
    (id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit())).then_some(id)
}

/// Answers that actix makes itself become problems too.
fn own_problem(status: StatusCode) -> Option<Problem> {
    let code = match status.as_u16() {
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        408 => Code::BodyTooSlow,
        413 => Code::BodyTooLarge,
        415 => Code::MediaTypeUnsupported,
        400..=499 => Code::BadRequest,
        500..=599 => Code::Internal,
        _ => return None,
    };
    Some(Problem::from(code))
}

/// What limits and the origin's permission said of the answer, whatever its body becomes.
fn is_kept(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("access-control-") || name.starts_with("ratelimit") || name == "vary"
}

fn rendered(
    response: &HttpResponse<impl MessageBody>,
    lang: Lang,
    id: &str,
) -> Option<HttpResponse> {
    let given = response.error().and_then(|e| e.as_error::<Problem>());
    let own;
    let problem = if let Some(problem) = given {
        problem
    } else {
        own = own_problem(response.status())?;
        &own
    };
    if let Some(cause) = problem.cause().filter(|_| problem.status().is_server_error()) {
        tracing::error!(request_id = id, code = problem.reason.code.as_str(), %cause, "failed");
    }
    let (media_type, body) = if problem.is_oauth() {
        ("application/json", json!(OAuthError::of(problem)))
    } else {
        ("application/problem+json", body_of(problem, lang, id))
    };
    let mut rendered = HttpResponse::build(problem.status())
        .insert_header((header::CONTENT_TYPE, media_type))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body.to_string());
    let headers = rendered.headers_mut();
    for (name, value) in response.headers().iter().filter(|(name, _)| is_kept(name)) {
        headers.append(name.clone(), value.clone());
    }
    if let Some(allow) = response.headers().get(header::ALLOW) {
        headers.insert(header::ALLOW, with_head(allow));
    }
    if let Some(tag) = &problem.tag {
        put(headers, header::ETAG, tag);
    }
    if let Some(seconds) = problem.retry_after {
        put(headers, header::RETRY_AFTER, &seconds.to_string());
    }
    if problem.status() == StatusCode::UNAUTHORIZED {
        let scheme = if problem.is_oauth() { "Basic" } else { "Bearer" };
        let more = if problem.reason.code == Code::LogInAgain {
            format!(", error=\"insufficient_user_authentication\", max_age={}", guard::FRESH)
        } else {
            String::new()
        };
        put(headers, header::WWW_AUTHENTICATE, &format!("{scheme} realm=\"musiman\"{more}"));
    }
    Some(rendered)
}

/// HEAD goes wherever GET goes; the order does not depend on the mounting.
fn with_head(allow: &HeaderValue) -> HeaderValue {
    let mut methods: Vec<&str> = allow.to_str().unwrap_or("").split(", ").collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.sort_unstable();
    methods.dedup();
    HeaderValue::from_str(&methods.join(", ")).unwrap_or_else(|_| allow.clone())
}

/// The middleware.
pub async fn frame(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Clock::stopwatch();
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    };
    let id = request_id(request.request(), app.store.clock());
    let lang = guard::lang_of(request.request());
    let by_token = request.headers().contains_key(guard::CREDENTIALS);
    let path = request.path().to_owned();
    let template = request.match_pattern();
    let method = request.method().clone();
    let answered = next.call(request).await?.map_into_boxed_body();
    let refused = answered.response().error().and_then(|e| e.as_error::<Problem>());
    let code = refused.map(|problem| problem.reason.code.as_str());
    let account = guard::account(answered.request()).map(tracing::field::display);
    let address = app.edge.proxies.caller(answered.request());
    let mut answered = match rendered(answered.response(), lang, &id) {
        Some(problem) => {
            let head = method == Method::HEAD;
            let problem = if head { problem.drop_body().map_into_boxed_body() } else { problem };
            ServiceResponse::new(answered.into_parts().0, problem)
        }
        None => answered,
    };
    let is_demo = guard::is_demo(answered.request(), &app);
    // The next head on a connection may come as slowly as it likes: the server times the first
    // alone. So a connection is kept for those who are known, and for proxies that were named.
    if account.is_none() && !app.edge.proxies.holds(answered.request()) {
        answered.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    let headers = answered.headers_mut();
    put(headers, REQUEST_ID, &id);
    put(headers, header::CONTENT_LANGUAGE, lang.as_str());
    headers.append(header::VARY, HeaderValue::from_static("Accept-Language, Authorization"));
    fences::around(headers, &path, by_token, app.edge.has_tls);
    if is_demo {
        put(headers, HeaderName::from_static("x-musiman-demo"), "fictional data and rules");
    }
    let seconds = started.elapsed().as_secs_f64();
    let status = answered.status().as_u16();
    let template = template.as_deref().unwrap_or("unmatched");
    app.metrics.request(method.as_str(), template, status, seconds);
    tracing::info!(
        request_id = id.as_str(),
        trace_id = trace_id(answered.request().headers()),
        method = method.as_str(),
        route = template,
        status,
        code,
        account,
        address,
        ms = seconds * 1e3,
        "request"
    );
    Ok(answered)
}
