//! From loose names and numbers to a checked instance.
//!
//! The builder takes everything in any order and judges it in `build`. It knows nothing of JSON.

use std::collections::HashMap;
use std::sync::Arc;

use super::ids::{NodeId, NodeIx, SeekerId, SeekerIx};
use super::instance::{Entry, Instance, Node, Reserve, Seeker, Verdict};
use super::invalid::{Code, Invalid};
use super::order::Key;
use super::tree::{RawNode, checked_forest, first_double};

#[derive(Clone, Debug)]
struct RawSeeker {
    id: String,
    list: Vec<String>,
    kind: Option<String>,
}

#[derive(Clone, Debug)]
struct Pair<T> {
    seeker: String,
    quota: String,
    what: T,
}

#[derive(Clone, Debug)]
struct RawReserve {
    quota: String,
    kind: String,
    seats: i64,
}

/// Collects an instance. Nothing is refused before [`Builder::build`].
#[derive(Clone, Debug, Default)]
pub struct Builder {
    nodes: Vec<RawNode>,
    seekers: Vec<RawSeeker>,
    keys: Vec<Pair<Key>>,
    ineligible: Vec<Pair<Vec<String>>>,
    reserves: Vec<RawReserve>,
}

impl Builder {
    /// An empty season.
    pub fn new() -> Self {
        Self::default()
    }

    /// A node of the tree of caps. One that is nobody's parent is a quota.
    pub fn node(
        &mut self,
        id: impl Into<String>,
        cap: impl Into<i64>,
        parent: Option<&str>,
    ) -> &mut Self {
        let parent = parent.map(str::to_owned);
        self.nodes.push(RawNode { id: id.into(), cap: cap.into(), parent });
        self
    }

    /// A seeker with a strict list of quotas, best first, and the type for reserves.
    pub fn seeker<Q: Into<String>>(
        &mut self,
        id: impl Into<String>,
        list: impl IntoIterator<Item = Q>,
        kind: Option<&str>,
    ) -> &mut Self {
        self.seekers.push(RawSeeker {
            id: id.into(),
            list: list.into_iter().map(Into::into).collect(),
            kind: kind.map(str::to_owned),
        });
        self
    }

    /// The key of a seeker at a quota. Keys of unlisted pairs are allowed and left out.
    pub fn key(
        &mut self,
        seeker: impl Into<String>,
        quota: impl Into<String>,
        key: Key,
    ) -> &mut Self {
        self.keys.push(Pair { seeker: seeker.into(), quota: quota.into(), what: key });
        self
    }

    /// Removes a pair before the run, with its reason codes; it then needs no key.
    pub fn ineligible<R: Into<String>>(
        &mut self,
        seeker: impl Into<String>,
        quota: impl Into<String>,
        reasons: impl IntoIterator<Item = R>,
    ) -> &mut Self {
        let what = reasons.into_iter().map(Into::into).collect();
        self.ineligible.push(Pair { seeker: seeker.into(), quota: quota.into(), what });
        self
    }

    /// A minimum guarantee for a type at a quota.
    pub fn reserve(
        &mut self,
        quota: impl Into<String>,
        kind: impl Into<String>,
        seats: impl Into<i64>,
    ) -> &mut Self {
        let (quota, kind) = (quota.into(), kind.into());
        self.reserves.push(RawReserve { quota, kind, seats: seats.into() });
        self
    }

    /// Checks everything: tree, names, lists, keys, verdicts, reserves. The first problem found is
    /// returned. O(n log n) in what was handed in.
    pub fn build(&self) -> Result<Instance, Invalid> {
        let (nodes, top_down) = checked_forest(&self.nodes)?;
        let seekers = self.checked_seekers(&nodes)?;
        let reserves = self.checked_reserves(&nodes)?;
        let instance = Instance { nodes, seekers, reserves, top_down };
        instance.check_reserves()?;
        Ok(instance)
    }

    fn checked_seekers(&self, nodes: &[Node]) -> Result<Vec<Seeker>, Invalid> {
        let mut raw: Vec<&RawSeeker> = self.seekers.iter().collect();
        raw.sort_by(|a, b| a.id.cmp(&b.id));
        if let Some(id) = first_double(raw.iter().map(|seeker| seeker.id.as_str())) {
            return Err(Invalid::new(Code::DuplicateSeeker, "two seekers with one id", &[id]));
        }
        let names = Names::new(nodes, &raw);
        let keys = self.checked_keys(&names)?;
        let reasons = self.checked_reasons(&names)?;
        let mut seekers = Vec::with_capacity(raw.len());
        for (at, seeker) in raw.iter().enumerate() {
            let list = checked_list(&names, &keys, &reasons, SeekerIx(at), seeker)?;
            let (id, kind) = (SeekerId::from(seeker.id.as_str()), seeker.kind.as_deref());
            seekers.push(Seeker { id, kind: kind.map(Arc::from), list });
        }
        Ok(seekers)
    }

    fn checked_keys(&self, names: &Names<'_>) -> Result<HashMap<PairIx, Key>, Invalid> {
        let mut keys = HashMap::with_capacity(self.keys.len());
        for pair in &self.keys {
            if keys.insert(names.pair(pair)?, pair.what).is_some() {
                let ids = [pair.seeker.as_str(), pair.quota.as_str()];
                return Err(Invalid::new(Code::DuplicateKey, "two keys for one pair", &ids));
            }
        }
        Ok(keys)
    }

    fn checked_reasons(&self, names: &Names<'_>) -> Result<HashMap<PairIx, &[String]>, Invalid> {
        let mut reasons = HashMap::with_capacity(self.ineligible.len());
        for pair in &self.ineligible {
            let ids = [pair.seeker.as_str(), pair.quota.as_str()];
            if pair.what.is_empty() {
                return Err(Invalid::new(Code::ReasonsMissing, "ineligible, no reason", &ids));
            }
            if reasons.insert(names.pair(pair)?, pair.what.as_slice()).is_some() {
                return Err(Invalid::new(Code::DuplicateVerdict, "ineligible twice", &ids));
            }
        }
        Ok(reasons)
    }

    fn checked_reserves(&self, nodes: &[Node]) -> Result<Vec<Reserve>, Invalid> {
        let names = Names::new(nodes, &[]);
        let mut reserves = Vec::with_capacity(self.reserves.len());
        for raw in &self.reserves {
            let ids = [raw.quota.as_str(), raw.kind.as_str()];
            let at = names.quota(&raw.quota, Code::ReserveOnInnerNode)?;
            if raw.seats < 0 {
                return Err(Invalid::new(Code::ReserveNegative, "a reserve below zero", &ids));
            }
            let seats = u32::try_from(raw.seats).map_err(|_| {
                Invalid::new(Code::ReserveOverCap, "a reserve above every cap", &ids)
            })?;
            let (quota, kind) = (NodeId::from(raw.quota.as_str()), Arc::from(raw.kind.as_str()));
            reserves.push(Reserve { at, quota, kind, seats });
        }
        reserves.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.kind.cmp(&b.kind)));
        let twins = reserves.iter().zip(reserves.iter().skip(1));
        for (a, b) in twins {
            if a.at == b.at && a.kind == b.kind {
                let ids = [a.quota.as_str(), &a.kind];
                return Err(Invalid::new(Code::DuplicateReserve, "one type twice", &ids));
            }
        }
        Ok(reserves)
    }
}

type PairIx = (SeekerIx, NodeIx);

/// Names to positions while an instance is put together.
struct Names<'a> {
    nodes: &'a [Node],
    node_by_id: HashMap<&'a str, NodeIx>,
    seeker_by_id: HashMap<&'a str, SeekerIx>,
}

impl<'a> Names<'a> {
    fn new(nodes: &'a [Node], seekers: &[&'a RawSeeker]) -> Self {
        let node = |(at, node): (usize, &'a Node)| (node.id.as_str(), NodeIx(at));
        let seeker = |(at, seeker): (usize, &&'a RawSeeker)| (seeker.id.as_str(), SeekerIx(at));
        Self {
            nodes,
            node_by_id: nodes.iter().enumerate().map(node).collect(),
            seeker_by_id: seekers.iter().enumerate().map(seeker).collect(),
        }
    }

    fn quota(&self, id: &str, if_inner: Code) -> Result<NodeIx, Invalid> {
        let Some(ix) = self.node_by_id.get(id) else {
            return Err(Invalid::new(Code::UnknownQuota, "no such quota", &[id]));
        };
        if self.nodes.get(ix.0).is_some_and(|node| node.is_quota) {
            return Ok(*ix);
        }
        Err(Invalid::new(if_inner, "a node with children is not a quota", &[id]))
    }

    fn pair<T>(&self, pair: &Pair<T>) -> Result<PairIx, Invalid> {
        let Some(seeker) = self.seeker_by_id.get(pair.seeker.as_str()) else {
            return Err(Invalid::new(Code::UnknownSeeker, "no such seeker", &[&pair.seeker]));
        };
        Ok((*seeker, self.quota(&pair.quota, Code::InnerNodeListed)?))
    }
}

fn checked_list(
    names: &Names<'_>,
    keys: &HashMap<PairIx, Key>,
    reasons: &HashMap<PairIx, &[String]>,
    at: SeekerIx,
    seeker: &RawSeeker,
) -> Result<Vec<Entry>, Invalid> {
    let mut list = Vec::with_capacity(seeker.list.len());
    for id in &seeker.list {
        let quota = names.quota(id, Code::InnerNodeListed)?;
        let verdict = match (reasons.get(&(at, quota)), keys.get(&(at, quota))) {
            (Some(reasons), _) => Verdict::Ineligible(sorted(reasons)),
            (None, Some(key)) => Verdict::Eligible(*key),
            (None, None) => {
                let ids = [seeker.id.as_str(), id.as_str()];
                return Err(Invalid::new(Code::KeyMissing, "a listed pair has no key", &ids));
            }
        };
        list.push(Entry { quota: NodeId::from(id.as_str()), at: quota, verdict });
    }
    let mut listed: Vec<&str> = seeker.list.iter().map(String::as_str).collect();
    listed.sort_unstable();
    if let Some(id) = first_double(listed.into_iter()) {
        let ids = [seeker.id.as_str(), id];
        return Err(Invalid::new(Code::DuplicateChoice, "a quota twice in one list", &ids));
    }
    Ok(list)
}

fn sorted(reasons: &[String]) -> Vec<String> {
    let mut reasons = reasons.to_vec();
    reasons.sort_unstable();
    reasons.dedup();
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = Key { class: 1, points: 1, lottery: 1 };

    fn small() -> Builder {
        let mut builder = Builder::new();
        builder
            .node("E", 2, None)
            .node("q", 1, Some("E"))
            .node("r", 1, Some("E"))
            .seeker("s", ["q"], Some("w"))
            .key("s", "q", KEY);
        builder
    }

    fn code(change: impl FnOnce(&mut Builder) -> &mut Builder) -> Result<(), Code> {
        let mut builder = small();
        change(&mut builder);
        builder.build().map(|_| ()).map_err(|invalid| invalid.code)
    }

    #[test]
    fn a_sound_season_is_accepted_in_any_order_of_calls() {
        let mut other = Builder::new();
        other
            .key("s", "q", KEY)
            .seeker("s", ["q"], Some("w"))
            .node("r", 1, Some("E"))
            .node("q", 1, Some("E"))
            .node("E", 2, None);
        assert_eq!(small().build(), other.build());
    }

    #[test]
    fn every_kind_of_broken_season_is_refused_by_its_code() {
        assert_eq!(code(|b| b.node("a", 1, Some("a"))), Err(Code::Cycle));
        assert_eq!(code(|b| b.node("a", 1, Some("no"))), Err(Code::UnknownParent));
        assert_eq!(code(|b| b.node("q", 1, None)), Err(Code::DuplicateNode));
        assert_eq!(code(|b| b.node("a", -1, None)), Err(Code::CapNegative));
        assert_eq!(code(|b| b.node("a", i64::MAX, None)), Err(Code::CapOverflow));
        assert_eq!(code(|b| b.seeker("s", ["q"], None)), Err(Code::DuplicateSeeker));
        assert_eq!(code(|b| b.seeker("t", ["no"], None)), Err(Code::UnknownQuota));
        assert_eq!(code(|b| b.seeker("t", ["E"], None)), Err(Code::InnerNodeListed));
        assert_eq!(code(|b| b.seeker("t", ["q"], None)), Err(Code::KeyMissing));
        assert_eq!(
            code(|b| b.seeker("t", ["q", "q"], None).key("t", "q", KEY)),
            Err(Code::DuplicateChoice)
        );
        assert_eq!(code(|b| b.key("s", "q", KEY)), Err(Code::DuplicateKey));
        assert_eq!(code(|b| b.key("t", "q", KEY)), Err(Code::UnknownSeeker));
        assert_eq!(code(|b| b.ineligible("s", "q", [""; 0])), Err(Code::ReasonsMissing));
        assert_eq!(
            code(|b| b.ineligible("s", "q", ["age"]).ineligible("s", "q", ["age"])),
            Err(Code::DuplicateVerdict)
        );
    }

    #[test]
    fn reserves_must_lie_on_quotas_and_fit_every_cap_above_them() {
        assert_eq!(code(|b| b.reserve("q", "w", 1)), Ok(()));
        assert_eq!(code(|b| b.reserve("q", "w", 2)), Err(Code::ReserveOverCap));
        assert_eq!(code(|b| b.reserve("q", "w", i64::MAX)), Err(Code::ReserveOverCap));
        assert_eq!(code(|b| b.reserve("E", "w", 1)), Err(Code::ReserveOnInnerNode));
        assert_eq!(code(|b| b.reserve("q", "w", -1)), Err(Code::ReserveNegative));
        assert_eq!(
            code(|b| b.reserve("q", "w", 1).reserve("q", "w", 0)),
            Err(Code::DuplicateReserve)
        );
        let under_a_small_cap = code(|b| {
            b.node("F", 1, None)
                .node("a", 1, Some("F"))
                .node("b", 1, Some("F"))
                .reserve("a", "w", 1)
                .reserve("b", "w", 1)
        });
        assert_eq!(under_a_small_cap, Err(Code::ReserveOverCap));
    }

    #[test]
    fn an_ineligible_pair_needs_no_key() {
        let ok = code(|b| b.seeker("t", ["r"], None).ineligible("t", "r", ["age", "age"]));
        assert_eq!(ok, Ok(()));
    }
}
