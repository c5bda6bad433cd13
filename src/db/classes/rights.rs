//! Classes of the columns that hold what people ask about their own data.
//! Must not know: values.

use super::Class::{General, Specific};
use super::Columns;

/// Free words of a person and about one may hold anything: sealed as specific data.
pub(super) const DATA_REQUESTS: Columns = &[
    ("id", General),
    ("seeker_id", General),
    ("kind", General),
    ("state", General),
    ("text_sealed", Specific),
    ("evidence_sealed", Specific),
    ("corrections_sealed", Specific),
    ("round_id", General),
    ("received_at", General),
    ("escalates_at", General),
    ("due_at", General),
    ("decided_at", General),
    ("decided_by", General),
    ("ground", General),
    ("review", General),
    ("note_sealed", Specific),
    ("ended_at", General),
    ("version", General),
    ("updated_at", General),
    ("changed_by", General),
];
