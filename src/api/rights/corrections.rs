//! What a person wants the record to say, brought to the same checks as a change at the desk.
//! Must not know: who decides.

use crate::api::extract::Patch;
use crate::api::problem::Problem;
use crate::api::seekers::{RegisterSeeker, desk};
use crate::db::Tx;
use crate::domain::ids::SeekerId;
use crate::domain::rights::{Correction, RecordField};
use serde_json::{Value, json};

/// Members that a registration spells as numbers.
const NUMBERS: [RecordField; 4] = [
    RecordField::FarmMonths,
    RecordField::FisheryMonths,
    RecordField::KoreanLevel,
    RecordField::TrainingHours,
];

fn spelled(wanted: &Correction) -> Value {
    let Some(value) = &wanted.value else { return Value::Null };
    let number = value.parse::<u32>().ok().filter(|_| NUMBERS.contains(&wanted.field));
    number.map_or_else(|| json!(value), |number| json!(number))
}

fn patch(wanted: &[Correction]) -> Result<Patch<RegisterSeeker>, Problem> {
    let members = wanted.iter().map(|one| (one.field.as_str().to_owned(), spelled(one)));
    Patch::read(Value::Object(members.collect()).to_string().as_bytes())
}

/// A problem of the record, told where the request asked for it.
fn placed(mut problem: Problem, wanted: &[Correction]) -> Problem {
    for wrong in &mut problem.errors {
        let asked = wanted.iter().position(|one| wrong.pointer == format!("/{}", one.field));
        if let Some(at) = asked {
            wrong.pointer = format!("/corrections/{at}/value");
        }
    }
    problem
}

/// Whether the record could say so.
pub fn fit(tx: &mut Tx<'_>, seeker: SeekerId, wanted: &[Correction]) -> Result<(), Problem> {
    desk::could_be(tx, seeker, &patch(wanted)?).map_err(|problem| placed(problem, wanted))
}

/// Makes the record say so.
pub fn apply(tx: &mut Tx<'_>, seeker: SeekerId, wanted: &[Correction]) -> Result<(), Problem> {
    desk::corrected(tx, seeker, &patch(wanted)?).map_err(|problem| placed(problem, wanted))
}
