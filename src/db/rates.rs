//! Tokens of limits that all processes share. Rows live for a minute or two, and a crash of
//! PostgreSQL may empty the table. The only writer of its table. Must not know: whose tokens.

use super::schema::rate_leases;
use super::{Fault, Tx};
use crate::each_backend;
use diesel::prelude::*;
use diesel::upsert::excluded;
use std::collections::BTreeMap;

/// Tokens that a process asks for.
pub struct Want {
    pub key: String,
    pub minute: i64,
    pub tokens: i64,
}

#[derive(Insertable)]
#[diesel(table_name = rate_leases, treat_none_as_default_value = false)]
struct LeaseRow {
    key_index: Vec<u8>,
    minute: i64,
    leased: i64,
}

/// Leases, and tells for each want how many tokens were out before it. More may be leased than the
/// limit has: whoever asked knows by the answer.
pub fn lease(tx: &mut Tx<'_>, wants: &[Want]) -> Result<Vec<i64>, Fault> {
    let index = |want: &Want| tx.seal.index("rate_leases.key", want.key.as_bytes());
    let keys: Vec<(Vec<u8>, i64)> = wants.iter().map(|w| (index(w), w.minute)).collect();
    // In one order, so that two processes do not wait for each other.
    let mut sums: BTreeMap<(Vec<u8>, i64), i64> = BTreeMap::new();
    let mut ahead = Vec::new();
    for (key, want) in keys.iter().zip(wants) {
        let sum = sums.entry(key.clone()).or_default();
        ahead.push(*sum);
        *sum += want.tokens;
    }
    let row = |(key, tokens): (&(Vec<u8>, i64), &i64)| LeaseRow {
        key_index: key.0.clone(),
        minute: key.1,
        leased: *tokens,
    };
    let rows: Vec<LeaseRow> = sums.iter().map(row).collect();
    let out: Vec<(Vec<u8>, i64, i64)> = each_backend!(&mut *tx.db, |c| {
        diesel::insert_into(rate_leases::table)
            .values(&rows)
            .on_conflict((rate_leases::key_index, rate_leases::minute))
            .do_update()
            .set(rate_leases::leased.eq(rate_leases::leased + excluded(rate_leases::leased)))
            .returning((rate_leases::key_index, rate_leases::minute, rate_leases::leased))
            .get_results(c)
    })?;
    let out: BTreeMap<(Vec<u8>, i64), i64> = out.into_iter().map(|(k, m, l)| ((k, m), l)).collect();
    let before = |(key, ahead): (&(Vec<u8>, i64), i64)| {
        out.get(key).copied().unwrap_or(0) - sums.get(key).copied().unwrap_or(0) + ahead
    };
    Ok(keys.iter().zip(ahead).map(before).collect())
}

/// Returns how many rows went.
pub fn forget_before(tx: &mut Tx<'_>, minute: i64) -> Result<usize, Fault> {
    Ok(diesel::delete(rate_leases::table.filter(rate_leases::minute.lt(minute))).execute(tx.db)?)
}
