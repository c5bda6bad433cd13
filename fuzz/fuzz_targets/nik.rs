//! Numbers of persons: what is read is canonical, and reads again as itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use musiman::domain::identity::{Ak1Number, Brn, Email, FarmId, Kk, Name, Nik, Passport, Phone};

macro_rules! stable {
    ($text:expr, $($kind:ty),+) => {$(
        if let Ok(read) = <$kind>::parse($text) {
            let again = <$kind>::parse(read.as_str()).ok();
            assert!(again.as_ref() == Some(&read), "{} is not stable", stringify!($kind));
        }
    )+};
}

fuzz_target!(|text: &str| {
    stable!(text, Nik, Kk, Name, Phone, Email, Passport, Ak1Number, Brn, FarmId);
    if let Ok(nik) = Nik::parse(text) {
        assert!(nik.as_str().len() == 16 && nik.as_str().bytes().all(|b| b.is_ascii_digit()));
    }
});
