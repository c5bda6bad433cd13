//! Tables: what people ask about their own data, and proposals to merge two records of one of them.
//! Must not know: queries.

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    data_requests (id) {
        id -> sql::Uuid,
        seeker_id -> sql::Uuid,
        kind -> Text,
        state -> Text,
        text_sealed -> Nullable<Binary>,
        evidence_sealed -> Nullable<Binary>,
        corrections_sealed -> Nullable<Binary>,
        round_id -> Nullable<sql::Uuid>,
        received_at -> sql::Instant,
        escalates_at -> sql::Instant,
        due_at -> sql::Instant,
        decided_at -> Nullable<sql::Instant>,
        decided_by -> Nullable<sql::Uuid>,
        ground -> Nullable<Text>,
        review -> Nullable<Text>,
        note_sealed -> Nullable<Binary>,
        ended_at -> Nullable<sql::Instant>,
        version -> BigInt,
        updated_at -> sql::Instant,
        changed_by -> Nullable<sql::Uuid>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text};
    use crate::db::sql;

    merges (id) {
        id -> sql::Uuid,
        survivor_id -> sql::Uuid,
        double_id -> sql::Uuid,
        survivor_version -> BigInt,
        double_version -> BigInt,
        fields -> sql::Json,
        evidence_sealed -> Nullable<Binary>,
        request_id -> Nullable<sql::Uuid>,
        state -> Text,
        proposed_by -> Nullable<sql::Uuid>,
        proposed_at -> sql::Instant,
        decided_by -> Nullable<sql::Uuid>,
        decided_at -> Nullable<sql::Instant>,
        note_sealed -> Nullable<Binary>,
        version -> BigInt,
        updated_at -> sql::Instant,
        changed_by -> Nullable<sql::Uuid>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Text};
    use crate::db::sql;

    evidence_files (id) {
        id -> sql::Uuid,
        request_id -> sql::Uuid,
        media_type -> Text,
        bytes -> BigInt,
        digest -> Binary,
        content_sealed -> Binary,
        added_at -> sql::Instant,
    }
}
