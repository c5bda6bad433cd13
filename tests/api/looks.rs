//! Who looked at whose data: noted by opening it, written behind the answers, read by the lead and
//! by the person.

use crate::support::{World, both};
use serde_json::{Value, json};

async fn events(w: &World, path: &str, by: &str) -> Vec<Value> {
    w.get(path).by(by).send().await.ok().body["data"].as_array().unwrap().clone()
}

#[test]
fn a_person_sees_who_looked_at_the_own_record_and_nobody_notes_the_own_look() {
    both(|w| async move {
        let (one, two) = (w.applicant(1).await, w.applicant(2).await);
        let path = format!("/v1/job-seekers/{one}");
        w.get(&path).by("office").send().await.ok();
        w.get(&path).by("office").send().await.ok();
        w.get(&path).by("seeker1").send().await.ok();
        w.get(&path).by("seeker2").send().await.refused(404, "not_found");
        w.get(&path).by("kadin").send().await.refused(403, "role_forbidden");
        w.store.flush_reads().unwrap();
        w.store.flush_reads().unwrap();
        let own = events(&w, "/v1/me/journal", "seeker1").await;
        let told: Vec<_> = own
            .iter()
            .filter(|e| e["event"] != "give_consent")
            .map(|e| (e["event"].as_str().unwrap(), e["role"].as_str()))
            .collect();
        let office = Some("office");
        assert_eq!(
            told,
            [("read", office), ("read", office), ("verify", office), ("register", office)]
        );
        assert!(
            own.iter().all(|e| e["by_me"] == false && e.get("account_id").is_none()),
            "{own:?}"
        );
        // Who confirmed the record was shown it too, for another reason.
        let path = format!("/v1/journal?event=read&subject_id={one}");
        let reads = events(&w, &path, "lead").await;
        let mut told: Vec<_> = reads.iter().map(|e| (&e["operation"], &e["detail"])).collect();
        told.sort_by_key(|(operation, _)| operation.as_str());
        let twice = json!("{\"times\":2}");
        let (get, verify) = (json!("get_seeker"), json!("verify_seeker"));
        assert_eq!(told, [(&get, &twice), (&verify, &Value::Null)]);
        let path = format!("/v1/journal?event=read&subject_id={two}");
        let reads = events(&w, &path, "lead").await;
        assert_eq!((reads.len(), &reads[0]["detail"]), (1, &Value::Null), "{reads:?}");
    });
}

#[test]
fn whoever_finds_a_person_by_an_identifier_leaves_a_line() {
    both(|w| async move {
        let id = w.seeker(1).await["id"].as_str().unwrap().to_owned();
        let body = json!({ "nik": w.siti(1)["nik"] });
        w.post("/v1/job-seekers/search").by("office2").json(body).send().await.ok();
        let none = json!({ "nik": w.siti(2)["nik"] });
        w.post("/v1/job-seekers/search").by("office2").json(none).send().await.ok();
        w.store.flush_reads().unwrap();
        let reads = events(&w, &format!("/v1/journal?event=read&subject_id={id}"), "lead").await;
        assert_eq!(reads.len(), 1, "{reads:?}");
        let by = reads[0]["account_id"].as_str().unwrap();
        let same = events(&w, &format!("/v1/journal?event=read&account_id={by}"), "lead").await;
        assert_eq!(same, reads);
    });
}

#[test]
fn the_journal_is_read_page_by_page_and_a_cursor_belongs_to_its_filters() {
    both(|w| async move {
        for number in 1..=5 {
            w.seeker(number).await;
        }
        let all = events(&w, "/v1/journal?event=register&limit=100", "lead").await;
        assert_eq!(all.len(), 5);
        let (mut paged, mut path) = (vec![], "/v1/journal?event=register&limit=2".to_owned());
        loop {
            let page = w.get(&path).by("lead").send().await.ok().body;
            paged.extend(page["data"].as_array().unwrap().clone());
            let Some(next) = page["next_cursor"].as_str() else { break };
            w.get(&format!("/v1/journal?event=verify&cursor={next}"))
                .by("lead")
                .send()
                .await
                .refused(400, "cursor_invalid");
            path = format!("/v1/journal?event=register&limit=2&cursor={next}");
        }
        assert_eq!(paged, all);
        w.get("/v1/journal?evnt=read").by("lead").send().await.refused(400, "parameter_unknown");
    });
}

#[test]
fn looks_wait_for_a_database_that_cannot_write_them() {
    both(|w| async move {
        let id = w.seeker(1).await["id"].as_str().unwrap().to_owned();
        w.get(&format!("/v1/job-seekers/{id}")).by("office").send().await.ok();
        // The same store cannot write while its table is out of reach.
        let rename = |from: &str, to: &str| {
            let sql = format!("ALTER TABLE {from} RENAME TO {to}");
            w.store
                .claim::<_, musiman::db::Fault>(|tx, _| {
                    use diesel::connection::SimpleConnection as _;
                    Ok(tx.db.batch_execute(&sql)?)
                })
                .unwrap();
        };
        rename("journal", "elsewhere");
        assert!(w.store.flush_reads().is_err());
        rename("elsewhere", "journal");
        w.store.flush_reads().unwrap();
        let reads = events(&w, "/v1/journal?event=read", "lead").await;
        assert_eq!(reads.len(), 1, "{reads:?}");
    });
}
