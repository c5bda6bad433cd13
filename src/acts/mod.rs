//! Use cases with more than one door: API and job, command line and demo. One file an act.
//! Must not know: HTTP, texts.

pub mod archive;
pub mod backup;
pub mod close_season;
pub mod compute_round;
pub mod create_account;
pub mod deadline;
pub mod demand;
pub mod enter_beacon;
pub mod erase_person;
pub mod forget_copies;
pub mod forget_people;
pub mod freeze;
pub mod frozen;
pub mod import_register;
pub mod merge_people;
pub mod open_season;
pub mod publish_round;
pub mod queue_round;
pub mod replace_index;
pub mod reset_second_factor;
pub mod restore;
pub mod rotate_keys;
pub mod rotate_signing;
pub mod seal_journal;
pub mod stop;
pub mod uploads;
pub mod verify_journal;

pub use create_account::create_account;
