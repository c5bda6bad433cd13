//! The worker: takes jobs one after another and runs them under a lease.
//! Must not know: HTTP. What a job does is an act.

mod import;
pub mod keys;
pub mod sealing;

use crate::acts::compute_round::compute;
use crate::acts::deadline::keep_deadlines;
use crate::acts::forget_copies::forget_copies;
use crate::acts::forget_people::forget_people;
use crate::acts::rotate_signing;
use crate::db::jobs::{self as table, JobRow};
use crate::db::types::JobKind;
use crate::db::{Actor, Fault, Store};
use crate::domain::rulebook::Rulebook;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// How long the worker rests when there is nothing to do.
const REST: Duration = Duration::from_millis(300);
/// Seconds between two looks for what is past its deadline.
const LOOK: i64 = 60;

/// Seconds between two looks for people whose time is over: it is counted in days.
const LOOK_AT_PEOPLE: i64 = 86_400;

/// A job in the hands of this process.
pub struct Held<'a> {
    pub store: &'a Store,
    pub job: JobRow,
    pub holder: Uuid,
    stop: &'a AtomicBool,
}

/// How a job ended.
#[derive(Debug)]
pub enum Ended {
    Done,
    /// The code of what stopped it for good.
    Failed(&'static str),
    /// The process shuts down: the job goes on elsewhere, or here after a restart.
    LeftOff,
}

impl Held<'_> {
    /// Whether the process is asked to end.
    pub fn must_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Who asked for the job: its writes are theirs.
    pub fn actor(&self) -> Actor {
        Actor::job(self.job.created_by, self.job.kind.as_str())
    }
}

/// Takes one job and runs it to its end. Returns whether there was one.
pub fn run_one(store: &Store, holder: Uuid, stop: &AtomicBool) -> Result<bool, Fault> {
    let Some(job) = store.claim(|tx, _| table::claim(tx, holder))? else { return Ok(false) };
    let id = job.id;
    let held = Held { store, job, holder, stop };
    let ended = match held.job.kind {
        JobKind::ImportJobSeekers => import::run(&held),
        JobKind::ComputeRound => {
            compute(store, held.actor(), held.job.subject.0.into()).map(|()| Ended::Done)
        }
    };
    let problem = match ended {
        // Left off, or taken over by another process: it is not ours to end.
        Ok(Ended::LeftOff) | Err(Fault::Moved | Fault::Busy) => return Ok(true),
        Ok(Ended::Done) => None,
        Ok(Ended::Failed(code)) => Some(code),
        Err(fault) => {
            tracing::error!(job = %id, cause = %fault, "job failed");
            Some("internal")
        }
    };
    store.claim(|tx, _| table::finish(tx, id, holder, problem))?;
    Ok(true)
}

/// Runs jobs until `stop`, then returns when the one at hand let go.
#[expect(clippy::disallowed_methods, reason = "the worker has a thread of its own")]
pub fn run(store: &Arc<Store>, rules: &Rulebook, stop: &AtomicBool) {
    let holder = store.clock().new_id();
    let mut look_at = store.clock().now();
    let mut look_at_people = look_at;
    while !stop.load(Ordering::Relaxed) {
        let now = store.clock().now();
        if now >= look_at {
            look_at = now.plus_seconds(LOOK);
            if let Err(stop) = keep_deadlines(store) {
                tracing::warn!(cause = ?stop, "the worker could not keep the deadlines");
            }
            if let Err(stop) = forget_copies(store, rules) {
                tracing::warn!(cause = ?stop, "the worker could not destroy old copies");
            }
            if let Err(stop) = rotate_signing::keep(store, rules) {
                tracing::warn!(cause = ?stop, "the worker could not turn keys over");
            }
        }
        if now >= look_at_people {
            look_at_people = now.plus_seconds(LOOK_AT_PEOPLE);
            if let Err(stop) = forget_people(store, rules) {
                tracing::warn!(cause = ?stop, "the worker could not erase what is too old");
            }
        }
        match run_one(store, holder, stop) {
            Ok(true) => {}
            Ok(false) => std::thread::sleep(REST),
            Err(fault) => {
                tracing::warn!(cause = %fault, "the worker could not take a job");
                std::thread::sleep(REST);
            }
        }
    }
}
