//! Seals and opens identifiers (AEAD per field) and makes their keyed look-up hashes.
//! Must not know: which fields there are, tables, HTTP.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};
use ed25519_dalek::SigningKey;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use uuid::Uuid;

const KEY_ID: usize = 4;
const NONCE: usize = 24;

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

struct SealingKey {
    id: [u8; KEY_ID],
    cipher: XChaCha20Poly1305,
}

/// The key ring: the last key of the file seals, every key opens; one more makes the indexes.
pub struct Seal {
    keys: Vec<SealingKey>,
    index: [u8; 32],
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

impl Seal {
    /// Reads the key file, or makes one that only its owner may read.
    pub fn open_or_make(path: &Path) -> io::Result<Self> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).ok_or_else(|| {
                io::Error::new(io::ErrorKind::InvalidData, "the key file is not readable")
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::make(path),
            Err(error) => Err(error),
        }
    }

    fn make(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut text = String::from("# musiman key ring: keep it secret, keep a copy\n");
        for name in ["index", "seal"] {
            let _ = writeln!(text, "{name} {}", STANDARD.encode(random::<32>()?));
        }
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new().prefix(".keys").tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        match file.persist_noclobber(path) {
            Ok(_) => {
                std::fs::File::open(folder)?.sync_all()?;
                Self::open_or_make(path)
            }
            // Another process was first: its file is the one.
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                Self::open_or_make(path)
            }
            Err(error) => Err(error.error),
        }
    }

    /// The text of a key file: lines `index BASE64` once and `seal BASE64` once or more.
    pub fn parse(text: &str) -> Option<Self> {
        let mut index = None;
        let mut keys = Vec::new();
        for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            let (name, value) = line.split_once(' ')?;
            let bytes: [u8; 32] = STANDARD.decode(value.trim()).ok()?.try_into().ok()?;
            match name {
                "index" => index = Some(bytes),
                "seal" => {
                    let digest = Sha256::digest(bytes);
                    let id = *digest.first_chunk::<KEY_ID>()?;
                    keys.push(SealingKey {
                        id,
                        cipher: XChaCha20Poly1305::new(Key::from_slice(&bytes)),
                    });
                }
                _ => return None,
            }
        }
        (!keys.is_empty()).then_some(Self { keys, index: index? })
    }

    fn bound(place: Place) -> Vec<u8> {
        [place.column.as_bytes(), &[0], place.row.as_bytes()].concat()
    }

    /// Key id, nonce, ciphertext: 44 bytes longer than the value.
    pub fn close(&self, place: Place, value: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let key = self.keys.last().ok_or(Unsealable)?;
        let nonce = random::<NONCE>().map_err(|_| Unsealable)?;
        let payload = Payload { msg: value, aad: &Self::bound(place) };
        let sealed =
            key.cipher.encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| Unsealable)?;
        Ok([&key.id[..], &nonce, &sealed].concat())
    }

    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let (id, rest) = sealed.split_first_chunk::<KEY_ID>().ok_or(Unsealable)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE>().ok_or(Unsealable)?;
        let key = self.keys.iter().find(|k| k.id == *id).ok_or(Unsealable)?;
        let payload = Payload { msg: text, aad: &Self::bound(place) };
        key.cipher.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| Unsealable)
    }

    pub fn open_text(&self, place: Place, sealed: &[u8]) -> Result<String, Unsealable> {
        String::from_utf8(self.open(place, sealed)?).map_err(|_| Unsealable)
    }

    /// HMAC-SHA256 under the index key; `purpose` keeps the hashes of different fields apart.
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

    fn ring() -> Seal {
        let key = STANDARD.encode([7; 32]);
        Seal::parse(&format!("index {key}\nseal {key}\n")).unwrap()
    }

    #[test]
    fn a_sealed_value_opens_in_its_own_place_only() {
        let (seal, row) = (ring(), Uuid::from_u128(1));
        let place = Place { column: "seekers.nik_sealed", row };
        let sealed = seal.close(place, b"3216180703960001").unwrap();
        assert_eq!(seal.open(place, &sealed).unwrap(), b"3216180703960001");
        assert!(seal.open(Place { row: Uuid::from_u128(2), ..place }, &sealed).is_err());
        assert!(seal.open(Place { column: "seekers.kk_sealed", row }, &sealed).is_err());
        let mut bent = sealed;
        if let Some(last) = bent.last_mut() {
            *last ^= 1;
        }
        assert!(seal.open(place, &bent).is_err());
    }

    #[test]
    fn a_key_file_is_made_once_and_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a").join("musiman.keys");
        let first = Seal::open_or_make(&path).unwrap();
        let again = Seal::open_or_make(&path).unwrap();
        assert_eq!(first.index("x", b"y"), again.index("x", b"y"));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
