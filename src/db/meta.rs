//! Facts about the database itself: whose keys seal it, whether it is a demo, the demo's clock.
//! The only writer of its table. Must not know: what a demo holds.

use super::schema::meta;
use super::sharing::MARK;
use super::{Conn, Fault, Tx};
use crate::each_backend;
use crate::seal::KeyId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;

const DEMO: &str = "demo";
/// The key that seals every value, as the last rotation that came to its end left it.
const ROTATED: &str = "rotated_to";
/// The last seal of the journal under an index key that went, signed by the key that came.
const VOUCHED: &str = "journal_vouched";
const CLOCK_SHIFT: &str = "clock_shift_micros";

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

/// Writes the value unless there is one. Returns the one that stands, and whether it is new.
fn put_first(tx: &mut Tx<'_>, key: &str, value: &str) -> Result<(String, bool), Fault> {
    let row = (meta::key.eq(key), meta::value.eq(value));
    let query = diesel::insert_into(meta::table).values(row).on_conflict_do_nothing();
    let is_new = each_backend!(&mut *tx.db, |c| query.execute(c))? == 1;
    Ok((find(tx, key)?.ok_or(Fault::NotFound)?, is_new))
}

/// Writes the value in the place of any other.
fn put(tx: &mut Tx<'_>, key: &str, value: &str) -> Result<(), Fault> {
    put_first(tx, key, value)?;
    diesel::update(meta::table.find(key)).set(meta::value.eq(value)).execute(tx.db)?;
    Ok(())
}

/// Whether the index key in force is the one that this database is indexed by.
pub fn key_ring_fits(tx: &mut Tx<'_>) -> Result<bool, Fault> {
    let mark = tx.seal.mark();
    Ok(put_first(tx, MARK, &mark)?.0 == mark)
}

/// The mark of the index key by which the database is indexed.
pub fn mark_of_index(conn: &mut Conn<'_>) -> Result<Option<String>, Fault> {
    find(conn, MARK)
}

/// From now on the database is indexed by the key of that mark.
pub fn indexed_anew(tx: &mut Tx<'_>, mark: &str) -> Result<(), Fault> {
    put(tx, MARK, mark)
}

/// Notes the journal's seal of that number, signed anew: those before it are in its chain.
pub fn vouch(tx: &mut Tx<'_>, number: i64, signature: &[u8]) -> Result<(), Fault> {
    put(tx, VOUCHED, &format!("{number} {}", STANDARD.encode(signature)))
}

/// Number and new signature of the last seal under an index key that went.
pub fn vouched(conn: &mut Conn<'_>) -> Result<Option<(i64, Vec<u8>)>, Fault> {
    let Some(text) = find(conn, VOUCHED)? else { return Ok(None) };
    let (number, signature) = text.split_once(' ').unwrap_or_default();
    let number = number.parse().map_err(Fault::broken)?;
    Ok(Some((number, STANDARD.decode(signature).map_err(Fault::broken)?)))
}

/// Notes that every value is sealed with that key.
pub fn rotation_ended(tx: &mut Tx<'_>, key: KeyId) -> Result<(), Fault> {
    put(tx, ROTATED, &key.to_string())
}

/// The key to which the last rotation came to its end, if there was one.
pub fn rotated_to(conn: &mut Conn<'_>) -> Result<Option<KeyId>, Fault> {
    find(conn, ROTATED)?.map(|text| text.parse().map_err(Fault::broken)).transpose()
}

/// Marks the database unless it is marked. Returns the mark that stands, and whether it is new.
pub fn mark(tx: &mut Tx<'_>, mark: DemoMark) -> Result<(DemoMark, bool), Fault> {
    let (text, is_new) = put_first(tx, DEMO, mark.as_str())?;
    Ok((text.parse().map_err(Fault::broken)?, is_new))
}

/// The demo is complete; its clock runs that far ahead of the machine's for good.
pub fn demo_is_ready(tx: &mut Tx<'_>, shift_micros: i64) -> Result<(), Fault> {
    put_first(tx, CLOCK_SHIFT, &shift_micros.to_string())?;
    diesel::update(meta::table.find(DEMO))
        .set(meta::value.eq(DemoMark::Ready.as_str()))
        .execute(tx.db)?;
    Ok(())
}

/// How far the demo's clock runs ahead, in microseconds.
pub fn clock_shift(conn: &mut Conn<'_>) -> Result<i64, Fault> {
    find(conn, CLOCK_SHIFT)?.ok_or(Fault::NotFound)?.parse().map_err(Fault::broken)
}
