//! Whom a breach touched, and who was told of it. Must not know: how a notice is worded.

use super::wire::{
    AddBreachPeople, Breach, BreachPersonPage, Sent, TellAuthority, TellPeople, Whom,
};
use super::{held, show, told};
use crate::api::answer::{Plain, Tagged};
use crate::api::cursor::{self, After, Paging};
use crate::api::extract::{IfMatch, Json, Path, Query};
use crate::api::guard::{Lead, Only};
use crate::api::problem::Problem;
use crate::db::breaches::{self as table, BreachRow, TouchedRow};
use crate::db::seekers::{self, Filter};
use crate::db::{Conn, Tx};
use crate::domain::breaches::past;
use crate::domain::ids::{BreachId, SeekerId};
use crate::domain::problem::{Code, Problems};

/// People read at a time.
const PAGE: i64 = 1000;

/// The people of the register who are meant; each id must be somebody's.
fn meant(conn: &mut Conn<'_>, whom: &Whom) -> Result<Vec<SeekerId>, Problem> {
    let (kecamatan, state) = match whom {
        Whom::These(ids) => {
            known(conn, ids)?;
            return Ok(ids.clone());
        }
        Whom::Fitting(kecamatan, state) => (*kecamatan, *state),
    };
    let filter = Filter { kecamatan, state, ..Filter::default() };
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = seekers::page(conn, &filter, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(all) };
        after = Some(last.id);
        all.extend(page.iter().map(|line| line.id));
    }
}

fn known(conn: &mut Conn<'_>, ids: &[SeekerId]) -> Result<(), Problem> {
    let there = seekers::known(conn, ids)?;
    let mut p = Problems::default();
    for (index, _) in ids.iter().enumerate().filter(|(_, id)| !there.contains(id)) {
        p.add(&format!("/job_seeker_ids/{index}"), Code::JobSeekerUnknown);
    }
    if p.is_empty() { Ok(()) } else { Err(p.into()) }
}

/// The register is read before the write, which then touches the breach alone.
pub async fn add_breach_people(
    who: Only<Lead>,
    id: Path<BreachId>,
    tag: IfMatch,
    body: Json<AddBreachPeople>,
) -> Result<Tagged<Breach>, Problem> {
    let people = who
        .snapshot(move |conn, _| {
            table::get(conn, id.0)?;
            meant(conn, &body.0)
        })
        .await?;
    who.write(move |tx, now| {
        let row = table::get(tx, id.0)?;
        held(tx, &row, &tag)?;
        table::add_people(tx, &row, &people)?;
        show(tx, id.0, now).map(Tagged)
    })
    .await
}

pub async fn list_breach_people(
    who: Only<Lead>,
    id: Path<BreachId>,
    query: Query<Paging>,
) -> Result<Plain<BreachPersonPage>, Problem> {
    let limit = cursor::limit(query.0.limit)?;
    who.snapshot(move |conn, _| {
        table::get(conn, id.0)?;
        let list = format!("breach people {}", id.0);
        let after = query.0.cursor.map(|text| cursor::read(conn.seal, &list, &text)).transpose()?;
        let rows = table::people(conn, id.0, after.map(|a| a.id.into()), limit + 1)?;
        let at = |row: &TouchedRow| After { order: 0, id: row.seeker_id.uuid() };
        let (rows, end) = cursor::page(rows, limit, at);
        let next_cursor = end.map(|end| cursor::write(conn.seal, &list, end));
        Ok(Plain(BreachPersonPage {
            data: rows.into_iter().map(Into::into).collect(),
            next_cursor,
        }))
    })
    .await
}

/// A notice goes out after the breach was known, and not in the future.
fn check_sent(tx: &Tx<'_>, row: &BreachRow, sent: &Sent) -> Result<(), Problem> {
    let mut p = Problems::default();
    p.at("/sent_at", past(sent.at, Some(row.known_at), tx.now));
    if p.is_empty() { Ok(()) } else { Err(p.into()) }
}

pub async fn tell_authority(
    who: Only<Lead>,
    id: Path<BreachId>,
    tag: IfMatch,
    body: Json<TellAuthority>,
) -> Result<Tagged<Breach>, Problem> {
    let sent = body.0;
    who.write(move |tx, now| {
        let row = table::get(tx, id.0)?;
        let same =
            (row.authority_told_at, row.authority_channel) == (Some(sent.at), Some(sent.channel));
        if same && tx.repeats(row.changed_by) {
            return told(tx, &row, now).map(Tagged);
        }
        held(tx, &row, &tag)?;
        check_sent(tx, &row, &sent)?;
        table::tell_authority(tx, &row, sent.at, sent.channel)?;
        show(tx, id.0, now).map(Tagged)
    })
    .await
}

pub async fn tell_people(
    who: Only<Lead>,
    id: Path<BreachId>,
    tag: IfMatch,
    body: Json<TellPeople>,
) -> Result<Tagged<Breach>, Problem> {
    let sent = body.0;
    who.write(move |tx, now| {
        let row = table::get(tx, id.0)?;
        held(tx, &row, &tag)?;
        check_sent(tx, &row, &sent)?;
        table::tell_people(tx, &row, sent.people.as_deref(), (sent.at, sent.channel))?;
        show(tx, id.0, now).map(Tagged)
    })
    .await
}
