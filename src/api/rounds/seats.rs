//! Seats of a round: everything for the office, bands for partners, the own one for a seeker.
//! Must not know: who is not placed, and why.

use super::wire::Pages;
use crate::api::answer::Plain;
use crate::api::cursor::{self, After};
use crate::api::extract::{Path, Query};
use crate::api::guard::{Office, Only, Or, Partner, Seeker};
use crate::api::problem::Problem;
use crate::db::rounds::{self as table, Scope, SeatLine, Seats};
use crate::db::{Conn, consents};
use crate::domain::consents::sharing;
use crate::domain::ids::{OrganisationId, QuotaId, RoundId, SeekerId};
use crate::domain::organisations::OrganisationKind;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A seat. Partners see bands instead of a person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "quota_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "number": 1,
    "job_seeker_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c12", "name": "Siti Contoh",
    "age_band": "30-39", "experience_band": "36-59"
}))]
pub struct Seat {
    pub quota_id: Uuid,
    /// From 1 on within the quota.
    pub number: i32,
    #[schema(required = true)]
    pub job_seeker_id: Option<Uuid>,
    #[schema(required = true)]
    pub name: Option<String>,
    /// Full years on the first day of the contract. Told to a partner while the person agrees.
    #[schema(required = true)]
    pub age_band: Option<String>,
    /// Months in the quota's sector. Told to a partner while the person agrees.
    #[schema(required = true)]
    pub experience_band: Option<String>,
}

/// A page of seats; a company gets the count only.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeatPage {
    pub data: Vec<Seat>,
    #[schema(required = true)]
    pub next_cursor: Option<String>,
    /// A partner's seats in all.
    #[schema(required = true)]
    pub count: Option<i64>,
}

fn seat(line: &SeatLine, with_person: bool, with_bands: bool) -> Seat {
    Seat {
        quota_id: line.quota.uuid(),
        number: line.number,
        job_seeker_id: with_person.then(|| line.seeker.uuid()),
        name: with_person.then(|| line.name.clone()),
        age_band: with_bands.then(|| line.age_band.clone()),
        experience_band: with_bands.then(|| line.experience_band.clone()),
    }
}

/// An employer's count, and whether that is all it may see.
fn of_employer(
    conn: &mut Conn<'_>,
    round: RoundId,
    own: OrganisationId,
) -> Result<(i64, bool), Problem> {
    let count = table::count_of(conn, round, own)?;
    Ok((count, table::kind_of(conn, own)? == OrganisationKind::Company))
}

/// A partner sees the bands of those who agree that it does.
fn shown(conn: &mut Conn<'_>, whose: Seats, rows: &[SeatLine]) -> Result<Vec<Seat>, Problem> {
    let Seats::Employer(own) = whose else {
        return Ok(rows.iter().map(|line| seat(line, true, true)).collect());
    };
    let people: Vec<SeekerId> = rows.iter().map(|line| line.seeker).collect();
    let purpose = sharing(table::kind_of(conn, own)?);
    let agreeing = consents::holding(conn, purpose, &people)?;
    Ok(rows.iter().map(|line| seat(line, false, agreeing.contains(&line.seeker))).collect())
}

type Reader = Or<Office, Or<Partner, Seeker>>;

fn whose(who: &Reader) -> (Scope, Seats) {
    match who {
        Or::This(_) => (Scope::All, Seats::All),
        Or::That(Or::This(p)) => (Scope::Published, Seats::Employer(p.organisation)),
        Or::That(Or::That(s)) => (Scope::Published, Seats::Person(s.seeker)),
    }
}

pub async fn list_seats(
    who: Only<Reader>,
    id: Path<RoundId>,
    query: Query<Pages>,
) -> Result<Plain<SeatPage>, Problem> {
    let (scope, whose) = whose(&who.is);
    let limit = cursor::limit(query.0.limit)?;
    let list = format!("seats {} {whose:?}", id.0);
    who.snapshot(move |conn, _| {
        let round = table::get(conn, id.0, scope)?.id;
        let mut count = None;
        if let Seats::Employer(own) = whose {
            let (seats, is_all) = of_employer(conn, round, own)?;
            if is_all {
                return Ok(Plain(SeatPage { data: vec![], next_cursor: None, count: Some(seats) }));
            }
            count = Some(seats);
        }
        let after = query.0.cursor.map(|text| cursor::read(conn.seal, &list, &text)).transpose()?;
        let after = after.map(|a| (i32::try_from(a.order).unwrap_or(i32::MAX), QuotaId(a.id)));
        let rows = table::seat_lines(conn, round, whose, after, limit + 1)?;
        let at = |l: &SeatLine| After { order: l.number.into(), id: l.quota.uuid() };
        let (rows, end) = cursor::page(rows, limit, at);
        let data = shown(conn, whose, &rows)?;
        let next_cursor = end.map(|end| cursor::write(conn.seal, &list, end));
        Ok(Plain(SeatPage { data, next_cursor, count }))
    })
    .await
}
