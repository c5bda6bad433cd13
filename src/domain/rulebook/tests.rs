//! Layers, days and places of rules.

use super::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn wage(book: &Rulebook, on: &str) -> Result<i64, Reason> {
    book.on("KR-MINWAGE", day(on), None).and_then(|rule| rule.integer())
}

fn rule(id: &str, from: &str, rest: &str) -> String {
    format!(
        "[[rule]]\nid = \"{id}\"\nvalid_from = {from}\nsource = \"x\"\nconfidence = \"M\"\n{rest}\n"
    )
}

fn book(rules: &[String]) -> Rulebook {
    Rulebook::default().with_overlay(&rules.concat()).unwrap()
}

fn integer(book: &Rulebook, on: &str, place: Option<&str>) -> Option<i64> {
    book.on("X-A", day(on), place).ok().and_then(|rule| rule.integer().ok())
}

#[test]
fn the_shipped_rules_are_readable() {
    Rulebook::shipped().unwrap();
}

#[test]
fn a_wage_changes_on_new_years_day() {
    let book = Rulebook::shipped().unwrap();
    assert_eq!(wage(&book, "2024-12-31"), Ok(9860));
    assert_eq!(wage(&book, "2025-01-01"), Ok(10030));
    assert_eq!(wage(&book, "2026-12-31"), Ok(10320));
}

#[test]
fn a_value_that_is_not_known_is_missing_and_not_last_years() {
    let reason = wage(&Rulebook::shipped().unwrap(), "2027-01-01").unwrap_err();
    assert_eq!(reason.code, Code::RuleMissing);
    assert!(reason.facts.contains(&("rule", "KR-MINWAGE".to_owned())));
    assert!(reason.facts.contains(&("on", "2027-01-01".to_owned())));
}

#[test]
fn a_rule_that_nobody_wrote_is_missing() {
    let book = Rulebook::shipped().unwrap();
    let reason = book.on("KR-NOTHING", day("2026-01-01"), None).unwrap_err();
    assert_eq!(reason.code, Code::RuleMissing);
    assert!(wage(&book, "2021-12-31").is_err());
}

#[test]
fn a_figure_that_the_rule_of_that_day_lacks_is_missing() {
    let book = Rulebook::shipped().unwrap();
    let old = book.on("KR-GUARANTEE", day("2024-12-31"), None).unwrap();
    let reason = old.integer_of("weekly_hours").unwrap_err();
    assert_eq!(reason.code, Code::RuleMissing);
    assert!(reason.facts.contains(&("member", "weekly_hours".to_owned())));
    assert!(old.text().is_err() && old.list().is_err() && old.integer().is_err());
}

#[test]
fn the_corridor_is_suspended_on_both_its_border_days() {
    let book = Rulebook::shipped().unwrap();
    let status =
        |on| book.on("GATE-CORRIDOR", day(on), None).and_then(|rule| rule.text_of("status"));
    assert_eq!(status("2024-11-30"), Ok("open"));
    assert_eq!(status("2024-12-01"), Ok("suspended"));
    assert_eq!(status("2027-11-30"), Ok("suspended"));
    assert_eq!(status("2027-12-01").unwrap_err().code, Code::RuleMissing);
}

#[test]
fn the_demo_opens_the_corridor_and_says_that_it_is_fiction() {
    let shipped = Rulebook::shipped().unwrap();
    assert!(!shipped.has_fiction());
    let demo = shipped.with_overlay(DEMO).unwrap();
    assert!(demo.has_fiction());
    for on in ["2026-12-01", "2027-03-01", "2028-01-01"] {
        let gate = demo.on("GATE-CORRIDOR", day(on), None).unwrap();
        assert_eq!(gate.text_of("status"), Ok("open"), "{on}");
        assert!(gate.rule().fictional, "{on}");
    }
    assert!(wage(&demo, "2027-06-01").is_ok());
    assert!(wage(&demo, "2028-01-01").is_err());
    assert!(Rulebook::default().with_overlay(DEMO).unwrap().rules.values().all(|r| r.fictional));
}

#[test]
fn a_rule_of_the_place_beats_a_later_one_of_the_country() {
    let book = book(&[
        rule("X-A", "2026-01-01", "value = 1"),
        rule("X-A", "2025-01-01", "value = 2\nplace = \"48820\""),
    ]);
    assert_eq!(integer(&book, "2026-06-01", Some("48820")), Some(2));
    assert_eq!(integer(&book, "2026-06-01", Some("51720")), Some(1));
    assert_eq!(integer(&book, "2026-06-01", None), Some(1));
}

#[test]
fn a_local_rule_that_ran_out_gives_way_to_the_country() {
    let book = book(&[
        rule("X-A", "2025-01-01", "value = 1"),
        rule("X-A", "2025-01-01", "value = 2\nplace = \"48820\"\nvalid_to = 2025-12-31"),
    ]);
    assert_eq!(integer(&book, "2025-12-31", Some("48820")), Some(2));
    assert_eq!(integer(&book, "2026-01-01", Some("48820")), Some(1));
}

#[test]
fn a_later_first_day_beats_an_earlier_one_from_that_day_on() {
    let book =
        book(&[rule("X-A", "2025-01-01", "value = 1"), rule("X-A", "2025-07-01", "value = 2")]);
    assert_eq!(integer(&book, "2025-06-30", None), Some(1));
    assert_eq!(integer(&book, "2025-07-01", None), Some(2));
}

#[test]
fn a_higher_layer_takes_the_place_of_the_same_first_day() {
    let low = book(&[rule("X-A", "2025-01-01", "value = 1")]);
    let high = low
        .clone()
        .with_overlay(&rule("X-A", "2025-01-01", "value = 2\nvalid_to = 2025-01-31"))
        .unwrap();
    assert_eq!(integer(&high, "2025-01-31", None), Some(2));
    assert_eq!(integer(&high, "2025-02-01", None), None);
    assert_ne!(low.digest(), high.digest());
}

#[test]
fn all_rules_of_a_day_name_each_id_once() {
    let book = Rulebook::shipped().unwrap();
    let all = book.all_on(day("2027-01-01"), Some("48820"));
    let ids: Vec<&str> = all.iter().map(|(rule, _)| rule.id.as_str()).collect();
    let mut once = ids.clone();
    once.dedup();
    assert_eq!(ids, once);
    let cap = all.iter().find(|(rule, _)| rule.id == "KR-CAP-EMP").unwrap();
    assert_eq!(cap.0.place.as_deref(), Some("48820"));
    let wage = all.iter().find(|(rule, _)| rule.id == "KR-MINWAGE").unwrap();
    assert_eq!(wage.1, None);
}

#[test]
fn every_place_of_a_shipped_rule_is_a_known_si_gun() {
    use crate::domain::places::SiGun;
    for key in Rulebook::shipped().unwrap().rules.keys() {
        if let Some(code) = &key.place {
            assert_eq!(SiGun::by_code(code).unwrap().code(), code);
        }
    }
}
