//! Approves a computed round and publishes an approved one: at least two persons stand behind what
//! is published. Must not know: HTTP.

use super::deadline::keep_deadline;
use super::stop::Stop;
use crate::db::rounds::{self, RoundRow};
use crate::db::{Tx, seasons};
use crate::domain::lifecycle::decide;
use crate::domain::problem::{Code, Reason};
use crate::domain::roles::Role;
use crate::domain::rounds::{RoundEvent, approver};
use crate::domain::seasons::SeasonEvent;

/// Done, or void: what comes too late is kept as that, and told as a refusal.
pub type InTime = Result<(), Reason>;

/// Approval by another officer than the one who had it computed.
pub fn approve_round(tx: &mut Tx<'_>, row: &RoundRow, role: Role) -> Result<InTime, Stop> {
    if let Some(late) = keep_deadline(tx, row.season_id)? {
        return Ok(Err(late));
    }
    let step = decide(row.state, RoundEvent::Approve, role)?;
    let by = tx.actor.account.ok_or(Stop::Reason(Code::TokenMissing.into()))?;
    if let Some(computed_by) = row.computed_by {
        approver(computed_by, by)?;
    }
    let now = tx.now;
    let approved = |row| RoundRow { approved_by: Some(by), approved_at: Some(now), ..row };
    rounds::keep(tx, row, step, approved)?;
    Ok(Ok(()))
}

/// Reveals the secret with the result; the season goes on with it.
pub fn publish_round(tx: &mut Tx<'_>, row: &RoundRow) -> Result<InTime, Stop> {
    if let Some(late) = keep_deadline(tx, row.season_id)? {
        return Ok(Err(late));
    }
    let step = decide(row.state, RoundEvent::Publish, Role::Lead)?;
    let season = seasons::get(tx, row.season_id)?;
    let now = tx.now;
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
