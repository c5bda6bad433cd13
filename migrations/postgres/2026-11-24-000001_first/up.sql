-- Twin of migrations/sqlite; tests/api proves that both give the same tables and columns.
-- *_sealed holds a value sealed with the key ring, *_index its keyed hash for look-up.

-- Transactions are numbered anew in another cluster: a restore replaces the base.
CREATE FUNCTION change_base() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 0::bigint';
CREATE FUNCTION change_number() RETURNS bigint LANGUAGE sql
    AS 'SELECT pg_current_xact_id()::text::bigint + change_base()';

CREATE TABLE meta (
    key text NOT NULL PRIMARY KEY,
    value text NOT NULL
);

CREATE TABLE signing_keys (
    kid text NOT NULL PRIMARY KEY,
    secret_sealed bytea NOT NULL,
    public_key bytea NOT NULL,
    created_at timestamptz NOT NULL,
    signs_from timestamptz NOT NULL,
    retired_at timestamptz
);

CREATE TABLE organisations (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL CONSTRAINT organisations_kind CHECK (kind IN ('labour_office', 'kadin', 'farm', 'company', 'cooperative', 'si_gun')),
    name text NOT NULL,
    business_number text,
    farm_id text,
    si_gun text,
    state text NOT NULL CONSTRAINT organisations_state CHECK (state IN ('registered', 'approved', 'suspended')),
    endorsed_at timestamptz,
    endorsement_note text,
    state_note text,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    changed_by uuid
);
CREATE UNIQUE INDEX organisations_business_number ON organisations (business_number);
CREATE UNIQUE INDEX organisations_farm_id ON organisations (farm_id);

CREATE TABLE seekers (
    id uuid NOT NULL PRIMARY KEY,
    nik_sealed bytea NOT NULL,
    nik_index bytea NOT NULL,
    kk_sealed bytea,
    name text NOT NULL,
    name_folded text NOT NULL,
    born_on date NOT NULL,
    birth_place text,
    sex text NOT NULL CONSTRAINT seekers_sex CHECK (sex IN ('male', 'female')),
    marital text,
    address_sealed bytea,
    village text,
    kecamatan text NOT NULL,
    education text,
    phone_sealed bytea,
    phone_index bytea,
    email_sealed bytea,
    ak1_number text,
    ak1_issued_on date,
    farm_months integer NOT NULL,
    fishery_months integer NOT NULL,
    korean_level integer NOT NULL,
    training_hours integer NOT NULL,
    passport_sealed bytea,
    passport_index bytea,
    passport_expires_on date,
    state text NOT NULL CONSTRAINT seekers_state CHECK (state IN ('draft', 'registered', 'verified', 'erased')),
    identity text NOT NULL CONSTRAINT seekers_identity CHECK (identity IN ('matches', 'birth_date_differs', 'sex_differs', 'both_differ')),
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    changed_by uuid,
    changed_tx bigint NOT NULL
);
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
    id uuid NOT NULL PRIMARY KEY,
    login_index bytea NOT NULL,
    login text,
    name text,
    password_hash text NOT NULL,
    role text NOT NULL CONSTRAINT accounts_role CHECK (role IN ('office', 'lead', 'kadin', 'partner', 'seeker')),
    state text NOT NULL CONSTRAINT accounts_state CHECK (state IN ('active', 'disabled')),
    organisation_id uuid REFERENCES organisations (id),
    seeker_id uuid REFERENCES seekers (id),
    scopes text CONSTRAINT accounts_scopes CHECK (scopes IS NULL OR role = 'office'),
    used_at timestamptz,
    data text NOT NULL CONSTRAINT accounts_data CHECK (data IN ('real', 'demo') AND (data = 'real' OR scopes IS NOT NULL)),
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    changed_by uuid
);
CREATE UNIQUE INDEX accounts_login_index ON accounts (login_index);
CREATE UNIQUE INDEX accounts_seeker_id ON accounts (seeker_id);
CREATE INDEX accounts_disabled ON accounts (updated_at) WHERE state = 'disabled';

CREATE TABLE client_secrets (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES accounts (id),
    secret_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX client_secrets_client_id ON client_secrets (client_id, id);

CREATE TABLE client_keys (
    id uuid NOT NULL PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES accounts (id),
    alg text NOT NULL CONSTRAINT client_keys_alg CHECK (alg IN ('EdDSA', 'ES256')),
    public_key bytea NOT NULL,
    created_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX client_keys_client_id ON client_keys (client_id, id);

-- Assertions that were used, until they would have ended by themselves.
CREATE TABLE client_assertions (
    jti_hash bytea NOT NULL PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
CREATE INDEX client_assertions_expires_at ON client_assertions (expires_at);

CREATE TABLE sessions (
    id uuid NOT NULL PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id),
    begun_at timestamptz NOT NULL,
    used_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX sessions_account_id ON sessions (account_id, id);
CREATE INDEX sessions_ended_at ON sessions (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE refresh_tokens (
    id uuid NOT NULL PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id),
    token_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE UNIQUE INDEX refresh_tokens_token_hash ON refresh_tokens (token_hash);
CREATE INDEX refresh_tokens_session_id ON refresh_tokens (session_id);

CREATE TABLE activation_codes (
    seeker_id uuid NOT NULL PRIMARY KEY REFERENCES seekers (id),
    code_index bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    tries integer NOT NULL,
    made_by uuid NOT NULL
);
CREATE UNIQUE INDEX activation_codes_code_index ON activation_codes (code_index);

CREATE TABLE second_factors (
    account_id uuid NOT NULL PRIMARY KEY REFERENCES accounts (id),
    secret_sealed bytea,
    confirmed_at timestamptz,
    last_step bigint NOT NULL,
    offered_sealed bytea,
    offered_until timestamptz
);

CREATE TABLE recovery_codes (
    id uuid NOT NULL PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id),
    code_hash bytea NOT NULL
);
CREATE UNIQUE INDEX recovery_codes_code_hash ON recovery_codes (code_hash);
CREATE INDEX recovery_codes_account_id ON recovery_codes (account_id);

CREATE TABLE password_codes (
    account_id uuid NOT NULL PRIMARY KEY REFERENCES accounts (id),
    code_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE attempts (
    key_index bytea NOT NULL PRIMARY KEY,
    wrong integer NOT NULL,
    tried_at timestamptz NOT NULL,
    paused_until timestamptz NOT NULL
);
CREATE INDEX attempts_tried_at ON attempts (tried_at);

CREATE TABLE consents (
    id uuid NOT NULL PRIMARY KEY,
    seeker_id uuid NOT NULL REFERENCES seekers (id),
    purpose text NOT NULL CONSTRAINT consents_purpose CHECK (purpose IN ('registration', 'matching', 'share_with_kr_gov', 'share_with_employer', 'medical', 'training_provider', 'statistics')),
    basis text NOT NULL CONSTRAINT consents_basis CHECK (basis IN ('consent', 'public_task')),
    state text NOT NULL CONSTRAINT consents_state CHECK (state IN ('in_force', 'withdrawn', 'replaced')),
    text_version integer,
    text_digest text,
    language text CONSTRAINT consents_language CHECK (language IN ('id', 'ko', 'en')),
    channel text NOT NULL CONSTRAINT consents_channel CHECK (channel IN ('app', 'paper', 'desk', 'phone', 'import')),
    signed_on date,
    given_at timestamptz NOT NULL,
    given_by uuid,
    given_role text,
    ended_at timestamptz,
    ended_channel text,
    ended_by uuid,
    ended_role text,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX consents_in_force ON consents (seeker_id, purpose) WHERE state = 'in_force';
CREATE INDEX consents_seeker ON consents (seeker_id, id);

CREATE TABLE external_ids (
    id uuid NOT NULL PRIMARY KEY,
    seeker_id uuid NOT NULL REFERENCES seekers (id),
    system text NOT NULL CONSTRAINT external_ids_system CHECK (system IN ('siapkerja', 'sisko_p2mi')),
    value_sealed bytea NOT NULL,
    value_index bytea NOT NULL,
    updated_at timestamptz NOT NULL,
    changed_by uuid
);
CREATE UNIQUE INDEX external_ids_value ON external_ids (system, value_index);
CREATE UNIQUE INDEX external_ids_seeker ON external_ids (seeker_id, system);

CREATE TABLE breaches (
    id uuid NOT NULL PRIMARY KEY,
    state text NOT NULL CONSTRAINT breaches_state CHECK (state IN ('open', 'closed')),
    title text NOT NULL,
    happened_from timestamptz,
    happened_to timestamptz,
    known_at timestamptz NOT NULL,
    notice_until timestamptz NOT NULL,
    data_kinds jsonb NOT NULL,
    how jsonb NOT NULL,
    handling jsonb NOT NULL,
    authority_told_at timestamptz,
    authority_channel text,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    changed_by uuid
);

CREATE TABLE breach_people (
    breach_id uuid NOT NULL REFERENCES breaches (id),
    seeker_id uuid NOT NULL REFERENCES seekers (id),
    told_at timestamptz,
    channel text,
    PRIMARY KEY (breach_id, seeker_id)
);
CREATE INDEX breach_people_seeker ON breach_people (seeker_id, breach_id);

CREATE TABLE once (
    scope bytea NOT NULL PRIMARY KEY,
    body bytea NOT NULL,
    made uuid NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX once_at ON once (at);

-- Tokens of limits: rows of a minute, which a crash may lose.
CREATE UNLOGGED TABLE rate_leases (
    key_index bytea NOT NULL,
    minute bigint NOT NULL,
    leased bigint NOT NULL,
    PRIMARY KEY (key_index, minute)
);

CREATE TABLE journal (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor uuid,
    role text,
    capacity text NOT NULL CONSTRAINT journal_capacity CHECK (capacity IN (
        'authority', 'adviser', 'employer', 'data_subject', 'agent', 'operator', 'service', 'visitor'
    )),
    operation text,
    subject_kind text NOT NULL,
    subject uuid NOT NULL,
    event text NOT NULL,
    from_state text,
    to_state text,
    digest_before bytea,
    digest_after bytea,
    detail jsonb,
    changed_tx bigint NOT NULL DEFAULT change_number()
);
CREATE INDEX journal_subject ON journal (subject, seq);
CREATE INDEX journal_changed_tx ON journal (changed_tx, seq);

CREATE TABLE journal_seals (
    number bigint NOT NULL PRIMARY KEY,
    from_tx bigint NOT NULL UNIQUE,
    to_tx bigint NOT NULL CONSTRAINT journal_seals_range CHECK (to_tx > from_tx),
    lines bigint NOT NULL,
    digest bytea NOT NULL,
    signature bytea NOT NULL,
    sealed_at timestamptz NOT NULL
);

CREATE FUNCTION journal_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a line of the journal stays as it is';
END
$$;
CREATE TRIGGER journal_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION journal_stays();
CREATE TRIGGER journal_seals_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_seals
    FOR EACH STATEMENT EXECUTE FUNCTION journal_stays();
REVOKE UPDATE, DELETE, TRUNCATE ON journal, journal_seals FROM CURRENT_USER;

CREATE TABLE jobs (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL CONSTRAINT jobs_kind CHECK (kind IN ('import_job_seekers', 'compute_round')),
    subject uuid NOT NULL,
    state text NOT NULL CONSTRAINT jobs_state CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    done bigint NOT NULL,
    total bigint,
    problem text,
    attempts integer NOT NULL,
    claimed_by uuid,
    lease_until timestamptz,
    created_by uuid,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX jobs_state_id ON jobs (state, id);
CREATE INDEX jobs_subject ON jobs (subject);

CREATE TABLE imports (
    id uuid NOT NULL PRIMARY KEY,
    mode text NOT NULL CONSTRAINT imports_mode CHECK (mode IN ('preview', 'apply')),
    format text CONSTRAINT imports_format CHECK (format IN ('csv', 'xlsx')),
    job_id uuid NOT NULL REFERENCES jobs (id),
    digest bytea NOT NULL,
    header_sealed bytea,
    position bigint NOT NULL,
    new_rows bigint NOT NULL,
    unchanged_rows bigint NOT NULL,
    changed_rows bigint NOT NULL,
    conflict_rows bigint NOT NULL,
    refused_rows bigint NOT NULL,
    warned_rows bigint NOT NULL,
    created_by uuid,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    destroyed_at timestamptz
);

CREATE TABLE import_chunks (
    import_id uuid NOT NULL REFERENCES imports (id),
    number integer NOT NULL,
    bytes_sealed bytea NOT NULL,
    PRIMARY KEY (import_id, number)
);

-- One line for each chunk of rows: 200,000 verdicts are 400 lines.
CREATE TABLE import_verdicts (
    import_id uuid NOT NULL REFERENCES imports (id),
    first_row bigint NOT NULL,
    verdicts_sealed bytea NOT NULL,
    PRIMARY KEY (import_id, first_row)
);

CREATE TABLE agreements (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL CONSTRAINT agreements_kind CHECK (kind IN ('letter_of_intent', 'sister_city_mou', 'implementing_arrangement', 'chamber_company_memorandum')),
    title text NOT NULL,
    si_gun text,
    effective_from date NOT NULL,
    effective_to date,
    documents jsonb NOT NULL,
    state text NOT NULL CONSTRAINT agreements_state CHECK (state IN ('proposed', 'confirmed', 'ended')),
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    changed_by uuid
);

CREATE TABLE seasons (
    id uuid NOT NULL PRIMARY KEY,
    agreement_id uuid NOT NULL REFERENCES agreements (id),
    name text NOT NULL,
    contract_from date NOT NULL,
    contract_to date NOT NULL,
    freeze_at timestamptz NOT NULL,
    objection_hours integer NOT NULL,
    list_max integer NOT NULL,
    offer_hours integer NOT NULL,
    rubric jsonb NOT NULL,
    beacons jsonb NOT NULL,
    idr_per_100_krw bigint NOT NULL,
    rate_source text NOT NULL,
    state text NOT NULL CONSTRAINT seasons_state CHECK (state IN ('draft', 'open', 'frozen', 'drawn', 'published', 'closed')),
    secret_sealed bytea,
    season_key_sealed bytea,
    secret_commitment bytea,
    season_key_commitment bytea,
    rules text,
    rules_digest text,
    rubric_digest text,
    opened_at timestamptz,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    changed_by uuid
);

CREATE TABLE season_allocations (
    id uuid NOT NULL PRIMARY KEY,
    season_id uuid NOT NULL REFERENCES seasons (id),
    si_gun text NOT NULL,
    half text NOT NULL,
    sector text NOT NULL CONSTRAINT season_allocations_sector CHECK (sector IN ('agriculture', 'fishery')),
    kind text NOT NULL CONSTRAINT season_allocations_kind CHECK (kind IN ('household', 'public')),
    heads integer NOT NULL CONSTRAINT season_allocations_heads CHECK (heads >= 0),
    document text NOT NULL
);
CREATE UNIQUE INDEX season_allocations_place ON season_allocations (season_id, si_gun, half, sector, kind);

CREATE TABLE season_inputs (
    season_id uuid NOT NULL REFERENCES seasons (id),
    input_version integer NOT NULL,
    canonical_sealed bytea NOT NULL,
    digest bytea NOT NULL,
    root bytea NOT NULL,
    tree_size bigint NOT NULL,
    reason text,
    frozen_at timestamptz NOT NULL,
    objection_until timestamptz NOT NULL,
    frozen_by uuid,
    beacon_name text,
    beacon_value text,
    beacon_source text,
    beacon_reason text,
    beacon_at timestamptz,
    beacon_by uuid,
    seed bytea,
    PRIMARY KEY (season_id, input_version)
);

CREATE TABLE frozen_seekers (
    season_id uuid NOT NULL,
    input_version integer NOT NULL,
    seeker_id uuid NOT NULL REFERENCES seekers (id),
    pseudonym bytea NOT NULL,
    PRIMARY KEY (season_id, input_version, seeker_id),
    FOREIGN KEY (season_id, input_version) REFERENCES season_inputs (season_id, input_version)
);

CREATE TABLE quotas (
    id uuid NOT NULL PRIMARY KEY,
    season_id uuid NOT NULL REFERENCES seasons (id),
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    allocation_id uuid NOT NULL REFERENCES season_allocations (id),
    si_gun text NOT NULL,
    kind text NOT NULL CONSTRAINT quotas_kind CHECK (kind IN ('household', 'public')),
    sector text NOT NULL CONSTRAINT quotas_sector CHECK (sector IN ('agriculture', 'fishery')),
    crop text NOT NULL,
    work text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    seats integer NOT NULL CONSTRAINT quotas_seats CHECK (seats > 0),
    wage_unit text NOT NULL CONSTRAINT quotas_wage_unit CHECK (wage_unit IN ('hour', 'month')),
    wage_amount bigint NOT NULL,
    monthly_wage bigint NOT NULL,
    hours_per_week integer NOT NULL,
    days_off_per_month integer NOT NULL,
    housing text NOT NULL,
    housing_deduction bigint NOT NULL,
    meals_deduction bigint NOT NULL,
    min_experience_months integer,
    state text NOT NULL CONSTRAINT quotas_state CHECK (state IN ('draft', 'submitted', 'endorsed', 'open', 'rejected', 'withdrawn')),
    endorsement_document text,
    state_note text,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    changed_by uuid
);
CREATE INDEX quotas_season ON quotas (season_id, state, id);
CREATE INDEX quotas_organisation ON quotas (organisation_id, id);

CREATE TABLE applications (
    id uuid NOT NULL PRIMARY KEY,
    season_id uuid NOT NULL REFERENCES seasons (id),
    seeker_id uuid NOT NULL REFERENCES seekers (id),
    choices jsonb NOT NULL,
    state text NOT NULL CONSTRAINT applications_state CHECK (state IN ('active', 'withdrawn')),
    reason text,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    changed_by uuid
);
CREATE UNIQUE INDEX applications_seeker ON applications (season_id, seeker_id);

CREATE TABLE rounds (
    id uuid NOT NULL PRIMARY KEY,
    season_id uuid NOT NULL REFERENCES seasons (id),
    input_version integer NOT NULL,
    job_id uuid NOT NULL REFERENCES jobs (id),
    state text NOT NULL CONSTRAINT rounds_state CHECK (state IN ('queued', 'computed', 'approved', 'published', 'void')),
    nodes jsonb,
    lints jsonb,
    placed bigint,
    unplaced bigint,
    instance_digest text,
    outcome_digest text,
    computed_by uuid,
    computed_at timestamptz,
    approved_by uuid,
    approved_at timestamptz,
    published_by uuid,
    published_at timestamptz,
    secret_revealed bytea,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    changed_by uuid
);
CREATE INDEX rounds_season ON rounds (season_id, id);

CREATE TABLE seats (
    round_id uuid NOT NULL REFERENCES rounds (id),
    seeker_id uuid NOT NULL REFERENCES seekers (id),
    quota_id uuid NOT NULL REFERENCES quotas (id),
    number integer NOT NULL,
    kecamatan text NOT NULL,
    sex text NOT NULL CONSTRAINT seats_sex CHECK (sex IN ('male', 'female')),
    age_band text NOT NULL,
    experience_band text NOT NULL,
    PRIMARY KEY (round_id, seeker_id)
);
CREATE UNIQUE INDEX seats_number ON seats (round_id, quota_id, number);
CREATE INDEX seats_seeker ON seats (seeker_id);

-- What people ask about their own data: their words, what shall be corrected, and the answer.
CREATE TABLE data_requests (
    id uuid NOT NULL PRIMARY KEY,
    seeker_id uuid NOT NULL REFERENCES seekers (id),
    kind text NOT NULL CONSTRAINT data_requests_kind CHECK (kind IN ('access', 'correction', 'restriction', 'erasure', 'objection')),
    state text NOT NULL CONSTRAINT data_requests_state CHECK (state IN ('received', 'identity_checked', 'decided', 'done', 'partly_refused', 'refused', 'withdrawn')),
    text_sealed bytea,
    evidence_sealed bytea,
    corrections_sealed bytea,
    round_id uuid REFERENCES rounds (id),
    received_at timestamptz NOT NULL,
    escalates_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by uuid,
    ground text CONSTRAINT data_requests_ground CHECK (ground IN ('identity_not_proven', 'evidence_insufficient', 'record_correct', 'retention_duty', 'legal_exception', 'repeated')),
    review text CONSTRAINT data_requests_review CHECK (review IN ('upheld', 'reviewed')),
    note_sealed bytea,
    ended_at timestamptz,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    changed_by uuid
);
CREATE INDEX data_requests_seeker ON data_requests (seeker_id, id);
CREATE INDEX data_requests_state ON data_requests (state, due_at);

-- Proposals to merge two records of one human being, and what a second officer said to them.
CREATE TABLE merges (
    id uuid NOT NULL PRIMARY KEY,
    survivor_id uuid NOT NULL REFERENCES seekers (id),
    double_id uuid NOT NULL REFERENCES seekers (id),
    survivor_version bigint NOT NULL,
    double_version bigint NOT NULL,
    fields jsonb NOT NULL,
    evidence_sealed bytea,
    request_id uuid REFERENCES data_requests (id),
    state text NOT NULL CONSTRAINT merges_state CHECK (state IN ('proposed', 'confirmed', 'refused', 'withdrawn', 'released')),
    proposed_by uuid,
    proposed_at timestamptz NOT NULL,
    decided_by uuid,
    decided_at timestamptz,
    note_sealed bytea,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    changed_by uuid
);
CREATE UNIQUE INDEX merges_double_id ON merges (double_id) WHERE state = 'proposed';
CREATE INDEX merges_double ON merges (double_id);
CREATE INDEX merges_survivor ON merges (survivor_id, id);
CREATE INDEX merges_state ON merges (state, id);

CREATE TABLE evidence_files (
    id uuid NOT NULL PRIMARY KEY,
    request_id uuid NOT NULL REFERENCES data_requests (id),
    media_type text NOT NULL CONSTRAINT evidence_files_media_type CHECK (media_type IN ('image/jpeg', 'image/png', 'application/pdf')),
    bytes bigint NOT NULL,
    digest bytea NOT NULL,
    content_sealed bytea NOT NULL,
    added_at timestamptz NOT NULL
);
CREATE INDEX evidence_files_request ON evidence_files (request_id, id);
