//! Tables: what people agreed to, and failures to protect their data. Must not know: queries.

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    consents (id) {
        id -> sql::Uuid,
        seeker_id -> sql::Uuid,
        purpose -> Text,
        basis -> Text,
        state -> Text,
        text_version -> Nullable<Integer>,
        text_digest -> Nullable<Text>,
        language -> Nullable<Text>,
        channel -> Text,
        signed_on -> Nullable<Date>,
        given_at -> sql::Instant,
        given_by -> Nullable<sql::Uuid>,
        given_role -> Nullable<Text>,
        ended_at -> Nullable<sql::Instant>,
        ended_channel -> Nullable<Text>,
        ended_by -> Nullable<sql::Uuid>,
        ended_role -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    breaches (id) {
        id -> sql::Uuid,
        state -> Text,
        title -> Text,
        happened_from -> Nullable<sql::Instant>,
        happened_to -> Nullable<sql::Instant>,
        known_at -> sql::Instant,
        notice_until -> sql::Instant,
        data_kinds -> sql::Json,
        how -> sql::Json,
        handling -> sql::Json,
        authority_told_at -> Nullable<sql::Instant>,
        authority_channel -> Nullable<Text>,
        version -> BigInt,
        updated_at -> sql::Instant,
        changed_by -> Nullable<sql::Uuid>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    breach_people (breach_id, seeker_id) {
        breach_id -> sql::Uuid,
        seeker_id -> sql::Uuid,
        told_at -> Nullable<sql::Instant>,
        channel -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    external_ids (id) {
        id -> sql::Uuid,
        seeker_id -> sql::Uuid,
        system -> Text,
        value_sealed -> Binary,
        value_index -> Binary,
        updated_at -> sql::Instant,
        changed_by -> Nullable<sql::Uuid>,
    }
}
