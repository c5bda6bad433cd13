//! The tables as diesel sees them, one for both databases. Must not know: queries.

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    meta (key) {
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    signing_keys (kid) {
        kid -> Text,
        secret_sealed -> Binary,
        public_key -> Binary,
        created_at -> sql::Instant,
        retired_at -> Nullable<sql::Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    organisations (id) {
        id -> sql::Uuid,
        kind -> Text,
        name -> Text,
        business_number -> Nullable<Text>,
        farm_id -> Nullable<Text>,
        si_gun -> Nullable<Text>,
        state -> Text,
        endorsed_at -> Nullable<sql::Instant>,
        endorsement_note -> Nullable<Text>,
        state_note -> Nullable<Text>,
        version -> BigInt,
        updated_at -> sql::Instant,
        changed_by -> Nullable<sql::Uuid>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    seekers (id) {
        id -> sql::Uuid,
        nik_sealed -> Binary,
        nik_index -> Binary,
        kk_sealed -> Nullable<Binary>,
        name -> Text,
        name_folded -> Text,
        born_on -> Date,
        birth_place -> Nullable<Text>,
        sex -> Text,
        marital -> Nullable<Text>,
        address_sealed -> Nullable<Binary>,
        village -> Nullable<Text>,
        kecamatan -> Text,
        education -> Nullable<Text>,
        phone_sealed -> Nullable<Binary>,
        phone_index -> Nullable<Binary>,
        email_sealed -> Nullable<Binary>,
        ak1_number -> Nullable<Text>,
        ak1_issued_on -> Nullable<Date>,
        farm_months -> Integer,
        fishery_months -> Integer,
        korean_level -> Integer,
        training_hours -> Integer,
        passport_sealed -> Nullable<Binary>,
        passport_index -> Nullable<Binary>,
        passport_expires_on -> Nullable<Date>,
        state -> Text,
        identity -> Text,
        version -> BigInt,
        updated_at -> sql::Instant,
        changed_by -> Nullable<sql::Uuid>,
        changed_tx -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    accounts (id) {
        id -> sql::Uuid,
        login_index -> Binary,
        login -> Nullable<Text>,
        name -> Nullable<Text>,
        password_hash -> Text,
        role -> Text,
        state -> Text,
        organisation_id -> Nullable<sql::Uuid>,
        seeker_id -> Nullable<sql::Uuid>,
        version -> BigInt,
        updated_at -> sql::Instant,
        changed_by -> Nullable<sql::Uuid>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    refresh_tokens (id) {
        id -> sql::Uuid,
        family -> sql::Uuid,
        account_id -> sql::Uuid,
        token_hash -> Binary,
        expires_at -> sql::Instant,
        used_at -> Nullable<sql::Instant>,
        revoked_at -> Nullable<sql::Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    activation_codes (seeker_id) {
        seeker_id -> sql::Uuid,
        code_index -> Binary,
        expires_at -> sql::Instant,
        tries -> Integer,
        made_by -> sql::Uuid,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    once (scope) {
        scope -> Binary,
        body -> Binary,
        made -> sql::Uuid,
        at -> sql::Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    journal (seq) {
        seq -> BigInt,
        at -> sql::Instant,
        actor -> Nullable<sql::Uuid>,
        role -> Nullable<Text>,
        subject_kind -> Text,
        subject -> sql::Uuid,
        event -> Text,
        from_state -> Nullable<Text>,
        to_state -> Nullable<Text>,
        detail -> Nullable<sql::Json>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    jobs (id) {
        id -> sql::Uuid,
        kind -> Text,
        subject -> sql::Uuid,
        state -> Text,
        done -> BigInt,
        total -> Nullable<BigInt>,
        problem -> Nullable<Text>,
        attempts -> Integer,
        claimed_by -> Nullable<sql::Uuid>,
        lease_until -> Nullable<sql::Instant>,
        created_by -> Nullable<sql::Uuid>,
        version -> BigInt,
        updated_at -> sql::Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    imports (id) {
        id -> sql::Uuid,
        mode -> Text,
        format -> Nullable<Text>,
        job_id -> sql::Uuid,
        digest -> Binary,
        header_sealed -> Nullable<Binary>,
        position -> BigInt,
        new_rows -> BigInt,
        unchanged_rows -> BigInt,
        changed_rows -> BigInt,
        conflict_rows -> BigInt,
        refused_rows -> BigInt,
        warned_rows -> BigInt,
        created_by -> Nullable<sql::Uuid>,
        version -> BigInt,
        updated_at -> sql::Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    import_chunks (import_id, number) {
        import_id -> sql::Uuid,
        number -> Integer,
        bytes_sealed -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    import_verdicts (import_id, first_row) {
        import_id -> sql::Uuid,
        first_row -> BigInt,
        verdicts_sealed -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    agreements (id) {
        id -> sql::Uuid,
        kind -> Text,
        title -> Text,
        si_gun -> Nullable<Text>,
        effective_from -> Date,
        effective_to -> Nullable<Date>,
        documents -> sql::Json,
        state -> Text,
        version -> BigInt,
        updated_at -> sql::Instant,
        changed_by -> Nullable<sql::Uuid>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    seasons (id) {
        id -> sql::Uuid,
        agreement_id -> sql::Uuid,
        name -> Text,
        contract_from -> Date,
        contract_to -> Date,
        freeze_at -> sql::Instant,
        objection_hours -> Integer,
        list_max -> Integer,
        offer_hours -> Integer,
        rubric -> sql::Json,
        beacons -> sql::Json,
        idr_per_100_krw -> BigInt,
        rate_source -> Text,
        state -> Text,
        secret_sealed -> Nullable<Binary>,
        season_key_sealed -> Nullable<Binary>,
        secret_commitment -> Nullable<Binary>,
        season_key_commitment -> Nullable<Binary>,
        rules -> Nullable<Text>,
        rules_digest -> Nullable<Text>,
        rubric_digest -> Nullable<Text>,
        opened_at -> Nullable<sql::Instant>,
        version -> BigInt,
        updated_at -> sql::Instant,
        changed_by -> Nullable<sql::Uuid>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    season_allocations (id) {
        id -> sql::Uuid,
        season_id -> sql::Uuid,
        si_gun -> Text,
        half -> Text,
        sector -> Text,
        kind -> Text,
        heads -> Integer,
        document -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    season_inputs (season_id, input_version) {
        season_id -> sql::Uuid,
        input_version -> Integer,
        canonical_sealed -> Binary,
        digest -> Binary,
        root -> Binary,
        tree_size -> BigInt,
        reason -> Nullable<Text>,
        frozen_at -> sql::Instant,
        objection_until -> sql::Instant,
        frozen_by -> Nullable<sql::Uuid>,
        beacon_name -> Nullable<Text>,
        beacon_value -> Nullable<Text>,
        beacon_source -> Nullable<Text>,
        beacon_reason -> Nullable<Text>,
        beacon_at -> Nullable<sql::Instant>,
        beacon_by -> Nullable<sql::Uuid>,
        seed -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    frozen_seekers (season_id, input_version, seeker_id) {
        season_id -> sql::Uuid,
        input_version -> Integer,
        seeker_id -> sql::Uuid,
        pseudonym -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    quotas (id) {
        id -> sql::Uuid,
        season_id -> sql::Uuid,
        organisation_id -> sql::Uuid,
        allocation_id -> sql::Uuid,
        si_gun -> Text,
        kind -> Text,
        sector -> Text,
        crop -> Text,
        work -> Text,
        starts_on -> Date,
        ends_on -> Date,
        seats -> Integer,
        wage_unit -> Text,
        wage_amount -> BigInt,
        monthly_wage -> BigInt,
        hours_per_week -> Integer,
        days_off_per_month -> Integer,
        housing -> Text,
        housing_deduction -> BigInt,
        meals_deduction -> BigInt,
        min_experience_months -> Nullable<Integer>,
        state -> Text,
        endorsement_document -> Nullable<Text>,
        state_note -> Nullable<Text>,
        version -> BigInt,
        updated_at -> sql::Instant,
        changed_by -> Nullable<sql::Uuid>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    applications (id) {
        id -> sql::Uuid,
        season_id -> sql::Uuid,
        seeker_id -> sql::Uuid,
        choices -> sql::Json,
        state -> Text,
        reason -> Nullable<Text>,
        version -> BigInt,
        updated_at -> sql::Instant,
        changed_by -> Nullable<sql::Uuid>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    rounds (id) {
        id -> sql::Uuid,
        season_id -> sql::Uuid,
        input_version -> Integer,
        job_id -> sql::Uuid,
        state -> Text,
        nodes -> Nullable<sql::Json>,
        lints -> Nullable<sql::Json>,
        placed -> Nullable<BigInt>,
        unplaced -> Nullable<BigInt>,
        instance_digest -> Nullable<Text>,
        outcome_digest -> Nullable<Text>,
        computed_by -> Nullable<sql::Uuid>,
        computed_at -> Nullable<sql::Instant>,
        approved_by -> Nullable<sql::Uuid>,
        approved_at -> Nullable<sql::Instant>,
        published_by -> Nullable<sql::Uuid>,
        published_at -> Nullable<sql::Instant>,
        secret_revealed -> Nullable<Binary>,
        version -> BigInt,
        updated_at -> sql::Instant,
        changed_by -> Nullable<sql::Uuid>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    seats (round_id, seeker_id) {
        round_id -> sql::Uuid,
        seeker_id -> sql::Uuid,
        quota_id -> sql::Uuid,
        number -> Integer,
        kecamatan -> Text,
        sex -> Text,
        age_band -> Text,
        experience_band -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    meta,
    signing_keys,
    organisations,
    seekers,
    accounts,
    refresh_tokens,
    activation_codes,
    once,
    journal,
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
);
