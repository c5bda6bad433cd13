//! What a seeker and the public are told.

use musiman::matching::{
    Band, Builder, Component, Instance, Key, NodeId, Outcome, Verdict, Why, explain, solve,
};

use super::model::{Case, Dice, MEDIUM, audited};

#[test]
fn explanations_follow_from_the_final_figures() {
    let mut dice = Dice::new(7);
    let mut refusals = 0;
    for _ in 0..60 {
        let instance = Case::random(&mut dice, MEDIUM).build();
        let outcome = solve(&instance);
        for seeker in instance.seekers() {
            let lines = explain(&instance, &outcome, seeker.id().as_str());
            assert_eq!(lines.len(), seeker.list().len());
            let placed = lines.iter().position(|line| line.why == Why::Placed);
            assert_eq!(placed.is_some(), outcome.find_seat(seeker.id().as_str()).is_some());
            for (at, (line, entry)) in lines.iter().zip(seeker.list()).enumerate() {
                match &line.why {
                    Why::Placed => {}
                    Why::NotReached => assert!(placed.is_some_and(|placed| at > placed)),
                    Why::Ineligible(_) => {
                        assert!(matches!(entry.verdict(), Verdict::Ineligible(_)));
                    }
                    Why::Refused(refusal) => {
                        refusals += 1;
                        assert!(placed.is_none_or(|placed| at < placed));
                        assert_eq!(refusal.filled, refusal.cap);
                        assert_eq!(refusal.last.is_none(), refusal.decided == Component::NoSeat);
                        assert_eq!(refusal.cap == 0, refusal.decided == Component::NoSeat);
                        assert_lowest_full(&instance, &outcome, line.quota.as_str(), &refusal.node);
                        let Why::Refused(shown) = line.clone().shown().why else { unreachable!() };
                        assert_eq!(shown.last.is_some(), refusal.cap >= 3);
                        assert_eq!(shown.decided, refusal.decided);
                    }
                    Why::NotStable => panic!("a solved outcome is stable"),
                }
            }
        }
    }
    assert!(refusals > 1000);
}

fn assert_lowest_full(instance: &Instance, outcome: &Outcome, quota: &str, found: &NodeId) {
    let mut node = quota.to_owned();
    while node != found.as_str() {
        assert!(!outcome.find_fill(&node).unwrap().is_full());
        node = instance.find_parent(&node).unwrap().id().as_str().to_owned();
    }
    assert!(outcome.find_fill(&node).unwrap().is_full());
}

#[test]
fn a_refusal_says_what_was_missing() {
    let mut builder = Builder::new();
    builder.node("q", 3, None);
    let people =
        [("a", 1, 30, 1), ("b", 1, 30, 2), ("c", 1, 20, 9), ("d", 1, 8, 3), ("e", 3, 99, 0)];
    for (id, class, points, lottery) in people {
        builder.seeker(id, ["q"], None).key(id, "q", Key { class, points, lottery });
    }
    let instance = builder.build().unwrap();
    let outcome = solve(&instance);
    let refusal = |id: &str| match explain(&instance, &outcome, id).remove(0).shown().why {
        Why::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    };
    assert_eq!(refusal("d").decided, Component::Points);
    assert_eq!(refusal("d").points_short(), Some(12));
    assert_eq!(refusal("d").last.unwrap().points, 20);
    assert_eq!(refusal("e").decided, Component::Late);
    assert_eq!(refusal("e").points_short(), None);
    assert_eq!(refusal("e").own.band, Band::Ordinary);
    assert_eq!(explain(&instance, &outcome, "nobody"), []);
}

#[test]
fn an_outcome_that_somebody_left_is_not_explained_as_stable() {
    let (instance, _) = audited();
    let left = Outcome::from_seats(&instance, [("b", Some("q"))]).unwrap();
    let lines = explain(&instance, &left, "c");
    assert!(lines.iter().all(|line| line.why == Why::NotStable));
}

#[test]
fn small_nodes_and_small_counts_are_not_published() {
    let mut builder = Builder::new();
    builder.node("big", 5, None).node("small", 2, None);
    for i in 0..9_u32 {
        let (id, key) = (format!("s{i}"), Key { class: 1, points: i, lottery: 0 });
        builder.seeker(&id, ["small", "big"], None);
        builder.key(&id, "small", key).key(&id, "big", key);
    }
    let outcome = solve(&builder.build().unwrap());
    let published = |node: &str| outcome.find_fill(node).unwrap().published();
    assert_eq!(published("big").filled, Some(5));
    assert_eq!(published("big").cutoff.unwrap().points, 2);
    assert_eq!(published("small").filled, None);
    assert_eq!(published("small").cutoff, None);
    assert!(outcome.find_fill("small").unwrap().cutoff.is_some());
}
