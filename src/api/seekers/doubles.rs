//! Who may be the double of a record. Must not know: what becomes of doubles.

use super::wire::JobSeekerLine;
use crate::api::answer::Plain;
use crate::api::extract::Path;
use crate::api::guard::{Office, Only};
use crate::api::problem::Problem;
use crate::db::seekers::{self as table, Alike, Scope};
use crate::domain::ids::SeekerId;
use crate::domain::merges::Likeness;
use serde::Serialize;
use utoipa::ToSchema;

/// Most records that are alike in one thing.
const ALIKE_MAX: i64 = 50;

/// A record that may be of the same human being.
#[derive(Debug, Serialize, ToSchema)]
pub struct Double {
    record: JobSeekerLine,
    /// What is the same: the name as it is looked up and the birth date, the telephone, or the
    /// passport.
    same: Vec<Likeness>,
}

/// Records alike to one, those first that share the most.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "data": [{ "record": {
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "name": "Siti Contoh", "born_on": "1996-03-07",
    "sex": "female", "kecamatan": "321618", "farm_months": 36, "fishery_months": 0,
    "korean_level": 1, "state": "registered", "identity": "matches", "merged_into": null,
    "updated_at": "2026-11-24T03:00:00Z"
}, "same": ["name_and_birth_date", "phone"] }] }))]
pub struct Doubles {
    data: Vec<Double>,
}

fn gathered(all: Vec<Alike>) -> Vec<Double> {
    let mut found: Vec<(SeekerId, Double)> = Vec::new();
    for (likeness, line) in all {
        if let Some((_, double)) = found.iter_mut().find(|(id, _)| *id == line.id) {
            double.same.push(likeness);
        } else {
            let (id, record) = (line.id, JobSeekerLine::of(line, None));
            found.push((id, Double { record, same: vec![likeness] }));
        }
    }
    found.sort_by_key(|(id, double)| (std::cmp::Reverse(double.same.len()), *id));
    found.into_iter().map(|(_, double)| double).collect()
}

pub async fn list_doubles(
    who: Only<Office>,
    id: Path<SeekerId>,
) -> Result<Plain<Doubles>, Problem> {
    who.snapshot(move |conn, _| {
        let row = table::get(conn, id.0, Scope::All)?;
        let all = table::alike(conn, &row, ALIKE_MAX)?;
        // Who asks learns that they share an identifier.
        for (_, line) in &all {
            conn.sees((table::SUBJECT, line.id.uuid()));
        }
        Ok(Plain(Doubles { data: gathered(all) }))
    })
    .await
}
