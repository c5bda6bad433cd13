//! A register in CSV, every row judged and written back as a file of refused rows.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../register.rs"]
mod register;

fuzz_target!(|bytes: &[u8]| register::read(bytes.to_vec()));
