//! Commitments, pseudonyms, leaves, the seed and the lottery number (matching.md section 5).
//!
//! Pure functions of bytes. This file draws nothing and keeps nothing: secrets, salts and beacons
//! come from outside, and it knows no instance.

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::invalid::{Code, Invalid};

/// The output of SHA-256 and HMAC-SHA256.
pub type Hash = [u8; 32];

const NIK_DIGITS: usize = 16;
const LOTTERY_BITS: u32 = 52;

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// `SHA-256(secret)`, published at the opening for the secret and for the season key.
pub fn commitment(secret: &[u8; 32]) -> Hash {
    Sha256::digest(secret).into()
}

/// `HMAC-SHA256(season_key, NIK)` over the 16 ASCII digits: bound to the person, never to an
/// application. Refused with `nik_form`: anything but 16 ASCII digits. The number is not repeated
/// in the refusal.
pub fn pseudonym(season_key: &[u8; 32], nik: &str) -> Result<Hash, Invalid> {
    if nik.len() != NIK_DIGITS || !nik.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Invalid::new(Code::NikForm, "not 16 ASCII digits", &[]));
    }
    Ok(hmac(season_key, &[nik.as_bytes()]))
}

/// `SHA-256(0x00 || salt || canonical record)`: the salted leaf of a receipt and of the tree.
pub fn leaf(salt: &[u8; 16], record: &[u8]) -> Hash {
    let hash = Sha256::new().chain_update([0]).chain_update(salt).chain_update(record);
    hash.finalize().into()
}

/// `SHA-256("musiman/seed/1" || 0x00 || secret || final_root || beacon)`, the beacon in its
/// published text form.
pub fn seed(secret: &[u8; 32], final_root: &Hash, beacon: &str) -> Hash {
    let hash = Sha256::new().chain_update(b"musiman/seed/1\0").chain_update(secret);
    hash.chain_update(final_root).chain_update(beacon.as_bytes()).finalize().into()
}

/// The 52 most significant bits, big-endian, of `HMAC-SHA256(seed, season id || pseudonym)`. One
/// number for all quotas; on equal numbers the smaller pseudonym comes first.
pub fn lottery_number(seed: &Hash, season: &[u8; 16], pseudonym: &Hash) -> u64 {
    top_bits(hmac(seed, &[season, pseudonym]))
}

/// `HMAC-SHA256(key, parts)`, the parts one after another.
pub(super) fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> Hash {
    // A key shorter than the block of SHA-256 is filled up with zeros by definition.
    let mut block = [0_u8; 64];
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The 52 most significant bits, so that the number is exact wherever numbers are doubles.
pub(super) fn top_bits(hash: Hash) -> u64 {
    let number = hash.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    number >> (u64::BITS - LOTTERY_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes `from`, `from + 1`, ...
    fn bytes<const N: usize>(from: u8) -> [u8; N] {
        std::array::from_fn(|at| from + u8::try_from(at).unwrap())
    }

    #[test]
    fn commitment_pseudonym_and_leaf_equal_vectors_computed_elsewhere() {
        assert_eq!(
            hex(&commitment(&bytes(0))),
            "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"
        );
        assert_eq!(
            hex(&pseudonym(&bytes(32), "3216010101900001").unwrap()),
            "1cbd54fa7cf18d22b33979dd482bc6fd09a79e59d6caed5a3c590383eab71f5e"
        );
        assert_eq!(
            hex(&leaf(&[7; 16], b"record")),
            "d09f761e38a853dcf68c7c6bd742a16f57b026ee8b3939ab22da6482dfd72829"
        );
    }

    #[test]
    fn seed_and_lottery_number_equal_vectors_computed_elsewhere() {
        let leaves: Vec<Hash> =
            (0..7_u8).map(|i| leaf(&[i; 16], format!("r{i}").as_bytes())).collect();
        let root = super::super::merkle::root(&leaves);
        let seed = seed(&bytes(0), &root, "drand quicknet round 123: abcdef");
        assert_eq!(hex(&seed), "a513ddb5576e58a5f3c4454a5adfa79ee7180236c3e83e6874b60dc7e82ca9b4");
        let pseudonym = pseudonym(&bytes(32), "3216010101900001").unwrap();
        assert_eq!(lottery_number(&seed, &bytes(0), &pseudonym), 1_085_540_626_260_240);
    }

    #[test]
    fn a_pseudonym_is_only_made_of_sixteen_ascii_digits() {
        for nik in ["", "321601010190000", "32160101019000011", "321601010190000a", "３２１６０1"]
        {
            assert_eq!(pseudonym(&[0; 32], nik).unwrap_err().code, Code::NikForm);
        }
    }

    #[test]
    fn a_lottery_number_is_below_two_to_the_52() {
        assert_eq!(top_bits([255; 32]), (1 << 52) - 1);
    }
}
