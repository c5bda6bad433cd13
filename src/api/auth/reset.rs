//! How staff get their first password, and another one when they forgot it: a lead officer hands out
//! a code, and nobody but its owner knows the password. The second factor stays.
//! Must not know: how a code is kept.

use super::activation::ActivationSlip;
use super::entry::counted;
use super::password;
use crate::api::accounts as accounts_room;
use crate::api::answer::{Empty, Secret};
use crate::api::extract::{Json, Key, Path, Seen, Wire};
use crate::api::guard::{Anybody, Lead, Only};
use crate::api::problem::Problem;
use crate::db::accounts::{self, AccountRow};
use crate::db::attempts::Tries;
use crate::db::types::AccountState;
use crate::db::{Fault, Tx, password_codes, sessions};
use crate::domain::accounts::PaperCode;
use crate::domain::ids::AccountId;
use crate::domain::lifecycle::Refusal;
use crate::domain::problem::{Code, Problems};
use crate::domain::roles::Role;
use crate::seal::random;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

/// Letters of a code: 150 bits.
const LETTERS: usize = 30;

/// A repeated key makes a fresh code: the first one is kept nowhere.
pub async fn make_password_code(
    who: Only<Lead>,
    id: Path<AccountId>,
    key: Key,
) -> Result<Secret<ActivationSlip>, Problem> {
    who.freshly()?;
    who.once(
        key,
        Seen::EMPTY,
        |_, _, _| Ok(None),
        move |tx, _| {
            let account = accounts::person(tx, id.0)?;
            if account.role == Role::Seeker || account.state == AccountState::Disabled {
                return Err(Problem::state(Refusal::State, accounts_room::tag(&account)));
            }
            let code = PaperCode::from_random(random::<LETTERS>().map_err(Fault::broken)?);
            let until = password_codes::put(tx, account.id, &code)?;
            Ok(Secret(ActivationSlip::new(&code, until)))
        },
    )
    .await
}

/// The login, the code from a lead officer, and a password of one's own.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "login": "petugas", "code": "7K2M9-QX4TB-0Z8FN-3HWCR-1S9VD-4JP6E", "password": "kata sandi yang panjang" }))]
pub struct ResetPassword {
    #[validate(length(min = 1, max = 200))]
    login: String,
    #[validate(length(min = 1, max = 40))]
    code: String,
    /// 12 to 128 characters; none that is tried first, and none that holds the login.
    password: String,
}

impl Wire for ResetPassword {
    type Value = Self;
    fn value(self) -> Result<Self, Problems> {
        let mut p = Problems::default();
        let beside = || crate::password::check_beside(&self.password, &self.login);
        p.at("/password", crate::password::check(&self.password).and_then(|()| beside()));
        p.done(|| Some(self))
    }
}

/// The account whose code it is.
fn redeemed(tx: &mut Tx<'_>, given: &ResetPassword) -> Result<Option<AccountRow>, Fault> {
    let found = accounts::by_login(tx, &given.login)?;
    let Some(account) = found.filter(|a| a.state == AccountState::Active) else { return Ok(None) };
    let good = password_codes::redeem(tx, account.id, &PaperCode::typed(&given.code))?;
    Ok(good.then_some(account))
}

/// Every refusal costs the same time and says the same.
pub async fn reset_password(
    who: Only<Anybody>,
    body: Json<ResetPassword>,
) -> Result<Empty, Problem> {
    let given = body.0;
    let hash = password::hashed(&who, given.password.clone(), "/password").await?;
    let address = who.address();
    let done = who.write(move |tx, _| {
        let login = accounts::login_index(tx, &given.login);
        let tries = Tries::of(tx, &[b"reset", &login, address.as_bytes()]);
        counted(tx, &tries, Code::LoginRefused, |tx| {
            let Some(account) = redeemed(tx, &given)? else { return Ok(None) };
            accounts::set_password(tx, account.id, &hash)?;
            sessions::end_all(tx, account.id)?;
            Ok(Some(Empty))
        })
    });
    done.await?
}
