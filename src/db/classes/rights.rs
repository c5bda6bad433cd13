//! Classes of the columns that hold what people ask about their own data, and what is said when two
//! records of one of them are merged.
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

pub(super) const MERGES: Columns = &[
    ("id", General),
    ("survivor_id", General),
    ("double_id", General),
    ("survivor_version", General),
    ("double_version", General),
    ("fields", General),
    ("evidence_sealed", Specific),
    ("request_id", General),
    ("state", General),
    ("proposed_by", General),
    ("proposed_at", General),
    ("decided_by", General),
    ("decided_at", General),
    ("note_sealed", Specific),
    ("version", General),
    ("updated_at", General),
    ("changed_by", General),
];

pub(super) const EVIDENCE_FILES: Columns = &[
    ("id", General),
    ("request_id", General),
    ("media_type", General),
    ("bytes", General),
    ("digest", General),
    ("content_sealed", Specific),
    ("added_at", General),
];
