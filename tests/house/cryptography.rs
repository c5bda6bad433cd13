//! Where cryptography is used: each library of it stands here with every file that names it, and
//! `docs/security.md` (Keys and algorithms) tells for what. A new use is told, and so is one that
//! went.

use crate::source::Source;
use std::collections::BTreeSet;

/// By library, the files that may name it, with spaces between.
const USES: [(&str, &str); 15] = [
    ("age", "src/acts/archive.rs"),
    ("argon2", "src/password.rs"),
    ("chacha20poly1305", "src/seal/ring.rs"),
    (
        "ed25519_dalek",
        "src/acts/seal_journal.rs src/acts/verify_journal.rs src/db/signing.rs \
            src/domain/client_keys.rs src/seal.rs",
    ),
    ("getrandom", "src/seal.rs"),
    ("hmac", "src/acts/freeze.rs src/matching/lottery.rs src/seal/ring.rs"),
    ("jsonwebtoken", "src/api/auth/assertion.rs src/api/token.rs"),
    ("p256", "src/domain/client_keys.rs"),
    ("rustls", "src/outside/certificate.rs"),
    ("rustls_native_certs", "src/outside/certificate.rs"),
    // That of `age`.
    ("scrypt", "src/acts/archive.rs"),
    ("sha1", "src/outside/breached.rs"),
    (
        "sha2",
        "src/acts/compute_round.rs src/acts/freeze.rs src/acts/seal_journal.rs src/api/answer.rs \
            src/api/extract.rs src/api/imports/mod.rs src/api/imports/upload.rs \
            src/api/rights/files.rs src/api/token.rs src/db/secrets.rs src/domain/consents.rs src/domain/points.rs \
            src/domain/rulebook/canonical.rs src/matching/certificate.rs src/matching/lottery.rs \
            src/matching/merkle.rs src/seal.rs src/seal/ring.rs",
    ),
    ("subtle", "src/api/auth/device.rs src/api/cursor.rs src/db/secrets.rs"),
    ("totp_rs", "src/totp.rs"),
];

/// Libraries, and how more of them begin, that would bring another algorithm or source of chance.
const OTHERS: [&str; 23] = [
    "aead",
    "aes",
    "bcrypt",
    "blake2",
    "blake3",
    "crypto",
    "curve25519",
    "des",
    "dsa",
    "ecdsa",
    "hkdf",
    "k256",
    "md5",
    "ml",
    "openssl",
    "p384",
    "p521",
    "pbkdf2",
    "poly1305",
    "rand",
    "rsa",
    "sha3",
    "x25519",
];

fn uses(sources: &[Source]) -> BTreeSet<(String, String)> {
    let named = |source: &Source| {
        let first = source.paths.iter().filter_map(|(_, path)| Some(path.split_once("::")?.0));
        let of = |name: &str| {
            let begin = name.split('_').next().unwrap_or(name);
            OTHERS.contains(&begin) || USES.iter().any(|(library, _)| *library == name)
        };
        let found = first.filter(|name| of(name)).map(str::to_owned);
        found.map(|name| (name, source.path.clone())).collect::<Vec<_>>()
    };
    sources.iter().flat_map(named).collect()
}

fn allowed() -> BTreeSet<(String, String)> {
    let files = |(library, files): &(&str, &str)| {
        let library = (*library).to_owned();
        let pair = move |file: &str| (library.clone(), file.to_owned());
        files.split_whitespace().map(pair).collect::<Vec<_>>()
    };
    USES.iter().flat_map(files).collect()
}

#[test]
fn cryptography_is_where_the_inventory_says() {
    let found = uses(&crate::sources("src"));
    let (allowed, found) = (allowed(), found);
    let new: Vec<_> = found.difference(&allowed).collect();
    let gone: Vec<_> = allowed.difference(&found).collect();
    assert!(new.is_empty(), "say for what in docs/security.md, then name the file here: {new:?}");
    assert!(gone.is_empty(), "no longer used there: {gone:?}");
}

#[test]
fn another_algorithm_or_place_is_told() {
    let said = |path: &str, text: &str| {
        let source = Source::new(path, &format!("//! A sample.\n\n{text}\n"));
        uses(&[source]).difference(&allowed()).count()
    };
    assert_eq!(said("src/api/seekers.rs", "use hmac::Mac;"), 1);
    assert_eq!(said("src/api/seekers.rs", "fn f() { sha2::Sha256::digest(x); }"), 1);
    assert_eq!(said("src/seal/ring.rs", "use aes_gcm::Aes256Gcm;"), 1);
    assert_eq!(said("src/seal/ring.rs", "use rand::random;"), 1);
    assert_eq!(said("src/seal/ring.rs", "use hmac::{Hmac, Mac};\nuse sha2::Sha256;"), 0);
}
