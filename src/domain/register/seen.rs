//! Which NIK stood in which accepted row of the file. Must not know: registers of other days;
//! a person who is already registered is brought up to date, not refused.

use super::super::identity::Nik;
use super::super::problem::Code;
use super::columns::{Columns, Field};
use super::rows::{Refused, RowVerdict};
use std::collections::HashMap;

/// NIK (as a number) to row number: 16 bytes an entry, a few megabytes for 200,000 rows.
#[derive(Debug, Default)]
pub struct Seen(HashMap<u64, u32>);

impl Seen {
    /// The accepted row in which the NIK stood first.
    pub fn row_of(&self, nik: &Nik) -> Option<u32> {
        self.0.get(&nik.as_u64()).copied()
    }

    /// Notes an accepted row. The first one keeps its place.
    pub fn note(&mut self, nik: &Nik, row: u32) {
        self.0.entry(nik.as_u64()).or_insert(row);
    }

    /// Passes a verdict on, unless its NIK stands in an earlier accepted row: then the row is
    /// refused with `NikTwiceInFile` and `row`, beside its other problems. Constant time.
    pub fn admit(&mut self, columns: &Columns, row: u32, verdict: RowVerdict) -> RowVerdict {
        let nik = match &verdict {
            RowVerdict::Accepted(accepted) => Some(&accepted.seeker.nik),
            RowVerdict::Refused(refused) => refused.nik.as_ref(),
        };
        let earlier = nik.and_then(|nik| self.row_of(nik)).filter(|first| *first != row);
        match (verdict, earlier) {
            (verdict @ RowVerdict::Refused(_), None) => verdict,
            (RowVerdict::Accepted(accepted), None) => {
                self.note(&accepted.seeker.nik, row);
                RowVerdict::Accepted(accepted)
            }
            (RowVerdict::Accepted(accepted), Some(first)) => {
                let refused = Refused {
                    nik: Some(accepted.seeker.nik),
                    problems: super::super::problem::Problems::default(),
                };
                RowVerdict::Refused(twice(columns, refused, first))
            }
            (RowVerdict::Refused(refused), Some(first)) => {
                RowVerdict::Refused(twice(columns, refused, first))
            }
        }
    }
}

fn twice(columns: &Columns, mut refused: Refused, first: u32) -> Refused {
    let reason = Code::NikTwiceInFile.with("row", first);
    refused.problems.add(columns.header(Field::Nik), reason);
    refused
}

#[cfg(test)]
mod tests {
    use super::super::{Cell, read_row};
    use super::*;

    fn verdict(columns: &Columns, row: &str) -> RowVerdict {
        let cells: Vec<Cell> = row.split(';').map(|t| Cell::Text(t.to_owned())).collect();
        read_row(columns, &cells, "2026-11-24".parse().unwrap())
    }

    #[test]
    fn only_an_earlier_accepted_row_makes_a_repetition() {
        let header = ["NIK", "Nama", "Tgl Lahir", "L/P", "Kec"].map(str::to_owned);
        let columns = Columns::recognise(&header).unwrap();
        let mut seen = Seen::default();
        let mut read =
            |number, row: &str| match seen.admit(&columns, number, verdict(&columns, row)) {
                RowVerdict::Accepted(_) => vec![],
                RowVerdict::Refused(r) => r.problems.0.into_iter().map(|w| w.reason).collect(),
            };
        let (good, nameless) =
            ("3216180703960001;Siti;7/3/1996;L;Setu", "321618-0703960001;;7/3/1996;L;Setu");
        assert_eq!(read(1, nameless), [Code::NameEmpty.into()]);
        assert_eq!(read(2, good), []);
        assert_eq!(read(3, good), [Code::NikTwiceInFile.with("row", 2)]);
        assert_eq!(
            read(4, nameless),
            [Code::NameEmpty.into(), Code::NikTwiceInFile.with("row", 2)]
        );
    }
}
