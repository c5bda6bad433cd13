//! The world outside the process. Must not know: routes, use cases, tables of the database.

pub mod breached;
pub mod certificate;
pub mod papers;
pub mod scanner;
pub mod tables;
