//! A season: its terms, published before anybody applies, and its way from draft to closure.
//! Must not know: how quotas are checked, how the lottery is drawn, where a season is kept.

mod allocations;

pub use allocations::{
    AllocationForm, AllocationKey, AllocationKind, HalfYear, NewAllocation, Sector,
};

use super::fields;
use super::ids::AgreementId;
use super::lifecycle::{Arrow, Lifecycle};
use super::points::{Rubric, RubricPartForm};
use super::problem::{Code, Problems, Reason};
use super::roles::Role;
use super::rulebook::Rulebook;
use super::time::{Day, Instant, Zone};

/// The longest ranked list that a season may allow.
pub const LIST_MAX_LIMIT: i64 = 30;
/// The longest ranked list of a season that does not say.
pub const LIST_MAX_DEFAULT: i64 = 20;

const NAME_MAX: usize = 120;
const SOURCE_MAX: usize = 200;
const BEACON_FORM_MAX: usize = 500;
const HOURS_MAX: i64 = 720;
const RATE_MAX: i64 = 100_000;
const ALLOCATIONS_MAX: usize = 500;

crate::words!(
    SeasonState {
        Draft = "draft",
        /// Quotas are posted and lists are handed in.
        Open = "open",
        /// The input is written once; objections may come.
        Frozen = "frozen",
        /// The public beacon is entered, so the lottery is fixed.
        Drawn = "drawn",
        Published = "published",
        Closed = "closed",
    }
);

crate::words!(
    SeasonEvent {
        Open = "open",
        Freeze = "freeze",
        /// The beacon is entered.
        Draw = "draw",
        /// Its round is published; happens through the round alone.
        Publish = "publish",
        Close = "close",
    }
);

const LEAD: &[Role] = &[Role::Lead];

const fn arrow(from: SeasonState, event: SeasonEvent, to: SeasonState) -> Arrow<SeasonState> {
    Arrow { from, event, who: LEAD, to }
}

impl Lifecycle for SeasonState {
    type Event = SeasonEvent;
    const TABLE: &'static [Arrow<Self>] = &[
        arrow(Self::Draft, SeasonEvent::Open, Self::Open),
        arrow(Self::Open, SeasonEvent::Freeze, Self::Frozen),
        arrow(Self::Frozen, SeasonEvent::Draw, Self::Drawn),
        arrow(Self::Drawn, SeasonEvent::Publish, Self::Published),
        arrow(Self::Published, SeasonEvent::Close, Self::Closed),
        // A season that cannot go on (no quotas, a void round) must still come to an end.
        arrow(Self::Draft, SeasonEvent::Close, Self::Closed),
        arrow(Self::Open, SeasonEvent::Close, Self::Closed),
        arrow(Self::Frozen, SeasonEvent::Close, Self::Closed),
        arrow(Self::Drawn, SeasonEvent::Close, Self::Closed),
    ];
}

/// A public source of randomness, and the exact text form of what it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beacon {
    pub name: String,
    pub form: String,
}

/// The beacon that decides, and the one that steps in if the first stays silent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beacons {
    pub first: Beacon,
    pub fallback: Beacon,
}

/// A beacon as a request says it.
#[derive(Debug, Clone, Default)]
pub struct BeaconForm {
    pub name: String,
    pub form: String,
}

/// A season as a request says it: plain values, days as `YYYY-MM-DD`, moments as RFC 3339.
#[derive(Debug, Clone, Default)]
pub struct SeasonForm {
    pub agreement_id: String,
    pub name: String,
    pub contract_from: String,
    pub contract_to: String,
    pub freeze_at: String,
    pub objection_hours: i64,
    pub list_max: Option<i64>,
    pub rubric: Vec<RubricPartForm>,
    pub offer_hours: i64,
    pub idr_per_100_krw: i64,
    pub rate_source: String,
    /// Stands at `/beacons/first`.
    pub beacon_first: BeaconForm,
    /// Stands at `/beacons/fallback`.
    pub beacon_fallback: BeaconForm,
    pub allocations: Vec<AllocationForm>,
}

/// The terms of a season, well formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSeason {
    pub agreement: AgreementId,
    pub name: String,
    /// First day of the earliest contract, Asia/Seoul.
    pub contract_from: Day,
    /// Last day of the latest contract, Asia/Seoul.
    pub contract_to: Day,
    pub freeze_at: Instant,
    /// Hours between freeze and beacon in which anybody may object.
    pub objection_hours: i64,
    /// Length of a ranked list, 1 to `LIST_MAX_LIMIT`.
    pub list_max: i64,
    pub rubric: Rubric,
    /// Hours until an offer lapses.
    pub offer_hours: i64,
    /// Rupiah for 100 won, at which wages are shown.
    pub idr_per_100_krw: i64,
    pub rate_source: String,
    pub beacons: Beacons,
    pub allocations: Vec<NewAllocation>,
}

impl SeasonForm {
    /// Reads the form; every problem with its pointer. Needs no rule and no clock.
    pub fn parse(self) -> Result<NewSeason, Problems> {
        let mut p = Problems::default();
        let agreement = p.at("/agreement_id", self.agreement_id.parse().map_err(|_| Code::Invalid));
        let name = p.at("/name", fields::line(&self.name, NAME_MAX));
        let contract_from = p.at("/contract_from", fields::day(&self.contract_from));
        let contract_to = p.at("/contract_to", fields::day(&self.contract_to));
        fields::in_order(&mut p, "/contract_to", contract_from, contract_to);
        let freeze_at = p.at("/freeze_at", fields::instant(&self.freeze_at));
        if let (Some(freeze), Some(from)) = (freeze_at, contract_from)
            && freeze.day_in(Zone::Seoul) >= from
        {
            p.add("/freeze_at", Code::FreezeAfterContract.with("contract_from", from));
        }
        let objection_hours =
            p.at("/objection_hours", fields::number(self.objection_hours, 1..=HOURS_MAX));
        let list_max = self.list_max.unwrap_or(LIST_MAX_DEFAULT);
        let list_max = p.at("/list_max", fields::number(list_max, 1..=LIST_MAX_LIMIT));
        let rubric = part(&mut p, "/rubric", Rubric::parse(&self.rubric));
        let offer_hours = p.at("/offer_hours", fields::number(self.offer_hours, 1..=HOURS_MAX));
        let idr_per_100_krw =
            p.at("/idr_per_100_krw", fields::number(self.idr_per_100_krw, 1..=RATE_MAX));
        let rate_source = p.at("/rate_source", fields::line(&self.rate_source, SOURCE_MAX));
        let beacons = beacons(&mut p, &self.beacon_first, &self.beacon_fallback);
        let allocations = read_allocations(&mut p, &self.allocations, contract_from, contract_to);
        p.done(|| {
            Some(NewSeason {
                agreement: agreement?,
                name: name?,
                contract_from: contract_from?,
                contract_to: contract_to?,
                freeze_at: freeze_at?,
                objection_hours: objection_hours?,
                list_max: list_max?,
                rubric: rubric?,
                offer_hours: offer_hours?,
                idr_per_100_krw: idr_per_100_krw?,
                rate_source: rate_source?,
                beacons: beacons?,
                allocations: allocations?,
            })
        })
    }
}

impl NewSeason {
    /// What rules and clock say: the freeze lies ahead, and objections get their time.
    /// To be asked when a season is made, changed and opened.
    pub fn check(&self, rules: &Rulebook, now: Instant) -> Result<(), Problems> {
        let mut p = Problems::default();
        if self.freeze_at <= now {
            p.add("/freeze_at", Code::FreezeInPast.with("now", now));
        }
        p.at("/objection_hours", self.objection_time(rules));
        p.done(|| Some(()))
    }

    fn objection_time(&self, rules: &Rulebook) -> Result<(), Reason> {
        let ruling = rules.on("OPS-OBJECTION", self.freeze_at.day_in(Zone::Jakarta), None)?;
        let min = ruling.integer()?;
        if self.objection_hours < min {
            let reason = Code::ObjectionTooShort.with("hours", self.objection_hours);
            return Err(ruling.rule().cited(reason.with("min", min)));
        }
        Ok(())
    }

    /// The first moment at which a beacon may be entered, for a freeze done at `frozen_at`.
    pub fn objections_end_at(&self, frozen_at: Instant) -> Instant {
        frozen_at.plus_hours(self.objection_hours)
    }
}

/// Whether quotas of a season may change: while it is open, before the hour of its freeze.
pub fn takes_quotas(state: SeasonState, freeze_at: Instant, now: Instant) -> Result<(), Reason> {
    if state == SeasonState::Open && now < freeze_at {
        return Ok(());
    }
    Err(Code::SeasonNotOpen.with("state", state).with("freeze_at", freeze_at))
}

/// Whole rupiah for whole won at a season's rate, rounded down.
pub fn in_rupiah(won: i64, idr_per_100_krw: i64) -> i64 {
    let rupiah = i128::from(won) * i128::from(idr_per_100_krw) / 100;
    i64::try_from(rupiah).unwrap_or(i64::MAX)
}

fn part<T>(p: &mut Problems, at: &str, read: Result<T, Problems>) -> Option<T> {
    match read {
        Ok(value) => Some(value),
        Err(problems) => {
            p.under(at, problems);
            None
        }
    }
}

fn beacons(p: &mut Problems, first: &BeaconForm, fallback: &BeaconForm) -> Option<Beacons> {
    let mut read = |at: &str, form: &BeaconForm| {
        let name = p.at(&format!("{at}/name"), fields::line(&form.name, NAME_MAX));
        let text = p.at(&format!("{at}/form"), fields::line(&form.form, BEACON_FORM_MAX));
        Some(Beacon { name: name?, form: text? })
    };
    let first = read("/beacons/first", first);
    let fallback = read("/beacons/fallback", fallback);
    let both = Beacons { first: first?, fallback: fallback? };
    if both.first.name == both.fallback.name {
        p.add("/beacons/fallback/name", Code::Duplicate);
    }
    Some(both)
}

fn read_allocations(
    p: &mut Problems,
    forms: &[AllocationForm],
    from: Option<Day>,
    to: Option<Day>,
) -> Option<Vec<NewAllocation>> {
    if forms.is_empty() {
        p.add("/allocations", Code::Missing);
    }
    if forms.len() > ALLOCATIONS_MAX {
        p.add("/allocations", Code::TooMany.with("max", ALLOCATIONS_MAX));
        return None;
    }
    let mut read: Vec<Option<NewAllocation>> = Vec::with_capacity(forms.len());
    for (index, form) in forms.iter().enumerate() {
        let at = format!("/allocations/{index}");
        let one = part(p, &at, form.parse());
        if let Some(new) = &one {
            if read.iter().flatten().any(|earlier| earlier.key == new.key) {
                p.add(&at, Code::Duplicate);
            }
            if let (Some(from), Some(to)) = (from, to)
                && !new.key.half.meets(from, to)
            {
                p.add(&format!("{at}/half"), Code::AllocationOutsideSeason);
            }
        }
        read.push(one);
    }
    read.into_iter().collect()
}

#[cfg(test)]
mod tests;
