//! Reading one register of job seekers: which column is which, what a row says, which row repeats
//! an earlier one. Pure, so that an import, a preview and the demo judge alike.
//! Must not know: files and their formats, tables, languages.

mod columns;
mod habits;
mod outcome;
mod rows;
mod seen;

pub use columns::{Columns, Field};
pub use outcome::{Counts, Format, Outcome};
pub use rows::{Accepted, Refused, RowVerdict, read_row};
pub use seen::Seen;

use super::time::Day;
use std::borrow::Cow;

/// One cell, as text files and workbooks can both tell it.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    /// A number cell of a workbook. Numbers of text files are `Text`.
    Number(f64),
    /// A number cell of a workbook that is shown as a date.
    Date(Day),
}

impl Cell {
    /// From this size on a double has gaps between whole numbers, so digits would be guessed.
    const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;

    /// What a person would have typed. A number too large to be exact keeps its exponent, so that
    /// nothing can take it for an identity number.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(n) if n.abs() < Self::EXACT_BELOW => Cow::Owned(n.to_string()),
            Self::Number(n) => Cow::Owned(format!("{n:e}")),
            Self::Date(day) => Cow::Owned(day.to_string()),
        }
    }

    /// Nothing but white space.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Number(_) | Self::Date(_) => false,
        }
    }
}
