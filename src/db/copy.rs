//! Every row of every table as text that both databases read: a backup's way out and back. It knows
//! all tables by the database's own catalogue, because it changes no value.
//! Must not know: where the text goes, what is sealed in it.

use super::classes::CLASSES;
use super::{Conn, Db, Fault, Tx, sql};
use diesel::connection::DefaultLoadingMode;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

/// Tables that serve a moment: after a restore everybody logs in anew.
const LEFT_OUT: [&str; 6] =
    ["sessions", "refresh_tokens", "activation_codes", "password_codes", "attempts", "rate_leases"];

const META: &str = "meta";

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

const OF_POSTGRES: &str = "SELECT column_name::text AS name, data_type::text AS kind \
    FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 \
    ORDER BY ordinal_position";
/// Columns that are given and those that are generated from them; the latter are what others see.
const OF_SQLITE: &str = "SELECT name, type AS kind FROM pragma_table_xinfo($1) \
    WHERE name <> 'restored_tx' ORDER BY cid";

/// The tables that a backup holds, each after those that it refers to.
pub fn tables() -> impl Iterator<Item = &'static str> {
    CLASSES.iter().map(|(table, _)| *table).filter(|table| !LEFT_OUT.contains(table))
}

fn columns(conn: &mut Conn<'_>, table: &str) -> Result<Vec<Column>, Fault> {
    let query = if sql::is_postgres(conn.db) { OF_POSTGRES } else { OF_SQLITE };
    Ok(diesel::sql_query(query).bind::<Text, _>(table).load(conn.db)?)
}

/// The names of a table's columns, in the order of `each_row`.
pub fn names(conn: &mut Conn<'_>, table: &str) -> Result<Vec<String>, Fault> {
    Ok(columns(conn, table)?.into_iter().map(|column| column.name).collect())
}

/// A column as JSON has it: bytes and ids in hexadecimal, moments in microseconds since 1970.
fn out(column: &Column) -> String {
    let Column { name, kind } = column;
    match kind.as_str() {
        "uuid" => format!("replace({name}::text, '-', '')"),
        "bytea" => format!("encode({name}, 'hex')"),
        "timestamp with time zone" => format!("(extract(epoch FROM {name}) * 1000000)::bigint"),
        "jsonb" | "date" => format!("{name}::text"),
        // `hex` makes an empty text of nothing.
        "BLOB" => format!("CASE WHEN {name} IS NOT NULL THEN lower(hex({name})) END"),
        _ => name.clone(),
    }
}

/// Hands over each row as a JSON array; holds one at a time.
pub fn each_row<E: From<Fault>>(
    conn: &mut Conn<'_>,
    table: &str,
    mut take: impl FnMut(&str) -> Result<(), E>,
) -> Result<(), E> {
    let columns: Vec<String> = columns(conn, table)?.iter().map(out).collect();
    let columns = columns.join(", ");
    match conn.db {
        Db::Pg(c) => {
            let query = format!("SELECT json_build_array({columns})::text AS line FROM {table}");
            let rows = diesel::sql_query(query).load_iter::<Line, PgRowByRowLoadingMode>(c);
            rows.map_err(Fault::from)?.try_for_each(|row| take(&row.map_err(Fault::from)?.line))
        }
        Db::Sqlite(c) => {
            let query = format!("SELECT json_array({columns}) AS line FROM {table}");
            let rows = diesel::sql_query(query).load_iter::<Line, DefaultLoadingMode>(c);
            rows.map_err(Fault::from)?.try_for_each(|row| take(&row.map_err(Fault::from)?.line))
        }
    }
}

/// How a value of that column is read from the row `v`.
fn back(at: usize, column: &Column) -> String {
    match column.kind.as_str() {
        "uuid" => format!("(v ->> {at})::uuid"),
        "bytea" => format!("decode(v ->> {at}, 'hex')"),
        "timestamp with time zone" => {
            format!("'epoch'::timestamptz + (v ->> {at})::bigint * interval '1 microsecond'")
        }
        "bigint" | "integer" | "boolean" | "jsonb" | "date" => {
            format!("(v ->> {at})::{}", column.kind)
        }
        "BLOB" => format!("unhex(value ->> {at})"),
        "INTEGER" | "TEXT" => format!("value ->> {at}"),
        _ => format!("v ->> {at}"),
    }
}

/// Rows of a table are put back in batches by one statement.
pub struct Inlet {
    statement: String,
}

impl Inlet {
    /// `NotFound` for a table or a column that this database does not have, or that it lacks.
    pub fn table(tx: &mut Tx<'_>, table: &str, given: &[String]) -> Result<Self, Fault> {
        let there = columns(tx, table)?;
        if !tables().any(|known| known == table) || there.len() != given.len() {
            return Err(Fault::NotFound);
        }
        let find = |(at, name): (usize, &String)| {
            let column = there.iter().find(|column| column.name == *name).ok_or(Fault::NotFound)?;
            let generated = table == "journal" && name == "changed_tx" && column.kind == "INTEGER";
            let name = if generated { "restored_tx" } else { name };
            Ok((name.to_owned(), back(at, column)))
        };
        let found = given.iter().enumerate().map(find).collect::<Result<Vec<_>, Fault>>()?;
        let (names, values): (Vec<String>, Vec<String>) = found.into_iter().unzip();
        let (names, values) = (names.join(", "), values.join(", "));
        let statement = if sql::is_postgres(tx.db) {
            format!(
                "INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE \
                 SELECT {values} FROM jsonb_array_elements($1::jsonb) AS rows (v)"
            )
        } else {
            format!("INSERT INTO {table} ({names}) SELECT {values} FROM json_each($1)")
        };
        Ok(Self { statement })
    }

    /// `rows` is a JSON array of what `each_row` gave.
    pub fn put(&self, tx: &mut Tx<'_>, rows: &str) -> Result<usize, Fault> {
        Ok(diesel::sql_query(&self.statement).bind::<Text, _>(rows).execute(tx.db)?)
    }
}

/// Rows of a table.
pub fn count(conn: &mut Conn<'_>, table: &str) -> Result<u64, Fault> {
    let query = format!("SELECT count(*) AS rows FROM {table}");
    Ok(diesel::sql_query(query).get_result::<Count>(conn.db)?.rows.unsigned_abs())
}

/// Whether the database is empty. What it notes of itself when a program opens it counts for
/// nothing, and goes.
pub fn make_room(tx: &mut Tx<'_>) -> Result<bool, Fault> {
    for table in tables().filter(|table| *table != META) {
        if count(tx, table)? > 0 {
            return Ok(false);
        }
    }
    diesel::sql_query(format!("DELETE FROM {META}")).execute(tx.db)?;
    Ok(true)
}
