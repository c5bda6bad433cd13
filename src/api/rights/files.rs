//! Files that show what a person asks for: hand in, list, fetch.
//! Must not know: how a picture or a document is read.

use super::Eyes;
use crate::api::answer::{Attachment, Created, Plain, Resource};
use crate::api::extract::{Key, Path, Seen, body, media_type_is};
use crate::api::guard::{Office, Only, Or, Seeker};
use crate::api::pace::Pace;
use crate::api::problem::Problem;
use crate::api::routes::{Describe, Op};
use crate::db::evidence::{self as table, EvidenceRow, NewEvidence};
use crate::db::seekers::Scope;
use crate::db::{Conn, rights};
use crate::domain::ids::{DataRequestId, EvidenceId};
use crate::domain::papers::{MediaType, files_at_most};
use crate::domain::problem::Code;
use crate::domain::time::Zone;
use crate::matching::lottery::hex;
use crate::outside::papers::{Paper, checked};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::future::Future;
use std::pin::Pin;
use utoipa::ToSchema;
use uuid::Uuid;

/// The largest file: a telephone's photograph has half of it.
const LARGEST: usize = 8 * 1024 * 1024;
const ANY_FILE: &str = "application/octet-stream";

/// A file that was handed in, without its content.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11",
    "data_request_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12", "media_type": "image/jpeg",
    "bytes": 412_331, "added_at": "2026-11-24T03:00:00Z",
    "sha256": "3f8b0c5d2f3f0c1f5f0e9a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d"
}))]
pub struct EvidenceFile {
    id: Uuid,
    data_request_id: Uuid,
    media_type: MediaType,
    /// As it is kept: a picture is drawn anew when it comes.
    bytes: i64,
    sha256: String,
    added_at: DateTime<Utc>,
}

impl From<EvidenceRow> for EvidenceFile {
    fn from(row: EvidenceRow) -> Self {
        Self {
            id: row.id.uuid(),
            data_request_id: row.request_id.uuid(),
            media_type: row.media_type,
            bytes: row.bytes,
            sha256: hex(&row.digest),
            added_at: row.added_at.utc(),
        }
    }
}

impl Resource for EvidenceFile {
    fn version(&self) -> i64 {
        1
    }
    fn location(&self) -> String {
        format!("/v1/evidence-files/{}", self.id)
    }
}

/// The files of a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceFiles {
    data: Vec<EvidenceFile>,
}

/// A body that is held in memory.
pub struct HandedIn {
    bytes: Vec<u8>,
    seen: Seen,
}

impl FromRequest for HandedIn {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let all: Vec<&str> =
            MediaType::ALL.iter().map(|one| one.as_str()).chain([ANY_FILE]).collect();
        let typed = all.iter().any(|one| media_type_is(request.headers(), one));
        let expected = all.join(", ");
        let coming = Pace::begin(payload);
        Box::pin(async move {
            if !typed {
                return Err(Code::MediaTypeUnsupported.with("expected", expected).into());
            }
            let bytes = body(coming, LARGEST).await?;
            let seen = Seen(Sha256::digest(&bytes).into());
            Ok(Self { bytes, seen })
        })
    }
}

impl Describe for HandedIn {
    fn describe(op: &mut Op) {
        op.file(ANY_FILE);
        op.refuses(408);
        op.refuses(413);
        op.refuses(415);
        op.refuses(422);
    }
}

fn show(conn: &mut Conn<'_>, id: EvidenceId) -> Result<EvidenceFile, Problem> {
    Ok(table::get(conn, id, Scope::All)?.0.into())
}

pub async fn add_evidence_file(
    who: Only<Seeker>,
    id: Path<DataRequestId>,
    key: Key,
    file: HandedIn,
) -> Result<Created<EvidenceFile>, Problem> {
    let (eyes, request) = (super::own(&who), id.0);
    let most = files_at_most(who.now().day_in(Zone::Jakarta), &who.app().rules)?;
    // Nobody draws a picture for what is somebody else's.
    who.read(move |conn, _| Ok(rights::get(conn, request, eyes.scope)?)).await?;
    let HandedIn { bytes, seen } = file;
    let app = who.app().clone();
    let look = move || checked(bytes, app.edge.scanner.as_ref());
    let Paper { media_type, bytes } = who.app().papers.run(look).await??;
    let digest: [u8; 32] = Sha256::digest(&bytes).into();
    who.once(
        key,
        seen,
        move |tx, _, made| {
            may_add(tx, (request, eyes), most)?;
            let (id, content, digest) = (made.into(), bytes.as_slice(), &digest);
            table::insert(tx, &NewEvidence { id, request, media_type, content, digest })?;
            Ok(None)
        },
        |tx, made| show(tx, made.into()).map(Created),
    )
    .await
}

/// A request that is answered needs nothing more.
fn may_add(
    conn: &mut Conn<'_>,
    (request, eyes): (DataRequestId, Eyes),
    most: i64,
) -> Result<(), Problem> {
    let row = rights::get(conn, request, eyes.scope)?;
    if !row.state.is_open() {
        return Err(Code::StateConflict.into());
    }
    let there = i64::try_from(table::of(conn, request)?.len()).unwrap_or(i64::MAX);
    if there >= most { Err(Code::EvidenceFull.with("max", most).into()) } else { Ok(()) }
}

pub async fn list_evidence_files(
    who: Only<Or<Office, Seeker>>,
    id: Path<DataRequestId>,
) -> Result<Plain<EvidenceFiles>, Problem> {
    let scope = who.is.scope();
    who.snapshot(move |conn, _| {
        let request = rights::get(conn, id.0, scope)?.id;
        let data = table::of(conn, request)?.into_iter().map(Into::into).collect();
        Ok(Plain(EvidenceFiles { data }))
    })
    .await
}

pub async fn get_evidence_file(
    who: Only<Or<Office, Seeker>>,
    id: Path<EvidenceId>,
) -> Result<Attachment, Problem> {
    let scope = who.is.scope();
    who.snapshot(move |conn, _| {
        let (row, seeker) = table::get(conn, id.0, scope)?;
        let bytes = table::content(conn, &row, seeker)?;
        let name = format!("{}.{}", row.id, row.media_type.ending());
        Ok(Attachment { bytes, name })
    })
    .await
}
