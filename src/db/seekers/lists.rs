//! Lists of job seekers and look-ups: lines without anything that is sealed.
//! Must not know: masks, JSON.

use super::{SeekerRow, fold_name, nik_index, phone_index};
use crate::db::schema::seekers;
use crate::db::{Conn, Fault, MultiBackend};
use crate::domain::identity::{Nik, Phone, Sex};
use crate::domain::ids::SeekerId;
use crate::domain::merges::Likeness;
use crate::domain::places::Kecamatan;
use crate::domain::seekers::{IdentityState, SeekerState};
use crate::domain::time::{Day, Instant};
use diesel::prelude::*;
use std::collections::HashSet;

/// What a list shows: nothing that is sealed.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = seekers, check_for_backend(MultiBackend))]
pub struct SeekerLine {
    pub id: SeekerId,
    pub name: String,
    pub born_on: Day,
    pub sex: Sex,
    pub kecamatan: String,
    pub farm_months: i32,
    pub fishery_months: i32,
    pub korean_level: i32,
    pub state: SeekerState,
    pub identity: IdentityState,
    pub updated_at: Instant,
    pub changed_tx: i64,
}

/// Filters of a list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub kecamatan: Option<Kecamatan>,
    pub state: Option<SeekerState>,
    /// Some experience in farming, or in fishery.
    pub farmers: bool,
    pub fishers: bool,
}

macro_rules! filtered {
    ($filter:expr) => {{
        let filter = $filter;
        let mut query = seekers::table.select(SeekerLine::as_select()).into_boxed();
        if let Some(kecamatan) = filter.kecamatan {
            query = query.filter(seekers::kecamatan.eq(kecamatan.code()));
        }
        if let Some(state) = filter.state {
            query = query.filter(seekers::state.eq(state));
        }
        if filter.farmers {
            query = query.filter(seekers::farm_months.gt(0));
        }
        if filter.fishers {
            query = query.filter(seekers::fishery_months.gt(0));
        }
        query
    }};
}

/// A page by id, oldest first; erased records only if they are asked for.
pub fn page(
    conn: &mut Conn<'_>,
    filter: &Filter,
    after: Option<SeekerId>,
    rows: i64,
) -> Result<Vec<SeekerLine>, Fault> {
    let mut query = filtered!(filter);
    if filter.state.is_none() {
        query = query.filter(seekers::state.ne(SeekerState::Erased));
    }
    if let Some(after) = after {
        query = query.filter(seekers::id.gt(after));
    }
    Ok(query.order(seekers::id.asc()).limit(rows).load(conn.db)?)
}

/// A page in the order of changes: from `since` up to what is settled.
pub fn changes(
    conn: &mut Conn<'_>,
    filter: &Filter,
    since: i64,
    horizon: i64,
    after: Option<(i64, SeekerId)>,
    rows: i64,
) -> Result<Vec<SeekerLine>, Fault> {
    let mut query = filtered!(filter)
        .filter(seekers::changed_tx.ge(since))
        .filter(seekers::changed_tx.lt(horizon));
    if let Some((change, id)) = after {
        query = query.filter(
            seekers::changed_tx
                .gt(change)
                .or(seekers::changed_tx.eq(change).and(seekers::id.gt(id))),
        );
    }
    let query = query.order((seekers::changed_tx.asc(), seekers::id.asc()));
    Ok(query.limit(rows).load(conn.db)?)
}

/// Which of these people there are.
pub fn known(conn: &mut Conn<'_>, people: &[SeekerId]) -> Result<HashSet<SeekerId>, Fault> {
    let query = seekers::table.filter(seekers::id.eq_any(people)).select(seekers::id);
    let all: Vec<SeekerId> = query.load(conn.db)?;
    Ok(all.into_iter().collect())
}

/// Every record that states this NIK, drafts included. One that is only found by it any more is
/// the double of another.
pub fn by_nik(conn: &mut Conn<'_>, nik: &Nik, rows: i64) -> Result<Vec<SeekerLine>, Fault> {
    let index = nik_index(conn, nik);
    let query = seekers::table.filter(seekers::nik_index.eq(index)).order(seekers::id.asc());
    Ok(query.limit(rows).select(SeekerLine::as_select()).load(conn.db)?)
}

/// The line of a record.
pub fn line(conn: &mut Conn<'_>, id: SeekerId) -> Result<SeekerLine, Fault> {
    Ok(seekers::table.find(id).select(SeekerLine::as_select()).first(conn.db)?)
}

/// Records that may be of the same human being, by what they share with this one.
pub type Alike = (Likeness, SeekerLine);

/// Records that the office knows, alike by name and birth date, by telephone or by passport.
pub fn alike(conn: &mut Conn<'_>, row: &SeekerRow, rows: i64) -> Result<Vec<Alike>, Fault> {
    let known = [SeekerState::Registered, SeekerState::Verified];
    let others = || {
        let others = seekers::table.filter(seekers::id.ne(row.id));
        others.filter(seekers::state.eq_any(known)).order(seekers::id.asc()).limit(rows)
    };
    let of_name = others()
        .filter(seekers::name_folded.eq(&row.name_folded))
        .filter(seekers::born_on.eq(row.born_on));
    let found: Vec<SeekerLine> = of_name.select(SeekerLine::as_select()).load(conn.db)?;
    let mut all: Vec<Alike> =
        found.into_iter().map(|line| (Likeness::NameAndBirthDate, line)).collect();
    if let Some(index) = &row.phone_index {
        let of_phone = others().filter(seekers::phone_index.eq(index));
        let found: Vec<SeekerLine> = of_phone.select(SeekerLine::as_select()).load(conn.db)?;
        all.extend(found.into_iter().map(|line| (Likeness::Phone, line)));
    }
    if let Some(index) = &row.passport_index {
        let of_passport = others().filter(seekers::passport_index.eq(index));
        let found: Vec<SeekerLine> = of_passport.select(SeekerLine::as_select()).load(conn.db)?;
        all.extend(found.into_iter().map(|line| (Likeness::Passport, line)));
    }
    Ok(all)
}

pub fn by_phone(conn: &mut Conn<'_>, phone: &Phone, rows: i64) -> Result<Vec<SeekerLine>, Fault> {
    let index = phone_index(conn, phone);
    let query = seekers::table.filter(seekers::phone_index.eq(index)).order(seekers::id.asc());
    Ok(query.limit(rows).select(SeekerLine::as_select()).load(conn.db)?)
}

/// Names that begin like `text`, by range: both databases use their index for it.
pub fn by_name(conn: &mut Conn<'_>, text: &str, rows: i64) -> Result<Vec<SeekerLine>, Fault> {
    let from = fold_name(text);
    let to = format!("{from}\u{10ffff}");
    let query = seekers::table
        .filter(seekers::name_folded.ge(from))
        .filter(seekers::name_folded.lt(to))
        .order((seekers::name_folded.asc(), seekers::id.asc()));
    Ok(query.limit(rows).select(SeekerLine::as_select()).load(conn.db)?)
}
