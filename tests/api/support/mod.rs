//! What the tests stand on: databases, a world with people in it, requests and answers.

pub mod cluster;
pub mod drawn;
pub mod dump;
pub mod played;
mod request;
pub mod season;
pub mod states;
mod world;

pub use cluster::{Kind, fresh, kinds};
pub use cluster::{RING, seal};
pub use request::Answer;
pub use world::{Bare, NO_LIMITS, World, both, ends, rules};
