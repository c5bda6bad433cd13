//! What the environment and the flags say, with their defaults. The only reader of the environment.
//! Must not know: what is done with it.

use crate::db::DatabaseUrl;
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
    keys: Option<PathBuf>,
    /// Connections to the database: all of them on PostgreSQL, the readers on SQLite [default: two
    /// for each core, at least 4]
    #[arg(long, env = "MUSIMAN_POOL", hide_env_values = true, value_name = "COUNT")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=500))]
    pool: Option<u32>,
    /// What is logged: error, warn, info, debug, or a filter such as `info,musiman::api=debug`
    #[arg(long, env = "MUSIMAN_LOG", hide_env_values = true, default_value = "info")]
    #[arg(value_name = "FILTER")]
    pub log: String,
    /// How log lines are written [default: text on a terminal, json elsewhere]
    #[arg(long, env = "MUSIMAN_LOG_FORMAT", hide_env_values = true, value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
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
    /// Requests that one account may send in a minute, to each process
    #[arg(long, env = "MUSIMAN_RATE", hide_env_values = true, default_value_t = 3000)]
    #[arg(value_name = "COUNT")]
    pub requests_per_minute: u32,
    /// Requests without a token from one address in a minute, to each process
    #[arg(long, env = "MUSIMAN_RATE_ADDRESS", hide_env_values = true, default_value_t = 600)]
    #[arg(value_name = "COUNT")]
    pub requests_per_minute_of_an_address: u32,
    /// Log-ins, activations and self-registrations from one address in a minute, to each process
    #[arg(long, env = "MUSIMAN_RATE_DOOR", hide_env_values = true, default_value_t = 30)]
    #[arg(value_name = "COUNT")]
    pub log_ins_per_minute_of_an_address: u32,
    /// Threads that serve requests [default: one for each core]
    #[arg(long, env = "MUSIMAN_WORKERS", hide_env_values = true, value_name = "COUNT")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=500))]
    workers: Option<u16>,
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

    /// The database that is meant; without one the file of the demo, or the other.
    pub fn database(&self, demo: bool) -> Result<DatabaseUrl, crate::db::OpenError> {
        let default = if demo { "data/demo.db" } else { "data/musiman.db" };
        let given = self.database_url.as_deref().filter(|url| !url.is_empty());
        given.unwrap_or(default).parse()
    }

    /// The key file that goes with the database.
    pub fn key_file(&self, database: &DatabaseUrl) -> PathBuf {
        match (&self.keys, database) {
            (Some(path), _) if !path.as_os_str().is_empty() => path.clone(),
            (_, DatabaseUrl::Sqlite(path)) => path.with_extension("keys"),
            (_, DatabaseUrl::Postgres(_)) => Path::new("data").join("musiman.keys"),
        }
    }
}

impl ServeSettings {
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
    for argument in Everything::command().get_arguments() {
        let (Some(name), Some(help)) = (argument.get_env(), argument.get_help()) else { continue };
        let default = argument.get_default_values().first();
        let default = default.map_or(String::new(), |d| format!(" [default: {}]", d.display()));
        let _ = writeln!(text, "  {:<19} {help}{default}", name.display().to_string());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_file_lies_beside_the_database_file() {
        let settings = Everything::parse_from(["x"]).data;
        let demo = settings.database(true).unwrap();
        assert_eq!(settings.key_file(&demo), Path::new("data/demo.keys"));
        let file = settings.database(false).unwrap();
        assert_eq!(file, DatabaseUrl::Sqlite("data/musiman.db".into()));
        assert_eq!(settings.key_file(&file), Path::new("data/musiman.keys"));
        let postgres: DatabaseUrl = "postgres://db/musiman".parse().unwrap();
        assert_eq!(settings.key_file(&postgres), Path::new("data/musiman.keys"));
    }

    #[test]
    fn every_variable_is_told() {
        let text = variables();
        for name in ["DATABASE_URL", "MUSIMAN_KEYS", "MUSIMAN_LISTEN", "MUSIMAN_METRICS"] {
            assert!(text.contains(name), "{text}");
        }
    }

    #[test]
    fn metrics_are_at_an_address_or_off() {
        assert_eq!(metrics_address("off"), Ok(MetricsAddress(None)));
        assert!(metrics_address("9090").is_err());
    }
}
