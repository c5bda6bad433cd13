//! What stands against a merge, who may decide about it, and that it is decided once.

use crate::doubles::{EVIDENCE, again, nik, old_register};
use crate::rounds::{freeze, published, three_lists, through};
use crate::support::drawn::FREEZE;
use crate::support::played::whole;
use crate::support::{Answer, both};
use musiman::domain::roles::Role;
use serde_json::{Value, json};

fn codes(answer: &Answer) -> Vec<String> {
    answer.reasons().into_iter().map(|(_, code)| code).collect()
}

fn at(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}

#[test]
fn a_lead_who_is_not_the_proposer_decides_and_of_sixteen_at_once_one_does() {
    both(|w| async move {
        let (one, two) = (w.verified(whole(1)).await, w.verified(again(2)).await);
        let body = json!({ "survivor_id": one, "double_id": two, "evidence": EVIDENCE });
        let made = w.post("/v1/merges").by("lead").once().json(body).send().await.ok();
        w.merge_step("office", &made, "confirmation").await.refused(403, "role_forbidden");
        w.merge_step("kadin", &made, "confirmation").await.refused(403, "role_forbidden");
        let own = w.merge_step("lead", &made, "confirmation").await;
        own.refused(422, "confirmer_proposed_merge");
        let refusal = format!("/v1/merges/{}/refusal", made.id());
        let note = json!({ "note": "Two sisters." });
        let own = w.post(&refusal).by("lead").if_match(made.etag()).json(note).send().await;
        own.refused(422, "confirmer_proposed_merge");

        let leads: Vec<String> = (0..16).map(|n| format!("lead{n}")).collect();
        for login in &leads {
            w.account(login, Role::Lead, None, None);
        }
        let decide = |n: usize, login: String| {
            let (w, made, refusal) = (w.clone(), made.clone(), refusal.clone());
            async move {
                if n % 4 != 3 {
                    return w.merge_step(&login, &made, "confirmation").await;
                }
                let note = json!({ "note": "Two sisters." });
                w.post(&refusal).by(&login).if_match(made.etag()).json(note).send().await
            }
        };
        let all = leads.iter().cloned().enumerate().map(|(n, login)| decide(n, login));
        let answers = futures_util::future::join_all(all).await;
        let won: Vec<&Answer> = answers.iter().filter(|a| a.status == 200).collect();
        assert_eq!(won.len(), 1, "{:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
        for lost in answers.iter().filter(|a| a.status != 200) {
            lost.refused(412, "version_stale");
        }
        let confirmed = won[0].body["state"] == "confirmed";
        assert_eq!(w.record(&two).await.status == 404, confirmed, "{}", won[0].body);
        let path = format!("/v1/journal?limit=100&subject_id={}", made.id());
        let lines = w.get(&path).by("lead").send().await.ok().body.to_string();
        let of = |event: &str| lines.matches(&format!("\"event\":\"{event}\"")).count();
        assert_eq!((of("propose"), of("confirm") + of("refuse")), (1, 1), "{lines}");
    });
}

#[test]
fn a_refused_and_a_withdrawn_proposal_change_nothing_and_a_decided_one_stays_so() {
    both(|w| async move {
        let (one, two) = (w.verified(whole(1)).await, w.verified(again(2)).await);
        let before = (w.record(&one).await.ok().body, w.record(&two).await.ok().body);
        let made = w.proposed(&one, &two, &["nik"]).await.ok();
        let second = w.proposed(&one, &two, &[]).await;
        assert_eq!(
            second.refused(409, "merge_proposed").reasons(),
            [at("/double_id", "merge_proposed")]
        );
        let path = format!("/v1/merges/{}/refusal", made.id());
        let refuse = |note: &str| {
            w.post(&path).by("lead").if_match(made.etag()).json(json!({ "note": note })).send()
        };
        assert_eq!(refuse(" ").await.reasons(), [at("/note", "missing")]);
        let refused = refuse("Two sisters.").await.ok();
        assert_eq!(
            (&refused.body["state"], &refused.body["note"]),
            (&json!("refused"), &json!("Two sisters."))
        );
        assert_eq!(refuse("Two sisters.").await.ok().body, refused.body, "said twice, done once");
        w.account("lead2", Role::Lead, None, None);
        let late = w.merge_step("lead2", &refused, "confirmation").await;
        late.refused(409, "state_conflict");
        let anew = w.proposed(&one, &two, &[]).await.ok();
        let gone = w.merge_step("office2", &anew, "withdrawal").await.ok();
        assert_eq!(gone.body["state"], "withdrawn");
        w.merge_step("lead", &gone, "nik-release").await.refused(409, "state_conflict");
        let now = (w.record(&one).await.ok().body, w.record(&two).await.ok().body);
        assert_eq!(now, before);
    });
}

#[test]
fn a_proposal_is_refused_with_every_reason() {
    both(|w| async move {
        let (one, two) = (w.verified(whole(1)).await, w.verified(again(2)).await);
        for (number, id) in [(1, &one), (2, &two)] {
            w.account(&format!("seeker{number}"), Role::Seeker, None, id.parse().ok());
        }
        let same = w.proposed(&one, &one, &["nik", "nik"]).await;
        assert_eq!(same.reasons(), [at("/double_id", "duplicate"), at("/fields/1", "duplicate")]);
        let nobody = "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11";
        let unknown = w.proposed(nobody, &two, &[]).await;
        assert_eq!(unknown.reasons(), [at("/survivor_id", "job_seeker_unknown")]);
        let strange = json!({
            "survivor_id": one, "double_id": two, "evidence": EVIDENCE, "data_request_id": nobody,
        });
        let strange = w.post("/v1/merges").by("office").once().json(strange).send().await;
        assert_eq!(strange.reasons(), [at("/data_request_id", "data_request_unknown")]);
        w.post("/v1/job-seekers").once().json(again(3)).send().await.ok();
        let draft = w.sought(&nik(3)).await["data"][0]["id"].as_str().unwrap().to_owned();
        let unseen = w.proposed(&one, &draft, &[]).await;
        assert_eq!(codes(unseen.refused(422, "rule_refused")), ["record_unseen"]);

        // A request that waits, and a restriction on either side, at once.
        w.asked("seeker2", json!({ "kind": "access" })).await.ok();
        let restricted = w.granted("seeker1", json!({ "kind": "restriction" })).await.ok();
        let held = w.proposed(&one, &two, &[]).await;
        let both_reasons = ["data_request_waits", "processing_restricted"];
        assert_eq!(codes(held.refused(422, "rule_refused")), both_reasons);
        let other_way = w.proposed(&two, &one, &[]).await;
        assert_eq!(codes(&other_way), ["processing_restricted"]);
        let lifting = format!("/v1/data-requests/{}/lifting", restricted.id());
        w.post(&lifting).by("office").if_match(restricted.etag()).send().await.ok();
        let made = w.proposed(&two, &one, &[]).await.ok();
        // What comes after the proposal is told to whoever reads it, and stops the confirmation.
        w.granted("seeker1", json!({ "kind": "restriction" })).await.ok();
        let seen = w.get(made.header("location")).by("lead").send().await.ok();
        assert_eq!(seen.body["against"][0]["code"], "processing_restricted");
        let late = w.merge_step("lead", &made, "confirmation").await;
        assert_eq!(codes(late.refused(422, "rule_refused")), ["processing_restricted"]);
    });
}

#[test]
fn a_proposal_is_about_the_records_that_its_proposer_met() {
    both(|w| async move {
        let (one, two) = (w.verified(whole(1)).await, w.verified(again(2)).await);
        w.account("seeker2", Role::Seeker, None, two.parse().ok());
        let made = w.proposed(&one, &two, &[]).await.ok();
        let seen = w.record(&two).await.ok();
        let path = format!("/v1/job-seekers/{two}");
        let village = w.patch(&path).by("office").if_match(seen.etag());
        village.merge(&json!({ "village": "Burangkeng" })).send().await.ok();
        let late = w.merge_step("lead", &made, "confirmation").await;
        assert_eq!(codes(late.refused(422, "rule_refused")), ["records_changed"]);
        w.merge_step("office", &made, "withdrawal").await.ok();
        let made = w.proposed(&one, &two, &[]).await.ok();
        w.granted(&nik(2), json!({ "kind": "erasure" })).await.ok();
        let seen = w.get(made.header("location")).by("lead").send().await.ok();
        assert_eq!(
            (&seen.body["double"], &seen.body["against"][0]["code"], &seen.body["evidence"]),
            (&Value::Null, &json!("records_changed"), &Value::Null)
        );
        let gone = w.merge_step("lead", &made, "confirmation").await;
        assert_eq!(codes(gone.refused(422, "rule_refused")), ["records_changed"]);
        let erased = w.proposed(&one, &two, &[]).await;
        assert_eq!(erased.reasons(), [at("/double_id", "job_seeker_unknown")]);
    });
}

#[test]
fn a_register_that_names_one_of_them_is_read_to_its_end_first() {
    both(|w| async move {
        let (one, two) = (w.verified(whole(1)).await, w.verified(again(2)).await);
        let made = w.proposed(&one, &two, &[]).await.ok();
        let path = "/v1/imports/job-seekers?mode=apply";
        let upload = |nik: &str| {
            w.post(path).by("office").once().bytes("text/csv", old_register(nik)).send()
        };
        upload(&nik(7)).await.ok();
        upload(&nik(2)).await.ok();
        let early = w.merge_step("lead", &made, "confirmation").await;
        assert_eq!(codes(early.refused(422, "rule_refused")), ["held_by_import"]);
        w.work();
        w.merge_step("lead", &made, "confirmation").await.ok();
    });
}

/// Seats and running draws are of the record that stands: it is merged the other way round.
#[test]
fn a_running_draw_and_a_seat_keep_the_record_that_they_are_about() {
    both(|w| async move {
        let (d, people) = three_lists(&w).await;
        let new = w.verified(whole(9)).await;
        w.at(FREEZE);
        freeze(&w, &d).await.ok();
        // Both in the same draw.
        for (one, two) in [(&people[0], &people[1]), (&new, &people[0])] {
            let held = w.proposed(one, two, &[]).await;
            assert_eq!(codes(held.refused(422, "rule_refused")), ["held_by_round"]);
            assert!(held.body.to_string().contains("DP-HOLD-ROUND"), "{}", held.body);
        }
        w.proposed(&people[0], &new, &["email"]).await.ok();
    });
    both(|w| async move {
        let (d, people) = three_lists(&w).await;
        let new = w.verified(whole(9)).await;
        w.at(FREEZE);
        let computed = through(&w, &d).await;
        let round = published(&w, &computed).await;
        let placed = (crate::rights_effects::seatless(&w, &round, &people) + 1) % 3;
        let held = w.proposed(&new, &people[placed], &[]).await;
        assert_eq!(codes(held.refused(422, "rule_refused")), ["held_by_seat"]);
        assert!(held.body.to_string().contains("DP-HOLD-SEAT"), "{}", held.body);
        let merge = w.merged(&people[placed], &new, &["email"]).await;
        assert_eq!(merge.body["state"], "confirmed");
        let record = w.record(&people[placed]).await.ok();
        assert_eq!(record.body["email"], whole(9)["email"]);
        let seats = format!("/v1/rounds/{}/seats", round.id());
        let seats = w.get(&seats).by("office").send().await.ok();
        let seats = seats.body["data"].as_array().unwrap().clone();
        let seated = |seat: &&Value| seat["job_seeker_id"] == json!(people[placed]);
        assert_eq!(seats.iter().find(seated).unwrap()["name"], record.body["name"]);
    });
}
