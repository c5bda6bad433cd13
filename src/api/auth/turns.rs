//! Turns at work that takes memory, such as hashing passwords: so many at once and no more, and nobody
//! waits for long. Must not know: what the work is.

use crate::api::problem::Problem;
use crate::domain::problem::Code;
use actix_web::web;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Hashing takes 19 MiB and a core for its while.
const AT_ONCE: usize = 2;
const PATIENCE: Duration = Duration::from_secs(4);
/// Seconds until a refused client should ask again.
const AGAIN: u32 = 5;

/// The turns of this process.
pub struct Turns {
    free: Arc<Semaphore>,
    patience: Duration,
}

impl Default for Turns {
    fn default() -> Self {
        Self::new(AT_ONCE, PATIENCE)
    }
}

impl Turns {
    /// One after another.
    pub(in crate::api) fn one() -> Self {
        Self::new(1, PATIENCE)
    }

    fn new(at_once: usize, patience: Duration) -> Self {
        Self { free: Arc::new(Semaphore::new(at_once)), patience }
    }

    /// Does the work when a turn comes; busy when none does. The turn goes with the work: a client
    /// that hangs up does not end the work, so it must not make room for another one.
    pub(in crate::api) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = self.turn().await?;
        let work = move || {
            let done = work();
            drop(turn);
            done
        };
        web::block(work).await.map_err(|_| Code::Internal.into())
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let turn = self.free.clone().acquire_owned();
        match tokio::time::timeout(self.patience, turn).await {
            Ok(turn) => turn.map_err(|_| Code::Internal.into()),
            Err(_) => Err(Problem::busy(AGAIN, Code::Busy)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_too_long_is_told_when_to_come_again() {
        actix_web::rt::System::new().block_on(async {
            let turns = Turns::new(1, Duration::from_millis(20));
            let first = turns.turn().await.unwrap();
            let told = turns.run(|| ()).await.unwrap_err();
            assert_eq!((told.reason.code, told.retry_after), (Code::Busy, Some(AGAIN)));
            drop(first);
            assert!(turns.run(|| ()).await.is_ok());
        });
    }

    #[test]
    fn a_client_that_hangs_up_does_not_make_room_while_its_work_goes_on() {
        actix_web::rt::System::new().block_on(async {
            let turns = Turns::new(1, Duration::from_millis(500));
            let (go_on, wait) = std::sync::mpsc::channel();
            let work = turns.run(move || wait.recv().is_ok());
            assert!(tokio::time::timeout(Duration::from_millis(20), work).await.is_err());
            assert_eq!(turns.run(|| ()).await.unwrap_err().reason.code, Code::Busy);
            go_on.send(()).unwrap();
            assert!(turns.run(|| ()).await.is_ok());
        });
    }
}
