//! SQL types that both databases share under one name. Must not know: Rust values.

use super::{Db, MultiBackend};
use diesel::expression::SqlLiteral;
use diesel::query_builder::QueryId;
use diesel::sql_types::{BigInt, HasSqlType, SqlType};

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

/// Rows and the sum of their versions: what shows whether any of them changed.
pub type Mark = (i64, i64);

/// The sum of a table's `version`. PostgreSQL sums `bigint` to `numeric`, hence the cast.
pub fn versions() -> SqlLiteral<BigInt> {
    diesel::dsl::sql("CAST(coalesce(sum(version), 0) AS bigint)")
}
