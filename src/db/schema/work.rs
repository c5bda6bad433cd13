//! Tables: what the service itself keeps: keys, the journal, idempotency, jobs. Must not know: queries.

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
        signs_from -> sql::Instant,
        retired_at -> Nullable<sql::Instant>,
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

    rate_leases (key_index, minute) {
        key_index -> Binary,
        minute -> BigInt,
        leased -> BigInt,
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
        capacity -> Text,
        operation -> Nullable<Text>,
        subject_kind -> Text,
        subject -> sql::Uuid,
        event -> Text,
        from_state -> Nullable<Text>,
        to_state -> Nullable<Text>,
        digest_before -> Nullable<Binary>,
        digest_after -> Nullable<Binary>,
        detail -> Nullable<sql::Json>,
        changed_tx -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    journal_seals (number) {
        number -> BigInt,
        from_tx -> BigInt,
        to_tx -> BigInt,
        lines -> BigInt,
        digest -> Binary,
        signature -> Binary,
        sealed_at -> sql::Instant,
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
