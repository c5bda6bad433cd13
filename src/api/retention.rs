//! Which records go soon because their time is over. Must not know: what erases them.

use super::answer::{Plain, page};
use super::cursor::{self, After, Paging};
use super::extract::Query;
use super::guard::{Lead, Only};
use super::problem::Problem;
use crate::acts::forget_people::{Expiring, expiring};
use crate::domain::retention::Keeping;
use crate::domain::time::Zone;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A record that is not kept for long any more. Whatever changes it keeps it for longer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "job_seeker_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "kept_until": "2028-11-24"
}))]
pub struct ExpiringRecord {
    pub job_seeker_id: Uuid,
    /// The last day in Asia/Jakarta, by `DP-KEEP`.
    pub kept_until: NaiveDate,
}

page!(
    /// Records that go within the days of notice; a page may be short though more follow.
    ExpiringPage of ExpiringRecord
);

impl From<Expiring> for ExpiringRecord {
    fn from(one: Expiring) -> Self {
        Self { job_seeker_id: one.seeker.uuid(), kept_until: one.until }
    }
}

pub async fn list_expiring(
    who: Only<Lead>,
    query: Query<Paging>,
) -> Result<Plain<ExpiringPage>, Problem> {
    const LIST: &str = "expiring";
    let limit = cursor::limit(query.0.limit)?;
    let today = who.now().day_in(Zone::Jakarta);
    let keeping = Keeping::on(today, &who.app().rules)?;
    who.snapshot(move |conn, _| {
        let after = query.0.cursor.map(|text| cursor::read(conn.seal, LIST, &text)).transpose()?;
        let after = after.map(|after| after.id.into());
        let (due, end) = expiring(conn, (&keeping, keeping.notice(today)), after, limit)?;
        let at = |id: Uuid| cursor::write(conn.seal, LIST, After { order: 0, id });
        let next_cursor = end.map(|seeker| at(seeker.uuid()));
        Ok(Plain(ExpiringPage { data: due.into_iter().map(Into::into).collect(), next_cursor }))
    })
    .await
}
