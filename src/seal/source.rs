//! Where the key ring's text comes from: a file, the environment, or a command that asks a key
//! service. Must not know: what the keys seal.

use super::ring::{KeyId, Kind, Ring, new_text, with_new_key, without_key};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, fchown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long a command may take for its answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes of a command's answer: a thousand keys.
const LARGEST: u64 = 64 * 1024;

#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    File(PathBuf),
    /// The ring's text itself.
    Environment(String),
    /// A program and its arguments, which prints the ring's text.
    Command(Vec<String>),
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown())
    }
}

fn unreadable() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "is no key ring")
}

impl Source {
    /// Its name for people; never what it holds.
    pub fn shown(&self) -> String {
        match self {
            Self::File(path) => format!("the key file {}", path.display()),
            Self::Environment(_) => "MUSIMAN_KEYRING".to_owned(),
            Self::Command(_) => "MUSIMAN_KEYS_COMMAND".to_owned(),
        }
    }

    /// The ring; a key file that is not there is made, for its owner only.
    pub fn first(&self) -> io::Result<Ring> {
        match (self, self.read()) {
            (Self::File(path), Err(error)) if error.kind() == io::ErrorKind::NotFound => {
                make(path, &new_text()?)?;
                self.read()
            }
            (_, read) => read,
        }
    }

    /// The ring as it stands there now. `InvalidData` for a text that is none, `InvalidInput` for a
    /// command that cannot be run.
    pub fn read(&self) -> io::Result<Ring> {
        Ring::parse(&self.text()?).ok_or_else(unreadable)
    }

    /// What `read` reads. It holds the keys: for a backup alone.
    pub fn text(&self) -> io::Result<String> {
        match self {
            Self::File(path) => std::fs::read_to_string(path),
            Self::Environment(text) => Ok(text.clone()),
            Self::Command(words) => answer(words),
        }
    }

    /// The ring of a backup: made where there is no key file, and found again where there is one.
    /// `AlreadyExists` for a ring that does not open all that this one opens.
    pub fn accept(&self, text: &str) -> io::Result<()> {
        let wanted = Ring::parse(text).ok_or_else(unreadable)?;
        let there = match (self, self.read()) {
            (Self::File(path), Err(error)) if error.kind() == io::ErrorKind::NotFound => {
                return make(path, text);
            }
            (_, read) => read?,
        };
        let other = "another key ring than the backup's is there";
        let refused = || io::Error::new(io::ErrorKind::AlreadyExists, other);
        there.covers(&wanted).then_some(()).ok_or_else(refused)
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn make(path: &Path, text: &str) -> io::Result<()> {
    let folder = folder_of(path);
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".keys").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => File::open(folder)?.sync_all(),
        // Another process was first: its file is the one.
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
    }
}

/// A key file in the hands of the one process that changes it.
pub struct KeyFile {
    path: PathBuf,
    held: File,
}

impl KeyFile {
    /// `WouldBlock` while another process changes it.
    pub fn hold(path: &Path) -> io::Result<Self> {
        // What a link leads to is changed, not the link.
        let path = path.canonicalize()?;
        let busy = || io::Error::new(io::ErrorKind::WouldBlock, "another command changes it");
        let held = File::open(&path)?;
        held.try_lock().map_err(|_| busy())?;
        let (mine, there) = (held.metadata()?, std::fs::metadata(&path)?);
        if (mine.dev(), mine.ino()) != (there.dev(), there.ino()) {
            return Err(busy());
        }
        Ok(Self { path, held })
    }

    /// One more key: one that seals, from now on; one for indexes, when a database is indexed by it.
    pub fn add_key(self, kind: Kind) -> io::Result<()> {
        self.replace(|text, ring| {
            loop {
                let new = with_new_key(text, kind)?;
                let last = Ring::parse(&new).ok_or_else(unreadable)?.ids(kind).pop();
                if last.is_some_and(|id| !ring.ids(kind).contains(&id)) {
                    return Ok(new);
                }
            }
        })
    }

    pub fn remove_key(self, kind: Kind, id: KeyId) -> io::Result<()> {
        self.replace(|text, _| Ok(without_key(text, kind, id)))
    }

    /// The old file or the new one stands there at any moment, with its owner and mode.
    fn replace(mut self, change: impl Fn(&str, &Ring) -> io::Result<String>) -> io::Result<()> {
        let mut text = String::new();
        self.held.read_to_string(&mut text)?;
        let new = change(&text, &Ring::parse(&text).ok_or_else(unreadable)?)?;
        Ring::parse(&new).ok_or_else(unreadable)?;
        let folder = folder_of(&self.path);
        let mut file = tempfile::Builder::new().prefix(".keys").tempfile_in(folder)?;
        file.write_all(new.as_bytes())?;
        let (old, made) = (self.held.metadata()?, file.as_file().metadata()?);
        if (old.uid(), old.gid()) != (made.uid(), made.gid()) {
            fchown(file.as_file(), Some(old.uid()), Some(old.gid()))?;
        }
        file.as_file().set_permissions(old.permissions())?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        File::open(folder)?.sync_all()
    }
}

/// What the command prints on standard output. Its errors go where ours go.
fn answer(words: &[String]) -> io::Result<String> {
    let (program, arguments) = words.split_first().ok_or_else(unreadable)?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, format!("{error}")))?;
    let text = text_in_time(&mut child);
    if text.is_err() {
        // It may have ended by itself; then there is nothing to kill.
        let _ = child.kill();
    }
    let ended = child.wait()?;
    let text = text?;
    if ended.success() { Ok(text) } else { Err(io::Error::other(format!("failed: {ended}"))) }
}

fn text_in_time(child: &mut Child) -> io::Result<String> {
    let out = child.stdout.take().ok_or_else(unreadable)?;
    let (say, hear) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let read = out.take(LARGEST).read_to_string(&mut text);
        // Nobody hears it once the time is over.
        let _ = say.send(read.map(|_| text));
    });
    let late = || io::Error::new(io::ErrorKind::TimedOut, "gave no answer in time");
    hear.recv_timeout(PATIENCE).map_err(|_| late())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_file_is_made_once_and_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a").join("musiman.keys");
        let source = Source::File(path.clone());
        let first = source.first().unwrap();
        assert!(first.covers(&source.first().unwrap()));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_key_file_keeps_its_mode_and_is_changed_by_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("musiman.keys");
        let source = Source::File(path.clone());
        let old = source.first().unwrap().ids(Kind::Seal);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let held = KeyFile::hold(&path).unwrap();
        let second = KeyFile::hold(&path).err().unwrap();
        assert_eq!(second.kind(), io::ErrorKind::WouldBlock);
        held.add_key(Kind::Seal).unwrap();
        let both = source.read().unwrap().ids(Kind::Seal);
        assert_eq!((both.len(), both.first()), (2, old.first()));
        KeyFile::hold(&path).unwrap().remove_key(Kind::Seal, old[0]).unwrap();
        assert_eq!(source.read().unwrap().ids(Kind::Seal), both[1..]);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left over");
    }

    #[test]
    fn the_last_key_is_never_taken_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("musiman.keys");
        let source = Source::File(path.clone());
        for kind in [Kind::Seal, Kind::Index] {
            let only = source.first().unwrap().ids(kind)[0];
            assert!(KeyFile::hold(&path).unwrap().remove_key(kind, only).is_err());
            assert_eq!(source.read().unwrap().ids(kind), [only]);
        }
    }

    #[test]
    fn no_source_shows_what_it_holds() {
        let secret = new_text().unwrap();
        let source = Source::Environment(secret.clone());
        assert!(source.read().is_ok());
        assert_eq!(format!("{source:?} {}", source.shown()), "MUSIMAN_KEYRING MUSIMAN_KEYRING");
        let line = secret.lines().last().unwrap();
        let command = Source::Command(vec!["echo".into(), line.into()]);
        assert!(!format!("{command:?} {}", command.read().err().unwrap()).contains(line));
    }
}
