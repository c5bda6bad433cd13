//! Organisations over HTTP.

use crate::support::{Answer, World, both};
use musiman::domain::roles::Role;
use serde_json::{Value, json};

fn farm() -> Value {
    json!({ "kind": "farm", "name": "Bright Field Farm", "business_number": "514-93-00122" })
}

async fn registered(w: &World, body: Value) -> Answer {
    w.post("/v1/organisations").by("office").once().json(body).send().await
}

#[test]
fn a_farm_is_registered_endorsed_approved_and_suspended() {
    both(|w| async move {
        let made = registered(&w, farm()).await;
        assert_eq!(
            (made.status, &made.body["state"]),
            (201, &json!("registered")),
            "{}",
            made.body
        );
        let path = made.header("location").to_owned();
        let note = json!({ "note": "Known to the chamber." });
        let endorsement = format!("{path}/endorsement");
        let by_office = w.post(&endorsement).by("office").if_match(made.etag()).json(note.clone());
        by_office.send().await.refused(403, "role_forbidden");
        let advice = w.post(&endorsement).by("kadin").if_match(made.etag()).json(note.clone());
        let advised = advice.send().await.ok();
        assert_eq!(advised.body["state"], "registered");
        assert_eq!(advised.body["endorsement_note"], note["note"]);
        let again = w.post(&endorsement).by("kadin").if_match(made.etag()).json(note).send().await;
        assert_eq!((again.status, again.etag()), (200, advised.etag()));

        let approval = format!("{path}/approval");
        let by_kadin = w.post(&approval).by("kadin").if_match(advised.etag()).send().await;
        by_kadin.refused(403, "role_forbidden");
        w.post(&approval).by("office").send().await.refused(428, "if_match_missing");
        let late = w.post(&approval).by("office").if_match(made.etag()).send().await;
        assert_eq!(late.refused(412, "version_stale").etag(), advised.etag());
        let approved = w.post(&approval).by("office").if_match(advised.etag()).send().await.ok();
        assert_eq!(approved.body["state"], "approved");
        let again = w.post(&approval).by("office2").if_match(approved.etag()).send().await;
        assert_eq!(again.refused(409, "state_conflict").etag(), approved.etag());

        let suspension = format!("{path}/suspension");
        let silent = w.post(&suspension).by("office").if_match(approved.etag()).json(json!({}));
        silent.send().await.refused(422, "fields_invalid");
        let why = json!({ "note": "Wages were not paid." });
        let done =
            w.post(&suspension).by("office").if_match(approved.etag()).json(why).send().await;
        let state = (&done.body["state"], &done.body["state_note"]);
        assert_eq!(state, (&json!("suspended"), &json!("Wages were not paid.")));
    });
}

#[test]
fn a_business_number_belongs_to_one_organisation() {
    both(|w| async move {
        registered(&w, farm()).await.ok();
        let again = registered(&w, farm()).await;
        again.refused(409, "taken");
        assert_eq!(again.reasons(), [("/business_number".to_owned(), "taken".to_owned())]);
        let wrong = json!({ "kind": "company", "name": "X", "business_number": "514-93-00123" });
        let told = registered(&w, wrong).await;
        told.refused(422, "fields_invalid");
        let expected = ("/business_number".to_owned(), "business_number_invalid".to_owned());
        assert_eq!(told.reasons(), [expected]);
    });
}

#[test]
fn a_partner_sees_only_the_own_organisation() {
    both(|w| async move {
        let own = registered(&w, farm()).await.ok();
        let farm_id = json!({ "kind": "farm", "name": "Other Farm", "farm_id": "1012345678" });
        let other = registered(&w, farm_id).await.ok();
        w.account("mitra", Role::Partner, Some(own.id().parse().unwrap()), None);
        let read = |id: &str| w.get(&format!("/v1/organisations/{id}")).by("mitra").send();
        assert_eq!(read(own.id()).await.body, own.body);
        read(other.id()).await.refused(404, "not_found");
        w.get("/v1/organisations").by("mitra").send().await.refused(403, "role_forbidden");
    });
}

#[test]
fn the_chamber_changes_what_the_office_has_not_approved() {
    both(|w| async move {
        let made = registered(&w, farm()).await.ok();
        let path = made.header("location").to_owned();
        let name = json!({ "name": "Brighter Field Farm" });
        let change = |who: &str, tag: &str, body: &Value| {
            w.patch(&path).by(who).if_match(tag).merge(body).send()
        };
        let changed = change("kadin", made.etag(), &name).await.ok();
        assert_eq!(changed.body["name"], name["name"]);
        let again = change("kadin", made.etag(), &name).await;
        assert_eq!((again.status, again.etag()), (200, changed.etag()));
        change("office", made.etag(), &name).await.refused(412, "version_stale");
        let numberless = json!({ "business_number": null });
        let told = change("office", changed.etag(), &numberless).await;
        told.refused(422, "fields_invalid");
        let approval = w.post(&format!("{path}/approval")).by("office").if_match(changed.etag());
        let approved = approval.send().await.ok();
        let late = change("kadin", approved.etag(), &json!({ "name": "Another" })).await;
        late.refused(409, "state_conflict");
        change("office", approved.etag(), &json!({ "name": "Another" })).await.ok();
    });
}

#[test]
fn lists_are_filtered_by_kind_and_state() {
    both(|w| async move {
        registered(&w, farm()).await.ok();
        registered(&w, json!({ "kind": "kadin", "name": "Kadin Kabupaten Bekasi" })).await.ok();
        let count = async |query: &str| {
            let page = w.get(&format!("/v1/organisations{query}")).by("kadin").send().await.ok();
            page.body["data"].as_array().unwrap().len()
        };
        assert_eq!(count("").await, 2);
        assert_eq!(count("?kind=farm").await, 1);
        assert_eq!(count("?state=approved").await, 0);
        let page = w.get("/v1/organisations?limit=1").by("office").send().await.ok();
        let cursor = page.body["next_cursor"].as_str().unwrap();
        assert_eq!(count(&format!("?limit=1&cursor={cursor}")).await, 1);
        let bad = w.get("/v1/organisations?kind=shop").by("office").send().await;
        bad.refused(400, "parameter_invalid");
    });
}
