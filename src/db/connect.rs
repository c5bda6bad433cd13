//! Opens connections by the URL's scheme, with what each database needs to be safe.
//! Must not know: which queries will run.

use super::{Db, sharing};
use crate::seal::Seal;
use diesel::connection::SimpleConnection;
use diesel::r2d2::R2D2Connection;
use diesel::{Connection, ConnectionError, PgConnection, SqliteConnection};
use std::borrow::Cow;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Where the data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Postgres(String),
    Sqlite(PathBuf),
}

/// A database that cannot be opened, in words for the person who starts the service.
#[derive(Debug)]
pub enum OpenError {
    /// The URL has a scheme other than `postgres`, `postgresql` or `sqlite`.
    Scheme(String),
    Connect(ConnectionError),
    Pool(String),
    Folder(std::io::Error),
    /// The database is indexed by a key that the ring lacks: it was begun with another ring.
    OtherRing,
    /// Another program has it open, or has it alone.
    InUse,
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Scheme(scheme) => {
                write!(f, "DATABASE_URL: `{scheme}:` is neither postgres: nor sqlite:")
            }
            Self::Connect(error) => write!(f, "the database cannot be opened: {error}"),
            Self::Pool(error) => write!(f, "the database cannot be reached: {error}"),
            Self::Folder(error) => write!(f, "the database's folder cannot be made: {error}"),
            Self::OtherRing => f.write_str("the database was begun with another key ring"),
            Self::InUse => f.write_str("the database is in use: end the program that has it open"),
        }
    }
}

impl std::error::Error for OpenError {}

impl std::str::FromStr for DatabaseUrl {
    type Err = OpenError;

    /// `postgres://..`, `postgresql://..`, `sqlite:path`, or a bare path.
    fn from_str(text: &str) -> Result<Self, OpenError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        if let Some(path) = text.strip_prefix("sqlite:") {
            return Ok(Self::Sqlite(path.strip_prefix("//").unwrap_or(path).into()));
        }
        match text.split_once(':') {
            Some((scheme, _)) if !scheme.contains(['/', '.']) => {
                Err(OpenError::Scheme(scheme.to_owned()))
            }
            _ => Ok(Self::Sqlite(text.into())),
        }
    }
}

impl DatabaseUrl {
    /// Whether what is said to the database stays on this machine, or is encrypted to a server whose
    /// certificate is checked.
    pub fn is_private(&self) -> bool {
        let Self::Postgres(url) = self else { return true };
        let (_, rest) = url.split_once("://").unwrap_or_default();
        let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
        let named: Vec<(Cow<'_, str>, Cow<'_, str>)> =
            form_urlencoded::parse(query.as_bytes()).collect();
        let of =
            |name: &str| named.iter().rev().find(|(n, _)| n == name).map(|(_, value)| &**value);
        let authority = address.split('/').next().unwrap_or_default();
        let written = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
        let hosts = of("hostaddr").or(of("host")).unwrap_or(written);
        of("sslmode") == Some("verify-full") || hosts.split(',').all(is_here)
    }

    /// The text without a password, for logs.
    pub fn shown(&self) -> String {
        match self {
            Self::Sqlite(path) => path.display().to_string(),
            Self::Postgres(url) => match (url.find("://"), url.find('@')) {
                (Some(scheme), Some(at)) if scheme < at => {
                    format!(
                        "{}://..{}",
                        url.get(..scheme).unwrap_or(""),
                        url.get(at..).unwrap_or("")
                    )
                }
                _ => url.split('?').next().unwrap_or("").to_owned(),
            },
        }
    }
}

/// A socket or the machine itself, with or without a port.
fn is_here(host: &str) -> bool {
    let host = host.strip_prefix('[').and_then(|h| h.split_once(']')).map_or(host, |(h, _)| h);
    let alone =
        if host.matches(':').count() == 1 { host.split(':').next().unwrap_or("") } else { host };
    let loops = alone.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    alone.is_empty()
        || alone == "localhost"
        || loops
        || alone.starts_with('/')
        || alone.starts_with("%2F")
}

const WRITER: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000;";
const READER: &str = "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; \
     PRAGMA mmap_size = 268435456; PRAGMA query_only = ON;";

fn open_sqlite(path: &Path, pragmas: &str) -> Result<Db, ConnectionError> {
    let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
    conn.batch_execute(pragmas).map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(Db::Sqlite(conn))
}

/// Makes connections for one pool.
#[derive(Debug, Clone)]
pub(super) struct Manager {
    pub(super) url: DatabaseUrl,
    pub(super) writes: bool,
    pub(super) alone: bool,
    pub(super) seal: Arc<Seal>,
}

/// How often and how long who wants the database alone waits for connections that end just now.
const TURNS: u32 = 40;
const TURN: Duration = Duration::from_millis(200);

fn other(error: diesel::result::Error) -> ConnectionError {
    ConnectionError::CouldntSetupConfiguration(error)
}

impl Manager {
    fn establish(&self) -> Result<Db, ConnectionError> {
        match &self.url {
            DatabaseUrl::Postgres(url) => PgConnection::establish(url).map(Db::Pg),
            DatabaseUrl::Sqlite(path) if self.alone => open_sqlite(path, ""),
            DatabaseUrl::Sqlite(path) => {
                open_sqlite(path, if self.writes { WRITER } else { READER })
            }
        }
    }

    /// A connection that is in, and the mark of the key by which the database is indexed.
    fn enter(&self) -> Result<(Db, Option<String>), OpenError> {
        for _ in 0..if self.alone { TURNS } else { 1 } {
            let mut db = self.establish().map_err(OpenError::Connect)?;
            let failed = |error| OpenError::Connect(other(error));
            if sharing::enter(&mut db, self.alone).map_err(failed)? {
                if self.alone && matches!(db, Db::Sqlite(_)) {
                    db.batch_execute(WRITER).map_err(failed)?;
                }
                let mark = sharing::mark(&mut db).map_err(failed)?;
                return Ok((db, mark));
            }
            if self.alone {
                rest();
            }
        }
        Err(OpenError::InUse)
    }

    /// A key that another program brought in meanwhile makes this process find nobody: it is let in
    /// no more, and has to be started anew.
    fn open(&self) -> Result<Db, ConnectionError> {
        let told = |line: String| ConnectionError::BadConnection(line);
        let (db, mark) = self.enter().map_err(|error| match error {
            OpenError::Connect(error) => error,
            error => told(error.to_string()),
        })?;
        if mark.is_none_or(|mark| mark == self.seal.mark()) {
            return Ok(db);
        }
        let line = "the index key was replaced: start this program anew";
        tracing::error!(line);
        Err(told(line.to_owned()))
    }

    pub(super) fn pool(self, size: u32) -> Result<Pool, OpenError> {
        let (first, mark) = self.enter()?;
        drop(first);
        if mark.is_some_and(|mark| !self.seal.finds_by(&mark)) {
            return Err(OpenError::OtherRing);
        }
        diesel::r2d2::Builder::new()
            .max_size(size)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(Duration::from_secs(5))
            .build(self)
            .map_err(|e| OpenError::Pool(e.to_string()))
    }
}

#[expect(clippy::disallowed_methods, reason = "a command with nothing to do meanwhile")]
fn rest() {
    std::thread::sleep(TURN);
}

pub(super) type Pool = diesel::r2d2::Pool<Manager>;

impl diesel::r2d2::ManageConnection for Manager {
    type Connection = Db;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Db, Self::Error> {
        self.open().map_err(diesel::r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, db: &mut Db) -> Result<(), Self::Error> {
        db.ping().map_err(diesel::r2d2::Error::QueryError)
    }

    /// A transaction left open by a panic must not meet the next user.
    fn has_broken(&self, db: &mut Db) -> bool {
        std::thread::panicking() || db.is_broken()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_without_a_known_scheme_is_refused_and_makes_no_file() {
        assert!(matches!("mysql://x/y".parse::<DatabaseUrl>(), Err(OpenError::Scheme(_))));
        assert!(matches!("postgres:x".parse::<DatabaseUrl>(), Err(OpenError::Scheme(_))));
        let url: DatabaseUrl = "data/musiman.db".parse().unwrap();
        assert_eq!(url, DatabaseUrl::Sqlite("data/musiman.db".into()));
        assert_eq!(
            "sqlite:x.db".parse::<DatabaseUrl>().unwrap(),
            DatabaseUrl::Sqlite("x.db".into())
        );
    }

    #[test]
    fn what_leaves_the_machine_is_encrypted_and_checked() {
        let private = |url: &str| url.parse::<DatabaseUrl>().unwrap().is_private();
        for here in [
            "data/musiman.db",
            "postgres://u@/musiman?host=/var/run/postgresql",
            "postgres://u@%2Fvar%2Frun/musiman",
            "postgres://u:p@localhost:5432/musiman",
            "postgresql://u@127.0.0.1/musiman",
            "postgres://u@[::1]:5432/musiman",
            "postgres://u:a@b@db.example/musiman?sslmode=verify-full",
            "postgres://u@a,b/musiman?connect_timeout=3&sslmode=verify-full",
        ] {
            assert!(private(here), "{here}");
        }
        for open in [
            "postgres://u@db/musiman",
            "postgres://u@db/musiman?sslmode=require",
            "postgres://u@localhost,db/musiman",
            "postgres://u@localhost/musiman?host=db.example",
            "postgres://u@localhost/musiman?hostaddr=203.0.113.7",
            "postgres://u@db/musiman?sslmode=verify-full&sslmode=disable",
            "postgres://localhost@db/musiman",
        ] {
            assert!(!private(open), "{open}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let url: DatabaseUrl = "postgres://app:secret@db/musiman".parse().unwrap();
        assert!(!url.shown().contains("secret"), "{}", url.shown());
    }
}
