//! The deadline of the reveal: what is not published in time is void, publicly, whether somebody
//! tries or not. Must not know: HTTP, when the worker looks.

use super::freeze::rules_of;
use super::stop::Stop;
use crate::db::rounds::{self, RoundRow};
use crate::db::seasons::{self, SeasonRow};
use crate::db::{Actor, Conn, Fault, Store, Tx, inputs};
use crate::domain::ids::SeasonId;
use crate::domain::lifecycle::decide;
use crate::domain::problem::{Code, Reason};
use crate::domain::roles::Role;
use crate::domain::rounds::{RoundEvent, reveal};
use crate::domain::seasons::SeasonState;
use crate::domain::time::Instant;

/// Why nothing of a drawn season is published any more, if the time for the reveal has passed.
pub fn passed(
    conn: &mut Conn<'_>,
    season: &SeasonRow,
    now: Instant,
) -> Result<Option<Reason>, Stop> {
    if season.state != SeasonState::Drawn {
        return Ok(None);
    }
    let input = inputs::latest(conn, season.id)?;
    let beacon_at = input.and_then(|input| input.open.beacon_at);
    let beacon_at = beacon_at.ok_or_else(|| Fault::broken("a drawn season without a beacon"))?;
    match reveal(beacon_at, now, &rules_of(season)?) {
        Ok(()) => Ok(None),
        Err(late) if late.code == Code::RevealTooLate => Ok(Some(late)),
        Err(other) => Err(other.into()),
    }
}

/// Makes every round void that waits for its publication.
pub fn void_unpublished(tx: &mut Tx<'_>, season: SeasonId) -> Result<(), Stop> {
    for round in rounds::unpublished(tx, season)? {
        let step = decide(round.state, RoundEvent::Void, Role::Lead)?;
        rounds::keep(tx, &round, step, |row: RoundRow| row)?;
    }
    Ok(())
}

/// Voids what comes too late, and says so.
pub fn keep_deadline(tx: &mut Tx<'_>, season: SeasonId) -> Result<Option<Reason>, Stop> {
    let row = seasons::get(tx, season)?;
    let now = tx.now;
    let late = passed(tx, &row, now)?;
    if late.is_some() {
        void_unpublished(tx, season)?;
    }
    Ok(late)
}

/// The same for every season that waits for a publication.
pub fn keep_deadlines(store: &Store) -> Result<(), Stop> {
    let waiting = store.read(|conn, _| rounds::waiting_seasons(conn))?;
    for season in waiting {
        store.write(Actor::service("keep_deadlines"), |tx, _| keep_deadline(tx, season))?;
    }
    Ok(())
}
