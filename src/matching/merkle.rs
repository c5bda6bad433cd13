//! The Merkle tree of RFC 6962 over salted leaves (matching.md section 5).
//!
//! Leaf hashes come in ready, with their prefix 0x00 ([`super::lottery::leaf`]); an inner node is
//! `SHA-256(0x01 || left || right)`; a list is split at the largest power of two below its length.
//! The root of the empty tree is the SHA-256 of nothing. This file knows no seekers.

use sha2::{Digest, Sha256};

use super::lottery::Hash;

/// The root over leaf hashes in their order. O(n).
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            inner(&root(left), &root(right))
        }
    }
}

/// The proof that a leaf stands at a place of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// The place, from 0.
    pub index: usize,
    /// The number of leaves.
    pub size: usize,
    /// The siblings from the leaf up to the root.
    pub path: Vec<Hash>,
}

impl Inclusion {
    /// The proof for the leaf at `index`; `None` beyond the last leaf. O(n).
    pub fn find(leaves: &[Hash], index: usize) -> Option<Self> {
        leaves.get(index)?;
        let mut path = Vec::new();
        collect(leaves, index, &mut path);
        Some(Self { index, size: leaves.len(), path })
    }

    /// Whether this leaf is at this place of the tree with this root. O(log n).
    pub fn proves(&self, leaf: &Hash, root: &Hash) -> bool {
        self.index < self.size
            && rebuild(leaf, self.index, self.size, &self.path).is_some_and(|top| top == *root)
    }
}

fn collect(leaves: &[Hash], index: usize, path: &mut Vec<Hash>) {
    if leaves.len() < 2 {
        return;
    }
    let middle = split(leaves.len());
    let (left, right) = leaves.split_at(middle);
    match index.checked_sub(middle) {
        None => {
            collect(left, index, path);
            path.push(root(right));
        }
        Some(index) => {
            collect(right, index, path);
            path.push(root(left));
        }
    }
}

fn rebuild(leaf: &Hash, index: usize, size: usize, path: &[Hash]) -> Option<Hash> {
    if size < 2 {
        return path.is_empty().then_some(*leaf);
    }
    let (sibling, below) = path.split_last()?;
    let middle = split(size);
    match index.checked_sub(middle) {
        None => Some(inner(&rebuild(leaf, index, middle, below)?, sibling)),
        Some(index) => {
            let right = rebuild(leaf, index, size.saturating_sub(middle), below)?;
            Some(inner(sibling, &right))
        }
    }
}

/// The largest power of two below `size`, for a size of at least 2.
fn split(size: usize) -> usize {
    size.saturating_sub(1).checked_ilog2().map_or(0, |bits| 1 << bits)
}

fn inner(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::super::lottery::{hex, leaf};
    use super::*;

    fn leaves(count: u8) -> Vec<Hash> {
        (0..count).map(|i| leaf(&[i; 16], format!("r{i}").as_bytes())).collect()
    }

    #[test]
    fn roots_equal_vectors_computed_elsewhere() {
        let expected = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "ae9daba3ab33c71e012550311397b19e77b6b3be559732d2b13d5408cff1b4b9",
            "68cd30b267a7c18a8486aa4336ec0b67c8a41a83eedab7d7cd299bccc70f5e93",
            "d42d772f5910657f9d5ab3430ecc44e9a6b8b6a9ad0f86c05f4b5f704c54220e",
            "19d5eba2dc06746273d6b1d16fef5d04ecb896b6b89e1ca74146703ce7eba3bc",
            "0f8ccd165dda4b7124a96e0acfdf797abfefa7ad85559143db996702fbac33ed",
            "9e2055cd47c06efc0be78808a4452d8c54d11519c396bd9a3cef09e3ba712d88",
            "551f964a5240a81c8e74564ff0a41ddf9d88c130bf5652a5131b980c2aa8bfc9",
        ];
        for (count, root_hex) in (0_u8..).zip(expected) {
            assert_eq!(hex(&root(&leaves(count))), root_hex);
        }
    }

    #[test]
    fn an_inclusion_path_equals_a_vector_computed_elsewhere() {
        let proof = Inclusion::find(&leaves(7), 5).unwrap();
        let path: Vec<String> = proof.path.iter().map(|hash| hex(hash)).collect();
        assert_eq!(
            path,
            [
                "c7c7de98b96cba210e4e7076642de9287de99b4ae7a85065d4de52adda275f01",
                "422665d8128e1ff7882bd5d7cfdba32c871287c251b36cace15e04f10944889d",
                "19d5eba2dc06746273d6b1d16fef5d04ecb896b6b89e1ca74146703ce7eba3bc",
            ]
        );
    }

    #[test]
    fn every_leaf_is_proved_and_no_other_leaf_place_or_path_is() {
        for size in 1..20 {
            let leaves = leaves(size);
            let root = root(&leaves);
            for (index, leaf) in leaves.iter().enumerate() {
                let proof = Inclusion::find(&leaves, index).unwrap();
                assert!(proof.proves(leaf, &root));
                assert!(!proof.proves(&[0; 32], &root));
                let moved = Inclusion { index: index + 1, ..proof.clone() };
                assert!(!moved.proves(leaf, &root));
                let mut longer = proof.clone();
                longer.path.push([0; 32]);
                assert!(!longer.proves(leaf, &root));
                let outside = Inclusion { size: index, ..proof };
                assert!(!outside.proves(leaf, &root));
            }
            assert_eq!(Inclusion::find(&leaves, leaves.len()), None);
        }
    }
}
