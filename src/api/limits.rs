//! Limits per account or address, kept in this process: a fixed window of a minute.
//! Must not know: what a request is for, beyond its path.

use super::guard;
use crate::clock::Clock;
use crate::domain::roles::Role;
use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_mins(1);
const KEPT: u64 = 100_000;

/// How many requests a minute each kind of caller has.
#[derive(Debug, Clone, Copy)]
pub struct Rates {
    /// With a good token, per account.
    pub account: u32,
    /// Without one, per address.
    pub address: u32,
    /// Log-in, activation and self-registration, per address.
    pub door: u32,
}

struct Window {
    began: Instant,
    used: AtomicU32,
}

/// The counters of this process.
pub struct Limits {
    rates: Rates,
    windows: moka::sync::Cache<String, Arc<Window>>,
}

/// What is left of the caller's minute.
#[derive(Debug, Clone, Copy)]
pub struct Left {
    limit: u32,
    remaining: u32,
    pub seconds: u32,
}

impl Left {
    /// The `RateLimit` fields (draft-ietf-httpapi-ratelimit-headers-11).
    pub(super) fn tell(self, headers: &mut HeaderMap) {
        let policy = format!("\"minute\";q={};w={}", self.limit, WINDOW.as_secs());
        let left = format!("\"minute\";r={};t={}", self.remaining, self.seconds);
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", left)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

/// Where guessing pays.
const DOORS: [&str; 5] = [
    "/v1/auth/login",
    "/v1/auth/activation",
    "/v1/auth/refresh",
    "/v1/auth/password",
    "/v1/auth/token",
];

/// Where anybody may write to the register.
const REGISTER: &str = "/v1/job-seekers";

/// Judges the path as the router reads it: decoded, so that no other spelling gets around.
fn is_door(request: &HttpRequest, role: Option<Role>) -> bool {
    let path = request.match_info().as_str();
    let by_office = matches!(role, Some(Role::Office | Role::Lead));
    DOORS.contains(&path) || (path == REGISTER && request.method() == Method::POST && !by_office)
}

impl Limits {
    pub fn new(rates: Rates) -> Self {
        let windows = moka::sync::Cache::builder()
            .max_capacity(KEPT)
            .time_to_live(WINDOW.saturating_mul(2))
            .build();
        Self { rates, windows }
    }

    /// Counts the request; `Err` when the minute is used up.
    pub(super) fn take(&self, request: &HttpRequest) -> Result<Left, Left> {
        let claims = guard::claims(request).ok().flatten();
        let role = claims.as_ref().map(|c| c.role);
        let address = || request.peer_addr().map_or(String::new(), |a| a.ip().to_string());
        let (key, limit) = if is_door(request, role) {
            (format!("door {}", address()), self.rates.door)
        } else if let Some(claims) = claims {
            (claims.sub.to_string(), self.rates.account)
        } else {
            (address(), self.rates.address)
        };
        self.count(key, limit)
    }

    fn count(&self, key: String, limit: u32) -> Result<Left, Left> {
        let now = Clock::stopwatch();
        let fresh = || Arc::new(Window { began: now, used: AtomicU32::new(0) });
        let mut window = self.windows.get_with(key.clone(), fresh);
        if now.duration_since(window.began) >= WINDOW {
            window = fresh();
            self.windows.insert(key, window.clone());
        }
        let used = window.used.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let age = now.saturating_duration_since(window.began);
        let seconds = u32::try_from(WINDOW.saturating_sub(age).as_secs()).unwrap_or(0).max(1);
        let left = Left { limit, remaining: limit.saturating_sub(used), seconds };
        if used <= limit { Ok(left) } else { Err(left) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_after_the_last_is_refused_and_others_are_not() {
        let limits = Limits::new(Rates { account: 2, address: 2, door: 1 });
        assert!(limits.count("a".into(), 2).is_ok());
        assert_eq!(limits.count("a".into(), 2).map(|l| l.remaining).ok(), Some(0));
        assert!(limits.count("a".into(), 2).is_err());
        assert!(limits.count("b".into(), 2).is_ok());
    }
}
