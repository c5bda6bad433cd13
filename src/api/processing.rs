//! For the data officer: the register of processing activities, and the facts of an assessment of
//! what the processing means for people (UU 27/2022, articles 31 and 34).
//! Must not know: how counts are taken.

use super::answer::Plain;
use super::guard::{Office, Only};
use super::problem::Problem;
use crate::db::classes::{CLASSES, Class, class_of};
use crate::db::{Conn, impact};
use crate::domain::breaches::BreachState;
use crate::domain::consents::Purpose;
use crate::domain::organisations::OrganisationKind;
use crate::domain::processing::{
    self, Activity, LawfulBasis, PeopleKind, Recipient, Safeguard, TransferBasis,
};
use crate::domain::rounds::RoundState;
use crate::domain::rulebook::Rulebook;
use crate::domain::seekers::SeekerState;
use crate::domain::small_cells::hide_small;
use crate::domain::time::{Day, Zone};
use crate::texts::Lang;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A column that an activity uses.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcessedColumn {
    table: String,
    column: String,
    class: Class,
}

/// How long the data of an activity stays.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionRule {
    rule: String,
    member: String,
    /// Null where no rule holds today.
    #[schema(required = true)]
    figure: Option<i64>,
    #[schema(required = true)]
    source: Option<String>,
}

/// One processing activity.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcessingActivity {
    id: String,
    /// In the reader's language.
    title: String,
    purposes: Vec<Purpose>,
    basis: LawfulBasis,
    /// The law behind the basis.
    source: String,
    people: Vec<PeopleKind>,
    columns: Vec<ProcessedColumn>,
    recipients: Vec<Recipient>,
    /// Null where nothing leaves the country.
    #[schema(required = true)]
    transfer: Option<TransferBasis>,
    retention: RetentionRule,
    safeguards: Vec<Safeguard>,
}

/// The register as of today.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "data": [{
    "id": "import", "title": "Registers uploaded as files", "purposes": ["registration"],
    "basis": "public_task", "source": "UU 18/2017 art. 41; UU 27/2022 art. 20 (2) e",
    "people": ["job_seekers"],
    "columns": [{ "table": "import_chunks", "column": "bytes_sealed", "class": "specific" }],
    "recipients": ["labour_office"], "transfer": null,
    "retention": {
        "rule": "OPS-COPIES", "member": "upload_days", "figure": 30, "source": "programme policy"
    },
    "safeguards": ["sealed", "journal", "short_lived"]
}] }))]
pub struct ProcessingActivities {
    data: Vec<ProcessingActivity>,
}

fn told(one: &Activity, day: Day, rules: &Rulebook, lang: Lang) -> ProcessingActivity {
    let column = |(table, column): &(String, String)| ProcessedColumn {
        table: table.clone(),
        column: column.clone(),
        class: class_of(table, column).unwrap_or(Class::Specific),
    };
    let kept = one.retention.on(day, rules);
    ProcessingActivity {
        id: one.id.clone(),
        title: one.title.get(lang.as_str()).cloned().unwrap_or_default(),
        purposes: one.purposes.clone(),
        basis: one.basis,
        source: one.source.clone(),
        people: one.people.clone(),
        columns: one.columns.iter().map(column).collect(),
        recipients: one.recipients.clone(),
        transfer: one.transfer,
        retention: RetentionRule {
            rule: one.retention.rule.clone(),
            member: one.retention.member.clone(),
            figure: kept.as_ref().map(|(figure, _)| *figure),
            source: kept.map(|(_, rule)| rule.source),
        },
        safeguards: one.safeguards.clone(),
    }
}

pub async fn list_processing_activities(
    who: Only<Office>,
) -> Result<Plain<ProcessingActivities>, Problem> {
    let (day, rules) = (who.now().day_in(Zone::Jakarta), &who.app().rules);
    let data = processing::on(day).into_iter().map(|one| told(one, day, rules, who.lang));
    Ok(Plain(ProcessingActivities { data: data.collect() }))
}

/// A count by its key; null where it is so small that it could tell of somebody.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImpactCount {
    key: String,
    #[schema(required = true)]
    count: Option<u64>,
}

/// What an assessment starts from, counted now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "counted_at": "2026-11-24T03:00:00Z", "people": 5000,
    "people_by_state": [{ "key": "verified", "count": 4221 }],
    "agreeing_by_purpose": [{ "key": "matching", "count": 4198 }],
    "columns_by_class": [{ "key": "identifier", "count": 12 }],
    "recipients_abroad": [{ "key": "farm", "count": 40 }], "machines": 2,
    "automated_decisions": 298, "rounds_by_state": [{ "key": "published", "count": 1 }],
    "breaches_by_state": [{ "key": "open", "count": 0 }]
}))]
pub struct ProcessingImpact {
    counted_at: DateTime<Utc>,
    /// Null where a smaller count would follow from it.
    #[schema(required = true)]
    people: Option<u64>,
    people_by_state: Vec<ImpactCount>,
    agreeing_by_purpose: Vec<ImpactCount>,
    columns_by_class: Vec<ImpactCount>,
    /// Approved organisations in Korea.
    recipients_abroad: Vec<ImpactCount>,
    /// Clients that may come in.
    machines: u64,
    /// Seats that published rounds gave; two officers approved each round.
    #[schema(required = true)]
    automated_decisions: Option<u64>,
    rounds_by_state: Vec<ImpactCount>,
    breaches_by_state: Vec<ImpactCount>,
}

/// Counts of things that are no persons.
fn plain<T: Copy>(
    all: &[T],
    word: fn(T) -> &'static str,
    mut count: impl FnMut(T) -> Result<u64, Problem>,
) -> Result<Vec<ImpactCount>, Problem> {
    let one = |key: &T| Ok(ImpactCount { key: word(*key).to_owned(), count: Some(count(*key)?) });
    all.iter().map(one).collect()
}

/// Everybody by state, with the total where it may be told.
fn by_state(
    conn: &mut Conn<'_>,
    smallest: u64,
) -> Result<(u64, Option<u64>, Vec<ImpactCount>), Problem> {
    let count = |state: &SeekerState| Ok(impact::people(conn, *state)?);
    let cells: Vec<u64> = SeekerState::ALL.iter().map(count).collect::<Result<_, Problem>>()?;
    let shown = hide_small(&cells, smallest);
    let states = SeekerState::ALL.iter().zip(shown.cells);
    let told = states.map(|(state, count)| ImpactCount { key: state.to_string(), count });
    Ok((cells.iter().sum(), shown.total, told.collect()))
}

/// Who agrees to a purpose, and who does not, are a table of their own each.
fn by_purpose(
    conn: &mut Conn<'_>,
    (people, total): (u64, Option<u64>),
    smallest: u64,
) -> Result<Vec<ImpactCount>, Problem> {
    let one = |purpose: &Purpose| {
        let agreeing = impact::agreeing(conn, *purpose)?;
        let shown = hide_small(&[agreeing, people.saturating_sub(agreeing)], smallest);
        let count = shown.cells.first().copied().flatten().filter(|_| total.is_some());
        Ok(ImpactCount { key: purpose.to_string(), count })
    };
    Purpose::ALL.iter().map(one).collect()
}

fn columns() -> Vec<ImpactCount> {
    let all = || CLASSES.iter().flat_map(|(_, columns)| columns.iter());
    let of = |class: &Class| ImpactCount {
        key: class.as_str().to_owned(),
        count: Some(all().filter(|(_, its)| its == class).count() as u64),
    };
    Class::ALL.iter().map(of).collect()
}

const ABROAD: [OrganisationKind; 4] = [
    OrganisationKind::Farm,
    OrganisationKind::Company,
    OrganisationKind::Cooperative,
    OrganisationKind::SiGun,
];

fn impact_of(conn: &mut Conn<'_>, smallest: u64) -> Result<ProcessingImpact, Problem> {
    let (people, total, people_by_state) = by_state(conn, smallest)?;
    let seats = impact::seats(conn)?;
    Ok(ProcessingImpact {
        counted_at: DateTime::default(),
        people: total,
        people_by_state,
        agreeing_by_purpose: by_purpose(conn, (people, total), smallest)?,
        columns_by_class: columns(),
        recipients_abroad: plain(&ABROAD, OrganisationKind::as_str, |kind| {
            Ok(impact::organisations(conn, kind)?)
        })?,
        machines: impact::machines(conn)?,
        automated_decisions: (seats == 0 || seats >= smallest).then_some(seats),
        rounds_by_state: plain(RoundState::ALL, RoundState::as_str, |state| {
            Ok(impact::rounds(conn, state)?)
        })?,
        breaches_by_state: plain(BreachState::ALL, BreachState::as_str, |state| {
            Ok(impact::breaches(conn, state)?)
        })?,
    })
}

pub async fn get_processing_impact(who: Only<Office>) -> Result<Plain<ProcessingImpact>, Problem> {
    let today = who.now().day_in(Zone::Jakarta);
    let smallest = who.app().rules.on("OPS-CELL", today, None)?.integer()?;
    let smallest = u64::try_from(smallest).unwrap_or(u64::MAX);
    who.snapshot(move |conn, now| {
        let impact = impact_of(conn, smallest)?;
        Ok(Plain(ProcessingImpact { counted_at: now.utc(), ..impact }))
    })
    .await
}
