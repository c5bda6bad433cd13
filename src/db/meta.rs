//! Facts about the database itself: whose keys seal it, whether it is a demo, the demo's clock.
//! The only writer of its table. Must not know: what a demo holds.

use super::schema::meta;
use super::{Conn, Fault, Tx};
use crate::each_backend;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;

/// What the key ring makes of a fixed text: another ring makes something else of it.
const KEY_CHECK: &str = "key_check";
const DEMO: &str = "demo";

crate::words!(
    /// Whether the data is a demonstration. A database is marked once, by the first program that
    /// opens it.
    DemoMark {
        No = "no",
        /// A demo whose data is not complete.
        Loading = "loading",
        Ready = "ready",
    }
);

fn find(conn: &mut Conn<'_>, key: &str) -> Result<Option<String>, Fault> {
    Ok(meta::table.find(key).select(meta::value).first(conn.db).optional()?)
}

/// Writes the value unless there is one. Returns the one that stands.
fn put_first(tx: &mut Tx<'_>, key: &str, value: &str) -> Result<String, Fault> {
    let row = (meta::key.eq(key), meta::value.eq(value));
    let query = diesel::insert_into(meta::table).values(row).on_conflict_do_nothing();
    each_backend!(&mut *tx.db, |c| query.execute(c))?;
    find(tx, key)?.ok_or(Fault::NotFound)
}

/// Whether the key ring is the one that this database was begun with.
pub fn key_ring_fits(tx: &mut Tx<'_>) -> Result<bool, Fault> {
    let check = STANDARD.encode(tx.seal.index("meta.check", b"musiman"));
    Ok(put_first(tx, KEY_CHECK, &check)? == check)
}

/// Marks the database unless it is marked. Returns the mark that stands.
pub fn mark(tx: &mut Tx<'_>, mark: DemoMark) -> Result<DemoMark, Fault> {
    put_first(tx, DEMO, mark.as_str())?.parse().map_err(Fault::broken)
}
