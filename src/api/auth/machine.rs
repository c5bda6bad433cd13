//! Tokens for machines: OAuth 2.0 client credentials (RFC 6749, section 4.4), by a secret or by an
//! assertion. Must not know: how a secret is kept.

use super::assertion::{self, Proven};
use crate::api::answer::Secret;
use crate::api::extract::{body, media_type_is};
use crate::api::frame::OAuthError;
use crate::api::guard::{self, Only, Outsider};
use crate::api::pace::Pace;
use crate::api::problem::Problem;
use crate::api::routes::{Describe, Op};
use crate::api::token;
use crate::db::accounts::{self, AccountRow};
use crate::db::types::{AccountData, AccountState};
use crate::db::{Actor, Conn, Fault, assertions, client_keys, secrets};
use crate::domain::ids::AccountId;
use crate::domain::problem::Code;
use crate::domain::scopes::Scopes;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::pin::Pin;
use utoipa::ToSchema;
use uuid::Uuid;

const FORM: &str = "application/x-www-form-urlencoded";
const LIMIT: usize = 8 * 1024;
const GRANT: &str = "client_credentials";
/// Seconds between two notes that a client is in use.
const NOTED: i64 = 60;

/// What a machine asks with. Its id and secret stand here or in HTTP Basic, not in both.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "grant_type": "client_credentials", "client_id": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11",
    "client_secret": "GQ8bW1ynVbi2Vb1yyCkqjV0mLxZ4ln9yrGvZ7eSdW4E", "scope": "seekers.read"
}))]
pub struct TokenForm {
    /// `client_credentials`.
    grant_type: String,
    #[schema(nullable = false)]
    client_id: Option<String>,
    #[schema(nullable = false)]
    client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, with an assertion.
    #[schema(nullable = false)]
    client_assertion_type: Option<String>,
    /// A JWT signed with a key of the client, in the place of a secret (RFC 7523).
    #[schema(nullable = false)]
    client_assertion: Option<String>,
    /// With one space between them; all scopes of the client unless told.
    #[schema(nullable = false)]
    scope: Option<String>,
}

/// An access token for ten minutes; there is no refresh token, the secret gives the next one.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln", "token_type": "Bearer", "expires_in": 600, "scope": "seekers.read" }))]
pub struct MachineToken {
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
    scope: String,
}

/// Who asks for a token, and for which scopes.
pub struct Grant {
    client: AccountId,
    proof: Proof,
    scope: Option<String>,
}

enum Proof {
    Secret(String),
    Assertion(String),
}

fn parsed(bytes: &[u8]) -> Result<TokenForm, Problem> {
    serde_urlencoded::from_bytes(bytes).map_err(|_| Code::OAuthRequestInvalid.into())
}

/// An empty parameter counts as left out.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

// What is no id belongs to nobody, and is looked up as such.
const NOBODY: AccountId = AccountId(Uuid::nil());

/// By an assertion, which comes alone.
fn asserted(form: &TokenForm, kind: Option<&str>, text: &str) -> Result<AccountId, Code> {
    if kind != Some(assertion::TYPE) || form.client_secret.is_some() {
        return Err(Code::OAuthRequestInvalid);
    }
    let client = assertion::client_of(text).ok_or(Code::OAuthClientRefused)?;
    match &form.client_id {
        Some(other) if other.parse() != Ok(client) => Err(Code::OAuthRequestInvalid),
        _ => Ok(client),
    }
}

fn grant(form: TokenForm, basic: Option<(String, String)>) -> Result<Grant, Problem> {
    if form.grant_type != GRANT {
        return Err(Code::OAuthGrantUnsupported.into());
    }
    let form = TokenForm {
        client_id: given(form.client_id),
        client_secret: given(form.client_secret),
        client_assertion: given(form.client_assertion),
        ..form
    };
    let scope = given(form.scope.clone());
    let kind = form.client_assertion_type.as_deref();
    if let Some(text) = &form.client_assertion {
        if basic.is_some() {
            return Err(Code::OAuthRequestInvalid.into());
        }
        let client = asserted(&form, kind, text)?;
        return Ok(Grant { client, proof: Proof::Assertion(text.clone()), scope });
    }
    let (id, secret) = match (basic, form.client_id, form.client_secret) {
        (Some(_), _, Some(_)) => return Err(Code::OAuthRequestInvalid.into()),
        (Some((id, _)), Some(other), None) if id != other => {
            return Err(Code::OAuthRequestInvalid.into());
        }
        (Some(basic), _, None) => basic,
        (None, Some(id), Some(secret)) => (id, secret),
        (None, _, _) => return Err(Code::OAuthClientRefused.into()),
    };
    let client = id.parse().unwrap_or(NOBODY);
    Ok(Grant { client, proof: Proof::Secret(secret), scope })
}

impl FromRequest for Grant {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let basic = guard::basic(request);
        let typed = media_type_is(request.headers(), FORM);
        let coming = Pace::begin(payload);
        Box::pin(async move {
            let bytes = body(coming, LIMIT).await?;
            if !typed {
                return Err(Code::OAuthRequestInvalid.into());
            }
            grant(parsed(&bytes)?, basic?)
        })
    }
}

impl Describe for Grant {
    fn describe(op: &mut Op) {
        op.body::<TokenForm>(FORM, |example| {
            let text =
                serde_urlencoded::to_string(example.as_object()).map_err(|e| e.to_string())?;
            parsed(text.as_bytes())
                .and_then(|form| grant(form, None))
                .map(drop)
                .map_err(|p| p.to_string())
        });
        op.answers::<OAuthError>(400, "Not a request for a token (RFC 6749, section 5.2).", &[]);
        let told = "Unknown, disabled, or another secret; which of them is not told.";
        op.answers::<OAuthError>(401, told, &["WWW-Authenticate"]);
        op.refuses(408);
        op.refuses(413);
    }
}

/// What the token may do: all that the client may, or the part that it asks for.
fn scopes(client: &AccountRow, asked: Option<&str>) -> Result<Scopes, Problem> {
    let all = client.scopes()?;
    let Some(asked) = asked else { return Ok(all) };
    let asked: Scopes = asked.parse().map_err(|_| Problem::from(Code::OAuthScopeRefused))?;
    if asked.within(&all) && !asked.is_empty() {
        Ok(asked)
    } else {
        Err(Code::OAuthScopeRefused.into())
    }
}

/// Notes that the client is in use, once a minute at most.
async fn note_use(who: &Only<Outsider>, client: &AccountRow) -> Result<(), Problem> {
    if client.used_at.is_some_and(|used| used.plus_seconds(NOTED) > who.now()) {
        return Ok(());
    }
    let id = client.id;
    who.write(move |tx, _| {
        if accounts::client(tx, id)?.state != AccountState::Active {
            return Err(Code::OAuthClientRefused.into());
        }
        Ok(accounts::note_use(tx, id)?)
    })
    .await
}

/// The active client behind an assertion that was never used before.
async fn asserting(
    who: &Only<Outsider>,
    client: AccountId,
    text: &str,
) -> Result<AccountRow, Problem> {
    let found = who.snapshot(move |conn, _| Ok(client_keys::client_with(conn, client)?)).await?;
    let (row, keys) = found.ok_or(Code::OAuthClientRefused)?;
    let audience = format!("{}/v1/auth/token", who.app().edge.url);
    let proven = assertion::proven(text, client, &keys, &audience, who.now());
    let Proven { jti, until } = proven.ok_or(Code::OAuthClientRefused)?;
    let is_first =
        who.write(move |tx, _| Ok(assertions::use_once(tx, client, &jti, until)?)).await?;
    if is_first { Ok(row) } else { Err(Code::OAuthClientRefused.into()) }
}

/// The demo looks its writers up too.
async fn into_demo(who: &Only<Outsider>, client: AccountRow) -> Result<(), Problem> {
    let sandbox = who.app().sandbox.clone().ok_or(Code::OAuthClientRefused)?;
    let work = move || {
        sandbox.store.write::<_, Fault>(Actor::SYSTEM, |tx, _| accounts::let_into_demo(tx, &client))
    };
    web::block(work).await.map_err(|_| Problem::from(Code::Internal))?.map_err(Problem::from)
}

pub async fn give_token(
    who: Only<Outsider>,
    asked: Grant,
) -> Result<Secret<MachineToken>, Problem> {
    let Grant { client, proof, scope } = asked;
    let client = match proof {
        Proof::Secret(secret) => {
            let find = move |conn: &mut Conn<'_>| secrets::client_with(conn, client, &secret);
            let found = who.snapshot(move |conn, _| Ok(find(conn)?)).await?;
            found.ok_or(Code::OAuthClientRefused)?
        }
        Proof::Assertion(text) => asserting(&who, client, &text).await?,
    };
    let scope = scopes(&client, scope.as_deref())?.to_string();
    note_use(&who, &client).await?;
    let (id, is_sandbox) = (client.id.uuid(), client.data == AccountData::Demo);
    if is_sandbox {
        into_demo(&who, client).await?;
    }
    let (tokens, jti) = (&who.app().tokens, who.app().store.clock().new_id());
    let access_token = if is_sandbox {
        tokens.sign_sandbox(id, &scope, jti, who.now())?
    } else {
        tokens.sign_machine(id, &scope, jti, who.now())?
    };
    Ok(Secret(MachineToken { access_token, token_type: "Bearer", expires_in: token::LIFE, scope }))
}
