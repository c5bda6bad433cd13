//! The journal behind the answers: lines of reads, and the seals. A thread of its own, so that no
//! long job holds them up. Must not know: what a seal says.

use crate::acts::seal_journal::seal_batch;
use crate::db::{Fault, Store};
use crate::matching::lottery::hex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A line waits at most about two of these for its seal, while no transaction runs longer.
const REST: Duration = Duration::from_millis(500);

/// Seals whatever has settled. The head goes to the log, out of the database's reach.
pub fn seal_all(store: &Store) -> Result<(), Fault> {
    while let Some(seal) = seal_batch(store)? {
        let digest = hex(&seal.digest);
        tracing::info!(seal = seal.number, lines = seal.lines, digest, "the journal is sealed");
    }
    Ok(())
}

/// Seals until `stop`, and once more after it.
#[expect(clippy::disallowed_methods, reason = "the sealer has a thread of its own")]
pub fn run(store: &Store, stop: &AtomicBool) {
    loop {
        let last = stop.load(Ordering::Relaxed);
        if let Err(fault) = store.flush_reads().and_then(|()| seal_all(store)) {
            tracing::warn!(cause = %fault, "the journal could not be written or sealed");
        }
        if last {
            return;
        }
        std::thread::sleep(REST);
    }
}
