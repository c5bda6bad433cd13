//! `musiman account`: the first account, others without the API, and the way back for a lead officer
//! who lost phone and recovery codes.
//! Must not know: tables.

use super::stop::Stop;
use super::{ask, logs, start};
use crate::acts::create_account::{create_account, employs};
use crate::acts::reset_second_factor;
use crate::config::DataSettings;
use crate::db::accounts::{self, NewAccount};
use crate::db::{Actor, Fault};
use crate::domain::accounts::login;
use crate::domain::ids::OrganisationId;
use crate::domain::problem::Code;
use crate::domain::roles::Role;
use crate::password;
use clap::{Args, Subcommand};
use std::io::{self, Write as _};

#[derive(Subcommand)]
pub enum Account {
    /// Create an account; the password is asked for, or read as one line of standard input
    Create(Create),
    /// Take a second factor away, and every session of the account
    ResetSecondFactor(Reset),
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

#[derive(Args)]
pub struct Reset {
    /// Name that the account logs in with
    #[arg(long)]
    login: String,
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
        match self {
            Self::Create(create) => create.run(),
            Self::ResetSecondFactor(reset) => reset.run(),
        }
    }
}

impl Reset {
    fn run(self) -> Result<(), Stop> {
        logs::start(&self.data)?;
        let opened = start::open(&self.data)?;
        let done = opened.store.write::<_, Fault>(
            Actor::operator("account reset-second-factor"),
            |tx, _| {
                let Some(account) = accounts::by_login(tx, &self.login)? else { return Ok(None) };
                reset_second_factor::reset(tx, account.id).map(Some)
            },
        )?;
        let said = match done {
            None => return Err(Stop::wrong("nobody logs in with that name")),
            Some(true) => "the second factor is gone; the next log-in begins another one",
            Some(false) => "the account has no second factor",
        };
        Ok(writeln!(io::stdout(), "{said}")?)
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
        if let Some(file) = start::breached(&self.data)?
            && file.has(&password)?
        {
            return Err(Stop::reason(&Code::PasswordBreached.into()));
        }
        let new = NewAccount {
            login: login.clone(),
            name: self.name,
            password_hash: password::hash(&password)?,
            role: self.role,
            organisation: self.organisation,
            seeker: None,
        };
        match create_account(&opened.store, Actor::operator("account create"), new) {
            Err(Fault::Taken(_)) => Err(Stop::wrong(format!("{login} is taken"))),
            Err(fault) => Err(fault.into()),
            Ok(id) => Ok(writeln!(io::stdout(), "account {id} may log in as {login}")?),
        }
    }
}
