//! Problems as clients meet them (RFC 9457), and the one place that chooses a status.
//! Must not know: languages; `frame` writes the body when it knows the reader's.

use crate::db::{Again, Fault};
use crate::domain::lifecycle::Refusal;
use crate::domain::problem::{Code, Problems, Reason, Wrong};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

/// One refusal: a code, its figures, and every field that is wrong.
#[derive(Debug)]
pub struct Problem {
    pub reason: Reason,
    pub errors: Vec<Wrong>,
    /// The present tag of the resource, for 409 and 412.
    pub tag: Option<String>,
    pub retry_after: Option<u32>,
    cause: Option<Fault>,
}

/// The status of each code that can stand at the top of a problem. Codes that only stand under a
/// pointer or in a verdict make a 422 when they come alone.
fn status_of(code: Code) -> StatusCode {
    match code {
        Code::NotJson
        | Code::ParameterInvalid
        | Code::ParameterUnknown
        | Code::CursorInvalid
        | Code::WatermarkInvalid
        | Code::KeyMissing
        | Code::KeyInvalid
        | Code::OAuthRequestInvalid
        | Code::OAuthGrantUnsupported
        | Code::OAuthScopeRefused
        | Code::BadRequest => StatusCode::BAD_REQUEST,
        Code::TokenMissing
        | Code::TokenInvalid
        | Code::LoginRefused
        | Code::AccountDisabled
        | Code::LogInAgain
        | Code::SecondFactorNeeded
        | Code::SecondFactorUnset
        | Code::SecondFactorWrong
        | Code::OAuthClientRefused => StatusCode::UNAUTHORIZED,
        Code::RoleForbidden | Code::ScopeMissing => StatusCode::FORBIDDEN,
        Code::NotFound | Code::RecordMerged => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::StateConflict
        | Code::Taken
        | Code::NikTaken
        | Code::LastLead
        | Code::SecretsFull
        | Code::EvidenceFull
        | Code::ConsentByLaw
        | Code::ExternalIdTaken
        | Code::ConsentStands
        | Code::KeysFull
        | Code::ListAfterFreeze
        | Code::TooEarly
        | Code::SeasonNotOpen
        | Code::ProcessingRestricted
        | Code::HeldByImport
        | Code::MergeProposed
        | Code::RevealTooLate => StatusCode::CONFLICT,
        Code::VersionStale => StatusCode::PRECONDITION_FAILED,
        Code::IfMatchMissing => StatusCode::PRECONDITION_REQUIRED,
        Code::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
        Code::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::MediaTypeUnsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::TooManyRequests | Code::LogInPaused => StatusCode::TOO_MANY_REQUESTS,
        Code::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// The field behind a unique index.
fn taken(key: &str) -> Problem {
    let (code, pointer) = match key {
        "seekers_nik_index" => (Code::NikTaken, "/nik"),
        "accounts_login_index" => (Code::Taken, "/login"),
        "accounts_seeker_id" => (Code::Taken, "/job_seeker_id"),
        "organisations_business_number" => (Code::Taken, "/business_number"),
        "merges_double_id" => (Code::MergeProposed, "/double_id"),
        "organisations_farm_id" => (Code::Taken, "/farm_id"),
        _ => (Code::Taken, ""),
    };
    let mut problem = Problem::from(code);
    problem.errors.push(Wrong { pointer: pointer.to_owned(), reason: code.into() });
    problem
}

impl Problem {
    pub fn status(&self) -> StatusCode {
        status_of(self.reason.code)
    }

    /// Whether RFC 6749 says how it is told.
    pub fn is_oauth(&self) -> bool {
        matches!(
            self.reason.code,
            Code::OAuthRequestInvalid
                | Code::OAuthClientRefused
                | Code::OAuthGrantUnsupported
                | Code::OAuthScopeRefused
        )
    }

    /// What the log may know and a client may not.
    pub fn cause(&self) -> Option<&Fault> {
        self.cause.as_ref()
    }

    /// The state does not allow it; the reader gets the present tag to look again.
    pub fn state(refusal: Refusal, tag: String) -> Self {
        let code = match refusal {
            Refusal::State => Code::StateConflict,
            Refusal::Role => Code::RoleForbidden,
        };
        Self { tag: Some(tag), ..Self::from(code) }
    }

    pub fn stale(tag: String) -> Self {
        Self { tag: Some(tag), ..Self::from(Code::VersionStale) }
    }

    /// A rule of the programme says no: every reason at once.
    pub fn rules(reasons: impl IntoIterator<Item = Reason>) -> Self {
        let errors =
            reasons.into_iter().map(|reason| Wrong { pointer: String::new(), reason }).collect();
        Self { errors, ..Self::from(Code::RuleRefused) }
    }

    pub fn busy(seconds: u32, code: Code) -> Self {
        Self { retry_after: Some(seconds), ..Self::from(code) }
    }
}

impl From<Reason> for Problem {
    fn from(reason: Reason) -> Self {
        Self { reason, errors: Vec::new(), tag: None, retry_after: None, cause: None }
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Reason::from(code).into()
    }
}

impl From<Problems> for Problem {
    fn from(problems: Problems) -> Self {
        Self { errors: problems.0, ..Self::from(Code::FieldsInvalid) }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let mut problem = match &fault {
            Fault::NotFound => Self::from(Code::NotFound),
            Fault::Taken(key) => taken(key),
            Fault::Moved => Self::from(Code::VersionStale),
            Fault::Busy | Fault::Conflict => Self::busy(1, Code::Busy),
            Fault::Broken(_) => Self::from(Code::Internal),
        };
        problem.cause = Some(fault);
        problem
    }
}

impl Again for Problem {
    fn again(&self) -> bool {
        self.cause.as_ref().is_some_and(Again::again)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.reason.code)
    }
}

/// `frame` finds the problem behind the bare response and writes the body.
impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status())
    }
}
