//! Pairs that must be together.

use std::collections::BTreeSet;

use musiman::matching::{Builder, Code, Group, Groups, Instance, Key, certificate, verify};

use super::model::{Case, Dice, MEDIUM, Shape, seat};

#[test]
fn groups_end_together_or_nowhere_and_singles_have_no_justified_envy() {
    let mut dice = Dice::new(9);
    let (mut together, mut runs) = (0, 0);
    for _ in 0..200 {
        let mut case = Case::random(&mut dice, Shape { people: 14, list: 3, ..MEDIUM });
        let level: Vec<String> = match dice.below(2) {
            0 => case.quotas.clone(),
            _ => case.nodes.keys().filter(|id| id.starts_with('E')).cloned().collect(),
        };
        let mut groups = Vec::new();
        for at in [0, 2, 4] {
            case.people[at + 1].list = case.people[at].list.clone();
            let members = vec![case.people[at].id.clone(), case.people[at + 1].id.clone()];
            groups.push(Group { members, nodes: level.clone() });
        }
        let instance = case.build();
        let solved = Groups::check(&instance, &groups).unwrap().solve(&instance);
        runs += solved.runs;
        let proof = certificate(&solved.instance, &solved.outcome);
        assert_eq!(verify(&solved.instance, &proof), Ok(()));
        for group in &groups {
            let blocks: BTreeSet<Option<String>> = group
                .members
                .iter()
                .map(|id| seat(&solved.outcome, id).map(|quota| block(&instance, &level, quota)))
                .collect();
            assert_eq!(blocks.len(), 1);
            together += usize::from(!blocks.contains(&None));
        }
        let singles = case.people.iter().skip(6);
        for person in singles {
            let list = |i: &Instance| i.find_seeker(&person.id).unwrap().list().len();
            assert_eq!(list(&instance), list(&solved.instance));
        }
    }
    assert!(together > 50 && runs > 300, "{together} {runs}");
}

fn block(instance: &Instance, level: &[String], quota: &str) -> String {
    let mut node = quota.to_owned();
    while !level.contains(&node) {
        node = instance.find_parent(&node).unwrap().id().as_str().to_owned();
    }
    node
}

#[test]
fn groups_that_cannot_be_together_are_refused_by_their_code() {
    let key = Key { class: 1, points: 1, lottery: 1 };
    let mut builder = Builder::new();
    builder.node("E", 2, None).node("p", 1, Some("E")).node("q", 1, Some("E"));
    for (id, list) in [("a", ["p", "q"]), ("b", ["p", "q"]), ("c", ["q", "p"])] {
        builder.seeker(id, list, None).key(id, "p", key).key(id, "q", key);
    }
    let instance = builder.build().unwrap();
    let code = |groups: &[(&[&str], &[&str])]| {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let groups: Vec<Group> = groups
            .iter()
            .map(|(members, nodes)| Group { members: owned(members), nodes: owned(nodes) })
            .collect();
        Groups::check(&instance, &groups).map(|_| ()).map_err(|invalid| invalid.code)
    };
    assert_eq!(code(&[(&["a", "b"], &["E"])]), Ok(()));
    assert_eq!(code(&[(&["a"], &["E"])]), Err(Code::GroupTooSmall));
    assert_eq!(code(&[(&["a", "x"], &["E"])]), Err(Code::UnknownSeeker));
    assert_eq!(code(&[(&["a", "a"], &["E"])]), Err(Code::GroupOverlap));
    assert_eq!(code(&[(&["a", "b"], &["E"]), (&["b", "c"], &["E"])]), Err(Code::GroupOverlap));
    assert_eq!(code(&[(&["a", "c"], &["E"])]), Err(Code::GroupListsDiffer));
    assert_eq!(code(&[(&["a", "b"], &["x"])]), Err(Code::UnknownNode));
    assert_eq!(code(&[(&["a", "b"], &["E", "p"])]), Err(Code::GroupLevelNested));
    assert_eq!(code(&[(&["a", "b"], &["p", "p"])]), Err(Code::GroupLevelNested));
    assert_eq!(code(&[(&["a", "b"], &["p"])]), Err(Code::GroupLevelIncomplete));
}
