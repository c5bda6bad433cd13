//! How long a log-in lasts: by silence, and in spite of use. Must not know: tokens, tables.

use super::problem::Reason;
use super::roles::Role;
use super::rulebook::Rulebook;
use super::time::{Instant, Zone};

/// For one kind of account, in hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    silence: i64,
    end: i64,
}

impl Span {
    /// When a log-in that begins now ends in spite of any use.
    pub fn ends(self, now: Instant) -> Instant {
        now.plus_hours(self.end)
    }

    /// When a log-in that is used now ends without another use.
    pub fn silent(self, now: Instant, ends: Instant) -> Instant {
        now.plus_hours(self.silence).min(ends)
    }
}

/// By the rule of a day (`OPS-SESSIONS`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    staff: Span,
    seeker: Span,
}

impl Ends {
    pub fn on(now: Instant, rules: &Rulebook) -> Result<Self, Reason> {
        let ruling = rules.on("OPS-SESSIONS", now.day_in(Zone::Jakarta), None)?;
        let span = |silence, end| {
            let (silence, end) = (ruling.integer_of(silence)?, ruling.integer_of(end)?);
            Ok::<_, Reason>(Span { silence, end })
        };
        Ok(Self {
            staff: span("staff_silence_hours", "staff_end_hours")?,
            seeker: span("seeker_silence_hours", "seeker_end_hours")?,
        })
    }

    pub fn of(self, role: Role) -> Span {
        if role == Role::Seeker { self.seeker } else { self.staff }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_never_reaches_beyond_the_end() {
        let now: Instant = "2026-11-24T02:00:00Z".parse().unwrap();
        let ends = Ends::on(now, &Rulebook::shipped().unwrap()).unwrap();
        let staff = ends.of(Role::Lead);
        let end = staff.ends(now);
        assert_eq!(end, now.plus_hours(24));
        assert_eq!(staff.silent(now, end), now.plus_hours(12));
        assert_eq!(staff.silent(now.plus_hours(20), end), end);
        assert!(ends.of(Role::Seeker).ends(now) > end);
    }
}
