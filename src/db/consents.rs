//! What people agreed to, answer by answer: a row is made once and ended once, and nothing else of
//! it ever changes but the record that it hangs on, when two turn out to be of one human being.
//! The only writer of its table. Must not know: the words that were shown.

use super::journal::Line;
use super::schema::{applications, consents};
use super::sql::{self, Mark};
use super::states::{Stated as _, stated};
use super::{Conn, Fault, MultiBackend, Tx, seekers};
use crate::domain::consents::{Basis, Channel, ConsentState, Purpose, Shown};
use crate::domain::ids::{AccountId, ConsentId, SeasonId, SeekerId};
use crate::domain::lifecycle::Transition;
use crate::domain::roles::Role;
use crate::domain::time::{Day, Instant};
use crate::each_backend;
use diesel::dsl::count_star;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::HashSet;

/// Rows of one INSERT.
const BATCH: usize = 1000;

#[derive(Debug, Clone, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = consents, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
pub struct ConsentRow {
    pub id: ConsentId,
    pub seeker_id: SeekerId,
    pub purpose: Purpose,
    pub basis: Basis,
    pub state: ConsentState,
    /// None where the law is the basis and no wording was shown.
    pub text_version: Option<i32>,
    pub text_digest: Option<String>,
    pub language: Option<String>,
    pub channel: Channel,
    /// The day on the paper.
    pub signed_on: Option<Day>,
    pub given_at: Instant,
    pub given_by: Option<AccountId>,
    pub given_role: Option<Role>,
    pub ended_at: Option<Instant>,
    pub ended_channel: Option<Channel>,
    pub ended_by: Option<AccountId>,
    pub ended_role: Option<Role>,
    pub version: i64,
}

stated!(ConsentRow of consents, |row| (seekers::SUBJECT, row.seeker_id.uuid()));

/// An answer to be kept.
#[derive(Debug, Clone)]
pub struct Answer {
    pub purpose: Purpose,
    pub basis: Basis,
    pub shown: Option<Shown>,
    pub channel: Channel,
    pub signed_on: Option<Day>,
}

impl Answer {
    /// Being in the register, which the law orders.
    pub const fn by_law(channel: Channel) -> Self {
        Self {
            purpose: Purpose::Registration,
            basis: Basis::PublicTask,
            shown: None,
            channel,
            signed_on: None,
        }
    }
}

fn row(tx: &Tx<'_>, id: ConsentId, seeker: SeekerId, answer: &Answer) -> ConsentRow {
    let shown = answer.shown.as_ref();
    ConsentRow {
        id,
        seeker_id: seeker,
        purpose: answer.purpose,
        basis: answer.basis,
        state: ConsentState::InForce,
        text_version: shown.map(|s| s.version),
        text_digest: shown.map(|s| s.digest.clone()),
        language: shown.map(|s| s.language.clone()),
        channel: answer.channel,
        signed_on: answer.signed_on,
        given_at: tx.now,
        given_by: tx.actor.account,
        given_role: tx.actor.role,
        ended_at: None,
        ended_channel: None,
        ended_by: None,
        ended_role: None,
        version: 1,
    }
}

/// Keeps an answer. One of the same purpose must have been ended before.
pub fn insert(
    tx: &mut Tx<'_>,
    id: ConsentId,
    seeker: SeekerId,
    answer: &Answer,
) -> Result<(), Fault> {
    let row = row(tx, id, seeker, answer);
    diesel::insert_into(consents::table).values(&row).execute(tx.db)?;
    let detail = json!({
        "purpose": row.purpose.as_str(), "text_version": row.text_version,
        "channel": row.channel.as_str(),
    });
    tx.journal_new(&row, Line::of("give_consent").with(detail))
}

/// The same answers of many people; the journal line is that of whatever brings them.
pub fn insert_many(tx: &mut Tx<'_>, people: &[SeekerId], answers: &[Answer]) -> Result<(), Fault> {
    let all = people.iter().flat_map(|seeker| answers.iter().map(move |answer| (*seeker, answer)));
    let rows: Vec<ConsentRow> =
        all.map(|(seeker, answer)| row(tx, ConsentId(tx.new_id()), seeker, answer)).collect();
    for rows in rows.chunks(BATCH) {
        let query = diesel::insert_into(consents::table).values(rows);
        each_backend!(&mut *tx.db, |c| query.execute(c))?;
    }
    Ok(())
}

/// Ends an answer, if nobody did so before.
pub fn end(
    tx: &mut Tx<'_>,
    row: &ConsentRow,
    step: Transition<ConsentState>,
    channel: Channel,
) -> Result<(), Fault> {
    let at = consents::table
        .filter(consents::id.eq(row.id))
        .filter(consents::version.eq(row.version))
        .filter(consents::state.eq(step.from()));
    let kept = diesel::update(at)
        .set((
            consents::state.eq(step.to()),
            consents::ended_at.eq(tx.now),
            consents::ended_channel.eq(channel),
            consents::ended_by.eq(tx.actor.account),
            consents::ended_role.eq(tx.actor.role),
            consents::version.eq(row.version + 1),
        ))
        .execute(tx.db)?;
    if kept != 1 {
        return Err(Fault::Moved);
    }
    let detail = json!({ "purpose": row.purpose.as_str(), "channel": channel.as_str() });
    let event = format!("{}_consent", step.event().as_str());
    tx.journal_change(row, Line::of(&event).with(detail))
}

/// One answer, if the scope covers its person.
pub fn get(conn: &mut Conn<'_>, id: ConsentId, scope: seekers::Scope) -> Result<ConsentRow, Fault> {
    let row: ConsentRow =
        consents::table.find(id).select(ConsentRow::as_select()).first(conn.db)?;
    match scope {
        seekers::Scope::Own(own) if own != row.seeker_id => Err(Fault::NotFound),
        _ => Ok(row),
    }
}

/// The next answers of a person, the first one first.
pub fn page(
    conn: &mut Conn<'_>,
    seeker: SeekerId,
    after: Option<ConsentId>,
    limit: i64,
) -> Result<Vec<ConsentRow>, Fault> {
    let mut query = consents::table.filter(consents::seeker_id.eq(seeker)).into_boxed();
    if let Some(after) = after {
        query = query.filter(consents::id.gt(after));
    }
    let query = query.order(consents::id.asc()).limit(limit);
    Ok(query.select(ConsentRow::as_select()).load(conn.db)?)
}

/// The answer of a person that counts for a purpose.
pub fn in_force(
    conn: &mut Conn<'_>,
    seeker: SeekerId,
    purpose: Purpose,
) -> Result<Option<ConsentRow>, Fault> {
    let query = consents::table
        .filter(consents::seeker_id.eq(seeker))
        .filter(consents::purpose.eq(purpose))
        .filter(consents::state.eq(ConsentState::InForce));
    Ok(query.select(ConsentRow::as_select()).first(conn.db).optional()?)
}

/// When and how a person last withdrew from a purpose.
pub fn last_withdrawal(
    conn: &mut Conn<'_>,
    seeker: SeekerId,
    purpose: Purpose,
) -> Result<Option<(Instant, Channel)>, Fault> {
    let query = consents::table
        .filter(consents::seeker_id.eq(seeker))
        .filter(consents::purpose.eq(purpose))
        .filter(consents::state.eq(ConsentState::Withdrawn))
        .order(consents::ended_at.desc())
        .select((consents::ended_at, consents::ended_channel));
    let last: Option<(Option<Instant>, Option<Channel>)> = query.first(conn.db).optional()?;
    Ok(last.and_then(|(at, channel)| at.zip(channel)))
}

/// How many answers a person gave.
pub fn count_of(conn: &mut Conn<'_>, seeker: SeekerId) -> Result<i64, Fault> {
    let theirs = consents::table.filter(consents::seeker_id.eq(seeker));
    Ok(theirs.count().get_result(conn.db)?)
}

/// Every answer becomes another person's, who is the same human being. Of one purpose no two may be
/// in force.
pub fn hand_over(tx: &mut Tx<'_>, from: SeekerId, to: SeekerId) -> Result<(), Fault> {
    let theirs = consents::table.filter(consents::seeker_id.eq(from));
    let all: Vec<ConsentRow> = theirs.select(ConsentRow::as_select()).load(tx.db)?;
    diesel::update(theirs)
        .set((consents::seeker_id.eq(to), consents::version.eq(consents::version + 1)))
        .execute(tx.db)?;
    for old in all {
        let line = |event| Line::of(event).with(json!({ "purpose": old.purpose.as_str() }));
        tx.journal_gone(&old, line("hand_over_consent"))?;
        let new = old.again(tx)?;
        tx.journal_new(&new, line("take_over_consent"))?;
    }
    Ok(())
}

/// Which of these people agree to a purpose.
pub fn holding(
    conn: &mut Conn<'_>,
    purpose: Purpose,
    people: &[SeekerId],
) -> Result<HashSet<SeekerId>, Fault> {
    let query = consents::table
        .filter(consents::seeker_id.eq_any(people))
        .filter(consents::purpose.eq(purpose))
        .filter(consents::state.eq(ConsentState::InForce));
    let all: Vec<SeekerId> = query.select(consents::seeker_id).load(conn.db)?;
    Ok(all.into_iter().collect())
}

/// Changes whenever somebody who applied in the season agrees to a purpose or withdraws.
pub fn mark(conn: &mut Conn<'_>, season: SeasonId, purpose: Purpose) -> Result<Mark, Fault> {
    let applied = applications::table
        .filter(applications::season_id.eq(season))
        .select(applications::seeker_id);
    let of_them = consents::table
        .filter(consents::seeker_id.eq_any(applied))
        .filter(consents::purpose.eq(purpose));
    Ok(of_them.select((count_star(), sql::versions())).get_result(conn.db)?)
}
