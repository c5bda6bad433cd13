//! Seeker-proposing deferred acceptance with laminar caps (matching.md section 3).
//!
//! The plain form of the algorithm, which a faster one must equal: every node keeps the sorted set
//! of all contracts held under it. It knows nothing of groups, rounds or explanations.

use std::collections::BTreeSet;

use super::ids::{NodeIx, SeekerIx};
use super::instance::Instance;
use super::order::Rank;
use super::outcome::Outcome;
use super::reserves::{Compiled, Contract};

/// The stable outcome that is best for every seeker. The order of proposals does not matter, so
/// none is promised. O(entries * depth * log seekers), memory O(seekers * depth + entries).
pub fn solve(instance: &Instance) -> Outcome {
    let compiled = Compiled::of(instance);
    let mut run = Run::new(&compiled, instance.seekers.len());
    for at in 0..instance.seekers.len() {
        let mut proposer = Some(SeekerIx(at));
        while let Some(seeker) = proposer {
            proposer = run.propose(seeker);
        }
    }
    let quota = |held: &Option<Contract>| held.map(|contract| contract.quota);
    let seats: Vec<Option<NodeIx>> = run.held.iter().map(quota).collect();
    Outcome::count(instance, &seats)
}

struct Run<'a> {
    compiled: &'a Compiled,
    /// Per seeker: the place of the next offer on the list.
    next: Vec<usize>,
    /// Per seeker: the contract held, if any.
    held: Vec<Option<Contract>>,
    /// Per node and reserve leaf: all contracts held under it, best first.
    under: Vec<BTreeSet<Rank>>,
}

impl<'a> Run<'a> {
    fn new(compiled: &'a Compiled, seekers: usize) -> Self {
        Self {
            compiled,
            next: vec![0; seekers],
            held: vec![None; seekers],
            under: vec![BTreeSet::new(); compiled.size()],
        }
    }

    /// One step. Gives back who is without a seat now and has to propose next, if anybody.
    fn propose(&mut self, seeker: SeekerIx) -> Option<SeekerIx> {
        let contract = self.next_offer(seeker)?;
        let Some(node) = self.lowest_full(contract.leaf) else {
            self.hold(contract);
            return None;
        };
        match self.worst_under(node) {
            Some(worst) if contract.rank < worst => {
                self.release(worst.seeker);
                self.hold(contract);
                Some(worst.seeker)
            }
            _ => Some(seeker),
        }
    }

    /// Each contract is offered at most once.
    fn next_offer(&mut self, seeker: SeekerIx) -> Option<Contract> {
        let place = self.next.get_mut(seeker.0)?;
        let offer = self.compiled.offer(seeker, *place)?;
        *place = place.saturating_add(1);
        Some(offer)
    }

    fn lowest_full(&self, leaf: NodeIx) -> Option<NodeIx> {
        self.compiled.path(leaf).find(|node| self.is_full(*node))
    }

    fn is_full(&self, node: NodeIx) -> bool {
        let filled = self.under.get(node.0).map(BTreeSet::len);
        let cap = self.compiled.cap(node).and_then(|cap| usize::try_from(cap).ok());
        cap.is_some_and(|cap| filled >= Some(cap))
    }

    fn worst_under(&self, node: NodeIx) -> Option<Rank> {
        self.under.get(node.0)?.last().copied()
    }

    fn hold(&mut self, contract: Contract) {
        for node in self.compiled.path(contract.leaf) {
            self.under.get_mut(node.0).into_iter().for_each(|held| {
                held.insert(contract.rank);
            });
        }
        let seeker = contract.rank.seeker;
        self.held.get_mut(seeker.0).into_iter().for_each(|held| *held = Some(contract));
    }

    fn release(&mut self, seeker: SeekerIx) {
        let Some(contract) = self.held.get_mut(seeker.0).and_then(Option::take) else {
            return;
        };
        for node in self.compiled.path(contract.leaf) {
            self.under.get_mut(node.0).into_iter().for_each(|held| {
                held.remove(&contract.rank);
            });
        }
    }
}
