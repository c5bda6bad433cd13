//! What the import does with a file, without a database.

use musiman::domain::register::{Field, RowVerdict, Seen, read_row};
use musiman::domain::time::parse_day;
use musiman::outside::tables::{RefusedRows, Table};
use std::io::Cursor;

pub fn read(bytes: Vec<u8>) {
    let Ok(mut table) = Table::open(Cursor::new(bytes)) else { return };
    let Ok(today) = parse_day("2026-11-24") else { return };
    let columns = table.columns().clone();
    let begun = RefusedRows::begin(Vec::new(), &columns, Field::Problem.title());
    let mut file = begun.expect("memory takes a header");
    let mut seen = Seen::default();
    let Ok(rows) = table.rows() else { return };
    for row in rows {
        let Ok(row) = row else { break };
        let number = u32::try_from(row.number).unwrap_or(u32::MAX);
        let verdict = seen.admit(&columns, number, read_row(&columns, &row.cells, today));
        if matches!(verdict, RowVerdict::Refused(_)) {
            file.row(&row.cells, "x").expect("memory takes a row");
        }
    }
    file.finish().expect("memory takes a file");
}
