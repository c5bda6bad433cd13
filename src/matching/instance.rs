//! A checked season: the tree of caps, the lists with keys or reasons, the reserves.
//!
//! An `Instance` can only come from the builder or from another instance, so whoever holds one
//! need not check it again. It knows nothing of runs and outcomes.

use std::sync::Arc;

use super::ids::{NodeId, NodeIx, SeekerId, SeekerIx};
use super::invalid::{Code, Invalid};
use super::order::Key;

/// A node of the tree of caps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub(super) id: NodeId,
    pub(super) cap: u32,
    pub(super) parent: Option<NodeIx>,
    pub(super) is_quota: bool,
}

impl Node {
    /// Its name.
    pub fn id(&self) -> &NodeId {
        &self.id
    }

    /// How many seats may be held under it.
    pub fn cap(&self) -> u32 {
        self.cap
    }

    /// Whether it is nobody's parent.
    pub fn is_quota(&self) -> bool {
        self.is_quota
    }
}

/// Whether a seeker may hold a seat at a listed quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes, with this key.
    Eligible(Key),
    /// No, for these reasons (at least one, in byte order).
    Ineligible(Vec<String>),
}

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub(super) quota: NodeId,
    pub(super) at: NodeIx,
    pub(super) verdict: Verdict,
}

impl Entry {
    /// The quota.
    pub fn quota(&self) -> &NodeId {
        &self.quota
    }

    /// Key or reasons.
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    pub(super) fn key(&self) -> Option<Key> {
        match &self.verdict {
            Verdict::Eligible(key) => Some(*key),
            Verdict::Ineligible(_) => None,
        }
    }
}

/// A seeker with a strict list, best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeker {
    pub(super) id: SeekerId,
    pub(super) kind: Option<Arc<str>>,
    pub(super) list: Vec<Entry>,
}

impl Seeker {
    /// The name.
    pub fn id(&self) -> &SeekerId {
        &self.id
    }

    /// The type for reserves, if any.
    pub fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    /// The list, best first, ineligible lines included.
    pub fn list(&self) -> &[Entry] {
        &self.list
    }
}

/// At least `seats` at the quota for a type, if enough of them want it (matching.md section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserve {
    pub(super) at: NodeIx,
    pub(super) quota: NodeId,
    pub(super) kind: Arc<str>,
    pub(super) seats: u32,
}

impl Reserve {
    /// The quota.
    pub fn quota(&self) -> &NodeId {
        &self.quota
    }

    /// The type.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The guaranteed seats.
    pub fn seats(&self) -> u32 {
        self.seats
    }
}

/// A season that can be computed. Nodes, seekers and reserves are sorted by name in byte order, so
/// two instances with the same content are equal however they were put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    pub(super) nodes: Vec<Node>,
    pub(super) seekers: Vec<Seeker>,
    pub(super) reserves: Vec<Reserve>,
    /// Every node, parents before children.
    pub(super) top_down: Vec<NodeIx>,
}

impl Instance {
    /// All nodes, by name.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// All seekers, by name.
    pub fn seekers(&self) -> &[Seeker] {
        &self.seekers
    }

    /// All reserves, by quota and type.
    pub fn reserves(&self) -> &[Reserve] {
        &self.reserves
    }

    /// The node of this name. O(log nodes).
    pub fn find_node(&self, id: &str) -> Option<&Node> {
        self.node_at(self.find_node_ix(id)?)
    }

    /// The seeker of this name. O(log seekers).
    pub fn find_seeker(&self, id: &str) -> Option<&Seeker> {
        self.seekers.get(self.find_seeker_ix(id)?.0)
    }

    /// The parent of a node; `None` for a root or a name that does not exist.
    pub fn find_parent(&self, id: &str) -> Option<&Node> {
        self.node_at(self.find_node(id)?.parent?)
    }

    pub(super) fn find_node_ix(&self, id: &str) -> Option<NodeIx> {
        self.nodes.binary_search_by(|node| node.id.as_str().cmp(id)).ok().map(NodeIx)
    }

    pub(super) fn find_seeker_ix(&self, id: &str) -> Option<SeekerIx> {
        self.seekers.binary_search_by(|seeker| seeker.id.as_str().cmp(id)).ok().map(SeekerIx)
    }

    pub(super) fn node_at(&self, ix: NodeIx) -> Option<&Node> {
        self.nodes.get(ix.0)
    }

    pub(super) fn seeker_at(&self, ix: SeekerIx) -> Option<&Seeker> {
        self.seekers.get(ix.0)
    }

    /// The node and everything above it, lowest first. O(depth).
    pub(super) fn path(&self, from: NodeIx) -> impl Iterator<Item = NodeIx> {
        std::iter::successors(Some(from), |ix| self.node_at(*ix)?.parent)
    }

    /// The position of the reserve that a seeker of this type has at a quota. O(log reserves).
    pub(super) fn find_reserve(&self, quota: NodeIx, kind: Option<&str>) -> Option<usize> {
        let kind = kind?;
        self.reserves
            .binary_search_by(|reserve| {
                reserve.at.cmp(&quota).then_with(|| (*reserve.kind).cmp(kind))
            })
            .ok()
    }

    /// Reserves that exceed a cap anywhere above them are refused (matching.md section 4).
    pub(super) fn check_reserves(&self) -> Result<(), Invalid> {
        let mut reserved = vec![0_u64; self.nodes.len()];
        for reserve in &self.reserves {
            for ix in self.path(reserve.at) {
                if let Some(sum) = reserved.get_mut(ix.0) {
                    *sum = sum.saturating_add(u64::from(reserve.seats));
                }
            }
        }
        let over = self.nodes.iter().zip(reserved).find(|(node, sum)| *sum > u64::from(node.cap));
        over.map_or(Ok(()), |(node, sum)| {
            Err(Invalid::new(
                Code::ReserveOverCap,
                format!("{sum} seats are reserved under a cap of {}", node.cap),
                &[node.id.as_str()],
            ))
        })
    }
}
