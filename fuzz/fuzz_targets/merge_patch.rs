//! A body of a registration, and the same bytes as a change of a record that stands.
#![no_main]

use libfuzzer_sys::fuzz_target;
use musiman::api::RegisterSeeker;
use musiman::api::extract::{Patch, value_of};

const STANDING: &str = r#"{"nik":"3216184703960002","name":"Siti Contoh","born_on":"1996-03-07","sex":"female","kecamatan":"321618"}"#;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(seeker) = value_of::<RegisterSeeker>(bytes) {
        let form = RegisterSeeker::from(&seeker);
        let text = serde_json::to_vec(&form).expect("a form is JSON");
        let again = value_of::<RegisterSeeker>(&text).expect("what was taken is taken again");
        assert!(again == seeker, "a record changes by being read");
    }
    if let Ok(patch) = Patch::<RegisterSeeker>::read(bytes) {
        let standing: RegisterSeeker = serde_json::from_str(STANDING).expect("a form");
        let _ = patch.onto(&standing);
    }
});
