//! What a line of the journal tells: who, in which capacity, why, and which state was found and left.

use crate::support::{World, both};
use musiman::db::{Actor, Fault};
use serde_json::{Value, json};

async fn lines(w: &World, filter: &str) -> Vec<Value> {
    w.store.flush_reads().unwrap();
    let path = format!("/v1/journal?limit=100&{filter}");
    w.get(&path).by("lead").send().await.ok().body["data"].as_array().unwrap().clone()
}

fn told(line: &Value) -> [&str; 3] {
    ["event", "capacity", "operation"].map(|member| line[member].as_str().unwrap_or("-"))
}

#[test]
fn a_line_tells_in_which_capacity_and_for_what_it_was_written() {
    both(|w| async move {
        let by_office = w.seeker(1).await["id"].as_str().unwrap().to_owned();
        let own = w.post("/v1/job-seekers").once().json(w.siti(2)).send().await;
        assert_eq!(own.status, 202, "{}", own.body);
        let form = json!({ "name": "Sistem", "scopes": ["seekers.write", "seekers.read"] });
        let made = w.post("/v1/clients").by("lead").once().json(form).send().await.ok();
        let (id, secret) = (&made.body["client"]["id"], &made.body["client_secret"]);
        let text = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            id.as_str().unwrap(),
            secret.as_str().unwrap()
        );
        let form = "application/x-www-form-urlencoded";
        let given = w.post("/v1/auth/token").bytes(form, text.into_bytes()).send().await.ok();
        let token = given.body["access_token"].as_str().unwrap();
        let machine = w.post("/v1/job-seekers").bearer(token).once().json(w.siti(3)).send().await;
        let machine = machine.ok().id().to_owned();
        let path = format!("/v1/job-seekers/{by_office}");
        w.get(&path).bearer(token).send().await.ok();

        let office = lines(&w, &format!("subject_id={by_office}")).await;
        let office: Vec<_> = office.iter().map(told).collect();
        assert!(office.contains(&["register", "authority", "register_seeker"]), "{office:?}");
        assert!(office.contains(&["read", "agent", "get_seeker"]), "{office:?}");
        let machine = lines(&w, &format!("subject_id={machine}&event=register")).await;
        assert_eq!(told(&machine[0]), ["register", "agent", "register_seeker"]);
        let visitor: Vec<_> = lines(&w, "event=register").await;
        let visitor: Vec<_> = visitor.iter().map(told).collect();
        assert!(visitor.contains(&["register", "visitor", "register_seeker"]), "{visitor:?}");
        let csv = "NIK;Nama Lengkap;Tanggal Lahir;Jenis Kelamin;Kecamatan\r\n";
        let path = "/v1/imports/job-seekers?mode=apply";
        let import = w.post(path).by("office").once().bytes("text/csv", csv.into()).send().await;
        let job = import.ok().body["job_id"].as_str().unwrap().to_owned();
        w.work();
        let done = lines(&w, &format!("subject_id={job}&event=done")).await;
        assert_eq!(told(&done[0])[1], "service");
    });
}

#[test]
fn digests_tell_one_state_from_another_and_the_same_state_again() {
    both(|w| async move {
        let id = w.seeker(1).await["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/job-seekers/{id}");
        for phone in ["081299990001", "081299990002", "081299990001"] {
            let found = w.get(&path).by("office").send().await.ok();
            let body = json!({ "phone": phone });
            w.patch(&path).by("office").if_match(found.etag()).merge(&body).send().await.ok();
        }
        let mut found = lines(&w, &format!("subject_id={id}")).await;
        found.retain(|line| line["event"] == "register" || line["event"] == "change");
        found.reverse();
        let digest = |at: usize, which: &str| found[at][format!("digest_{which}")].clone();
        assert_eq!(found.len(), 4, "{found:?}");
        assert_eq!(digest(0, "before"), Value::Null);
        for at in 1..4 {
            assert_eq!(digest(at, "before"), digest(at - 1, "after"), "{found:?}");
            assert_ne!(digest(at, "before"), digest(at, "after"), "{found:?}");
            assert_eq!(digest(at, "after").as_str().unwrap().len(), 64);
        }
        // The same words give the same digest, though they are sealed under another nonce.
        assert_eq!(digest(1, "after"), digest(3, "after"));
        assert_ne!(digest(1, "after"), digest(2, "after"));
        assert!(found.iter().all(|line| !line.to_string().contains("99990001")));
    });
}

#[test]
#[should_panic(expected = "was changed without a line")]
fn a_row_that_was_changed_without_a_line_is_told_from_one_that_was_not() {
    both(|w| async move {
        use diesel::connection::SimpleConnection as _;
        w.seeker(1).await;
        assert!(w.states().standing > 0);
        let behind = "UPDATE seekers SET farm_months = farm_months + 1";
        w.store.write::<_, Fault>(Actor::SYSTEM, |tx, _| Ok(tx.db.batch_execute(behind)?)).unwrap();
        w.states();
    });
}
