//! A person taken from one system to another: the whole record in a form that it can be taken in
//! by, and the numbers under which other systems know the person.
//! Must not know: how identifiers are sealed.

use super::answer::{Created, Plain};
use super::applications::Application;
use super::consents::Consent;
use super::extract::{Json, Key, Path, Wire};
use super::guard::{Office, Only};
use super::problem::Problem;
use super::seekers::{JobSeeker, RegisterSeeker};
use super::sight::Sight;
use crate::db::consents::Answer;
use crate::db::seekers::{self, Scope};
use crate::db::{Conn, Fault, Tx, applications, consents, external_ids as table, rights};
use crate::domain::consents::Channel;
use crate::domain::external_ids::{ExternalNumber, ExternalSystem};
use crate::domain::identity::Nik;
use crate::domain::ids::SeekerId;
use crate::domain::problem::{Code, Problems};
use crate::domain::seekers::{NewSeeker, SeekerState, differences};
use crate::domain::time::Zone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use validator::Validate;

/// The form that is written and read here.
const FORM: &str = "musiman/person/1";
/// Answers of one export; a person gives some a season.
const CONSENTS_MAX: i64 = 1000;

/// A number under which another system knows the person.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "system": "siapkerja", "value": "SK-2026-00012" }))]
pub struct ExternalId {
    system: ExternalSystem,
    #[validate(length(min = 1, max = 60))]
    value: String,
}

/// A person's numbers in other systems.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "data": [{ "system": "siapkerja", "value": "SK-2026-00012" }] }))]
pub struct ExternalIds {
    data: Vec<ExternalId>,
}

/// A person in a form that other systems may write and read.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "form": "musiman/person/1",
    "person": {
        "nik": "3216184703960002", "name": "Siti Contoh", "born_on": "1996-03-07", "sex": "female",
        "kecamatan": "321618"
    },
    "external_ids": [{ "system": "siapkerja", "value": "SK-2026-00012" }]
}))]
pub struct PortableSeeker {
    /// `musiman/person/1`.
    form: String,
    #[validate(nested)]
    person: RegisterSeeker,
    #[serde(default)]
    #[validate(length(max = 10), nested)]
    external_ids: Vec<ExternalId>,
}

/// Everything that the office keeps of a person. `portable` can be taken in as it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "portable": {
        "form": "musiman/person/1",
        "person": {
            "nik": "3216184703960002", "name": "Siti Contoh", "born_on": "1996-03-07",
            "sex": "female", "kecamatan": "321618"
        },
        "external_ids": []
    },
    "consents": [], "applications": []
}))]
pub struct ExportedSeeker {
    portable: PortableSeeker,
    consents: Vec<Consent>,
    applications: Vec<Application>,
}

/// What is to be taken in.
#[derive(Debug, Clone)]
pub struct Arrival {
    person: NewSeeker,
    numbers: Vec<(ExternalSystem, ExternalNumber)>,
}

impl Wire for ExternalId {
    type Value = (ExternalSystem, ExternalNumber);
    fn value(self) -> Result<Self::Value, Problems> {
        let mut p = Problems::default();
        let number = p.at("/value", ExternalNumber::parse(&self.value));
        p.done(|| Some((self.system, number?)))
    }
}

impl Wire for PortableSeeker {
    type Value = Arrival;
    fn value(self) -> Result<Arrival, Problems> {
        let mut p = Problems::default();
        if self.form != FORM {
            p.add("/form", Code::UnknownValue);
        }
        let person = self.person.value().map_err(|part| p.under("/person", part)).ok();
        let (mut numbers, mut systems) = (Vec::new(), BTreeSet::new());
        for (index, one) in self.external_ids.into_iter().enumerate() {
            let at = format!("/external_ids/{index}");
            if !systems.insert(one.system) {
                p.add(&format!("{at}/system"), Code::Duplicate);
            }
            match one.value() {
                Ok(number) => numbers.push(number),
                Err(part) => p.under(&at, part),
            }
        }
        p.done(|| Some(Arrival { person: person?, numbers }))
    }
}

pub(super) fn numbers(
    conn: &mut Conn<'_>,
    id: SeekerId,
    _: Sight,
) -> Result<Vec<ExternalId>, Fault> {
    let told = |(system, number): (ExternalSystem, ExternalNumber)| ExternalId {
        system,
        value: number.as_str().to_owned(),
    };
    Ok(table::of(conn, id)?.into_iter().map(told).collect())
}

pub async fn list_external_ids(
    who: Only<Office>,
    id: Path<SeekerId>,
) -> Result<Plain<ExternalIds>, Problem> {
    let sight = who.sight();
    who.snapshot(move |conn, _| {
        seekers::get(conn, id.0, Scope::All)?;
        Ok(Plain(ExternalIds { data: numbers(conn, id.0, sight)? }))
    })
    .await
}

pub async fn set_external_id(
    who: Only<Office>,
    id: Path<SeekerId>,
    key: Key,
    body: Json<ExternalId>,
) -> Result<Plain<ExternalIds>, Problem> {
    let (id, sight, Json((system, number), seen)) = (id.0, who.sight(), body);
    who.once(
        key,
        seen,
        move |tx, _, _| {
            seekers::get(tx, id, Scope::All)?;
            if rights::lies_still(tx, id)? {
                return Err(Code::ProcessingRestricted.into());
            }
            if table::find(tx, system, &number)?.is_some_and(|owner| owner != id) {
                return Err(Code::ExternalIdTaken.into());
            }
            table::put(tx, id, system, &number)?;
            Ok(None)
        },
        move |tx, _| Ok(Plain(ExternalIds { data: numbers(tx, id, sight)? })),
    )
    .await
}

fn shown(conn: &mut Conn<'_>, id: SeekerId, sight: Sight) -> Result<PortableSeeker, Problem> {
    let stated = seekers::get(conn, id, Scope::All)?.open(conn)?;
    let (form, person) = (FORM.to_owned(), RegisterSeeker::from(&stated));
    Ok(PortableSeeker { form, person, external_ids: numbers(conn, id, sight)? })
}

pub async fn export_seeker(
    who: Only<Office>,
    id: Path<SeekerId>,
) -> Result<Plain<ExportedSeeker>, Problem> {
    let (id, sight) = (id.0, who.sight());
    who.snapshot(move |conn, _| {
        let portable = shown(conn, id, sight)?;
        let consents = consents::page(conn, id, None, CONSENTS_MAX)?;
        let lists = applications::of_person(conn, id)?;
        Ok(Plain(ExportedSeeker {
            portable,
            consents: consents.into_iter().map(Into::into).collect(),
            applications: lists.iter().map(Application::of).collect::<Result<_, Fault>>()?,
        }))
    })
    .await
}

/// The member of the form that a field of the record is written in.
fn member(field: &'static str) -> &'static str {
    match field {
        "marital" => "marital_status",
        "passport" => "passport_number",
        same => same,
    }
}

/// The record that is meant: by NIK, or else by a number; a number of somebody else is refused.
fn meant(tx: &mut Tx<'_>, arrival: &Arrival, p: &mut Problems) -> Result<Option<SeekerId>, Fault> {
    let index = seekers::nik_index(tx, &arrival.person.nik);
    let found = seekers::registered(tx, &[index])?.pop();
    if found.as_ref().is_some_and(|row| row.state == SeekerState::Erased) {
        p.add("/person/nik", Code::NikMerged);
        return Ok(None);
    }
    let mut meant = found.map(|row| row.id);
    for (at, (system, number)) in arrival.numbers.iter().enumerate() {
        let owner = table::find(tx, *system, number)?;
        match (meant, owner) {
            (Some(one), Some(other)) if one != other => {
                p.add(&format!("/external_ids/{at}/value"), Code::ExternalIdTaken);
            }
            (None, found) => meant = found,
            _ => {}
        }
    }
    Ok(meant)
}

/// Registers somebody new, or gives a record that says the same its numbers.
fn take_in(tx: &mut Tx<'_>, id: SeekerId, arrival: &Arrival) -> Result<(), Problem> {
    let mut p = Problems::default();
    if let Err(part) = arrival.person.check_days(tx.now.day_in(Zone::Jakarta)) {
        p.under("/person", part);
    }
    let known = meant(tx, arrival, &mut p)?;
    if let Some(known) = known {
        let stated = seekers::get(tx, known, Scope::All)?.open(tx)?;
        for field in differences(&stated, &arrival.person) {
            p.add(&format!("/person/{}", member(field)), Code::RecordDiffers);
        }
        if rights::lies_still(tx, known)? {
            p.add("/person", Code::ProcessingRestricted);
        }
    }
    p.done(|| Some(()))?;
    let person = known.unwrap_or(id);
    if known.is_none() {
        seekers::insert(tx, person, &arrival.person, SeekerState::Registered)?;
        consents::insert_many(tx, &[person], &[Answer::by_law(Channel::Import)])?;
    }
    for (system, number) in &arrival.numbers {
        table::put(tx, person, *system, number)?;
    }
    Ok(())
}

/// Whoever has the NIK now: what was taken in, whether it was there before or not.
fn taken_in(tx: &mut Tx<'_>, nik: &Nik, sight: Sight) -> Result<Created<JobSeeker>, Problem> {
    let index = seekers::nik_index(tx, nik);
    let found = seekers::registered(tx, &[index])?.pop();
    let row = found.filter(|row| row.state != SeekerState::Erased).ok_or(Code::NotFound)?;
    let stated = row.open(tx)?;
    Ok(Created(JobSeeker::shown(sight, &row, stated)))
}

pub async fn import_portable(
    who: Only<Office>,
    key: Key,
    body: Json<PortableSeeker>,
) -> Result<Created<JobSeeker>, Problem> {
    let (sight, Json(arrival, seen)) = (who.sight(), body);
    let nik = arrival.person.nik.clone();
    who.once(
        key,
        seen,
        move |tx, _, id| take_in(tx, id.into(), &arrival).map(|()| None),
        move |tx, _| taken_in(tx, &nik, sight),
    )
    .await
}
