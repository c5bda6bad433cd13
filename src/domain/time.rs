//! Instants and days. A day has a place: Indonesian facts are days of Asia/Jakarta, Korean ones
//! of Asia/Seoul. Must not know: what time it is.

use super::problem::Code;
use chrono::{
    DateTime, Datelike, Months, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, Utc,
};

/// A calendar day, without zone; the field's meaning says whose day it is.
pub type Day = NaiveDate;

/// A moment, cut to microseconds so that both databases keep exactly what was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(DateTime<Utc>);

crate::words!(
    /// Whose calendar a day belongs to. Neither place has daylight saving time.
    Zone { Jakarta = "Asia/Jakarta", Seoul = "Asia/Seoul" }
);

impl Zone {
    const fn name(self) -> &'static str {
        match self {
            Self::Jakarta => "WIB",
            Self::Seoul => "KST",
        }
    }

    const fn seconds_east(self) -> i32 {
        match self {
            Self::Jakarta => 7 * 3600,
            Self::Seoul => 9 * 3600,
        }
    }
}

impl Instant {
    /// `None` outside the years chrono can hold.
    pub fn from_micros(micros: i64) -> Option<Self> {
        DateTime::from_timestamp_micros(micros).map(Self)
    }

    pub fn from_utc(at: DateTime<Utc>) -> Self {
        DateTime::from_timestamp_micros(at.timestamp_micros()).map_or(Self(at), Self)
    }

    pub const fn utc(self) -> DateTime<Utc> {
        self.0
    }

    pub const fn micros(self) -> i64 {
        self.0.timestamp_micros()
    }

    fn local(self, zone: Zone) -> NaiveDateTime {
        self.plus_seconds(zone.seconds_east().into()).0.naive_utc()
    }

    /// The day that the wall calendar of `zone` shows at this moment.
    pub fn day_in(self, zone: Zone) -> Day {
        self.local(zone).date()
    }

    /// What the clock on the wall shows there, with the zone's name.
    pub fn on_the_wall(self, zone: Zone) -> String {
        format!("{} {}", self.local(zone).format("%Y-%m-%d %H:%M:%S"), zone.name())
    }

    /// The first moment of a day there.
    pub fn beginning(day: Day, zone: Zone) -> Self {
        let midnight = Self(day.and_time(NaiveTime::MIN).and_utc());
        midnight.plus_seconds(-i64::from(zone.seconds_east()))
    }

    /// Saturates at the ends of time instead of overflowing.
    #[must_use]
    pub fn plus(self, span: TimeDelta) -> Self {
        self.0.checked_add_signed(span).map_or(self, Self)
    }

    #[must_use]
    pub fn plus_hours(self, hours: i64) -> Self {
        self.plus(TimeDelta::try_hours(hours).unwrap_or(TimeDelta::MAX))
    }

    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        self.plus(TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX))
    }
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

impl std::str::FromStr for Instant {
    type Err = chrono::ParseError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let at = DateTime::parse_from_rfc3339(text)?.to_utc();
        // Its offset may lead beyond the years that have four digits.
        DateTime::parse_from_rfc3339(&at.to_rfc3339()).map(|at| Self::from_utc(at.to_utc()))
    }
}

/// First and last day of a month written `2027-03`.
pub fn days_of_month(text: &str) -> Option<(Day, Day)> {
    let first = parse_day(&format!("{text}-01")).ok()?;
    let last = first.checked_add_months(Months::new(1))?.pred_opt()?;
    Some((first, last))
}

/// A day as `YYYY-MM-DD`, of a year with four digits.
pub fn parse_day(text: &str) -> Result<Day, Code> {
    let in_place = |(at, byte): (usize, u8)| {
        if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() }
    };
    let plain = text.len() == 10 && text.bytes().enumerate().all(in_place);
    text.parse().ok().filter(|_| plain).ok_or(Code::DayInvalid)
}

/// The earliest year of a living person's papers.
const FIRST_YEAR: i32 = 1900;

/// A day that a person's papers may state by `today`: `DayInvalid` before 1900, `DayInFuture`
/// after today.
pub fn past_day(day: Day, today: Day) -> Result<Day, Code> {
    if day.year() < FIRST_YEAR {
        return Err(Code::DayInvalid);
    }
    if day > today { Err(Code::DayInFuture) } else { Ok(day) }
}

/// Full years from `born` to `on`; a person born on 29 February has their birthday on 1 March in
/// other years. Negative spans give 0.
pub fn full_years(born: Day, on: Day) -> u32 {
    on.years_since(born).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_two_hours_earlier_in_seoul_than_in_jakarta() {
        let at: Instant = "2026-11-30T15:30:00Z".parse().unwrap();
        assert_eq!(at.day_in(Zone::Seoul).to_string(), "2026-12-01");
        assert_eq!(at.day_in(Zone::Jakarta).to_string(), "2026-11-30");
    }

    #[test]
    fn a_month_ends_on_its_last_day() {
        let days = |text| days_of_month(text).map(|(a, b)| format!("{a} {b}"));
        assert_eq!(days("2028-02").as_deref(), Some("2028-02-01 2028-02-29"));
        assert_eq!(days("2027-12").as_deref(), Some("2027-12-01 2027-12-31"));
        for text in ["2027-13", "2027-3", "2027-03-01", "", "+027-03"] {
            assert_eq!(days(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_has_a_year_of_four_digits() {
        assert!(parse_day("2027-03-01").is_ok());
        for text in
            ["+027-03-01", "27-03-01", "2027-3-1", "2027-02-30", "12027-03-01", "004-3-\t\t\t2"]
        {
            assert_eq!(parse_day(text), Err(Code::DayInvalid), "{text}");
        }
    }

    #[test]
    fn a_past_day_lies_between_1900_and_today() {
        let on = |day: &str| past_day(day.parse().unwrap(), "2026-11-24".parse().unwrap());
        assert!(on("1900-01-01").is_ok() && on("2026-11-24").is_ok());
        assert_eq!(on("1899-12-31"), Err(Code::DayInvalid));
        assert_eq!(on("2026-11-25"), Err(Code::DayInFuture));
    }

    #[test]
    fn an_instant_whose_offset_leads_out_of_its_years_is_none() {
        for far in ["9999-12-31T15:30:00.2-20:01", "0000-01-01T00:00:00+00:01"] {
            assert!(far.parse::<Instant>().is_err(), "{far}");
        }
        let last: Instant = "9999-12-31T23:59:59Z".parse().unwrap();
        assert_eq!(last.to_string().parse::<Instant>().unwrap(), last);
    }

    #[test]
    fn an_instant_is_cut_to_microseconds() {
        let at: Instant = "2026-11-30T15:30:00.123456789Z".parse().unwrap();
        assert_eq!(at.to_string(), "2026-11-30T15:30:00.123456Z");
    }
}
