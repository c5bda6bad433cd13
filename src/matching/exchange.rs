//! The JSON form of the engine, one instance a line (matching.md section 9).
//!
//! The only file of the engine that knows JSON. A line is parsed into plain wire values, handed to
//! the builder, and answered by one line whose keys always stand in the same order. It reads and
//! writes no files.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::builder::Builder;
use super::certificate::digest;
use super::explain::{Why, explain};
use super::groups::{Group, Groups};
use super::ids::{NodeId, SeekerId};
use super::instance::Instance;
use super::invalid::{Code, Invalid};
use super::lints::{Lint, lints};
use super::order::Key;
use super::outcome::Outcome;
use super::rerun::{Answer, second_round};

/// The answer to one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// One line of JSON, without the line break.
    pub json: String,
    /// Whether the line could not be an instance.
    pub is_error: bool,
}

/// What a line asks for, computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Computed {
    /// The name of the line.
    pub id: String,
    /// The instance whose stable outcome was computed: after answers, new caps, split groups.
    pub instance: Instance,
    /// The outcome.
    pub outcome: Outcome,
    /// Remarks on the instance.
    pub lints: Vec<Lint>,
    /// How many runs it took: 1, or more with groups.
    pub runs: usize,
}

/// Answers one line. Same bytes in, same bytes out; nothing panics, whatever the line is.
pub fn answer(line: &str) -> Reply {
    match compute(line) {
        Ok(computed) => Reply { json: written(&computed), is_error: false },
        Err(invalid) => {
            let error = object([
                ("code", Value::from(invalid.code.as_str())),
                ("detail", Value::from(invalid.sentence())),
            ]);
            let json = object([("id", named(line)), ("error", error)]).to_string();
            Reply { json, is_error: true }
        }
    }
}

/// Parses and computes one line: a first round, with `events`, `base` or `new_caps` a second one,
/// with `groups` until no group is split.
pub fn compute(line: &str) -> Result<Computed, Invalid> {
    let wire: Wire = serde_json::from_str(line)
        .map_err(|fault| Invalid::new(Code::Malformed, fault.to_string(), &[]))?;
    let first = wire.instance()?;
    let groups: Vec<Group> = wire.groups.iter().flatten().map(WireGroup::group).collect();
    let groups = Groups::check(&first, &groups)?;
    let (next, mut remarks) = wire.next_round(first)?;
    let solved = groups.solve(&next);
    remarks.extend(lints(&solved.instance));
    remarks.sort_unstable();
    Ok(Computed {
        id: wire.id,
        instance: solved.instance,
        outcome: solved.outcome,
        lints: remarks,
        runs: solved.runs,
    })
}

#[derive(Deserialize)]
struct Wire {
    id: String,
    nodes: Vec<(String, i64, Option<String>)>,
    seekers: Vec<WireSeeker>,
    key: Names<Names<(u8, u32, u64)>>,
    ineligible: Option<Names<Names<Vec<String>>>>,
    reserves: Option<Vec<WireReserve>>,
    events: Option<Names<WireAnswer>>,
    base: Option<Names<Option<String>>>,
    new_caps: Option<Names<i64>>,
    groups: Option<Vec<WireGroup>>,
}

#[derive(Deserialize)]
struct WireSeeker {
    id: String,
    prefs: Vec<String>,
    r#type: Option<String>,
}

#[derive(Deserialize)]
struct WireReserve {
    quota: String,
    r#type: String,
    seats: i64,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireAnswer {
    Firm,
    Hold,
    Decline,
    Withdraw,
}

#[derive(Deserialize)]
struct WireGroup {
    members: Vec<String>,
    nodes: Vec<String>,
}

impl Wire {
    fn instance(&self) -> Result<Instance, Invalid> {
        let mut builder = Builder::new();
        for (id, cap, parent) in &self.nodes {
            builder.node(id, *cap, parent.as_deref());
        }
        for seeker in &self.seekers {
            builder.seeker(&seeker.id, &seeker.prefs, seeker.r#type.as_deref());
        }
        for (seeker, keys) in &self.key.0 {
            for (quota, (class, points, lottery)) in &keys.0 {
                let key = Key { class: *class, points: *points, lottery: *lottery };
                builder.key(seeker, quota, key);
            }
        }
        for (seeker, verdicts) in self.ineligible.iter().flat_map(|names| &names.0) {
            for (quota, reasons) in &verdicts.0 {
                builder.ineligible(seeker, quota, reasons);
            }
        }
        for reserve in self.reserves.iter().flatten() {
            builder.reserve(&reserve.quota, &reserve.r#type, reserve.seats);
        }
        builder.build()
    }

    fn next_round(&self, first: Instance) -> Result<(Instance, Vec<Lint>), Invalid> {
        if self.events.is_none() && self.base.is_none() && self.new_caps.is_none() {
            return Ok((first, Vec::new()));
        }
        let Some(base) = &self.base else {
            return Err(Invalid::new(Code::BaseMissing, "a second round needs its base", &[]));
        };
        let base = Outcome::from_seats(&first, base.0.iter().map(|(s, q)| (s, q.as_ref())))?;
        let events = self.events.iter().flat_map(|names| &names.0);
        let answers = events.map(|(id, answer)| (id.clone(), (*answer).into())).collect();
        let new_caps = self.new_caps.as_ref().map(|names| names.0.clone()).unwrap_or_default();
        let rerun = second_round(&first, &base, &answers, &new_caps)?;
        Ok((rerun.instance, rerun.lints))
    }
}

impl WireGroup {
    fn group(&self) -> Group {
        Group { members: self.members.clone(), nodes: self.nodes.clone() }
    }
}

impl From<WireAnswer> for Answer {
    fn from(answer: WireAnswer) -> Self {
        match answer {
            WireAnswer::Firm => Self::Firm,
            WireAnswer::Hold => Self::Hold,
            WireAnswer::Decline => Self::Decline,
            WireAnswer::Withdraw => Self::Withdraw,
        }
    }
}

/// A JSON object as a map; a name that stands twice is refused, since readers disagree on which of
/// the two counts.
struct Names<T>(BTreeMap<String, T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Names<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NamesVisitor(std::marker::PhantomData))
    }
}

struct NamesVisitor<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for NamesVisitor<T> {
    type Value = Names<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut names = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, T>()? {
            if names.contains_key(&name) {
                return Err(A::Error::custom(format!("the name {name:?} stands twice")));
            }
            names.insert(name, value);
        }
        Ok(Names(names))
    }
}

/// The name of a line that may be broken elsewhere.
fn named(line: &str) -> Value {
    #[derive(Deserialize)]
    struct Named {
        id: String,
    }
    serde_json::from_str::<Named>(line).map_or(Value::Null, |named| Value::from(named.id))
}

/// The parts stand in the order of the specification, the names inside them in byte order.
fn written(computed: &Computed) -> String {
    let seats =
        computed.outcome.seats().iter().map(|(seeker, quota)| {
            (seeker.as_str(), Value::from(quota.as_ref().map(NodeId::as_str)))
        });
    let why = computed.outcome.seats().keys().filter_map(|seeker| {
        let refusals = refusals(computed, seeker);
        (!refusals.is_empty()).then(|| (seeker.as_str(), object(refusals)))
    });
    let parts = [
        ("id", Value::from(computed.id.as_str())),
        ("seats", object(seats)),
        ("why", object(why)),
        ("digest", Value::from(digest(&computed.instance))),
        ("lints", computed.lints.iter().map(remark).collect()),
    ];
    let parts: Vec<String> =
        parts.iter().map(|(name, part)| format!("{}:{part}", Value::from(*name))).collect();
    format!("{{{}}}", parts.join(","))
}

fn refusals(computed: &Computed, seeker: &SeekerId) -> BTreeMap<String, Value> {
    let lines = explain(&computed.instance, &computed.outcome, seeker.as_str());
    let refused = lines.into_iter().filter_map(|line| match line.why {
        Why::Refused(refusal) => {
            Some((line.quota.as_str().to_owned(), Value::from(refusal.node.as_str())))
        }
        _ => None,
    });
    refused.collect()
}

fn remark(lint: &Lint) -> Value {
    let node = lint.node().map(|node| ("node", Value::from(node.as_str())));
    object([("code", Value::from(lint.as_str()))].into_iter().chain(node))
}

fn object<N: Into<String>>(members: impl IntoIterator<Item = (N, Value)>) -> Value {
    Value::Object(members.into_iter().map(|(n, value)| (n.into(), value)).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(line: &str) -> String {
        let reply = answer(line);
        assert!(reply.is_error, "{line} was answered");
        let value: Value = serde_json::from_str(&reply.json).unwrap();
        value["error"]["code"].as_str().unwrap().to_owned()
    }

    /// A line with a quota `q`, a seeker `s` who lists it, and other parts.
    fn line(parts: &str) -> String {
        format!(
            r#"{{"id":"x","nodes":[["q",1,"E"],["E",1,null]],"seekers":[{{"id":"s","prefs":["q"]}}],
            "key":{{"s":{{"q":[1,2,3]}}}}{parts}}}"#
        )
    }

    #[test]
    fn an_answer_has_its_parts_in_the_written_order() {
        let json = answer(&line("")).json;
        let computed = compute(&line("")).unwrap();
        let digest = digest(&computed.instance);
        let start = r#"{"id":"x","seats":{"s":"q"},"why":{},"digest":""#;
        let end = r#"","lints":[{"code":"cap_cannot_bind","node":"E"}]}"#;
        assert_eq!(json, format!("{start}{digest}{end}"));
    }

    #[test]
    fn the_digest_does_not_depend_on_the_order_of_names() {
        let other = r#"{"key":{"s":{"q":[1,2,3]}},"id":"y","seekers":[{"prefs":["q"],"id":"s"}],
            "nodes":[["E",1,null],["q",1,"E"]],"kind":"unknown fields are ignored"}"#;
        let digest = |line: &str| digest(&compute(line).unwrap().instance);
        assert_eq!(digest(&line("")), digest(other));
    }

    #[test]
    fn broken_lines_are_answered_by_malformed() {
        for broken in ["", "{", "[]", "null", "7", "{\"id\":1}", "\u{0}", "{}", "\"\\ud800\""] {
            assert_eq!(code(broken), "malformed");
        }
        for broken in [
            r#","events":{"s":"maybe"}"#,
            r#","events":[]"#,
            r#","base":{"s":1}"#,
            r#","new_caps":{"q":1.5}"#,
            r#","new_caps":{"q":1e400}"#,
            r#","new_caps":{"q":99999999999999999999}"#,
            r#","groups":[{"members":"s","nodes":[]}]"#,
            r#","base":{"s":"q","s":null}"#,
            r#","id":"x""#,
        ] {
            assert_eq!(code(&line(broken)), "malformed");
        }
    }

    #[test]
    fn a_refused_line_keeps_its_name() {
        let reply = answer(r#"{"id":"x","nodes":3}"#);
        assert!(reply.json.starts_with(r#"{"id":"x","error":{"code":"malformed","detail":""#));
        assert!(answer("[").json.starts_with(r#"{"id":null,"error""#));
    }

    #[test]
    fn a_second_round_is_refused_where_its_parts_do_not_fit() {
        assert_eq!(code(&line(r#","events":{}"#)), "base_missing");
        assert_eq!(code(&line(r#","base":{"t":null}"#)), "unknown_seeker");
        assert_eq!(code(&line(r#","base":{"s":"E"}"#)), "seat_not_listed");
        let with_base = |parts: &str| line(&format!(r#","base":{{"s":null}}{parts}"#));
        assert_eq!(code(&with_base(r#","events":{"s":"firm"}"#)), "answer_without_seat");
        assert_eq!(code(&with_base(r#","events":{"t":"firm"}"#)), "unknown_seeker");
        assert_eq!(code(&with_base(r#","new_caps":{"F":2}"#)), "unknown_node");
        assert_eq!(code(&with_base(r#","new_caps":{"q":-2}"#)), "cap_negative");
        assert_eq!(code(&with_base(r#","new_caps":{"q":4294967296}"#)), "cap_overflow");
        assert_eq!(code(&with_base(r#","new_caps":{"q":2}"#)), "single_node_raise");
        assert_eq!(code(&with_base(r#","new_caps":{"E":2}"#)), "single_node_raise");
        assert!(!answer(&with_base(r#","new_caps":{"q":2,"E":2}"#)).is_error);
    }
}
