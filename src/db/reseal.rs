//! Every sealed column, and how its values come under another key. It knows all tables that hold
//! one, because it changes no value: only the key that a value is sealed with.
//! Must not know: why a key is left.

use super::evidence;
use super::types::AnyId;
use super::{
    Conn, Db, Fault, MultiBackend, Tx, external_ids, imports, inputs, merges, second_factors,
    signing, sql,
};
use crate::each_backend;
use crate::seal::{KeyId, Place, Seal};
use diesel::deserialize::{self, QueryableByName};
use diesel::prelude::*;
use diesel::row::NamedRow;
use diesel::sql_types::{BigInt, Binary, Nullable};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use uuid::Uuid;

/// What a row is found by: an id, and a number where one id has several rows.
type Key = (Uuid, i64);

/// A table with sealed columns.
pub struct SealedTable {
    name: &'static str,
    /// The id as an expression of both databases: PostgreSQL, SQLite.
    id: (&'static str, &'static str),
    number: Option<&'static str>,
    /// `table.column`.
    columns: &'static [&'static str],
    place: fn(&'static str, Key) -> Place,
    /// Rows that are read, sealed anew and written at a time: few where they are large.
    rows: u16,
}

const fn by_id(name: &'static str, columns: &'static [&'static str]) -> SealedTable {
    let place = |column, (row, _): Key| Place { column, row };
    SealedTable { name, id: ("id", "id"), number: None, columns, place, rows: 300 }
}

const fn by_number(
    name: &'static str,
    key: (&'static str, &'static str),
    columns: &'static [&'static str],
    place: fn(&'static str, Key) -> Place,
    rows: u16,
) -> SealedTable {
    SealedTable { name, id: (key.0, key.0), number: Some(key.1), columns, place, rows }
}

fn of_import(column: &'static str, (import, number): Key) -> Place {
    imports::place(column, import.into(), number)
}

pub const TABLES: [SealedTable; 12] = [
    SealedTable {
        id: ("CAST(kid AS uuid)", "unhex(kid, '-')"),
        ..by_id("signing_keys", &[signing::COLUMN])
    },
    by_id(
        "seekers",
        &[
            "seekers.nik_sealed",
            "seekers.kk_sealed",
            "seekers.address_sealed",
            "seekers.phone_sealed",
            "seekers.email_sealed",
            "seekers.passport_sealed",
        ],
    ),
    SealedTable {
        id: ("account_id", "account_id"),
        ..by_id("second_factors", &[second_factors::SECRET, second_factors::OFFERED])
    },
    by_id("external_ids", &[external_ids::COLUMN]),
    SealedTable { rows: 4, ..by_id("evidence_files", &[evidence::COLUMN]) },
    by_id("imports", &[imports::HEADER]),
    by_number("import_chunks", ("import_id", "number"), &[imports::BYTES], of_import, 16),
    by_number("import_verdicts", ("import_id", "first_row"), &[imports::VERDICTS], of_import, 16),
    by_id("seasons", &["seasons.secret_sealed", "seasons.season_key_sealed"]),
    by_number(
        "season_inputs",
        ("season_id", "input_version"),
        &[inputs::CANONICAL],
        |column, (row, _)| Place { column, row },
        1,
    ),
    by_id(
        "data_requests",
        &[
            "data_requests.text_sealed",
            "data_requests.evidence_sealed",
            "data_requests.corrections_sealed",
            "data_requests.note_sealed",
        ],
    ),
    by_id("merges", &[merges::EVIDENCE, merges::NOTE]),
];

/// The values of a row as a statement names them: as many as the widest table has.
const SLOTS: [&str; 6] = ["s0", "s1", "s2", "s3", "s4", "s5"];

type Values = [Option<Vec<u8>>; SLOTS.len()];

struct SealedRow {
    key: Key,
    values: Values,
}

impl QueryableByName<MultiBackend> for SealedRow {
    fn build<'a>(row: &impl NamedRow<'a, MultiBackend>) -> deserialize::Result<Self> {
        let id: AnyId = NamedRow::get::<sql::Uuid, _>(row, "id")?;
        let number = NamedRow::get::<BigInt, _>(row, "number")?;
        let mut values = Values::default();
        for (value, slot) in values.iter_mut().zip(SLOTS) {
            *value = NamedRow::get::<Nullable<Binary>, _>(row, slot)?;
        }
        Ok(Self { key: (id.0, number), values })
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = Binary)]
    key: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// How many values each key seals.
pub type Counts = BTreeMap<KeyId, u64>;

/// The full name of a table's column, if what stands in it is sealed for the row's id.
pub fn column(table: &str, name: &str) -> Option<&'static str> {
    let table = TABLES.iter().find(|one| one.name == table)?;
    table.named().find(|named| named.1 == name).map(|named| named.0)
}

/// Over all sealed columns.
pub fn counts(conn: &mut Conn<'_>) -> Result<Counts, Fault> {
    let mut counts = Counts::new();
    for table in &TABLES {
        for (_, column) in table.named() {
            let query = format!(
                "SELECT substr({column}, 1, {bytes}) AS key, count(*) AS number FROM {table} \
                 WHERE {column} IS NOT NULL GROUP BY 1",
                bytes = KeyId::BYTES,
                table = table.name,
            );
            for count in diesel::sql_query(query).load::<Count>(conn.db)? {
                let id = KeyId::of(&count.key).ok_or(Fault::NotFound)?;
                *counts.entry(id).or_default() += count.number.unsigned_abs();
            }
        }
    }
    Ok(counts)
}

/// A page of a table: its rows with their values under the new key, and where it ends.
pub struct Page {
    changes: Vec<Change>,
    last: Key,
}

/// Old bytes and new bytes of a row; no column of it that is under the new key already.
struct Change {
    key: Key,
    values: [Option<(Vec<u8>, Vec<u8>)>; SLOTS.len()],
}

impl Page {
    /// Values that it carries over to the new key.
    pub fn values(&self) -> u64 {
        self.changes.iter().flat_map(|change| &change.values).flatten().map(|_| 1).sum()
    }

    /// What the next page comes after.
    pub fn end(&self) -> Key {
        self.last
    }
}

impl SealedTable {
    /// `table.column` and the bare column.
    fn named(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.columns.iter().map(|named| (*named, named.split_once('.').map_or(*named, |n| n.1)))
    }

    fn id(&self, db: &Db) -> &'static str {
        if sql::is_postgres(db) { self.id.0 } else { self.id.1 }
    }

    /// The next rows that have a value under another key. SQLite numbers `$n` by where they stand.
    fn select(&self, db: &Db) -> String {
        let id = self.id(db);
        let number = self.number.unwrap_or("0");
        let mut query = format!("SELECT {id} AS id, CAST({number} AS bigint) AS number");
        let columns: Vec<&str> = self.named().map(|named| named.1).collect();
        for (at, slot) in SLOTS.iter().enumerate() {
            let column = columns.get(at).copied().unwrap_or("CAST(NULL AS bytea)");
            let _ = write!(query, ", {column} AS {slot}");
        }
        let old = |column: &&str| format!("substr({column}, 1, {}) <> $1", KeyId::BYTES);
        let old: Vec<String> = columns.iter().map(old).collect();
        let _ = write!(
            query,
            " FROM {} WHERE ({}) AND ({id}, {number}) > ($2, $3) ORDER BY 1, 2 LIMIT {}",
            self.name,
            old.join(" OR "),
            self.rows
        );
        query
    }

    /// The page after a key, sealed anew; none at the table's end. Holds nothing meanwhile.
    pub fn page(
        &self,
        conn: &mut Conn<'_>,
        newest: KeyId,
        after: Option<Key>,
    ) -> Result<Option<Page>, Fault> {
        let (id, number) = after.unwrap_or((Uuid::nil(), i64::MIN));
        let rows: Vec<SealedRow> = diesel::sql_query(self.select(conn.db))
            .bind::<Binary, _>(newest.0.to_vec())
            .bind::<sql::Uuid, _>(AnyId(id))
            .bind::<BigInt, _>(number)
            .load(conn.db)?;
        let Some(last) = rows.last().map(|row| row.key) else { return Ok(None) };
        let changes = rows.into_iter().map(|row| self.change(conn.seal, newest, row));
        Ok(Some(Page { changes: changes.collect::<Result<_, _>>()?, last }))
    }

    fn change(&self, seal: &Seal, newest: KeyId, row: SealedRow) -> Result<Change, Fault> {
        let mut values = <[Option<(Vec<u8>, Vec<u8>)>; SLOTS.len()]>::default();
        for ((slot, old), column) in values.iter_mut().zip(row.values).zip(self.columns) {
            let Some(old) = old.filter(|old| KeyId::of(old) != Some(newest)) else { continue };
            let place = (self.place)(column, row.key);
            let lost = |error| Fault::broken(format!("{column} of {}: {error}", row.key.0));
            let value = seal.open(place, &old).map_err(lost)?;
            let new = seal.close(place, &value).map_err(lost)?;
            *slot = Some((old, new));
        }
        Ok(Change { key: row.key, values })
    }

    /// The old and new values of so many rows as a table of the statement.
    fn given(&self, db: &Db, rows: usize) -> String {
        let mut text = String::from("WITH new (id, number");
        for slot in SLOTS.iter().take(self.columns.len()) {
            let _ = write!(text, ", {slot}_old, {slot}_new");
        }
        text.push_str(") AS (VALUES ");
        let width = 2 + 2 * self.columns.len();
        let bind = |at| if sql::is_postgres(db) { format!("${at}") } else { "?".to_owned() };
        for row in 0..rows {
            let binds: Vec<String> = (1..=width).map(|at| bind(row * width + at)).collect();
            let _ = write!(text, "{}({})", if row == 0 { "" } else { ", " }, binds.join(", "));
        }
        text + ")"
    }

    /// A value that another writer changed since it was read stays as that writer left it.
    fn update(&self, db: &Db, rows: usize) -> String {
        let mut query = format!("{} UPDATE {} SET ", self.given(db, rows), self.name);
        for ((at, slot), (_, column)) in SLOTS.iter().enumerate().zip(self.named()) {
            let comma = if at == 0 { "" } else { ", " };
            let _ = write!(
                query,
                "{comma}{column} = CASE WHEN {column} = new.{slot}_old THEN new.{slot}_new ELSE {column} END",
            );
        }
        let _ = write!(query, " FROM new WHERE {} = new.id", self.key_of_row(db));
        if let Some(number) = self.number {
            let _ = write!(query, " AND {}.{number} = new.number", self.name);
        }
        query
    }

    /// The id of the table's own row, where another row of the statement has an id too.
    fn key_of_row(&self, db: &Db) -> String {
        let id = self.id(db);
        if id == "id" { format!("{}.id", self.name) } else { id.to_owned() }
    }

    /// Puts a page's values under the new key. Neither version nor hour of a row changes: it says
    /// what it said.
    pub fn store(&self, tx: &mut Tx<'_>, page: &Page) -> Result<(), Fault> {
        let text = self.update(tx.db, page.changes.len());
        each_backend!(&mut *tx.db, |c| {
            let mut query = diesel::sql_query(text).into_boxed();
            for change in &page.changes {
                let (id, number) = change.key;
                query = query.bind::<sql::Uuid, _>(AnyId(id)).bind::<BigInt, _>(number);
                for value in change.values.iter().take(self.columns.len()) {
                    let (old, new) = value.as_ref().map(|v| (&v.0, &v.1)).unzip();
                    query = query.bind::<Nullable<Binary>, _>(old).bind::<Nullable<Binary>, _>(new);
                }
            }
            query.execute(c)
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::classes::CLASSES;

    #[test]
    fn every_sealed_column_comes_under_a_new_key() {
        let of_classes = CLASSES.iter().flat_map(|(table, columns)| {
            let sealed = columns.iter().filter(|(column, _)| column.ends_with("_sealed"));
            sealed.map(move |(column, _)| format!("{table}.{column}"))
        });
        let mut wanted: Vec<String> = of_classes.collect();
        let mut there: Vec<String> = TABLES
            .iter()
            .flat_map(|table| {
                let named = table.columns.iter().map(|named| (*named).to_owned());
                named.filter(|named| named.starts_with(&format!("{}.", table.name)))
            })
            .collect();
        wanted.sort();
        there.sort();
        assert_eq!(there, wanted, "name each sealed column once in TABLES");
        assert!(TABLES.iter().all(|table| table.columns.len() <= SLOTS.len()));
    }
}
