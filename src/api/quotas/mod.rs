//! Quotas: post, change, read, and the way to being open. Must not know: who applies.

mod steps;
mod wire;

pub use steps::{approve_quota, endorse_quota, reject_quota, submit_quota, withdraw_quota};

use super::answer::{Created, Plain, Tagged, tag_of};
use super::cursor::{self, After};
use super::extract::{IfMatch, Json, Key, Patch, Path, Query, Wire};
use super::guard::{Kadin, Office, Only, Or, Partner, Seeker};
use super::problem::Problem;
use crate::acts::demand::{Demand, judged};
use crate::db::quotas::{self as table, Filter, QuotaRow, Scope};
use crate::db::{Conn, Fault, organisations, seasons};
use crate::domain::ids::{QuotaId, SeasonId};
use crate::domain::lifecycle::Refusal;
use crate::domain::places::SiGun;
use crate::domain::problem::Code;
use crate::domain::time::days_of_month;
use wire::{ListQuotas, PostQuota, Quota, QuotaPage};

type Reader = Or<Or<Office, Kadin>, Or<Partner, Seeker>>;

fn scope_of(who: &Reader) -> Scope {
    match who {
        Or::This(_) => Scope::All,
        Or::That(Or::This(partner)) => Scope::Own(partner.organisation),
        Or::That(Or::That(_)) => Scope::Open,
    }
}

fn shown(conn: &mut Conn<'_>, row: &QuotaRow) -> Result<Quota, Problem> {
    lines(conn, std::slice::from_ref(row))?.pop().ok_or_else(|| Fault::NotFound.into())
}

fn show(conn: &mut Conn<'_>, id: QuotaId, scope: Scope) -> Result<Quota, Problem> {
    let row = table::get(conn, id, scope)?;
    shown(conn, &row)
}

pub async fn post_quota(
    who: Only<Partner>,
    key: Key,
    body: Json<PostQuota>,
) -> Result<Created<Quota>, Problem> {
    let Json(new, seen) = body;
    let organisation = who.is.organisation;
    who.once(
        key,
        seen,
        move |tx, now, id| {
            let demand = Demand { organisation, season: new.season, quota: None };
            let at = judged(tx, now, demand, &new.terms)?;
            table::insert(tx, id.into(), &at, &new.terms)?;
            Ok(None)
        },
        |tx, id| show(tx, id.into(), Scope::All).map(Created),
    )
    .await
}

pub async fn get_quota(who: Only<Reader>, id: Path<QuotaId>) -> Result<Tagged<Quota>, Problem> {
    let scope = scope_of(&who.is);
    who.snapshot(move |conn, _| show(conn, id.0, scope).map(Tagged)).await
}

pub async fn list_quotas(
    who: Only<Reader>,
    query: Query<ListQuotas>,
) -> Result<Plain<QuotaPage>, Problem> {
    let query = query.0;
    let limit = cursor::limit(query.limit)?;
    let (scope, filter) = (scope_of(&who.is), query.filter()?);
    let list = format!("quotas {scope:?} {filter:?}");
    who.snapshot(move |conn, _| {
        let after = query.cursor.map(|text| cursor::read(conn.seal, &list, &text)).transpose()?;
        let rows = table::page(conn, scope, &filter, after.map(|a| a.id.into()), limit + 1)?;
        let at = |row: &QuotaRow| After { order: 0, id: row.id.uuid() };
        let (rows, end) = cursor::page(rows, limit, at);
        Ok(Plain(QuotaPage {
            data: lines(conn, &rows)?,
            next_cursor: end.map(|end| cursor::write(conn.seal, &list, end)),
        }))
    })
    .await
}

fn lines(conn: &mut Conn<'_>, rows: &[QuotaRow]) -> Result<Vec<Quota>, Fault> {
    let mut ids: Vec<SeasonId> = rows.iter().map(|row| row.season_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let seasons = seasons::by_ids(conn, &ids)?;
    let employers: Vec<_> = rows.iter().map(|row| row.organisation_id).collect();
    let names = organisations::names(conn, &employers)?;
    let line = |row: &QuotaRow| {
        let season = seasons.iter().find(|season| season.id == row.season_id);
        let (season, name) = season.zip(names.get(&row.organisation_id)).ok_or(Fault::NotFound)?;
        Ok(Quota::of(row, season, name))
    };
    rows.iter().map(line).collect()
}

pub async fn change_quota(
    who: Only<Partner>,
    id: Path<QuotaId>,
    tag: IfMatch,
    patch: Patch<PostQuota>,
) -> Result<Tagged<Quota>, Problem> {
    let organisation = who.is.organisation;
    who.write(move |tx, now| {
        let row = table::get(tx, id.0, Scope::Own(organisation))?;
        let present = PostQuota::from(&row);
        let new = patch.onto(&present)?;
        let stands = present.value().is_ok_and(|present| present == new);
        if !(stands && tx.repeats(row.changed_by)) {
            let present = shown(tx, &row)?;
            tag.holds(row.version, || tag_of(&present))?;
            if !row.state.terms_may_change() {
                return Err(Problem::state(Refusal::State, tag_of(&present)));
            }
            let demand = Demand { organisation, season: new.season, quota: Some(row.id) };
            let at = judged(tx, now, demand, &new.terms)?;
            table::rewrite(tx, &row, &at, &new.terms)?;
        }
        show(tx, id.0, Scope::All).map(Tagged)
    })
    .await
}

impl ListQuotas {
    fn filter(&self) -> Result<Filter, Problem> {
        let wrong = |name: &'static str| Problem::from(Code::ParameterInvalid.with("name", name));
        let month = |name: &'static str, given: &Option<String>| {
            let days = |text: &String| days_of_month(text).ok_or_else(|| wrong(name));
            given.as_ref().map(days).transpose()
        };
        let si_gun = self.si_gun.as_deref().map(SiGun::by_code).transpose();
        Ok(Filter {
            season: self.season_id.map(Into::into),
            state: self.state,
            si_gun: si_gun.map_err(|_| wrong("si_gun"))?.map(|s| s.code().to_owned()),
            sector: self.sector,
            crop: self.crop.clone(),
            from: month("from", &self.from)?.map(|(first, _)| first),
            to: month("to", &self.to)?.map(|(_, last)| last),
            wage_min: self.wage_min,
        })
    }
}
