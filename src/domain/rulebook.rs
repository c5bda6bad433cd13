//! Dated rules of the programme: which value holds on a day at a place, and what says so.
//! Shipped TOML is the lowest layer; overlays supersede it by (id, place, first day).
//! Must not know: files, tables, what a rule is used for.

mod canonical;
mod reading;

pub(super) use canonical::hex;

use super::problem::{Code, Problems, Reason};
use super::time::Day;
use std::collections::BTreeMap;

/// The overlay of the demonstration; every rule in it is marked fictional.
pub const DEMO: &str = include_str!("../../rules/demo.toml");

const SHIPPED: [(&str, &str); 5] = [
    ("gates.toml", include_str!("../../rules/gates.toml")),
    ("indonesia.toml", include_str!("../../rules/indonesia.toml")),
    ("korea.toml", include_str!("../../rules/korea.toml")),
    ("programme.toml", include_str!("../../rules/programme.toml")),
    ("rights.toml", include_str!("../../rules/rights.toml")),
];

crate::words!(
    /// How sure the value is: high, medium, low, or recalled without a source.
    Confidence { High = "H", Medium = "M", Low = "L", Recalled = "R" }
);

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A rule exists on these days, its value is not known.
    Unknown,
    Integer(i64),
    Text(String),
    List(Vec<String>),
    /// Members by name; no member is itself a table or unknown.
    Table(BTreeMap<String, Value>),
}

/// What makes a rule one rule: a later text with the same key takes its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    id: String,
    /// Code of a si/gun, or nothing for the whole country.
    place: Option<String>,
    valid_from: Day,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    valid_to: Option<Day>,
    value: Value,
    unit: Option<String>,
    source: String,
    confidence: Confidence,
    fictional: bool,
}

/// The rule behind an answer, to be named beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRef {
    pub id: String,
    pub place: Option<String>,
    pub valid_from: Day,
    pub valid_to: Option<Day>,
    pub unit: Option<String>,
    pub source: String,
    pub confidence: Confidence,
    /// Holds in the demonstration only.
    pub fictional: bool,
}

impl RuleRef {
    /// Adds the rule to the facts of a reason: `rule`, `rule_valid_from`, `rule_source`,
    /// `rule_confidence`, and `rule_fictional` where it is.
    #[must_use]
    pub fn cited(&self, reason: Reason) -> Reason {
        let reason = reason
            .with("rule", &self.id)
            .with("rule_valid_from", self.valid_from)
            .with("rule_source", &self.source)
            .with("rule_confidence", self.confidence);
        if self.fictional { reason.with("rule_fictional", true) } else { reason }
    }
}

/// A known value with its rule, or `Code::RuleMissing` with the id and the day: never a guess.
pub type Verdict<'a> = Result<Ruling<'a>, Reason>;

/// A rule that holds on the day asked for and has a value.
#[derive(Debug, Clone, Copy)]
pub struct Ruling<'a> {
    key: &'a Key,
    rule: &'a Rule,
    on: Day,
}

impl<'a> Ruling<'a> {
    pub fn value(&self) -> &'a Value {
        &self.rule.value
    }

    pub fn rule(&self) -> RuleRef {
        RuleRef {
            id: self.key.id.clone(),
            place: self.key.place.clone(),
            valid_from: self.key.valid_from,
            valid_to: self.rule.valid_to,
            unit: self.rule.unit.clone(),
            source: self.rule.source.clone(),
            confidence: self.rule.confidence,
            fictional: self.rule.fictional,
        }
    }

    /// The value as a whole number; `RuleMissing` if it is something else.
    pub fn integer(&self) -> Result<i64, Reason> {
        match self.value() {
            Value::Integer(n) => Ok(*n),
            _ => Err(missing(&self.key.id, self.on)),
        }
    }

    pub fn text(&self) -> Result<&'a str, Reason> {
        match self.value() {
            Value::Text(text) => Ok(text),
            _ => Err(missing(&self.key.id, self.on)),
        }
    }

    pub fn list(&self) -> Result<&'a [String], Reason> {
        match self.value() {
            Value::List(items) => Ok(items),
            _ => Err(missing(&self.key.id, self.on)),
        }
    }

    /// A member of a table as a whole number; `RuleMissing` with the member's name if the rule of
    /// that day has no such figure.
    pub fn integer_of(&self, member: &'static str) -> Result<i64, Reason> {
        match self.member(member) {
            Some(Value::Integer(n)) => Ok(*n),
            _ => Err(missing(&self.key.id, self.on).with("member", member)),
        }
    }

    /// The same for a member whose name is data.
    pub fn number_of(&self, member: &str) -> Option<i64> {
        match self.member(member)? {
            Value::Integer(n) => Some(*n),
            _ => None,
        }
    }

    pub fn text_of(&self, member: &'static str) -> Result<&'a str, Reason> {
        match self.member(member) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(missing(&self.key.id, self.on).with("member", member)),
        }
    }

    pub fn list_of(&self, member: &'static str) -> Result<&'a [String], Reason> {
        match self.member(member) {
            Some(Value::List(items)) => Ok(items),
            _ => Err(missing(&self.key.id, self.on).with("member", member)),
        }
    }

    fn member(&self, name: &str) -> Option<&'a Value> {
        match self.value() {
            Value::Table(members) => members.get(name),
            _ => None,
        }
    }
}

fn missing(id: &str, on: Day) -> Reason {
    Code::RuleMissing.with("rule", id).with("on", on)
}

/// The merged rules of all layers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rulebook {
    rules: BTreeMap<Key, Rule>,
}

impl Rulebook {
    /// The rules that come with the program. Fails only if a shipped file is broken; pointers
    /// then begin with the file's name.
    pub fn shipped() -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let mut book = Self::default();
        for (file, text) in SHIPPED {
            match reading::layer(text) {
                Ok(rules) => {
                    for (key, rule) in rules {
                        if book.rules.insert(key, rule).is_some() {
                            problems.add(file, Code::Duplicate);
                        }
                    }
                }
                Err(part) => problems.under(file, part),
            }
        }
        problems.done(|| Some(book))
    }

    /// Lays the rules of `text` over these: at equal (id, place, first day) the new one stands.
    /// Pointers of problems are `/rule/<index>/<member>`.
    pub fn with_overlay(mut self, text: &str) -> Result<Self, Problems> {
        self.rules.extend(reading::layer(text)?);
        Ok(self)
    }

    /// The rule that holds on `day` at `place` (code of a si/gun): a rule of the place before one
    /// of the country, then the latest first day. Logarithmic in the rules, linear in the
    /// versions of one id.
    pub fn on(&self, id: &str, day: Day, place: Option<&str>) -> Verdict<'_> {
        let local = place.and_then(|code| self.latest(id, Some(code), day));
        local
            .or_else(|| self.latest(id, None, day))
            .filter(|(_, rule)| rule.value != Value::Unknown)
            .map(|(key, rule)| Ruling { key, rule, on: day })
            .ok_or_else(|| missing(id, day))
    }

    fn latest(&self, id: &str, place: Option<&str>, day: Day) -> Option<(&Key, &Rule)> {
        let key =
            |valid_from| Key { id: id.to_owned(), place: place.map(str::to_owned), valid_from };
        self.rules
            .range(key(Day::MIN)..=key(day))
            .rev()
            .find(|(_, rule)| rule.valid_to.is_none_or(|last| day <= last))
    }

    /// Every rule that holds on `day` and applies at `place`, in the order of ids, unknown ones
    /// too (their value is `None`).
    pub fn all_on(&self, day: Day, place: Option<&str>) -> Vec<(RuleRef, Option<&Value>)> {
        let mut ids: Vec<&str> = self.rules.keys().map(|key| key.id.as_str()).collect();
        ids.dedup();
        ids.into_iter()
            .filter_map(|id| {
                let local = place.and_then(|code| self.latest(id, Some(code), day));
                local.or_else(|| self.latest(id, None, day))
            })
            .map(|(key, rule)| {
                let known = (rule.value != Value::Unknown).then_some(&rule.value);
                (Ruling { key, rule, on: day }.rule(), known)
            })
            .collect()
    }

    /// Whether any rule holds in the demonstration only.
    pub fn has_fiction(&self) -> bool {
        self.rules.values().any(|rule| rule.fictional)
    }
}

#[cfg(test)]
mod tests;
