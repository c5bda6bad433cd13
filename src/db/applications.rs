//! Applications: one ranked list a person and season. The only writer of its table.
//! Must not know: which quotas may be listed, until when.

use super::journal::Line;
use super::merges::Parted;
use super::schema::{applications, seekers};
use super::seekers::SeekerRow;
use super::sql::{self, Mark};
use super::states::stated;
use super::types::{ApplicationState, Json};
use super::{Conn, Fault, MultiBackend, Tx};
use crate::domain::applications::RankedList;
use crate::domain::ids::{AccountId, ApplicationId, QuotaId, SeasonId, SeekerId};
use crate::domain::time::Instant;
use diesel::dsl::count_star;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;

pub const SUBJECT: &str = "application";

#[derive(Debug, Clone, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = applications, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
pub struct ApplicationRow {
    pub id: ApplicationId,
    pub season_id: SeasonId,
    pub seeker_id: SeekerId,
    /// Ids of quotas, best first.
    pub choices: Json,
    pub state: ApplicationState,
    /// Why the office did it for the person.
    pub reason: Option<String>,
    pub version: i64,
    pub updated_at: Instant,
    pub changed_by: Option<AccountId>,
}

stated!(ApplicationRow of applications, |row| (SUBJECT, row.id.uuid()));

impl ApplicationRow {
    pub fn choices(&self) -> Result<Vec<QuotaId>, Fault> {
        let damaged = || Fault::broken("applications.choices is no list of ids");
        let all = self.choices.0.as_array().ok_or_else(damaged)?;
        all.iter().map(|c| c.as_str().and_then(|c| c.parse().ok()).ok_or_else(damaged)).collect()
    }

    /// Whether its wishes are gone: a list that was handed in has one at least.
    pub fn is_erased(&self) -> bool {
        self.choices.0.as_array().is_some_and(Vec::is_empty)
    }
}

fn json(list: &RankedList) -> Json {
    Json(Value::Array(list.choices().iter().map(|c| Value::String(c.to_string())).collect()))
}

/// The application of a person in a season, withdrawn or not.
pub fn of(
    conn: &mut Conn<'_>,
    season: SeasonId,
    seeker: SeekerId,
) -> Result<Option<ApplicationRow>, Fault> {
    let query = applications::table
        .filter(applications::season_id.eq(season))
        .filter(applications::seeker_id.eq(seeker));
    Ok(query.select(ApplicationRow::as_select()).first(conn.db).optional()?)
}

pub fn insert(
    tx: &mut Tx<'_>,
    season: SeasonId,
    seeker: SeekerId,
    list: &RankedList,
    reason: Option<&str>,
) -> Result<(), Fault> {
    let row = ApplicationRow {
        id: ApplicationId(tx.new_id()),
        season_id: season,
        seeker_id: seeker,
        choices: json(list),
        state: ApplicationState::Active,
        reason: reason.map(str::to_owned),
        version: 1,
        updated_at: tx.now,
        changed_by: tx.actor.account,
    };
    diesel::insert_into(applications::table).values(&row).execute(tx.db)?;
    tx.journal_new(&row, Line::of("apply"))
}

/// Replaces the list, if nobody changed the row since it was read.
pub fn rewrite(
    tx: &mut Tx<'_>,
    old: &ApplicationRow,
    list: &RankedList,
    reason: Option<&str>,
) -> Result<(), Fault> {
    keep(tx, old, json(list), ApplicationState::Active, reason, "change")
}

/// The row stays, so that nobody wonders where the list went.
pub fn withdraw(tx: &mut Tx<'_>, old: &ApplicationRow, reason: Option<&str>) -> Result<(), Fault> {
    keep(tx, old, old.choices.clone(), ApplicationState::Withdrawn, reason, "withdraw")
}

/// The wishes of a person go; that there was a list stays. Frozen inputs hold theirs under
/// pseudonyms.
pub fn erase_of(tx: &mut Tx<'_>, seeker: SeekerId) -> Result<(), Fault> {
    of_person(tx, seeker)?.iter().try_for_each(|old| erase(tx, old))
}

/// The same for one list.
pub fn erase(tx: &mut Tx<'_>, old: &ApplicationRow) -> Result<(), Fault> {
    let at = applications::table
        .filter(applications::id.eq(old.id))
        .filter(applications::version.eq(old.version));
    let kept = diesel::update(at)
        .set((
            applications::choices.eq(Json(Value::Array(Vec::new()))),
            applications::state.eq(ApplicationState::Withdrawn),
            applications::reason.eq(None::<String>),
            applications::version.eq(old.version + 1),
            applications::updated_at.eq(tx.now),
            applications::changed_by.eq(tx.actor.account),
        ))
        .execute(tx.db)?;
    if kept != 1 {
        return Err(Fault::Moved);
    }
    tx.journal_change(old, Line::of("erase"))
}

/// Every list of a person, the oldest first.
pub fn of_person(conn: &mut Conn<'_>, seeker: SeekerId) -> Result<Vec<ApplicationRow>, Fault> {
    let theirs = applications::table.filter(applications::seeker_id.eq(seeker));
    let query = theirs.order(applications::id.asc());
    Ok(query.select(ApplicationRow::as_select()).load(conn.db)?)
}

/// The lists of seasons for which another person has none, withdrawn or not.
pub fn parted(
    conn: &mut Conn<'_>,
    from: SeekerId,
    to: SeekerId,
) -> Result<Parted<ApplicationRow>, Fault> {
    let there: Vec<SeasonId> = of_person(conn, to)?.into_iter().map(|row| row.season_id).collect();
    Ok(Parted::of(of_person(conn, from)?, |row| !there.contains(&row.season_id)))
}

/// Those lists become the other person's, who is the same human being.
pub fn hand_over(tx: &mut Tx<'_>, from: SeekerId, to: SeekerId) -> Result<(), Fault> {
    for old in parted(tx, from, to)?.going {
        diesel::update(applications::table.find(old.id))
            .set((
                applications::seeker_id.eq(to),
                applications::version.eq(old.version + 1),
                applications::updated_at.eq(tx.now),
                applications::changed_by.eq(tx.actor.account),
            ))
            .execute(tx.db)?;
        tx.journal_change(&old, Line::of("hand_over"))?;
    }
    Ok(())
}

fn keep(
    tx: &mut Tx<'_>,
    old: &ApplicationRow,
    choices: Json,
    state: ApplicationState,
    reason: Option<&str>,
    event: &str,
) -> Result<(), Fault> {
    let at = applications::table
        .filter(applications::id.eq(old.id))
        .filter(applications::version.eq(old.version));
    let kept = diesel::update(at)
        .set((
            applications::choices.eq(choices),
            applications::state.eq(state),
            applications::reason.eq(reason),
            applications::version.eq(old.version + 1),
            applications::updated_at.eq(tx.now),
            applications::changed_by.eq(tx.actor.account),
        ))
        .execute(tx.db)?;
    if kept != 1 {
        return Err(Fault::Moved);
    }
    tx.journal_change(old, Line::of(event))
}

/// The next active applications of a season by person, each with the person's record.
pub fn with_seekers(
    conn: &mut Conn<'_>,
    season: SeasonId,
    after: Option<SeekerId>,
    rows: i64,
) -> Result<Vec<(ApplicationRow, SeekerRow)>, Fault> {
    let mut query = applications::table
        .filter(applications::season_id.eq(season))
        .filter(applications::state.eq(ApplicationState::Active))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(applications::seeker_id.gt(after));
    }
    let query = query.order(applications::seeker_id.asc()).limit(rows);
    let lists: Vec<ApplicationRow> = query.select(ApplicationRow::as_select()).load(conn.db)?;
    let ids: Vec<SeekerId> = lists.iter().map(|l| l.seeker_id).collect();
    let people = seekers::table.filter(seekers::id.eq_any(&ids));
    let people: Vec<SeekerRow> = people.select(SeekerRow::as_select()).load(conn.db)?;
    let mut people: HashMap<SeekerId, SeekerRow> = people.into_iter().map(|p| (p.id, p)).collect();
    Ok(lists.into_iter().filter_map(|l| people.remove(&l.seeker_id).map(|p| (l, p))).collect())
}

/// Count and sum of versions, both of which only grow: two equal marks mean that no list of the
/// season changed between them, whatever the clocks of the writers said.
pub fn mark(conn: &mut Conn<'_>, season: SeasonId) -> Result<Mark, Fault> {
    let of_season = applications::table.filter(applications::season_id.eq(season));
    Ok(of_season.select((count_star(), sql::versions())).get_result(conn.db)?)
}
