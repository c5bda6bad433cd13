//! Turns at hashing passwords: so many at once and no more, and nobody waits for long.
//! Must not know: what is hashed.

use crate::api::problem::Problem;
use crate::domain::problem::Code;
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
    fn new(at_once: usize, patience: Duration) -> Self {
        Self { free: Arc::new(Semaphore::new(at_once)), patience }
    }

    /// Waits for a turn; busy when none comes.
    pub(super) async fn turn(&self) -> Result<OwnedSemaphorePermit, Problem> {
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
            let told = turns.turn().await.unwrap_err();
            assert_eq!((told.reason.code, told.retry_after), (Code::Busy, Some(AGAIN)));
            drop(first);
            assert!(turns.turn().await.is_ok());
        });
    }
}
