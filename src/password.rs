//! Passwords: argon2id at the OWASP figures. Slow on purpose; callers bound how many run at once.
//! Must not know: accounts, HTTP.

use crate::domain::problem::{Code, Reason};
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use std::collections::HashSet;
use std::io;
use std::sync::LazyLock;

/// NIST SP 800-63B asks for 8 at least; 12 is ours for accounts that see a regency's people.
const MIN: usize = 12;
const MAX: usize = 128;
/// 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

fn argon() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// A login of fewer characters stands inside of words by chance.
const LOGIN_TELLS: usize = 4;
/// The longest unit that makes a password by being said over and over.
const UNIT: usize = 4;

/// Letters that must be left when words of the place are taken out.
const LETTERS: usize = 4;

fn listed(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| listed(include_str!("password/common.txt")).collect());

/// The longest first, so that none is cut out of another.
static LOCAL: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let mut words: Vec<&str> = listed(include_str!("password/local.txt")).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
});

/// Whether it is made of words of the service and its place, with digits and signs around.
fn is_of_the_place(folded: &str) -> bool {
    let mut rest = folded.to_owned();
    for word in LOCAL.iter().filter(|word| folded.contains(**word)) {
        rest = rest.replace(word, " ");
    }
    rest != folded && rest.chars().filter(|c| c.is_alphabetic()).count() < LETTERS
}

fn says_one_thing_over_and_over(folded: &str) -> bool {
    let signs: Vec<char> = folded.chars().collect();
    (1..=UNIT).any(|unit| signs.iter().zip(signs.iter().skip(unit)).all(|(a, b)| a == b))
}

/// Whether a new password is long enough, not too long to hash, and none that is tried first.
pub fn check(password: &str) -> Result<(), Reason> {
    let folded = password.trim().to_lowercase();
    match password.chars().count() {
        n if n < MIN => Err(Code::TooShort.with("min", MIN)),
        n if n > MAX => Err(Code::TooLong.with("max", MAX)),
        _ if COMMON.contains(folded.as_str())
            || says_one_thing_over_and_over(&folded)
            || is_of_the_place(&folded) =>
        {
            Err(Code::PasswordCommon.into())
        }
        _ => Ok(()),
    }
}

/// Whether a new password keeps the login out of itself: who guesses knows the login.
pub fn check_beside(password: &str, login: &str) -> Result<(), Reason> {
    let login = login.trim().to_lowercase();
    let tells = login.chars().count() >= LOGIN_TELLS && password.to_lowercase().contains(&login);
    if tells { Err(Code::PasswordCommon.into()) } else { Ok(()) }
}

/// The PHC string of a password under a new salt.
pub fn hash(password: &str) -> io::Result<String> {
    let salt = SaltString::encode_b64(&crate::seal::random::<16>()?)
        .map_err(|e| io::Error::other(e.to_string()))?;
    let hash = argon()
        .hash_password(password.as_bytes(), &salt)
        .map_err(|e| io::Error::other(e.to_string()))?;
    Ok(hash.to_string())
}

/// Whether the password is the one behind the PHC string.
pub fn verify(password: &str, phc: &str) -> bool {
    PasswordHash::new(phc)
        .is_ok_and(|hash| argon().verify_password(password.as_bytes(), &hash).is_ok())
}

/// A password that nobody knows: it costs a stranger's guess as much as a real one.
pub const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_is_verified() {
        let phc = hash("sandi yang panjang").unwrap();
        assert!(verify("sandi yang panjang", &phc));
        assert!(!verify("sandi yang Panjang", &phc));
        assert!(!verify("", NOBODY));
        assert!(PasswordHash::new(NOBODY).is_ok(), "guesses at nobody's password must cost time");
    }

    #[test]
    fn a_short_password_is_refused_with_the_figure() {
        assert_eq!(check("pendek"), Err(Code::TooShort.with("min", MIN)));
        assert_eq!(check(&"x".repeat(129)), Err(Code::TooLong.with("max", MAX)));
    }

    #[test]
    fn what_is_tried_first_is_refused_in_any_case() {
        for common in
            ["IloveYou1234", "qwertyuiop12", "Bismillah123", "dkssudgktpdy", "abababababab"]
        {
            assert_eq!(check(common), Err(Code::PasswordCommon.into()), "{common}");
        }
        assert_eq!(check("kata sandi yang panjang"), Ok(()));
    }

    #[test]
    fn what_is_made_of_words_of_the_place_is_refused() {
        for local in ["Disnaker-Bekasi 2026", "petugaskantor17081945", "KADIN.kabupaten.bekasi"] {
            assert_eq!(check(local), Err(Code::PasswordCommon.into()), "{local}");
        }
        for good in ["bekasi hujan terus", "tetangga petugas pulang", "kuda lari ke bukit"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        assert!(LOCAL.len() > 60 && LOCAL.iter().all(|w| w.len() >= 4 && *w == w.to_lowercase()));
    }

    #[test]
    fn a_password_with_the_login_inside_is_refused() {
        assert_eq!(check_beside("Petugas di kantor", "petugas"), Err(Code::PasswordCommon.into()));
        assert!(check_beside("nik 3216184703960002", "3216184703960002").is_err());
        assert_eq!(check_beside("orang yang sabar", "ang"), Ok(()));
        assert_eq!(check_beside("orang yang sabar", "petugas"), Ok(()));
    }

    #[test]
    fn the_list_holds_what_the_length_lets_through_and_each_of_it_once() {
        let told: Vec<&str> = listed(include_str!("password/common.txt")).collect();
        assert!(told.len() >= 3000, "{}", told.len());
        assert_eq!(told.len(), COMMON.len(), "a password stands twice");
        for word in told {
            let length = word.chars().count();
            assert!((MIN..=MAX).contains(&length) && word == word.trim().to_lowercase(), "{word}");
        }
    }
}
