//! Which operation each scope opens to machines. What does not stand here is closed to them.
//! Must not know: handlers.

use super::problem::Problem;
use super::routes::Op;
use super::token::Claims;
use crate::domain::problem::Code;
use crate::domain::scopes::Scope;
use actix_web::HttpRequest;
use actix_web::http::Method;
use serde_json::json;

const OPEN: &[(Scope, Method, &str)] = &[
    (Scope::AgreementsRead, Method::GET, "/v1/agreements"),
    (Scope::AgreementsRead, Method::GET, "/v1/agreements/{id}"),
    (Scope::ApplicationsRead, Method::GET, "/v1/seasons/{id}/applications/{job_seeker_id}"),
    (Scope::ImportsRead, Method::GET, "/v1/imports/{id}"),
    (Scope::ImportsRead, Method::GET, "/v1/imports/{id}/rows"),
    (Scope::ImportsRead, Method::GET, "/v1/imports/{id}/refused-rows"),
    (Scope::ImportsWrite, Method::POST, "/v1/imports/job-seekers"),
    (Scope::JobsRead, Method::GET, "/v1/jobs/{id}"),
    (Scope::OrganisationsRead, Method::GET, "/v1/organisations"),
    (Scope::OrganisationsRead, Method::GET, "/v1/organisations/{id}"),
    (Scope::QuotasRead, Method::GET, "/v1/quotas"),
    (Scope::QuotasRead, Method::GET, "/v1/quotas/{id}"),
    (Scope::RoundsRead, Method::GET, "/v1/seasons/{id}/rounds"),
    (Scope::RoundsRead, Method::GET, "/v1/rounds/{id}"),
    (Scope::RoundsRead, Method::GET, "/v1/rounds/{id}/seats"),
    (Scope::RoundsRead, Method::GET, "/v1/rounds/{id}/explanations/{job_seeker_id}"),
    (Scope::RoundsRead, Method::GET, "/v1/rounds/{id}/summary"),
    (Scope::SeasonsRead, Method::GET, "/v1/seasons"),
    (Scope::SeasonsRead, Method::GET, "/v1/seasons/{id}"),
    (Scope::SeasonsRead, Method::GET, "/v1/seasons/{id}/inputs"),
    (Scope::SeekersRead, Method::GET, "/v1/job-seekers"),
    (Scope::SeekersRead, Method::GET, "/v1/job-seekers/{id}"),
    (Scope::SeekersRead, Method::GET, "/v1/job-seekers/{id}/eligibility"),
    (Scope::SeekersRead, Method::POST, "/v1/job-seekers/search"),
    (Scope::SeekersWrite, Method::POST, "/v1/job-seekers"),
    (Scope::SeekersWrite, Method::PATCH, "/v1/job-seekers/{id}"),
];

fn scope_of(method: &str, path: &str) -> Option<Scope> {
    let method = if method.eq_ignore_ascii_case("head") { "get" } else { method };
    let here = |line: &&(Scope, Method, &str)| {
        line.2 == path && line.1.as_str().eq_ignore_ascii_case(method)
    };
    OPEN.iter().find(here).map(|(scope, _, _)| *scope)
}

/// A machine needs the scope of the operation in its token, even where people need none.
pub(super) fn admit(who: &Claims, request: &HttpRequest) -> Result<(), Problem> {
    let Some(given) = &who.scope else { return Ok(()) };
    let path = request.match_pattern().unwrap_or_default();
    match scope_of(request.method().as_str(), &path) {
        Some(scope) if given.split(' ').any(|word| word == scope.as_str()) => Ok(()),
        Some(scope) => Err(Code::ScopeMissing.with("scope", scope).into()),
        None => Err(Code::ScopeMissing.into()),
    }
}

/// Tells the scope in the document.
pub(super) fn describe(op: &mut Op, method: &str, path: &str) {
    if let Some(scope) = scope_of(method, path) {
        op.set("x-scope", json!(scope.as_str()));
        op.way_in(json!({ "machine": [scope.as_str()] }));
        op.refuses(403);
    }
}
