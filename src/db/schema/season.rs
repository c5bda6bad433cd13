//! Tables: agreements, seasons and what is frozen of them, quotas, lists, rounds. Must not know: queries.

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
