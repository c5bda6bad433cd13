//! Accounts: who may log in, in which role, bound to what. The only writer of its table.
//! Must not know: how a password is hashed.

use super::journal::Line;
use super::numbers::change_number;
use super::schema::accounts;
use super::states::stated;
use super::types::{AccountData, AccountState};
use super::{Actor, Conn, Db, Fault, MultiBackend, Tx};
use crate::domain::identity::Nik;
use crate::domain::ids::{AccountId, OrganisationId, SeekerId};
use crate::domain::roles::Role;
use crate::domain::scopes::Scopes;
use crate::domain::time::Instant;
use crate::seal::random;
use diesel::prelude::*;
use serde::Serialize;

pub const SUBJECT: &str = "account";
pub const CLIENT: &str = "client";
pub(super) const LOGIN_INDEX: &str = "accounts.login";

/// A whole row. `login` stands only on accounts of staff; a job seeker logs in with the NIK,
/// which is kept as its keyed hash alone.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = accounts, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
pub struct AccountRow {
    pub id: AccountId,
    pub login_index: Vec<u8>,
    pub login: Option<String>,
    pub name: Option<String>,
    pub password_hash: String,
    pub role: Role,
    pub state: AccountState,
    pub organisation_id: Option<OrganisationId>,
    pub seeker_id: Option<SeekerId>,
    /// Only of a machine: what it may do.
    pub scopes: Option<String>,
    /// When a machine got a token, to the minute.
    pub used_at: Option<Instant>,
    pub data: AccountData,
    pub version: i64,
    pub updated_at: Instant,
    pub changed_by: Option<AccountId>,
}

stated!(AccountRow of accounts, |row| (if row.scopes.is_some() { CLIENT } else { SUBJECT }, row.id.uuid()));

impl AccountRow {
    /// What a session stands on: it ends when any of these changes.
    pub fn standing(&self) -> (Role, AccountState, Option<OrganisationId>) {
        (self.role, self.state, self.organisation_id)
    }

    /// What a machine may do; nothing for people, who have roles.
    pub fn scopes(&self) -> Result<Scopes, Fault> {
        self.scopes.as_deref().unwrap_or("").parse().map_err(Fault::broken)
    }
}

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// A login name, or the NIK of a job seeker.
    pub login: String,
    pub name: Option<String>,
    pub password_hash: String,
    pub role: Role,
    pub organisation: Option<OrganisationId>,
    pub seeker: Option<SeekerId>,
}

/// A machine to be let in.
#[derive(Debug, Clone)]
pub struct NewClient {
    pub name: String,
    pub scopes: Scopes,
    pub data: AccountData,
    /// Of a password that nobody knows: a machine has secrets.
    pub password_hash: String,
}

/// Logins differ in case and spaces only by mistake.
pub fn login_index(conn: &Conn<'_>, login: &str) -> Vec<u8> {
    conn.seal.index(LOGIN_INDEX, login.trim().to_lowercase().as_bytes())
}

pub fn insert(tx: &mut Tx<'_>, id: AccountId, new: NewAccount) -> Result<(), Fault> {
    let row = AccountRow {
        id,
        login_index: login_index(tx, &new.login),
        login: new.seeker.is_none().then(|| new.login.trim().to_lowercase()),
        name: new.name,
        password_hash: new.password_hash,
        role: new.role,
        state: AccountState::Active,
        organisation_id: new.organisation,
        seeker_id: new.seeker,
        scopes: None,
        used_at: None,
        data: AccountData::Real,
        version: 1,
        updated_at: tx.now,
        changed_by: tx.actor.account,
    };
    diesel::insert_into(accounts::table).values(&row).execute(tx.db)?;
    tx.journal_new(&row, Line::of("create").with(serde_json::json!({ "role": row.role.as_str() })))
}

/// A machine is an officer within its scopes; its login is its id, which no person can have.
pub fn insert_client(tx: &mut Tx<'_>, id: AccountId, new: NewClient) -> Result<(), Fault> {
    let scopes = new.scopes.to_string();
    let row = AccountRow {
        id,
        login_index: login_index(tx, &id.to_string()),
        login: None,
        name: Some(new.name),
        password_hash: new.password_hash,
        role: Role::Office,
        state: AccountState::Active,
        organisation_id: None,
        seeker_id: None,
        scopes: Some(scopes.clone()),
        used_at: None,
        data: new.data,
        version: 1,
        updated_at: tx.now,
        changed_by: tx.actor.account,
    };
    diesel::insert_into(accounts::table).values(&row).execute(tx.db)?;
    let detail = serde_json::json!({ "scopes": scopes, "data": row.data.as_str() });
    tx.journal_new(&row, Line::of("create").with(detail))
}

/// Lets a machine of the service into the demo's database, where its writes are looked up.
pub fn let_into_demo(tx: &mut Tx<'_>, of_service: &AccountRow) -> Result<(), Fault> {
    match client(tx, of_service.id) {
        Err(Fault::NotFound) => {}
        found => return found.map(drop),
    }
    let new = NewClient {
        name: of_service.name.clone().unwrap_or_default(),
        scopes: of_service.scopes()?,
        data: AccountData::Demo,
        password_hash: of_service.password_hash.clone(),
    };
    insert_client(tx, of_service.id, new)
}

/// A person's account: no machine.
pub fn person(conn: &mut Conn<'_>, id: AccountId) -> Result<AccountRow, Fault> {
    let people = accounts::table.find(id).filter(accounts::scopes.is_null());
    Ok(people.select(AccountRow::as_select()).first(conn.db)?)
}

/// A machine.
pub fn client(conn: &mut Conn<'_>, id: AccountId) -> Result<AccountRow, Fault> {
    let machines = accounts::table.find(id).filter(accounts::scopes.is_not_null());
    Ok(machines.select(AccountRow::as_select()).first(conn.db)?)
}

/// Machines in the order in which they came.
pub fn clients(
    conn: &mut Conn<'_>,
    after: Option<AccountId>,
    rows: i64,
) -> Result<Vec<AccountRow>, Fault> {
    let machines = accounts::table.filter(accounts::scopes.is_not_null());
    let mut query = machines.select(AccountRow::as_select()).into_boxed();
    if let Some(after) = after {
        query = query.filter(accounts::id.gt(after));
    }
    Ok(query.order(accounts::id.asc()).limit(rows).load(conn.db)?)
}

pub fn get(conn: &mut Conn<'_>, id: AccountId) -> Result<AccountRow, Fault> {
    Ok(accounts::table.find(id).select(AccountRow::as_select()).first(conn.db)?)
}

pub fn by_login(conn: &mut Conn<'_>, login: &str) -> Result<Option<AccountRow>, Fault> {
    let index = login_index(conn, login);
    let query = accounts::table.filter(accounts::login_index.eq(index));
    Ok(query.select(AccountRow::as_select()).first(conn.db).optional()?)
}

pub fn of_seeker(conn: &mut Conn<'_>, seeker: SeekerId) -> Result<Option<AccountRow>, Fault> {
    let query = accounts::table.filter(accounts::seeker_id.eq(seeker));
    Ok(query.select(AccountRow::as_select()).first(conn.db).optional()?)
}

/// Accounts of people.
pub fn page(
    conn: &mut Conn<'_>,
    role: Option<Role>,
    after: Option<AccountId>,
    rows: i64,
) -> Result<Vec<AccountRow>, Fault> {
    let people = accounts::table.filter(accounts::scopes.is_null());
    let mut query = people.select(AccountRow::as_select()).into_boxed();
    if let Some(role) = role {
        query = query.filter(accounts::role.eq(role));
    }
    if let Some(after) = after {
        query = query.filter(accounts::id.gt(after));
    }
    Ok(query.order(accounts::id.asc()).limit(rows).load(conn.db)?)
}

/// How many active lead officers there are: the last one must not lock everybody out.
pub fn active_leads(conn: &mut Conn<'_>) -> Result<i64, Fault> {
    let query = accounts::table
        .filter(accounts::role.eq(Role::Lead))
        .filter(accounts::state.eq(AccountState::Active));
    Ok(query.count().get_result(conn.db)?)
}

/// Sets role, binding and state, if nobody changed the row since it was read.
pub fn change(tx: &mut Tx<'_>, old: &AccountRow, new: &AccountRow) -> Result<(), Fault> {
    let at =
        accounts::table.filter(accounts::id.eq(old.id)).filter(accounts::version.eq(old.version));
    let kept = diesel::update(at)
        .set((
            accounts::name.eq(&new.name),
            accounts::role.eq(new.role),
            accounts::state.eq(new.state),
            accounts::organisation_id.eq(new.organisation_id),
            accounts::version.eq(old.version + 1),
            accounts::updated_at.eq(tx.now),
            accounts::changed_by.eq(tx.actor.account),
        ))
        .execute(tx.db)?;
    if kept != 1 {
        return Err(Fault::Moved);
    }
    let detail = serde_json::json!({ "role": new.role.as_str(), "state": new.state.as_str() });
    tx.journal_change(old, Line::of("change").with(detail))
}

fn set_state(tx: &mut Tx<'_>, old: &AccountRow, state: AccountState) -> Result<(), Fault> {
    let at =
        accounts::table.filter(accounts::id.eq(old.id)).filter(accounts::version.eq(old.version));
    let kept = diesel::update(at)
        .set((
            accounts::state.eq(state),
            accounts::version.eq(old.version + 1),
            accounts::updated_at.eq(tx.now),
            accounts::changed_by.eq(tx.actor.account),
        ))
        .execute(tx.db)?;
    if kept == 1 { Ok(()) } else { Err(Fault::Moved) }
}

/// A client whose secrets changed is another version of it.
pub fn touch(tx: &mut Tx<'_>, old: &AccountRow) -> Result<(), Fault> {
    set_state(tx, old, old.state)
}

/// Ends a machine for good.
pub fn disable_client(tx: &mut Tx<'_>, old: &AccountRow) -> Result<(), Fault> {
    set_state(tx, old, AccountState::Disabled)?;
    tx.journal_change(old, Line::of("disable"))
}

/// A machine got a token.
pub fn note_use(tx: &mut Tx<'_>, id: AccountId) -> Result<(), Fault> {
    diesel::update(accounts::table.find(id)).set(accounts::used_at.eq(tx.now)).execute(tx.db)?;
    tx.journal(CLIENT, id.uuid(), "token", None)
}

/// Sets a new password; sessions end elsewhere.
pub fn set_password(tx: &mut Tx<'_>, id: AccountId, hash: &str) -> Result<(), Fault> {
    let old = get(tx, id)?;
    let kept = diesel::update(accounts::table.find(id))
        .set((
            accounts::password_hash.eq(hash),
            accounts::version.eq(accounts::version + 1),
            accounts::updated_at.eq(tx.now),
            accounts::changed_by.eq(tx.actor.account),
        ))
        .execute(tx.db)?;
    if kept != 1 {
        return Err(Fault::NotFound);
    }
    tx.journal_change(&old, Line::of("set_password"))
}

/// Lets the log-in of a job seeker's account follow the NIK.
pub fn relogin(tx: &mut Tx<'_>, seeker: SeekerId, nik: &Nik) -> Result<(), Fault> {
    let Some(old) = of_seeker(tx, seeker)? else { return Ok(()) };
    let index = login_index(tx, nik.as_str());
    if index == old.login_index {
        return Ok(());
    }
    diesel::update(accounts::table.find(old.id))
        .set((
            accounts::login_index.eq(index),
            accounts::version.eq(old.version + 1),
            accounts::updated_at.eq(tx.now),
            accounts::changed_by.eq(tx.actor.account),
        ))
        .execute(tx.db)?;
    tx.journal_change(&old, Line::of("relogin"))
}

/// The account becomes that of another record of the same human being.
pub fn hand_over(tx: &mut Tx<'_>, old: &AccountRow, to: SeekerId) -> Result<(), Fault> {
    let at =
        accounts::table.filter(accounts::id.eq(old.id)).filter(accounts::version.eq(old.version));
    let kept = diesel::update(at)
        .set((
            accounts::seeker_id.eq(to),
            accounts::version.eq(old.version + 1),
            accounts::updated_at.eq(tx.now),
            accounts::changed_by.eq(tx.actor.account),
        ))
        .execute(tx.db)?;
    if kept != 1 {
        return Err(Fault::Moved);
    }
    tx.journal_change(old, Line::of("hand_over"))
}

/// Closes the account of a job seeker for good: no log-in finds it, no password opens it.
pub fn close(tx: &mut Tx<'_>, old: &AccountRow, nobodys_hash: &str) -> Result<(), Fault> {
    let at =
        accounts::table.filter(accounts::id.eq(old.id)).filter(accounts::version.eq(old.version));
    let kept = diesel::update(at)
        .set((
            accounts::login_index.eq(random::<32>().map_err(Fault::broken)?.to_vec()),
            accounts::name.eq(None::<String>),
            accounts::password_hash.eq(nobodys_hash),
            accounts::state.eq(AccountState::Disabled),
            accounts::version.eq(old.version + 1),
            accounts::updated_at.eq(tx.now),
            accounts::changed_by.eq(tx.actor.account),
        ))
        .execute(tx.db)?;
    if kept != 1 {
        return Err(Fault::Moved);
    }
    tx.journal_change(old, Line::of("close"))
}

/// The account as it stands now, if it is active and as good as when its password was checked:
/// the same password, role and organisation.
pub fn still(conn: &mut Conn<'_>, seen: &AccountRow) -> Result<Option<AccountRow>, Fault> {
    let row = get(conn, seen.id)?;
    let same = row.password_hash == seen.password_hash && row.standing() == seen.standing();
    Ok(Some(row).filter(|row| same && row.state == AccountState::Active))
}

/// Those that were disabled since, people and machines.
pub fn disabled_since(conn: &mut Conn<'_>, since: Instant) -> Result<Vec<AccountId>, Fault> {
    let disabled = accounts::table
        .filter(accounts::state.eq(AccountState::Disabled))
        .filter(accounts::updated_at.ge(since));
    Ok(disabled.select(accounts::id).load(conn.db)?)
}

/// Whether the actor's account still is what its token says.
pub fn holds(tx: &mut Tx<'_>, organisation: Option<OrganisationId>) -> Result<bool, Fault> {
    let Actor { account: Some(id), role: Some(role), .. } = tx.actor else { return Ok(true) };
    let columns = (accounts::role, accounts::state, accounts::organisation_id);
    let account = accounts::table.find(id);
    let found: Option<(Role, AccountState, Option<OrganisationId>)> = match &mut *tx.conn.db {
        Db::Pg(c) => {
            // The number of the change to come, without a way of its own.
            let numbered = account.select((columns, change_number()));
            let found = numbered.first(c).optional()?;
            found.map(|(found, number)| {
                tx.change = Some(number);
                found
            })
        }
        Db::Sqlite(c) => account.select(columns).first(c).optional()?,
    };
    Ok(found == Some((role, AccountState::Active, organisation)))
}
