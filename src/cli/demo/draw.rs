//! From the freeze to the published round of the demo. Must not know: who applied.

use super::Refused;
use super::season::BEACON;
use super::staff::Staff;
use crate::acts::enter_beacon::{Beacon, enter_beacon};
use crate::acts::freeze::{Order, freeze as act};
use crate::acts::publish_round::{approve_round, publish_round};
use crate::acts::queue_round::queue_round;
use crate::db::rounds::{self, Scope};
use crate::db::{Store, applications, seasons, seekers};
use crate::domain::ids::{RoundId, SeasonId};
use crate::domain::roles::Role;
use crate::jobs::run_one;
use std::sync::atomic::AtomicBool;

pub fn freeze(store: &Store, staff: &Staff, season: SeasonId) -> Result<(), Refused> {
    let row = store.read::<_, Refused>(|conn, _| Ok(seasons::get(conn, season)?))?;
    act(store, &row, &Order { actor: staff.lead, role: Role::Lead, reason: None })
}

pub fn beacon(store: &Store, staff: &Staff, season: SeasonId) -> Result<(), Refused> {
    let beacon = Beacon {
        name: BEACON.to_owned(),
        value: "f1c71047".repeat(8),
        source: "made up for the demonstration".to_owned(),
        reason: None,
    };
    store.write(staff.lead, |tx, _| {
        let row = seasons::get(tx, season)?;
        enter_beacon(tx, &row, &beacon)
    })
}

/// The office asks for a round, and the job computes it.
pub fn compute(store: &Store, staff: &Staff, season: SeasonId) -> Result<RoundId, Refused> {
    let id = store.write::<_, Refused>(staff.office, |tx, _| {
        let id = RoundId(tx.new_id());
        queue_round(tx, season, id)?;
        Ok(id)
    })?;
    while run_one(store, store.clock().new_id(), &AtomicBool::new(false))? {}
    Ok(id)
}

pub fn approve(store: &Store, staff: &Staff, id: RoundId) -> Result<(), Refused> {
    store.write(staff.office2, |tx, _| {
        let row = rounds::get(tx, id, Scope::All)?;
        approve_round(tx, &row, Role::Office)?.map_err(Refused::from)
    })
}

pub fn publish(store: &Store, staff: &Staff, id: RoundId) -> Result<(), Refused> {
    store.write(staff.lead, |tx, _| {
        let row = rounds::get(tx, id, Scope::All)?;
        publish_round(tx, &row)?.map_err(Refused::from)
    })
}

/// Gives an account to somebody with a seat that was not the first wish: there is something to
/// explain then.
pub fn invite(
    store: &Store,
    staff: &Staff,
    season: SeasonId,
    round: RoundId,
) -> Result<(), Refused> {
    let (id, nik) = store.snapshot::<_, Refused>(|conn, _| {
        let seats = rounds::seats(conn, round)?;
        let mut chosen = seats.first().map(|seat| seat.seeker_id);
        for seat in &seats {
            let list = applications::of(conn, season, seat.seeker_id)?;
            let first = list.and_then(|list| list.choices().ok()?.first().copied());
            if first != Some(seat.quota_id) {
                chosen = Some(seat.seeker_id);
                break;
            }
        }
        let id = chosen.ok_or(crate::db::Fault::NotFound)?;
        let nik = seekers::get(conn, id, seekers::Scope::All)?.open(conn)?.nik;
        Ok((id, nik))
    })?;
    staff.seeker(store, id, nik.as_str())?;
    Ok(())
}
