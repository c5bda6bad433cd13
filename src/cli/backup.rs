//! `musiman backup`: everything into one sealed file while the service goes on.
//! Must not know: what a backup looks like.

use super::progress::Progress;
use super::start::Meant;
use super::stop::Stop;
use super::{ask, logs};
use crate::acts::archive::{SHORTEST, Trouble};
use crate::acts::backup::{backup, size};
use crate::config::DataSettings;
use crate::db::DatabaseUrl;
use clap::Args;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct Backup {
    #[command(flatten)]
    sealed: SealedFile,
    #[command(flatten)]
    data: DataSettings,
}

#[derive(Args)]
pub struct SealedFile {
    /// The backup; one that is there is never written over
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// File with the passphrase of the backup in its first line [default: asked for, or read as one
    /// line of standard input]
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl SealedFile {
    /// Of the passphrase's file, or else as `ask` gives it.
    pub fn passphrase(&self, ask: fn(&str) -> Result<String, Stop>) -> Result<String, Stop> {
        let Some(path) = &self.passphrase_file else { return ask("Passphrase") };
        let text = std::fs::read_to_string(path)
            .map_err(|error| Stop::wrong(format!("{}: {error}", path.display())))?;
        Ok(text.lines().next().unwrap_or_default().to_owned())
    }
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Store(fault) => fault.into(),
            Trouble::File(error) => error.into(),
            _ => Self::failed(trouble.to_string()),
        }
    }
}

impl Backup {
    pub fn run(self) -> Result<(), Stop> {
        logs::start(&self.data)?;
        let path = &self.sealed.file;
        let not_written = |error: io::Error| Stop::failed(format!("{}: {error}", path.display()));
        if path.exists() {
            return Err(Stop::wrong(format!("{} is there already", path.display())));
        }
        if let DatabaseUrl::Sqlite(path) = self.data.database(false)?
            && !path.exists()
        {
            return Err(Stop::wrong(format!("there is no database {}", path.display())));
        }
        let meant = Meant::by(&self.data, false)?;
        let store = meant.store()?;
        if !store.is_migrated()? {
            return Err(Stop::failed("the tables are of another version: run `musiman migrate`"));
        }
        let passphrase = self.sealed.passphrase(ask::new_secret)?;
        if passphrase.chars().count() < SHORTEST {
            return Err(Stop::wrong(format!("a passphrase has {SHORTEST} characters or more")));
        }
        // Beside its place, so that a file with that name is a whole backup.
        let place = std::path::absolute(path).map_err(not_written)?;
        let folder = place.parent().unwrap_or(Path::new("/"));
        let file = tempfile::Builder::new().prefix(".backup").tempfile_in(folder);
        let file = file.map_err(not_written)?;
        let mut progress = Progress::new("rows", Some(size(&store)?));
        let ring = || meant.keys.text();
        let written = backup(&store, ring, file, &passphrase, &mut |done| progress.at(done));
        progress.end();
        let (file, rows) = written?;
        file.as_file().sync_all().map_err(not_written)?;
        file.persist_noclobber(path).map_err(|error| not_written(error.error))?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(not_written)?;
        Ok(writeln!(
            io::stdout(),
            "{rows} rows and the key ring are in {}: without the passphrase nobody opens it, you neither",
            path.display()
        )?)
    }
}
