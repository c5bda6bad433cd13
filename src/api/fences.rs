//! What keeps browsers from doing more with an answer than reading it: headers of every answer, and
//! the origins whose pages may ask. Must not know: any resource.

use super::{App, guard};
use actix_cors::Cors;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Condition;

/// An answer is data: nothing in it runs, nothing may show it inside another page.
const DATA: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The page that shows the API brings its own script and style, and asks this service alone.
const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";
const PAGES: &str = "/docs";

/// The same on every answer.
const FIXED: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];
/// Whoever came by TLS once does not come without it for a year, here and below this name.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");
const NOT_KEPT: HeaderValue = HeaderValue::from_static("private, no-store");
const ASKED_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// Puts the fences around an answer. What somebody with a token was told stays in no cache; what
/// everybody may read is asked for again each time.
pub(super) fn around(headers: &mut HeaderMap, path: &str, by_token: bool, has_tls: bool) {
    for (name, value) in FIXED {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let policy = if path.starts_with(PAGES) { PAGE } else { DATA };
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    if has_tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, ONLY_TLS);
    }
    let given = headers.get(header::CACHE_CONTROL).and_then(|v| v.to_str().ok());
    match given {
        None if !by_token => headers.insert(header::CACHE_CONTROL, ASKED_AGAIN),
        Some(given) if given == "no-store" || !by_token || given.contains("public") => return,
        _ => headers.insert(header::CACHE_CONTROL, NOT_KEPT),
    };
}

/// What a page of another origin may send.
const TAKEN: [HeaderName; 8] = [
    guard::CREDENTIALS,
    header::ACCEPT,
    header::ACCEPT_LANGUAGE,
    header::CONTENT_TYPE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("x-request-id"),
];
/// What it may read beside the body.
const SHOWN: [&str; 10] = [
    "etag",
    "location",
    "content-disposition",
    "content-language",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "www-authenticate",
    "x-request-id",
    "x-musiman-demo",
];
/// Seconds for which a browser remembers what it was allowed.
const REMEMBERED: usize = 600;

/// Without configured origins nobody is answered. Tokens come in a header that the page sets, so
/// no cookie and no other credential of the browser is ever let in.
pub fn cors(app: &App) -> Condition<Cors> {
    let origins = &app.edge.origins;
    let allowed = origins.iter().fold(Cors::default(), |cors, o| cors.allowed_origin(o));
    let cors = allowed
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers(TAKEN)
        .expose_headers(SHOWN)
        .max_age(REMEMBERED);
    Condition::new(!origins.is_empty(), cors)
}
