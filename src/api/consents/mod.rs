//! Consents: what is asked, what a person agreed to, and the end of it.
//! Must not know: what hangs on a purpose.

mod wire;

use super::answer::{Created, Plain, Tagged, tag_of};
use super::cursor::{self, After, Paging};
use super::extract::{IfMatch, Json, Key, Path, Query};
use super::guard::{Anybody, Office, Only, Or, Seeker};
use super::problem::Problem;
use crate::db::consents::{self as table, Answer, ConsentRow};
use crate::db::seekers::{self, Scope};
use crate::db::{Conn, Tx};
use crate::domain::consents::{Basis, Channel, ConsentEvent, ConsentState, shown, texts_on};
use crate::domain::ids::{ConsentId, SeekerId};
use crate::domain::lifecycle::decide;
use crate::domain::problem::{Code, Problems};
use crate::domain::roles::Role;
use crate::domain::time::{Day, Zone, past_day};
pub use wire::Consent;
use wire::{ConsentPage, ConsentTexts, GiveConsent, RecordConsent, Said, Withdrawal};

pub async fn list_consent_texts(who: Only<Anybody>) -> Result<Plain<ConsentTexts>, Problem> {
    let today = who.now().day_in(Zone::Jakarta);
    Ok(Plain(ConsentTexts { data: texts_on(today).into_iter().map(Into::into).collect() }))
}

fn show(conn: &mut Conn<'_>, id: ConsentId, scope: Scope) -> Result<Consent, Problem> {
    Ok(table::get(conn, id, scope)?.into())
}

/// The answer with the wording that was asked on its day.
fn answer(said: &Said, today: Day) -> Result<Answer, Problems> {
    let mut p = Problems::default();
    let day = p.at("/signed_on", past_day(said.signed_on.unwrap_or(today), today));
    let Some(day) = day else { return Err(p) };
    let (basis, shown) = shown(said.purpose, said.text_version, said.language.as_str(), day)?;
    let (purpose, channel, signed_on) = (said.purpose, said.channel, said.signed_on);
    Ok(Answer { purpose, basis, shown: Some(shown), channel, signed_on })
}

/// Keeps an answer in the place of an older one to the same purpose.
fn give(
    tx: &mut Tx<'_>,
    id: ConsentId,
    (seeker, role): (SeekerId, Role),
    said: &Said,
) -> Result<(), Problem> {
    seekers::get(tx, seeker, Scope::All)?;
    let answer = answer(said, tx.now.day_in(Zone::Jakarta))?;
    if let Some(old) = table::in_force(tx, seeker, said.purpose)? {
        let stands = old.text_digest.as_ref() == answer.shown.as_ref().map(|s| &s.digest);
        if stands {
            return Err(Code::ConsentStands.into());
        }
        let step = decide(old.state, ConsentEvent::Replace, role);
        let step = step.map_err(|r| Problem::state(r, tag_of(&Consent::from(old.clone()))))?;
        table::end(tx, &old, step, said.channel)?;
    }
    Ok(table::insert(tx, id, seeker, &answer)?)
}

pub async fn give_consent(
    who: Only<Seeker>,
    key: Key,
    body: Json<GiveConsent>,
) -> Result<Created<Consent>, Problem> {
    let (by, Json(said, seen)) = ((who.is.seeker, Role::Seeker), body);
    who.once(
        key,
        seen,
        move |tx, _, id| give(tx, id.into(), by, &said).map(|()| None),
        move |tx, id| show(tx, id.into(), Scope::Own(by.0)).map(Created),
    )
    .await
}

pub async fn record_consent(
    who: Only<Office>,
    id: Path<SeekerId>,
    key: Key,
    body: Json<RecordConsent>,
) -> Result<Created<Consent>, Problem> {
    let (by, Json(said, seen)) = ((id.0, who.role()?), body);
    who.once(
        key,
        seen,
        move |tx, _, id| give(tx, id.into(), by, &said).map(|()| None),
        |tx, id| show(tx, id.into(), Scope::All).map(Created),
    )
    .await
}

fn listed(
    conn: &mut Conn<'_>,
    seeker: SeekerId,
    paging: Paging,
) -> Result<Plain<ConsentPage>, Problem> {
    let limit = cursor::limit(paging.limit)?;
    seekers::get(conn, seeker, Scope::All)?;
    let list = format!("consents {seeker}");
    let after = paging.cursor.map(|text| cursor::read(conn.seal, &list, &text)).transpose()?;
    let rows = table::page(conn, seeker, after.map(|a| a.id.into()), limit + 1)?;
    let at = |row: &ConsentRow| After { order: 0, id: row.id.uuid() };
    let (rows, end) = cursor::page(rows, limit, at);
    let next_cursor = end.map(|end| cursor::write(conn.seal, &list, end));
    Ok(Plain(ConsentPage { data: rows.into_iter().map(Into::into).collect(), next_cursor }))
}

pub async fn list_own_consents(
    who: Only<Seeker>,
    query: Query<Paging>,
) -> Result<Plain<ConsentPage>, Problem> {
    let seeker = who.is.seeker;
    who.snapshot(move |conn, _| listed(conn, seeker, query.0)).await
}

pub async fn list_consents(
    who: Only<Office>,
    id: Path<SeekerId>,
    query: Query<Paging>,
) -> Result<Plain<ConsentPage>, Problem> {
    who.snapshot(move |conn, _| listed(conn, id.0, query.0)).await
}

pub async fn get_consent(
    who: Only<Or<Office, Seeker>>,
    id: Path<ConsentId>,
) -> Result<Tagged<Consent>, Problem> {
    let scope = who.is.scope();
    who.read(move |conn, _| show(conn, id.0, scope).map(Tagged)).await
}

fn withdraw(
    tx: &mut Tx<'_>,
    id: ConsentId,
    tag: &IfMatch,
    (scope, role): (Scope, Role),
    channel: Channel,
) -> Result<Tagged<Consent>, Problem> {
    let row = table::get(tx, id, scope)?;
    let present = Consent::from(row.clone());
    if row.state == ConsentState::Withdrawn && tx.repeats(row.ended_by) {
        return Ok(Tagged(present));
    }
    tag.holds(row.version, || tag_of(&present))?;
    if row.basis == Basis::PublicTask {
        let mut by_law = Problem::from(Code::ConsentByLaw);
        by_law.tag = Some(tag_of(&present));
        return Err(by_law);
    }
    let step = decide(row.state, ConsentEvent::Withdraw, role);
    let step = step.map_err(|r| Problem::state(r, tag_of(&present)))?;
    table::end(tx, &row, step, channel)?;
    show(tx, id, scope).map(Tagged)
}

pub async fn withdraw_consent(
    who: Only<Or<Office, Seeker>>,
    id: Path<ConsentId>,
    tag: IfMatch,
    query: Query<Withdrawal>,
) -> Result<Tagged<Consent>, Problem> {
    let by = (who.is.scope(), who.role()?);
    let channel = query.0.channel(by.1)?;
    who.write(move |tx, _| withdraw(tx, id.0, &tag, by, channel)).await
}
