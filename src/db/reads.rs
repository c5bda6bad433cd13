//! Who looked at whose sealed data. Answers do not wait for these lines: they are gathered here and
//! written behind them, in batches. Must not know: who flushes, tables.

use super::{Actor, Fault, Store};
use crate::domain::time::Instant;
use crate::seal::WITHOUT_TRUST;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// Whose data: the journal's kind of subject, and its id.
pub type Subject = (&'static str, Uuid);

/// Different (reader, subject) that may wait at a time, and how long a reader waits for room.
const ROOM: usize = 20_000;
const PATIENCE: Duration = Duration::from_secs(5);

/// The first look of a reader at a subject since the last batch, and how many there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    pub at: Instant,
    pub times: u32,
}

pub type Batch = HashMap<(Actor, Subject), Looked>;

#[derive(Default)]
pub struct Reads {
    waiting: Mutex<Batch>,
    written: Condvar,
}

impl Reads {
    /// Notes the reader's looks; waits when there is no room.
    ///
    /// # Errors
    /// [`Fault::Busy`] when none came: nobody sees what could not be noted.
    pub fn note(&self, actor: Actor, at: Instant, seen: BTreeSet<Subject>) -> Result<(), Fault> {
        if seen.is_empty() || WITHOUT_TRUST {
            return Ok(());
        }
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |batch: &mut Batch| batch.len() >= ROOM;
        let (mut waiting, _) = self
            .written
            .wait_timeout_while(waiting, PATIENCE, full)
            .unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= ROOM {
            return Err(Fault::Busy);
        }
        for subject in seen {
            let looked = waiting.entry((actor, subject)).or_insert(Looked { at, times: 0 });
            looked.times = looked.times.saturating_add(1);
        }
        Ok(())
    }

    fn take(&self) -> Batch {
        std::mem::take(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn put_back(&self, batch: Batch) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, looked) in batch {
            let later = waiting.insert(key, looked).map_or(0, |later| later.times);
            if let Some(kept) = waiting.get_mut(&key) {
                kept.times = kept.times.saturating_add(later);
            }
        }
    }
}

impl Store {
    /// Writes what was gathered. A batch that cannot be written waits for the next time.
    pub fn flush_reads(&self) -> Result<(), Fault> {
        let batch = self.reads().take();
        if batch.is_empty() {
            return Ok(());
        }
        let done = self.claim::<_, Fault>(|tx, _| {
            tx.journal_reads(&batch);
            Ok(())
        });
        match done {
            Ok(()) => self.reads().written.notify_all(),
            Err(_) => self.reads().put_back(batch),
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(n: u128) -> BTreeSet<Subject> {
        BTreeSet::from([("job_seeker", Uuid::from_u128(n))])
    }

    #[test]
    fn looks_at_one_subject_are_counted_and_a_batch_put_back_keeps_the_first_hour() {
        let (reads, early) = (Reads::default(), "2026-11-24T02:00:00Z".parse().unwrap());
        reads.note(Actor::SYSTEM, early, seen(1)).unwrap();
        reads.note(Actor::SYSTEM, early.plus_seconds(1), seen(1)).unwrap();
        let batch = reads.take();
        let key = (Actor::SYSTEM, ("job_seeker", Uuid::from_u128(1)));
        assert_eq!(batch[&key], Looked { at: early, times: 2 });
        reads.note(Actor::SYSTEM, early.plus_seconds(2), seen(1)).unwrap();
        reads.put_back(batch);
        assert_eq!(reads.take()[&key], Looked { at: early, times: 3 });
        assert!(reads.take().is_empty());
    }

    #[test]
    fn a_full_house_makes_readers_wait_for_the_writer() {
        let (reads, at) = (Reads::default(), "2026-11-24T02:00:00Z".parse().unwrap());
        for n in 0..ROOM {
            reads.note(Actor::SYSTEM, at, seen(n as u128)).unwrap();
        }
        std::thread::scope(|scope| {
            let late = scope.spawn(|| reads.note(Actor::SYSTEM, at, seen(u128::MAX)));
            while !late.is_finished() {
                if reads.take().len() == ROOM {
                    reads.written.notify_all();
                }
            }
            assert!(late.join().unwrap().is_ok());
        });
    }
}
