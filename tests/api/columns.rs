//! The twin migrations, the schema that diesel sees, and the class of every column.

use crate::support::{Kind, World, both, kinds};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use musiman::db::classes::CLASSES;
use musiman::db::{Conn, Fault};
use std::collections::BTreeMap;

#[derive(QueryableByName, Debug)]
struct Column {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    required: bool,
}

const OF_POSTGRES: &str = "SELECT table_name::text AS \"table\", column_name::text AS name, data_type::text AS kind, \
    is_nullable = 'NO' AS required FROM information_schema.columns \
    WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'";
const OF_SQLITE: &str = "SELECT m.name AS \"table\", c.name AS name, c.type AS kind, \
    c.\"notnull\" <> 0 OR c.pk <> 0 AS required FROM sqlite_master m, pragma_table_xinfo(m.name) c \
    WHERE m.type = 'table' AND c.name <> 'restored_tx' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'";

/// `table.column` to the type that diesel should give it.
fn columns(w: &World) -> BTreeMap<String, String> {
    let query = if w.kind == Kind::Postgres { OF_POSTGRES } else { OF_SQLITE };
    let rows: Vec<Column> = w
        .store
        .read::<_, Fault>(|conn: &mut Conn<'_>, _| Ok(diesel::sql_query(query).load(conn.db)?))
        .unwrap();
    let named = |c: Column| {
        let kind = if c.required { c.kind } else { format!("{} or null", c.kind) };
        (format!("{}.{}", c.table, c.name), kind)
    };
    rows.into_iter().map(named).collect()
}

/// The same from the text of `src/db/schema`.
fn schema() -> BTreeMap<String, String> {
    let rooms = std::fs::read_dir("src/db/schema").unwrap().map(|room| room.unwrap().path());
    let text: String = rooms.map(|room| std::fs::read_to_string(room).unwrap()).collect();
    let (mut table, mut all) = (String::new(), BTreeMap::new());
    for line in text.lines().map(str::trim) {
        if let Some((column, kind)) = line.trim_end_matches(',').split_once(" -> ") {
            let required = kind.strip_prefix("Nullable<").map(|k| k.trim_end_matches('>'));
            all.insert(
                format!("{table}.{column}"),
                match required {
                    Some(kind) => format!("{kind} or null"),
                    None => kind.to_owned(),
                },
            );
        } else if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
            name.clone_into(&mut table);
        }
    }
    all
}

fn as_stored(kind: Kind, diesel: &str) -> String {
    let (base, null) = diesel.strip_suffix(" or null").map_or((diesel, ""), |b| (b, " or null"));
    let stored = match (kind, base) {
        (Kind::Postgres, "sql::Uuid") => "uuid",
        (Kind::Postgres, "sql::Instant") => "timestamp with time zone",
        (Kind::Postgres, "sql::Json") => "jsonb",
        (Kind::Postgres, "Binary") => "bytea",
        (Kind::Postgres, "Date") => "date",
        (Kind::Postgres, "Text") => "text",
        (Kind::Postgres, "Integer") => "integer",
        (Kind::Postgres, "BigInt") => "bigint",
        (Kind::Sqlite, "sql::Uuid" | "Binary") => "BLOB",
        (Kind::Sqlite, "sql::Json" | "Date" | "Text") => "TEXT",
        (Kind::Sqlite, "sql::Instant" | "Integer" | "BigInt") => "INTEGER",
        _ => panic!("a type without spelling: {base}"),
    };
    format!("{stored}{null}")
}

#[test]
fn both_databases_have_the_tables_that_diesel_sees() {
    both(|w| async move {
        let wanted: BTreeMap<String, String> =
            schema().into_iter().map(|(at, kind)| (at, as_stored(w.kind, &kind))).collect();
        assert_eq!(columns(&w), wanted);
    });
}

#[test]
fn every_column_has_one_class() {
    let mut classed: Vec<String> = CLASSES
        .iter()
        .flat_map(|(table, columns)| columns.iter().map(move |(c, _)| format!("{table}.{c}")))
        .collect();
    classed.sort();
    let there: Vec<String> = schema().into_keys().collect();
    assert_eq!(classed, there, "give each column a class in src/db/classes.rs");
    assert!(!kinds().is_empty());
}

#[test]
fn what_is_no_general_data_is_sealed_or_hashed() {
    use musiman::db::classes::Class;
    for (table, columns) in CLASSES {
        for (column, class) in *columns {
            let hidden = column.ends_with("_sealed")
                || column.ends_with("_index")
                || column.ends_with("_hash");
            assert_eq!(*class != Class::General, hidden, "{table}.{column}");
        }
    }
}
