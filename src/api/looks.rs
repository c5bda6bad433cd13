//! Whose sealed data an answer was made of, noted before anybody sees it.
//! Must not know: which columns are sealed, who writes the lines.

use super::App;
use super::problem::Problem;
use crate::db::reads::Subject;
use crate::db::{Actor, Conn, seekers};
use crate::domain::ids::SeekerId;
use crate::domain::time::Instant;
use std::collections::BTreeSet;

/// Who reads, and the record that is the reader's own.
pub(super) struct Reader {
    pub actor: Actor,
    pub own: Option<SeekerId>,
}

/// An answer, when it was made, and whose sealed data was opened for it.
pub(super) type Watched<T> = (T, Instant, BTreeSet<Subject>);

pub(super) fn watched<T>(
    f: impl FnOnce(&mut Conn<'_>, Instant) -> Result<T, Problem>,
) -> impl FnOnce(&mut Conn<'_>, Instant) -> Result<Watched<T>, Problem> {
    move |conn, now| Ok((f(conn, now)?, now, conn.seen()))
}

impl Reader {
    pub fn notes<T>(self, app: &App, (answer, at, mut seen): Watched<T>) -> Result<T, Problem> {
        if let Some(own) = self.own {
            seen.remove(&(seekers::SUBJECT, own.uuid()));
        }
        app.store.reads().note(self.actor, at, seen)?;
        Ok(answer)
    }
}
