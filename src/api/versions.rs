//! Every version of a season's frozen input by its digests, open to everybody: what a receipt or an
//! objection is held against. Must not know: lists, people.

use super::answer::{Plain, page};
use super::cursor::{self, After, Paging};
use super::extract::{Path, Query};
use super::guard::{Anybody, Only};
use super::problem::Problem;
use crate::db::inputs::{self as table, OpenRow};
use crate::db::{Fault, seasons};
use crate::domain::ids::SeasonId;
use crate::domain::problem::Code;
use crate::domain::seasons::SeasonState;
use crate::domain::time::Instant;
use crate::matching::lottery::hex;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A version of the frozen input as everybody sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "season_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "input_version": 2,
    "digest": "9f2c", "root": "77ab", "tree_size": 4221,
    "reason": "Months were counted twice.",
    "frozen_at": "2026-12-20T10:00:00Z", "objection_until": "2026-12-23T10:00:00Z",
    "beacon_name": null, "beacon_value": null, "beacon_source": null, "beacon_reason": null,
    "beacon_at": null
}))]
pub struct OpenInput {
    pub season_id: Uuid,
    pub input_version: i32,
    /// SHA-256 of the canonical bytes.
    pub digest: String,
    /// Root of the Merkle tree (RFC 6962) over the salted leaves.
    pub root: String,
    pub tree_size: i64,
    /// Why it corrects the version before; null for the first.
    #[schema(required = true)]
    pub reason: Option<String>,
    pub frozen_at: DateTime<Utc>,
    /// Until then anybody may object; the beacon is entered after it.
    pub objection_until: DateTime<Utc>,
    #[schema(required = true)]
    pub beacon_name: Option<String>,
    #[schema(required = true)]
    pub beacon_value: Option<String>,
    #[schema(required = true)]
    pub beacon_source: Option<String>,
    /// Why the fallback decides.
    #[schema(required = true)]
    pub beacon_reason: Option<String>,
    #[schema(required = true)]
    pub beacon_at: Option<DateTime<Utc>>,
}

impl From<OpenRow> for OpenInput {
    fn from(row: OpenRow) -> Self {
        Self {
            season_id: row.season_id.uuid(),
            input_version: row.input_version,
            digest: hex(&row.digest),
            root: hex(&row.root),
            tree_size: row.tree_size,
            reason: row.reason,
            frozen_at: row.frozen_at.utc(),
            objection_until: row.objection_until.utc(),
            beacon_name: row.beacon_name,
            beacon_value: row.beacon_value,
            beacon_source: row.beacon_source,
            beacon_reason: row.beacon_reason,
            beacon_at: row.beacon_at.map(Instant::utc),
        }
    }
}

page!(
    /// Versions of a season's frozen input, the first one first.
    OpenInputPage of OpenInput
);

pub async fn list_inputs(
    who: Only<Anybody>,
    id: Path<SeasonId>,
    query: Query<Paging>,
) -> Result<Plain<OpenInputPage>, Problem> {
    let season = id.0;
    let limit = cursor::limit(query.0.limit)?;
    let list = format!("inputs {season}");
    who.snapshot(move |conn, _| {
        if seasons::get(conn, season)?.state == SeasonState::Draft {
            return Err(Code::NotFound.into());
        }
        let after = query.0.cursor.map(|text| cursor::read(conn.seal, &list, &text)).transpose()?;
        let after = i32::try_from(after.map_or(0, |a| a.order)).map_err(Fault::broken)?;
        let rows = table::page(conn, season, after, limit + 1)?;
        let at = |row: &OpenRow| After { order: row.input_version.into(), id: season.uuid() };
        let (rows, end) = cursor::page(rows, limit, at);
        let next_cursor = end.map(|end| cursor::write(conn.seal, &list, end));
        Ok(Plain(OpenInputPage { data: rows.into_iter().map(Into::into).collect(), next_cursor }))
    })
    .await
}
