//! Ranked lists over HTTP.

use crate::support::drawn::{Drawn, FREEZE};
use crate::support::{Answer, World, both};
use actix_web::http::Method;
use musiman::domain::organisations::OrganisationKind;
use musiman::domain::quotas::QuotaEvent;
use musiman::domain::roles::Role;
use serde_json::{Value, json};

/// A season, a person of it, and the place of the person's list.
async fn place(w: &World) -> (Drawn, String) {
    let d = w.drawn();
    let id = w.applicant(1).await;
    let path = format!("/v1/seasons/{}/applications/{id}", d.season);
    (d, path)
}

async fn first(w: &World, path: &str, by: &str, body: Value) -> Answer {
    w.put(path).by(by).header("if-none-match", "*").json(body).send().await
}

async fn later(w: &World, path: &str, by: &str, tag: &str, body: Value) -> Answer {
    w.put(path).by(by).if_match(tag).json(body).send().await
}

async fn withdraw(w: &World, path: &str, by: &str, tag: &str) -> Answer {
    w.request(Method::DELETE, path).by(by).if_match(tag).send().await
}

fn at(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

#[test]
fn a_person_hands_in_a_list_reads_it_withdraws_it_and_hands_in_again() {
    both(|w| async move {
        let (d, path) = place(&w).await;
        let list = json!({ "choices": [d.quota.to_string()] });
        w.get(&path).by("seeker1").send().await.refused(404, "not_found");
        let made = first(&w, &path, "seeker1", list.clone()).await;
        assert_eq!((made.status, made.header("location")), (201, &*path), "{}", made.body);
        let read = w.get(&path).by("seeker1").send().await.ok();
        assert_eq!((&read.body, read.etag()), (&made.body, made.etag()));
        assert_eq!(
            (&read.body["choices"], &read.body["state"], &read.body["reason"]),
            (&list["choices"], &json!("active"), &json!(null))
        );
        let gone = withdraw(&w, &path, "seeker1", made.etag()).await.ok();
        assert_eq!(gone.body["state"], "withdrawn");
        let again = withdraw(&w, &path, "seeker1", made.etag()).await.ok();
        assert_eq!(again.etag(), gone.etag());
        let back = later(&w, &path, "seeker1", gone.etag(), list).await.ok();
        assert_eq!(back.body["state"], "active");
    });
}

#[test]
fn the_office_acts_for_a_person_only_with_a_reason() {
    both(|w| async move {
        let (d, path) = place(&w).await;
        let silent = json!({ "choices": [d.quota.to_string()] });
        let told = first(&w, &path, "office", silent.clone()).await;
        told.refused(422, "fields_invalid");
        assert_eq!(told.reasons(), at("/reason", "missing"));
        let said = json!({ "choices": [d.quota.to_string()], "reason": "Came to the desk." });
        let made = first(&w, &path, "office", said).await.ok();
        let own = w.get(&path).by("seeker1").send().await.ok();
        assert_eq!(own.body["reason"], "Came to the desk.");
        let told = withdraw(&w, &path, "office", made.etag()).await;
        assert_eq!(told.reasons(), at("/reason", "missing"));
        let why = format!("{path}?reason=Moved%20away");
        let gone = withdraw(&w, &why, "office", made.etag()).await.ok();
        assert_eq!(
            (&gone.body["state"], &gone.body["reason"]),
            (&json!("withdrawn"), &json!("Moved away"))
        );
        let unknown = format!("{path}?because=x");
        let told = withdraw(&w, &unknown, "office", gone.etag()).await;
        told.refused(400, "parameter_unknown");
    });
}

#[test]
fn nobody_else_sees_or_changes_a_list() {
    both(|w| async move {
        let (d, path) = place(&w).await;
        w.applicant(2).await;
        let list = json!({ "choices": [d.quota.to_string()] });
        first(&w, &path, "seeker2", list.clone()).await.refused(404, "not_found");
        let made = first(&w, &path, "seeker1", list.clone()).await.ok();
        w.get(&path).by("seeker2").send().await.refused(404, "not_found");
        let other = later(&w, &path, "seeker2", made.etag(), list.clone()).await;
        other.refused(404, "not_found");
        withdraw(&w, &path, "seeker2", made.etag()).await.refused(404, "not_found");
        for login in ["farm", "kadin"] {
            w.get(&path).by(login).send().await.refused(403, "role_forbidden");
            first(&w, &path, login, list.clone()).await.refused(403, "role_forbidden");
        }
        w.get(&path).send().await.refused(401, "token_missing");
    });
}

#[test]
fn every_wish_that_cannot_be_listed_is_told_where_it_stands() {
    both(|w| async move {
        let (d, path) = place(&w).await;
        let other = w.drawn_by("farm2", OrganisationKind::Farm);
        let shut = w.drawn_by("farm3", OrganisationKind::Farm);
        let list = |choices: Value| first(&w, &path, "seeker1", json!({ "choices": choices }));
        let (own, strange) = (d.quota.to_string(), other.quota.to_string());
        let told = list(json!([own, own, strange, d.season.to_string(), "x"])).await;
        told.refused(422, "fields_invalid");
        assert_eq!(told.reasons(), at("/choices/4", "invalid"));
        let told = list(json!([own, own, strange, d.season.to_string()])).await;
        told.refused(422, "fields_invalid");
        let expected = [
            ("/choices/1", "duplicate"),
            ("/choices/2", "quota_of_other_season"),
            ("/choices/3", "quota_unknown"),
        ];
        let expected: Vec<_> = expected.iter().flat_map(|(p, c)| at(p, c)).collect();
        assert_eq!(told.reasons(), expected);
        let told = list(json!([])).await;
        assert_eq!(told.reasons(), at("/choices", "choices_empty"));
        let many: Vec<String> = (0..200).map(|_| w.clock.new_id().to_string()).collect();
        let told = list(json!(many)).await;
        assert_eq!(told.reasons(), at("/choices", "too_many"));

        w.quota_steps(shut.quota, QuotaEvent::Withdraw, Role::Partner);
        let path = path.replace(&d.season.to_string(), &shut.season.to_string());
        let body = json!({ "choices": [shut.quota.to_string()] });
        let told = first(&w, &path, "seeker1", body).await;
        assert_eq!(told.reasons(), at("/choices/0", "quota_not_open"));
    });
}

#[test]
fn after_the_hour_of_the_freeze_no_list_changes() {
    both(|w| async move {
        let (d, path) = place(&w).await;
        let late = w.applicant(2).await;
        let list = json!({ "choices": [d.quota.to_string()] });
        let made = first(&w, &path, "seeker1", list.clone()).await.ok();
        w.at(FREEZE);
        w.applies(&d, 2, &late).await.refused(409, "list_after_freeze");
        let told = later(&w, &path, "seeker1", "*", list.clone()).await;
        assert_eq!(told.status, 200, "the same list stands already: {}", told.body);
        let said = json!({ "choices": [d.quota.to_string()], "reason": "late" });
        let told = later(&w, &path, "office", made.etag(), said.clone()).await;
        told.refused(409, "list_after_freeze");
        let told = withdraw(&w, &path, "seeker1", made.etag()).await;
        told.refused(409, "list_after_freeze");
        w.lead_does(&d, "freeze", "*", json!({})).await.ok();
        let told = later(&w, &path, "office", made.etag(), said).await;
        told.refused(409, "state_conflict");
        w.get(&path).by("seeker1").send().await.ok();
    });
}

#[test]
fn a_list_is_put_by_those_who_know_what_stands() {
    both(|w| async move {
        let (d, path) = place(&w).await;
        let list = json!({ "choices": [d.quota.to_string()] });
        let bare = w.put(&path).by("seeker1").json(list.clone()).send().await;
        bare.refused(428, "if_match_missing");
        let told = later(&w, &path, "seeker1", "\"1.0\"", list.clone()).await;
        told.refused(412, "version_stale");
        let made = first(&w, &path, "seeker1", list.clone()).await;
        assert_eq!(made.status, 201);
        let again = first(&w, &path, "seeker1", list.clone()).await;
        assert_eq!((again.status, again.etag()), (200, made.etag()), "sent twice, stands once");
        let said = json!({ "choices": [d.quota.to_string()], "reason": "At the desk." });
        let told = first(&w, &path, "office", said.clone()).await;
        assert_eq!(told.refused(412, "version_stale").etag(), made.etag());
        let by_office = later(&w, &path, "office", made.etag(), said).await.ok();
        let stale = withdraw(&w, &path, "seeker1", made.etag()).await;
        assert_eq!(stale.refused(412, "version_stale").etag(), by_office.etag());
        let bare = w.request(Method::DELETE, &path).by("seeker1").send().await;
        bare.refused(428, "if_match_missing");
    });
}

#[test]
fn of_32_who_put_with_one_tag_one_wins() {
    both(|w| async move {
        let (d, path) = place(&w).await;
        let list = json!({ "choices": [d.quota.to_string()] });
        let made = first(&w, &path, "seeker1", list).await.ok();
        for n in 0..32 {
            w.account(&format!("officer{n}"), Role::Office, None, None);
        }
        let put = |n| {
            let body = json!({ "choices": [d.quota.to_string()], "reason": format!("desk {n}") });
            w.put(&path).by(&format!("officer{n}")).if_match(made.etag()).json(body).send()
        };
        let answers = futures_util::future::join_all((0..32).map(put)).await;
        let good: Vec<_> = answers.iter().filter(|a| a.status == 200).collect();
        let stale = answers.iter().filter(|a| a.status == 412).count();
        assert_eq!((good.len(), stale), (1, 31));
        let read = w.get(&path).by("seeker1").send().await.ok();
        assert_eq!(read.body, good[0].body);
    });
}
