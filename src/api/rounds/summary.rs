//! Counts of a round under the small-cell rule.
//! Must not know: single seats outside the counting.

use super::scope;
use super::wire::RoundNode;
use crate::acts::freeze::{freeze_day, rules_of};
use crate::api::answer::Plain;
use crate::api::extract::Path;
use crate::api::guard::{Anybody, Only};
use crate::api::problem::Problem;
use crate::db::rounds::{self as table, Counted, Scope};
use crate::db::seasons;
use crate::domain::identity::Sex;
use crate::domain::ids::RoundId;
use crate::domain::places::Kecamatan;
use crate::domain::seasons::Sector;
use crate::domain::small_cells::{Shown, hide_small};
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

fn counted<'a>(
    keys: impl Iterator<Item = &'a str>,
    lines: &[Counted],
    of: impl Fn(&Counted) -> &str,
    smallest: u64,
) -> (Vec<Count>, Shown) {
    let keys: Vec<&str> = keys.collect();
    let count = |key: &&str| lines.iter().filter(|line| of(line) == *key).count() as u64;
    let shown = hide_small(&keys.iter().map(count).collect::<Vec<_>>(), smallest);
    let cells = keys.iter().zip(&shown.cells);
    let counts = cells.map(|(key, count)| Count { key: (*key).to_owned(), count: *count });
    (counts.collect(), shown)
}

pub async fn get_summary(
    who: Only<Anybody>,
    id: Path<RoundId>,
) -> Result<Plain<RoundSummary>, Problem> {
    let scope = scope(who.is.role, Scope::Published);
    who.snapshot(move |conn, _| {
        let round = table::get(conn, id.0, scope)?;
        let season = seasons::get(conn, round.season_id)?;
        let rules = rules_of(&season)?;
        let smallest = rules.on("OPS-CELL", freeze_day(&season), None)?.integer()?;
        let smallest = u64::try_from(smallest).unwrap_or(0);
        let lines = table::counted(conn, id.0)?;
        let homes = Kecamatan::all().map(Kecamatan::code);
        let (by_kecamatan, a) = counted(homes, &lines, |l| &l.kecamatan, smallest);
        let sexes = Sex::ALL.iter().map(|sex| sex.as_str());
        let (by_sex, b) = counted(sexes, &lines, |l| l.sex.as_str(), smallest);
        let sectors = Sector::ALL.iter().map(|sector| sector.as_str());
        let (by_sector, c) = counted(sectors, &lines, |l| l.sector.as_str(), smallest);
        // A total that one table hides, no other may tell.
        let placed = a.total.and(b.total).and(c.total);
        let (by_sex, by_sector) = match placed {
            Some(_) => (by_sex, by_sector),
            None => (hidden(by_sex), hidden(by_sector)),
        };
        let by_kecamatan = if placed.is_some() { by_kecamatan } else { hidden(by_kecamatan) };
        let nodes: Vec<RoundNode> = super::wire::read(round.nodes);
        Ok(Plain(RoundSummary {
            round_id: id.0.uuid(),
            placed,
            smallest_count: smallest,
            by_kecamatan,
            by_sex,
            by_sector,
            nodes,
        }))
    })
    .await
}

/// A table that is shown whole tells the total too.
fn hidden(counts: Vec<Count>) -> Vec<Count> {
    counts.into_iter().map(|c| Count { count: None, ..c }).collect()
}
