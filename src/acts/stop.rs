//! Why an act was not done. Must not know: statuses.

use crate::db::{Again, Fault};
use crate::domain::lifecycle::Refusal;
use crate::domain::problem::{Problems, Reason};

#[derive(Debug)]
pub enum Stop {
    Fault(Fault),
    Reason(Reason),
    Fields(Problems),
    /// Every rule that says no.
    Rules(Vec<Reason>),
    /// The lifecycle has no such step from here.
    State(Refusal),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Reason> for Stop {
    fn from(reason: Reason) -> Self {
        Self::Reason(reason)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::State(refusal)
    }
}

impl From<Problems> for Stop {
    fn from(problems: Problems) -> Self {
        Self::Fields(problems)
    }
}

impl Again for Stop {
    fn again(&self) -> bool {
        matches!(self, Self::Fault(fault) if fault.again())
    }
}
