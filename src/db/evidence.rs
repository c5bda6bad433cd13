//! Files that people handed in with a request, sealed. The only writer of its table.
//! Must not know: what is in them.

use super::schema::{data_requests, evidence_files};
use super::{Conn, Fault, MultiBackend, Tx, rights, seekers};
use crate::domain::ids::{DataRequestId, EvidenceId, SeekerId};
use crate::domain::papers::MediaType;
use crate::domain::time::Instant;
use crate::seal::Place;
use diesel::prelude::*;
use serde_json::json;

pub(super) const COLUMN: &str = "evidence_files.content_sealed";

/// All of a file but its content.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = evidence_files, check_for_backend(MultiBackend))]
pub struct EvidenceRow {
    pub id: EvidenceId,
    pub request_id: DataRequestId,
    pub media_type: MediaType,
    pub bytes: i64,
    /// SHA-256 of the content.
    pub digest: Vec<u8>,
    pub added_at: Instant,
}

/// A file to be kept.
#[derive(Debug)]
pub struct NewEvidence<'a> {
    pub id: EvidenceId,
    pub request: DataRequestId,
    pub media_type: MediaType,
    pub content: &'a [u8],
    pub digest: &'a [u8; 32],
}

pub fn insert(tx: &mut Tx<'_>, new: &NewEvidence<'_>) -> Result<(), Fault> {
    let place = Place { column: COLUMN, row: new.id.uuid() };
    let bytes = i64::try_from(new.content.len()).map_err(Fault::broken)?;
    diesel::insert_into(evidence_files::table)
        .values((
            evidence_files::id.eq(new.id),
            evidence_files::request_id.eq(new.request),
            evidence_files::media_type.eq(new.media_type),
            evidence_files::bytes.eq(bytes),
            evidence_files::digest.eq(new.digest.to_vec()),
            evidence_files::content_sealed.eq(tx.seal.close(place, new.content)?),
            evidence_files::added_at.eq(tx.now),
        ))
        .execute(tx.db)?;
    let detail = json!({ "file": new.id.to_string(), "media_type": new.media_type.as_str() });
    tx.journal(rights::SUBJECT, new.request.uuid(), "add_evidence", Some(detail))
}

/// The files of a request, the first one first.
pub fn of(conn: &mut Conn<'_>, request: DataRequestId) -> Result<Vec<EvidenceRow>, Fault> {
    let theirs = evidence_files::table.filter(evidence_files::request_id.eq(request));
    let query = theirs.order(evidence_files::id.asc()).select(EvidenceRow::as_select());
    Ok(query.load(conn.db)?)
}

/// One file and whose it is, if the scope covers it.
pub fn get(
    conn: &mut Conn<'_>,
    id: EvidenceId,
    scope: seekers::Scope,
) -> Result<(EvidenceRow, SeekerId), Fault> {
    let row: EvidenceRow =
        evidence_files::table.find(id).select(EvidenceRow::as_select()).first(conn.db)?;
    let request = rights::get(conn, row.request_id, scope)?;
    Ok((row, request.seeker_id))
}

/// What is in the file. Somebody looks at the person's papers.
pub fn content(conn: &mut Conn<'_>, row: &EvidenceRow, seeker: SeekerId) -> Result<Vec<u8>, Fault> {
    let query = evidence_files::table.find(row.id).select(evidence_files::content_sealed);
    let sealed: Vec<u8> = query.first(conn.db)?;
    conn.sees((seekers::SUBJECT, seeker.uuid()));
    Ok(conn.seal.open(Place { column: COLUMN, row: row.id.uuid() }, &sealed)?)
}

/// Every file of a person goes.
pub fn destroy_of(tx: &mut Tx<'_>, seeker: SeekerId) -> Result<(), Fault> {
    let theirs = data_requests::table.filter(data_requests::seeker_id.eq(seeker));
    let ids: Vec<DataRequestId> = theirs.select(data_requests::id).load(tx.db)?;
    ids.into_iter().try_for_each(|request| destroy(tx, request).map(drop))
}

/// Requests with files that were over before that moment.
pub fn ended_before(conn: &mut Conn<'_>, moment: Instant) -> Result<Vec<DataRequestId>, Fault> {
    let query = data_requests::table
        .inner_join(evidence_files::table.on(evidence_files::request_id.eq(data_requests::id)))
        .filter(data_requests::ended_at.lt(moment))
        .select(data_requests::id)
        .distinct();
    Ok(query.load(conn.db)?)
}

/// The files of a request go; that there were some stays in the journal.
pub fn destroy(tx: &mut Tx<'_>, request: DataRequestId) -> Result<usize, Fault> {
    let theirs = evidence_files::table.filter(evidence_files::request_id.eq(request));
    let gone = diesel::delete(theirs).execute(tx.db)?;
    if gone > 0 {
        let detail = json!({ "files": gone });
        tx.journal(rights::SUBJECT, request.uuid(), "destroy_evidence", Some(detail))?;
    }
    Ok(gone)
}
