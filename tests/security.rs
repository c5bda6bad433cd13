//! The service under attack: every door that a stranger, a partner or a job seeker may try.
//! Each test first shows that the honest way works, so that a refusal is one of the attack.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

#[path = "security/assignment.rs"]
mod assignment;
#[path = "security/bodies.rs"]
mod bodies;
#[path = "security/copies.rs"]
mod copies;
#[path = "security/injection.rs"]
mod injection;
#[path = "security/names.rs"]
mod names;
#[path = "security/needles.rs"]
mod needles;
#[path = "security/operations.rs"]
mod operations;
#[path = "security/papers.rs"]
mod papers;
#[path = "security/parts.rs"]
mod parts;
#[path = "security/probing.rs"]
mod probing;
#[path = "security/slow.rs"]
mod slow;
#[expect(
    dead_code,
    unused_imports,
    reason = "shared with the tests of the API, which use the rest"
)]
#[path = "api/support/mod.rs"]
mod support;
#[path = "security/tokens.rs"]
mod tokens;
#[path = "security/uploads.rs"]
mod uploads;
