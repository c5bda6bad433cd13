//! Breaches and whom each one touched: the only writer of both tables.
//! Must not know: the words of a notice.

use super::journal::Line;
use super::merges::Parted;
use super::schema::{breach_people, breaches};
use super::states::stated;
use super::types::Json;
use super::{Conn, Fault, MultiBackend, Tx};
use crate::domain::breaches::{BreachState, BreachTerms, DataKind, NoticeChannel, Worded};
use crate::domain::ids::{AccountId, BreachId, SeekerId};
use crate::domain::lifecycle::Transition;
use crate::domain::time::Instant;
use crate::each_backend;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::HashSet;

pub const SUBJECT: &str = "breach";
/// Rows of one INSERT.
const BATCH: usize = 1000;

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = breaches, treat_none_as_default_value = false, treat_none_as_null = true)]
#[diesel(check_for_backend(MultiBackend))]
pub struct BreachRow {
    pub id: BreachId,
    pub state: BreachState,
    pub title: String,
    pub happened_from: Option<Instant>,
    pub happened_to: Option<Instant>,
    pub known_at: Instant,
    /// Until when person and authority must be told.
    pub notice_until: Instant,
    pub data_kinds: Json,
    pub how: Json,
    pub handling: Json,
    pub authority_told_at: Option<Instant>,
    pub authority_channel: Option<NoticeChannel>,
    pub version: i64,
    pub updated_at: Instant,
    pub changed_by: Option<AccountId>,
}

stated!(BreachRow of breaches, |row| (SUBJECT, row.id.uuid()));

/// Somebody whom a breach touched.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = breach_people, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
pub struct TouchedRow {
    pub breach_id: BreachId,
    pub seeker_id: SeekerId,
    pub told_at: Option<Instant>,
    pub channel: Option<NoticeChannel>,
}

fn words(words: &Worded) -> Json {
    Json(json!({ "id": words.id, "ko": words.ko, "en": words.en }))
}

fn worded(value: &Json) -> Result<Worded, Fault> {
    let text = |name: &str| value.0.get(name).and_then(Value::as_str).map(str::to_owned);
    let id = text("id").ok_or_else(|| Fault::broken("a text of a breach without Indonesian"))?;
    Ok(Worded { id, ko: text("ko"), en: text("en") })
}

impl BreachRow {
    pub fn terms(&self) -> Result<BreachTerms, Fault> {
        let damaged = || Fault::broken("breaches.data_kinds is no list of words");
        let kind = |value: &Value| -> Option<DataKind> { value.as_str()?.parse().ok() };
        let kinds = self.data_kinds.0.as_array().ok_or_else(damaged)?.iter().map(kind);
        Ok(BreachTerms {
            title: self.title.clone(),
            happened_from: self.happened_from,
            happened_to: self.happened_to,
            data_kinds: kinds.collect::<Option<_>>().ok_or_else(damaged)?,
            how: worded(&self.how)?,
            handling: worded(&self.handling)?,
        })
    }

    /// The row with other terms.
    fn with(self, terms: &BreachTerms) -> Self {
        let kinds = terms.data_kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>();
        Self {
            title: terms.title.clone(),
            happened_from: terms.happened_from,
            happened_to: terms.happened_to,
            data_kinds: Json(json!(kinds)),
            how: words(&terms.how),
            handling: words(&terms.handling),
            ..self
        }
    }
}

pub fn insert(
    tx: &mut Tx<'_>,
    id: BreachId,
    terms: &BreachTerms,
    (known_at, notice_until): (Instant, Instant),
) -> Result<(), Fault> {
    let row = BreachRow {
        id,
        state: BreachState::Open,
        title: String::new(),
        happened_from: None,
        happened_to: None,
        known_at,
        notice_until,
        data_kinds: Json(Value::Null),
        how: Json(Value::Null),
        handling: Json(Value::Null),
        authority_told_at: None,
        authority_channel: None,
        version: 1,
        updated_at: tx.now,
        changed_by: tx.actor.account,
    };
    let row = row.with(terms);
    diesel::insert_into(breaches::table).values(&row).execute(tx.db)?;
    tx.journal_new(&row, Line::of("record"))
}

pub fn get(conn: &mut Conn<'_>, id: BreachId) -> Result<BreachRow, Fault> {
    Ok(breaches::table.find(id).select(BreachRow::as_select()).first(conn.db)?)
}

/// The next breaches, the newest first.
pub fn page(
    conn: &mut Conn<'_>,
    before: Option<BreachId>,
    limit: i64,
) -> Result<Vec<BreachRow>, Fault> {
    let mut query = breaches::table.into_boxed();
    if let Some(before) = before {
        query = query.filter(breaches::id.lt(before));
    }
    let query = query.order(breaches::id.desc()).limit(limit);
    Ok(query.select(BreachRow::as_select()).load(conn.db)?)
}

/// Stores a new version of the row, if nobody changed it since it was read.
fn put(tx: &mut Tx<'_>, old: &BreachRow, new: BreachRow) -> Result<(), Fault> {
    let new = BreachRow {
        version: old.version + 1,
        updated_at: tx.now,
        changed_by: tx.actor.account,
        ..new
    };
    let at =
        breaches::table.filter(breaches::id.eq(old.id)).filter(breaches::version.eq(old.version));
    if diesel::update(at).set(&new).execute(tx.db)? == 1 { Ok(()) } else { Err(Fault::Moved) }
}

pub fn change(tx: &mut Tx<'_>, old: &BreachRow, terms: &BreachTerms) -> Result<(), Fault> {
    put(tx, old, old.clone().with(terms))?;
    tx.journal_change(old, Line::of("change"))
}

pub fn close(tx: &mut Tx<'_>, old: &BreachRow, step: Transition<BreachState>) -> Result<(), Fault> {
    put(tx, old, BreachRow { state: step.to(), ..old.clone() })?;
    let event = step.event().as_str();
    tx.journal_step(old, &step, BreachState::as_str, event)
}

pub fn tell_authority(
    tx: &mut Tx<'_>,
    old: &BreachRow,
    at: Instant,
    channel: NoticeChannel,
) -> Result<(), Fault> {
    let (told, by) = (Some(at), Some(channel));
    put(tx, old, BreachRow { authority_told_at: told, authority_channel: by, ..old.clone() })?;
    let detail = json!({ "channel": channel.as_str() });
    tx.journal_change(old, Line::of("tell_authority").with(detail))
}

fn touched(conn: &mut Conn<'_>, breach: BreachId) -> Result<HashSet<SeekerId>, Fault> {
    let of = breach_people::table.filter(breach_people::breach_id.eq(breach));
    let all: Vec<SeekerId> = of.select(breach_people::seeker_id).load(conn.db)?;
    Ok(all.into_iter().collect())
}

/// Adds those who are not there yet.
pub fn add_people(tx: &mut Tx<'_>, old: &BreachRow, people: &[SeekerId]) -> Result<(), Fault> {
    let there = touched(tx, old.id)?;
    let new: HashSet<SeekerId> = people.iter().copied().filter(|id| !there.contains(id)).collect();
    let row = |id: SeekerId| TouchedRow {
        breach_id: old.id,
        seeker_id: id,
        told_at: None,
        channel: None,
    };
    let rows: Vec<TouchedRow> = new.into_iter().map(row).collect();
    for rows in rows.chunks(BATCH) {
        let query = diesel::insert_into(breach_people::table).values(rows);
        each_backend!(&mut *tx.db, |c| query.execute(c))?;
    }
    put(tx, old, old.clone())?;
    let detail = json!({ "people": rows.len() });
    tx.journal_change(old, Line::of("add_people").with(detail))
}

/// Notes that these people, or everybody who still waits, were told.
pub fn tell_people(
    tx: &mut Tx<'_>,
    old: &BreachRow,
    people: Option<&[SeekerId]>,
    (at, channel): (Instant, NoticeChannel),
) -> Result<(), Fault> {
    let values = (breach_people::told_at.eq(at), breach_people::channel.eq(channel));
    let mut told = 0;
    match people {
        None => {
            let waiting = breach_people::table
                .filter(breach_people::breach_id.eq(old.id))
                .filter(breach_people::told_at.is_null());
            told += diesel::update(waiting).set(values).execute(tx.db)?;
        }
        Some(people) => {
            for people in people.chunks(BATCH) {
                let waiting = breach_people::table
                    .filter(breach_people::breach_id.eq(old.id))
                    .filter(breach_people::seeker_id.eq_any(people))
                    .filter(breach_people::told_at.is_null());
                told += diesel::update(waiting).set(values).execute(tx.db)?;
            }
        }
    }
    put(tx, old, old.clone())?;
    let detail = json!({ "people": told, "channel": channel.as_str() });
    tx.journal_change(old, Line::of("tell_people").with(detail))
}

/// How many people a breach touched, and how many of them wait for their notice.
pub fn counts(conn: &mut Conn<'_>, breach: BreachId) -> Result<(i64, i64), Fault> {
    let of = || breach_people::table.filter(breach_people::breach_id.eq(breach));
    let all = of().count().get_result(conn.db)?;
    let waiting = of().filter(breach_people::told_at.is_null()).count().get_result(conn.db)?;
    Ok((all, waiting))
}

/// The next people of a breach.
pub fn people(
    conn: &mut Conn<'_>,
    breach: BreachId,
    after: Option<SeekerId>,
    limit: i64,
) -> Result<Vec<TouchedRow>, Fault> {
    let mut query = breach_people::table.filter(breach_people::breach_id.eq(breach)).into_boxed();
    if let Some(after) = after {
        query = query.filter(breach_people::seeker_id.gt(after));
    }
    let query = query.order(breach_people::seeker_id.asc()).limit(limit);
    Ok(query.select(TouchedRow::as_select()).load(conn.db)?)
}

/// The next breaches that a person was told of, the newest first.
pub fn told_to(
    conn: &mut Conn<'_>,
    seeker: SeekerId,
    before: Option<BreachId>,
    limit: i64,
) -> Result<Vec<(BreachRow, TouchedRow)>, Fault> {
    let mut query = breach_people::table
        .inner_join(breaches::table.on(breaches::id.eq(breach_people::breach_id)))
        .filter(breach_people::seeker_id.eq(seeker))
        .filter(breach_people::told_at.is_not_null())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(breach_people::breach_id.lt(before));
    }
    let query = query.order(breach_people::breach_id.desc()).limit(limit);
    Ok(query.select((BreachRow::as_select(), TouchedRow::as_select())).load(conn.db)?)
}

/// The breaches among which another person does not stand yet.
pub fn parted(
    conn: &mut Conn<'_>,
    from: SeekerId,
    to: SeekerId,
) -> Result<Parted<BreachId>, Fault> {
    let of = |person: SeekerId| {
        let theirs = breach_people::table.filter(breach_people::seeker_id.eq(person));
        theirs.select(breach_people::breach_id)
    };
    let there: Vec<BreachId> = of(to).load(conn.db)?;
    let all: Vec<BreachId> = of(from).load(conn.db)?;
    Ok(Parted::of(all, |breach| !there.contains(breach)))
}

/// There the other person, who is the same human being, stands now.
pub fn hand_over(tx: &mut Tx<'_>, from: SeekerId, to: SeekerId) -> Result<(), Fault> {
    for breach in parted(tx, from, to)?.going {
        diesel::update(breach_people::table.find((breach, from)))
            .set(breach_people::seeker_id.eq(to))
            .execute(tx.db)?;
        tx.journal(SUBJECT, breach.uuid(), "hand_over", None)?;
    }
    Ok(())
}
