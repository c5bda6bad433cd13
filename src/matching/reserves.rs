//! Reserves compiled to leaves (matching.md section 4).
//!
//! Under a quota q each reserve r(q, t) is a leaf `q#t` with cap r for type t alone. A seeker of
//! type t offers at `q#t` first and then at the open part. The open part has the cap of q, so it
//! can never be full before q is, and its contracts are held at q itself. Which nodes are full and
//! who is rejected is the same as with a leaf `q#open`. This file knows lists, keys and the tree,
//! nothing of a run.

use super::ids::{NodeIx, SeekerIx};
use super::instance::{Entry, Instance, Seeker};
use super::order::{Band, Rank};

/// An offer of one seeker: where its path to the root begins, and where it stands in the order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contract {
    /// The reserve leaf, or the quota itself.
    pub(super) leaf: NodeIx,
    pub(super) quota: NodeIx,
    pub(super) rank: Rank,
}

/// The tree with the reserve leaves behind the nodes, and every list as contracts, best first.
#[derive(Debug)]
pub(super) struct Compiled {
    caps: Vec<u32>,
    parents: Vec<Option<NodeIx>>,
    lists: Vec<Vec<Contract>>,
}

impl Compiled {
    pub(super) fn of(instance: &Instance) -> Self {
        let nodes = instance.nodes.iter().map(|node| (node.cap, node.parent));
        let leaves = instance.reserves.iter().map(|reserve| (reserve.seats, Some(reserve.at)));
        let (caps, parents) = nodes.chain(leaves).unzip();
        let contracts = |(at, seeker): (usize, &Seeker)| {
            let offers = seeker.list.iter();
            offers.flat_map(|entry| offers_at(instance, SeekerIx(at), seeker, entry)).collect()
        };
        Self { caps, parents, lists: instance.seekers.iter().enumerate().map(contracts).collect() }
    }

    pub(super) fn size(&self) -> usize {
        self.caps.len()
    }

    pub(super) fn cap(&self, node: NodeIx) -> Option<u32> {
        self.caps.get(node.0).copied()
    }

    /// The leaf and everything above it, lowest first.
    pub(super) fn path(&self, leaf: NodeIx) -> impl Iterator<Item = NodeIx> {
        std::iter::successors(Some(leaf), |node| *self.parents.get(node.0)?)
    }

    /// The contract at a place of a seeker's list; `None` past its end.
    pub(super) fn offer(&self, seeker: SeekerIx, place: usize) -> Option<Contract> {
        self.lists.get(seeker.0)?.get(place).copied()
    }
}

fn offers_at(
    instance: &Instance,
    at: SeekerIx,
    seeker: &Seeker,
    entry: &Entry,
) -> impl Iterator<Item = Contract> {
    let quota = entry.at;
    let key = entry.key();
    let reserved = instance
        .find_reserve(quota, seeker.kind())
        .map(|place| (leaf(instance, place), Band::Reserve));
    let places = reserved.into_iter().chain([(quota, Band::Ordinary)]);
    places.filter_map(move |(leaf, band)| {
        Some(Contract { leaf, quota, rank: Rank::new(key?, band, at) })
    })
}

fn leaf(instance: &Instance, reserve: usize) -> NodeIx {
    NodeIx(instance.nodes.len().saturating_add(reserve))
}

/// The contracts that stand behind seats at quotas, best key first, for reserves filled by the best
/// holders of their type. In a stable outcome no other split of holders is possible: whoever sits
/// in the open part has been refused at a reserve full of better ones.
/// Seats without a listed, eligible pair are left out. O(n log n).
pub(super) fn contracts_of_seats(instance: &Instance, seats: &[Option<NodeIx>]) -> Vec<Contract> {
    let mut held: Vec<Contract> = Vec::new();
    for (at, (seeker, seat)) in instance.seekers.iter().zip(seats).enumerate() {
        let entry = seeker.list.iter().find(|entry| Some(entry.at) == *seat);
        if let Some((quota, key)) = entry.and_then(|entry| Some((entry.at, entry.key()?))) {
            let rank = Rank::new(key, Band::Ordinary, SeekerIx(at));
            held.push(Contract { leaf: quota, quota, rank });
        }
    }
    held.sort_unstable_by_key(|contract| contract.rank);
    let mut free: Vec<u32> = instance.reserves.iter().map(|reserve| reserve.seats).collect();
    for contract in &mut held {
        *contract = into_reserve(instance, &mut free, *contract).unwrap_or(*contract);
    }
    held.sort_unstable_by_key(|contract| contract.rank);
    held
}

/// The contract on the reserve leaf, where its seeker has one with a seat left.
fn into_reserve(instance: &Instance, free: &mut [u32], open: Contract) -> Option<Contract> {
    let seeker = instance.seeker_at(open.rank.seeker)?;
    let reserve = instance.find_reserve(open.quota, seeker.kind())?;
    let left = free.get_mut(reserve)?;
    *left = left.checked_sub(1)?;
    let rank = open.rank.in_band(Band::Reserve);
    Some(Contract { leaf: leaf(instance, reserve), quota: open.quota, rank })
}
