//! What is proved about the mechanism, tried on random instances from fixed seeds.

#![cfg(test)]

use std::collections::BTreeMap;

use musiman::matching::{
    Builder, Code, Component, Key, Outcome, Why, certificate, digest, explain, lints, solve, verify,
};

use model::{Case, Dice, MEDIUM, Model, Offer, Shape, TINY, by_name, seat};

#[path = "matching_properties/check.rs"]
mod check;
#[path = "matching_properties/explanations.rs"]
mod explanations;
#[path = "matching_properties/groups.rs"]
mod groups;
#[path = "matching_properties/model.rs"]
mod model;
#[path = "matching_properties/rounds.rs"]
mod rounds;

#[test]
fn the_outcome_is_the_stable_one_that_is_best_for_every_seeker() {
    let mut dice = Dice::new(1);
    let mut with_reserves = 0;
    let mut several = 0;
    for _ in 0..700 {
        let case = Case::random(&mut dice, TINY);
        let model = Model::new(&case);
        let stable = model.all_stable();
        assert!(!stable.is_empty());
        with_reserves += usize::from(!case.reserves.is_empty());
        several += usize::from(stable.len() > 1);
        let outcome = solve(&case.build());
        for (at, person) in case.people.iter().enumerate() {
            let offers = &model.offers[at];
            let best = stable.iter().filter_map(|places| places[at]).min();
            let best = best.map(|place| offers[place].quota.as_str());
            assert_eq!(seat(&outcome, &person.id), best);
        }
    }
    assert!(with_reserves > 100 && several > 5, "{with_reserves} {several}");
}

#[test]
fn the_order_of_proposals_does_not_matter() {
    // Seekers propose in the order of their names; with distinct lottery numbers names decide
    // nothing else, so new names are a new order of proposals.
    let mut dice = Dice::new(2);
    for _ in 0..60 {
        let case = Case::random(&mut dice, MEDIUM);
        let first = solve(&case.build());
        let mut names: Vec<usize> = (0..case.people.len()).collect();
        dice.shuffle(&mut names);
        let mut renamed = case.clone();
        for (person, name) in renamed.people.iter_mut().zip(&names) {
            person.id = format!("r{name:03}");
        }
        let second = solve(&renamed.build());
        for (old, new) in case.people.iter().zip(&renamed.people) {
            assert_eq!(seat(&first, &old.id), seat(&second, &new.id));
        }
    }
}

/// Every strict list over some of the quotas.
fn all_lists(quotas: &[String]) -> Vec<Vec<String>> {
    let mut lists: Vec<Vec<String>> = vec![Vec::new()];
    let mut from = 0;
    while from < lists.len() {
        let start = lists[from].clone();
        for quota in quotas.iter().filter(|quota| !start.contains(quota)) {
            let mut longer = start.clone();
            longer.push(quota.clone());
            lists.push(longer);
        }
        from += 1;
    }
    lists
}

#[test]
fn no_seeker_gains_by_a_false_list() {
    let mut dice = Dice::new(3);
    for _ in 0..60 {
        let case = Case::random(&mut dice, TINY);
        let truth = solve(&case.build());
        for at in 0..case.people.len() {
            let person = &case.people[at];
            let place = |seat: Option<&str>| {
                person.list.iter().position(|q| Some(q.as_str()) == seat).unwrap_or(usize::MAX)
            };
            let honest = place(seat(&truth, &person.id));
            for list in all_lists(&case.quotas) {
                let mut lie = case.clone();
                lie.people[at].list = list;
                assert!(place(seat(&solve(&lie.build()), &person.id)) >= honest);
            }
        }
    }
}

#[test]
fn with_one_key_per_seeker_it_is_serial_dictatorship() {
    let mut dice = Dice::new(4);
    for _ in 0..60 {
        let shape = Shape { one_key: true, reserves: false, ..MEDIUM };
        let case = Case::random(&mut dice, shape);
        let model = Model::new(&case);
        let mut people: Vec<usize> =
            (0..case.people.len()).filter(|at| !model.offers[*at].is_empty()).collect();
        people.sort_by_key(|at| model.offers[*at][0].order.clone());
        let mut filled: BTreeMap<&str, usize> = BTreeMap::new();
        let outcome = solve(&case.build());
        for at in people {
            let open = |offer: &&Offer| {
                offer.path.iter().all(|n| filled.get(n.as_str()).unwrap_or(&0) < &model.caps[n])
            };
            let taken = model.offers[at].iter().find(open);
            taken.into_iter().flat_map(|offer| &offer.path).for_each(|node| {
                *filled.entry(node).or_default() += 1;
            });
            let expected = taken.map(|offer| offer.quota.as_str());
            assert_eq!(seat(&outcome, &case.people[at].id), expected);
        }
    }
}

#[test]
fn seats_alone_give_back_the_whole_outcome_and_pass_the_check() {
    let mut dice = Dice::new(5);
    for _ in 0..150 {
        let instance = Case::random(&mut dice, MEDIUM).build();
        let outcome = solve(&instance);
        let again = Outcome::from_seats(&instance, outcome.seats().iter().map(by_name)).unwrap();
        assert_eq!(outcome, again);
        assert_eq!(verify(&instance, &certificate(&instance, &outcome)), Ok(()));
        assert_eq!(solve(&instance), outcome);
    }
}

#[test]
fn the_largest_figures_do_not_overflow() {
    let mut builder = Builder::new();
    builder.node("S", u32::MAX, None);
    for i in 0..4 {
        let quota = format!("q{i}");
        builder.node(&quota, u32::MAX, Some("S")).reserve(&quota, "w", 1_000_000_000);
    }
    for (id, points) in [("a", u32::MAX), ("b", 0)] {
        let key = Key { class: u8::MAX, points, lottery: u64::MAX };
        builder.seeker(id, ["q0", "q1"], Some("w")).key(id, "q0", key).key(id, "q1", key);
    }
    let instance = builder.build().unwrap();
    let outcome = solve(&instance);
    assert_eq!(verify(&instance, &certificate(&instance, &outcome)), Ok(()));
    assert_eq!(seat(&outcome, "b"), Some("q0"));
    assert!(!lints(&instance).is_empty());
    builder.reserve("q0", "v", u32::MAX);
    assert_eq!(builder.build().unwrap_err().code, Code::ReserveOverCap);
}

#[test]
fn equal_keys_are_decided_by_the_byte_order_of_names() {
    let mut builder = Builder::new();
    builder.node("q", 1, None);
    for id in ["b", "a", "B", "é"] {
        builder.seeker(id, ["q"], None).key(id, "q", Key { class: 1, points: 1, lottery: 1 });
    }
    let instance = builder.build().unwrap();
    let outcome = solve(&instance);
    assert_eq!(seat(&outcome, "B"), Some("q"));
    let Why::Refused(refusal) = explain(&instance, &outcome, "a").remove(0).why else {
        panic!("refused")
    };
    assert_eq!(refusal.decided, Component::Pseudonym);
}

#[test]
fn a_season_of_5000_seekers_and_60_quotas_is_solved_explained_and_checked() {
    let mut dice = Dice::new(10);
    let shape =
        Shape { people: 5000, quotas: 60, list: 10, one_key: false, reserves: false, late: true };
    let mut case = Case::random(&mut dice, shape);
    for person in &mut case.people {
        person.keys.retain(|quota, _| person.list.contains(quota));
        person.barred.retain(|quota| person.list.contains(quota));
    }
    let instance = case.build();
    let outcome = solve(&instance);
    assert_eq!(verify(&instance, &certificate(&instance, &outcome)), Ok(()));
    let lines = case.people.iter().map(|person| explain(&instance, &outcome, &person.id).len());
    assert_eq!(lines.sum::<usize>(), case.people.iter().map(|p| p.list.len()).sum::<usize>());
    assert_eq!(digest(&instance), digest(&case.build()));
}
