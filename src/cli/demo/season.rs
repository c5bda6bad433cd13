//! The demo's papers: an agreement, a season that is opened, and its quotas.
//! Must not know: who applies.

use super::Refused;
use super::partners::{Partner, allocations};
use super::staff::Staff;
use crate::acts::demand::{Demand, judged};
use crate::acts::open_season::{Secrets, may_stand, open_season};
use crate::db::quotas::{self, Beside};
use crate::db::{Actor, Store, Tx, accounts, agreements, organisations, seasons};
use crate::domain::agreements::{
    AgreementDocumentForm, AgreementEvent, AgreementForm, AgreementKind, AgreementState,
};
use crate::domain::ids::{AccountId, AgreementId, OrganisationId, QuotaId, SeasonId};
use crate::domain::lifecycle::decide;
use crate::domain::organisations::OrganisationEvent;
use crate::domain::points::RubricPartForm;
use crate::domain::quotas::QuotaEvent;
use crate::domain::roles::Role;
use crate::domain::rulebook::Rulebook;
use crate::domain::seasons::{BeaconForm, SeasonForm};

pub const FREEZE_AT: &str = "2026-11-24T02:00:00Z";
pub const BEACON: &str = "fictional beacon";

/// An employer in the database.
#[derive(Clone, Copy)]
pub struct Employer {
    pub organisation: OrganisationId,
    actor: Actor,
}

fn agreement_form() -> AgreementForm {
    let document = |kind: &str, number: &str, dated_on: &str| AgreementDocumentForm {
        kind: kind.to_owned(),
        number: number.to_owned(),
        dated_on: dated_on.to_owned(),
    };
    AgreementForm {
        kind: AgreementKind::ImplementingArrangement.as_str().to_owned(),
        title: "Kabupaten Bekasi and twelve si/gun led by Hongcheon (fictional)".to_owned(),
        si_gun: Some("51720".to_owned()),
        effective_from: "2026-09-01".to_owned(),
        effective_to: Some("2028-12-31".to_owned()),
        documents: vec![
            document("implementing_arrangement", "FICTION/IA/2026/01", "2026-08-20"),
            document("moj_lodging", "FICTION/MOJ/2026/07", "2026-09-10"),
        ],
    }
}

/// The implementing arrangement, confirmed.
pub fn agree(store: &Store, staff: &Staff) -> Result<AgreementId, Refused> {
    store.write(staff.office, |tx, _| {
        let id = AgreementId(tx.new_id());
        agreements::insert(tx, id, &agreement_form().parse()?, AgreementState::Proposed)?;
        let row = agreements::get(tx, id)?;
        agreements::keep(tx, &row, decide(row.state, AgreementEvent::Confirm, Role::Office)?)?;
        Ok(id)
    })
}

fn employer(
    tx: &mut Tx<'_>,
    staff: &Staff,
    number: usize,
    partner: &Partner,
) -> Result<Employer, Refused> {
    let organisation = OrganisationId(tx.new_id());
    organisations::insert(tx, organisation, &partner.organisation.clone().parse()?)?;
    let row = organisations::get(tx, organisation, organisations::Scope::All)?;
    let step = decide(row.state, OrganisationEvent::Approve, Role::Office)?;
    organisations::keep(tx, &row, step, None)?;
    let account = AccountId(tx.new_id());
    accounts::insert(tx, account, staff.partner(number, organisation))?;
    Ok(Employer { organisation, actor: Actor::account(account, Role::Partner) })
}

/// Every partner, approved, with an account.
pub fn welcome(
    store: &Store,
    staff: &Staff,
    partners: &[Partner],
) -> Result<Vec<Employer>, Refused> {
    store.write(staff.office, |tx, _| {
        let all = partners.iter().enumerate().map(|(n, partner)| employer(tx, staff, n, partner));
        all.collect()
    })
}

fn season_form(agreement: AgreementId, partners: &[Partner]) -> SeasonForm {
    let part =
        |kind: &str, per, points, max| RubricPartForm { kind: kind.to_owned(), per, points, max };
    let beacon = |name: &str| BeaconForm {
        name: name.to_owned(),
        form: "64 lower-case hexadecimal digits".to_owned(),
    };
    SeasonForm {
        agreement_id: agreement.to_string(),
        name: "Spring 2027 (fictional)".to_owned(),
        contract_from: "2027-03-01".to_owned(),
        contract_to: "2027-10-31".to_owned(),
        freeze_at: FREEZE_AT.to_owned(),
        objection_hours: 72,
        list_max: Some(10),
        rubric: vec![
            part("experience", 12, 10, 50),
            part("korean", 1, 6, 30),
            part("training", 40, 5, 20),
        ],
        offer_hours: 72,
        idr_per_100_krw: 1150,
        rate_source: "fictional rate of 2026-10-01".to_owned(),
        beacon_first: beacon(BEACON),
        beacon_fallback: beacon("fictional fallback"),
        allocations: allocations(partners),
    }
}

/// The season under the agreement, opened under the rules of the demonstration.
pub fn open(
    store: &Store,
    staff: &Staff,
    agreement: AgreementId,
    partners: &[Partner],
    rules: &Rulebook,
) -> Result<SeasonId, Refused> {
    let secrets = Secrets::draw()?;
    store.write(staff.lead, |tx, now| {
        let id = SeasonId(tx.new_id());
        let new = season_form(agreement, partners).parse()?;
        may_stand(tx, &new, rules, now)?;
        seasons::insert(tx, id, &new)?;
        open_season(tx, id, Role::Lead, rules, secrets)?;
        Ok(id)
    })
}

/// Posts and submits what one partner demands.
pub fn demand(
    store: &Store,
    season: SeasonId,
    employer: Employer,
    partner: &Partner,
) -> Result<Vec<QuotaId>, Refused> {
    let demand = Demand { organisation: employer.organisation, season, quota: None };
    store.write(employer.actor, |tx, now| {
        let post = |form: &crate::domain::quotas::QuotaForm| {
            let terms = form.clone().parse()?;
            let at = judged(tx, now, demand, &terms)?;
            let id = QuotaId(tx.new_id());
            quotas::insert(tx, id, &at, &terms)?;
            step(tx, id, QuotaEvent::Submit, Role::Partner, None)?;
            Ok(id)
        };
        partner.quotas.iter().map(post).collect()
    })
}

fn step(
    tx: &mut Tx<'_>,
    id: QuotaId,
    event: QuotaEvent,
    role: Role,
    document: Option<String>,
) -> Result<(), Refused> {
    let row = quotas::get(tx, id, quotas::Scope::All)?;
    let step = decide(row.state, event, role)?;
    Ok(quotas::keep(tx, &row, step, Beside { document, note: None })?)
}

/// The office enters the documents of the si/gun and approves.
pub fn approve(store: &Store, staff: &Staff, all: &[QuotaId]) -> Result<(), Refused> {
    store.write(staff.office, |tx, _| {
        for (number, id) in all.iter().enumerate() {
            let document = format!("FICTION/SG/2026/{:03}", number + 1);
            step(tx, *id, QuotaEvent::Endorse, Role::Office, Some(document))?;
            step(tx, *id, QuotaEvent::Approve, Role::Office, None)?;
        }
        Ok(())
    })
}
