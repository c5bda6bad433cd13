//! `musiman migrate`: brings the tables up to date.
//! Must not know: which tables there are.

use super::stop::Stop;
use super::{logs, start};
use crate::config::DataSettings;
use clap::Args;
use std::io::Write as _;

#[derive(Args)]
pub struct Migrate {
    #[command(flatten)]
    data: DataSettings,
}

impl Migrate {
    pub fn run(self) -> Result<(), Stop> {
        logs::start(&self.data)?;
        let opened = start::open(&self.data)?;
        Ok(writeln!(std::io::stdout(), "{} is up to date", opened.url.shown())?)
    }
}
