//! Lists of job seekers and look-ups: lines without anything that is sealed.
//! Must not know: masks, JSON.

use super::{fold_name, nik_index, phone_index};
use crate::db::schema::seekers;
use crate::db::{Conn, Fault, MultiBackend};
use crate::domain::identity::{Nik, Phone, Sex};
use crate::domain::ids::SeekerId;
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

/// Every record that states this NIK, drafts included.
pub fn by_nik(conn: &mut Conn<'_>, nik: &Nik, rows: i64) -> Result<Vec<SeekerLine>, Fault> {
    let index = nik_index(conn, nik);
    let query = seekers::table.filter(seekers::nik_index.eq(index)).order(seekers::id.asc());
    Ok(query.limit(rows).select(SeekerLine::as_select()).load(conn.db)?)
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
