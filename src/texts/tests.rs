//! Every code and label says something in every language, and the same figures.

use super::*;
use std::collections::BTreeSet;

const FILES: [(Lang, &str); 3] = [
    (Lang::Id, include_str!("id.toml")),
    (Lang::Ko, include_str!("ko.toml")),
    (Lang::En, include_str!("en.toml")),
];

fn read(file: &str) -> Book {
    toml::from_str(file).unwrap()
}

/// The names in braces.
fn figures(detail: &str) -> BTreeSet<&str> {
    detail.split('{').skip(1).map(|part| part.split('}').next().unwrap()).collect()
}

fn fact(name: &'static str, value: &str) -> (&'static str, String) {
    (name, value.to_owned())
}

#[test]
fn every_code_has_a_title_and_a_detail_in_each_language() {
    for (lang, file) in FILES {
        let book = read(file);
        for code in Code::ALL {
            let entry = book.codes.get(code.as_str());
            let entry = entry.unwrap_or_else(|| panic!("{lang}.toml: add [codes.{code}]"));
            assert!(!entry.title.is_empty() && entry.title.chars().count() <= 60, "{lang} {code}");
            assert!(!entry.title.ends_with('.') && entry.detail.ends_with('.'), "{lang} {code}");
        }
    }
}

#[test]
fn no_file_explains_a_code_that_is_gone() {
    for (lang, file) in FILES {
        for code in read(file).codes.keys() {
            assert!(code.parse::<Code>().is_ok(), "{lang}.toml: take [codes.{code}] out");
        }
    }
}

#[test]
fn a_detail_names_the_same_figures_in_each_language() {
    let [id, ko, en] = FILES.map(|(_, file)| read(file));
    for code in Code::ALL {
        let [id, ko, en] = [&id, &ko, &en].map(|book| figures(&book.codes[code.as_str()].detail));
        assert!(id == ko && ko == en, "{code}: {id:?} {ko:?} {en:?}");
    }
}

#[test]
fn a_detail_without_figures_has_no_hole() {
    for lang in Lang::ALL {
        for code in Code::ALL {
            let text = text(*lang, *code, &[]);
            assert!(!text.contains(['{', '}', '[', ']']), "{lang} {code}: {text}");
            assert!(!text.contains("  ") && text == text.trim(), "{lang} {code}: {text}");
            assert!(text.ends_with('.') && text.len() > 12, "{lang} {code}: {text}");
        }
    }
}

#[test]
fn labels_are_the_same_in_each_language() {
    let [id, ko, en] = FILES.map(|(_, file)| read(file).labels);
    let keys = |labels: &HashMap<String, String>| labels.keys().cloned().collect::<BTreeSet<_>>();
    assert!(keys(&id) == keys(&ko) && keys(&ko) == keys(&en));
    assert!([id, ko, en].iter().all(|labels| labels.values().all(|text| !text.is_empty())));
    assert_eq!(label(Lang::En, "row"), "Row");
    assert_eq!(label(Lang::Id, "no such label"), "no such label");
}

#[test]
fn a_figure_stands_where_it_is_known() {
    let detail = "Too long[: at most {max} characters][, not {given}].";
    let filled = |facts: &[_]| filled(detail, &|name| figure(Lang::En, facts, name));
    assert_eq!(filled(&[]), "Too long.");
    assert_eq!(filled(&[fact("max", "")]), "Too long.");
    assert_eq!(filled(&[fact("max", "50")]), "Too long: at most 50 characters.");
    let both = [fact("given", "[{max}]"), fact("max", "50")];
    assert_eq!(filled(&both), "Too long: at most 50 characters, not [{max}].");
}

#[test]
fn a_text_carries_the_figures_of_its_reason() {
    let text = |lang| text(lang, Code::TooLong, &[fact("max", "50")]);
    for lang in Lang::ALL {
        assert!(text(*lang).contains("50"), "{}", text(*lang));
        assert_ne!(title(*lang, Code::TooLong), "too_long");
    }
}

#[test]
fn a_word_of_a_column_is_told_in_the_readers_language() {
    let text = |lang| text(lang, Code::HousingBanned, &[fact("housing", "greenhouse")]);
    assert!(text(Lang::Id).contains("rumah kaca") && !text(Lang::Id).contains("greenhouse"));
    assert!(text(Lang::Ko).contains("비닐하우스"));
}
