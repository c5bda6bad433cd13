//! Records and lists go when the rule's time is over, and not a day before.

use crate::rounds::{published, three_lists, through};
use crate::support::drawn::FREEZE;
use crate::support::{World, both, rules};
use musiman::acts::forget_people::{Gone, forget_people};
use musiman::db::{Fault, rounds};
use musiman::domain::ids::RoundId;
use serde_json::{Value, json};

fn forget(w: &World) -> Gone {
    forget_people(&w.store, &rules()).unwrap()
}

const NOTHING: Gone = Gone { people: 0, lists: 0 };

async fn expiring(w: &World) -> Vec<Value> {
    let (mut all, mut path) = (vec![], "/v1/expiring-records?limit=1".to_owned());
    loop {
        let page = w.get(&path).by("lead").send().await.ok().body;
        all.extend(page["data"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { return all };
        path = format!("/v1/expiring-records?limit=1&cursor={next}");
    }
}

async fn is_there(w: &World, id: &str) -> bool {
    w.get(&format!("/v1/job-seekers/{id}")).by("office").send().await.status == 200
}

#[test]
fn a_record_goes_two_years_after_its_last_change_and_a_lead_sees_it_coming() {
    both(|w| async move {
        let (one, two) = (w.applicant(1).await, w.applicant(2).await);
        let told = w.get("/v1/me/export").by("seeker1").send().await.ok();
        assert_eq!(told.body["kept_until"], "2028-11-24");
        w.at("2028-10-25T02:00:00Z");
        assert_eq!(expiring(&w).await, Vec::<Value>::new());
        w.at("2028-10-26T02:00:00Z");
        let both_go =
            [&one, &two].map(|id| json!({ "job_seeker_id": id, "kept_until": "2028-11-24" }));
        assert_eq!(expiring(&w).await, both_go);
        let path = format!("/v1/job-seekers/{two}");
        let found = w.get(&path).by("office").send().await.ok();
        let change = json!({ "village": "Cijengkol" });
        w.patch(&path).by("office").if_match(found.etag()).merge(&change).send().await.ok();
        assert_eq!(expiring(&w).await, both_go[..1]);
        // The last minute of that day in Bekasi.
        w.at("2028-11-24T16:59:00Z");
        assert_eq!(forget(&w), NOTHING);
        w.at("2028-11-24T17:00:00Z");
        assert_eq!(forget(&w), Gone { people: 1, lists: 0 });
        assert!(!is_there(&w, &one).await && is_there(&w, &two).await);
        assert_eq!(forget(&w), NOTHING);
        let filter = format!("subject_id={one}&event=erase");
        let line = w.get(&format!("/v1/journal?{filter}")).by("lead").send().await.ok();
        let told = &line.body["data"][0];
        assert_eq!(
            (&told["capacity"], &told["operation"]),
            (&json!("service"), &json!("forget_people"))
        );
        assert!(told["digest_before"].is_string());
        w.states();
    });
}

#[test]
fn a_record_stays_while_it_is_asked_about_lies_still_or_stands_in_a_new_register() {
    both(|w| async move {
        let mut people = vec![];
        for number in 1..=4 {
            people.push(w.applicant(number).await);
        }
        w.asked("seeker1", json!({ "kind": "access" })).await.ok();
        w.granted("seeker2", json!({ "kind": "restriction" })).await.ok();
        w.at("2029-01-10T02:00:00Z");
        let siti = w.siti(3);
        let row = format!(
            "{};{};07/03/1996;P;Setu",
            siti["nik"].as_str().unwrap(),
            siti["name"].as_str().unwrap()
        );
        let csv = format!("NIK;Nama Lengkap;Tanggal Lahir;Jenis Kelamin;Kecamatan\r\n{row}\r\n");
        let path = "/v1/imports/job-seekers?mode=preview";
        w.post(path).by("office").once().bytes("text/csv", csv.into()).send().await.ok();
        w.work();
        assert_eq!(forget(&w), Gone { people: 1, lists: 0 });
        for (id, stays) in people.iter().zip([true, true, true, false]) {
            assert_eq!(is_there(&w, id).await, stays, "{people:?}");
        }
    });
}

#[test]
fn a_draft_that_nobody_confirmed_goes_after_three_months() {
    both(|w| async move {
        w.post("/v1/job-seekers").once().json(w.siti(1)).send().await.ok();
        w.at("2027-02-24T16:59:00Z");
        assert_eq!(forget(&w), NOTHING);
        w.at("2027-02-24T17:00:00Z");
        assert_eq!(forget(&w), Gone { people: 1, lists: 0 });
    });
}

#[test]
fn a_list_without_a_seat_goes_a_year_after_the_contracts_and_one_with_a_seat_stays() {
    both(|w| async move {
        let (d, people) = three_lists(&w).await;
        w.at(FREEZE);
        let round = through(&w, &d).await;
        let round = published(&w, &round).await;
        let id: RoundId = round.id().parse().unwrap();
        let seats = w.store.read::<_, Fault>(|conn, _| rounds::seats(conn, id)).unwrap();
        assert_eq!(seats.len(), 2);
        w.at("2028-10-31T02:00:00Z");
        assert_eq!(forget(&w), NOTHING);
        w.at("2028-11-01T02:00:00Z");
        assert_eq!(forget(&w), Gone { people: 0, lists: 1 });
        assert_eq!(forget(&w), NOTHING);
        for person in &people {
            let path = format!("/v1/seasons/{}/applications/{person}", d.season);
            let list = w.get(&path).by("office").send().await.ok();
            let seated = seats.iter().any(|seat| seat.seeker_id.to_string() == *person);
            assert_eq!(list.body["choices"].as_array().unwrap().is_empty(), !seated);
        }
        // The seatless record goes by the register's time, those of workers five years on.
        w.at("2029-06-01T02:00:00Z");
        assert_eq!(forget(&w).people, 1);
        w.at("2032-10-31T02:00:00Z");
        assert_eq!(forget(&w), NOTHING);
        w.at("2032-11-01T02:00:00Z");
        assert_eq!(forget(&w).people, 2);
        w.states();
    });
}
