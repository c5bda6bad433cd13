//! The stratified lottery: fair shares per kecamatan among equal points (matching.md section 5).
//!
//! Exact definition. Let `n_k` be the 52 most significant bits, big-endian, of
//! `HMAC-SHA256(seed, "musiman/stratum/1" || 0x00 || name of k in UTF-8)` and
//! `u_k = (n_k + 1) / 2^52`, so `u_k` lies in (0, 1]. The people of stratum k who are not late,
//! ordered by lottery number and then pseudonym, get positions j = 0, 1, ... and the virtual times
//! `(j + 1 - u_k) / share_k`. Everybody is ordered by virtual time, then lottery number, then
//! pseudonym. Two times are compared by cross-multiplying `(j + 1) * 2^52 - (n_k + 1)` with the
//! other share, so nothing is rounded. Late people come after all others, by lottery number and
//! pseudonym. The place in this order takes the place of the lottery number in the keys.
//!
//! It knows strata by name only, no kecamatan and no instance.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::invalid::{Code, Invalid};
use super::lottery::{Hash, hex, hmac, top_bits};

/// 1 in units of `u_k`.
const UNIT: u128 = 1 << 52;

/// Somebody in the draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub pseudonym: Hash,
    /// The stratum, by the name it has in the shares.
    pub stratum: String,
    /// The own lottery number.
    pub lottery: u64,
    /// Registered after the freeze.
    pub is_late: bool,
}

/// A virtual time: `steps / (2^52 * share)`.
#[derive(Clone, Copy, Debug)]
struct Time {
    /// At most 2^84, as there are at most 2^32 people.
    steps: u128,
    share: u32,
}

impl Time {
    fn compare(&self, other: &Self) -> Ordering {
        let own = self.steps.saturating_mul(other.share.into());
        own.cmp(&other.steps.saturating_mul(self.share.into()))
    }
}

/// All people in the order of the stratified lottery.
/// Refused: a stratum without a share, a share of zero, a person twice, more than 2^32 - 1 people.
/// O(n log n).
pub fn stratified_order(
    seed: &Hash,
    shares: &BTreeMap<String, u32>,
    people: &[Person],
) -> Result<Vec<Hash>, Invalid> {
    check(shares, people)?;
    let mut by_number: Vec<&Person> = people.iter().collect();
    by_number.sort_unstable_by_key(|person| (person.lottery, person.pseudonym));
    let mut next: BTreeMap<&str, Time> = shares
        .iter()
        .map(|(stratum, share)| (stratum.as_str(), first_time(seed, stratum, *share)))
        .collect();
    let mut in_time = Vec::with_capacity(people.len());
    for person in by_number.iter().filter(|person| !person.is_late) {
        if let Some(time) = next.get_mut(person.stratum.as_str()) {
            in_time.push((*time, person.pseudonym));
            time.steps = time.steps.saturating_add(UNIT);
        }
    }
    // The sort is stable, so equal times stay in the order of lottery number and pseudonym.
    in_time.sort_by(|(a, _), (b, _)| a.compare(b));
    let late = by_number.iter().filter(|person| person.is_late).map(|person| person.pseudonym);
    Ok(in_time.into_iter().map(|(_, pseudonym)| pseudonym).chain(late).collect())
}

/// The time of position 0: `1 - u_k`.
fn first_time(seed: &Hash, stratum: &str, share: u32) -> Time {
    let drawn = top_bits(hmac(seed, &[b"musiman/stratum/1\0", stratum.as_bytes()]));
    let offset = u128::from(drawn).saturating_add(1);
    Time { steps: UNIT.saturating_sub(offset), share }
}

fn check(shares: &BTreeMap<String, u32>, people: &[Person]) -> Result<(), Invalid> {
    if u32::try_from(people.len()).is_err() {
        return Err(Invalid::new(Code::TooMany, "more people than the draw can order", &[]));
    }
    if let Some((stratum, _)) = shares.iter().find(|(_, share)| **share == 0) {
        return Err(Invalid::new(Code::ShareZero, "a share of zero", &[stratum]));
    }
    let mut seen = BTreeSet::new();
    for person in people {
        if !shares.contains_key(&person.stratum) {
            return Err(Invalid::new(Code::UnknownShare, "no share", &[&person.stratum]));
        }
        if !seen.insert(person.pseudonym) {
            let id = hex(&person.pseudonym);
            return Err(Invalid::new(Code::DuplicateSeeker, "a person twice", &[&id]));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::super::lottery::{leaf, seed};
    use super::super::merkle::root;
    use super::*;

    fn vector_seed() -> Hash {
        let leaves: Vec<Hash> =
            (0..7_u8).map(|i| leaf(&[i; 16], format!("r{i}").as_bytes())).collect();
        let secret = std::array::from_fn(|at| u8::try_from(at).unwrap());
        seed(&secret, &root(&leaves), "drand quicknet round 123: abcdef")
    }

    fn person(i: usize) -> Person {
        let pseudonym: Hash = Sha256::digest(format!("p{i}")).into();
        let lottery = u64::from(u16::from_be_bytes([pseudonym[0], pseudonym[1]])) % 97;
        let stratum = ["A", "B", "C"][i % 3].to_owned();
        Person { pseudonym, stratum, lottery, is_late: i == 11 }
    }

    fn shares(shares: &[(&str, u32)]) -> BTreeMap<String, u32> {
        shares.iter().map(|(name, share)| ((*name).to_owned(), *share)).collect()
    }

    #[test]
    fn offsets_equal_vectors_computed_elsewhere() {
        let offset = |stratum: &str| UNIT - first_time(&vector_seed(), stratum, 1).steps;
        assert_eq!(offset("A"), 2_049_229_086_162_805);
        assert_eq!(offset("B"), 4_050_016_025_806_504);
    }

    #[test]
    fn the_order_equals_a_vector_computed_elsewhere_with_fractions() {
        let people: Vec<Person> = (0..12).map(person).collect();
        let shares = shares(&[("A", 3), ("B", 2), ("C", 1)]);
        let order = stratified_order(&vector_seed(), &shares, &people).unwrap();
        let expected: Vec<Hash> =
            [4, 9, 2, 0, 7, 3, 10, 6, 5, 1, 8, 11].map(|i| person(i).pseudonym).to_vec();
        assert_eq!(order, expected);
    }

    #[test]
    fn every_prefix_of_the_order_keeps_the_shares_within_one_person() {
        let people: Vec<Person> =
            (0..600).map(|i| Person { is_late: false, ..person(i) }).collect();
        let shares = shares(&[("A", 1), ("B", 1), ("C", 1)]);
        let order = stratified_order(&vector_seed(), &shares, &people).unwrap();
        let mut count = BTreeMap::from([("A", 0_i32), ("B", 0), ("C", 0)]);
        for pseudonym in order {
            let found = people.iter().find(|person| person.pseudonym == pseudonym).unwrap();
            *count.get_mut(found.stratum.as_str()).unwrap() += 1;
            let (most, least) = (count.values().max().unwrap(), count.values().min().unwrap());
            assert!(most - least <= 1);
        }
    }

    #[test]
    fn shares_must_be_there_and_above_zero_and_nobody_is_drawn_twice() {
        let code = |names: &[(&str, u32)], people: &[Person]| {
            stratified_order(&[0; 32], &shares(names), people).unwrap_err().code
        };
        assert_eq!(code(&[("A", 0)], &[]), Code::ShareZero);
        assert_eq!(code(&[("B", 1)], &[person(0)]), Code::UnknownShare);
        assert_eq!(code(&[("A", 1)], &[person(0), person(0)]), Code::DuplicateSeeker);
    }
}
