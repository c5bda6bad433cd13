//! Accounts on the wire. Must not know: rows other than those it is made from.

use crate::api::answer::{Resource, page};
use crate::api::extract::Wire;
use crate::db::accounts::AccountRow;
use crate::db::types::AccountState;
use crate::domain::accounts::{binding, login, may_become};
use crate::domain::identity::Name;
use crate::domain::ids::{OrganisationId, SeekerId};
use crate::domain::problem::{Code, Problems};
use crate::domain::roles::Role;
use crate::password;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

/// A new account of staff or of a partner.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "login": "petugas", "name": "Petugas Contoh", "role": "office", "password": "kata sandi yang panjang" }))]
pub struct CreateAccount {
    /// 3 to 64 of a-z, 0-9, dot, dash, underscore and @, with at least one letter.
    login: String,
    #[validate(length(min = 1, max = 120))]
    name: String,
    /// Every role but `seeker`.
    role: Role,
    /// The employer that a partner acts for; only for partners.
    #[serde(default)]
    organisation_id: Option<Uuid>,
    /// 12 to 128 characters; none that is tried first, and none that holds the login. Without it
    /// its owner chooses one, with a password code.
    #[serde(default)]
    password: Option<String>,
}

/// A new account before its password is hashed.
pub struct Draft {
    pub login: String,
    pub name: String,
    pub role: Role,
    pub organisation: Option<OrganisationId>,
    pub password: Option<String>,
}

impl Wire for CreateAccount {
    type Value = Draft;
    fn value(self) -> Result<Draft, Problems> {
        let mut p = Problems::default();
        let login = p.at("/login", login(&self.login));
        let name = p.at("/name", Name::parse(&self.name));
        p.at("/role", may_become(Role::Office, self.role));
        p.at("/organisation_id", binding(self.role, self.organisation_id.as_ref()));
        if let Some(text) = &self.password {
            let beside = || password::check_beside(text, &self.login);
            p.at("/password", password::check(text).and_then(|()| beside()));
        }
        p.done(|| {
            Some(Draft {
                login: login?,
                name: name?.as_str().to_owned(),
                role: self.role,
                organisation: self.organisation_id.map(Into::into),
                password: self.password,
            })
        })
    }
}

/// What may change of an account.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Petugas Contoh", "role": "office", "state": "active", "organisation_id": null }))]
pub struct AccountTerms {
    #[serde(default)]
    #[validate(length(min = 1, max = 120))]
    name: Option<String>,
    role: Role,
    state: AccountState,
    /// The employer that a partner acts for; only for partners.
    #[serde(default)]
    organisation_id: Option<Uuid>,
}

/// The same, well formed.
pub struct Terms {
    pub name: Option<String>,
    pub role: Role,
    pub state: AccountState,
    pub organisation: Option<OrganisationId>,
}

impl Wire for AccountTerms {
    type Value = Terms;
    fn value(self) -> Result<Terms, Problems> {
        let mut p = Problems::default();
        let name = p.maybe("/name", self.name, |text| Name::parse(&text));
        p.at("/organisation_id", binding(self.role, self.organisation_id.as_ref()));
        if name == Some(None) && self.role != Role::Seeker {
            p.add("/name", Code::Missing);
        }
        p.done(|| {
            Some(Terms {
                name: name?.map(|n| n.as_str().to_owned()),
                role: self.role,
                state: self.state,
                organisation: self.organisation_id.map(Into::into),
            })
        })
    }
}

impl From<&AccountRow> for AccountTerms {
    fn from(row: &AccountRow) -> Self {
        Self {
            name: row.name.clone(),
            role: row.role,
            state: row.state,
            organisation_id: row.organisation_id.map(OrganisationId::uuid),
        }
    }
}

/// An account. A job seeker's has neither login nor name here: the login is the NIK.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "login": "petugas", "name": "Petugas Contoh",
    "role": "office", "state": "active", "organisation_id": null, "job_seeker_id": null,
    "updated_at": "2026-11-24T03:00:00Z"
}))]
pub struct Account {
    id: Uuid,
    #[schema(required = true)]
    login: Option<String>,
    #[schema(required = true)]
    name: Option<String>,
    role: Role,
    state: AccountState,
    #[schema(required = true)]
    organisation_id: Option<Uuid>,
    #[schema(required = true)]
    job_seeker_id: Option<Uuid>,
    updated_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl Resource for Account {
    fn version(&self) -> i64 {
        self.version
    }
    fn location(&self) -> String {
        format!("/v1/accounts/{}", self.id)
    }
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self {
            id: row.id.uuid(),
            login: row.login,
            name: row.name,
            role: row.role,
            state: row.state,
            organisation_id: row.organisation_id.map(OrganisationId::uuid),
            job_seeker_id: row.seeker_id.map(SeekerId::uuid),
            updated_at: row.updated_at.utc(),
            version: row.version,
        }
    }
}

page!(
    /// A page of accounts.
    AccountPage of Account
);

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListAccounts {
    #[param(nullable = false, inline = false)]
    pub role: Option<Role>,
    /// 1 to 100, 20 unless told.
    #[param(nullable = false, minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(nullable = false)]
    pub cursor: Option<String>,
}
