//! `musiman account create`: the first account, and others without the API.
//! Must not know: tables.

use super::stop::Stop;
use super::{ask, logs, start};
use crate::acts::create_account::{create_account, employs};
use crate::config::DataSettings;
use crate::db::accounts::NewAccount;
use crate::db::{Actor, Fault};
use crate::domain::accounts::login;
use crate::domain::ids::OrganisationId;
use crate::domain::roles::Role;
use crate::password;
use clap::{Args, Subcommand};
use std::io::{self, Write as _};

#[derive(Subcommand)]
pub enum Account {
    /// Create an account; the password is asked for, or read as one line of standard input
    Create(Create),
}

#[derive(Args)]
pub struct Create {
    /// Name to log in with
    #[arg(long)]
    login: String,
    /// lead, office, kadin or partner; job seekers get theirs at the desk
    #[arg(long, value_parser = role)]
    role: Role,
    /// Name of the person
    #[arg(long)]
    name: Option<String>,
    /// Organisation that a partner acts for
    #[arg(long, value_name = "ID")]
    organisation: Option<OrganisationId>,
    #[command(flatten)]
    data: DataSettings,
}

fn role(text: &str) -> Result<Role, String> {
    match text.parse() {
        Ok(Role::Seeker) => Err("job seekers get their account with a code from the desk".into()),
        Ok(role) => Ok(role),
        Err(_) => Err("one of lead, office, kadin, partner".into()),
    }
}

impl Account {
    pub fn run(self) -> Result<(), Stop> {
        let Self::Create(create) = self;
        create.run()
    }
}

impl Create {
    fn run(self) -> Result<(), Stop> {
        logs::start(&self.data)?;
        if (self.role == Role::Partner) != self.organisation.is_some() {
            return Err(Stop::usage("--organisation is for partners, and every partner has one"));
        }
        let login = login(&self.login).map_err(|reason| Stop::reason(&reason))?;
        let opened = start::open(&self.data)?;
        if let Some(organisation) = self.organisation {
            employs(&opened.store, organisation)?.map_err(|reason| Stop::reason(&reason))?;
        }
        let password = ask::new_secret("Password")?;
        password::check(&password)
            .and_then(|()| password::check_beside(&password, &login))
            .map_err(|reason| Stop::reason(&reason))?;
        let new = NewAccount {
            login: login.clone(),
            name: self.name,
            password_hash: password::hash(&password)?,
            role: self.role,
            organisation: self.organisation,
            seeker: None,
        };
        match create_account(&opened.store, Actor::SYSTEM, new) {
            Err(Fault::Taken(_)) => Err(Stop::wrong(format!("{login} is taken"))),
            Err(fault) => Err(fault.into()),
            Ok(id) => Ok(writeln!(io::stdout(), "account {id} may log in as {login}")?),
        }
    }
}
