//! Job seekers: register, read, list, look up, change, confirm.
//! Must not know: how identifiers are sealed.

pub(super) mod desk;
mod doubles;
mod eligibility;
pub(super) mod wire;

pub use desk::{change_seeker, search_seekers};
pub use doubles::list_doubles;
pub use eligibility::get_eligibility;
pub use wire::{JobSeeker, RegisterSeeker};

use super::answer::{Created, Noted, Plain, Tagged, tag_of};
use super::cursor::{self, After};
use super::extract::{IfMatch, Json, Key, Path, Query};
use super::guard::{Anybody, Office, Only, Or, Seeker};
use super::problem::Problem;
use super::routes::{Describe, Op};
use super::sight::Sight;
use crate::db::seekers::{self as table, Filter, Scope, SeekerLine};
use crate::db::{Conn, Fault, Tx, consents, merges, rights};
use crate::domain::consents::Channel;
use crate::domain::ids::SeekerId;
use crate::domain::lifecycle::{decide, leads_to};
use crate::domain::places::Kecamatan;
use crate::domain::problem::Code;
use crate::domain::roles::Role;
use crate::domain::seekers::{SeekerEvent, SeekerState};
use crate::domain::time::Zone;
use crate::texts;
use actix_web::{HttpRequest, HttpResponse, Responder};
use std::collections::HashMap;
use wire::{JobSeekerLine, JobSeekerPage, ListSeekers, RegistrationNoted};

impl Or<Office, Seeker> {
    /// Whose records the caller may see.
    pub fn scope(&self) -> Scope {
        match self {
            Self::This(_) => Scope::All,
            Self::That(s) => Scope::Own(s.seeker),
        }
    }
}

pub(super) fn show(
    conn: &mut Conn<'_>,
    (id, scope): (SeekerId, Scope),
    sight: Sight,
) -> Result<JobSeeker, Problem> {
    let row = table::get(conn, id, scope)?;
    let stated = row.open(conn)?;
    Ok(JobSeeker::shown(sight, &row, stated))
}

/// 201 for the office, 202 for everybody else.
pub enum Registered {
    Made(Box<Created<JobSeeker>>),
    Noted(Noted<RegistrationNoted>),
}

impl Responder for Registered {
    type Body = actix_web::body::BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::Made(made) => made.respond_to(request),
            Self::Noted(noted) => noted.respond_to(request),
        }
    }
}

impl Describe for Registered {
    fn describe(op: &mut Op) {
        Created::<JobSeeker>::describe(op);
        Noted::<RegistrationNoted>::describe(op);
        op.refuses(409);
    }
}

pub async fn register_seeker(
    who: Only<Anybody>,
    key: Key,
    body: Json<RegisterSeeker>,
) -> Result<Registered, Problem> {
    let Json(new, seen) = body;
    new.check_days(who.now().day_in(Zone::Jakarta))?;
    let office = who.sight_of_office();
    let state = if office.is_some() { SeekerState::Registered } else { SeekerState::Draft };
    let channel = if office.is_some() { Channel::Desk } else { Channel::App };
    let next = texts::label(who.lang, "registration_next");
    let answer = move |made: Option<JobSeeker>| match made {
        Some(made) => Registered::Made(Box::new(Created(made))),
        None => Registered::Noted(Noted(RegistrationNoted { next })),
    };
    who.once(
        key,
        seen,
        move |tx, _, id| {
            let row = table::insert(tx, id.into(), &new, state)?;
            consents::insert_many(tx, &[row.id], &[consents::Answer::by_law(channel)])?;
            Ok(Some(answer(office.map(|sight| JobSeeker::shown(sight, &row, new.clone())))))
        },
        move |tx, id| {
            let made = office.map(|sight| show(tx, (id.into(), Scope::All), sight));
            made.transpose().map(answer)
        },
    )
    .await
}

/// The office learns where a double went.
fn led_on(conn: &mut Conn<'_>, (id, scope): (SeekerId, Scope), gone: Problem) -> Problem {
    if scope != Scope::All {
        return gone;
    }
    match merges::standing(conn, id) {
        Ok(Some(into)) => Code::RecordMerged.with("into", into).into(),
        _ => gone,
    }
}

pub async fn get_seeker(
    who: Only<Or<Office, Seeker>>,
    id: Path<SeekerId>,
) -> Result<Tagged<JobSeeker>, Problem> {
    let (at, sight) = ((id.0, who.is.scope()), who.sight());
    who.read(move |conn, _| match show(conn, at, sight) {
        Err(gone) if gone.reason.code == Code::NotFound => Err(led_on(conn, at, gone)),
        shown => shown.map(Tagged),
    })
    .await
}

/// The office works on nothing that a person had restricted; what the person asks for itself is
/// done by a data request.
fn is_free(tx: &mut Tx<'_>, id: SeekerId, present: &JobSeeker) -> Result<(), Problem> {
    if !rights::lies_still(tx, id)? {
        return Ok(());
    }
    let mut still = Problem::from(Code::ProcessingRestricted);
    still.tag = Some(tag_of(present));
    Err(still)
}

fn step(
    tx: &mut Tx<'_>,
    id: SeekerId,
    tag: &IfMatch,
    event: SeekerEvent,
    (role, sight): (Role, Sight),
) -> Result<Tagged<JobSeeker>, Problem> {
    let row = table::get(tx, id, Scope::All)?;
    let present = show(tx, (id, Scope::All), sight)?;
    if leads_to(event, row.state) && tx.repeats(row.changed_by) {
        return Ok(Tagged(present));
    }
    tag.holds(row.version, || tag_of(&present))?;
    let step = decide(row.state, event, role).map_err(|r| Problem::state(r, tag_of(&present)))?;
    is_free(tx, id, &present)?;
    table::keep(tx, &row, step)?;
    show(tx, (id, Scope::All), sight).map(Tagged)
}

pub async fn verify_seeker(
    who: Only<Office>,
    id: Path<SeekerId>,
    tag: IfMatch,
) -> Result<Tagged<JobSeeker>, Problem> {
    let by = (who.role()?, who.sight());
    who.write(move |tx, _| step(tx, id.0, &tag, SeekerEvent::Verify, by)).await
}

/// Lines; those of doubles say into which record they went.
fn lines(conn: &mut Conn<'_>, rows: Vec<SeekerLine>) -> Result<Vec<JobSeekerLine>, Fault> {
    let erased = rows.iter().filter(|line| line.state == SeekerState::Erased);
    let erased: Vec<SeekerId> = erased.map(|line| line.id).collect();
    let into = if erased.is_empty() { HashMap::new() } else { merges::survivors(conn, &erased)? };
    let line = |row: SeekerLine| {
        let merged_into = into.get(&row.id).copied();
        JobSeekerLine::of(row, merged_into)
    };
    Ok(rows.into_iter().map(line).collect())
}

pub async fn list_seekers(
    who: Only<Office>,
    query: Query<ListSeekers>,
) -> Result<Plain<JobSeekerPage>, Problem> {
    let query = query.0;
    let limit = cursor::limit(query.limit)?;
    let list = query.list_name();
    let filter = query.filter()?;
    let since = query.since()?;
    let after = query.cursor.clone();
    who.snapshot(move |conn, _| {
        let after = after.map(|text| cursor::read(conn.seal, &list, &text)).transpose()?;
        let (rows, horizon) = match since {
            None => {
                let after = after.map(|a| SeekerId(a.id));
                (table::page(conn, &filter, after, limit + 1)?, None)
            }
            Some(since) => {
                let horizon = conn.horizon()?;
                let after = after.map(|a| (a.order, SeekerId(a.id)));
                let rows = table::changes(conn, &filter, since, horizon, after, limit + 1)?;
                (rows, Some(horizon))
            }
        };
        let at = |line: &table::SeekerLine| After { order: line.changed_tx, id: line.id.uuid() };
        let (rows, end) = cursor::page(rows, limit, at);
        Ok(Plain(JobSeekerPage {
            data: lines(conn, rows)?,
            next_cursor: end.map(|end| cursor::write(conn.seal, &list, end)),
            watermark: horizon.map(|h| h.to_string()),
        }))
    })
    .await
}

impl ListSeekers {
    /// The list's name with its filters: a cursor belongs to these.
    fn list_name(&self) -> String {
        format!(
            "job-seekers {:?} {:?} {:?} {}",
            self.kecamatan,
            self.state,
            self.sector,
            self.updated_since.is_some()
        )
    }

    fn filter(&self) -> Result<Filter, Problem> {
        let wrong = |name: &'static str| Problem::from(Code::ParameterInvalid.with("name", name));
        let kecamatan = self.kecamatan.as_deref().map(Kecamatan::by_code).transpose();
        let (farmers, fishers) = match self.sector.as_deref() {
            None => (false, false),
            Some("agriculture") => (true, false),
            Some("fishery") => (false, true),
            Some(_) => return Err(wrong("sector")),
        };
        let kecamatan = kecamatan.map_err(|_| wrong("kecamatan"))?;
        Ok(Filter { kecamatan, state: self.state, farmers, fishers })
    }

    fn since(&self) -> Result<Option<i64>, Problem> {
        let parsed = self.updated_since.as_deref().map(str::parse::<i64>).transpose();
        match parsed {
            Ok(since) if since.is_none_or(|s| s >= 0) => Ok(since),
            _ => Err(Code::WatermarkInvalid.into()),
        }
    }
}
