//! The demo as a person meets it: `musiman serve --demo` in an empty folder, again, killed, and on
//! the wrong database.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

#[path = "api/support/cluster.rs"]
mod cluster;

use cluster::{Kind, fresh, kinds};
use musiman::db::DatabaseUrl;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

const LAST_LINE: &str = "people applied";

/// The program in a folder, without any environment of its own.
fn musiman(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_musiman"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command.args(arguments).args(["--metrics", "off", "--listen", "127.0.0.1:0"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A demo that serves; killed when the test ends.
struct Demo {
    child: Child,
    address: String,
    said: Vec<String>,
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Demo {
    fn start(folder: &Path) -> Self {
        Self::of(musiman(folder, &["serve", "--demo"]))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let mut said = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            said.push(line.unwrap());
            if said.last().is_some_and(|line| line.contains(LAST_LINE)) {
                break;
            }
        }
        let address = said[0].rsplit("http://").next().unwrap().to_owned();
        Self { child, address, said }
    }

    /// Everything that it says but its address and its time.
    fn result(&self) -> &[String] {
        result(&self.said)
    }

    fn time(&self) -> &str {
        self.said.iter().find_map(|line| line.strip_prefix("demo time")).unwrap().trim()
    }

    /// Login and role of each line under `logins`.
    fn logins(&self) -> Vec<(String, String)> {
        let lines = self.result().iter().skip(1).take_while(|line| !line.is_empty());
        let words = |line: &String| {
            let mut words = line.split_whitespace().map(str::to_owned);
            (words.next().unwrap(), words.next().unwrap())
        };
        lines.map(words).collect()
    }

    fn password(&self) -> &str {
        self.result()[0].rsplit(' ').next().unwrap()
    }

    /// Status, head and body.
    fn send(&self, line: &str, token: &str, body: &Value) -> (u16, String, Value) {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = text.len();
        let bearer = if token.is_empty() {
            String::new()
        } else {
            format!("Authorization: Bearer {token}\r\n")
        };
        let request = format!(
            "{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{bearer}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{text}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), head.to_owned(), serde_json::from_str(body).unwrap())
    }

    fn token(&self, login: &str) -> String {
        let body = json!({ "login": login, "password": self.password() });
        let (status, _, tokens) = self.send("POST /v1/auth/login", "", &body);
        assert_eq!(status, 200, "{login}: {tokens}");
        tokens["access_token"].as_str().unwrap().to_owned()
    }

    fn get(&self, path: &str, token: &str) -> Value {
        let (status, _, body) = self.send(&format!("GET {path}"), token, &Value::Null);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }
}

fn result(said: &[String]) -> &[String] {
    let from = said.iter().position(|line| line.starts_with("logins")).unwrap();
    &said[from..]
}

/// A folder in which the demo was loaded once, and what the first start said.
fn loaded() -> &'static (tempfile::TempDir, Vec<String>) {
    static LOADED: OnceLock<(tempfile::TempDir, Vec<String>)> = OnceLock::new();
    LOADED.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let said = Demo::start(folder.path()).said.clone();
        (folder, said)
    })
}

/// A copy of it to work on.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (loaded().0.path().join("data"), folder.path().join("data"));
    std::fs::create_dir(&to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
    folder
}

fn ended(mut command: Command) -> (i32, String) {
    let output = command.output().unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn the_first_start_tells_logins_that_work_and_the_result() {
    let folder = copy();
    let demo = Demo::start(folder.path());
    let said = demo.said.join("\n");
    assert!(said.contains("/docs") && said.contains("made up") && said.contains("total"), "{said}");
    let logins = demo.logins();
    let roles: Vec<&str> = logins.iter().map(|(_, role)| role.as_str()).collect();
    assert_eq!(roles, ["lead", "office", "office", "kadin", "partner", "seeker"]);
    for (login, role) in &logins {
        let me = demo.get("/v1/me", &demo.token(login));
        assert_eq!(me["role"], json!(role), "{me}");
    }
}

#[test]
fn the_demo_says_over_http_that_it_is_fictional_and_shows_its_result_to_everybody() {
    let folder = copy();
    let demo = Demo::start(folder.path());
    let (status, head, seasons) = demo.send("GET /v1/seasons", "", &Value::Null);
    assert!(status == 200 && head.to_lowercase().contains("x-musiman-demo"), "{head}");
    let season = seasons["data"][0]["id"].as_str().unwrap();
    let rounds = demo.get(&format!("/v1/seasons/{season}/rounds"), "");
    let round = rounds["data"][0]["id"].as_str().unwrap();
    assert_eq!(rounds["data"][0]["state"], "published");
    demo.get(&format!("/v1/rounds/{round}/summary"), "");
    let (nik, _) = demo.logins().pop().unwrap();
    let seats = demo.get(&format!("/v1/rounds/{round}/seats"), &demo.token(&nik));
    assert_eq!(seats["data"].as_array().unwrap().len(), 1, "the own seat: {seats}");
}

#[test]
fn a_second_start_loads_nothing_and_its_clock_goes_on() {
    let folder = copy();
    let first = Demo::start(folder.path());
    let (time, result) = (first.time().to_owned(), first.result().to_vec());
    drop(first);
    let again = Demo::start(folder.path());
    assert_eq!((again.result(), loaded().1.ends_with(&result)), (&*result, true));
    assert!(again.time() > &*time && time.starts_with("2026-12-01T00:"), "{time}");
}

#[test]
fn the_demo_is_the_same_on_postgresql() {
    for kind in kinds() {
        let (DatabaseUrl::Postgres(url), folder) = fresh(kind) else {
            assert_eq!(kind, Kind::Sqlite);
            continue;
        };
        let start =
            || Demo::of(musiman(folder.path(), &["serve", "--demo", "--database-url", &url]));
        let first = start();
        assert_eq!(first.result().last(), result(&loaded().1).last());
        let said = first.result().to_vec();
        drop(first);
        assert_eq!(start().result(), said);
    }
}

#[test]
fn a_demo_is_opened_as_nothing_else_and_nothing_else_as_a_demo() {
    let folder = copy();
    let (status, told) =
        ended(musiman(folder.path(), &["serve", "--database-url", "data/demo.db"]));
    assert!(status == 2 && told.contains("serve --demo"), "{status} {told}");
    let mut real = Command::new(env!("CARGO_BIN_EXE_musiman"));
    real.current_dir(folder.path()).env_clear().args(["migrate", "--database-url", "data/real.db"]);
    assert_eq!(ended(real).0, 0);
    let arguments = ["serve", "--demo", "--database-url", "data/real.db"];
    let (status, told) = ended(musiman(folder.path(), &arguments));
    assert!(status == 2 && told.contains("real data"), "{status} {told}");
}

#[test]
fn a_first_start_that_was_killed_is_noticed_and_loaded_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = musiman(folder.path(), &["serve", "--demo"]).spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let seen = lines.map_while(Result::ok).find(|line| line.starts_with("papers"));
    assert!(seen.is_some(), "it is killed while papers are seen");
    child.kill().unwrap();
    child.wait().unwrap();
    let mut again = musiman(folder.path(), &["serve", "--demo"]).spawn().unwrap();
    let told: Vec<String> = BufReader::new(again.stderr.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .take(2)
        .collect();
    assert!(told[0].contains("loaded again"), "{told:?}");
    again.kill().unwrap();
    again.wait().unwrap();
    let demo = Demo::start(folder.path());
    assert!(demo.said.last().unwrap().contains(LAST_LINE), "{:?}", demo.said);
    assert_eq!(demo.result().len(), result(&loaded().1).len(), "{:?}", demo.said);
}
