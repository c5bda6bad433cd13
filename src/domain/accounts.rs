//! Accounts on paper: log-in names, what a role is bound to, codes on paper.
//! Must not know: passwords, tokens, tables.

use super::organisations::OrganisationKind;
use super::problem::{Code, Reason};
use super::roles::Role;

const LOGIN_MIN: usize = 3;
const LOGIN_MAX: usize = 64;

/// A log-in name: 3 to 64 of `a-z 0-9 . _ - @`, lower case. Not of digits alone, which could be
/// the NIK that a job seeker logs in with.
pub fn login(text: &str) -> Result<String, Reason> {
    let login = text.trim().to_lowercase();
    let plain = login.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-@".contains(&b));
    let named = login.bytes().any(|b| b.is_ascii_alphabetic());
    if plain && named && (LOGIN_MIN..=LOGIN_MAX).contains(&login.len()) {
        Ok(login)
    } else {
        Err(Code::LoginInvalid.into())
    }
}

/// A partner is bound to an organisation, and nobody else of the staff is.
pub fn binding<T>(role: Role, organisation: Option<&T>) -> Result<(), Code> {
    match (role == Role::Partner, organisation.is_some()) {
        (true, false) => Err(Code::Missing),
        (false, true) => Err(Code::OrganisationOnlyForPartners),
        _ => Ok(()),
    }
}

/// A partner acts for an employer.
pub fn may_be_partner(kind: OrganisationKind) -> Result<(), Reason> {
    if kind.is_employer() { Ok(()) } else { Err(Code::OrganisationKindWrong.with("kind", kind)) }
}

/// Job seekers stay job seekers, and nobody else becomes one.
pub fn may_become(old: Role, new: Role) -> Result<(), Code> {
    let seeker = |role| role == Role::Seeker;
    if seeker(old) == seeker(new) { Ok(()) } else { Err(Code::RoleFixed) }
}

/// A code that serves once and is kept on paper, as activation and recovery codes are: groups of five
/// of 32 characters, 25 bits a group.
#[derive(Clone, PartialEq, Eq)]
pub struct PaperCode(String);

/// Crockford's alphabet: no I, L, O, U, which are taken for others or make words.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUP: usize = 5;

impl PaperCode {
    /// From random bytes; five bits of each count.
    pub fn from_random<const N: usize>(bytes: [u8; N]) -> Self {
        let letter = |b: u8| ALPHABET.get(usize::from(b & 31)).copied().map_or('0', char::from);
        Self(bytes.into_iter().map(letter).collect())
    }

    /// What somebody typed, read kindly: case, spaces and dashes do not count, nor do O for 0 and
    /// I or L for 1. Anything may come out; only the code itself opens.
    pub fn typed(text: &str) -> Self {
        let kind = |c: char| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        Self(text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(kind).collect())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In groups, for reading aloud.
    pub fn grouped(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        let groups: Vec<String> =
            letters.chunks(GROUP).map(|group| group.iter().collect()).collect();
        groups.join("-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_folded_and_never_looks_like_a_nik() {
        assert_eq!(login(" Budi.Contoh ").unwrap(), "budi.contoh");
        for wrong in ["ab", "3216184703960002", "a b c", "a\0bc", "über", &"x".repeat(65)] {
            assert_eq!(login(wrong).unwrap_err().code, Code::LoginInvalid, "{wrong}");
        }
    }

    #[test]
    fn only_partners_are_bound_to_an_organisation() {
        assert_eq!(binding::<u8>(Role::Partner, None), Err(Code::Missing));
        assert_eq!(binding(Role::Office, Some(&1)), Err(Code::OrganisationOnlyForPartners));
        assert_eq!(
            (binding(Role::Partner, Some(&1)), binding::<u8>(Role::Lead, None)),
            (Ok(()), Ok(()))
        );
        assert!(may_be_partner(OrganisationKind::Farm).is_ok());
        assert!(may_be_partner(OrganisationKind::Kadin).is_err());
    }

    #[test]
    fn a_code_is_read_as_it_is_spoken() {
        let code = PaperCode::from_random([0, 1, 2, 31, 32, 33, 10, 17, 18, 255]);
        assert_eq!(code.grouped(), "012Z0-1AHJZ");
        assert!(PaperCode::typed(" oi2zo lahjz ") == code);
        assert!(PaperCode::typed("012Z0-1AHJY") != code);
    }
}
