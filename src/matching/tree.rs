//! The tree of caps: from loose nodes to a checked forest (matching.md section 2).
//!
//! It knows nodes and caps, no seekers.

use std::collections::{HashMap, VecDeque};

use super::ids::{NodeId, NodeIx};
use super::instance::Node;
use super::invalid::{Code, Invalid};

/// A node as it was handed in.
#[derive(Clone, Debug)]
pub(super) struct RawNode {
    pub(super) id: String,
    pub(super) cap: i64,
    pub(super) parent: Option<String>,
}

/// The nodes by name with their parents, and their order from the roots down.
/// Refused: `duplicate_node`, `unknown_parent`, `cap_negative`, `cap_overflow`, `cycle`.
pub(super) fn checked_forest(given: &[RawNode]) -> Result<(Vec<Node>, Vec<NodeIx>), Invalid> {
    let nodes = checked_nodes(given)?;
    let order = top_down(&nodes)?;
    Ok((nodes, order))
}

fn checked_nodes(given: &[RawNode]) -> Result<Vec<Node>, Invalid> {
    let mut raw: Vec<&RawNode> = given.iter().collect();
    raw.sort_by(|a, b| a.id.cmp(&b.id));
    if let Some(id) = first_double(raw.iter().map(|node| node.id.as_str())) {
        return Err(Invalid::new(Code::DuplicateNode, "two nodes with one id", &[id]));
    }
    let by_id: HashMap<&str, NodeIx> =
        raw.iter().enumerate().map(|(at, node)| (node.id.as_str(), NodeIx(at))).collect();
    let mut nodes = Vec::with_capacity(raw.len());
    for node in &raw {
        let parent = node.parent.as_deref().map(|id| parent(&by_id, node, id)).transpose()?;
        let (id, cap) = (NodeId::from(node.id.as_str()), checked_cap(&node.id, node.cap)?);
        nodes.push(Node { id, cap, parent, is_quota: true });
    }
    let parents: Vec<NodeIx> = nodes.iter().filter_map(|node| node.parent).collect();
    for ix in parents {
        if let Some(node) = nodes.get_mut(ix.0) {
            node.is_quota = false;
        }
    }
    Ok(nodes)
}

fn parent(by_id: &HashMap<&str, NodeIx>, node: &RawNode, id: &str) -> Result<NodeIx, Invalid> {
    by_id.get(id).copied().ok_or_else(|| {
        Invalid::new(Code::UnknownParent, "a parent does not exist", &[id, node.id.as_str()])
    })
}

/// A cap as the engine holds it: 0 to `u32::MAX`.
pub(super) fn checked_cap(id: &str, cap: i64) -> Result<u32, Invalid> {
    if cap < 0 {
        return Err(Invalid::new(Code::CapNegative, format!("a cap of {cap}"), &[id]));
    }
    u32::try_from(cap)
        .map_err(|_| Invalid::new(Code::CapOverflow, format!("a cap of {cap}"), &[id]))
}

/// The first value that equals its neighbour; the values come sorted.
pub(super) fn first_double<'a>(values: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    values.clone().zip(values.skip(1)).find(|(a, b)| a == b).map(|(a, _)| a)
}

/// Parents before children. A node that no root leads to stands on a cycle.
fn top_down(nodes: &[Node]) -> Result<Vec<NodeIx>, Invalid> {
    let mut children: Vec<Vec<NodeIx>> = vec![Vec::new(); nodes.len()];
    let mut waiting = VecDeque::new();
    for (at, node) in nodes.iter().enumerate() {
        match node.parent {
            None => waiting.push_back(NodeIx(at)),
            Some(parent) => children.get_mut(parent.0).into_iter().for_each(|c| c.push(NodeIx(at))),
        }
    }
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(ix) = waiting.pop_front() {
        order.push(ix);
        waiting.extend(children.get(ix.0).into_iter().flatten());
    }
    if order.len() == nodes.len() {
        return Ok(order);
    }
    let mut reached = vec![false; nodes.len()];
    for ix in &order {
        reached.get_mut(ix.0).into_iter().for_each(|seen| *seen = true);
    }
    let left = nodes.iter().zip(reached).filter(|(_, seen)| !seen);
    let ids: Vec<&str> = left.map(|(node, _)| node.id.as_str()).collect();
    Err(Invalid::new(Code::Cycle, "the nodes do not form a forest", &ids))
}
