//! Log-in, sessions, and what the caller is. Must not know: how a password is hashed.

mod activation;
mod assertion;
mod device;
mod entry;
mod jwks;
mod machine;
mod password;
mod reset;
mod second_factor;
mod sessions;
mod turns;

pub use activation::{activate, make_activation_code};
pub use jwks::get_jwks;
pub use machine::give_token;
pub use password::change_password;
pub(super) use password::hashed;
pub use reset::{make_password_code, reset_password};
pub use second_factor::{
    confirm_second_factor, get_second_factor, offer_second_factor, remove_second_factor,
    reset_second_factor,
};
pub use sessions::{end_session, get_session, list_sessions};
pub use turns::Turns;

use super::answer::{Empty, Plain, Secret};
use super::extract::{Json, Wire};
use super::guard::{Anybody, Only, Somebody};
use super::problem::Problem;
use super::token::Holder;
use crate::db::refresh::{Issued, Turned};
use crate::db::{accounts, refresh, second_factors};
use crate::domain::ids::{AccountId, OrganisationId, SeekerId};
use crate::domain::problem::{Code, Problems};
use crate::domain::roles::Role;
use crate::domain::sessions::Ends;
use entry::let_in;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

/// Who wants in. A job seeker's login is the NIK.
#[derive(Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "login": "petugas", "password": "kata sandi yang panjang" }))]
pub struct LogIn {
    #[validate(length(min = 1, max = 200))]
    login: String,
    #[validate(length(min = 1, max = 200))]
    password: String,
    /// What the authenticator app shows, or a recovery code; of accounts that have a second factor.
    #[validate(length(min = 1, max = 40))]
    code: Option<String>,
    /// What the last log-in from this device gave as `device`: strangers' failures do not slow it.
    #[validate(length(min = 1, max = 200))]
    device: Option<String>,
}

impl Wire for LogIn {
    type Value = Self;
    fn value(self) -> Result<Self, Problems> {
        Ok(self)
    }
}

/// An access token for ten minutes, or to the end of the session if that is sooner, and a refresh
/// token for the next one.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln", "token_type": "Bearer", "expires_in": 600, "refresh_token": "pVx3m2nq0yLr7u8Z1cQm0w", "device": "AAZDnZ2xAABk2Zr8" }))]
pub struct Tokens {
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
    refresh_token: String,
    /// To be kept on this device and sent with its next log-in; it opens nothing by itself.
    device: String,
}

/// The account behind the token.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "role": "office", "name": "Petugas Contoh", "organisation_id": null, "job_seeker_id": null }))]
pub struct Me {
    id: Uuid,
    role: Role,
    #[schema(required = true)]
    name: Option<String>,
    #[schema(required = true)]
    organisation_id: Option<Uuid>,
    #[schema(required = true)]
    job_seeker_id: Option<Uuid>,
}

/// The answer to a good log-in.
fn tokens_for<R>(
    who: &Only<R>,
    account: &accounts::AccountRow,
    issued: Issued,
) -> Result<Tokens, Problem> {
    let app = who.app();
    let holder = Holder {
        account: account.id.uuid(),
        role: account.role,
        organisation: account.organisation_id.map(OrganisationId::uuid),
        job_seeker: account.seeker_id.map(SeekerId::uuid),
        session: Some((issued.session.uuid(), issued.ends_at)),
        proved_at: issued.begun_at,
    };
    let now = who.now();
    let access_token = app.tokens.sign(holder, app.store.clock().new_id(), now)?;
    Ok(Tokens {
        access_token,
        token_type: "Bearer",
        expires_in: holder.life(now),
        refresh_token: issued.token,
        device: device::token(app.store.seal(), account.id, now),
    })
}

pub async fn login(who: Only<Anybody>, body: Json<LogIn>) -> Result<Secret<Tokens>, Problem> {
    let required = who.app().edge.second_factor;
    let ends = Ends::on(who.now(), &who.app().rules)?;
    let begun = let_in(&who, body.0, move |tx, account, has_factor| {
        if required.is_of(account.role) && !has_factor {
            return Ok(Err(Code::SecondFactorUnset));
        }
        Ok(refresh::begin(tx, account, ends)?.ok_or(Code::LoginRefused))
    });
    let (account, issued) = begun.await?;
    tokens_for(&who, &account, issued).map(Secret)
}

/// A refresh token, to be used or to be ended.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "refresh_token": "pVx3m2nq0yLr7u8Z1cQm0w" }))]
pub struct RefreshToken {
    #[validate(length(min = 1, max = 200))]
    refresh_token: String,
}

impl Wire for RefreshToken {
    type Value = String;
    fn value(self) -> Result<String, Problems> {
        Ok(self.refresh_token)
    }
}

pub async fn refresh(
    who: Only<Anybody>,
    body: Json<RefreshToken>,
) -> Result<Secret<Tokens>, Problem> {
    let (token, ends) = (body.0, Ends::on(who.now(), &who.app().rules)?);
    let required = who.app().edge.second_factor;
    // The end of a session is an answer like another: it must be committed.
    let turned = who
        .write(move |tx, _| {
            Ok(match refresh::turn(tx, &token, ends)? {
                Turned::Next(account, _)
                    if required.is_of(account.role)
                        && second_factors::confirmed(tx, account.id)?.is_none() =>
                {
                    Err(Code::SecondFactorUnset)
                }
                Turned::Next(account, next) => Ok((account, next)),
                Turned::Disabled => Err(Code::AccountDisabled),
                Turned::Refused | Turned::SessionEnded => Err(Code::TokenInvalid),
            })
        })
        .await?;
    let (account, next) = turned?;
    tokens_for(&who, &account, next).map(Secret)
}

pub async fn logout(who: Only<Somebody>, body: Json<RefreshToken>) -> Result<Empty, Problem> {
    let id = who.actor().account.ok_or(Code::TokenMissing)?;
    let token = body.0;
    who.write(move |tx, _| Ok(refresh::end(tx, id, &token)?)).await?;
    Ok(Empty)
}

pub async fn get_me(who: Only<Somebody>) -> Result<Plain<Me>, Problem> {
    let id = who.actor().account.ok_or(Code::TokenMissing)?;
    who.read(move |conn, _| {
        let account = accounts::get(conn, AccountId(id.uuid()))?;
        Ok(Plain(Me {
            id: account.id.uuid(),
            role: account.role,
            name: account.name,
            organisation_id: account.organisation_id.map(OrganisationId::uuid),
            job_seeker_id: account.seeker_id.map(SeekerId::uuid),
        }))
    })
    .await
}
