//! The engine's exchange format: one line in, one line of JSON out, the same each time.
#![no_main]

use libfuzzer_sys::fuzz_target;
use musiman::matching::exchange::answer;

fuzz_target!(|line: &str| {
    let reply = answer(line);
    assert!(!reply.json.contains('\n'));
    assert!(serde_json::from_str::<serde_json::Value>(&reply.json).is_ok());
    assert_eq!(answer(line), reply);
});
