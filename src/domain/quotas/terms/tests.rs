//! Every border of every rule on terms.

use super::super::HousingKind;
use super::*;
use crate::domain::seasons::Sector;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn good() -> QuotaTerms {
    QuotaTerms {
        kind: AllocationKind::Household,
        sector: Sector::Agriculture,
        crop: "strawberry".into(),
        work: "picking and packing".into(),
        starts_on: day("2026-03-01"),
        ends_on: day("2026-10-31"),
        seats: 12,
        wage_unit: WageUnit::Hour,
        wage_amount: 10_320,
        hours_per_week: 35,
        days_off_per_month: 4,
        housing: HousingKind::House,
        housing_deduction: 0,
        meals_deduction: 0,
        min_experience_months: None,
    }
}

fn codes(terms: &QuotaTerms) -> Vec<Code> {
    told(terms).into_iter().map(|(_, code)| code).collect()
}

fn told(terms: &QuotaTerms) -> Vec<(String, Code)> {
    let rules = Rulebook::shipped().unwrap();
    let hongcheon = SiGun::by_code("51720").unwrap();
    match check_terms(terms, &rules, hongcheon) {
        Ok(()) => Vec::new(),
        Err(p) => p.0.into_iter().map(|w| (w.pointer, w.reason.code)).collect(),
    }
}

#[test]
fn terms_that_keep_every_rule_to_the_last_unit_pass() {
    assert_eq!(told(&good()), []);
}

#[test]
fn every_rule_that_is_broken_is_told_at_once() {
    let bad = QuotaTerms {
        ends_on: day("2026-11-01"),
        seats: 13,
        wage_amount: 10_319,
        hours_per_week: 34,
        days_off_per_month: 3,
        housing: HousingKind::Greenhouse,
        housing_deduction: 900_000,
        meals_deduction: 1,
        ..good()
    };
    let expected = [
        ("/ends_on", Code::StayTooLong),
        ("/seats", Code::EmployerCapExceeded),
        ("/wage_amount", Code::WageBelowMinimum),
        ("/hours_per_week", Code::HoursBelowGuarantee),
        ("/days_off_per_month", Code::DaysOffTooFew),
        ("/housing", Code::HousingBanned),
        ("/housing_deduction", Code::HousingDeductionTooHigh),
        ("/meals_deduction", Code::DeductionsTooHigh),
    ];
    assert_eq!(told(&bad), expected.map(|(at, code)| (at.to_owned(), code)));
}

#[test]
fn a_refused_term_shows_the_figures_and_the_rule() {
    let bad = QuotaTerms { wage_amount: 10_319, ..good() };
    let rules = Rulebook::shipped().unwrap();
    let problems = check_terms(&bad, &rules, SiGun::by_code("51720").unwrap()).unwrap_err();
    let facts = &problems.0[0].reason.facts;
    for fact in [
        ("wage", "10319"),
        ("min", "10320"),
        ("per", "hour"),
        ("rule", "KR-MINWAGE"),
        ("rule_valid_from", "2026-01-01"),
        ("rule_confidence", "H"),
    ] {
        assert!(facts.contains(&(fact.0, fact.1.to_owned())), "{fact:?}");
    }
}

#[test]
fn a_contract_runs_three_to_eight_months() {
    let until = |text: &str| codes(&QuotaTerms { ends_on: day(text), ..good() });
    assert_eq!(until("2026-05-30"), [Code::StayTooShort]);
    assert_eq!(until("2026-05-31"), []);
    assert_eq!(until("2026-10-31"), []);
    assert_eq!(until("2026-11-01"), [Code::StayTooLong]);
}

#[test]
fn months_end_where_the_calendar_lets_them() {
    let last = |first: &str, months| last_day_of(day(first), months).unwrap().to_string();
    assert_eq!(last("2026-03-01", 8), "2026-10-31");
    assert_eq!(last("2027-08-31", 6), "2028-02-29");
    assert_eq!(last("2026-08-31", 6), "2027-02-28");
    assert_eq!(last("2028-02-29", 12), "2029-02-28");
    assert_eq!(last("2026-08-29", 6), "2027-02-28");
    assert_eq!(last_day_of(day("2026-01-01"), -1), None);
    assert_eq!(last_day_of(day("2026-01-01"), i64::MAX), None);
}

#[test]
fn a_monthly_wage_is_measured_by_its_hours() {
    let month = |hours_per_week, wage_amount| {
        codes(&QuotaTerms { wage_unit: WageUnit::Month, hours_per_week, wage_amount, ..good() })
    };
    assert_eq!(month(40, 2_156_880), []);
    assert_eq!(month(40, 2_156_879), [Code::WageBelowMinimum]);
    assert_eq!(month(35, 1_887_270), []);
    assert_eq!(month(35, 1_887_269), [Code::WageBelowMinimum]);
}

#[test]
fn deductions_have_a_cap_by_the_class_of_the_house() {
    let taken = |housing, housing_deduction, meals_deduction| {
        let wage = QuotaTerms { wage_unit: WageUnit::Month, wage_amount: 2_200_000, ..good() };
        codes(&QuotaTerms { housing, housing_deduction, meals_deduction, ..wage })
    };
    assert_eq!(taken(HousingKind::House, 330_000, 110_000), []);
    assert_eq!(taken(HousingKind::House, 330_001, 109_999), [Code::HousingDeductionTooHigh]);
    assert_eq!(taken(HousingKind::House, 330_000, 110_001), [Code::DeductionsTooHigh]);
    assert_eq!(taken(HousingKind::Prefab, 176_000, 110_000), []);
    assert_eq!(taken(HousingKind::Prefab, 176_001, 0), [Code::HousingDeductionTooHigh]);
}

#[test]
fn an_hourly_wage_is_counted_without_paid_rest() {
    let rules = Rulebook::shipped().unwrap();
    let place = SiGun::by_code("51720").unwrap();
    // 10,320 won x 35 hours x 173 / 40.
    assert_eq!(monthly_wage(&good(), &rules, place), Ok(1_562_190));
}

#[test]
fn an_unknown_wage_is_missing_and_never_last_years() {
    let next_year =
        QuotaTerms { starts_on: day("2027-03-01"), ends_on: day("2027-10-31"), ..good() };
    assert_eq!(told(&next_year), [("/wage_amount".to_owned(), Code::RuleMissing)]);
}

#[test]
fn without_rules_nothing_passes() {
    let place = SiGun::by_code("51720").unwrap();
    let problems = check_terms(&good(), &Rulebook::default(), place).unwrap_err();
    assert_eq!(problems.0.len(), 9);
    assert!(problems.0.iter().all(|w| w.reason.code == Code::RuleMissing));
}

#[test]
fn a_rule_that_divides_by_nothing_is_missing_and_no_crash() {
    let text = "[[rule]]\nid = \"KR-MONTH\"\nvalid_from = 2022-01-01\nsource = \"x\"\n\
        confidence = \"L\"\n\
        value = { week_hours = 0, month_hours_with_rest = 1, month_hours_bare = 1 }\n";
    let rules = Rulebook::shipped().unwrap().with_overlay(text).unwrap();
    let monthly = QuotaTerms { wage_unit: WageUnit::Month, ..good() };
    let place = SiGun::by_code("51720").unwrap();
    let problems = check_terms(&monthly, &rules, place).unwrap_err();
    assert_eq!(problems.0[0].reason.code, Code::RuleMissing);
}

#[test]
fn a_cap_of_the_place_is_used_there_alone() {
    let rules = Rulebook::shipped().unwrap();
    let cap = |seats, code, on| {
        let place = SiGun::by_code(code).unwrap();
        employer_cap(seats, AllocationKind::Household, day(on), &rules, place).is_ok()
    };
    assert!(cap(12, "48820", "2026-03-01") && !cap(13, "48820", "2026-03-01"));
    let local = "[[rule]]\nid = \"KR-CAP-EMP\"\nplace = \"51720\"\nvalid_from = 2026-01-01\n\
        source = \"x\"\nconfidence = \"L\"\nvalue = { ceiling = 2 }\n";
    let rules = rules.clone().with_overlay(local).unwrap();
    let hongcheon = SiGun::by_code("51720").unwrap();
    let three = employer_cap(3, AllocationKind::Household, day("2026-03-01"), &rules, hongcheon);
    assert_eq!(three.unwrap_err().code, Code::EmployerCapExceeded);
    let haman = SiGun::by_code("48730").unwrap();
    assert!(employer_cap(3, AllocationKind::Household, day("2026-03-01"), &rules, haman).is_ok());
}

#[test]
fn the_public_type_is_bounded_by_its_allocation_alone() {
    let coop = QuotaTerms { kind: AllocationKind::Public, seats: 40, ..good() };
    assert_eq!(codes(&coop), []);
}

#[test]
fn a_contract_lies_within_its_season() {
    let ok = |from, to| within_season(&good(), day(from), day(to)).is_ok();
    assert!(ok("2026-03-01", "2026-10-31"));
    assert!(!ok("2026-03-02", "2026-10-31"));
    assert!(!ok("2026-03-01", "2026-10-30"));
}
