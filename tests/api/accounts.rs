//! Accounts over HTTP.

use crate::support::{Answer, World, both};
use serde_json::{Value, json};

const PASSWORD: &str = "kata sandi panjang";

fn officer(login: &str) -> Value {
    json!({ "login": login, "name": "Petugas Contoh", "role": "office", "password": PASSWORD })
}

async fn made(w: &World, body: Value) -> Answer {
    w.post("/v1/accounts").by("lead").once().json(body).send().await
}

async fn log_in(w: &World, login: &str) -> Answer {
    w.post("/v1/auth/login").json(json!({ "login": login, "password": PASSWORD })).send().await
}

#[test]
fn a_lead_makes_an_account_and_its_holder_logs_in() {
    both(|w| async move {
        let account = made(&w, officer("Baru")).await;
        assert_eq!((account.status, &account.body["login"]), (201, &json!("baru")));
        assert!(account.body.get("password_hash").is_none());
        log_in(&w, "baru").await.ok();
        let path = account.header("location").to_owned();
        assert_eq!(w.get(&path).by("lead").send().await.body, account.body);
        w.get(&path).by("office").send().await.refused(403, "role_forbidden");
        let list = w.get("/v1/accounts?role=office").by("lead").send().await.ok();
        assert_eq!(list.body["data"].as_array().unwrap().len(), 3);
    });
}

#[test]
fn every_wrong_part_of_an_account_is_told() {
    both(|w| async move {
        let body = json!({ "login": "3216184703960002", "name": "X Y", "role": "seeker", "password": "pendek" });
        let told = made(&w, body).await;
        told.refused(422, "fields_invalid");
        let expected =
            [("/login", "login_invalid"), ("/password", "too_short"), ("/role", "role_fixed")];
        assert_eq!(told.reasons(), expected.map(|(p, c)| (p.to_owned(), c.to_owned())));
        let mut partner = officer("mitra");
        partner["role"] = json!("partner");
        let told = made(&w, partner.clone()).await;
        assert_eq!(told.reasons(), [("/organisation_id".to_owned(), "missing".to_owned())]);
        partner["organisation_id"] = json!(w.clock.new_id().to_string());
        let told = made(&w, partner.clone()).await;
        let unknown = ("/organisation_id".to_owned(), "organisation_unknown".to_owned());
        assert_eq!(told.reasons(), [unknown]);
        let kadin = json!({ "kind": "kadin", "name": "Kadin Kabupaten Bekasi" });
        let kadin = w.post("/v1/organisations").by("office").once().json(kadin).send().await.ok();
        partner["organisation_id"] = kadin.body["id"].clone();
        let told = made(&w, partner).await;
        let wrong = ("/organisation_id".to_owned(), "organisation_kind_wrong".to_owned());
        assert_eq!(told.reasons(), [wrong]);
    });
}

#[test]
fn of_32_clients_with_one_login_one_wins() {
    both(|w| async move {
        let all = (0..32).map(|_| made(&w, officer("sama")));
        let answers = futures_util::future::join_all(all).await;
        let mut statuses: Vec<u16> = answers.iter().map(|a| a.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![201], vec![409; 31]].concat());
        let lost = answers.iter().find(|a| a.status == 409).unwrap();
        assert_eq!(lost.reasons(), [("/login".to_owned(), "taken".to_owned())]);
    });
}

#[test]
fn a_disabled_account_loses_its_writes_at_once_and_cannot_log_in() {
    both(|w| async move {
        let account = made(&w, officer("baru")).await.ok();
        let session = log_in(&w, "baru").await.ok();
        let token = session.body["access_token"].as_str().unwrap();
        let disable = w.patch(account.header("location")).by("lead").if_match(account.etag());
        let disabled = disable.merge(&json!({ "state": "disabled" })).send().await.ok();
        assert_eq!(disabled.body["state"], "disabled");
        let write = w.post("/v1/job-seekers").bearer(token).once().json(w.siti(1)).send().await;
        write.refused(401, "account_disabled");
        log_in(&w, "baru").await.refused(401, "login_refused");
        let turn = json!({ "refresh_token": session.body["refresh_token"] });
        w.post("/v1/auth/refresh").json(turn).send().await.refused(401, "token_invalid");
    });
}

#[test]
fn the_last_lead_stays() {
    both(|w| async move {
        let list = w.get("/v1/accounts?role=lead").by("lead").send().await.ok();
        let path = format!("/v1/accounts/{}", list.body["data"][0]["id"].as_str().unwrap());
        let change =
            |tag: String, body: Value| w.patch(&path).by("lead").if_match(&tag).merge(&body).send();
        let tag = w.get(&path).by("lead").send().await.etag().to_owned();
        for body in [json!({ "state": "disabled" }), json!({ "role": "office" })] {
            let told = change(tag.clone(), body).await;
            assert_eq!(told.refused(409, "last_lead").etag(), tag);
        }
        let named = change(tag.clone(), json!({ "name": "Kepala Contoh" })).await.ok();
        change(tag, json!({ "name": "Lain" })).await.refused(412, "version_stale");
        let mut second = officer("kedua");
        second["role"] = json!("lead");
        made(&w, second).await.ok();
        change(named.etag().to_owned(), json!({ "role": "office" })).await.ok();
        let after = w.patch(&path).by("office").if_match("*").merge(&json!({ "role": "lead" }));
        after.send().await.refused(403, "role_forbidden");
    });
}

#[test]
fn of_two_leads_who_demote_each_other_one_stays() {
    both(|w| async move {
        let mut second = officer("kedua");
        second["role"] = json!("lead");
        made(&w, second).await.ok();
        let list = w.get("/v1/accounts?role=lead").by("lead").send().await.ok();
        let paths: Vec<String> = list.body["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| format!("/v1/accounts/{}", a["id"].as_str().unwrap()))
            .collect();
        let demote = |path: &String| {
            let who = if *path == paths[0] { "kedua" } else { "lead" };
            w.patch(path).by(who).if_match("*").merge(&json!({ "role": "office" })).send()
        };
        let answers = futures_util::future::join_all(paths.iter().map(demote)).await;
        assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1);
    });
}

#[test]
fn a_seeker_logs_in_with_the_new_nik_after_it_was_mended() {
    use musiman::db::{Actor, Fault, accounts};
    use musiman::domain::identity::Nik;
    both(|w| async move {
        let siti = w.seeker(1).await;
        let seeker = siti["id"].as_str().unwrap().parse().unwrap();
        let old = siti["nik"].as_str().unwrap();
        let nik = Nik::parse("3216184703960002").unwrap();
        w.account(old, musiman::domain::roles::Role::Seeker, None, Some(seeker));
        let found = |login: &str| {
            w.store.read::<_, Fault>(|conn, _| accounts::by_login(conn, login)).unwrap().is_some()
        };
        assert!(found(old));
        let mended = Nik::parse("3216184703960077").unwrap();
        for nik in [&nik, &mended] {
            w.store
                .write::<_, Fault>(Actor::SYSTEM, |tx, _| accounts::relogin(tx, seeker, nik))
                .unwrap();
        }
        assert_eq!((found(old), found(mended.as_str())), (false, true));
    });
}

#[test]
fn a_partner_of_another_organisation_loses_the_old_ones_writes_at_once() {
    both(|w| async move {
        let mut partner = officer("mitra");
        partner["role"] = json!("partner");
        let mut farms = vec![];
        for number in ["1012345678", "1012345679"] {
            let farm = json!({ "kind": "farm", "name": "Bright Field", "farm_id": number });
            let made = w.post("/v1/organisations").by("office").once().json(farm).send().await;
            farms.push(made.ok().body["id"].clone());
        }
        partner["organisation_id"] = farms[0].clone();
        let account = made(&w, partner).await.ok();
        let token = w.token("mitra");
        let change = w.patch(account.header("location")).by("lead").if_match(account.etag());
        change.merge(&json!({ "organisation_id": farms[1] })).send().await.ok();
        let body = json!({ "refresh_token": "x" });
        let old = w.post("/v1/auth/logout").bearer(&token).json(body.clone());
        old.send().await.refused(401, "account_disabled");
        assert_eq!(w.post("/v1/auth/logout").by("mitra").json(body).send().await.status, 204);
    });
}
