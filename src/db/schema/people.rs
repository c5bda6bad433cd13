//! Tables: organisations, job seekers, accounts and what they log in with. Must not know: queries.

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
        scopes -> Nullable<Text>,
        used_at -> Nullable<sql::Instant>,
        data -> Text,
        version -> BigInt,
        updated_at -> sql::Instant,
        changed_by -> Nullable<sql::Uuid>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    client_secrets (id) {
        id -> sql::Uuid,
        client_id -> sql::Uuid,
        secret_hash -> Binary,
        created_at -> sql::Instant,
        ended_at -> Nullable<sql::Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    client_keys (id) {
        id -> sql::Uuid,
        client_id -> sql::Uuid,
        alg -> Text,
        public_key -> Binary,
        created_at -> sql::Instant,
        ended_at -> Nullable<sql::Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    client_assertions (jti_hash) {
        jti_hash -> Binary,
        expires_at -> sql::Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    sessions (id) {
        id -> sql::Uuid,
        account_id -> sql::Uuid,
        begun_at -> sql::Instant,
        used_at -> sql::Instant,
        expires_at -> sql::Instant,
        ends_at -> sql::Instant,
        ended_at -> Nullable<sql::Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    refresh_tokens (id) {
        id -> sql::Uuid,
        session_id -> sql::Uuid,
        token_hash -> Binary,
        expires_at -> sql::Instant,
        used_at -> Nullable<sql::Instant>,
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

    second_factors (account_id) {
        account_id -> sql::Uuid,
        secret_sealed -> Nullable<Binary>,
        confirmed_at -> Nullable<sql::Instant>,
        last_step -> BigInt,
        offered_sealed -> Nullable<Binary>,
        offered_until -> Nullable<sql::Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    recovery_codes (id) {
        id -> sql::Uuid,
        account_id -> sql::Uuid,
        code_hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    password_codes (account_id) {
        account_id -> sql::Uuid,
        code_hash -> Binary,
        expires_at -> sql::Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    attempts (key_index) {
        key_index -> Binary,
        wrong -> Integer,
        tried_at -> sql::Instant,
        paused_until -> sql::Instant,
    }
}
