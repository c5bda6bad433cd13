//! Rounds and seats: rows and queries. The only writer of both tables.
//! Must not know: how seats are found.

use super::journal::Line;
use super::schema::{organisations, quotas, rounds, seasons, seats, seekers};
use super::states::stated;
use super::types::Json;
use super::{Conn, Fault, MultiBackend, Tx};
use crate::domain::identity::Sex;
use crate::domain::ids::{AccountId, JobId, OrganisationId, QuotaId, RoundId, SeasonId, SeekerId};
use crate::domain::lifecycle::Transition;
use crate::domain::organisations::OrganisationKind;
use crate::domain::rounds::RoundState;
use crate::domain::seasons::{SeasonState, Sector};
use crate::domain::time::{Day, Instant};
use crate::each_backend;
use diesel::prelude::*;
use serde::Serialize;
use std::collections::HashSet;

pub const SUBJECT: &str = "round";
/// Rows of one INSERT.
const BATCH: usize = 1000;

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = rounds, treat_none_as_default_value = false, treat_none_as_null = true)]
#[diesel(check_for_backend(MultiBackend))]
pub struct RoundRow {
    pub id: RoundId,
    pub season_id: SeasonId,
    pub input_version: i32,
    pub job_id: JobId,
    pub state: RoundState,
    /// `[{node, cap, filled, cutoff}]` as the public may see it.
    pub nodes: Option<Json>,
    /// `[{code, node}]`.
    pub lints: Option<Json>,
    pub placed: Option<i64>,
    pub unplaced: Option<i64>,
    pub instance_digest: Option<String>,
    pub outcome_digest: Option<String>,
    pub computed_by: Option<AccountId>,
    pub computed_at: Option<Instant>,
    pub approved_by: Option<AccountId>,
    pub approved_at: Option<Instant>,
    pub published_by: Option<AccountId>,
    pub published_at: Option<Instant>,
    pub secret_revealed: Option<Vec<u8>>,
    pub version: i64,
    pub updated_at: Instant,
    pub changed_by: Option<AccountId>,
}

stated!(RoundRow of rounds, |row| (SUBJECT, row.id.uuid()));

/// A seat with what was frozen of the person: nothing that is told of it changes later.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = seats, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
pub struct SeatRow {
    pub round_id: RoundId,
    pub seeker_id: SeekerId,
    pub quota_id: QuotaId,
    /// From 1 on, best key first.
    pub number: i32,
    pub kecamatan: String,
    pub sex: Sex,
    pub age_band: String,
    pub experience_band: String,
}

/// A round that waits for its job.
pub fn insert(
    tx: &mut Tx<'_>,
    id: RoundId,
    season: SeasonId,
    input_version: i32,
    job: JobId,
) -> Result<(), Fault> {
    let row = RoundRow {
        id,
        season_id: season,
        input_version,
        job_id: job,
        state: RoundState::Queued,
        nodes: None,
        lints: None,
        placed: None,
        unplaced: None,
        instance_digest: None,
        outcome_digest: None,
        computed_by: tx.actor.account,
        computed_at: None,
        approved_by: None,
        approved_at: None,
        published_by: None,
        published_at: None,
        secret_revealed: None,
        version: 1,
        updated_at: tx.now,
        changed_by: tx.actor.account,
    };
    diesel::insert_into(rounds::table).values(&row).execute(tx.db)?;
    tx.journal_new(&row, Line::of("queue"))
}

/// Which rounds a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    All,
    /// By digest, as soon as they are computed.
    Computed,
    /// Published ones, and void ones without seats.
    Told,
    Published,
}

impl Scope {
    fn states(self) -> &'static [RoundState] {
        match self {
            Self::All => RoundState::ALL,
            Self::Computed => &[
                RoundState::Computed,
                RoundState::Approved,
                RoundState::Published,
                RoundState::Void,
            ],
            Self::Told => &[RoundState::Published, RoundState::Void],
            Self::Published => &[RoundState::Published],
        }
    }
}

pub fn get(conn: &mut Conn<'_>, id: RoundId, scope: Scope) -> Result<RoundRow, Fault> {
    let row: RoundRow = rounds::table.find(id).select(RoundRow::as_select()).first(conn.db)?;
    if scope.states().contains(&row.state) { Ok(row) } else { Err(Fault::NotFound) }
}

pub fn page(
    conn: &mut Conn<'_>,
    season: SeasonId,
    scope: Scope,
    after: Option<RoundId>,
    limit: i64,
) -> Result<Vec<RoundRow>, Fault> {
    let mut query = rounds::table
        .filter(rounds::season_id.eq(season))
        .filter(rounds::state.eq_any(scope.states().iter().copied()))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(rounds::id.gt(after));
    }
    let query = query.order(rounds::id.asc()).limit(limit);
    Ok(query.select(RoundRow::as_select()).load(conn.db)?)
}

const UNPUBLISHED: [RoundState; 3] =
    [RoundState::Queued, RoundState::Computed, RoundState::Approved];

/// The rounds of a season that wait for their publication.
pub fn unpublished(conn: &mut Conn<'_>, season: SeasonId) -> Result<Vec<RoundRow>, Fault> {
    let query = rounds::table
        .filter(rounds::season_id.eq(season))
        .filter(rounds::state.eq_any(UNPUBLISHED))
        .order(rounds::id.asc());
    Ok(query.select(RoundRow::as_select()).load(conn.db)?)
}

/// Drawn seasons with such rounds.
pub fn waiting_seasons(conn: &mut Conn<'_>) -> Result<Vec<SeasonId>, Fault> {
    let query = rounds::table
        .inner_join(seasons::table.on(seasons::id.eq(rounds::season_id)))
        .filter(rounds::state.eq_any(UNPUBLISHED))
        .filter(seasons::state.eq(SeasonState::Drawn))
        .select(rounds::season_id)
        .distinct();
    Ok(query.load(conn.db)?)
}

/// Stores a step of the lifecycle with what `change` writes beside it, if nobody changed the row
/// since it was read.
pub fn keep(
    tx: &mut Tx<'_>,
    old: &RoundRow,
    step: Transition<RoundState>,
    change: impl FnOnce(RoundRow) -> RoundRow,
) -> Result<(), Fault> {
    let new = change(RoundRow {
        state: step.to(),
        version: old.version + 1,
        updated_at: tx.now,
        changed_by: tx.actor.account,
        ..old.clone()
    });
    let at = rounds::table
        .filter(rounds::id.eq(old.id))
        .filter(rounds::version.eq(old.version))
        .filter(rounds::state.eq(step.from()));
    if diesel::update(at).set(&new).execute(tx.db)? != 1 {
        return Err(Fault::Moved);
    }
    tx.journal_step(old, &step, RoundState::as_str, step.event().as_str())
}

pub fn insert_seats(tx: &mut Tx<'_>, rows: &[SeatRow]) -> Result<(), Fault> {
    for rows in rows.chunks(BATCH) {
        let query = diesel::insert_into(seats::table).values(rows);
        each_backend!(&mut *tx.db, |c| query.execute(c))?;
    }
    Ok(())
}

/// Every seat of a round.
pub fn seats(conn: &mut Conn<'_>, round: RoundId) -> Result<Vec<SeatRow>, Fault> {
    let query = seats::table.filter(seats::round_id.eq(round));
    Ok(query.select(SeatRow::as_select()).load(conn.db)?)
}

/// The seat of a person, if the round gave one.
pub fn seat_of(
    conn: &mut Conn<'_>,
    round: RoundId,
    seeker: SeekerId,
) -> Result<Option<SeatRow>, Fault> {
    let row = seats::table.find((round, seeker)).select(SeatRow::as_select());
    Ok(row.first(conn.db).optional()?)
}

/// Whose seats a reader may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seats {
    All,
    Employer(OrganisationId),
    Person(SeekerId),
}

/// A seat as its readers see it. The name alone is the present one.
#[derive(Debug, Clone, Queryable)]
pub struct SeatLine {
    pub quota: QuotaId,
    pub number: i32,
    pub seeker: SeekerId,
    pub name: String,
    pub age_band: String,
    pub experience_band: String,
}

/// A page in the order of seat numbers, then quotas.
pub fn seat_lines(
    conn: &mut Conn<'_>,
    round: RoundId,
    whose: Seats,
    after: Option<(i32, QuotaId)>,
    limit: i64,
) -> Result<Vec<SeatLine>, Fault> {
    let mut query = seats::table
        .inner_join(seekers::table.on(seekers::id.eq(seats::seeker_id)))
        .inner_join(quotas::table.on(quotas::id.eq(seats::quota_id)))
        .filter(seats::round_id.eq(round))
        .into_boxed();
    match whose {
        Seats::All => {}
        Seats::Employer(own) => query = query.filter(quotas::organisation_id.eq(own)),
        Seats::Person(own) => query = query.filter(seats::seeker_id.eq(own)),
    }
    if let Some((number, quota)) = after {
        query = query.filter(
            seats::number.gt(number).or(seats::number.eq(number).and(seats::quota_id.gt(quota))),
        );
    }
    let query = query.order((seats::number.asc(), seats::quota_id.asc())).limit(limit);
    let columns = (
        seats::quota_id,
        seats::number,
        seats::seeker_id,
        seekers::name,
        seats::age_band,
        seats::experience_band,
    );
    Ok(query.select(columns).load(conn.db)?)
}

/// What the counts of a round are made from, one for each seat.
#[derive(Debug, Clone, Queryable)]
pub struct Counted {
    pub quota: QuotaId,
    pub kecamatan: String,
    pub sex: Sex,
    pub sector: Sector,
}

pub fn counted(conn: &mut Conn<'_>, round: RoundId) -> Result<Vec<Counted>, Fault> {
    let query = seats::table
        .inner_join(quotas::table.on(quotas::id.eq(seats::quota_id)))
        .filter(seats::round_id.eq(round));
    let columns = (seats::quota_id, seats::kecamatan, seats::sex, quotas::sector);
    Ok(query.select(columns).load(conn.db)?)
}

/// How many seats of the round are of this employer.
pub fn count_of(conn: &mut Conn<'_>, round: RoundId, own: OrganisationId) -> Result<i64, Fault> {
    let query = seats::table
        .inner_join(quotas::table.on(quotas::id.eq(seats::quota_id)))
        .filter(seats::round_id.eq(round))
        .filter(quotas::organisation_id.eq(own));
    Ok(query.count().get_result(conn.db)?)
}

/// What kind of organisation asks: a company learns only how many.
pub fn kind_of(conn: &mut Conn<'_>, own: OrganisationId) -> Result<OrganisationKind, Fault> {
    Ok(organisations::table.find(own).select(organisations::kind).first(conn.db)?)
}

/// Who holds a seat of the published round of another season that has not ended on the day;
/// everybody, or nobody but `only`.
pub fn seated_elsewhere(
    conn: &mut Conn<'_>,
    season: SeasonId,
    on: Day,
    only: Option<SeekerId>,
) -> Result<HashSet<SeekerId>, Fault> {
    let mut query = seats::table
        .inner_join(rounds::table.on(rounds::id.eq(seats::round_id)))
        .inner_join(seasons::table.on(seasons::id.eq(rounds::season_id)))
        .filter(rounds::state.eq(RoundState::Published))
        .filter(rounds::season_id.ne(season))
        .filter(seasons::contract_to.ge(on))
        .into_boxed();
    if let Some(only) = only {
        query = query.filter(seats::seeker_id.eq(only));
    }
    let all: Vec<SeekerId> = query.select(seats::seeker_id).load(conn.db)?;
    Ok(all.into_iter().collect())
}
