//! Who may be shown what identifies a person. A wire struct with identifiers is made with a
//! `Sight` alone, and only callers of the office and the person have one: an answer to a partner,
//! the chamber or the public cannot hold an identifier.
//! Must not know: rows, wire structs.

use super::guard::{Anybody, Lead, Office, Only, Or, Proof, Seeker};
use crate::domain::roles::Role;

/// Proof that the caller may see identifiers of the records that it may read.
#[derive(Debug, Clone, Copy)]
pub struct Sight(());

/// Roles that see identifiers: the office all, a job seeker the own ones.
pub trait Sees: Proof {}

impl Sees for Office {}
impl Sees for Lead {}
impl Sees for Seeker {}
impl<A: Sees, B: Sees> Sees for Or<A, B> {}

impl<R: Sees> Only<R> {
    pub fn sight(&self) -> Sight {
        Sight(())
    }
}

impl Only<Anybody> {
    /// Where anybody may come in, the office still sees what it does.
    pub fn sight_of_office(&self) -> Option<Sight> {
        matches!(self.is.role, Some(Role::Office | Role::Lead)).then_some(Sight(()))
    }
}
