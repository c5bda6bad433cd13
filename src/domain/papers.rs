//! Files that people hand in as evidence. Must not know: how they are read.

use super::problem::Reason;
use super::rulebook::Rulebook;
use super::time::{Day, Instant, Zone};

crate::words!(
    /// By the content of the file.
    MediaType { Jpeg = "image/jpeg", Png = "image/png", Pdf = "application/pdf" }
);

impl MediaType {
    /// What a file's name ends with.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Pdf => "pdf",
        }
    }
}

/// How many files a request may have (`OPS-EVIDENCE`).
pub fn files_at_most(today: Day, rules: &Rulebook) -> Result<i64, Reason> {
    rules.on("OPS-EVIDENCE", today, None)?.integer_of("files")
}

/// Files of requests that were over before that moment go.
pub fn horizon(now: Instant, rules: &Rulebook) -> Result<Instant, Reason> {
    let ruling = rules.on("OPS-EVIDENCE", now.day_in(Zone::Jakarta), None)?;
    Ok(now.plus_hours(ruling.integer_of("days")?.saturating_mul(-24)))
}
