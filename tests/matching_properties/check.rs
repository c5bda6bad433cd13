//! The check of certificates: it accepts what is stable and names what is wrong.

use std::collections::BTreeSet;

use musiman::matching::{Certificate, Code, NodeId, Outcome, Violation, certificate, verify};

use super::model::{Case, Dice, Model, Shape, TINY, audited};

#[test]
fn the_check_and_the_definition_agree_on_every_outcome_of_tiny_instances() {
    let mut dice = Dice::new(6);
    let mut refused = 0;
    for _ in 0..40 {
        let case = Case::random(&mut dice, Shape { people: 3, ..TINY });
        let instance = case.build();
        let model = Model::new(&case);
        let stable: BTreeSet<Vec<Option<&str>>> = model
            .all_stable()
            .iter()
            .map(|places| {
                let quota = |(at, place): (usize, &Option<usize>)| {
                    place.map(|place| model.offers[at][place].quota.as_str())
                };
                places.iter().enumerate().map(quota).collect()
            })
            .collect();
        let mut outcomes: Vec<Vec<Option<&str>>> = vec![Vec::new()];
        for person in &case.people {
            let choices = person.list.iter().map(|quota| Some(quota.as_str())).chain([None]);
            outcomes = choices
                .flat_map(|choice| {
                    outcomes.iter().map(move |start| [start.as_slice(), &[choice]].concat())
                })
                .collect();
        }
        for seats in outcomes {
            let named = case.people.iter().map(|person| person.id.as_str()).zip(seats.clone());
            let accepted = Outcome::from_seats(&instance, named)
                .is_ok_and(|outcome| verify(&instance, &certificate(&instance, &outcome)).is_ok());
            assert_eq!(accepted, stable.contains(&seats));
            refused += usize::from(!accepted);
        }
    }
    assert!(refused > 500);
}

fn judged(change: impl FnOnce(&mut Certificate)) -> Result<(), Violation> {
    let (instance, mut certificate) = audited();
    change(&mut certificate);
    verify(&instance, &certificate)
}

/// The true figures of other seats, so that the check has to look at the seats themselves.
fn reseated(seats: [(&str, Option<&str>); 4]) -> Result<(), Violation> {
    let (instance, _) = audited();
    let outcome = Outcome::from_seats(&instance, seats).unwrap();
    verify(&instance, &certificate(&instance, &outcome))
}

#[test]
fn every_kind_of_tampering_is_named() {
    let seated = |quota: &str| Some(NodeId::from(quota));
    assert_eq!(judged(|_| ()), Ok(()));
    assert_eq!(judged(|c| c.digest = String::new()), Err(Violation::DigestDiffers));
    assert_eq!(judged(|c| drop(c.seats.remove("c"))), Err(Violation::SeekerMissing("c".into())));
    assert_eq!(
        judged(|c| drop(c.seats.insert("x".into(), None))),
        Err(Violation::SeekerUnknown("x".into()))
    );
    assert_eq!(
        judged(|c| drop(c.seats.insert("d".into(), seated("p")))),
        Err(Violation::NotListed("d".into(), "p".into()))
    );
    assert_eq!(
        judged(|c| drop(c.seats.insert("d".into(), seated("q")))),
        Err(Violation::NotEligible("d".into(), "q".into()))
    );
    assert_eq!(
        judged(|c| drop(c.seats.insert("c".into(), seated("q")))),
        Err(Violation::OverCap("E".into()))
    );
    assert_eq!(judged(|c| c.placed += 1), Err(Violation::PlacedDiffers));
    assert_eq!(
        judged(|c| c.nodes.get_mut("q").unwrap().filled = 2),
        Err(Violation::FiguresDiffer("q".into()))
    );
    assert_eq!(
        judged(|c| c.nodes.get_mut("E").unwrap().cutoff.as_mut().unwrap().points += 1),
        Err(Violation::FiguresDiffer("E".into()))
    );
    assert_eq!(
        judged(|c| c.nodes.retain(|node, _| node.as_str() != "p")),
        Err(Violation::FiguresDiffer("p".into()))
    );
    assert_eq!(
        judged(|c| {
            let figures = c.nodes["p"].clone();
            c.nodes.insert("x".into(), figures);
        }),
        Err(Violation::NodeUnknown("x".into()))
    );
}

#[test]
fn seats_that_wrong_somebody_are_named_even_with_true_figures() {
    let empty = reseated([("a", Some("p")), ("b", None), ("c", None), ("d", None)]);
    assert_eq!(empty, Err(Violation::EmptySeat("b".into(), "q".into())));
    let envy = reseated([("a", Some("p")), ("b", None), ("c", Some("q")), ("d", None)]);
    let (seeker, quota, against) = ("b".into(), "q".into(), "c".into());
    assert_eq!(envy, Err(Violation::JustifiedEnvy { seeker, quota, against }));
}

#[test]
fn seats_that_no_outcome_can_have_are_refused() {
    let (instance, _) = audited();
    let code = |seats: &[(&str, Option<&str>)]| {
        Outcome::from_seats(&instance, seats.iter().copied()).unwrap_err().code
    };
    assert_eq!(code(&[("x", None)]), Code::UnknownSeeker);
    assert_eq!(code(&[("a", None), ("a", None)]), Code::DuplicateSeat);
    assert_eq!(code(&[("a", Some("x"))]), Code::UnknownQuota);
    assert_eq!(code(&[("d", Some("p"))]), Code::SeatNotListed);
    assert_eq!(code(&[("d", Some("q"))]), Code::SeatIneligible);
    assert_eq!(code(&[("a", Some("p")), ("b", Some("p"))]), Code::SeatOverCap);
}
