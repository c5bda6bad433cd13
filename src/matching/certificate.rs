//! The statement of what was computed: digest of the instance, seats, counts, cutoffs.
//!
//! It holds everything that a check needs and nothing of the run. It must not know `verify`.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::ids::{NodeId, SeekerId};
use super::instance::{Entry, Instance, Node, Reserve, Seeker, Verdict};
use super::lottery::hex;
use super::order::Standing;
use super::outcome::Outcome;

/// The name and version of this engine.
pub const ENGINE: &str = "musiman/reference/1";

/// The figures of a node as certified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertifiedNode {
    /// The seats held under it.
    pub filled: u32,
    /// Where the last admitted stands, at a full node with at least one seat.
    pub cutoff: Option<Standing>,
}

/// An outcome, bound to its instance by digest. The fields are open: a certificate is a claim, and
/// `verify` believes none of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Which engine computed it.
    pub engine: String,
    /// [`digest`] of the instance.
    pub digest: String,
    /// Everybody, with the quota or nothing.
    pub seats: BTreeMap<SeekerId, Option<NodeId>>,
    /// How many have a seat.
    pub placed: usize,
    /// Every node.
    pub nodes: BTreeMap<NodeId, CertifiedNode>,
}

/// The certificate of an outcome of this instance. O(entries + nodes) besides hashing.
pub fn certificate(instance: &Instance, outcome: &Outcome) -> Certificate {
    let certified = outcome.nodes().iter().map(|node| {
        let figures = CertifiedNode { filled: node.filled, cutoff: node.cutoff };
        (node.node.clone(), figures)
    });
    Certificate {
        engine: ENGINE.to_owned(),
        digest: digest(instance),
        seats: outcome.seats().clone(),
        placed: outcome.placed(),
        nodes: certified.collect(),
    }
}

/// SHA-256 of the canonical form of an instance, in lower-case hex.
///
/// The canonical form is `"musiman/instance/1"` and a zero byte, then nodes, seekers and reserves,
/// each group as its count and its members in byte order of their names (reserves by quota, then
/// type). Numbers are 8 bytes big-endian; a text is its length in bytes and its UTF-8 bytes; an
/// optional text is the byte 0, or the byte 1 and the text.
/// - node: id, cap, optional parent;
/// - seeker: id, optional type, count of the list, then per line in list order: quota, and either
///   the byte 1 with class, points, lottery, or the byte 0 with count and reasons in byte order;
/// - reserve: quota, type, seats.
///
/// Keys and reasons of unlisted pairs are no part of an instance.
pub fn digest(instance: &Instance) -> String {
    let mut canonical = Canonical(Sha256::new());
    canonical.0.update(b"musiman/instance/1\0");
    canonical.count(instance.nodes.len());
    instance.nodes.iter().for_each(|node| canonical.node(instance, node));
    canonical.count(instance.seekers.len());
    instance.seekers.iter().for_each(|seeker| canonical.seeker(seeker));
    canonical.count(instance.reserves.len());
    instance.reserves.iter().for_each(|reserve| canonical.reserve(reserve));
    hex(&canonical.0.finalize())
}

struct Canonical(Sha256);

impl Canonical {
    fn number(&mut self, value: impl Into<u64>) {
        self.0.update(value.into().to_be_bytes());
    }

    fn count(&mut self, count: usize) {
        // No supported machine has more than 64 bits of addresses.
        self.number(u64::try_from(count).unwrap_or(u64::MAX));
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.update(text.as_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        self.0.update([u8::from(text.is_some())]);
        if let Some(text) = text {
            self.text(text);
        }
    }

    fn node(&mut self, instance: &Instance, node: &Node) {
        self.text(node.id.as_str());
        self.number(node.cap);
        let parent = node.parent.and_then(|parent| instance.node_at(parent));
        self.optional(parent.map(|parent| parent.id.as_str()));
    }

    fn seeker(&mut self, seeker: &Seeker) {
        self.text(seeker.id.as_str());
        self.optional(seeker.kind());
        self.count(seeker.list.len());
        seeker.list.iter().for_each(|entry| self.entry(entry));
    }

    fn entry(&mut self, entry: &Entry) {
        self.text(entry.quota.as_str());
        match &entry.verdict {
            Verdict::Eligible(key) => {
                self.0.update([1]);
                self.number(key.class);
                self.number(key.points);
                self.number(key.lottery);
            }
            Verdict::Ineligible(reasons) => {
                self.0.update([0]);
                self.count(reasons.len());
                for reason in reasons {
                    self.text(reason);
                }
            }
        }
    }

    fn reserve(&mut self, reserve: &Reserve) {
        self.text(reserve.quota.as_str());
        self.text(reserve.kind());
        self.number(reserve.seats);
    }
}
