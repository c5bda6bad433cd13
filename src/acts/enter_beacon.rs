//! Enters the public beacon of a frozen season: from here on the lottery is fixed.
//! Must not know: HTTP.

use super::stop::Stop;
use crate::db::inputs::{self, Drawn};
use crate::db::seasons::{self, SeasonRow};
use crate::db::{Fault, Tx};
use crate::domain::lifecycle::decide;
use crate::domain::problem::{Code, Problems};
use crate::domain::roles::Role;
use crate::domain::seasons::SeasonEvent;
use crate::matching::lottery::seed;

/// What a beacon said, in the text form that the season names.
#[derive(Debug, Clone)]
pub struct Beacon {
    /// The season's first choice, or its fallback.
    pub name: String,
    pub value: String,
    /// Where anybody can read it.
    pub source: String,
    /// Why the first choice did not speak; only the fallback has one, and needs it.
    pub reason: Option<String>,
}

/// One of the season's two beacons, and the fallback only with a reason.
fn check(season: &SeasonRow, beacon: &Beacon) -> Result<(), Problems> {
    let name = |which| season.beacons.0.pointer(which).and_then(|n| n.as_str());
    let mut p = Problems::default();
    if name("/first/name") == Some(&beacon.name) {
        if beacon.reason.is_some() {
            p.add("/reason", Code::UnknownValue);
        }
    } else if name("/fallback/name") != Some(&beacon.name) {
        p.add("/name", Code::UnknownValue);
    } else if beacon.reason.is_none() {
        p.add("/reason", Code::Missing);
    }
    p.done(|| Some(()))
}

/// Draws the seed of the latest input, after its time for objections.
pub fn enter_beacon(tx: &mut Tx<'_>, season: &SeasonRow, beacon: &Beacon) -> Result<(), Stop> {
    let step = decide(season.state, SeasonEvent::Draw, Role::Lead)?;
    let input = inputs::latest(tx, season.id)?.ok_or(Stop::Reason(Code::StateConflict.into()))?;
    if tx.now < input.open.objection_until {
        return Err(Code::TooEarly.with("from", input.open.objection_until).into());
    }
    check(season, beacon)?;
    let secret = seasons::secret(tx, season)?;
    let root: [u8; 32] =
        input.open.root.as_slice().try_into().map_err(|_| Fault::broken("a root has 32 bytes"))?;
    let drawn = Drawn {
        name: beacon.name.clone(),
        value: beacon.value.clone(),
        source: beacon.source.clone(),
        reason: beacon.reason.clone(),
        seed: seed(&secret, &root, &beacon.value),
    };
    inputs::store_beacon(tx, &input, &drawn)?;
    Ok(seasons::keep(tx, season, step)?)
}
