//! Rounds on the wire. Must not know: rows other than those it is made from.

use crate::api::answer::{Resource, page};
use crate::db::inputs::InputRow;
use crate::db::rounds::RoundRow;
use crate::db::seasons::SeasonRow;
use crate::db::types::Json;
use crate::domain::disclosure::Told;
use crate::domain::rounds::RoundState;
use crate::domain::time::Instant;
use crate::matching::ENGINE;
use crate::matching::lottery::hex;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Where the last admitted at a full node stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Cutoff {
    pub class: u8,
    pub points: u32,
    pub lottery: u64,
}

/// A node of the tree of caps: season, allocation, employer there, or quota.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RoundNode {
    pub node: String,
    pub cap: u32,
    /// Outside the office only where no hidden count follows from it.
    #[schema(required = true)]
    pub filled: Option<u32>,
    /// Of full nodes with 3 seats or more; outside the office only beside `filled`.
    #[schema(required = true)]
    pub cutoff: Option<Cutoff>,
}

/// A remark on the input.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RoundLint {
    pub code: String,
    #[schema(required = true)]
    pub node: Option<String>,
}

/// A round with its proof. Outside the office only the digests are told before publication; seed
/// and secret come with it. A void round has neither counts nor cutoffs there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11",
    "season_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12", "state": "published",
    "job_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c13", "input_version": 1, "engine": "musiman/reference/1",
    "placed": 298, "unplaced": 3900, "secret_commitment": "ab12", "season_key_commitment": "cd34",
    "input_digest": "9f2c", "root": "77ab", "tree_size": 4198, "beacon_name": "drand",
    "beacon_value": "9f2c6e0d", "beacon_source": "https://api.drand.sh/public/4711111",
    "beacon_at": "2026-12-24T10:00:00Z", "seed": "55aa", "secret": "01ff",
    "instance_digest": "1234", "outcome_digest": "5678",
    "nodes": [{ "node": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c14", "cap": 8, "filled": 8,
                "cutoff": { "class": 1, "points": 42, "lottery": 1_234_567 } }],
    "lints": [{ "code": "keys_differ", "node": null }], "computed_at": "2026-12-25T01:00:00Z",
    "approved_at": "2026-12-25T02:00:00Z", "published_at": "2026-12-25T03:00:00Z",
    "updated_at": "2026-12-25T03:00:00Z"
}))]
pub struct Round {
    pub id: Uuid,
    pub season_id: Uuid,
    pub state: RoundState,
    #[schema(required = true)]
    pub job_id: Option<Uuid>,
    pub input_version: i32,
    pub engine: String,
    #[schema(required = true)]
    pub placed: Option<i64>,
    #[schema(required = true)]
    pub unplaced: Option<i64>,
    #[schema(required = true)]
    pub secret_commitment: Option<String>,
    #[schema(required = true)]
    pub season_key_commitment: Option<String>,
    pub input_digest: String,
    pub root: String,
    pub tree_size: i64,
    #[schema(required = true)]
    pub beacon_name: Option<String>,
    #[schema(required = true)]
    pub beacon_value: Option<String>,
    #[schema(required = true)]
    pub beacon_source: Option<String>,
    #[schema(required = true)]
    pub beacon_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub seed: Option<String>,
    #[schema(required = true)]
    pub secret: Option<String>,
    #[schema(required = true)]
    pub instance_digest: Option<String>,
    #[schema(required = true)]
    pub outcome_digest: Option<String>,
    pub nodes: Vec<RoundNode>,
    pub lints: Vec<RoundLint>,
    #[schema(required = true)]
    pub computed_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub approved_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub published_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl Resource for Round {
    fn version(&self) -> i64 {
        self.version
    }
    fn location(&self) -> String {
        format!("/v1/rounds/{}", self.id)
    }
}

pub fn read<T: serde::de::DeserializeOwned>(column: Option<Json>) -> Vec<T> {
    column.and_then(|json| serde_json::from_value(json.0).ok()).unwrap_or_default()
}

impl Round {
    pub fn of(row: RoundRow, season: &SeasonRow, input: InputRow, to_office: bool) -> Self {
        let is_told = row.state == RoundState::Published;
        let text = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(hex);
        let whole = Self {
            id: row.id.uuid(),
            season_id: row.season_id.uuid(),
            state: row.state,
            job_id: Some(row.job_id.uuid()),
            input_version: row.input_version,
            engine: ENGINE.to_owned(),
            placed: row.placed,
            unplaced: row.unplaced,
            secret_commitment: text(&season.secret_commitment),
            season_key_commitment: text(&season.season_key_commitment),
            input_digest: hex(&input.open.digest),
            root: hex(&input.open.root),
            tree_size: input.open.tree_size,
            beacon_name: input.open.beacon_name,
            beacon_value: input.open.beacon_value,
            beacon_source: input.open.beacon_source,
            beacon_at: input.open.beacon_at.map(Instant::utc),
            seed: text(&input.seed).filter(|_| is_told),
            secret: text(&row.secret_revealed),
            instance_digest: row.instance_digest,
            outcome_digest: row.outcome_digest,
            nodes: read(row.nodes),
            lints: read(row.lints),
            computed_at: row.computed_at.map(Instant::utc),
            approved_at: row.approved_at.map(Instant::utc),
            published_at: row.published_at.map(Instant::utc),
            updated_at: row.updated_at.utc(),
            version: row.version,
        };
        match row.state {
            _ if to_office => whole,
            RoundState::Published => Self { job_id: None, ..whole },
            RoundState::Void => whole.by_digest(),
            _ => whole.by_digest().before_the_end(),
        }
    }

    /// With the counts that may be told outside the office.
    pub fn told_outside(self, told: &Told) -> Self {
        let count = |count: Option<u64>| count.and_then(|n| i64::try_from(n).ok());
        Self {
            placed: count(told.placed),
            unplaced: count(told.unplaced),
            nodes: super::told::nodes(told, self.nodes),
            ..self
        }
    }

    fn by_digest(self) -> Self {
        let (job_id, placed, unplaced) = (None, None, None);
        Self { job_id, placed, unplaced, nodes: vec![], lints: vec![], ..self }
    }

    fn before_the_end(self) -> Self {
        Self {
            beacon_name: None,
            beacon_value: None,
            beacon_source: None,
            beacon_at: None,
            computed_at: None,
            approved_at: None,
            ..self
        }
    }
}

page!(
    /// Rounds of a season.
    RoundPage of Round
);

/// A list by pages.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Pages {
    /// 1 to 100, 20 unless told.
    #[param(nullable = false, minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(nullable = false)]
    pub cursor: Option<String>,
}
