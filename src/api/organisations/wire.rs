//! Organisations on the wire. Must not know: rows other than those it is made from.

use crate::api::answer::{Resource, page};
use crate::api::extract::Wire;
use crate::db::organisations::OrganisationRow;
use crate::domain::organisations::{
    NewOrganisation, OrganisationForm, OrganisationKind, OrganisationState, note,
};
use crate::domain::problem::Problems;
use crate::domain::time::Instant;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

/// What a registration says. An employer has a business number or a farm id, a local government
/// its si/gun code.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "farm", "name": "Bright Field Farm", "si_gun": "51720",
    "business_number": "514-93-00122", "farm_id": "1012345678"
}))]
pub struct RegisterOrganisation {
    pub kind: OrganisationKind,
    #[validate(length(min = 1, max = 160))]
    pub name: String,
    /// Code of the si/gun that it is, or lies in.
    #[serde(default)]
    pub si_gun: Option<String>,
    /// Korean business registration number, with its check digit.
    #[serde(default)]
    pub business_number: Option<String>,
    /// Korean farm business id, 10 digits.
    #[serde(default)]
    pub farm_id: Option<String>,
}

impl Wire for RegisterOrganisation {
    type Value = NewOrganisation;
    fn value(self) -> Result<NewOrganisation, Problems> {
        let form = OrganisationForm {
            kind: self.kind.as_str().to_owned(),
            name: self.name,
            si_gun: self.si_gun,
            business_number: self.business_number,
            farm_id: self.farm_id,
        };
        form.parse()
    }
}

impl From<&OrganisationRow> for RegisterOrganisation {
    fn from(row: &OrganisationRow) -> Self {
        Self {
            kind: row.kind,
            name: row.name.clone(),
            si_gun: row.si_gun.clone(),
            business_number: row.business_number.clone(),
            farm_id: row.farm_id.clone(),
        }
    }
}

/// The chamber's advice.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "note": "Known to the chamber since 2024." }))]
pub struct EndorseOrganisation {
    #[validate(length(min = 1, max = 500))]
    note: String,
}

impl Wire for EndorseOrganisation {
    type Value = String;
    fn value(self) -> Result<String, Problems> {
        noted(&self.note)
    }
}

/// Why it is suspended.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "note": "Wages of last season were not paid." }))]
pub struct SuspendOrganisation {
    #[validate(length(min = 1, max = 500))]
    note: String,
}

impl Wire for SuspendOrganisation {
    type Value = String;
    fn value(self) -> Result<String, Problems> {
        noted(&self.note)
    }
}

fn noted(text: &str) -> Result<String, Problems> {
    let mut p = Problems::default();
    let note = p.at("/note", note(text));
    p.done(|| note)
}

/// An organisation of the programme.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "kind": "farm", "name": "Bright Field Farm",
    "si_gun": "51720", "business_number": "514-93-00122", "farm_id": "1012345678",
    "state": "registered", "state_note": null, "endorsed_at": null, "endorsement_note": null,
    "updated_at": "2026-11-24T03:00:00Z"
}))]
pub struct Organisation {
    id: Uuid,
    kind: OrganisationKind,
    name: String,
    #[schema(required = true)]
    si_gun: Option<String>,
    #[schema(required = true)]
    business_number: Option<String>,
    #[schema(required = true)]
    farm_id: Option<String>,
    state: OrganisationState,
    /// Why it is suspended.
    #[schema(required = true)]
    state_note: Option<String>,
    #[schema(required = true)]
    endorsed_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    endorsement_note: Option<String>,
    updated_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl Resource for Organisation {
    fn version(&self) -> i64 {
        self.version
    }
    fn location(&self) -> String {
        format!("/v1/organisations/{}", self.id)
    }
}

impl From<OrganisationRow> for Organisation {
    fn from(row: OrganisationRow) -> Self {
        Self {
            id: row.id.uuid(),
            kind: row.kind,
            name: row.name,
            si_gun: row.si_gun,
            business_number: row.business_number,
            farm_id: row.farm_id,
            state: row.state,
            state_note: row.state_note,
            endorsed_at: row.endorsed_at.map(Instant::utc),
            endorsement_note: row.endorsement_note,
            updated_at: row.updated_at.utc(),
            version: row.version,
        }
    }
}

page!(
    /// A page of organisations.
    OrganisationPage of Organisation
);

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListOrganisations {
    #[param(nullable = false, inline = false)]
    pub kind: Option<OrganisationKind>,
    #[param(nullable = false, inline = false)]
    pub state: Option<OrganisationState>,
    /// 1 to 100, 20 unless told.
    #[param(nullable = false, minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(nullable = false)]
    pub cursor: Option<String>,
}
