//! What a run leaves behind: a seat or none for everybody, and the final figures of every node.
//!
//! The figures are counted from the seats, so an outcome that was stored as seats alone comes back
//! whole. This file knows nothing of how the seats were found.

use std::collections::BTreeMap;

use super::ids::{NodeId, NodeIx, SeekerId};
use super::instance::{Instance, Verdict};
use super::invalid::{Code, Invalid};
use super::order::Standing;
use super::reserves::contracts_of_seats;

/// Nodes with fewer seats show nobody a figure of somebody else (matching.md section 8).
pub(super) const SMALL_NODE: u32 = 3;
/// Smaller counts are not published (matching.md section 5).
const SMALL_COUNT: u32 = 5;

/// The final figures of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeFill {
    /// The node.
    pub node: NodeId,
    /// Its cap.
    pub cap: u32,
    /// The seats held under it.
    pub filled: u32,
    /// Where the last admitted stands, at a full node with at least one seat. Figures of a person:
    /// the public sees [`NodeFill::published`].
    pub cutoff: Option<Standing>,
    pub(super) last: Option<SeekerId>,
}

/// What may be published of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicFill {
    /// The node.
    pub node: NodeId,
    /// Its cap.
    pub cap: u32,
    /// The seats held under it, from 5 on.
    pub filled: Option<u32>,
    /// The cutoff of a full node with 3 seats or more.
    pub cutoff: Option<Standing>,
}

impl NodeFill {
    /// Whether no seat is left under the node itself.
    pub fn is_full(&self) -> bool {
        self.filled >= self.cap
    }

    /// What the public may see.
    pub fn published(&self) -> PublicFill {
        PublicFill {
            node: self.node.clone(),
            cap: self.cap,
            filled: (self.filled >= SMALL_COUNT).then_some(self.filled),
            cutoff: self.cutoff.filter(|_| self.cap >= SMALL_NODE),
        }
    }
}

/// A seat or none for every seeker of an instance, and the figures of its nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    seats: BTreeMap<SeekerId, Option<NodeId>>,
    nodes: Vec<NodeFill>,
}

impl Outcome {
    /// The outcome that gives these seats, for `explain`, `certificate` and `second_round` later.
    /// Seekers who are not named have no seat. Refused: names that do not exist, a seeker twice,
    /// a seat that is not listed or not eligible, more seats than a cap.
    /// It is not checked that the outcome is stable; that is what `verify` is for.
    /// O(n log n) in the list entries.
    pub fn from_seats<S: AsRef<str>, Q: AsRef<str>>(
        instance: &Instance,
        seats: impl IntoIterator<Item = (S, Option<Q>)>,
    ) -> Result<Self, Invalid> {
        let mut at_quota: Vec<Option<NodeIx>> = vec![None; instance.seekers.len()];
        let mut named = vec![false; instance.seekers.len()];
        for (seeker, quota) in seats {
            let id = seeker.as_ref();
            let Some(ix) = instance.find_seeker_ix(id) else {
                return Err(Invalid::new(Code::UnknownSeeker, "no such seeker", &[id]));
            };
            if let Some(named) = named.get_mut(ix.0)
                && std::mem::replace(named, true)
            {
                return Err(Invalid::new(Code::DuplicateSeat, "a seeker twice", &[id]));
            }
            let seat = quota.map(|quota| checked_seat(instance, id, quota.as_ref())).transpose()?;
            at_quota.get_mut(ix.0).into_iter().for_each(|place| *place = seat);
        }
        let outcome = Self::count(instance, &at_quota);
        match outcome.nodes.iter().find(|node| node.filled > node.cap) {
            None => Ok(outcome),
            Some(node) => {
                let detail = format!("{} seats under a cap of {}", node.filled, node.cap);
                Err(Invalid::new(Code::SeatOverCap, detail, &[node.node.as_str()]))
            }
        }
    }

    /// Counts every node from seats that are listed and eligible.
    pub(super) fn count(instance: &Instance, seats: &[Option<NodeIx>]) -> Self {
        let empty = |node: &super::instance::Node| NodeFill {
            node: node.id.clone(),
            cap: node.cap,
            filled: 0,
            cutoff: None,
            last: None,
        };
        let mut nodes: Vec<NodeFill> = instance.nodes.iter().map(empty).collect();
        // Best key first, so the contract that fills a node is the last admitted there.
        for contract in contracts_of_seats(instance, seats) {
            for ix in instance.path(contract.quota) {
                let Some(node) = nodes.get_mut(ix.0) else {
                    continue;
                };
                node.filled = node.filled.saturating_add(1);
                if node.is_full() {
                    node.cutoff = Some(contract.rank.standing());
                    node.last = instance.seeker_at(contract.rank.seeker).map(|s| s.id.clone());
                }
            }
        }
        let name = |seat: &Option<NodeIx>| Some(instance.node_at((*seat)?)?.id.clone());
        let seekers = instance.seekers.iter().map(|seeker| seeker.id.clone());
        Self { seats: seekers.zip(seats.iter().map(name)).collect(), nodes }
    }

    /// Everybody, by name, with the quota or nothing.
    pub fn seats(&self) -> &BTreeMap<SeekerId, Option<NodeId>> {
        &self.seats
    }

    /// The quota of a seeker; `None` for no seat and for a name that does not exist.
    pub fn find_seat(&self, seeker: &str) -> Option<&NodeId> {
        self.seats.get(seeker)?.as_ref()
    }

    /// The figures of all nodes, by name, as in [`Instance::nodes`].
    pub fn nodes(&self) -> &[NodeFill] {
        &self.nodes
    }

    /// The figures of one node. O(log nodes).
    pub fn find_fill(&self, node: &str) -> Option<&NodeFill> {
        let place = self.nodes.binary_search_by(|fill| fill.node.as_str().cmp(node)).ok()?;
        self.nodes.get(place)
    }

    /// How many have a seat.
    pub fn placed(&self) -> usize {
        self.seats.values().flatten().count()
    }

    /// The lowest full node on the path from a quota.
    pub(super) fn lowest_full(&self, instance: &Instance, quota: NodeIx) -> Option<&NodeFill> {
        instance.path(quota).filter_map(|ix| self.nodes.get(ix.0)).find(|node| node.is_full())
    }
}

fn checked_seat(instance: &Instance, seeker: &str, quota: &str) -> Result<NodeIx, Invalid> {
    if instance.find_node_ix(quota).is_none() {
        return Err(Invalid::new(Code::UnknownQuota, "no such quota", &[quota]));
    }
    let list = instance.find_seeker(seeker).map_or(&[][..], |seeker| &seeker.list);
    match list.iter().find(|entry| entry.quota.as_str() == quota) {
        None => Err(Invalid::new(Code::SeatNotListed, "a seat off the list", &[seeker, quota])),
        Some(entry) if matches!(entry.verdict, Verdict::Ineligible(_)) => {
            Err(Invalid::new(Code::SeatIneligible, "a seat without right", &[seeker, quota]))
        }
        Some(entry) => Ok(entry.at),
    }
}
