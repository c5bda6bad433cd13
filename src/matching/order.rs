//! The one order of contracts (matching.md section 2), used at every node.
//!
//! Smaller is better. The order of two contracts never depends on submitted lists, on the node, or
//! on the run; this file knows none of them.

use std::cmp::Reverse;

use super::ids::SeekerIx;

/// The first class that stands behind everybody else (matching.md section 2).
const LATE_FROM: u8 = 2;

/// What a season knows of one seeker at one quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// 0 preferred by a published rule, 1 ordinary, 2 holder of a cut seat, 3 late registration.
    pub class: u8,
    /// More is better. The unit is the rubric's.
    pub points: u32,
    /// Less is better. At most 52 bits in the service.
    pub lottery: u64,
}

impl Key {
    /// Whether the contract comes after all contracts that are not late.
    pub fn is_late(self) -> bool {
        self.class >= LATE_FROM
    }

    /// The key of somebody whose seat was cut: class 2, or the own class where that is worse.
    pub(super) fn after_cut(self) -> Self {
        Self { class: self.class.max(LATE_FROM), ..self }
    }
}

/// Where a contract stands: on a reserve leaf or in the open part of the quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// On the reserve of the seeker's type.
    Reserve,
    /// In the open part.
    Ordinary,
}

/// The full key of a contract. The derived order of the fields is the published order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    late: bool,
    band: Band,
    class: u8,
    points: Reverse<u32>,
    lottery: u64,
    pub(super) seeker: SeekerIx,
}

impl Rank {
    pub(super) fn new(key: Key, band: Band, seeker: SeekerIx) -> Self {
        Self {
            late: key.is_late(),
            band,
            class: key.class,
            points: Reverse(key.points),
            lottery: key.lottery,
            seeker,
        }
    }

    pub(super) fn in_band(self, band: Band) -> Self {
        Self { band, ..self }
    }

    pub(super) fn standing(&self) -> Standing {
        Standing {
            late: self.late,
            band: self.band,
            class: self.class,
            points: self.points.0,
            lottery: self.lottery,
        }
    }
}

/// A full key without the name, fit to be shown: the last component of the order is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Standing {
    /// Class 2 or above.
    pub late: bool,
    /// Reserve leaf or open part.
    pub band: Band,
    /// As in [`Key`].
    pub class: u8,
    /// As in [`Key`]; more is better.
    pub points: u32,
    /// As in [`Key`]; less is better.
    pub lottery: u64,
}

impl Standing {
    pub(super) fn new(key: Key, band: Band) -> Self {
        Self {
            late: key.is_late(),
            band,
            class: key.class,
            points: key.points,
            lottery: key.lottery,
        }
    }

    /// The first component in which `self` is worse than `better`; on equal standings the
    /// pseudonym. `None` where `self` is the better one.
    pub(super) fn lost_by(&self, better: &Self) -> Option<Component> {
        let steps = [
            (Component::Late, self.late.cmp(&better.late)),
            (Component::Band, self.band.cmp(&better.band)),
            (Component::Class, self.class.cmp(&better.class)),
            (Component::Points, better.points.cmp(&self.points)),
            (Component::Lottery, self.lottery.cmp(&better.lottery)),
        ];
        match steps.into_iter().find(|(_, order)| order.is_ne()) {
            Some((component, order)) => order.is_gt().then_some(component),
            None => Some(Component::Pseudonym),
        }
    }
}

/// A component of the order, by which a contract was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// The node has no seat at all.
    NoSeat,
    /// Late against not late.
    Late,
    /// Open part against reserve.
    Band,
    /// A worse class.
    Class,
    /// Fewer points.
    Points,
    /// Same points, later lottery number.
    Lottery,
    /// Same in everything, later pseudonym.
    Pseudonym,
}

impl Component {
    /// The stable word of the component.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoSeat => "no_seat",
            Self::Late => "late",
            Self::Band => "band",
            Self::Class => "class",
            Self::Points => "points",
            Self::Lottery => "lottery",
            Self::Pseudonym => "pseudonym",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(class: u8, points: u32, lottery: u64, band: Band, seeker: usize) -> Rank {
        Rank::new(Key { class, points, lottery }, band, SeekerIx(seeker))
    }

    #[test]
    fn components_decide_in_the_published_order() {
        let best_first = [
            rank(1, 0, 9, Band::Reserve, 9),
            rank(0, 0, 9, Band::Ordinary, 9),
            rank(1, 7, 9, Band::Ordinary, 9),
            rank(1, 5, 1, Band::Ordinary, 9),
            rank(1, 5, 2, Band::Ordinary, 3),
            rank(1, 5, 2, Band::Ordinary, 4),
            rank(3, 9, 0, Band::Reserve, 0),
            rank(2, 9, 0, Band::Ordinary, 0),
        ];
        assert!(best_first.is_sorted());
    }

    #[test]
    fn the_first_worse_component_is_named() {
        let last = rank(1, 5, 4, Band::Ordinary, 0).standing();
        let lost = |other: Rank| other.standing().lost_by(&last);
        assert_eq!(lost(rank(3, 9, 0, Band::Reserve, 0)), Some(Component::Late));
        assert_eq!(lost(rank(1, 4, 0, Band::Ordinary, 0)), Some(Component::Points));
        assert_eq!(lost(rank(1, 5, 5, Band::Ordinary, 0)), Some(Component::Lottery));
        assert_eq!(lost(rank(1, 5, 4, Band::Ordinary, 1)), Some(Component::Pseudonym));
        assert_eq!(lost(rank(0, 0, 0, Band::Ordinary, 0)), None);
    }
}
