//! Why something cannot be an instance, a round, a group or a draw.
//!
//! One code per reason, stable and in snake case. This file knows no other room of the engine.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident => $word:literal,)*) => {
        /// A reason to refuse an input.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// The stable word of the reason.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

codes! {
    /// The nodes do not form a forest.
    Cycle => "cycle",
    /// A parent does not exist.
    UnknownParent => "unknown_parent",
    /// Two nodes with one id.
    DuplicateNode => "duplicate_node",
    /// A node that does not exist.
    UnknownNode => "unknown_node",
    /// A cap below zero.
    CapNegative => "cap_negative",
    /// A cap above `u32::MAX`.
    CapOverflow => "cap_overflow",
    /// Two seekers with one id, or one person twice in a draw.
    DuplicateSeeker => "duplicate_seeker",
    /// A seeker that does not exist.
    UnknownSeeker => "unknown_seeker",
    /// A quota that does not exist.
    UnknownQuota => "unknown_quota",
    /// A quota twice in one list.
    DuplicateChoice => "duplicate_choice",
    /// A node with children where a quota is wanted.
    InnerNodeListed => "inner_node_listed",
    /// A listed pair is eligible and has no key.
    KeyMissing => "key_missing",
    /// Two keys for one pair.
    DuplicateKey => "duplicate_key",
    /// A pair is called ineligible twice.
    DuplicateVerdict => "duplicate_verdict",
    /// A pair is called ineligible without a reason.
    ReasonsMissing => "reasons_missing",
    /// A reserve below zero.
    ReserveNegative => "reserve_negative",
    /// Two reserves for one type at one quota.
    DuplicateReserve => "duplicate_reserve",
    /// The reserves under a node exceed its cap.
    ReserveOverCap => "reserve_over_cap",
    /// A reserve on a node with children is not laminar.
    ReserveOnInnerNode => "reserve_on_inner_node",
    /// Seats are added at a node but not along a whole path to the root.
    SingleNodeRaise => "single_node_raise",
    /// A second round without the first outcome.
    BaseMissing => "base_missing",
    /// Somebody without a seat answers for one.
    AnswerWithoutSeat => "answer_without_seat",
    /// One seeker twice in an outcome.
    DuplicateSeat => "duplicate_seat",
    /// A seat at a quota that is not on the list.
    SeatNotListed => "seat_not_listed",
    /// A seat at a quota for which the seeker is not eligible.
    SeatIneligible => "seat_ineligible",
    /// More seats are held under a node than its cap.
    SeatOverCap => "seat_over_cap",
    /// A group of fewer than two members.
    GroupTooSmall => "group_too_small",
    /// A seeker in two groups, or twice in one.
    GroupOverlap => "group_overlap",
    /// Members of one group with different lists.
    GroupListsDiffer => "group_lists_differ",
    /// One node of a level stands above another, or is named twice.
    GroupLevelNested => "group_level_nested",
    /// A listed quota lies under no node of the level.
    GroupLevelIncomplete => "group_level_incomplete",
    /// An identity number is not 16 ASCII digits.
    NikForm => "nik_form",
    /// A stratum without a share.
    UnknownShare => "unknown_share",
    /// A share of zero.
    ShareZero => "share_zero",
    /// More people than a draw can order.
    TooMany => "too_many",
    /// A line that does not have the form of an instance.
    Malformed => "malformed",
}

/// A refusal: the code, a sentence for the log, and the names that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The stable reason.
    pub code: Code,
    /// A plain sentence in English.
    pub detail: String,
    /// The nodes, seekers or types concerned, the most telling one first.
    pub ids: Vec<String>,
}

impl Invalid {
    pub(super) fn new(code: Code, detail: impl Into<String>, ids: &[&str]) -> Self {
        Self { code, detail: detail.into(), ids: ids.iter().map(|id| (*id).to_owned()).collect() }
    }

    /// The detail with the names.
    pub fn sentence(&self) -> String {
        match self.ids.as_slice() {
            [] => self.detail.clone(),
            ids => format!("{} ({})", self.detail, ids.join(", ")),
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.sentence())
    }
}

impl std::error::Error for Invalid {}
