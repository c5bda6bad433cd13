//! What a published round tells outside the office, made from its seats.
//! Must not know: what may be told, which `domain/disclosure.rs` decides.

use super::wire::{RoundNode, read};
use crate::acts::freeze::{freeze_day, rules_of};
use crate::api::problem::Problem;
use crate::db::rounds::{self as table, Counted, RoundRow};
use crate::db::seasons::SeasonRow;
use crate::db::{Conn, quotas};
use crate::domain::disclosure::{Seat, Told, tell};
use crate::domain::ids::QuotaId;

/// Counts as they may be shown, and the smallest that may.
pub fn told(
    conn: &mut Conn<'_>,
    round: &RoundRow,
    season: &SeasonRow,
) -> Result<(Told, u64), Problem> {
    let rules = rules_of(season)?;
    let smallest = rules.on("OPS-CELL", freeze_day(season), None)?.integer()?;
    let smallest = u64::try_from(smallest).unwrap_or(0);
    let nodes: Vec<RoundNode> = read(round.nodes.clone());
    let with_seats = nodes.iter().filter(|node| node.cap > 0);
    let ids: Vec<QuotaId> = with_seats.filter_map(|node| node.node.parse().ok()).collect();
    let quotas = quotas::by_ids(conn, &ids)?;
    let quotas: Vec<_> = quotas.iter().map(|quota| (quota.id, quota.sector)).collect();
    let seat = |c: Counted| Seat { quota: c.quota, kecamatan: c.kecamatan, sex: c.sex };
    let seats: Vec<Seat> = table::counted(conn, round.id)?.into_iter().map(seat).collect();
    let unplaced = u64::try_from(round.unplaced.unwrap_or(0)).unwrap_or(0);
    Ok((tell(&seats, &quotas, unplaced, smallest), smallest))
}

/// The nodes with what may be shown of them.
pub fn nodes(told: &Told, nodes: Vec<RoundNode>) -> Vec<RoundNode> {
    let one = |node: RoundNode| {
        if node.filled.is_some() && told.shows(&node.node) {
            node
        } else {
            RoundNode { filled: None, cutoff: None, ..node }
        }
    };
    nodes.into_iter().map(one).collect()
}
