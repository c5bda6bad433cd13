//! The steps of a quota: submit, withdraw, endorse, approve, reject.
//! Must not know: how terms are judged.

use super::wire::{EndorseQuota, Quota, RejectQuota};
use super::{show, shown};
use crate::acts::demand::{Demand, judged};
use crate::acts::stop::Stop;
use crate::api::answer::{Tagged, tag_of};
use crate::api::extract::{IfMatch, Json, Path};
use crate::api::guard::{Office, Only, Partner};
use crate::api::problem::Problem;
use crate::db::quotas::{self as table, Beside, QuotaRow, Scope};
use crate::db::{Conn, Tx, seasons};
use crate::domain::ids::QuotaId;
use crate::domain::lifecycle::{decide, leads_to};
use crate::domain::quotas::QuotaEvent;
use crate::domain::roles::Role;
use crate::domain::seasons::takes_quotas;
use crate::domain::time::Instant;

/// A step that somebody asks for.
struct Step {
    id: QuotaId,
    scope: Scope,
    event: QuotaEvent,
    role: Role,
    tag: IfMatch,
    beside: Beside,
}

impl Step {
    /// Whether it was done already, by the account that asks again.
    fn stands(&self, tx: &Tx<'_>, row: &QuotaRow) -> bool {
        let same = |asked: &Option<String>, kept: &Option<String>| asked.is_none() || asked == kept;
        leads_to(self.event, row.state)
            && tx.repeats(row.changed_by)
            && same(&self.beside.document, &row.endorsement_document)
            && same(&self.beside.note, &row.state_note)
    }

    fn take(&self, tx: &mut Tx<'_>, now: Instant) -> Result<Tagged<Quota>, Problem> {
        let row = table::get(tx, self.id, self.scope)?;
        if !self.stands(tx, &row) {
            let present = shown(tx, &row)?;
            self.tag.holds(row.version, || tag_of(&present))?;
            let step = decide(row.state, self.event, self.role)
                .map_err(|refusal| Problem::state(refusal, tag_of(&present)))?;
            check(tx, now, &row, self.event)?;
            table::keep(tx, &row, step, self.beside.clone())?;
        }
        show(tx, self.id, self.scope).map(Tagged)
    }
}

/// What goes to the office, and what it opens, keeps the rules of that very moment.
fn check(conn: &mut Conn<'_>, now: Instant, row: &QuotaRow, event: QuotaEvent) -> Result<(), Stop> {
    let season = seasons::get(conn, row.season_id)?;
    takes_quotas(season.state, season.freeze_at, now)?;
    if matches!(event, QuotaEvent::Submit | QuotaEvent::Approve) {
        let (organisation, season) = (row.organisation_id, row.season_id);
        let demand = Demand { organisation, season, quota: Some(row.id) };
        judged(conn, now, demand, &row.terms())?;
    }
    Ok(())
}

async fn by_partner(
    who: Only<Partner>,
    id: QuotaId,
    tag: IfMatch,
    event: QuotaEvent,
) -> Result<Tagged<Quota>, Problem> {
    let (scope, role) = (Scope::Own(who.is.organisation), who.role()?);
    let step = Step { id, scope, event, role, tag, beside: Beside::default() };
    who.write(move |tx, now| step.take(tx, now)).await
}

async fn by_office(
    who: Only<Office>,
    id: QuotaId,
    tag: IfMatch,
    event: QuotaEvent,
    beside: Beside,
) -> Result<Tagged<Quota>, Problem> {
    let step = Step { id, scope: Scope::All, event, role: who.role()?, tag, beside };
    who.write(move |tx, now| step.take(tx, now)).await
}

pub async fn submit_quota(
    who: Only<Partner>,
    id: Path<QuotaId>,
    tag: IfMatch,
) -> Result<Tagged<Quota>, Problem> {
    by_partner(who, id.0, tag, QuotaEvent::Submit).await
}

pub async fn withdraw_quota(
    who: Only<Partner>,
    id: Path<QuotaId>,
    tag: IfMatch,
) -> Result<Tagged<Quota>, Problem> {
    by_partner(who, id.0, tag, QuotaEvent::Withdraw).await
}

pub async fn endorse_quota(
    who: Only<Office>,
    id: Path<QuotaId>,
    tag: IfMatch,
    body: Json<EndorseQuota>,
) -> Result<Tagged<Quota>, Problem> {
    let beside = Beside { document: Some(body.0), note: None };
    by_office(who, id.0, tag, QuotaEvent::Endorse, beside).await
}

pub async fn approve_quota(
    who: Only<Office>,
    id: Path<QuotaId>,
    tag: IfMatch,
) -> Result<Tagged<Quota>, Problem> {
    by_office(who, id.0, tag, QuotaEvent::Approve, Beside::default()).await
}

pub async fn reject_quota(
    who: Only<Office>,
    id: Path<QuotaId>,
    tag: IfMatch,
    body: Json<RejectQuota>,
) -> Result<Tagged<Quota>, Problem> {
    let beside = Beside { document: None, note: Some(body.0) };
    by_office(who, id.0, tag, QuotaEvent::Reject, beside).await
}
