//! Numbers under which other systems know a job seeker. Must not know: those systems, tables.

use super::problem::{Code, Reason};

crate::words!(
    /// A system that keeps a number of its own for a person.
    ExternalSystem { Siapkerja = "siapkerja", SiskoP2mi = "sisko_p2mi" }
);

const LENGTH: std::ops::RangeInclusive<usize> = 3..=40;

/// A number of another system: 3 to 40 of letters, digits, dash, dot and slash, in capitals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExternalNumber(String);

impl ExternalNumber {
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let number = text.trim().to_ascii_uppercase();
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-./".contains(&b);
        if LENGTH.contains(&number.len()) && number.bytes().all(fits) {
            Ok(Self(number))
        } else {
            Err(Code::ExternalIdInvalid.into())
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_in_capitals_and_holds_nothing_strange() {
        assert_eq!(ExternalNumber::parse(" sk-2026/00012 ").unwrap().as_str(), "SK-2026/00012");
        for text in ["", "ab", "a b c", "=1+1", "a\0bc", &"9".repeat(41)] {
            let refused = ExternalNumber::parse(text).unwrap_err();
            assert_eq!(refused.code, Code::ExternalIdInvalid, "{text:?}");
        }
    }
}
