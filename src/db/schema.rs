//! The tables as diesel sees them, one for both databases. Must not know: queries.

mod people;
mod privacy;
mod rights;
mod season;
mod uploads;
mod work;

pub use people::{
    accounts, activation_codes, attempts, client_assertions, client_keys, client_secrets,
    organisations, password_codes, recovery_codes, refresh_tokens, second_factors, seekers,
    sessions,
};
pub use privacy::{breach_people, breaches, consents, external_ids};
pub use rights::{data_requests, evidence_files, merges};
pub use season::{
    agreements, applications, frozen_seekers, quotas, rounds, season_allocations, season_inputs,
    seasons, seats,
};
pub use uploads::{import_chunks, import_verdicts, imports};
pub use work::{jobs, journal, journal_seals, meta, once, rate_leases, signing_keys};

diesel::allow_tables_to_appear_in_same_query!(
    meta,
    signing_keys,
    organisations,
    seekers,
    accounts,
    client_secrets,
    client_keys,
    client_assertions,
    sessions,
    refresh_tokens,
    activation_codes,
    second_factors,
    recovery_codes,
    password_codes,
    attempts,
    consents,
    external_ids,
    breaches,
    breach_people,
    once,
    rate_leases,
    journal,
    journal_seals,
    jobs,
    imports,
    import_chunks,
    import_verdicts,
    agreements,
    seasons,
    season_allocations,
    season_inputs,
    frozen_seekers,
    quotas,
    applications,
    rounds,
    seats,
    data_requests,
    merges,
    evidence_files,
);
