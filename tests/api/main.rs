//! The service over HTTP: the real application, a database of its own for each test, both kinds.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod access;
mod accounts;
mod agreements;
mod applications;
mod assertions;
mod audit;
mod backup;
mod bands;
mod breaches;
mod columns;
mod consents;
mod deadlines;
mod document;
mod doubles;
mod doubles_refused;
mod edge;
mod eligibility;
mod evidence;
mod foreign;
mod freeze;
mod hostile;
mod imports;
mod keys;
mod killed;
mod lines;
mod looks;
mod machines;
mod organisations;
mod passwords;
mod permissions;
mod portable;
mod processing;
mod quotas;
mod reindex;
mod resets;
mod retention;
mod rights;
mod rights_columns;
mod rights_effects;
mod rights_export;
mod rounds;
mod sandbox;
mod season;
mod seasons;
mod second_factor;
mod seekers;
mod sees;
mod sessions;
mod signing;
mod support;
mod suspension;
mod tries;
