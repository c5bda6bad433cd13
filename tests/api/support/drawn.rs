//! An open season with one farm's quota of two seats, made below HTTP, and steps through its draw.

use super::World;
use super::request::Answer as Told;
use musiman::db::consents::{self, Answer};
use musiman::db::quotas::Belonging;
use musiman::db::seasons::Opening;
use musiman::db::{Actor, Fault, agreements, organisations, quotas, seasons};
use musiman::domain::agreements::{AgreementKind, AgreementState, NewAgreement};
use musiman::domain::consents::{Channel, Purpose, shown};
use musiman::domain::ids::{AgreementId, ConsentId, OrganisationId, QuotaId, SeasonId};
use musiman::domain::lifecycle::decide;
use musiman::domain::organisations::{NewOrganisation, OrganisationKind};
use musiman::domain::places::SiGun;
use musiman::domain::points::RubricPartForm;
use musiman::domain::quotas::{QuotaEvent, QuotaForm};
use musiman::domain::roles::Role;
use musiman::domain::rulebook::{DEMO, Rulebook};
use musiman::domain::seasons::{AllocationForm, BeaconForm, SeasonEvent, SeasonForm};
use musiman::domain::time::Zone;
use musiman::matching::lottery::commitment;
use serde_json::{Value, json};

pub const FREEZE: &str = "2026-12-20T10:00:00Z";

pub struct Drawn {
    pub season: SeasonId,
    pub quota: QuotaId,
}

fn season_form(agreement: AgreementId) -> SeasonForm {
    let allocation = AllocationForm {
        si_gun: "51720".into(),
        half: "2027-H1".into(),
        sector: "agriculture".into(),
        kind: "household".into(),
        heads: 20,
        document: "MOJ 2026-12".into(),
    };
    SeasonForm {
        agreement_id: agreement.to_string(),
        name: "Spring 2027".into(),
        contract_from: "2027-03-01".into(),
        contract_to: "2027-10-31".into(),
        freeze_at: FREEZE.into(),
        objection_hours: 72,
        list_max: None,
        rubric: vec![RubricPartForm { kind: "experience".into(), per: 12, points: 10, max: 50 }],
        offer_hours: 72,
        idr_per_100_krw: 1150,
        rate_source: "central bank".into(),
        beacon_first: BeaconForm { name: "drand".into(), form: "hex of round N".into() },
        beacon_fallback: BeaconForm { name: "block hash".into(), form: "hex at height H".into() },
        allocations: vec![allocation],
    }
}

fn quota_form() -> QuotaForm {
    QuotaForm {
        kind: "household".into(),
        sector: "agriculture".into(),
        crop: "apple".into(),
        work: "picking".into(),
        starts_on: "2027-03-01".into(),
        ends_on: "2027-07-31".into(),
        seats: 2,
        wage_unit: "month".into(),
        wage_amount: 2_300_000,
        hours_per_week: 40,
        days_off_per_month: 4,
        housing: "house".into(),
        housing_deduction: 0,
        meals_deduction: 0,
        min_experience_months: None,
    }
}

impl World {
    /// An open season with one open quota of two seats, of a farm with the account `farm`.
    pub fn drawn(&self) -> Drawn {
        self.drawn_by("farm", OrganisationKind::Farm)
    }

    /// The same with an employer of this kind and its account.
    pub fn drawn_by(&self, login: &str, kind: OrganisationKind) -> Drawn {
        let rules = Rulebook::shipped().unwrap().with_overlay(DEMO).unwrap();
        let season = SeasonId(self.clock.new_id());
        let quota = QuotaId(self.clock.new_id());
        let employer = OrganisationId(self.clock.new_id());
        let agreement = AgreementId(self.clock.new_id());
        let terms = quota_form().parse().unwrap();
        let new = season_form(agreement).parse().unwrap();
        let paper = NewAgreement {
            kind: AgreementKind::SisterCityMou,
            title: "Bekasi and a county".into(),
            si_gun: SiGun::by_code("51720").ok(),
            effective_from: "2026-01-01".parse().unwrap(),
            effective_to: None,
            documents: vec![],
        };
        let farm = NewOrganisation {
            kind,
            name: "Farm".into(),
            si_gun: None,
            business_number: None,
            farm_id: None,
        };
        let opening = || Opening {
            secret: [1; 32],
            season_key: [2; 32],
            secret_commitment: commitment(&[1; 32]),
            season_key_commitment: commitment(&[2; 32]),
            rules: rules.canonical(),
            rules_digest: rules.digest(),
            rubric_digest: new.rubric.digest(),
        };
        self.store
            .write::<_, Fault>(Actor::SYSTEM, |tx, _| {
                agreements::insert(tx, agreement, &paper, AgreementState::Confirmed)?;
                organisations::insert(tx, employer, &farm)?;
                seasons::insert(tx, season, &new)?;
                let row = seasons::get(tx, season)?;
                let step = decide(row.state, SeasonEvent::Open, Role::Lead).unwrap();
                seasons::keep(tx, &row, step)?;
                seasons::store_opening(tx, season, &opening())?;
                let allocation = seasons::allocations(tx, season)?[0].id;
                let at = Belonging {
                    season,
                    organisation: employer,
                    allocation,
                    si_gun: "51720".into(),
                    monthly_wage: terms.wage_amount,
                };
                quotas::insert(tx, quota, &at, &terms)
            })
            .unwrap();
        for (event, role) in [
            (QuotaEvent::Submit, Role::Partner),
            (QuotaEvent::Endorse, Role::Office),
            (QuotaEvent::Approve, Role::Office),
        ] {
            self.quota_steps(quota, event, role);
        }
        self.account(login, Role::Partner, Some(employer), None);
        Drawn { season, quota }
    }

    /// One more step of a quota, below HTTP.
    pub fn quota_steps(&self, quota: QuotaId, event: QuotaEvent, role: Role) {
        self.store
            .write::<_, Fault>(Actor::SYSTEM, |tx, _| {
                let row = quotas::get(tx, quota, quotas::Scope::All)?;
                let step = decide(row.state, event, role).unwrap();
                quotas::keep(tx, &row, step, quotas::Beside::default())
            })
            .unwrap();
    }

    /// The person of this id signed that day to be matched and to be shown to Korea; gives the id
    /// of the first of these consents.
    pub fn agrees(&self, id: &str) -> String {
        let (seeker, day) = (id.parse().unwrap(), self.clock.now().day_in(Zone::Jakarta));
        let purposes = [Purpose::Matching, Purpose::ShareWithEmployer, Purpose::ShareWithKrGov];
        let given = purposes.map(|purpose| {
            let (basis, seen) = shown(purpose, 1, "id", day).unwrap();
            let (channel, signed_on) = (Channel::Paper, Some(day));
            let answer = Answer { purpose, basis, shown: Some(seen), channel, signed_on };
            let id = ConsentId(self.clock.new_id());
            self.store
                .write::<_, Fault>(Actor::SYSTEM, |tx, _| consents::insert(tx, id, seeker, &answer))
                .unwrap();
            id
        });
        given[0].to_string()
    }

    /// A verified seeker who agrees, with an account `seeker<number>`; gives the id.
    pub async fn applicant(&self, number: u32) -> String {
        let made =
            self.post("/v1/job-seekers").by("office").once().json(self.siti(number)).send().await;
        let path = format!("/v1/job-seekers/{}/verification", made.id());
        self.post(&path).by("office").if_match(made.etag()).send().await.ok();
        self.account(&format!("seeker{number}"), Role::Seeker, None, made.id().parse().ok());
        self.agrees(made.id());
        made.id().to_owned()
    }

    /// The first list of `seeker<number>`.
    pub async fn applies(&self, d: &Drawn, number: u32, id: &str) -> Told {
        let path = format!("/v1/seasons/{}/applications/{id}", d.season);
        let body = json!({ "choices": [d.quota.to_string()] });
        let by = format!("seeker{number}");
        self.put(&path).by(&by).header("if-none-match", "*").json(body).send().await
    }

    pub async fn lead_does(&self, d: &Drawn, what: &str, tag: &str, body: Value) -> Told {
        let path = format!("/v1/seasons/{}/{what}", d.season);
        self.post(&path).by("lead").if_match(tag).json(body).send().await
    }

    pub fn at(&self, moment: &str) {
        self.clock.set(moment.parse().unwrap());
    }
}
