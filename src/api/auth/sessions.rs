//! The caller's own sessions: where somebody is logged in, and how to end that.
//! Must not know: tokens.

use crate::api::answer::{Empty, Plain, Resource, Tagged, page, tag_of};
use crate::api::cursor::{self, After, Paging};
use crate::api::extract::{IfMatch, Path, Query};
use crate::api::guard::{Only, Somebody};
use crate::api::problem::Problem;
use crate::db::Conn;
use crate::db::sessions::{self as table, SessionRow};
use crate::domain::ids::{AccountId, SessionId};
use crate::domain::problem::Code;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A log-in that lives. It is known by its times alone: nothing of the device is kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "created_at": "2026-11-24T03:00:00Z",
    "last_used_at": "2026-11-24T05:10:00Z", "expires_at": "2026-11-24T17:10:00Z",
    "ends_at": "2026-11-25T03:00:00Z", "current": true
}))]
pub struct Session {
    id: Uuid,
    created_at: DateTime<Utc>,
    /// When its tokens were made anew the last time.
    last_used_at: DateTime<Utc>,
    /// Unless it is used before.
    expires_at: DateTime<Utc>,
    /// In spite of any use.
    ends_at: DateTime<Utc>,
    /// Whether the token of this request belongs to it.
    current: bool,
}

impl Resource for Session {
    /// Uses do not count: whoever holds a stolen token cannot keep its owner from ending it.
    fn version(&self) -> i64 {
        1
    }
    fn location(&self) -> String {
        format!("/v1/me/sessions/{}", self.id)
    }
}

page!(
    /// A page of sessions.
    SessionPage of Session
);

/// Whose sessions, and which of them asks.
#[derive(Clone, Copy)]
struct Owner {
    account: AccountId,
    current: Option<SessionId>,
}

impl Owner {
    fn of(who: &Only<Somebody>) -> Result<Self, Problem> {
        let account = who.actor().account.ok_or(Code::TokenMissing)?;
        Ok(Self { account, current: who.session() })
    }

    fn row(self, conn: &mut Conn<'_>, id: SessionId) -> Result<SessionRow, Problem> {
        let row = table::get(conn, id)?;
        if row.account_id == self.account { Ok(row) } else { Err(Code::NotFound.into()) }
    }

    fn shown(self, row: &SessionRow) -> Session {
        Session {
            id: row.id.uuid(),
            created_at: row.begun_at.utc(),
            last_used_at: row.used_at.utc(),
            expires_at: row.expires_at.utc(),
            ends_at: row.ends_at.utc(),
            current: self.current == Some(row.id),
        }
    }
}

pub async fn list_sessions(
    who: Only<Somebody>,
    query: Query<Paging>,
) -> Result<Plain<SessionPage>, Problem> {
    const LIST: &str = "sessions";
    let (owner, query) = (Owner::of(&who)?, query.0);
    let limit = cursor::limit(query.limit)?;
    who.read(move |conn, now| {
        let after = query.cursor.map(|text| cursor::read(conn.seal, LIST, &text)).transpose()?;
        let after = after.map(|a| a.id.into());
        let rows = table::page(conn, owner.account, now, after, limit + 1)?;
        let at = |row: &SessionRow| After { order: 0, id: row.id.uuid() };
        let (rows, end) = cursor::page(rows, limit, at);
        Ok(Plain(SessionPage {
            data: rows.iter().map(|row| owner.shown(row)).collect(),
            next_cursor: end.map(|end| cursor::write(conn.seal, LIST, end)),
        }))
    })
    .await
}

pub async fn get_session(
    who: Only<Somebody>,
    id: Path<SessionId>,
) -> Result<Tagged<Session>, Problem> {
    let owner = Owner::of(&who)?;
    who.read(move |conn, now| {
        let row = owner.row(conn, id.0)?;
        if row.lives(now) { Ok(Tagged(owner.shown(&row))) } else { Err(Code::NotFound.into()) }
    })
    .await
}

pub async fn end_session(
    who: Only<Somebody>,
    id: Path<SessionId>,
    tag: IfMatch,
) -> Result<Empty, Problem> {
    let owner = Owner::of(&who)?;
    if owner.current != Some(id.0) {
        who.freshly()?;
    }
    who.write(move |tx, _| {
        let row = owner.row(tx, id.0)?;
        if row.ended_at.is_none() {
            let shown = owner.shown(&row);
            tag.holds(shown.version(), || tag_of(&shown))?;
            table::end(tx, &row, "end_session")?;
        }
        Ok(Empty)
    })
    .await
}
