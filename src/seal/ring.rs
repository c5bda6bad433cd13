//! The key ring: seals and opens under the keys that its text gives. Must not know: where the text
//! comes from.

use super::{Place, Unsealable, random};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io;

const NONCE: usize = 24;

/// Names a sealing key: the first bytes of its hash, with which every value begins that it seals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub [u8; Self::BYTES]);

impl KeyId {
    pub const BYTES: usize = 4;

    /// The key that sealed a value.
    pub fn of(sealed: &[u8]) -> Option<Self> {
        sealed.first_chunk().copied().map(Self)
    }

    fn of_key(key: &[u8; 32]) -> Option<Self> {
        Self::of(&Sha256::digest(key))
    }
}

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::str::FromStr for KeyId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "a key id is eight hexadecimal digits";
        if text.len() != 2 * Self::BYTES || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(wrong);
        }
        u32::from_str_radix(text, 16).map(|id| Self(id.to_be_bytes())).map_err(|_| wrong)
    }
}

/// Why a value does not open.
pub enum Shut {
    /// No key of the ring has this id.
    UnknownKey(KeyId),
    /// Another row, or damage.
    Unfit,
}

struct SealingKey {
    id: KeyId,
    cipher: XChaCha20Poly1305,
}

/// The last key seals, every key opens; one more makes the indexes.
pub struct Ring {
    keys: Vec<SealingKey>,
    index: [u8; 32],
}

fn bound(place: Place) -> Vec<u8> {
    [place.column.as_bytes(), &[0], place.row.as_bytes()].concat()
}

/// What a line of a ring's text gives: its name and its key.
fn key_of(line: &str) -> Option<(&str, [u8; 32])> {
    let (name, value) = line.trim().split_once(' ')?;
    Some((name, STANDARD.decode(value.trim()).ok()?.try_into().ok()?))
}

/// The text of a ring with one key of each kind.
pub fn new_text() -> io::Result<String> {
    let mut text = String::from("# musiman key ring: keep it secret, keep a copy\n");
    for name in ["index", "seal"] {
        let _ = writeln!(text, "{name} {}", STANDARD.encode(random::<32>()?));
    }
    Ok(text)
}

/// The text with one more sealing key at its end.
pub fn with_new_key(text: &str) -> io::Result<String> {
    Ok(format!("{}\nseal {}\n", text.trim_end(), STANDARD.encode(random::<32>()?)))
}

/// The text without the sealing key of that id.
pub fn without_key(text: &str, id: KeyId) -> String {
    let is_it = |line: &str| {
        let key = key_of(line).filter(|(name, _)| *name == "seal");
        key.is_some_and(|(_, key)| KeyId::of_key(&key) == Some(id))
    };
    text.lines().filter(|line| !is_it(line)).fold(String::new(), |text, line| text + line + "\n")
}

impl Ring {
    /// Lines `index BASE64` once and `seal BASE64` once or more.
    pub fn parse(text: &str) -> Option<Self> {
        let mut index = None;
        let mut keys = Vec::new();
        for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            match key_of(line)? {
                ("index", key) => index = Some(key),
                ("seal", key) => {
                    let cipher = XChaCha20Poly1305::new(Key::from_slice(&key));
                    keys.push(SealingKey { id: KeyId::of_key(&key)?, cipher });
                }
                _ => return None,
            }
        }
        (!keys.is_empty()).then_some(Self { keys, index: index? })
    }

    /// Whether both make the same look-up hashes.
    pub fn finds_as(&self, other: &Self) -> bool {
        self.index == other.index
    }

    /// The keys' ids in the ring's order: the last one seals.
    pub fn ids(&self) -> Vec<KeyId> {
        self.keys.iter().map(|key| key.id).collect()
    }

    pub fn close(&self, place: Place, value: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let key = self.keys.last().ok_or(Unsealable)?;
        let nonce = random::<NONCE>().map_err(|_| Unsealable)?;
        let payload = Payload { msg: value, aad: &bound(place) };
        let sealed =
            key.cipher.encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| Unsealable)?;
        Ok([&key.id.0[..], &nonce, &sealed].concat())
    }

    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, Shut> {
        let (id, rest) = sealed.split_first_chunk().ok_or(Shut::Unfit)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE>().ok_or(Shut::Unfit)?;
        let id = KeyId(*id);
        let key = self.keys.iter().find(|k| k.id == id).ok_or(Shut::UnknownKey(id))?;
        let payload = Payload { msg: text, aad: &bound(place) };
        key.cipher.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| Shut::Unfit)
    }

    pub fn index(&self, purpose: &str, value: &[u8]) -> Vec<u8> {
        // A key of 32 bytes is always taken; HMAC has no other failure.
        let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(&self.index) else {
            return Vec::new();
        };
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(value);
        mac.finalize().into_bytes().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_added_last_and_taken_out_alone() {
        let old = new_text().unwrap() + "# a note of the office";
        let new = with_new_key(&old).unwrap();
        let ids = |text: &str| Ring::parse(text).unwrap().ids();
        let [first, last] = ids(&new)[..] else { panic!("two keys") };
        assert_eq!(ids(&old), [first]);
        let left = without_key(&new, first);
        assert_eq!(ids(&left), [last]);
        assert!(left.contains("# a note of the office\n") && left.contains("index "), "{left}");
        assert!(Ring::parse(&left).unwrap().finds_as(&Ring::parse(&old).unwrap()));
    }

    #[test]
    fn a_key_id_reads_what_it_writes_and_nothing_else() {
        let id = KeyId([0, 0x1b, 0xff, 7]);
        assert_eq!((id.to_string().as_str(), "001bff07".parse()), ("001bff07", Ok(id)));
        for wrong in ["", "1bff07", "001bff0g", "+01bff07", "001bff0700"] {
            assert!(wrong.parse::<KeyId>().is_err(), "{wrong}");
        }
    }
}
