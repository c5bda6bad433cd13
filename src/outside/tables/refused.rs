//! The file of refused rows: the sender's own columns and one that says what is wrong. It can be
//! mended and sent again as it is. Must not know: codes, languages.

use crate::domain::register::{Cell, Columns, Field};
use std::borrow::Cow;
use std::io::{self, Write};

/// Writes CSV as spreadsheets in Indonesia open it: semicolons, UTF-8 with its mark, CR LF.
pub struct RefusedRows<W: Write> {
    out: csv::Writer<W>,
    width: usize,
    /// The problem column of a file that was refused before; it is written anew.
    former: Option<usize>,
}

impl<W: Write> RefusedRows<W> {
    /// Writes the header. `problem_title` should be a spelling that `Field::Problem` knows, so that
    /// the column is read over when the file comes back.
    pub fn begin(mut out: W, columns: &Columns, problem_title: &str) -> io::Result<Self> {
        out.write_all("\u{feff}".as_bytes())?;
        let out = csv::WriterBuilder::new()
            .delimiter(b';')
            .terminator(csv::Terminator::CRLF)
            .flexible(true)
            .from_writer(out);
        let former = columns.at(Field::Problem);
        let mut file = Self { out, width: columns.width(), former };
        let headers: Vec<Cell> = columns.headers().iter().cloned().map(Cell::Text).collect();
        file.row(&headers, problem_title)?;
        Ok(file)
    }

    /// Writes one row. The problem stands under its header in a row with too few or too many cells
    /// too; what was too many comes after it.
    pub fn row(&mut self, cells: &[Cell], problem: &str) -> io::Result<()> {
        let mut row: Vec<Cow<'_, str>> = cells.iter().map(|cell| safe(cell.text())).collect();
        if row.len() < self.width {
            row.resize(self.width, Cow::Borrowed(""));
        }
        row.insert(self.width, safe(Cow::Borrowed(problem)));
        if let Some(former) = self.former {
            row.remove(former);
        }
        self.out.write_record(row.iter().map(AsRef::as_ref))?;
        Ok(())
    }

    /// Flushes and hands the writer back.
    pub fn finish(self) -> io::Result<W> {
        self.out.into_inner().map_err(|error| io::Error::other(error.to_string()))
    }
}

/// Begins a formula, in the full width of an East Asian keyboard too.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// Puts an apostrophe before what a spreadsheet would run as a formula, and before digits that it
/// would turn into a number and shorten: a NIK, a telephone number with its zero. The reader of
/// registers takes it off again.
fn safe(text: Cow<'_, str>) -> Cow<'_, str> {
    let first = text.trim_start().chars().next();
    let formula =
        first.is_some_and(|c| FORMULA.contains(&c)) || text.starts_with(['\t', '\r', '\n']);
    let digits = text.len() > 1
        && text.bytes().all(|b| b.is_ascii_digit())
        && (text.starts_with('0') || text.len() > 11);
    if formula || digits { Cow::Owned(format!("'{text}")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_spoil_is_marked_as_text() {
        for (text, written) in [
            ("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")"),
            (" @x", "' @x"),
            ("\u{ff1d}1+1", "'\u{ff1d}1+1"),
            ("\n=1", "'\n=1"),
            ("+6281234567890", "'+6281234567890"),
            ("3216180703960001", "'3216180703960001"),
            ("081234567890", "'081234567890"),
            ("0", "0"),
            ("24", "24"),
            ("07/03/1996", "07/03/1996"),
            ("'Aisyah", "'Aisyah"),
        ] {
            assert_eq!(safe(Cow::Borrowed(text)), written);
        }
    }
}
