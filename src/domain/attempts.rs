//! Pauses between log-ins that failed: short enough for somebody who mistypes, long enough that
//! guessing leads nowhere. Must not know: who tries, clocks, tables.

/// Wrong tries in a row that cost no pause.
const FREE: u32 = 5;
/// Seconds of the first pause; each further wrong try doubles it.
const FIRST: i64 = 5;
const LONGEST: i64 = 900;
/// Hours without a try after which the wrong ones are forgotten.
pub const FORGOTTEN_AFTER_HOURS: i64 = 24;

/// Seconds until the next try after so many wrong ones.
pub fn pause(wrong: u32) -> i64 {
    match wrong.checked_sub(FREE) {
        None => 0,
        Some(beyond) => FIRST.saturating_mul(1 << beyond.min(16)).min(LONGEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_begin_late_double_and_stay_bearable() {
        assert_eq!([0, 1, 4, 5, 6, 7].map(pause), [0, 0, 0, 5, 10, 20]);
        assert_eq!([12, 13, 1000, u32::MAX].map(pause), [640, 900, 900, 900]);
    }

    #[test]
    fn who_guesses_without_end_gets_a_hundred_tries_a_day() {
        let mut tries = 0_u32;
        let mut seconds = 0;
        while seconds < 24 * 3600 {
            tries += 1;
            seconds += pause(tries);
        }
        assert!((90..=110).contains(&tries), "{tries}");
    }
}
