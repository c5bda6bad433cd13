//! Freeze: the canonical input of a season, written once for each version.
//! Must not know: HTTP, how lists are checked.

mod tree;

use super::frozen::{Against, FORM, Input, Part, Record, Wish};
use super::stop::Stop;
use crate::db::applications::{self, ApplicationRow};
use crate::db::inputs::{self, NewInput};
use crate::db::quotas::{self, QuotaRow};
use crate::db::seasons::{self, SeasonRow};
use crate::db::seekers::SeekerRow;
use crate::db::sql::Mark;
use crate::db::{Actor, Conn, Fault, Store, Tx, consents, organisations, rights, rounds};
use crate::domain::bands::{age_band, experience_band};
use crate::domain::consents::{Purpose, missing};
use crate::domain::eligibility::{Candidate, Criteria, QuotaFacts};
use crate::domain::ids::{OrganisationId, QuotaId, SeasonId, SeekerId};
use crate::domain::lifecycle::{Refusal, decide};
use crate::domain::places::Kecamatan;
use crate::domain::points::{Merits, Rubric, RubricPartForm};
use crate::domain::problem::{Code, Reason};
use crate::domain::quotas::shut;
use crate::domain::roles::Role;
use crate::domain::rulebook::Rulebook;
use crate::domain::seasons::{SeasonEvent, SeasonState, Sector};
use crate::domain::seekers::SeekerState;
use crate::domain::time::{Day, Instant, Zone, full_years};
use crate::matching::lottery::{Hash, hex, leaf, pseudonym};
use crate::matching::merkle;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use tree::tree;

/// People read at a time.
const PAGE: i64 = 1000;
/// How often a season is read before the freeze gives up on writes that still end.
const TURNS: usize = 8;

/// What a freeze is asked to do.
#[derive(Debug, Clone)]
pub struct Order {
    pub actor: Actor,
    pub role: Role,
    /// Why a standing version is corrected.
    pub reason: Option<String>,
}

/// The day whose facts of eligibility count, Asia/Jakarta.
pub fn freeze_day(season: &SeasonRow) -> Day {
    season.freeze_at.day_in(Zone::Jakarta)
}

/// The rules that were frozen at the opening.
pub fn rules_of(season: &SeasonRow) -> Result<Rulebook, Fault> {
    let text = season.rules.as_deref().ok_or_else(|| Fault::broken("a season without rules"))?;
    Rulebook::parse_canonical(text).map_err(|p| Fault::broken(format!("{p:?}")))
}

/// The published rubric.
pub fn rubric_of(season: &SeasonRow) -> Result<Rubric, Fault> {
    let damaged = || Fault::broken("seasons.rubric is no rubric");
    let number =
        |part: &serde_json::Value, name: &str| part.get(name).and_then(serde_json::Value::as_i64);
    let read = |part: &serde_json::Value| {
        Some(RubricPartForm {
            kind: part.get("kind")?.as_str()?.to_owned(),
            per: number(part, "per")?,
            points: number(part, "points")?,
            max: number(part, "max")?,
        })
    };
    let parts = season.rubric.0.as_array().ok_or_else(damaged)?;
    let forms: Option<Vec<RubricPartForm>> = parts.iter().map(read).collect();
    Rubric::parse(&forms.ok_or_else(damaged)?).map_err(|_| damaged())
}

/// What eligibility looks at in a record.
pub fn candidate(row: &SeekerRow, seat_in_other_season: bool) -> Candidate {
    Candidate {
        born_on: row.born_on,
        kecamatan: Kecamatan::by_code(&row.kecamatan).ok(),
        verified: row.state == SeekerState::Verified,
        farm_months: row.farm_months.into(),
        fishery_months: row.fishery_months.into(),
        ak1_issued_on: row.ak1_issued_on,
        seat_in_other_season,
    }
}

/// What points look at in a record.
pub fn merits(row: &SeekerRow) -> Merits {
    Merits {
        farm_months: row.farm_months.into(),
        fishery_months: row.fishery_months.into(),
        korean_level: row.korean_level.into(),
        training_hours: row.training_hours.into(),
    }
}

/// The season's criteria of one quota.
pub fn criteria(quota: &QuotaRow, season: &SeasonRow, rules: &Rulebook) -> Criteria {
    let terms = quota.terms();
    Criteria::new(&QuotaFacts::of(&terms, &quota.si_gun), freeze_day(season), rules)
}

struct Listed {
    sector: Sector,
    starts_on: Day,
    /// What stands against everybody there.
    shut: Vec<Reason>,
    criteria: Criteria,
}

/// Everything that judges one list.
struct Judge {
    quotas: HashMap<QuotaId, Listed>,
    rubric: Rubric,
    elsewhere: HashSet<SeekerId>,
    /// Who agrees to be matched.
    agreeing: HashSet<SeekerId>,
    season_key: [u8; 32],
}

impl Judge {
    fn wish(&self, quota: QuotaId, row: &SeekerRow) -> Result<Wish, Fault> {
        let listed = self.quotas.get(&quota).ok_or_else(|| Fault::broken("an unknown quota"))?;
        let candidate = candidate(row, self.elsewhere.contains(&row.id));
        let mut against = listed.criteria.judge(&candidate).reasons;
        against.extend(listed.shut.iter().cloned());
        let mut reasons: Vec<Against> = against.into_iter().map(Against::from).collect();
        reasons.sort_unstable();
        reasons.dedup();
        let points = self.rubric.score(&merits(row), listed.sector);
        let part = |p: &crate::domain::points::ScoredPart| Part {
            kind: p.kind.as_str().to_owned(),
            points: p.points,
            value: p.value,
        };
        let months = listed.sector.pick(row.farm_months, row.fishery_months);
        Ok(Wish {
            age_band: age_band(full_years(row.born_on, listed.starts_on)).to_owned(),
            experience_band: experience_band(months).to_owned(),
            parts: points.parts.iter().map(part).collect(),
            points: points.total,
            quota: quota.to_string(),
            reasons,
        })
    }

    fn record(
        &self,
        conn: &Conn<'_>,
        list: &ApplicationRow,
        row: &SeekerRow,
    ) -> Result<(Hash, Record), Fault> {
        let nik = row.open(conn)?.nik;
        let pseudonym = pseudonym(&self.season_key, nik.as_str()).map_err(Fault::broken)?;
        let agrees = self.agreeing.contains(&row.id);
        let wish = |quota| if agrees { self.wish(quota, row) } else { Ok(unweighed(quota)) };
        let wishes = list.choices()?.into_iter().map(wish);
        let record = Record {
            kecamatan: row.kecamatan.clone(),
            list: wishes.collect::<Result<_, _>>()?,
            pseudonym: hex(&pseudonym),
            sex: row.sex.as_str().to_owned(),
        };
        Ok((pseudonym, record))
    }
}

/// A wish of somebody who does not agree to be matched: nothing of the person is weighed, and the
/// one reason says why.
fn unweighed(quota: QuotaId) -> Wish {
    Wish {
        age_band: String::new(),
        experience_band: String::new(),
        parts: Vec::new(),
        points: 0,
        quota: quota.to_string(),
        reasons: vec![missing(Purpose::Matching).into()],
    }
}

/// The salt of a person's leaf: made from the season's key, so that nothing more need be stored,
/// and nobody who learns the revealed secret can try records against leaves.
fn salt(season_key: &[u8; 32], version: i32, pseudonym: &Hash) -> [u8; 16] {
    let mut salt = [0; 16];
    // A key of 32 bytes is always taken; HMAC has no other failure.
    if let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(season_key) {
        mac.update(b"musiman/salt/1\0");
        mac.update(&version.to_be_bytes());
        mac.update(pseudonym);
        let whole = mac.finalize().into_bytes();
        salt.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
    }
    salt
}

/// Lists, quotas and consents of a season, who is suspended, and whose data lies still, at some
/// moment.
type Marks = (Mark, Mark, Mark, HashSet<OrganisationId>, HashSet<SeekerId>);

/// An input in the making: what was read, and the marks that must still hold at the write.
pub struct Draft {
    season: SeasonRow,
    marks: Marks,
    new: NewInput,
}

fn marks(conn: &mut Conn<'_>, season: SeasonId) -> Result<Marks, Fault> {
    let suspended = organisations::suspended(conn)?;
    let consents = consents::mark(conn, season, Purpose::Matching)?;
    let (lists, quotas) = (applications::mark(conn, season)?, quotas::mark(conn, season)?);
    Ok((lists, quotas, consents, suspended, rights::restricted(conn, None)?))
}

/// Everybody with a list, but for those whose data must lie still.
fn people(
    conn: &mut Conn<'_>,
    season: &SeasonRow,
) -> Result<Vec<(ApplicationRow, SeekerRow)>, Fault> {
    let restricted = rights::restricted(conn, None)?;
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = applications::with_seekers(conn, season.id, after, PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(all) };
        after = Some(last.seeker_id);
        all.extend(page.into_iter().filter(|(_, person)| !restricted.contains(&person.id)));
    }
}

fn shut_ones(
    conn: &mut Conn<'_>,
    open: &[QuotaRow],
    people: &[(ApplicationRow, SeekerRow)],
) -> Result<Vec<QuotaRow>, Fault> {
    let mut wanted: HashSet<QuotaId> = HashSet::new();
    for (list, _) in people {
        wanted.extend(list.choices()?);
    }
    for quota in open {
        wanted.remove(&quota.id);
    }
    quotas::by_ids(conn, &wanted.into_iter().collect::<Vec<_>>())
}

/// Which of them agree to be matched.
fn agreeing(
    conn: &mut Conn<'_>,
    people: &[(ApplicationRow, SeekerRow)],
) -> Result<HashSet<SeekerId>, Fault> {
    let ids: Vec<SeekerId> = people.iter().map(|(_, row)| row.id).collect();
    let mut all = HashSet::new();
    for ids in ids.chunks(1000) {
        all.extend(consents::holding(conn, Purpose::Matching, ids)?);
    }
    Ok(all)
}

fn judge(
    conn: &mut Conn<'_>,
    season: &SeasonRow,
    (listed, people): (&[&QuotaRow], &[(ApplicationRow, SeekerRow)]),
    rules: &Rulebook,
) -> Result<Judge, Fault> {
    let suspended = organisations::suspended(conn)?;
    let one = |q: &&QuotaRow| {
        let shut = shut(q.state, suspended.contains(&q.organisation_id));
        let (sector, starts_on, criteria) = (q.sector, q.starts_on, criteria(q, season, rules));
        (q.id, Listed { sector, starts_on, shut, criteria })
    };
    Ok(Judge {
        quotas: listed.iter().map(one).collect(),
        rubric: rubric_of(season)?,
        agreeing: agreeing(conn, people)?,
        elsewhere: rounds::seated_elsewhere(conn, season.id, freeze_day(season), None)?,
        season_key: seasons::season_key(conn, season)?,
    })
}

fn draft(conn: &mut Conn<'_>, season: SeasonRow, reason: Option<String>) -> Result<Draft, Fault> {
    let rules = rules_of(&season)?;
    let marks = marks(conn, season.id)?;
    let version =
        inputs::latest(conn, season.id)?.map_or(1, |latest| latest.open.input_version + 1);
    let allocations = seasons::allocations(conn, season.id)?;
    let open = quotas::open_of(conn, season.id)?;
    let people = people(conn, &season)?;
    let shut = shut_ones(conn, &open, &people)?;
    let listed: Vec<&QuotaRow> = open.iter().chain(&shut).collect();
    let judge = judge(conn, &season, (&listed, &people), &rules)?;
    let mut records = Vec::with_capacity(people.len());
    for (list, row) in &people {
        let (pseudonym, record) = judge.record(conn, list, row)?;
        records.push((pseudonym, row.id, record));
    }
    records.sort_by_key(|(pseudonym, _, _)| *pseudonym);
    let mut leaves = Vec::with_capacity(records.len());
    for (pseudonym, _, record) in &records {
        leaves.push(leaf(&salt(&judge.season_key, version, pseudonym), &record.bytes()?));
    }
    let people = records.iter().map(|(pseudonym, id, _)| (*id, *pseudonym)).collect();
    let input = Input {
        agreement: season.agreement_id.to_string(),
        form: FORM.to_owned(),
        nodes: tree(&season, &allocations, &open, &shut, &rules),
        records: records.into_iter().map(|(_, _, record)| record).collect(),
        rubric_digest: season.rubric_digest.clone().unwrap_or_default(),
        rules_digest: season.rules_digest.clone().unwrap_or_default(),
        season: season.id.to_string(),
        version,
    };
    let canonical = input.bytes()?;
    let new = NewInput {
        season: season.id,
        version,
        digest: Sha256::digest(&canonical).into(),
        canonical,
        root: merkle::root(&leaves),
        reason,
        people,
    };
    Ok(Draft { season, marks, new })
}

/// Whether a freeze, or a correction with its reason, may be done now.
fn may_freeze(
    conn: &mut Conn<'_>,
    season: &SeasonRow,
    order: &Order,
    now: Instant,
) -> Result<(), Stop> {
    if now < season.freeze_at {
        return Err(Code::TooEarly.with("from", season.freeze_at).into());
    }
    if season.state == SeasonState::Frozen && order.reason.is_some() {
        let drawn = inputs::latest(conn, season.id)?.is_some_and(|input| input.seed.is_some());
        return if drawn { Err(Stop::State(Refusal::State)) } else { Ok(()) };
    }
    decide(season.state, SeasonEvent::Freeze, order.role)?;
    Ok(())
}

fn write(tx: &mut Tx<'_>, draft: &Draft, order: &Order) -> Result<bool, Stop> {
    let present = seasons::get(tx, draft.season.id)?;
    if present.version != draft.season.version {
        return Err(Fault::Moved.into());
    }
    // Lists bind at the freeze hour; a write that began before the hour and ended after the
    // reading shows in the marks, and belongs in the input.
    if marks(tx, present.id)? != draft.marks {
        return Ok(false);
    }
    // The season first: of two writers the later one then waits, and learns that it moved.
    if present.state == SeasonState::Open {
        let step = decide(present.state, SeasonEvent::Freeze, order.role)?;
        seasons::keep(tx, &present, step)?;
    } else {
        seasons::touch(tx, &present)?;
    }
    let until = tx.now.plus_hours(present.objection_hours.into());
    inputs::insert(tx, &draft.new, until)?;
    Ok(true)
}

/// Reads what `asked` is the reading of. The long work is done on a snapshot, outside the write.
pub fn read(store: &Store, asked: &SeasonRow, order: &Order) -> Result<Draft, Stop> {
    store.snapshot(|conn, now| {
        let season = seasons::get(conn, asked.id)?;
        if season.version != asked.version {
            return Err(Stop::Fault(Fault::Moved));
        }
        may_freeze(conn, &season, order, now)?;
        Ok(draft(conn, season, order.reason.clone())?)
    })
}

/// Writes the draft, unless a list or a quota changed since it was read: then it gives false.
pub fn keep(store: &Store, draft: &Draft, order: &Order) -> Result<bool, Stop> {
    store.write(order.actor, |tx, _| write(tx, draft, order))
}

/// Freezes what `asked` is the reading of, and reads again while writes that came in time end.
pub fn freeze(store: &Store, asked: &SeasonRow, order: &Order) -> Result<(), Stop> {
    for _ in 0..TURNS {
        if keep(store, &read(store, asked, order)?, order)? {
            return Ok(());
        }
    }
    Err(Fault::Busy.into())
}
