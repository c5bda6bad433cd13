//! SQL types that both databases share under one name. Must not know: Rust values.

use super::{Db, MultiBackend};
use diesel::query_builder::QueryId;
use diesel::sql_types::{HasSqlType, SqlType};

/// `uuid`, or 16 bytes of `BLOB`.
#[derive(SqlType, QueryId, Clone, Copy, Debug)]
#[diesel(postgres_type(name = "uuid"), sqlite_type(name = "Binary"))]
pub struct Uuid;

/// `timestamptz`, or `INTEGER` microseconds since 1970.
#[derive(SqlType, QueryId, Clone, Copy, Debug)]
#[diesel(postgres_type(name = "timestamptz"), sqlite_type(name = "Long"))]
pub struct Instant;

/// `jsonb`, or `TEXT`.
#[derive(SqlType, QueryId, Clone, Copy, Debug)]
#[diesel(postgres_type(name = "jsonb"), sqlite_type(name = "Text"))]
pub struct Json;

impl diesel::sql_types::SqlOrd for Instant {}

macro_rules! on_both {
    ($($sql:ty),+) => {$(
        impl HasSqlType<$sql> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                MultiBackend::lookup_sql_type::<$sql>(lookup)
            }
        }
    )+};
}
on_both!(Uuid, Instant, Json);

/// The backend that a connection speaks to decides the spelling of a few statements.
pub fn is_postgres(db: &Db) -> bool {
    matches!(db, Db::Pg(_))
}
