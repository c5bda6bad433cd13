//! What the log says of requests: who, from where, what, and how it ended; nothing of people.

use crate::{BOOK, Service, make_lead, musiman, on_both, registration, run};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Stdio;

/// A service whose log lies in the folder.
fn logging(folder: &Path, url: &str) -> Service {
    let mut command = musiman(folder, url);
    command.env("MUSIMAN_LOG", "info").env("MUSIMAN_LOG_FORMAT", "json");
    command.stderr(File::create(folder.join("log")).unwrap()).stdout(Stdio::piped());
    let mut child = command
        .args(["serve", "--listen", "127.0.0.1:0", "--second-factor", "off"])
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().rsplit("http://").next().unwrap().to_owned();
    Service { child, address }
}

#[test]
fn a_line_of_the_log_tells_who_asked_from_where_for_what_and_why_it_was_refused() {
    on_both(|folder, url| {
        make_lead(folder, url);
        let service = logging(folder, url);
        let log_in = |login: &str, password: &str| {
            let body = json!({ "login": login, "password": password });
            service.send("POST /v1/auth/login HTTP/1.1", &body).unwrap().0
        };
        assert_eq!(log_in("lead", "kata sandi lain lagi"), 401);
        assert_eq!(log_in("nobody.at.all", "kata sandi lain lagi"), 401);
        let token = service.log_in();
        let by = format!("HTTP/1.1\r\nAuthorization: Bearer {token}");
        let (_, me) = service.send(&format!("GET /v1/me {by}"), &Value::Null).unwrap();
        let step = format!("GET /v1/me/journal {by}");
        assert_eq!(service.send(&step, &Value::Null).unwrap().0, 403);
        let new = format!("POST /v1/job-seekers {by}\r\nIdempotency-Key: 0123456789abcdef01234567");
        let person = registration(7);
        assert_eq!(service.send(&new, &json!({ "nik": person["nik"] })).unwrap().0, 422);
        let bent = "GET /v1/me HTTP/1.1\r\nAuthorization: Bearer x.y.z";
        assert_eq!(service.send(bent, &Value::Null).unwrap().0, 401);
        drop(service);

        let text = std::fs::read_to_string(folder.join("log")).unwrap();
        let lines: Vec<Value> = text.lines().filter_map(|l| serde_json::from_str(l).ok()).collect();
        let requests: Vec<&Value> = lines.iter().filter(|l| l["message"] == "request").collect();
        let told: Vec<_> = requests
            .iter()
            .map(|l| {
                (l["route"].as_str().unwrap(), &l["status"], l["code"].as_str(), &l["account"])
            })
            .collect();
        let (id, nobody) = (&me["id"], &Value::Null);
        let expected = [
            ("/v1/auth/login", &json!(401), Some("login_refused"), nobody),
            ("/v1/auth/login", &json!(401), Some("login_refused"), nobody),
            ("/v1/auth/login", &json!(200), None, nobody),
            ("/v1/me", &json!(200), None, id),
            ("/v1/me/journal", &json!(403), Some("role_forbidden"), id),
            ("/v1/job-seekers", &json!(422), Some("fields_invalid"), id),
            ("/v1/me", &json!(401), Some("token_invalid"), nobody),
        ];
        assert_eq!(told, expected);
        for line in requests {
            assert_eq!(line["address"], "127.0.0.1/32", "{line}");
            assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
            assert!(line["request_id"].is_string() && line["method"].is_string(), "{line}");
        }
        let secrets = [token.as_str(), "kata sandi", person["nik"].as_str().unwrap(), "nobody.at"];
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{text}");
    });
}

/// The register's workbook with a sheet that the reader of workbooks panics on.
fn panicking(path: &Path) {
    const SHEET: &str = "xl/worksheets/sheet1.xml";
    let mut from = zip::ZipArchive::new(File::open(BOOK).unwrap()).unwrap();
    let mut to = zip::ZipWriter::new(File::create(path).unwrap());
    for at in 0..from.len() {
        let part = from.by_index(at).unwrap();
        if part.name().unwrap() != SHEET {
            to.raw_copy_file(part).unwrap();
        }
    }
    to.start_file(SHEET, zip::write::SimpleFileOptions::default()).unwrap();
    let cell = "<c r=\"A4294967297\" t=\"inlineStr\"><is><t>Siti Rahasia</t></is></c>";
    write!(to, "<worksheet><sheetData><row>{cell}</row></sheetData></worksheet>").unwrap();
    to.finish().unwrap();
}

#[test]
fn a_panic_is_a_line_of_the_log_and_tells_where_it_was_alone() {
    on_both(|folder, url| {
        panicking(&folder.join("a.xlsx"));
        let mut command = musiman(folder, url);
        command.env("MUSIMAN_LOG_FORMAT", "json");
        let (status, out, err) = run(command.args(["import", "job-seekers", "a.xlsx"]));
        assert_eq!(status, 2, "{out} {err}");
        let (line, last) = err.split_once('\n').unwrap();
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!((&line["level"], &line["message"]), (&json!("ERROR"), &json!("panicked")));
        assert!(line["place"].as_str().unwrap().contains("calamine"), "{line}");
        assert!(last.starts_with("musiman: ") && last.lines().count() == 1, "{err}");
        assert!(!err.contains("Rahasia"));
    });
}
