//! The desk of data requests: officers list and read them, check who asks, and answer.
//! Must not know: how words are sealed, what erasing takes away.

use super::wire::{DataRequest, DataRequestPage, DecideDataRequest, ListDataRequests};
use super::{Eyes, corrections, lines, tell};
use crate::acts::erase_person::erase_person;
use crate::acts::uploads::uploads_naming;
use crate::api::answer::{Plain, Tagged, tag_of};
use crate::api::cursor;
use crate::api::extract::{IfMatch, Json, Path, Query};
use crate::api::guard::{Office, Only};
use crate::api::problem::Problem;
use crate::db::rights::{self as table, RequestRow, Words};
use crate::db::seekers::Scope;
use crate::db::{Tx, imports, rounds};
use crate::domain::ids::{DataRequestId, ImportId};
use crate::domain::lifecycle::{Refusal, decide, leads_to};
use crate::domain::problem::Code;
use crate::domain::rights::{Decision, RequestEvent, RequestKind, RequestState, Verdict};
use crate::domain::roles::Role;
use crate::domain::rulebook::Rulebook;

fn eyes(who: &Only<Office>) -> Eyes {
    Eyes { sight: who.sight(), lang: who.lang, scope: Scope::All }
}

pub async fn list_data_requests(
    who: Only<Office>,
    query: Query<ListDataRequests>,
) -> Result<Plain<DataRequestPage>, Problem> {
    let query = query.0;
    let limit = cursor::limit(query.limit)?;
    let filter = query.filter(who.now())?;
    let list = query.list_name();
    who.read(move |conn, now| {
        lines(conn, now, (&list, &filter), (limit, query.cursor.as_deref())).map(Plain)
    })
    .await
}

pub async fn get_data_request(
    who: Only<Office>,
    id: Path<DataRequestId>,
) -> Result<Tagged<DataRequest>, Problem> {
    let eyes = eyes(&who);
    who.read(move |conn, now| eyes.show(conn, id.0, now).map(Tagged)).await
}

/// A step that carries no answer.
fn step(
    tx: &mut Tx<'_>,
    (row, event, role): (&RequestRow, RequestEvent, Role),
    tag: &IfMatch,
    eyes: Eyes,
) -> Result<RequestRow, Problem> {
    let now = tx.now;
    if leads_to(event, row.state) && tx.repeats(row.changed_by) {
        return Ok(row.clone());
    }
    let present = eyes.shown(tx, row, now)?;
    tag.holds(row.version, || tag_of(&present))?;
    let step = decide(row.state, event, role).map_err(|r| Problem::state(r, tag_of(&present)))?;
    Ok(table::keep(tx, row, step, None)?)
}

pub async fn check_data_request_identity(
    who: Only<Office>,
    id: Path<DataRequestId>,
    tag: IfMatch,
) -> Result<Tagged<DataRequest>, Problem> {
    let (eyes, role) = (eyes(&who), who.role()?);
    who.write(move |tx, now| {
        let row = table::get(tx, id.0, Scope::All)?;
        let row = step(tx, (&row, RequestEvent::CheckIdentity, role), &tag, eyes)?;
        eyes.shown(tx, &row, now).map(Tagged)
    })
    .await
}

pub async fn lift_restriction(
    who: Only<Office>,
    id: Path<DataRequestId>,
    tag: IfMatch,
) -> Result<Tagged<DataRequest>, Problem> {
    let (eyes, role) = (eyes(&who), who.role()?);
    who.write(move |tx, now| {
        let row = table::get(tx, id.0, Scope::All)?;
        if row.kind != RequestKind::Restriction {
            return Err(Problem::state(Refusal::State, tag_of(&eyes.shown(tx, &row, now)?)));
        }
        let in_force = row.restricts();
        let row = step(tx, (&row, RequestEvent::Complete, role), &tag, eyes)?;
        if in_force {
            tell(tx, &row, "lift_restriction")?;
        }
        eyes.shown(tx, &row, now).map(Tagged)
    })
    .await
}

/// What an officer answers with.
struct Answer {
    decision: Decision,
    role: Role,
    /// Uploads that name the person, for an erasure.
    uploads: Vec<ImportId>,
}

/// Whoever made a result is not the human being who looks at it again.
fn is_another(tx: &mut Tx<'_>, row: &RequestRow) -> Result<(), Problem> {
    let Some(id) = row.round_id else { return Ok(()) };
    let round = rounds::get(tx, id, rounds::Scope::All)?;
    let made = [round.computed_by, round.approved_by].contains(&tx.actor.account);
    if made { Err(Code::ReviewerMadeRound.into()) } else { Ok(()) }
}

/// Does what was granted.
fn carry_out(
    tx: &mut Tx<'_>,
    row: &RequestRow,
    words: Words,
    answer: &Answer,
    rules: &Rulebook,
) -> Result<(), Problem> {
    match row.kind {
        RequestKind::Access | RequestKind::Objection => Ok(()),
        RequestKind::Correction => {
            corrections::apply(tx, row.seeker_id, &answer.decision.granted(words.corrections))
        }
        RequestKind::Restriction => tell(tx, row, "restrict"),
        RequestKind::Erasure => {
            Ok(erase_person(tx, row.seeker_id, &answer.uploads, (answer.role, rules))?)
        }
    }
}

/// Keeps the answer. What is granted is done then, but for a restriction, which goes on.
fn answered(
    tx: &mut Tx<'_>,
    row: &RequestRow,
    answer: &Answer,
    rules: &Rulebook,
) -> Result<RequestRow, Problem> {
    let (decision, words) = (&answer.decision, row.open(tx)?);
    let step = decide(row.state, decision.verdict.event(), answer.role)
        .map_err(|_| Problem::from(Code::StateConflict))?;
    decision.check(row.kind, &words.corrections)?;
    if row.kind == RequestKind::Objection {
        is_another(tx, row)?;
    }
    let mut kept = table::keep(tx, row, step, Some(decision))?;
    if decision.verdict != Verdict::Refused {
        carry_out(tx, &kept, words, answer, rules)?;
    }
    if kept.state == RequestState::Decided && row.kind != RequestKind::Restriction {
        let done = decide(kept.state, RequestEvent::Complete, answer.role)
            .map_err(|_| Problem::from(Code::StateConflict))?;
        kept = table::keep(tx, &kept, done, None)?;
    }
    Ok(kept)
}

fn answer(
    tx: &mut Tx<'_>,
    (id, tag): (DataRequestId, &IfMatch),
    answer: &Answer,
    (eyes, rules): (Eyes, &Rulebook),
) -> Result<DataRequest, Problem> {
    let (row, now) = (table::get(tx, id, Scope::All)?, tx.now);
    let present = eyes.shown(tx, &row, now)?;
    if answer.decision.verdict.stands_in(row.state) && tx.repeats(row.changed_by) {
        return Ok(present);
    }
    tag.holds(row.version, || tag_of(&present))?;
    let kept = answered(tx, &row, answer, rules).map_err(|problem| match problem.reason.code {
        Code::StateConflict => Problem::state(Refusal::State, tag_of(&present)),
        _ => problem,
    })?;
    // What was erased is not told any more.
    let kept = table::get(tx, kept.id, Scope::All)?;
    eyes.shown(tx, &kept, now)
}

pub async fn decide_data_request(
    who: Only<Office>,
    id: Path<DataRequestId>,
    tag: IfMatch,
    body: Json<DecideDataRequest>,
) -> Result<Tagged<DataRequest>, Problem> {
    let (eyes, role, app) = (eyes(&who), who.role()?, who.app().clone());
    let (id, decision) = (id.0, body.0);
    let erases = decision.verdict == Verdict::Granted;
    let uploads = who.snapshot(move |conn, _| {
        let row = table::get(conn, id, Scope::All)?;
        let open = row.kind == RequestKind::Erasure && row.state.is_open();
        Ok(if erases && open {
            let all = imports::with_upload(conn)?;
            uploads_naming(conn, &[row.seeker_id], all)?
        } else {
            Vec::new()
        })
    });
    let given = Answer { decision, role, uploads: uploads.await? };
    who.write(move |tx, _| answer(tx, (id, &tag), &given, (eyes, &app.rules)).map(Tagged)).await
}
