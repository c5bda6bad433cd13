//! Finds many short texts in many bytes, as they are, in base64 and in hexadecimal.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use musiman::matching::lottery::hex;
use std::collections::HashMap;

/// Bytes by which a needle is looked up.
const HEAD: usize = 7;

#[derive(Default)]
pub struct Needles {
    by_head: HashMap<[u8; HEAD], Vec<Vec<u8>>>,
    /// Whether some needle begins with these two bytes.
    begins: Vec<bool>,
}

fn two(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

impl Needles {
    pub fn of(texts: impl IntoIterator<Item = String>) -> Self {
        let mut all = Self { begins: vec![false; 1 << 16], ..Self::default() };
        for text in texts {
            all.add(text.as_bytes());
            let hex = hex(text.as_bytes());
            all.add(hex.as_bytes());
            all.add(hex.to_uppercase().as_bytes());
            for before in 0..3 {
                all.add(&in_base64(text.as_bytes(), before));
            }
        }
        all
    }

    fn add(&mut self, needle: &[u8]) {
        let head = needle.first_chunk::<HEAD>().expect("a needle of some length");
        self.begins[two(head)] = true;
        self.by_head.entry(*head).or_default().push(needle.to_vec());
    }

    pub fn len(&self) -> usize {
        self.by_head.values().map(Vec::len).sum()
    }

    /// The needles that stand in the bytes.
    pub fn found_in(&self, bytes: &[u8]) -> Vec<String> {
        let mut found = vec![];
        for at in 0..bytes.len().saturating_sub(HEAD - 1) {
            let rest = &bytes[at..];
            if !self.begins[two(rest)] {
                continue;
            }
            let Some(all) = rest.first_chunk::<HEAD>().and_then(|h| self.by_head.get(h)) else {
                continue;
            };
            let hits = all.iter().filter(|needle| rest.starts_with(needle));
            found.extend(hits.map(|needle| String::from_utf8_lossy(needle).into_owned()));
        }
        found
    }
}

/// The letters of base64 that the text alone decides when `before` bytes of another stand before.
fn in_base64(text: &[u8], before: usize) -> Vec<u8> {
    let bytes = [&[0; 2][..before], text].concat();
    let letters = STANDARD_NO_PAD.encode(&bytes).into_bytes();
    let from = (before * 8).div_ceil(6);
    let to = bytes.len() * 8 / 6;
    letters[from..to].to_vec()
}

#[test]
fn a_needle_is_found_in_each_spelling_and_nothing_else_is() {
    let needles = Needles::of(["3216184703960002".to_owned()]);
    for before in ["", "a", "bc", "def"] {
        let text = format!("{before}3216184703960002 and more");
        let hex = hex(text.as_bytes()).to_uppercase();
        for spelled in [text.clone(), hex, STANDARD_NO_PAD.encode(&text)] {
            assert!(!needles.found_in(spelled.as_bytes()).is_empty(), "{spelled}");
        }
    }
    assert!(needles.found_in(b"3216184703960003 and 321618470396000").is_empty());
}
