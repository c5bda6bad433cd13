//! Limits per account or address: a fixed window of a minute, counted in memory. Processes that
//! share a database share each limit by leasing tokens (docs/decisions/0011-shared-limits.md).
//! Must not know: what a request is for, beyond its path.

use super::leases::Leases;
use super::peer::Proxies;
use super::problem::Problem;
use super::{App, guard};
use crate::db::Store;
use crate::domain::problem::Code;
use crate::domain::roles::Role;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, web};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// Seconds.
const WINDOW: i64 = 60;
const KEPT: u64 = 100_000;
/// The part of a limit that is leased at a time, and that a process gives before it leases.
const PART: i64 = 20;
/// How long a request waits for a lease.
const PATIENCE: Duration = Duration::from_secs(2);

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

/// Somebody's minute in this process.
pub(super) struct Window {
    pub key: String,
    /// Counted since 1970, from an offset of the key's own.
    pub number: i64,
    pub limit: i64,
    /// Tokens that this process may give out.
    in_hand: AtomicI64,
    /// Tokens that no process holds, as far as this one knows.
    beyond: AtomicI64,
    /// What this process gave without a lease, and the first lease accounts for.
    unleased: AtomicI64,
    asked: AtomicBool,
    answered: Notify,
}

impl Window {
    /// `before_lease` of the limit is given out without asking anybody.
    fn new(key: String, number: i64, limit: i64, before_lease: i64) -> Self {
        Self {
            key,
            number,
            limit,
            in_hand: AtomicI64::new(before_lease),
            beyond: AtomicI64::new(limit - before_lease),
            unleased: AtomicI64::new(before_lease),
            asked: AtomicBool::new(false),
            answered: Notify::new(),
        }
    }

    pub(super) fn batch(&self) -> i64 {
        (self.limit / PART).max(1)
    }

    /// What the next lease must cover beside its batch.
    pub(super) fn unleased(&self) -> i64 {
        self.unleased.load(Ordering::Acquire)
    }

    /// What a lease must be measured by when nobody can be asked.
    pub(super) fn leased(&self) -> i64 {
        self.limit - self.beyond.load(Ordering::Acquire) - self.unleased()
    }

    /// `wanted` tokens were asked for when `before` were out already.
    pub(super) fn leases(&self, wanted: i64, before: i64) {
        let covered = self.unleased.swap(0, Ordering::AcqRel).min(wanted);
        let given = wanted.min(self.limit - before).max(0);
        self.beyond.store((self.limit - before - given).max(0), Ordering::Release);
        self.in_hand.fetch_add((given - covered).max(0), Ordering::AcqRel);
        self.asked.store(false, Ordering::Release);
        self.answered.notify_waiters();
    }

    fn spend(&self) -> bool {
        let one = |held: i64| (held > 0).then(|| held - 1);
        self.in_hand.fetch_update(Ordering::AcqRel, Ordering::Acquire, one).is_ok()
    }

    fn is_low(&self) -> bool {
        self.in_hand.load(Ordering::Acquire) * 2 <= self.batch() && self.has_beyond()
    }

    fn has_beyond(&self) -> bool {
        self.beyond.load(Ordering::Acquire) > 0
    }

    fn left(&self, seconds: i64) -> Left {
        let free = self.in_hand.load(Ordering::Acquire) + self.beyond.load(Ordering::Acquire);
        Left { limit: self.limit, remaining: free.max(0), seconds }
    }
}

/// The counters of this process.
pub struct Limits {
    rates: Rates,
    store: Arc<Store>,
    windows: moka::sync::Cache<String, Arc<Window>>,
    /// None where no other process can be.
    leases: Option<Arc<Leases>>,
}

/// What is left of the caller's minute.
#[derive(Debug, Clone, Copy)]
pub struct Left {
    limit: i64,
    remaining: i64,
    seconds: i64,
}

impl Left {
    /// The `RateLimit` fields (draft-ietf-httpapi-ratelimit-headers-11).
    fn tell(self, headers: &mut HeaderMap) {
        let policy = format!("\"minute\";q={};w={WINDOW}", self.limit);
        let left = format!("\"minute\";r={};t={}", self.remaining, self.seconds);
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", left)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

/// Where guessing pays.
const DOORS: [&str; 9] = [
    "/v1/auth/login",
    "/v1/auth/activation",
    "/v1/auth/refresh",
    "/v1/auth/password",
    "/v1/auth/token",
    "/v1/auth/password-reset",
    "/v1/auth/second-factor",
    "/v1/auth/second-factor/confirmation",
    "/v1/auth/second-factor/removal",
];

/// Where anybody may write to the register.
const REGISTER: &str = "/v1/job-seekers";

/// Judges the path as the router reads it: decoded, so that no other spelling gets around.
fn is_door(request: &HttpRequest, role: Option<Role>) -> bool {
    let path = request.match_info().as_str();
    let by_office = matches!(role, Some(Role::Office | Role::Lead));
    DOORS.contains(&path) || (path == REGISTER && request.method() == Method::POST && !by_office)
}

/// How a key's windows lie in time: not all callers begin theirs at once.
fn offset(key: &str) -> i64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    i64::try_from(hasher.finish() % WINDOW.unsigned_abs()).unwrap_or(0)
}

impl Limits {
    pub fn new(rates: Rates, store: Arc<Store>) -> Self {
        let windows = moka::sync::Cache::builder()
            .max_capacity(KEPT)
            .time_to_live(Duration::from_secs(2 * WINDOW.unsigned_abs()))
            .build();
        let leases = store.is_shared().then(|| Arc::new(Leases::new(store.clone())));
        Self { rates, store, windows, leases }
    }

    /// Counts the request; `Err` when the minute is used up.
    async fn take(&self, request: &HttpRequest, proxies: &Proxies) -> Result<Left, Left> {
        let claims = guard::claims(request).ok().flatten();
        let role = claims.as_ref().map(|c| c.role);
        if is_door(request, role) {
            return self
                .count(format!("door {}", proxies.caller(request)), self.rates.door, 0)
                .await;
        }
        let (key, limit) = match claims {
            Some(claims) => (claims.sub.to_string(), self.rates.account),
            None => (proxies.caller(request), self.rates.address),
        };
        self.count(key, limit, i64::from(limit) / PART).await
    }

    fn window(&self, key: String, number: i64, limit: i64, before_lease: i64) -> Arc<Window> {
        if let Some(window) = self.windows.get(&key).filter(|w| w.number >= number) {
            return window;
        }
        let before_lease = if self.leases.is_some() { before_lease } else { limit };
        let fresh = || Arc::new(Window::new(key.clone(), number, limit, before_lease));
        let entry = self.windows.entry(key.clone());
        entry.or_insert_with_if(fresh, |window| window.number < number).into_value()
    }

    async fn count(&self, key: String, limit: u32, before_lease: i64) -> Result<Left, Left> {
        let at = self.store.clock().now().micros().div_euclid(1_000_000) + offset(&key);
        let seconds = WINDOW - at.rem_euclid(WINDOW);
        let window = self.window(key, at.div_euclid(WINDOW), limit.into(), before_lease);
        loop {
            let answered = window.answered.notified();
            if window.spend() {
                if window.is_low() {
                    self.ask(&window);
                }
                return Ok(window.left(seconds));
            }
            if !window.has_beyond() || !self.ask(&window) {
                return Err(window.left(seconds));
            }
            if tokio::time::timeout(PATIENCE, answered).await.is_err() {
                return Err(window.left(seconds));
            }
        }
    }

    /// Whether somebody will answer.
    fn ask(&self, window: &Arc<Window>) -> bool {
        let Some(leases) = &self.leases else { return false };
        if !window.asked.swap(true, Ordering::AcqRel) {
            leases.ask(window.clone());
        }
        true
    }
}

/// The middleware: refuses before the handler, and tells what is left on each answer.
pub async fn limited(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    };
    let quota = app.limits.take(request.request(), &app.edge.proxies).await;
    let (Ok(left) | Err(left)) = quota;
    let mut answered = if quota.is_ok() {
        next.call(request).await?.map_into_boxed_body()
    } else {
        let seconds = u32::try_from(left.seconds).unwrap_or(1);
        let refused = Problem::busy(seconds, Code::TooManyRequests);
        // `into_response` would lose the problem.
        let (request, _) = request.into_parts();
        ServiceResponse::new(request, HttpResponse::from_error(refused))
    };
    left.tell(answered.headers_mut());
    Ok(answered)
}
