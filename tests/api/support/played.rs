//! Two seasons played to their published rounds, by people of whom the register knows everything.

use super::drawn::{Drawn, FREEZE};
use super::{Answer, World, ends};
use chrono::TimeDelta;
use image::{DynamicImage, ImageFormat, RgbImage};
use musiman::db::{Actor, Fault, sessions};
use musiman::domain::ids::AccountId;
use musiman::domain::organisations::OrganisationKind;
use musiman::domain::roles::Role;
use serde_json::{Value, json};
use std::io::Cursor;

/// A file with a row that the import refuses.
const REGISTER: &str = "NIK;Nama Lengkap;Tanggal Lahir;Jenis Kelamin;Kecamatan;No HP\r\n\
    321618470396777;=Contoh Ditolak;07/03/1996;P;Setu;081299987654\r\n\
    3216184703967777;Contoh Diterima;07/03/1996;P;Setu;081277712345\r\n";

/// What identifies the person of this number, as it is written and as it is kept.
pub fn identifiers(number: u32) -> Vec<String> {
    let one = whole(number);
    let text = |member: &str| one[member].as_str().unwrap().to_owned();
    let phone = text("phone").trim_start_matches('0').to_owned();
    [text("nik"), text("kk"), text("address"), phone, text("email"), text("passport_number")].into()
}

/// A registration with every member, under a NIK of its own.
pub fn whole(number: u32) -> Value {
    json!({
        "nik": format!("321618470396{:04}", number + 1), "kk": format!("3216180101{number:06}"),
        "name": format!("Siti Contoh {number}"), "birth_place": "Bekasi", "born_on": "1996-03-07",
        "sex": "female", "marital_status": "single", "kecamatan": "321618", "education": "smp",
        "address": format!("Gang Rahasia {number} No. 77"), "village": "Cijengkol",
        "phone": format!("0812{number:08}"), "email": format!("siti{number}@contoh.example"),
        "ak1_number": "3216/00001/2026", "ak1_issued_on": "2026-03-02", "farm_months": 36,
        "fishery_months": 2, "korean_level": 1, "training_hours": 40,
        "passport_number": format!("C{number:07}"), "passport_expires_on": "2031-01-01",
    })
}

/// A photograph of nothing.
pub fn picture() -> Vec<u8> {
    let mut bytes = Vec::new();
    let drawn = DynamicImage::from(RgbImage::from_fn(32, 32, |x, y| {
        image::Rgb([u8::try_from(x * 7).unwrap(), u8::try_from(y * 5).unwrap(), 77])
    }));
    drawn.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
    bytes
}

/// Things of two sides: `farm` and `seeker1` own the first of each, `company` and `seeker2` the
/// second.
pub struct Played {
    pub seasons: [String; 2],
    pub quotas: [String; 2],
    pub rounds: [String; 2],
    pub organisations: [String; 2],
    pub agreements: [String; 2],
    pub people: [String; 2],
    pub accounts: [String; 2],
    pub sessions: [String; 2],
    pub client: String,
    pub secret: String,
    pub key: String,
    pub import: String,
    pub consents: [String; 2],
    pub breach: String,
    pub requests: [String; 2],
    pub merge: String,
    pub evidence: [String; 2],
    pub jobs: [String; 2],
}

impl World {
    /// A verified seeker of whom everything is known, with an account `seeker<number>`.
    pub async fn known(&self, number: u32) -> String {
        let new = self.post("/v1/job-seekers").by("office").once().json(whole(number));
        let made = new.send().await.ok();
        let path = format!("/v1/job-seekers/{}/verification", made.id());
        self.post(&path).by("office").if_match(made.etag()).send().await.ok();
        self.account(&format!("seeker{number}"), Role::Seeker, None, made.id().parse().ok());
        made.id().to_owned()
    }

    async fn told(&self, path: &str) -> Value {
        self.get(path).by("lead").send().await.ok().body
    }

    async fn published(&self, d: &Drawn) -> Answer {
        self.lead_does(d, "freeze", "*", json!({})).await.ok();
        self.clock.advance(TimeDelta::hours(72));
        let beacon = json!({ "name": "drand", "value": "9f2c6e0d", "source": "https://x.example" });
        self.lead_does(d, "beacon", "*", beacon).await.ok();
        let path = format!("/v1/seasons/{}/rounds", d.season);
        let queued = self.post(&path).by("office").once().send().await.ok();
        self.work();
        let path = format!("/v1/rounds/{}", queued.id());
        let approval = self.post(&format!("{path}/approval")).by("office2").if_match("*");
        approval.send().await.ok();
        self.post(&format!("{path}/publication")).by("lead").if_match("*").send().await.ok()
    }

    fn session(&self, login: &str) -> (String, String) {
        let begun = self.store.write::<_, Fault>(Actor::SYSTEM, |tx, _| {
            let account = musiman::db::accounts::by_login(tx, login)?.unwrap();
            Ok((account.id, sessions::begin(tx, account.id, ends().of(account.role))?.id))
        });
        let (account, session): (AccountId, _) = begun.unwrap();
        (account.to_string(), session.to_string())
    }

    async fn a_file(&self) -> (String, String) {
        let path = "/v1/imports/job-seekers?mode=apply";
        let file = REGISTER.as_bytes().to_vec();
        let begun = self.post(path).by("office").once().bytes("text/csv", file).send().await.ok();
        self.work();
        (begun.id().to_owned(), begun.body["job_id"].as_str().unwrap().to_owned())
    }

    /// A breach that touched the person, who was told of it.
    async fn a_breach(&self, person: &str) -> String {
        let words = || json!({ "id": "Daftar terkirim ke alamat yang salah." });
        let body = json!({
            "title": "A list", "known_at": "2026-12-01T00:00:00Z", "data_kinds": ["contact"],
            "how": words(), "handling": words(),
        });
        let made = self.post("/v1/breaches").by("lead").once().json(body).send().await.ok();
        let sent = json!({ "sent_at": "2026-12-01T01:00:00Z", "channel": "app" });
        for (what, body) in
            [("people", json!({ "job_seeker_ids": [person] })), ("people-notices", sent)]
        {
            let path = format!("/v1/breaches/{}/{what}", made.id());
            self.post(&path).by("lead").if_match("*").json(body).send().await.ok();
        }
        made.id().to_owned()
    }

    /// A data request that waits for its answer.
    async fn asks(&self, login: &str) -> String {
        let body = json!({
            "kind": "correction", "text": "The village is wrong.", "evidence": "KTP",
            "corrections": [{ "field": "village", "value": "Taman Rahayu" }],
        });
        let asked = self.post("/v1/me/data-requests").by(login).once().json(body);
        asked.send().await.ok().id().to_owned()
    }

    /// A second record of `seeker1`, proposed to go into the first.
    async fn twice(&self, person: &str) -> String {
        let mut body = self.siti(40);
        for member in ["name", "phone"] {
            body[member] = whole(1)[member].clone();
        }
        body["village"] = json!("Burangkeng");
        let new = self.post("/v1/job-seekers").by("office").once().json(body).send().await.ok();
        let body = json!({
            "survivor_id": person, "double_id": new.id(), "fields": ["village"],
            "evidence": "KTP",
        });
        let made = self.post("/v1/merges").by("office").once().json(body).send().await.ok();
        made.id().to_owned()
    }

    /// Hands a file in with a request.
    pub async fn hands_in(&self, login: &str, request: &str, key: &str, file: Vec<u8>) -> Answer {
        let path = format!("/v1/me/data-requests/{request}/files");
        let key = format!("{key}-photographed-paper-0001");
        self.post(&path).by(login).key(&key).bytes("image/png", file).send().await
    }

    /// `farm` and `company` with a round each; `seeker1` and `seeker2` have a seat of the farm,
    /// `seeker3` one of the company.
    pub async fn played(&self) -> Played {
        let farm = self.drawn();
        let company = self.drawn_by("company", OrganisationKind::Company);
        let (mut people, mut consents) = (vec![], vec![]);
        for number in 1..=3 {
            let id = self.known(number).await;
            consents.push(self.agrees(&id));
            let d = if number == 3 { &company } else { &farm };
            assert_eq!(self.applies(d, number, &id).await.status, 201);
            people.push(id);
        }
        let (import, job) = self.a_file().await;
        self.at(FREEZE);
        let rounds = [self.published(&farm).await, self.published(&company).await];
        let job_of = |round: &Answer| round.body["job_id"].as_str().unwrap().to_owned();
        let body = json!({ "name": "Sistem", "scopes": ["seasons.read"] });
        let client = self.post("/v1/clients").by("lead").once().json(body).send().await.ok().body;
        let client = &client["client"];
        let path = format!("/v1/clients/{}/keys", client["id"].as_str().unwrap());
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
        let key = self.post(&path).by("lead").once().json(jwk).send().await.ok().body;
        let (mut organisations, mut agreements) = (vec![], vec![]);
        for d in [&farm, &company] {
            let quota = self.told(&format!("/v1/quotas/{}", d.quota)).await;
            organisations.push(quota["organisation_id"].as_str().unwrap().to_owned());
            let season = self.told(&format!("/v1/seasons/{}", d.season)).await;
            agreements.push(season["agreement_id"].as_str().unwrap().to_owned());
        }
        let requests = [self.asks("seeker1").await, self.asks("seeker2").await];
        let mut evidence = vec![];
        for (request, login) in requests.iter().zip(["seeker1", "seeker2"]) {
            let file = self.hands_in(login, request, "a-photograph", picture()).await.ok();
            evidence.push(file.id().to_owned());
        }
        let begun = ["seeker1", "seeker2"].map(|login| self.session(login));
        Played {
            seasons: [farm.season.to_string(), company.season.to_string()],
            quotas: [farm.quota.to_string(), company.quota.to_string()],
            jobs: [job, job_of(&rounds[1])],
            rounds: rounds.map(|round| round.id().to_owned()),
            organisations: organisations.try_into().unwrap(),
            agreements: agreements.try_into().unwrap(),
            people: [people[0].clone(), people[1].clone()],
            accounts: [begun[0].0.clone(), begun[1].0.clone()],
            sessions: [begun[0].1.clone(), begun[1].1.clone()],
            client: client["id"].as_str().unwrap().to_owned(),
            secret: client["secrets"][0]["id"].as_str().unwrap().to_owned(),
            key: key["keys"][0]["id"].as_str().unwrap().to_owned(),
            import,
            merge: self.twice(&people[0]).await,
            breach: self.a_breach(&people[0]).await,
            consents: [consents[0].clone(), consents[1].clone()],
            requests,
            evidence: evidence.try_into().unwrap(),
        }
    }
}

impl Played {
    /// The path with the ids of a side in their places.
    pub fn filled(&self, path: &str, side: usize) -> String {
        let parts: Vec<&str> = path.split('/').collect();
        let named = |at: usize| match parts[at] {
            "{job_seeker_id}" => &self.people[side],
            "{secret_id}" => &self.secret,
            "{key_id}" => &self.key,
            "{id}" => match parts[at - 1] {
                "accounts" => &self.accounts[side],
                "agreements" => &self.agreements[side],
                "clients" => &self.client,
                "breaches" => &self.breach,
                "consents" => &self.consents[side],
                "data-requests" => &self.requests[side],
                "evidence-files" => &self.evidence[side],
                "imports" => &self.import,
                "job-seekers" => &self.people[side],
                "jobs" => &self.jobs[side],
                "merges" => &self.merge,
                "organisations" => &self.organisations[side],
                "quotas" => &self.quotas[side],
                // Both people are of the first season.
                "rounds" if path.contains("{job_seeker_id}") => &self.rounds[0],
                "seasons" if path.contains("{job_seeker_id}") => &self.seasons[0],
                "rounds" => &self.rounds[side],
                "seasons" => &self.seasons[side],
                "sessions" => &self.sessions[side],
                other => panic!("a new kind of id: tell here whose {other} is"),
            },
            plain => panic!("a new place of a path: {plain}"),
        };
        let filled = |at: usize| {
            if parts[at].starts_with('{') { named(at).clone() } else { parts[at].to_owned() }
        };
        (0..parts.len()).map(filled).collect::<Vec<_>>().join("/")
    }
}
