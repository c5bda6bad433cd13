//! Watches over the key ring: a process learns of a new key without a restart, also while a long
//! job runs. Must not know: where the ring comes from.

use crate::seal::{Seal, Source};
use std::sync::Arc;
use std::time::Duration;

/// Between two looks at the source.
pub const LOOK: Duration = Duration::from_secs(10);

/// Looks again for as long as anybody uses the seal. An environment never changes.
#[expect(clippy::disallowed_methods, reason = "the watch has a thread of its own")]
pub fn watch(seal: &Arc<Seal>) {
    if !matches!(seal.source(), Some(Source::File(_) | Source::Command(_))) {
        return;
    }
    let seal = Arc::downgrade(seal);
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(LOOK);
            let Some(seal) = seal.upgrade() else { return };
            seal.look_again_or_tell();
        }
    });
}
