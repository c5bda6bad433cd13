//! The second factor: an authenticator app, set up, replaced and taken away by its owner, who shows
//! the password and the present factor each time. Must not know: how codes are judged.

use super::entry::let_in;
use super::{LogIn, Tokens, tokens_for};
use crate::acts::reset_second_factor::reset;
use crate::api::accounts as accounts_room;
use crate::api::answer::{Empty, Plain, Secret};
use crate::api::extract::{IfMatch, Json, Path, Wire};
use crate::api::guard::{Anybody, Lead, Only, Somebody};
use crate::api::problem::Problem;
use crate::db::accounts::{self, AccountRow};
use crate::db::{refresh, second_factors, sessions};
use crate::domain::accounts::PaperCode;
use crate::domain::ids::AccountId;
use crate::domain::problem::{Code, Problems};
use crate::domain::sessions::Ends;
use crate::domain::time::Instant;
use crate::totp;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// What an authenticator app needs; it is told this once, and counts when its code came back.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "uri": "otpauth://totp/musiman:petugas?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=musiman", "expires_at": "2026-11-24T03:15:00Z" }))]
pub struct SecondFactorOffer {
    /// In base 32, for typing.
    secret: String,
    /// For a QR code, or a link on the phone itself.
    uri: String,
    expires_at: DateTime<Utc>,
}

/// A job seeker's login is the NIK, which belongs on no label.
fn label(account: &AccountRow) -> &str {
    account.login.as_deref().unwrap_or("akun")
}

pub async fn offer_second_factor(
    who: Only<Anybody>,
    body: Json<LogIn>,
) -> Result<Secret<SecondFactorOffer>, Problem> {
    let begun = let_in(&who, body.0, |tx, a, _| Ok(Ok(second_factors::offer(tx, a.id)?)));
    let (account, offer) = begun.await?;
    let uri = totp::uri(&offer.secret, label(&account)).map_err(|_| Code::Internal)?;
    let (secret, expires_at) = (totp::spelled(&offer.secret), offer.until.utc());
    Ok(Secret(SecondFactorOffer { secret, uri, expires_at }))
}

/// Who one is, and the code that the app shows for the offered secret.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "login": "petugas", "password": "kata sandi yang panjang", "new_code": "287082" }))]
pub struct ConfirmSecondFactor {
    #[validate(length(min = 1, max = 200))]
    login: String,
    #[validate(length(min = 1, max = 200))]
    password: String,
    /// Of the factor that is replaced, if there is one.
    #[validate(length(min = 1, max = 40))]
    code: Option<String>,
    #[validate(length(min = 1, max = 200))]
    device: Option<String>,
    #[validate(length(min = 1, max = 40))]
    new_code: String,
}

impl Wire for ConfirmSecondFactor {
    type Value = (LogIn, String);
    fn value(self) -> Result<(LogIn, String), Problems> {
        let Self { login, password, code, device, new_code } = self;
        Ok((LogIn { login, password, code, device }, new_code))
    }
}

/// The factor is in force: recovery codes, told this once, and the tokens of a new session.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "recovery_codes": ["7K2M9-QX4TB-0Z8FN-3HWCR-1S9VD-4JP6E"], "access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln", "token_type": "Bearer", "expires_in": 600, "refresh_token": "pVx3m2nq0yLr7u8Z1cQm0w", "device": "AAZDnZ2xAABk2Zr8" }))]
pub struct SecondFactorConfirmed {
    /// For a lost phone; each serves once in the place of the app's code.
    recovery_codes: Vec<String>,
    #[serde(flatten)]
    tokens: Tokens,
}

fn wrong_code() -> Problem {
    let mut p = Problems::default();
    p.add("/new_code", Code::SecondFactorWrong);
    p.into()
}

pub async fn confirm_second_factor(
    who: Only<Anybody>,
    body: Json<ConfirmSecondFactor>,
) -> Result<Secret<SecondFactorConfirmed>, Problem> {
    let (given, new_code) = body.0;
    let ends = Ends::on(who.now(), &who.app().rules)?;
    let begun = let_in(&who, given, move |tx, account, _| {
        let codes = second_factors::confirm(tx, account.id, &new_code)?.ok_or_else(wrong_code)?;
        sessions::end_all(tx, account.id)?;
        let issued = refresh::begin(tx, account, ends)?.ok_or(Code::LoginRefused)?;
        Ok(Ok((codes, issued)))
    });
    let (account, (codes, issued)) = begun.await?;
    let recovery_codes = codes.iter().map(PaperCode::grouped).collect();
    let tokens = tokens_for(&who, &account, issued)?;
    Ok(Secret(SecondFactorConfirmed { recovery_codes, tokens }))
}

pub async fn remove_second_factor(who: Only<Anybody>, body: Json<LogIn>) -> Result<Empty, Problem> {
    let required = who.app().edge.second_factor;
    let removed = let_in(&who, body.0, move |tx, account, _| {
        if required.is_of(account.role) {
            return Ok(Err(Code::SecondFactorRequired));
        }
        reset(tx, account.id)?;
        Ok(Ok(()))
    });
    removed.await.map(|_| Empty)
}

/// The second factor of the account behind the token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "required": true, "confirmed_at": "2026-11-24T03:00:00Z", "recovery_codes_left": 10 }))]
pub struct SecondFactor {
    /// Whether the role may not go without.
    required: bool,
    #[schema(required = true)]
    confirmed_at: Option<DateTime<Utc>>,
    recovery_codes_left: i64,
}

pub async fn get_second_factor(who: Only<Somebody>) -> Result<Plain<SecondFactor>, Problem> {
    let id = who.actor().account.ok_or(Code::TokenMissing)?;
    let required = who.app().edge.second_factor.is_of(who.role()?);
    who.snapshot(move |conn, _| {
        let factor = second_factors::confirmed(conn, id)?;
        Ok(Plain(SecondFactor {
            required,
            confirmed_at: factor.and_then(|factor| factor.confirmed_at).map(Instant::utc),
            recovery_codes_left: second_factors::codes_left(conn, id)?,
        }))
    })
    .await
}

pub async fn reset_second_factor(
    who: Only<Lead>,
    id: Path<AccountId>,
    tag: IfMatch,
) -> Result<Empty, Problem> {
    who.freshly()?;
    who.write(move |tx, _| {
        let row = accounts::person(tx, id.0)?;
        if second_factors::confirmed(tx, row.id)?.is_some() {
            tag.holds(row.version, || accounts_room::tag(&row))?;
            reset(tx, row.id)?;
        }
        Ok(Empty)
    })
    .await
}
