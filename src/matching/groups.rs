//! Pairs and larger groups that must be together (matching.md section 7).
//!
//! Each member needs a seat by the own key; a group that is split gives up a block of quotas, and
//! everything is run again. It knows the engine, nothing of rounds.

use std::collections::{BTreeMap, BTreeSet};

use super::ids::{NodeId, SeekerId};
use super::instance::Instance;
use super::invalid::{Code, Invalid};
use super::outcome::Outcome;
use super::solve::solve;

/// A group as it was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Two or more seekers with the same list.
    pub members: Vec<String>,
    /// The level at which they must be together: nodes, none above another.
    pub nodes: Vec<String>,
}

/// Checked groups. They stay valid for every instance made from the one they were checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups(Vec<Checked>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Checked {
    members: Vec<SeekerId>,
    /// The block of every listed quota.
    block_of: BTreeMap<NodeId, NodeId>,
    /// The blocks in the order in which the list first names them.
    blocks: Vec<NodeId>,
}

/// What a run with groups gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupOutcome {
    /// The last run's outcome, in which no group is split.
    pub outcome: Outcome,
    /// The instance of the last run: what `explain`, `certificate` and `verify` are about.
    pub instance: Instance,
    /// How many runs it took.
    pub runs: usize,
}

impl Groups {
    /// Checks groups against the instance in which the lists are still whole.
    /// Refused: fewer than two members, unknown names, a seeker in two groups, different lists,
    /// a level with one node above another or one that misses a listed quota.
    pub fn check(instance: &Instance, groups: &[Group]) -> Result<Self, Invalid> {
        let mut seen = BTreeSet::new();
        let mut checked = Vec::with_capacity(groups.len());
        for group in groups {
            if group.members.len() < 2 {
                let ids: Vec<&str> = group.members.iter().map(String::as_str).collect();
                return Err(Invalid::new(Code::GroupTooSmall, "fewer than two members", &ids));
            }
            if let Some(id) = group.members.iter().find(|id| !seen.insert(id.as_str())) {
                return Err(Invalid::new(Code::GroupOverlap, "a seeker twice in groups", &[id]));
            }
            checked.push(checked_group(instance, group)?);
        }
        Ok(Self(checked))
    }

    /// Runs until no group is split: each group not wholly in one block (or wholly without seats)
    /// loses from all its members' lists the earliest block that any of them obtained, all groups
    /// at once. Every round removes a block from some group, so it ends.
    pub fn solve(&self, instance: &Instance) -> GroupOutcome {
        let mut instance = instance.clone();
        let mut runs = 1_usize;
        loop {
            let outcome = solve(&instance);
            let split: Vec<(&Checked, &NodeId)> = self
                .0
                .iter()
                .filter_map(|group| Some((group, group.block_to_give_up(&outcome)?)))
                .collect();
            if split.is_empty() {
                return GroupOutcome { outcome, instance, runs };
            }
            for (group, block) in split {
                group.give_up(&mut instance, block);
            }
            runs = runs.saturating_add(1);
        }
    }
}

impl Checked {
    /// The earliest block that any member obtained, unless all members are in the same one or
    /// nobody has a seat.
    fn block_to_give_up(&self, outcome: &Outcome) -> Option<&NodeId> {
        let block = |id: &SeekerId| self.block_of.get(outcome.find_seat(id.as_str())?);
        let obtained: BTreeSet<Option<&NodeId>> = self.members.iter().map(block).collect();
        let is_split = obtained.len() > 1;
        self.blocks.iter().filter(|_| is_split).find(|block| obtained.contains(&Some(block)))
    }

    fn give_up(&self, instance: &mut Instance, block: &NodeId) {
        for id in &self.members {
            let place = instance.find_seeker_ix(id.as_str());
            if let Some(seeker) = place.and_then(|ix| instance.seekers.get_mut(ix.0)) {
                seeker.list.retain(|entry| self.block_of.get(&entry.quota) != Some(block));
            }
        }
    }
}

fn checked_group(instance: &Instance, group: &Group) -> Result<Checked, Invalid> {
    let mut members = Vec::with_capacity(group.members.len());
    let mut list: Option<Vec<&NodeId>> = None;
    for id in &group.members {
        let Some(seeker) = instance.find_seeker(id) else {
            return Err(Invalid::new(Code::UnknownSeeker, "no such seeker", &[id]));
        };
        let own: Vec<&NodeId> = seeker.list.iter().map(|entry| &entry.quota).collect();
        if list.get_or_insert_with(|| own.clone()) != &own {
            return Err(Invalid::new(Code::GroupListsDiffer, "members' lists differ", &[id]));
        }
        members.push(seeker.id.clone());
    }
    let level = checked_level(instance, &group.nodes)?;
    let mut block_of = BTreeMap::new();
    let mut blocks = Vec::new();
    for quota in list.into_iter().flatten() {
        let block = block(instance, &level, quota)?;
        if !blocks.contains(&block) {
            blocks.push(block.clone());
        }
        block_of.insert(quota.clone(), block);
    }
    Ok(Checked { members, block_of, blocks })
}

fn checked_level<'a>(instance: &Instance, ids: &'a [String]) -> Result<BTreeSet<&'a str>, Invalid> {
    let mut level = BTreeSet::new();
    for id in ids {
        if instance.find_node_ix(id).is_none() {
            return Err(Invalid::new(Code::UnknownNode, "no such node", &[id]));
        }
        if !level.insert(id.as_str()) {
            return Err(Invalid::new(Code::GroupLevelNested, "a node twice in a level", &[id]));
        }
    }
    let nested = level.iter().find(|id| {
        let ix = instance.find_node_ix(id);
        let mut above = ix.into_iter().flat_map(|ix| instance.path(ix).skip(1));
        above.any(|up| instance.node_at(up).is_some_and(|node| level.contains(node.id.as_str())))
    });
    match nested {
        Some(id) => Err(Invalid::new(Code::GroupLevelNested, "a node under another", &[id])),
        None => Ok(level),
    }
}

fn block(instance: &Instance, level: &BTreeSet<&str>, quota: &NodeId) -> Result<NodeId, Invalid> {
    let ix = instance.find_node_ix(quota.as_str());
    let mut path = ix.into_iter().flat_map(|ix| instance.path(ix));
    let block = path.find_map(|ix| {
        let node = instance.node_at(ix)?;
        level.contains(node.id.as_str()).then(|| node.id.clone())
    });
    block.ok_or_else(|| {
        Invalid::new(Code::GroupLevelIncomplete, "a listed quota in no block", &[quota.as_str()])
    })
}
