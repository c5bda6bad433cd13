//! Freeze and beacon of a season. Must not know: how the input is made.

use super::answer::{Resource, Tagged};
use super::extract::{IfMatch, Json, Path, Wire};
use super::guard::{Lead, Only};
use super::problem::Problem;
use super::seasons::present_tag;
use super::versions::OpenInput;
use crate::acts::enter_beacon::{self as act, Beacon};
use crate::acts::freeze::{Order, freeze};
use crate::acts::stop::Stop;
use crate::db::inputs::InputRow;
use crate::db::seasons::SeasonRow;
use crate::db::{Conn, Tx, inputs as table, seasons};
use crate::domain::identity::free_text;
use crate::domain::ids::SeasonId;
use crate::domain::problem::{Code, Problems};
use crate::domain::roles::Role;
use crate::domain::rulebook::Rulebook;
use crate::domain::seasons::SeasonState;
use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

const REASON_MAX: usize = 500;
const BEACON_MAX: usize = 500;

impl From<Stop> for Problem {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Fault(fault) => fault.into(),
            Stop::Reason(reason) => reason.into(),
            Stop::Fields(problems) => problems.into(),
            Stop::Rules(reasons) => Self::rules(reasons),
            Stop::State(_) => Code::StateConflict.into(),
        }
    }
}

/// Freeze, or correct what is frozen.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct FreezeSeason {
    /// Why the standing version is corrected; a new version is made then. Everybody can read it:
    /// name nobody.
    #[serde(default)]
    pub reason: Option<String>,
}

impl Wire for FreezeSeason {
    type Value = Option<String>;
    fn value(self) -> Result<Option<String>, Problems> {
        let mut p = Problems::default();
        let reason = p.maybe("/reason", self.reason, |text| free_text(&text, REASON_MAX));
        p.done(|| Some(reason?.flatten()))
    }
}

/// What the public beacon said, in the text form that the season names.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "drand", "value": "9f2c6e0d", "source": "https://api.drand.sh/public/4711111"
}))]
pub struct EnterBeacon {
    /// The season's first choice, or its fallback.
    pub name: String,
    pub value: String,
    /// Where anybody can read it.
    pub source: String,
    /// Why the first choice did not speak: required with the fallback, published with it.
    pub reason: Option<String>,
}

impl Wire for EnterBeacon {
    type Value = Beacon;
    fn value(self) -> Result<Beacon, Problems> {
        let mut p = Problems::default();
        let mut line = |at: &str, text: &str| {
            let read = free_text(text, BEACON_MAX).and_then(|t| t.ok_or(Code::Missing.into()));
            p.at(at, read)
        };
        let (name, value, source) =
            (line("/name", &self.name), line("/value", &self.value), line("/source", &self.source));
        let reason = p.maybe("/reason", self.reason, |text| free_text(&text, REASON_MAX));
        p.done(|| {
            let reason = reason?.flatten();
            Some(Beacon { name: name?, value: value?, source: source?, reason })
        })
    }
}

/// The latest version of the frozen input, with the season's state. Its tag is the season's.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "season_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "input_version": 1, "state": "frozen",
    "digest": "9f2c", "root": "77ab", "tree_size": 4221, "reason": null,
    "frozen_at": "2026-12-20T10:00:00Z", "objection_until": "2026-12-23T10:00:00Z",
    "beacon_name": null, "beacon_value": null, "beacon_source": null, "beacon_reason": null,
    "beacon_at": null
}))]
pub struct SeasonInput {
    #[serde(flatten)]
    input: OpenInput,
    state: SeasonState,
    #[serde(skip)]
    season_version: i64,
}

impl Resource for SeasonInput {
    fn version(&self) -> i64 {
        self.season_version
    }
    fn location(&self) -> String {
        format!("/v1/seasons/{}", self.input.season_id)
    }
}

impl From<(&SeasonRow, InputRow)> for SeasonInput {
    fn from((season, row): (&SeasonRow, InputRow)) -> Self {
        Self { input: row.open.into(), state: season.state, season_version: season.version }
    }
}

fn show(conn: &mut Conn<'_>, id: SeasonId) -> Result<SeasonInput, Problem> {
    let season = seasons::get(conn, id)?;
    let row = table::latest(conn, id)?.ok_or(Code::NotFound)?;
    Ok(SeasonInput::from((&season, row)))
}

/// The season, held by the reader's tag; gives the present one.
fn held(
    tx: &mut Tx<'_>,
    season: &SeasonRow,
    tag: &IfMatch,
    rules: &Rulebook,
) -> Result<String, Problem> {
    let present = present_tag(tx, season.id, rules)?;
    tag.holds(season.version, || present.clone())?;
    Ok(present)
}

/// A refusal with the season's present tag, where the reader has to look again.
async fn refused(who: &Only<Lead>, id: SeasonId, mut problem: Problem) -> Problem {
    if matches!(problem.reason.code, Code::VersionStale | Code::StateConflict) {
        let app = who.app().clone();
        let tag = who.snapshot(move |conn, _| present_tag(conn, id, &app.rules)).await;
        problem.tag = tag.ok();
    }
    problem
}

/// The freeze that is asked for, or the version that already answers the request.
type Asked = Result<SeasonRow, SeasonInput>;

pub async fn freeze_season(
    who: Only<Lead>,
    id: Path<SeasonId>,
    tag: IfMatch,
    body: Json<FreezeSeason>,
) -> Result<Tagged<SeasonInput>, Problem> {
    let order = Order { actor: who.actor(), role: Role::Lead, reason: body.0 };
    let (id, reason, app) = (id.0, order.reason.clone(), who.app().clone());
    let asked: Asked = who
        .write(move |tx, _| {
            let season = seasons::get(tx, id)?;
            let latest = table::latest(tx, id)?;
            // Who read the present version and gives a reason means one more correction.
            let is_new = reason.is_some() && tag.cites(season.version);
            let is_repeat =
                |l: &InputRow| tx.repeats(l.frozen_by) && l.open.reason == reason && !is_new;
            if season.state == SeasonState::Frozen
                && let Some(latest) = latest.filter(is_repeat)
            {
                return Ok(Err(SeasonInput::from((&season, latest))));
            }
            held(tx, &season, &tag, &app.rules)?;
            Ok(Ok(season))
        })
        .await?;
    let season = match asked {
        Err(standing) => return Ok(Tagged(standing)),
        Ok(season) => season,
    };
    let app = who.app().clone();
    let done = web::block(move || freeze(&app.store, &season, &order)).await;
    if let Err(stop) = done.map_err(|_| Problem::from(Code::Internal))? {
        return Err(refused(&who, id, stop.into()).await);
    }
    who.snapshot(move |conn, _| show(conn, id).map(Tagged)).await
}

fn enter(
    tx: &mut Tx<'_>,
    id: SeasonId,
    tag: &IfMatch,
    beacon: &Beacon,
    rules: &Rulebook,
) -> Result<Tagged<SeasonInput>, Problem> {
    let season = seasons::get(tx, id)?;
    let input = table::latest(tx, id)?.ok_or(Code::StateConflict)?;
    let is_same = input.open.beacon_name.as_ref() == Some(&beacon.name)
        && input.open.beacon_value.as_ref() == Some(&beacon.value);
    if is_same && tx.repeats(input.beacon_by) {
        return Ok(Tagged(SeasonInput::from((&season, input))));
    }
    let present = held(tx, &season, tag, rules)?;
    act::enter_beacon(tx, &season, beacon).map_err(|stop| match stop {
        Stop::State(refusal) => Problem::state(refusal, present),
        other => other.into(),
    })?;
    show(tx, id).map(Tagged)
}

pub async fn enter_beacon(
    who: Only<Lead>,
    id: Path<SeasonId>,
    tag: IfMatch,
    body: Json<EnterBeacon>,
) -> Result<Tagged<SeasonInput>, Problem> {
    let app = who.app().clone();
    who.write(move |tx, _| enter(tx, id.0, &tag, &body.0, &app.rules)).await
}
