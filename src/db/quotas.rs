//! Quotas: rows and queries. The only writer of its table. Must not know: who applies.

use super::journal::Line;
use super::schema::{organisations, quotas};
use super::sql::{self, Mark};
use super::states::stated;
use super::{Conn, Fault, MultiBackend, Tx};
use crate::domain::ids::{AccountId, AllocationId, OrganisationId, QuotaId, SeasonId};
use crate::domain::lifecycle::Transition;
use crate::domain::organisations::OrganisationState;
use crate::domain::quotas::{HousingKind, QuotaState, QuotaTerms, WageUnit};
use crate::domain::seasons::{AllocationKind, Sector};
use crate::domain::time::{Day, Instant};
use diesel::dsl::count_star;
use diesel::prelude::*;
use serde::Serialize;

pub const SUBJECT: &str = "quota";

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = quotas, treat_none_as_default_value = false, treat_none_as_null = true)]
#[diesel(check_for_backend(MultiBackend))]
pub struct QuotaRow {
    pub id: QuotaId,
    pub season_id: SeasonId,
    pub organisation_id: OrganisationId,
    pub allocation_id: AllocationId,
    pub si_gun: String,
    pub kind: AllocationKind,
    pub sector: Sector,
    pub crop: String,
    pub work: String,
    pub starts_on: Day,
    pub ends_on: Day,
    pub seats: i32,
    pub wage_unit: WageUnit,
    pub wage_amount: i64,
    /// Won that a month surely brings, by the rules of the season.
    pub monthly_wage: i64,
    pub hours_per_week: i32,
    pub days_off_per_month: i32,
    pub housing: HousingKind,
    pub housing_deduction: i64,
    pub meals_deduction: i64,
    pub min_experience_months: Option<i32>,
    pub state: QuotaState,
    pub endorsement_document: Option<String>,
    pub state_note: Option<String>,
    pub version: i64,
    pub updated_at: Instant,
    pub changed_by: Option<AccountId>,
}

stated!(QuotaRow of quotas, |row| (SUBJECT, row.id.uuid()));

impl QuotaRow {
    pub fn terms(&self) -> QuotaTerms {
        QuotaTerms {
            kind: self.kind,
            sector: self.sector,
            crop: self.crop.clone(),
            work: self.work.clone(),
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            seats: self.seats.into(),
            wage_unit: self.wage_unit,
            wage_amount: self.wage_amount,
            hours_per_week: self.hours_per_week.into(),
            days_off_per_month: self.days_off_per_month.into(),
            housing: self.housing,
            housing_deduction: self.housing_deduction,
            meals_deduction: self.meals_deduction,
            min_experience_months: self.min_experience_months.map(Into::into),
        }
    }
}

/// Where a quota belongs, and what the season's rules make of its wage.
#[derive(Debug, Clone)]
pub struct Belonging {
    pub season: SeasonId,
    pub organisation: OrganisationId,
    pub allocation: AllocationId,
    pub si_gun: String,
    pub monthly_wage: i64,
}

fn small(number: i64) -> Result<i32, Fault> {
    i32::try_from(number).map_err(Fault::broken)
}

fn row_of(tx: &Tx<'_>, id: QuotaId, at: &Belonging, terms: &QuotaTerms) -> Result<QuotaRow, Fault> {
    Ok(QuotaRow {
        id,
        season_id: at.season,
        organisation_id: at.organisation,
        allocation_id: at.allocation,
        si_gun: at.si_gun.clone(),
        kind: terms.kind,
        sector: terms.sector,
        crop: terms.crop.clone(),
        work: terms.work.clone(),
        starts_on: terms.starts_on,
        ends_on: terms.ends_on,
        seats: small(terms.seats)?,
        wage_unit: terms.wage_unit,
        wage_amount: terms.wage_amount,
        monthly_wage: at.monthly_wage,
        hours_per_week: small(terms.hours_per_week)?,
        days_off_per_month: small(terms.days_off_per_month)?,
        housing: terms.housing,
        housing_deduction: terms.housing_deduction,
        meals_deduction: terms.meals_deduction,
        min_experience_months: terms.min_experience_months.map(small).transpose()?,
        state: QuotaState::Draft,
        endorsement_document: None,
        state_note: None,
        version: 1,
        updated_at: tx.now,
        changed_by: tx.actor.account,
    })
}

pub fn insert(
    tx: &mut Tx<'_>,
    id: QuotaId,
    at: &Belonging,
    terms: &QuotaTerms,
) -> Result<(), Fault> {
    let row = row_of(tx, id, at, terms)?;
    diesel::insert_into(quotas::table).values(&row).execute(tx.db)?;
    tx.journal_new(&row, Line::of("post"))
}

/// Replaces the terms, if nobody changed the row since it was read; the state stays.
pub fn rewrite(
    tx: &mut Tx<'_>,
    old: &QuotaRow,
    at: &Belonging,
    terms: &QuotaTerms,
) -> Result<(), Fault> {
    let new = row_of(tx, old.id, at, terms)?;
    let row = QuotaRow {
        state: old.state,
        endorsement_document: old.endorsement_document.clone(),
        state_note: old.state_note.clone(),
        version: old.version + 1,
        ..new
    };
    let held = quotas::table.filter(quotas::id.eq(old.id)).filter(quotas::version.eq(old.version));
    if diesel::update(held).set(&row).execute(tx.db)? != 1 {
        return Err(Fault::Moved);
    }
    tx.journal_change(old, Line::of("change"))
}

/// What a step of the lifecycle writes beside the state.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// The si/gun's document, with the endorsement.
    pub document: Option<String>,
    /// Why, with a rejection or a withdrawal.
    pub note: Option<String>,
}

/// Stores a step of the lifecycle, if nobody changed the row since it was read.
pub fn keep(
    tx: &mut Tx<'_>,
    row: &QuotaRow,
    step: Transition<QuotaState>,
    beside: Beside,
) -> Result<(), Fault> {
    let at = quotas::table
        .filter(quotas::id.eq(row.id))
        .filter(quotas::version.eq(row.version))
        .filter(quotas::state.eq(step.from()));
    let kept = diesel::update(at)
        .set((
            quotas::state.eq(step.to()),
            quotas::endorsement_document
                .eq(beside.document.or_else(|| row.endorsement_document.clone())),
            quotas::state_note.eq(beside.note),
            quotas::version.eq(row.version + 1),
            quotas::updated_at.eq(tx.now),
            quotas::changed_by.eq(tx.actor.account),
        ))
        .execute(tx.db)?;
    if kept != 1 {
        return Err(Fault::Moved);
    }
    tx.journal_step(row, &step, QuotaState::as_str, step.event().as_str())
}

/// Which quotas a reader may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    All,
    /// Job seekers and the public: the open ones of employers that are not suspended.
    Open,
    Own(OrganisationId),
}

/// What a list is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub season: Option<SeasonId>,
    pub state: Option<QuotaState>,
    pub si_gun: Option<String>,
    pub sector: Option<Sector>,
    /// Begins like this, whatever the case.
    pub crop: Option<String>,
    /// At work on this day or later; on this day or earlier.
    pub from: Option<Day>,
    pub to: Option<Day>,
    /// Won a month at least.
    pub wage_min: Option<i64>,
}

diesel::define_sql_function! {
    #[sql_name = "lower"]
    fn lower_text(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

diesel::define_sql_function! {
    fn substr(
        text: diesel::sql_types::Text,
        first: diesel::sql_types::Integer,
        count: diesel::sql_types::Integer,
    ) -> diesel::sql_types::Text;
}

/// Open, and of an employer that is not suspended.
macro_rules! open_now {
    () => {
        quotas::state.eq(QuotaState::Open).and(
            quotas::organisation_id.ne_all(
                organisations::table
                    .filter(organisations::state.eq(OrganisationState::Suspended))
                    .select(organisations::id),
            ),
        )
    };
}

pub fn get(conn: &mut Conn<'_>, id: QuotaId, scope: Scope) -> Result<QuotaRow, Fault> {
    let query = quotas::table.find(id).select(QuotaRow::as_select()).into_boxed();
    let query = match scope {
        Scope::All => query,
        Scope::Open => query.filter(open_now!()),
        Scope::Own(own) => query.filter(quotas::organisation_id.eq(own)),
    };
    Ok(query.first(conn.db)?)
}

pub fn page(
    conn: &mut Conn<'_>,
    scope: Scope,
    filter: &Filter,
    after: Option<QuotaId>,
    rows: i64,
) -> Result<Vec<QuotaRow>, Fault> {
    let mut query = quotas::table.select(QuotaRow::as_select()).into_boxed();
    match scope {
        Scope::All => {}
        Scope::Open => query = query.filter(open_now!()),
        Scope::Own(own) => query = query.filter(quotas::organisation_id.eq(own)),
    }
    if let Some(season) = filter.season {
        query = query.filter(quotas::season_id.eq(season));
    }
    if let Some(state) = filter.state {
        query = query.filter(quotas::state.eq(state));
    }
    if let Some(si_gun) = &filter.si_gun {
        query = query.filter(quotas::si_gun.eq(si_gun));
    }
    if let Some(sector) = filter.sector {
        query = query.filter(quotas::sector.eq(sector));
    }
    if let Some(crop) = &filter.crop {
        let length = i32::try_from(crop.chars().count()).unwrap_or(i32::MAX);
        let head = substr(lower_text(quotas::crop), 1, length);
        query = query.filter(head.eq(crop.to_lowercase()));
    }
    if let Some(from) = filter.from {
        query = query.filter(quotas::ends_on.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(quotas::starts_on.le(to));
    }
    if let Some(min) = filter.wage_min {
        query = query.filter(quotas::monthly_wage.ge(min));
    }
    if let Some(after) = after {
        query = query.filter(quotas::id.gt(after));
    }
    Ok(query.order(quotas::id.asc()).limit(rows).load(conn.db)?)
}

/// Every quota of a season that is open, of employers that are not suspended: what the freeze
/// takes and a list may name.
pub fn open_of(conn: &mut Conn<'_>, season: SeasonId) -> Result<Vec<QuotaRow>, Fault> {
    let query = quotas::table
        .filter(quotas::season_id.eq(season))
        .filter(open_now!())
        .order(quotas::id.asc());
    Ok(query.select(QuotaRow::as_select()).load(conn.db)?)
}

/// Count and sum of versions: two equal marks mean that no quota of the season changed.
pub fn mark(conn: &mut Conn<'_>, season: SeasonId) -> Result<Mark, Fault> {
    let of_season = quotas::table.filter(quotas::season_id.eq(season));
    Ok(of_season.select((count_star(), sql::versions())).get_result(conn.db)?)
}

/// Quotas by id, whatever their state.
pub fn by_ids(conn: &mut Conn<'_>, ids: &[QuotaId]) -> Result<Vec<QuotaRow>, Fault> {
    let query = quotas::table.filter(quotas::id.eq_any(ids));
    Ok(query.select(QuotaRow::as_select()).load(conn.db)?)
}

/// The quotas of one employer in a season that count against its cap (not rejected or withdrawn).
pub fn counting_of(
    conn: &mut Conn<'_>,
    season: SeasonId,
    organisation: OrganisationId,
) -> Result<Vec<QuotaRow>, Fault> {
    let query = quotas::table
        .filter(quotas::season_id.eq(season))
        .filter(quotas::organisation_id.eq(organisation))
        .filter(quotas::state.ne(QuotaState::Rejected))
        .filter(quotas::state.ne(QuotaState::Withdrawn))
        .order(quotas::id.asc());
    Ok(query.select(QuotaRow::as_select()).load(conn.db)?)
}
