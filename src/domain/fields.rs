//! Plain fields of a form: lines of text, whole numbers in a range, days.
//! Must not know: which form they belong to.

use super::identity::free_text;
use super::problem::{Code, Problems, Reason};
use super::time::{Day, Instant};
use std::ops::RangeInclusive;

/// A text of one line: NFC, single spaces, not empty, at most `max` characters, nothing unseen.
pub(super) fn line(text: &str, max: usize) -> Result<String, Reason> {
    if text.contains('\0') {
        return Err(Code::HasNul.into());
    }
    free_text(text, max)?.ok_or_else(|| Code::Missing.into())
}

/// A whole number within `range`.
pub(super) fn number(value: i64, range: RangeInclusive<i64>) -> Result<i64, Reason> {
    if value < *range.start() {
        return Err(Code::TooSmall.with("min", range.start()));
    }
    if value > *range.end() {
        return Err(Code::TooLarge.with("max", range.end()));
    }
    Ok(value)
}

pub(super) use super::time::parse_day as day;

/// A moment as RFC 3339.
pub(super) fn instant(text: &str) -> Result<Instant, Code> {
    text.parse().map_err(|_| Code::InstantInvalid)
}

/// One of the words of a list.
pub(super) fn word<T: std::str::FromStr>(text: &str) -> Result<T, Code> {
    text.parse().map_err(|_| Code::UnknownValue)
}

/// Notes at `pointer` that a period ends before it begins.
pub(super) fn in_order(problems: &mut Problems, pointer: &str, from: Option<Day>, to: Option<Day>) {
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        problems.add(pointer, Code::PeriodReversed.with("from", from).with("to", to));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_bounded_and_of_one_line() {
        assert_eq!(line("  padi  ", 4).unwrap(), "padi");
        assert_eq!(line(" ", 4).unwrap_err().code, Code::Missing);
        assert_eq!(line("padi!", 4).unwrap_err().code, Code::TooLong);
        assert_eq!(line("a\0b", 4).unwrap_err().code, Code::HasNul);
        assert_eq!(line("a\nb", 4).unwrap(), "a b");
        assert_eq!(line("a\u{7}b", 4).unwrap_err().code, Code::Invalid);
        assert_eq!(line("배배배배", 4).unwrap(), "배배배배");
    }

    #[test]
    fn a_number_keeps_both_ends_of_its_range() {
        assert_eq!(number(1, 1..=3).unwrap(), 1);
        assert_eq!(number(3, 1..=3).unwrap(), 3);
        assert_eq!(number(0, 1..=3).unwrap_err().code, Code::TooSmall);
        assert_eq!(number(4, 1..=3).unwrap_err().code, Code::TooLarge);
    }

    #[test]
    fn a_day_must_exist_and_be_written_in_full() {
        assert!(day("2024-02-29").is_ok());
        for text in ["2026-02-29", "2026-2-1", "+12026-01-01", "", "2026-01-01 "] {
            assert_eq!(day(text), Err(Code::DayInvalid), "{text}");
        }
    }
}
