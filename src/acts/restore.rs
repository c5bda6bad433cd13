//! A backup put back into an empty database of either kind: all of it or nothing.
//! Must not know: where the backup and the keys lie.

use super::archive::{End, Item, Reader, Table, Trouble};
use crate::db::copy::{self, Inlet};
use crate::db::{Actor, Store, Tx};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Read;

/// Rows and bytes of one statement: the smaller of both.
const ROWS: u64 = 500;
const BYTES: usize = 4 << 20;

/// Puts every row back in one transaction and notes it in the journal; changes are numbered from
/// anew. `open` gives the backup from its begin and is asked again after a conflict. The database
/// must be empty and its tables those of the backup. O(rows), holds one batch.
pub fn restore<R: Read>(
    store: &Store,
    open: impl Fn() -> Result<Reader<R>, Trouble>,
) -> Result<u64, Trouble> {
    let migrations = store.migrations()?;
    let id = store.clock().new_id();
    store.write(Actor::operator("restore"), |tx, _| {
        let mut reader = open()?;
        if reader.head.migrations != migrations {
            return Err(Trouble::OtherTables(reader.head.program));
        }
        if !copy::make_room(tx)? {
            return Err(Trouble::InUse);
        }
        let rows = put_back(tx, &mut reader)?;
        tx.number_from_anew(reader.head.horizon)?;
        let detail = json!({ "backup_at_micros": reader.head.at, "rows": rows });
        tx.journal("database", id, "restore", Some(detail))?;
        Ok(rows)
    })
}

/// A table that is being filled, and the rows that wait for the next statement.
struct Filling {
    table: String,
    inlet: Inlet,
    batch: String,
    waiting: u64,
    done: u64,
}

impl Filling {
    fn of(tx: &mut Tx<'_>, Table { table, columns }: Table) -> Result<Self, Trouble> {
        let lost = |_| Trouble::Damaged(format!("no table {table} with its columns is known"));
        let inlet = Inlet::table(tx, &table, &columns).map_err(lost)?;
        Ok(Self { table, inlet, batch: String::new(), waiting: 0, done: 0 })
    }

    fn take(&mut self, tx: &mut Tx<'_>, row: &str) -> Result<(), Trouble> {
        self.batch.push(if self.waiting == 0 { '[' } else { ',' });
        self.batch.push_str(row);
        self.waiting += 1;
        if self.waiting == ROWS || self.batch.len() >= BYTES { self.put(tx) } else { Ok(()) }
    }

    fn put(&mut self, tx: &mut Tx<'_>) -> Result<(), Trouble> {
        if self.waiting > 0 {
            self.batch.push(']');
            self.inlet.put(tx, &self.batch)?;
            self.done += self.waiting;
            self.waiting = 0;
            self.batch.clear();
        }
        Ok(())
    }
}

fn put_back<R: Read>(tx: &mut Tx<'_>, reader: &mut Reader<R>) -> Result<u64, Trouble> {
    let mut counted = BTreeMap::new();
    let mut filling: Option<Filling> = None;
    loop {
        match (reader.item()?, &mut filling) {
            (Item::Row(row), Some(filling)) => filling.take(tx, &row)?,
            (Item::Row(_), None) => {
                return Err(Trouble::Damaged("a row stands before any table".to_owned()));
            }
            (Item::Table(table), _) => {
                count(tx, filling.take(), &mut counted)?;
                filling = Some(Filling::of(tx, table)?);
            }
            (Item::End(End { rows }), _) => {
                count(tx, filling.take(), &mut counted)?;
                let whole = rows == counted;
                let lost = || Trouble::Damaged("rows are missing".to_owned());
                return whole.then(|| rows.values().sum()).ok_or_else(lost);
            }
        }
    }
}

fn count(
    tx: &mut Tx<'_>,
    filled: Option<Filling>,
    counted: &mut BTreeMap<String, u64>,
) -> Result<(), Trouble> {
    if let Some(mut filled) = filled {
        filled.put(tx)?;
        counted.insert(filled.table, filled.done);
    }
    Ok(())
}
