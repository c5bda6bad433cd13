//! Tables: uploaded registers. Must not know: queries.

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
        destroyed_at -> Nullable<sql::Instant>,
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
