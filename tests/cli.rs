//! The program as a person runs it: commands, statuses, signals, and `kill -9`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

#[path = "cli/backup.rs"]
mod backup;
#[path = "api/support/cluster.rs"]
mod cluster;
#[path = "cli/entry.rs"]
mod entry;
#[path = "cli/keys.rs"]
mod keys;
#[path = "cli/logs.rs"]
mod logs;
#[path = "cli/plain.rs"]
mod plain;
#[path = "cli/reindex.rs"]
mod reindex;
#[path = "cli/signing.rs"]
mod signing;
#[path = "cli/tenant.rs"]
mod tenant;
#[path = "cli/tls.rs"]
mod tls;

use cluster::{Kind, fresh, kinds};
use musiman::clock::Clock;
use musiman::db::DatabaseUrl;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

const REGISTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/pencari_kerja.csv");
const BOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/pencari_kerja.xlsx");
const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/matching_examples.jsonl");

fn url_of(url: &DatabaseUrl) -> String {
    match url {
        DatabaseUrl::Postgres(url) => url.clone(),
        DatabaseUrl::Sqlite(path) => path.display().to_string(),
    }
}

/// The program in a folder of its own, on the given database.
fn musiman(folder: &Path, url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_musiman"));
    command.current_dir(folder).env("DATABASE_URL", url).env("MUSIMAN_KEYS", "test.keys");
    command.env("MUSIMAN_LOG", "warn").env("MUSIMAN_METRICS", "off").env("MUSIMAN_RATE", "1000000");
    command.stdin(Stdio::null());
    command
}

fn run(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

fn on_both(body: impl Fn(&Path, &str)) {
    for kind in kinds() {
        let (url, folder) = fresh(kind);
        body(folder.path(), &url_of(&url));
        assert!(matches!(kind, Kind::Sqlite | Kind::Postgres));
    }
}

#[test]
fn a_register_is_imported_exactly_and_a_second_time_changes_nothing() {
    on_both(|folder, url| {
        let import = |file: &str| {
            let mut command = musiman(folder, url);
            run(command.args(["import", "job-seekers", file, "--report", "report.jsonl"]))
        };
        let (status, out, err) = import(REGISTER);
        assert_eq!(
            (status, out.lines().last()),
            (0, Some("accepted 4848 refused 152 warned 60")),
            "{err}"
        );
        let report = std::fs::read_to_string(folder.join("report.jsonl")).unwrap();
        let lines: Vec<Value> = report.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        let of = |outcome| lines.iter().filter(|l| l["outcome"] == outcome).count();
        assert_eq!((of("refused"), of("warned"), lines.len()), (152, 60, 212));
        assert_eq!(lines[0]["problems"][0]["code"], "nik_length");
        let (_, out, _) = import(REGISTER);
        assert_eq!(out.lines().next(), Some("new 0 changed 0 unchanged 4848 conflict 0"));
        let (status, out, _) = import(BOOK);
        assert_eq!((status, out.lines().last()), (0, Some("accepted 487 refused 13 warned 6")));
        assert!(out.starts_with("new 0 "), "the workbook tells the same people: {out}");
    });
}

#[test]
fn an_import_that_was_killed_goes_on_without_doubling_anybody() {
    on_both(|folder, url| {
        let mut command = musiman(folder, url);
        let mut child = command
            .args(["import", "job-seekers", REGISTER])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        #[expect(
            clippy::disallowed_methods,
            reason = "another program needs time to be killed in"
        )]
        std::thread::sleep(std::time::Duration::from_millis(900));
        child.kill().unwrap();
        child.wait().unwrap();
        let (status, out, err) =
            run(musiman(folder, url).args(["import", "job-seekers", REGISTER]));
        assert_eq!(
            (status, out.lines().last()),
            (0, Some("accepted 4848 refused 152 warned 60")),
            "{err}"
        );
        let (_, out, _) = run(musiman(folder, url).args(["import", "job-seekers", REGISTER]));
        assert_eq!(out.lines().next(), Some("new 0 changed 0 unchanged 4848 conflict 0"));
    });
}

#[test]
fn wrong_use_exits_with_2_and_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let wrong: [&[&str]; 6] = [
        &[],
        &["frobnicate"],
        &["serve", "--colour"],
        &["import", "job-seekers", "no-such-file.csv"],
        &["import", "job-seekers", EXAMPLES],
        &["account", "create", "--login", "x", "--role", "king"],
    ];
    for arguments in wrong {
        let (status, out, err) = run(musiman(folder.path(), "x.db").args(arguments));
        assert_eq!((status, out.as_str(), err.lines().count()), (2, "", 1), "{arguments:?} {err}");
    }
    let (status, _, err) = run(musiman(folder.path(), "mysql://x/y").arg("migrate"));
    assert_eq!((status, err.lines().count()), (2, 1), "{err}");
    let (status, help, _) = run(musiman(folder.path(), "x.db").arg("--help"));
    assert!(status == 0 && help.contains("MUSIMAN_LISTEN") && help.contains("DATABASE_URL"));
}

#[test]
fn every_line_of_the_examples_is_answered_and_the_bad_ones_are_told_by_the_status() {
    let folder = tempfile::tempdir().unwrap();
    let (status, out, _) = run(musiman(folder.path(), "x.db").args(["match", EXAMPLES]));
    let text = std::fs::read_to_string(EXAMPLES).unwrap();
    assert_eq!((status, out.lines().count()), (2, text.lines().count()));
    for (asked, given) in text.lines().zip(out.lines()) {
        let asked: Value = serde_json::from_str(asked).unwrap();
        let given: Value = serde_json::from_str(given).unwrap();
        assert_eq!(asked["id"], given["id"]);
        match asked.get("expected") {
            Some(expected) => assert_eq!(&given["seats"], expected, "{}", asked["id"]),
            None => assert!(given["error"]["code"].is_string(), "{given}"),
        }
    }
}

/// The service on a port of its own; killed when the test ends.
struct Service {
    child: Child,
    address: String,
}

impl Drop for Service {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Service {
    fn start(folder: &Path, url: &str) -> Self {
        Self::start_with(folder, url, &[])
    }

    fn start_with(folder: &Path, url: &str, arguments: &[&str]) -> Self {
        let mut command = musiman(folder, url);
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("MUSIMAN_SECOND_FACTOR", "off")
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit("http://").next().unwrap().to_owned();
        Self { child, address }
    }

    /// The answer as it came; `None` when the service is gone before it answered.
    fn exchange(&self, head: &str, body: &Value) -> Option<String> {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(&self.address).ok()?;
        let length = text.len();
        let merge = if head.starts_with("PATCH") { "merge-patch+" } else { "" };
        let request = format!(
            "{head}\r\nHost: x\r\nConnection: close\r\nContent-Type: application/{merge}json\r\nContent-Length: {length}\r\n\r\n{text}"
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// Status and body; `None` when the service is gone before it answered.
    fn send(&self, head: &str, body: &Value) -> Option<(u16, Value)> {
        let answer = self.exchange(head, body)?;
        let status = answer.get(9..12)?.parse().ok()?;
        let (_, body) = answer.split_once("\r\n\r\n")?;
        Some((status, serde_json::from_str(body).ok()?))
    }

    fn log_in(&self) -> String {
        let body = json!({ "login": "lead", "password": "kata sandi panjang" });
        let (status, tokens) = self.send("POST /v1/auth/login HTTP/1.1", &body).unwrap();
        assert_eq!(status, 200, "{tokens}");
        tokens["access_token"].as_str().unwrap().to_owned()
    }
}

fn make_lead(folder: &Path, url: &str) {
    let mut command = musiman(folder, url);
    let mut child = command
        .args(["account", "create", "--login", "lead", "--role", "lead"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"kata sandi panjang\n").unwrap();
    assert!(child.wait().unwrap().success());
}

fn registration(number: usize) -> Value {
    json!({
        "nik": format!("321618470396{:04}", number + 1), "name": format!("Siti Contoh {number}"),
        "born_on": "1996-03-07", "sex": "female", "kecamatan": "321618",
    })
}

#[test]
fn every_answered_write_survives_kill_9() {
    on_both(|folder, url| {
        make_lead(folder, url);
        let mut service = Service::start(folder, url);
        let token = service.log_in();
        let mut kept = vec![];
        for number in 0..400 {
            if number == 60 {
                // Dies while the other clients below are being answered.
                service.child.kill().unwrap();
            }
            let head = format!(
                "POST /v1/job-seekers HTTP/1.1\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: 0123456789abcdef0123{number:04}"
            );
            match service.send(&head, &registration(number)) {
                Some((201, body)) => kept.push(body["id"].as_str().unwrap().to_owned()),
                Some((status, body)) => panic!("{status} {body}"),
                None => break,
            }
        }
        assert!(kept.len() >= 59, "{}", kept.len());
        drop(service);
        let again = Service::start(folder, url);
        let token = again.log_in();
        for id in kept {
            let head =
                format!("GET /v1/job-seekers/{id} HTTP/1.1\r\nAuthorization: Bearer {token}");
            let (status, body) = again.send(&head, &Value::Null).unwrap();
            assert_eq!((status, body["id"].as_str()), (200, Some(id.as_str())), "{body}");
        }
    });
}

#[test]
fn two_processes_serve_side_by_side_on_one_postgres() {
    if !kinds().contains(&Kind::Postgres) {
        return;
    }
    let (url, folder) = fresh(Kind::Postgres);
    let (url, folder) = (url_of(&url), folder.path());
    make_lead(folder, &url);
    let (one, two) = (Service::start(folder, &url), Service::start(folder, &url));
    let token = one.log_in();
    let head = format!(
        "POST /v1/job-seekers HTTP/1.1\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: 0123456789abcdef0123456789"
    );
    // One process made the token and the person; the other takes the token, shows the person, and
    // knows the key.
    let (status, made) = one.send(&head, &registration(1)).unwrap();
    let (again, same) = two.send(&head, &registration(1)).unwrap();
    assert_eq!((status, again, &made), (201, 201, &same));
    let (status, taken) = two.send(&head.replace("6789", "6780"), &registration(1)).unwrap();
    assert_eq!((status, &taken["code"]), (409, &json!("nik_taken")));
}

#[test]
fn the_service_ends_cleanly_when_it_is_asked_to() {
    on_both(|folder, url| {
        let mut service = Service::start(folder, url);
        let (status, _) = service.send("GET /readyz HTTP/1.1", &Value::Null).unwrap();
        assert_eq!(status, 200);
        // The shell's own `kill`: a bare machine has no other.
        let line = format!("kill {}", service.child.id());
        let term = Command::new("sh").args(["-c", &line]).status().unwrap();
        assert!(term.success() && service.child.wait().unwrap().success());
    });
}

#[test]
fn another_key_file_is_told_before_any_harm() {
    on_both(|folder, url| {
        assert_eq!(run(musiman(folder, url).arg("migrate")).0, 0);
        let (status, _, err) =
            run(musiman(folder, url).env("MUSIMAN_KEYS", "other.keys").arg("migrate"));
        assert!(status == 1 && err.contains("another key ring"), "{status} {err}");
    });
}

/// Runs it with one line on standard input.
fn told(command: &mut Command, line: &str) -> (i32, String) {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    // A refusal may come before the line is read.
    child.stdin.take().unwrap().write_all(line.as_bytes()).ok();
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_short_or_common_password_and_a_login_twice_are_refused() {
    on_both(|folder, url| {
        let create = |login: &str, line: &str| {
            let arguments = ["account", "create", "--role", "lead", "--login", login];
            told(musiman(folder, url).args(arguments), line)
        };
        let (status, err) = create("lead", "pendek\n");
        assert!(status == 2 && err.contains("12"), "{status} {err}");
        for guess in ["Qwertyuiop12\n", "kami para lead\n"] {
            let (status, err) = create("lead", guess);
            assert!(status == 2 && err.contains("tried first"), "{status} {err}");
        }
        make_lead(folder, url);
        let (status, err) = create(" Lead ", "kata sandi panjang\n");
        assert!(status == 2 && err.contains("taken") && err.lines().count() == 1, "{status} {err}");
    });
}

#[test]
fn a_partner_needs_an_employer_that_is_there() {
    on_both(|folder, url| {
        make_lead(folder, url);
        let service = Service::start(folder, url);
        let token = service.log_in();
        let register = |n: usize, body: Value| {
            let head = format!(
                "POST /v1/organisations HTTP/1.1\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: 0123456789abcdef012345{n}"
            );
            let (status, made) = service.send(&head, &body).unwrap();
            assert_eq!(status, 201, "{made}");
            made["id"].as_str().unwrap().to_owned()
        };
        let farm =
            json!({ "kind": "farm", "name": "Ladang Contoh", "business_number": "514-93-00122" });
        let farm = register(1, farm);
        let chamber = register(2, json!({ "kind": "kadin", "name": "Kamar Contoh" }));
        let create = |login: &str, organisation: &str| {
            let mut command = musiman(folder, url);
            command.args(["account", "create", "--role", "partner", "--login", login]);
            told(command.args(["--organisation", organisation]), "kata sandi panjang\n")
        };
        for wrong in ["01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", &chamber, "x"] {
            let (status, err) = create("mitra", wrong);
            assert!(status == 2 && err.lines().count() == 1, "{wrong} {status} {err}");
            assert!(!err.contains("the database"), "{err}");
        }
        assert_eq!(create("mitra", &farm), (0, String::new()));
    });
}

#[test]
fn a_taken_port_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = holder.local_addr().unwrap().to_string();
    let (status, _, err) =
        run(musiman(folder.path(), "x.db").args(["serve", "--listen", &address]));
    assert!(status == 1 && err.contains("MUSIMAN_LISTEN"), "{status} {err}");
    assert!(!folder.path().join("x.db").exists(), "nothing is made for a service without a port");
}

#[test]
fn the_readme_has_every_variable_that_help_tells() {
    let folder = tempfile::tempdir().unwrap();
    let (_, help, _) = run(musiman(folder.path(), "x.db").arg("--help"));
    let readme = include_str!("../README.md");
    let named = help.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let variables: Vec<&str> =
        named.filter(|n| n.starts_with("MUSIMAN_") || *n == "DATABASE_URL").collect();
    assert!(variables.len() >= 8, "{help}");
    for variable in variables {
        assert!(readme.contains(&format!("| `{variable}` |")), "{variable}");
    }
}

#[test]
fn the_journal_is_sealed_while_the_service_runs_and_its_head_can_be_asked_for() {
    on_both(|folder, url| {
        make_lead(folder, url);
        let verify = |more: &[&str]| run(musiman(folder, url).args(["audit", "verify"]).args(more));
        let (status, out, err) = verify(&[]);
        assert_eq!((status, out.lines().next()), (0, Some("0 lines under 0 seals")), "{err}");
        assert!(out.contains(" lines not sealed yet"), "{out}");
        let service = Service::start(folder, url);
        let token = service.log_in();
        let head = format!(
            "POST /v1/job-seekers HTTP/1.1\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {:032}",
            7
        );
        assert_eq!(service.send(&head, &registration(7)).unwrap().0, 201);
        drop(service);
        let service = Service::start(folder, url);
        let begun = Clock::stopwatch();
        let out = loop {
            let (status, out, err) = verify(&[]);
            assert_eq!(status, 0, "{err}");
            if out.ends_with("every line is sealed\n") || begun.elapsed().as_secs() > 60 {
                break out;
            }
        };
        drop(service);
        assert!(out.ends_with("every line is sealed\n"), "{out}");
        let noted = out.lines().find_map(|line| line.strip_prefix("head ")).unwrap();
        assert_eq!(verify(&["--head", noted]).0, 0);
        let (number, digest) = noted.split_once(':').unwrap();
        let other = format!("{number}:{}", digest.chars().rev().collect::<String>());
        let (status, out, err) = verify(&["--head", &other]);
        assert_eq!((status, err.lines().count()), (1, 1), "{out}{err}");
        assert!(out.starts_with("seal ") && out.contains("noted"), "{out}");
        assert_eq!(verify(&["--head", "7"]).0, 2);
    });
}
