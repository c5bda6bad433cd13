//! What binds a person to seasons: frozen inputs and seats. Must not know: how long it binds.

use crate::db::schema::{frozen_seekers, rounds, seasons, seats};
use crate::db::{Conn, Fault};
use crate::domain::ids::SeekerId;
use crate::domain::retention::Tie;
use crate::domain::rounds::RoundState;
use crate::domain::seasons::SeasonState;
use crate::domain::time::Day;
use diesel::prelude::*;

/// Every season that froze the person's list, and every seat of a published round.
pub fn ties(conn: &mut Conn<'_>, seeker: SeekerId) -> Result<Vec<Tie>, Fault> {
    let frozen = frozen_seekers::table
        .inner_join(seasons::table.on(seasons::id.eq(frozen_seekers::season_id)))
        .filter(frozen_seekers::seeker_id.eq(seeker))
        .select(seasons::state)
        .distinct();
    let frozen: Vec<SeasonState> = frozen.load(conn.db)?;
    let seated = seats::table
        .inner_join(rounds::table.on(rounds::id.eq(seats::round_id)))
        .inner_join(seasons::table.on(seasons::id.eq(rounds::season_id)))
        .filter(seats::seeker_id.eq(seeker))
        .filter(rounds::state.eq(RoundState::Published))
        .select(seasons::contract_to);
    let seated: Vec<Day> = seated.load(conn.db)?;
    let frozen = frozen.into_iter().map(Tie::Frozen);
    Ok(frozen.chain(seated.into_iter().map(Tie::Seat)).collect())
}
