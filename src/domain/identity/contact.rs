//! How a person is reached: phone numbers and e-mail addresses.
//! Must not know: messages, providers.

use super::super::problem::Code;
use super::{checked_text, mask};

checked_text!(
    /// A mobile number in E.164: Indonesian (`+62` 8 and 8 to 11 more digits) or Korean
    /// (`+82` 10 and 8 more).
    Phone
);

checked_text!(
    /// An e-mail address of ASCII characters with its domain in lower case, at most 254 characters.
    Email
);

impl Phone {
    /// Reads the habits of registers: `08..`, `+62..`, `62..`, `0062..`, a number cell that lost
    /// its zero (`8..`), with spaces, dots, dashes, brackets. Korean numbers need their `+82`.
    pub fn parse(text: &str) -> Result<Self, Code> {
        let bare: String = text
            .trim()
            .trim_start_matches(['\'', '\u{2019}'])
            .chars()
            .filter(|c| !matches!(c, ' ' | '\u{a0}' | '-' | '.' | '(' | ')' | '/'))
            .collect();
        let international = bare.strip_prefix('+').or_else(|| bare.strip_prefix("00"));
        let number = match international {
            Some(rest) => Self::indonesian_abroad(rest).or_else(|| Self::korean_abroad(rest)),
            None => Self::at_home(&bare),
        };
        number.map(Self).ok_or(Code::PhoneInvalid)
    }

    fn indonesian_abroad(rest: &str) -> Option<String> {
        let national = rest.strip_prefix("62")?;
        Self::indonesian(national.strip_prefix('0').unwrap_or(national))
    }

    fn korean_abroad(rest: &str) -> Option<String> {
        let national = rest.strip_prefix("82")?;
        let national = national.strip_prefix('0').unwrap_or(national);
        (national.starts_with("10") && national.len() == 10 && all_digits(national))
            .then(|| format!("+82{national}"))
    }

    /// Without a `+`. Twelve digits from `8210` may be Korean or Indonesian, so they are neither.
    fn at_home(bare: &str) -> Option<String> {
        if bare.starts_with("62") {
            return Self::indonesian_abroad(bare);
        }
        if bare.starts_with("8210") && bare.len() == 12 {
            return None;
        }
        Self::indonesian(bare.strip_prefix('0').unwrap_or(bare))
    }

    fn indonesian(national: &str) -> Option<String> {
        let mobile = national.starts_with('8') && (9..=12).contains(&national.len());
        (mobile && all_digits(national)).then(|| format!("+62{national}"))
    }

    /// For screens: `+62********7890`.
    pub fn masked(&self) -> String {
        mask(&self.0, 3, 4)
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

impl Email {
    pub fn parse(text: &str) -> Result<Self, Code> {
        let (local, domain) = text.trim().rsplit_once('@').ok_or(Code::EmailInvalid)?;
        let domain = domain.to_ascii_lowercase();
        let fits = local.len() <= 64 && local.len() + 1 + domain.len() <= 254;
        if fits && local_is_plain(local) && domain_is_plain(&domain) {
            Ok(Self(format!("{local}@{domain}")))
        } else {
            Err(Code::EmailInvalid)
        }
    }
}

/// The unquoted form of RFC 5321, 4.1.2, which is the only one in use.
fn local_is_plain(local: &str) -> bool {
    local.split('.').all(|atom| {
        let known = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b);
        !atom.is_empty() && atom.bytes().all(known)
    })
}

fn domain_is_plain(domain: &str) -> bool {
    let label_is_plain = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.split('.').all(label_is_plain)
        && domain.rsplit_once('.').is_some_and(|(_, top)| {
            top.len() >= 2 && top.starts_with(|c: char| c.is_ascii_alphabetic())
        })
}
