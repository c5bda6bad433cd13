//! Approves a computed round and publishes an approved one: at least two persons stand behind what
//! is published. Must not know: HTTP.

use super::freeze::rules_of;
use super::stop::Stop;
use crate::db::rounds::{self, RoundRow};
use crate::db::{Tx, inputs, seasons};
use crate::domain::lifecycle::decide;
use crate::domain::problem::{Code, Reason};
use crate::domain::roles::Role;
use crate::domain::rounds::{RoundEvent, approver, reveal};
use crate::domain::seasons::SeasonEvent;

/// Approval by another officer than the one who had it computed.
pub fn approve_round(tx: &mut Tx<'_>, row: &RoundRow, role: Role) -> Result<(), Stop> {
    let step = decide(row.state, RoundEvent::Approve, role)?;
    let by = tx.actor.account.ok_or(Stop::Reason(Code::TokenMissing.into()))?;
    if let Some(computed_by) = row.computed_by {
        approver(computed_by, by)?;
    }
    let now = tx.now;
    let approved = |row| RoundRow { approved_by: Some(by), approved_at: Some(now), ..row };
    Ok(rounds::keep(tx, row, step, approved)?)
}

/// Published, or void: a reveal that comes too late is kept as that, and told as a refusal.
pub type Published = Result<(), Reason>;

/// Reveals the secret with the result; the season goes on with it.
pub fn publish_round(tx: &mut Tx<'_>, row: &RoundRow) -> Result<Published, Stop> {
    let step = decide(row.state, RoundEvent::Publish, Role::Lead)?;
    let season = seasons::get(tx, row.season_id)?;
    let input = inputs::get(tx, row.season_id, row.input_version)?;
    let beacon_at = input.beacon_at.ok_or(Stop::Reason(Code::StateConflict.into()))?;
    let now = tx.now;
    if let Err(late) = reveal(beacon_at, now, &rules_of(&season)?) {
        let step = decide(row.state, RoundEvent::Void, Role::Lead)?;
        rounds::keep(tx, row, step, |row| row)?;
        return Ok(Err(late));
    }
    let ahead = decide(season.state, SeasonEvent::Publish, Role::Lead)?;
    let secret = seasons::secret(tx, &season)?;
    let by = tx.actor.account;
    rounds::keep(tx, row, step, |row| RoundRow {
        published_by: by,
        published_at: Some(now),
        secret_revealed: Some(secret.to_vec()),
        ..row
    })?;
    seasons::keep(tx, &season, ahead)?;
    Ok(Ok(()))
}
