//! The merged rules as one text in a fixed form, which a season freezes, and its digest.
//! Must not know: where the text is kept.

use super::{Key, Rule, Rulebook, Value, reading};
use crate::domain::problem::Problems;
use sha2::{Digest, Sha256};
use std::fmt::Write;

const FICTIONAL: &str = "fictional = true";

impl Rulebook {
    /// TOML with the rules in the order of (id, place, first day) and members in a fixed order.
    /// Equal rulebooks give equal bytes, whatever their layers were.
    pub fn canonical(&self) -> String {
        let mut text = String::new();
        for (key, rule) in &self.rules {
            text.push_str(&entry(key, rule));
        }
        text
    }

    /// Reads what `canonical` wrote, for a season that was frozen earlier.
    pub fn parse_canonical(text: &str) -> Result<Self, Problems> {
        reading::layer(text).map(|rules| Self { rules })
    }

    /// Whether a text of `canonical` holds a rule of the demonstration; reads no rule, as no text
    /// in it spans lines.
    pub fn canonical_has_fiction(text: &str) -> bool {
        text.lines().any(|line| line == FICTIONAL)
    }

    /// SHA-256 of the canonical text, 64 hexadecimal digits.
    pub fn digest(&self) -> String {
        hex(&Sha256::digest(self.canonical()))
    }
}

pub(in crate::domain) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn entry(key: &Key, rule: &Rule) -> String {
    let mut lines = vec!["[[rule]]".to_owned(), format!("id = {}", quoted(&key.id))];
    lines.extend(key.place.as_ref().map(|code| format!("place = {}", quoted(code))));
    lines.push(format!("valid_from = {}", key.valid_from));
    lines.extend(rule.valid_to.map(|last| format!("valid_to = {last}")));
    lines.push(match &rule.value {
        Value::Unknown => "unknown = true".to_owned(),
        known => format!("value = {}", written(known)),
    });
    lines.extend(rule.unit.as_ref().map(|unit| format!("unit = {}", quoted(unit))));
    lines.push(format!("source = {}", quoted(&rule.source)));
    lines.push(format!("confidence = {}", quoted(rule.confidence.as_str())));
    if rule.fictional {
        lines.push(FICTIONAL.to_owned());
    }
    lines.join("\n") + "\n\n"
}

fn written(value: &Value) -> String {
    match value {
        Value::Unknown => String::new(),
        Value::Integer(n) => n.to_string(),
        Value::Text(text) => quoted(text),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Table(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{name} = {}", written(value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
    }
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::super::DEMO;
    use super::*;

    #[test]
    fn the_merged_rulebook_comes_back_from_its_canonical_text() {
        let book = Rulebook::shipped().unwrap().with_overlay(DEMO).unwrap();
        let text = book.canonical();
        let again = Rulebook::parse_canonical(&text).unwrap();
        assert_eq!(again, book);
        assert_eq!(again.canonical(), text);
        assert_eq!(again.digest(), book.digest());
        assert_eq!(book.digest().len(), 64);
    }

    #[test]
    fn the_order_and_dress_of_a_text_do_not_change_the_digest() {
        let a = "[[rule]]\nid = \"X\"\nvalid_from = 2026-01-01\nsource = \"s\"\n\
            confidence = \"H\"\nvalue = { b = 1, a = [\"x\"] }\n";
        let b = "[[rule]]\nid = \"Y\"\nvalid_from = 2026-01-01\nsource = \"s\"\n\
            confidence = \"H\"\nunknown = true\n";
        let c = "# why\n[[rule]]\nvalue.a = ['x']\nvalue.b = 1\nconfidence='H'\nsource='s'\n\
            id='X'\nvalid_from=2026-01-01\n";
        let one = Rulebook::default().with_overlay(&format!("{a}{b}")).unwrap();
        let two = Rulebook::default().with_overlay(&format!("{b}{c}")).unwrap();
        assert_eq!(one.digest(), two.digest());
    }

    #[test]
    fn quotes_and_control_characters_survive() {
        let text = "[[rule]]\nid = \"X\"\nvalid_from = 2026-01-01\n\
            source = \"a \\\"b\\\" \\\\ \\t \\n \\u007F 군\"\nconfidence = \"H\"\n\
            value = \"\\r\"\n";
        let book = Rulebook::default().with_overlay(text).unwrap();
        assert_eq!(Rulebook::parse_canonical(&book.canonical()).unwrap(), book);
    }

    #[test]
    fn a_changed_source_is_a_changed_digest() {
        let text = "[[rule]]\nid = \"X\"\nvalid_from = 2026-01-01\nsource = \"s\"\n\
            confidence = \"H\"\nvalue = 1\n";
        let one = Rulebook::default().with_overlay(text).unwrap();
        let two = one.clone().with_overlay(&text.replace("\"s\"", "\"t\"")).unwrap();
        assert_ne!(one.digest(), two.digest());
    }
}
