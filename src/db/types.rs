//! Columns for domain types, given from outside: `domain` derives nothing of diesel.
//! Must not know: tables.

use super::{MultiBackend, MultiRawValue, sql};
use crate::domain::ids::{
    AccountId, AgreementId, AllocationId, ApplicationId, BreachId, ClientKeyId, ConsentId,
    DataRequestId, EvidenceId, ExternalIdId, ImportId, JobId, MergeId, OrganisationId, QuotaId,
    RoundId, SeasonId, SecretId, SeekerId, SessionId,
};
use crate::domain::time::Instant;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::expression::AsExpression;
// What `derive(AsExpression)` uses: only this one may be copied in bulk.
use diesel::internal::derives::as_expression::Bound as Bind;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{self, Nullable};
use diesel::sqlite::{Sqlite, SqliteValue};
use serde::{Serialize, Serializer};
use std::io::Write;

/// Joins the two per-backend implementations into one column type.
macro_rules! column {
    ($rust:ty => $sql:ident :: $ty:ident) => {
        impl AsExpression<$sql::$ty> for $rust {
            type Expression = Bind<$sql::$ty, Self>;
            fn as_expression(self) -> Self::Expression {
                Bind::new(self)
            }
        }
        impl<'e> AsExpression<$sql::$ty> for &'e $rust {
            type Expression = Bind<$sql::$ty, Self>;
            fn as_expression(self) -> Self::Expression {
                Bind::new(self)
            }
        }
        impl AsExpression<Nullable<$sql::$ty>> for $rust {
            type Expression = Bind<Nullable<$sql::$ty>, Self>;
            fn as_expression(self) -> Self::Expression {
                Bind::new(self)
            }
        }
        impl<'e> AsExpression<Nullable<$sql::$ty>> for &'e $rust {
            type Expression = Bind<Nullable<$sql::$ty>, Self>;
            fn as_expression(self) -> Self::Expression {
                Bind::new(self)
            }
        }
        impl<DB> ToSql<Nullable<$sql::$ty>, DB> for $rust
        where
            DB: Backend,
            Self: ToSql<$sql::$ty, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                ToSql::<$sql::$ty, DB>::to_sql(self, out)
            }
        }
        impl<DB: Backend> Queryable<$sql::$ty, DB> for $rust
        where
            Self: FromSql<$sql::$ty, DB>,
        {
            type Row = Self;
            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }
        impl ToSql<$sql::$ty, MultiBackend> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value(($sql::$ty, self));
                Ok(IsNull::No)
            }
        }
        impl FromSql<$sql::$ty, MultiBackend> for $rust {
            fn from_sql(value: MultiRawValue<'_>) -> deserialize::Result<Self> {
                value.from_sql::<Self, $sql::$ty>()
            }
        }
    };
}

macro_rules! id_columns {
    ($($id:ident),+ $(,)?) => {$(
        column!($id => sql::Uuid);
        impl ToSql<sql::Uuid, Pg> for $id {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                out.write_all(self.0.as_bytes())?;
                Ok(IsNull::No)
            }
        }
        impl FromSql<sql::Uuid, Pg> for $id {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                Ok(Self(uuid::Uuid::from_slice(value.as_bytes())?))
            }
        }
        impl ToSql<sql::Uuid, Sqlite> for $id {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value(&self.0.as_bytes()[..]);
                Ok(IsNull::No)
            }
        }
        impl FromSql<sql::Uuid, Sqlite> for $id {
            fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
                Ok(Self(uuid::Uuid::from_slice(value.read_blob())?))
            }
        }
        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }
    )+};
}

/// An id of any kind: the subject of a journal line, what an idempotency key made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnyId(pub uuid::Uuid);

id_columns!(
    AccountId,
    AgreementId,
    AllocationId,
    AnyId,
    ApplicationId,
    BreachId,
    ClientKeyId,
    ConsentId,
    DataRequestId,
    EvidenceId,
    ExternalIdId,
    ImportId,
    JobId,
    MergeId,
    OrganisationId,
    QuotaId,
    RoundId,
    SeasonId,
    SecretId,
    SeekerId,
    SessionId,
);

column!(Instant => sql::Instant);
impl ToSql<sql::Instant, Pg> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Timestamptz, Pg>::to_sql(&self.utc(), &mut out.reborrow())
    }
}
impl FromSql<sql::Instant, Pg> for Instant {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        <chrono::DateTime<chrono::Utc> as FromSql<sql_types::Timestamptz, Pg>>::from_sql(value)
            .map(Self::from_utc)
    }
}
impl ToSql<sql::Instant, Sqlite> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.micros());
        Ok(IsNull::No)
    }
}
impl FromSql<sql::Instant, Sqlite> for Instant {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Self::from_micros(value.read_long()).ok_or_else(|| "instant out of range".into())
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.micros().serialize(serializer)
    }
}

/// A JSON document in a column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Json(pub serde_json::Value);

column!(Json => sql::Json);
impl ToSql<sql::Json, Pg> for Json {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Jsonb, Pg>::to_sql(&self.0, &mut out.reborrow())
    }
}
impl FromSql<sql::Json, Pg> for Json {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        <serde_json::Value as FromSql<sql_types::Jsonb, Pg>>::from_sql(value).map(Self)
    }
}
impl ToSql<sql::Json, Sqlite> for Json {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}
impl FromSql<sql::Json, Sqlite> for Json {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_str(value.read_text())?))
    }
}

/// Columns for enums made by `words!`: `TEXT` with a CHECK in the migration.
macro_rules! word_columns {
    ($($word:ty),+ $(,)?) => {$(
        column!($word => sql_types::Text);
        impl ToSql<sql_types::Text, Pg> for $word {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                <str as ToSql<sql_types::Text, Pg>>::to_sql(self.as_str(), &mut out.reborrow())
            }
        }
        impl FromSql<sql_types::Text, Pg> for $word {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                Ok(std::str::from_utf8(value.as_bytes())?.parse()?)
            }
        }
        impl ToSql<sql_types::Text, Sqlite> for $word {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value(self.as_str());
                Ok(IsNull::No)
            }
        }
        impl FromSql<sql_types::Text, Sqlite> for $word {
            fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
                Ok(value.read_text().parse()?)
            }
        }
    )+};
}

crate::words!(
    /// What a background job does.
    JobKind { ImportJobSeekers = "import_job_seekers", ComputeRound = "compute_round" }
);
crate::words!(JobState { Waiting = "waiting", Running = "running", Done = "done", Failed = "failed" });
crate::words!(
    /// A preview reads and judges every row and writes none of them.
    ImportMode { Preview = "preview", Apply = "apply" }
);
crate::words!(
    /// A withdrawn list stays, so that nobody wonders where it went.
    ApplicationState { Active = "active", Withdrawn = "withdrawn" }
);
crate::words!(AccountState { Active = "active", Disabled = "disabled" });

crate::words!(
    /// What an account is served from; only machines are ever of the demo.
    AccountData { Real = "real", Demo = "demo" }
);

impl Serialize for AccountData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

word_columns!(
    AccountData,
    AccountState,
    ApplicationState,
    ImportMode,
    JobKind,
    JobState,
    crate::domain::agreements::AgreementKind,
    crate::domain::agreements::AgreementState,
    crate::domain::breaches::BreachState,
    crate::domain::breaches::NoticeChannel,
    crate::domain::capacity::Capacity,
    crate::domain::client_keys::KeyAlg,
    crate::domain::consents::Basis,
    crate::domain::consents::Channel,
    crate::domain::consents::ConsentState,
    crate::domain::consents::Purpose,
    crate::domain::external_ids::ExternalSystem,
    crate::domain::identity::Education,
    crate::domain::identity::Marital,
    crate::domain::identity::Sex,
    crate::domain::merges::MergeState,
    crate::domain::organisations::OrganisationKind,
    crate::domain::organisations::OrganisationState,
    crate::domain::papers::MediaType,
    crate::domain::quotas::HousingKind,
    crate::domain::quotas::QuotaState,
    crate::domain::quotas::WageUnit,
    crate::domain::register::Format,
    crate::domain::rights::RefusalGround,
    crate::domain::rights::RequestKind,
    crate::domain::rights::RequestState,
    crate::domain::rights::ReviewOutcome,
    crate::domain::roles::Role,
    crate::domain::rounds::RoundState,
    crate::domain::seasons::AllocationKind,
    crate::domain::seasons::SeasonState,
    crate::domain::seasons::Sector,
    crate::domain::seekers::IdentityState,
    crate::domain::seekers::SeekerState,
);
