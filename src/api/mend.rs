//! Reads JSON into a wire struct and tells every wrong member at once: serde stops at the first,
//! so each is noted, a stand-in put in its place, and reading goes on.
//! Must not know: what the struct stands for.

use super::spelled::UNKNOWN_WORD;
use crate::domain::problem::{Code, Problems, Reason};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use serde_path_to_error::{Path, Segment};

/// More problems than this help nobody.
const ENOUGH: usize = 64;

/// A good value, or a mended one with what was wrong; `Err` when nothing could be read.
pub(super) fn read<W: DeserializeOwned>(bytes: &[u8]) -> Result<(W, Problems), Problems> {
    let mut direct = serde_json::Deserializer::from_slice(bytes);
    let first = match serde_path_to_error::deserialize::<_, W>(&mut direct) {
        Ok(wire) if direct.end().is_ok() && !bytes.contains(&0) && !has_escaped_nul(bytes) => {
            return Ok((wire, Problems::default()));
        }
        Ok(_) => None,
        Err(error) => Some(error),
    };
    let mut problems = Problems::default();
    let tree: Value = match serde_json::from_slice(bytes) {
        Ok(tree) => tree,
        Err(error) => {
            problems.add("", Code::NotJson.with("place", place_of(&error)));
            return Err(problems);
        }
    };
    note_nuls(&tree, &mut String::new(), &mut problems);
    let read = mend::<W>(tree, &mut problems);
    match (read, first) {
        // A member that was given twice reads well as a tree.
        (Some(wire), Some(error)) if problems.is_empty() => {
            let (pointer, reason) = describe(&error);
            problems.add(&pointer, reason);
            Ok((wire, problems))
        }
        (Some(wire), _) => Ok((wire, problems)),
        (None, _) => Err(problems),
    }
}

fn place_of(error: &serde_json::Error) -> String {
    format!("{}:{}", error.line(), error.column())
}

fn has_escaped_nul(bytes: &[u8]) -> bool {
    bytes.windows(6).any(|w| w == b"\\u0000")
}

fn note_nuls(tree: &Value, at: &mut String, problems: &mut Problems) {
    let here = at.len();
    match tree {
        Value::String(text) if text.contains('\0') => problems.add(at, Code::HasNul),
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                at.push_str(&["/", &i.to_string()].concat());
                note_nuls(item, at, problems);
                at.truncate(here);
            }
        }
        Value::Object(members) => {
            for (name, item) in members {
                at.push_str(&["/", &escape(name)].concat());
                if name.contains('\0') {
                    problems.add(at, Code::HasNul);
                }
                note_nuls(item, at, problems);
                at.truncate(here);
            }
        }
        _ => {}
    }
}

/// RFC 6901: `~` and `/` inside a member's name.
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn pointer_of(path: &Path) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escape(key)),
            Segment::Enum { variant } => format!("/{}", escape(variant)),
            Segment::Unknown => "/?".to_owned(),
        })
        .collect()
}

fn quoted(message: &str) -> &str {
    message.split('`').nth(1).unwrap_or("")
}

fn describe(error: &serde_path_to_error::Error<serde_json::Error>) -> (String, Reason) {
    let message = error.inner().to_string();
    let message = message.split(" at line ").next().unwrap_or(&message);
    let mut pointer = pointer_of(error.path());
    let reason = if message.starts_with("missing field") {
        pointer = format!("{pointer}/{}", escape(quoted(message)));
        Code::Missing.into()
    } else if message.starts_with("unknown field") {
        let name = escape(quoted(message));
        if !pointer.ends_with(&format!("/{name}")) {
            pointer = format!("{pointer}/{name}");
        }
        Code::UnknownMember.into()
    } else if message.starts_with("duplicate field") {
        pointer = format!("{pointer}/{}", escape(quoted(message)));
        Code::Duplicate.into()
    } else if let Some(words) = message.strip_prefix(UNKNOWN_WORD) {
        Code::UnknownValue.with("allowed", words)
    } else {
        let expected = message.split_once(", expected ").map_or("", |(_, rest)| rest);
        Code::WrongType.with("expected", expected)
    };
    (pointer, reason)
}

fn covered(problems: &Problems, pointer: &str) -> bool {
    problems.0.iter().any(|w| w.pointer == pointer)
}

fn mend<W: DeserializeOwned>(mut tree: Value, problems: &mut Problems) -> Option<W> {
    let stand_ins = [
        Value::Null,
        json!(""),
        json!(0),
        json!(false),
        json!([]),
        json!({}),
        json!("2000-01-01"),
        json!("00000000-0000-7000-8000-000000000000"),
    ];
    let (mut at, mut next) = (String::from("?"), 0);
    while problems.0.len() <= ENOUGH {
        let error = match serde_path_to_error::deserialize::<_, W>(&tree) {
            Ok(wire) => return Some(wire),
            Err(error) => error,
        };
        let (pointer, reason) = describe(&error);
        if at != pointer {
            (at, next) = (pointer.clone(), 0);
            if !covered(problems, &pointer) {
                problems.add(&pointer, reason.clone());
            }
        }
        if reason.code == Code::UnknownMember {
            if !remove(&mut tree, &pointer) {
                return None;
            }
            continue;
        }
        let words = reason.facts.iter().find(|f| f.0 == "allowed").map(|f| first_word(&f.1));
        let value = words.or_else(|| stand_ins.get(next).cloned())?;
        next += 1;
        if next > stand_ins.len() || !put(&mut tree, &pointer, value) {
            return None;
        }
    }
    None
}

fn first_word(words: &str) -> Value {
    json!(words.split(", ").next().unwrap_or(""))
}

fn parent<'a>(tree: &'a mut Value, pointer: &str) -> Option<(&'a mut Value, String)> {
    let (up, name) = pointer.rsplit_once('/')?;
    Some((tree.pointer_mut(up)?, name.replace("~1", "/").replace("~0", "~")))
}

fn put(tree: &mut Value, pointer: &str, value: Value) -> bool {
    if pointer.is_empty() {
        *tree = value;
        return true;
    }
    match parent(tree, pointer) {
        Some((Value::Object(members), name)) => {
            members.insert(name, value);
            true
        }
        Some((Value::Array(items), name)) => {
            let slot = name.parse::<usize>().ok().and_then(|i| items.get_mut(i));
            slot.map(|s| *s = value).is_some()
        }
        _ => false,
    }
}

fn remove(tree: &mut Value, pointer: &str) -> bool {
    match parent(tree, pointer) {
        Some((Value::Object(members), name)) => members.shift_remove(&name).is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only its type is read")]
        nik: String,
        #[expect(dead_code, reason = "only its type is read")]
        name: String,
        #[expect(dead_code, reason = "only its type is read")]
        count: u8,
    }

    fn told(text: &str) -> Vec<(String, Code)> {
        let problems = match read::<Sample>(text.as_bytes()) {
            Ok((_, problems)) | Err(problems) => problems,
        };
        problems.0.into_iter().map(|w| (w.pointer, w.reason.code)).collect()
    }

    #[test]
    fn every_wrong_member_is_told_at_once() {
        let mut all = told(r#"{"nik": 1, "name": ["x"], "extra": 1}"#);
        all.sort_by(|a, b| a.0.cmp(&b.0));
        let expected = [
            ("/count", Code::Missing),
            ("/extra", Code::UnknownMember),
            ("/name", Code::WrongType),
            ("/nik", Code::WrongType),
        ];
        assert_eq!(all, expected.map(|(p, c)| (p.to_owned(), c)));
    }

    #[test]
    fn a_huge_number_is_a_wrong_type_and_a_nul_is_told_where_it_stands() {
        let huge = told(r#"{"nik": "a", "name": "b", "count": 99999999999999999999999}"#);
        assert_eq!(huge, [("/count".to_owned(), Code::WrongType)]);
        let nul = told("{\"nik\": \"a\\u0000\", \"name\": \"b\", \"count\": 1}");
        assert_eq!(nul, [("/nik".to_owned(), Code::HasNul)]);
    }

    #[test]
    fn a_member_given_twice_is_told() {
        let twice = told(r#"{"nik": "a", "nik": "b", "name": "b", "count": 1}"#);
        assert_eq!(twice, [("/nik".to_owned(), Code::Duplicate)]);
    }

    #[test]
    fn what_is_no_json_is_said_to_be_none() {
        assert_eq!(told("{"), [(String::new(), Code::NotJson)]);
        assert_eq!(told("[]").first().map(|w| w.1), Some(Code::WrongType));
    }
}
