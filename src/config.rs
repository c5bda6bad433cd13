//! What the environment and the flags say, with their defaults. The only reader of the environment.
//! Must not know: what is done with it.

mod edge;
mod plain;

pub use edge::{EdgeSettings, ProxyHeader, TlsFiles};
pub use plain::Plain;

use crate::db::DatabaseUrl;
use crate::domain::roles::Role;
use crate::seal::Source;
use clap::builder::TypedValueParser as _;
use clap::{Args, CommandFactory as _, Parser, ValueEnum};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Where the data lies, what seals it, and what is logged: for every command that opens a database.
#[derive(Debug, Clone, Args)]
pub struct DataSettings {
    /// PostgreSQL URL or path of an SQLite file [default: data/musiman.db; demo: data/demo.db]
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// Key ring that seals identifiers, made at the first start [default: beside the SQLite file
    /// with the ending .keys; with PostgreSQL data/musiman.keys]
    #[arg(long, env = "MUSIMAN_KEYS", hide_env_values = true, value_name = "FILE")]
    #[arg(value_parser = clap::builder::OsStringValueParser::new().map(PathBuf::from))]
    keys: Option<PathBuf>,
    /// Command that prints the key ring, instead of a file; run without a shell, its words split at
    /// spaces
    #[arg(long, env = "MUSIMAN_KEYS_COMMAND", hide_env_values = true, value_name = "COMMAND")]
    keys_command: Option<String>,
    /// Connections to the database: all of them on PostgreSQL, the readers on SQLite [default: two
    /// for each core, at least 4]
    #[arg(long, env = "MUSIMAN_POOL", hide_env_values = true, value_name = "COUNT")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=500))]
    pool: Option<u32>,
    /// File of passwords known from breaches, which nobody may choose: their SHA-1 hashes in order,
    /// one a line, alone or with a count behind a colon [default: none]
    #[arg(long, env = "MUSIMAN_BREACHED", hide_env_values = true, value_name = "FILE")]
    #[arg(value_parser = clap::builder::OsStringValueParser::new().map(PathBuf::from))]
    breached: Option<PathBuf>,
    /// What may leave this machine in plain, because something else encrypts its way: `http`,
    /// `metrics`, with a comma between [default: nothing]
    #[arg(long, env = "MUSIMAN_PLAIN", hide_env_values = true, value_name = "WHAT")]
    plain: Option<String>,
    /// What is logged: error, warn, info, debug, or a filter such as `info,musiman::api=debug`
    #[arg(long, env = "MUSIMAN_LOG", hide_env_values = true, default_value = "info")]
    #[arg(value_name = "FILTER")]
    pub log: String,
    /// How log lines are written [default: text on a terminal, json elsewhere]
    #[arg(long, env = "MUSIMAN_LOG_FORMAT", hide_env_values = true, value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// Whether it is the demo beside a service: its ring is a file of its own.
    #[arg(skip)]
    is_sandbox: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Json,
    Text,
}

/// How the service is reached.
#[derive(Debug, Clone, Args)]
pub struct ServeSettings {
    /// Address and port of the service
    #[arg(long, env = "MUSIMAN_LISTEN", hide_env_values = true, default_value = "127.0.0.1:8080")]
    #[arg(value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Address and port of /metrics, or off; a port that is taken is told, and the service goes on
    #[arg(long, env = "MUSIMAN_METRICS", hide_env_values = true, default_value = "127.0.0.1:9090")]
    #[arg(value_parser = metrics_address, value_name = "ADDRESS")]
    pub metrics: MetricsAddress,
    /// Requests that one account may send in a minute
    #[arg(long, env = "MUSIMAN_RATE", hide_env_values = true, default_value_t = 3000)]
    #[arg(value_name = "COUNT")]
    pub requests_per_minute: u32,
    /// Requests without a token from one address in a minute
    #[arg(long, env = "MUSIMAN_RATE_ADDRESS", hide_env_values = true, default_value_t = 600)]
    #[arg(value_name = "COUNT")]
    pub requests_per_minute_of_an_address: u32,
    /// Log-ins, activations and self-registrations from one address in a minute
    #[arg(long, env = "MUSIMAN_RATE_DOOR", hide_env_values = true, default_value_t = 30)]
    #[arg(value_name = "COUNT")]
    pub log_ins_per_minute_of_an_address: u32,
    /// Threads that serve requests [default: one for each core]
    #[arg(long, env = "MUSIMAN_WORKERS", hide_env_values = true, value_name = "COUNT")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=500))]
    workers: Option<u16>,
    /// Demo database, PostgreSQL URL or SQLite path, that sandbox clients are answered from; its
    /// keys lie beside it, or in data/sandbox.keys [default: none, and no sandbox clients]
    #[arg(long, env = "MUSIMAN_SANDBOX", hide_env_values = true, value_name = "URL")]
    sandbox: Option<String>,
    /// Who logs in only with a second factor: staff (everybody but job seekers), or off for nobody
    /// [default: staff; demo: off]
    #[arg(long, env = "MUSIMAN_SECOND_FACTOR", hide_env_values = true, value_name = "WHO")]
    second_factor: Option<SecondFactor>,
    #[command(flatten)]
    pub edge: EdgeSettings,
}

/// Who needs a second factor; everybody may have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SecondFactor {
    Staff,
    Off,
}

impl SecondFactor {
    pub fn is_of(self, role: Role) -> bool {
        self == Self::Staff && role != Role::Seeker
    }
}

/// Where the figures are served; none for nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricsAddress(pub Option<SocketAddr>);

fn metrics_address(text: &str) -> Result<MetricsAddress, std::net::AddrParseError> {
    if text == "off" {
        Ok(MetricsAddress(None))
    } else {
        text.parse().map(Some).map(MetricsAddress)
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

impl DataSettings {
    /// Connections to the database.
    pub fn pool(&self) -> u32 {
        self.pool.unwrap_or_else(|| u32::try_from(2 * cores()).map_or(4, |two| two.max(4)))
    }

    /// Where the passwords known from breaches are.
    pub fn breached(&self) -> Option<&Path> {
        self.breached.as_deref().filter(|path| !path.as_os_str().is_empty())
    }

    /// Whether it was said that something else encrypts it. The error is a line for the person.
    pub fn may_be_plain(&self, what: Plain) -> Result<bool, String> {
        Ok(plain::listed(self.plain.as_deref().unwrap_or_default())?.contains(&what))
    }

    /// The database that is meant; without one the file of the demo, or the other.
    pub fn database(&self, demo: bool) -> Result<DatabaseUrl, crate::db::OpenError> {
        let default = if demo { "data/demo.db" } else { "data/musiman.db" };
        let given = self.database_url.as_deref().filter(|url| !url.is_empty());
        given.unwrap_or(default).parse()
    }

    /// Those of the demo beside the service, which shares neither database nor keys with it.
    #[must_use]
    pub fn of_sandbox(&self, url: &str) -> Self {
        let (database_url, log) = (Some(url.to_owned()), self.log.clone());
        let (keys, keys_command, is_sandbox) = (None, None, true);
        Self { database_url, keys, keys_command, log, is_sandbox, ..self.clone() }
    }

    /// Where the key ring of the database comes from. The error is a line for the person.
    pub fn key_source(&self, database: &DatabaseUrl) -> Result<Source, String> {
        if self.is_sandbox {
            return Ok(Source::File(match database {
                DatabaseUrl::Sqlite(path) => path.with_extension("keys"),
                DatabaseUrl::Postgres(_) => Path::new("data").join("sandbox.keys"),
            }));
        }
        self.key_source_beside(database, variable(KEYRING))
    }

    fn key_source_beside(
        &self,
        database: &DatabaseUrl,
        keyring: Option<String>,
    ) -> Result<Source, String> {
        let file = self.keys.as_ref().filter(|path| !path.as_os_str().is_empty());
        let command = self.keys_command.as_deref().unwrap_or_default();
        let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        match (file, keyring, words.is_empty()) {
            (None, None, true) => Ok(Source::File(key_file(database))),
            (Some(path), None, true) => Ok(Source::File(path.clone())),
            (None, Some(text), true) => Ok(Source::Environment(text)),
            (None, None, false) => Ok(Source::Command(words)),
            _ => Err(format!("only one of MUSIMAN_KEYS, {KEYRING} and MUSIMAN_KEYS_COMMAND")),
        }
    }
}

/// The text of the ring itself. No flag: everybody on the machine reads the flags of a process.
const KEYRING: &str = "MUSIMAN_KEYRING";

#[expect(clippy::disallowed_methods, reason = "the one room that reads the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// The key file that goes with a database.
fn key_file(database: &DatabaseUrl) -> PathBuf {
    match database {
        DatabaseUrl::Sqlite(path) => path.with_extension("keys"),
        DatabaseUrl::Postgres(_) => Path::new("data").join("musiman.keys"),
    }
}

impl ServeSettings {
    /// The database of the demo beside the service.
    pub fn sandbox(&self) -> Option<&str> {
        self.sandbox.as_deref().filter(|url| !url.is_empty())
    }

    pub fn second_factor(&self, demo: bool) -> SecondFactor {
        let default = if demo { SecondFactor::Off } else { SecondFactor::Staff };
        self.second_factor.unwrap_or(default)
    }

    pub fn workers(&self) -> usize {
        self.workers.map_or_else(cores, usize::from)
    }
}

#[derive(Parser)]
struct Everything {
    #[command(flatten)]
    data: DataSettings,
    #[command(flatten)]
    serve: ServeSettings,
}

/// A line for each variable, for `--help`: the flags of the commands say the same.
pub fn variables() -> String {
    let mut text = String::from("Environment (each is also a flag of the commands that use it):\n");
    let mut line = |name: &str, help: &str| {
        let _ = writeln!(text, "  {name:<23} {help}");
    };
    for argument in Everything::command().get_arguments() {
        let (Some(name), Some(help)) = (argument.get_env(), argument.get_help()) else { continue };
        let default = argument.get_default_values().first();
        let default = default.map_or(String::new(), |d| format!(" [default: {}]", d.display()));
        line(&name.display().to_string(), &format!("{help}{default}"));
    }
    line(KEYRING, "The key ring itself, instead of a file; no flag, because others see flags");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_file_lies_beside_the_database_file() {
        let settings = Everything::parse_from(["x", "--keys", "", "--keys-command", ""]).data;
        let file = |url: &DatabaseUrl| settings.key_source_beside(url, None);
        let is = |path: &str| Ok(Source::File(path.into()));
        assert_eq!(file(&settings.database(true).unwrap()), is("data/demo.keys"));
        let sqlite = settings.database(false).unwrap();
        assert_eq!(sqlite, DatabaseUrl::Sqlite("data/musiman.db".into()));
        assert_eq!(file(&sqlite), is("data/musiman.keys"));
        assert_eq!(file(&"postgres://db/musiman".parse().unwrap()), is("data/musiman.keys"));
    }

    #[test]
    fn the_key_ring_has_one_source() {
        let source = |keys: &str, command: &str, ring: Option<&str>| {
            let flags = ["x", "--keys", keys, "--keys-command", command];
            let settings = Everything::parse_from(flags).data;
            let url = settings.database(false).unwrap();
            settings.key_source_beside(&url, ring.map(str::to_owned))
        };
        let words = ["kms", "read", "ring"].map(str::to_owned).to_vec();
        assert_eq!(source("", " kms  read ring", None), Ok(Source::Command(words)));
        assert_eq!(source("", "", Some("ring")), Ok(Source::Environment("ring".into())));
        assert!(source("a.keys", "kms", None).is_err());
        assert!(source("a.keys", "", Some("ring")).is_err());
        let told = source("", "kms", Some("the secret")).unwrap_err();
        assert!(told.contains("MUSIMAN_KEYRING") && !told.contains("the secret"), "{told}");
    }

    #[test]
    fn every_variable_is_told() {
        let text = variables();
        for name in ["DATABASE_URL", "MUSIMAN_KEYS_COMMAND", "MUSIMAN_KEYRING", "MUSIMAN_TLS_KEY"] {
            assert!(text.contains(name), "{text}");
        }
    }

    #[test]
    fn metrics_are_at_an_address_or_off() {
        assert_eq!(metrics_address("off"), Ok(MetricsAddress(None)));
        assert!(metrics_address("9090").is_err());
    }
}
