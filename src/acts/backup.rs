//! A backup: everything that the database holds and the key ring that opens it, of one moment, under
//! one passphrase. Others read and write meanwhile. Must not know: which file it goes to.

use super::archive::{End, FORM, Head, Table, Trouble, Writer};
use crate::db::{Conn, Fault, Store, copy, meta, reseal};
use crate::seal::Seal;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Writes the backup and gives back what it was written to, with the number of rows. `ring` reads
/// the key ring's text; it is asked once the moment is fixed, so that it has every key that seals
/// something. Holds one row at a time. Asks the data twice: O(values) for the keys, O(rows).
pub fn backup<W: Write>(
    store: &Store,
    ring: impl FnOnce() -> io::Result<String>,
    out: W,
    passphrase: &str,
    tell: &mut dyn FnMut(u64),
) -> Result<(W, u64), Trouble> {
    let migrations = store.migrations()?;
    let mut writer = Writer::begin(out, passphrase)?;
    let rows = store.snapshot(|conn, now| {
        let counts = reseal::counts(conn)?;
        let ring = ring()?;
        let seal = Seal::parse(&ring);
        let mark = meta::mark_of_index(conn)?;
        if mark.is_some_and(|mark| !seal.as_ref().is_some_and(|seal| seal.finds_by(&mark))) {
            return Err(Trouble::NoIndexKey);
        }
        let keys = seal.map(|seal| seal.keys()).unwrap_or_default();
        if let Some(missing) = counts.into_keys().find(|key| !keys.contains(key)) {
            return Err(Trouble::NoKey(missing));
        }
        writer.line(&Head {
            musiman_backup: FORM,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            at: now.micros(),
            horizon: conn.horizon()?,
            migrations,
            ring,
        })?;
        write_tables(conn, &mut writer, tell)
    })?;
    Ok((writer.end()?, rows))
}

fn write_tables<W: Write>(
    conn: &mut Conn<'_>,
    writer: &mut Writer<W>,
    tell: &mut dyn FnMut(u64),
) -> Result<u64, Trouble> {
    let mut done = 0;
    let mut rows = BTreeMap::new();
    for table in copy::tables() {
        let before = done;
        writer.line(&Table { table: table.to_owned(), columns: copy::names(conn, table)? })?;
        copy::each_row(conn, table, |row| {
            done += 1;
            tell(done);
            writer.row(row)
        })?;
        rows.insert(table.to_owned(), done - before);
    }
    writer.line(&End { rows })?;
    Ok(done)
}

/// Rows of the tables that a backup writes.
pub fn size(store: &Store) -> Result<u64, Fault> {
    store.snapshot(|conn, _| copy::tables().map(|table| copy::count(conn, table)).sum())
}
