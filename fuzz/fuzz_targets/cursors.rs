//! Cursors: one that was given reads as itself in its list only, and is spelled in one way.
#![no_main]

use libfuzzer_sys::fuzz_target;
use musiman::api::cursor::{After, read, write};
use musiman::seal::Seal;
use std::sync::OnceLock;
use uuid::Uuid;

fn seal() -> &'static Seal {
    static SEAL: OnceLock<Seal> = OnceLock::new();
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    SEAL.get_or_init(|| Seal::parse(&format!("index {key}\nseal {key}\n")).expect("a ring"))
}

fuzz_target!(|given: (i64, u128, &str, &str)| {
    let (order, id, list, text) = given;
    let after = After { order, id: Uuid::from_u128(id) };
    let cursor = write(seal(), list, after);
    assert_eq!(read(seal(), list, &cursor).ok(), Some(after));
    assert!(read(seal(), &format!("{list} other"), &cursor).is_err());
    // The fuzzer learns cursors that were given before: what is read has to be one of them.
    if let Ok(given) = read(seal(), list, text) {
        assert_eq!(write(seal(), list, given), text);
    }
});
