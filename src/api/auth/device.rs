//! Tokens by which a device is known again that somebody logged in from. They open nothing: they
//! only keep the tries of its owner apart from those of strangers. Must not know: tries, sessions.

use crate::domain::ids::AccountId;
use crate::domain::time::Instant;
use crate::seal::Seal;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

const DAYS: i64 = 180;
/// Bytes of the moment at the beginning of a token.
const MOMENT: usize = 8;

fn signed(seal: &Seal, account: AccountId, moment: &[u8]) -> Vec<u8> {
    let value = [account.uuid().as_bytes(), moment].concat();
    seal.index("device", &value)
}

/// The token of a device from which somebody just got in.
pub(super) fn token(seal: &Seal, account: AccountId, now: Instant) -> String {
    let moment = now.micros().to_be_bytes();
    let signature = signed(seal, account, &moment);
    URL_SAFE_NO_PAD.encode([moment.as_slice(), &signature].concat())
}

/// Whether the token was given to that account, not too long ago.
pub(super) fn is_of(seal: &Seal, account: AccountId, token: &str, now: Instant) -> bool {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return false };
    let Some((moment, signature)) = bytes.split_first_chunk::<MOMENT>() else { return false };
    let given = Instant::from_micros(i64::from_be_bytes(*moment));
    let lives = given.is_some_and(|given| given.plus_hours(24 * DAYS) > now && given <= now);
    lives && bool::from(signed(seal, account, moment).ct_eq(signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_serves_its_account_and_its_time() {
        let ring = "index AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nseal AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
        let seal = Seal::parse(ring).unwrap();
        let now: Instant = "2026-11-24T02:00:00Z".parse().unwrap();
        let (mine, other) =
            (AccountId(uuid::Uuid::from_u128(1)), AccountId(uuid::Uuid::from_u128(2)));
        let given = token(&seal, mine, now);
        assert!(is_of(&seal, mine, &given, now));
        assert!(is_of(&seal, mine, &given, now.plus_hours(24 * DAYS - 1)));
        assert!(!is_of(&seal, mine, &given, now.plus_hours(24 * DAYS)));
        assert!(!is_of(&seal, mine, &given, now.plus_hours(-1)));
        assert!(!is_of(&seal, other, &given, now));
        for wrong in ["", "AAAA", &given[1..], &format!("{given}AA"), &given.replace('A', "B")] {
            assert!(!is_of(&seal, mine, wrong, now), "{wrong}");
        }
    }
}
