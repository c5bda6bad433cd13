//! The head of the OpenAPI document: what it is, how one gets in, which headers there are.
//! Must not know: any operation.

use crate::domain::scopes::Scope;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The head of the OpenAPI document.
pub(super) fn about() -> Value {
    let scopes: BTreeMap<&str, &str> = Scope::ALL.iter().map(|s| (s.as_str(), s.said())).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "musiman",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Places the registered job seekers of Kabupaten Bekasi to Korean seasonal quotas. Enumerations in answers may be joined by new values; ignore fields that you do not know.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            "contact": { "name": "Dinas Ketenagakerjaan Kabupaten Bekasi" }
        },
        "servers": [{ "url": "/", "description": "The service that serves this document." }],
        "components": {
            "securitySchemes": {
                "machine": {
                    "type": "oauth2",
                    "description": "For machines. A token opens what its scopes name and nothing else.",
                    "flows": { "clientCredentials": { "tokenUrl": "/v1/auth/token", "scopes": scopes } }
                },
                "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "From /v1/auth/login." }
            },
            "headers": {
                "Cache-Control": { "description": "How long it may be kept.", "schema": { "type": "string" } },
                "ETag": { "description": "Version and digest of the representation.", "schema": { "type": "string" } },
                "Location": { "description": "Where it is read.", "schema": { "type": "string" } },
                "RateLimit": { "description": "What is left of the caller's minute: `r` requests for `t` seconds (draft-ietf-httpapi-ratelimit-headers-11).", "schema": { "type": "string" } },
                "RateLimit-Policy": { "description": "The limit that counts: `q` requests in `w` seconds.", "schema": { "type": "string" } },
                "Retry-After": { "description": "Seconds to wait.", "schema": { "type": "integer" } },
                "WWW-Authenticate": { "description": "The scheme to log in with.", "schema": { "type": "string" } }
            }
        }
    })
}
