//! What can go wrong with data, in five words. Must not know: statuses, texts.

use diesel::result::{DatabaseErrorKind, Error};

/// The door retries `Busy` that came from a conflict; `api` turns each into a problem.
#[derive(Debug)]
pub enum Fault {
    /// No such row, or not one that the caller may see.
    NotFound,
    /// A unique value is held by another row; the name of the unique index.
    Taken(String),
    /// Another writer changed the row since it was read.
    Moved,
    /// Could not get its turn in time.
    Busy,
    /// A serialization failure or deadlock: running again may succeed.
    Conflict,
    /// A defect or an outage. The cause goes to the log, never to a client.
    Broken(Box<dyn std::error::Error + Send + Sync>),
}

/// Whether running the same closure again may succeed.
pub trait Again {
    fn again(&self) -> bool;
}

impl Again for Fault {
    fn again(&self) -> bool {
        matches!(self, Self::Conflict)
    }
}

impl Fault {
    pub fn broken(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Broken(cause.into())
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotFound => f.write_str("not found"),
            Self::Taken(key) => write!(f, "taken: {key}"),
            Self::Moved => f.write_str("changed by another writer"),
            Self::Busy => f.write_str("busy"),
            Self::Conflict => f.write_str("conflict with another transaction"),
            Self::Broken(cause) => write!(f, "{cause}"),
        }
    }
}

impl std::error::Error for Fault {}

/// SQLite names the columns, PostgreSQL the index; indexes here are named `table_column`.
fn unique_key(info: &dyn diesel::result::DatabaseErrorInformation) -> String {
    if let Some(name) = info.constraint_name() {
        return name.to_owned();
    }
    let message = info.message();
    let columns = message.split_once(": ").map_or(message, |(_, rest)| rest);
    let last = columns.split(", ").last().unwrap_or(columns);
    last.replace('.', "_")
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::NotFound,
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                Self::Taken(unique_key(info.as_ref()))
            }
            Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Conflict,
            Error::DatabaseError(_, ref info) if info.message().contains("deadlock detected") => {
                Self::Conflict
            }
            Error::DatabaseError(_, ref info) if info.message().contains("database is locked") => {
                Self::Busy
            }
            other => Self::broken(other),
        }
    }
}
