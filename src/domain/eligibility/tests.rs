//! Every border of every rule of eligibility.

use super::super::rulebook::DEMO;
use super::*;

const FREEZE: &str = "2026-12-20";
const START: &str = "2027-03-01";

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn open_rules() -> Rulebook {
    Rulebook::shipped().unwrap().with_overlay(DEMO).unwrap()
}

fn good() -> Candidate {
    Candidate {
        born_on: day("1996-03-07"),
        kecamatan: Some(Kecamatan::by_name("Setu").unwrap()),
        verified: true,
        farm_months: 12,
        fishery_months: 0,
        ak1_issued_on: Some(day("2026-01-15")),
        seat_in_other_season: false,
    }
}

fn quota() -> QuotaFacts<'static> {
    QuotaFacts {
        sector: Sector::Agriculture,
        starts_on: day(START),
        si_gun: "51720",
        min_experience_months: None,
    }
}

fn codes(candidate: Candidate) -> Vec<Code> {
    codes_for(candidate, &quota())
}

fn codes_for(candidate: Candidate, quota: &QuotaFacts<'_>) -> Vec<Code> {
    let verdict = eligible(&candidate, quota, day(FREEZE), &open_rules());
    verdict.reasons.into_iter().map(|reason| reason.code).collect()
}

fn born(text: &str) -> Vec<Code> {
    codes(Candidate { born_on: day(text), ..good() })
}

fn card(text: &str) -> Vec<Code> {
    codes(Candidate { ak1_issued_on: Some(day(text)), ..good() })
}

#[test]
fn a_candidate_who_meets_every_rule_is_eligible() {
    assert!(eligible(&good(), &quota(), day(FREEZE), &open_rules()).is_eligible());
}

#[test]
fn every_reason_is_told_and_not_only_the_first() {
    let bad = Candidate {
        born_on: day("2007-01-01"),
        kecamatan: None,
        verified: false,
        farm_months: 11,
        fishery_months: 500,
        ak1_issued_on: None,
        seat_in_other_season: true,
    };
    let expected = [
        Code::NotVerified,
        Code::AgeTooLow,
        Code::ResidenceOutside,
        Code::ExperienceTooShort,
        Code::Ak1Missing,
        Code::SeatElsewhere,
    ];
    assert_eq!(codes(bad), expected);
}

#[test]
fn every_reason_names_its_rule() {
    let bad = Candidate { verified: false, kecamatan: None, ak1_issued_on: None, ..good() };
    let verdict = eligible(&bad, &quota(), day(FREEZE), &open_rules());
    let rules: Vec<&str> = verdict
        .reasons
        .iter()
        .map(|r| r.facts.iter().find(|(name, _)| *name == "rule").unwrap().1.as_str())
        .collect();
    assert_eq!(rules, ["ID-REGISTER", "ID-RESID", "ID-AK1"]);
}

#[test]
fn a_birthday_on_the_first_day_of_the_contract_counts() {
    assert_eq!(born("2002-03-01"), []);
    assert_eq!(born("2002-03-02"), [Code::AgeTooLow]);
    assert_eq!(born("1976-03-02"), []);
    assert_eq!(born("1976-03-01"), [Code::AgeTooHigh]);
}

#[test]
fn who_was_born_on_29_february_grows_older_on_1_march() {
    let start = |text: &str| {
        let quota = QuotaFacts { starts_on: day(text), ..quota() };
        let leapling = Candidate { born_on: day("2000-02-29"), ..good() };
        let rules = open_rules();
        let verdict = eligible(&leapling, &quota, day("2025-01-01"), &rules);
        verdict.reasons.iter().any(|reason| reason.code == Code::AgeTooLow)
    };
    assert!(start("2025-02-28"));
    assert!(!start("2025-03-01"));
}

#[test]
fn the_stricter_of_both_lower_ages_is_named() {
    let text = "[[rule]]\nid = \"ID-AGE\"\nvalid_from = 2026-01-01\nsource = \"x\"\n\
        confidence = \"L\"\nvalue = { min = 35 }\n";
    let rules = open_rules().with_overlay(text).unwrap();
    let verdict = eligible(&good(), &quota(), day(FREEZE), &rules);
    assert_eq!(verdict.reasons[0].code, Code::AgeTooLow);
    assert!(verdict.reasons[0].facts.contains(&("rule", "ID-AGE".to_owned())));
    assert!(verdict.reasons[0].facts.contains(&("min", "35".to_owned())));
}

#[test]
fn experience_counts_in_the_quotas_sector_only() {
    let fishery = QuotaFacts { sector: Sector::Fishery, ..quota() };
    assert_eq!(codes_for(good(), &fishery), [Code::ExperienceTooShort]);
    let fisher = Candidate { farm_months: 0, fishery_months: 12, ..good() };
    assert_eq!(codes_for(fisher, &fishery), []);
}

#[test]
fn an_employer_may_ask_for_more_experience_but_never_for_less() {
    let asking = |months| QuotaFacts { min_experience_months: Some(months), ..quota() };
    assert_eq!(codes_for(good(), &asking(13)), [Code::ExperienceTooShort]);
    let newcomer = Candidate { farm_months: 11, ..good() };
    assert_eq!(codes_for(newcomer, &asking(0)), [Code::ExperienceTooShort]);
}

#[test]
fn an_ak1_is_good_to_the_same_day_two_years_later() {
    assert_eq!(card("2024-12-20"), []);
    assert_eq!(card("2024-12-19"), [Code::Ak1Expired]);
}

#[test]
fn an_ak1_of_the_day_of_the_freeze_is_good_and_one_of_the_next_day_is_not() {
    assert_eq!(card("2026-12-20"), []);
    assert_eq!(card("2026-12-21"), [Code::Ak1IssuedLater]);
}

#[test]
fn an_ak1_of_29_february_is_good_to_28_february() {
    let freeze = |text: &str| {
        let leap = Candidate { ak1_issued_on: Some(day("2024-02-29")), ..good() };
        let rules = open_rules();
        let verdict = eligible(&leap, &quota(), day(text), &rules);
        verdict.reasons.iter().any(|reason| reason.code == Code::Ak1Expired)
    };
    assert!(!freeze("2026-02-28"));
    assert!(freeze("2026-03-01"));
}

#[test]
fn a_shut_corridor_stands_against_everybody_once() {
    let rules = Rulebook::shipped().unwrap();
    let verdict = eligible(&good(), &quota(), day(FREEZE), &rules);
    assert_eq!(verdict.reasons.len(), 1);
    assert_eq!(verdict.reasons[0].code, Code::CorridorShut);
    assert!(verdict.reasons[0].facts.contains(&("until", "2027-11-30".to_owned())));
}

#[test]
fn a_corridor_whose_future_is_unknown_is_not_open() {
    let rules = Rulebook::shipped().unwrap();
    let reason = corridor_open(&rules, day("2027-12-01")).unwrap_err();
    assert_eq!(reason.code, Code::RuleMissing);
    assert!(corridor_open(&rules, day("2024-11-30")).is_ok());
    let later = QuotaFacts { starts_on: day("2028-03-01"), ..quota() };
    let verdict = eligible(&good(), &later, day(FREEZE), &rules);
    let codes: Vec<Code> = verdict.reasons.iter().map(|reason| reason.code).collect();
    assert_eq!(codes, [Code::CorridorShut, Code::RuleMissing]);
}

#[test]
fn without_rules_nobody_is_eligible() {
    let verdict = eligible(&good(), &quota(), day(FREEZE), &Rulebook::default());
    assert!(!verdict.is_eligible());
    assert!(verdict.reasons.iter().all(|reason| reason.code == Code::RuleMissing));
}
