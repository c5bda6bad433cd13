//! Hostile text in every text of every form: it is a text, or it is refused; no answer is a fault,
//! carries a header of the attacker's, or shows what is hidden.

use crate::operations::operations;
use crate::support::{Answer, World, both};
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization as _;

/// What each is meant to break.
fn payloads() -> Vec<(&'static str, String)> {
    let plain = [
        ("SQL", "'; DROP TABLE seekers; --"),
        ("SQL of PostgreSQL", "x'||pg_sleep(9)||'"),
        ("SQL pattern", "%_\\%"),
        ("template", "{{7*7}}${7*7}#{7*7}<%= 7*7 %>"),
        ("HTML", "<img src=x onerror=alert(1)>\"'&lt;"),
        ("header", "x\r\nSet-Cookie: planted=1\r\n\r\n<html>"),
        ("log line", "x\n{\"level\":\"INFO\",\"planted\":true}"),
        ("JNDI", "${jndi:ldap://127.0.0.1/a}"),
        ("shell", "$(touch /tmp/planted);`id`|id"),
        ("path", "../../../../etc/passwd"),
        ("XML", "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>&e;"),
        ("formula", "=HYPERLINK(\"http://x.example\",\"x\")"),
        ("order of writing", "a\u{202e}b\u{2066}c"),
        ("nothing seen", "a\u{200b}\u{200d}\u{feff}b"),
        ("NUL", "a\0b"),
        ("bells", "a\u{7}\u{1b}[31mb"),
        ("no character", "a\u{fffe}\u{ffff}b"),
        ("many marks", "a\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}"),
        ("end of the planes", "\u{10ffff}\u{1f4a9}"),
    ];
    let mut all: Vec<_> = plain.map(|(what, text)| (what, text.to_owned())).into();
    all.push(("length", "a".repeat(100_000)));
    all
}

/// Pointers of all texts in a body.
fn texts(body: &Value, at: &str, all: &mut Vec<String>) {
    match body {
        Value::String(_) => all.push(at.to_owned()),
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| texts(value, &format!("{at}/{name}"), all));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, v)| texts(v, &format!("{at}/{i}"), all));
        }
        _ => {}
    }
}

fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn harmless(line: &str, answer: &Answer) {
    assert!(answer.status < 500, "{line}: {} {}", answer.status, answer.body);
    assert!(answer.header("set-cookie").is_empty(), "{line}: a header was planted");
    for (name, value) in &answer.headers {
        assert!(value.to_str().is_ok_and(str::is_ascii), "{line}: {name}: {value:?}");
    }
    if answer.status == 204 {
        return;
    }
    assert!(answer.header("content-type").contains("json"), "{line}: no JSON is answered");
    let text = String::from_utf8(answer.bytes.clone()).unwrap();
    for inside in ["root:x:0", "panicked at", "diesel", "SQLSTATE", "syntax error", "src/"] {
        assert!(!text.contains(inside), "{line}: shows the inside: {text}");
    }
    if answer.status < 300 {
        let mut kept = vec![];
        texts(&answer.body, "", &mut kept);
        for at in kept {
            let value = answer.body.pointer(&at).and_then(Value::as_str).unwrap_or("");
            assert!(
                !value.chars().any(is_unseen),
                "{line}: kept unseen characters in {at}: {value:?}"
            );
        }
    }
}

#[test]
fn hostile_text_is_text_or_refused_in_every_place_of_every_form() {
    both(|w: World| async move {
        let p = w.played().await;
        let (mut tried, mut taken) = (0, 0);
        for op in operations() {
            // Their bodies are passwords and tokens, and hashing each would take minutes.
            if matches!(op.name.as_str(), "change_password" | "logout") {
                continue;
            }
            let Some(example) = op.example(&p) else { continue };
            let mut places = vec![];
            texts(&example, "", &mut places);
            for place in places {
                for (what, text) in payloads() {
                    if op.path.starts_with("/v1/auth") && place == "/password" && what != "NUL" {
                        continue;
                    }
                    let mut body = example.clone();
                    *body.pointer_mut(&place).unwrap() = json!(text);
                    let told = op.call(&w, &p, op.logins[0], Some(&body)).await;
                    let line = format!("{} {} {place} {what}", op.method, op.path);
                    harmless(&line, &told);
                    let never =
                        matches!(what, "NUL" | "order of writing" | "nothing seen" | "length");
                    assert!(!never || told.status >= 400, "{line}: {} {}", told.status, told.body);
                    tried += 1;
                    taken += usize::from(told.status < 300);
                }
            }
        }
        assert!(tried > 1000 && taken > 20, "{tried} tried, {taken} taken");
        // The tables are there, and the register is as it was.
        w.get("/v1/job-seekers").by("office").send().await.ok();
        assert!(!std::path::Path::new("/tmp/planted").exists());
    });
}

#[test]
fn hostile_texts_of_the_register_are_kept_as_they_are_or_refused() {
    both(|w: World| async move {
        let mut number = 100;
        for place in ["birth_place", "address", "village", "name"] {
            for (what, text) in payloads() {
                number += 1;
                let mut body = w.siti(number);
                body[place] = json!(text);
                let made = w.post("/v1/job-seekers").by("office").once().json(body).send().await;
                let line = format!("{place} {what}");
                harmless(&line, &made);
                if made.status == 201 {
                    let kept = made.body[place].as_str().unwrap().to_owned();
                    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
                    // A letter and its mark may have become one.
                    let apart = |t: &str| t.nfd().count();
                    assert_eq!(apart(&kept), apart(&words), "{line}: {kept}");
                }
            }
        }
    });
}

#[test]
fn hostile_queries_and_headers_are_harmless() {
    both(|w: World| async move {
        for (what, text) in payloads() {
            let quoted: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            let quoted = &quoted[..quoted.len().min(4000)];
            for name in ["kecamatan", "state", "sector", "updated_since", "cursor", "limit"] {
                let path = format!("/v1/job-seekers?{name}={quoted}");
                let told = w.get(&path).by("office").send().await;
                let line = format!("{name} {what}");
                harmless(&line, &told);
                assert_eq!(told.status, 400, "{line}: {}", told.body);
            }
            let ascii: String = text.chars().filter(char::is_ascii_graphic).take(200).collect();
            for name in ["x-request-id", "accept-language", "if-none-match", "traceparent"] {
                let told = w.get("/v1/seasons").header(name, &ascii).send().await;
                harmless(&format!("{name} {what}"), &told);
            }
        }
    });
}
