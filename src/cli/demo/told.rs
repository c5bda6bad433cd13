//! What the demo says of itself: its logins and the result of its round, read from the database.
//! Must not know: how it was loaded.

use super::staff::{LOGINS, PASSWORD};
use crate::db::quotas::{self, QuotaRow};
use crate::db::rounds::{self, RoundRow};
use crate::db::{Conn, Fault, Store, accounts, seasons, seekers};
use crate::domain::ids::QuotaId;
use crate::domain::places::SiGun;
use crate::domain::roles::Role;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

/// More quotas than the demo has.
const QUOTAS: i64 = 1000;

/// The NIK of the first job seeker with an account.
fn nik(conn: &mut Conn<'_>) -> Result<Option<String>, Fault> {
    let first = accounts::page(conn, Some(Role::Seeker), None, 1)?;
    let Some(id) = first.first().and_then(|account| account.seeker_id) else { return Ok(None) };
    let row = seekers::get(conn, id, seekers::Scope::All)?;
    Ok(Some(row.open(conn)?.nik.as_str().to_owned()))
}

fn logins(nik: Option<&str>) -> String {
    let mut text = format!("\nlogins, all with the password {PASSWORD}\n");
    for (login, role) in LOGINS {
        let _ = writeln!(text, "  {login:<17} {}", role.as_str());
    }
    if let Some(nik) = nik {
        let _ = writeln!(text, "  {nik:<17} {} (the NIK is the login)", Role::Seeker.as_str());
    }
    text
}

#[derive(Default)]
struct Line {
    quotas: usize,
    seats: i64,
    filled: usize,
}

fn table(name: &str, quotas: &[QuotaRow], filled: &HashMap<QuotaId, usize>) -> String {
    let mut lines: BTreeMap<&str, Line> = BTreeMap::new();
    for quota in quotas {
        let place = SiGun::by_code(&quota.si_gun).map_or("", SiGun::name);
        for line in [place, "total"] {
            let line = lines.entry(line).or_default();
            line.quotas += 1;
            line.seats += i64::from(quota.seats);
            line.filled += filled.get(&quota.id).copied().unwrap_or(0);
        }
    }
    let mut text = format!("\n{name}\n  si/gun         quotas   seats  filled\n");
    for (place, Line { quotas, seats, filled }) in lines {
        let _ = writeln!(text, "  {place:<14} {quotas:>6}  {seats:>6}  {filled:>6}");
    }
    text
}

fn result(conn: &mut Conn<'_>) -> Result<String, Fault> {
    let Some(season) = seasons::page(conn, false, None, 1)?.pop() else {
        return Ok(String::new());
    };
    let filter = quotas::Filter { season: Some(season.id), ..quotas::Filter::default() };
    let all = quotas::page(conn, quotas::Scope::All, &filter, None, QUOTAS)?;
    let round = rounds::page(conn, season.id, rounds::Scope::Published, None, 1)?.pop();
    let mut filled: HashMap<QuotaId, usize> = HashMap::new();
    if let Some(round) = &round {
        for seat in rounds::seats(conn, round.id)? {
            *filled.entry(seat.quota_id).or_default() += 1;
        }
    }
    let mut text = table(&season.name, &all, &filled);
    if let Some(RoundRow { placed: Some(placed), unplaced: Some(unplaced), .. }) = round {
        let applied = placed + unplaced;
        let _ = writeln!(text, "{applied} people applied, {placed} have a seat, {unplaced} none");
    }
    Ok(text)
}

/// Everything, for the terminal.
pub fn told(store: &Store) -> Result<String, Fault> {
    store.snapshot(|conn, now| {
        let nik = nik(conn)?;
        let mut text = String::from(
            "\nThis is a demonstration. People, organisations and contracts are made up, and the rules\nmarked as fictional do not hold: the corridor is shut, the wage of 2027 is not known.\n",
        );
        let _ = writeln!(text, "demo time       {now}");
        text.push_str(&logins(nik.as_deref()));
        text.push_str(&result(conn)?);
        Ok(text)
    })
}
