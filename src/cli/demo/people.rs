//! The demo's job seekers: the register read, papers seen, lists of wishes handed in.
//! Must not know: how seats are given.

use super::Refused;
use super::dice::Dice;
use super::staff::Staff;
use crate::acts::freeze::{candidate, criteria, rules_of};
use crate::acts::import_register::{Chunk, Task, Witness, import_register};
use crate::cli::progress::Progress;
use crate::db::consents::Answer;
use crate::db::seekers::{self, Filter, Scope, SeekerLine};
use crate::db::{Actor, Fault, Store, Tx, applications, consents, quotas, seasons};
use crate::domain::applications::{ListedQuota, RankedList};
use crate::domain::consents::{Channel, Purpose, shown, text_on};
use crate::domain::eligibility::{Candidate, Criteria};
use crate::domain::ids::{QuotaId, SeasonId, SeekerId};
use crate::domain::lifecycle::decide;
use crate::domain::roles::Role;
use crate::domain::seekers::{IdentityState, SeekerEvent, SeekerState};
use crate::domain::time::{Day, Zone};
use crate::outside::tables::Table;
use std::collections::HashMap;
use std::io::{self, Cursor};
use std::ops::ControlFlow;

/// The register as a labour office has it; its people are made up.
const REGISTER: &[u8] = include_bytes!("../../../tests/data/pencari_kerja.csv");
const ROWS: u64 = 5000;
/// People of one transaction.
const CHUNK: i64 = 500;
/// The shortest and the longest list.
const WISHES: (u64, u64) = (2, 10);

struct Teller(Progress);

impl Witness for Teller {
    fn stored(&mut self, chunk: &Chunk<'_>) -> io::Result<ControlFlow<()>> {
        self.0.at(chunk.counts.rows());
        Ok(ControlFlow::Continue(()))
    }
}

pub fn register(store: &Store, staff: &Staff) -> Result<(), Refused> {
    let broken = |problem| Fault::broken(format!("the demo's register: {problem:?}"));
    let mut table = Table::open(Cursor::new(REGISTER))
        .map_err(|problem| Fault::broken(format!("the demo's register: {problem}")))?;
    let mut teller = Teller(Progress::new("register", Some(ROWS)));
    let task = Task::whole(staff.office, store.clock().new_id());
    import_register(store, &task, &mut table, &mut teller).map_err(broken)?;
    Ok(())
}

/// The office has seen the papers of those whose NIK agrees with what they state.
fn verify(tx: &mut Tx<'_>, lines: &[SeekerLine]) -> Result<Vec<(SeekerId, Candidate)>, Refused> {
    let mut verified = Vec::new();
    for line in lines.iter().filter(|line| line.identity == IdentityState::Matches) {
        let row = seekers::get(tx, line.id, Scope::All)?;
        let step = decide(row.state, SeekerEvent::Verify, Role::Office)?;
        seekers::keep(tx, &row, step)?;
        verified.push((row.id, Candidate { verified: true, ..candidate(&row, false) }));
    }
    Ok(verified)
}

pub fn see_papers(store: &Store, staff: &Staff) -> Result<Vec<(SeekerId, Candidate)>, Refused> {
    let filter = Filter { state: Some(SeekerState::Registered), ..Filter::default() };
    let mut progress = Progress::new("papers", Some(ROWS));
    let (mut all, mut seen, mut after) = (Vec::new(), 0, None);
    loop {
        let lines = store.read::<_, Fault>(|conn, _| seekers::page(conn, &filter, after, CHUNK))?;
        let Some(last) = lines.last() else { return Ok(all) };
        after = Some(last.id);
        all.extend(store.write(staff.office, |tx, _| verify(tx, &lines))?);
        seen += u64::try_from(lines.len()).unwrap_or(0);
        progress.at(seen);
    }
}

/// What people choose from: quotas with how often they are wished for.
struct Market {
    season: SeasonId,
    list_max: i64,
    known: HashMap<QuotaId, ListedQuota>,
    offers: Vec<(QuotaId, u64, Criteria)>,
}

impl Market {
    /// Popularity falls like one by the place, whichever quotas the dice put first.
    fn open(store: &Store, season: SeasonId, dice: &mut Dice) -> Result<Self, Refused> {
        let (row, quotas) = store.snapshot::<_, Fault>(|conn, _| {
            Ok((seasons::get(conn, season)?, quotas::open_of(conn, season)?))
        })?;
        let rules = rules_of(&row)?;
        let listed = |state| ListedQuota { season, state, employer_suspended: false };
        let known = quotas.iter().map(|q| (q.id, listed(q.state))).collect();
        let even = quotas.iter().map(|q| (q, 1)).collect();
        let offers = (1..)
            .zip(dice.weighted(even, quotas.len()))
            .map(|(place, q)| (q.id, 100_000 / place, criteria(q, &row, &rules)))
            .collect();
        Ok(Self { season, list_max: row.list_max.into(), known, offers })
    }

    /// The wishes of somebody; none from those who are eligible for nothing.
    fn wishes(&self, who: &Candidate, dice: &mut Dice) -> Vec<QuotaId> {
        let fits = self.offers.iter().filter(|(_, _, c)| c.judge(who).is_eligible());
        let (least, most) = WISHES;
        let count = least + dice.below(most - least + 1);
        let count = usize::try_from(count).unwrap_or(1);
        dice.weighted(fits.map(|(id, weight, _)| (*id, *weight)).collect(), count)
    }

    fn hand_in(&self, tx: &mut Tx<'_>, lists: &[(SeekerId, Vec<QuotaId>)]) -> Result<(), Refused> {
        let people: Vec<SeekerId> = lists.iter().map(|(seeker, _)| *seeker).collect();
        consents::insert_many(tx, &people, &agreed(tx.now.day_in(Zone::Jakarta))?)?;
        for (seeker, choices) in lists {
            let list = RankedList::check(choices, self.season, self.list_max, &self.known)?;
            applications::insert(tx, self.season, *seeker, &list, Some("demo"))?;
        }
        Ok(())
    }
}

/// What everybody signed who handed in a list.
fn agreed(day: Day) -> Result<Vec<Answer>, Refused> {
    let purposes = [Purpose::Matching, Purpose::ShareWithKrGov, Purpose::ShareWithEmployer];
    let answer = |purpose| {
        let version = text_on(purpose, day).map_or(0, |text| text.version);
        let (basis, shown) = shown(purpose, version, "id", day)?;
        let (channel, signed_on) = (Channel::Paper, Some(day));
        Ok(Answer { purpose, basis, shown: Some(shown), channel, signed_on })
    };
    purposes.into_iter().map(answer).collect()
}

pub fn apply(
    store: &Store,
    season: SeasonId,
    people: &[(SeekerId, Candidate)],
    dice: &mut Dice,
) -> Result<(), Refused> {
    let market = Market::open(store, season, dice)?;
    let lists: Vec<(SeekerId, Vec<QuotaId>)> = people
        .iter()
        .map(|(id, who)| (*id, market.wishes(who, dice)))
        .filter(|(_, wishes)| !wishes.is_empty())
        .collect();
    let total = u64::try_from(lists.len()).unwrap_or(0);
    let mut progress = Progress::new("lists", Some(total));
    let mut done = 0;
    for lists in lists.chunks(500) {
        store.write(Actor::operator("serve --demo"), |tx, _| market.hand_in(tx, lists))?;
        done += u64::try_from(lists.len()).unwrap_or(0);
        progress.at(done);
    }
    Ok(())
}
