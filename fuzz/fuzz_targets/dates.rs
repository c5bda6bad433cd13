//! Days, months and instants: what is read prints as it was written, or as one that reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use musiman::domain::time::{Instant, Zone, days_of_month, full_years, parse_day, past_day};

fuzz_target!(|text: &str| {
    if let Ok(day) = parse_day(text) {
        assert_eq!(day.to_string(), text);
        let _ = (past_day(day, day), full_years(day, day));
    }
    if let Some((first, last)) = days_of_month(text) {
        assert!(first <= last && first.to_string().starts_with(text));
    }
    if let Ok(at) = text.parse::<Instant>() {
        assert_eq!(at.to_string().parse().ok(), Some(at));
        let _ = (at.day_in(Zone::Seoul), at.plus_hours(i64::MAX), at.plus_seconds(i64::MIN));
    }
});
