//! The journal: one line for each thing that was done, written in the transaction that did it.
//! The only writer of its table; the write door never reads it.

use super::schema::journal;
use super::types::{AnyId, Json};
use super::{Fault, Tx};
use crate::domain::ids::AccountId;
use crate::domain::lifecycle::{Lifecycle, Transition};
use crate::domain::roles::Role;
use crate::domain::time::Instant;
use diesel::prelude::*;
use uuid::Uuid;

/// What happened, to be completed by the transaction with who and when.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    pub subject_kind: &'static str,
    pub subject: Uuid,
    pub event: &'a str,
    pub states: Option<(&'a str, &'a str)>,
    /// Never a person's data: codes, counts, names of changed fields.
    pub detail: Option<serde_json::Value>,
}

#[derive(Insertable)]
#[diesel(table_name = journal, treat_none_as_default_value = false)]
struct NewLine<'a> {
    at: Instant,
    actor: Option<AccountId>,
    role: Option<Role>,
    subject_kind: &'a str,
    subject: AnyId,
    event: &'a str,
    from_state: Option<String>,
    to_state: Option<String>,
    detail: Option<Json>,
}

impl Tx<'_> {
    pub fn note(&mut self, line: Line<'_>) -> Result<(), Fault> {
        let row = NewLine {
            at: self.now,
            actor: self.actor.account,
            role: self.actor.role,
            subject_kind: line.subject_kind,
            subject: AnyId(line.subject),
            event: line.event,
            from_state: line.states.map(|s| s.0.to_owned()),
            to_state: line.states.map(|s| s.1.to_owned()),
            detail: line.detail.map(Json),
        };
        diesel::insert_into(journal::table).values(&row).execute(self.db)?;
        Ok(())
    }

    /// A line without change of state.
    pub fn journal(
        &mut self,
        subject_kind: &'static str,
        subject: Uuid,
        event: &str,
        detail: Option<serde_json::Value>,
    ) -> Result<(), Fault> {
        self.note(Line { subject_kind, subject, event, states: None, detail })
    }

    /// The line of a lifecycle step.
    pub fn journal_step<S: Lifecycle>(
        &mut self,
        subject_kind: &'static str,
        subject: Uuid,
        step: &Transition<S>,
        words: impl Fn(S) -> &'static str,
        event: &str,
    ) -> Result<(), Fault> {
        let states = Some((words(step.from()), words(step.to())));
        self.note(Line { subject_kind, subject, event, states, detail: None })
    }
}
