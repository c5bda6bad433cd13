//! Why a seeker has this seat and not a better one (matching.md section 8).
//!
//! Every line is computed from the final figures of the nodes alone, so the explanation of a stored
//! outcome can be made at any later time. This file knows nothing of the run.

use super::ids::NodeId;
use super::instance::{Entry, Instance, Seeker, Verdict};
use super::order::{Band, Component, Key, Standing};
use super::outcome::{NodeFill, Outcome, SMALL_NODE};

/// What became of one listed quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The quota.
    pub quota: NodeId,
    /// What became of it.
    pub why: Why,
}

/// What became of a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The seat.
    Placed,
    /// Removed before the run, for these reasons.
    Ineligible(Vec<String>),
    /// Full of better keys.
    Refused(Refusal),
    /// Below the seat on the list.
    NotReached,
    /// Neither full nor lost by any component: the seats are no outcome of a run of this instance
    /// (somebody gave a seat back since, for example).
    NotStable,
}

/// A refusal at the lowest full node on the path from the quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The node that was full.
    pub node: NodeId,
    /// The seats held under it.
    pub filled: u32,
    /// Its cap.
    pub cap: u32,
    /// Where the seeker stands.
    pub own: Standing,
    /// Where the last admitted under the node stands. Absent where there is no seat, and after
    /// [`Line::shown`] at a small node.
    pub last: Option<Standing>,
    /// The first component of the order in which the two differ.
    pub decided: Component,
}

impl Refusal {
    /// How many points were missing, where points decided and may be shown.
    pub fn points_short(&self) -> Option<u32> {
        match self.decided {
            Component::Points => self.last?.points.checked_sub(self.own.points),
            _ => None,
        }
    }
}

impl Line {
    /// The line as the seeker may see it: at a node with fewer than 3 seats only the component that
    /// decided, no figure of somebody else.
    #[must_use]
    pub fn shown(mut self) -> Self {
        if let Why::Refused(refusal) = &mut self.why
            && refusal.cap < SMALL_NODE
        {
            refusal.last = None;
        }
        self
    }
}

/// One line per listed quota, in the order of the list; none for a seeker who does not exist.
/// `outcome` is one of this instance. O(list length * depth).
pub fn explain(instance: &Instance, outcome: &Outcome, seeker: &str) -> Vec<Line> {
    let Some(seeker) = instance.find_seeker(seeker) else {
        return Vec::new();
    };
    let seat = outcome.find_seat(seeker.id.as_str());
    let place = seeker.list.iter().position(|entry| Some(&entry.quota) == seat);
    let line = |(at, entry): (usize, &Entry)| {
        let why = match (&entry.verdict, place) {
            (Verdict::Ineligible(reasons), _) => Why::Ineligible(reasons.clone()),
            (_, Some(place)) if at == place => Why::Placed,
            (_, Some(place)) if at > place => Why::NotReached,
            (Verdict::Eligible(key), _) => {
                let full = outcome.lowest_full(instance, entry.at);
                full.and_then(|node| refused(seeker, *key, node))
                    .map_or(Why::NotStable, Why::Refused)
            }
        };
        Line { quota: entry.quota.clone(), why }
    };
    seeker.list.iter().enumerate().map(line).collect()
}

/// A seeker with a reserve at the quota was last refused in its open part, so that key is shown.
fn refused(seeker: &Seeker, key: Key, full: &NodeFill) -> Option<Refusal> {
    let own = Standing::new(key, Band::Ordinary);
    let decided = match (&full.cutoff, &full.last) {
        (Some(last), Some(holder)) => match own.lost_by(last)? {
            Component::Pseudonym if seeker.id < *holder => return None,
            component => component,
        },
        _ => Component::NoSeat,
    };
    Some(Refusal {
        node: full.node.clone(),
        filled: full.filled,
        cap: full.cap,
        own,
        last: full.cutoff,
        decided,
    })
}
