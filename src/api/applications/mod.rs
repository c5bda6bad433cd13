//! Applications: hand in a ranked list, read it, withdraw it, until the hour of the freeze.
//! Must not know: who else applies.

mod wire;

pub use wire::{Application, PutApplication};

use super::answer::{Created, Resource as _, Tagged, tag_of};
use super::extract::{IfMatch, Json, Path2, Precondition, Query};
use super::guard::{Office, Only, Or, Seeker};
use super::problem::Problem;
use super::routes::{Describe, Op};
use crate::db::applications::{self as table, ApplicationRow};
use crate::db::seekers::Scope;
use crate::db::types::ApplicationState;
use crate::db::{Conn, Tx, consents, organisations, quotas, rights, seasons, seekers};
use crate::domain::applications::{ListedQuota, RankedList};
use crate::domain::consents::{Purpose, missing};
use crate::domain::ids::{QuotaId, SeasonId, SeekerId};
use crate::domain::problem::{Code, Problems};
use crate::domain::quotas::QuotaState;
use crate::domain::seasons::SeasonState;
use crate::domain::seekers::SeekerState;
use crate::domain::time::Instant;
use actix_web::{HttpRequest, HttpResponse, Responder};
use wire::{Choices, Withdrawal};

/// 201 for the first list, 200 for every later one.
pub enum Put {
    First(Created<Application>),
    Later(Tagged<Application>),
}

impl Responder for Put {
    type Body = actix_web::body::BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::First(made) => made.respond_to(request),
            Self::Later(kept) => kept.respond_to(request),
        }
    }
}

impl Describe for Put {
    fn describe(op: &mut Op) {
        Created::<Application>::describe(op);
        Tagged::<Application>::describe(op);
    }
}

/// Whose list in which season, and on whose behalf.
#[derive(Clone, Copy)]
struct Place {
    season: SeasonId,
    seeker: SeekerId,
    by_office: bool,
}

fn place(who: &Or<Office, Seeker>, path: &Path2<SeasonId, SeekerId>) -> Result<Place, Problem> {
    let Path2(season, seeker) = *path;
    match who.scope() {
        Scope::Own(own) if own != seeker => Err(Code::NotFound.into()),
        scope => Ok(Place { season, seeker, by_office: scope == Scope::All }),
    }
}

fn show(conn: &mut Conn<'_>, at: Place) -> Result<Application, Problem> {
    let row = table::of(conn, at.season, at.seeker)?.ok_or(Code::NotFound)?;
    Ok(Application::of(&row)?)
}

/// Lists change while the season is open and the hour of the freeze has not struck, however late
/// the freeze itself is done.
fn must_be_open(season: &seasons::SeasonRow, now: Instant) -> Result<(), Problem> {
    if season.state != SeasonState::Open {
        return Err(Code::StateConflict.into());
    }
    if now >= season.freeze_at {
        return Err(Code::ListAfterFreeze.with("freeze_at", season.freeze_at).into());
    }
    Ok(())
}

/// A season that applicants may know of, and a person whom the office knows.
fn season_of(conn: &mut Conn<'_>, at: Place) -> Result<seasons::SeasonRow, Problem> {
    let season = seasons::get(conn, at.season)?;
    if season.state == SeasonState::Draft {
        return Err(Code::NotFound.into());
    }
    let person = seekers::get(conn, at.seeker, Scope::All)?;
    if person.state == SeekerState::Draft {
        return Err(Code::StateConflict.into());
    }
    Ok(season)
}

fn known(
    conn: &mut Conn<'_>,
    choices: &[QuotaId],
) -> Result<std::collections::HashMap<QuotaId, ListedQuota>, Problem> {
    let rows = quotas::by_ids(conn, choices)?;
    let suspended = organisations::suspended(conn)?;
    let seen = |state| matches!(state, QuotaState::Open | QuotaState::Withdrawn);
    Ok(rows
        .into_iter()
        .filter(|q| seen(q.state))
        .map(|q| {
            let employer_suspended = suspended.contains(&q.organisation_id);
            (q.id, ListedQuota { season: q.season_id, state: q.state, employer_suspended })
        })
        .collect())
}

/// The office says why; a person needs no reason for the own list.
fn reason(at: Place, given: Option<&str>) -> Result<Option<String>, Problem> {
    match given {
        _ if !at.by_office => Ok(None),
        Some(reason) => Ok(Some(reason.to_owned())),
        None => {
            let mut p = Problems::default();
            p.add("/reason", Code::Missing);
            Err(p.into())
        }
    }
}

fn stands(tx: &Tx<'_>, row: &ApplicationRow, state: ApplicationState) -> bool {
    row.state == state && tx.repeats(row.changed_by)
}

/// The list that counts, of a person who agrees to be matched.
fn checked(
    conn: &mut Conn<'_>,
    at: Place,
    season: &seasons::SeasonRow,
    new: &Choices,
) -> Result<RankedList, Problem> {
    let known = known(conn, &new.choices)?;
    let mut p = Problems::default();
    if consents::in_force(conn, at.seeker, Purpose::Matching)?.is_none() {
        p.add("", missing(Purpose::Matching));
    }
    match RankedList::check(&new.choices, at.season, season.list_max.into(), &known) {
        Ok(list) if p.is_empty() => return Ok(list),
        Ok(_) => {}
        Err(wrong) => p.under("", wrong),
    }
    Err(p.into())
}

fn put(
    tx: &mut Tx<'_>,
    now: Instant,
    at: Place,
    when: &Precondition,
    new: &Choices,
) -> Result<Put, Problem> {
    let season = season_of(tx, at)?;
    let old = table::of(tx, at.season, at.seeker)?;
    if let Some(old) = &old {
        let present = Application::of(old)?;
        if stands(tx, old, ApplicationState::Active) && old.choices()? == new.choices {
            return Ok(Put::Later(Tagged(present)));
        }
        match when {
            Precondition::Absent => return Err(Problem::stale(tag_of(&present))),
            Precondition::Present(tag) => tag.holds(old.version, || tag_of(&present))?,
        }
    } else if matches!(when, Precondition::Present(_)) {
        return Err(Code::VersionStale.into());
    }
    must_be_open(&season, now)?;
    if rights::lies_still(tx, at.seeker)? {
        return Err(Code::ProcessingRestricted.into());
    }
    let reason = reason(at, new.reason.as_deref())?;
    let list = checked(tx, at, &season, new)?;
    match &old {
        Some(old) => table::rewrite(tx, old, &list, reason.as_deref())?,
        None => table::insert(tx, at.season, at.seeker, &list, reason.as_deref())?,
    }
    let shown = show(tx, at)?;
    Ok(if old.is_none() { Put::First(Created(shown)) } else { Put::Later(Tagged(shown)) })
}

pub async fn put_application(
    who: Only<Or<Office, Seeker>>,
    path: Path2<SeasonId, SeekerId>,
    when: Precondition,
    body: Json<PutApplication>,
) -> Result<Put, Problem> {
    let at = place(&who.is, &path)?;
    who.write(move |tx, now| put(tx, now, at, &when, &body.0)).await
}

pub async fn get_application(
    who: Only<Or<Office, Seeker>>,
    path: Path2<SeasonId, SeekerId>,
) -> Result<Tagged<Application>, Problem> {
    let at = place(&who.is, &path)?;
    who.read(move |conn, _| show(conn, at).map(Tagged)).await
}

pub async fn withdraw_application(
    who: Only<Or<Office, Seeker>>,
    path: Path2<SeasonId, SeekerId>,
    tag: IfMatch,
    query: Query<Withdrawal>,
) -> Result<Tagged<Application>, Problem> {
    let at = place(&who.is, &path)?;
    let given = query.0.reason()?;
    who.write(move |tx, now| {
        let season = season_of(tx, at)?;
        let row = table::of(tx, at.season, at.seeker)?.ok_or(Code::NotFound)?;
        let present = Application::of(&row)?;
        if stands(tx, &row, ApplicationState::Withdrawn) {
            return Ok(Tagged(present));
        }
        tag.holds(present.version(), || tag_of(&present))?;
        if row.state == ApplicationState::Withdrawn {
            return Err(Code::StateConflict.into());
        }
        must_be_open(&season, now)?;
        let reason = reason(at, given.as_deref())?;
        table::withdraw(tx, &row, reason.as_deref())?;
        show(tx, at).map(Tagged)
    })
    .await
}
