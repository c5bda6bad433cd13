//! Rounds after the first (matching.md section 6): answers and new caps give a new instance.
//!
//! The new instance is computed from scratch like any other. Keys stay those of the first round;
//! late registrations come in with class 3 from whoever builds the instance. It knows no deadlines
//! and no offers.

use std::collections::{BTreeMap, BTreeSet};

use super::ids::{NodeIx, SeekerId, SeekerIx};
use super::instance::{Entry, Instance, Node, Seeker, Verdict};
use super::invalid::{Code, Invalid};
use super::lints::Lint;
use super::order::Rank;
use super::outcome::Outcome;
use super::reserves::contracts_of_seats;
use super::tree::checked_cap;

/// What a seeker says to the seat of the round before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Keep it, want nothing else: the list becomes the seat.
    Firm,
    /// Keep it unless something better comes: the list is cut after the seat.
    Hold,
    /// Give it back and wait for something better: the list is cut before the seat.
    Decline,
    /// Leave: the list is empty.
    Withdraw,
}

impl Answer {
    fn keeps(self) -> bool {
        matches!(self, Self::Firm | Self::Hold)
    }
}

/// The next round, ready for `solve`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rerun {
    /// Lists, caps and classes of the next round.
    pub instance: Instance,
    /// Holders of cut seats, who come in with class 2.
    pub released: Vec<SeekerId>,
    /// Remarks beyond those of the instance.
    pub lints: Vec<Lint>,
}

/// The instance of the round after `base`. A placed seeker without an answer counts as `firm`; an
/// unplaced one keeps the list and may only withdraw.
///
/// Where `new_caps` cuts seats, the holders of `base` are walked best key first and stay while no
/// node on their path is full under the new caps; the others are released. This comes before the
/// answers: a seat that was both cut and given back would otherwise leave a place to somebody
/// who could evict a keeper under the cut node. A released holder has class 2 at every quota and
/// keeps the whole list like any unplaced seeker, but for `decline` and `withdraw`.
/// Where `new_caps` adds seats, every node must grow by as much as its children together (a quota
/// by whatever it likes), otherwise `single_node_raise`. `base` is an outcome of this instance.
///
/// Nobody who kept a seat gets worse, as long as nobody of class 2 or above keeps one while a seat
/// is cut (lint `cut_beside_late_keeper`). O(n log n).
pub fn second_round(
    instance: &Instance,
    base: &Outcome,
    answers: &BTreeMap<String, Answer>,
    new_caps: &BTreeMap<String, i64>,
) -> Result<Rerun, Invalid> {
    let caps = caps_after(instance, new_caps)?;
    refuse_single_node_raises(instance, &caps)?;
    let answers = known_answers(instance, base, answers)?;
    let mut next = instance.clone();
    for (node, cap) in next.nodes.iter_mut().zip(&caps) {
        node.cap = *cap;
    }
    next.check_reserves()?;
    let seats = seats_of(instance, base);
    let released = released(&next, &seats);
    let lints = cut_lints(instance, &seats, &answers, &released);
    for (at, seeker) in next.seekers.iter_mut().enumerate() {
        let (ix, place) = (SeekerIx(at), place_of_seat(seeker, base));
        let answer = answers.get(&ix).copied();
        if released.contains(&ix) {
            seeker.list.iter_mut().for_each(enter_after_cut);
            cut_list(seeker, place, answer.filter(|answer| !answer.keeps()));
        } else {
            cut_list(seeker, place, answer.or(place.map(|_| Answer::Firm)));
        }
    }
    let name = |ix: &SeekerIx| instance.seeker_at(*ix).map(|seeker| seeker.id.clone());
    let released = released.iter().filter_map(name).collect();
    Ok(Rerun { instance: next, released, lints })
}

/// One cap per node.
fn caps_after(instance: &Instance, new_caps: &BTreeMap<String, i64>) -> Result<Vec<u32>, Invalid> {
    let mut caps: Vec<u32> = instance.nodes.iter().map(|node| node.cap).collect();
    for (id, cap) in new_caps {
        let Some(ix) = instance.find_node_ix(id) else {
            return Err(Invalid::new(Code::UnknownNode, "no such node", &[id]));
        };
        let cap = checked_cap(id, *cap)?;
        caps.get_mut(ix.0).into_iter().for_each(|place| *place = cap);
    }
    Ok(caps)
}

fn refuse_single_node_raises(instance: &Instance, caps: &[u32]) -> Result<(), Invalid> {
    let raise = |(node, cap): (&Node, &u32)| cap.saturating_sub(node.cap);
    let raises: Vec<u32> = instance.nodes.iter().zip(caps).map(raise).collect();
    let mut below = vec![0_u64; raises.len()];
    for (node, raise) in instance.nodes.iter().zip(&raises) {
        if let Some(sum) = node.parent.and_then(|parent| below.get_mut(parent.0)) {
            *sum = sum.saturating_add(u64::from(*raise));
        }
    }
    for (node, (raise, below)) in instance.nodes.iter().zip(raises.iter().zip(below)) {
        if !node.is_quota && u64::from(*raise) != below {
            let detail = format!("{raise} seats more, its children together {below} more");
            return Err(Invalid::new(Code::SingleNodeRaise, detail, &[node.id.as_str()]));
        }
    }
    Ok(())
}

fn known_answers(
    instance: &Instance,
    base: &Outcome,
    answers: &BTreeMap<String, Answer>,
) -> Result<BTreeMap<SeekerIx, Answer>, Invalid> {
    let mut known = BTreeMap::new();
    for (id, answer) in answers {
        let Some(ix) = instance.find_seeker_ix(id) else {
            return Err(Invalid::new(Code::UnknownSeeker, "no such seeker", &[id]));
        };
        if base.find_seat(id).is_none() && *answer != Answer::Withdraw {
            return Err(Invalid::new(Code::AnswerWithoutSeat, "no seat to answer for", &[id]));
        }
        known.insert(ix, *answer);
    }
    Ok(known)
}

/// One quota or none per seeker.
fn seats_of(instance: &Instance, base: &Outcome) -> Vec<Option<NodeIx>> {
    let seat = |seeker: &Seeker| {
        base.find_seat(seeker.id.as_str()).and_then(|quota| instance.find_node_ix(quota.as_str()))
    };
    instance.seekers.iter().map(seat).collect()
}

/// Who cannot keep a seat under the new caps.
fn released(next: &Instance, seats: &[Option<NodeIx>]) -> BTreeSet<SeekerIx> {
    let mut filled = vec![0_u32; next.nodes.len()];
    let mut released = BTreeSet::new();
    for contract in contracts_of_seats(next, seats) {
        let has_room = |ix: NodeIx| {
            let room = next.node_at(ix).zip(filled.get(ix.0));
            room.is_some_and(|(node, filled)| *filled < node.cap)
        };
        if next.path(contract.quota).all(has_room) {
            for ix in next.path(contract.quota) {
                filled.get_mut(ix.0).into_iter().for_each(|count| *count = count.saturating_add(1));
            }
        } else {
            released.insert(contract.rank.seeker);
        }
    }
    released
}

fn cut_lints(
    instance: &Instance,
    seats: &[Option<NodeIx>],
    answers: &BTreeMap<SeekerIx, Answer>,
    released: &BTreeSet<SeekerIx>,
) -> Vec<Lint> {
    let mut held = contracts_of_seats(instance, seats).into_iter().map(|contract| contract.rank);
    let is_late_keeper = |rank: Rank| {
        rank.standing().late
            && !released.contains(&rank.seeker)
            && answers.get(&rank.seeker).is_none_or(|answer| answer.keeps())
    };
    let is_beside = !released.is_empty() && held.any(is_late_keeper);
    is_beside.then_some(Lint::CutBesideLateKeeper).into_iter().collect()
}

fn enter_after_cut(entry: &mut Entry) {
    if let Verdict::Eligible(key) = &mut entry.verdict {
        *key = key.after_cut();
    }
}

fn place_of_seat(seeker: &Seeker, base: &Outcome) -> Option<usize> {
    let seat = base.find_seat(seeker.id.as_str())?;
    seeker.list.iter().position(|entry| entry.quota == *seat)
}

fn cut_list(seeker: &mut Seeker, place: Option<usize>, answer: Option<Answer>) {
    match (answer, place) {
        (Some(Answer::Withdraw), _) => seeker.list.clear(),
        (Some(Answer::Firm), Some(place)) => {
            seeker.list.truncate(place.saturating_add(1));
            seeker.list.drain(..place);
        }
        (Some(Answer::Hold), Some(place)) => seeker.list.truncate(place.saturating_add(1)),
        (Some(Answer::Decline), Some(place)) => seeker.list.truncate(place),
        (None, _) | (_, None) => {}
    }
}
