//! When the keys that sign tokens turn over. Must not know: keys, tables.

use super::problem::Reason;
use super::rulebook::Rulebook;
use super::time::{Instant, Zone};

/// By the rule of a day (`OPS-SIGNING`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turnover {
    pub key_days: i64,
    pub settle_seconds: i64,
}

impl Turnover {
    pub fn on(now: Instant, rules: &Rulebook) -> Result<Self, Reason> {
        let ruling = rules.on("OPS-SIGNING", now.day_in(Zone::Jakarta), None)?;
        Ok(Self {
            key_days: ruling.integer_of("key_days")?,
            settle_seconds: ruling.integer_of("settle_seconds")?,
        })
    }

    /// Whether a key that signs since then has had its days.
    pub fn is_due(self, signs_from: Instant, now: Instant) -> bool {
        signs_from.plus_hours(self.key_days.saturating_mul(24)) <= now
    }
}
