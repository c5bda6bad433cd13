//! Opens a season: what it may stand on is asked once more, then rules, terms and the commitments
//! to its secrets stand for good. Must not know: HTTP, how secrets are sealed.

use super::stop::Stop;
use crate::db::seasons::{self, Opening};
use crate::db::{Conn, Fault, Tx, agreements};
use crate::domain::ids::SeasonId;
use crate::domain::lifecycle::decide;
use crate::domain::problem::Code;
use crate::domain::roles::Role;
use crate::domain::rulebook::Rulebook;
use crate::domain::seasons::{NewSeason, SeasonEvent};
use crate::domain::time::Instant;
use crate::matching::lottery::commitment;
use crate::seal;

/// What the lottery and the pseudonyms of one season are made from. Drawn before the transaction,
/// which may run several times.
#[derive(Clone, Copy)]
pub struct Secrets {
    pub secret: [u8; 32],
    pub season_key: [u8; 32],
}

impl Secrets {
    pub fn draw() -> Result<Self, Fault> {
        let draw = || seal::random().map_err(Fault::broken);
        Ok(Self { secret: draw()?, season_key: draw()? })
    }
}

/// Whether the season may stand: its agreement is effective on all its days and unlocks quotas,
/// and rules and clock agree. Every reason at once.
pub fn may_stand(
    conn: &mut Conn<'_>,
    new: &NewSeason,
    rules: &Rulebook,
    now: Instant,
) -> Result<(), Stop> {
    const AGREEMENT: &str = "/agreement_id";
    let mut problems = new.check(rules, now).err().unwrap_or_default();
    match agreements::get(conn, new.agreement) {
        Ok(row) => {
            for reason in row.footing().against(new.contract_from, new.contract_to) {
                problems.add(AGREEMENT, reason);
            }
        }
        Err(Fault::NotFound) => problems.add(AGREEMENT, Code::AgreementUnknown),
        Err(fault) => return Err(fault.into()),
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.into()) }
}

/// Freezes `rules` into the season and commits to the secrets.
pub fn open_season(
    tx: &mut Tx<'_>,
    season: SeasonId,
    role: Role,
    rules: &Rulebook,
    secrets: Secrets,
) -> Result<(), Stop> {
    let row = seasons::get(tx, season)?;
    let step = decide(row.state, SeasonEvent::Open, role)?;
    let new = seasons::stated(tx, &row)?;
    let now = tx.now;
    may_stand(tx, &new, rules, now)?;
    let opening = Opening {
        secret: secrets.secret,
        season_key: secrets.season_key,
        secret_commitment: commitment(&secrets.secret),
        season_key_commitment: commitment(&secrets.season_key),
        rules: rules.canonical(),
        rules_digest: rules.digest(),
        rubric_digest: new.rubric.digest(),
    };
    seasons::store_opening(tx, season, &opening)?;
    Ok(seasons::keep(tx, &row, step)?)
}
