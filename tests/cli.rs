//! The program as a person runs it: exit statuses, lines, signals, and a cut of power.

#[path = "cli/service.rs"]
mod service;

use serde_json::{Value, json};
use service::{Service, create_account, ended, musiman, send};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};

const EXAMPLES: &str = include_str!("data/matching_examples.jsonl");

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn said(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn match_answers_every_line_and_tells_by_its_status_that_some_were_none() {
    let folder = folder();
    std::fs::write(folder.path().join("all.jsonl"), EXAMPLES).unwrap();
    let mut command = musiman(folder.path());
    command.args(["match", "all.jsonl"]);
    let output = ended(command, b"");
    assert_eq!(output.status.code(), Some(2));
    let answers: Vec<Value> =
        said(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), EXAMPLES.lines().count());
    for (line, answer) in EXAMPLES.lines().zip(&answers) {
        let line: Value = serde_json::from_str(line).unwrap();
        match line.get("expected") {
            Some(expected) => assert_eq!(&answer["seats"], expected, "{}", line["id"]),
            None => assert!(answer["error"]["code"].is_string(), "{answer}"),
        }
    }
}

#[test]
fn match_reads_standard_input_and_is_content_with_good_lines() {
    let folder = folder();
    let good: Vec<&str> = EXAMPLES.lines().filter(|l| l.contains("\"expected\"")).collect();
    let mut command = musiman(folder.path());
    command.args(["match", "-"]);
    let output = ended(command, good.join("\n").as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output.stderr));
    assert_eq!(said(&output.stdout).lines().count(), good.len());
}

#[test]
fn wrong_use_ends_with_2_and_one_clear_line() {
    let folder = folder();
    let wrong: [&[&str]; 7] = [
        &[],
        &["dance"],
        &["serve", "--listen", "nowhere"],
        &["match", "missing.jsonl"],
        &["account", "create", "--login", "x", "--role", "seeker"],
        &["account", "create", "--login", "x", "--role", "partner"],
        &["migrate", "--database-url", "mysql://db/x"],
    ];
    for arguments in wrong {
        let mut command = musiman(folder.path());
        command.args(arguments);
        let output = ended(command, b"");
        let line = said(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {line}");
        assert_eq!(line.lines().count(), 1, "{arguments:?}: {line}");
        assert!(line.starts_with("musiman: ") && line.contains("--help"), "{line}");
        assert!(output.stdout.is_empty());
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "wrong use leaves nothing");
}

#[test]
fn help_tells_every_variable_that_the_readme_has() {
    let mut command = musiman(folder().path().parent().unwrap());
    command.arg("--help");
    let output = ended(command, b"");
    assert_eq!(output.status.code(), Some(0));
    let readme = include_str!("../README.md");
    let in_table = readme.lines().filter_map(|l| l.strip_prefix("| `")?.split('`').next());
    let named: Vec<&str> =
        in_table.filter(|n| n.starts_with("MUSIMAN_") || *n == "DATABASE_URL").collect();
    assert!(named.len() >= 8, "{named:?}");
    for name in &named {
        assert!(said(&output.stdout).contains(name), "{name}");
    }
    let told = said(&output.stdout).lines().filter(|l| l.starts_with("  MUSIMAN_")).count();
    assert_eq!(told, named.len() - 1, "README.md lacks a variable");
}

#[test]
fn openapi_prints_the_checked_in_document() {
    let mut command = musiman(Path::new("."));
    command.arg("openapi");
    let output = ended(command, b"");
    assert!(said(&output.stdout) == include_str!("../openapi/openapi.json"), "run `just openapi`");
}

#[test]
fn a_short_password_and_a_login_twice_are_refused() {
    let folder = folder();
    let mut command = musiman(folder.path());
    command.args(["account", "create", "--login", "lead", "--role", "lead"]);
    let short = ended(command, b"pendek\n");
    assert_eq!(short.status.code(), Some(2));
    assert!(said(&short.stderr).contains("12"), "{}", said(&short.stderr));
    assert_eq!(create_account(folder.path(), "lead", "lead").status.code(), Some(0));
    let again = create_account(folder.path(), " Lead ", "office");
    assert_eq!(again.status.code(), Some(2));
    assert!(said(&again.stderr).contains("taken"), "{}", said(&again.stderr));
}

#[test]
fn another_key_file_is_told_in_one_line() {
    let folder = folder();
    assert_eq!(create_account(folder.path(), "lead", "lead").status.code(), Some(0));
    let mut command = musiman(folder.path());
    command.args(["migrate", "--log", "off"]).env("MUSIMAN_KEYS", "other.keys");
    let output = ended(command, b"");
    let line = said(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{line}");
    assert!(line.lines().count() == 1 && line.contains("another key file"), "{line}");
}

#[test]
fn the_service_says_how_to_begin_answers_and_ends_when_asked() {
    let folder = folder();
    let mut service = Service::start(folder.path());
    let alive = send(&service.address, "GET", "/livez", &[], "").unwrap();
    assert_eq!(alive, (200, json!({ "status": "ok" })));
    let ready = send(&service.address, "GET", "/readyz", &[], "").unwrap();
    assert_eq!(ready.0, 200);
    assert_eq!(service.ask_to_end(), Some(0));
    let rest = service.rest();
    assert!(rest.contains("/docs") && rest.contains("musiman account create"), "{rest}");
}

#[test]
fn a_taken_port_is_told_in_one_line() {
    let folder = folder();
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = musiman(folder.path());
    command.args(["serve", "--listen", &holder.local_addr().unwrap().to_string()]);
    let output = ended(command, b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output.stderr).contains("MUSIMAN_LISTEN"), "{}", said(&output.stderr));
}

/// A registration and its key: the same for the same number, so that it can be sent again.
fn registration(number: u32) -> (String, String) {
    let body = json!({
        "nik": format!("321618470396{number:04}"), "name": format!("Siti Contoh {number}"),
        "born_on": "1996-03-07", "sex": "female", "kecamatan": "321618",
    });
    (format!("01993f0a-7d1e-7a53-9a0e-{number:012}"), body.to_string())
}

fn register(address: &str, bearer: &str, number: u32) -> std::io::Result<(u16, Value)> {
    let (key, body) = registration(number);
    let headers = [("authorization", bearer), ("idempotency-key", key.as_str())];
    send(address, "POST", "/v1/job-seekers", &headers, &body)
}

/// Four clients write until the service is gone; gives what was answered, by number.
fn write_until_killed(service: &mut Service, bearer: &str) -> BTreeMap<u32, String> {
    let answered = Arc::new(Mutex::new(BTreeMap::new()));
    let (tell, told) = mpsc::channel();
    let clients: Vec<_> = (0..4)
        .map(|client| {
            let (address, bearer) = (service.address.clone(), bearer.to_owned());
            let (answered, tell) = (answered.clone(), tell.clone());
            std::thread::spawn(move || {
                for number in (1..2000).filter(|n| n % 4 == client) {
                    let Ok((status, body)) = register(&address, &bearer, number) else { return };
                    assert_eq!(status, 201, "{body}");
                    let id = body["id"].as_str().unwrap().to_owned();
                    answered.lock().unwrap().insert(number, id);
                    tell.send(()).ok();
                }
            })
        })
        .collect();
    drop(tell);
    for _ in 0..40 {
        told.recv().unwrap();
    }
    service.kill();
    clients.into_iter().for_each(|client| client.join().unwrap());
    Arc::into_inner(answered).unwrap().into_inner().unwrap()
}

#[test]
fn every_answered_write_is_there_after_a_kill_and_what_is_sent_again_is_not_doubled() {
    let folder = folder();
    assert_eq!(create_account(folder.path(), "office", "office").status.code(), Some(0));
    let mut service = Service::start(folder.path());
    let bearer = format!("Bearer {}", service.token("office"));
    let answered = write_until_killed(&mut service, &bearer);
    assert!(answered.len() >= 40);
    let service = Service::start(folder.path());
    for (number, id) in &answered {
        let path = format!("/v1/job-seekers/{id}");
        let read = send(&service.address, "GET", &path, &[("authorization", &bearer)], "").unwrap();
        assert_eq!(read.0, 200, "number {number}: {}", read.1);
        let again = register(&service.address, &bearer, *number).unwrap();
        assert!(again.0 < 300 && again.1["id"] == json!(id), "number {number}: {}", again.1);
    }
    // What was cut off in the middle is whole or absent: sent again, it is made once.
    let last = answered.keys().max().copied().unwrap();
    for number in last + 1..last + 8 {
        let first = register(&service.address, &bearer, number).unwrap();
        let second = register(&service.address, &bearer, number).unwrap();
        assert!(first.0 < 300 && first.1["id"] == second.1["id"], "{} {}", first.1, second.1);
    }
}
