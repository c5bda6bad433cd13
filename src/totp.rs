//! One-time passwords by time, as authenticator apps show them (RFC 6238: SHA-1, six digits, a new
//! one every 30 seconds, the neighbours of the present one count too).
//! Must not know: accounts, tables, which codes were used before.

use crate::domain::time::Instant;
use totp_rs::{Builder, Secret, Totp, TotpError};

/// Bytes of a secret (RFC 4226, section 4: 160 bits).
pub const SECRET_BYTES: usize = 20;
const ISSUER: &str = "musiman";

fn totp(secret: &[u8], label: &str) -> Result<Totp, TotpError> {
    let builder = Builder::new().with_secret(secret.to_vec()).with_account_name(label);
    builder.with_issuer(Some(ISSUER)).with_skew(1).build()
}

/// The step in which the secret shows that code, if it is the present one or one of its neighbours.
pub fn step_of(secret: &[u8], code: &str, now: Instant) -> Option<i64> {
    let seconds = u64::try_from(now.utc().timestamp()).ok()?;
    let step = totp(secret, ISSUER).ok()?.check(code, seconds)?;
    i64::try_from(step).ok()
}

/// The secret in base 32, for typing.
pub fn spelled(secret: &[u8]) -> String {
    Secret::from(secret.to_vec()).to_base32()
}

/// The `otpauth` URI that authenticator apps read, as text or as a QR code.
pub fn uri(secret: &[u8], label: &str) -> Result<String, TotpError> {
    totp(secret, label)?.to_url()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8; SECRET_BYTES] = b"12345678901234567890";

    fn at(seconds: i64) -> Instant {
        Instant::from_micros(seconds * 1_000_000).unwrap()
    }

    /// RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, code) in [
            (59, "287082"),
            (1111111109, "081804"),
            (1111111111, "050471"),
            (1234567890, "005924"),
            (2000000000, "279037"),
        ] {
            assert_eq!(step_of(SECRET, code, at(seconds)), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_neighbour_counts_and_nothing_beyond() {
        let at_step = |step: i64| step_of(SECRET, "287082", at(30 * step));
        assert_eq!([0, 1, 2, 3, 4].map(at_step), [Some(1), Some(1), Some(1), None, None]);
        for wrong in ["", "28708", "2870820", "287 082 1", "abcdef", "２８７０８２"] {
            assert_eq!(step_of(SECRET, wrong, at(59)), None, "{wrong}");
        }
    }

    #[test]
    fn an_app_is_told_the_secret() {
        assert_eq!(spelled(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let uri = uri(SECRET, "petugas").unwrap();
        assert!(uri.starts_with("otpauth://totp/musiman:petugas?secret=GEZDGNBV"), "{uri}");
        assert!(uri.contains("issuer=musiman"), "{uri}");
    }
}
