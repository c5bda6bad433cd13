//! Turns the keys over that sign tokens: by hand, and by the rule when one has had its days. The
//! whole plan is one transaction and the clock carries it out, so nothing is left half-way.
//! Must not know: who publishes the keys.

use super::stop::Stop;
use crate::db::signing::{self, KeyPair, Turned};
use crate::db::{Actor, Fault, Store};
use crate::domain::rulebook::Rulebook;
use crate::domain::signing::Turnover;

const KEEPER: Actor = Actor::service("turn_signing_keys_over");

/// Every key whose tokens count, in the order in which they sign.
pub fn list(store: &Store) -> Result<Vec<KeyPair>, Fault> {
    store.read(signing::load)
}

/// A new key that signs after `settle` seconds.
pub fn turn_over(store: &Store, settle: i64) -> Result<Turned, Fault> {
    turn_over_by(Actor::operator("keys sign-rotate"), store, settle)
}

fn turn_over_by(actor: Actor, store: &Store, settle: i64) -> Result<Turned, Fault> {
    store.write(actor, |tx, _| signing::turn_over(tx, settle))
}

/// Takes a key out at once. Gives the key that signs now.
pub fn remove(store: &Store, kid: &str) -> Result<String, Fault> {
    store.write(Actor::operator("keys sign-remove"), |tx, _| signing::remove(tx, kid))
}

/// Turns over what is due, and destroys the secrets of keys that have ended.
pub fn keep(store: &Store, rules: &Rulebook) -> Result<(), Stop> {
    let now = store.clock().now();
    let rule = Turnover::on(now, rules)?;
    let newest = list(store)?.pop();
    if newest.is_some_and(|key| rule.is_due(key.signs_from, now)) {
        turn_over_by(KEEPER, store, rule.settle_seconds)?;
    }
    store.write::<_, Fault>(KEEPER, |tx, _| signing::forget_retired(tx))?;
    Ok(())
}
