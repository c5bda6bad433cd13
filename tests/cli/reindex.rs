//! Another index key, as the office brings it in: with nobody at the database, killed half-way, and
//! everybody found as before.

use crate::backup::with_passphrase;
use crate::keys::{import, ring, tells_no_key};
use crate::{
    REGISTER, Service, fresh, kinds, make_lead, musiman, on_both, registration, run, url_of,
};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

fn reindex(folder: &Path, url: &str) -> (i32, String, String) {
    run(musiman(folder, url).args(["keys", "reindex"]))
}

/// The ids of the index keys, and the one in force.
fn index_keys(folder: &Path, url: &str) -> (Vec<String>, String) {
    let (status, out, err) = run(musiman(folder, url).args(["keys", "list"]));
    assert_eq!(status, 0, "{err}");
    let lines: Vec<&str> = out.lines().filter(|line| line.contains(" index")).collect();
    let id = |line: &&str| line[..8].to_owned();
    let in_force = lines.iter().find(|line| line.ends_with(" in force")).map(id).unwrap();
    (lines.iter().map(id).collect(), in_force)
}

/// The register's people are those who are there.
fn everybody_is_known(folder: &Path, url: &str) {
    let (status, out, err) = run(musiman(folder, url).args(["import", "job-seekers", REGISTER]));
    assert_eq!(status, 0, "{err}");
    assert!(out.starts_with("new 0 changed 0 unchanged 4848 conflict 0"), "{out}");
}

fn send(service: &Service, token: &str, what: &str, body: &Value) -> (u16, Value) {
    let head = format!("{what} HTTP/1.1\r\nAuthorization: Bearer {token}");
    service.send(&head, body).unwrap()
}

/// Registers somebody; the key of the request is that number.
fn register(service: &Service, token: &str, number: usize, key: usize) -> (u16, Value) {
    let head = format!(
        "POST /v1/job-seekers HTTP/1.1\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key:032}"
    );
    service.send(&head, &registration(number)).unwrap()
}

#[test]
fn everybody_is_found_by_another_index_key_and_nobody_twice() {
    on_both(|folder, url| {
        import(folder, url);
        make_lead(folder, url);
        let service = Service::start(folder, url);
        let token = service.log_in();
        let (status, made) = register(&service, &token, 1, 1);
        assert_eq!(status, 201, "{made}");

        // Nothing is replaced beside a service, which goes on.
        let before = ring(folder);
        let (status, out, err) = reindex(folder, url);
        assert!(status == 1 && err.contains("in use"), "{status} {out} {err}");
        assert_eq!((ring(folder), err.lines().count()), (before, 1));
        assert_eq!(register(&service, &token, 2, 2).0, 201);
        drop(service);

        let (status, out, err) = reindex(folder, url);
        assert_eq!(status, 0, "{err}");
        tells_no_key(&(out.clone() + &err), &ring(folder));
        let (keys, in_force) = index_keys(folder, url);
        assert_eq!((keys.len(), keys.last()), (2, Some(&in_force)));
        assert!(out.contains(&format!("4851 rows are found by index key {in_force}")), "{out}");
        everybody_is_known(folder, url);

        let service = Service::start(folder, url);
        let path = format!("/v1/job-seekers/{}", made["id"].as_str().unwrap());
        let old = send(&service, &token, &format!("GET {path}"), &Value::Null);
        assert_eq!(old.0, 401, "the session ended");
        let token = service.log_in();
        let nik = registration(1)["nik"].as_str().unwrap().to_owned();
        let wanted = json!({ "nik": nik });
        let (status, found) = send(&service, &token, "POST /v1/job-seekers/search", &wanted);
        assert_eq!((status, &found["data"][0]["id"]), (200, &made["id"]), "{found}");
        let (status, again) = register(&service, &token, 1, 1);
        assert_eq!((status, &again["id"]), (201, &made["id"]), "the same request makes nobody");
        let (status, refused) = register(&service, &token, 1, 3);
        assert_eq!((status, refused["code"].as_str()), (409, Some("nik_taken")), "{refused}");
        drop(service);
        let (status, out, err) = run(musiman(folder, url).args(["audit", "verify"]));
        assert_eq!(status, 0, "{out} {err}");

        // The old key is needed by nothing.
        let retire = |id: &str| run(musiman(folder, url).args(["keys", "retire", id]));
        let (status, _, err) = retire(&in_force);
        assert!(status == 1 && err.contains("found by it"), "{err}");
        assert_eq!(retire(&keys[0]).0, 0);
        assert_eq!(index_keys(folder, url), (vec![in_force.clone()], in_force));
        everybody_is_known(folder, url);
        let (status, out, err) = run(musiman(folder, url).args(["audit", "verify"]));
        assert_eq!(status, 0, "{out} {err}");
    });
}

#[test]
fn an_index_key_that_was_left_half_way_is_begun_again() {
    on_both(|folder, url| {
        import(folder, url);
        let (before, old) = index_keys(folder, url);
        let mut child = musiman(folder, url)
            .args(["keys", "reindex"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut half = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut half).unwrap();
        child.kill().unwrap();
        assert!(half.starts_with("rows: ") && !child.wait().unwrap().success(), "{half}");
        let (half, in_force) = index_keys(folder, url);
        assert_eq!((half.len(), &in_force), (before.len() + 1, &old), "nothing has changed");
        let (status, _, err) = run(musiman(folder, url).args(["keys", "retire", &half[1]]));
        assert!(status == 1 && err.contains("keys reindex"), "{err}");
        everybody_is_known(folder, url);
        let (status, out, err) = reindex(folder, url);
        assert_eq!(status, 0, "{out} {err}");
        assert_eq!(index_keys(folder, url), (half.clone(), half[1].clone()));
        everybody_is_known(folder, url);
    });
}

#[test]
fn a_backup_carries_by_which_index_key_everybody_is_found() {
    on_both(|folder, url| {
        import(folder, url);
        let back_up = |file: &str| {
            let (status, said) = with_passphrase(folder, url, &["backup", file]);
            assert_eq!(status, 0, "{said}");
            folder.join(file).display().to_string()
        };
        let early = back_up("early.backup");
        assert_eq!(reindex(folder, url).0, 0);
        let late = back_up("late.backup");
        for (kind, file) in kinds().into_iter().flat_map(|k| [(k, &early), (k, &late)]) {
            let (other, elsewhere) = fresh(kind);
            let (other, elsewhere) = (url_of(&other), elsewhere.path());
            // The ring of today has the key of the early backup too.
            std::fs::copy(folder.join("test.keys"), elsewhere.join("test.keys")).unwrap();
            let (status, said) = with_passphrase(elsewhere, &other, &["restore", file]);
            assert_eq!(status, 0, "{said}");
            let (keys, in_force) = index_keys(elsewhere, &other);
            assert_eq!(
                keys.iter().position(|key| *key == in_force),
                Some(usize::from(file == &late))
            );
            everybody_is_known(elsewhere, &other);
        }
    });
}

#[test]
fn an_index_key_comes_from_the_environment_after_the_old_one() {
    const OLD: &str = "index AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const NEW: &str = "index CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=";
    const SEAL: &str = "seal BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    on_both(|folder, url| {
        let with = |ring: &str, arguments: &[&str]| {
            let mut command = musiman(folder, url);
            run(command.env("MUSIMAN_KEYS", "").env("MUSIMAN_KEYRING", ring).args(arguments))
        };
        let import = |ring: &str| with(ring, &["import", "job-seekers", REGISTER]);
        let one = format!("{OLD}\n{SEAL}\n");
        assert_eq!(import(&one).0, 0);
        let (status, _, err) = with(&one, &["keys", "reindex"]);
        assert!(status == 1 && err.contains("add a line `index`"), "{err}");
        let both = format!("{OLD}\n{NEW}\n{SEAL}\n");
        let (_, out, err) = import(&both);
        assert!(out.starts_with("new 0 changed 0 unchanged 4848"), "{out} {err}");
        let (status, _, err) = with(&both, &["keys", "reindex"]);
        assert_eq!(status, 0, "{err}");
        // Who has the old key alone finds nobody, and does not begin.
        let (status, out, err) = import(&one);
        assert!(status == 1 && err.contains("another key ring"), "{out} {err}");
        let (_, out, err) = import(&format!("{NEW}\n{SEAL}\n"));
        assert!(out.starts_with("new 0 changed 0 unchanged 4848"), "{out} {err}");
    });
}
