//! Tables: what people ask about their own data. Must not know: queries.

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
