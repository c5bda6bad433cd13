//! docs/asvs.md answers every requirement of levels 1 and 2 once, and what it names is there.

use std::collections::BTreeMap;
use std::path::Path;

const STATES: [&str; 3] = ["met", "not applicable", "open"];

/// One line of the page: number, level, state, how.
type Row<'a> = [&'a str; 4];

fn cells(line: &str) -> Option<Row<'_>> {
    let inside = line.strip_prefix("| ")?.strip_suffix(" |")?;
    let all: Vec<&str> = inside.splitn(4, " | ").collect();
    all.try_into().ok()
}

/// A line that is no row stands for itself, and has no state.
fn rows(page: &str) -> Vec<Row<'_>> {
    let lines = page.lines().filter(|line| line.starts_with("| V"));
    lines.map(|line| cells(line).unwrap_or([line; 4])).collect()
}

/// Number and level, as the list of requirements has them.
fn asked(list: &str) -> BTreeMap<&str, &str> {
    list.lines().skip(1).filter_map(|line| line.split_once(',')).collect()
}

/// What stands between backticks.
fn named(how: &str) -> impl Iterator<Item = &str> {
    how.split('`').skip(1).step_by(2)
}

fn is_file(name: &str) -> bool {
    let ends = [".rs", ".md", ".toml", ".txt", ".json", ".yml", ".lock"];
    let stands = ends.iter().any(|e| name.ends_with(e)) || name == "Dockerfile";
    stands && !name.starts_with('/')
}

fn is_there(name: &str, read: &impl Fn(&str) -> Option<String>) -> bool {
    let Some((file, test)) = name.split_once("::") else {
        return !is_file(name) || read(name).is_some();
    };
    let head = format!("fn {test}(");
    let is_head = |line: &str| {
        let line = line.trim();
        line.strip_prefix("async ").unwrap_or(line).starts_with(&head)
    };
    read(file).is_some_and(|text| text.lines().any(is_head))
}

fn wrong_of(
    [number, level, state, how]: Row<'_>,
    read: &impl Fn(&str) -> Option<String>,
) -> Vec<String> {
    let told = |what: &str| format!("{number}: {what}");
    let mut found = vec![];
    if !STATES.contains(&state) {
        found.push(told("is neither met, not applicable nor open"));
    }
    if !["1", "2", "3"].contains(&level) || how.len() < 5 {
        found.push(told("has no level or no reason"));
    }
    let proofs = named(how).filter(|name| name.contains("::") || is_file(name)).count();
    if state == "met" && proofs == 0 {
        found.push(told("names neither test nor file"));
    }
    let gone = named(how).filter(|name| !is_there(name, read));
    found.extend(gone.map(|name| told(&format!("{name} is gone"))));
    found
}

/// The lines of the head that count the answers.
fn counts_of(rows: &[Row<'_>]) -> String {
    let of = |third: bool| {
        let counted =
            |state| rows.iter().filter(|r| (r[1] == "3") == third && r[2] == state).count();
        let [met, not, open] = STATES.map(counted);
        format!("{met} met, {not} not applicable, {open} open.")
    };
    format!("Levels 1 and 2: {}\nLevel 3, as far as it is answered: {}\n", of(false), of(true))
}

fn wrong(page: &str, list: &str, read: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let (rows, asked) = (rows(page), asked(list));
    let mut found: Vec<String> = rows.iter().flat_map(|row| wrong_of(*row, &read)).collect();
    for [number, level, ..] in &rows {
        if asked.get(number) != Some(level) {
            found.push(format!("{number}: no requirement of level {level}"));
        }
    }
    for (number, level) in asked {
        match rows.iter().filter(|row| row[0] == number).count() {
            0 if level == "3" => {}
            1 => {}
            times => found.push(format!("{number}: answered {times} times")),
        }
    }
    let counts = counts_of(&rows);
    if !page.contains(&counts) {
        found.push(format!("the head must say:\n{counts}"));
    }
    found
}

#[test]
fn every_requirement_is_answered_once_and_what_answers_it_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/asvs.md")).unwrap();
    let list = include_str!("../data/asvs_5.0.0.csv");
    let required = asked(list).values().filter(|level| **level != "3").count();
    assert_eq!((asked(list).len(), required), (345, 253), "the list was not read");
    let found = wrong(&page, list, |file| std::fs::read_to_string(root.join(file)).ok());
    assert!(found.is_empty(), "docs/asvs.md, {} to mend:\n{}", found.len(), found.join("\n"));
}

#[test]
fn a_page_that_leaves_out_doubles_or_invents_is_found() {
    const LIST: &str = "requirement,level\nV1.1.1,1\nV1.1.2,2\nV1.1.3,3\n";
    const HEAD: &str = "Levels 1 and 2: 1 met, 0 not applicable, 1 open.\n\
         Level 3, as far as it is answered: 0 met, 0 not applicable, 0 open.\n";
    const MET: &str = "| V1.1.1 | 1 | met | as `tests/a.rs::it_holds` shows |\n";
    const OPEN: &str = "| V1.1.2 | 2 | open | nobody did it |\n";
    let read = |file: &str| (file == "tests/a.rs").then(|| "async fn it_holds() {}".to_owned());
    let said = |page: &[&str]| wrong(&page.concat(), LIST, read).join("; ");
    assert_eq!(said(&[HEAD, MET, OPEN]), "");
    assert!(said(&[HEAD, MET]).contains("V1.1.2: answered 0 times"));
    assert!(said(&[HEAD, MET, OPEN, OPEN]).contains("V1.1.2: answered 2 times"));
    assert!(said(&[MET, OPEN]).contains("the head must say"));
    assert!(said(&[HEAD, MET, OPEN, "| V1.1.3 | 3 | open | nobody did it |\n"]).contains("1 open"));
    let bad = |from: &str, to: &str| said(&[HEAD, &MET.replace(from, to), OPEN]);
    assert!(bad("it_holds", "it_hold").contains("tests/a.rs::it_hold is gone"));
    assert!(bad("a.rs::it_holds", "b.rs").contains("tests/b.rs is gone"));
    assert!(bad("`", "").contains("names neither test nor file"));
    assert!(bad("| met", "| yes").contains("is neither met"));
    assert!(bad("| 1 |", "| 2 |").contains("no requirement of level 2"));
    assert!(bad("V1.1.1", "V9.9.9").contains("V9.9.9: no requirement"));
    assert!(bad("| met |", "|").contains("no level"));
}
