//! Whether the journal still says what was sealed. Reads only; must not know: who asks.

use super::seal_journal::{START, Stretch, digest, is_signed, verifying_key};
use crate::db::seals::{self, SealRow};
use crate::db::{Conn, Fault, Store, meta};
use crate::domain::time::Instant;
use ed25519_dalek::VerifyingKey;

const PAGE: i64 = 100;

/// What is wrong with a link of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fracture {
    /// There is no seal of this number, though there are later ones.
    SealMissing,
    /// It does not begin where the one before ends.
    Range,
    /// Fewer lines than were sealed.
    LinesMissing,
    /// More lines than were sealed.
    LinesInserted,
    /// As many lines as were sealed, but not the same, or not after the same link.
    LinesAltered,
    Signature,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    pub number: i64,
    pub fracture: Fracture,
    pub sealed_lines: i64,
    pub found_lines: i64,
    /// When the link was sealed; unknown for one that is not there.
    pub sealed_at: Option<Instant>,
}

/// The whole finding.
#[derive(Debug, Default)]
pub struct Finding {
    pub seals: i64,
    pub lines: i64,
    pub broken: Vec<Broken>,
    /// The last link: who has noted an earlier one can ask whether it is still in the chain.
    pub head: Option<(i64, Vec<u8>)>,
    /// Lines that no seal covers yet, and when the oldest of them was written.
    pub tail: i64,
    pub oldest: Option<Instant>,
}

/// Walks the chain from its start. O(lines) in time, one batch in memory; the service may go on
/// writing meanwhile.
pub fn verify(store: &Store) -> Result<Finding, Fault> {
    let key = verifying_key(store.seal())?;
    let vouched = store.read(|conn, _| meta::vouched(conn))?;
    let finding = Finding::default();
    let mut walk = Walk { key, vouched, finding, previous: START.to_vec(), end_tx: 0 };
    loop {
        let number = walk.finding.head.as_ref().map_or(0, |head| head.0);
        let page = store.read::<_, Fault>(|conn, _| seals::after(conn, number, PAGE))?;
        if page.is_empty() {
            break;
        }
        for seal in page {
            store.read::<_, Fault>(|conn, _| walk.step(conn, seal.clone()))?;
        }
    }
    let vouched_to = walk.vouched.as_ref().map_or(0, |vouched| vouched.0);
    walk.lacks_until(vouched_to + 1);
    let end = walk.end_tx;
    let (tail, oldest) = store.snapshot::<_, Fault>(|conn, _| seals::tail(conn, end))?;
    Ok(Finding { tail, oldest, ..walk.finding })
}

/// Whether the link of that number still has that digest.
pub fn holds(store: &Store, number: i64, digest: &[u8]) -> Result<bool, Fault> {
    let found =
        store.read::<_, Fault>(|conn, _| seals::after(conn, number.saturating_sub(1), 1))?;
    Ok(found.first().is_some_and(|seal| seal.number == number && seal.digest == digest))
}

struct Walk {
    key: VerifyingKey,
    /// The last seal under an earlier index key: the present one signs for it, and it for those
    /// before it, by their digests.
    vouched: Option<(i64, Vec<u8>)>,
    finding: Finding,
    previous: Vec<u8>,
    end_tx: i64,
}

impl Walk {
    fn step(&mut self, conn: &mut Conn<'_>, seal: SealRow) -> Result<(), Fault> {
        let before = self.lacks_until(seal.number);
        let is_next = before + 1 == seal.number;
        if is_next && seal.from_tx != self.end_tx {
            self.breaks(&seal, Fracture::Range, seal.lines);
        }
        let lines = seals::lines(conn, seal.from_tx, seal.to_tx, i64::MAX)?;
        let found = i64::try_from(lines.len()).map_err(Fault::broken)?;
        let SealRow { number, from_tx, to_tx, .. } = seal;
        let now = digest(Stretch { number, from_tx, to_tx }, &self.previous, &lines)?;
        if found < seal.lines {
            self.breaks(&seal, Fracture::LinesMissing, found);
        } else if found > seal.lines {
            self.breaks(&seal, Fracture::LinesInserted, found);
        } else if is_next && now != seal.digest {
            self.breaks(&seal, Fracture::LinesAltered, found);
        }
        if !self.is_signed(&seal) {
            self.breaks(&seal, Fracture::Signature, found);
        }
        self.finding.seals += 1;
        self.finding.lines += found;
        self.end_tx = seal.to_tx;
        self.previous.clone_from(&seal.digest);
        self.finding.head = Some((seal.number, seal.digest));
        Ok(())
    }

    /// Notes each seal that is missing before that number. The last one that is there.
    fn lacks_until(&mut self, end: i64) -> i64 {
        let before = self.finding.head.as_ref().map_or(0, |head| head.0);
        for number in before + 1..end {
            let (fracture, sealed_at) = (Fracture::SealMissing, None);
            let broken = Broken { number, fracture, sealed_lines: 0, found_lines: 0, sealed_at };
            self.finding.broken.push(broken);
        }
        before
    }

    fn is_signed(&self, seal: &SealRow) -> bool {
        match &self.vouched {
            Some((number, _)) if seal.number < *number => true,
            Some((number, signature)) if seal.number == *number => {
                is_signed(&self.key, &seal.digest, signature)
            }
            _ => is_signed(&self.key, &seal.digest, &seal.signature),
        }
    }

    fn breaks(&mut self, seal: &SealRow, fracture: Fracture, found_lines: i64) {
        self.finding.broken.push(Broken {
            number: seal.number,
            fracture,
            sealed_lines: seal.lines,
            found_lines,
            sealed_at: Some(seal.sealed_at),
        });
    }
}
