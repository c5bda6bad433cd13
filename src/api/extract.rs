//! Our own extractors: path ids, queries, JSON bodies, preconditions, idempotency keys.
//! Parsing and validation end here; handlers get domain values.

use super::mend;
use super::pace::Pace;
use super::problem::Problem;
use super::routes::{Describe, Op};
use super::validity;
use crate::domain::problem::{Code, Problems};
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpRequest};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::future::{Future, Ready, ready};
use std::marker::PhantomData;
use std::pin::Pin;
use std::str::FromStr;
use utoipa::ToSchema;
use validator::Validate;

/// JSON bodies are forms; a register goes to the import as a file.
const JSON_LIMIT: usize = 256 * 1024;
/// Thrown away, so that the client can still read the answer.
const DRAIN_LIMIT: usize = 64 * 1024 * 1024;

/// The one id of the path. What is no id names nothing: 404.
pub struct Path<T>(pub T);

/// The two ids of a path like `/v1/seasons/{id}/applications/{job_seeker_id}`.
pub struct Path2<A, B>(pub A, pub B);

fn path_id<T: FromStr>(request: &HttpRequest, place: usize) -> Result<T, Problem> {
    let value = request.match_info().iter().nth(place).map(|(_, value)| value);
    value.and_then(|v| v.parse().ok()).ok_or_else(|| Code::NotFound.into())
}

impl<T: FromStr> FromRequest for Path<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(path_id(request, 0).map(Self))
    }
}

impl<A: FromStr, B: FromStr> FromRequest for Path2<A, B> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(path_id(request, 0).and_then(|a| Ok(Self(a, path_id(request, 1)?))))
    }
}

impl<T> Describe for Path<T> {
    fn describe(op: &mut Op) {
        op.refuses(404);
    }
}

impl<A, B> Describe for Path2<A, B> {
    fn describe(op: &mut Op) {
        op.refuses(404);
    }
}

/// Query parameters. An unknown one is a 400, as is one that cannot be read.
pub struct Query<Q>(pub Q);

impl<Q: DeserializeOwned + 'static> FromRequest for Query<Q> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read_query(request.query_string()).map(Self))
    }
}

fn read_query<Q: DeserializeOwned>(text: &str) -> Result<Q, Problem> {
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(text).map_err(|_| Problem::from(Code::ParameterInvalid))?;
    if !is_utf8_encoded(text) || pairs.iter().any(|(k, v)| k.contains('\0') || v.contains('\0')) {
        return Err(Code::ParameterInvalid.into());
    }
    let read = serde_urlencoded::Deserializer::new(form_pairs(text));
    serde_path_to_error::deserialize(read).map_err(|error| {
        let message = error.inner().to_string();
        let name =
            message.split('`').nth(1).map_or_else(|| error.path().to_string(), str::to_owned);
        let code = if message.starts_with("unknown field") {
            Code::ParameterUnknown
        } else {
            Code::ParameterInvalid
        };
        code.with("name", name).into()
    })
}

fn form_pairs(text: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(text.as_bytes())
}

/// Percent-decoding that replaces bad bytes would hide them; here they are told.
fn is_utf8_encoded(text: &str) -> bool {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next(), rest.next()].map(|d| d.unwrap_or(b'x'));
            let hex =
                std::str::from_utf8(&digits).ok().and_then(|h| u8::from_str_radix(h, 16).ok());
            bytes.push(hex.unwrap_or(b'%'));
        } else {
            bytes.push(byte);
        }
    }
    std::str::from_utf8(&bytes).is_ok()
}

impl<Q: utoipa::IntoParams> Describe for Query<Q> {
    fn describe(op: &mut Op) {
        for parameter in Q::into_params(|| Some(utoipa::openapi::path::ParameterIn::Query)) {
            op.parameter(json!(parameter));
        }
        op.refuses(400);
    }
}

/// A request body on the wire, and the domain value that it must become.
pub trait Wire: DeserializeOwned + Validate + ToSchema + 'static {
    type Value: 'static;
    /// `application/merge-patch+json` for changes.
    const MEDIA_TYPE: &'static str = "application/json";
    /// Parses; tells every problem with its pointer.
    fn value(self) -> Result<Self::Value, Problems>;
}

/// Hash of the bytes that were sent, for the idempotency key.
#[derive(Debug, Clone, Copy)]
pub struct Seen(pub [u8; 32]);

impl Seen {
    /// Of a request whose body is empty.
    pub const EMPTY: Self = Self([0; 32]);
}

/// A JSON body, parsed into its domain value, or every problem it has.
pub struct Json<W: Wire>(pub W::Value, pub Seen);

/// A body that is no JSON at all is a 400, one with wrong members a 422.
fn form_problem(problems: Problems) -> Problem {
    let broken = problems.0.iter().any(|w| w.reason.code == Code::NotJson);
    if broken { Code::NotJson.into() } else { problems.into() }
}

/// Wrong types, then what the value says, then the shape; nothing is told twice of one place.
pub fn value_of<W: Wire>(bytes: &[u8]) -> Result<W::Value, Problem> {
    let (wire, mut problems) = mend::read::<W>(bytes).map_err(form_problem)?;
    let shape = wire.validate();
    let value = wire.value();
    let mut later = Vec::new();
    if let Err(found) = &value {
        later.extend(found.0.iter().cloned());
    }
    if let Err(found) = shape {
        validity::flatten(&found, "", &mut later);
    }
    for wrong in later {
        let told = |w: &crate::domain::problem::Wrong| {
            wrong.pointer == w.pointer || wrong.pointer.starts_with(&format!("{}/", w.pointer))
        };
        if !problems.0.iter().any(told) {
            problems.0.push(wrong);
        }
    }
    match value {
        Ok(value) if problems.is_empty() => Ok(value),
        _ => Err(problems.into()),
    }
}

pub(super) fn media_type_is(headers: &HeaderMap, wanted: &str) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    given.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case(wanted)
}

/// Reads a body up to `limit`; more is read and dropped, so that the refusal arrives.
pub(super) async fn body(mut coming: Pace, limit: usize) -> Result<Vec<u8>, Problem> {
    let (mut bytes, mut size) = (Vec::new(), 0usize);
    while let Some(chunk) = coming.piece().await? {
        size = size.saturating_add(chunk.len());
        if size > DRAIN_LIMIT.max(limit) {
            break;
        }
        if size <= limit {
            bytes.extend_from_slice(&chunk);
        }
    }
    if size > limit {
        return Err(Code::BodyTooLarge.with("max", limit).into());
    }
    Ok(bytes)
}

impl<W: Wire> FromRequest for Json<W> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let typed = media_type_is(request.headers(), W::MEDIA_TYPE);
        let coming = Pace::begin(payload);
        Box::pin(async move {
            let bytes = body(coming, JSON_LIMIT).await?;
            if !typed {
                return Err(Code::MediaTypeUnsupported.with("expected", W::MEDIA_TYPE).into());
            }
            let value = value_of::<W>(&bytes)?;
            Ok(Self(value, Seen(Sha256::digest(&bytes).into())))
        })
    }
}

impl<W: Wire> Describe for Json<W> {
    fn describe(op: &mut Op) {
        op.body::<W>(W::MEDIA_TYPE, |example| {
            let bytes = example.to_string();
            value_of::<W>(bytes.as_bytes()).map(drop).map_err(|p| format!("{:?}", p.errors))
        });
        for status in [400, 408, 413, 415, 422] {
            op.refuses(status);
        }
    }
}

/// A change: `application/merge-patch+json` (RFC 7396) onto what `W` says at present.
pub struct Patch<W> {
    patch: serde_json::Map<String, Value>,
    of: PhantomData<W>,
}

impl<W> Patch<W> {
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let (patch, problems) = mend::read(bytes).map_err(form_problem)?;
        if problems.is_empty() { Ok(Self { patch, of: PhantomData }) } else { Err(problems.into()) }
    }
}

impl<W: Wire + Serialize> Patch<W> {
    /// The domain value after the change, or every problem that the changed whole has.
    pub fn onto(&self, present: &W) -> Result<W::Value, Problem> {
        let mut whole = json!(present);
        merge(&mut whole, Value::Object(self.patch.clone()));
        value_of::<W>(whole.to_string().as_bytes())
    }
}

/// RFC 7396: null clears, absent keeps.
fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(members), Value::Object(changes)) => {
            for (name, change) in changes {
                if change.is_null() {
                    members.shift_remove(&name);
                } else {
                    merge(members.entry(name).or_insert(Value::Null), change);
                }
            }
        }
        (target, Value::Object(changes)) => {
            *target = json!({});
            merge(target, Value::Object(changes));
        }
        (target, patch) => *target = patch,
    }
}

const MERGE_PATCH: &str = "application/merge-patch+json";

impl<W: Wire> FromRequest for Patch<W> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let typed = media_type_is(request.headers(), MERGE_PATCH);
        let coming = Pace::begin(payload);
        Box::pin(async move {
            let bytes = body(coming, JSON_LIMIT).await?;
            if !typed {
                return Err(Code::MediaTypeUnsupported.with("expected", MERGE_PATCH).into());
            }
            Self::read(&bytes)
        })
    }
}

impl<W: Wire> Describe for Patch<W> {
    fn describe(op: &mut Op) {
        op.patch_body::<W>(MERGE_PATCH);
        for status in [400, 408, 413, 415, 422] {
            op.refuses(status);
        }
    }
}

/// The tag that the client read last. Its version part decides.
#[derive(Debug, Clone)]
pub struct IfMatch(String);

impl IfMatch {
    /// Whether the tag names `version`; `*` names whatever stands.
    pub fn names(&self, version: i64) -> bool {
        self.0.split(',').map(str::trim).any(|tag| tag == "*") || self.cites(version)
    }

    /// Whether the sender read `version`; `*` tells of no reading.
    pub fn cites(&self, version: i64) -> bool {
        self.0.split(',').any(|tag| version_of(tag.trim()) == Some(version))
    }
}

fn version_of(tag: &str) -> Option<i64> {
    tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"').split('.').next()?.parse().ok()
}

fn header_text(request: &HttpRequest, name: &header::HeaderName) -> Option<String> {
    request.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned)
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let tag = header_text(request, &header::IF_MATCH);
        ready(tag.map(Self).ok_or_else(|| Code::IfMatchMissing.into()))
    }
}

impl Describe for IfMatch {
    fn describe(op: &mut Op) {
        op.header("If-Match", true, "The ETag of the representation that was read last.");
        for status in [409, 412, 428] {
            op.refuses(status);
        }
    }
}

/// For a PUT that may create: `If-None-Match: *` the first time, `If-Match` afterwards.
#[derive(Debug, Clone)]
pub enum Precondition {
    /// There must be none yet.
    Absent,
    Present(IfMatch),
}

impl FromRequest for Precondition {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let present = header_text(request, &header::IF_MATCH).map(|t| Self::Present(IfMatch(t)));
        let absent = header_text(request, &header::IF_NONE_MATCH)
            .filter(|t| t.trim() == "*")
            .map(|_| Self::Absent);
        ready(present.or(absent).ok_or_else(|| Code::IfMatchMissing.into()))
    }
}

impl Describe for Precondition {
    fn describe(op: &mut Op) {
        op.header("If-Match", false, "The ETag that was read last. One of the two is required.");
        op.header("If-None-Match", false, "`*` for the first PUT.");
        for status in [409, 412, 428] {
            op.refuses(status);
        }
    }
}

/// The client's key for a request that must happen once.
#[derive(Debug, Clone)]
pub struct Key(pub String);

/// 128 bits take 22 characters in base64.
const KEY_MIN: usize = 22;
const KEY_MAX: usize = 255;

/// Visible ASCII, as long as the document says.
fn is_key(text: &str) -> bool {
    (KEY_MIN..=KEY_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

impl FromRequest for Key {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let name = header::HeaderName::from_static("idempotency-key");
        ready(match request.headers().get(&name).map(|v| v.to_str()) {
            None => Err(Code::KeyMissing.into()),
            Some(Ok(key)) if is_key(key) => Ok(Self(key.to_owned())),
            Some(_) => Err(Code::KeyInvalid.with("min", KEY_MIN).with("max", KEY_MAX).into()),
        })
    }
}

impl Describe for Key {
    fn describe(op: &mut Op) {
        op.header_like(
            "Idempotency-Key",
            true,
            "22 to 255 characters, unguessable (a UUID will do). Sent again with the same body \
             within 24 hours, the request is answered as the first time and done only once.",
            json!({
                "type": "string", "minLength": KEY_MIN, "maxLength": KEY_MAX, "pattern": "^[!-~]+$",
            }),
        );
        op.refuses(400);
        op.refuses(409);
        op.refuses(422);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_counts_by_its_version() {
        assert!(IfMatch("\"3.ab12\"".into()).names(3));
        assert!(IfMatch("W/\"3.zz\"".into()).names(3));
        assert!(!IfMatch("\"2.ab12\"".into()).names(3));
        assert!(!IfMatch("nonsense".into()).names(3));
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Filter {
        limit: Option<u32>,
    }

    #[test]
    fn a_query_is_refused_by_name() {
        let refused = |text| read_query::<Filter>(text).unwrap_err().reason;
        assert_eq!(refused("limt=3"), Code::ParameterUnknown.with("name", "limt"));
        assert_eq!(refused("limit=x"), Code::ParameterInvalid.with("name", "limit"));
        assert_eq!(refused("limit=%ff").code, Code::ParameterInvalid);
        assert_eq!(refused("limit=1%00").code, Code::ParameterInvalid);
        assert_eq!(read_query::<Filter>("limit=3").unwrap().limit, Some(3));
    }
}
