//! Whether the journal's digests follow one another, and end with the rows as they stand.

use super::World;
use musiman::db::journal::{Filter, page};
use musiman::db::states::{Stated, digest};
use musiman::db::{
    Conn, Fault, accounts, agreements, breaches, merges, organisations, quotas, rights, rounds,
    seasons, seekers,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What the lines about a subject left of its rows.
type Left = BTreeMap<(String, Uuid), BTreeSet<Vec<u8>>>;

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub struct States {
    /// Lines whose digest before is one that an earlier line of the subject left.
    pub linked: usize,
    /// Lines about rows that came without a line of their own, such as those of a register.
    pub unlinked: Vec<(String, String)>,
    /// Rows that stand as a line left them.
    pub standing: usize,
}

fn row<R: Stated>(conn: &mut Conn<'_>, row: Result<R, Fault>) -> Option<Vec<u8>> {
    match row {
        Ok(row) => Some(digest(conn, &row).unwrap()),
        Err(Fault::NotFound) => None,
        Err(fault) => panic!("{fault:?}"),
    }
}

/// The digest of the row of that id as it stands; of kinds that have one row for their id.
fn present(conn: &mut Conn<'_>, kind: &str, id: Uuid) -> Option<Vec<u8>> {
    macro_rules! of {
        ($found:expr) => {{
            let found = $found;
            row(conn, found)
        }};
    }
    match kind {
        accounts::SUBJECT | accounts::CLIENT => of!(accounts::get(conn, id.into())),
        agreements::SUBJECT => of!(agreements::get(conn, id.into())),
        breaches::SUBJECT => of!(breaches::get(conn, id.into())),
        merges::SUBJECT => of!(merges::get(conn, id.into())),
        organisations::SUBJECT => {
            of!(organisations::get(conn, id.into(), organisations::Scope::All))
        }
        quotas::SUBJECT => of!(quotas::get(conn, id.into(), quotas::Scope::All)),
        rights::SUBJECT => of!(rights::get(conn, id.into(), seekers::Scope::All)),
        rounds::SUBJECT => of!(rounds::get(conn, id.into(), rounds::Scope::All)),
        seasons::SUBJECT => of!(seasons::get(conn, id.into())),
        seekers::SUBJECT => of!(seekers::get(conn, id.into(), seekers::Scope::All)),
        _ => None,
    }
}

impl World {
    /// Panics where a row with lines does not stand as the last of them left it.
    pub fn states(&self) -> States {
        self.store.snapshot::<_, Fault>(|conn, _| Ok(states(conn))).unwrap()
    }
}

fn states(conn: &mut Conn<'_>) -> States {
    let mut lines = page(conn, &Filter::default(), None, i64::MAX).unwrap();
    lines.reverse();
    let mut left = Left::new();
    let mut found = States { linked: 0, unlinked: vec![], standing: 0 };
    for line in lines {
        let of = left.entry((line.subject_kind.clone(), line.subject.0)).or_default();
        if let Some(before) = &line.digest_before {
            if of.remove(before) {
                found.linked += 1;
            } else {
                found.unlinked.push((line.subject_kind, line.event));
            }
        }
        of.extend(line.digest_after);
    }
    for ((kind, id), digests) in left.iter().filter(|(_, digests)| !digests.is_empty()) {
        if let Some(digest) = present(conn, kind, *id) {
            assert!(digests.contains(&digest), "{kind} {id} was changed without a line");
            found.standing += 1;
        }
    }
    found
}
