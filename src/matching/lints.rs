//! Remarks on a legal instance that a municipality should hear before the run.
//!
//! Nothing here refuses anything. It knows the instance, no outcome.

use std::collections::{BTreeMap, BTreeSet};

use super::ids::{NodeId, NodeIx};
use super::instance::{Instance, Seeker};
use super::order::Key;

/// A remark.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lint {
    /// Some seeker has different keys at quotas of the own list, so the first round need not equal
    /// "in order of points and lottery, the best place still open".
    KeysDiffer,
    /// Some seeker has different keys under this node and its cap can bind: a seat of a preferred
    /// quota may stay empty under it (matching.md section 3).
    HeterogeneousUnderCap(NodeId),
    /// All seats of its children together fit under this node.
    CapCannotBind(NodeId),
    /// A quota with seats that no eligible seeker lists.
    QuotaUnlisted(NodeId),
    /// A seat was cut while somebody of class 2 or above keeps one: the promise that nobody who
    /// kept a seat gets worse does not cover that person (matching.md section 6).
    CutBesideLateKeeper,
}

impl Lint {
    /// The stable word of the remark.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::KeysDiffer => "keys_differ",
            Self::HeterogeneousUnderCap(_) => "heterogeneous_under_cap",
            Self::CapCannotBind(_) => "cap_cannot_bind",
            Self::QuotaUnlisted(_) => "quota_unlisted",
            Self::CutBesideLateKeeper => "cut_beside_late_keeper",
        }
    }

    /// The node that it is about, if it is about one.
    pub fn node(&self) -> Option<&NodeId> {
        match self {
            Self::HeterogeneousUnderCap(node)
            | Self::CapCannotBind(node)
            | Self::QuotaUnlisted(node) => Some(node),
            Self::KeysDiffer | Self::CutBesideLateKeeper => None,
        }
    }
}

/// All remarks on an instance, by kind and then by node. O(entries * depth * log depth + nodes).
pub fn lints(instance: &Instance) -> Vec<Lint> {
    let mut found = BTreeSet::new();
    let slack = cannot_bind(instance);
    let mut mixed = vec![false; instance.nodes.len()];
    let mut listed = vec![false; instance.nodes.len()];
    for seeker in &instance.seekers {
        eligible(seeker).for_each(|(quota, _)| mark(&mut listed, quota));
        if has_different_keys(seeker) {
            found.insert(Lint::KeysDiffer);
            mark_mixed(instance, seeker, &mut mixed);
        }
    }
    let judged = instance.nodes.iter().zip(slack).zip(mixed.into_iter().zip(listed));
    for ((node, is_slack), (is_mixed, is_listed)) in judged {
        if is_mixed && !is_slack {
            found.insert(Lint::HeterogeneousUnderCap(node.id.clone()));
        }
        if is_slack {
            found.insert(Lint::CapCannotBind(node.id.clone()));
        }
        if node.is_quota && node.cap > 0 && !is_listed {
            found.insert(Lint::QuotaUnlisted(node.id.clone()));
        }
    }
    found.into_iter().collect()
}

/// Whether "in order of points and lottery, the best place still open" describes the first round
/// of this instance without groups (matching.md section 1): one key per seeker, no reserves.
pub fn is_plain_order(instance: &Instance) -> bool {
    instance.reserves.is_empty() && !instance.seekers.iter().any(has_different_keys)
}

fn eligible(seeker: &Seeker) -> impl Iterator<Item = (NodeIx, Key)> + Clone {
    seeker.list.iter().filter_map(|entry| Some((entry.at, entry.key()?)))
}

fn has_different_keys(seeker: &Seeker) -> bool {
    let keys = eligible(seeker).map(|(_, key)| key);
    keys.clone().zip(keys.skip(1)).any(|(a, b)| a != b)
}

fn mark(flags: &mut [bool], node: NodeIx) {
    flags.get_mut(node.0).into_iter().for_each(|flag| *flag = true);
}

/// Marks the nodes under which this seeker has more than one key.
fn mark_mixed(instance: &Instance, seeker: &Seeker, mixed: &mut [bool]) {
    let mut first: BTreeMap<NodeIx, Key> = BTreeMap::new();
    for (quota, key) in eligible(seeker) {
        for node in instance.path(quota) {
            if *first.entry(node).or_insert(key) != key {
                mark(mixed, node);
            }
        }
    }
}

/// Inner nodes that can never be full before all their children are: the cap is no smaller than
/// what the children can hold, each counted with what its own children can hold.
fn cannot_bind(instance: &Instance) -> Vec<bool> {
    let mut below = vec![0_u64; instance.nodes.len()];
    let mut slack = vec![false; instance.nodes.len()];
    for ix in instance.top_down.iter().rev() {
        let Some(node) = instance.node_at(*ix) else {
            continue;
        };
        let cap = u64::from(node.cap);
        let children = below.get(ix.0).copied().unwrap_or_default();
        let can_hold = if node.is_quota { cap } else { cap.min(children) };
        if !node.is_quota && cap >= children {
            mark(&mut slack, *ix);
        }
        if let Some(sum) = node.parent.and_then(|parent| below.get_mut(parent.0)) {
            *sum = sum.saturating_add(can_hold);
        }
    }
    slack
}

#[cfg(test)]
mod tests {
    use super::super::{Builder, Code};
    use super::*;

    fn key(points: u32) -> Key {
        Key { class: 1, points, lottery: 1 }
    }

    #[test]
    fn remarks_name_the_nodes_that_they_are_about() -> Result<(), Code> {
        let mut builder = Builder::new();
        builder
            .node("S", 9, None)
            .node("E", 1, Some("S"))
            .node("a", 1, Some("E"))
            .node("b", 1, Some("E"))
            .node("c", 1, Some("S"))
            .seeker("s", ["a", "b"], None)
            .key("s", "a", key(1))
            .key("s", "b", key(2));
        let instance = builder.build().map_err(|invalid| invalid.code)?;
        let expected = vec![
            Lint::KeysDiffer,
            Lint::HeterogeneousUnderCap("E".into()),
            Lint::CapCannotBind("S".into()),
            Lint::QuotaUnlisted("c".into()),
        ];
        assert_eq!(lints(&instance), expected);
        assert!(!is_plain_order(&instance));
        Ok(())
    }

    #[test]
    fn one_key_per_seeker_and_no_reserve_is_the_plain_order() -> Result<(), Code> {
        let mut builder = Builder::new();
        builder.node("a", 1, None).seeker("s", ["a"], None).key("s", "a", key(1));
        let plain = builder.build().map_err(|invalid| invalid.code)?;
        assert!(is_plain_order(&plain) && lints(&plain).is_empty());
        let reserved = builder.reserve("a", "w", 1).build().map_err(|invalid| invalid.code)?;
        assert!(!is_plain_order(&reserved));
        Ok(())
    }
}
