//! Every copy that the demo makes of its people: the database and its journal files, the tables of
//! PostgreSQL, the log. In none of them stands a number of a person.

use crate::needles::Needles;
use crate::support::cluster::{Kind, fresh, kinds};
use diesel::prelude::*;
use diesel::sql_types::Text;
use musiman::db::DatabaseUrl;
use musiman::domain::register::{RowVerdict, read_row};
use musiman::outside::tables::Table;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

const REGISTER: &str = "tests/data/pencari_kerja.csv";
const LAST_LINE: &str = "people applied";
const PASSWORD: &str = "musiman-demo-2026";

/// NIK, family card, telephone and passport of everybody in the demo's register, as they are kept
/// and as they were written.
fn needles() -> (Needles, Vec<String>) {
    let mut table = Table::open(File::open(REGISTER).unwrap()).unwrap();
    let columns = table.columns().clone();
    let today = "2026-11-20".parse().unwrap();
    let (mut all, mut niks) = (vec![], vec![]);
    for row in table.rows().unwrap() {
        let cells = row.unwrap().cells;
        let RowVerdict::Accepted(accepted) = read_row(&columns, &cells, today) else { continue };
        let one = &accepted.seeker;
        niks.push(one.nik.as_str().to_owned());
        all.push(one.nik.as_str().to_owned());
        all.extend(one.kk.as_ref().map(|kk| kk.as_str().to_owned()));
        let phone = one.phone.as_ref().map(|phone| phone.as_str().trim_start_matches("+62"));
        all.extend(phone.filter(|p| p.len() > 9).map(str::to_owned));
        all.extend(one.passport.as_ref().map(|passport| passport.as_str().to_owned()));
        all.extend(one.address.as_ref().filter(|a| a.len() > 16).cloned());
    }
    (Needles::of(all), niks)
}

struct Demo {
    child: Child,
    address: String,
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Demo {
    /// Logs everything that it can log, into the folder.
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let log = File::create(folder.join("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_musiman"));
        command.current_dir(folder).env_clear().env("MUSIMAN_LOG", "trace");
        command.args(["serve", "--demo"]).args(arguments);
        command.args(["--metrics", "off", "--listen", "127.0.0.1:0"]);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut address = String::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            if address.is_empty() {
                line.rsplit("http://").next().unwrap().clone_into(&mut address);
            }
            if line.contains(LAST_LINE) {
                break;
            }
        }
        Self { child, address }
    }

    fn send(&self, line: &str, token: &str, body: &str) -> (u16, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let bearer = if token.is_empty() {
            String::new()
        } else {
            format!("Authorization: Bearer {token}\r\n")
        };
        let kind = if body.starts_with('{') { "application/json" } else { "text/csv" };
        let request = format!(
            "{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{bearer}Content-Type: {kind}\r\n\
             Idempotency-Key: {:032}\r\nContent-Length: {}\r\n\r\n{body}",
            line.len(),
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = vec![];
        stream.read_to_end(&mut answer).unwrap();
        let text = String::from_utf8_lossy(&answer).into_owned();
        (text[9..12].parse().unwrap(), answer)
    }

    fn json(&self, line: &str, token: &str, body: &Value) -> Value {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let (status, answer) = self.send(line, token, &text);
        assert!(status < 300, "{line}: {status} {}", String::from_utf8_lossy(&answer));
        let from = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
        serde_json::from_slice(&answer[from..]).unwrap()
    }

    /// A backup beside the database, made while the service runs.
    fn is_backed_up(folder: &Path, url: &DatabaseUrl) {
        std::fs::write(folder.join("passphrase"), "kata sandi cadangan yang panjang\n").unwrap();
        let database = match url {
            DatabaseUrl::Sqlite(path) => path.display().to_string(),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        let keys = std::fs::read_dir(folder.join("data")).unwrap().map(|entry| entry.unwrap());
        let keys = keys.map(|e| e.path()).find(|p| p.extension().is_some_and(|e| e == "keys"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_musiman"));
        command.current_dir(folder).env_clear().args(["backup", "all.backup"]);
        command.args(["--passphrase-file", "passphrase", "--database-url", &database]);
        let done = command.arg("--keys").arg(keys.unwrap()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// What an office does in a day, and what strangers try, all with numbers of people.
    fn is_used(&self, niks: &[String]) {
        let log_in = json!({ "login": "office", "password": PASSWORD });
        let token = self.json("POST /v1/auth/login", "", &log_in)["access_token"].clone();
        let token = token.as_str().unwrap();
        for nik in &niks[..3] {
            let found = self.json("POST /v1/job-seekers/search", token, &json!({ "nik": nik }));
            let id = found["data"][0]["id"].as_str().unwrap();
            let read = self.json(&format!("GET /v1/job-seekers/{id}"), token, &Value::Null);
            assert_eq!(read["nik"], json!(nik), "the demo shows its people to the office");
            let guess = json!({ "login": nik, "password": "kata sandi keliru" }).to_string();
            assert_eq!(self.send("POST /v1/auth/login", "", &guess).0, 401);
            // Refused with the number in a wrong place, in the path, and in the query.
            let wrong = json!({ "nik": nik, nik.as_str(): nik }).to_string();
            assert_eq!(self.send("POST /v1/job-seekers", "", &wrong).0, 422);
            assert_eq!(self.send("POST /v1/job-seekers", token, &wrong).0, 422);
            assert_eq!(self.send("POST /v1/job-seekers", token, &format!("{{{nik}")).0, 400);
        }
        let rows = std::fs::read_to_string(REGISTER).unwrap();
        let some: Vec<&str> = rows.lines().take(40).collect();
        let mut some = some.join("\r\n") + "\r\n";
        // A row that is refused with its number is kept until it is mended.
        some = some.replace("Laki-laki", "tidak tahu");
        let path = "POST /v1/imports/job-seekers?mode=apply";
        let (status, answer) = self.send(path, token, &some);
        assert_eq!(status, 202, "{}", String::from_utf8_lossy(&answer));
        let text = String::from_utf8_lossy(&answer);
        let body: Value = serde_json::from_str(text.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        let path = format!("GET /v1/imports/{}", body["id"].as_str().unwrap());
        while self.json(&path, token, &Value::Null)["state"] != "done" {
            #[expect(clippy::disallowed_methods, reason = "waits for another program")]
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let (status, file) = self.send(&format!("{path}/refused-rows"), token, "");
        assert!(status == 200 && file.len() > 1000, "{status}");
    }
}

/// Files of the folder, by name.
fn files(folder: &Path, all: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, all);
        } else {
            all.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// A row as text with its bytes behind it, as they are.
fn unpacked(line: &str) -> Vec<u8> {
    let mut parts = line.split("\\x");
    let mut out = parts.next().unwrap_or("").as_bytes().to_vec();
    for part in parts {
        let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_hexdigit()).len();
        let pair = |at: usize| u8::from_str_radix(&part[at..at + 2], 16).unwrap();
        out.extend((0..digits / 2).map(|n| pair(2 * n)));
        out.push(b'\n');
        out.extend(&part.as_bytes()[digits..]);
    }
    out
}

/// Tables of PostgreSQL, by name.
fn tables(url: &str, all: &mut Vec<(String, Vec<u8>)>) {
    let mut conn = PgConnection::establish(url).unwrap();
    let mut lines = |sql: &str| -> Vec<String> {
        let lines: Vec<Line> = diesel::sql_query(sql).load(&mut conn).unwrap();
        lines.into_iter().map(|l| l.line).collect()
    };
    let names = lines(
        "SELECT table_name::text AS line FROM information_schema.tables \
         WHERE table_schema = 'public'",
    );
    for name in names {
        let rows = lines(&format!("SELECT t::text AS line FROM \"{name}\" t"));
        all.push((name, rows.iter().flat_map(|row| unpacked(row)).collect()));
    }
}

/// Every copy of the data that the demo has made: a new kind of copy (an outbox) is
/// added here.
fn copies(folder: &Path, url: &DatabaseUrl) -> Vec<(String, Vec<u8>)> {
    let mut all = vec![];
    files(folder, &mut all);
    if let DatabaseUrl::Postgres(url) = url {
        tables(url, &mut all);
    }
    all
}

#[test]
fn no_copy_that_the_demo_makes_holds_a_number_of_its_people() {
    let (needles, niks) = needles();
    assert!(needles.len() > 30_000, "{} needles", needles.len());
    for kind in kinds() {
        let (url, folder) = fresh(kind);
        let (mut arguments, mut url) = (vec![], url);
        if let DatabaseUrl::Postgres(url) = &url {
            arguments = vec!["--database-url", url.as_str()];
        }
        let demo = Demo::start(folder.path(), &arguments);
        demo.is_used(&niks);
        if kind == Kind::Sqlite {
            url = DatabaseUrl::Sqlite(folder.path().join("data/demo.db"));
        }
        Demo::is_backed_up(folder.path(), &url);
        // Before the end, so that the write-ahead log is there too.
        let all = copies(folder.path(), &url);
        drop(demo);
        let size = |part: &str| {
            let of = all.iter().filter(|(name, _)| name.ends_with(part));
            of.map(|(_, bytes)| bytes.len()).sum::<usize>()
        };
        assert!(size("log") > 10_000, "{kind:?}: no log was read");
        assert!(size("all.backup") > 100_000, "{kind:?}: no backup was read");
        let database = size("demo.db") + size("demo.db-wal") + size("seekers");
        assert!(database > 1_000_000, "{kind:?}: no database was read: {database}");
        for (name, bytes) in &all {
            let found = needles.found_in(bytes);
            assert!(
                found.is_empty(),
                "{kind:?} {name} holds {} numbers: {:?}",
                found.len(),
                &found[..found.len().min(3)]
            );
        }
    }
}
