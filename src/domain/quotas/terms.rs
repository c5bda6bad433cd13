//! The terms of a quota against the dated rules of the day on which the contract starts.
//! Every figure comes from the rulebook. Must not know: states, who asks.

use super::{QuotaTerms, WageUnit};
use crate::domain::places::SiGun;
use crate::domain::problem::{Code, Problems, Reason};
use crate::domain::rulebook::{Rulebook, Ruling};
use crate::domain::seasons::AllocationKind;
use crate::domain::time::Day;
use chrono::{Datelike, Months};

/// Terms, and where to look up what must hold for them.
struct Check<'a> {
    terms: &'a QuotaTerms,
    rules: &'a Rulebook,
    place: &'static str,
}

/// Everything that the rules refuse in the terms, each with pointer, figures and rule. A rule
/// without a known value refuses too (`RuleMissing`), once for each term that needs it.
/// Constant time beside the look-ups.
pub fn check_terms(terms: &QuotaTerms, rules: &Rulebook, si_gun: SiGun) -> Result<(), Problems> {
    let check = Check { terms, rules, place: si_gun.code() };
    let mut p = Problems::default();
    p.at("/ends_on", check.longest_stay());
    p.at("/ends_on", check.shortest_stay());
    p.at("/seats", employer_cap(terms.seats, terms.kind, terms.starts_on, rules, si_gun));
    p.at("/wage_amount", check.wage());
    p.at("/hours_per_week", check.hours());
    p.at("/days_off_per_month", check.days_off());
    p.at("/housing", check.housing());
    p.at("/housing_deduction", check.housing_deduction());
    p.at("/meals_deduction", check.deductions());
    p.done(|| Some(()))
}

/// Whether one employer may have `seats` at contracts that start on the day; the caller may give
/// the sum over all quotas of the employer. The public type has no cap of its own: its allocation
/// bounds it.
pub fn employer_cap(
    seats: i64,
    kind: AllocationKind,
    starts_on: Day,
    rules: &Rulebook,
    si_gun: SiGun,
) -> Result<(), Reason> {
    if kind == AllocationKind::Public {
        return Ok(());
    }
    let ruling = rules.on("KR-CAP-EMP", starts_on, Some(si_gun.code()))?;
    let ceiling = ruling.integer_of("ceiling")?;
    if seats <= ceiling {
        return Ok(());
    }
    Err(ruling.rule().cited(Code::EmployerCapExceeded.with("seats", seats).with("max", ceiling)))
}

/// Whether the contract lies within the season's days.
pub fn within_season(terms: &QuotaTerms, from: Day, to: Day) -> Result<(), Reason> {
    if from <= terms.starts_on && terms.ends_on <= to {
        return Ok(());
    }
    Err(Code::QuotaOutsideSeason.with("contract_from", from).with("contract_to", to))
}

/// What a month surely brings, in whole won rounded down: the monthly wage, or the hourly wage for
/// the weekly hours of a month without paid rest.
pub fn monthly_wage(terms: &QuotaTerms, rules: &Rulebook, si_gun: SiGun) -> Result<i64, Reason> {
    Check { terms, rules, place: si_gun.code() }.monthly()
}

/// The last day of a period of `months` that begins on `first`: the day before the same day of the
/// month, or the month's last day where it has no such day. `None` outside the calendar.
pub fn last_day_of(first: Day, months: i64) -> Option<Day> {
    let after = first.checked_add_months(Months::new(u32::try_from(months).ok()?))?;
    if after.day() == first.day() { after.pred_opt() } else { Some(after) }
}

/// `a * b * c / by`, rounded down; `None` without a positive divisor or beyond 64 bits.
fn ratio(a: i64, b: i64, c: i64, by: i64) -> Option<i64> {
    let product = i128::from(a).checked_mul(b.into())?.checked_mul(c.into())?;
    if by <= 0 { None } else { i64::try_from(product.div_euclid(by.into())).ok() }
}

/// Figures of a rule that cannot be counted with are as good as none.
fn unusable(ruling: &Ruling<'_>, on: Day) -> Reason {
    Code::RuleMissing.with("rule", ruling.rule().id).with("on", on)
}

impl<'a> Check<'a> {
    fn rule(&self, id: &str) -> Result<Ruling<'a>, Reason> {
        self.rules.on(id, self.terms.starts_on, Some(self.place))
    }

    fn longest_stay(&self) -> Result<(), Reason> {
        let ruling = self.rule("KR-STAY")?;
        let months = ruling.integer_of("total")?;
        let start = self.terms.starts_on;
        let last = last_day_of(start, months).ok_or_else(|| unusable(&ruling, start))?;
        if self.terms.ends_on <= last {
            return Ok(());
        }
        let reason = Code::StayTooLong.with("ends_on", self.terms.ends_on);
        Err(ruling.rule().cited(reason.with("max_months", months).with("last_on", last)))
    }

    fn shortest_stay(&self) -> Result<(), Reason> {
        let ruling = self.rule("KR-CONTRACT")?;
        let months = ruling.integer_of("min")?;
        let start = self.terms.starts_on;
        let first = last_day_of(start, months).ok_or_else(|| unusable(&ruling, start))?;
        if self.terms.ends_on >= first {
            return Ok(());
        }
        let reason = Code::StayTooShort.with("ends_on", self.terms.ends_on);
        Err(ruling.rule().cited(reason.with("min_months", months).with("first_on", first)))
    }

    /// An hourly wage against the hourly minimum; a monthly one against that minimum for the
    /// weekly hours of a month with paid rest.
    fn wage(&self) -> Result<(), Reason> {
        let ruling = self.rule("KR-MINWAGE")?;
        let hourly = ruling.integer()?;
        let floor = match self.terms.wage_unit {
            WageUnit::Hour => hourly,
            WageUnit::Month => self.monthly_floor(hourly)?,
        };
        if self.terms.wage_amount >= floor {
            return Ok(());
        }
        let reason = Code::WageBelowMinimum
            .with("wage", self.terms.wage_amount)
            .with("min", floor)
            .with("per", self.terms.wage_unit);
        Err(ruling.rule().cited(reason))
    }

    fn monthly_floor(&self, hourly: i64) -> Result<i64, Reason> {
        let month = self.rule("KR-MONTH")?;
        let full_week = month.integer_of("week_hours")?;
        let full_month = month.integer_of("month_hours_with_rest")?;
        // Rounded up: minus the quotient of the negative, rounded down.
        ratio(-hourly, full_month, self.terms.hours_per_week, full_week)
            .map(|negative| -negative)
            .ok_or_else(|| unusable(&month, self.terms.starts_on))
    }

    fn monthly(&self) -> Result<i64, Reason> {
        let amount = self.terms.wage_amount;
        if self.terms.wage_unit == WageUnit::Month {
            return Ok(amount);
        }
        let month = self.rule("KR-MONTH")?;
        let full_week = month.integer_of("week_hours")?;
        let bare_month = month.integer_of("month_hours_bare")?;
        ratio(amount, bare_month, self.terms.hours_per_week, full_week)
            .ok_or_else(|| unusable(&month, self.terms.starts_on))
    }

    fn hours(&self) -> Result<(), Reason> {
        let ruling = self.rule("KR-GUARANTEE")?;
        let min = ruling.integer_of("weekly_hours")?;
        if self.terms.hours_per_week >= min {
            return Ok(());
        }
        let reason = Code::HoursBelowGuarantee.with("hours", self.terms.hours_per_week);
        Err(ruling.rule().cited(reason.with("min", min)))
    }

    fn days_off(&self) -> Result<(), Reason> {
        let ruling = self.rule("KR-REST")?;
        let min = ruling.integer()?;
        if self.terms.days_off_per_month >= min {
            return Ok(());
        }
        let reason = Code::DaysOffTooFew.with("days", self.terms.days_off_per_month);
        Err(ruling.rule().cited(reason.with("min", min)))
    }

    fn housing(&self) -> Result<(), Reason> {
        let ruling = self.rule("KR-HOUSING")?;
        let kind = self.terms.housing;
        if !names(ruling.list_of("banned")?, kind.as_str()) {
            return Ok(());
        }
        Err(ruling.rule().cited(Code::HousingBanned.with("housing", kind)))
    }

    fn housing_deduction(&self) -> Result<(), Reason> {
        let taken = self.terms.housing_deduction;
        self.deduction(taken, Code::HousingDeductionTooHigh, "proper_lodging", "other_lodging")
    }

    fn deductions(&self) -> Result<(), Reason> {
        let taken = self.terms.housing_deduction.saturating_add(self.terms.meals_deduction);
        self.deduction(taken, Code::DeductionsTooHigh, "proper_both", "other_both")
    }

    fn deduction(
        &self,
        taken: i64,
        code: Code,
        proper: &'static str,
        other: &'static str,
    ) -> Result<(), Reason> {
        let ruling = self.rule("KR-DEDUCT")?;
        let is_proper = names(ruling.list_of("proper_kinds")?, self.terms.housing.as_str());
        let percent = ruling.integer_of(if is_proper { proper } else { other })?;
        let monthly = self.monthly()?;
        let max = ratio(monthly, percent, 1, 100)
            .ok_or_else(|| unusable(&ruling, self.terms.starts_on))?;
        if taken <= max {
            return Ok(());
        }
        let reason = code.with("deduction", taken).with("max", max).with("percent", percent);
        Err(ruling.rule().cited(reason.with("monthly_wage", monthly)))
    }
}

fn names(list: &[String], word: &str) -> bool {
    list.iter().any(|item| item == word)
}

#[cfg(test)]
mod tests;
