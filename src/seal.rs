//! Seals and opens identifiers (AEAD per field) and makes their keyed look-up hashes.
//! Must not know: which fields there are, tables, HTTP.

mod ring;
mod source;

pub use ring::{KeyId, Kind};
pub use source::{KeyFile, Source};

use crate::clock::Clock;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use ring::{Ring, Shut};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long a key that the source does not have is not asked for again.
const REST: Duration = Duration::from_secs(3);

/// Whether this build leaves sealing and the journal out, so that a bench can tell what they cost.
pub const WITHOUT_TRUST: bool = cfg!(feature = "without-trust");

/// A sealed value that cannot be opened: another key, another row, or damage.
#[derive(Debug)]
pub struct Unsealable;

impl std::fmt::Display for Unsealable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a sealed value does not open with this key ring")
    }
}

impl std::error::Error for Unsealable {}

/// Where a sealed value lives. It opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// `table.column`.
    pub column: &'static str,
    pub row: Uuid,
}

/// The key ring that this process knows, and where it learns of new keys: the last key seals, every
/// key opens. The index key in force makes the hashes: the one that the database is indexed by.
pub struct Seal {
    ring: RwLock<Arc<Ring>>,
    source: Option<Source>,
    /// Keys that the source did not have, and when it was asked.
    missing: Mutex<HashMap<KeyId, Instant>>,
}

fn mark(ring: &Ring) -> String {
    STANDARD.encode(ring.index("meta.check", b"musiman"))
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(..)")
    }
}

/// Bytes from the operating system's generator.
pub fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

/// SHA-256 of what is made of chance: nobody tries it through, so it needs no key, and stays as it
/// is when keys go. Another `purpose` gives another hash.
pub fn hash(purpose: &str, value: &[u8]) -> Vec<u8> {
    Sha256::digest([purpose.as_bytes(), &[0], value].concat()).to_vec()
}

impl Seal {
    fn of(ring: Ring, source: Option<Source>) -> Self {
        Self { ring: RwLock::new(Arc::new(ring)), source, missing: Mutex::default() }
    }

    /// Reads the ring; a key file that is not there is made.
    pub fn from(source: Source) -> io::Result<Self> {
        Ok(Self::of(source.first()?, Some(source)))
    }

    /// A ring that never changes: lines `index BASE64` and `seal BASE64`, each once or more.
    pub fn parse(text: &str) -> Option<Self> {
        Ring::parse(text).map(|ring| Self::of(ring, None))
    }

    pub fn source(&self) -> Option<&Source> {
        self.source.as_ref()
    }

    fn ring(&self) -> Arc<Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The sealing keys in the ring's order; the last one seals.
    pub fn keys(&self) -> Vec<KeyId> {
        self.ring().ids(Kind::Seal)
    }

    /// The index keys in the ring's order.
    pub fn index_keys(&self) -> Vec<KeyId> {
        self.ring().ids(Kind::Index)
    }

    /// The index key in force.
    pub fn index_key(&self) -> KeyId {
        self.ring().by()
    }

    /// What the index key in force makes of a fixed text: a database keeps it, and so says by which
    /// key it is indexed.
    pub fn mark(&self) -> String {
        mark(&self.ring())
    }

    /// Puts the index key in force that made a mark; `false` if the ring has none that did.
    pub fn finds_by(&self, wanted: &str) -> bool {
        let mut held = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        let found = held.by_each().find(|ring| mark(ring) == wanted);
        found.map(|ring| *held = Arc::new(ring)).is_some()
    }

    /// The same keys with the ring's last index key in force.
    pub fn with_newest_index(&self) -> Option<Self> {
        self.ring().by_each().last().map(|ring| Self::of(ring, None))
    }

    /// Reads the source again. A ring without the index key in force would find nobody: it is
    /// refused, and the old one stays.
    pub fn look_again(&self) -> io::Result<()> {
        let Some(source) = &self.source else { return Ok(()) };
        let read = source.read()?;
        let mut held = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        let lost = || io::Error::new(io::ErrorKind::InvalidData, "lacks the index key in use");
        *held = Arc::new(read.finding_as(&held).ok_or_else(lost)?);
        Ok(())
    }

    /// Whether the ring has that key after the source was read again. Who comes meanwhile waits.
    fn learns(&self, id: KeyId) -> bool {
        let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.keys().contains(&id) {
            return true;
        }
        missing.retain(|_, asked| asked.elapsed() < REST);
        if missing.contains_key(&id) {
            return false;
        }
        self.look_again_or_tell();
        let found = self.keys().contains(&id);
        if !found {
            missing.insert(id, Clock::stopwatch());
        }
        found
    }

    /// Reads the source again; what fails goes to the log, and the old ring stays.
    pub fn look_again_or_tell(&self) {
        if let Err(error) = self.look_again() {
            let source = self.source.as_ref().map(Source::shown);
            tracing::error!(source, %error, "the key ring cannot be read again");
        }
    }

    /// Key id, nonce, ciphertext: 44 bytes longer than the value.
    pub fn close(&self, place: Place, value: &[u8]) -> Result<Vec<u8>, Unsealable> {
        if WITHOUT_TRUST {
            return Ok(value.to_vec());
        }
        self.ring().close(place, value)
    }

    /// A value under a key that is not known yet makes the source read again.
    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        if WITHOUT_TRUST {
            return Ok(sealed.to_vec());
        }
        match self.ring().open(place, sealed) {
            Ok(value) => Ok(value),
            Err(Shut::UnknownKey(id)) if self.learns(id) => {
                self.ring().open(place, sealed).map_err(|_| Unsealable)
            }
            Err(_) => Err(Unsealable),
        }
    }

    pub fn open_text(&self, place: Place, sealed: &[u8]) -> Result<String, Unsealable> {
        String::from_utf8(self.open(place, sealed)?).map_err(|_| Unsealable)
    }

    /// HMAC-SHA256 under the index key; `purpose` keeps the hashes of different fields apart.
    pub fn index(&self, purpose: &str, value: &[u8]) -> Vec<u8> {
        self.ring().index(purpose, value)
    }

    /// A signing key that only holders of this ring have; another `purpose` gives another key. It
    /// stays the same while sealing keys come and go.
    pub fn signer(&self, purpose: &str) -> Result<SigningKey, Unsealable> {
        let seed: [u8; 32] =
            self.index("signer", purpose.as_bytes()).try_into().map_err(|_| Unsealable)?;
        Ok(SigningKey::from_bytes(&seed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    const OTHER: &str = "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg=";

    fn place(row: u128) -> Place {
        Place { column: "seekers.nik_sealed", row: Uuid::from_u128(row) }
    }

    #[test]
    fn a_sealed_value_opens_in_its_own_place_only() {
        let seal = Seal::parse(&format!("index {KEY}\nseal {KEY}\n")).unwrap();
        let sealed = seal.close(place(1), b"3216180703960001").unwrap();
        assert_eq!(seal.open(place(1), &sealed).unwrap(), b"3216180703960001");
        assert!(seal.open(place(2), &sealed).is_err());
        let beside = Place { column: "seekers.kk_sealed", ..place(1) };
        assert!(seal.open(beside, &sealed).is_err());
        let mut bent = sealed;
        if let Some(last) = bent.last_mut() {
            *last ^= 1;
        }
        assert!(seal.open(place(1), &bent).is_err());
    }

    #[test]
    fn an_unknown_key_is_learnt_from_the_file_and_then_seals() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("musiman.keys");
        let (old, new) = [(); 2].map(|()| Seal::from(Source::File(path.clone())).unwrap()).into();
        let kept = old.close(place(1), b"kept").unwrap();
        KeyFile::hold(&path).unwrap().add_key(Kind::Seal).unwrap();
        new.look_again().unwrap();
        assert_eq!((old.keys().len(), new.keys().len()), (1, 2));
        let value = new.close(place(1), b"new").unwrap();
        assert_eq!(old.open(place(1), &value).unwrap(), b"new");
        assert_eq!(old.open(place(1), &kept).unwrap(), b"kept");
        assert_eq!(KeyId::of(&old.close(place(1), b"x").unwrap()), KeyId::of(&value));
    }

    #[test]
    fn a_key_that_nobody_has_does_not_ask_the_source_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let asked = folder.path().join("asked");
        let script = folder.path().join("keys.sh");
        let lines = format!("echo >> {}; echo index {KEY}; echo seal {KEY}", asked.display());
        std::fs::write(&script, lines).unwrap();
        let words = vec!["sh".to_owned(), script.display().to_string()];
        let seal = Seal::from(Source::Command(words)).unwrap();
        let foreign = Seal::parse(&format!("index {KEY}\nseal {OTHER}\n")).unwrap();
        let value = foreign.close(place(1), b"x").unwrap();
        for _ in 0..5 {
            assert!(seal.open(place(1), &value).is_err());
        }
        assert_eq!(std::fs::read_to_string(&asked).unwrap().lines().count(), 2);
    }

    #[test]
    fn a_ring_with_another_index_key_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("musiman.keys");
        std::fs::write(&path, format!("index {KEY}\nseal {KEY}\n")).unwrap();
        let seal = Seal::from(Source::File(path.clone())).unwrap();
        std::fs::write(&path, format!("index {OTHER}\nseal {OTHER}\n")).unwrap();
        let before = (seal.keys(), seal.index("x", b"y"));
        assert!(seal.look_again().is_err());
        assert_eq!((seal.keys(), seal.index("x", b"y")), before);
    }

    #[test]
    fn the_index_key_stays_when_another_joins_the_ring_and_goes_where_the_database_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("musiman.keys");
        let seal = Seal::from(Source::File(path.clone())).unwrap();
        let (old, hash) = (seal.mark(), seal.index("x", b"y"));
        KeyFile::hold(&path).unwrap().add_key(Kind::Index).unwrap();
        seal.look_again().unwrap();
        assert_eq!((seal.index_keys().len(), seal.mark(), seal.index("x", b"y")), (2, old, hash));
        let new = seal.with_newest_index().unwrap();
        assert_ne!(new.mark(), seal.mark());
        assert!(seal.finds_by(&new.mark()) && seal.index("x", b"y") == new.index("x", b"y"));
        assert!(!seal.finds_by("AAAA") && seal.mark() == new.mark());
        // Once no database is indexed by it, the old key may go.
        KeyFile::hold(&path).unwrap().remove_key(Kind::Index, seal.index_keys()[0]).unwrap();
        seal.look_again().unwrap();
        assert_eq!((seal.index_keys(), seal.mark()), (vec![seal.index_key()], new.mark()));
    }
}
