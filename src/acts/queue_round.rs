//! Queues a round of a season's latest input, whose beacon is known; a job computes it.
//! Must not know: HTTP.

use super::deadline::passed;
use super::stop::Stop;
use crate::db::types::JobKind;
use crate::db::{Tx, inputs, jobs, rounds, seasons};
use crate::domain::ids::{JobId, RoundId, SeasonId};
use crate::domain::problem::Code;
use crate::domain::seasons::SeasonState;

pub fn queue_round(tx: &mut Tx<'_>, season: SeasonId, id: RoundId) -> Result<(), Stop> {
    let row = seasons::get(tx, season)?;
    let now = tx.now;
    if let Some(late) = passed(tx, &row, now)? {
        return Err(late.into());
    }
    let input = inputs::latest(tx, season)?
        .filter(|input| input.seed.is_some() && row.state == SeasonState::Drawn)
        .ok_or(Stop::Reason(Code::StateConflict.into()))?;
    let job = JobId(tx.new_id());
    jobs::enqueue(tx, job, JobKind::ComputeRound, id.uuid())?;
    Ok(rounds::insert(tx, id, season, input.open.input_version, job)?)
}
