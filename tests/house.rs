//! The house rules that a compiler does not know: which floor may name which, which room alone
//! may do a thing, and the shape of a file. Each check is a function over sources, and has
//! samples that it must catch. ARCHITECTURE.md gives the reasons.

#[path = "house/asvs.rs"]
mod asvs;
#[path = "house/bans.rs"]
mod bans;
#[path = "house/checks.rs"]
mod checks;
#[path = "house/cryptography.rs"]
mod cryptography;
#[path = "house/samples.rs"]
mod samples;
#[path = "house/source.rs"]
mod source;
#[path = "house/threats.rs"]
mod threats;

use checks::{everything, shape, silenced_lints};
use source::Source;
use std::collections::BTreeSet;
use std::path::Path;

fn read(folder: &Path, under: &str, sources: &mut Vec<Source>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{under}/{}", entry.file_name().display());
        if entry.file_type()?.is_dir() {
            read(&entry.path(), &path, sources)?;
        } else if entry.path().extension().is_some_and(|e| e == "rs") {
            sources.push(Source::new(&path, &std::fs::read_to_string(entry.path())?));
        }
    }
    Ok(())
}

/// An empty list where the folder is missing; each test names a file that it must hold.
fn sources(folder: &str) -> Vec<Source> {
    let mut sources = vec![];
    let read = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), folder, &mut sources);
    if read.is_ok() { sources } else { vec![] }
}

#[test]
fn the_house_is_in_order() {
    let sources = sources("src");
    assert!(sources.iter().any(|s| s.path == "src/db/doors.rs"), "src was not read");
    let found = everything(&sources);
    assert!(found.is_empty(), "{} to mend:\n{}", found.len(), found.join("\n"));
}

#[test]
fn tests_and_benches_have_the_shape_of_the_house() {
    let mut sources = sources("tests");
    sources.extend(self::sources("benches"));
    // That file spells the marks that it looks for.
    sources.retain(|s| s.path != "tests/house/checks.rs");
    assert!(sources.iter().any(|s| s.path == "tests/house/source.rs"), "tests was not read");
    let found: Vec<_> =
        [shape, silenced_lints].iter().flat_map(|check| sources.iter().flat_map(check)).collect();
    assert!(found.is_empty(), "{} to mend:\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_rule_file_is_toml() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut read = 0;
    for entry in std::fs::read_dir(rules).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "toml") {
            let text = std::fs::read_to_string(&path).unwrap();
            let parsed = toml::from_str::<toml::Table>(&text);
            assert!(parsed.is_ok(), "{}: {}", path.display(), parsed.unwrap_err());
            read += 1;
        }
    }
    assert!(read > 0, "no dated rule was read from rules/");
}

/// A figure that nobody gives would silently leave its part of the text out.
#[test]
fn every_figure_of_a_text_is_given_somewhere() {
    let texts = include_str!("../src/texts/en.toml");
    let figures: BTreeSet<&str> =
        texts.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
    let sources = sources("src");
    let given: BTreeSet<&str> =
        sources.iter().flat_map(|s| &s.literals).map(|(_, text)| text.as_str()).collect();
    let missing: Vec<_> = figures.difference(&given).collect();
    assert!(figures.contains("max"), "no text was read");
    assert!(missing.is_empty(), "src/texts names figures that no reason carries: {missing:?}");
}

#[test]
fn every_label_that_is_asked_for_is_there() {
    let english: toml::Table = toml::from_str(include_str!("../src/texts/en.toml")).unwrap();
    let labels = english["labels"].as_table().unwrap();
    let mut asked = 0;
    for source in sources("src").iter().filter(|s| s.room() != "texts") {
        for call in source.text.split("texts::label(").skip(1) {
            let key = call.split('"').nth(1).unwrap_or_default();
            assert!(labels.contains_key(key), "{}: add {key} to [labels]", source.path);
            asked += 1;
        }
    }
    assert!(asked > 0, "no label is asked for: take them out of src/texts");
}

/// What a library does for us it does without calling anybody: none of them is a client.
#[test]
fn no_library_calls_out() {
    const CLIENTS: &str = "reqwest ureq hyper hyper-util curl awc isahc surf attohttpc lettre \
        trust-dns-resolver hickory-resolver native-tls tokio-tungstenite redis";
    let lock = include_str!("../Cargo.lock");
    let names: BTreeSet<&str> =
        lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"')).collect();
    assert!(names.contains("diesel"), "the list of libraries was not read");
    let found: Vec<_> = CLIENTS.split_whitespace().filter(|name| names.contains(name)).collect();
    assert!(found.is_empty(), "libraries that call out: {found:?}");
}
