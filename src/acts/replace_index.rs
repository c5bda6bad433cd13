//! Makes every keyed hash anew under the newest index key of the ring: in one transaction, in a
//! database that nobody else has open. Must not know: where the keys lie.

use super::seal_journal::sign;
use crate::db::reindex::{self, TABLES};
use crate::db::{Actor, Fault, Store, Tx, meta, seals};
use crate::seal::{KeyId, Seal};
use serde_json::json;
use std::cell::RefCell;
use uuid::Uuid;

/// What was done.
pub struct Replaced {
    pub key: KeyId,
    /// Rows that are found by the new key.
    pub rows: u64,
    /// Rows that went, because what they were found by is not kept.
    pub swept: usize,
}

/// Rows that will be found by the new key.
pub fn size(store: &Store) -> Result<u64, Fault> {
    store.snapshot(|conn, _| reindex::size(conn))
}

/// All of it or nothing; `store` is the only one that has the database open. The journal's seals
/// under the old key stay: the last of them is signed anew. O(rows) in time, a page in memory.
/// `tell` hears how many rows are done.
pub fn replace_index(store: &Store, tell: &mut dyn FnMut(u64)) -> Result<Replaced, Fault> {
    let new = store.seal().with_newest_index().ok_or(Fault::NotFound)?;
    let (key, id) = (new.index_key(), store.clock().new_id());
    let tell = RefCell::new(tell);
    let (rows, swept) = store.write::<_, Fault>(Actor::operator("keys reindex"), |tx, _| {
        if meta::mark_of_index(tx)?.as_deref() != Some(&tx.seal.mark()) {
            return Err(Fault::broken("the database does not say by which key it is indexed"));
        }
        let mut done = 0;
        each_page(tx, &new, &mut |rows| {
            done += rows;
            (tell.borrow_mut())(done);
        })?;
        let swept = reindex::sweep(tx)?;
        let sealed = vouch(tx, &new)?;
        meta::indexed_anew(tx, &new.mark())?;
        let detail = json!({ "key": key.to_string(), "rows": done, "seals": sealed });
        tx.journal("key_ring", id, "replace_index_key", Some(detail))?;
        Ok((done, swept))
    })?;
    store.seal().finds_by(&new.mark());
    Ok(Replaced { key, rows, swept })
}

fn each_page(tx: &mut Tx<'_>, new: &Seal, tell: &mut dyn FnMut(u64)) -> Result<(), Fault> {
    for table in &TABLES {
        let mut after = Uuid::nil();
        while let Some((rows, last)) = table.page(tx, new, after)? {
            tell(u64::try_from(rows).map_err(Fault::broken)?);
            after = last;
        }
    }
    Ok(())
}

/// The number of the last seal, which the new key signs as well.
fn vouch(tx: &mut Tx<'_>, new: &Seal) -> Result<i64, Fault> {
    let Some(last) = seals::last(tx)? else { return Ok(0) };
    let signature = sign(new, &last.digest)?;
    meta::vouch(tx, last.number, &signature)?;
    Ok(last.number)
}
