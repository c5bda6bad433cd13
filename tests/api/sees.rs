//! Who sees which member of which answer: every read by everybody, on two seasons that were
//! played, against a snapshot; and nothing that identifies a person outside the office.

use crate::permissions::operations;
use crate::support::played::{Played, identifiers};
use crate::support::{Answer, World, both};
use actix_web::http::Method;
use musiman::db::classes::{CLASSES, Class};
use musiman::domain::scopes::Scope;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const SNAPSHOT: &str = "tests/api/who_sees_what.txt";

/// Somebody who reads, the side whose things are asked for, and the token.
struct Reader {
    name: String,
    side: usize,
    token: Option<String>,
}

impl Reader {
    fn new(name: &str, side: usize, token: Option<String>) -> Self {
        Self { name: name.to_owned(), side, token }
    }

    fn scope(&self) -> Option<&str> {
        self.name.strip_prefix('[')?.strip_suffix(']')
    }

    /// Whether identifiers of others may stand in an answer to this reader at all.
    fn is_office(&self) -> bool {
        matches!(self.name.as_str(), "office" | "lead")
            || self.scope().is_some_and(|s| s.starts_with("seekers.") || s.starts_with("imports."))
    }

    fn is_seeker(&self) -> bool {
        self.name.starts_with("seeker")
    }
}

fn readers(w: &World, client: &str) -> Vec<Reader> {
    let mut all = vec![Reader::new("nobody", 0, None)];
    for name in ["office", "lead", "kadin"] {
        all.push(Reader::new(name, 0, Some(w.token(name))));
    }
    for (name, login) in [("partner", "farm"), ("seeker", "seeker1")] {
        all.push(Reader::new(&format!("{name}:own"), 0, Some(w.token(login))));
        all.push(Reader::new(&format!("{name}:foreign"), 1, Some(w.token(login))));
    }
    all.push(Reader::new("company:own", 1, Some(w.token("company"))));
    let client = client.parse().unwrap();
    for scope in Scope::ALL {
        let (jti, now) = (w.clock.new_id(), w.clock.now());
        let token = w.app.tokens.sign_machine(client, scope.as_str(), jti, now).unwrap();
        all.push(Reader::new(&format!("[{scope}]"), 0, Some(token)));
    }
    all
}

/// Every read, and the look-up, which is one.
fn reads() -> Vec<(String, Method, String)> {
    let named = |(method, path, op): (Method, String, Value)| {
        let name = op["operationId"].as_str().unwrap().to_owned();
        let reads = method == Method::GET || path.ends_with("/search");
        reads.then_some((name, method, path))
    };
    operations().into_iter().filter_map(named).collect()
}

async fn read(w: &World, p: &Played, (method, path): (&Method, &str), by: &Reader) -> Answer {
    let mut at = p.filled(path, by.side);
    if path.ends_with("/eligibility") {
        write!(at, "?quota_id={}", p.quotas[0]).unwrap();
    }
    let mut request = w.request(method.clone(), &at);
    if method == Method::POST {
        request = request.json(json!({ "nik": identifiers(1)[0] }));
    }
    if let Some(token) = &by.token {
        request = request.bearer(token);
    }
    request.send().await
}

/// Each place where a value stands, and whether any of its values is more than null.
fn members(value: &Value, at: &str, all: &mut BTreeMap<String, bool>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                self::members(value, &at, all);
            }
        }
        Value::Array(items) => {
            for item in items {
                members(item, &format!("{at}[]"), all);
            }
            if items.is_empty() {
                all.entry(format!("{at}[]")).or_insert(false);
            }
        }
        value => *all.entry(at.to_owned()).or_default() |= !value.is_null(),
    }
}

fn seen(answer: &Answer) -> String {
    if answer.status != 200 {
        return format!("{} {}", answer.status, answer.body["code"].as_str().unwrap_or(""));
    }
    if answer.body.is_null() {
        return "a file".to_owned();
    }
    let mut all = BTreeMap::new();
    members(&answer.body, "", &mut all);
    let told = |(at, filled): (String, bool)| if filled { at } else { format!("{at}?") };
    all.into_iter().map(told).collect::<Vec<_>>().join(" ")
}

/// Names of columns that identify a person, as members of answers are called.
fn identifying() -> BTreeSet<&'static str> {
    let of = |class: Class| {
        let columns = CLASSES.iter().flat_map(|(_, columns)| columns.iter());
        columns.filter(move |(_, c)| *c == class).map(|(name, _)| *name)
    };
    let general: BTreeSet<&str> = of(Class::General).collect();
    let stem = |name: &'static str| name.rsplit_once('_').map_or(name, |(stem, _)| stem);
    of(Class::Identifier).map(stem).filter(|stem| !general.contains(stem)).collect()
}

fn holds_nothing(at: &str, by: &Reader, answer: &Answer, secrets: &[String]) {
    let text = String::from_utf8_lossy(&answer.bytes);
    for secret in secrets {
        assert!(!text.contains(secret.as_str()), "{at} tells {} {secret}", by.name);
    }
    if by.is_seeker() || answer.status != 200 {
        return;
    }
    let mut all = BTreeMap::new();
    members(&answer.body, "", &mut all);
    let names = identifying();
    for (place, _) in all {
        let leaf = place.rsplit('.').next().unwrap_or("").trim_end_matches("[]");
        let is_one = names.iter().any(|n| leaf == *n || leaf.starts_with(&format!("{n}_")));
        // When a passport ends tells nobody apart, but belongs to no partner either.
        assert!(!is_one, "{at} has a place for {leaf} in an answer to {}", by.name);
    }
}

/// Readers who see the same stand on one line; machines that are not let in are one reader.
fn lines(name: &str, seen: &[(String, String)]) -> String {
    let mut text = format!("{name}\n");
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for (_, what) in seen {
        if done.insert(what) {
            let who: Vec<&str> =
                seen.iter().filter(|(_, w)| w == what).map(|(who, _)| who.as_str()).collect();
            writeln!(text, "    {}: {what}", who.join(" ")).unwrap();
        }
    }
    text
}

#[test]
fn everybody_sees_the_members_that_the_snapshot_says_and_none_that_tells_who_a_person_is() {
    assert!(identifying().is_superset(&["nik", "kk", "phone", "passport", "address"].into()));
    both(|w| async move {
        let p = w.played().await;
        let readers = readers(&w, &p.client);
        let all: Vec<String> = (1..=3).flat_map(identifiers).collect();
        let others: Vec<String> = (2..=3).flat_map(identifiers).collect();
        let (mut text, mut told) = (String::new(), BTreeSet::new());
        for (name, method, path) in reads() {
            let mut shapes: Vec<(String, String)> = vec![];
            for by in &readers {
                let answer = read(&w, &p, (&method, &path), by).await;
                assert!(answer.status < 500, "{name} {}: {}", by.name, answer.body);
                let secrets = if by.is_seeker() { &others } else { &all };
                if by.is_office() {
                    let text = String::from_utf8_lossy(&answer.bytes).into_owned();
                    told.extend(all.iter().filter(|s| text.contains(s.as_str())).cloned());
                } else {
                    holds_nothing(&name, by, &answer, secrets);
                }
                let seen = seen(&answer);
                if seen == "403 scope_missing" {
                    if shapes.iter().all(|(who, _)| who != "[else]") {
                        shapes.push(("[else]".to_owned(), seen));
                    }
                } else {
                    shapes.push((by.name.clone(), seen));
                }
            }
            text.push_str(&lines(&name, &shapes));
        }
        for secret in identifiers(1) {
            assert!(told.contains(&secret), "not even the office is told {secret}: {told:?}");
        }
        let kept = std::fs::read_to_string(SNAPSHOT).unwrap_or_default();
        std::fs::write("target/who_sees_what.txt", &text).unwrap();
        assert!(
            text == kept,
            "who sees what has changed: read target/who_sees_what.txt, and if it is meant, copy it to {SNAPSHOT}"
        );
    });
}

/// Every schema that an answer of the operation is made of.
fn schemas<'a>(document: &'a Value, at: &'a Value, all: &mut BTreeSet<&'a str>) {
    match at {
        Value::Object(members) => {
            let named = members.get("$ref").and_then(Value::as_str);
            if let Some(name) = named.and_then(|r| r.strip_prefix("#/components/schemas/"))
                && all.insert(name)
            {
                schemas(document, &document["components"]["schemas"][name], all);
            }
            members.values().for_each(|value| schemas(document, value, all));
        }
        Value::Array(items) => items.iter().for_each(|item| schemas(document, item, all)),
        _ => {}
    }
}

/// The document is made of the types of the answers: two types alone have places for
/// identifiers, and both are made with the `Sight` of the office or of the person.
#[test]
fn types_made_with_sight_alone_can_hold_what_tells_who_a_person_is() {
    let document: Value = serde_json::from_str(&musiman::api::document_text()).unwrap();
    let names = identifying();
    let mut holders = BTreeMap::new();
    for (_, _, operation) in operations() {
        let mut all = BTreeSet::new();
        schemas(&document, &operation["responses"], &mut all);
        for name in all {
            let members = document["components"]["schemas"][name]["properties"].as_object();
            let members = members.into_iter().flatten().map(|(member, _)| member.as_str());
            let told: Vec<&str> = members
                .filter(|m| names.iter().any(|n| m == n || m.starts_with(&format!("{n}_"))))
                .collect();
            if !told.is_empty() {
                let operation = operation["operationId"].as_str().unwrap().to_owned();
                holders.entry(name.to_owned()).or_insert_with(Vec::new).push(operation);
            }
        }
    }
    let shown = [
        "change_seeker",
        "confirm_merge",
        "get_export",
        "get_merge",
        "get_seeker",
        "import_portable",
        "propose_merge",
        "refuse_merge",
        "register_seeker",
        "release_merged_nik",
        "verify_seeker",
        "withdraw_merge",
    ];
    let mut told: Vec<(String, Vec<String>)> = holders.into_iter().collect();
    for (_, operations) in &mut told {
        operations.sort();
    }
    assert_eq!(
        told,
        [
            ("JobSeeker".to_owned(), shown.map(str::to_owned).to_vec()),
            ("RegisterSeeker".to_owned(), vec!["export_seeker".to_owned()]),
        ]
    );
}
