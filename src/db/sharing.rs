//! Which programs have a database open beside one another, and by which key it is indexed. Each
//! connection shares it as long as it lives, and looked before it served; the program that makes
//! every keyed hash anew has the database alone, so no connection outlives the key that it saw.
//! Must not know: what is done alone.

use super::schema::meta;
use super::{Db, sql};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Bool;

/// What the index key of the database makes of a fixed text.
pub(super) const MARK: &str = "key_check";

/// On SQLite a connection that has read holds the file itself until it is closed.
const SHARE: &str = "SELECT pg_try_advisory_lock_shared(7751003) AS done";
const ALONE: &str = "SELECT pg_try_advisory_lock(7751003) AS done";
/// No other connection can read or write, of this process neither; the first look takes the lock.
const SQLITE_ALONE: &str = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; \
    SELECT count(*) FROM sqlite_master;";

const PG_THERE: &str = "SELECT to_regclass('meta') IS NOT NULL AS done";
const SQLITE_THERE: &str =
    "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'meta') AS done";

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Bool)]
    done: bool,
}

fn is_so(db: &mut Db, query: &str) -> QueryResult<bool> {
    Ok(diesel::sql_query(query).get_result::<Told>(db)?.done)
}

/// Takes its place beside others, or alone; `false` if others are in the way.
pub(super) fn enter(db: &mut Db, alone: bool) -> QueryResult<bool> {
    match db {
        Db::Pg(_) => is_so(db, if alone { ALONE } else { SHARE }),
        Db::Sqlite(_) if !alone => Ok(true),
        Db::Sqlite(c) => match c.batch_execute(SQLITE_ALONE) {
            Err(diesel::result::Error::DatabaseError(_, told))
                if told.message().contains("database is locked") =>
            {
                Ok(false)
            }
            done => done.map(|()| true),
        },
    }
}

/// The mark of the index key by which the database is indexed; none if it has not begun.
pub(super) fn mark(db: &mut Db) -> QueryResult<Option<String>> {
    let there = if sql::is_postgres(db) { PG_THERE } else { SQLITE_THERE };
    if !is_so(db, there)? {
        return Ok(None);
    }
    meta::table.find(MARK).select(meta::value).first(db).optional()
}
