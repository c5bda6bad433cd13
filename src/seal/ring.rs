//! The key ring: seals and opens under the keys that its text gives. Must not know: where the text
//! comes from.

use super::{Place, Unsealable, random};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
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

#[derive(Clone)]
struct SealingKey {
    id: KeyId,
    cipher: XChaCha20Poly1305,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct IndexKey {
    id: KeyId,
    key: [u8; 32],
}

/// The last sealing key seals, each of them opens. One index key is in force: the last, until it is
/// told by which one a database is indexed.
#[derive(Clone)]
pub struct Ring {
    keys: Vec<SealingKey>,
    indexes: Vec<IndexKey>,
    by: IndexKey,
}

fn bound(place: Place) -> Vec<u8> {
    [place.column.as_bytes(), &[0], place.row.as_bytes()].concat()
}

/// What a line of a ring's text gives: its name and its key.
fn key_of(line: &str) -> Option<(&str, [u8; 32])> {
    let (name, value) = line.trim().split_once(' ')?;
    Some((name, STANDARD.decode(value.trim()).ok()?.try_into().ok()?))
}

/// What a key of the ring is for, by the first word of its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Index,
    Seal,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Seal => "seal",
        }
    }
}

/// The text of a ring with one key of each kind.
pub fn new_text() -> io::Result<String> {
    let text = String::from("# musiman key ring: keep it secret, keep a copy\n");
    with_new_key(&with_new_key(&text, Kind::Index)?, Kind::Seal)
}

/// The text with one more key at its end.
pub fn with_new_key(text: &str, kind: Kind) -> io::Result<String> {
    let key = STANDARD.encode(random::<32>()?);
    Ok(format!("{}\n{} {key}\n", text.trim_end(), kind.word()))
}

/// The text without the key of that id.
pub fn without_key(text: &str, kind: Kind, id: KeyId) -> String {
    let is_it = |line: &str| {
        let key = key_of(line).filter(|(name, _)| *name == kind.word());
        key.is_some_and(|(_, key)| KeyId::of_key(&key) == Some(id))
    };
    text.lines().filter(|line| !is_it(line)).fold(String::new(), |text, line| text + line + "\n")
}

impl Ring {
    /// Lines `index BASE64` and `seal BASE64`, each once or more.
    pub fn parse(text: &str) -> Option<Self> {
        let (mut indexes, mut keys) = (Vec::new(), Vec::new());
        for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            match key_of(line)? {
                ("index", key) => indexes.push(IndexKey { id: KeyId::of_key(&key)?, key }),
                ("seal", key) => {
                    let cipher = XChaCha20Poly1305::new(Key::from_slice(&key));
                    keys.push(SealingKey { id: KeyId::of_key(&key)?, cipher });
                }
                _ => return None,
            }
        }
        let by = *indexes.last()?;
        (!keys.is_empty()).then_some(Self { keys, indexes, by })
    }

    /// The same ring with each of its index keys in force, in the ring's order.
    pub fn by_each(&self) -> impl Iterator<Item = Self> {
        self.indexes.iter().map(|by| Self { by: *by, ..self.clone() })
    }

    /// The same ring with the index key in force that the other has in force.
    pub fn finding_as(&self, other: &Self) -> Option<Self> {
        self.by_each().find(|ring| ring.by == other.by)
    }

    /// Whether it opens and finds all that the other does.
    pub fn covers(&self, other: &Self) -> bool {
        let ids = self.ids(Kind::Seal);
        other.ids(Kind::Seal).iter().all(|id| ids.contains(id))
            && other.indexes.iter().all(|key| self.indexes.contains(key))
    }

    /// The keys' ids in the ring's order.
    pub fn ids(&self, kind: Kind) -> Vec<KeyId> {
        match kind {
            Kind::Index => self.indexes.iter().map(|key| key.id).collect(),
            Kind::Seal => self.keys.iter().map(|key| key.id).collect(),
        }
    }

    /// The index key in force.
    pub fn by(&self) -> KeyId {
        self.by.id
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
        let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(&self.by.key) else {
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
        for (kind, other) in [(Kind::Seal, Kind::Index), (Kind::Index, Kind::Seal)] {
            let new = with_new_key(&old, kind).unwrap();
            let ids = |text: &str| Ring::parse(text).unwrap().ids(kind);
            let [first, last] = ids(&new)[..] else { panic!("two keys") };
            assert_eq!(ids(&old), [first]);
            let left = without_key(&new, kind, first);
            assert_eq!(ids(&left), [last]);
            assert!(left.contains("# a note of the office\n"), "{left}");
            let kept = |text: &str| Ring::parse(text).unwrap().ids(other);
            assert_eq!(kept(&left), kept(&old));
        }
    }

    #[test]
    fn the_last_index_key_is_in_force_until_another_is_told() {
        let old = new_text().unwrap();
        let (one, two) = (
            Ring::parse(&old).unwrap(),
            Ring::parse(&with_new_key(&old, Kind::Index).unwrap()).unwrap(),
        );
        let hash = |ring: &Ring| ring.index("x", b"y");
        assert_ne!(hash(&one), hash(&two));
        assert_eq!(hash(&two.finding_as(&one).unwrap()), hash(&one));
        assert!(one.finding_as(&two).is_none());
        assert_eq!(two.by_each().last().map(|ring| ring.by()), Some(two.by()));
        assert!(two.covers(&one) && !one.covers(&two));
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
