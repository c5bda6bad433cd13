//! Numbers of papers: passport, AK-1, Korean business number, Korean farm business id.
//! Must not know: who holds them, when they lapse.

use super::super::problem::Code;
use super::{checked_text, folded, grouped_digits};

checked_text!(
    /// A passport number: a letter and 6 to 8 letters or digits, upper case (domain.md 4.2).
    Passport
);

checked_text!(
    /// The number on an AK-1 card. No national format is known and it is not unique: opaque text
    /// of 1 to 40 characters (domain.md 2.4).
    Ak1Number
);

checked_text!(
    /// A Korean business registration number, `NNN-NN-NNNNN`, its check digit proved.
    Brn
);

checked_text!(
    /// A Korean farm business id: 10 digits.
    FarmId
);

impl Passport {
    pub fn parse(text: &str) -> Result<Self, Code> {
        let number: String =
            text.trim().chars().filter(|c| *c != ' ').map(|c| c.to_ascii_uppercase()).collect();
        let plain = number.starts_with(|c: char| c.is_ascii_uppercase())
            && number.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        (plain && (7..=9).contains(&number.len()))
            .then_some(Self(number))
            .ok_or(Code::PassportInvalid)
    }
}

impl Ak1Number {
    /// Most characters a number may have.
    pub const MAX: usize = 40;

    pub fn parse(text: &str) -> Result<Self, Code> {
        let number = folded(text).filter(|n| !n.is_empty()).ok_or(Code::Invalid)?;
        if number.chars().count() > Self::MAX {
            return Err(Code::Ak1TooLong);
        }
        Ok(Self(number))
    }
}

impl Brn {
    /// Tax office from 101, kind not 00, serial not 0000, then the check digit: weights
    /// 1 3 7 1 3 7 1 3 5 over the first nine digits, and the tens of five times the ninth.
    pub fn parse(text: &str) -> Result<Self, Code> {
        let digits = grouped_digits(text).filter(|d| d.len() == 10).ok_or(Code::BrnInvalid)?;
        let (office, rest) = digits.split_at(3);
        let (kind, last) = rest.split_at(2);
        let issued = office >= "101" && kind != "00" && !last.starts_with("0000");
        if issued && check_digit(&digits) == digits.bytes().last().map(|d| u32::from(d - b'0')) {
            Ok(Self(format!("{office}-{kind}-{last}")))
        } else {
            Err(Code::BrnInvalid)
        }
    }
}

fn check_digit(digits: &str) -> Option<u32> {
    const WEIGHTS: [u32; 9] = [1, 3, 7, 1, 3, 7, 1, 3, 5];
    let values = || digits.bytes().map(|d| u32::from(d - b'0'));
    let sum: u32 = values().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let ninth = values().nth(8)?;
    Some((10 - (sum + ninth * 5 / 10) % 10) % 10)
}

impl FarmId {
    pub fn parse(text: &str) -> Result<Self, Code> {
        grouped_digits(text).filter(|d| d.len() == 10).map(Self).ok_or(Code::FarmIdInvalid)
    }
}
