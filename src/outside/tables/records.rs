//! Rows of a text file: encoding, delimiter, quotes, and rows that a stray quote would swallow.
//! Must not know: what a column means.

use super::lines::{Decoded, Line, Lines};
use super::{Bytes, COLUMNS_MAX, FileProblem, HEADER_WITHIN, header_among};
use crate::domain::problem::Problems;
use crate::domain::register::{Cell, Columns};
use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

/// An address has two or three lines. A quoted cell with more is a stray quote.
const LINES_OF_A_ROW: usize = 20;

const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];

/// How bytes become text. Without a mark every cell is read alone, as UTF-8 or else as
/// Windows-1252, so that one bad byte spoils no other cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Bytes,
    MarkedUtf8,
    Utf16Le,
    Utf16Be,
}

impl Encoding {
    pub(super) fn of(head: &[u8]) -> Self {
        match head {
            [0xef, 0xbb, 0xbf, ..] => Self::MarkedUtf8,
            [0xff, 0xfe, ..] => Self::Utf16Le,
            [0xfe, 0xff, ..] => Self::Utf16Be,
            _ => Self::Bytes,
        }
    }

    const fn mark_length(self) -> u64 {
        match self {
            Self::Bytes => 0,
            Self::MarkedUtf8 => 3,
            Self::Utf16Le | Self::Utf16Be => 2,
        }
    }

    fn reader(self, bytes: &mut Bytes) -> io::Result<Box<dyn BufRead + '_>> {
        bytes.seek(SeekFrom::Start(self.mark_length()))?;
        let decoder = match self {
            Self::Bytes | Self::MarkedUtf8 => return Ok(Box::new(BufReader::new(bytes))),
            Self::Utf16Le => UTF_16LE.new_decoder_without_bom_handling(),
            Self::Utf16Be => UTF_16BE.new_decoder_without_bom_handling(),
        };
        Ok(Box::new(BufReader::new(Decoded::new(bytes.by_ref(), decoder))))
    }
}

/// How one text file is laid out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    encoding: Encoding,
    delimiter: u8,
    /// Records before the first data row.
    above: usize,
}

impl Layout {
    pub(super) fn rows(self, bytes: &mut Bytes, width: usize) -> io::Result<TextRows<'_>> {
        let reader = self.encoding.reader(bytes)?;
        let mut records = Records::new(reader, self.delimiter, None);
        for _ in 0..self.above {
            records.next_record()?;
        }
        records.width = Some(width);
        Ok(TextRows(records))
    }
}

/// Tries every delimiter; the header line decides.
pub(super) fn header(
    bytes: &mut Bytes,
    encoding: Encoding,
) -> Result<(Columns, Layout), FileProblem> {
    let mut best: Option<(usize, Problems)> = None;
    for delimiter in DELIMITERS {
        let rows = first_rows(encoding.reader(bytes)?, delimiter)?;
        let known = rows.iter().map(|(_, row)| Columns::known_in(row)).max().unwrap_or(0);
        match header_among(rows) {
            Ok((at, columns)) => {
                return Ok((columns, Layout { encoding, delimiter, above: at + 1 }));
            }
            Err(problems) if best.as_ref().is_none_or(|(most, _)| known > *most) => {
                best = Some((known, problems));
            }
            Err(_) => {}
        }
    }
    Err(FileProblem::Refused(best.map(|(_, problems)| problems).unwrap_or_default()))
}

/// Rows that may be the header, each with its place among all records.
fn first_rows(reader: impl BufRead, delimiter: u8) -> io::Result<Vec<(usize, Vec<String>)>> {
    let mut records = Records::new(reader, delimiter, None);
    let mut rows = Vec::new();
    let mut at = 0;
    while rows.len() < HEADER_WITHIN
        && let Some(record) = records.next_record()?
    {
        let row: Vec<String> = record.iter().take(COLUMNS_MAX).map(|c| decode(c)).collect();
        if row.iter().any(|text| !text.trim().is_empty()) {
            rows.push((at, row));
        }
        at += 1;
    }
    Ok(rows)
}

fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Data rows of a text file.
pub(super) struct TextRows<'a>(Records<Box<dyn BufRead + 'a>>);

impl TextRows<'_> {
    pub(super) fn next_row(&mut self) -> io::Result<Option<Vec<Cell>>> {
        let cell = |bytes: Vec<u8>| match decode(&bytes) {
            text if text.trim().is_empty() => Cell::Empty,
            text => Cell::Text(text),
        };
        Ok(self.0.next_record()?.map(|record| record.into_iter().map(cell).collect()))
    }
}

type Record = Vec<Vec<u8>>;

struct Records<R> {
    lines: Lines<R>,
    ahead: VecDeque<Line>,
    delimiter: u8,
    /// What the header has; unknown while the header is sought.
    width: Option<usize>,
}

impl<R: BufRead> Records<R> {
    fn new(reader: R, delimiter: u8, width: Option<usize>) -> Self {
        Self { lines: Lines::new(reader), ahead: VecDeque::new(), delimiter, width }
    }

    /// The next record. A line that was cut is a record of one cell, which no header fits.
    fn next_record(&mut self) -> io::Result<Option<Record>> {
        let line = match self.ahead.pop_front() {
            Some(line) => line,
            None => match self.lines.next_line()? {
                Some(line) => line,
                None => return Ok(None),
            },
        };
        if line.cut {
            return Ok(Some(vec![line.bytes]));
        }
        let mut splitter = Splitter::new(self.delimiter);
        splitter.feed(&line.bytes);
        if splitter.quoted {
            return self.over_lines(splitter).map(Some);
        }
        Ok(Some(splitter.finish()))
    }

    /// Goes on with a quoted cell over the next lines. Where that gives no well written row as wide
    /// as the header the quote was a stray one (two of them in one column would make one row of all
    /// between): then the first line stands alone, and the lines after it are rows of their own.
    fn over_lines(&mut self, first: Splitter) -> io::Result<Record> {
        let mut longer = first.clone();
        for at in 0..LINES_OF_A_ROW {
            if self.ahead.len() == at {
                match self.lines.next_line()? {
                    Some(line) => self.ahead.push_back(line),
                    None => break,
                }
            }
            let Some(line) = self.ahead.get(at).filter(|line| !line.cut) else {
                break;
            };
            longer.feed(b"\n");
            longer.feed(&line.bytes);
            if longer.quoted {
                continue;
            }
            let ragged = longer.ragged;
            let record = longer.finish();
            if !ragged && self.fits(&record) {
                self.ahead.drain(..=at);
                return Ok(record);
            }
            break;
        }
        Ok(first.finish())
    }

    fn fits(&self, record: &Record) -> bool {
        self.width.is_none_or(|width| {
            record.len() >= width && record.iter().skip(width).all(Vec::is_empty)
        })
    }
}

/// Splits one record, fed piece by piece.
#[derive(Clone)]
struct Splitter {
    delimiter: u8,
    cells: Record,
    cell: Vec<u8>,
    /// Inside of quotes.
    quoted: bool,
    /// The last byte was a quote inside of quotes: an end, or the first of a pair.
    after_quote: bool,
    /// Text followed a closing quote, which well written files never do.
    ragged: bool,
}

impl Splitter {
    fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            cells: Vec::new(),
            cell: Vec::new(),
            quoted: false,
            after_quote: false,
            ragged: false,
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            match byte {
                b'"' if self.quoted => {
                    self.quoted = false;
                    self.after_quote = true;
                    continue;
                }
                b'"' if self.after_quote => {
                    self.quoted = true;
                    self.cell.push(byte);
                }
                b'"' if self.cell.is_empty() => self.quoted = true,
                _ if byte == self.delimiter && !self.quoted => {
                    self.cells.push(std::mem::take(&mut self.cell));
                }
                _ => {
                    self.ragged |= self.after_quote;
                    self.cell.push(byte);
                }
            }
            self.after_quote = false;
        }
    }

    fn finish(mut self) -> Record {
        self.cells.push(self.cell);
        self.cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str, width: Option<usize>) -> Vec<Vec<String>> {
        let mut records = Records::new(text.as_bytes(), b';', width);
        let mut all = Vec::new();
        while let Some(record) = records.next_record().unwrap() {
            all.push(record.iter().map(|c| decode(c)).collect());
        }
        all
    }

    #[test]
    fn quoted_cells_hold_delimiters_quotes_and_line_breaks() {
        assert_eq!(
            records("a;\"b;\"\"c\"\"\";d\r\n\"e\r\nf\";;\"\"\n", Some(3)),
            [["a", "b;\"c\"", "d"], ["e\nf", "", ""]]
        );
        assert_eq!(records("a;b\"c\";\"d\"e", None), [["a", "b\"c\"", "de"]]);
    }

    #[test]
    fn a_stray_quote_spoils_its_own_line_only() {
        let read = records("\"a;b\nc;d\n\"e;f\ng;h\n", Some(2));
        assert_eq!(read, [vec!["a;b"], vec!["c", "d"], vec!["e;f"], vec!["g", "h"]]);
    }

    #[test]
    fn a_cell_in_windows_1252_is_read_beside_cells_in_utf_8() {
        assert_eq!(decode(b"Andr\xe9"), "Andr\u{e9}");
        assert_eq!(decode("Andr\u{e9}".as_bytes()), "Andr\u{e9}");
    }
}
