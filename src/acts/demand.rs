//! A partner's demand for workers: whether it may stand, and which allocation it draws on.
//! Asked when it is posted, changed, submitted and approved. Must not know: HTTP, lifecycles.

use super::freeze::rules_of;
use super::stop::Stop;
use crate::db::quotas::{self, Belonging};
use crate::db::seasons::{self, AllocationRow, SeasonRow};
use crate::db::{Conn, Fault, organisations};
use crate::domain::ids::{OrganisationId, QuotaId, SeasonId};
use crate::domain::organisations::may_employ;
use crate::domain::places::SiGun;
use crate::domain::problem::{Code, Problems};
use crate::domain::quotas::{QuotaTerms, check_terms, employer_cap, monthly_wage, within_season};
use crate::domain::rulebook::Rulebook;
use crate::domain::seasons::{HalfYear, SeasonState, takes_quotas};
use crate::domain::time::Instant;

/// Who demands, in which season; the quota's id once there is one.
#[derive(Debug, Clone, Copy)]
pub struct Demand {
    pub organisation: OrganisationId,
    pub season: SeasonId,
    pub quota: Option<QuotaId>,
}

/// Where the demand belongs, or every reason why its terms are refused.
pub fn judged(
    conn: &mut Conn<'_>,
    now: Instant,
    demand: Demand,
    terms: &QuotaTerms,
) -> Result<Belonging, Stop> {
    let season = opened(conn, demand.season)?;
    takes_quotas(season.state, season.freeze_at, now)?;
    let employer = organisations::get(conn, demand.organisation, organisations::Scope::All)?;
    may_employ(employer.kind, employer.state)?;
    let si_gun = employer.si_gun.ok_or(Code::SiGunMissing).and_then(|code| SiGun::by_code(&code));
    let si_gun = si_gun.map_err(|code| Stop::Reason(code.into()))?;
    let rules = rules_of(&season)?;

    let mut p = check_terms(terms, &rules, si_gun).err().unwrap_or_default();
    if employer.kind.allocation_kind() != Some(terms.kind) {
        p.add("/kind", Code::OrganisationKindWrong.with("kind", employer.kind));
    }
    p.at("/starts_on", within_season(terms, season.contract_from, season.contract_to));
    check_sum(conn, &mut p, demand, terms, &rules, si_gun)?;
    let allocation = allocation(conn, &mut p, &season, terms, si_gun)?;
    let wage = monthly_wage(terms, &rules, si_gun);
    if !p.is_empty() {
        return Err(p.into());
    }
    Ok(Belonging {
        season: season.id,
        organisation: employer.id,
        allocation: allocation.ok_or(Fault::NotFound)?.id,
        si_gun: si_gun.code().to_owned(),
        monthly_wage: wage?,
    })
}

/// A draft is nobody's business but the office's.
fn opened(conn: &mut Conn<'_>, id: SeasonId) -> Result<SeasonRow, Stop> {
    let unknown = || {
        let mut p = Problems::default();
        p.add("/season_id", Code::SeasonUnknown);
        Stop::Fields(p)
    };
    match seasons::get(conn, id) {
        Ok(season) if season.state == SeasonState::Draft => Err(unknown()),
        Err(Fault::NotFound) => Err(unknown()),
        found => Ok(found?),
    }
}

/// The cap of an employer holds for all that it demands in the season together.
fn check_sum(
    conn: &mut Conn<'_>,
    p: &mut Problems,
    demand: Demand,
    terms: &QuotaTerms,
    rules: &Rulebook,
    si_gun: SiGun,
) -> Result<(), Fault> {
    const SEATS: &str = "/seats";
    let others = quotas::counting_of(conn, demand.season, demand.organisation)?;
    let others = others.iter().filter(|row| Some(row.id) != demand.quota);
    let seats = others.map(|row| i64::from(row.seats)).sum::<i64>() + terms.seats;
    if !p.0.iter().any(|wrong| wrong.pointer == SEATS) {
        p.at(SEATS, employer_cap(seats, terms.kind, terms.starts_on, rules, si_gun));
    }
    Ok(())
}

fn allocation(
    conn: &mut Conn<'_>,
    p: &mut Problems,
    season: &SeasonRow,
    terms: &QuotaTerms,
    si_gun: SiGun,
) -> Result<Option<AllocationRow>, Fault> {
    let half = HalfYear::of(terms.starts_on).to_string();
    let fits = |a: &AllocationRow| {
        a.si_gun == si_gun.code()
            && a.half == half
            && a.sector == terms.sector
            && a.kind == terms.kind
    };
    let found = seasons::allocations(conn, season.id)?.into_iter().find(fits);
    if found.is_none() {
        let reason = Code::AllocationMissing.with("si_gun", si_gun.name()).with("half", &half);
        p.add("", reason.with("sector", terms.sector).with("kind", terms.kind));
    }
    Ok(found)
}
