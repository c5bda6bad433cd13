//! Rounds after the first.

use std::collections::BTreeMap;

use musiman::matching::{
    Answer, Builder, Code, Key, Lint, Outcome, SeekerId, Verdict, certificate, second_round, solve,
    verify,
};

use super::model::{Case, Dice, Shape, TINY, audited, by_name, seat};

/// Answers, withdrawals, late people, raised paths and cuts, all at random.
fn next_caps(dice: &mut Dice, case: &Case, cuts: bool) -> BTreeMap<String, i64> {
    let mut caps: BTreeMap<String, i64> = BTreeMap::new();
    if dice.one_in(2) {
        let quota = &case.quotas[dice.below(case.quotas.len())];
        let mut node = Some(quota);
        while let Some(id) = node {
            let (cap, parent) = &case.nodes[id];
            caps.insert(id.clone(), i64::from(*cap) + 1);
            node = parent.as_ref();
        }
    }
    for (id, (cap, _)) in &case.nodes {
        if cuts && dice.one_in(5) && !caps.contains_key(id) {
            caps.insert(id.clone(), i64::from(cap.saturating_sub(1 + dice.small(2))));
        }
    }
    caps
}

fn random_answers(dice: &mut Dice, base: &Outcome) -> BTreeMap<String, Answer> {
    let mut answers = BTreeMap::new();
    for (seeker, seat) in base.seats() {
        let answer = match (seat, dice.below(6)) {
            (Some(_), 0) => Answer::Firm,
            (Some(_), 1 | 2) => Answer::Hold,
            (Some(_), 3) => Answer::Decline,
            (_, 4) => Answer::Withdraw,
            _ => continue,
        };
        answers.insert(seeker.as_str().to_owned(), answer);
    }
    answers
}

#[test]
fn nobody_who_kept_a_seat_gets_worse_in_the_next_round() {
    let mut dice = Dice::new(8);
    let (mut kept, mut released, mut better) = (0, 0, 0);
    for _ in 0..1500 {
        let shape = Shape { people: 12, quotas: 5, list: 5, late: false, ..TINY };
        let mut case = Case::random(&mut dice, shape);
        let mut base_case = case.clone();
        for at in 0..3 {
            base_case.people[at].list.clear();
            case.people[at].keys.values_mut().for_each(|key| key.class = 3);
        }
        let first = solve(&base_case.build());
        let instance = case.build();
        let base = Outcome::from_seats(&instance, first.seats().iter().map(by_name)).unwrap();
        let answers = random_answers(&mut dice, &base);
        let cuts = dice.one_in(2);
        let caps = next_caps(&mut dice, &case, cuts);
        let rerun = match second_round(&instance, &base, &answers, &caps) {
            Ok(rerun) => rerun,
            Err(invalid) => {
                assert_eq!(invalid.code, Code::ReserveOverCap);
                continue;
            }
        };
        assert_eq!(rerun.lints, []);
        let second = solve(&rerun.instance);
        assert_eq!(verify(&rerun.instance, &certificate(&rerun.instance, &second)), Ok(()));
        released += rerun.released.len();
        for person in &case.people {
            let Some(before) = seat(&base, &person.id) else {
                continue;
            };
            let gone = matches!(answers.get(&person.id), Some(Answer::Decline | Answer::Withdraw));
            if gone || rerun.released.iter().any(|id| id.as_str() == person.id) {
                continue;
            }
            let place = |seat: &str| person.list.iter().position(|quota| quota == seat).unwrap();
            let after = seat(&second, &person.id).expect("a kept seat was lost");
            assert!(place(after) <= place(before));
            kept += 1;
            better += usize::from(after != before);
        }
    }
    assert!(kept > 2500 && released > 200 && better > 50, "{kept} {released} {better}");
}

#[test]
fn every_answer_cuts_the_list_as_it_says() {
    let case = |answer: Option<Answer>| {
        let key = |lottery| Key { class: 1, points: 0, lottery };
        let mut builder = Builder::new();
        builder.node("p", 0, None).node("q", 1, None).node("r", 1, None);
        builder.seeker("s", ["p", "q", "r"], None);
        for quota in ["p", "q", "r"] {
            builder.key("s", quota, key(1));
        }
        let instance = builder.build().unwrap();
        let base = solve(&instance);
        let answers = answer.map(|answer| ("s".to_owned(), answer)).into_iter().collect();
        let next = second_round(&instance, &base, &answers, &BTreeMap::new()).unwrap().instance;
        let list = next.seekers()[0].list().iter().map(|entry| entry.quota().as_str().to_owned());
        list.collect::<Vec<String>>().join(" ")
    };
    assert_eq!(case(None), "q");
    assert_eq!(case(Some(Answer::Firm)), "q");
    assert_eq!(case(Some(Answer::Hold)), "p q");
    assert_eq!(case(Some(Answer::Decline)), "p");
    assert_eq!(case(Some(Answer::Withdraw)), "");
}

#[test]
fn the_worst_key_under_a_cut_node_is_released_with_the_whole_list_as_class_2() {
    let mut builder = Builder::new();
    builder.node("E", 2, None).node("p", 1, Some("E")).node("q", 1, Some("E")).node("r", 1, None);
    for (id, class, list) in [("a", 1, ["p", "r"]), ("b", 3, ["q", "r"]), ("c", 3, ["r", "p"])] {
        builder.seeker(id, list, None);
        for quota in list {
            builder.key(id, quota, Key { class, points: 1, lottery: 1 });
        }
    }
    let instance = builder.build().unwrap();
    let base = solve(&instance);
    let caps = BTreeMap::from([("E".to_owned(), 1)]);
    let rerun = second_round(&instance, &base, &BTreeMap::new(), &caps).unwrap();
    assert_eq!(rerun.released, [SeekerId::from("b")]);
    assert_eq!(rerun.lints, [Lint::CutBesideLateKeeper]);
    let list = rerun.instance.find_seeker("b").unwrap().list();
    assert_eq!(list.len(), 2);
    assert!(list.iter().all(|e| matches!(e.verdict(), Verdict::Eligible(k) if k.class == 3)));
    let cut_both = BTreeMap::from([("E".to_owned(), 0)]);
    let rerun = second_round(&instance, &base, &BTreeMap::new(), &cut_both).unwrap();
    let list = rerun.instance.find_seeker("a").unwrap().list();
    assert!(list.iter().all(|e| matches!(e.verdict(), Verdict::Eligible(k) if k.class == 2)));
}

#[test]
fn seats_are_added_along_a_whole_path_or_not_at_all() {
    let (instance, _) = audited();
    let base = solve(&instance);
    let raise = |caps: &[(&str, i64)]| {
        let caps = caps.iter().map(|(id, cap)| ((*id).to_owned(), *cap)).collect();
        let rerun = second_round(&instance, &base, &BTreeMap::new(), &caps);
        rerun.map(|_| ()).map_err(|invalid| invalid.code)
    };
    assert_eq!(raise(&[("E", 3)]), Err(Code::SingleNodeRaise));
    assert_eq!(raise(&[("p", 2)]), Err(Code::SingleNodeRaise));
    assert_eq!(raise(&[("p", 2), ("E", 4)]), Err(Code::SingleNodeRaise));
    assert_eq!(raise(&[("p", 2), ("q", 3), ("E", 3)]), Err(Code::SingleNodeRaise));
    assert_eq!(raise(&[("p", 2), ("q", 1)]), Err(Code::SingleNodeRaise));
    assert_eq!(raise(&[("p", 2), ("E", 3)]), Ok(()));
    assert_eq!(raise(&[("p", 2), ("q", 3), ("E", 4)]), Ok(()));
    assert_eq!(raise(&[("p", 0), ("E", 1)]), Ok(()));
}
