//! Passwords: argon2id at the OWASP figures. Slow on purpose; callers bound how many run at once.
//! Must not know: accounts, HTTP.

use crate::domain::problem::{Code, Reason};
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use std::io;

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

/// Whether a new password is long enough, and not too long to hash.
pub fn check(password: &str) -> Result<(), Reason> {
    match password.chars().count() {
        n if n < MIN => Err(Code::TooShort.with("min", MIN)),
        n if n > MAX => Err(Code::TooLong.with("max", MAX)),
        _ => Ok(()),
    }
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
}
