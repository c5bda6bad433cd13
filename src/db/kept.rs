//! What tells how long the records and lists of people are kept. Must not know: how long that is.

use super::applications::ApplicationRow;
use super::schema::{applications, data_requests, rounds, seasons, seats, seekers};
use super::{Conn, Fault};
use crate::domain::ids::{ApplicationId, SeekerId};
use crate::domain::retention::Kept;
use crate::domain::rights::{RequestKind, RequestState};
use crate::domain::rounds::RoundState;
use crate::domain::seekers::SeekerState;
use crate::domain::time::{Day, Instant, Zone};
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

type Line = (SeekerId, SeekerState, Instant);

/// A record and what keeps it; nothing if somebody waits for an answer about it, or restricted it.
pub type KeptOf = (SeekerId, Option<Kept>);

/// One record.
pub fn one(conn: &mut Conn<'_>, seeker: SeekerId) -> Result<Option<Kept>, Fault> {
    let line: Line = seekers::table
        .find(seeker)
        .filter(seekers::state.ne(SeekerState::Erased))
        .select((seekers::id, seekers::state, seekers::updated_at))
        .first(conn.db)?;
    Ok(with_ties(conn, &[line])?.pop().and_then(|(_, kept)| kept))
}

/// The next records that were changed last before that moment.
pub fn unchanged_since(
    conn: &mut Conn<'_>,
    moment: Instant,
    after: Option<SeekerId>,
    rows: i64,
) -> Result<Vec<KeptOf>, Fault> {
    let mut query = seekers::table
        .filter(seekers::state.ne(SeekerState::Erased))
        .filter(seekers::updated_at.lt(moment))
        .select((seekers::id, seekers::state, seekers::updated_at))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(seekers::id.gt(after));
    }
    let lines: Vec<Line> = query.order(seekers::id.asc()).limit(rows).load(conn.db)?;
    with_ties(conn, &lines)
}

fn with_ties(conn: &mut Conn<'_>, lines: &[Line]) -> Result<Vec<KeptOf>, Fault> {
    let ids: Vec<SeekerId> = lines.iter().map(|line| line.0).collect();
    let (lists, seated, held) = (lists(conn, &ids)?, seated(conn, &ids)?, held(conn, &ids)?);
    let ends = |of: &HashMap<SeekerId, Vec<Day>>, id| of.get(&id).cloned().unwrap_or_default();
    let one = |&(id, state, updated_at): &Line| {
        let kept = (!held.contains(&id)).then(|| Kept {
            is_draft: state == SeekerState::Draft,
            changed: updated_at.day_in(Zone::Jakarta),
            lists: ends(&lists, id),
            seats: ends(&seated, id),
        });
        (id, kept)
    };
    Ok(lines.iter().map(one).collect())
}

fn by_person(rows: Vec<(SeekerId, Day)>) -> HashMap<SeekerId, Vec<Day>> {
    let mut all: HashMap<SeekerId, Vec<Day>> = HashMap::new();
    for (seeker, day) in rows {
        all.entry(seeker).or_default().push(day);
    }
    all
}

fn lists(conn: &mut Conn<'_>, people: &[SeekerId]) -> Result<HashMap<SeekerId, Vec<Day>>, Fault> {
    let rows = applications::table
        .inner_join(seasons::table.on(seasons::id.eq(applications::season_id)))
        .filter(applications::seeker_id.eq_any(people))
        .select((applications::seeker_id, seasons::contract_to));
    Ok(by_person(rows.load(conn.db)?))
}

fn seated(conn: &mut Conn<'_>, people: &[SeekerId]) -> Result<HashMap<SeekerId, Vec<Day>>, Fault> {
    let rows = seats::table
        .inner_join(rounds::table.on(rounds::id.eq(seats::round_id)))
        .inner_join(seasons::table.on(seasons::id.eq(rounds::season_id)))
        .filter(seats::seeker_id.eq_any(people))
        .filter(rounds::state.eq(RoundState::Published))
        .select((seats::seeker_id, seasons::contract_to));
    Ok(by_person(rows.load(conn.db)?))
}

fn held(conn: &mut Conn<'_>, people: &[SeekerId]) -> Result<HashSet<SeekerId>, Fault> {
    let in_force = data_requests::state
        .eq(RequestState::Decided)
        .and(data_requests::kind.eq(RequestKind::Restriction));
    let rows = data_requests::table
        .filter(data_requests::seeker_id.eq_any(people))
        .filter(data_requests::state.eq_any(RequestState::OPEN).or(in_force))
        .select(data_requests::seeker_id);
    let all: Vec<SeekerId> = rows.load(conn.db)?;
    Ok(all.into_iter().collect())
}

/// The next lists of seasons whose contracts ended before that day, of people without a seat there.
pub fn lists_ended_before(
    conn: &mut Conn<'_>,
    day: Day,
    after: Option<ApplicationId>,
    rows: i64,
) -> Result<Vec<ApplicationRow>, Fault> {
    let seat = seats::table
        .inner_join(rounds::table.on(rounds::id.eq(seats::round_id)))
        .filter(rounds::state.eq(RoundState::Published))
        .filter(rounds::season_id.eq(applications::season_id))
        .filter(seats::seeker_id.eq(applications::seeker_id));
    let mut query = applications::table
        .inner_join(seasons::table.on(seasons::id.eq(applications::season_id)))
        .filter(seasons::contract_to.lt(day))
        .filter(diesel::dsl::not(diesel::dsl::exists(seat)))
        .select(ApplicationRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(applications::id.gt(after));
    }
    Ok(query.order(applications::id.asc()).limit(rows).load(conn.db)?)
}
