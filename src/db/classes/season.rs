//! Classes of the columns of rounds and the seats that they gave.
//! Must not know: values.

use super::Class::General;
use super::Columns;

pub(super) const ROUNDS: Columns = &[
    ("id", General),
    ("season_id", General),
    ("input_version", General),
    ("job_id", General),
    ("state", General),
    ("nodes", General),
    ("lints", General),
    ("placed", General),
    ("unplaced", General),
    ("instance_digest", General),
    ("outcome_digest", General),
    ("computed_by", General),
    ("computed_at", General),
    ("approved_by", General),
    ("approved_at", General),
    ("published_by", General),
    ("published_at", General),
    ("secret_revealed", General),
    ("version", General),
    ("updated_at", General),
    ("changed_by", General),
];

pub(super) const SEATS: Columns = &[
    ("round_id", General),
    ("seeker_id", General),
    ("quota_id", General),
    ("number", General),
    ("kecamatan", General),
    ("sex", General),
    ("age_band", General),
    ("experience_band", General),
];
