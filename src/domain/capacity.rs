//! In which legal capacity somebody acts (domain.md, sections 0.2 and 9).
//! Must not know: accounts, tokens.

use super::roles::Role;

crate::words!(
    Capacity {
        /// The labour office in the task that the law gives it (UU 18/2017, article 41).
        Authority = "authority",
        /// The chamber of commerce: it advises and selects nobody.
        Adviser = "adviser",
        /// An employer in the own matter.
        Employer = "employer",
        /// A person in the own matter.
        DataSubject = "data_subject",
        /// A machine, for the office that let it in.
        Agent = "agent",
        /// Who runs the service, by a command.
        Operator = "operator",
        /// The service itself, by the clock or for a job.
        Service = "service",
        /// Somebody who has not logged in.
        Visitor = "visitor",
    }
);

impl Capacity {
    /// That of a person in this role.
    pub const fn of(role: Role) -> Self {
        match role {
            Role::Office | Role::Lead => Self::Authority,
            Role::Kadin => Self::Adviser,
            Role::Partner => Self::Employer,
            Role::Seeker => Self::DataSubject,
        }
    }
}
