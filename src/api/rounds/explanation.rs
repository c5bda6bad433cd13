//! Why a person has this seat and not a better one: from the frozen input and the stored seats.
//! Must not know: live records.

use super::wire::Cutoff;
use crate::acts::compute_round::reading;
use crate::acts::frozen::{Part, Wish};
use crate::api::answer::Plain;
use crate::api::extract::Path2;
use crate::api::guard::{Office, Only, Or, Seeker};
use crate::api::problem::Problem;
use crate::api::reasons::{PointsPart, WhyNot};
use crate::db::rounds::{self as table, Scope};
use crate::db::{Conn, Fault, seekers};
use crate::domain::ids::{RoundId, SeekerId};
use crate::domain::problem::Code;
use crate::matching::{Line, Outcome, Refusal, Standing, Why, explain};
use crate::texts::{self, Lang};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// What became of one wish.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplainedWish {
    pub quota_id: String,
    /// `placed`, `ineligible`, `refused`, `not_reached`, `not_stable`.
    pub outcome: String,
    /// The same in the reader's language.
    pub detail: String,
    pub points: i64,
    pub parts: Vec<PointsPart>,
    pub reasons: Vec<WhyNot>,
    /// The lowest full node above the quota.
    #[schema(required = true)]
    pub full_node: Option<String>,
    /// What decided: `points`, `lottery`, `no_seat` and the like.
    #[schema(required = true)]
    pub decided_by: Option<String>,
    #[schema(required = true)]
    pub points_short: Option<u32>,
    #[schema(required = true)]
    pub own: Option<Cutoff>,
    /// The last admitted there; not told at nodes with fewer than 3 seats.
    #[schema(required = true)]
    pub last_admitted: Option<Cutoff>,
}

/// A person's list, line by line.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "round_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11",
    "job_seeker_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12",
    "wishes": [{
        "quota_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c13", "outcome": "placed",
        "detail": "This is your seat.", "points": 30,
        "parts": [{ "kind": "experience", "value": 36, "points": 30 }], "reasons": [],
        "full_node": null, "decided_by": null, "points_short": null, "own": null,
        "last_admitted": null
    }]
}))]
pub struct Explanation {
    pub round_id: Uuid,
    pub job_seeker_id: Uuid,
    pub wishes: Vec<ExplainedWish>,
}

fn cutoff(s: &Standing) -> Cutoff {
    Cutoff { class: s.class, points: s.points, lottery: s.lottery }
}

fn part(part: &Part) -> PointsPart {
    PointsPart { kind: part.kind.clone(), value: part.value, points: part.points }
}

fn words(why: &Why, lang: Lang) -> (&'static str, &'static str) {
    match why {
        Why::Placed => ("placed", texts::label(lang, "explained_placed")),
        Why::Ineligible(_) => ("ineligible", texts::label(lang, "explained_ineligible")),
        Why::Refused(_) => ("refused", texts::label(lang, "explained_refused")),
        Why::NotReached => ("not_reached", texts::label(lang, "explained_not_reached")),
        Why::NotStable => ("not_stable", texts::label(lang, "explained_not_stable")),
    }
}

fn explained(line: &Line, wish: Option<&Wish>, lang: Lang) -> ExplainedWish {
    let (outcome, detail) = words(&line.why, lang);
    let refusal: Option<&Refusal> = match &line.why {
        Why::Refused(refusal) => Some(refusal),
        _ => None,
    };
    let against = wish.map_or(&[][..], |w| &w.reasons);
    ExplainedWish {
        quota_id: line.quota.as_str().to_owned(),
        outcome: outcome.to_owned(),
        detail: detail.to_owned(),
        points: wish.map_or(0, |w| w.points),
        parts: wish.map_or_else(Vec::new, |w| w.parts.iter().map(part).collect()),
        reasons: against.iter().map(|a| WhyNot::of(a, lang)).collect(),
        full_node: refusal.map(|r| r.node.as_str().to_owned()),
        decided_by: refusal.map(|r| r.decided.as_str().to_owned()),
        points_short: refusal.and_then(Refusal::points_short),
        own: refusal.map(|r| cutoff(&r.own)),
        last_admitted: refusal.and_then(|r| r.last.as_ref().map(cutoff)),
    }
}

/// The list of a person as a round saw it, line by line.
pub fn wishes(
    conn: &mut Conn<'_>,
    id: RoundId,
    seeker: SeekerId,
    scope: Scope,
    lang: Lang,
) -> Result<Vec<ExplainedWish>, Problem> {
    let round = table::get(conn, id, scope)?;
    if round.computed_at.is_none() {
        return Err(Code::StateConflict.into());
    }
    let read = reading(conn, &round)?;
    let names: HashMap<SeekerId, &str> =
        read.people.iter().map(|(name, id)| (*id, name.as_str())).collect();
    let name = *names.get(&seeker).ok_or(Code::NotFound)?;
    let seats = table::seats(conn, id)?;
    let seats = seats
        .iter()
        .filter_map(|s| Some((*names.get(&s.seeker_id)?, Some(s.quota_id.to_string()))));
    let outcome = Outcome::from_seats(&read.instance, seats).map_err(Fault::broken)?;
    let record = read.input.by_pseudonym().get(name).copied();
    let lines = explain(&read.instance, &outcome, name).into_iter().map(Line::shown);
    let wish = |line: &Line| record?.list.iter().find(|w| w.quota == line.quota.as_str());
    Ok(lines.map(|line| explained(&line, wish(&line), lang)).collect())
}

pub async fn get_explanation(
    who: Only<Or<Office, Seeker>>,
    path: Path2<RoundId, SeekerId>,
) -> Result<Plain<Explanation>, Problem> {
    let Path2(round, seeker) = path;
    let scope = match who.is.scope() {
        seekers::Scope::All => Scope::All,
        seekers::Scope::Own(own) if own == seeker => Scope::Published,
        seekers::Scope::Own(_) => return Err(Code::NotFound.into()),
    };
    let lang = who.lang;
    who.snapshot(move |conn, _| {
        let wishes = wishes(conn, round, seeker, scope, lang)?;
        let (round_id, job_seeker_id) = (round.uuid(), seeker.uuid());
        Ok(Plain(Explanation { round_id, job_seeker_id, wishes }))
    })
    .await
}
