//! The one clock: time and ids. Only this file asks the machine what time it is.

use crate::domain::time::Instant;
use chrono::TimeDelta;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::{ContextV7, Timestamp, Uuid};

/// Production runs on `System`, the demo on `Shifted`, tests move a `Fixed` one by hand.
#[derive(Clone)]
pub struct Clock {
    hands: Hands,
    counter: Arc<Mutex<ContextV7>>,
}

#[derive(Clone)]
enum Hands {
    System,
    Shifted(TimeDelta),
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    fn with(hands: Hands) -> Self {
        Self { hands, counter: Arc::new(Mutex::new(ContextV7::new())) }
    }

    pub fn system() -> Self {
        Self::with(Hands::System)
    }

    /// Runs at the pace of the system's clock, `by` ahead of it.
    pub fn shifted(by: TimeDelta) -> Self {
        Self::with(Hands::Shifted(by))
    }

    /// Stands still until `set` or `advance` moves it; clones move together.
    pub fn fixed(at: Instant) -> Self {
        Self::with(Hands::Fixed(Arc::new(AtomicI64::new(at.micros()))))
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    pub fn now(&self) -> Instant {
        let system = || Instant::from_utc(chrono::Utc::now());
        match &self.hands {
            Hands::System => system(),
            Hands::Shifted(by) => system().plus(*by),
            Hands::Fixed(micros) => {
                Instant::from_micros(micros.load(Ordering::SeqCst)).unwrap_or_else(system)
            }
        }
    }

    /// Moves a fixed clock; the others run by themselves.
    pub fn set(&self, at: Instant) {
        if let Hands::Fixed(micros) = &self.hands {
            micros.store(at.micros(), Ordering::SeqCst);
        }
    }

    pub fn advance(&self, by: TimeDelta) {
        self.set(self.now().plus(by));
    }

    /// A UUIDv7 of this clock's time; ids of one process ascend even within a millisecond.
    #[expect(clippy::disallowed_methods, reason = "ids come from the clock")]
    pub fn new_id(&self) -> Uuid {
        let micros = self.now().micros();
        let seconds = u64::try_from(micros.div_euclid(1_000_000)).unwrap_or(0);
        let nanos = u32::try_from(micros.rem_euclid(1_000_000) * 1000).unwrap_or(0);
        let counter = self.counter.lock().unwrap_or_else(PoisonError::into_inner);
        Uuid::new_v7(Timestamp::from_unix(&*counter, seconds, nanos))
    }

    /// A monotonic stop-watch for metrics and leases; its readings mean nothing between processes.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    pub fn stopwatch() -> std::time::Instant {
        std::time::Instant::now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_clock_ascend() {
        let clock = Clock::fixed("2026-12-01T00:00:00Z".parse().unwrap());
        let ids: Vec<Uuid> = (0..1000).map(|_| clock.new_id()).collect();
        assert!(ids.is_sorted() && ids.iter().all(|id| id.get_version_num() == 7));
    }
}
