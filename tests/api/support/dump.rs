//! Everything that a database holds, row by row as text: sealed and hashed bytes in hexadecimal.

use super::cluster::Kind;
use diesel::prelude::*;
use diesel::sql_types::Text;
use musiman::db::{Conn, Fault, Store};
use std::collections::BTreeMap;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(conn: &mut Conn<'_>, sql: &str) -> Vec<String> {
    let lines: Vec<Line> = diesel::sql_query(sql).load(conn.db).unwrap();
    lines.into_iter().map(|l| l.line).collect()
}

const TABLES_OF_POSTGRES: &str = "SELECT table_name::text AS line FROM information_schema.tables \
    WHERE table_schema = 'public' ORDER BY 1";
const TABLES_OF_SQLITE: &str =
    "SELECT name AS line FROM sqlite_master WHERE type = 'table' ORDER BY 1";

/// What reads a whole row as one text.
fn sql(conn: &mut Conn<'_>, kind: Kind, table: &str) -> String {
    if kind == Kind::Postgres {
        return format!("SELECT t::text AS line FROM \"{table}\" t ORDER BY 1");
    }
    let columns = lines(conn, &format!("SELECT name AS line FROM pragma_table_xinfo('{table}')"));
    let quoted: Vec<String> = columns.iter().map(|c| format!("quote(\"{c}\")")).collect();
    format!("SELECT {} AS line FROM \"{table}\" ORDER BY 1", quoted.join(" || ',' || "))
}

/// Counts every request, whatever it asks for and however it is answered.
const COUNTS: &str = "rate_leases";

/// Table by table.
pub fn dump(store: &Store, kind: Kind) -> BTreeMap<String, Vec<String>> {
    store
        .snapshot::<_, Fault>(|conn, _| {
            let query = if kind == Kind::Postgres { TABLES_OF_POSTGRES } else { TABLES_OF_SQLITE };
            let mut all = BTreeMap::new();
            for table in lines(conn, query).into_iter().filter(|table| table != COUNTS) {
                let sql = sql(conn, kind, &table);
                all.insert(table, lines(conn, &sql));
            }
            Ok(all)
        })
        .unwrap()
}
