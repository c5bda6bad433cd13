//! The body of an upload: a file that is streamed to the disk and hashed on its way, never held in
//! memory. Must not know: what a register looks like.

use crate::api::extract::media_type_is;
use crate::api::pace::Pace;
use crate::api::problem::Problem;
use crate::api::routes::{Describe, Op};
use crate::db::Fault;
use crate::domain::problem::Code;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::future::Future;
use std::io::{self, Write};
use std::pin::Pin;

/// The largest file: 200,000 rows of a register take about 40 MiB as text.
pub const LARGEST: usize = 64 * 1024 * 1024;
/// As much is read and thrown away so that the sender of too much can still read the answer.
const DRAINED: usize = 2 * LARGEST;
/// Bytes that are gathered before the disk is asked.
const GATHERED: usize = 256 * 1024;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// The one that the document names: generators of clients know no other for a file.
const ANY_FILE: &str = "application/octet-stream";
const MEDIA_TYPES: [&str; 3] = ["text/csv", XLSX, ANY_FILE];

/// A file without a name, which is gone when it is dropped.
pub struct Upload {
    pub file: File,
    /// SHA-256 of the bytes.
    pub digest: [u8; 32],
}

struct Sink {
    file: File,
    hash: Sha256,
}

fn broken(error: io::Error) -> Problem {
    Fault::broken(error).into()
}

/// Files are slow compared with memory: their work is done where blocking is allowed.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Problem> {
    web::block(work).await.map_err(|_| Problem::from(Code::Internal))?.map_err(broken)
}

async fn store(mut sink: Sink, bytes: Vec<u8>) -> Result<Sink, Problem> {
    aside(move || {
        sink.hash.update(&bytes);
        sink.file.write_all(&bytes).map(|()| sink)
    })
    .await
}

async fn receive(mut coming: Pace) -> Result<Upload, Problem> {
    let file = aside(tempfile::tempfile).await?;
    let mut sink = Sink { file, hash: Sha256::new() };
    let (mut bytes, mut size) = (Vec::new(), 0usize);
    while let Some(piece) = coming.piece().await? {
        size = size.saturating_add(piece.len());
        if size > DRAINED {
            break;
        }
        if size <= LARGEST {
            bytes.extend_from_slice(&piece);
        }
        if bytes.len() >= GATHERED {
            sink = store(sink, std::mem::take(&mut bytes)).await?;
        }
    }
    if size > LARGEST {
        return Err(Code::BodyTooLarge.with("max", LARGEST).into());
    }
    let Sink { file, hash } = store(sink, bytes).await?;
    Ok(Upload { file, digest: hash.finalize().into() })
}

impl FromRequest for Upload {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let typed = MEDIA_TYPES.iter().any(|t| media_type_is(request.headers(), t));
        let coming = Pace::begin(payload);
        Box::pin(async move {
            if !typed {
                let expected = MEDIA_TYPES.join(", ");
                return Err(Code::MediaTypeUnsupported.with("expected", expected).into());
            }
            receive(coming).await
        })
    }
}

impl Describe for Upload {
    fn describe(op: &mut Op) {
        op.file(ANY_FILE);
        op.refuses(408);
        op.refuses(413);
        op.refuses(415);
    }
}
