DROP TABLE merges;
DROP TABLE data_requests;
DROP TABLE seats, rounds, applications, quotas, frozen_seekers, season_inputs, season_allocations,
    seasons, agreements, import_verdicts, import_chunks, imports, jobs, journal_seals, journal, once, rate_leases,
    breach_people, breaches, external_ids, consents,
    attempts, password_codes, recovery_codes, second_factors, activation_codes, refresh_tokens, sessions, client_assertions,
    client_keys, client_secrets, accounts, seekers, organisations, signing_keys, meta;
DROP FUNCTION journal_stays, change_number, change_base;
