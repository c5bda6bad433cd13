//! Doubles: proposed, confirmed by a second officer, and what becomes of everything that hung on them.

use crate::rights::correction;
use crate::rights_effects::{frozen, proof, seatless};
use crate::rounds::{freeze, published, three_lists, through};
use crate::support::drawn::FREEZE;
use crate::support::played::whole;
use crate::support::{Answer, World, both, ends};
use musiman::db::types::AccountState;
use musiman::db::{Actor, Fault, accounts, sessions};
use musiman::domain::ids::SeekerId;
use musiman::domain::roles::Role;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub const EVIDENCE: &str = "One KTP and one family card, both seen.";

/// The NIK of `whole(number)`.
pub fn nik(number: u32) -> String {
    whole(number)["nik"].as_str().unwrap().to_owned()
}

/// What `whole(1)` says, under the NIK and the other numbers of `whole(number)`.
pub fn again(number: u32) -> Value {
    let mut body = whole(number);
    for member in ["name", "phone"] {
        body[member] = whole(1)[member].clone();
    }
    body
}

impl World {
    /// A verified record.
    pub async fn verified(&self, body: Value) -> String {
        let made = self.post("/v1/job-seekers").by("office").once().json(body).send().await.ok();
        let path = format!("/v1/job-seekers/{}/verification", made.id());
        self.post(&path).by("office").if_match(made.etag()).send().await.ok();
        made.id().to_owned()
    }

    pub async fn proposed(&self, survivor: &str, double: &str, fields: &[&str]) -> Answer {
        let body = json!({
            "survivor_id": survivor, "double_id": double, "fields": fields, "evidence": EVIDENCE,
        });
        self.post("/v1/merges").by("office").once().json(body).send().await
    }

    /// A step of a merge as it was read last.
    pub async fn merge_step(&self, by: &str, merge: &Answer, what: &str) -> Answer {
        let path = format!("/v1/merges/{}/{what}", merge.id());
        self.post(&path).by(by).if_match(merge.etag()).send().await
    }

    /// Proposed by `office`, confirmed by `lead`.
    pub async fn merged(&self, survivor: &str, double: &str, fields: &[&str]) -> Answer {
        let made = self.proposed(survivor, double, fields).await.ok();
        self.merge_step("lead", &made, "confirmation").await.ok()
    }

    pub async fn record(&self, id: &str) -> Answer {
        self.get(&format!("/v1/job-seekers/{id}")).by("office").send().await
    }

    pub async fn sought(&self, nik: &str) -> Value {
        let sought = self.post("/v1/job-seekers/search").by("office").json(json!({ "nik": nik }));
        sought.send().await.ok().body
    }

    async fn number(&self, id: &str, value: &str) -> Answer {
        let path = format!("/v1/job-seekers/{id}/external-ids");
        let body = json!({ "system": "siapkerja", "value": value });
        self.post(&path).by("office").once().json(body).send().await
    }

    async fn consents(&self, id: &str) -> Vec<Value> {
        let path = format!("/v1/job-seekers/{id}/consents?limit=100");
        self.get(&path).by("office").send().await.ok().body["data"].as_array().unwrap().clone()
    }

    /// A breach that touched the person.
    async fn breach_of(&self, id: &str) {
        let words = || json!({ "id": "Daftar terkirim ke alamat yang salah." });
        let body = json!({
            "title": "A list", "known_at": "2026-11-24T01:00:00Z", "data_kinds": ["contact"],
            "how": words(), "handling": words(),
        });
        let made = self.post("/v1/breaches").by("lead").once().json(body).send().await.ok();
        let sent = json!({ "sent_at": "2026-11-24T01:30:00Z", "channel": "letter" });
        for (what, body) in
            [("people", json!({ "job_seeker_ids": [id] })), ("people-notices", sent)]
        {
            let path = format!("/v1/breaches/{}/{what}", made.id());
            self.post(&path).by("lead").if_match("*").json(body).send().await.ok();
        }
    }
}

/// Thing by thing what moves, ends and stays.
fn effects(merge: &Answer) -> BTreeMap<String, [u64; 3]> {
    let count = |effect: &Value, what: &str| effect[what].as_u64().unwrap();
    let one = |effect: &Value| {
        let counts = ["moves", "ends", "stays"].map(|what| count(effect, what));
        (effect["thing"].as_str().unwrap().to_owned(), counts)
    };
    merge.body["effects"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn two_records_of_one_person_become_one_and_everything_goes_over() {
    both(|w| async move {
        let d = w.drawn();
        let one = w.verified(whole(1)).await;
        let mut other = again(2);
        (other["village"], other["farm_months"]) = (json!("Burangkeng"), json!(48));
        let two = w.verified(other).await;
        let account = w.account("seeker2", Role::Seeker, None, two.parse().ok());
        w.agrees(&two);
        assert_eq!(w.applies(&d, 2, &two).await.status, 201);
        w.number(&two, "SK-2002").await.ok();
        w.granted("seeker2", json!({ "kind": "access", "text": "All of it." })).await.ok();
        w.breach_of(&two).await;
        w.store
            .write::<_, Fault>(Actor::SYSTEM, |tx, _| {
                sessions::begin(tx, account, ends().of(Role::Seeker))
            })
            .unwrap();

        let alike = w.get(&format!("/v1/job-seekers/{one}/doubles")).by("office").send().await.ok();
        let found = alike.body["data"].as_array().unwrap();
        assert_eq!(found.len(), 1, "{}", alike.body);
        assert_eq!(
            (&found[0]["record"]["id"], &found[0]["same"]),
            (&json!(two), &json!(["name_and_birth_date", "phone"]))
        );

        let made = w.proposed(&one, &two, &["village", "farm_months"]).await.ok();
        assert_eq!((made.status, &made.body["state"]), (201, &json!("proposed")));
        let open = w.get("/v1/merges?state=proposed").by("lead").send().await.ok();
        assert_eq!(open.body["data"][0]["id"], made.body["id"]);
        let seen = w.get(made.header("location")).by("lead").send().await.ok();
        assert_eq!(seen.body["evidence"], EVIDENCE);
        assert_eq!(
            (&seen.body["survivor"]["nik"], &seen.body["double"]["nik"]),
            (&json!(nik(1)), &json!(nik(2)))
        );
        let differ = seen.body["differences"].as_array().unwrap();
        let named: Vec<&str> = differ.iter().map(|d| d["field"].as_str().unwrap()).collect();
        let all = ["nik", "kk", "address", "village", "email", "farm_months", "passport_number"];
        assert_eq!(named, all);
        let taken: Vec<&str> = differ
            .iter()
            .filter(|d| d["taken"] == true)
            .map(|d| d["field"].as_str().unwrap())
            .collect();
        assert_eq!(taken, ["village", "farm_months"]);
        assert_eq!(seen.body["against"], json!([]));
        let told = effects(&seen);
        for (thing, counts) in [
            ("account", [1, 0, 0]),
            ("external_ids", [1, 0, 0]),
            // The law's own answer stands on both, and one of the two is enough.
            ("consents", [4, 1, 0]),
            ("data_requests", [1, 0, 0]),
            ("applications", [1, 0, 0]),
            ("breach_notices", [1, 0, 0]),
            ("frozen_lists", [0, 0, 0]),
            ("seats", [0, 0, 0]),
        ] {
            assert_eq!(told[thing], counts, "{thing}");
        }

        let done = w.merge_step("lead", &seen, "confirmation").await.ok();
        assert_eq!(
            (&done.body["state"], &done.body["survivor"]),
            (&json!("confirmed"), &Value::Null)
        );
        let record = w.record(&one).await.ok();
        assert_eq!(
            (&record.body["village"], &record.body["farm_months"], &record.body["nik"]),
            (&json!("Burangkeng"), &json!(48), &json!(nik(1)))
        );
        assert_eq!(record.body["state"], "verified", "nothing that the papers prove was taken");
        let gone = w.record(&two).await;
        gone.refused(404, "record_merged");
        assert!(gone.body["detail"].as_str().unwrap().contains(&one), "{}", gone.body);
        let erased = w.get("/v1/job-seekers?state=erased").by("office").send().await.ok();
        let line = &erased.body["data"][0];
        assert_eq!((&line["id"], &line["merged_into"]), (&json!(two), &json!(one)));
        assert_eq!((&line["name"], &line["born_on"]), (&json!(""), &json!("1970-01-01")));
        let found = w.sought(&nik(2)).await;
        assert_eq!((&found["data"][0]["id"], &found["by_wrong_nik"]), (&json!(one), &json!(true)));
        assert_eq!(w.sought(&nik(1)).await["by_wrong_nik"], false);

        // The person comes in by the NIK that stands, to everything of both.
        let login = nik(1);
        let kept = w.store.read::<_, Fault>(|conn, _| sessions::kept(conn, account)).unwrap();
        assert!(kept.iter().all(|session| session.ended_at.is_some()), "it told of the double");
        let me = w.get("/v1/me/export").by(&login).send().await.ok().body;
        assert_eq!(me["record"]["id"], json!(one));
        assert_eq!(me["account"]["id"], json!(account.to_string()));
        assert_eq!(me["external_ids"], json!([{ "system": "siapkerja", "value": "SK-2002" }]));
        assert_eq!(me["data_requests"][0]["text"], "All of it.");
        assert_eq!(me["applications"][0]["choices"], json!([d.quota.to_string()]));
        assert_eq!(me["breaches"].as_array().unwrap().len(), 1);
        assert_eq!(me["consents"].as_array().unwrap().len(), 5);
        assert_eq!(me["merges"][0]["evidence"], EVIDENCE);
        let own = w.get("/v1/me/journal?limit=100").by(&login).send().await.ok().body.to_string();
        assert!(own.contains("\"merge\""), "{own}");
        w.get(&format!("/v1/job-seekers/{two}")).by(&login).send().await.refused(404, "not_found");

        // The list that went over is drawn like any other, and every change has its line.
        w.at(FREEZE);
        freeze(&w, &d).await.ok();
        assert_eq!(frozen(&w, &d), [one]);
        let unlinked = w.states().unlinked;
        // The law's own answers came with the registration's line, the season below HTTP.
        let came_without =
            |(kind, event): &(String, String)| kind == "season" || event.ends_with("_consent");
        assert!(unlinked.len() == 3 && unlinked.iter().all(came_without), "{unlinked:?}");
    });
}

#[test]
fn a_record_with_a_wrong_nik_takes_the_right_one_of_its_double() {
    both(|w| async move {
        let one = w.verified(whole(1)).await;
        w.account("seeker1", Role::Seeker, None, one.parse().ok());
        let two = w.verified(again(2)).await;
        let asked = w.asked("seeker1", correction("nik", &nik(2))).await.ok();
        let body = json!({
            "survivor_id": one, "double_id": two, "fields": ["nik"], "evidence": EVIDENCE,
            "data_request_id": asked.id(),
        });
        let made = w.post("/v1/merges").by("office").once().json(body).send().await.ok();
        assert_eq!(made.body["data_request_id"], json!(asked.id()));
        w.merge_step("lead", &made, "confirmation").await.ok();
        let record = w.record(&one).await.ok();
        assert_eq!(
            (&record.body["nik"], &record.body["state"]),
            (&json!(nik(2)), &json!("registered")),
            "a confirmation falls with the identity that it was for"
        );
        let found = w.sought(&nik(1)).await;
        assert_eq!((&found["data"][0]["id"], &found["by_wrong_nik"]), (&json!(one), &json!(true)));
        // The log-in follows, and what the person asked for is answered as any request.
        let seen = w.identified(&w.request_now(&asked).await).await;
        let yes = json!({ "outcome": "granted", "note": "Both records are one now." });
        w.decided("office", &seen, yes).await.ok();
        let told = w.get(asked.header("location")).by(&nik(2)).send().await.ok();
        assert_eq!(told.body["note"], "Both records are one now.");
    });
}

#[test]
fn what_both_have_is_kept_once_and_the_double_comes_in_no_more() {
    both(|w| async move {
        let d = w.drawn();
        let (one, two) = (w.known(1).await, w.verified(again(2)).await);
        w.account("seeker2", Role::Seeker, None, two.parse().ok());
        for (number, id) in [(1, &one), (2, &two)] {
            w.agrees(id);
            assert_eq!(w.applies(&d, number, id).await.status, 201);
            w.number(id, &format!("SK-{number}")).await.ok();
        }
        let token = w.token("seeker2");
        let made = w.proposed(&one, &two, &[]).await.ok();
        let told = effects(&made);
        assert_eq!((told["account"], told["applications"]), ([0, 1, 0], [0, 1, 0]));
        assert_eq!((told["external_ids"], told["consents"]), ([0, 1, 0], [4, 4, 0]));
        let list = format!("/v1/seasons/{}/applications/{one}", d.season);
        let before = w.get(&list).by("seeker1").send().await.ok();
        w.merge_step("lead", &made, "confirmation").await.ok();
        let login = nik(1);
        assert_eq!(w.get(&list).by(&login).send().await.ok().body, before.body);
        let theirs = format!("/v1/seasons/{}/applications/{two}", d.season);
        let gone = w.get(&theirs).by("office").send().await.ok();
        assert_eq!((&gone.body["state"], &gone.body["choices"]), (&json!("withdrawn"), &json!([])));
        let path = format!("/v1/job-seekers/{one}/external-ids");
        let numbers = w.get(&path).by("office").send().await.ok();
        assert_eq!(numbers.body["data"], json!([{ "system": "siapkerja", "value": "SK-1" }]));
        let in_force = |c: &&Value| c["state"] == "in_force";
        assert_eq!(w.consents(&one).await.iter().filter(in_force).count(), 4);
        let write = w.post("/v1/me/data-requests").bearer(&token).once();
        let write = write.json(json!({ "kind": "access" })).send().await;
        write.refused(401, "account_disabled");
        let seeker: SeekerId = two.parse().unwrap();
        let account =
            w.store.read::<_, Fault>(|conn, _| accounts::of_seeker(conn, seeker)).unwrap();
        assert_eq!(account.unwrap().state, AccountState::Disabled);
        w.get("/v1/me").by(&login).send().await.ok();
    });
}

#[test]
fn the_last_word_on_a_purpose_counts_on_whichever_record_it_was_said() {
    both(|w| async move {
        let (one, two) = (w.verified(whole(1)).await, w.verified(again(2)).await);
        w.account("seeker2", Role::Seeker, None, two.parse().ok());
        w.agrees(&one);
        w.clock.advance(chrono::TimeDelta::hours(1));
        let matching = w.agrees(&two);
        w.clock.advance(chrono::TimeDelta::hours(1));
        let path = format!("/v1/consents/{matching}/withdrawal");
        w.post(&path).by("seeker2").if_match("*").send().await.ok();
        w.merged(&one, &two, &[]).await;
        let all = w.consents(&one).await;
        let of = |purpose: &str| -> Vec<(&str, &str)> {
            let mut of: Vec<&Value> = all.iter().filter(|c| c["purpose"] == purpose).collect();
            of.sort_by_key(|c| c["given_at"].as_str().unwrap());
            of.iter()
                .map(|c| {
                    (c["state"].as_str().unwrap(), c["ended_channel"].as_str().unwrap_or("none"))
                })
                .collect()
        };
        assert_eq!(of("matching"), [("withdrawn", "app"), ("withdrawn", "app")]);
        assert_eq!(of("share_with_employer"), [("replaced", "paper"), ("in_force", "none")]);
    });
}

/// The register of an earlier year, in which the person stands under that NIK.
pub fn old_register(nik: &str) -> Vec<u8> {
    format!(
        "NIK;Nama Lengkap;Tanggal Lahir;Jenis Kelamin;Kecamatan\r\n\
         {nik};Siti Contoh 1;07/03/1996;P;Setu\r\n"
    )
    .into_bytes()
}

async fn imported(w: &World, nik: &str) -> Value {
    let path = "/v1/imports/job-seekers?mode=apply";
    let begun = w.post(path).by("office").once().bytes("text/csv", old_register(nik));
    let begun = begun.send().await.ok();
    w.work();
    let rows = format!("/v1/imports/{}/rows", begun.id());
    w.get(&rows).by("office").send().await.ok().body["data"][0].clone()
}

#[test]
fn a_wrong_nik_makes_nobody_new_until_it_is_released() {
    both(|w| async move {
        let (one, two) = (w.verified(whole(1)).await, w.verified(again(2)).await);
        let three = w.verified(whole(3)).await;
        let merge = w.merged(&one, &two, &[]).await;
        let before = w.record(&one).await.ok().body;
        let row = imported(&w, &nik(2)).await;
        assert_eq!(row["outcome"], "conflict", "{row}");
        assert_eq!(
            (&row["problems"][0]["column"], &row["problems"][0]["code"]),
            (&json!("NIK"), &json!("nik_of_merged_record"))
        );
        assert_eq!(imported(&w, &nik(1)).await["outcome"], "unchanged");
        let new = w.post("/v1/job-seekers").by("office").once().json(again(2)).send().await;
        new.refused(409, "nik_taken");
        let arrival = json!({ "form": "musiman/person/1", "person": again(2) });
        let arrival = w.post("/v1/job-seekers/portable").by("office").once().json(arrival);
        let told = [("/person/nik".to_owned(), "nik_of_merged_record".to_owned())];
        assert_eq!(arrival.send().await.reasons(), told);
        let seen = w.record(&three).await.ok();
        let path = format!("/v1/job-seekers/{three}");
        let taken = w.patch(&path).by("office").if_match(seen.etag());
        taken.merge(&json!({ "nik": nik(2) })).send().await.refused(409, "nik_taken");
        // Anybody may still say so, and learns nothing; an officer cannot confirm it.
        w.post("/v1/job-seekers").once().json(again(2)).send().await.ok();
        let found = w.sought(&nik(2)).await;
        let draft = found["data"].as_array().unwrap().iter().find(|l| l["state"] == "draft");
        let draft = draft.unwrap()["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/job-seekers/{draft}/verification");
        w.post(&path).by("office").if_match("*").send().await.refused(409, "nik_taken");
        assert_eq!(w.record(&one).await.ok().body, before);

        w.merge_step("office", &merge, "nik-release").await.refused(403, "role_forbidden");
        let free = w.merge_step("lead", &merge, "nik-release").await.ok();
        assert_eq!(free.body["state"], "released");
        assert_eq!(imported(&w, &nik(2)).await["outcome"], "new");
        let found = w.sought(&nik(2)).await;
        assert_eq!(
            (&found["by_wrong_nik"], found["data"].as_array().unwrap().len()),
            (&json!(false), 2)
        );
        w.record(&two).await.refused(404, "record_merged");
    });
}

#[test]
fn a_survivor_may_be_a_double_and_an_erased_one_leads_nowhere() {
    both(|w| async move {
        let (one, two) = (w.verified(whole(1)).await, w.verified(again(2)).await);
        let three = w.verified(again(3)).await;
        w.account("seeker3", Role::Seeker, None, three.parse().ok());
        w.merged(&two, &three, &[]).await;
        let second = w.merged(&one, &two, &[]).await;
        for number in [2, 3] {
            assert_eq!(w.sought(&nik(number)).await["data"][0]["id"], json!(one), "{number}");
        }
        let gone = w.record(&three).await;
        assert!(gone.body["detail"].as_str().unwrap().contains(&one), "{}", gone.body);
        let me = w.get("/v1/me/export").by(&nik(1)).send().await.ok().body;
        assert_eq!(me["merges"].as_array().unwrap().len(), 2);
        // An upload that names the person by a wrong NIK goes with the record.
        let path = "/v1/imports/job-seekers?mode=preview";
        let upload = w.post(path).by("office").once().bytes("text/csv", old_register(&nik(3)));
        let upload = upload.send().await.ok();
        w.work();
        w.granted(&nik(1), json!({ "kind": "erasure" })).await.ok();
        let path = format!("/v1/imports/{}", upload.id());
        let import = w.get(&path).by("office").send().await.ok();
        assert_ne!(import.body["destroyed_at"], Value::Null);
        for number in [1, 2, 3] {
            assert_eq!(w.sought(&nik(number)).await["data"], json!([]), "{number}");
        }
        let path = format!("/v1/merges/{}", second.id());
        let merge = w.get(&path).by("lead").send().await.ok();
        assert_eq!(
            (&merge.body["state"], &merge.body["evidence"]),
            (&json!("confirmed"), &Value::Null)
        );
        assert_eq!(imported(&w, &nik(3)).await["outcome"], "new");
    });
}

#[test]
fn a_published_match_of_a_double_is_as_verifiable_as_before_and_the_person_still_reads_it() {
    both(|w| async move {
        let (d, people) = three_lists(&w).await;
        w.at(FREEZE);
        let computed = through(&w, &d).await;
        let round = published(&w, &computed).await;
        let path = format!("/v1/rounds/{}", round.id());
        let (before, public) = (proof(&w, &d, &round), w.get(&path).send().await.ok());
        let double = seatless(&w, &round, &people);
        let login = format!("seeker{}", double + 1);
        let own = w.get("/v1/me/export").by(&login).send().await.ok().body;
        let one = w.verified(whole(9)).await;
        let made = w.proposed(&one, &people[double], &[]).await.ok();
        let told = effects(&made);
        assert_eq!((told["frozen_lists"], told["seats"]), ([0, 0, 1], [0, 0, 0]));
        w.merge_step("lead", &made, "confirmation").await.ok();
        assert_eq!(proof(&w, &d, &round), before);
        assert_eq!(w.get(&path).send().await.ok().body, public.body);
        let me = w.get("/v1/me/export").by(&nik(9)).send().await.ok().body;
        for what in ["frozen_lists", "results"] {
            assert_eq!(me[what], own[what], "{what}");
            assert_ne!(me[what], json!([]), "{what}");
        }
    });
}
