//! A whole season in all four roles, over HTTP alone: nothing but the first lead officer is made
//! in another way. At the end everybody checks the published proof from what is public.

use crate::support::played::{identifiers, whole};
use crate::support::season::{agreement, quota, season};
use crate::support::{Answer, World, both};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use musiman::matching::lottery::hex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::sync::atomic::AtomicBool;

const PASSWORD: &str = "kata sandi panjang";
const BEACON: &str = "9f2c6e0d41aa";

/// Somebody who logged in, and stays logged in while the clock moves: staff by logging in each day.
struct Person {
    w: World,
    login: Option<String>,
    session: RefCell<Value>,
}

impl Person {
    fn new(w: &World, session: Answer) -> Self {
        Self { w: w.clone(), login: None, session: RefCell::new(session.ok().body) }
    }

    async fn log_in(w: &World, login: &str) -> Self {
        let body = json!({ "login": login, "password": PASSWORD });
        let session = w.post("/v1/auth/login").json(body).send().await;
        Self { login: Some(login.to_owned()), ..Self::new(w, session) }
    }

    fn token(&self) -> String {
        self.session.borrow()["access_token"].as_str().unwrap().to_owned()
    }

    async fn stay(&self) {
        if let Some(login) = &self.login {
            let again = Self::log_in(&self.w, login).await;
            *self.session.borrow_mut() = again.session.take();
            return;
        }
        let body = json!({ "refresh_token": self.session.borrow()["refresh_token"] });
        let turned = self.w.post("/v1/auth/refresh").json(body).send().await.ok();
        *self.session.borrow_mut() = turned.body;
    }

    async fn get(&self, path: &str) -> Answer {
        self.w.get(path).bearer(&self.token()).send().await
    }

    async fn create(&self, path: &str, body: Value) -> Answer {
        self.w.post(path).bearer(&self.token()).once().json(body).send().await
    }

    /// A step of what was read last as `of`.
    async fn step(&self, of: &Answer, path: &str, body: Option<Value>) -> Answer {
        let request = self.w.post(path).bearer(&self.token()).if_match(of.etag());
        match body {
            Some(body) => request.json(body),
            None => request,
        }
        .send()
        .await
    }
}

/// The staff and the partners.
struct Cast {
    lead: Person,
    officer: Person,
    second: Person,
    chamber: Person,
    farm: Person,
    company: Person,
}

impl Cast {
    async fn stay(&self) {
        for person in
            [&self.lead, &self.officer, &self.second, &self.chamber, &self.farm, &self.company]
        {
            person.stay().await;
        }
    }
}

async fn staff(w: &World, login: &str, role: &str, organisation: Option<&str>) -> Person {
    let body = json!({
        "login": login, "name": format!("Contoh {login}"), "role": role,
        "organisation_id": organisation, "password": PASSWORD,
    });
    w.post("/v1/accounts").by("lead").once().json(body).send().await.ok();
    Person::log_in(w, login).await
}

/// Registered by one, advised on by the chamber, approved by the office; gives its id.
async fn employer(by: &Person, chamber: &Person, officer: &Person, body: Value) -> String {
    let made = by.create("/v1/organisations", body).await.ok();
    let path = made.header("location").to_owned();
    let note = json!({ "note": "Known to the chamber." });
    let advised = chamber.step(&made, &format!("{path}/endorsement"), Some(note)).await.ok();
    let approval = format!("{path}/approval");
    chamber.step(&advised, &approval, None).await.refused(403, "role_forbidden");
    let approved = officer.step(&advised, &approval, None).await.ok();
    assert_eq!(approved.body["state"], "approved");
    made.id().to_owned()
}

async fn cast(w: &World) -> Cast {
    let lead = staff(w, "kepala", "lead", None).await;
    let officer = staff(w, "petugas", "office", None).await;
    let second = staff(w, "petugas2", "office", None).await;
    let chamber = staff(w, "kamar", "kadin", None).await;
    let farm = json!({ "kind": "farm", "name": "Bright Field", "si_gun": "51720", "farm_id": "1012345678" });
    let farm = employer(&officer, &chamber, &officer, farm).await;
    let company = json!({
        "kind": "company", "name": "Green Works", "si_gun": "51720",
        "business_number": "514-93-00122",
    });
    let company = employer(&chamber, &chamber, &officer, company).await;
    let farm = staff(w, "tani", "partner", Some(&farm)).await;
    let company = staff(w, "usaha", "partner", Some(&company)).await;
    Cast { lead, officer, second, chamber, farm, company }
}

/// Proposed by the chamber, confirmed by the office, and the season opened under it.
async fn opened(c: &Cast) -> Answer {
    let proposed = c.chamber.create("/v1/agreements", agreement()).await.ok();
    let early = c.lead.create("/v1/seasons", season(proposed.id())).await;
    assert_eq!(early.status, 422, "{}", early.body);
    let path = format!("/v1/agreements/{}/confirmation", proposed.id());
    c.chamber.step(&proposed, &path, None).await.refused(403, "role_forbidden");
    c.officer.step(&proposed, &path, None).await.ok();
    let terms = season(proposed.id());
    c.officer.create("/v1/seasons", terms.clone()).await.refused(403, "role_forbidden");
    let draft = c.lead.create("/v1/seasons", terms).await.ok();
    c.farm.get(draft.header("location")).await.refused(404, "not_found");
    let path = format!("/v1/seasons/{}/opening", draft.id());
    c.lead.step(&draft, &path, None).await.ok()
}

/// A partner's demand on its way to being open; gives its id.
async fn open_quota(c: &Cast, partner: &Person, terms: Value) -> String {
    let draft = partner.create("/v1/quotas", terms).await.ok();
    let path = draft.header("location").to_owned();
    let submitted = partner.step(&draft, &format!("{path}/submission"), None).await.ok();
    let document = json!({ "document": "Hongcheon 2026-1187" });
    let endorsement = format!("{path}/endorsement");
    let forbidden = c.chamber.step(&submitted, &endorsement, Some(document.clone())).await;
    forbidden.refused(403, "role_forbidden");
    let endorsed = c.officer.step(&submitted, &endorsement, Some(document)).await.ok();
    partner.step(&endorsed, &format!("{path}/approval"), None).await.refused(403, "role_forbidden");
    let open = c.officer.step(&endorsed, &format!("{path}/approval"), None).await.ok();
    assert_eq!(open.body["state"], "open");
    draft.id().to_owned()
}

/// A job seeker with the own account.
struct Seeker {
    id: String,
    person: Person,
}

/// Registered, by the office or by oneself, confirmed at the desk, and logged in with its code.
async fn seeker(w: &World, c: &Cast, number: u32) -> Seeker {
    let mut record = whole(number);
    record["farm_months"] = json!(12 * number);
    if number == 1 {
        record.as_object_mut().unwrap().retain(|member, _| !member.starts_with("ak1"));
    }
    let nik = json!({ "nik": record["nik"] });
    if number == 2 {
        let noted = w.post("/v1/job-seekers").once().json(record).send().await;
        assert_eq!(noted.status, 202);
    } else {
        c.officer.create("/v1/job-seekers", record).await.ok();
    }
    let sought = w.post("/v1/job-seekers/search").bearer(&c.officer.token()).json(nik);
    let found = sought.send().await.ok();
    let id = found.body["data"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/job-seekers/{id}");
    let read = c.officer.get(&path).await.ok();
    let verified = c.officer.step(&read, &format!("{path}/verification"), None).await.ok();
    assert_eq!(verified.body["state"], "verified");
    let desk = w.post(&format!("{path}/activation-code")).bearer(&c.officer.token()).once();
    let slip = desk.send().await.ok();
    let body = json!({
        "code": slip.body["code"], "born_on": verified.body["born_on"], "password": PASSWORD,
    });
    let session = w.post("/v1/auth/activation").json(body).send().await;
    Seeker { id, person: Person::new(w, session) }
}

/// Everybody puts the farm first. Number 1 has no AK-1 and learns it before.
async fn lists(w: &World, season: &str, quotas: [&str; 2], people: &[Seeker]) {
    for (n, one) in (1..).zip(people) {
        let open = one.person.get("/v1/quotas").await.ok();
        assert_eq!(open.body["data"].as_array().unwrap().len(), 2);
        let asked = format!("/v1/job-seekers/{}/eligibility?quota_id={}", one.id, quotas[0]);
        let told = one.person.get(&asked).await.ok();
        assert_eq!(told.body["eligible"], json!(n != 1), "{}", told.body);
        let path = format!("/v1/seasons/{season}/applications/{}", one.id);
        let body = json!({ "choices": quotas });
        for purpose in ["matching", "share_with_employer"] {
            let given = json!({ "purpose": purpose, "text_version": 1, "language": "id" });
            one.person.create("/v1/me/consents", given).await.ok();
        }
        let put = w.put(&path).bearer(&one.person.token()).header("if-none-match", "*").json(body);
        assert_eq!(put.send().await.status, 201);
        let other = &people[n % people.len()];
        other.person.get(&path).await.refused(404, "not_found");
    }
}

/// Freeze, objection, beacon; gives the frozen input as it was told at the freeze.
async fn drawn(w: &World, c: &Cast, path: &str, people: &[Seeker]) -> Answer {
    let freeze = format!("{path}/freeze");
    let season = c.lead.get(path).await.ok();
    c.lead.step(&season, &freeze, Some(json!({}))).await.refused(409, "too_early");
    w.clock.set("2026-12-20T10:00:00Z".parse().unwrap());
    c.stay().await;
    c.officer.step(&season, &freeze, Some(json!({}))).await.refused(403, "role_forbidden");
    let frozen = c.lead.step(&season, &freeze, Some(json!({}))).await.ok();
    assert_eq!(frozen.body["tree_size"], json!(people.len()));
    let beacon = json!({ "name": "drand", "value": BEACON, "source": "https://example.org/1" });
    let path = format!("{path}/beacon");
    c.lead.step(&frozen, &path, Some(beacon.clone())).await.refused(409, "too_early");
    w.clock.advance(TimeDelta::hours(72));
    c.stay().await;
    let drawn = c.lead.step(&frozen, &path, Some(beacon)).await.ok();
    assert_eq!(drawn.body["state"], "drawn");
    frozen
}

/// Computed by one officer, approved by another, published by a lead.
async fn published(w: &World, c: &Cast, season: &str) -> Answer {
    let path = format!("{season}/rounds");
    c.company.create(&path, json!({})).await.refused(403, "role_forbidden");
    let request = w.post(&path).bearer(&c.officer.token()).once();
    let queued = request.send().await.ok();
    assert!(musiman::jobs::run_one(&w.store, w.clock.new_id(), &AtomicBool::new(false)).unwrap());
    let job = format!("/v1/jobs/{}", queued.body["job_id"].as_str().unwrap());
    assert_eq!(c.officer.get(&job).await.ok().body["state"], "done");
    let path = queued.header("location").to_owned();
    let computed = c.officer.get(&path).await.ok();
    let approval = format!("{path}/approval");
    let own = c.officer.step(&computed, &approval, None).await;
    own.refused(422, "approver_computed_round");
    let approved = c.second.step(&computed, &approval, None).await.ok();
    let publication = format!("{path}/publication");
    c.second.step(&approved, &publication, None).await.refused(403, "role_forbidden");
    for person in [&c.farm, &c.company] {
        person.get(&format!("{path}/seats")).await.refused(404, "not_found");
    }
    w.get(&path).send().await.refused(404, "not_found");
    let told = c.lead.step(&approved, &publication, None).await.ok();
    for digest in ["input_digest", "root", "instance_digest", "outcome_digest"] {
        assert_eq!(told.body[digest], computed.body[digest], "{digest}");
    }
    told
}

fn bytes(hex: &Value) -> Vec<u8> {
    let text = hex.as_str().unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn sha256(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hex(&hash.finalize())
}

/// The rubric's canonical text from its public parts.
fn rubric(season: &Value) -> String {
    let line = |p: &Value| {
        let kind = p["kind"].as_str().unwrap();
        format!("{kind} per {} points {} max {}\n", p["per"], p["points"], p["max"])
    };
    let parts = season["rubric"].as_array().unwrap();
    format!("musiman rubric 1\n{}", parts.iter().map(line).collect::<String>())
}

/// What anybody can check without a login: nothing was chosen after the beacon was known.
async fn check_proof(w: &World, opening: &Value, frozen: &Value, path: &str) {
    let round = w.get(path).send().await.ok().body;
    let secret = bytes(&round["secret"]);
    assert_eq!(opening["secret_commitment"], sha256(&[&secret]));
    for commitment in ["secret_commitment", "season_key_commitment"] {
        assert_eq!(round[commitment], opening[commitment], "{commitment}");
    }
    assert_eq!(opening["rubric_digest"], sha256(&[rubric(opening).as_bytes()]));
    assert_eq!((&round["root"], &round["input_digest"]), (&frozen["root"], &frozen["digest"]));
    assert_eq!(round["tree_size"], frozen["tree_size"]);
    let names = ["first", "fallback"].map(|which| opening["beacons"][which]["name"].clone());
    assert!(names.contains(&round["beacon_name"]));
    assert_eq!(round["beacon_value"], BEACON);
    let seed = sha256(&[b"musiman/seed/1\0", &secret, &bytes(&round["root"]), BEACON.as_bytes()]);
    assert_eq!(round["seed"], seed);
    for node in round["nodes"].as_array().unwrap() {
        let is_small = node["cap"].as_u64().unwrap() < 3;
        assert!(!is_small || node["cutoff"].is_null(), "{node}");
    }
}

/// By points: 5 and 6 at the farm, 3 and 4 at the company; 2 has too few, 1 no AK-1.
async fn check_reading(w: &World, c: &Cast, people: &[Seeker], quotas: [&str; 2], path: &str) {
    let seats = format!("{path}/seats");
    let all = c.officer.get(&seats).await.ok();
    assert_eq!(all.body["data"].as_array().unwrap().len(), 4);
    let farm = c.farm.get(&seats).await.ok();
    assert_eq!(farm.body["count"], 2);
    for seat in farm.body["data"].as_array().unwrap() {
        assert_eq!((&seat["quota_id"], &seat["name"]), (&json!(quotas[0]), &json!(null)));
        assert!(seat["job_seeker_id"].is_null());
    }
    let company = c.company.get(&seats).await.ok();
    assert_eq!((&company.body["count"], &company.body["data"]), (&json!(2), &json!([])));
    c.chamber.get(&seats).await.refused(403, "role_forbidden");
    w.get(&seats).send().await.refused(401, "token_missing");
    let expected = [
        (["ineligible", "ineligible"], 0),
        (["refused", "refused"], 0),
        (["refused", "placed"], 1),
        (["refused", "placed"], 1),
        (["placed", "not_reached"], 1),
        (["placed", "not_reached"], 1),
    ];
    for ((n, one), (outcomes, held)) in (1..).zip(people).zip(expected) {
        let own = one.person.get(&seats).await.ok();
        assert_eq!(own.body["data"].as_array().unwrap().len(), held, "{n}");
        let told = one.person.get(&format!("{path}/explanations/{}", one.id)).await.ok();
        let wishes = told.body["wishes"].as_array().unwrap();
        for (wish, outcome) in wishes.iter().zip(outcomes) {
            assert_eq!(wish["outcome"], outcome, "{n}: {wish}");
        }
        let other = &people[n % people.len()];
        let strange = format!("{path}/explanations/{}", other.id);
        one.person.get(&strange).await.refused(404, "not_found");
        c.chamber.get(&strange).await.refused(403, "role_forbidden");
        c.officer.get(&strange).await.ok();
    }
    let summary = c.chamber.get(&format!("{path}/summary")).await.ok();
    assert_eq!(w.get(&format!("{path}/summary")).send().await.ok().body, summary.body);
    assert_eq!(summary.body["placed"], json!(null), "four are too few to be told");
}

/// Role and record of the token's holder; nobody without one.
fn holder(token: Option<&String>) -> (String, Option<String>) {
    let Some(token) = token else { return ("nobody".to_owned(), None) };
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    let text = |name: &str| claims[name].as_str().map(str::to_owned);
    (text("role").unwrap(), text("job_seeker"))
}

/// Of all answers of the season, only those to the office and to the person identify anybody.
fn check_silence(w: &World, people: &[Seeker]) {
    let (mut told, mut others) = (0, 0);
    for heard in w.heard.borrow().iter().flatten() {
        let (role, own) = holder(heard.token.as_ref());
        let text = String::from_utf8_lossy(&heard.answer.bytes);
        for (number, one) in (1..).zip(people) {
            let hits = identifiers(number).iter().filter(|i| text.contains(i.as_str())).count();
            if role == "office" || role == "lead" || own.as_ref() == Some(&one.id) {
                told += hits;
            } else {
                others += 1;
                assert_eq!(hits, 0, "{} tells {role} who {number} is: {text}", heard.line);
            }
        }
    }
    assert!(told > 12 && others > 300, "{told} {others}: too little was heard");
}

#[test]
fn a_whole_season_is_played_in_all_four_roles() {
    both(|w| async move {
        *w.heard.borrow_mut() = Some(vec![]);
        let c = cast(&w).await;
        let opening = opened(&c).await;
        let season = format!("/v1/seasons/{}", opening.id());
        let mut terms = quota(opening.id());
        let farm = open_quota(&c, &c.farm, terms.clone()).await;
        terms["crop"] = json!("apple");
        let company = open_quota(&c, &c.company, terms).await;
        c.farm.get(&format!("/v1/quotas/{company}")).await.refused(404, "not_found");
        let quotas = [&*farm, &*company];

        let mut people = vec![];
        for number in 1..=6 {
            people.push(seeker(&w, &c, number).await);
        }
        lists(&w, opening.id(), quotas, &people).await;
        let frozen = drawn(&w, &c, &season, &people).await;
        for one in &people {
            one.person.stay().await;
        }
        let round = published(&w, &c, &season).await;
        let path = format!("/v1/rounds/{}", round.id());
        check_reading(&w, &c, &people, quotas, &path).await;
        check_proof(&w, &opening.body, &frozen.body, &path).await;

        let told = c.lead.get(&season).await.ok();
        let closure = format!("{season}/closure");
        c.officer.step(&told, &closure, None).await.refused(403, "role_forbidden");
        let closed = c.lead.step(&told, &closure, None).await.ok();
        assert_eq!(closed.body["state"], "closed");
        check_proof(&w, &opening.body, &frozen.body, &path).await;
        check_silence(&w, &people);
        let states = w.states();
        assert_eq!(states.unlinked, []);
        assert!(states.linked > 20 && states.standing > 20, "{states:?}");
    });
}
