//! Brings every sealed value under the newest key of the ring, while others read and write. Killed
//! in its middle it is begun again and finds what is left. Must not know: where the keys lie.

use crate::clock::Clock;
use crate::db::reseal::{self, Counts, SealedTable, TABLES};
use crate::db::{Actor, Fault, Store, meta};
use crate::seal::KeyId;
use std::time::Duration;
use uuid::Uuid;

/// How the values stand to the keys of the ring.
pub struct Standing {
    /// In the ring's order; the last one seals.
    pub keys: Vec<KeyId>,
    pub newest: KeyId,
    pub counts: Counts,
    /// The key to which the last rotation came to its end.
    pub rotated_to: Option<KeyId>,
}

impl Standing {
    pub fn read(store: &Store) -> Result<Self, Fault> {
        let keys = store.seal().keys();
        let newest = *keys.last().ok_or(Fault::NotFound)?;
        store.snapshot(|conn, _| {
            let (counts, rotated_to) = (reseal::counts(conn)?, meta::rotated_to(conn)?);
            Ok(Self { keys, newest, counts, rotated_to })
        })
    }

    pub fn under(&self, key: KeyId) -> u64 {
        self.counts.get(&key).copied().unwrap_or_default()
    }

    /// Values under other keys than the newest.
    pub fn old(&self) -> u64 {
        self.counts.values().sum::<u64>() - self.under(self.newest)
    }

    /// Whether a rotation to the newest key has not come to its end, or not begun.
    pub fn is_in_the_middle(&self) -> bool {
        self.old() > 0 || (self.keys.len() > 1 && self.rotated_to != Some(self.newest))
    }
}

struct Rotation<'a> {
    store: &'a Store,
    newest: KeyId,
    done: u64,
    /// Told how many values are done.
    tell: &'a mut dyn FnMut(u64),
}

/// Gives the number of values that were sealed anew. It does not end before `settle` is over: until
/// then another process may not have learnt the newest key and seals with an older one.
pub fn rotate(store: &Store, settle: Duration, tell: &mut dyn FnMut(u64)) -> Result<u64, Fault> {
    let began = Clock::stopwatch();
    let standing = Standing::read(store)?;
    let (id, newest) = (store.clock().new_id(), standing.newest);
    journal(store, id, newest, "begin_rotation", standing.old())?;
    let mut rotation = Rotation { store, newest, done: 0, tell };
    rotation.pass()?;
    pause(settle.saturating_sub(began.elapsed()));
    while Standing::read(store)?.old() > 0 {
        rotation.pass()?;
    }
    let done = rotation.done;
    store.write::<_, Fault>(Actor::SYSTEM, |tx, _| meta::rotation_ended(tx, newest))?;
    journal(store, id, newest, "end_rotation", done)?;
    Ok(done)
}

#[expect(clippy::disallowed_methods, reason = "a command with nothing to do meanwhile")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

fn journal(store: &Store, id: Uuid, key: KeyId, event: &str, values: u64) -> Result<(), Fault> {
    let detail = serde_json::json!({ "key": key.to_string(), "values": values });
    store.write(Actor::operator("keys rotate"), |tx, _| {
        tx.journal("key_ring", id, event, Some(detail.clone()))
    })
}

impl Rotation<'_> {
    fn pass(&mut self) -> Result<(), Fault> {
        TABLES.iter().try_for_each(|table| self.table(table))
    }

    /// A page is read and sealed outside of any transaction, so that nobody waits for it.
    fn table(&mut self, table: &SealedTable) -> Result<(), Fault> {
        let (store, newest, mut after) = (self.store, self.newest, None);
        while let Some(page) = store.read(|conn, _| table.page(conn, newest, after))? {
            store.claim::<_, Fault>(|tx, _| table.store(tx, &page))?;
            self.done += page.values();
            (self.tell)(self.done);
            after = Some(page.end());
        }
        Ok(())
    }
}
