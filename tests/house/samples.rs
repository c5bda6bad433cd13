//! Made-up files that each check must catch, and good ones that it must let pass.

use crate::checks::{LINES, everything, shape, tables_with_several_writers};
use crate::source::Source;

/// What each check says about one made-up file.
fn said(path: &str, text: &str) -> String {
    everything(&[Source::new(path, &format!("//! A sample.\n\n{text}\n"))]).join("\n")
}

/// Path, text, and a word of what must be said.
const BAD: [(&str, &str, &str); 38] = [
    ("src/api/seekers.rs", "use std::net::TcpStream;", "the service calls nobody"),
    ("src/outside/mail.rs", "use reqwest::Client;", "the service calls nobody"),
    ("src/db/seekers.rs", "use tokio::net::UnixStream;", "the service calls nobody"),
    ("src/acts/freeze.rs", "use std::process::Command;", "two programs are ever run"),
    ("src/api/seekers.rs", "use diesel::prelude::*;", "belongs into the file of its table"),
    ("src/api/seekers.rs", "fn f() { diesel::sql_query(x); }", "`diesel::sql_query`"),
    ("src/api/seekers.rs", "use crate::{db::Store, cli};", "`crate::cli`"),
    ("src/cli/mod.rs", "use diesel::dsl::count;", "`diesel::dsl::count`"),
    ("src/domain/nik.rs", "use crate::db::{self, Fault};", "`crate::db`"),
    ("src/domain/nik.rs", "use super::super::api::Problem;", "`crate::api::Problem`"),
    ("src/domain/nik.rs", "use actix_web::web;", "true on paper"),
    ("src/domain/nik.rs", "use tokio::sync::Mutex;", "true on paper"),
    ("src/domain/nik.rs", "fn f() { std::env::var(x); }", "`std::env::var`"),
    ("src/domain/nik.rs", "use std::{fmt, time::Duration};", "`std::time::Duration`"),
    ("src/domain/nik.rs", "#[derive(serde::Serialize)]\nstruct A;", "`serde::Serialize`"),
    ("src/matching/solve.rs", "use crate::domain::ids::SeekerId;", "agents, leaves, caps"),
    ("src/matching/solve.rs", "use serde::Deserialize;", "only exchange.rs has JSON"),
    ("src/db/seekers.rs", "use actix_web::web::Data;", "HTTP ends in api"),
    ("src/db/seekers.rs", "use validator::Validate;", "HTTP ends in api"),
    ("src/db/seekers.rs", "use crate::texts::Lang;", "db stands under"),
    ("src/db/seekers.rs", r#"const A: &str = "BEGIN IMMEDIATE";"#, "only the doors"),
    ("src/db/seekers.rs", "fn f() { AnsiTransactionManager::x(c); }", "only the doors"),
    ("src/acts/freeze.rs", "use crate::api::Problem;", "an act has several doors"),
    ("src/jobs/mod.rs", "use crate::api::guard;", "is an act"),
    ("src/render/html.rs", "use crate::db::Conn;", "beside the chain"),
    ("src/outside/mail.rs", "use crate::jobs::Outbox;", "beside the chain"),
    ("src/seal.rs", "use diesel::prelude::*;", "only db names tables"),
    ("src/acts/freeze.rs", "fn f() { let n = chrono::Utc::now(); }", "only clock.rs asks"),
    ("src/acts/freeze.rs", "use std::time::SystemTime;", "only clock.rs asks"),
    ("src/main.rs", "fn f() { std::env::var_os(x); }", "add a field to Config"),
    ("src/api/seekers.rs", "fn f() { h.get(header::AUTHORIZATION); }", "take an Only<R>"),
    ("src/api/seekers.rs", r#"fn f() { h.get("Authorization"); }"#, "take an Only<R>"),
    ("src/api/seekers.rs", "fn f() { StatusCode::CONFLICT; }", "return a Problem"),
    ("src/api/seekers.rs", "fn f() { HttpResponse::NotFound().finish() }", "return a Problem"),
    ("src/acts/freeze.rs", "fn f() { println!(); }", "write a tracing event"),
    ("src/acts/freeze.rs", "#[allow(dead_code)]\nfn f() {}", "a bare allow"),
    ("src/acts/freeze.rs", "#[expect(\n    dead_code\n)]\nfn f() {}", "without a reason"),
    ("src/services/seekers.rs", "fn f() {}", "a room without a name"),
];

#[test]
fn each_check_catches_a_bad_sample() {
    for (path, text, word) in BAD {
        let said = said(path, text);
        assert!(said.contains(word), "{path}: {text}\nshould say {word:?}, says: {said}");
    }
    let mark = ["FIX", "ME"].concat();
    assert!(said("src/acts/freeze.rs", &format!("// {mark} later")).contains("file an issue"));
    assert!(said("src/acts/freeze.rs", &"\n".repeat(LINES)).contains("too long"));
    assert!(said("src/acts/seeker_util.rs", "").contains("by its name"));
    assert!(said("src/acts/freeze.rs", "fn f() { todo!() }").contains("finish it"));
    assert!(!shape(&Source::new("src/acts/freeze.rs", "fn f() {}")).is_empty());
}

#[test]
fn a_table_with_two_writing_files_is_found() {
    let write = |verb: &str| format!("//! A.\nfn f() {{ {verb}(schema::seekers::table).x(); }}\n");
    let one = Source::new("src/db/seekers.rs", &write("insert_into"));
    let two = Source::new("src/db/imports.rs", &write("diesel::update"));
    let read = Source::new("src/db/pages.rs", &write("count"));
    assert!(tables_with_several_writers(&[one, read]).is_empty());
    let one = Source::new("src/db/seekers.rs", &write("insert_into"));
    assert_eq!(tables_with_several_writers(&[one, two]).len(), 1);
}

#[test]
fn good_samples_pass() {
    let good = [
        ("src/api/seekers.rs", "use crate::db::seekers;\nuse actix_web::web::Bytes;"),
        ("src/domain/nik.rs", "// use diesel::x, at std::time\nuse chrono::NaiveDate;"),
        ("src/domain/nik.rs", "/* tokio::spawn */\nfn f<'a>(x: &'a str) { g('\"', x); }"),
        ("src/domain/nik.rs", "#[cfg(test)]\nmod tests {\n    use std::fs;\n}"),
        ("src/matching/exchange.rs", "use serde::{Deserialize, Serialize};"),
        ("src/db/doors.rs", r#"const A: &str = "BEGIN IMMEDIATE";"#),
        ("src/clock.rs", "fn f() { chrono::Utc::now(); }"),
        ("src/outside/keys.rs", r#"const A: &str = "-----BEGIN PRIVATE KEY-----";"#),
        ("src/api/problem.rs", "fn f() { StatusCode::CONFLICT; }"),
        ("src/acts/freeze.rs", "fn f(now: Instant) -> bool { now != x }"),
        ("src/acts/freeze.rs", "#[expect(dead_code, reason = \"x\")]\nfn f() {}"),
        ("src/cli/mod.rs", "fn f() { println!(); }"),
    ];
    for (path, text) in good {
        assert_eq!(said(path, text), "", "{path}: {text}");
    }
}

#[test]
fn what_stands_after_a_test_module_is_read_again() {
    let text = "#[cfg(test)]\nmod tests {\n    fn f() {}\n}\n\nuse std::fs;";
    assert!(said("src/domain/nik.rs", text).contains("`std::fs`"));
}
