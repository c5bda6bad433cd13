//! Rows of a workbook, through calamine's streaming reader: only shared strings and one row are in
//! memory. Must not know: what a column means.

mod parts;

use super::{Bytes, COLUMNS_MAX, FileProblem, HEADER_WITHIN, header_among};
use crate::domain::problem::{Code, Problems};
use crate::domain::register::{Cell, Columns};
use crate::domain::time::Day;
use calamine::{DataRef, Reader, Xlsx, XlsxCellReader, XlsxError};
use std::io::{BufReader, Seek as _, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use zip::ZipArchive;

/// What all parts may unpack to: a register of 200,000 rows and 20 columns takes about 200 MB.
const UNPACKED_MAX: u64 = 512 * 1024 * 1024;
/// What the shared strings may unpack to, because they are held in memory.
const STRINGS_MAX: u64 = 128 * 1024 * 1024;
/// How many times its packed size a part may have, where it is large: sheets of a register have
/// about ten, and deflate gives a thousand to what is all the same.
const RATIO_MAX: u64 = 200;
const RATIO_FROM: u64 = 4 * 1024 * 1024;
/// A workbook has a dozen parts and a few for each sheet.
const PARTS_MAX: usize = 1000;
/// Sheets in which a header is sought.
const SHEETS_MAX: usize = 10;
/// Digits of a count of shared strings: ten million fill more than the limit of the strings.
const COUNT_DIGITS: usize = 7;

pub(super) type Book = Xlsx<BufReader<Bytes>>;

/// Opens a workbook that does not unpack to more than the machine can bear.
pub(super) fn open(mut bytes: Bytes) -> Result<Book, FileProblem> {
    weigh(&mut bytes)?;
    bytes.seek(SeekFrom::Start(0))?;
    contained(|| Xlsx::new(BufReader::new(bytes)))
}

/// The reader panics on some damaged sheets (a cell in a row beyond all numbers). What it was
/// reading must not be read on after a refusal.
fn contained<T, E>(read: impl FnOnce() -> Result<T, E>) -> Result<T, FileProblem> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(done) => done.map_err(unreadable),
        Err(_) => Err(FileProblem::refused(Code::FileUnreadable)),
    }
}

fn unreadable<E>(_: E) -> FileProblem {
    FileProblem::refused(Code::FileUnreadable)
}

/// Looks at every part: their sizes as the directory promises them, how far each unpacks, and what
/// stands in it.
fn weigh(bytes: &mut Bytes) -> Result<(), FileProblem> {
    bytes.seek(SeekFrom::Start(0))?;
    let mut archive = ZipArchive::new(BufReader::new(bytes)).map_err(unreadable)?;
    if archive.len() > PARTS_MAX {
        return Err(too_large(UNPACKED_MAX));
    }
    if !archive.file_names().flatten().any(|name| is_of_a_workbook(&name)) {
        return Err(FileProblem::refused(Code::FileKindUnknown));
    }
    let mut total = 0u64;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(unreadable)?;
        total = total.saturating_add(part.size());
        if total > UNPACKED_MAX || unpacks_too_far(part.size(), part.compressed_size()) {
            return Err(too_large(UNPACKED_MAX));
        }
    }
    // Nothing is unpacked before every promise was found to be bearable.
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).map_err(unreadable)?;
        let (promised, holds_strings) =
            (part.size(), part.name().is_ok_and(|name| holds_strings(&name)));
        if holds_strings && promised > STRINGS_MAX {
            return Err(too_large(STRINGS_MAX));
        }
        let head = parts::look_through(&mut part, promised)?;
        if holds_strings {
            count_is_honest(&head)?;
        }
    }
    Ok(())
}

fn too_large(max: u64) -> FileProblem {
    FileProblem::refused(Code::FileUnpacksTooLarge.with("max", max))
}

/// Documents of other kinds are archives too; binary workbooks (`.xlsb`) are not read.
fn is_of_a_workbook(name: &str) -> bool {
    name.eq_ignore_ascii_case("xl/workbook.xml")
}

fn holds_strings(name: &str) -> bool {
    name.to_lowercase().ends_with("sharedstrings.xml")
}

fn unpacks_too_far(unpacked: u64, packed: u64) -> bool {
    unpacked > RATIO_FROM && unpacked / RATIO_MAX > packed
}

/// The reader makes room for as many strings as the root element announces, before it has seen one.
/// A root that cannot be found at once, or that announces too many, is refused.
fn count_is_honest(head: &[u8]) -> Result<(), FileProblem> {
    let head = String::from_utf8_lossy(head);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    let body = match head.strip_prefix("<?xml") {
        Some(rest) => rest.split_once("?>").map_or("", |(_, body)| body).trim_start(),
        None => head,
    };
    let root = body.strip_prefix('<').and_then(|b| b.split_once('>')).map_or("", |(root, _)| root);
    let is_whole = root.starts_with(|c: char| c.is_ascii_alphabetic())
        && root.matches('"').count() % 2 == 0
        && root.matches('\'').count() % 2 == 0;
    let announced = root.split("uniqueCount").skip(1);
    let digits = |text: &str| {
        text.trim_start_matches([' ', '\t', '\r', '\n', '=', '"', '\''])
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count()
    };
    if is_whole && announced.map(digits).all(|count| count <= COUNT_DIGITS) {
        Ok(())
    } else {
        Err(FileProblem::refused(Code::FileUnreadable))
    }
}

/// Where the data stands.
pub(super) struct Sheet {
    name: String,
    /// Row of the header, from 0.
    header_row: u32,
}

/// The first sheet that has a header. If none has, the first one that has rows tells what it lacks.
pub(super) fn header(book: &mut Book) -> Result<(Columns, Sheet), FileProblem> {
    let mut lacking: Option<Problems> = None;
    for name in book.sheet_names().into_iter().take(SHEETS_MAX) {
        let mut rows = BookRows::new(book, &name, 0)?;
        let mut first: Vec<(usize, Vec<String>)> = Vec::new();
        let mut places = Vec::new();
        while first.len() < HEADER_WITHIN
            && let Some((row, cells)) = rows.next_numbered()?
        {
            if cells.iter().any(|c| !c.is_blank()) {
                let texts = cells.iter().take(COLUMNS_MAX).map(|c| c.text().into_owned());
                first.push((places.len(), texts.collect()));
                places.push(row);
            }
        }
        match header_among(first) {
            Ok((at, columns)) => {
                let header_row = places.get(at).copied().unwrap_or(0);
                return Ok((columns, Sheet { name, header_row }));
            }
            Err(problems) => {
                lacking.get_or_insert(problems);
            }
        }
    }
    Err(lacking.map_or_else(|| FileProblem::refused(Code::HeaderMissing), FileProblem::Refused))
}

impl Sheet {
    pub(super) fn rows<'a>(
        &self,
        book: &'a mut Book,
        width: usize,
    ) -> Result<BookRows<'a>, FileProblem> {
        let mut rows = BookRows::new(book, &self.name, width)?;
        while let Some((row, _)) = rows.next_numbered()? {
            if row >= self.header_row {
                break;
            }
        }
        Ok(rows)
    }
}

/// Rows of one sheet, put together from its cells.
pub(super) struct BookRows<'a> {
    cells: XlsxCellReader<'a, BufReader<Bytes>>,
    /// The first cell of the next row.
    held: Option<(u32, usize, Cell)>,
    ended: bool,
    width: usize,
}

impl<'a> BookRows<'a> {
    fn new(book: &'a mut Book, sheet: &str, width: usize) -> Result<Self, FileProblem> {
        let cells = contained(|| book.worksheet_cells_reader(sheet))?;
        Ok(Self { cells, held: None, ended: false, width })
    }

    pub(super) fn next_row(&mut self) -> Result<Option<Vec<Cell>>, FileProblem> {
        Ok(self.next_numbered()?.map(|(_, cells)| cells))
    }

    /// Workbooks leave empty cells out, so a row is filled up to the width of the header.
    fn next_numbered(&mut self) -> Result<Option<(u32, Vec<Cell>)>, FileProblem> {
        let Some((row, column, cell)) = self.next_cell()? else {
            return Ok(None);
        };
        let mut cells = Vec::with_capacity(self.width);
        put(&mut cells, column, cell);
        while let Some((of_row, column, cell)) = self.next_cell()? {
            if of_row != row {
                self.held = Some((of_row, column, cell));
                break;
            }
            put(&mut cells, column, cell);
        }
        let filled = cells.iter().rposition(|c| !c.is_blank()).map_or(0, |last| last + 1);
        cells.truncate(filled);
        if cells.len() < self.width {
            cells.resize(self.width, Cell::Empty);
        }
        Ok(Some((row, cells)))
    }

    fn next_cell(&mut self) -> Result<Option<(u32, usize, Cell)>, FileProblem> {
        if let Some(held) = self.held.take() {
            return Ok(Some(held));
        }
        if std::mem::replace(&mut self.ended, true) {
            return Ok(None);
        }
        let next = contained(|| {
            let cell = self.cells.next_cell()?;
            Ok::<_, XlsxError>(cell.map(|c| (c.get_position(), value_of(c.get_value()))))
        })?;
        let Some(((row, column), cell)) = next else { return Ok(None) };
        self.ended = false;
        Ok(Some((row, usize::try_from(column).unwrap_or(usize::MAX), cell)))
    }
}

/// A cell beyond the last column that any register has makes its row too wide, whatever it holds.
fn put(cells: &mut Vec<Cell>, column: usize, cell: Cell) {
    let column = column.min(COLUMNS_MAX);
    if cells.len() <= column {
        cells.resize(column + 1, Cell::Empty);
    }
    if let Some(place) = cells.get_mut(column) {
        *place = cell;
    }
}

fn value_of(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::Int(number) => Cell::Text(number.to_string()),
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            Day::from_ymd_opt(year.into(), month.into(), day.into())
                .map_or(Cell::Number(moment.as_f64()), Cell::Date)
        }
        DataRef::DateTime(span) => Cell::Number(span.as_f64()),
        DataRef::Bool(truth) => Cell::Text(truth.to_string()),
        DataRef::Error(error) => Cell::Text(error.to_string()),
        DataRef::SharedString(text) => text_cell((*text).to_owned()),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text_cell(text.clone())
        }
    }
}

fn text_cell(text: String) -> Cell {
    if text.trim().is_empty() { Cell::Empty } else { Cell::Text(text) }
}
