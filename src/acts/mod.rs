//! Use cases with more than one door: API and job, command line and demo. One file an act.
//! Must not know: HTTP, texts.

pub mod create_account;
pub mod import_register;

pub use create_account::create_account;
