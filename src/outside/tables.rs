//! Registers as files: CSV in its many habits and XLSX, read row by row in constant memory, and the
//! file of refused rows that goes back to its sender. Must not know: what a row means.

mod book;
mod lines;
mod records;
mod refused;

pub use refused::RefusedRows;

use crate::domain::problem::{Code, Problems, Reason};
use crate::domain::register::{Cell, Columns, Format};
use std::io::{self, Read, Seek, SeekFrom};

/// A title and an empty row may stand above the header; no office writes twenty.
const HEADER_WITHIN: usize = 20;

/// More columns than any register has; wider rows are broken rows.
const COLUMNS_MAX: usize = 256;

/// Where the bytes come from: a file, or memory in a test.
pub trait Source: Read + Seek + Send {}
impl<T: Read + Seek + Send> Source for T {}

type Bytes = Box<dyn Source>;

/// Why a file cannot be read.
#[derive(Debug)]
pub enum FileProblem {
    /// The file itself is at fault. Codes: `FileKindUnknown`, `FileUnpacksTooLarge`,
    /// `FileUnsafe`, `FileUnreadable`, `HeaderMissing`, `ColumnMissing` (one for each column).
    Refused(Problems),
    /// The storage is.
    Io(io::Error),
}

impl FileProblem {
    fn refused(reason: impl Into<Reason>) -> Self {
        let mut problems = Problems::default();
        problems.add("", reason);
        Self::Refused(problems)
    }
}

impl From<io::Error> for FileProblem {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl std::fmt::Display for FileProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(problems) => {
                let codes: Vec<&str> = problems.0.iter().map(|w| w.reason.code.as_str()).collect();
                write!(f, "the file is refused: {}", codes.join(", "))
            }
            Self::Io(error) => write!(f, "the file cannot be reached: {error}"),
        }
    }
}

impl std::error::Error for FileProblem {}

/// An open register whose header was found and understood.
pub struct Table {
    columns: Columns,
    body: Body,
}

enum Body {
    Text { bytes: Bytes, layout: records::Layout },
    Book { book: Box<book::Book>, sheet: book::Sheet },
}

/// A data row. Entirely empty rows are not rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Counted over the data rows of the file, from 1.
    pub number: u64,
    /// As many as the header has, or more or fewer where the row is broken.
    pub cells: Vec<Cell>,
}

impl Table {
    /// Finds out what the file is and where its header stands: the first row, within the first
    /// twenty that are not empty, that has every required column.
    pub fn open(source: impl Source + 'static) -> Result<Self, FileProblem> {
        let mut bytes: Bytes = Box::new(source);
        match kind_of(&head_of(&mut bytes)?) {
            Some(Kind::Zip) => {
                let mut book = Box::new(book::open(bytes)?);
                let (columns, sheet) = book::header(&mut book)?;
                Ok(Self { columns, body: Body::Book { book, sheet } })
            }
            Some(Kind::Text(encoding)) => {
                let (columns, layout) = records::header(&mut bytes, encoding)?;
                Ok(Self { columns, body: Body::Text { bytes, layout } })
            }
            None => Err(FileProblem::refused(Code::FileKindUnknown)),
        }
    }

    pub fn format(&self) -> Format {
        match self.body {
            Body::Text { .. } => Format::Csv,
            Body::Book { .. } => Format::Xlsx,
        }
    }

    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Starts at the first data row, each time it is called.
    pub fn rows(&mut self) -> Result<Rows<'_>, FileProblem> {
        let width = self.columns.width();
        let body = match &mut self.body {
            Body::Text { bytes, layout } => RowsBody::Text(layout.rows(bytes, width)?),
            Body::Book { book, sheet } => RowsBody::Book(Box::new(sheet.rows(book, width)?)),
        };
        Ok(Rows { body, passed: 0, ended: false })
    }
}

/// The rows of a table, one at a time.
pub struct Rows<'a> {
    body: RowsBody<'a>,
    passed: u64,
    ended: bool,
}

enum RowsBody<'a> {
    Text(records::TextRows<'a>),
    Book(Box<book::BookRows<'a>>),
}

impl Rows<'_> {
    /// Passes over the next `count` rows, to go on where an import stopped. Fewer if the file ends
    /// before.
    pub fn pass(&mut self, count: u64) -> Result<(), FileProblem> {
        for _ in 0..count {
            if self.cells()?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn cells(&mut self) -> Result<Option<Vec<Cell>>, FileProblem> {
        while !self.ended {
            let next = match &mut self.body {
                RowsBody::Text(rows) => rows.next_row().map_err(FileProblem::from),
                RowsBody::Book(rows) => rows.next_row(),
            };
            match next {
                Ok(Some(cells)) if cells.iter().all(Cell::is_blank) => {}
                Ok(Some(cells)) => {
                    self.passed += 1;
                    return Ok(Some(cells));
                }
                Ok(None) => self.ended = true,
                Err(problem) => {
                    self.ended = true;
                    return Err(problem);
                }
            }
        }
        Ok(None)
    }
}

/// After an error there are no more rows.
impl Iterator for Rows<'_> {
    type Item = Result<Row, FileProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        let cells = self.cells().transpose()?;
        Some(cells.map(|cells| Row { number: self.passed, cells }))
    }
}

enum Kind {
    Zip,
    Text(records::Encoding),
}

/// By the first bytes. Old workbooks (`.xls`), workbooks under a password, PDF and other binary
/// files are none of the two.
fn kind_of(head: &[u8]) -> Option<Kind> {
    if head.starts_with(b"PK\x03\x04") {
        return Some(Kind::Zip);
    }
    let encoding = records::Encoding::of(head);
    let binary = encoding == records::Encoding::Bytes && head.contains(&0);
    let known = OTHERS.iter().any(|magic| head.starts_with(magic));
    let marked_up = head.trim_ascii_start().starts_with(b"<");
    (!binary && !known && !marked_up).then_some(Kind::Text(encoding))
}

/// How files of other kinds begin, as far as their first bytes could be text: PDF, old workbooks,
/// RTF, RAR, gzip, 7z, bzip2, PNG, JPEG, GIF.
const OTHERS: [&[u8]; 10] = [
    b"%PDF",
    b"\xd0\xcf\x11\xe0",
    b"{\\rtf",
    b"Rar!",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"BZh",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
];

fn head_of(bytes: &mut Bytes) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    bytes.seek(SeekFrom::Start(0))?;
    bytes.take(1024).read_to_end(&mut head)?;
    Ok(head)
}

/// The header among the first rows: the first that has all it needs. If there is none, the best
/// row tells what it lacks.
fn header_among(
    rows: impl IntoIterator<Item = (usize, Vec<String>)>,
) -> Result<(usize, Columns), Problems> {
    let mut best: Option<(usize, Problems)> = None;
    for (at, row) in rows {
        match Columns::recognise(&row) {
            Ok(columns) => return Ok((at, columns)),
            Err(problems) => {
                let known = Columns::known_in(&row);
                if best.as_ref().is_none_or(|(most, _)| known > *most) {
                    best = Some((known, problems));
                }
            }
        }
    }
    let mut none = Problems::default();
    none.add("", Code::HeaderMissing);
    Err(best.map_or(none, |(_, problems)| problems))
}
