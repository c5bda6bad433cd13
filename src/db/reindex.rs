//! Every keyed hash, and what becomes of it under another index key. It knows all tables that hold
//! one, because it changes no value: only the key that a value is found by.
//! Must not know: why a key is left.

use super::types::AnyId;
use super::{
    Conn, Db, Fault, MultiBackend, Tx, accounts, copy, external_ids, once, seekers, sessions, sql,
};
use crate::each_backend;
use crate::seal::{Place, Seal};
use diesel::deserialize::{self, QueryableByName};
use diesel::prelude::*;
use diesel::row::NamedRow;
use diesel::sql_types::{Binary, Nullable, Text};
use std::fmt::Write as _;
use uuid::Uuid;

/// Rows that are read, hashed and written at a time.
const ROWS: usize = 500;

/// A hash, what it is made of, and for what.
struct Hashed {
    index: &'static str,
    source: Source,
    purpose: &'static str,
}

/// Where the value stands that a hash is made of.
enum Source {
    /// `table.column` of the row itself.
    Sealed(&'static str),
    /// The login of staff, the id of a machine, or the NIK of a job seeker's record.
    Login,
}

impl Source {
    /// The sealed value in the table's statement.
    fn held(&self) -> String {
        match self {
            Self::Sealed(named) => format!("t.{}", named.split_once('.').map_or(*named, |n| n.1)),
            // The log-in of who was erased, or of a double, was closed: it is of no NIK.
            Self::Login => "CASE WHEN s.state <> 'erased' THEN s.nik_sealed END".to_owned(),
        }
    }
}

/// A table with hashes that can be made anew; `t` in its statement.
pub struct IndexedTable {
    name: &'static str,
    columns: &'static [Hashed],
    /// Whose record `s` a log-in belongs to, and what it is called.
    login: &'static str,
    join: &'static str,
}

const fn sealed(index: &'static str, from: &'static str, purpose: &'static str) -> Hashed {
    Hashed { index, source: Source::Sealed(from), purpose }
}

const fn of_itself(name: &'static str, columns: &'static [Hashed]) -> IndexedTable {
    let login = "CAST(NULL AS uuid) AS owner, CAST(NULL AS text) AS login";
    IndexedTable { name, columns, login, join: "" }
}

pub const TABLES: [IndexedTable; 3] = [
    of_itself(
        "seekers",
        &[
            sealed("nik_index", seekers::NIK, seekers::NIK_INDEX),
            sealed("phone_index", "seekers.phone_sealed", seekers::PHONE_INDEX),
            sealed("passport_index", "seekers.passport_sealed", seekers::PASSPORT_INDEX),
        ],
    ),
    of_itself("external_ids", &[sealed("value_index", external_ids::COLUMN, external_ids::INDEX)]),
    IndexedTable {
        name: "accounts",
        columns: &[Hashed {
            index: "login_index",
            source: Source::Login,
            purpose: accounts::LOGIN_INDEX,
        }],
        login: "s.id AS owner, t.login AS login",
        join: "LEFT JOIN seekers s ON s.id = t.seeker_id",
    },
];

/// Values and hashes of a row as a statement names them: as many as the widest table has.
const SLOTS: [(&str, &str); 3] = [("v0", "i0"), ("v1", "i1"), ("v2", "i2")];

/// A sealed value and the hash beside it.
type Held = (Option<Vec<u8>>, Option<Vec<u8>>);

struct Row {
    id: Uuid,
    owner: Option<Uuid>,
    login: Option<String>,
    values: [Held; SLOTS.len()],
}

impl QueryableByName<MultiBackend> for Row {
    fn build<'a>(row: &impl NamedRow<'a, MultiBackend>) -> deserialize::Result<Self> {
        let id: AnyId = NamedRow::get::<sql::Uuid, _>(row, "id")?;
        let owner: Option<AnyId> = NamedRow::get::<Nullable<sql::Uuid>, _>(row, "owner")?;
        let login = NamedRow::get::<Nullable<Text>, _>(row, "login")?;
        let mut values = <[Held; SLOTS.len()]>::default();
        for ((value, index), slot) in values.iter_mut().zip(SLOTS) {
            *value = NamedRow::get::<Nullable<Binary>, _>(row, slot.0)?;
            *index = NamedRow::get::<Nullable<Binary>, _>(row, slot.1)?;
        }
        Ok(Self { id: id.0, owner: owner.map(|owner| owner.0), login, values })
    }
}

/// The new hashes of a row; none where one stays.
type Made = (Uuid, [Option<Vec<u8>>; SLOTS.len()]);

impl Hashed {
    /// What the hash is made of; nothing for who was erased and is found by nothing.
    fn value(&self, seal: &Seal, row: &Row, held: Option<&Vec<u8>>) -> Result<String, Fault> {
        let (column, id) = match (&self.source, &row.login, row.owner) {
            (Source::Sealed(column), ..) => (*column, row.id),
            (Source::Login, Some(login), _) => return Ok(login.clone()),
            (Source::Login, None, None) => return Ok(row.id.to_string()),
            (Source::Login, None, Some(owner)) => (seekers::NIK, owner),
        };
        let held = match (&self.source, held) {
            (_, Some(held)) => held,
            (Source::Login, None) => return Ok(String::new()),
            (Source::Sealed(_), None) => return Err(Fault::NotFound),
        };
        Ok(seal.open_text(Place { column, row: id }, held)?)
    }

    /// The hash under the other key; none if it stays. One that does not belong to its value is a
    /// defect: it is told instead of mended.
    fn made(&self, seals: Seals<'_>, row: &Row, at: usize) -> Result<Option<Vec<u8>>, Fault> {
        let Some((held, Some(index))) = row.values.get(at) else { return Ok(None) };
        let value = self.value(seals.old, row, held.as_ref())?;
        if value.is_empty() {
            return Ok(None);
        }
        if *index != seals.old.index(self.purpose, value.as_bytes()) {
            let place = format!("{} of {}", self.index, row.id);
            return Err(Fault::broken(format!("{place} is not the hash of its value")));
        }
        Ok(Some(seals.new.index(self.purpose, value.as_bytes())))
    }
}

/// The ring with the index key that goes, and with the one that comes.
#[derive(Clone, Copy)]
struct Seals<'a> {
    old: &'a Seal,
    new: &'a Seal,
}

impl IndexedTable {
    /// Hashes the next rows anew; how many they were and where they ended.
    pub fn page(
        &self,
        tx: &mut Tx<'_>,
        new: &Seal,
        after: Uuid,
    ) -> Result<Option<(usize, Uuid)>, Fault> {
        let rows: Vec<Row> =
            diesel::sql_query(self.select()).bind::<sql::Uuid, _>(AnyId(after)).load(tx.db)?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(None) };
        let seals = Seals { old: tx.seal, new };
        let made = rows.iter().map(|row| self.made(seals, row)).collect::<Result<Vec<_>, _>>()?;
        self.store(tx, &made)?;
        Ok(Some((made.len(), last)))
    }

    fn select(&self) -> String {
        let mut query = format!("SELECT t.id AS id, {}", self.login);
        for (at, (value, index)) in SLOTS.iter().enumerate() {
            let nothing = "CAST(NULL AS bytea)".to_owned();
            let (from, hash) = match self.columns.get(at) {
                Some(column) => (column.source.held(), format!("t.{}", column.index)),
                None => (nothing.clone(), nothing),
            };
            let _ = write!(query, ", {from} AS {value}, {hash} AS {index}");
        }
        let Self { name, join, .. } = self;
        let _ = write!(query, " FROM {name} t {join} WHERE t.id > $1 ORDER BY 1 LIMIT {ROWS}");
        query
    }

    fn made(&self, seals: Seals<'_>, row: &Row) -> Result<Made, Fault> {
        let mut made = <[Option<Vec<u8>>; SLOTS.len()]>::default();
        for (at, (slot, column)) in made.iter_mut().zip(self.columns).enumerate() {
            *slot = column.made(seals, row, at)?;
        }
        Ok((row.id, made))
    }

    fn update(&self, db: &Db, rows: usize) -> String {
        let width = 1 + self.columns.len();
        let bind = |at| if sql::is_postgres(db) { format!("${at}") } else { "?".to_owned() };
        let values = (0..rows).map(|row| {
            let binds: Vec<String> = (1..=width).map(|at| bind(row * width + at)).collect();
            format!("({})", binds.join(", "))
        });
        let values = values.collect::<Vec<_>>().join(", ");
        let slots: Vec<&str> = SLOTS.iter().take(self.columns.len()).map(|slot| slot.1).collect();
        let set = self.columns.iter().zip(&slots).map(|(Hashed { index, .. }, slot)| {
            format!("{index} = coalesce(new.{slot}, {}.{index})", self.name)
        });
        format!(
            "WITH new (id, {}) AS (VALUES {values}) UPDATE {} SET {} FROM new WHERE {}.id = new.id",
            slots.join(", "),
            self.name,
            set.collect::<Vec<_>>().join(", "),
            self.name
        )
    }

    /// Neither version nor hour of a row changes: it says what it said.
    fn store(&self, tx: &mut Tx<'_>, made: &[Made]) -> Result<(), Fault> {
        let text = self.update(tx.db, made.len());
        let done = each_backend!(&mut *tx.db, |c| {
            let mut query = diesel::sql_query(text).into_boxed();
            for (id, hashes) in made {
                query = query.bind::<sql::Uuid, _>(AnyId(*id));
                for hash in hashes.iter().take(self.columns.len()) {
                    query = query.bind::<Nullable<Binary>, _>(hash.clone());
                }
            }
            query.execute(c)
        })?;
        let lost =
            || Fault::broken(format!("{done} rows of {} instead of {}", self.name, made.len()));
        (done == made.len()).then_some(()).ok_or_else(lost)
    }
}

/// Rows whose hashes can be made anew.
pub fn size(conn: &mut Conn<'_>) -> Result<u64, Fault> {
    TABLES.iter().map(|table| copy::count(conn, table.name)).sum()
}

/// Tables whose rows are found by what is not kept: no other key can find them.
const SWEPT: [&str; 4] = ["activation_codes", "attempts", "rate_leases", "refresh_tokens"];

/// Takes away what nobody can find any more, ends the sessions with it, and keeps of requests their
/// keys alone. Returns how many rows went.
pub fn sweep(tx: &mut Tx<'_>) -> Result<usize, Fault> {
    once::forget_bodies(tx)?;
    sessions::end_everybodys(tx)?;
    let mut gone = 0;
    for table in SWEPT {
        gone += diesel::sql_query(format!("DELETE FROM {table}")).execute(tx.db)?;
    }
    Ok(gone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::classes::CLASSES;

    #[test]
    fn every_keyed_hash_is_made_anew_or_swept() {
        let of_classes = CLASSES.iter().flat_map(|(table, columns)| {
            let hashes = columns.iter().filter(|(column, _)| column.ends_with("_index"));
            hashes.map(move |(column, _)| (*table, format!("{table}.{column}")))
        });
        let kept = of_classes.filter(|(table, _)| !SWEPT.contains(table));
        let mut wanted: Vec<String> = kept.map(|(_, column)| column).collect();
        let made = TABLES.iter().flat_map(|table| {
            table.columns.iter().map(|column| format!("{}.{}", table.name, column.index))
        });
        let mut there: Vec<String> = made.collect();
        wanted.sort();
        there.sort();
        assert_eq!(there, wanted, "say in TABLES how it is made anew, or sweep it");
    }
}
