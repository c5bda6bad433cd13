//! The journal as people read it: a lead officer all of it, a job seeker what was done with the own
//! record. Must not know: how lines are sealed.

use super::answer::{Plain, page};
use super::cursor::{self, After, Paging};
use super::extract::Query;
use super::guard::{Lead, Only, Seeker};
use super::problem::Problem;
use crate::db::Conn;
use crate::db::journal::{self as table, Filter};
use crate::db::seals::JournalLine;
use crate::domain::capacity::Capacity;
use crate::domain::roles::Role;
use crate::matching::lottery::hex;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A line: something that was done, or somebody's sealed data that was looked at (`read`).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "at": "2026-11-24T03:00:00Z", "account_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11",
    "role": "office", "capacity": "authority", "operation": "verify_seeker",
    "subject_kind": "job_seeker", "subject_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12",
    "event": "verify", "from_state": "registered", "to_state": "verified",
    "digest_before": "3f8b0c5d2f3f0c1f5f0e9a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d",
    "digest_after": "a1b2c3d4e5f60718293a4b5c6d7e8f900112233445566778899aabbccddeeff0",
    "detail": null
}))]
pub struct JournalEntry {
    pub at: DateTime<Utc>,
    /// Null when the service itself did it.
    #[schema(required = true)]
    pub account_id: Option<Uuid>,
    #[schema(required = true)]
    pub role: Option<Role>,
    pub capacity: Capacity,
    /// Why: the operation of this document that it was part of, a command, or the service's own
    /// work. Words that somebody gave as a reason stay with the record that they are about.
    #[schema(required = true)]
    pub operation: Option<String>,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub event: String,
    #[schema(required = true)]
    pub from_state: Option<String>,
    #[schema(required = true)]
    pub to_state: Option<String>,
    /// HMAC-SHA256 in hexadecimal of what a change found, under a key that only the service has;
    /// null where something was made, read, or has no row.
    #[schema(required = true)]
    pub digest_before: Option<String>,
    /// The same of what it left; null where something was taken away, read, or has no row.
    #[schema(required = true)]
    pub digest_after: Option<String>,
    /// Names of changed members, codes and counts as one JSON text; never anybody's data.
    #[schema(required = true)]
    pub detail: Option<String>,
}

/// A line about the reader's own record. Officers are told by their role only.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "at": "2026-11-24T03:00:00Z", "role": "office", "capacity": "authority",
    "operation": "get_seeker", "by_me": false, "event": "read",
    "from_state": null, "to_state": null
}))]
pub struct OwnJournalEntry {
    pub at: DateTime<Utc>,
    #[schema(required = true)]
    pub role: Option<Role>,
    pub capacity: Capacity,
    /// Why: the operation that it was part of.
    #[schema(required = true)]
    pub operation: Option<String>,
    pub by_me: bool,
    pub event: String,
    #[schema(required = true)]
    pub from_state: Option<String>,
    #[schema(required = true)]
    pub to_state: Option<String>,
}

page!(
    /// Lines, the newest first.
    JournalPage of JournalEntry
);

page!(
    /// Lines about the own record, the newest first.
    OwnJournalPage of OwnJournalEntry
);

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListJournal {
    /// Whom or what it was done to.
    #[param(nullable = false)]
    pub subject_id: Option<Uuid>,
    /// Who did it.
    #[param(nullable = false)]
    pub account_id: Option<Uuid>,
    /// What was done: `read`, `register`, `verify`, ...
    #[param(nullable = false)]
    pub event: Option<String>,
    /// 1 to 100, 20 unless told.
    #[param(nullable = false, minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(nullable = false)]
    pub cursor: Option<String>,
}

impl From<JournalLine> for JournalEntry {
    fn from(line: JournalLine) -> Self {
        Self {
            at: line.at.utc(),
            account_id: line.actor.map(|a| a.0),
            role: line.role,
            capacity: line.capacity,
            operation: line.operation,
            subject_kind: line.subject_kind,
            subject_id: line.subject.0,
            event: line.event,
            from_state: line.from_state,
            to_state: line.to_state,
            digest_before: line.digest_before.as_deref().map(hex),
            digest_after: line.digest_after.as_deref().map(hex),
            detail: line.detail.map(|detail| detail.0.to_string()),
        }
    }
}

/// A page of lines, and the cursor of the next one.
fn lines(
    conn: &mut Conn<'_>,
    filter: Filter,
    limit: i64,
    given: Option<&str>,
) -> Result<(Vec<JournalLine>, Option<String>), Problem> {
    let list = format!("journal {filter:?}");
    let after = given.map(|text| cursor::read(conn.seal, &list, text)).transpose()?;
    let rows = table::page(conn, &filter, after.map(|a| a.order), limit + 1)?;
    let at = |line: &JournalLine| After { order: line.seq, id: Uuid::nil() };
    let (rows, end) = cursor::page(rows, limit, at);
    Ok((rows, end.map(|end| cursor::write(conn.seal, &list, end))))
}

pub async fn list_journal(
    who: Only<Lead>,
    query: Query<ListJournal>,
) -> Result<Plain<JournalPage>, Problem> {
    let ListJournal { subject_id, account_id, event, limit, cursor } = query.0;
    let limit = cursor::limit(limit)?;
    let filter = Filter { subject: subject_id, actor: account_id.map(Into::into), event };
    who.read(move |conn, _| {
        let (rows, next_cursor) = lines(conn, filter, limit, cursor.as_deref())?;
        Ok(Plain(JournalPage { data: rows.into_iter().map(Into::into).collect(), next_cursor }))
    })
    .await
}

pub async fn list_own_journal(
    who: Only<Seeker>,
    query: Query<Paging>,
) -> Result<Plain<OwnJournalPage>, Problem> {
    let Paging { limit, cursor } = query.0;
    let limit = cursor::limit(limit)?;
    let filter = Filter { subject: Some(who.is.seeker.uuid()), ..Filter::default() };
    let me = who.actor().account;
    who.read(move |conn, _| {
        let (rows, next_cursor) = lines(conn, filter, limit, cursor.as_deref())?;
        let own = |line: JournalLine| OwnJournalEntry {
            at: line.at.utc(),
            role: line.role,
            capacity: line.capacity,
            operation: line.operation,
            by_me: line.actor.is_some() && line.actor == me,
            event: line.event,
            from_state: line.from_state,
            to_state: line.to_state,
        };
        Ok(Plain(OwnJournalPage { data: rows.into_iter().map(own).collect(), next_cursor }))
    })
    .await
}
