//! Copies of personal data go when their purpose is over: uploaded registers with their verdicts,
//! sessions, the keys of repeated requests, and tries at log-ins. Must not know: when the worker looks.

use super::stop::Stop;
use crate::db::{
    Actor, Fault, Store, assertions, attempts, evidence, imports, once, refresh, sessions,
};
use crate::domain::papers;
use crate::domain::retention::horizons;
use crate::domain::rulebook::Rulebook;

/// Rows that are gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    pub uploads: usize,
    /// Files that people handed in.
    pub evidence: usize,
    pub sessions: usize,
    pub keys: usize,
    pub tries: usize,
}

/// One upload a transaction, so that nobody waits long.
pub fn forget_copies(store: &Store, rules: &Rulebook) -> Result<Forgotten, Stop> {
    let horizons = horizons(store.clock().now(), rules)?;
    let mut forgotten = Forgotten::default();
    for import in store.read(|conn, _| imports::ended_before(conn, horizons.uploads))? {
        store.write::<_, Fault>(Actor::service("forget_copies"), |tx, _| {
            imports::destroy_upload(tx, import)
        })?;
        forgotten.uploads += 1;
    }
    let moment = papers::horizon(store.clock().now(), rules)?;
    for request in store.read(|conn, _| evidence::ended_before(conn, moment))? {
        forgotten.evidence += store
            .write::<_, Fault>(Actor::service("forget_copies"), |tx, _| {
                evidence::destroy(tx, request)
            })?;
    }
    let (sessions, keys, tries) =
        store.write::<_, Fault>(Actor::service("forget_copies"), |tx, _| {
            refresh::forget_before(tx, horizons.sessions)?;
            assertions::forget_expired(tx)?;
            Ok((
                sessions::forget_before(tx, horizons.sessions)?,
                once::forget_old(tx)?,
                attempts::forget_old(tx)?,
            ))
        })?;
    Ok(Forgotten { sessions, keys, tries, ..forgotten })
}
