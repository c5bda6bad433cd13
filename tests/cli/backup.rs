//! Backups as the office makes them: while the service answers, and put back elsewhere.

use crate::{Service, fresh, kinds, make_lead, musiman, on_both, registration, run, url_of};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

const PASSPHRASE: &str = "kata sandi cadangan yang panjang";

/// Status and what was said, of a command that gets the passphrase from a file.
pub fn with_passphrase(folder: &Path, url: &str, arguments: &[&str]) -> (i32, String) {
    std::fs::write(folder.join("passphrase"), format!("{PASSPHRASE}\n")).unwrap();
    let mut command = musiman(folder, url);
    let (status, out, err) = run(command.args(arguments).args(["--passphrase-file", "passphrase"]));
    (status, out + &err)
}

#[expect(clippy::disallowed_methods, reason = "another program needs time to be killed in")]
fn pause(millis: u64) {
    std::thread::sleep(std::time::Duration::from_millis(millis));
}

fn register(service: &Service, token: &str, number: usize) {
    let head = format!(
        "POST /v1/job-seekers HTTP/1.1\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {number:032}"
    );
    let (status, told) = service.send(&head, &registration(number)).unwrap();
    assert_eq!(status, 201, "{told}");
}

/// Names of everybody who is there, and whether their sealed numbers open.
fn people(service: &Service, token: &str) -> Vec<String> {
    let bearer = format!("Authorization: Bearer {token}");
    let head = format!("GET /v1/job-seekers?limit=100 HTTP/1.1\r\n{bearer}");
    let (status, page) = service.send(&head, &Value::Null).unwrap();
    assert_eq!(status, 200, "{page}");
    let person = |person: &Value| {
        let id = person["id"].as_str().unwrap();
        let head = format!("GET /v1/job-seekers/{id} HTTP/1.1\r\n{bearer}");
        let (status, whole) = service.send(&head, &Value::Null).unwrap();
        assert!(status == 200 && whole["nik"].is_string(), "{whole}");
        person["name"].as_str().unwrap().to_owned()
    };
    let mut names: Vec<String> = page["data"].as_array().unwrap().iter().map(person).collect();
    names.sort();
    names
}

#[test]
fn a_backup_is_made_while_the_service_runs_and_serves_on_any_database() {
    on_both(|folder, url| {
        make_lead(folder, url);
        let service = Service::start(folder, url);
        let token = service.log_in();
        register(&service, &token, 1);
        register(&service, &token, 2);
        let (status, said) = with_passphrase(folder, url, &["backup", "a.backup"]);
        assert_eq!(status, 0, "{said}");
        register(&service, &token, 3);
        assert_eq!(people(&service, &token).len(), 3, "the service went on");

        let file = folder.join("a.backup");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let bytes = std::fs::read(&file).unwrap();
        assert!(bytes.starts_with(b"age-encryption.org/v1\n"));
        let ring = std::fs::read_to_string(folder.join("test.keys")).unwrap();
        for secret in ring.split_whitespace().chain(["Siti Contoh", "3216184703960002"]) {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found || secret.len() < 8, "{secret} is in the backup");
        }
        let (status, said) = with_passphrase(folder, url, &["backup", "a.backup"]);
        assert!(status == 2 && said.contains("there already"), "{said}");

        for kind in kinds() {
            let (other, elsewhere) = fresh(kind);
            let (other, elsewhere) = (url_of(&other), elsewhere.path());
            let file = file.display().to_string();
            let (status, said) = with_passphrase(elsewhere, &other, &["restore", &file]);
            assert_eq!(status, 0, "{said}");
            assert!(!said.contains("index ") && said.contains("logs in anew"), "{said}");
            let restored = std::fs::read_to_string(elsewhere.join("test.keys")).unwrap();
            assert_eq!(restored, ring);
            let service = Service::start(elsewhere, &other);
            let token = service.log_in();
            assert_eq!(people(&service, &token), ["Siti Contoh 1", "Siti Contoh 2"]);
            register(&service, &token, 4);
            let (status, said) = with_passphrase(elsewhere, &other, &["restore", &file]);
            assert!(status == 1 && said.contains("in use"), "{said}");
            let (status, out, err) = run(musiman(elsewhere, &other).args(["audit", "verify"]));
            assert_eq!(status, 0, "{out}{err}");
        }
    });
}

#[test]
fn a_restore_does_not_take_the_place_of_another_key_ring() {
    on_both(|folder, url| {
        make_lead(folder, url);
        assert_eq!(with_passphrase(folder, url, &["backup", "a.backup"]).0, 0);
        let file = folder.join("a.backup").display().to_string();
        let (other, elsewhere) = fresh(kinds()[0]);
        let (other, elsewhere) = (url_of(&other), elsewhere.path());
        let ring = "index AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nseal BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n";
        std::fs::write(elsewhere.join("test.keys"), ring).unwrap();
        let (status, said) = with_passphrase(elsewhere, &other, &["restore", &file]);
        assert!(status == 1 && said.contains("another key ring"), "{said}");
        assert_eq!(std::fs::read_to_string(elsewhere.join("test.keys")).unwrap(), ring);
        assert_eq!(said.lines().count(), 1, "{said}");
    });
}

#[test]
fn a_restore_that_was_killed_is_begun_again() {
    on_both(|folder, url| {
        let import = ["import", "job-seekers", crate::REGISTER];
        assert_eq!(run(musiman(folder, url).args(import)).0, 0);
        let (status, said) = with_passphrase(folder, url, &["backup", "a.backup"]);
        assert_eq!(status, 0, "{said}");
        let file = folder.join("a.backup").display().to_string();
        for kind in kinds() {
            let (other, elsewhere) = fresh(kind);
            let (other, elsewhere) = (url_of(&other), elsewhere.path());
            std::fs::write(elsewhere.join("passphrase"), PASSPHRASE).unwrap();
            let restore = ["restore", &file, "--passphrase-file", "passphrase"];
            let mut child = musiman(elsewhere, &other).args(restore).spawn().unwrap();
            // The ring is there after a first look at the backup; the rows follow.
            while !elsewhere.join("test.keys").exists() {
                pause(20);
            }
            pause(1200);
            child.kill().unwrap();
            assert!(!child.wait().unwrap().success(), "it ended before it was killed");
            let (status, out, err) = run(musiman(elsewhere, &other).args(["keys", "list"]));
            assert!(status == 0 && out.contains(" 0 newest\n"), "half of it is there: {out}{err}");
            let (status, said) = with_passphrase(elsewhere, &other, &["restore", &file]);
            assert_eq!(status, 0, "{said}");
            let (_, out, err) = run(musiman(elsewhere, &other).args(import));
            assert!(out.starts_with("new 0 changed 0 unchanged 4848"), "{out}{err}");
        }
    });
}

#[test]
fn a_backup_that_is_asked_for_wrongly_exits_with_2_and_one_line() {
    on_both(|folder, url| {
        make_lead(folder, url);
        std::fs::write(folder.join("short"), "pendek\n").unwrap();
        let wrong: [&[&str]; 4] = [
            &["backup"],
            &["backup", "a.backup", "--passphrase-file", "short"],
            &["backup", "a.backup", "--passphrase-file", "none"],
            &["restore", "no-such.backup", "--passphrase-file", "short"],
        ];
        for arguments in wrong {
            let (status, out, err) = run(musiman(folder, url).args(arguments));
            let lines = err.lines().count();
            assert_eq!((status, out.as_str(), lines), (2, "", 1), "{arguments:?} {err}");
        }
        assert!(!folder.join("a.backup").exists());
        let (status, said) = with_passphrase(folder, "no-such.db", &["backup", "a.backup"]);
        assert!(status == 2 && said.contains("no database"), "{said}");
        assert!(!folder.join("no-such.db").exists());
    });
}
