//! Records and lists of people go when the time of the rule is over (`DP-KEEP`; UU 27/2022, articles
//! 42 to 44). Must not know: when the worker looks.

use super::erase_person::erase_person;
use super::stop::Stop;
use super::uploads::Named;
use crate::db::{Actor, Conn, Fault, Store, applications, kept};
use crate::domain::ids::{ApplicationId, SeekerId};
use crate::domain::retention::Keeping;
use crate::domain::roles::Role;
use crate::domain::rulebook::Rulebook;
use crate::domain::time::{Day, Instant, Zone};

const KEEPER: Actor = Actor::service("forget_people");
/// Rows that are looked at in one go.
const PAGE: i64 = 500;

/// What is gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gone {
    pub people: usize,
    pub lists: usize,
}

/// A record that is kept until a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiring {
    pub seeker: SeekerId,
    pub until: Day,
}

/// Records after `after` of which the last day is before `day`, and where to look on, if there may
/// be more. Looks at `rows` records that were not changed lately. O(rows).
pub fn expiring(
    conn: &mut Conn<'_>,
    (keeping, day): (&Keeping, Day),
    after: Option<SeekerId>,
    rows: i64,
) -> Result<(Vec<Expiring>, Option<SeekerId>), Fault> {
    let unchanged = Instant::beginning(keeping.surely(day), Zone::Jakarta);
    let page = kept::unchanged_since(conn, unchanged, after, rows)?;
    let is_full = i64::try_from(page.len()).is_ok_and(|found| found == rows);
    let end = page.last().map(|(seeker, _)| *seeker).filter(|_| is_full);
    let due = page.into_iter().filter_map(|(seeker, kept)| {
        let until = keeping.until(&kept?);
        (until < day).then_some(Expiring { seeker, until })
    });
    Ok((due.collect(), end))
}

/// One record or list a transaction, so that nobody waits long. A record stays while an upload that
/// is still kept names the person: the office goes on with it. One that cannot go keeps no other
/// from going; it is told at the end.
pub fn forget_people(store: &Store, rules: &Rulebook) -> Result<Gone, Stop> {
    let today = store.clock().now().day_in(Zone::Jakarta);
    let keeping = Keeping::on(today, rules)?;
    let mut gone = Gone { lists: forget_lists(store, keeping.lists(today))?, people: 0 };
    let mut after = None;
    let (mut named, mut failed) = (None, None);
    loop {
        let (due, end) =
            store.snapshot(|conn, _| expiring(conn, (&keeping, today), after, PAGE))?;
        for Expiring { seeker, .. } in due {
            let named = match &named {
                Some(named) => named,
                None => named.insert(store.snapshot(|conn, _| Named::by_uploads(conn))?),
            };
            match forget(store, seeker, named, (&keeping, rules)) {
                Ok(went) => gone.people += usize::from(went),
                Err(stop) => failed = Some(stop),
            }
        }
        match end {
            Some(_) => after = end,
            None => return failed.map_or(Ok(gone), Err),
        }
    }
}

/// Whether the record went: it is looked at again, since somebody may have changed it meanwhile.
fn forget(
    store: &Store,
    seeker: SeekerId,
    named: &Named,
    (keeping, rules): (&Keeping, &Rulebook),
) -> Result<bool, Stop> {
    let done = store.write(KEEPER, |tx, now| {
        let kept = kept::one(tx, seeker)?;
        let is_due = kept.is_some_and(|kept| keeping.until(&kept) < now.day_in(Zone::Jakarta));
        if !is_due || named.has(tx, seeker)? {
            return Ok(false);
        }
        erase_person(tx, seeker, &[], (Role::Lead, rules))?;
        Ok(true)
    });
    match done {
        // Another process was faster, or a rule holds the record for longer.
        Err(Stop::Fault(Fault::NotFound) | Stop::Rules(_)) => Ok(false),
        done => done,
    }
}

fn forget_lists(store: &Store, day: Day) -> Result<usize, Stop> {
    let mut gone = 0;
    let mut after: Option<ApplicationId> = None;
    loop {
        let page = store.read(|conn, _| kept::lists_ended_before(conn, day, after, PAGE))?;
        for list in page.iter().filter(|list| !list.is_erased()) {
            match store.write(KEEPER, |tx, _| applications::erase(tx, list)) {
                Ok(()) => gone += 1,
                // Another process was faster.
                Err(Fault::Moved) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        match page.last() {
            Some(last) => after = Some(last.id),
            None => return Ok(gone),
        }
    }
}
