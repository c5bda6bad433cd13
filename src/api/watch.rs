//! Keeps what a process knows of tokens near to the database: a thread of its own, so that no
//! request asks for it. Must not know: what is known.

use super::App;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Between two looks. A key that went, an ended session and a disabled account open nothing in any
/// process about as long after it.
const LOOK: Duration = Duration::from_secs(1);

/// Looks until `stop`.
#[expect(clippy::disallowed_methods, reason = "the watch has a thread of its own")]
pub fn watch(app: &App, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(LOOK);
        if let Err(fault) = app.tokens.look_again(&app.store) {
            tracing::warn!(cause = %fault, "ended sessions and keys could not be read");
        }
    }
}
