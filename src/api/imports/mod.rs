//! Imports of registers: upload, progress, verdicts, refused rows.
//! Must not know: how a file is read.

mod refused;
mod upload;
mod wire;

use super::answer::{Accepted, Plain, Sheet, Tagged, tag_of};
use super::cursor::{self, After};
use super::extract::{Key, Path, Query, Seen};
use super::guard::{Office, Only};
use super::problem::Problem;
use crate::db::imports::{self as table, NewImport, Verdict};
use crate::db::types::{ImportMode, JobState};
use crate::db::{Conn, Fault, jobs};
use crate::domain::ids::{ImportId, JobId};
use crate::domain::lifecycle::Refusal;
use crate::texts::Lang;
use sha2::{Digest, Sha256};
use std::io::{Seek as _, SeekFrom};
use upload::Upload;
use wire::{Import, ImportRow, ImportRowPage, ListRows, UploadQuery};

fn show(conn: &mut Conn<'_>, id: ImportId, lang: Lang) -> Result<Import, Problem> {
    let row = table::get(conn, id)?;
    let job = jobs::get(conn, row.job_id)?;
    let said = table::file_problems(conn, id)?;
    let headers = row.headers(conn)?;
    Ok(Import::of(&row, &headers, job, &said, lang))
}

/// The same file in the other mode is another request.
fn seen(mode: ImportMode, digest: &[u8; 32]) -> Seen {
    Seen(Sha256::digest([mode.as_str().as_bytes(), &[0], digest].concat()).into())
}

pub async fn import_seekers(
    who: Only<Office>,
    query: Query<UploadQuery>,
    key: Key,
    upload: Upload,
) -> Result<Accepted<Import>, Problem> {
    let (mode, lang) = (query.0.mode, who.lang);
    let Upload { file, digest } = upload;
    who.once(
        key,
        seen(mode, &digest),
        move |tx, _, made| {
            let mut file = &file;
            file.seek(SeekFrom::Start(0)).map_err(Fault::broken)?;
            let new = NewImport { id: made.into(), job: JobId(tx.new_id()), mode, digest };
            table::begin(tx, &new, &mut file)?;
            Ok(None)
        },
        move |tx, made| show(tx, made.into(), lang).map(Accepted),
    )
    .await
}

pub async fn get_import(who: Only<Office>, id: Path<ImportId>) -> Result<Tagged<Import>, Problem> {
    let lang = who.lang;
    who.snapshot(move |conn, _| show(conn, id.0, lang).map(Tagged)).await
}

pub async fn list_import_rows(
    who: Only<Office>,
    id: Path<ImportId>,
    query: Query<ListRows>,
) -> Result<Plain<ImportRowPage>, Problem> {
    let (id, query, lang) = (id.0, query.0, who.lang);
    let limit = cursor::limit(query.limit)?;
    let list = format!("imports {id} {:?} {:?}", query.outcome, query.told);
    who.snapshot(move |conn, _| {
        table::get(conn, id)?;
        let after =
            query.cursor.as_deref().map(|c| cursor::read(conn.seal, &list, c)).transpose()?;
        let rows = usize::try_from(limit + 1).unwrap_or(0);
        let found = table::page(conn, id, after.map_or(0, |a| a.order), rows, |v| query.wants(v))?;
        let at = |verdict: &Verdict| After { order: verdict.row, id: id.uuid() };
        let (found, end) = cursor::page(found, limit, at);
        Ok(Plain(ImportRowPage {
            data: found.into_iter().map(|verdict| ImportRow::of(verdict, lang)).collect(),
            next_cursor: end.map(|end| cursor::write(conn.seal, &list, end)),
        }))
    })
    .await
}

/// Only when every row was judged: half of the refused rows would look like all of them.
pub async fn get_refused_rows(who: Only<Office>, id: Path<ImportId>) -> Result<Sheet, Problem> {
    let (id, lang, sight) = (id.0, who.lang, who.sight());
    who.snapshot(move |conn, _| {
        let import = show(conn, id, lang)?;
        if import.state != JobState::Done || import.destroyed_at.is_some() {
            return Err(Problem::state(Refusal::State, tag_of(&import)));
        }
        Ok(Sheet { file: refused::write(sight, conn, id, lang)?, name: "refused-rows.csv" })
    })
    .await
}
