//! `musiman keys sign-...`: the keys that sign access tokens. Must not know: tables, key material.

use super::stop::Stop;
use super::{logs, start};
use crate::acts::rotate_signing::{list, remove, turn_over};
use crate::config::DataSettings;
use crate::db::{Fault, Store};
use crate::domain::rulebook::Rulebook;
use crate::domain::signing::Turnover;
use clap::Args;
use std::io::{self, Write as _};

#[derive(Args)]
pub struct SignList {
    #[command(flatten)]
    data: DataSettings,
}

#[derive(Args)]
pub struct SignRotate {
    /// Seconds that the new key is published before it signs [default: the rule OPS-SIGNING]; fewer
    /// than that, and whoever keeps the published keys may not know it in time
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(i64).range(0..=86_400))]
    settle: Option<i64>,
    #[command(flatten)]
    data: DataSettings,
}

#[derive(Args)]
pub struct SignRemove {
    /// Id of the key, as `keys sign-list` prints it
    kid: String,
    #[command(flatten)]
    data: DataSettings,
}

fn open(data: &DataSettings) -> Result<Store, Stop> {
    logs::start(data)?;
    Ok(start::open(data)?.store)
}

fn of_the_rule(store: &Store) -> Result<i64, Stop> {
    let rules = Rulebook::shipped();
    let rules = rules.map_err(|p| Stop::failed(format!("the rules that come along: {p:?}")))?;
    let rule = Turnover::on(store.clock().now(), &rules);
    Ok(rule.map_err(|reason| Stop::reason(&reason))?.settle_seconds)
}

impl SignList {
    pub fn run(self) -> Result<(), Stop> {
        let store = open(&self.data)?;
        let now = store.clock().now();
        let keys = list(&store)?;
        let signs = keys.iter().rfind(|key| key.signs_from <= now).map(|key| key.kid.clone());
        let mut out = io::stdout().lock();
        for key in keys {
            let until = key.retired_at.map_or(String::new(), |at| format!(" until {at}"));
            let note = if signs.as_ref() == Some(&key.kid) { " signs" } else { "" };
            writeln!(out, "{} from {}{until}{note}", key.kid, key.signs_from)?;
        }
        Ok(())
    }
}

impl SignRotate {
    pub fn run(self) -> Result<(), Stop> {
        let store = open(&self.data)?;
        let settle = self.settle.map_or_else(|| of_the_rule(&store), Ok)?;
        let turned = turn_over(&store, settle)?;
        if !turned.is_new {
            eprintln!("a key waits for its hour: none is made");
        }
        Ok(writeln!(io::stdout(), "key {} signs from {}", turned.kid, turned.signs_from)?)
    }
}

impl SignRemove {
    pub fn run(self) -> Result<(), Stop> {
        let store = open(&self.data)?;
        let signs = remove(&store, &self.kid).map_err(|fault| match fault {
            Fault::NotFound => Stop::wrong(format!(
                "no key {} whose tokens count (see `musiman keys sign-list`)",
                self.kid
            )),
            fault => fault.into(),
        })?;
        let kid = self.kid;
        Ok(writeln!(io::stdout(), "key {kid} is out, with every token of it; key {signs} signs")?)
    }
}
