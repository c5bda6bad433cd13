//! Bands instead of figures: what an employer learns of a worker, and what is kept of one with a
//! seat. Must not know: who reads them.

/// Full years on the first day of the contract.
pub const fn age_band(years: u32) -> &'static str {
    match years {
        0..25 => "under 25",
        25..30 => "25-29",
        30..40 => "30-39",
        40..50 => "40-49",
        _ => "50 and over",
    }
}

/// Months in the sector of the quota.
pub const fn experience_band(months: i32) -> &'static str {
    match months {
        i32::MIN..12 => "under 12",
        12..36 => "12-35",
        36..60 => "36-59",
        _ => "60 and over",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_has_its_band() {
        let ages = [24, 25, 29, 30, 39, 40, 49, 50].map(age_band);
        let expected =
            ["under 25", "25-29", "25-29", "30-39", "30-39", "40-49", "40-49", "50 and over"];
        assert_eq!(ages, expected);
        let months = [0, 11, 12, 35, 36, 59, 60].map(experience_band);
        let expected = ["under 12", "under 12", "12-35", "12-35", "36-59", "36-59", "60 and over"];
        assert_eq!(months, expected);
    }
}
