//! Members that no form has, in every form at every depth: refused, and nothing is written.

use crate::operations::operations;
use crate::support::dump::dump;
use crate::support::{World, both};
use serde_json::{Value, json};

/// What an attacker would like to set.
fn wishes() -> [(&'static str, Value); 20] {
    [
        ("id", json!("01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11")),
        ("version", json!(99)),
        ("role", json!("lead")),
        ("state", json!("approved")),
        ("identity", json!("matches")),
        ("seeker_id", json!("01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11")),
        ("job_seeker_id", json!("01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11")),
        ("organisation_id", json!("01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11")),
        ("account_id", json!("01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11")),
        ("scopes", json!(["seekers.write"])),
        ("password_hash", json!("x")),
        ("nik_sealed", json!("x")),
        ("points", json!(1000)),
        ("lottery", json!(1)),
        ("updated_at", json!("2020-01-01T00:00:00Z")),
        ("changed_by", json!(null)),
        ("endorsed_at", json!("2020-01-01T00:00:00Z")),
        ("is_admin", json!(true)),
        ("__proto__", json!({ "role": "lead" })),
        ("constructor", json!({ "prototype": { "role": "lead" } })),
    ]
}

/// The body with the member added at its top and in each object within it, one at a time.
fn planted(body: &Value, name: &str, value: &Value) -> Vec<(String, Value)> {
    let mut places = vec![String::new()];
    let mut at = 0;
    while let Some(place) = places.get(at).cloned() {
        let inner: Vec<String> = match body.pointer(&place) {
            Some(Value::Object(members)) => members.keys().cloned().collect(),
            Some(Value::Array(items)) => (0..items.len()).map(|i| i.to_string()).collect(),
            _ => vec![],
        };
        places.extend(inner.iter().map(|step| format!("{place}/{step}")));
        at += 1;
    }
    let mut all = vec![];
    for place in places {
        let mut body = body.clone();
        if let Some(Value::Object(members)) = body.pointer_mut(&place)
            && !members.contains_key(name)
        {
            members.insert(name.to_owned(), value.clone());
            all.push((format!("{place}/{name}"), body));
        }
    }
    all
}

/// Members that a form does have are its own business.
fn is_own(operation: &str, pointer: &str) -> bool {
    match operation {
        "create_account" | "change_account" => {
            matches!(pointer, "/organisation_id" | "/role" | "/state")
        }
        "create_client" => pointer == "/scopes",
        "change_quota" | "post_quota" => pointer == "/season_id",
        _ => false,
    }
}

#[test]
fn no_form_takes_a_member_that_it_does_not_have() {
    both(|w: World| async move {
        let p = w.played().await;
        w.store.flush_reads().unwrap();
        let before = dump(&w.store, w.kind);
        let mut tried = 0;
        for op in operations() {
            let Some(example) = op.example(&p) else { continue };
            let by = op.logins[0];
            let is_patch = op.body.as_ref().is_some_and(|(kind, _)| kind.contains("merge-patch"));
            for (name, value) in wishes() {
                // A null takes a member away (RFC 7396), and one that is not there may go.
                if is_patch && value.is_null() {
                    continue;
                }
                for (pointer, body) in planted(&example, name, &value) {
                    if is_own(&op.name, &pointer) {
                        continue;
                    }
                    let told = op.call(&w, &p, by, Some(&body)).await;
                    let line = format!("{} {} {pointer}", op.method, op.path);
                    told.refused(422, "fields_invalid");
                    let strange = (pointer.clone(), "unknown_member".to_owned());
                    assert!(told.reasons().contains(&strange), "{line}: {}", told.body);
                    tried += 1;
                }
            }
        }
        assert!(tried > 500, "{tried} members were tried");
        w.store.flush_reads().unwrap();
        let after = dump(&w.store, w.kind);
        for (table, rows) in &before {
            if table != "journal" {
                assert_eq!(after.get(table), Some(rows), "{table} was written");
            }
        }
    });
}
