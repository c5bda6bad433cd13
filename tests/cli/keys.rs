//! Keys as the office turns them over: while the service answers, killed half-way, and from each
//! source. What is sealed with which key is read from the tables themselves.

use crate::{
    REGISTER, Service, fresh, kinds, make_lead, musiman, on_both, registration, run, url_of,
};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary};
use musiman::clock::Clock;
use musiman::db::classes::CLASSES;
use musiman::db::{Fault, Store};
use musiman::seal::{KeyFile, Kind, Seal, Source};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = Binary)]
    key: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// How many values each key seals, by its id in hexadecimal.
fn sealed_with(folder: &Path, url: &str) -> BTreeMap<String, i64> {
    let seal = Seal::from(Source::File(folder.join("test.keys"))).unwrap();
    let store = Store::open(&url.parse().unwrap(), 1, Clock::system(), Arc::new(seal)).unwrap();
    let mut found = BTreeMap::new();
    for (table, columns) in CLASSES {
        for (column, _) in columns.iter().filter(|(column, _)| column.ends_with("_sealed")) {
            let query = format!(
                "SELECT substr({column}, 1, 4) AS key, count(*) AS number FROM {table} \
                 WHERE {column} IS NOT NULL GROUP BY 1"
            );
            let counts: Vec<Count> = store
                .read::<_, Fault>(|conn, _| Ok(diesel::sql_query(query).load(conn.db)?))
                .unwrap();
            for count in counts {
                let id = format!("{:08x}", u32::from_be_bytes(count.key.try_into().unwrap()));
                *found.entry(id).or_default() += count.number;
            }
        }
    }
    found
}

pub fn import(folder: &Path, url: &str) {
    let (status, _, err) = run(musiman(folder, url).args(["import", "job-seekers", REGISTER]));
    assert_eq!(status, 0, "{err}");
}

/// Those of sealing keys among the lines of `keys list`.
fn of_seals(out: &str) -> String {
    let lines = out.lines().filter(|line| !line.contains(" index"));
    lines.fold(String::new(), |text, line| text + line + "\n")
}

/// The lines of `keys list`: id and count, the newest last.
fn list(folder: &Path, url: &str) -> Vec<(String, i64)> {
    let (status, out, err) = run(musiman(folder, url).args(["keys", "list"]));
    assert_eq!(status, 0, "{err}");
    let out = of_seals(&out);
    assert!(out.trim_end().ends_with(" newest"), "{out}");
    let line = |line: &str| {
        let mut words = line.split(' ').map(str::to_owned);
        (words.next().unwrap(), words.next().unwrap().parse().unwrap())
    };
    out.lines().map(line).collect()
}

pub fn ring(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("test.keys")).unwrap()
}

/// Nobody reads a key from what a command says.
pub fn tells_no_key(said: &str, ring: &str) {
    let keys = ring.lines().filter(|line| !line.starts_with('#'));
    for key in keys.filter_map(|line| line.split(' ').nth(1)) {
        assert!(!said.contains(key), "a key is told");
    }
}

/// Clients of one service: each call must be answered, and answered well.
struct Clients<'a> {
    service: &'a Service,
    token: String,
    over: AtomicBool,
    reads: AtomicU32,
}

impl Clients<'_> {
    fn head(&self, verb: &str, path: &str, more: &str) -> String {
        format!("{verb} {path} HTTP/1.1\r\nAuthorization: Bearer {}{more}", self.token)
    }

    /// Body and entity tag.
    fn call(&self, head: &str, body: &Value, wanted: &str) -> (Value, String) {
        let answer = self.service.exchange(head, body).unwrap();
        let (top, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(top.starts_with(&format!("HTTP/1.1 {wanted}")), "{answer}");
        let tag = top.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap_or_default();
        (serde_json::from_str(body).unwrap(), tag.to_owned())
    }

    fn register(&self, number: usize) -> String {
        let more = format!("\r\nIdempotency-Key: 0123456789abcdef0123{number:04}");
        let head = self.head("POST", "/v1/job-seekers", &more);
        let (made, _) = self.call(&head, &registration(number), "201");
        made["id"].as_str().unwrap().to_owned()
    }

    fn shown(&self, id: &str) -> (Value, String) {
        self.call(&self.head("GET", &format!("/v1/job-seekers/{id}"), ""), &Value::Null, "200")
    }

    /// Reads every person that is there, again and again.
    fn read(&self, people: &[String]) {
        while !self.over.load(Ordering::Relaxed) {
            for id in people {
                assert!(self.shown(id).0["nik"].is_string());
                self.reads.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Registers people and changes the phone of one; gives the last phone.
    fn write(&self, id: &str) -> Value {
        let mut last = Value::Null;
        for number in 1000..9999 {
            if self.over.load(Ordering::Relaxed) {
                break;
            }
            self.register(number);
            let more = format!("\r\nIf-Match: {}", self.shown(id).1);
            let head = self.head("PATCH", &format!("/v1/job-seekers/{id}"), &more);
            let body = json!({ "phone": format!("+628120000{number:04}") });
            last = self.call(&head, &body, "200").0["phone"].take();
        }
        last
    }
}

fn people(clients: &Clients<'_>) -> Vec<String> {
    let head = clients.head("GET", "/v1/job-seekers?limit=100", "");
    let (page, _) = clients.call(&head, &Value::Null, "200");
    let people = page["data"].as_array().unwrap().iter();
    people.map(|person| person["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn keys_turn_over_while_a_service_goes_on_reading_and_writing() {
    on_both(|folder, url| {
        import(folder, url);
        make_lead(folder, url);
        let service = Service::start(folder, url);
        let token = service.log_in();
        let (over, reads) = (AtomicBool::new(false), AtomicU32::new(0));
        let clients = Clients { service: &service, token, over, reads };
        let (people, changed) = (people(&clients), clients.register(1));
        let old = list(folder, url);
        let (said, last) = std::thread::scope(|scope| {
            let reader = scope.spawn(|| clients.read(&people));
            let writer = scope.spawn(|| clients.write(&changed));
            let said = run(musiman(folder, url).args(["keys", "rotate"]));
            clients.over.store(true, Ordering::Relaxed);
            reader.join().unwrap();
            (said, writer.join().unwrap())
        });
        let (status, out, err) = said;
        assert_eq!(status, 0, "{err}");
        tells_no_key(&(out + &err), &ring(folder));
        let now = list(folder, url);
        assert_eq!((old.len(), now.len(), &now[0]), (1, 2, &(old[0].0.clone(), 0)));
        let (id, values) = &now[1];
        assert_eq!(sealed_with(folder, url), BTreeMap::from([(id.clone(), *values)]));
        assert!(*values > old[0].1 && clients.reads.load(Ordering::Relaxed) > 0);
        assert!(last.is_string());
        assert_eq!(clients.shown(&changed).0["phone"], last, "a write beside the rotation is kept");
    });
}

/// Begins a rotation and kills it when some values are under its key and some are not.
fn kill_in_the_middle(folder: &Path, url: &str) {
    let mut child = musiman(folder, url)
        .args(["keys", "rotate", "--settle", "0"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while sealed_with(folder, url).len() < 2 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was seen to begin");
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success());
    assert_eq!(sealed_with(folder, url).len(), 2, "it was not killed in its middle");
}

#[test]
fn keys_that_were_left_half_turned_go_on_to_the_same_key() {
    on_both(|folder, url| {
        import(folder, url);
        let before = list(folder, url);
        kill_in_the_middle(folder, url);
        let half = list(folder, url);
        let [(old, left), (new, done)] = &half[..] else { panic!("{half:?}") };
        assert_eq!((old, left + done), (&before[0].0, before[0].1));
        let retire = |id: &str| run(musiman(folder, url).args(["keys", "retire", id]));
        let (status, _, err) = retire(old);
        assert!(status == 1 && err.contains(&format!("{left} values")), "{status} {err}");
        let rotate = || run(musiman(folder, url).args(["keys", "rotate", "--settle", "0"]));
        let (status, out, err) = rotate();
        assert!(status == 0 && err.contains("goes on"), "{status} {err}");
        assert_eq!(out, format!("{left} values sealed anew with key {new}\n"));
        assert_eq!(sealed_with(folder, url), BTreeMap::from([(new.clone(), before[0].1)]));
        let (status, _, err) = retire(new);
        assert!(status == 1 && err.contains("every new value"), "{status} {err}");
        assert_eq!(retire("00000000").0, 2);
        assert_eq!(retire("no-id").0, 2);
        assert_eq!(retire(old).0, 0);
        assert_eq!(list(folder, url), [(new.clone(), before[0].1)]);
        let (_, out, _) = run(musiman(folder, url).args(["import", "job-seekers", REGISTER]));
        assert!(out.starts_with("new 0 changed 0 unchanged 4848"), "everybody is known: {out}");
    });
}

#[test]
fn a_rotation_that_came_to_its_end_is_followed_by_another_key() {
    on_both(|folder, url| {
        make_lead(folder, url);
        drop(Service::start(folder, url));
        let rotate = || run(musiman(folder, url).args(["keys", "rotate", "--settle", "0"]));
        assert_eq!((rotate().0, rotate().0), (0, 0));
        let counts: Vec<i64> = list(folder, url).into_iter().map(|line| line.1).collect();
        assert_eq!(counts, [0, 0, 1]);
    });
}

#[test]
fn keys_that_nobody_turned_to_the_end_are_not_taken_out() {
    on_both(|folder, url| {
        let old = list(folder, url)[0].0.clone();
        KeyFile::hold(&folder.join("test.keys")).unwrap().add_key(Kind::Seal).unwrap();
        // Nothing is sealed with it, but a process may not know yet that there is a newer one.
        let retire = || run(musiman(folder, url).args(["keys", "retire", &old]));
        let (status, _, err) = retire();
        assert!(status == 1 && err.contains("not come to its end"), "{status} {err}");
        let rotated = run(musiman(folder, url).args(["keys", "rotate", "--settle", "0"]));
        assert_eq!((rotated.0, list(folder, url).len()), (0, 2), "it goes on to the newest");
        assert_eq!((retire().0, list(folder, url).len()), (0, 1));
    });
}

const INDEX: &str = "index AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const FIRST: &str = "seal BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
const SECOND: &str = "seal CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg=";

#[test]
fn keys_come_from_the_environment_or_from_a_command() {
    let sources = ["MUSIMAN_KEYRING", "MUSIMAN_KEYS_COMMAND"];
    for (kind, source) in kinds().into_iter().flat_map(|kind| sources.map(|s| (kind, s))) {
        let (url, folder) = fresh(kind);
        let (url, folder) = (url_of(&url), folder.path());
        let with = |ring: &str, arguments: &[&str]| {
            std::fs::write(folder.join("ring"), ring).unwrap();
            let value = if source == "MUSIMAN_KEYRING" { ring } else { "cat  ring" };
            let mut command = musiman(folder, &url);
            run(command.env("MUSIMAN_KEYS", "").env(source, value).args(arguments))
        };
        let one = format!("{INDEX}\n{FIRST}\n");
        let (status, _, err) = with(&one, &["import", "job-seekers", REGISTER]);
        assert_eq!(status, 0, "{err}");
        let before = of_seals(&with(&one, &["keys", "list"]).1);
        let two = format!("{INDEX}\n{FIRST}\n{SECOND}\n");
        let (status, out, err) = with(&two, &["keys", "rotate", "--settle", "0"]);
        assert!(status == 0 && err.contains(&format!("{source} gives the keys")), "{err}");
        tells_no_key(&(out + &err), &two);
        let after = of_seals(&with(&two, &["keys", "list"]).1);
        let moved = before.split(' ').nth(1).unwrap();
        assert!(before.ends_with(&format!(" {moved} newest\n")), "{before}");
        assert!(after.lines().next().unwrap().ends_with(" 0"), "{after}");
        assert!(after.ends_with(&format!(" {moved} newest\n")) && moved != "0", "{after}");
        let (status, _, err) = with(&two, &["keys", "retire", &after[..8]]);
        assert!(status == 1 && err.contains("take"), "{status} {err}");
        // The old key may go now, and everybody is still known.
        let last = format!("{INDEX}\n{SECOND}\n");
        let (_, out, _) = with(&last, &["import", "job-seekers", REGISTER]);
        assert!(out.starts_with("new 0 changed 0 unchanged 4848"), "{out}");
        let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().file_name());
        assert!(!files.into_iter().any(|f| f.to_string_lossy().ends_with(".keys")));
    }
}

#[test]
fn keys_from_a_wrong_source_exit_with_2_and_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let ring = format!("{INDEX}\n{FIRST}\n");
    let wrong: [&[(&str, &str)]; 6] = [
        &[("MUSIMAN_KEYS", "a.keys"), ("MUSIMAN_KEYRING", &ring)],
        &[("MUSIMAN_KEYS", "a.keys"), ("MUSIMAN_KEYS_COMMAND", "cat ring")],
        &[("MUSIMAN_KEYS", ""), ("MUSIMAN_KEYRING", &ring), ("MUSIMAN_KEYS_COMMAND", "cat ring")],
        &[("MUSIMAN_KEYS", ""), ("MUSIMAN_KEYRING", FIRST)],
        &[("MUSIMAN_KEYS", ""), ("MUSIMAN_KEYS_COMMAND", "no-such-program ring")],
        &[("MUSIMAN_KEYS", ""), ("MUSIMAN_KEYS_COMMAND", "echo seal")],
    ];
    for variables in wrong {
        let mut command = musiman(folder.path(), "x.db");
        let (status, out, err) = run(command.arg("migrate").envs(variables.iter().copied()));
        assert_eq!((status, out.as_str(), err.lines().count()), (2, "", 1), "{err}");
        assert!(err.contains("MUSIMAN_KEY"), "{err}");
        tells_no_key(&err, &ring);
    }
    let mut command = musiman(folder.path(), "x.db");
    command.env("MUSIMAN_KEYS", "").env("MUSIMAN_KEYS_COMMAND", "false");
    let (status, _, err) = run(command.arg("migrate"));
    assert!(status == 1 && err.contains("MUSIMAN_KEYS_COMMAND"), "an outage is no misuse: {err}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
}
