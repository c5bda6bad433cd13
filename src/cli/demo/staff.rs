//! Who acts in the demo, and how they log in. Must not know: what they do.

use crate::acts::create_account;
use crate::db::accounts::NewAccount;
use crate::db::{Actor, Fault, Store};
use crate::domain::ids::{AccountId, OrganisationId, SeekerId};
use crate::domain::roles::Role;
use crate::password;

/// One for all: nothing in the demo is worth another.
pub const PASSWORD: &str = "musiman-demo-2026";

/// One login for each role; job seekers log in with their NIK.
pub const LOGINS: [(&str, Role); 5] = [
    ("lead", Role::Lead),
    ("office", Role::Office),
    ("office2", Role::Office),
    ("kadin", Role::Kadin),
    ("partner", Role::Partner),
];

pub struct Staff {
    pub lead: Actor,
    pub office: Actor,
    /// Approves what `office` had computed.
    pub office2: Actor,
    /// The hash of the password: one for all, because a hash takes its time.
    hash: String,
}

impl Staff {
    pub fn hired(store: &Store) -> Result<Self, Fault> {
        let hash = password::hash(PASSWORD).map_err(Fault::broken)?;
        let hire = |login: &str, role| {
            let id =
                create_account(store, Actor::operator("serve --demo"), new(login, role, &hash))?;
            Ok::<_, Fault>(Actor::account(id, role))
        };
        let lead = hire("lead", Role::Lead)?;
        let (office, office2) = (hire("office", Role::Office)?, hire("office2", Role::Office)?);
        hire("kadin", Role::Kadin)?;
        Ok(Self { lead, office, office2, hash })
    }

    /// The account of an employer; the first one is `partner`, whose password is told.
    pub fn partner(&self, number: usize, of: OrganisationId) -> NewAccount {
        let (login, hash) = match number {
            0 => ("partner".to_owned(), self.hash.as_str()),
            _ => (format!("partner{}", number + 1), password::NOBODY),
        };
        NewAccount { organisation: Some(of), ..new(&login, Role::Partner, hash) }
    }

    pub fn seeker(&self, store: &Store, id: SeekerId, nik: &str) -> Result<AccountId, Fault> {
        let account = NewAccount { seeker: Some(id), ..new(nik, Role::Seeker, &self.hash) };
        create_account(store, self.office, account)
    }
}

fn new(login: &str, role: Role, hash: &str) -> NewAccount {
    NewAccount {
        login: login.to_owned(),
        name: (role != Role::Seeker).then(|| format!("Demo {login}")),
        password_hash: hash.to_owned(),
        role,
        organisation: None,
        seeker: None,
    }
}
