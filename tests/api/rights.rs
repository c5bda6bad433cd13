//! Data requests: asked by the person, answered by officers within their clocks, one by one.

use crate::support::{Answer, World, both};
use chrono::TimeDelta;
use musiman::domain::roles::Role;
use serde_json::{Value, json};

impl World {
    /// A request of this login.
    pub async fn asked(&self, login: &str, body: Value) -> Answer {
        self.post("/v1/me/data-requests").by(login).once().json(body).send().await
    }

    pub async fn request_now(&self, asked: &Answer) -> Answer {
        let path = format!("/v1/data-requests/{}", asked.id());
        self.get(&path).by("office").send().await.ok()
    }

    /// The same after an officer saw who asks.
    pub async fn identified(&self, asked: &Answer) -> Answer {
        let path = format!("/v1/data-requests/{}/identity-check", asked.id());
        self.post(&path).by("office").if_match(asked.etag()).send().await.ok()
    }

    pub async fn decided(&self, by: &str, seen: &Answer, body: Value) -> Answer {
        let path = format!("/v1/data-requests/{}/decision", seen.id());
        self.post(&path).by(by).if_match(seen.etag()).json(body).send().await
    }

    /// Asked, checked and granted.
    pub async fn granted(&self, login: &str, body: Value) -> Answer {
        let asked = self.asked(login, body).await.ok();
        let seen = self.identified(&asked).await;
        self.decided("office", &seen, json!({ "outcome": "granted", "note": "Seen." })).await
    }

    async fn lines(&self, by: &str, query: &str) -> Vec<String> {
        let page = self.get(&format!("/v1/data-requests?{query}")).by(by).send().await.ok();
        let data = page.body["data"].as_array().unwrap().clone();
        data.iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect()
    }

    async fn events(&self, subject: &str) -> Vec<String> {
        let path = format!("/v1/journal?limit=100&subject_id={subject}");
        let page = self.get(&path).by("lead").send().await.ok();
        let data = page.body["data"].as_array().unwrap().clone();
        data.iter().rev().map(|line| line["event"].as_str().unwrap().to_owned()).collect()
    }
}

pub fn correction(field: &str, value: &str) -> Value {
    json!({
        "kind": "correction", "evidence": "The KTP, shown at the desk.",
        "corrections": [{ "field": field, "value": value }],
    })
}

#[test]
fn the_clocks_run_from_the_receipt_and_the_lead_finds_what_is_late() {
    both(|w| async move {
        w.applicant(1).await;
        let asked = w.asked("seeker1", json!({ "kind": "access", "text": "All of it." })).await;
        assert_eq!(asked.status, 201, "{}", asked.body);
        assert_eq!(asked.body["state"], "received");
        assert_eq!(asked.body["received_at"], "2026-11-24T02:00:00Z");
        assert_eq!(asked.body["escalates_at"], "2026-11-26T02:00:00Z");
        assert_eq!(asked.body["due_at"], "2026-11-27T02:00:00Z");
        let id = asked.id().to_owned();
        let alone = std::slice::from_ref(&id);
        let flags =
            |answer: &Answer| (answer.body["escalated_at"].clone(), answer.body["overdue"].clone());
        assert_eq!(flags(&asked), (Value::Null, json!(false)));
        w.clock.advance(TimeDelta::hours(48) - TimeDelta::seconds(1));
        assert_eq!(w.lines("lead", "escalated=true").await, Vec::<String>::new());
        w.clock.advance(TimeDelta::seconds(1));
        assert_eq!(w.lines("lead", "escalated=true").await, alone);
        let escalated = w.request_now(&asked).await;
        assert_eq!(flags(&escalated), (json!("2026-11-26T02:00:00Z"), json!(false)));
        assert_eq!(w.lines("lead", "overdue=true").await, Vec::<String>::new());
        w.clock.advance(TimeDelta::hours(24));
        assert_eq!(w.lines("lead", "overdue=true").await, alone);
        let own = w.get(asked.header("location")).by("seeker1").send().await.ok();
        assert_eq!(flags(&own), (json!("2026-11-26T02:00:00Z"), json!(true)));
        let due = "due_before=2026-11-27T02:00:00Z";
        assert_eq!(w.lines("office", due).await, Vec::<String>::new());
        assert_eq!(w.lines("office", "due_before=2026-11-27T02:00:01Z").await, alone);
        let seen = w.identified(&w.request_now(&asked).await).await;
        let answer = json!({ "outcome": "granted", "note": "Your export is at /v1/me/export." });
        let done = w.decided("office", &seen, answer).await.ok();
        assert_eq!(done.body["state"], "done");
        assert_eq!(flags(&done), (Value::Null, json!(false)));
        assert_eq!(w.lines("lead", "overdue=true").await, Vec::<String>::new());
        assert_eq!(w.lines("lead", "state=done&kind=access").await, alone);
        assert_eq!(w.events(&id).await, ["request", "check_identity", "grant", "complete"]);
        let refused = w.get("/v1/data-requests?overdue=false").by("lead").send().await;
        refused.refused(400, "parameter_invalid");
    });
}

#[test]
fn a_request_is_the_own_one_or_there_is_none() {
    both(|w| async move {
        w.applicant(1).await;
        w.applicant(2).await;
        let asked = w.asked("seeker1", json!({ "kind": "restriction" })).await.ok();
        let path = asked.header("location").to_owned();
        w.get(&path).by("seeker2").send().await.refused(404, "not_found");
        let withdrawal = format!("{path}/withdrawal");
        let other = w.post(&withdrawal).by("seeker2").if_match("*").send().await;
        other.refused(404, "not_found");
        w.get(&path).by("office").send().await.refused(403, "role_forbidden");
        let office = format!("/v1/data-requests/{}", asked.id());
        w.get(&office).by("seeker1").send().await.refused(403, "role_forbidden");
        w.get(&office).by("kadin").send().await.refused(403, "role_forbidden");
        let of = |login: &'static str| {
            let w = w.clone();
            async move { w.get("/v1/me/data-requests").by(login).send().await.ok().body }
        };
        assert_eq!(of("seeker2").await["data"], json!([]));
        assert_eq!(of("seeker1").await["data"][0]["id"], asked.body["id"]);
        w.post(&withdrawal).by("seeker1").send().await.refused(428, "if_match_missing");
        let gone = w.post(&withdrawal).by("seeker1").if_match(asked.etag()).send().await.ok();
        assert_eq!(gone.body["state"], "withdrawn");
        let again = w.post(&withdrawal).by("seeker1").if_match(asked.etag()).send().await.ok();
        assert_eq!(again.body, gone.body);
        let late = w.post(&format!("{office}/identity-check")).by("office").if_match("*");
        late.send().await.refused(409, "state_conflict");
        assert_eq!(w.events(asked.id()).await, ["request", "withdraw"]);
    });
}

#[test]
fn the_same_key_asks_once_and_pages_follow_each_other() {
    both(|w| async move {
        w.applicant(1).await;
        let key = w.clock.new_id().to_string();
        let ask =
            |body: Value| w.post("/v1/me/data-requests").by("seeker1").key(&key).json(body).send();
        let first = ask(json!({ "kind": "access" })).await.ok();
        let second = ask(json!({ "kind": "access" })).await.ok();
        assert_eq!(first.body, second.body);
        ask(json!({ "kind": "erasure" })).await.refused(422, "idempotency_key_reused");
        let without = w.post("/v1/me/data-requests").by("seeker1");
        let without = without.json(json!({ "kind": "access" })).send().await;
        without.refused(400, "idempotency_key_missing");
        w.asked("seeker1", json!({ "kind": "access" })).await.ok();
        let page = w.get("/v1/data-requests?limit=1").by("office").send().await.ok();
        assert_eq!(page.body["data"][0]["id"], first.body["id"]);
        let cursor = page.body["next_cursor"].as_str().unwrap().to_owned();
        let rest = format!("/v1/data-requests?limit=1&cursor={cursor}");
        let rest = w.get(&rest).by("office").send().await.ok();
        assert_ne!(rest.body["data"][0]["id"], first.body["id"]);
        assert_eq!(rest.body["next_cursor"], Value::Null);
        let strange = format!("/v1/data-requests?kind=access&cursor={cursor}");
        w.get(&strange).by("office").send().await.refused(400, "cursor_invalid");
    });
}

#[test]
fn of_many_officers_who_decide_at_once_one_does() {
    both(|w| async move {
        let id = w.applicant(1).await;
        let asked = w.asked("seeker1", correction("name", "Siti Baru")).await.ok();
        let seen = w.identified(&asked).await;
        let officers: Vec<String> = (0..16).map(|n| format!("officer{n}")).collect();
        for login in &officers {
            w.account(login, Role::Office, None, None);
        }
        let decide = |login: String, n: usize| {
            let (w, seen) = (w.clone(), seen.clone());
            let body = if n.is_multiple_of(2) {
                json!({ "outcome": "granted", "note": "Seen." })
            } else {
                json!({ "outcome": "refused", "ground": "record_correct", "note": "No." })
            };
            async move { w.decided(&login, &seen, body).await }
        };
        let all = officers.iter().cloned().enumerate().map(|(n, login)| decide(login, n));
        let answers = futures_util::future::join_all(all).await;
        let won: Vec<&Answer> = answers.iter().filter(|a| a.status == 200).collect();
        assert_eq!(won.len(), 1, "{:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
        for lost in answers.iter().filter(|a| a.status != 200) {
            lost.refused(412, "version_stale");
        }
        let granted = won[0].body["state"] == "done";
        let record = w.get(&format!("/v1/job-seekers/{id}")).by("office").send().await.ok();
        assert_eq!(record.body["name"] == "Siti Baru", granted, "{}", record.body);
        let events = w.events(asked.id()).await;
        let decided = events.iter().filter(|e| matches!(e.as_str(), "grant" | "refuse")).count();
        assert_eq!(decided, 1, "{events:?}");
    });
}

#[test]
fn a_correction_passes_the_checks_of_the_desk_and_takes_the_confirmation() {
    both(|w| async move {
        let (id, other) = (w.applicant(1).await, w.applicant(2).await);
        let wrong = w.asked("seeker1", correction("nik", "123")).await;
        let told = [("/corrections/0/value".to_owned(), "nik_length".to_owned())];
        assert_eq!(wrong.refused(422, "fields_invalid").reasons(), told);
        let months = w.asked("seeker1", correction("farm_months", "many")).await;
        assert_eq!(months.reasons()[0].0, "/corrections/0/value", "{}", months.body);
        let bare = json!({ "kind": "correction" });
        let bare = w.asked("seeker1", bare).await.refused(422, "fields_invalid").reasons();
        let missing = |at: &str| (at.to_owned(), "missing".to_owned());
        assert_eq!(bare, [missing("/corrections"), missing("/evidence")]);
        let nik = "3216184703969001";
        let done = w.granted("seeker1", correction("nik", nik)).await.ok();
        assert_eq!(done.body["state"], "done");
        let path = format!("/v1/job-seekers/{id}");
        let record = w.get(&path).by("office").send().await.ok();
        assert_eq!(
            (&record.body["nik"], &record.body["state"]),
            (&json!(nik), &json!("registered"))
        );
        let own = w.get(&format!("/v1/me/data-requests/{}", done.id())).by(nik).send().await.ok();
        assert_eq!(own.body["note"], "Seen.", "the log-in follows the NIK");
        // What fits today may not fit on the day of the answer.
        let taken = w.granted("seeker2", correction("nik", nik)).await;
        taken.refused(409, "nik_taken");
        let open = "/v1/data-requests?state=identity_checked&kind=correction";
        let open = w.get(open).by("office").send().await.ok();
        assert_eq!(open.body["data"][0]["job_seeker_id"], json!(other));
        let record = w.get(&format!("/v1/job-seekers/{other}")).by("office").send().await.ok();
        assert_eq!(record.body["state"], "verified");
    });
}

#[test]
fn a_part_is_granted_and_the_rest_refused_with_its_ground() {
    both(|w| async move {
        let id = w.applicant(1).await;
        let body = json!({
            "kind": "correction", "evidence": "KTP", "corrections": [
                { "field": "village", "value": "Cijengkol" }, { "field": "name", "value": "Ratu" },
            ],
        });
        let asked = w.asked("seeker1", body).await.ok();
        let grant = json!({ "outcome": "granted", "note": "Seen." });
        w.decided("office", &asked, grant.clone()).await.refused(409, "state_conflict");
        let seen = w.identified(&asked).await;
        let stale = w.decided("office2", &asked, grant).await;
        stale.refused(412, "version_stale");
        let part = json!({
            "outcome": "partly_granted", "fields": ["village"], "note": "The name is as on the KTP.",
            "ground": "record_correct",
        });
        let done = w.decided("office", &seen, part.clone()).await.ok();
        assert_eq!(done.body["state"], "partly_refused");
        let again = w.decided("office", &seen, part).await.ok();
        assert_eq!(again.body, done.body);
        let record = w.get(&format!("/v1/job-seekers/{id}")).by("office").send().await.ok();
        assert_eq!(record.body["village"], "Cijengkol");
        assert_eq!(
            (&record.body["name"], &record.body["state"]),
            (&json!("Siti Contoh 1"), &json!("verified"))
        );
        let own = w.get(asked.header("location")).by("seeker1").header("accept-language", "id");
        let own = own.send().await.ok();
        assert_eq!(own.body["note"], "The name is as on the KTP.");
        assert_eq!(own.body["ground_detail"], "Data sudah sesuai dengan dokumen.");
    });
}

#[test]
fn an_officer_who_reads_the_words_of_a_person_leaves_a_line() {
    both(|w| async move {
        let id = w.applicant(1).await;
        let text = json!({ "kind": "access", "text": "Saya ingin tahu." });
        let asked = w.asked("seeker1", text).await.ok();
        w.store.flush_reads().unwrap();
        let before = w.events(&id).await.iter().filter(|e| *e == "read").count();
        w.get("/v1/data-requests").by("office2").send().await.ok();
        w.get(asked.header("location")).by("seeker1").send().await.ok();
        w.store.flush_reads().unwrap();
        let listed = w.events(&id).await.iter().filter(|e| *e == "read").count();
        assert_eq!(listed, before, "lists hold nobody's words");
        let path = format!("/v1/data-requests/{}", asked.id());
        let read = w.get(&path).by("office2").send().await.ok();
        assert_eq!(read.body["text"], "Saya ingin tahu.");
        w.store.flush_reads().unwrap();
        let after = w.events(&id).await.iter().filter(|e| *e == "read").count();
        assert_eq!(after, before + 1);
    });
}
