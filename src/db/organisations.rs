//! Organisations: rows and queries. The only writer of its table.
//! Must not know: who may change what.

use super::journal::Line;
use super::schema::organisations;
use super::states::stated;
use super::{Conn, Fault, MultiBackend, Tx};
use crate::domain::identity::{Brn, FarmId};
use crate::domain::ids::{AccountId, OrganisationId};
use crate::domain::lifecycle::Transition;
use crate::domain::organisations::{NewOrganisation, OrganisationKind, OrganisationState};
use crate::domain::places::SiGun;
use crate::domain::time::Instant;
use diesel::prelude::*;
use serde::Serialize;
use std::collections::{HashMap, HashSet};

pub const SUBJECT: &str = "organisation";

#[derive(Debug, Clone, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = organisations, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
pub struct OrganisationRow {
    pub id: OrganisationId,
    pub kind: OrganisationKind,
    pub name: String,
    pub business_number: Option<String>,
    pub farm_id: Option<String>,
    pub si_gun: Option<String>,
    pub state: OrganisationState,
    pub endorsed_at: Option<Instant>,
    pub endorsement_note: Option<String>,
    pub state_note: Option<String>,
    pub version: i64,
    pub updated_at: Instant,
    pub changed_by: Option<AccountId>,
}

stated!(OrganisationRow of organisations, |row| (SUBJECT, row.id.uuid()));

/// Whose rows a reader may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    All,
    Own(OrganisationId),
}

/// Filters of a list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub kind: Option<OrganisationKind>,
    pub state: Option<OrganisationState>,
}

pub fn insert(tx: &mut Tx<'_>, id: OrganisationId, new: &NewOrganisation) -> Result<(), Fault> {
    let row = OrganisationRow {
        id,
        kind: new.kind,
        name: new.name.clone(),
        business_number: new.business_number.as_ref().map(|n| n.as_str().to_owned()),
        farm_id: new.farm_id.as_ref().map(|n| n.as_str().to_owned()),
        si_gun: new.si_gun.map(|s| s.code().to_owned()),
        state: OrganisationState::Registered,
        endorsed_at: None,
        endorsement_note: None,
        state_note: None,
        version: 1,
        updated_at: tx.now,
        changed_by: tx.actor.account,
    };
    diesel::insert_into(organisations::table).values(&row).execute(tx.db)?;
    tx.journal_new(&row, Line::of("register"))
}

/// The names of several organisations: what anybody may know of an employer.
pub fn names(
    conn: &mut Conn<'_>,
    ids: &[OrganisationId],
) -> Result<HashMap<OrganisationId, String>, Fault> {
    let query = organisations::table.filter(organisations::id.eq_any(ids));
    let named: Vec<(OrganisationId, String)> =
        query.select((organisations::id, organisations::name)).load(conn.db)?;
    Ok(named.into_iter().collect())
}

/// Every employer that gets no workers for now.
pub fn suspended(conn: &mut Conn<'_>) -> Result<HashSet<OrganisationId>, Fault> {
    let query = organisations::table.filter(organisations::state.eq(OrganisationState::Suspended));
    let ids: Vec<OrganisationId> = query.select(organisations::id).load(conn.db)?;
    Ok(ids.into_iter().collect())
}

/// One row, if the scope covers it.
pub fn get(
    conn: &mut Conn<'_>,
    id: OrganisationId,
    scope: Scope,
) -> Result<OrganisationRow, Fault> {
    match scope {
        Scope::Own(own) if own != id => Err(Fault::NotFound),
        _ => {
            Ok(organisations::table.find(id).select(OrganisationRow::as_select()).first(conn.db)?)
        }
    }
}

/// A page by id, oldest first.
pub fn page(
    conn: &mut Conn<'_>,
    filter: Filter,
    after: Option<OrganisationId>,
    rows: i64,
) -> Result<Vec<OrganisationRow>, Fault> {
    let mut query = organisations::table.select(OrganisationRow::as_select()).into_boxed();
    if let Some(kind) = filter.kind {
        query = query.filter(organisations::kind.eq(kind));
    }
    if let Some(state) = filter.state {
        query = query.filter(organisations::state.eq(state));
    }
    if let Some(after) = after {
        query = query.filter(organisations::id.gt(after));
    }
    Ok(query.order(organisations::id.asc()).limit(rows).load(conn.db)?)
}

/// Updates the row that was read, with the stamp of this change, unless somebody was faster.
macro_rules! update {
    ($tx:ident, $old:ident, $($set:expr),+ $(,)?) => {{
        let at = organisations::table
            .filter(organisations::id.eq($old.id))
            .filter(organisations::version.eq($old.version));
        let stamp = (
            organisations::version.eq($old.version + 1),
            organisations::updated_at.eq($tx.now),
            organisations::changed_by.eq($tx.actor.account),
        );
        if diesel::update(at).set(($($set,)+ stamp)).execute($tx.db)? == 1 {
            Ok(())
        } else {
            Err(Fault::Moved)
        }
    }};
}

/// Replaces what was registered.
pub fn rewrite(tx: &mut Tx<'_>, old: &OrganisationRow, new: &NewOrganisation) -> Result<(), Fault> {
    update!(
        tx,
        old,
        organisations::kind.eq(new.kind),
        organisations::name.eq(&new.name),
        organisations::business_number.eq(new.business_number.as_ref().map(Brn::as_str)),
        organisations::farm_id.eq(new.farm_id.as_ref().map(FarmId::as_str)),
        organisations::si_gun.eq(new.si_gun.map(SiGun::code)),
    )?;
    tx.journal_change(old, Line::of("change"))
}

/// Keeps the chamber's advice.
pub fn endorse(tx: &mut Tx<'_>, old: &OrganisationRow, note: &str) -> Result<(), Fault> {
    update!(
        tx,
        old,
        organisations::endorsed_at.eq(tx.now),
        organisations::endorsement_note.eq(note),
    )?;
    tx.journal_change(old, Line::of("endorse"))
}

/// Stores a step of the lifecycle with the note that explains it.
pub fn keep(
    tx: &mut Tx<'_>,
    old: &OrganisationRow,
    step: Transition<OrganisationState>,
    note: Option<&str>,
) -> Result<(), Fault> {
    update!(tx, old, organisations::state.eq(step.to()), organisations::state_note.eq(note),)?;
    tx.journal_step(old, &step, OrganisationState::as_str, step.event().as_str())
}
