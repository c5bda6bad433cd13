//! Lifecycles are tables: (from, event, who may, to). A `Transition` can only be made here, so no
//! code can store a state that no rule produced. Must not know: where states are kept.

use super::roles::Role;

/// A state with a table of what may happen to it.
pub trait Lifecycle: Copy + Eq + 'static {
    type Event: Copy + Eq + 'static;
    const TABLE: &'static [Arrow<Self>];
}

/// One row of a lifecycle table.
pub struct Arrow<S: Lifecycle> {
    pub from: S,
    pub event: S::Event,
    pub who: &'static [Role],
    pub to: S,
}

/// A step that the table allows. Private fields: made by `decide` alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition<S: Lifecycle> {
    from: S,
    event: S::Event,
    to: S,
}

impl<S: Lifecycle> Transition<S> {
    pub const fn from(&self) -> S {
        self.from
    }
    pub const fn event(&self) -> S::Event {
        self.event
    }
    pub const fn to(&self) -> S {
        self.to
    }
}

/// Why a step is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The table has no such arrow from this state.
    State,
    /// The arrow exists, for other roles.
    Role,
}

/// Looks the step up. Linear in the table, which has a dozen rows at most.
pub fn decide<S: Lifecycle>(
    from: S,
    event: S::Event,
    role: Role,
) -> Result<Transition<S>, Refusal> {
    let arrow =
        S::TABLE.iter().find(|a| a.from == from && a.event == event).ok_or(Refusal::State)?;
    if arrow.who.contains(&role) {
        Ok(Transition { from, event, to: arrow.to })
    } else {
        Err(Refusal::Role)
    }
}

/// Whether `state` is where `event` leads: the change already stands.
pub fn leads_to<S: Lifecycle>(event: S::Event, state: S) -> bool {
    S::TABLE.iter().any(|a| a.event == event && a.to == state)
}

/// Every role that some arrow of the event admits; the guards must say the same.
pub fn roles_of<S: Lifecycle>(event: S::Event) -> Vec<Role> {
    let mut roles: Vec<Role> =
        S::TABLE.iter().filter(|a| a.event == event).flat_map(|a| a.who.iter().copied()).collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}
