//! The office's desk: look somebody up by an identifier, and correct a record.
//! Must not know: how identifiers are sealed.

use super::wire::{JobSeeker, JobSeekerLine, RegisterSeeker};
use super::{is_free, show};
use crate::api::answer::{Plain, Tagged, tag_of};
use crate::api::extract::{IfMatch, Json, Patch, Path, Wire};
use crate::api::guard::{Office, Only};
use crate::api::problem::Problem;
use crate::api::sight::Sight;
use crate::db::seekers::{self as table, Scope, SeekerLine, SeekerRow};
use crate::db::{Conn, Fault, Tx, accounts, merges};
use crate::domain::identity::{Name, Nik, Phone};
use crate::domain::ids::SeekerId;
use crate::domain::problem::{Code, Problems};
use crate::domain::seekers::{NewSeeker, SeekerState, differences};
use crate::domain::time::Zone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// Most people that a search shows: more is no search.
const FOUND_MAX: i64 = 50;

/// Exactly one of the three. In the body, so that no log of addresses holds an identifier.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "nik": "3216184703960002" }))]
pub struct SearchSeekers {
    #[serde(default)]
    #[validate(length(min = 1, max = 40))]
    pub nik: Option<String>,
    /// How the name begins.
    #[serde(default)]
    #[validate(length(min = 1, max = 120))]
    pub name: Option<String>,
    #[serde(default)]
    #[validate(length(min = 1, max = 40))]
    pub phone: Option<String>,
}

/// What to look for.
pub enum Sought {
    Nik(Nik),
    Name(Name),
    Phone(Phone),
}

impl Wire for SearchSeekers {
    type Value = Sought;

    fn value(self) -> Result<Sought, Problems> {
        let mut p = Problems::default();
        let given = [&self.nik, &self.name, &self.phone].into_iter().flatten().count();
        let nik = p.maybe("/nik", self.nik, |t| Nik::parse(&t)).flatten().map(Sought::Nik);
        let name = p.maybe("/name", self.name, |t| Name::parse(&t)).flatten().map(Sought::Name);
        let phone = p.maybe("/phone", self.phone, |t| Phone::parse(&t)).flatten();
        match given {
            0 => p.add("", Code::Missing),
            1 => {}
            _ => p.add("", Code::TooMany.with("max", 1)),
        }
        p.done(|| nik.or(name).or(phone.map(Sought::Phone)))
    }
}

/// The people found, 50 at most.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "data": [{
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "name": "Siti Contoh", "born_on": "1996-03-07",
    "sex": "female", "kecamatan": "321618", "farm_months": 36, "fishery_months": 0,
    "korean_level": 1, "state": "registered", "identity": "matches",
    "merged_into": null, "updated_at": "2026-11-24T03:00:00Z"
}], "by_wrong_nik": false }))]
pub struct JobSeekersFound {
    pub data: Vec<JobSeekerLine>,
    /// The NIK was that of a double; the record that it was merged into has another.
    pub by_wrong_nik: bool,
}

/// The record that stands, for the double that a NIK found.
fn led_on(conn: &mut Conn<'_>, lines: &mut Vec<SeekerLine>) -> Result<bool, Fault> {
    let Some(at) = lines.iter().position(|line| line.state == SeekerState::Erased) else {
        return Ok(false);
    };
    let double = lines.remove(at);
    if let Some(standing) = merges::standing(conn, double.id)? {
        lines.push(table::line(conn, standing)?);
    }
    Ok(true)
}

pub async fn search_seekers(
    who: Only<Office>,
    body: Json<SearchSeekers>,
) -> Result<Plain<JobSeekersFound>, Problem> {
    let sought = body.0;
    who.snapshot(move |conn, _| {
        let mut lines = match &sought {
            Sought::Nik(nik) => table::by_nik(conn, nik, FOUND_MAX),
            Sought::Name(name) => table::by_name(conn, name.as_str(), FOUND_MAX),
            Sought::Phone(phone) => table::by_phone(conn, phone, FOUND_MAX),
        }?;
        let by_wrong_nik = led_on(conn, &mut lines)?;
        // Who asks by an identifier learns that it is this person's.
        for line in &lines {
            conn.sees((table::SUBJECT, line.id.uuid()));
        }
        let data = lines.into_iter().map(|line| JobSeekerLine::of(line, None)).collect();
        Ok(Plain(JobSeekersFound { data, by_wrong_nik }))
    })
    .await
}

type Changed = (NewSeeker, Vec<&'static str>);

/// What the record would say, and in which members that is another thing; or every problem of it.
fn changed(
    tx: &Tx<'_>,
    row: &SeekerRow,
    patch: &Patch<RegisterSeeker>,
) -> Result<Changed, Problem> {
    let old = row.open(tx)?;
    let new = patch.onto(&RegisterSeeker::from(&old))?;
    new.check_days(tx.now.day_in(Zone::Jakarta))?;
    let fields = differences(&old, &new);
    Ok((new, fields))
}

/// Brings a record up to what a person asked for.
pub fn corrected(
    tx: &mut Tx<'_>,
    id: SeekerId,
    patch: &Patch<RegisterSeeker>,
) -> Result<(), Problem> {
    let row = table::get(tx, id, Scope::All)?;
    let (new, fields) = changed(tx, &row, patch)?;
    if !fields.is_empty() {
        table::rewrite(tx, &row, &new, &fields)?;
    }
    if fields.contains(&"nik") {
        accounts::relogin(tx, id, &new.nik)?;
    }
    Ok(())
}

/// Whether a record could be brought up to that.
pub fn could_be(
    tx: &mut Tx<'_>,
    id: SeekerId,
    patch: &Patch<RegisterSeeker>,
) -> Result<(), Problem> {
    let row = table::get(tx, id, Scope::All)?;
    changed(tx, &row, patch).map(drop)
}

fn change(
    tx: &mut Tx<'_>,
    id: SeekerId,
    tag: &IfMatch,
    patch: &Patch<RegisterSeeker>,
    sight: Sight,
) -> Result<Tagged<JobSeeker>, Problem> {
    let row = table::get(tx, id, Scope::All)?;
    let (new, changed) = changed(tx, &row, patch)?;
    if changed.is_empty() && tx.repeats(row.changed_by) {
        return show(tx, (id, Scope::All), sight).map(Tagged);
    }
    let present = show(tx, (id, Scope::All), sight)?;
    tag.holds(row.version, || tag_of(&present))?;
    if !changed.is_empty() {
        is_free(tx, id, &present)?;
        table::rewrite(tx, &row, &new, &changed)?;
        accounts::relogin(tx, id, &new.nik)?;
    }
    show(tx, (id, Scope::All), sight).map(Tagged)
}

pub async fn change_seeker(
    who: Only<Office>,
    id: Path<SeekerId>,
    tag: IfMatch,
    patch: Patch<RegisterSeeker>,
) -> Result<Tagged<JobSeeker>, Problem> {
    let sight = who.sight();
    who.write(move |tx, _| change(tx, id.0, &tag, &patch, sight)).await
}
