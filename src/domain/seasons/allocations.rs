//! Heads that the Korean ministry allocated, by si/gun, half-year, sector and kind.
//! Must not know: which quotas draw on them.

use crate::domain::fields;
use crate::domain::places::SiGun;
use crate::domain::problem::{Code, Problems};
use crate::domain::time::Day;
use chrono::Datelike;

const HEADS_MAX: i64 = 100_000;
const DOCUMENT_MAX: usize = 120;

crate::words!(
    /// What kind of work, as visas tell it apart: E-8-1 and E-8-3.
    Sector { Agriculture = "agriculture", Fishery = "fishery" }
);

impl Sector {
    /// Of two figures, the one that counts in this sector.
    pub const fn pick<T: Copy>(self, agriculture: T, fishery: T) -> T {
        match self {
            Self::Agriculture => agriculture,
            Self::Fishery => fishery,
        }
    }
}

crate::words!(
    /// Who employs: a household or corporation, or a cooperative whose workers farms order by the
    /// day.
    AllocationKind { Household = "household", Public = "public" }
);

/// January to June, or July to December, of one year: `2027-H1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HalfYear {
    year: i32,
    second: bool,
}

impl HalfYear {
    /// The half-year of a day.
    pub fn of(day: Day) -> Self {
        Self { year: day.year(), second: day.month() > 6 }
    }

    /// Whether the half-year has a day in common with the period `from ..= to`.
    pub fn meets(self, from: Day, to: Day) -> bool {
        Self::of(from) <= self && self <= Self::of(to)
    }
}

impl std::str::FromStr for HalfYear {
    type Err = Code;
    fn from_str(text: &str) -> Result<Self, Code> {
        let (year, half) = text.split_once("-H").ok_or(Code::Invalid)?;
        let second = match half {
            "1" => false,
            "2" => true,
            _ => return Err(Code::Invalid),
        };
        if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Code::Invalid);
        }
        let year = year.parse().map_err(|_| Code::Invalid)?;
        Ok(Self { year, second })
    }
}

impl std::fmt::Display for HalfYear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-H{}", self.year, if self.second { 2 } else { 1 })
    }
}

/// What an allocation is one of: a node of the tree of caps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AllocationKey {
    pub si_gun: SiGun,
    pub half: HalfYear,
    pub sector: Sector,
    pub kind: AllocationKind,
}

/// An allocation as a request says it.
#[derive(Debug, Clone, Default)]
pub struct AllocationForm {
    pub si_gun: String,
    pub half: String,
    pub sector: String,
    pub kind: String,
    pub heads: i64,
    pub document: String,
}

/// Heads, at least one, and the number of the document that grants them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAllocation {
    pub key: AllocationKey,
    pub heads: i64,
    pub document: String,
}

impl AllocationForm {
    pub fn parse(&self) -> Result<NewAllocation, Problems> {
        let mut p = Problems::default();
        let si_gun = p.at("/si_gun", SiGun::by_code(&self.si_gun));
        let half = p.at("/half", self.half.parse());
        let sector = p.at("/sector", fields::word(&self.sector));
        let kind = p.at("/kind", fields::word(&self.kind));
        let heads = p.at("/heads", fields::number(self.heads, 1..=HEADS_MAX));
        let document = p.at("/document", fields::line(&self.document, DOCUMENT_MAX));
        p.done(|| {
            let key = AllocationKey { si_gun: si_gun?, half: half?, sector: sector?, kind: kind? };
            Some(NewAllocation { key, heads: heads?, document: document? })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_year_is_read_as_it_is_written() {
        for text in ["2027-H1", "2027-H2"] {
            assert_eq!(text.parse::<HalfYear>().unwrap().to_string(), text);
        }
        for text in ["2027-H3", "2027H1", "27-H1", "+027-H1", "2027-H", ""] {
            assert_eq!(text.parse::<HalfYear>(), Err(Code::Invalid), "{text}");
        }
    }

    #[test]
    fn the_year_turns_between_june_and_july() {
        let half = |day: &str| HalfYear::of(day.parse().unwrap()).to_string();
        assert_eq!(half("2027-06-30"), "2027-H1");
        assert_eq!(half("2027-07-01"), "2027-H2");
    }

    #[test]
    fn an_allocation_tells_every_bad_member() {
        let codes: Vec<(String, Code)> = AllocationForm::default()
            .parse()
            .unwrap_err()
            .0
            .into_iter()
            .map(|w| (w.pointer, w.reason.code))
            .collect();
        let expected = [
            ("/si_gun", Code::SiGunUnknown),
            ("/half", Code::Invalid),
            ("/sector", Code::UnknownValue),
            ("/kind", Code::UnknownValue),
            ("/heads", Code::TooSmall),
            ("/document", Code::Missing),
        ];
        assert_eq!(codes, expected.map(|(at, code)| (at.to_owned(), code)));
    }
}
