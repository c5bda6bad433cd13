//! The 24 shared examples through the exchange format.

#![cfg(test)]

use std::collections::BTreeMap;

use musiman::matching::exchange::{answer, compute};
use serde_json::{Value, json};

const EXAMPLES: &str = include_str!("data/matching_examples.jsonl");

fn examples() -> Vec<Value> {
    EXAMPLES.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn answered(line: &Value) -> Value {
    let reply = answer(&line.to_string());
    assert!(!reply.json.contains('\n'));
    serde_json::from_str(&reply.json).unwrap()
}

#[test]
fn there_are_24_examples() {
    assert_eq!(examples().len(), 24);
}

#[test]
fn every_example_gets_the_expected_seats() {
    let valid: Vec<Value> =
        examples().into_iter().filter(|line| line.get("expected").is_some()).collect();
    assert_eq!(valid.len(), 21);
    for line in valid {
        assert_eq!(answered(&line)["seats"], line["expected"], "{}", line["id"]);
    }
}

#[test]
fn every_example_gets_the_expected_reasons() {
    let explained: Vec<Value> =
        examples().into_iter().filter(|line| line.get("why").is_some()).collect();
    assert_eq!(explained.len(), 9);
    for line in explained {
        assert_eq!(answered(&line)["why"], line["why"], "{}", line["id"]);
    }
}

#[test]
fn examples_with_groups_take_the_expected_number_of_runs() {
    let counted: Vec<Value> =
        examples().into_iter().filter(|line| line.get("rounds").is_some()).collect();
    assert_eq!(counted.len(), 4);
    for line in counted {
        let computed = compute(&line.to_string()).unwrap();
        assert_eq!(json!(computed.runs), line["rounds"], "{}", line["id"]);
    }
}

#[test]
fn what_cannot_be_an_instance_is_refused_by_its_code() {
    let codes = BTreeMap::from([
        ("invalid-cycle", "cycle"),
        ("invalid-unknown-parent", "unknown_parent"),
        ("invalid-duplicate-node", "duplicate_node"),
    ]);
    let broken: Vec<Value> =
        examples().into_iter().filter(|line| line.get("instance").is_some()).collect();
    assert_eq!(broken.len(), codes.len());
    for line in broken {
        let mut instance = line["instance"].clone();
        instance["id"] = line["id"].clone();
        let reply = answered(&instance);
        assert_eq!(reply["error"]["code"], codes[line["id"].as_str().unwrap()]);
        assert_eq!(reply["id"], line["id"]);
        assert_eq!(answered(&line)["error"]["code"], "malformed");
    }
}

#[test]
fn the_same_line_gives_the_same_bytes_whatever_the_order_of_its_parts() {
    for line in examples().iter().filter(|line| line.get("expected").is_some()) {
        let mut turned = line.clone();
        turned["nodes"].as_array_mut().unwrap().reverse();
        turned["seekers"].as_array_mut().unwrap().reverse();
        assert_eq!(answer(&line.to_string()), answer(&line.to_string()));
        assert_eq!(answer(&line.to_string()), answer(&turned.to_string()));
    }
}

#[test]
fn no_damage_to_a_line_makes_the_engine_panic() {
    let mut state = 88_172_645_463_325_252_u64;
    let mut below = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from((state >> 11) % u64::try_from(bound).unwrap()).unwrap()
    };
    let scraps = ["-1", "99999999999", "null", "\"q0\"", "\"E0\"", "[", "}", ",", "s0", "1e99"];
    let (mut refused, mut answered) = (0, 0);
    for _ in 0..60 {
        for line in EXAMPLES.lines() {
            let mut damaged: Vec<char> = line.chars().collect();
            for _ in 0..=below(2) {
                let at = below(damaged.len());
                let until = (at + below(4)).min(damaged.len());
                damaged.splice(at..until, scraps[below(scraps.len())].chars());
            }
            let reply = answer(&damaged.into_iter().collect::<String>());
            assert!(serde_json::from_str::<Value>(&reply.json).is_ok());
            refused += usize::from(reply.is_error);
            answered += usize::from(!reply.is_error);
        }
    }
    assert!(refused > 500 && answered > 50, "{refused} {answered}");
}
