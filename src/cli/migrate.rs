//! `musiman migrate`: brings the tables up to date.
//! Must not know: which tables there are.

use super::stop::Stop;
use super::{logs, start};
use crate::config::DataSettings;
use clap::Args;
use std::io::Write as _;

#[derive(Args)]
pub struct Migrate {
    /// Let this user of PostgreSQL run the service on tables that it does not own, so that nobody
    /// who gets into the service can change the journal; again after each migration
    #[arg(long, value_name = "USER")]
    grant: Option<String>,
    #[command(flatten)]
    data: DataSettings,
}

impl Migrate {
    pub fn run(self) -> Result<(), Stop> {
        logs::start(&self.data)?;
        let opened = start::open(&self.data)?;
        if let Some(role) = &self.grant
            && !opened.store.grant(role)?
        {
            return Err(Stop::usage("--grant is for PostgreSQL: SQLite has no users"));
        }
        Ok(writeln!(std::io::stdout(), "{} is up to date", opened.url.shown())?)
    }
}
