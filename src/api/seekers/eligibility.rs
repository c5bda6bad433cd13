//! What stands between a person and a quota as of now: every reason, and the points part by part.
//! Must not know: other people, lists. What counts is judged again at the freeze.

use crate::acts::freeze::{candidate, criteria, freeze_day, merits, rubric_of, rules_of};
use crate::acts::frozen::Against;
use crate::api::answer::Plain;
use crate::api::extract::{Path, Query};
use crate::api::guard::{Office, Only, Or, Seeker};
use crate::api::problem::Problem;
use crate::api::reasons::{PointsPart, WhyNot};
use crate::db::quotas::{self, QuotaRow, Scope as Quotas};
use crate::db::seasons::{self, SeasonRow};
use crate::db::seekers::{self, Scope, SeekerRow};
use crate::db::{Conn, Fault, organisations, rights, rounds};
use crate::domain::ids::{QuotaId, SeekerId};
use crate::domain::points::ScoredPart;
use crate::domain::problem::{Code, Reason};
use crate::domain::quotas::shut;
use crate::domain::rulebook::Rulebook;
use crate::texts::Lang;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// For which quota.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AskedQuota {
    /// A quota that the reader may see.
    #[param(format = Uuid)]
    pub quota_id: String,
}

/// Whether a person may have a seat of a quota, and with how many points.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "job_seeker_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11",
    "quota_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12",
    "season_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c13",
    "eligible": false, "freeze_on": "2026-12-20",
    "reasons": [{
        "code": "ak1_missing", "detail": "There is no job seeker's card (AK-1).",
        "rule": {
            "id": "ID-AK1", "valid_from": "2016-01-01", "source": "Permenaker 39/2016",
            "confidence": "H", "fictional": false
        }
    }],
    "points": 30, "parts": [{ "kind": "experience", "value": 36, "points": 30 }]
}))]
pub struct Eligibility {
    pub job_seeker_id: Uuid,
    pub quota_id: Uuid,
    pub season_id: Uuid,
    pub eligible: bool,
    /// The day whose facts count, in Jakarta.
    pub freeze_on: NaiveDate,
    /// Every reason against a seat.
    pub reasons: Vec<WhyNot>,
    /// By the rubric that the season publishes.
    pub points: i64,
    pub parts: Vec<PointsPart>,
}

fn part(part: &ScoredPart) -> PointsPart {
    let kind = part.kind.as_str().to_owned();
    PointsPart { kind, value: part.value, points: part.points }
}

fn against(
    conn: &mut Conn<'_>,
    row: &SeekerRow,
    quota: &QuotaRow,
    season: &SeasonRow,
    rules: &Rulebook,
) -> Result<Vec<Reason>, Fault> {
    let elsewhere = rounds::seated_elsewhere(conn, season.id, freeze_day(season), Some(row.id))?;
    let candidate = candidate(row, !elsewhere.is_empty());
    let mut reasons = criteria(quota, season, rules).judge(&candidate).reasons;
    let is_suspended = organisations::suspended(conn)?.contains(&quota.organisation_id);
    reasons.extend(shut(quota.state, is_suspended));
    if rights::lies_still(conn, row.id)? {
        reasons.push(Code::ProcessingRestricted.into());
    }
    Ok(reasons)
}

fn judged(
    conn: &mut Conn<'_>,
    (seeker, scope): (SeekerId, Scope),
    quota: QuotaId,
    rules: &Rulebook,
    lang: Lang,
) -> Result<Eligibility, Problem> {
    let row = seekers::get(conn, seeker, scope)?;
    let seen = if scope == Scope::All { Quotas::All } else { Quotas::Open };
    let quota = quotas::get(conn, quota, seen)?;
    let season = seasons::get(conn, quota.season_id)?;
    // Those of the day of the opening, once there was one.
    let frozen = season.rules.is_some().then(|| rules_of(&season)).transpose()?;
    let reasons = against(conn, &row, &quota, &season, frozen.as_ref().unwrap_or(rules))?;
    let points = rubric_of(&season)?.score(&merits(&row), quota.sector);
    Ok(Eligibility {
        job_seeker_id: seeker.uuid(),
        quota_id: quota.id.uuid(),
        season_id: season.id.uuid(),
        eligible: reasons.is_empty(),
        freeze_on: freeze_day(&season),
        reasons: reasons.into_iter().map(|r| WhyNot::of(&Against::from(r), lang)).collect(),
        points: points.total,
        parts: points.parts.iter().map(part).collect(),
    })
}

pub async fn get_eligibility(
    who: Only<Or<Office, Seeker>>,
    id: Path<SeekerId>,
    query: Query<AskedQuota>,
) -> Result<Plain<Eligibility>, Problem> {
    let wrong = |_| Problem::from(Code::ParameterInvalid.with("name", "quota_id"));
    let quota: QuotaId = query.0.quota_id.parse().map_err(wrong)?;
    let (scope, app, lang) = (who.is.scope(), who.app().clone(), who.lang);
    who.snapshot(move |conn, _| judged(conn, (id.0, scope), quota, &app.rules, lang).map(Plain))
        .await
}
