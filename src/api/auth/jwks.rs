//! The public keys behind access tokens. Must not know: how a token is signed.

use crate::api::answer::Shared;
use crate::api::guard::{Anybody, Only};
use crate::api::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;

/// Seconds that a reader may keep the keys. A new key signs later than that after it is published
/// (`OPS-SIGNING`).
const KEPT: u32 = 300;

/// RFC 7517.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] }))]
pub struct KeySet {
    keys: Vec<serde_json::Value>,
}

pub async fn get_jwks(who: Only<Anybody>) -> Result<Shared<KeySet, KEPT>, Problem> {
    Ok(Shared(KeySet { keys: who.app().tokens.jwks(who.now()) }))
}
