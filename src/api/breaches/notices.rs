//! The notices of a breach as texts: which data, when and how, and what is done about it (UU
//! 27/2022, article 46 (2)). Must not know: who was touched.

use crate::api::answer::{Plain, page};
use crate::api::cursor::{self, After, Paging};
use crate::api::extract::{Path, Query};
use crate::api::guard::{Lead, Only, Seeker};
use crate::api::problem::Problem;
use crate::db::Fault;
use crate::db::breaches::{self as table, BreachRow};
use crate::domain::ids::BreachId;
use crate::domain::time::{Instant, Zone};
use crate::texts::{self, Lang};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A notice in one language.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notice {
    /// `id`, `ko` or `en`.
    language: String,
    subject: String,
    text: String,
}

/// What is to be sent, in each language.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "to_people": [{
        "language": "en", "subject": "Your personal data was not protected",
        "text": "The labour office of Kabupaten Bekasi tells you ..."
    }],
    "to_authority": [{
        "language": "en", "subject": "Notice of a failure to protect personal data",
        "text": "The labour office of Kabupaten Bekasi tells the authority ..."
    }]
}))]
pub struct BreachNotices {
    to_people: Vec<Notice>,
    to_authority: Vec<Notice>,
}

/// A notice about the reader.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "breach_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "told_at": "2026-11-24T01:00:00Z",
    "subject": "Your personal data was not protected",
    "text": "The labour office of Kabupaten Bekasi tells you ..."
}))]
pub struct OwnBreach {
    breach_id: Uuid,
    told_at: DateTime<Utc>,
    /// In the reader's language.
    subject: String,
    text: String,
}

page!(
    /// Notices about the reader, the newest first.
    OwnBreachPage of OwnBreach
);

fn day(at: Instant) -> String {
    at.day_in(Zone::Jakarta).to_string()
}

/// The figures that the texts name.
fn facts(row: &BreachRow, people: i64, lang: Lang) -> Result<Vec<(&'static str, String)>, Fault> {
    let terms = row.terms()?;
    let kinds: Vec<String> =
        terms.data_kinds.iter().map(|kind| texts::word(lang, "data", kind.as_str())).collect();
    let optional = |at: Option<Instant>| at.map(day).unwrap_or_default();
    Ok(vec![
        ("data", kinds.join(", ")),
        ("since", optional(terms.happened_from)),
        ("until", optional(terms.happened_to)),
        ("known", day(row.known_at)),
        ("how", terms.how.in_language(lang.as_str()).to_owned()),
        ("handling", terms.handling.in_language(lang.as_str()).to_owned()),
        ("people", people.to_string()),
    ])
}

fn notice(
    row: &BreachRow,
    people: i64,
    lang: Lang,
    (subject, text): (&'static str, &'static str),
) -> Result<Notice, Fault> {
    Ok(Notice {
        language: lang.as_str().to_owned(),
        subject: texts::label(lang, subject).to_owned(),
        text: texts::said(lang, text, &facts(row, people, lang)?),
    })
}

const TO_PEOPLE: (&str, &str) = ("breach_person_subject", "breach_person_text");
const TO_AUTHORITY: (&str, &str) = ("breach_authority_subject", "breach_authority_text");

pub async fn list_breach_notices(
    who: Only<Lead>,
    id: Path<BreachId>,
) -> Result<Plain<BreachNotices>, Problem> {
    who.snapshot(move |conn, _| {
        let row = table::get(conn, id.0)?;
        let (people, _) = table::counts(conn, id.0)?;
        let all = |which| -> Result<Vec<Notice>, Fault> {
            Lang::ALL.iter().map(|lang| notice(&row, people, *lang, which)).collect()
        };
        let (to_people, to_authority) = (all(TO_PEOPLE)?, all(TO_AUTHORITY)?);
        Ok(Plain(BreachNotices { to_people, to_authority }))
    })
    .await
}

pub async fn list_own_breaches(
    who: Only<Seeker>,
    query: Query<Paging>,
) -> Result<Plain<OwnBreachPage>, Problem> {
    let (limit, seeker, lang) = (cursor::limit(query.0.limit)?, who.is.seeker, who.lang);
    who.read(move |conn, _| {
        let list = format!("own breaches {seeker}");
        let before =
            query.0.cursor.map(|text| cursor::read(conn.seal, &list, &text)).transpose()?;
        let rows = table::told_to(conn, seeker, before.map(|a| a.id.into()), limit + 1)?;
        let (rows, end) = cursor::page(rows, limit, |(b, _)| After { order: 0, id: b.id.uuid() });
        let own = |(row, touched): &(BreachRow, table::TouchedRow)| {
            let told_at = touched.told_at.ok_or_else(|| Fault::broken("told without a time"))?;
            let Notice { subject, text, .. } = notice(row, 0, lang, TO_PEOPLE)?;
            let breach_id = row.id.uuid();
            Ok(OwnBreach { breach_id, told_at: told_at.utc(), subject, text })
        };
        let data = rows.iter().map(own).collect::<Result<_, Fault>>()?;
        let next_cursor = end.map(|end| cursor::write(conn.seal, &list, end));
        Ok(Plain(OwnBreachPage { data, next_cursor }))
    })
    .await
}
