//! docs/threats.md names tests; each of them is there.

use std::path::Path;

/// What is wrong with a page that names tests as `file::test`.
fn missing(page: &str, read: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let named = page.split('`').skip(1).step_by(2).filter_map(|name| {
        let (file, test) = name.split_once("::")?;
        Some((file, test))
    });
    let is_there = |file: &str, test: &str| {
        read(file).is_some_and(|text| {
            let mut lines = text.lines().map(str::trim);
            lines.any(|line| {
                let line = line.strip_prefix("async ").unwrap_or(line);
                line.strip_prefix("fn ").is_some_and(|rest| rest.starts_with(&format!("{test}(")))
            })
        })
    };
    named
        .filter(|(file, test)| !is_there(file, test))
        .map(|(file, test)| format!("{file}::{test}"))
        .collect()
}

#[test]
fn every_test_that_the_page_of_threats_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/threats.md")).unwrap();
    assert!(page.matches(".rs::").count() > 30, "the page was not read");
    let gone = missing(&page, |file| std::fs::read_to_string(root.join(file)).ok());
    assert!(gone.is_empty(), "docs/threats.md names tests that are gone: {gone:#?}");
}

#[test]
fn a_test_that_is_gone_is_found() {
    let read = |file: &str| (file == "tests/a.rs").then(|| "fn it_holds() {}".to_owned());
    let page = "`tests/a.rs::it_holds`, `tests/a.rs::it_hold`, `tests/b.rs::it_holds`, `deny.toml`";
    assert_eq!(missing(page, read), ["tests/a.rs::it_hold", "tests/b.rs::it_holds"]);
}
