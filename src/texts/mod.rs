//! Texts for people in Indonesian, Korean and English, from three files that are built in.
//! Must not know: statuses, requests, tables. Codes are never translated, only explained.

use crate::domain::codes::Code;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::LazyLock;

mod negotiate;

crate::words!(
    /// The languages that a text may be asked for in.
    Lang { Id = "id", Ko = "ko", En = "en" }
);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    title: String,
    /// `{fact}` stands for a figure of the reason. A figure may be missing, so each stands in
    /// `[..]`, which is left out as a whole when one of its figures is not given.
    detail: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Book {
    codes: HashMap<String, Entry>,
    labels: HashMap<String, String>,
}

struct Shelf {
    id: Book,
    ko: Book,
    en: Book,
}

static SHELF: LazyLock<Shelf> = LazyLock::new(|| Shelf {
    // A test reads all three, so the empty book never leaves this line.
    id: toml::from_str(include_str!("id.toml")).unwrap_or_default(),
    ko: toml::from_str(include_str!("ko.toml")).unwrap_or_default(),
    en: toml::from_str(include_str!("en.toml")).unwrap_or_default(),
});

fn book(lang: Lang) -> &'static Book {
    match lang {
        Lang::Id => &SHELF.id,
        Lang::Ko => &SHELF.ko,
        Lang::En => &SHELF.en,
    }
}

/// A few words that name the problem.
pub fn title(lang: Lang, code: Code) -> &'static str {
    book(lang).codes.get(code.as_str()).map_or(code.as_str(), |entry| &entry.title)
}

/// A sentence or two that say what is wrong and what to do, with the figures of the reason.
pub fn text(lang: Lang, code: Code, facts: &[(&str, String)]) -> String {
    let entry = book(lang).codes.get(code.as_str());
    let said = |entry: &Entry| filled(&entry.detail, &|name| figure(lang, facts, name));
    entry.map_or_else(|| code.as_str().to_owned(), said)
}

/// A heading or a note by its key; the key itself where there is none.
pub fn label(lang: Lang, key: &'static str) -> &'static str {
    book(lang).labels.get(key).map_or(key, String::as_str)
}

/// A label with figures in it, filled as the details of codes are.
pub fn said(lang: Lang, key: &'static str, facts: &[(&str, String)]) -> String {
    filled(label(lang, key), &|name| figure(lang, facts, name))
}

/// A word of columns and JSON as its reader says it.
pub fn word(lang: Lang, name: &str, value: &str) -> String {
    figure(lang, &[(name, value.to_owned())], name).unwrap_or_default()
}

/// The heading of a member of JSON, where it has one.
pub fn member(lang: Lang, name: &str) -> Option<&'static str> {
    book(lang).labels.get(&format!("member.{name}")).map(String::as_str)
}

/// A word of columns and JSON in the reader's words, where there are such.
pub fn spoken(lang: Lang, word: &str) -> Option<&'static str> {
    book(lang).labels.get(&format!("word.{word}")).map(String::as_str)
}

/// The value of a fact, in the reader's words where a label `name.value` gives them: facts carry
/// the words of columns and JSON. An empty one counts as missing.
fn figure(lang: Lang, facts: &[(&str, String)], name: &str) -> Option<String> {
    let (_, value) = facts.iter().find(|(fact, value)| *fact == name && !value.is_empty())?;
    let word = book(lang).labels.get(&format!("{name}.{value}"));
    Some(word.unwrap_or(value).clone())
}

/// Puts the figures in. They are never read again, so one that looks like a placeholder stays.
fn filled(detail: &str, figure: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = detail;
    while let Some((before, after)) = rest.split_once('[') {
        let (part, after) = after.split_once(']').unwrap_or((after, ""));
        out.push_str(before);
        out.push_str(&with_figures(part, figure).unwrap_or_default());
        rest = after;
    }
    out.push_str(rest);
    out
}

/// `None` when a figure is missing.
fn with_figures(part: &str, figure: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut out = String::new();
    let mut rest = part;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        out.push_str(before);
        out.push_str(&figure(name)?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests;
