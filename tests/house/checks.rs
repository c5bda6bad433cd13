//! The checks, each from sources to what must be mended and how.

use crate::bans::{BANS, Ban, ROOMS, WORDS};
use crate::source::Source;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub const LINES: usize = 450;

fn lists(list: &str, name: &str) -> bool {
    list.split_whitespace().any(|item| item == name)
}

fn told(source: &Source, line: usize, what: &str, mend: &str) -> String {
    format!("{}:{line}: {what}\n    {mend}", source.path)
}

fn hits(path: &str, ban: &str) -> bool {
    if let Some(segments) = ban.strip_prefix("..") {
        format!("::{path}::").contains(&format!("::{segments}::"))
    } else if let Some(start) = ban.strip_suffix('*') {
        path.starts_with(start)
    } else {
        path.strip_prefix(ban).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    }
}

fn unknown_room(source: &Source) -> Vec<String> {
    let mend = "give it a room that ARCHITECTURE.md names, or name the new room there and here";
    let known = lists(ROOMS, source.room());
    if known { vec![] } else { vec![told(source, 1, "a room without a name", mend)] }
}

fn banned_paths(source: &Source) -> Vec<String> {
    let binds = |ban: &&Ban| {
        (ban.rooms.is_empty() || lists(ban.rooms, source.room()))
            && !lists(ban.except, &source.path)
    };
    let mut found = vec![];
    for ban in BANS.iter().filter(binds) {
        for (line, path) in &source.paths {
            if ban.paths.split_whitespace().any(|b| hits(path, b)) {
                found.push(told(source, *line, &format!("`{path}`"), ban.mend));
            }
        }
    }
    found
}

fn banned_words(source: &Source) -> Vec<String> {
    // The dashes belong to the word, so that the head of a PEM key is another one.
    let words = |text: &str| -> Vec<String> {
        let ends = |c: char| !c.is_alphanumeric() && c != '-';
        text.split(ends).map(str::to_owned).chain([text.to_lowercase()]).collect()
    };
    let mut found = vec![];
    for (word, homes, mend) in WORDS {
        for (line, text) in &source.literals {
            if words(text).iter().any(|w| w == word) && !lists(homes, &source.path) {
                found.push(told(source, *line, &format!("{text:?}"), mend));
            }
        }
    }
    found
}

pub fn shape(source: &Source) -> Vec<String> {
    let mut found = vec![];
    if !source.text.starts_with("//!") {
        let mend = "say in a line or two what lives here and what it must not know";
        found.push(told(source, 1, "does not open with `//!`", mend));
    }
    let lines = source.text.lines().count();
    if lines > LINES {
        let mend = format!("over {LINES} lines: give a part of it a room of its own");
        found.push(told(source, lines, "too long", &mend));
    }
    for (number, line) in source.text.lines().enumerate() {
        if ["TODO", "FIXME", "XXX"].iter().any(|mark| line.contains(mark)) {
            found.push(told(source, number + 1, line.trim(), "do it, or file an issue"));
        }
    }
    let stem = Path::new(&source.path).file_stem().and_then(|s| s.to_str()).unwrap_or_default();
    if stem.split('_').any(|word| lists("manager helper helpers util utils service", word)) {
        found.push(told(source, 1, "says nothing by its name", "name it after what it holds"));
    }
    found
}

pub fn silenced_lints(source: &Source) -> Vec<String> {
    let mend = "write #[expect(the_lint, reason = \"...\")] on the smallest item";
    let (mut found, mut line, mut rest) = (vec![], 1, source.code.as_str());
    while let Some((before, after)) = rest.split_once('[') {
        line += before.matches('\n').count();
        let attribute = after.split(")]").next().unwrap_or_default();
        if attribute.starts_with("allow(") {
            found.push(told(source, line, "a bare allow", mend));
        } else if attribute.starts_with("expect(") && !attribute.contains("reason") {
            found.push(told(source, line, "an expect without a reason", mend));
        }
        rest = after;
    }
    found
}

/// `table: files`, from `insert_into(x::table)`, `update(..)`, `delete(..)`, `copy_from(..)`.
pub fn tables_with_several_writers(sources: &[Source]) -> Vec<String> {
    let mut writers: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for source in sources {
        for (verb, target) in source.calls() {
            if lists("insert_into update delete copy_from", &verb)
                && let Some(table) = target.strip_suffix("::table")
            {
                let table = table.rsplit("::").next().unwrap_or(table).to_owned();
                writers.entry(table).or_default().insert(&source.path);
            }
        }
    }
    writers.retain(|_, files| files.len() > 1);
    let mend = "a table has one writing file: call a function there";
    writers.iter().map(|(table, files)| format!("{table}: {files:?}\n    {mend}")).collect()
}

pub fn everything(sources: &[Source]) -> Vec<String> {
    let checks = [unknown_room, banned_paths, banned_words, shape, silenced_lints];
    let each = |check: &fn(&Source) -> Vec<String>| sources.iter().flat_map(check).collect();
    let mut found: Vec<String> = checks.iter().map(each).collect::<Vec<Vec<_>>>().concat();
    found.extend(tables_with_several_writers(sources));
    found
}
