//! Under which numbers other systems know people, sealed and found by keyed hash. The only writer
//! of its table. Must not know: those systems.

use super::journal::Line;
use super::merges::Parted;
use super::schema::external_ids;
use super::states::{Stated as _, stated};
use super::{Conn, Fault, MultiBackend, Tx, seekers};
use crate::domain::external_ids::{ExternalNumber, ExternalSystem};
use crate::domain::ids::{AccountId, ExternalIdId, SeekerId};
use crate::domain::time::Instant;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

pub(super) const COLUMN: &str = "external_ids.value_sealed";
pub(super) const INDEX: &str = "external_ids.value";

#[derive(Debug, Clone, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = external_ids, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
pub struct ExternalRow {
    id: ExternalIdId,
    seeker_id: SeekerId,
    system: ExternalSystem,
    value_sealed: Vec<u8>,
    value_index: Vec<u8>,
    updated_at: Instant,
    changed_by: Option<AccountId>,
}

stated!(ExternalRow of external_ids, |row| (seekers::SUBJECT, row.seeker_id.uuid()));

fn index(conn: &Conn<'_>, number: &ExternalNumber) -> Vec<u8> {
    conn.seal.index(INDEX, number.as_str().as_bytes())
}

fn rows(conn: &mut Conn<'_>, seeker: SeekerId) -> Result<Vec<ExternalRow>, Fault> {
    let of = external_ids::table.filter(external_ids::seeker_id.eq(seeker));
    let query = of.order(external_ids::system.asc()).select(ExternalRow::as_select());
    Ok(query.load(conn.db)?)
}

/// A person's numbers, by system.
pub fn of(
    conn: &mut Conn<'_>,
    seeker: SeekerId,
) -> Result<Vec<(ExternalSystem, ExternalNumber)>, Fault> {
    let rows = rows(conn, seeker)?;
    let open = |row: ExternalRow| {
        // The row is the place of the seal; the person is whose data was looked at.
        conn.sees((seekers::SUBJECT, seeker.uuid()));
        let place = crate::seal::Place { column: COLUMN, row: row.id.uuid() };
        let text = conn.seal.open_text(place, &row.value_sealed)?;
        let number = ExternalNumber::parse(&text);
        let number = number.map_err(|_| Fault::broken("external_ids holds no number"))?;
        Ok((row.system, number))
    };
    rows.into_iter().map(open).collect()
}

/// Who has that number.
pub fn find(
    conn: &mut Conn<'_>,
    system: ExternalSystem,
    number: &ExternalNumber,
) -> Result<Option<SeekerId>, Fault> {
    let index = index(conn, number);
    let query = external_ids::table
        .filter(external_ids::system.eq(system))
        .filter(external_ids::value_index.eq(index));
    Ok(query.select(external_ids::seeker_id).first(conn.db).optional()?)
}

/// Keeps the number in the place of an older one of the system.
pub fn put(
    tx: &mut Tx<'_>,
    seeker: SeekerId,
    system: ExternalSystem,
    number: &ExternalNumber,
) -> Result<(), Fault> {
    let value_index = index(tx, number);
    let old = rows(tx, seeker)?.into_iter().find(|row| row.system == system);
    if old.as_ref().is_some_and(|row| row.value_index == value_index) {
        return Ok(());
    }
    let id = old.as_ref().map_or_else(|| ExternalIdId(tx.new_id()), |row| row.id);
    let value_sealed = tx.close(COLUMN, id.uuid(), number.as_str())?;
    let line = Line::of("set_external_id").with(json!({ "system": system.as_str() }));
    if let Some(old) = old {
        diesel::update(external_ids::table.find(id))
            .set((
                external_ids::value_sealed.eq(value_sealed),
                external_ids::value_index.eq(value_index),
                external_ids::updated_at.eq(tx.now),
                external_ids::changed_by.eq(tx.actor.account),
            ))
            .execute(tx.db)?;
        tx.journal_change(&old, line)
    } else {
        let (updated_at, changed_by) = (tx.now, tx.actor.account);
        let row = ExternalRow {
            id,
            seeker_id: seeker,
            system,
            value_sealed,
            value_index,
            updated_at,
            changed_by,
        };
        diesel::insert_into(external_ids::table).values(&row).execute(tx.db)?;
        tx.journal_new(&row, line)
    }
}

/// The numbers that another person has none of the system of.
pub fn parted(
    conn: &mut Conn<'_>,
    from: SeekerId,
    to: SeekerId,
) -> Result<Parted<ExternalRow>, Fault> {
    let there: Vec<ExternalSystem> = rows(conn, to)?.into_iter().map(|row| row.system).collect();
    Ok(Parted::of(rows(conn, from)?, |row| !there.contains(&row.system)))
}

/// Those numbers become the other person's, who is the same human being.
pub fn hand_over(tx: &mut Tx<'_>, from: SeekerId, to: SeekerId) -> Result<(), Fault> {
    for old in parted(tx, from, to)?.going {
        diesel::update(external_ids::table.find(old.id))
            .set((
                external_ids::seeker_id.eq(to),
                external_ids::updated_at.eq(tx.now),
                external_ids::changed_by.eq(tx.actor.account),
            ))
            .execute(tx.db)?;
        let line = |event| Line::of(event).with(json!({ "system": old.system.as_str() }));
        tx.journal_gone(&old, line("hand_over_external_id"))?;
        let new = old.again(tx)?;
        tx.journal_new(&new, line("take_over_external_id"))?;
    }
    Ok(())
}

/// Nobody knows the person by a number any more.
pub fn erase_of(tx: &mut Tx<'_>, seeker: SeekerId) -> Result<(), Fault> {
    let old = rows(tx, seeker)?;
    let theirs = external_ids::table.filter(external_ids::seeker_id.eq(seeker));
    diesel::delete(theirs).execute(tx.db)?;
    let event = "drop_external_id";
    old.iter().try_for_each(|old| {
        let detail = json!({ "system": old.system.as_str() });
        tx.journal_gone(old, Line::of(event).with(detail))
    })
}
