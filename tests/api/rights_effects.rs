//! What a granted restriction, an objection and an erasure do, and what keeps a record.

use crate::rights::correction;
use crate::rounds::{freeze, published, three_lists, through};
use crate::support::drawn::{Drawn, FREEZE};
use crate::support::dump::dump;
use crate::support::played::{identifiers, whole};
use crate::support::{Answer, World, both};
use musiman::acts::compute_round::reading;
use musiman::db::types::AccountState;
use musiman::db::{Fault, accounts, inputs, rounds, seasons};
use musiman::domain::ids::{RoundId, SeekerId};
use musiman::matching::lottery::{commitment, hex, seed};
use musiman::matching::{Outcome, certificate, digest, solve, verify};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

/// Restricts `seeker<number>`; gives the request.
async fn restricted(w: &World, number: u32) -> Answer {
    let done = w.granted(&format!("seeker{number}"), json!({ "kind": "restriction" })).await.ok();
    assert_eq!(done.body["state"], "decided");
    done
}

pub fn frozen(w: &World, d: &Drawn) -> Vec<String> {
    let people = w.store.snapshot::<_, Fault>(|conn, _| inputs::people(conn, d.season, 1)).unwrap();
    people.into_iter().map(|(id, _)| id.to_string()).collect()
}

#[test]
fn a_restriction_keeps_a_person_out_until_it_is_lifted() {
    both(|w| async move {
        let d = w.drawn();
        let (one, two) = (w.applicant(1).await, w.applicant(2).await);
        assert_eq!(w.applies(&d, 1, &one).await.status, 201);
        assert_eq!(w.applies(&d, 2, &two).await.status, 201);
        let request = restricted(&w, 1).await;
        let path = format!("/v1/seasons/{}/applications/{one}", d.season);
        let list = w.get(&path).by("seeker1").send().await.ok();
        let body = json!({ "choices": [d.quota.to_string()], "reason": "at the desk" });
        let put = |by: &'static str, tag: String| {
            w.put(&path).by(by).if_match(&tag).json(body.clone()).send()
        };
        put("office", list.etag().to_owned()).await.refused(409, "processing_restricted");
        let ask = format!("/v1/job-seekers/{one}/eligibility?quota_id={}", d.quota);
        let judged = w.get(&ask).by("seeker1").send().await.ok();
        assert_eq!(judged.body["reasons"][0]["code"], "processing_restricted");
        w.at(FREEZE);
        freeze(&w, &d).await.ok();
        assert_eq!(frozen(&w, &d), [two]);
        let lifting = format!("/v1/data-requests/{}/lifting", request.id());
        let lifted = w.post(&lifting).by("office").if_match(request.etag()).send().await.ok();
        assert_eq!(lifted.body["state"], "done");
        let judged = w.get(&ask).by("seeker1").send().await.ok();
        assert_eq!(judged.body["eligible"], true, "{}", judged.body);
        let own = w.get("/v1/me/journal?limit=100").by("seeker1").send().await.ok();
        let told = own.body.to_string();
        assert!(told.contains("\"restrict\"") && told.contains("\"lift_restriction\""), "{told}");
    });
}

#[test]
fn officers_change_nothing_of_a_restricted_record_but_what_the_person_asks_for() {
    both(|w| async move {
        let id = w.known(1).await;
        let path = format!("/v1/job-seekers/{id}");
        let request = restricted(&w, 1).await;
        let record = || w.get(&path).by("office").send();
        let seen = record().await.ok();
        let village = |tag: &str| {
            w.patch(&path).by("office").if_match(tag).merge(&json!({ "village": "Burangkeng" }))
        };
        let still = village(seen.etag()).send().await;
        assert_eq!(still.refused(409, "processing_restricted").etag(), seen.etag());
        village("\"1.0\"").send().await.refused(412, "version_stale");
        let number = json!({ "system": "siapkerja", "value": "SK-1" });
        let kept = w.post(&format!("{path}/external-ids")).by("office").once().json(number);
        kept.send().await.refused(409, "processing_restricted");
        let arrival = json!({ "form": "musiman/person/1", "person": whole(1) });
        let arrival = w.post("/v1/job-seekers/portable").by("office").once().json(arrival);
        let told = [("/person".to_owned(), "processing_restricted".to_owned())];
        assert_eq!(arrival.send().await.reasons(), told);
        assert_eq!(record().await.ok().body, seen.body);
        // A name that the person corrects takes the confirmation, and no officer gives a new one.
        w.granted("seeker1", correction("name", "Siti Baru")).await.ok();
        let seen = record().await.ok();
        assert_eq!(
            (&seen.body["name"], &seen.body["state"]),
            (&json!("Siti Baru"), &json!("registered"))
        );
        let verified =
            |tag: &str| w.post(&format!("{path}/verification")).by("office").if_match(tag).send();
        verified(seen.etag()).await.refused(409, "processing_restricted");
        let lifting = format!("/v1/data-requests/{}/lifting", request.id());
        w.post(&lifting).by("office").if_match(request.etag()).send().await.ok();
        let verified = verified(seen.etag()).await.ok();
        village(verified.etag()).send().await.ok();
    });
}

#[test]
fn a_restriction_that_comes_while_the_freeze_reads_is_seen() {
    both(|w| async move {
        use musiman::acts::freeze::{Order, keep, read};
        use musiman::domain::roles::Role;
        let d = w.drawn();
        let one = w.applicant(1).await;
        assert_eq!(w.applies(&d, 1, &one).await.status, 201);
        w.at(FREEZE);
        let order = Order { actor: musiman::db::Actor::SYSTEM, role: Role::Lead, reason: None };
        let asked = w.store.read::<_, Fault>(|conn, _| seasons::get(conn, d.season)).unwrap();
        let draft = read(&w.store, &asked, &order).unwrap();
        restricted(&w, 1).await;
        assert!(!keep(&w.store, &draft, &order).unwrap(), "somebody was frozen who may not be");
        freeze(&w, &d).await.ok();
        assert_eq!(frozen(&w, &d), Vec::<String>::new());
    });
}

/// A register in which `siti(1)` lives elsewhere.
fn moved(w: &World) -> Vec<u8> {
    let siti = w.siti(1);
    let nik = siti["nik"].as_str().unwrap();
    format!(
        "NIK;Nama Lengkap;Tanggal Lahir;Jenis Kelamin;Kecamatan\r\n\
         {nik};Siti Contoh 1;07/03/1996;P;Tambun Selatan\r\n"
    )
    .into_bytes()
}

async fn imported(w: &World) -> (Answer, Value) {
    let path = "/v1/imports/job-seekers?mode=apply";
    let begun = w.post(path).by("office").once().bytes("text/csv", moved(w)).send().await.ok();
    w.work();
    let path = format!("/v1/imports/{}", begun.id());
    let rows = w.get(&format!("{path}/rows")).by("office").send().await.ok();
    (w.get(&path).by("office").send().await.ok(), rows.body["data"][0].clone())
}

#[test]
fn an_import_leaves_a_restricted_record_and_says_so() {
    both(|w| async move {
        let one = w.applicant(1).await;
        let request = restricted(&w, 1).await;
        let (import, row) = imported(&w).await;
        assert_eq!(
            (&row["outcome"], &import.body["counts"]["conflict"]),
            (&json!("conflict"), &json!(1))
        );
        let codes: Vec<&str> = row["problems"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p["code"].as_str().unwrap())
            .collect();
        assert_eq!(codes, ["processing_restricted"]);
        let path = format!("/v1/job-seekers/{one}");
        assert_eq!(w.get(&path).by("office").send().await.ok().body["kecamatan_name"], "Setu");
        // The person ends it too.
        let own = format!("/v1/me/data-requests/{}/withdrawal", request.id());
        w.post(&own).by("seeker1").if_match(request.etag()).send().await.ok();
        assert_eq!(imported(&w).await.1["outcome"], "changed");
        let kecamatan = w.get(&path).by("office").send().await.ok().body["kecamatan_name"].clone();
        assert_eq!(kecamatan, "Tambun Selatan");
    });
}

#[test]
fn a_result_is_reviewed_by_an_officer_who_did_not_make_it() {
    both(|w| async move {
        let (d, _) = three_lists(&w).await;
        w.applicant(4).await;
        w.at(FREEZE);
        let round = through(&w, &d).await;
        let body = json!({ "kind": "objection", "text": "Why?", "round_id": round.id() });
        let early = w.asked("seeker1", body.clone()).await;
        let unknown = [("/round_id".to_owned(), "round_unknown".to_owned())];
        assert_eq!(early.refused(422, "fields_invalid").reasons(), unknown);
        published(&w, &round).await;
        let other = w.asked("seeker4", body.clone()).await;
        assert_eq!(other.refused(422, "fields_invalid").reasons(), unknown);
        let asked = w.asked("seeker1", body).await.ok();
        let seen = w.identified(&asked).await;
        let reviewed = json!({
            "outcome": "granted", "review": "upheld", "note": "The list was read line by line.",
        });
        let bare = json!({ "outcome": "granted", "note": "Read." });
        let missing = [("/review".to_owned(), "missing".to_owned())];
        assert_eq!(w.decided("lead", &seen, bare).await.reasons(), missing);
        for maker in ["office", "office2"] {
            let own = w.decided(maker, &seen, reviewed.clone()).await;
            own.refused(422, "reviewer_made_round");
        }
        let done = w.decided("lead", &seen, reviewed).await.ok();
        assert_eq!(done.body["state"], "done");
        let told = w.get(asked.header("location")).by("seeker1").send().await.ok();
        assert_eq!(
            (&told.body["review"], &told.body["note"]),
            (&json!("upheld"), &json!("The list was read line by line."))
        );
    });
}

/// All that an outsider and an insider can check of a published round, checked.
pub fn proof(w: &World, d: &Drawn, round: &Answer) -> BTreeMap<&'static str, String> {
    let id: RoundId = round.id().parse().unwrap();
    let check = |conn: &mut musiman::db::Conn<'_>| {
        let row = rounds::get(conn, id, rounds::Scope::Published)?;
        let input = inputs::get(conn, d.season, row.input_version)?;
        let canonical = inputs::canonical(conn, &input)?;
        assert_eq!(Sha256::digest(&canonical).as_slice(), input.open.digest);
        let season = seasons::get(conn, d.season)?;
        let secret: [u8; 32] = row.secret_revealed.clone().unwrap().try_into().unwrap();
        assert_eq!(Some(commitment(&secret).to_vec()), season.secret_commitment);
        let root = input.open.root.clone().try_into().unwrap();
        let drawn = seed(&secret, &root, input.open.beacon_value.as_deref().unwrap());
        assert_eq!(Some(drawn.to_vec()), input.seed);
        let read = reading(conn, &row)?;
        assert_eq!(Some(digest(&read.instance)), row.instance_digest);
        let names: HashMap<SeekerId, &str> =
            read.people.iter().map(|(name, id)| (*id, name.as_str())).collect();
        let seats = rounds::seats(conn, id)?;
        let told = seats.iter().map(|s| (names[&s.seeker_id], Some(s.quota_id.to_string())));
        let outcome = Outcome::from_seats(&read.instance, told).unwrap();
        assert_eq!(verify(&read.instance, &certificate(&read.instance, &outcome)), Ok(()));
        let solved = solve(&read.instance);
        assert_eq!(format!("{:?}", solved.seats()), format!("{:?}", outcome.seats()));
        Ok(BTreeMap::from([
            ("canonical", hex(&canonical)),
            ("outcome", row.outcome_digest.unwrap()),
            ("seats", format!("{:?}", outcome.seats())),
        ]))
    };
    w.store.snapshot::<_, Fault>(|conn, _| check(conn)).unwrap()
}

/// Who of the three got no seat.
pub fn seatless(w: &World, round: &Answer, people: &[String]) -> usize {
    let id: RoundId = round.id().parse().unwrap();
    let seats = w.store.read::<_, Fault>(|conn, _| rounds::seats(conn, id)).unwrap();
    let seated: Vec<String> = seats.iter().map(|s| s.seeker_id.to_string()).collect();
    people.iter().position(|id| !seated.contains(id)).unwrap()
}

#[test]
fn after_an_erasure_a_published_match_is_as_verifiable_as_before() {
    both(|w| async move {
        let (d, people) = three_lists(&w).await;
        w.at(FREEZE);
        freeze(&w, &d).await.ok();
        let running = w.granted("seeker1", json!({ "kind": "erasure" })).await;
        assert_eq!(running.refused(422, "rule_refused").reasons()[0].1, "held_by_round");
        assert!(running.body.to_string().contains("DP-HOLD-ROUND"), "{}", running.body);
        w.clock.advance(chrono::TimeDelta::hours(72));
        let beacon = json!({ "name": "drand", "value": "9f2c6e0d", "source": "https://x.example" });
        w.lead_does(&d, "beacon", "*", beacon).await.ok();
        let path = format!("/v1/seasons/{}/rounds", d.season);
        let queued = w.post(&path).by("office").once().send().await.ok();
        w.work();
        let path = format!("/v1/rounds/{}", queued.id());
        let computed = w.get(&path).by("office").send().await.ok();
        let round = published(&w, &computed).await;
        let public = w.get(&path).send().await.ok();
        let before = proof(&w, &d, &round);
        let gone = seatless(&w, &round, &people);
        let placed = (gone + 1) % 3;
        let login = |at: usize| format!("seeker{}", at + 1);
        let held = w.granted(&login(placed), json!({ "kind": "erasure" })).await;
        assert_eq!(held.refused(422, "rule_refused").reasons()[0].1, "held_by_seat");
        assert!(held.body.to_string().contains("DP-HOLD-SEAT"), "{}", held.body);
        let done = w.granted(&login(gone), json!({ "kind": "erasure", "text": "All." })).await.ok();
        assert_eq!((&done.body["state"], &done.body["text"]), (&json!("done"), &Value::Null));
        assert_eq!(proof(&w, &d, &round), before);
        assert_eq!(w.get(&path).send().await.ok().body, public.body);
        // Five years after the contracts nothing keeps the placed one either.
        w.at("2032-11-01T02:00:00Z");
        w.granted(&login(placed), json!({ "kind": "erasure" })).await.ok();
        assert_eq!(proof(&w, &d, &round), before);
        assert!(w.states().linked > 20);
    });
}

#[test]
fn an_erased_person_is_nowhere_and_comes_in_nowhere() {
    both(|w| async move {
        let d = w.drawn();
        let id = w.known(1).await;
        w.agrees(&id);
        assert_eq!(w.applies(&d, 1, &id).await.status, 201);
        let nik = whole(1)["nik"].as_str().unwrap().to_owned();
        let header = "NIK;Nama Lengkap;Tanggal Lahir;Jenis Kelamin;Kecamatan";
        let row = format!("{header}\r\n{nik};Siti Contoh 1;07/03/1996;P;Setu\r\n");
        let other = format!("{header}\r\n3216184703967777;Siti Lain;07/03/1996;P;Setu\r\n");
        let mut uploads = vec![];
        for file in [row, other] {
            let path = "/v1/imports/job-seekers?mode=preview";
            let begun = w.post(path).by("office").once().bytes("text/csv", file.into());
            uploads.push(begun.send().await.ok().id().to_owned());
        }
        let early = w.granted("seeker1", json!({ "kind": "erasure" })).await;
        early.refused(409, "held_by_import");
        w.work();
        let token = w.token("seeker1");
        let asked = w.asked("seeker1", correction("village", "Secret Hamlet")).await.ok();
        let done = w.granted("seeker1", json!({ "kind": "erasure", "text": "All." })).await.ok();
        assert_eq!(done.body["state"], "done");
        let all: String = dump(&w.store, w.kind).into_values().flatten().collect();
        for secret in identifiers(1).iter().chain([&"Siti Contoh 1".to_owned()]) {
            assert!(!all.contains(secret.as_str()), "{secret} is still there");
        }
        let path = format!("/v1/job-seekers/{id}");
        w.get(&path).by("office").send().await.refused(404, "not_found");
        w.get(&path).bearer(&token).send().await.refused(404, "not_found");
        let search = w.post("/v1/job-seekers/search").by("office").json(json!({ "nik": nik }));
        assert_eq!(search.send().await.ok().body["data"], json!([]));
        let list = w.get("/v1/job-seekers").by("office").send().await.ok();
        assert_eq!(list.body["data"], json!([]));
        let changes = w.get("/v1/job-seekers?state=erased").by("office").send().await.ok();
        let told = (&changes.body["data"][0]["state"], &changes.body["data"][0]["name"]);
        assert_eq!(told, (&json!("erased"), &json!("")), "a line tells those who hold a copy");
        let destroyed = |at: usize| {
            let path = format!("/v1/imports/{}", uploads[at]);
            w.get(&path).by("office").send()
        };
        assert_ne!(destroyed(0).await.ok().body["destroyed_at"], Value::Null);
        assert_eq!(destroyed(1).await.ok().body["destroyed_at"], Value::Null);
        let words = w.request_now(&asked).await;
        assert_eq!(
            (&words.body["evidence"], &words.body["corrections"]),
            (&Value::Null, &json!([]))
        );
        let write = w.post("/v1/me/data-requests").bearer(&token).once();
        let write = write.json(json!({ "kind": "access" })).send().await;
        write.refused(401, "account_disabled");
        let seeker: SeekerId = id.parse().unwrap();
        let account =
            w.store.read::<_, Fault>(|conn, _| accounts::of_seeker(conn, seeker)).unwrap();
        assert_eq!(account.unwrap().state, AccountState::Disabled);
        // Whoever registers anew is somebody else to the register.
        let again = w.post("/v1/job-seekers").by("office").once().json(whole(1)).send().await.ok();
        assert_ne!(again.id(), id);
        w.at(FREEZE);
        freeze(&w, &d).await.ok();
        assert_eq!(frozen(&w, &d), Vec::<String>::new());
    });
}
