//! How long copies of personal data stay, and what keeps a person's record from being erased.
//! Must not know: where they lie.

use super::problem::{Code, Reason};
use super::rulebook::Rulebook;
use super::seasons::SeasonState;
use super::time::{Day, Instant, Zone};
use chrono::{Days, Months};

/// What is older than these moments goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizons {
    /// Uploaded registers, by the end of their import.
    pub uploads: Instant,
    /// Sessions, by the day on which they could last be used.
    pub sessions: Instant,
}

/// By the rule of today in Asia/Jakarta (`OPS-COPIES`).
pub fn horizons(now: Instant, rules: &Rulebook) -> Result<Horizons, Reason> {
    let ruling = rules.on("OPS-COPIES", now.day_in(Zone::Jakarta), None)?;
    let before = |member| {
        let days = ruling.integer_of(member)?;
        Ok::<_, Reason>(now.plus_hours(days.saturating_mul(-24)))
    };
    Ok(Horizons { uploads: before("upload_days")?, sessions: before("session_days")? })
}

/// What binds a person to a season.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tie {
    /// The list stands in the frozen input of a season in that state.
    Frozen(SeasonState),
    /// A seat of a published round, with contracts that end on that day.
    Seat(Day),
}

/// Every rule of `today` in Asia/Jakarta that keeps the record of somebody with these ties
/// (`DP-HOLD-ROUND`, `DP-HOLD-SEAT`). Where a rule is missing nothing is erased.
pub fn holds(ties: &[Tie], today: Day, rules: &Rulebook) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    for tie in ties {
        match held(*tie, today, rules) {
            Ok(None) => {}
            Ok(Some(reason)) | Err(reason) => {
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                }
            }
        }
    }
    reasons
}

fn held(tie: Tie, today: Day, rules: &Rulebook) -> Result<Option<Reason>, Reason> {
    match tie {
        Tie::Frozen(state) => {
            let ruling = rules.on("DP-HOLD-ROUND", today, None)?;
            let runs = ruling.list()?.iter().any(|word| word == state.as_str());
            let held = || ruling.rule().cited(Code::HeldByRound.with("state", state));
            Ok(runs.then(held))
        }
        Tie::Seat(contract_to) => {
            let ruling = rules.on("DP-HOLD-SEAT", today, None)?;
            let months = u32::try_from(ruling.integer()?).unwrap_or(u32::MAX);
            let until = contract_to.checked_add_months(Months::new(months)).unwrap_or(Day::MAX);
            let held = || ruling.rule().cited(Code::HeldBySeat.with("until", until));
            Ok((today <= until).then(held))
        }
    }
}

/// What tells how long a record is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub is_draft: bool,
    /// When the record was changed last, in Asia/Jakarta.
    pub changed: Day,
    /// Ends of the contracts of the seasons in which the person handed in a list.
    pub lists: Vec<Day>,
    /// Those of the seasons in which the person got a seat.
    pub seats: Vec<Day>,
}

/// The rule of a day (`DP-KEEP`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    draft: Months,
    register: Months,
    applicant: Months,
    worker: Months,
    notice_days: u64,
}

impl Keeping {
    pub fn on(today: Day, rules: &Rulebook) -> Result<Self, Reason> {
        let ruling = rules.on("DP-KEEP", today, None)?;
        let months = |member| {
            let months = u32::try_from(ruling.integer_of(member)?).unwrap_or(u32::MAX);
            Ok::<_, Reason>(Months::new(months))
        };
        Ok(Self {
            draft: months("draft_months")?,
            register: months("register_months")?,
            applicant: months("applicant_months")?,
            worker: months("worker_months")?,
            notice_days: ruling.integer_of("notice_days")?.unsigned_abs(),
        })
    }

    /// The last day on which the record is kept: that of the ground that lasts longest.
    pub fn until(&self, kept: &Kept) -> Day {
        let after = |day: &Day, months| day.checked_add_months(months).unwrap_or(Day::MAX);
        let own = if kept.is_draft { self.draft } else { self.register };
        let lists = kept.lists.iter().map(|day| after(day, self.applicant));
        let seats = kept.seats.iter().map(|day| after(day, self.worker));
        lists.chain(seats).fold(after(&kept.changed, own), Day::max)
    }

    /// Records that were changed on that day or later are all kept on `day`.
    pub fn surely(&self, day: Day) -> Day {
        day.checked_sub_months(self.draft.min(self.register)).unwrap_or(Day::MIN)
    }

    /// Lists without a seat go on `day`, if the contracts of their season ended before this day.
    pub fn lists(&self, day: Day) -> Day {
        day.checked_sub_months(self.applicant).unwrap_or(Day::MIN)
    }

    /// Until when a lead officer sees what goes.
    pub fn notice(&self, today: Day) -> Day {
        today.checked_add_days(Days::new(self.notice_days)).unwrap_or(Day::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(ties: &[Tie], today: &str) -> Vec<Code> {
        let rules = Rulebook::shipped().unwrap();
        holds(ties, today.parse().unwrap(), &rules).into_iter().map(|r| r.code).collect()
    }

    #[test]
    fn a_running_round_and_a_seat_keep_the_record() {
        let seat = Tie::Seat("2027-10-31".parse().unwrap());
        let frozen = Tie::Frozen(SeasonState::Frozen);
        assert_eq!(
            codes(&[frozen, frozen, seat], "2027-01-01"),
            [Code::HeldByRound, Code::HeldBySeat]
        );
        assert_eq!(codes(&[Tie::Frozen(SeasonState::Published)], "2027-01-01"), []);
        assert_eq!(codes(&[seat], "2032-10-31"), [Code::HeldBySeat]);
        assert_eq!(codes(&[seat], "2032-11-01"), []);
        assert_eq!(codes(&[], "2027-01-01"), []);
    }

    #[test]
    fn the_ground_that_lasts_longest_keeps_a_record() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let keeping = Keeping::on(day("2027-01-01"), &Rulebook::shipped().unwrap()).unwrap();
        let changed = day("2026-11-30");
        let mut kept = Kept { is_draft: true, changed, lists: vec![], seats: vec![] };
        assert_eq!(keeping.until(&kept), day("2027-02-28"));
        kept.is_draft = false;
        assert_eq!(keeping.until(&kept), day("2028-11-30"));
        kept.lists = vec![day("2027-10-31"), day("2028-10-31")];
        assert_eq!(keeping.until(&kept), day("2029-10-31"));
        kept.seats = vec![day("2027-10-31")];
        assert_eq!(keeping.until(&kept), day("2032-10-31"));
    }

    #[test]
    fn where_no_rule_is_known_nothing_goes() {
        assert_eq!(codes(&[Tie::Frozen(SeasonState::Closed)], "2020-01-01"), [Code::RuleMissing]);
        assert_eq!(
            codes(&[Tie::Seat("2010-01-01".parse().unwrap())], "2020-01-01"),
            [Code::RuleMissing]
        );
    }

    #[test]
    fn a_hold_cites_its_rule() {
        let rules = Rulebook::shipped().unwrap();
        let seat = Tie::Seat("2027-10-31".parse().unwrap());
        let reason = holds(&[seat], "2027-11-01".parse().unwrap(), &rules).remove(0);
        assert!(reason.facts.contains(&("rule", "DP-HOLD-SEAT".to_owned())), "{reason:?}");
        assert!(reason.facts.contains(&("until", "2032-10-31".to_owned())), "{reason:?}");
    }
}
