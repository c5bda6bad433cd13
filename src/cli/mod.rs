//! The command line: one file a command. The only room that speaks to a terminal.
//! Must not know: SQL.

mod account;
mod ask;
mod audit;
mod backup;
mod demo;
mod import;
mod keys;
mod logs;
mod match_lines;
mod migrate;
mod openapi;
mod progress;
mod reindex;
mod restore;
mod serve;
mod signing;
mod start;
mod stop;

use crate::config;
use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use std::process::ExitCode;
use stop::Stop;

/// Places the registered job seekers of Kabupaten Bekasi to Korean seasonal quotas.
#[derive(Parser)]
#[command(name = "musiman", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API, its documentation and its metrics
    Serve(serve::Serve),
    /// Bring the tables of the database up to date
    Migrate(migrate::Migrate),
    /// Registers from files
    #[command(subcommand)]
    Import(import::Import),
    /// Write everything, with the keys, into one file under a passphrase; the service goes on
    Backup(backup::Backup),
    /// Put a backup back into an empty database of either kind
    Restore(restore::Restore),
    /// Answer matching instances, one JSON line each
    Match(match_lines::Match),
    /// Print the OpenAPI document
    Openapi,
    /// Accounts of staff and partners
    #[command(subcommand)]
    Account(account::Account),
    /// The journal of everything that was done
    #[command(subcommand)]
    Audit(audit::Audit),
    /// The keys that seal identifiers, and those that sign tokens
    #[command(subcommand)]
    Keys(keys::Keys),
}

/// Runs what the command line asks for: 0 for success, 1 for a failure, 2 for wrong use.
pub fn run() -> ExitCode {
    let command = Cli::command().after_help(config::variables());
    let parsed = command.try_get_matches().and_then(|m| Cli::from_arg_matches(&m));
    let ended = match parsed {
        Ok(cli) => cli.command.run(),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => error.print().map_err(Stop::from),
            _ => Err(Stop::usage(one_line(&error))),
        },
    };
    ended.map_or_else(Stop::told, |()| ExitCode::SUCCESS)
}

impl Command {
    fn run(self) -> Result<(), Stop> {
        match self {
            Self::Serve(serve) => serve.run(),
            Self::Migrate(migrate) => migrate.run(),
            Self::Import(import) => import.run(),
            Self::Backup(backup) => backup.run(),
            Self::Restore(restore) => restore.run(),
            Self::Match(lines) => lines.run(),
            Self::Openapi => openapi::run(),
            Self::Account(account) => account.run(),
            Self::Audit(audit) => audit.run(),
            Self::Keys(keys) => keys.run(),
        }
    }
}

/// The first paragraph of clap's answer; what follows it is hints that `--help` gives better.
fn one_line(error: &clap::Error) -> String {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return "a command is missing".to_owned();
    }
    let text = error.to_string();
    let words = text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim);
    let line = words.collect::<Vec<_>>().join(" ");
    line.strip_prefix("error: ").unwrap_or(&line).to_owned()
}
