//! Who acts, in which capacity, and what was asked for. Must not know: tables.

use crate::domain::capacity::Capacity;
use crate::domain::ids::AccountId;
use crate::domain::roles::Role;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Actor {
    pub account: Option<AccountId>,
    pub role: Option<Role>,
    pub capacity: Capacity,
    /// Why something is done or read: the operation of the document, the command or the work of the
    /// service that it is part of.
    pub operation: Option<&'static str>,
}

impl Actor {
    pub const SYSTEM: Self = Self::nobody(Capacity::Service, None);

    const fn nobody(capacity: Capacity, operation: Option<&'static str>) -> Self {
        Self { account: None, role: None, capacity, operation }
    }

    /// A person who is logged in.
    pub const fn account(account: AccountId, role: Role) -> Self {
        let capacity = Capacity::of(role);
        Self { account: Some(account), role: Some(role), capacity, operation: None }
    }

    /// A machine that is let in with a role.
    pub const fn machine(account: AccountId, role: Role) -> Self {
        Self { capacity: Capacity::Agent, ..Self::account(account, role) }
    }

    /// The service, for whoever asked for a job.
    pub const fn job(asked_by: Option<AccountId>, work: &'static str) -> Self {
        Self { account: asked_by, ..Self::service(work) }
    }

    /// The service by its clock.
    pub const fn service(work: &'static str) -> Self {
        Self::nobody(Capacity::Service, Some(work))
    }

    /// Who runs the service, by a command.
    pub const fn operator(command: &'static str) -> Self {
        Self::nobody(Capacity::Operator, Some(command))
    }

    /// Somebody who has not logged in.
    pub const fn visitor() -> Self {
        Self::nobody(Capacity::Visitor, None)
    }

    #[must_use]
    pub const fn doing(self, operation: Option<&'static str>) -> Self {
        Self { operation, ..self }
    }
}
