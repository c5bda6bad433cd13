//! The journal: one line for each thing that was done, written in the transaction that did it.
//! The only writer of its table; no transaction that writes reads it, since every line of every
//! other writer would collide with that.

use super::reads::{Batch, Looked, Subject};
use super::schema::journal;
use super::seals::JournalLine;
use super::states::{Stated, digest};
use super::types::{AnyId, Json};
use super::{Actor, Conn, Fault, Tx};
use crate::domain::capacity::Capacity;
use crate::domain::ids::AccountId;
use crate::domain::lifecycle::{Lifecycle, Transition};
use crate::domain::roles::Role;
use crate::domain::time::Instant;
use crate::each_backend;
use crate::seal::WITHOUT_TRUST;
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

/// Lines of one statement.
const ROWS: usize = 500;

/// What happened, to be completed by the transaction with who and when.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    pub event: &'a str,
    pub states: Option<(&'a str, &'a str)>,
    /// Never a person's data: codes, counts, names of changed fields.
    pub detail: Option<serde_json::Value>,
}

impl<'a> Line<'a> {
    pub const fn of(event: &'a str) -> Self {
        Self { event, states: None, detail: None }
    }

    #[must_use]
    pub fn with(self, detail: serde_json::Value) -> Self {
        Self { detail: Some(detail), ..self }
    }
}

/// Which states of a row a change found and left.
#[derive(Debug, Default)]
struct Digests {
    before: Option<Vec<u8>>,
    after: Option<Vec<u8>>,
}

/// A line as it is written.
#[derive(Debug, Insertable)]
#[diesel(table_name = journal, treat_none_as_default_value = false)]
pub struct NewLine {
    at: Instant,
    actor: Option<AccountId>,
    role: Option<Role>,
    capacity: Capacity,
    operation: Option<String>,
    subject_kind: &'static str,
    subject: AnyId,
    event: String,
    from_state: Option<String>,
    to_state: Option<String>,
    digest_before: Option<Vec<u8>>,
    digest_after: Option<Vec<u8>>,
    detail: Option<Json>,
}

/// Which lines are asked for; all that are given must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub subject: Option<Uuid>,
    pub actor: Option<AccountId>,
    pub event: Option<String>,
}

/// The newest lines first, those before the line of that number.
pub fn page(
    conn: &mut Conn<'_>,
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<JournalLine>, Fault> {
    let mut query = journal::table.select(JournalLine::as_select()).into_boxed();
    if let Some(subject) = filter.subject {
        query = query.filter(journal::subject.eq(AnyId(subject)));
    }
    if let Some(actor) = filter.actor {
        query = query.filter(journal::actor.eq(actor));
    }
    if let Some(event) = &filter.event {
        query = query.filter(journal::event.eq(event.clone()));
    }
    if let Some(before) = before {
        query = query.filter(journal::seq.lt(before));
    }
    Ok(query.order(journal::seq.desc()).limit(limit).load(conn.db)?)
}

/// Every line about one of these, the oldest first.
pub fn about(conn: &mut Conn<'_>, subjects: &[Uuid]) -> Result<Vec<JournalLine>, Fault> {
    let subjects: Vec<AnyId> = subjects.iter().copied().map(AnyId).collect();
    let query = journal::table.filter(journal::subject.eq_any(subjects));
    Ok(query.order(journal::seq.asc()).select(JournalLine::as_select()).load(conn.db)?)
}

impl Tx<'_> {
    fn note(&mut self, subject: Subject, line: Line<'_>, digests: Digests) {
        self.lines.push(NewLine {
            at: self.now,
            actor: self.actor.account,
            role: self.actor.role,
            capacity: self.actor.capacity,
            operation: self.actor.operation.map(str::to_owned),
            subject_kind: subject.0,
            subject: AnyId(subject.1),
            event: line.event.to_owned(),
            from_state: line.states.map(|s| s.0.to_owned()),
            to_state: line.states.map(|s| s.1.to_owned()),
            digest_before: digests.before,
            digest_after: digests.after,
            detail: line.detail.map(Json),
        });
    }

    fn write_all<const N: usize>(&mut self, lines: [NewLine; N]) -> Result<(), Fault> {
        let query = diesel::insert_into(journal::table).values(lines);
        each_backend!(&mut *self.db, |c| query.execute(c))?;
        Ok(())
    }

    /// Writes what was noted, in as few statements as it takes; one or two lines by statements that
    /// stay prepared.
    pub(super) fn write_lines(&mut self) -> Result<(), Fault> {
        let lines = std::mem::take(&mut self.lines);
        let lines = match <[NewLine; 1]>::try_from(lines) {
            Ok(one) => return self.write_all(one),
            Err(lines) => lines,
        };
        let lines = match <[NewLine; 2]>::try_from(lines) {
            Ok(two) => return self.write_all(two),
            Err(lines) => lines,
        };
        for rows in lines.chunks(ROWS) {
            let query = diesel::insert_into(journal::table).values(rows);
            each_backend!(&mut *self.db, |c| query.execute(c))?;
        }
        Ok(())
    }

    /// A line for each reader and subject of a batch, at the hour of the first look.
    pub fn journal_reads(&mut self, batch: &Batch) {
        let line = |(&(actor, (subject_kind, subject)), looked): (&(Actor, Subject), &Looked)| {
            let times = (looked.times > 1).then(|| Json(json!({ "times": looked.times })));
            NewLine {
                at: looked.at,
                actor: actor.account,
                role: actor.role,
                capacity: actor.capacity,
                operation: actor.operation.map(str::to_owned),
                subject_kind,
                subject: AnyId(subject),
                event: "read".to_owned(),
                from_state: None,
                to_state: None,
                digest_before: None,
                digest_after: None,
                detail: times,
            }
        };
        self.lines.extend(batch.iter().map(line));
    }

    /// A line about something that has no row whose states could be told apart.
    pub fn journal(
        &mut self,
        subject_kind: &'static str,
        subject: Uuid,
        event: &str,
        detail: Option<serde_json::Value>,
    ) -> Result<(), Fault> {
        if WITHOUT_TRUST {
            return Ok(());
        }
        let line = Line { event, states: None, detail };
        self.note((subject_kind, subject), line, Digests::default());
        Ok(())
    }

    /// The line of a row that was made.
    pub fn journal_new<R: Stated>(&mut self, new: &R, line: Line<'_>) -> Result<(), Fault> {
        if WITHOUT_TRUST {
            return Ok(());
        }
        let digests = Digests { before: None, after: Some(digest(self, new)?) };
        self.note(new.subject(), line, digests);
        Ok(())
    }

    /// The line of a row that was changed; reads the row as it stands now.
    pub fn journal_change<R: Stated>(&mut self, old: &R, line: Line<'_>) -> Result<(), Fault> {
        if WITHOUT_TRUST {
            return Ok(());
        }
        let new = old.again(self)?;
        let digests =
            Digests { before: Some(digest(self, old)?), after: Some(digest(self, &new)?) };
        self.note(old.subject(), line, digests);
        Ok(())
    }

    /// The line of a row that was taken away.
    pub fn journal_gone<R: Stated>(&mut self, old: &R, line: Line<'_>) -> Result<(), Fault> {
        if WITHOUT_TRUST {
            return Ok(());
        }
        let digests = Digests { before: Some(digest(self, old)?), after: None };
        self.note(old.subject(), line, digests);
        Ok(())
    }

    /// The line of a lifecycle step.
    pub fn journal_step<S: Lifecycle, R: Stated>(
        &mut self,
        old: &R,
        step: &Transition<S>,
        words: impl Fn(S) -> &'static str,
        event: &str,
    ) -> Result<(), Fault> {
        let states = Some((words(step.from()), words(step.to())));
        self.journal_change(old, Line { event, states, detail: None })
    }
}
