//! Reasons against a seat and points as people read them.
//! Must not know: who judged, and when.

use crate::acts::frozen::Against;
use crate::domain::codes::Code;
use crate::domain::rulebook::Confidence;
use crate::domain::time::Day;
use crate::texts::{self, Lang};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// The rule behind a reason.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "KR-AGE-MOU", "valid_from": "2025-01-01", "source": "MOJ guideline 2025",
    "confidence": "H", "fictional": false
}))]
pub struct RuleBehind {
    pub id: String,
    pub valid_from: NaiveDate,
    pub source: String,
    pub confidence: Confidence,
    /// Holds in the demonstration only.
    pub fictional: bool,
}

impl RuleBehind {
    /// `None` if no rule is cited: a rule that is missing has no days and no source.
    fn of(against: &Against) -> Option<Self> {
        let fact = |name: &str| against.facts.get(name);
        Some(Self {
            id: fact("rule")?.clone(),
            valid_from: fact("rule_valid_from")?.parse::<Day>().ok()?,
            source: fact("rule_source")?.clone(),
            confidence: fact("rule_confidence")?.parse().ok()?,
            fictional: fact("rule_fictional").is_some_and(|said| said == "true"),
        })
    }
}

/// A reason against a seat.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "ak1_missing", "detail": "There is no job seeker's card (AK-1).",
    "rule": {
        "id": "ID-AK1", "valid_from": "2016-01-01", "source": "Permenaker 39/2016",
        "confidence": "H", "fictional": false
    }
}))]
pub struct WhyNot {
    pub code: String,
    /// The reason with its figures, in the reader's language.
    pub detail: String,
    #[schema(required = true)]
    pub rule: Option<RuleBehind>,
}

impl WhyNot {
    pub fn of(against: &Against, lang: Lang) -> Self {
        let facts: Vec<(&str, String)> =
            against.facts.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        let said = against.code.parse::<Code>().map(|code| texts::text(lang, code, &facts));
        Self {
            code: against.code.clone(),
            detail: said.unwrap_or_else(|_| against.code.clone()),
            rule: RuleBehind::of(against),
        }
    }
}

/// What one part of the rubric gave.
#[derive(Debug, Serialize, ToSchema)]
pub struct PointsPart {
    pub kind: String,
    /// Months, levels or hours.
    pub value: i64,
    pub points: i64,
}
