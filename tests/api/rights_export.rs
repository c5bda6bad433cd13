//! The export holds every column that tells of a person, and its page is safe to look at.

use crate::rights::correction;
use crate::rights_columns::Place::{At, Member};
use crate::rights_columns::{ABOUT, NOBODYS};
use crate::support::played::{identifiers, whole};
use crate::support::{Answer, World, both, ends};
use musiman::db::classes::CLASSES;
use serde_json::Value;
use std::collections::BTreeSet;
use totp_rs::{Builder, Secret};

#[test]
fn every_column_of_every_table_is_in_the_export_or_has_its_reason() {
    for (table, columns) in CLASSES {
        let all: BTreeSet<&str> = columns.iter().map(|(column, _)| *column).collect();
        match ABOUT.iter().find(|(name, _)| name == table) {
            Some((_, told)) => {
                let told: BTreeSet<&str> = told.iter().map(|(column, _)| *column).collect();
                assert_eq!(told, all, "{table}: say where each column stands in the export");
            }
            None => assert!(
                NOBODYS.contains(table),
                "{table}: is it about a person? Then export it and say where, else list it here"
            ),
        }
    }
    assert_eq!(ABOUT.len() + NOBODYS.len(), CLASSES.len(), "a table is gone");
}

/// `seeker1` with something in every place.
async fn full(w: &World) -> Answer {
    let p = w.played().await;
    let refused = w.asked("seeker1", correction("village", "Setu")).await.ok();
    let seen = w.identified(&refused).await;
    let no = serde_json::json!({ "outcome": "refused", "ground": "repeated", "note": "No." });
    w.decided("office", &seen, no).await.ok();
    let why = serde_json::json!({ "kind": "objection", "round_id": p.rounds[0] });
    let asked = w.asked("seeker1", why).await.ok();
    let seen = w.identified(&asked).await;
    let yes = serde_json::json!({ "outcome": "granted", "review": "upheld", "note": "Read." });
    w.decided("lead", &seen, yes).await.ok();
    w.further(&p.people[0]);
    let path = format!("/v1/job-seekers/{}/activation-code", p.people[0]);
    w.post(&path).by("office").once().send().await.ok();
    let path = format!("/v1/job-seekers/{}/external-ids", p.people[0]);
    let number = serde_json::json!({ "system": "siapkerja", "value": "SK-1001" });
    w.post(&path).by("office").once().json(number).send().await.ok();
    let path = format!("/v1/merges/{}/confirmation", p.merge);
    w.post(&path).by("lead").if_match("*").send().await.ok();
    w.get("/v1/me/export").by(identifiers(1)[0].as_str()).send().await.ok()
}

impl World {
    /// An ended session, one with a used token, and a list that the office withdrew.
    fn further(&self, person: &str) {
        use musiman::db::{
            Actor, Fault, accounts, applications, refresh, second_factors, sessions,
        };
        let seeker = person.parse().unwrap();
        self.store
            .write::<_, Fault>(Actor::SYSTEM, |tx, _| {
                let account = accounts::of_seeker(tx, seeker)?.unwrap();
                for session in sessions::kept(tx, account.id)? {
                    sessions::end(tx, &session, "end_session")?;
                }
                let secret = second_factors::offer(tx, account.id)?.secret;
                let app = Builder::new().with_secret(Secret::from(secret.to_vec())).build();
                let code = app.unwrap().generate(tx.now.utc().timestamp().unsigned_abs());
                assert!(second_factors::confirm(tx, account.id, &code.to_string())?.is_some());
                let issued = refresh::begin(tx, &account, ends())?.unwrap();
                refresh::turn(tx, &issued.token, ends())?;
                let list = applications::of_person(tx, seeker)?.remove(0);
                applications::withdraw(tx, &list, Some("at the desk"))
            })
            .unwrap();
    }
}

#[test]
fn the_export_of_somebody_of_whom_everything_is_known_has_no_hole() {
    both(|w| async move {
        let told = full(&w).await;
        assert_eq!(told.header("cache-control"), "no-store");
        for (table, columns) in ABOUT {
            for (column, place) in *columns {
                if let Member(at) = place {
                    assert!(told.body.pointer(at).is_some(), "{table}.{column}: no {at}");
                }
                let At(at) = place else { continue };
                // Lines of the journal carry states and details here and there.
                let lines = told.body["journal"].as_array().unwrap();
                let there = match at.strip_prefix("/journal/") {
                    Some(rest) => {
                        let member = rest.split_once('/').unwrap().1;
                        lines.iter().any(|line| !line[member].is_null())
                    }
                    None => told.body.pointer(at).is_some_and(|value| !value.is_null()),
                };
                assert!(there, "{table}.{column} should stand at {at}: {}", told.body);
            }
        }
        for identifier in identifiers(1) {
            assert!(told.body["record"].to_string().contains(&identifier), "{identifier}");
        }
        assert_eq!(told.body["record"]["name"], whole(1)["name"]);
        assert_eq!(told.body["results"][0]["wishes"][0]["outcome"], "placed");
        assert_eq!(told.body["frozen_lists"][0]["wishes"][0]["points"], 30);
        let lines = told.body["journal"].to_string();
        for event in ["register", "verify", "apply", "log_in", "request", "make_activation_code"] {
            assert!(lines.contains(&format!("\"{event}\"")), "{event}: {lines}");
        }
        assert!(told.body["journal"][0].get("account_id").is_none(), "officers by role alone");
        let text = String::from_utf8_lossy(&told.bytes);
        assert!(!text.contains("argon2") && !text.contains("_index"), "a secret is out");
        for other in identifiers(2) {
            assert!(!text.contains(&other), "{other} is another's");
        }
        w.get("/v1/me/export").by("office").send().await.refused(403, "role_forbidden");
        w.get("/v1/me/export").send().await.refused(401, "token_missing");
    });
}

/// Names of members, at every depth.
fn members(value: &Value, all: &mut BTreeSet<String>) {
    match value {
        Value::Object(inner) => {
            for (name, value) in inner {
                all.insert(name.clone());
                members(value, all);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| members(item, all)),
        _ => {}
    }
}

#[test]
fn the_page_says_the_same_in_each_language_and_runs_nothing() {
    both(|w| async move {
        let told = full(&w).await;
        let mut names = BTreeSet::new();
        members(&told.body, &mut names);
        for lang in ["id", "ko", "en"] {
            let page =
                w.get("/v1/me/export/page").by(&identifiers(1)[0]).header("accept-language", lang);
            let page = page.send().await.ok();
            assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
            assert_eq!(page.header("content-language"), lang);
            assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
            assert_eq!(page.header("x-content-type-options"), "nosniff");
            let html = String::from_utf8(page.bytes.clone()).unwrap();
            assert!(html.contains(&format!("<html lang=\"{lang}\">")), "{html}");
            for out in ["<script", "style", "onerror", "http-equiv", "src=", "href="] {
                assert!(!html.contains(out), "{lang}: {out} has no place in the page");
            }
            for name in &names {
                assert!(!html.contains(&format!("<dt>{name}</dt>")), "{lang}.toml: member.{name}");
                assert!(!html.contains(&format!("<h2>{name}</h2>")), "{lang}.toml: member.{name}");
            }
            for identifier in identifiers(1) {
                assert!(html.contains(&identifier), "{lang}: {identifier}");
            }
        }
    });
}

#[test]
fn what_a_person_wrote_comes_back_as_text() {
    both(|w| async move {
        w.applicant(1).await;
        let hostile = "<img src=x onerror=alert(1)>\"'&lt;</dd><script>alert(1)</script>";
        let body = serde_json::json!({ "kind": "access", "text": hostile });
        w.asked("seeker1", body).await.ok();
        let page = w.get("/v1/me/export/page").by("seeker1").send().await.ok();
        let html = String::from_utf8(page.bytes).unwrap();
        assert!(html.contains("&lt;img src=x onerror=alert(1)&gt;"), "{html}");
        assert!(!html.contains("<img") && !html.contains("<script"), "{html}");
    });
}
