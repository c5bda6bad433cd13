//! Whether a job seeker may have a seat of a quota: every reason against it, with the rule.
//! Facts of the season's freeze and of the contract's first day decide, never today.
//! Must not know: where facts are kept, points, lists.

use super::places::Kecamatan;
use super::problem::{Code, Reason};
use super::quotas::QuotaTerms;
use super::rulebook::{RuleRef, Rulebook};
use super::seasons::Sector;
use super::time::{Day, full_years};
use chrono::Months;

/// What the register knows of a person on the day of the freeze.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    pub born_on: Day,
    /// Where the person lives, if in the regency.
    pub kecamatan: Option<Kecamatan>,
    /// The labour office has seen the papers.
    pub verified: bool,
    pub farm_months: i64,
    pub fishery_months: i64,
    pub ak1_issued_on: Option<Day>,
    /// A seat in the published round of another season that has not ended.
    pub seat_in_other_season: bool,
}

/// What eligibility needs of a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaFacts<'a> {
    pub sector: Sector,
    /// First day of the contract, Asia/Seoul.
    pub starts_on: Day,
    /// Code of the si/gun.
    pub si_gun: &'a str,
    /// Months in the sector that the employer asks for.
    pub min_experience_months: Option<i64>,
}

impl<'a> QuotaFacts<'a> {
    pub fn of(terms: &QuotaTerms, si_gun: &'a str) -> Self {
        Self {
            sector: terms.sector,
            starts_on: terms.starts_on,
            si_gun,
            min_experience_months: terms.min_experience_months,
        }
    }
}

/// A verdict. No reason against means eligible.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Eligibility {
    pub reasons: Vec<Reason>,
}

impl Eligibility {
    pub fn is_eligible(&self) -> bool {
        self.reasons.is_empty()
    }
}

/// A figure with the rule that gives it.
#[derive(Debug, Clone)]
struct Limit<T> {
    value: T,
    rule: RuleRef,
}

/// The rules of one quota, looked up once for all its candidates.
#[derive(Debug, Clone)]
pub struct Criteria {
    sector: Sector,
    starts_on: Day,
    freeze_on: Day,
    /// What stands against everybody: a shut corridor, a rule that is not known.
    always: Vec<Reason>,
    verified: Option<Limit<bool>>,
    min_age: Option<Limit<i64>>,
    max_age: Option<Limit<i64>>,
    regency: Option<Limit<String>>,
    experience: Option<Limit<i64>>,
    ak1_months: Option<Limit<u32>>,
    seats: Option<Limit<i64>>,
}

/// Judges one candidate for one quota. For many candidates make the `Criteria` once.
pub fn eligible(
    candidate: &Candidate,
    quota: &QuotaFacts<'_>,
    freeze_on: Day,
    rules: &Rulebook,
) -> Eligibility {
    Criteria::new(quota, freeze_on, rules).judge(candidate)
}

/// Whether seasonal workers may go from Indonesia to Korea on the day. `CorridorShut` names the
/// last day of the suspension where it is known.
pub fn corridor_open(rules: &Rulebook, on: Day) -> Result<(), Reason> {
    let ruling = rules.on("GATE-CORRIDOR", on, None)?;
    if ruling.text_of("status")? == "open" {
        return Ok(());
    }
    let rule = ruling.rule();
    let until = rule.valid_to.map_or_else(String::new, |last| last.to_string());
    Err(rule.cited(Code::CorridorShut.with("until", until)))
}

impl Criteria {
    /// Looks up all rules: those of age, experience and residence on the contract's first day,
    /// those of AK-1, verification and other seats on the day of the freeze (Asia/Jakarta), the
    /// corridor on both.
    pub fn new(quota: &QuotaFacts<'_>, freeze_on: Day, rules: &Rulebook) -> Self {
        let look = LookUp { rules, place: quota.si_gun };
        let start = quota.starts_on;
        let mut always = Vec::new();
        for day in [freeze_on, start] {
            note(&mut always, corridor_open(rules, day));
        }
        let verified = note(&mut always, look.required("ID-REGISTER", freeze_on));
        let korean_min = note(&mut always, look.member("KR-AGE-MOU", "min", start));
        let max_age = note(&mut always, look.member("KR-AGE-MOU", "max", start));
        let home_min = note(&mut always, look.member("ID-AGE", "min", start));
        let regency = note(&mut always, look.regency(start));
        let experience = note(&mut always, look.experience(quota));
        let ak1_months = note(&mut always, look.ak1_months(freeze_on));
        let seats = note(&mut always, look.member("OPS-OFFER", "active_seats", freeze_on));
        Self {
            sector: quota.sector,
            starts_on: start,
            freeze_on,
            always,
            verified,
            min_age: stricter(korean_min, home_min),
            max_age,
            regency,
            experience,
            ak1_months,
            seats,
        }
    }

    /// Every reason against the candidate. Constant time; an eligible one costs no allocation.
    pub fn judge(&self, candidate: &Candidate) -> Eligibility {
        let mut reasons = self.always.clone();
        reasons.extend(self.unverified(candidate));
        reasons.extend(self.wrong_age(candidate));
        reasons.extend(self.outside(candidate));
        reasons.extend(self.inexperienced(candidate));
        reasons.extend(self.bad_ak1(candidate));
        reasons.extend(self.seated(candidate));
        Eligibility { reasons }
    }

    fn unverified(&self, candidate: &Candidate) -> Option<Reason> {
        let limit = self.verified.as_ref().filter(|limit| limit.value && !candidate.verified)?;
        Some(limit.rule.cited(Code::NotVerified.into()))
    }

    fn wrong_age(&self, candidate: &Candidate) -> Option<Reason> {
        let age = i64::from(full_years(candidate.born_on, self.starts_on));
        let reason = |code: Code| code.with("age", age).with("on", self.starts_on);
        if let Some(min) = self.min_age.as_ref().filter(|min| age < min.value) {
            return Some(min.rule.cited(reason(Code::AgeTooLow).with("min", min.value)));
        }
        let max = self.max_age.as_ref().filter(|max| age > max.value)?;
        Some(max.rule.cited(reason(Code::AgeTooHigh).with("max", max.value)))
    }

    fn outside(&self, candidate: &Candidate) -> Option<Reason> {
        let regency = self.regency.as_ref()?;
        let lives_there = |home: Kecamatan| home.code().starts_with(&regency.value);
        if candidate.kecamatan.is_some_and(lives_there) {
            return None;
        }
        Some(regency.rule.cited(Code::ResidenceOutside.with("regency", &regency.value)))
    }

    fn inexperienced(&self, candidate: &Candidate) -> Option<Reason> {
        let months = self.sector.pick(candidate.farm_months, candidate.fishery_months);
        let min = self.experience.as_ref().filter(|min| months < min.value)?;
        let reason = Code::ExperienceTooShort
            .with("months", months)
            .with("min", min.value)
            .with("sector", self.sector);
        Some(min.rule.cited(reason))
    }

    /// The card is good from the day of issue to the same day after the months of its validity.
    fn bad_ak1(&self, candidate: &Candidate) -> Option<Reason> {
        let validity = self.ak1_months.as_ref()?;
        let Some(issued) = candidate.ak1_issued_on else {
            return Some(validity.rule.cited(Code::Ak1Missing.into()));
        };
        let reason = |code: Code| code.with("issued_on", issued).with("freeze_on", self.freeze_on);
        if issued > self.freeze_on {
            return Some(validity.rule.cited(reason(Code::Ak1IssuedLater)));
        }
        let last = issued.checked_add_months(Months::new(validity.value)).unwrap_or(Day::MAX);
        (last < self.freeze_on)
            .then(|| validity.rule.cited(reason(Code::Ak1Expired).with("last_on", last)))
    }

    fn seated(&self, candidate: &Candidate) -> Option<Reason> {
        let held = i64::from(candidate.seat_in_other_season);
        let seats = self.seats.as_ref().filter(|seats| held >= seats.value)?;
        Some(seats.rule.cited(Code::SeatElsewhere.with("max", seats.value)))
    }
}

/// Keeps what is known; what is not stands against everybody, once.
fn note<T>(always: &mut Vec<Reason>, found: Result<T, Reason>) -> Option<T> {
    match found {
        Ok(value) => Some(value),
        Err(reason) => {
            if !always.contains(&reason) {
                always.push(reason);
            }
            None
        }
    }
}

fn stricter(one: Option<Limit<i64>>, other: Option<Limit<i64>>) -> Option<Limit<i64>> {
    match (one, other) {
        (Some(a), Some(b)) => Some(if a.value >= b.value { a } else { b }),
        (a, b) => a.or(b),
    }
}

struct LookUp<'a> {
    rules: &'a Rulebook,
    place: &'a str,
}

impl LookUp<'_> {
    fn member(&self, id: &str, name: &'static str, on: Day) -> Result<Limit<i64>, Reason> {
        let ruling = self.rules.on(id, on, Some(self.place))?;
        Ok(Limit { value: ruling.integer_of(name)?, rule: ruling.rule() })
    }

    fn required(&self, id: &str, on: Day) -> Result<Limit<bool>, Reason> {
        let ruling = self.rules.on(id, on, Some(self.place))?;
        Ok(Limit { value: ruling.text()? == "required", rule: ruling.rule() })
    }

    fn regency(&self, on: Day) -> Result<Limit<String>, Reason> {
        let ruling = self.rules.on("ID-RESID", on, Some(self.place))?;
        Ok(Limit { value: ruling.text_of("regency")?.to_owned(), rule: ruling.rule() })
    }

    fn experience(&self, quota: &QuotaFacts<'_>) -> Result<Limit<i64>, Reason> {
        let ruling = self.rules.on("KR-EXP", quota.starts_on, Some(self.place))?;
        let asked = quota.min_experience_months.unwrap_or(0);
        Ok(Limit { value: ruling.integer()?.max(asked), rule: ruling.rule() })
    }

    fn ak1_months(&self, on: Day) -> Result<Limit<u32>, Reason> {
        let Limit { value, rule } = self.member("ID-AK1", "validity", on)?;
        match u32::try_from(value) {
            Ok(value) => Ok(Limit { value, rule }),
            Err(_) => Err(Code::RuleMissing.with("rule", rule.id).with("on", on)),
        }
    }
}

#[cfg(test)]
mod tests;
