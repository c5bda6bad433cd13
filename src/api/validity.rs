//! Turns what `validator` found into pointers and codes.
//! Must not know: any wire struct.

use crate::domain::problem::{Code, Reason, Wrong};
use serde_json::Value;
use validator::{ValidationError, ValidationErrors, ValidationErrorsKind};

/// Flattens the nested map; array members are numbered.
pub(super) fn flatten(errors: &ValidationErrors, at: &str, into: &mut Vec<Wrong>) {
    for (field, kind) in errors.errors() {
        let pointer = format!("{at}/{field}");
        match kind {
            ValidationErrorsKind::Field(found) => into.extend(
                found.iter().map(|e| Wrong { pointer: pointer.clone(), reason: reason_of(e) }),
            ),
            ValidationErrorsKind::Struct(nested) => flatten(nested, &pointer, into),
            ValidationErrorsKind::List(items) => {
                for (i, nested) in items {
                    flatten(nested, &format!("{pointer}/{i}"), into);
                }
            }
        }
    }
}

fn figure(error: &ValidationError, name: &str) -> Option<f64> {
    error.params.get(name).and_then(Value::as_f64)
}

/// Past four thousand million a length is too long whatever the limit is.
fn size_of(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// `length` and `range` are the only validators in use; the value tells which end was passed.
fn reason_of(error: &ValidationError) -> Reason {
    let size = match error.params.get("value") {
        Some(Value::String(text)) => Some(size_of(text.chars().count())),
        Some(Value::Array(items)) => Some(size_of(items.len())),
        Some(other) => other.as_f64(),
        None => None,
    };
    let (min, max) = (figure(error, "min"), figure(error, "max"));
    let over = max.is_some_and(|max| size.is_none_or(|size| size > max));
    let (code, name, limit) = match (error.code.as_ref(), over) {
        ("length", true) => (Code::TooLong, "max", max),
        ("length", false) => (Code::TooShort, "min", min),
        ("range", true) => (Code::TooLarge, "max", max),
        ("range", false) => (Code::TooSmall, "min", min),
        _ => return Code::Invalid.into(),
    };
    limit.map_or(code.into(), |limit| code.with(name, limit))
}
