//! Reads a layer of rules from TOML, telling everything that is wrong with it.
//! Must not know: which layer it is.

use super::{Confidence, Key, Rule, Value};
use crate::domain::problem::{Code, Problems, Reason};
use crate::domain::time::Day;
use std::collections::BTreeMap;
use toml::{Table, Value as Toml};

const MEMBERS: [&str; 10] = [
    "confidence",
    "fictional",
    "id",
    "place",
    "source",
    "unit",
    "unknown",
    "valid_from",
    "valid_to",
    "value",
];

/// The rules of one text. A key that stands twice in it is a problem.
pub(super) fn layer(text: &str) -> Result<BTreeMap<Key, Rule>, Problems> {
    let mut problems = Problems::default();
    let Some(document) = problems.at("", text.parse::<Table>().map_err(|e| unreadable(&e, text)))
    else {
        return Err(problems);
    };
    for name in document.keys().filter(|name| *name != "rule") {
        problems.add(&format!("/{name}"), Code::UnknownMember);
    }
    let mut rules = BTreeMap::new();
    match document.get("rule") {
        None => {}
        Some(Toml::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                let at = format!("/rule/{index}");
                match rule(item) {
                    Ok((key, rule)) => {
                        if rules.insert(key, rule).is_some() {
                            problems.add(&at, Code::Duplicate);
                        }
                    }
                    Err(part) => problems.under(&at, part),
                }
            }
        }
        Some(_) => problems.add("/rule", Code::WrongType),
    }
    problems.done(|| Some(rules))
}

fn unreadable(error: &toml::de::Error, text: &str) -> Reason {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    Code::RulesUnreadable
        .with("line", before.matches('\n').count() + 1)
        .with("detail", error.message())
}

fn rule(item: &Toml) -> Result<(Key, Rule), Problems> {
    let mut p = Problems::default();
    let Some(table) = item.as_table() else {
        p.add("", Code::WrongType);
        return Err(p);
    };
    for name in table.keys().filter(|name| !MEMBERS.contains(&name.as_str())) {
        p.add(&format!("/{name}"), Code::UnknownMember);
    }
    let id = p.at("/id", required(table, "id", text).and_then(rule_id));
    let place = p.at("/place", optional(table, "place", text).and_then(place_code));
    let valid_from = p.at("/valid_from", required(table, "valid_from", day));
    let valid_to = p.at("/valid_to", optional(table, "valid_to", day));
    let unit = p.at("/unit", optional(table, "unit", text));
    let source = p.at("/source", required(table, "source", text));
    let confidence = p.at("/confidence", required(table, "confidence", text).and_then(confidence));
    let fictional = p.at("/fictional", optional(table, "fictional", flag));
    let value = p.at("/value", value_or_unknown(table));
    if let (Some(from), Some(Some(to))) = (valid_from, valid_to)
        && to < from
    {
        p.add("/valid_to", Code::PeriodReversed.with("from", from).with("to", to));
    }
    p.done(|| {
        let key = Key { id: id?, place: place?, valid_from: valid_from? };
        let rule = Rule {
            valid_to: valid_to?,
            value: value?,
            unit: unit?,
            source: source?,
            confidence: confidence?,
            fictional: fictional?.unwrap_or(false),
        };
        Some((key, rule))
    })
}

fn required<T>(
    table: &Table,
    name: &str,
    read: impl FnOnce(&Toml) -> Result<T, Reason>,
) -> Result<T, Reason> {
    table.get(name).ok_or_else(|| Reason::from(Code::Missing)).and_then(read)
}

fn optional<T>(
    table: &Table,
    name: &str,
    read: impl FnOnce(&Toml) -> Result<T, Reason>,
) -> Result<Option<T>, Reason> {
    table.get(name).map(read).transpose()
}

fn text(value: &Toml) -> Result<String, Reason> {
    match value.as_str() {
        None => Err(Code::WrongType.into()),
        Some("") => Err(Code::Missing.into()),
        Some(text) if text.contains('\0') => Err(Code::HasNul.into()),
        Some(text) => Ok(text.to_owned()),
    }
}

fn flag(value: &Toml) -> Result<bool, Reason> {
    value.as_bool().ok_or_else(|| Code::WrongType.into())
}

/// A bare TOML date; one with a time or an offset is no day.
fn day(value: &Toml) -> Result<Day, Reason> {
    let invalid = || Reason::from(Code::DayInvalid);
    let Some(given) = value.as_datetime() else {
        return Err(Code::WrongType.into());
    };
    match (given.date, given.time, given.offset) {
        (Some(d), None, None) => {
            Day::from_ymd_opt(d.year.into(), d.month.into(), d.day.into()).ok_or_else(invalid)
        }
        _ => Err(invalid()),
    }
}

/// Capitals, digits and dashes: `KR-MINWAGE`.
fn rule_id(id: String) -> Result<String, Reason> {
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
    if id.chars().all(fits) { Ok(id) } else { Err(Code::Invalid.into()) }
}

/// Five digits; whether the si/gun exists is for those who enter rules to check, so that a rulebook
/// frozen before a renumbering stays readable.
fn place_code(code: Option<String>) -> Result<Option<String>, Reason> {
    match code {
        Some(code) if code.len() != 5 || !code.bytes().all(|b| b.is_ascii_digit()) => {
            Err(Code::SiGunUnknown.into())
        }
        code => Ok(code),
    }
}

fn confidence(word: String) -> Result<Confidence, Reason> {
    word.parse().map_err(|_| Code::UnknownValue.into())
}

/// Either `value = ...` or `unknown = true`.
fn value_or_unknown(table: &Table) -> Result<Value, Reason> {
    match (table.get("value"), table.get("unknown")) {
        (Some(Toml::Table(members)), None) => {
            let members = members.iter().map(|(name, value)| {
                let name = member_name(name)?;
                Ok((name, plain(value)?))
            });
            members.collect::<Result<_, Reason>>().map(Value::Table)
        }
        (Some(value), None) => plain(value),
        (None, Some(Toml::Boolean(true))) => Ok(Value::Unknown),
        (None, None) => Err(Code::Missing.into()),
        _ => Err(Code::Invalid.into()),
    }
}

fn plain(value: &Toml) -> Result<Value, Reason> {
    match value {
        Toml::Integer(n) => Ok(Value::Integer(*n)),
        Toml::String(_) => text(value).map(Value::Text),
        Toml::Array(items) => {
            items.iter().map(text).collect::<Result<_, Reason>>().map(Value::List)
        }
        _ => Err(Code::WrongType.into()),
    }
}

fn member_name(name: &str) -> Result<String, Reason> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !name.is_empty() && name.chars().all(fits) {
        Ok(name.to_owned())
    } else {
        Err(Code::Invalid.with("member", name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(String, Code)> {
        layer(text).unwrap_err().0.into_iter().map(|w| (w.pointer, w.reason.code)).collect()
    }

    #[test]
    fn everything_that_is_wrong_with_a_layer_is_told_at_once() {
        let text = r#"
            [[rule]]
            id = "x"
            place = "Haman"
            valid_from = "2026-01-01"
            valid_to = 2026-01-01T00:00:00Z
            confidence = "certain"
            fictional = 1
            colour = "red"
            value = 1.5
            [[rule]]
            id = "X-B"
            valid_from = 2026-01-02
            valid_to = 2026-01-01
            source = "s"
            confidence = "H"
            value = 1
        "#;
        let expected = [
            ("/rule/0/colour", Code::UnknownMember),
            ("/rule/0/id", Code::Invalid),
            ("/rule/0/place", Code::SiGunUnknown),
            ("/rule/0/valid_from", Code::WrongType),
            ("/rule/0/valid_to", Code::DayInvalid),
            ("/rule/0/source", Code::Missing),
            ("/rule/0/confidence", Code::UnknownValue),
            ("/rule/0/fictional", Code::WrongType),
            ("/rule/0/value", Code::WrongType),
            ("/rule/1/valid_to", Code::PeriodReversed),
        ];
        assert_eq!(told(text), expected.map(|(at, code)| (at.to_owned(), code)));
    }

    #[test]
    fn a_text_that_is_no_toml_names_its_line() {
        let problems = layer("# one\n\n[[rule]\n").unwrap_err();
        let reason = &problems.0[0].reason;
        assert_eq!(reason.code, Code::RulesUnreadable);
        assert!(reason.facts.contains(&("line", "3".to_owned())), "{reason:?}");
    }

    #[test]
    fn a_value_and_unknown_exclude_each_other() {
        let head =
            "[[rule]]\nid = \"X\"\nvalid_from = 2026-01-01\nsource = \"s\"\nconfidence = \"H\"\n";
        assert_eq!(told(head), [("/rule/0/value".to_owned(), Code::Missing)]);
        let both = format!("{head}value = 1\nunknown = true\n");
        assert_eq!(told(&both), [("/rule/0/value".to_owned(), Code::Invalid)]);
        let neither = format!("{head}unknown = false\n");
        assert_eq!(told(&neither), [("/rule/0/value".to_owned(), Code::Invalid)]);
        let nested = format!("{head}value = {{ a = {{ b = 1 }} }}\n");
        assert_eq!(told(&nested), [("/rule/0/value".to_owned(), Code::WrongType)]);
    }

    #[test]
    fn the_same_rule_twice_in_one_layer_is_a_problem() {
        let one = "[[rule]]\nid = \"X\"\nvalid_from = 2026-01-01\nsource = \"s\"\n\
            confidence = \"H\"\nvalue = 1\n";
        assert_eq!(told(&format!("{one}{one}")), [("/rule/1".to_owned(), Code::Duplicate)]);
        assert_eq!(told("rule = 1"), [("/rule".to_owned(), Code::WrongType)]);
        assert_eq!(told("rules = 1"), [("/rules".to_owned(), Code::UnknownMember)]);
    }

    #[test]
    fn an_empty_layer_changes_nothing() {
        assert!(layer("").unwrap().is_empty());
    }
}
