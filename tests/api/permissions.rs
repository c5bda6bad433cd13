//! Every operation of the document, called by everybody: guards, document and the snapshot agree.

use crate::support::{World, both};
use actix_web::http::Method;
use musiman::api;
use musiman::api::token::Holder;
use musiman::domain::roles::Role;
use musiman::domain::scopes::Scope;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const SNAPSHOT: &str = "tests/api/who_may_do_what.txt";

/// A token of a machine that does not exist.
fn machine(w: &World, scopes: &str) -> String {
    w.app.tokens.sign_machine(w.clock.new_id(), scopes, w.clock.new_id(), w.clock.now()).unwrap()
}

/// A token of a role, bound to things that do not exist: the guard is asked before any row.
fn token(w: &World, role: Role) -> String {
    let id = || w.clock.new_id();
    let holder = Holder {
        account: id(),
        role,
        organisation: (role == Role::Partner).then(id),
        job_seeker: (role == Role::Seeker).then(id),
        session: None,
        proved_at: w.clock.now(),
    };
    w.app.tokens.sign(holder, id(), w.clock.now()).unwrap()
}

/// The scopes with which a machine comes in, one by one.
async fn scopes_for(w: &World, method: &Method, path: &str) -> Vec<&'static str> {
    let mut opened = vec![];
    for scope in Scope::ALL {
        let token = machine(w, scope.as_str());
        let answer = w.request(method.clone(), &filled(path)).bearer(&token).send().await;
        assert!(answer.status < 500, "{method} {path} {scope}: {}", answer.body);
        // Whoever asks for a token has none, and none is looked at.
        if answer.body["code"] != "scope_missing" && path != "/v1/auth/token" {
            assert_ne!(answer.status, 403, "{method} {path} {scope}: {}", answer.body);
            opened.push(scope.as_str());
        }
    }
    opened
}

/// The template with an id in each place.
pub fn filled(path: &str) -> String {
    let mut parts = path.split('{');
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        out.push_str("01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11");
        out.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
    }
    out
}

/// `(method, path, operation)` of every operation.
pub fn operations() -> Vec<(Method, String, Value)> {
    let document: Value = serde_json::from_str(&api::document_text()).unwrap();
    let mut all = vec![];
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            all.push((method, path.clone(), operation.clone()));
        }
    }
    all
}

#[test]
fn everybody_may_do_what_the_snapshot_says_and_nothing_else() {
    both(|w| async move {
        let mut matrix = BTreeMap::new();
        for (method, path, operation) in operations() {
            let name = operation["operationId"].as_str().unwrap().to_owned();
            let mut may = vec![];
            let nobody = w.request(method.clone(), &filled(&path)).send().await;
            if nobody.status != 401 && nobody.status != 403 {
                may.push("nobody");
            }
            for role in Role::ALL {
                let request = w.request(method.clone(), &filled(&path));
                let answer = request.bearer(&token(&w, *role)).send().await;
                let status = answer.status;
                assert!(status != 405 && status < 500, "{name} {role}: {}", answer.body);
                if status != 403 && answer.body["code"] != "token_missing" {
                    may.push(role.as_str());
                }
            }
            let scopes = scopes_for(&w, &method, &path).await;
            assert_eq!(
                operation["x-scope"].as_str().into_iter().collect::<Vec<_>>(),
                scopes,
                "{name}: document and guard differ"
            );
            let open = operation["security"].as_array().unwrap().is_empty();
            assert_eq!(open, may.contains(&"nobody"), "{name}: document and guard differ");
            if !open {
                assert_eq!(operation["x-roles"], json!(may), "{name}: document and guard differ");
            }
            let machine = scopes.first().map_or(String::new(), |s| format!(" [{s}]"));
            let line = format!("{method} {path}: {}{machine}", may.join(" "));
            assert!(matrix.insert(name.clone(), line).is_none(), "{name} stands twice");
        }
        let mut text = String::new();
        for (name, line) in matrix {
            writeln!(text, "{name}\n    {line}").unwrap();
        }
        let kept = std::fs::read_to_string(SNAPSHOT).unwrap_or_default();
        std::fs::write("target/who_may_do_what.txt", &text).unwrap();
        assert!(
            text == kept,
            "who may do what has changed: read target/who_may_do_what.txt, and if it is meant, copy it to {SNAPSHOT}"
        );
    });
}

#[test]
fn every_operation_names_its_4xx_its_tag_and_its_words() {
    for (method, path, operation) in operations() {
        let at = format!("{method} {path}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|s| s.starts_with('4')), "{at}: no 4xx");
        for word in ["summary", "description"] {
            assert!(operation[word].as_str().is_some_and(|t| t.len() > 3), "{at}: no {word}");
        }
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{at}: one tag");
        for response in
            responses.values().filter_map(|r| r["content"]["application/json"].as_object())
        {
            assert!(response.contains_key("example"), "{at}: an answer without example");
        }
    }
}

/// What decides is done by people: no scope opens an approval, a publication or an account.
#[test]
fn no_machine_decides() {
    let decisions = [
        "approval",
        "publication",
        "confirmation",
        "verification",
        "rejection",
        "suspension",
        "freeze",
        "beacon",
        "opening",
        "closure",
        "accounts",
        "clients",
        "endorsement",
    ];
    let mut seen = 0;
    for (method, path, operation) in operations() {
        if decisions.iter().any(|word| path.contains(word)) {
            assert!(operation["x-scope"].is_null(), "{method} {path}");
            seen += 1;
        } else if operation["x-scope"].is_string() && !operation["x-roles"].is_null() {
            let roles = operation["x-roles"].to_string();
            assert!(roles.contains("\"office\""), "{method} {path}: no officer may do this");
        }
    }
    assert!(seen > 15, "the document was not read");
}
