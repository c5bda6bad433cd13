//! The id of another owner, tried on every operation by everybody who owns something: it is as if
//! it were not there, and nothing changes.

use crate::permissions::operations;
use crate::support::dump::dump;
use crate::support::played::Played;
use crate::support::{Answer, World, both};
use actix_web::http::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Nobody owns it.
const NOWHERE: &str = "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11";

/// Things of the first side, tried by the second, and the other way round.
const OWNERS: [(&str, usize); 4] = [("farm", 1), ("company", 0), ("seeker1", 1), ("seeker2", 0)];

/// Open to whoever may come in at all: these are nobody's own.
const OF_ALL: [&str; 9] = [
    "get_round",
    "get_season",
    "get_summary",
    "list_inputs",
    "list_rounds",
    "list_seats",
    "get_quota",
    "get_jwks",
    "get_agreement",
];

/// The example of the document as a body, with the ids in it put to those of a side.
fn body(p: &Played, operation: &Value, side: usize) -> Option<(String, Value)> {
    let content = operation["requestBody"]["content"].as_object()?;
    let (media_type, content) = content.iter().next()?;
    let mut body = content["example"].clone();
    if let Some(members) = body.as_object_mut() {
        for (name, value) in members {
            match name.as_str() {
                "season_id" => *value = json!(p.seasons[side]),
                "organisation_id" => *value = json!(p.organisations[side]),
                "agreement_id" => *value = json!(p.agreements[side]),
                "job_seeker_id" => *value = json!(p.people[side]),
                "choices" => *value = json!([p.quotas[side]]),
                _ => {}
            }
        }
    }
    Some((media_type.clone(), body))
}

async fn tried(
    w: &World,
    p: &Played,
    (method, path, operation): &(Method, String, Value),
    (login, side): (&str, usize),
    at: &str,
) -> Answer {
    let at = if path.ends_with("/eligibility") {
        format!("{at}?quota_id={}", p.quotas[side])
    } else {
        at.to_owned()
    };
    let mut request = w.request(method.clone(), &at).by(login).if_match("*");
    if operation["parameters"].to_string().contains("Idempotency-Key") {
        request = request.once();
    }
    match body(p, operation, side) {
        Some((media_type, body)) => {
            request.bytes(&media_type, body.to_string().into_bytes()).send().await
        }
        None => request.send().await,
    }
}

/// A refusal without what differs from request to request.
fn told(answer: &Answer, at: &str) -> (u16, String) {
    let mut body = answer.body.clone();
    if let Some(members) = body.as_object_mut() {
        members.remove("request_id");
        members.remove("instance");
    }
    (answer.status, body.to_string().replace(at, ""))
}

/// All that stands, but for the journal's own lines.
fn state(w: &World) -> BTreeMap<String, Vec<String>> {
    let mut all = dump(&w.store, w.kind);
    assert!(all.remove("journal").is_some_and(|lines| !lines.is_empty()));
    all
}

fn same(before: &BTreeMap<String, Vec<String>>, after: &BTreeMap<String, Vec<String>>, at: &str) {
    for (table, rows) in before {
        assert_eq!(after.get(table), Some(rows), "{at} changed {table}");
    }
}

/// The path with an id in each place that nobody owns.
fn nowhere(p: &Played, path: &str, side: usize) -> String {
    // The last id tells whose it is; the first of two is of both sides.
    let at = p.filled(path, side);
    let ids: Vec<&str> = at.split('/').filter(|part| part.len() == NOWHERE.len()).collect();
    ids.last().map_or(at.clone(), |id| at.replace(*id, NOWHERE))
}

#[test]
fn the_id_of_another_owner_is_as_good_as_none_on_every_operation_and_changes_nothing() {
    both(|w| async move {
        let p = w.played().await;
        w.store.flush_reads().unwrap();
        let before = state(&w);
        let mut compared = 0;
        for op in operations() {
            let (method, path, operation) = &op;
            let name = operation["operationId"].as_str().unwrap();
            if !path.contains('{') || OF_ALL.contains(&name) {
                continue;
            }
            for (login, side) in OWNERS {
                let at = p.filled(path, side);
                let theirs = tried(&w, &p, &op, (login, side), &at).await;
                let line = format!("{method} {path} by {login}");
                assert!(
                    matches!(theirs.status, 403 | 404),
                    "{line}: {} {}",
                    theirs.status,
                    theirs.body
                );
                let gone = nowhere(&p, path, side);
                let none = tried(&w, &p, &op, (login, side), &gone).await;
                assert_eq!(
                    told(&theirs, &at),
                    told(&none, &gone),
                    "{line}: a difference tells that it is there"
                );
                compared += 1;
            }
        }
        assert!(compared > 100, "{compared}: too few operations were tried");
        same(&before, &state(&w), "somebody's try");
    });
}

/// What is refused by role alone would hide a missing check of the owner: the same operations work
/// for the owner.
#[test]
fn the_owner_is_let_in_where_another_is_not() {
    both(|w| async move {
        let p = w.played().await;
        let mut met = vec![];
        for op in operations() {
            let (method, path, operation) = &op;
            if !path.contains('{') || OF_ALL.contains(&operation["operationId"].as_str().unwrap()) {
                continue;
            }
            for (login, foreign) in OWNERS {
                let (own, at) = (1 - foreign, p.filled(path, 1 - foreign));
                let answer = tried(&w, &p, &op, (login, own), &at).await;
                if !matches!(answer.status, 403 | 404) {
                    met.push(format!("{method} {path} by {login}"));
                }
            }
        }
        for wanted in [
            "GET /v1/job-seekers/{id} by seeker1",
            "GET /v1/job-seekers/{id}/eligibility by seeker2",
            "GET /v1/organisations/{id} by farm",
            "PATCH /v1/quotas/{id} by farm",
            "POST /v1/quotas/{id}/submission by company",
            "POST /v1/quotas/{id}/withdrawal by company",
            "GET /v1/seasons/{id}/applications/{job_seeker_id} by seeker1",
            "PUT /v1/seasons/{id}/applications/{job_seeker_id} by seeker1",
            "DELETE /v1/seasons/{id}/applications/{job_seeker_id} by seeker1",
            "GET /v1/rounds/{id}/explanations/{job_seeker_id} by seeker1",
            "GET /v1/me/sessions/{id} by seeker1",
            "DELETE /v1/me/sessions/{id} by seeker2",
        ] {
            assert!(met.iter().any(|line| line == wanted), "{wanted}: {met:#?}");
        }
    });
}

/// Ids in queries and bodies name nothing more than ids in paths.
#[test]
fn an_id_of_another_owner_in_a_query_or_a_body_opens_nothing() {
    both(|w| async move {
        let p = w.played().await;
        let list = |login: &'static str, query: String| {
            w.get(&format!("/v1/quotas?{query}")).by(login).send()
        };
        let theirs = list("farm", format!("season_id={}", p.seasons[1])).await.ok();
        let none = list("farm", format!("season_id={NOWHERE}")).await;
        assert_eq!(theirs.body["data"], json!([]), "{}", theirs.body);
        assert_eq!((none.status, &none.body), (200, &theirs.body));
        let before = state(&w);
        // A cursor of one's own list opens no list of another.
        for (login, path) in [("farm", "/v1/job-seekers"), ("seeker1", "/v1/journal")] {
            let path = format!("{path}?cursor=AAAA");
            w.get(&path).by(login).send().await.refused(403, "role_forbidden");
        }
        let mut quota = crate::support::season::quota(&p.seasons[0]);
        quota["organisation_id"] = json!(p.organisations[1]);
        let posted = w.post("/v1/quotas").by("farm").once().json(quota).send().await;
        assert_eq!(
            posted.reasons(),
            [("/organisation_id".to_owned(), "unknown_member".to_owned())],
            "{}",
            posted.body
        );
        same(&before, &state(&w), "somebody's body");
    });
}

/// A machine with one scope gets by with nobody's ids on what the scope does not open.
#[test]
fn a_machine_of_one_scope_is_told_the_same_of_every_id() {
    both(|w| async move {
        let p = w.played().await;
        let client = p.client.parse().unwrap();
        let (jti, now) = (w.clock.new_id(), w.clock.now());
        let token = w.app.tokens.sign_machine(client, "jobs.read", jti, now).unwrap();
        w.store.flush_reads().unwrap();
        let before = state(&w);
        for (method, path, operation) in operations() {
            if !path.contains('{') || operation["x-scope"] == "jobs.read" {
                continue;
            }
            for at in [p.filled(&path, 0), nowhere(&p, &path, 0)] {
                let request = w.request(method.clone(), &at).bearer(&token).if_match("*").once();
                request.send().await.refused(403, "scope_missing");
            }
        }
        same(&before, &state(&w), "a machine");
    });
}
