//! `musiman keys`: which keys seal how much, a new key for everything, an old one out of the ring.
//! Those that sign tokens have a file of their own.
//! Must not know: tables, key material.

use super::progress::Progress;
use super::reindex::Reindex;
use super::signing::{SignList, SignRemove, SignRotate};
use super::stop::Stop;
use super::{logs, start};
use crate::acts::rotate_keys::{Standing, rotate};
use crate::config::DataSettings;
use crate::db::Store;
use crate::jobs;
use crate::seal::{KeyFile, KeyId, Kind, Source};
use clap::{Args, Subcommand};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

#[derive(Subcommand)]
pub enum Keys {
    /// Print each key's id and how many values it seals; never a key
    List(List),
    /// Add a new key to the key file and seal every value with it, while the service goes on;
    /// killed in its middle, it goes on the next time
    Rotate(Rotate),
    /// Make the hashes by which people are found anew, under a new index key; no other program has
    /// the database open meanwhile, and killed in its middle nothing has changed
    Reindex(Reindex),
    /// Take an old key out of the key file, if no value is sealed with it and nobody found by it
    Retire(Retire),
    /// Print the keys that sign tokens: from when, and until when their tokens count
    SignList(SignList),
    /// Publish a new key for tokens, which signs when every reader has had time to learn it
    SignRotate(SignRotate),
    /// Take a key for tokens out at once: everything that it signed is refused within seconds
    SignRemove(SignRemove),
}

#[derive(Args)]
pub struct List {
    #[command(flatten)]
    data: DataSettings,
}

#[derive(Args)]
pub struct Rotate {
    /// Seconds within which every running process has read the ring again; 0 if none runs
    #[arg(long, value_name = "SECONDS", default_value_t = jobs::keys::LOOK.as_secs() + 5)]
    settle: u64,
    #[command(flatten)]
    data: DataSettings,
}

#[derive(Args)]
pub struct Retire {
    /// Id of the key, as `keys list` prints it
    id: KeyId,
    #[command(flatten)]
    data: DataSettings,
}

impl Keys {
    pub fn run(self) -> Result<(), Stop> {
        match self {
            Self::List(list) => list.run(),
            Self::Rotate(rotate) => rotate.run(),
            Self::Reindex(reindex) => reindex.run(),
            Self::Retire(retire) => retire.run(),
            Self::SignList(list) => list.run(),
            Self::SignRotate(rotate) => rotate.run(),
            Self::SignRemove(remove) => remove.run(),
        }
    }
}

/// The database, and where its ring comes from.
fn open(data: &DataSettings) -> Result<(Store, Source), Stop> {
    logs::start(data)?;
    let opened = start::open(data)?;
    Ok((opened.store, opened.keys))
}

pub(super) fn hold(path: &Path) -> Result<KeyFile, Stop> {
    KeyFile::hold(path).map_err(|error| not_changed(path, &error))
}

pub(super) fn not_changed(path: &Path, error: &io::Error) -> Stop {
    Stop::failed(format!("the key file {} is not changed: {error}", path.display()))
}

impl List {
    fn run(self) -> Result<(), Stop> {
        let (store, _) = open(&self.data)?;
        let standing = Standing::read(&store)?;
        let mut out = io::stdout().lock();
        for key in &standing.keys {
            let note = if *key == standing.newest { " newest" } else { "" };
            writeln!(out, "{key} {}{note}", standing.under(*key))?;
        }
        for (key, values) in standing.counts.iter().filter(|(k, _)| !standing.keys.contains(k)) {
            writeln!(out, "{key} {values} missing from the ring")?;
        }
        let seal = store.seal();
        for key in seal.index_keys() {
            let note = if key == seal.index_key() { " in force" } else { "" };
            writeln!(out, "{key} index{note}")?;
        }
        Ok(())
    }
}

impl Rotate {
    fn run(self) -> Result<(), Stop> {
        let (store, source) = open(&self.data)?;
        let standing = newest(&store, &source)?;
        let mut progress = Progress::new("values", Some(standing.old()));
        let settle = Duration::from_secs(self.settle);
        let done = rotate(&store, settle, &mut |done| progress.at(done));
        progress.end();
        Ok(writeln!(io::stdout(), "{} values sealed anew with key {}", done?, standing.newest)?)
    }
}

/// Adds a key to a key file, unless a rotation to the newest one has not come to its end.
fn newest(store: &Store, source: &Source) -> Result<Standing, Stop> {
    let Source::File(path) = source else {
        eprintln!("{} gives the keys: none is added", source.shown());
        return Ok(Standing::read(store)?);
    };
    // Held while it is looked at, so that two commands do not both add one.
    let file = hold(path)?;
    store.seal().look_again()?;
    let standing = Standing::read(store)?;
    if standing.is_in_the_middle() {
        eprintln!("the rotation to key {} goes on", standing.newest);
        return Ok(standing);
    }
    file.add_key(Kind::Seal).map_err(|error| not_changed(path, &error))?;
    store.seal().look_again()?;
    Ok(Standing::read(store)?)
}

impl Retire {
    fn run(self) -> Result<(), Stop> {
        let (store, source) = open(&self.data)?;
        let Source::File(path) = &source else {
            self.kind(&store)?;
            let (shown, id) = (source.shown(), self.id);
            return Err(Stop::failed(format!("{shown} gives the keys: take {id} out there")));
        };
        let file = hold(path)?;
        store.seal().look_again()?;
        let kind = self.kind(&store)?;
        file.remove_key(kind, self.id).map_err(|error| not_changed(path, &error))?;
        Ok(writeln!(
            io::stdout(),
            "key {} is out of the ring: backups from before it was replaced open with a copy of the old ring only",
            self.id
        )?)
    }

    /// What the key is for, if nothing is lost without it.
    fn kind(&self, store: &Store) -> Result<Kind, Stop> {
        let (id, seal) = (self.id, store.seal());
        if seal.keys().contains(&id) || !seal.index_keys().contains(&id) {
            return self.may_go(&Standing::read(store)?).map(|()| Kind::Seal);
        }
        if id == seal.index_key() {
            return Err(Stop::failed(format!("key {id} stays: everybody is found by it")));
        }
        if seal.index_keys().last() == Some(&id) {
            return Err(Stop::failed(format!(
                "key {id} stays: nobody is found by it yet (run `musiman keys reindex`)"
            )));
        }
        Ok(Kind::Index)
    }

    /// Whether no value is lost without the key.
    fn may_go(&self, standing: &Standing) -> Result<(), Stop> {
        let (id, newest) = (self.id, standing.newest);
        if !standing.keys.contains(&id) {
            return Err(Stop::wrong(format!("no key {id} in the ring (see `musiman keys list`)")));
        }
        if id == newest {
            return Err(Stop::failed(format!("key {id} stays: it seals every new value")));
        }
        match standing.under(id) {
            0 if standing.rotated_to == Some(newest) => Ok(()),
            0 => Err(Stop::failed(format!(
                "key {id} stays: the rotation to key {newest} has not come to its end (run `musiman keys rotate`)"
            ))),
            values => Err(Stop::failed(format!(
                "key {id} stays: {values} values are sealed with it (run `musiman keys rotate`)"
            ))),
        }
    }
}
