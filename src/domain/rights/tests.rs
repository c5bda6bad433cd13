//! Requests on paper.

use super::super::lifecycle::{Refusal, decide, roles_of};
use super::*;

fn form(kind: RequestKind) -> RequestForm {
    RequestForm { kind, text: None, evidence: None, corrections: vec![], round: None }
}

fn nik(value: &str) -> Correction {
    Correction { field: RecordField::Nik, value: Some(value.to_owned()) }
}

fn told<T>(parsed: Result<T, Problems>) -> Vec<(String, Code)> {
    parsed.err().into_iter().flat_map(|p| p.0).map(|w| (w.pointer, w.reason.code)).collect()
}

#[test]
fn the_clocks_run_from_the_receipt_by_the_rule_of_that_day() {
    let rules = Rulebook::shipped().unwrap();
    let clocks = clocks("2026-11-24T02:00:00Z".parse().unwrap(), &rules).unwrap();
    assert_eq!(clocks.escalates_at, "2026-11-26T02:00:00Z".parse().unwrap());
    assert_eq!(clocks.due_at, "2026-11-27T02:00:00Z".parse().unwrap());
    let early = super::clocks("2020-01-01T00:00:00Z".parse().unwrap(), &rules).unwrap_err();
    assert_eq!(early.code, Code::RuleMissing);
}

#[test]
fn each_kind_has_its_members_and_no_others() {
    for kind in [RequestKind::Access, RequestKind::Restriction, RequestKind::Erasure] {
        assert_eq!(told(form(kind).parse()), []);
        let evidence = Some("KTP".to_owned());
        let strange =
            RequestForm { corrections: vec![nik("1")], evidence: evidence.clone(), ..form(kind) };
        assert_eq!(
            told(strange.parse()),
            [
                ("/corrections".to_owned(), Code::NotOfThisKind),
                ("/evidence".to_owned(), Code::NotOfThisKind)
            ]
        );
    }
    assert_eq!(
        told(form(RequestKind::Correction).parse()),
        [("/corrections".to_owned(), Code::Missing), ("/evidence".to_owned(), Code::Missing)]
    );
    assert_eq!(
        told(form(RequestKind::Objection).parse()),
        [("/round_id".to_owned(), Code::Missing)]
    );
}

#[test]
fn a_member_is_corrected_once() {
    let twice = RequestForm {
        corrections: vec![nik("1"), nik("2")],
        evidence: Some("KTP".into()),
        ..form(RequestKind::Correction)
    };
    assert_eq!(told(twice.parse()), [("/corrections/1/field".to_owned(), Code::Duplicate)]);
}

fn answer(verdict: Verdict) -> DecisionForm {
    DecisionForm { verdict, fields: vec![], ground: None, review: None, note: "Seen.".into() }
}

#[test]
fn a_refusal_names_its_ground_and_a_grant_has_none() {
    assert_eq!(told(answer(Verdict::Refused).parse()), [("/ground".to_owned(), Code::Missing)]);
    let ground = Some(RefusalGround::Repeated);
    let granted = DecisionForm { ground, ..answer(Verdict::Granted) };
    assert_eq!(told(granted.parse()), [("/ground".to_owned(), Code::NotOfThisKind)]);
}

#[test]
fn only_a_correction_is_granted_in_part_and_less_than_the_whole() {
    let phone = Correction { field: RecordField::Phone, value: None };
    let asked = [nik("1"), phone];
    let decision = |fields: Vec<RecordField>| {
        let ground = Some(RefusalGround::EvidenceInsufficient);
        DecisionForm { fields, ground, ..answer(Verdict::PartlyGranted) }.parse().unwrap()
    };
    let part = decision(vec![RecordField::Phone]);
    assert_eq!(told(part.check(RequestKind::Correction, &asked)), []);
    assert_eq!(part.granted(asked.to_vec()), [asked[1].clone()]);
    let whole = decision(vec![RecordField::Phone, RecordField::Nik]);
    let told_whole = told(whole.check(RequestKind::Correction, &asked));
    assert_eq!(told_whole, [("/fields".to_owned(), Code::TooMany)]);
    let strange = decision(vec![RecordField::Email]);
    let told_strange = told(strange.check(RequestKind::Correction, &asked));
    assert_eq!(told_strange, [("/fields/0".to_owned(), Code::UnknownValue)]);
    let erasure = told(part.check(RequestKind::Erasure, &[]));
    assert!(erasure.contains(&("/outcome".to_owned(), Code::NotOfThisKind)), "{erasure:?}");
}

#[test]
fn an_objection_is_granted_by_a_review() {
    let bare = answer(Verdict::Granted).parse().unwrap();
    let missing = told(bare.check(RequestKind::Objection, &[]));
    assert_eq!(missing, [("/review".to_owned(), Code::Missing)]);
    let review = Some(ReviewOutcome::Upheld);
    let reviewed = DecisionForm { review, ..answer(Verdict::Granted) }.parse().unwrap();
    assert_eq!(told(reviewed.check(RequestKind::Objection, &[])), []);
    let elsewhere = told(reviewed.check(RequestKind::Access, &[]));
    assert_eq!(elsewhere, [("/review".to_owned(), Code::NotOfThisKind)]);
}

#[test]
fn officers_answer_and_the_person_withdraws() {
    for event in [RequestEvent::CheckIdentity, RequestEvent::Grant, RequestEvent::Refuse] {
        assert_eq!(roles_of::<RequestState>(event), [Role::Office, Role::Lead]);
    }
    assert_eq!(roles_of::<RequestState>(RequestEvent::Withdraw), [Role::Seeker]);
    let grant = |from| decide(from, RequestEvent::Grant, Role::Office).map(|t| t.to());
    assert_eq!(grant(RequestState::Received), Err(Refusal::State));
    assert_eq!(grant(RequestState::IdentityChecked), Ok(RequestState::Decided));
    assert_eq!(grant(RequestState::Done), Err(Refusal::State));
    for state in RequestState::ALL {
        let answered = Verdict::ALL.iter().filter(|v| v.stands_in(*state)).count();
        assert!(answered <= 1 && (answered == 0 || !state.is_open()), "{state}");
    }
}
