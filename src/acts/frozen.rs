//! The canonical input of a season and the instance that it gives.
//!
//! The form is that of RFC 8785: JSON without white space, members in alphabetical order (the
//! order of the fields here), whole numbers only. Nodes are sorted by id, records by pseudonym,
//! lists stand in the order of the person's wish, reasons in that of their codes, and the figures of
//! a reason by name. Must not know: tables, the freeze.

use crate::db::Fault;
use crate::domain::problem::Reason;
use crate::matching::lottery::{Hash, lottery_number};
use crate::matching::{Builder, Instance, Key};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

pub const FORM: &str = "musiman/input/1";
/// Everybody is ordinary in the first round.
const ORDINARY: u8 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Input {
    pub agreement: String,
    pub form: String,
    pub nodes: Vec<InputNode>,
    pub records: Vec<Record>,
    pub rubric_digest: String,
    pub rules_digest: String,
    pub season: String,
    pub version: i32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputNode {
    pub cap: i64,
    pub id: String,
    pub parent: Option<String>,
}

/// One person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub kecamatan: String,
    pub list: Vec<Wish>,
    /// Lower-case hex.
    pub pseudonym: String,
    pub sex: String,
}

/// One listed quota. Reasons stand against it; without any, the points count. The bands are those
/// of `domain/bands.rs`, on the first day of the quota's contract and in its sector: what is told of
/// a seat comes from here, whatever changes in the register later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wish {
    pub age_band: String,
    pub experience_band: String,
    pub parts: Vec<Part>,
    pub points: i64,
    pub quota: String,
    pub reasons: Vec<Against>,
}

/// One reason of ineligibility with its figures, which are the person's own or the rule's: `age`,
/// `months`, `issued_on`, and `rule`, `rule_valid_from`, `rule_source` and the like.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Against {
    pub code: String,
    pub facts: BTreeMap<String, String>,
}

impl From<Reason> for Against {
    fn from(reason: Reason) -> Self {
        let facts = reason.facts.into_iter().map(|(name, value)| (name.to_owned(), value));
        Self { code: reason.code.as_str().to_owned(), facts: facts.collect() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub kind: String,
    pub points: i64,
    pub value: i64,
}

impl Input {
    pub fn bytes(&self) -> Result<Vec<u8>, Fault> {
        serde_json::to_vec(self).map_err(Fault::broken)
    }

    pub fn read(bytes: &[u8]) -> Result<Self, Fault> {
        serde_json::from_slice(bytes).map_err(Fault::broken)
    }

    /// The instance under a seed. Linear in the lists.
    pub fn instance(&self, seed: &Hash) -> Result<Instance, Fault> {
        let season: uuid::Uuid = self.season.parse().map_err(Fault::broken)?;
        let mut builder = Builder::new();
        for node in &self.nodes {
            builder.node(&*node.id, node.cap, node.parent.as_deref());
        }
        for record in &self.records {
            let pseudonym = hash(&record.pseudonym)?;
            let lottery = lottery_number(seed, season.as_bytes(), &pseudonym);
            record.enter(&mut builder, lottery)?;
        }
        builder.build().map_err(Fault::broken)
    }

    pub fn by_pseudonym(&self) -> HashMap<&str, &Record> {
        self.records.iter().map(|r| (r.pseudonym.as_str(), r)).collect()
    }
}

impl Record {
    pub fn bytes(&self) -> Result<Vec<u8>, Fault> {
        serde_json::to_vec(self).map_err(Fault::broken)
    }

    fn enter(&self, builder: &mut Builder, lottery: u64) -> Result<(), Fault> {
        let list = self.list.iter().map(|wish| wish.quota.as_str());
        builder.seeker(&*self.pseudonym, list, None);
        for wish in &self.list {
            if wish.reasons.is_empty() {
                let points = u32::try_from(wish.points).map_err(Fault::broken)?;
                let key = Key { class: ORDINARY, points, lottery };
                builder.key(&*self.pseudonym, &*wish.quota, key);
            } else {
                let mut codes: Vec<&str> = wish.reasons.iter().map(|r| r.code.as_str()).collect();
                codes.dedup();
                builder.ineligible(&*self.pseudonym, &*wish.quota, codes);
            }
        }
        Ok(())
    }
}

/// 32 bytes from their hex.
pub fn hash(hex: &str) -> Result<Hash, Fault> {
    let damaged = || Fault::broken("no hash in hex");
    let mut bytes = [0; 32];
    if hex.len() != 64 || !hex.is_ascii() {
        return Err(damaged());
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        let pair = hex.get(index * 2..index * 2 + 2).ok_or_else(damaged)?;
        *byte = u8::from_str_radix(pair, 16).map_err(Fault::broken)?;
    }
    Ok(bytes)
}
