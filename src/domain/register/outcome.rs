//! What became of rows, and of how many. Must not know: where rows are kept.

crate::words!(
    /// What a file of a register is, by its content; its name and media type are not asked.
    Format { Csv = "csv", Xlsx = "xlsx" }
);

crate::words!(
    /// What became of a row.
    Outcome {
        New = "new",
        Unchanged = "unchanged",
        Changed = "changed",
        /// The papers of this person were seen, and the row says another identity: not written.
        Conflict = "conflict",
        /// The row cannot become a registration.
        Refused = "refused",
    }
);

/// How many rows ended how. Warned rows are among those that were not refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub new: u64,
    pub unchanged: u64,
    pub changed: u64,
    pub conflict: u64,
    pub refused: u64,
    pub warned: u64,
}

impl Counts {
    /// Rows that became, or already were, a registration.
    pub const fn accepted(&self) -> u64 {
        self.new + self.unchanged + self.changed
    }

    /// Rows that were judged: how far a reader of the file is.
    pub const fn rows(&self) -> u64 {
        self.accepted() + self.conflict + self.refused
    }

    /// Counts one more row; `told` when something was said of it.
    pub const fn note(&mut self, outcome: Outcome, told: bool) {
        match outcome {
            Outcome::New => self.new += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Changed => self.changed += 1,
            Outcome::Conflict => self.conflict += 1,
            Outcome::Refused => self.refused += 1,
        }
        if told && !matches!(outcome, Outcome::Refused) {
            self.warned += 1;
        }
    }
}
