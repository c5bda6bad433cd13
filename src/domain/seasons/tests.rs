//! Forms, checks and states of a season.

use super::super::lifecycle::{Refusal, decide};
use super::*;

fn form() -> SeasonForm {
    SeasonForm {
        agreement_id: "01931b66-7d50-7c54-a0c5-111111111111".into(),
        name: "Spring 2027".into(),
        contract_from: "2027-03-01".into(),
        contract_to: "2027-10-31".into(),
        freeze_at: "2026-12-20T10:00:00Z".into(),
        objection_hours: 72,
        list_max: None,
        rubric: vec![],
        offer_hours: 72,
        idr_per_100_krw: 1150,
        rate_source: "central bank, 2026-11-30".into(),
        beacon_first: BeaconForm { name: "drand".into(), form: "hex of round N".into() },
        beacon_fallback: BeaconForm { name: "block hash".into(), form: "hex at height H".into() },
        allocations: vec![allocation("51720", "2027-H1")],
    }
}

fn allocation(si_gun: &str, half: &str) -> AllocationForm {
    AllocationForm {
        si_gun: si_gun.into(),
        half: half.into(),
        sector: "agriculture".into(),
        kind: "household".into(),
        heads: 20,
        document: "MOJ 2026-12".into(),
    }
}

fn told(form: SeasonForm) -> Vec<(String, Code)> {
    form.parse().unwrap_err().0.into_iter().map(|w| (w.pointer, w.reason.code)).collect()
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

#[test]
fn a_good_form_is_a_season_with_the_usual_list_length() {
    let season = form().parse().unwrap();
    assert_eq!(season.list_max, LIST_MAX_DEFAULT);
    assert_eq!(season.allocations.len(), 1);
    assert!(season.check(&Rulebook::shipped().unwrap(), at("2026-12-20T09:59:59Z")).is_ok());
}

#[test]
fn every_bad_field_of_a_season_is_told_at_once() {
    let bad = SeasonForm {
        agreement_id: "x".into(),
        contract_to: "2027-02-30".into(),
        freeze_at: "soon".into(),
        objection_hours: 0,
        list_max: Some(31),
        offer_hours: 721,
        idr_per_100_krw: 0,
        rate_source: String::new(),
        beacon_fallback: BeaconForm::default(),
        allocations: vec![],
        rubric: vec![RubricPartForm { kind: "height".into(), per: 1, points: 1, max: 1 }],
        ..form()
    };
    let pointers: Vec<String> = told(bad).into_iter().map(|(at, _)| at).collect();
    let expected = [
        "/agreement_id",
        "/contract_to",
        "/freeze_at",
        "/objection_hours",
        "/list_max",
        "/rubric/0/kind",
        "/offer_hours",
        "/idr_per_100_krw",
        "/rate_source",
        "/beacons/fallback/name",
        "/beacons/fallback/form",
        "/allocations",
    ];
    assert_eq!(pointers, expected);
}

#[test]
fn the_fallback_must_be_another_beacon() {
    let bad = SeasonForm {
        beacon_fallback: BeaconForm { name: "drand".into(), form: "other".into() },
        ..form()
    };
    assert_eq!(told(bad), [("/beacons/fallback/name".into(), Code::Duplicate)]);
}

#[test]
fn the_same_allocation_cannot_stand_twice() {
    let twice = vec![
        allocation("51720", "2027-H1"),
        allocation("51760", "2027-H1"),
        allocation("42720", "2027-H1"),
    ];
    let bad = SeasonForm { allocations: twice, ..form() };
    assert_eq!(told(bad), [("/allocations/2".into(), Code::Duplicate)]);
}

#[test]
fn an_allocation_must_lie_in_a_half_year_of_the_contracts() {
    let outside = vec![allocation("51720", "2026-H2"), allocation("51720", "2027-H2")];
    let bad = SeasonForm { allocations: outside, ..form() };
    assert_eq!(told(bad), [("/allocations/0/half".into(), Code::AllocationOutsideSeason)]);
}

#[test]
fn a_freeze_on_the_seoul_day_of_the_first_contract_is_too_late() {
    let freeze = |text: &str| SeasonForm { freeze_at: text.into(), ..form() };
    assert!(freeze("2027-02-28T14:59:59Z").parse().is_ok());
    assert_eq!(
        told(freeze("2027-02-28T15:00:00Z")),
        [("/freeze_at".into(), Code::FreezeAfterContract)]
    );
}

#[test]
fn objections_get_the_hours_of_the_rule() {
    let season = SeasonForm { objection_hours: 71, ..form() }.parse().unwrap();
    let rules = Rulebook::shipped().unwrap();
    let problems = season.check(&rules, at("2026-12-20T10:00:00Z")).unwrap_err();
    let codes: Vec<Code> = problems.0.iter().map(|w| w.reason.code).collect();
    assert_eq!(codes, [Code::FreezeInPast, Code::ObjectionTooShort]);
    let unruled = season.check(&Rulebook::default(), at("2026-12-01T00:00:00Z")).unwrap_err();
    assert_eq!(unruled.0[0].reason.code, Code::RuleMissing);
}

#[test]
fn only_a_lead_officer_moves_a_season() {
    let open = SeasonEvent::Open;
    assert_eq!(decide(SeasonState::Draft, open, Role::Office), Err(Refusal::Role));
    assert_eq!(decide(SeasonState::Draft, open, Role::Lead).unwrap().to(), SeasonState::Open);
    for arrow in SeasonState::TABLE {
        assert_eq!(arrow.who, [Role::Lead]);
    }
}

#[test]
fn a_season_cannot_be_drawn_before_the_freeze_nor_opened_again() {
    let lead = Role::Lead;
    assert_eq!(decide(SeasonState::Open, SeasonEvent::Draw, lead), Err(Refusal::State));
    assert_eq!(decide(SeasonState::Closed, SeasonEvent::Open, lead), Err(Refusal::State));
    assert_eq!(decide(SeasonState::Drawn, SeasonEvent::Freeze, lead), Err(Refusal::State));
}

#[test]
fn every_state_but_the_last_has_a_way_to_closure() {
    for state in SeasonState::ALL {
        let way = decide(*state, SeasonEvent::Close, Role::Lead).is_ok();
        assert_eq!(way, *state != SeasonState::Closed, "{state}");
    }
}

#[test]
fn won_become_rupiah_rounded_down() {
    assert_eq!(in_rupiah(10_320, 1150), 118_680);
    assert_eq!(in_rupiah(1, 1150), 11);
    assert_eq!(in_rupiah(i64::MAX, 1150), i64::MAX);
}
