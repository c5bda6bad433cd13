//! Who a person is: numbers, names and civil facts as types that cannot hold a wrong value.
//! Their `Debug` hides the value, so that no log line carries a person's data.
//! Must not know: registers, columns, JSON, how anything is sealed.

use super::problem::{Code, Reason};
use super::time::{Day, full_years};
use chrono::Datelike;
use unicode_normalization::UnicodeNormalization;

mod contact;
mod papers;

pub use contact::{Email, Phone};
pub use papers::{Ak1Number, Brn, FarmId, Passport};

/// A text that was checked once, when it was made.
macro_rules! checked_text {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The canonical spelling.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}
use checked_text;

crate::words!(
    /// As civil papers state it.
    Sex { Male = "male", Female = "female" }
);

crate::words!(
    /// Belum kawin, kawin, cerai hidup, cerai mati.
    Marital { Single = "single", Married = "married", Divorced = "divorced", Widowed = "widowed" }
);

crate::words!(
    /// The last school finished, by the names of the Indonesian levels.
    Education {
        Unschooled = "none",
        Primary = "sd",
        Junior = "smp",
        Senior = "sma",
        Vocational = "smk",
        DiplomaOne = "d1",
        DiplomaTwo = "d2",
        DiplomaThree = "d3",
        DiplomaFour = "d4",
        Bachelor = "s1",
        Master = "s2",
        Doctor = "s3",
    }
);

checked_text!(
    /// Nomor Induk Kependudukan: `PPKKCC DDMMYY SSSS`, 16 ASCII digits. District of first
    /// registration, birth date with 40 added to the day for women, serial. It never changes, even
    /// where it was issued wrong, so the date and sex in it may only warn (domain.md 4.1).
    Nik
);

checked_text!(
    /// Nomor Kartu Keluarga, the number of a family card: 16 ASCII digits, province first.
    Kk
);

checked_text!(
    /// A person's name: NFC, single spaces, at least one letter, 1 to 120 characters.
    Name
);

/// Province codes of Kemendagri (2022, with the new provinces of Papua).
const PROVINCES: [u32; 38] = [
    11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 31, 32, 33, 34, 35, 36, 51, 52, 53, 61, 62, 63, 64, 65,
    71, 72, 73, 74, 75, 76, 81, 82, 91, 92, 93, 94, 95, 96,
];

/// The digits of a number that people group with spaces, dots or dashes, and that spreadsheets
/// mark with an apostrophe. `None` for anything else: letters, an exponent, a sign at an end.
fn grouped_digits(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches(['\'', '\u{2019}']).trim_start();
    let ends_are_digits = text.starts_with(|c: char| c.is_ascii_digit())
        && text.ends_with(|c: char| c.is_ascii_digit());
    let known = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '\u{a0}' | '.' | '-');
    (ends_are_digits && text.chars().all(known))
        .then(|| text.chars().filter(char::is_ascii_digit).collect())
}

/// The number that stands in two digits, 0 where there are none.
fn pair(digits: &str, at: usize) -> u32 {
    digits.get(at..at + 2).and_then(|two| two.parse().ok()).unwrap_or(0)
}

impl Nik {
    /// Codes: `NikUnreadable`, `NikLength`, `NikDistrict`, `NikDate`, `NikSerial`; the first that
    /// applies. Districts are known for Kabupaten Bekasi only; elsewhere the province must exist.
    pub fn parse(text: &str) -> Result<Self, Code> {
        let digits = grouped_digits(text).ok_or(Code::NikUnreadable)?;
        if digits.len() != 16 {
            return Err(Code::NikLength);
        }
        let nik = Self(digits);
        if !nik.district_is_plausible() {
            return Err(Code::NikDistrict);
        }
        // 2000 was a leap year and 1900 was none, so a day that 20YY lacks, 19YY lacks too.
        let real = i32::try_from(nik.two_digit_year())
            .ok()
            .and_then(|yy| Day::from_ymd_opt(2000 + yy, nik.month(), nik.day_of_month()));
        if real.is_none() {
            return Err(Code::NikDate);
        }
        if nik.0.ends_with("0000") {
            return Err(Code::NikSerial);
        }
        Ok(nik)
    }

    fn district_is_plausible(&self) -> bool {
        if self.0.starts_with(super::places::REGENCY) {
            let district = self.0.get(..6).unwrap_or_default();
            return super::places::Kecamatan::by_code(district).is_ok();
        }
        PROVINCES.contains(&pair(&self.0, 0)) && pair(&self.0, 2) != 0 && pair(&self.0, 4) != 0
    }

    fn day_of_month(&self) -> u32 {
        let day = pair(&self.0, 6);
        if day > 40 { day - 40 } else { day }
    }

    fn month(&self) -> u32 {
        pair(&self.0, 8)
    }

    fn two_digit_year(&self) -> u32 {
        pair(&self.0, 10)
    }

    /// The sixteen digits as a number, below 10^16.
    pub fn as_u64(&self) -> u64 {
        self.0.bytes().fold(0, |n, digit| n * 10 + u64::from(digit - b'0'))
    }

    /// The birth date in the number. The century is a guess: the latest in which the person is
    /// 17 in the year of `reference` or older (domain.md 4.1).
    pub fn born_on(&self, reference: Day) -> Day {
        let latest = reference.year() - 17;
        let yy = i32::try_from(self.two_digit_year()).unwrap_or(0);
        let year = latest - (latest - yy).rem_euclid(100);
        let day_in = |year| Day::from_ymd_opt(year, self.month(), self.day_of_month());
        // 29 February of a century year is real in the next century; `parse` proved one of them.
        day_in(year).or_else(|| day_in(year + 100)).unwrap_or_default()
    }

    /// Whether the number agrees with a stated birth date. It says two digits of the year, so the
    /// century is not its business as long as the person is under 100 years old.
    pub fn agrees_with(&self, born_on: Day, today: Day) -> bool {
        let yy = u32::try_from(born_on.year().rem_euclid(100)).unwrap_or(u32::MAX);
        (born_on.day(), born_on.month(), yy)
            == (self.day_of_month(), self.month(), self.two_digit_year())
            && full_years(born_on, today) < 100
    }

    /// The sex in the number.
    pub fn sex(&self) -> Sex {
        if pair(&self.0, 6) > 40 { Sex::Female } else { Sex::Male }
    }

    /// For screens: `3216********0001`.
    pub fn masked(&self) -> String {
        mask(&self.0, 4, 4)
    }
}

/// Keeps `front` and `back` characters of an ASCII text and stars the rest.
fn mask(text: &str, front: usize, back: usize) -> String {
    let hidden = text.len().saturating_sub(front + back);
    let tail = text.get(text.len() - back.min(text.len())..).unwrap_or_default();
    format!("{}{}{tail}", text.get(..front).unwrap_or_default(), "*".repeat(hidden))
}

impl Kk {
    /// The date of issue in it is not checked: offices differ in how they wrote it.
    pub fn parse(text: &str) -> Result<Self, Code> {
        grouped_digits(text)
            .filter(|d| d.len() == 16 && PROVINCES.contains(&pair(d, 0)))
            .map(Self)
            .ok_or(Code::KkInvalid)
    }
}

/// Characters that no eye sees: controls, zero-width ones, and those that turn the writing order.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// NFC with white space folded to single spaces; `None` when unseen characters stand in it.
fn folded(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text: String = words.join(" ").nfc().collect();
    (!text.chars().any(is_unseen)).then_some(text)
}

/// A free text such as an address: NFC, single spaces, at most `max` characters. `None` if empty.
pub fn free_text(text: &str, max: usize) -> Result<Option<String>, Reason> {
    let text = folded(text).ok_or(Code::Invalid)?;
    if text.chars().count() > max {
        return Err(Code::TooLong.with("max", max));
    }
    Ok(Some(text).filter(|t| !t.is_empty()))
}

impl Name {
    /// Most characters a name may have.
    pub const MAX: usize = 120;

    /// Codes: `NameEmpty`, `NameInvalid` (no letter, unseen characters, begins like a formula),
    /// `TooLong` with `max`.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let name = folded(text).ok_or(Code::NameInvalid)?;
        if name.is_empty() {
            return Err(Code::NameEmpty.into());
        }
        if name.chars().count() > Self::MAX {
            return Err(Code::TooLong.with("max", Self::MAX));
        }
        if !name.chars().any(char::is_alphabetic) || name.starts_with(['=', '+', '-', '@']) {
            return Err(Code::NameInvalid.into());
        }
        Ok(Self(name))
    }
}

#[cfg(test)]
mod tests;
