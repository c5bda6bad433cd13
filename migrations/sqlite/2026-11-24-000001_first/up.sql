-- Twin of migrations/postgres; tests/api proves that both give the same tables and columns.
-- *_sealed holds a value sealed with the key ring, *_index its keyed hash for look-up.

CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    secret_sealed BLOB NOT NULL,
    public_key BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    signs_from INTEGER NOT NULL,
    retired_at INTEGER
) STRICT;

CREATE TABLE organisations (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CONSTRAINT organisations_kind CHECK (kind IN ('labour_office', 'kadin', 'farm', 'company', 'cooperative', 'si_gun')),
    name TEXT NOT NULL,
    business_number TEXT,
    farm_id TEXT,
    si_gun TEXT,
    state TEXT NOT NULL CONSTRAINT organisations_state CHECK (state IN ('registered', 'approved', 'suspended')),
    endorsed_at INTEGER,
    endorsement_note TEXT,
    state_note TEXT,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    changed_by BLOB
) STRICT;
CREATE UNIQUE INDEX organisations_business_number ON organisations (business_number);
CREATE UNIQUE INDEX organisations_farm_id ON organisations (farm_id);

CREATE TABLE seekers (
    id BLOB NOT NULL PRIMARY KEY,
    nik_sealed BLOB NOT NULL,
    nik_index BLOB NOT NULL,
    kk_sealed BLOB,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    born_on TEXT NOT NULL,
    birth_place TEXT,
    sex TEXT NOT NULL CONSTRAINT seekers_sex CHECK (sex IN ('male', 'female')),
    marital TEXT,
    address_sealed BLOB,
    village TEXT,
    kecamatan TEXT NOT NULL,
    education TEXT,
    phone_sealed BLOB,
    phone_index BLOB,
    email_sealed BLOB,
    ak1_number TEXT,
    ak1_issued_on TEXT,
    farm_months INTEGER NOT NULL,
    fishery_months INTEGER NOT NULL,
    korean_level INTEGER NOT NULL,
    training_hours INTEGER NOT NULL,
    passport_sealed BLOB,
    passport_index BLOB,
    passport_expires_on TEXT,
    state TEXT NOT NULL CONSTRAINT seekers_state CHECK (state IN ('draft', 'registered', 'verified', 'erased')),
    identity TEXT NOT NULL CONSTRAINT seekers_identity CHECK (identity IN ('matches', 'birth_date_differs', 'sex_differs', 'both_differ')),
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    changed_by BLOB,
    changed_tx INTEGER NOT NULL
) STRICT;
-- A draft proves nothing yet: it must neither block nor reveal the NIK of somebody else.
CREATE UNIQUE INDEX seekers_nik_index ON seekers (nik_index) WHERE state <> 'draft';
CREATE INDEX seekers_nik_any ON seekers (nik_index);
CREATE INDEX seekers_kecamatan ON seekers (kecamatan, id);
CREATE INDEX seekers_phone_index ON seekers (phone_index);
CREATE INDEX seekers_name_folded ON seekers (name_folded, id);
CREATE INDEX seekers_changed_tx ON seekers (changed_tx, id);
CREATE INDEX seekers_passport_index ON seekers (passport_index) WHERE passport_index IS NOT NULL;

-- A machine is an account with scopes: an officer within them.
CREATE TABLE accounts (
    id BLOB NOT NULL PRIMARY KEY,
    login_index BLOB NOT NULL,
    login TEXT,
    name TEXT,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL CONSTRAINT accounts_role CHECK (role IN ('office', 'lead', 'kadin', 'partner', 'seeker')),
    state TEXT NOT NULL CONSTRAINT accounts_state CHECK (state IN ('active', 'disabled')),
    organisation_id BLOB REFERENCES organisations (id),
    seeker_id BLOB REFERENCES seekers (id),
    scopes TEXT CONSTRAINT accounts_scopes CHECK (scopes IS NULL OR role = 'office'),
    used_at INTEGER,
    data TEXT NOT NULL CONSTRAINT accounts_data CHECK (data IN ('real', 'demo') AND (data = 'real' OR scopes IS NOT NULL)),
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    changed_by BLOB
) STRICT;
CREATE UNIQUE INDEX accounts_login_index ON accounts (login_index);
CREATE UNIQUE INDEX accounts_seeker_id ON accounts (seeker_id);
CREATE INDEX accounts_disabled ON accounts (updated_at) WHERE state = 'disabled';

CREATE TABLE client_secrets (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES accounts (id),
    secret_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX client_secrets_client_id ON client_secrets (client_id, id);

CREATE TABLE client_keys (
    id BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES accounts (id),
    alg TEXT NOT NULL CONSTRAINT client_keys_alg CHECK (alg IN ('EdDSA', 'ES256')),
    public_key BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX client_keys_client_id ON client_keys (client_id, id);

-- Assertions that were used, until they would have ended by themselves.
CREATE TABLE client_assertions (
    jti_hash BLOB NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX client_assertions_expires_at ON client_assertions (expires_at);

CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES accounts (id),
    begun_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX sessions_account_id ON sessions (account_id, id);
CREATE INDEX sessions_ended_at ON sessions (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE refresh_tokens (
    id BLOB NOT NULL PRIMARY KEY,
    session_id BLOB NOT NULL REFERENCES sessions (id),
    token_hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE UNIQUE INDEX refresh_tokens_token_hash ON refresh_tokens (token_hash);
CREATE INDEX refresh_tokens_session_id ON refresh_tokens (session_id);

CREATE TABLE activation_codes (
    seeker_id BLOB NOT NULL PRIMARY KEY REFERENCES seekers (id),
    code_index BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    made_by BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX activation_codes_code_index ON activation_codes (code_index);

CREATE TABLE second_factors (
    account_id BLOB NOT NULL PRIMARY KEY REFERENCES accounts (id),
    secret_sealed BLOB,
    confirmed_at INTEGER,
    last_step INTEGER NOT NULL,
    offered_sealed BLOB,
    offered_until INTEGER
) STRICT;

CREATE TABLE recovery_codes (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES accounts (id),
    code_hash BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX recovery_codes_code_hash ON recovery_codes (code_hash);
CREATE INDEX recovery_codes_account_id ON recovery_codes (account_id);

CREATE TABLE password_codes (
    account_id BLOB NOT NULL PRIMARY KEY REFERENCES accounts (id),
    code_hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE attempts (
    key_index BLOB NOT NULL PRIMARY KEY,
    wrong INTEGER NOT NULL,
    tried_at INTEGER NOT NULL,
    paused_until INTEGER NOT NULL
) STRICT;
CREATE INDEX attempts_tried_at ON attempts (tried_at);

CREATE TABLE consents (
    id BLOB NOT NULL PRIMARY KEY,
    seeker_id BLOB NOT NULL REFERENCES seekers (id),
    purpose TEXT NOT NULL CONSTRAINT consents_purpose CHECK (purpose IN ('registration', 'matching', 'share_with_kr_gov', 'share_with_employer', 'medical', 'training_provider', 'statistics')),
    basis TEXT NOT NULL CONSTRAINT consents_basis CHECK (basis IN ('consent', 'public_task')),
    state TEXT NOT NULL CONSTRAINT consents_state CHECK (state IN ('in_force', 'withdrawn', 'replaced')),
    text_version INTEGER,
    text_digest TEXT,
    language TEXT CONSTRAINT consents_language CHECK (language IN ('id', 'ko', 'en')),
    channel TEXT NOT NULL CONSTRAINT consents_channel CHECK (channel IN ('app', 'paper', 'desk', 'phone', 'import')),
    signed_on TEXT,
    given_at INTEGER NOT NULL,
    given_by BLOB,
    given_role TEXT,
    ended_at INTEGER,
    ended_channel TEXT,
    ended_by BLOB,
    ended_role TEXT,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX consents_in_force ON consents (seeker_id, purpose) WHERE state = 'in_force';
CREATE INDEX consents_seeker ON consents (seeker_id, id);

CREATE TABLE external_ids (
    id BLOB NOT NULL PRIMARY KEY,
    seeker_id BLOB NOT NULL REFERENCES seekers (id),
    system TEXT NOT NULL CONSTRAINT external_ids_system CHECK (system IN ('siapkerja', 'sisko_p2mi')),
    value_sealed BLOB NOT NULL,
    value_index BLOB NOT NULL,
    updated_at INTEGER NOT NULL,
    changed_by BLOB
) STRICT;
CREATE UNIQUE INDEX external_ids_value ON external_ids (system, value_index);
CREATE UNIQUE INDEX external_ids_seeker ON external_ids (seeker_id, system);

CREATE TABLE breaches (
    id BLOB NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CONSTRAINT breaches_state CHECK (state IN ('open', 'closed')),
    title TEXT NOT NULL,
    happened_from INTEGER,
    happened_to INTEGER,
    known_at INTEGER NOT NULL,
    notice_until INTEGER NOT NULL,
    data_kinds TEXT NOT NULL CHECK (json_valid(data_kinds)),
    how TEXT NOT NULL CHECK (json_valid(how)),
    handling TEXT NOT NULL CHECK (json_valid(handling)),
    authority_told_at INTEGER,
    authority_channel TEXT,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    changed_by BLOB
) STRICT;

CREATE TABLE breach_people (
    breach_id BLOB NOT NULL REFERENCES breaches (id),
    seeker_id BLOB NOT NULL REFERENCES seekers (id),
    told_at INTEGER,
    channel TEXT,
    PRIMARY KEY (breach_id, seeker_id)
) STRICT;
CREATE INDEX breach_people_seeker ON breach_people (seeker_id, breach_id);

CREATE TABLE once (
    scope BLOB NOT NULL PRIMARY KEY,
    body BLOB NOT NULL,
    made BLOB NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX once_at ON once (at);

-- Tokens of limits; only processes that share a database write here.
CREATE TABLE rate_leases (
    key_index BLOB NOT NULL,
    minute INTEGER NOT NULL,
    leased INTEGER NOT NULL,
    PRIMARY KEY (key_index, minute)
) STRICT;

CREATE TABLE journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor BLOB,
    role TEXT,
    capacity TEXT NOT NULL CONSTRAINT journal_capacity CHECK (capacity IN (
        'authority', 'adviser', 'employer', 'data_subject', 'agent', 'operator', 'service', 'visitor'
    )),
    operation TEXT,
    subject_kind TEXT NOT NULL,
    subject BLOB NOT NULL,
    event TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT,
    digest_before BLOB,
    digest_after BLOB,
    detail TEXT CHECK (json_valid(detail)),
    -- Of lines from a backup: the number that they had there.
    restored_tx INTEGER,
    changed_tx INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(restored_tx, seq)) VIRTUAL
) STRICT;
CREATE INDEX journal_subject ON journal (subject, seq);
CREATE INDEX journal_changed_tx ON journal (changed_tx, seq);

CREATE TABLE journal_seals (
    number INTEGER NOT NULL PRIMARY KEY,
    from_tx INTEGER NOT NULL UNIQUE,
    to_tx INTEGER NOT NULL CONSTRAINT journal_seals_range CHECK (to_tx > from_tx),
    lines INTEGER NOT NULL,
    digest BLOB NOT NULL,
    signature BLOB NOT NULL,
    sealed_at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER journal_line_stays BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'a line of the journal stays as it is'); END;
CREATE TRIGGER journal_line_remains BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'a line of the journal stays as it is'); END;
CREATE TRIGGER journal_seal_stays BEFORE UPDATE ON journal_seals
BEGIN SELECT RAISE(ABORT, 'a line of the journal stays as it is'); END;
CREATE TRIGGER journal_seal_remains BEFORE DELETE ON journal_seals
BEGIN SELECT RAISE(ABORT, 'a line of the journal stays as it is'); END;

CREATE TABLE jobs (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CONSTRAINT jobs_kind CHECK (kind IN ('import_job_seekers', 'compute_round')),
    subject BLOB NOT NULL,
    state TEXT NOT NULL CONSTRAINT jobs_state CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    done INTEGER NOT NULL,
    total INTEGER,
    problem TEXT,
    attempts INTEGER NOT NULL,
    claimed_by BLOB,
    lease_until INTEGER,
    created_by BLOB,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX jobs_state_id ON jobs (state, id);
CREATE INDEX jobs_subject ON jobs (subject);

CREATE TABLE imports (
    id BLOB NOT NULL PRIMARY KEY,
    mode TEXT NOT NULL CONSTRAINT imports_mode CHECK (mode IN ('preview', 'apply')),
    format TEXT CONSTRAINT imports_format CHECK (format IN ('csv', 'xlsx')),
    job_id BLOB NOT NULL REFERENCES jobs (id),
    digest BLOB NOT NULL,
    header_sealed BLOB,
    position INTEGER NOT NULL,
    new_rows INTEGER NOT NULL,
    unchanged_rows INTEGER NOT NULL,
    changed_rows INTEGER NOT NULL,
    conflict_rows INTEGER NOT NULL,
    refused_rows INTEGER NOT NULL,
    warned_rows INTEGER NOT NULL,
    created_by BLOB,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    destroyed_at INTEGER
) STRICT;

CREATE TABLE import_chunks (
    import_id BLOB NOT NULL REFERENCES imports (id),
    number INTEGER NOT NULL,
    bytes_sealed BLOB NOT NULL,
    PRIMARY KEY (import_id, number)
) STRICT;

-- One line for each chunk of rows: 200,000 verdicts are 400 lines.
CREATE TABLE import_verdicts (
    import_id BLOB NOT NULL REFERENCES imports (id),
    first_row INTEGER NOT NULL,
    verdicts_sealed BLOB NOT NULL,
    PRIMARY KEY (import_id, first_row)
) STRICT;

CREATE TABLE agreements (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CONSTRAINT agreements_kind CHECK (kind IN ('letter_of_intent', 'sister_city_mou', 'implementing_arrangement', 'chamber_company_memorandum')),
    title TEXT NOT NULL,
    si_gun TEXT,
    effective_from TEXT NOT NULL,
    effective_to TEXT,
    documents TEXT NOT NULL CHECK (json_valid(documents)),
    state TEXT NOT NULL CONSTRAINT agreements_state CHECK (state IN ('proposed', 'confirmed', 'ended')),
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    changed_by BLOB
) STRICT;

CREATE TABLE seasons (
    id BLOB NOT NULL PRIMARY KEY,
    agreement_id BLOB NOT NULL REFERENCES agreements (id),
    name TEXT NOT NULL,
    contract_from TEXT NOT NULL,
    contract_to TEXT NOT NULL,
    freeze_at INTEGER NOT NULL,
    objection_hours INTEGER NOT NULL,
    list_max INTEGER NOT NULL,
    offer_hours INTEGER NOT NULL,
    rubric TEXT NOT NULL CHECK (json_valid(rubric)),
    beacons TEXT NOT NULL CHECK (json_valid(beacons)),
    idr_per_100_krw INTEGER NOT NULL,
    rate_source TEXT NOT NULL,
    state TEXT NOT NULL CONSTRAINT seasons_state CHECK (state IN ('draft', 'open', 'frozen', 'drawn', 'published', 'closed')),
    secret_sealed BLOB,
    season_key_sealed BLOB,
    secret_commitment BLOB,
    season_key_commitment BLOB,
    rules TEXT,
    rules_digest TEXT,
    rubric_digest TEXT,
    opened_at INTEGER,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    changed_by BLOB
) STRICT;

CREATE TABLE season_allocations (
    id BLOB NOT NULL PRIMARY KEY,
    season_id BLOB NOT NULL REFERENCES seasons (id),
    si_gun TEXT NOT NULL,
    half TEXT NOT NULL,
    sector TEXT NOT NULL CONSTRAINT season_allocations_sector CHECK (sector IN ('agriculture', 'fishery')),
    kind TEXT NOT NULL CONSTRAINT season_allocations_kind CHECK (kind IN ('household', 'public')),
    heads INTEGER NOT NULL CONSTRAINT season_allocations_heads CHECK (heads >= 0),
    document TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX season_allocations_place ON season_allocations (season_id, si_gun, half, sector, kind);

CREATE TABLE season_inputs (
    season_id BLOB NOT NULL REFERENCES seasons (id),
    input_version INTEGER NOT NULL,
    canonical_sealed BLOB NOT NULL,
    digest BLOB NOT NULL,
    root BLOB NOT NULL,
    tree_size INTEGER NOT NULL,
    reason TEXT,
    frozen_at INTEGER NOT NULL,
    objection_until INTEGER NOT NULL,
    frozen_by BLOB,
    beacon_name TEXT,
    beacon_value TEXT,
    beacon_source TEXT,
    beacon_reason TEXT,
    beacon_at INTEGER,
    beacon_by BLOB,
    seed BLOB,
    PRIMARY KEY (season_id, input_version)
) STRICT;

CREATE TABLE frozen_seekers (
    season_id BLOB NOT NULL,
    input_version INTEGER NOT NULL,
    seeker_id BLOB NOT NULL REFERENCES seekers (id),
    pseudonym BLOB NOT NULL,
    PRIMARY KEY (season_id, input_version, seeker_id),
    FOREIGN KEY (season_id, input_version) REFERENCES season_inputs (season_id, input_version)
) STRICT;

CREATE TABLE quotas (
    id BLOB NOT NULL PRIMARY KEY,
    season_id BLOB NOT NULL REFERENCES seasons (id),
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    allocation_id BLOB NOT NULL REFERENCES season_allocations (id),
    si_gun TEXT NOT NULL,
    kind TEXT NOT NULL CONSTRAINT quotas_kind CHECK (kind IN ('household', 'public')),
    sector TEXT NOT NULL CONSTRAINT quotas_sector CHECK (sector IN ('agriculture', 'fishery')),
    crop TEXT NOT NULL,
    work TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    seats INTEGER NOT NULL CONSTRAINT quotas_seats CHECK (seats > 0),
    wage_unit TEXT NOT NULL CONSTRAINT quotas_wage_unit CHECK (wage_unit IN ('hour', 'month')),
    wage_amount INTEGER NOT NULL,
    monthly_wage INTEGER NOT NULL,
    hours_per_week INTEGER NOT NULL,
    days_off_per_month INTEGER NOT NULL,
    housing TEXT NOT NULL,
    housing_deduction INTEGER NOT NULL,
    meals_deduction INTEGER NOT NULL,
    min_experience_months INTEGER,
    state TEXT NOT NULL CONSTRAINT quotas_state CHECK (state IN ('draft', 'submitted', 'endorsed', 'open', 'rejected', 'withdrawn')),
    endorsement_document TEXT,
    state_note TEXT,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    changed_by BLOB
) STRICT;
CREATE INDEX quotas_season ON quotas (season_id, state, id);
CREATE INDEX quotas_organisation ON quotas (organisation_id, id);

CREATE TABLE applications (
    id BLOB NOT NULL PRIMARY KEY,
    season_id BLOB NOT NULL REFERENCES seasons (id),
    seeker_id BLOB NOT NULL REFERENCES seekers (id),
    choices TEXT NOT NULL CHECK (json_valid(choices)),
    state TEXT NOT NULL CONSTRAINT applications_state CHECK (state IN ('active', 'withdrawn')),
    reason TEXT,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    changed_by BLOB
) STRICT;
CREATE UNIQUE INDEX applications_seeker ON applications (season_id, seeker_id);

CREATE TABLE rounds (
    id BLOB NOT NULL PRIMARY KEY,
    season_id BLOB NOT NULL REFERENCES seasons (id),
    input_version INTEGER NOT NULL,
    job_id BLOB NOT NULL REFERENCES jobs (id),
    state TEXT NOT NULL CONSTRAINT rounds_state CHECK (state IN ('queued', 'computed', 'approved', 'published', 'void')),
    nodes TEXT CHECK (json_valid(nodes)),
    lints TEXT CHECK (json_valid(lints)),
    placed INTEGER,
    unplaced INTEGER,
    instance_digest TEXT,
    outcome_digest TEXT,
    computed_by BLOB,
    computed_at INTEGER,
    approved_by BLOB,
    approved_at INTEGER,
    published_by BLOB,
    published_at INTEGER,
    secret_revealed BLOB,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    changed_by BLOB
) STRICT;
CREATE INDEX rounds_season ON rounds (season_id, id);

CREATE TABLE seats (
    round_id BLOB NOT NULL REFERENCES rounds (id),
    seeker_id BLOB NOT NULL REFERENCES seekers (id),
    quota_id BLOB NOT NULL REFERENCES quotas (id),
    number INTEGER NOT NULL,
    kecamatan TEXT NOT NULL,
    sex TEXT NOT NULL CONSTRAINT seats_sex CHECK (sex IN ('male', 'female')),
    age_band TEXT NOT NULL,
    experience_band TEXT NOT NULL,
    PRIMARY KEY (round_id, seeker_id)
) STRICT;
CREATE UNIQUE INDEX seats_number ON seats (round_id, quota_id, number);
CREATE INDEX seats_seeker ON seats (seeker_id);

-- What people ask about their own data: their words, what shall be corrected, and the answer.
CREATE TABLE data_requests (
    id BLOB NOT NULL PRIMARY KEY,
    seeker_id BLOB NOT NULL REFERENCES seekers (id),
    kind TEXT NOT NULL CONSTRAINT data_requests_kind CHECK (kind IN ('access', 'correction', 'restriction', 'erasure', 'objection')),
    state TEXT NOT NULL CONSTRAINT data_requests_state CHECK (state IN ('received', 'identity_checked', 'decided', 'done', 'partly_refused', 'refused', 'withdrawn')),
    text_sealed BLOB,
    evidence_sealed BLOB,
    corrections_sealed BLOB,
    round_id BLOB REFERENCES rounds (id),
    received_at INTEGER NOT NULL,
    escalates_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    decided_at INTEGER,
    decided_by BLOB,
    ground TEXT CONSTRAINT data_requests_ground CHECK (ground IN ('identity_not_proven', 'evidence_insufficient', 'record_correct', 'retention_duty', 'legal_exception', 'repeated')),
    review TEXT CONSTRAINT data_requests_review CHECK (review IN ('upheld', 'reviewed')),
    note_sealed BLOB,
    ended_at INTEGER,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    changed_by BLOB
) STRICT;
CREATE INDEX data_requests_seeker ON data_requests (seeker_id, id);
CREATE INDEX data_requests_state ON data_requests (state, due_at);

-- Proposals to merge two records of one human being, and what a second officer said to them.
CREATE TABLE merges (
    id BLOB NOT NULL PRIMARY KEY,
    survivor_id BLOB NOT NULL REFERENCES seekers (id),
    double_id BLOB NOT NULL REFERENCES seekers (id),
    survivor_version INTEGER NOT NULL,
    double_version INTEGER NOT NULL,
    fields TEXT NOT NULL,
    evidence_sealed BLOB,
    request_id BLOB REFERENCES data_requests (id),
    state TEXT NOT NULL CONSTRAINT merges_state CHECK (state IN ('proposed', 'confirmed', 'refused', 'withdrawn', 'released')),
    proposed_by BLOB,
    proposed_at INTEGER NOT NULL,
    decided_by BLOB,
    decided_at INTEGER,
    note_sealed BLOB,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    changed_by BLOB
) STRICT;
CREATE UNIQUE INDEX merges_double_id ON merges (double_id) WHERE state = 'proposed';
CREATE INDEX merges_double ON merges (double_id);
CREATE INDEX merges_survivor ON merges (survivor_id, id);
CREATE INDEX merges_state ON merges (state, id);

CREATE TABLE evidence_files (
    id BLOB NOT NULL PRIMARY KEY,
    request_id BLOB NOT NULL REFERENCES data_requests (id),
    media_type TEXT NOT NULL CONSTRAINT evidence_files_media_type CHECK (media_type IN ('image/jpeg', 'image/png', 'application/pdf')),
    bytes INTEGER NOT NULL,
    digest BLOB NOT NULL,
    content_sealed BLOB NOT NULL,
    added_at INTEGER NOT NULL
) STRICT;
CREATE INDEX evidence_files_request ON evidence_files (request_id, id);
