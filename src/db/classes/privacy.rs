//! Classes of the columns that hold what people agreed to, their numbers elsewhere, and failures to protect their data.
//! Must not know: values.

use super::Class::{General, Identifier};
use super::Columns;

pub(super) const CONSENTS: Columns = &[
    ("id", General),
    ("seeker_id", General),
    ("purpose", General),
    ("basis", General),
    ("state", General),
    ("text_version", General),
    ("text_digest", General),
    ("language", General),
    ("channel", General),
    ("signed_on", General),
    ("given_at", General),
    ("given_by", General),
    ("given_role", General),
    ("ended_at", General),
    ("ended_channel", General),
    ("ended_by", General),
    ("ended_role", General),
    ("version", General),
];

pub(super) const BREACHES: Columns = &[
    ("id", General),
    ("state", General),
    ("title", General),
    ("happened_from", General),
    ("happened_to", General),
    ("known_at", General),
    ("notice_until", General),
    ("data_kinds", General),
    ("how", General),
    ("handling", General),
    ("authority_told_at", General),
    ("authority_channel", General),
    ("version", General),
    ("updated_at", General),
    ("changed_by", General),
];

pub(super) const BREACH_PEOPLE: Columns =
    &[("breach_id", General), ("seeker_id", General), ("told_at", General), ("channel", General)];

pub(super) const EXTERNAL_IDS: Columns = &[
    ("id", General),
    ("seeker_id", General),
    ("system", General),
    ("value_sealed", Identifier),
    ("value_index", Identifier),
    ("updated_at", General),
    ("changed_by", General),
];
