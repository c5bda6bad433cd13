//! `musiman keys reindex`: another index key, by which everybody is found from then on.
//! Must not know: tables, key material.

use super::keys::{hold, not_changed};
use super::progress::Progress;
use super::start::Opened;
use super::stop::Stop;
use super::{logs, start};
use crate::acts::replace_index::{replace_index, size};
use crate::acts::verify_journal::verify;
use crate::config::DataSettings;
use crate::seal::{Kind, Source};
use clap::Args;
use std::io::{self, Write as _};

#[derive(Args)]
pub struct Reindex {
    /// Go on although the journal's chain is broken: what is broken stays, and is told as before
    #[arg(long)]
    broken_journal: bool,
    #[command(flatten)]
    data: DataSettings,
}

impl Reindex {
    pub fn run(self) -> Result<(), Stop> {
        logs::start(&self.data)?;
        let opened = start::open_alone(&self.data)?;
        // The new key signs for what the old one signed: not for what nobody did.
        if !verify(&opened.store)?.broken.is_empty() && !self.broken_journal {
            return Err(Stop::failed(
                "the journal's chain is broken (see `musiman audit verify`): --broken-journal goes on all the same",
            ));
        }
        newest(&opened)?;
        let mut progress = Progress::new("rows", Some(size(&opened.store)?));
        let done = replace_index(&opened.store, &mut |done| progress.at(done));
        progress.end();
        let done = done?;
        Ok(writeln!(
            io::stdout(),
            "{} rows are found by index key {}; everybody logs in anew, and codes for first log-ins are made again",
            done.rows,
            done.key
        )?)
    }
}

/// Adds an index key to a key file, unless the ring has a newer one than the database.
fn newest(opened: &Opened) -> Result<(), Stop> {
    let (seal, source) = (opened.store.seal(), &opened.keys);
    let has_newer = || seal.index_keys().last() != Some(&seal.index_key());
    let Source::File(path) = source else {
        let shown = source.shown();
        let told = || Stop::failed(format!("{shown} gives the keys: add a line `index` there"));
        return has_newer().then_some(()).ok_or_else(told);
    };
    let file = hold(path)?;
    seal.look_again()?;
    if !has_newer() {
        file.add_key(Kind::Index).map_err(|error| not_changed(path, &error))?;
        seal.look_again()?;
    }
    Ok(())
}
