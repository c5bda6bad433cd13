//! The programme on paper: values, verdicts, lifecycles, dated rules, eligibility, points.
//! Must not know: tables, HTTP, clocks, files, the environment.

mod words;
pub use words::UnknownWord;

mod fields;

pub mod accounts;
pub mod agreements;
pub mod applications;
pub mod attempts;
pub mod bands;
pub mod breaches;
pub mod capacity;
pub mod client_keys;
pub mod codes;
pub mod consents;
pub mod disclosure;
pub mod eligibility;
pub mod external_ids;
pub mod identity;
pub mod ids;
pub mod lifecycle;
pub mod merges;
pub mod organisations;
pub mod papers;
pub mod places;
pub mod points;
pub mod problem;
pub mod processing;
pub mod quotas;
pub mod register;
pub mod retention;
pub mod rights;
pub mod roles;
pub mod rounds;
pub mod rulebook;
pub mod scopes;
pub mod seasons;
pub mod seekers;
pub mod sessions;
pub mod signing;
pub mod small_cells;
pub mod time;
