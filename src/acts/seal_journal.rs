//! The journal's chain: lines commit without knowing of it, and one sealer at a time chains and
//! signs them in batches. Must not know: when it is called, HTTP.

use crate::db::seals::{self, JournalLine, SealRow};
use crate::db::{Fault, Store, Tx};
use crate::domain::roles::Role;
use crate::domain::time::Instant;
use crate::matching::lottery::hex;
use crate::seal::Seal;
use ed25519_dalek::{Signature, Signer as _, VerifyingKey};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// What the first link follows.
pub const START: [u8; 32] = [0; 32];
const DOMAIN: &str = "musiman journal seal 1";
/// Lines of a batch; a transaction is never cut, so a batch may be larger.
const BATCH: i64 = 5000;

/// A stretch of the journal that a seal covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub number: i64,
    pub from_tx: i64,
    pub to_tx: i64,
}

/// SHA-256 over JSON lines, joined by a line feed: a head that holds the digest before, then each
/// line of the journal as an array of its columns with times in microseconds since 1970. O(lines).
pub fn digest(stretch: Stretch, previous: &[u8], lines: &[JournalLine]) -> Result<Vec<u8>, Fault> {
    let Stretch { number, from_tx, to_tx } = stretch;
    let mut hash = Sha256::new();
    let previous = hex(previous);
    hash.update(json!([DOMAIN, number, previous, from_tx, to_tx, lines.len()]).to_string());
    for line in lines {
        hash.update(b"\n");
        hash.update(written(line).to_string());
    }
    Ok(hash.finalize().to_vec())
}

/// Member order of `detail` is the database's affair and counts for nothing.
fn written(line: &JournalLine) -> serde_json::Value {
    let detail = line.detail.as_ref().map(|detail| {
        let mut detail = detail.0.clone();
        detail.sort_all_objects();
        detail
    });
    json!([
        line.seq,
        line.changed_tx,
        line.at.micros(),
        line.actor.map(|a| a.to_string()),
        line.role.map(Role::as_str),
        line.capacity.as_str(),
        line.operation,
        line.subject_kind,
        line.subject.0,
        line.event,
        line.from_state,
        line.to_state,
        line.digest_before.as_deref().map(hex),
        line.digest_after.as_deref().map(hex),
        detail,
    ])
}

/// The public key that every seal of a database answers to.
pub fn verifying_key(seal: &Seal) -> Result<VerifyingKey, Fault> {
    Ok(seal.signer(DOMAIN)?.verifying_key())
}

pub fn is_signed(key: &VerifyingKey, digest: &[u8], signature: &[u8]) -> bool {
    let signature = Signature::from_slice(signature);
    signature.is_ok_and(|signature| key.verify_strict(digest, &signature).is_ok())
}

/// Signs a link's digest as the holder of that ring.
pub fn sign(seal: &Seal, digest: &[u8]) -> Result<Vec<u8>, Fault> {
    Ok(seal.signer(DOMAIN)?.sign(digest).to_vec())
}

/// Seals one batch of what has settled. `None` when nothing has, or another process is at it.
pub fn seal_batch(store: &Store) -> Result<Option<SealRow>, Fault> {
    // Looked at outside the write door first: an idle service takes no lock.
    let waits = store.snapshot::<_, Fault>(|conn, _| {
        let from = seals::last(conn)?.map_or(0, |seal| seal.to_tx);
        let horizon = conn.horizon()?;
        Ok(!seals::lines(conn, from, horizon, 1)?.is_empty())
    })?;
    if !waits {
        return Ok(None);
    }
    store.claim(|tx, now| if seals::try_lock(tx)? { batch(tx, now) } else { Ok(None) })
}

fn batch(tx: &mut Tx<'_>, now: Instant) -> Result<Option<SealRow>, Fault> {
    let last = seals::last(tx)?;
    let (number, from_tx) = last.as_ref().map_or((1, 0), |seal| (seal.number + 1, seal.to_tx));
    let previous = last.map_or(START.to_vec(), |seal| seal.digest);
    let horizon = tx.horizon()?;
    let (to_tx, lines) = settled(tx, from_tx, horizon)?;
    if lines.is_empty() {
        return Ok(None);
    }
    let digest = digest(Stretch { number, from_tx, to_tx }, &previous, &lines)?;
    let signature = sign(tx.seal, &digest)?;
    let count = i64::try_from(lines.len()).map_err(Fault::broken)?;
    let row = SealRow { number, from_tx, to_tx, lines: count, digest, signature, sealed_at: now };
    seals::insert(tx, &row)?;
    Ok(Some(row))
}

/// Whole transactions from `from_tx` on, up to the horizon or about a batch.
fn settled(tx: &mut Tx<'_>, from_tx: i64, horizon: i64) -> Result<(i64, Vec<JournalLine>), Fault> {
    let mut lines = seals::lines(tx, from_tx, horizon, BATCH)?;
    let full = i64::try_from(lines.len()).map_err(Fault::broken)? == BATCH;
    let (Some(first), Some(cut)) = (lines.first(), lines.last()) else {
        return Ok((horizon, lines));
    };
    let (first, cut) = (first.changed_tx, cut.changed_tx);
    if !full {
        Ok((horizon, lines))
    } else if first < cut {
        lines.retain(|line| line.changed_tx < cut);
        Ok((cut, lines))
    } else {
        Ok((cut + 1, seals::lines(tx, from_tx, cut + 1, i64::MAX)?))
    }
}
