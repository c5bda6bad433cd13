//! The matching engine: deferred acceptance on a laminar tree of caps.
//!
//! It knows seekers only as agents with a strict list, quotas only as leaves of a tree, and caps
//! and keys as integers. It must not know identity numbers beyond the pseudonym function, Korea,
//! the programme, a database, a clock, a random source or any I/O. Everything is a pure function of
//! its arguments, and nothing here panics.
//!
//! The path of a season:
//! 1. [`Builder`] collects nodes, seekers, keys, verdicts and reserves; [`Builder::build`] checks
//!    them all and gives an [`Instance`] or the first [`Invalid`].
//! 2. [`solve()`] gives an [`Outcome`]: one stable outcome, the best one for every seeker.
//! 3. [`explain()`] gives a seeker one line per listed quota, [`Outcome::nodes`] the figures of all
//!    nodes.
//! 4. [`certificate()`] writes the outcome down; [`verify()`] checks it without any code of
//!    `solve`.
//! 5. [`second_round`] makes the instance of the next round; [`Groups`] keeps pairs together.
//!
//! [`lottery`], [`merkle`] and [`stratified`] are the pure parts of freeze, draw and proof, and
//! [`exchange`] is the JSON form of all this, one instance a line.

mod builder;
mod certificate;
mod explain;
mod groups;
mod ids;
mod instance;
mod invalid;
mod lints;
mod order;
mod outcome;
mod rerun;
mod reserves;
mod solve;
mod tree;
mod verify;

pub mod exchange;
pub mod lottery;
pub mod merkle;
pub mod stratified;

pub use builder::Builder;
pub use certificate::{Certificate, CertifiedNode, ENGINE, certificate, digest};
pub use explain::{Line, Refusal, Why, explain};
pub use groups::{Group, GroupOutcome, Groups};
pub use ids::{NodeId, SeekerId};
pub use instance::{Entry, Instance, Node, Reserve, Seeker, Verdict};
pub use invalid::{Code, Invalid};
pub use lints::{Lint, is_plain_order, lints};
pub use order::{Band, Component, Key, Standing};
pub use outcome::{NodeFill, Outcome, PublicFill};
pub use rerun::{Answer, Rerun, second_round};
pub use solve::solve;
pub use verify::{Violation, verify};
