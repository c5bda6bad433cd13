//! Passwords known from breaches: a file of their SHA-1 hashes in order, one a line, each with a
//! count behind a colon or alone, as public collections come. It stays on disk and is halved at each
//! look; nothing is asked elsewhere. Must not know: whose password it is.

use sha1::{Digest, Sha1};
use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Letters of a hash.
const HASH: usize = 40;
/// Bytes that hold a whole line wherever a read begins in the line before.
const WINDOW: usize = 128;

/// The file, open.
#[derive(Debug)]
pub struct Breached {
    file: File,
    length: u64,
}

fn hash_of(password: &str) -> String {
    Sha1::digest(password.as_bytes()).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02X}");
        text
    })
}

impl Breached {
    /// An error says why the file is none: it cannot be read, or does not begin with a hash.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let breached = Self { file, length };
        breached.line_at(0)?;
        Ok(breached)
    }

    /// The first line that begins at or after that place: its beginning, its end and its hash.
    fn line_at(&self, place: u64) -> io::Result<Option<(u64, u64, String)>> {
        // One byte earlier: a line that begins just here follows a line break.
        let from = place.saturating_sub(1);
        let mut bytes = [0; WINDOW];
        let read = self.file.read_at(&mut bytes, from)?;
        let text = String::from_utf8_lossy(bytes.get(..read).unwrap_or_default()).into_owned();
        let skipped = if place == 0 { Some(0) } else { text.find('\n').map(|at| at + 1) };
        let line =
            skipped.and_then(|at| Some((at, text.get(at..)?))).filter(|(_, l)| !l.is_empty());
        let Some((at, line)) = line else { return Ok(None) };
        let length = line.find('\n').map_or(line.len(), |end| end + 1);
        let hash = line.get(..HASH).filter(|hash| hash.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(hash) = hash else {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a line does not begin with a hash",
            ));
        };
        let begin = from + u64::try_from(at).unwrap_or(0);
        let end = begin + u64::try_from(length).unwrap_or(0);
        Ok(Some((begin, end, hash.to_ascii_uppercase())))
    }

    /// Whether the password is known. O(log n) reads of 128 bytes.
    pub fn has(&self, password: &str) -> io::Result<bool> {
        let wanted = hash_of(password);
        let (mut low, mut high) = (0, self.length);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.line_at(middle)? {
                Some((begin, end, hash)) if begin < high => match hash.cmp(&wanted) {
                    std::cmp::Ordering::Equal => return Ok(true),
                    std::cmp::Ordering::Less => low = end,
                    std::cmp::Ordering::Greater => high = middle,
                },
                _ => high = middle,
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn file(
        passwords: &[String],
        count: impl Fn(usize) -> String,
        end: &str,
    ) -> tempfile::NamedTempFile {
        let mut hashes: Vec<String> = passwords.iter().map(|p| hash_of(p)).collect();
        hashes.sort();
        let lines: Vec<String> =
            hashes.iter().enumerate().map(|(n, hash)| format!("{hash}{}", count(n))).collect();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write!(file, "{}{end}", lines.join("\n")).unwrap();
        file
    }

    #[test]
    fn every_line_of_a_file_of_any_size_is_found_and_nothing_else() {
        for size in [1, 2, 3, 7, 100] {
            let known: Vec<String> = (0..size).map(|n| format!("kata sandi {n}")).collect();
            for end in ["", "\n"] {
                let counts = |n: usize| {
                    if n.is_multiple_of(3) {
                        String::new()
                    } else {
                        format!(":{}", 1_u64 << (n % 40))
                    }
                };
                let file = file(&known, counts, end);
                let breached = Breached::open(file.path()).unwrap();
                for password in &known {
                    assert!(breached.has(password).unwrap(), "{size} {password}");
                }
                for n in 0..200 {
                    assert!(!breached.has(&format!("tidak ada {n}")).unwrap(), "{size} {n}");
                }
            }
        }
    }

    #[test]
    fn a_file_of_something_else_is_refused() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "kata sandi").unwrap();
        assert!(Breached::open(file.path()).is_err());
        assert!(Breached::open(Path::new("nowhere.txt")).is_err());
    }
}
