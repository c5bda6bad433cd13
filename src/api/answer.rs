//! Answers with their headers: tags, locations, pages.
//! Must not know: problems, which `frame` writes.

use super::routes::{Describe, Op};
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse, Responder};
use futures_util::stream;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read as _};
use utoipa::ToSchema;

/// A representation with a version, at a place of its own.
pub trait Resource: Serialize + ToSchema + 'static {
    fn version(&self) -> i64;
    fn location(&self) -> String;
}

/// `"<version>.<digest of the bytes sent>"`: a change of the row or of its spelling shows.
pub fn tag(version: i64, bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let short = digest.first_chunk::<8>().map_or(0, |head| u64::from_be_bytes(*head));
    format!("\"{version}.{short:016x}\"")
}

/// The tag of a resource as it would be sent now.
pub fn tag_of<T: Resource>(resource: &T) -> String {
    tag(resource.version(), &bytes_of(resource))
}

fn bytes_of<T: Serialize>(value: &T) -> Vec<u8> {
    // Wire structs are plain: no map with other keys than strings, no failing serializer.
    serde_json::to_vec(value).unwrap_or_default()
}

fn json_of<T: Serialize>(status: u16, value: &T) -> (HttpResponse, Bytes) {
    let bytes = Bytes::from(bytes_of(value));
    let status = actix_web::http::StatusCode::from_u16(status)
        .unwrap_or(actix_web::http::StatusCode::INTERNAL_SERVER_ERROR);
    let response = HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .body(bytes.clone());
    (response, bytes)
}

fn with_header(response: &mut HttpResponse, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// 200 with the tag; 304 when the reader has it already.
pub struct Tagged<T>(pub T);

impl<T: Resource> Responder for Tagged<T> {
    type Body = actix_web::body::BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let (mut response, bytes) = json_of(200, &self.0);
        let tag = tag(self.0.version(), &bytes);
        if request.method().is_safe() && has(request, &tag) {
            response = HttpResponse::NotModified().finish();
            with_header(&mut response, header::CACHE_CONTROL, "private, no-cache");
        }
        with_header(&mut response, header::ETAG, &tag);
        response
    }
}

fn has(request: &HttpRequest, tag: &str) -> bool {
    let given = request.headers().get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    given.is_some_and(|given| {
        given.split(',').map(str::trim).any(|t| t == "*" || t.trim_start_matches("W/") == tag)
    })
}

impl<T: Resource> Describe for Tagged<T> {
    fn describe(op: &mut Op) {
        op.answers::<T>(200, "As it stands now.", &["ETag"]);
        if op.is_read() {
            op.header("If-None-Match", false, "The ETag of a copy that the reader holds.");
            op.empty(304, "The reader's copy is still good.", &["ETag"]);
        }
    }
}

/// 201 with tag and place.
pub struct Created<T>(pub T);

impl<T: Resource> Responder for Created<T> {
    type Body = actix_web::body::BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let (mut response, bytes) = json_of(201, &self.0);
        with_header(&mut response, header::ETAG, &tag(self.0.version(), &bytes));
        with_header(&mut response, header::LOCATION, &self.0.location());
        response
    }
}

impl<T: Resource> Describe for Created<T> {
    fn describe(op: &mut Op) {
        op.answers::<T>(201, "Made.", &["ETag", "Location"]);
    }
}

/// 202: work goes on; the place tells how far it is.
pub struct Accepted<T>(pub T);

impl<T: Resource> Responder for Accepted<T> {
    type Body = actix_web::body::BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let (mut response, bytes) = json_of(202, &self.0);
        with_header(&mut response, header::ETAG, &tag(self.0.version(), &bytes));
        with_header(&mut response, header::LOCATION, &self.0.location());
        response
    }
}

impl<T: Resource> Describe for Accepted<T> {
    fn describe(op: &mut Op) {
        op.answers::<T>(
            202,
            "Taken; the place named in Location tells the progress.",
            &["ETag", "Location"],
        );
    }
}

/// 200 without a tag: pages, reports, tokens.
pub struct Plain<T>(pub T);

impl<T: Serialize + ToSchema + 'static> Responder for Plain<T> {
    type Body = actix_web::body::BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        json_of(200, &self.0).0
    }
}

impl<T: Serialize + ToSchema + 'static> Describe for Plain<T> {
    fn describe(op: &mut Op) {
        op.answers::<T>(200, "The answer.", &[]);
    }
}

/// 200 with a tag that every cache may keep for so many seconds: what is the same for everybody.
pub struct Shared<T, const SECONDS: u32>(pub T);

impl<T: Serialize + ToSchema + 'static, const SECONDS: u32> Responder for Shared<T, SECONDS> {
    type Body = actix_web::body::BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let (mut response, bytes) = json_of(200, &self.0);
        let tag = tag(1, &bytes);
        if has(request, &tag) {
            response = HttpResponse::NotModified().finish();
        }
        let kept = format!("public, max-age={SECONDS}");
        with_header(&mut response, header::CACHE_CONTROL, &kept);
        with_header(&mut response, header::ETAG, &tag);
        response
    }
}

impl<T: Serialize + ToSchema + 'static, const SECONDS: u32> Describe for Shared<T, SECONDS> {
    fn describe(op: &mut Op) {
        op.answers::<T>(200, "As it stands now.", &["Cache-Control", "ETag"]);
        op.header("If-None-Match", false, "The ETag of a copy that the reader holds.");
        op.empty(304, "The reader's copy is still good.", &["Cache-Control", "ETag"]);
    }
}

/// 200 that no cache may keep: tokens and codes.
pub struct Secret<T>(pub T);

impl<T: Serialize + ToSchema + 'static> Responder for Secret<T> {
    type Body = actix_web::body::BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let (mut response, _) = json_of(200, &self.0);
        with_header(&mut response, header::CACHE_CONTROL, "no-store");
        response
    }
}

impl<T: Serialize + ToSchema + 'static> Describe for Secret<T> {
    fn describe(op: &mut Op) {
        op.answers::<T>(200, "Not to be cached.", &[]);
    }
}

/// 201 that no cache may keep: it tells a secret, which a later reading does not.
pub struct CreatedOnce<T>(pub T);

impl<T: Resource> Responder for CreatedOnce<T> {
    type Body = actix_web::body::BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = Created(self.0).respond_to(request);
        with_header(&mut response, header::CACHE_CONTROL, "no-store");
        response
    }
}

impl<T: Resource> Describe for CreatedOnce<T> {
    fn describe(op: &mut Op) {
        op.answers::<T>(201, "Made. Not to be cached.", &["ETag", "Location"]);
    }
}

/// 202 that tells nothing: the same whoever asks and whatever stands.
pub struct Noted<T>(pub T);

impl<T: Serialize + ToSchema + 'static> Responder for Noted<T> {
    type Body = actix_web::body::BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let (mut response, _) = json_of(202, &self.0);
        with_header(&mut response, header::CACHE_CONTROL, "no-store");
        response
    }
}

impl<T: Serialize + ToSchema + 'static> Describe for Noted<T> {
    fn describe(op: &mut Op) {
        op.answers::<T>(202, "Noted.", &[]);
    }
}

/// 200 with a CSV file to be saved. It holds a person's data, so no cache keeps it.
pub struct Sheet {
    pub file: File,
    pub name: &'static str,
}

/// Bytes of a file that are in memory at once.
const PIECE: u64 = 64 * 1024;

fn piece(mut file: File) -> io::Result<Option<(web::Bytes, File)>> {
    let mut bytes = Vec::new();
    file.by_ref().take(PIECE).read_to_end(&mut bytes)?;
    Ok((!bytes.is_empty()).then(|| (bytes.into(), file)))
}

impl Responder for Sheet {
    type Body = actix_web::body::BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let pieces = stream::try_unfold(self.file, |file| async {
            web::block(|| piece(file)).await.map_err(io::Error::other)?
        });
        let name = format!("attachment; filename=\"{}\"", self.name);
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
            .insert_header((header::CONTENT_DISPOSITION, name))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .streaming(pieces)
    }
}

impl Describe for Sheet {
    fn describe(op: &mut Op) {
        op.sends(200, "A file to be saved.", "text/csv");
        op.refuses(409);
    }
}

/// 200 with a paper to be saved, whatever kind it is: nothing opens it by itself. It holds a
/// person's data, so no cache keeps it.
pub struct Attachment {
    pub bytes: Vec<u8>,
    pub name: String,
}

/// What generators of clients know for bytes.
const ANY_FILE: &str = "application/octet-stream";

impl Responder for Attachment {
    type Body = actix_web::body::BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let name = format!("attachment; filename=\"{}\"", self.name);
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, ANY_FILE))
            .insert_header((header::CONTENT_DISPOSITION, name))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(self.bytes)
    }
}

impl Describe for Attachment {
    fn describe(op: &mut Op) {
        op.sends_file(200, "A file to be saved.", ANY_FILE);
    }
}

/// 200 with a page for people. It holds a person's data, so no cache keeps it.
pub struct Html(pub String);

impl Responder for Html {
    type Body = actix_web::body::BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(self.0)
    }
}

impl Describe for Html {
    fn describe(op: &mut Op) {
        op.sends(200, "A page without scripts.", "text/html");
    }
}

/// 204.
pub struct Empty;

impl Responder for Empty {
    type Body = actix_web::body::BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

impl Describe for Empty {
    fn describe(op: &mut Op) {
        op.empty(204, "Done.", &[]);
    }
}

/// Names the concrete schema of a page: `page!(JobSeekerPage of JobSeeker)`.
macro_rules! page {
    ($(#[$meta:meta])* $page:ident of $item:ident) => {
        $(#[$meta])*
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $page {
            pub data: Vec<$item>,
            /// Hand it back as `cursor` for the next page; null on the last one.
            #[schema(required = true)]
            pub next_cursor: Option<String>,
        }
    };
}
pub(super) use page;
