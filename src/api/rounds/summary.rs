//! Counts of a round under the small-cell rule.
//! Must not know: what may be shown.

use super::wire::RoundNode;
use super::{scope, told};
use crate::api::answer::Plain;
use crate::api::extract::Path;
use crate::api::guard::{Anybody, Only};
use crate::api::problem::Problem;
use crate::db::rounds::{self as table, Scope};
use crate::db::seasons;
use crate::domain::disclosure::Cells;
use crate::domain::ids::RoundId;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A count; null is hidden.
#[derive(Debug, Serialize, ToSchema)]
pub struct Count {
    pub key: String,
    #[schema(required = true)]
    pub count: Option<u64>,
}

/// How many were placed, by one grouping at a time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "round_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "placed": 298, "smallest_count": 5,
    "by_kecamatan": [{ "key": "321618", "count": 12 }, { "key": "321619", "count": null }],
    "by_sex": [{ "key": "female", "count": 120 }, { "key": "male", "count": 178 }],
    "by_sector": [{ "key": "agriculture", "count": 290 }, { "key": "fishery", "count": 8 }],
    "nodes": []
}))]
pub struct RoundSummary {
    pub round_id: Uuid,
    #[schema(required = true)]
    pub placed: Option<u64>,
    /// Smaller counts are hidden, with others that would give them away.
    pub smallest_count: u64,
    pub by_kecamatan: Vec<Count>,
    pub by_sex: Vec<Count>,
    pub by_sector: Vec<Count>,
    pub nodes: Vec<RoundNode>,
}

fn counts(cells: Cells) -> Vec<Count> {
    cells.into_iter().map(|(key, count)| Count { key: key.to_owned(), count }).collect()
}

pub async fn get_summary(
    who: Only<Anybody>,
    id: Path<RoundId>,
) -> Result<Plain<RoundSummary>, Problem> {
    let scope = scope(who.is.role, Scope::Published);
    who.snapshot(move |conn, _| {
        let round = table::get(conn, id.0, scope)?;
        let season = seasons::get(conn, round.season_id)?;
        let nodes: Vec<RoundNode> = super::wire::read(round.nodes.clone());
        let (told, smallest_count) = told::told(conn, &round, &season)?;
        Ok(Plain(RoundSummary {
            round_id: id.0.uuid(),
            placed: told.placed,
            smallest_count,
            nodes: told::nodes(&told, nodes),
            by_kecamatan: counts(told.by_kecamatan),
            by_sex: counts(told.by_sex),
            by_sector: counts(told.by_sector),
        }))
    })
    .await
}
