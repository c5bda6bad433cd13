//! What a backup looks like: JSON lines, compressed (RFC 1952), sealed under a passphrase in the age
//! format (age-encryption.org/v1), so that in years to come other programs open it too. The first
//! line is the head; then a line names a table and each line after it is one of its rows; the last
//! line counts them. Must not know: databases.

use crate::db::{Again, Fault};
use crate::seal::KeyId;
use age::secrecy::SecretString;
use age::stream::{StreamReader, StreamWriter};
use age::{DecryptError, Decryptor, Encryptor, scrypt};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

/// The number of this form.
pub const FORM: u32 = 1;
/// Characters of a passphrase at least.
pub const SHORTEST: usize = 16;
/// Of scrypt, as a power of two: a backup that asks for more than a minute's work is no backup.
const MOST_WORK: u8 = 24;

/// Why a backup is not written, or not put back.
#[derive(Debug)]
pub enum Trouble {
    Store(Fault),
    File(io::Error),
    /// Another passphrase, or no backup at all.
    Shut,
    /// What it is that is wrong with its text.
    Damaged(String),
    /// Made by that version of the program, with other tables.
    OtherTables(String),
    /// The database has rows already.
    InUse,
    /// The key ring has no key that seals a value of the database.
    NoKey(KeyId),
    /// Nor the one by which the database is indexed.
    NoIndexKey,
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Store(fault) => write!(f, "the database: {fault}"),
            Self::File(error) => write!(f, "the backup: {error}"),
            Self::Shut => f.write_str("the backup does not open with this passphrase"),
            Self::Damaged(what) => write!(f, "the backup is damaged: {what}"),
            Self::OtherTables(version) => {
                write!(f, "the backup is of version {version}: restore it with that version first")
            }
            Self::InUse => f.write_str("the database is in use: restore into an empty one"),
            Self::NoIndexKey => f.write_str("the key ring lacks the index key in use"),
            Self::NoKey(key) => write!(f, "the key ring lacks key {key}, which seals values"),
        }
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Store(fault)
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => {
                Self::Damaged(error.to_string())
            }
            _ => Self::File(error),
        }
    }
}

impl From<serde_json::Error> for Trouble {
    fn from(error: serde_json::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<DecryptError> for Trouble {
    fn from(error: DecryptError) -> Self {
        match error {
            DecryptError::Io(error) => error.into(),
            DecryptError::InvalidHeader | DecryptError::UnknownFormat => {
                Self::Damaged("it has no head of a backup".to_owned())
            }
            _ => Self::Shut,
        }
    }
}

impl Again for Trouble {
    fn again(&self) -> bool {
        matches!(self, Self::Store(fault) if fault.again())
    }
}

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
pub struct Head {
    pub musiman_backup: u32,
    /// Version of the program that wrote it.
    pub program: String,
    /// Of which moment, in microseconds since 1970.
    pub at: i64,
    /// Every change below this number is in it.
    pub horizon: i64,
    /// Names of the migrations that made its tables.
    pub migrations: Vec<String>,
    /// The key ring's text.
    pub ring: String,
}

/// The line before a table's rows.
#[derive(Debug, Serialize, Deserialize)]
pub struct Table {
    pub table: String,
    pub columns: Vec<String>,
}

/// The last line: rows by table.
#[derive(Debug, Serialize, Deserialize)]
pub struct End {
    pub rows: BTreeMap<String, u64>,
}

/// What follows the head.
pub enum Item {
    Table(Table),
    /// A JSON array.
    Row(String),
    End(End),
}

/// A backup that is being written.
pub struct Writer<W: Write>(GzEncoder<StreamWriter<BufWriter<W>>>);

impl<W: Write> Writer<W> {
    pub fn begin(out: W, passphrase: &str) -> Result<Self, Trouble> {
        let sealing = Encryptor::with_user_passphrase(SecretString::from(passphrase));
        let sealed = sealing.wrap_output(BufWriter::new(out))?;
        Ok(Self(GzEncoder::new(sealed, Compression::fast())))
    }

    pub fn line(&mut self, line: &impl Serialize) -> Result<(), Trouble> {
        self.row(&serde_json::to_string(line)?)
    }

    pub fn row(&mut self, row: &str) -> Result<(), Trouble> {
        self.0.write_all(row.as_bytes())?;
        Ok(self.0.write_all(b"\n")?)
    }

    /// What was begun without coming here does not open.
    pub fn end(self) -> Result<W, Trouble> {
        let out = self.0.finish()?.finish()?;
        Ok(out.into_inner().map_err(io::IntoInnerError::into_error)?)
    }
}

/// A backup that is being read: what its seal does not hold never comes out.
pub struct Reader<R: Read> {
    lines: BufReader<GzDecoder<StreamReader<BufReader<R>>>>,
    pub head: Head,
}

impl<R: Read> Reader<R> {
    pub fn open(file: R, passphrase: &str) -> Result<Self, Trouble> {
        let mut identity = scrypt::Identity::new(SecretString::from(passphrase));
        identity.set_max_work_factor(MOST_WORK);
        let sealed = Decryptor::new_buffered(BufReader::new(file))?;
        let text = sealed.decrypt(std::iter::once(&identity as &dyn age::Identity))?;
        let mut lines = BufReader::new(GzDecoder::new(text));
        let mut first = String::new();
        lines.read_line(&mut first)?;
        let head: Head = serde_json::from_str(&first)?;
        if head.musiman_backup == FORM {
            Ok(Self { lines, head })
        } else {
            Err(Trouble::OtherTables(head.program))
        }
    }

    pub fn item(&mut self) -> Result<Item, Trouble> {
        let mut line = String::new();
        self.lines.read_line(&mut line)?;
        if line.starts_with('[') {
            line.truncate(line.trim_end().len());
            Ok(Item::Row(line))
        } else if line.starts_with("{\"table\"") {
            Ok(Item::Table(serde_json::from_str(&line)?))
        } else {
            Ok(Item::End(serde_json::from_str(&line)?))
        }
    }
}
