//! Pages for people: a tree of members with their headings, and nothing that runs, so that a browser
//! shows it under the fences of every answer. Must not know: whose members they are.

use crate::domain::time::{Instant, Zone};
use crate::texts::{self, Lang};
use maud::{DOCTYPE, Markup, html};
use serde_json::Value;

/// What stands where a member says nothing.
const NOTHING: &str = "\u{2014}";

/// A page with a section for each member of `whole`.
pub fn page(lang: Lang, title: &str, note: &str, whole: &Value) -> String {
    let sections = whole.as_object().into_iter().flatten();
    let page = html! {
        (DOCTYPE)
        html lang=(lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
            }
            body {
                main {
                    h1 { (title) }
                    p { (note) }
                    @for (name, value) in sections {
                        section {
                            h2 { (heading(lang, name)) }
                            (told(lang, value))
                        }
                    }
                }
            }
        }
    };
    page.into_string()
}

/// The member's name in the reader's words; the name itself where there are none.
fn heading(lang: Lang, name: &str) -> String {
    texts::member(lang, name).map_or_else(|| name.to_owned(), str::to_owned)
}

fn told(lang: Lang, value: &Value) -> Markup {
    match value {
        Value::Object(members) if !members.is_empty() => html! {
            dl {
                @for (name, value) in members {
                    dt { (heading(lang, name)) }
                    dd { (told(lang, value)) }
                }
            }
        },
        Value::Array(items) if !items.is_empty() => html! {
            ol { @for item in items { li { (told(lang, item)) } } }
        },
        Value::Null | Value::Object(_) | Value::Array(_) => html! { (NOTHING) },
        Value::Bool(flag) => html! { (texts::label(lang, if *flag { "yes" } else { "no" })) },
        Value::Number(number) => html! { (number) },
        Value::String(text) => html! { (said(lang, text)) },
    }
}

/// A known word in the reader's language, a moment as the clocks of Bekasi show it, or the text.
fn said(lang: Lang, text: &str) -> String {
    match text.parse::<Instant>() {
        Ok(moment) => moment.on_the_wall(Zone::Jakarta),
        Err(_) => texts::spoken(lang, text).unwrap_or(text).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn moments_are_told_as_clocks_in_bekasi_show_them() {
        let whole = json!({ "made_at": "2026-11-24T17:00:00Z", "day": "2026-11-24" });
        let page = page(Lang::Id, "t", "n", &whole);
        assert!(page.contains("2026-11-25 00:00:00 WIB"), "{page}");
        assert!(page.contains("2026-11-24<"), "{page}");
    }

    #[test]
    fn what_people_wrote_is_text_and_nothing_more() {
        let hostile = "</dd><script src=\"https://x.example/a.js\">alert(1)</script>";
        let whole = json!({ "record": { "name": hostile, hostile: [hostile] } });
        let page = page(Lang::Id, hostile, hostile, &whole);
        assert!(!page.contains("<script") && !page.contains("</script"), "{page}");
        assert_eq!(page.matches("&lt;script").count(), 6, "{page}");
    }

    #[test]
    fn every_member_stands_under_its_heading() {
        let whole = json!({ "record": { "sex": "female", "kk": null }, "sessions": [] });
        let page = page(Lang::Ko, "제목", "설명", &whole);
        assert!(page.starts_with("<!DOCTYPE html><html lang=\"ko\">"), "{page}");
        assert!(page.contains("<dt>성별</dt><dd>여</dd>"), "{page}");
        assert_eq!(page.matches(NOTHING).count(), 2, "{page}");
    }
}
