//! Counts for the assessment of what the processing means for people.
//! Must not know: which counts may be shown.

use super::schema::{accounts, breaches, consents, organisations, rounds, seats, seekers};
use super::types::AccountState;
use super::{Conn, Fault};
use crate::domain::breaches::BreachState;
use crate::domain::consents::{ConsentState, Purpose};
use crate::domain::organisations::{OrganisationKind, OrganisationState};
use crate::domain::rounds::RoundState;
use crate::domain::seekers::SeekerState;
use diesel::prelude::*;

fn whole(count: i64) -> u64 {
    count.unsigned_abs()
}

pub fn people(conn: &mut Conn<'_>, state: SeekerState) -> Result<u64, Fault> {
    let of = seekers::table.filter(seekers::state.eq(state));
    Ok(whole(of.count().get_result(conn.db)?))
}

/// People whose consent to a purpose is in force.
pub fn agreeing(conn: &mut Conn<'_>, purpose: Purpose) -> Result<u64, Fault> {
    let of = consents::table
        .filter(consents::purpose.eq(purpose))
        .filter(consents::state.eq(ConsentState::InForce));
    Ok(whole(of.count().get_result(conn.db)?))
}

pub fn rounds(conn: &mut Conn<'_>, state: RoundState) -> Result<u64, Fault> {
    let of = rounds::table.filter(rounds::state.eq(state));
    Ok(whole(of.count().get_result(conn.db)?))
}

/// Seats of published rounds: decisions that a computer made and people approved.
pub fn seats(conn: &mut Conn<'_>) -> Result<u64, Fault> {
    let of = seats::table
        .inner_join(rounds::table.on(rounds::id.eq(seats::round_id)))
        .filter(rounds::state.eq(RoundState::Published));
    Ok(whole(of.count().get_result(conn.db)?))
}

/// Organisations of a kind that are approved.
pub fn organisations(conn: &mut Conn<'_>, kind: OrganisationKind) -> Result<u64, Fault> {
    let of = organisations::table
        .filter(organisations::kind.eq(kind))
        .filter(organisations::state.eq(OrganisationState::Approved));
    Ok(whole(of.count().get_result(conn.db)?))
}

/// Machines that may come in.
pub fn machines(conn: &mut Conn<'_>) -> Result<u64, Fault> {
    let of = accounts::table
        .filter(accounts::scopes.is_not_null())
        .filter(accounts::state.eq(AccountState::Active));
    Ok(whole(of.count().get_result(conn.db)?))
}

pub fn breaches(conn: &mut Conn<'_>, state: BreachState) -> Result<u64, Fault> {
    let of = breaches::table.filter(breaches::state.eq(state));
    Ok(whole(of.count().get_result(conn.db)?))
}
