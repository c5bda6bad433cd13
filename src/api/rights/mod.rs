//! What people ask about their own data: ask, read, withdraw. The desk answers in `desk`.
//! Must not know: how words are sealed.

mod corrections;
mod desk;
mod export;
mod files;
mod told;
mod wire;

pub use desk::{
    check_data_request_identity, decide_data_request, get_data_request, lift_restriction,
    list_data_requests,
};

pub use export::{get_export, get_export_page};
pub use files::{add_evidence_file, get_evidence_file, list_evidence_files};

use super::answer::{Created, Plain, Tagged, tag_of};
use super::cursor::{self, After, Paging};
use super::extract::{IfMatch, Json, Key, Path, Query};
use super::guard::{Only, Seeker};
use super::problem::Problem;
use super::sight::Sight;
use crate::db::rights::{self as table, Filter, RequestRow};
use crate::db::seekers::{self, Scope};
use crate::db::{Conn, Tx, inputs, rounds};
use crate::domain::ids::{DataRequestId, RoundId, SeekerId};
use crate::domain::lifecycle::{decide, leads_to};
use crate::domain::problem::{Code, Problems};
use crate::domain::rights::{NewRequest, RequestEvent, clocks};
use crate::domain::roles::Role;
use crate::domain::time::Instant;
use crate::texts::Lang;
use wire::{DataRequest, DataRequestLine, DataRequestPage, MakeDataRequest};

/// How a request is shown to this caller.
#[derive(Clone, Copy)]
struct Eyes {
    sight: Sight,
    lang: Lang,
    scope: Scope,
}

impl Eyes {
    fn shown(
        self,
        conn: &Conn<'_>,
        row: &RequestRow,
        now: Instant,
    ) -> Result<DataRequest, Problem> {
        let words = row.open(conn)?;
        Ok(DataRequest::shown(self.sight, row, words, (now, self.lang)))
    }

    fn show(
        self,
        conn: &mut Conn<'_>,
        id: DataRequestId,
        now: Instant,
    ) -> Result<DataRequest, Problem> {
        let row = table::get(conn, id, self.scope)?;
        self.shown(conn, &row, now)
    }
}

fn own(who: &Only<Seeker>) -> Eyes {
    Eyes { sight: who.sight(), lang: who.lang, scope: Scope::Own(who.is.seeker) }
}

/// A published round that decided about the person.
fn has_result(tx: &mut Tx<'_>, seeker: SeekerId, round: RoundId) -> Result<(), Problem> {
    let found = match rounds::get(tx, round, rounds::Scope::Published) {
        Ok(round) => inputs::holds(tx, (round.season_id, round.input_version), seeker)?,
        Err(crate::db::Fault::NotFound) => false,
        Err(fault) => return Err(fault.into()),
    };
    if found {
        return Ok(());
    }
    let mut p = Problems::default();
    p.add("/round_id", Code::RoundUnknown);
    Err(p.into())
}

/// What can be told at once is told at once: a value that the record cannot have, another's round.
fn may_ask(tx: &mut Tx<'_>, seeker: SeekerId, new: &NewRequest) -> Result<(), Problem> {
    // An erased person has nothing left to ask about.
    seekers::get(tx, seeker, Scope::All)?;
    if !new.corrections.is_empty() {
        corrections::fit(tx, seeker, &new.corrections)?;
    }
    new.round.map_or(Ok(()), |round| has_result(tx, seeker, round))
}

pub async fn make_data_request(
    who: Only<Seeker>,
    key: Key,
    body: Json<MakeDataRequest>,
) -> Result<Created<DataRequest>, Problem> {
    let Json(new, seen) = body;
    let (eyes, seeker, app) = (own(&who), who.is.seeker, who.app().clone());
    who.once(
        key,
        seen,
        move |tx, now, id| {
            may_ask(tx, seeker, &new)?;
            table::insert(tx, id.into(), seeker, &new, clocks(now, &app.rules)?)?;
            Ok(None)
        },
        move |tx, id| {
            let now = tx.now;
            eyes.show(tx, id.into(), now).map(Created)
        },
    )
    .await
}

pub async fn get_own_data_request(
    who: Only<Seeker>,
    id: Path<DataRequestId>,
) -> Result<Tagged<DataRequest>, Problem> {
    let eyes = own(&who);
    who.read(move |conn, now| eyes.show(conn, id.0, now).map(Tagged)).await
}

/// A page of lines, and the cursor of the next one.
fn lines(
    conn: &mut Conn<'_>,
    now: Instant,
    (list, filter): (&str, &Filter),
    (limit, given): (i64, Option<&str>),
) -> Result<DataRequestPage, Problem> {
    let after = given.map(|text| cursor::read(conn.seal, list, text)).transpose()?;
    let rows = table::page(conn, filter, after.map(|a| a.id.into()), limit + 1)?;
    let at = |row: &RequestRow| After { order: 0, id: row.id.uuid() };
    let (rows, end) = cursor::page(rows, limit, at);
    Ok(DataRequestPage {
        data: rows.iter().map(|row| DataRequestLine::of(row, now)).collect(),
        next_cursor: end.map(|end| cursor::write(conn.seal, list, end)),
    })
}

pub async fn list_own_data_requests(
    who: Only<Seeker>,
    query: Query<Paging>,
) -> Result<Plain<DataRequestPage>, Problem> {
    let Paging { limit, cursor } = query.0;
    let limit = cursor::limit(limit)?;
    let filter = Filter { seeker: Some(who.is.seeker), ..Filter::default() };
    let list = format!("own-data-requests {}", who.is.seeker);
    who.read(move |conn, now| {
        lines(conn, now, (&list, &filter), (limit, cursor.as_deref())).map(Plain)
    })
    .await
}

/// A restriction begins or ends: the person's own journal tells of it.
fn tell(tx: &mut Tx<'_>, row: &RequestRow, event: &str) -> Result<(), Problem> {
    let detail = serde_json::json!({ "data_request": row.id.to_string() });
    Ok(tx.journal(seekers::SUBJECT, row.seeker_id.uuid(), event, Some(detail))?)
}

fn withdraw(
    tx: &mut Tx<'_>,
    id: DataRequestId,
    tag: &IfMatch,
    eyes: Eyes,
) -> Result<DataRequest, Problem> {
    let (row, now) = (table::get(tx, id, eyes.scope)?, tx.now);
    let present = eyes.shown(tx, &row, now)?;
    if leads_to(RequestEvent::Withdraw, row.state) && tx.repeats(row.changed_by) {
        return Ok(present);
    }
    tag.holds(row.version, || tag_of(&present))?;
    let step = decide(row.state, RequestEvent::Withdraw, Role::Seeker)
        .map_err(|r| Problem::state(r, tag_of(&present)))?;
    let restricted = row.restricts();
    let row = table::keep(tx, &row, step, None)?;
    if restricted {
        tell(tx, &row, "lift_restriction")?;
    }
    eyes.shown(tx, &row, now)
}

pub async fn withdraw_data_request(
    who: Only<Seeker>,
    id: Path<DataRequestId>,
    tag: IfMatch,
) -> Result<Tagged<DataRequest>, Problem> {
    let eyes = own(&who);
    who.write(move |tx, _| withdraw(tx, id.0, &tag, eyes).map(Tagged)).await
}
