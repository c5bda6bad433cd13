//! Passwords behind log-ins: checked and hashed outside of transactions, so many at once.
//! Must not know: how a password is hashed.

use crate::api::answer::Empty;
use crate::api::extract::{Json, Wire};
use crate::api::guard::{Only, Somebody};
use crate::api::problem::Problem;
use crate::db::seekers::Scope;
use crate::db::{Conn, Fault, accounts, seekers, sessions};
use crate::domain::ids::AccountId;
use crate::domain::problem::{Code, Problems};
use crate::password;
use serde::Deserialize;
use std::io;
use utoipa::ToSchema;
use validator::Validate;

/// Whether the password is the one behind the PHC string.
pub(super) async fn verified<R>(
    who: &Only<R>,
    password: String,
    phc: String,
) -> Result<bool, Problem> {
    who.app().hashers.run(move || password::verify(&password, &phc)).await
}

/// The PHC string of a new password; 422 under `pointer` if it is known from a breach.
pub(in crate::api) async fn hashed<R>(
    who: &Only<R>,
    password: String,
    pointer: &str,
) -> Result<String, Problem> {
    let app = who.app().clone();
    let hash = who.app().hashers.run(move || {
        let known = app.edge.breached.as_ref().map_or(Ok(false), |file| file.has(&password));
        Ok::<_, io::Error>((known?, password::hash(&password)))
    });
    let (known, hash) = hash.await?.map_err(Fault::broken)?;
    if known {
        let mut p = Problems::default();
        p.add(pointer, Code::PasswordBreached);
        return Err(p.into());
    }
    hash.map_err(|_| Code::Internal.into())
}

/// 422 under `pointer` if the new password holds the login.
pub(super) fn check_beside(password: &str, login: &str, pointer: &str) -> Result<(), Problem> {
    let mut p = Problems::default();
    p.at(pointer, password::check_beside(password, login));
    p.done(|| Some(())).map_err(Problem::from)
}

/// The present password and the next one.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "current": "kata sandi yang lama", "new": "kata sandi yang baru" }))]
pub struct ChangePassword {
    #[validate(length(min = 1, max = 200))]
    current: String,
    /// 12 to 128 characters; none that is tried first, and none that holds the login.
    new: String,
}

impl Wire for ChangePassword {
    type Value = Self;
    fn value(self) -> Result<Self, Problems> {
        let mut p = Problems::default();
        p.at("/new", password::check(&self.new));
        p.done(|| Some(self))
    }
}

/// What the account logs in with, and the hash of its password.
fn present(conn: &mut Conn<'_>, id: AccountId) -> Result<(String, String), Problem> {
    let account = accounts::get(conn, id)?;
    let login = match (account.login, account.seeker_id) {
        (Some(login), _) => login,
        (None, Some(seeker)) => {
            seekers::get(conn, seeker, Scope::All)?.open(conn)?.nik.as_str().to_owned()
        }
        (None, None) => String::new(),
    };
    Ok((login, account.password_hash))
}

fn wrong() -> Problem {
    let mut p = Problems::default();
    p.add("/current", Code::PasswordWrong);
    p.into()
}

pub async fn change_password(
    who: Only<Somebody>,
    body: Json<ChangePassword>,
) -> Result<Empty, Problem> {
    let ChangePassword { current, new } = body.0;
    let id = who.actor().account.ok_or(Code::TokenMissing)?;
    let (login, old) = who.snapshot(move |conn, _| present(conn, id)).await?;
    if !verified(&who, current, old.clone()).await? {
        return Err(wrong());
    }
    check_beside(&new, &login, "/new")?;
    let hash = hashed(&who, new, "/new").await?;
    who.write(move |tx, _| {
        if accounts::get(tx, id)?.password_hash != old {
            return Err(wrong());
        }
        accounts::set_password(tx, id, &hash)?;
        sessions::end_all(tx, id)?;
        Ok(Empty)
    })
    .await
}
