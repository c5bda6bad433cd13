//! People taken from one system to another, and their numbers there.

use crate::support::played::whole;
use crate::support::{Answer, World, both};
use serde_json::{Value, json};

const IN: &str = "/v1/job-seekers/portable";

fn arrival(number: u32, value: &str) -> Value {
    json!({
        "form": "musiman/person/1", "person": whole(number),
        "external_ids": [{ "system": "siapkerja", "value": value }],
    })
}

async fn take_in(w: &World, body: Value) -> Answer {
    w.post(IN).by("office").once().json(body).send().await
}

#[test]
fn what_one_system_gives_out_another_takes_in() {
    both(|w| async move {
        let made = take_in(&w, arrival(1, "sk-1001")).await;
        assert_eq!((made.status, &made.body["state"]), (201, &json!("registered")));
        w.agrees(made.id());
        let path = format!("/v1/job-seekers/{}/portable", made.id());
        let given = w.get(&path).by("office").send().await.ok().body;
        assert_eq!(given["portable"]["person"]["nik"], whole(1)["nik"]);
        assert_eq!(given["portable"]["external_ids"][0]["value"], "SK-1001");
        assert_eq!(given["consents"].as_array().unwrap().len(), 4, "{given}");
        assert_eq!(given["applications"], json!([]));
        // The same again finds the person and changes nothing; another database makes the person.
        let again = take_in(&w, given["portable"].clone()).await;
        assert_eq!((again.status, again.id()), (201, made.id()));
        let other = World::new(w.kind, crate::support::NO_LIMITS).await;
        let there = take_in(&other, given["portable"].clone()).await;
        assert_eq!((there.status, &there.body["nik"]), (201, &whole(1)["nik"]));
        w.get(&path).by("kadin").send().await.refused(403, "role_forbidden");
    });
}

#[test]
fn every_reason_against_an_arrival_is_told_and_nothing_is_kept() {
    both(|w| async move {
        take_in(&w, arrival(1, "SK-1001")).await.ok();
        take_in(&w, arrival(2, "SK-1002")).await.ok();
        let at = |told: &Answer| told.reasons();
        let mut wrong = arrival(1, "SK-1002");
        wrong["person"]["name"] = json!("Siti Lain");
        wrong["person"]["marital_status"] = json!("married");
        let told = take_in(&w, wrong).await;
        let differs = |member: &str| (format!("/person/{member}"), "record_differs".to_owned());
        assert_eq!(
            at(&told),
            [
                ("/external_ids/0/value".to_owned(), "external_id_taken".to_owned()),
                differs("marital_status"),
                differs("name"),
            ]
        );
        let by_number = take_in(&w, arrival(3, "SK-1001")).await;
        assert!(at(&by_number).contains(&differs("nik")), "{}", by_number.body);
        let mut form = arrival(4, "x");
        form["form"] = json!("other/1");
        let told = take_in(&w, form).await;
        assert_eq!(
            at(&told),
            [
                ("/external_ids/0/value".to_owned(), "external_id_invalid".to_owned()),
                ("/form".to_owned(), "unknown_value".to_owned()),
            ]
        );
        let all = w.get("/v1/job-seekers").by("office").send().await.ok().body;
        assert_eq!(all["data"].as_array().unwrap().len(), 2);
    });
}

#[test]
fn the_office_keeps_one_number_a_system_and_no_two_people_have_the_same() {
    both(|w| async move {
        let (one, two) = (w.seeker(1).await, w.seeker(2).await);
        let set = |person: &Value, value: &str| {
            let path = format!("/v1/job-seekers/{}/external-ids", person["id"].as_str().unwrap());
            let body = json!({ "system": "sisko_p2mi", "value": value });
            w.post(&path).by("office").once().json(body).send()
        };
        set(&one, "P2MI-77").await.ok();
        let kept = set(&one, "p2mi-78").await.ok().body;
        assert_eq!(kept["data"], json!([{ "system": "sisko_p2mi", "value": "P2MI-78" }]));
        set(&two, "P2MI-78").await.refused(409, "external_id_taken");
        set(&two, "P2MI-77").await.ok();
    });
}
