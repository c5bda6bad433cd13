//! Doubles: an officer proposes to merge two records, a lead officer who is somebody else confirms or
//! refuses it. Must not know: what a merge does to the records.

mod wire;

use super::App;
use super::answer::{Created, Plain, Tagged, tag_of};
use super::cursor::{self, After};
use super::extract::{IfMatch, Json, Key, Path, Query};
use super::guard::{Lead, Office, Only};
use super::problem::Problem;
use super::seekers::JobSeeker;
use super::sight::{Sees, Sight};
use crate::acts::merge_people::{self as act, Pair};
use crate::acts::uploads::uploads_naming;
use crate::db::merges::{self as table, MergeRow};
use crate::db::seekers::Scope;
use crate::db::{Conn, Tx, imports, rights};
use crate::domain::ids::{ImportId, MergeId};
use crate::domain::lifecycle::{decide, leads_to};
use crate::domain::merges::{MergeEvent, MergeState, NewMerge, differing};
use crate::domain::problem::{Code, Problems};
use crate::domain::roles::Role;
use crate::domain::rulebook::Rulebook;
use crate::domain::time::Instant;
use crate::texts::Lang;
use actix_web::web;
use wire::{ListMerges, Merge, MergeLine, MergePage, ProposeMerge, RefuseMerge, Sides};

/// How proposals are shown to this caller.
#[derive(Clone)]
struct Eyes {
    sight: Sight,
    lang: Lang,
    app: web::Data<App>,
}

impl Eyes {
    fn of<R: Sees>(who: &Only<R>) -> Self {
        Self { sight: who.sight(), lang: who.lang, app: who.app().clone() }
    }

    fn rules(&self) -> &Rulebook {
        &self.app.rules
    }

    fn sides(&self, conn: &mut Conn<'_>, row: &MergeRow, now: Instant) -> Result<Sides, Problem> {
        if row.state != MergeState::Proposed {
            return Ok(Sides::default());
        }
        let pair = Pair::of(conn, row.survivor_id, row.double_id)?;
        let against = act::against_now(conn, row, pair.as_ref(), (now, self.rules()))?;
        let Some(pair) = pair else { return Ok(Sides { against, ..Sides::default() }) };
        let (one, two) = (pair.survivor.open(conn)?, pair.double.open(conn)?);
        Ok(Sides {
            differences: differing(&one, &two),
            fates: act::fates(conn, &pair)?,
            survivor: Some(JobSeeker::shown(self.sight, &pair.survivor, one)),
            double: Some(JobSeeker::shown(self.sight, &pair.double, two)),
            against,
        })
    }

    fn shown(&self, conn: &mut Conn<'_>, row: &MergeRow, now: Instant) -> Result<Merge, Problem> {
        let (words, sides) = (row.open(conn)?, self.sides(conn, row, now)?);
        Ok(Merge::shown(self.sight, row, words, sides, self.lang)?)
    }

    fn show(&self, conn: &mut Conn<'_>, id: MergeId, now: Instant) -> Result<Merge, Problem> {
        let row = table::get(conn, id)?;
        self.shown(conn, &row, now)
    }
}

/// Two records that the office knows, and a request of one of the two if there is one.
fn known(tx: &mut Tx<'_>, new: &NewMerge) -> Result<Pair, Problem> {
    let mut p = Problems::default();
    let survivor = act::there(tx, new.survivor)?;
    let double = act::there(tx, new.double)?;
    for (pointer, record) in [("/survivor_id", &survivor), ("/double_id", &double)] {
        if record.is_none() {
            p.add(pointer, Code::JobSeekerUnknown);
        }
    }
    if let Some(request) = new.request {
        let of_them = [new.survivor, new.double];
        let found = match rights::get(tx, request, Scope::All) {
            Ok(row) => of_them.contains(&row.seeker_id) && row.state.is_open(),
            Err(crate::db::Fault::NotFound) => false,
            Err(fault) => return Err(fault.into()),
        };
        if !found {
            p.add("/data_request_id", Code::DataRequestUnknown);
        }
    }
    Ok(p.done(|| Some(Pair { survivor: survivor?, double: double? }))?)
}

fn propose(tx: &mut Tx<'_>, id: MergeId, new: &NewMerge, rules: &Rulebook) -> Result<(), Problem> {
    let pair = known(tx, new)?;
    let now = tx.now;
    let reasons = act::against(tx, &pair, new.request, (now, rules))?;
    if !reasons.is_empty() {
        return Err(Problem::rules(reasons));
    }
    Ok(table::insert(tx, id, new, (pair.survivor.version, pair.double.version))?)
}

pub async fn propose_merge(
    who: Only<Office>,
    key: Key,
    body: Json<ProposeMerge>,
) -> Result<Created<Merge>, Problem> {
    let Json(new, seen) = body;
    let eyes = Eyes::of(&who);
    let shown = eyes.clone();
    who.once(
        key,
        seen,
        move |tx, _, id| propose(tx, id.into(), &new, eyes.rules()).map(|()| None),
        move |tx, id| {
            let now = tx.now;
            shown.show(tx, id.into(), now).map(Created)
        },
    )
    .await
}

pub async fn list_merges(
    who: Only<Office>,
    query: Query<ListMerges>,
) -> Result<Plain<MergePage>, Problem> {
    let ListMerges { state, limit, cursor } = query.0;
    let limit = cursor::limit(limit)?;
    let list = format!("merges {state:?}");
    who.read(move |conn, _| {
        let after = cursor.map(|text| cursor::read(conn.seal, &list, &text)).transpose()?;
        let rows = table::page(conn, state, after.map(|a| a.id.into()), limit + 1)?;
        let at = |row: &MergeRow| After { order: 0, id: row.id.uuid() };
        let (rows, end) = cursor::page(rows, limit, at);
        Ok(Plain(MergePage {
            data: rows.into_iter().map(MergeLine::from).collect(),
            next_cursor: end.map(|end| cursor::write(conn.seal, &list, end)),
        }))
    })
    .await
}

pub async fn get_merge(who: Only<Office>, id: Path<MergeId>) -> Result<Tagged<Merge>, Problem> {
    let eyes = Eyes::of(&who);
    who.snapshot(move |conn, now| eyes.show(conn, id.0, now).map(Tagged)).await
}

/// A step of a proposal, with what it carries.
struct Step {
    id: MergeId,
    event: MergeEvent,
    role: Role,
    tag: IfMatch,
    note: Option<String>,
    /// Imports that run and name one of the two.
    uploads: Vec<ImportId>,
    eyes: Eyes,
}

impl Step {
    fn done(&self, tx: &mut Tx<'_>, row: &MergeRow) -> Result<(), Problem> {
        match self.event {
            MergeEvent::Confirm => {
                let by = (self.role, self.eyes.rules());
                Ok(act::merge_people(tx, row, &self.uploads, by)?)
            }
            MergeEvent::ReleaseNik => Ok(act::release_nik(tx, row)?),
            MergeEvent::Refuse | MergeEvent::Withdraw => Ok(()),
        }
    }

    fn take(&self, tx: &mut Tx<'_>, now: Instant) -> Result<Tagged<Merge>, Problem> {
        let row = table::get(tx, self.id)?;
        let present = self.eyes.shown(tx, &row, now)?;
        if leads_to(self.event, row.state) && tx.repeats(row.changed_by) {
            return Ok(Tagged(present));
        }
        self.tag.holds(row.version, || tag_of(&present))?;
        let step = decide(row.state, self.event, self.role)
            .map_err(|refusal| Problem::state(refusal, tag_of(&present)))?;
        if self.event.needs_another() && tx.repeats(row.proposed_by) {
            return Err(Code::ConfirmerProposed.into());
        }
        self.done(tx, &row)?;
        table::keep(tx, &row, step, self.note.as_deref())?;
        self.eyes.show(tx, self.id, now).map(Tagged)
    }
}

pub async fn confirm_merge(
    who: Only<Lead>,
    id: Path<MergeId>,
    tag: IfMatch,
) -> Result<Tagged<Merge>, Problem> {
    let (id, role) = (id.0, who.role()?);
    let uploads = who.snapshot(move |conn, _| {
        let row = table::get(conn, id)?;
        let running = imports::running(conn)?;
        Ok(uploads_naming(conn, &[row.survivor_id, row.double_id], running)?)
    });
    let uploads = uploads.await?;
    let eyes = Eyes::of(&who);
    let step = Step { id, event: MergeEvent::Confirm, role, tag, note: None, uploads, eyes };
    who.write(move |tx, now| step.take(tx, now)).await
}

pub async fn refuse_merge(
    who: Only<Lead>,
    id: Path<MergeId>,
    tag: IfMatch,
    body: Json<RefuseMerge>,
) -> Result<Tagged<Merge>, Problem> {
    let (id, role, note) = (id.0, who.role()?, Some(body.0));
    let eyes = Eyes::of(&who);
    let step = Step { id, event: MergeEvent::Refuse, role, tag, note, uploads: vec![], eyes };
    who.write(move |tx, now| step.take(tx, now)).await
}

pub async fn withdraw_merge(
    who: Only<Office>,
    id: Path<MergeId>,
    tag: IfMatch,
) -> Result<Tagged<Merge>, Problem> {
    let (id, role) = (id.0, who.role()?);
    let eyes = Eyes::of(&who);
    let step =
        Step { id, event: MergeEvent::Withdraw, role, tag, note: None, uploads: vec![], eyes };
    who.write(move |tx, now| step.take(tx, now)).await
}

pub async fn release_merged_nik(
    who: Only<Lead>,
    id: Path<MergeId>,
    tag: IfMatch,
) -> Result<Tagged<Merge>, Problem> {
    let (id, role) = (id.0, who.role()?);
    let eyes = Eyes::of(&who);
    let step =
        Step { id, event: MergeEvent::ReleaseNik, role, tag, note: None, uploads: vec![], eyes };
    who.write(move |tx, now| step.take(tx, now)).await
}
