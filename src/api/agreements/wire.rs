//! Agreements on the wire. Must not know: rows other than those it is made from.

use crate::api::answer::{Resource, page};
use crate::api::extract::Wire;
use crate::db::agreements::AgreementRow;
use crate::domain::agreements::{
    AgreementDocumentForm, AgreementDocumentKind, AgreementForm, AgreementKind, AgreementState,
    NewAgreement,
};
use crate::domain::problem::Problems;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

/// A document by kind, number and date.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreementDocument {
    kind: AgreementDocumentKind,
    number: String,
    #[schema(format = Date)]
    dated_on: String,
}

/// What a proposal says. The Korean partner is a si/gun, which only a chamber's memorandum with a
/// company may leave out.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "sister_city_mou", "title": "Bekasi and Hongcheon", "si_gun": "51720",
    "effective_from": "2026-01-01", "effective_to": "2030-12-31",
    "documents": [
        { "kind": "signed_original", "number": "415/MOU/2026", "dated_on": "2025-12-15" }
    ]
}))]
pub struct ProposeAgreement {
    kind: AgreementKind,
    #[validate(length(min = 1, max = 200))]
    title: String,
    /// Code of the si/gun.
    #[serde(default)]
    si_gun: Option<String>,
    #[schema(format = Date)]
    effective_from: String,
    /// Last day; none for an agreement without end.
    #[serde(default)]
    #[schema(format = Date)]
    effective_to: Option<String>,
    #[serde(default)]
    #[validate(length(max = 50))]
    documents: Vec<AgreementDocument>,
}

impl Wire for ProposeAgreement {
    type Value = NewAgreement;
    fn value(self) -> Result<NewAgreement, Problems> {
        let document = |d: AgreementDocument| AgreementDocumentForm {
            kind: d.kind.as_str().to_owned(),
            number: d.number,
            dated_on: d.dated_on,
        };
        let form = AgreementForm {
            kind: self.kind.as_str().to_owned(),
            title: self.title,
            si_gun: self.si_gun,
            effective_from: self.effective_from,
            effective_to: self.effective_to,
            documents: self.documents.into_iter().map(document).collect(),
        };
        form.parse()
    }
}

fn documents(row: &AgreementRow) -> Vec<AgreementDocument> {
    // Written by the row itself, from documents that were read.
    serde_json::from_value(row.documents.0.clone()).unwrap_or_default()
}

impl From<&AgreementRow> for ProposeAgreement {
    fn from(row: &AgreementRow) -> Self {
        Self {
            kind: row.kind,
            title: row.title.clone(),
            si_gun: row.si_gun.clone(),
            effective_from: row.effective_from.to_string(),
            effective_to: row.effective_to.map(|day| day.to_string()),
            documents: documents(row),
        }
    }
}

/// An agreement between the regency and a Korean si/gun.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "kind": "sister_city_mou",
    "title": "Bekasi and Hongcheon", "si_gun": "51720", "effective_from": "2026-01-01",
    "effective_to": "2030-12-31",
    "documents": [
        { "kind": "signed_original", "number": "415/MOU/2026", "dated_on": "2025-12-15" }
    ],
    "state": "confirmed", "updated_at": "2026-11-24T03:00:00Z"
}))]
pub struct Agreement {
    id: Uuid,
    kind: AgreementKind,
    title: String,
    #[schema(required = true)]
    si_gun: Option<String>,
    effective_from: NaiveDate,
    #[schema(required = true)]
    effective_to: Option<NaiveDate>,
    documents: Vec<AgreementDocument>,
    state: AgreementState,
    updated_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl Resource for Agreement {
    fn version(&self) -> i64 {
        self.version
    }
    fn location(&self) -> String {
        format!("/v1/agreements/{}", self.id)
    }
}

impl From<&AgreementRow> for Agreement {
    fn from(row: &AgreementRow) -> Self {
        Self {
            id: row.id.uuid(),
            kind: row.kind,
            title: row.title.clone(),
            si_gun: row.si_gun.clone(),
            effective_from: row.effective_from,
            effective_to: row.effective_to,
            documents: documents(row),
            state: row.state,
            updated_at: row.updated_at.utc(),
            version: row.version,
        }
    }
}

page!(
    /// A page of agreements.
    AgreementPage of Agreement
);
