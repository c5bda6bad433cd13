//! `musiman restore`: a backup into an empty database, and its key ring where none is.
//! Must not know: what a backup looks like.

use super::backup::SealedFile;
use super::start::Meant;
use super::stop::Stop;
use super::{ask, logs};
use crate::acts::archive::{Reader, Trouble};
use crate::acts::restore::restore;
use crate::config::DataSettings;
use clap::Args;
use std::fs::File;
use std::io::{self, Write as _};

#[derive(Args)]
pub struct Restore {
    #[command(flatten)]
    sealed: SealedFile,
    #[command(flatten)]
    data: DataSettings,
}

impl Restore {
    pub fn run(self) -> Result<(), Stop> {
        logs::start(&self.data)?;
        let path = &self.sealed.file;
        if let Err(error) = File::open(path) {
            return Err(Stop::wrong(format!("{}: {error}", path.display())));
        }
        let passphrase = self.sealed.passphrase(ask::secret)?;
        let open = || -> Result<_, Trouble> { Reader::open(File::open(path)?, &passphrase) };
        let ring = open()?.head.ring;
        let keys = self.data.key_source(&self.data.database(false)?).map_err(Stop::usage)?;
        keys.accept(&ring).map_err(|error| Stop::failed(format!("{}: {error}", keys.shown())))?;
        let store = Meant::by(&self.data, false)?.alone()?;
        store.migrate()?;
        let rows = restore(&store, open)?;
        Ok(writeln!(
            io::stdout(),
            "{rows} rows are back; everybody logs in anew, and what was changed after the backup is gone: accounts and secrets that were ended since are open again"
        )?)
    }
}
