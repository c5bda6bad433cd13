//! How long copies of personal data stay. Must not know: where they lie.

use super::problem::Reason;
use super::rulebook::Rulebook;
use super::time::{Instant, Zone};

/// What is older than these moments goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizons {
    /// Uploaded registers, by the end of their import.
    pub uploads: Instant,
    /// Sessions, by the day on which they could last be used.
    pub sessions: Instant,
}

/// By the rule of today in Asia/Jakarta (`OPS-COPIES`).
pub fn horizons(now: Instant, rules: &Rulebook) -> Result<Horizons, Reason> {
    let ruling = rules.on("OPS-COPIES", now.day_in(Zone::Jakarta), None)?;
    let before = |member| {
        let days = ruling.integer_of(member)?;
        Ok::<_, Reason>(now.plus_hours(days.saturating_mul(-24)))
    };
    Ok(Horizons { uploads: before("upload_days")?, sessions: before("session_days")? })
}
