//! Merges the double of a human being into the record that stands: what hangs on it goes over, its
//! record is emptied as by an erasure, and its NIK leads on. Pseudonyms in frozen inputs stay, so
//! that a published match can be checked as before. Must not know: HTTP, who proposed it.

use super::erase_person::empty;
use super::stop::Stop;
use crate::db::consents::ConsentRow;
use crate::db::merges::{self, MergeRow};
use crate::db::seekers::{self, Scope, SeekerRow};
use crate::db::{
    Conn, Fault, Tx, accounts, applications, breaches, consents, external_ids, imports, inputs,
    rights, sessions,
};
use crate::domain::consents::{Channel, ConsentEvent, Purpose};
use crate::domain::ids::{DataRequestId, ImportId, SeekerId};
use crate::domain::lifecycle::decide;
use crate::domain::merges::{Fate, MergedThing, taken};
use crate::domain::problem::{Code, Reason};
use crate::domain::retention::{Tie, holds};
use crate::domain::roles::Role;
use crate::domain::rulebook::Rulebook;
use crate::domain::seekers::{SeekerEvent, SeekerState, differences};
use crate::domain::time::{Instant, Zone};
use serde_json::json;

/// Both records of a proposal.
pub struct Pair {
    pub survivor: SeekerRow,
    pub double: SeekerRow,
}

impl Pair {
    /// Both as they stand; none where one was erased.
    pub fn of(
        conn: &mut Conn<'_>,
        survivor: SeekerId,
        double: SeekerId,
    ) -> Result<Option<Self>, Fault> {
        Ok(match (there(conn, survivor)?, there(conn, double)?) {
            (Some(survivor), Some(double)) => Some(Self { survivor, double }),
            _ => None,
        })
    }
}

/// The record, if nobody erased it.
pub fn there(conn: &mut Conn<'_>, id: SeekerId) -> Result<Option<SeekerRow>, Fault> {
    match seekers::get(conn, id, Scope::All) {
        Ok(row) => Ok(Some(row)),
        Err(Fault::NotFound) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Everything that stands against a merge of these two, but for their versions and for imports.
pub fn against(
    conn: &mut Conn<'_>,
    pair: &Pair,
    request: Option<DataRequestId>,
    (now, rules): (Instant, &Rulebook),
) -> Result<Vec<Reason>, Fault> {
    let (survivor, double) = (&pair.survivor, &pair.double);
    let mut reasons: Vec<Reason> = Vec::new();
    if [survivor, double].iter().any(|row| row.state == SeekerState::Draft) {
        reasons.push(Code::RecordUnseen.into());
    }
    if rights::lies_still(conn, survivor.id)? || rights::lies_still(conn, double.id)? {
        reasons.push(Code::ProcessingRestricted.into());
    }
    if rights::waits(conn, double.id, request)? {
        reasons.push(Code::DataRequestWaits.into());
    }
    reasons.extend(holds(&rights::ties(conn, double.id)?, now.day_in(Zone::Jakarta), rules));
    Ok(reasons)
}

/// The same for a proposal that stands: it is about the records that its proposer met.
pub fn against_now(
    conn: &mut Conn<'_>,
    row: &MergeRow,
    pair: Option<&Pair>,
    at: (Instant, &Rulebook),
) -> Result<Vec<Reason>, Fault> {
    let Some(pair) = pair else { return Ok(vec![Code::RecordsChanged.into()]) };
    let mut reasons = against(conn, pair, row.request_id, at)?;
    let met = (row.survivor_version, row.double_version);
    if met != (pair.survivor.version, pair.double.version) {
        reasons.push(Code::RecordsChanged.into());
    }
    Ok(reasons)
}

/// How an answer ends because another record of the same person says something later.
type Ending = (ConsentRow, ConsentEvent, Channel);

/// A withdrawal on the other record that came after an answer is the person's last word.
fn heeded(
    conn: &mut Conn<'_>,
    answer: ConsentRow,
    other: SeekerId,
) -> Result<Option<Ending>, Fault> {
    let last = consents::last_withdrawal(conn, other, answer.purpose)?;
    let later = last.filter(|(at, _)| *at > answer.given_at);
    Ok(later.map(|(_, channel)| (answer, ConsentEvent::Withdraw, channel)))
}

/// Which answers end so that the last word on each purpose counts.
fn endings(conn: &mut Conn<'_>, pair: &Pair) -> Result<Vec<Ending>, Fault> {
    let (survivor, double) = (pair.survivor.id, pair.double.id);
    let mut all = Vec::new();
    for purpose in Purpose::ALL {
        let own = consents::in_force(conn, survivor, *purpose)?;
        let others = consents::in_force(conn, double, *purpose)?;
        all.extend(match (own, others) {
            (Some(own), Some(other)) => {
                let (older, newer) =
                    if own.given_at <= other.given_at { (own, other) } else { (other, own) };
                Some((older, ConsentEvent::Replace, newer.channel))
            }
            (Some(own), None) => heeded(conn, own, double)?,
            (None, Some(other)) => heeded(conn, other, survivor)?,
            (None, None) => None,
        });
    }
    Ok(all)
}

fn whole(count: i64) -> usize {
    usize::try_from(count).unwrap_or(0)
}

/// What would become of each thing of the double.
pub fn fates(conn: &mut Conn<'_>, pair: &Pair) -> Result<Vec<Fate>, Fault> {
    let (to, from) = (pair.survivor.id, pair.double.id);
    let fate = |thing, moves, ends, stays| Fate { thing, moves, ends, stays };
    let has_account = accounts::of_seeker(conn, from)?.is_some();
    let stays_out = has_account && accounts::of_seeker(conn, to)?.is_some();
    let numbers = external_ids::parted(conn, from, to)?;
    let lists = applications::parted(conn, from, to)?;
    let notices = breaches::parted(conn, from, to)?;
    let seats = rights::ties(conn, from)?.iter().filter(|t| matches!(t, Tie::Seat(_))).count();
    Ok(vec![
        fate(
            MergedThing::Account,
            usize::from(has_account && !stays_out),
            usize::from(stays_out),
            0,
        ),
        fate(MergedThing::ExternalIds, numbers.going.len(), numbers.left, 0),
        fate(
            MergedThing::Consents,
            whole(consents::count_of(conn, from)?),
            endings(conn, pair)?.len(),
            0,
        ),
        fate(MergedThing::DataRequests, whole(rights::count_of(conn, from)?), 0, 0),
        fate(MergedThing::Applications, lists.going.len(), lists.left, 0),
        fate(MergedThing::BreachNotices, notices.going.len(), 0, notices.left),
        fate(MergedThing::FrozenLists, 0, 0, inputs::of_person(conn, &[from])?.len()),
        fate(MergedThing::Seats, 0, 0, seats),
    ])
}

fn hand_over_account(tx: &mut Tx<'_>, from: SeekerId, to: SeekerId) -> Result<(), Fault> {
    let Some(account) = accounts::of_seeker(tx, from)? else { return Ok(()) };
    if accounts::of_seeker(tx, to)?.is_some() {
        return Ok(());
    }
    // Its tokens name the double: whoever comes in again gets others.
    sessions::end_all(tx, account.id)?;
    accounts::hand_over(tx, &account, to)
}

fn hand_over(tx: &mut Tx<'_>, pair: &Pair, role: Role) -> Result<(), Stop> {
    let (to, from) = (pair.survivor.id, pair.double.id);
    for (answer, event, channel) in endings(tx, pair)? {
        consents::end(tx, &answer, decide(answer.state, event, role)?, channel)?;
    }
    consents::hand_over(tx, from, to)?;
    external_ids::hand_over(tx, from, to)?;
    rights::hand_over(tx, from, to)?;
    applications::hand_over(tx, from, to)?;
    breaches::hand_over(tx, from, to)?;
    Ok(hand_over_account(tx, from, to)?)
}

/// Everything at once, or nothing.
///
/// # Errors
/// Every reason against it, as [`Stop::Rules`].
pub fn merge_people(
    tx: &mut Tx<'_>,
    row: &MergeRow,
    uploads: &[ImportId],
    (role, rules): (Role, &Rulebook),
) -> Result<(), Stop> {
    let pair = Pair::of(tx, row.survivor_id, row.double_id)?;
    let now = tx.now;
    let mut reasons = against_now(tx, row, pair.as_ref(), (now, rules))?;
    for import in uploads {
        if imports::is_running(tx, *import)? {
            reasons.push(Code::HeldByImport.with("import", import));
        }
    }
    let Some(pair) = pair.filter(|_| reasons.is_empty()) else { return Err(Stop::Rules(reasons)) };
    let (survivor, double) = (&pair.survivor, &pair.double);
    let (old, other) = (survivor.open(tx)?, double.open(tx)?);
    let new = taken(&row.fields()?, &old, &other);
    new.check_days(now.day_in(Zone::Jakarta))?;
    hand_over(tx, &pair, role)?;
    empty(tx, double, decide(double.state, SeekerEvent::Merge, role)?)?;
    seekers::rewrite(tx, survivor, &new, &differences(&old, &new))?;
    accounts::relogin(tx, survivor.id, &new.nik)?;
    let wrong = if new.nik == old.nik { &other.nik } else { &old.nik };
    seekers::lead_on(tx, double.id, wrong)?;
    let detail = json!({ "merge": row.id.to_string(), "double": double.id.to_string() });
    Ok(tx.journal(seekers::SUBJECT, survivor.id.uuid(), "merge", Some(detail))?)
}

/// The NIK that leads on is somebody else's after all: whoever has it can be registered.
pub fn release_nik(tx: &mut Tx<'_>, row: &MergeRow) -> Result<(), Fault> {
    seekers::free_nik(tx, row.double_id)?;
    if let Some(standing) = merges::standing(tx, row.double_id)? {
        let detail = json!({ "merge": row.id.to_string() });
        tx.journal(seekers::SUBJECT, standing.uuid(), "release_nik", Some(detail))?;
    }
    Ok(())
}
