//! Guards: who may do what. A guard is the sole holder of data and clock in `api`, so a handler
//! without a role has nothing to work with. Only this file reads the Authorization header.

use super::App;
use super::extract::{IfMatch, Key, Seen};
use super::looks::{Reader, watched};
use super::problem::Problem;
use super::routes::{Describe, Op, operation};
use super::scopes;
use super::token::Claims;
use crate::db::{self, Actor, Conn, Tx};
use crate::domain::ids::{OrganisationId, SeekerId, SessionId};
use crate::domain::problem::Code;
use crate::domain::roles::Role;
use crate::domain::time::Instant;
use crate::seal::hash;
use crate::texts::Lang;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::future::{Ready, ready};
use std::sync::Arc;
use uuid::Uuid;

/// Evidence that a caller holds a role, with what the role binds them to.
pub trait Proof: Sized + 'static {
    fn roles() -> Vec<Role>;
    fn prove(who: &Claims) -> Option<Self>;
    /// Whether a token in the request counts at all.
    const TAKES_TOKENS: bool = true;
    /// Open operations take callers without a token too.
    fn open() -> Option<Self> {
        None
    }
}

/// An officer of the labour office, lead or not.
pub struct Office {
    _proof: (),
}
/// A lead officer.
pub struct Lead {
    _proof: (),
}
pub struct Kadin {
    _proof: (),
}
/// A Korean partner, bound to its organisation.
pub struct Partner {
    pub organisation: OrganisationId,
}
/// A job seeker, bound to the own record.
pub struct Seeker {
    pub seeker: SeekerId,
}
/// Anybody who is logged in.
pub struct Somebody {
    pub role: Role,
    pub organisation: Option<OrganisationId>,
    pub seeker: Option<SeekerId>,
}
/// Anybody at all; knows the caller if there is a token.
pub struct Anybody {
    pub role: Option<Role>,
}
/// Somebody with credentials of another kind: a token is not looked at.
pub struct Outsider {
    _proof: (),
}

impl Proof for Office {
    fn roles() -> Vec<Role> {
        vec![Role::Office, Role::Lead]
    }
    fn prove(who: &Claims) -> Option<Self> {
        matches!(who.role, Role::Office | Role::Lead).then_some(Self { _proof: () })
    }
}
impl Proof for Lead {
    fn roles() -> Vec<Role> {
        vec![Role::Lead]
    }
    fn prove(who: &Claims) -> Option<Self> {
        (who.role == Role::Lead).then_some(Self { _proof: () })
    }
}
impl Proof for Kadin {
    fn roles() -> Vec<Role> {
        vec![Role::Kadin]
    }
    fn prove(who: &Claims) -> Option<Self> {
        (who.role == Role::Kadin).then_some(Self { _proof: () })
    }
}
impl Proof for Partner {
    fn roles() -> Vec<Role> {
        vec![Role::Partner]
    }
    fn prove(who: &Claims) -> Option<Self> {
        if who.role != Role::Partner {
            return None;
        }
        Some(Self { organisation: who.organisation?.into() })
    }
}
impl Proof for Seeker {
    fn roles() -> Vec<Role> {
        vec![Role::Seeker]
    }
    fn prove(who: &Claims) -> Option<Self> {
        if who.role != Role::Seeker {
            return None;
        }
        Some(Self { seeker: who.job_seeker?.into() })
    }
}
impl Proof for Somebody {
    fn roles() -> Vec<Role> {
        Role::ALL.to_vec()
    }
    fn prove(who: &Claims) -> Option<Self> {
        Some(Self {
            role: who.role,
            organisation: who.organisation.map(Into::into),
            seeker: who.job_seeker.map(Into::into),
        })
    }
}
impl Proof for Anybody {
    fn roles() -> Vec<Role> {
        Vec::new()
    }
    fn prove(who: &Claims) -> Option<Self> {
        Some(Self { role: Some(who.role) })
    }
    fn open() -> Option<Self> {
        Some(Self { role: None })
    }
}

impl Proof for Outsider {
    const TAKES_TOKENS: bool = false;
    fn roles() -> Vec<Role> {
        Vec::new()
    }
    fn prove(_: &Claims) -> Option<Self> {
        None
    }
    fn open() -> Option<Self> {
        Some(Self { _proof: () })
    }
}

/// Either role; the handler learns which.
pub enum Or<A, B> {
    This(A),
    That(B),
}

impl<A: Proof, B: Proof> Proof for Or<A, B> {
    fn roles() -> Vec<Role> {
        [A::roles(), B::roles()].concat()
    }
    fn prove(who: &Claims) -> Option<Self> {
        A::prove(who).map(Self::This).or_else(|| B::prove(who).map(Self::That))
    }
}

/// Seconds in which a log-in is fresh.
pub(super) const FRESH: i64 = 900;

/// The guard that every handler takes first.
pub struct Only<R> {
    pub is: R,
    pub lang: Lang,
    actor: Actor,
    organisation: Option<OrganisationId>,
    /// The caller's own record.
    own: Option<SeekerId>,
    session: Option<SessionId>,
    /// Seconds since 1970 at which the caller last showed a password or a code.
    proved_at: Option<i64>,
    app: web::Data<App>,
    request: HttpRequest,
}

fn bearer(request: &HttpRequest) -> Result<Option<&str>, Problem> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().map_err(|_| Problem::from(Code::TokenInvalid))?;
    let (scheme, token) = text.split_once(' ').ok_or(Code::TokenInvalid)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(Some(token.trim()))
    } else {
        Err(Code::TokenInvalid.into())
    }
}

/// Id and secret in HTTP Basic, each form-encoded as RFC 6749, section 2.3.1 asks for.
pub(super) fn basic(request: &HttpRequest) -> Result<Option<(String, String)>, Problem> {
    let given = request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let Some((scheme, text)) = given.and_then(|text| text.split_once(' ')) else { return Ok(None) };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(None);
    }
    let decoded = STANDARD.decode(text.trim()).ok().and_then(|b| String::from_utf8(b).ok());
    let pair = decoded.as_deref().and_then(|text| text.split_once(':'));
    let (id, secret) = pair.ok_or(Code::OAuthClientRefused)?;
    let plain = |text: &str| {
        let mut pairs = form_urlencoded::parse(text.as_bytes());
        pairs.next().map_or(String::new(), |(name, _)| name.into_owned())
    };
    Ok(Some((plain(id), plain(secret))))
}

/// The claims behind the request's token, if it has one; a good token is checked once a request.
pub(super) fn claims(request: &HttpRequest) -> Result<Option<Arc<Claims>>, Problem> {
    if let Some(claims) = request.extensions().get::<Arc<Claims>>() {
        return Ok(Some(claims.clone()));
    }
    let app = app_of(request)?;
    let Some(token) = bearer(request)? else { return Ok(None) };
    let claims = app.tokens.check(token, app.store.clock().now()).ok_or(Code::TokenInvalid)?;
    request.extensions_mut().insert(claims.clone());
    Ok(Some(claims))
}

/// What the token is served from: a token of demo data never meets other data.
fn served(app: web::Data<App>, who: &Claims) -> Result<web::Data<App>, Problem> {
    match (who.sandbox, &app.sandbox) {
        (false, _) => Ok(app),
        (true, Some(sandbox)) => Ok(sandbox.clone()),
        (true, None) => Err(Code::TokenInvalid.into()),
    }
}

/// Whose token came with the request, if it was a good one.
pub(super) fn account(request: &HttpRequest) -> Option<Uuid> {
    request.extensions().get::<Arc<Claims>>().map(|who| who.sub)
}

/// Whether the request is answered from demo data.
pub(super) fn is_demo(request: &HttpRequest, app: &App) -> bool {
    app.is_demo || request.extensions().get::<Arc<Claims>>().is_some_and(|who| who.sandbox)
}

fn app_of(request: &HttpRequest) -> Result<&web::Data<App>, Problem> {
    request.app_data::<web::Data<App>>().ok_or_else(|| Code::Internal.into())
}

/// The header that carries a token.
pub(super) const CREDENTIALS: header::HeaderName = header::AUTHORIZATION;

/// The language that the reader asked for.
pub(super) fn lang_of(request: &HttpRequest) -> Lang {
    let given = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
    Lang::negotiate(given.unwrap_or(""))
}

/// What a request is aimed at, however its path is spelled: the route and the ids in it.
fn scope_of(request: &HttpRequest) -> String {
    let mut scope = format!("{} {}", request.method(), request.match_pattern().unwrap_or_default());
    for (_, id) in request.match_info().iter() {
        scope.push('\0');
        match Uuid::try_parse(id) {
            Ok(id) => scope.push_str(&id.to_string()),
            Err(_) => scope.push_str(id),
        }
    }
    scope
}

fn admit<R: Proof>(request: &HttpRequest) -> Result<Only<R>, Problem> {
    let app = app_of(request)?.clone();
    let lang = lang_of(request);
    let request = request.clone();
    let given = if R::TAKES_TOKENS { claims(&request)? } else { None };
    match given {
        Some(who) => {
            scopes::admit(&who, &request)?;
            let app = served(app, &who)?;
            let actor = who.actor().doing(operation(&request));
            let organisation = who.organisation.map(Into::into);
            let own = who.job_seeker.map(Into::into);
            let is = R::prove(&who).ok_or(Code::RoleForbidden)?;
            let (session, proved_at) = (who.sid.map(Into::into), who.auth_time);
            Ok(Only { is, lang, actor, organisation, own, session, proved_at, app, request })
        }
        None => match R::open() {
            Some(is) => {
                let actor = Actor::visitor().doing(operation(&request));
                let (organisation, own, session, proved_at) = (None, None, None, None);
                Ok(Only { is, lang, actor, organisation, own, session, proved_at, app, request })
            }
            None => Err(Code::TokenMissing.into()),
        },
    }
}

impl<R: Proof> FromRequest for Only<R> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(admit(request))
    }
}

impl<R: Proof> Describe for Only<R> {
    fn describe(op: &mut Op) {
        let mut roles = R::roles();
        roles.sort_unstable();
        roles.dedup();
        if R::open().is_some() {
            op.set("security", json!([]));
            op.refuses(401);
            return;
        }
        op.set("security", json!([{ "bearer": [] }]));
        op.set("x-roles", json!(roles));
        op.refuses(401);
        op.refuses(403);
    }
}

fn ended<T>(
    done: Result<Result<T, Problem>, actix_web::error::BlockingError>,
) -> Result<T, Problem> {
    done.unwrap_or_else(|_| Err(Code::Internal.into()))
}

impl<R> Only<R> {
    pub fn app(&self) -> &web::Data<App> {
        &self.app
    }

    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// The session that the caller's token was given in.
    pub fn session(&self) -> Option<SessionId> {
        self.session
    }

    /// The caller's role; open operations may have none.
    pub fn role(&self) -> Result<Role, Problem> {
        self.actor.role.ok_or_else(|| Code::TokenMissing.into())
    }

    /// For what a stolen token must not do: the caller logged in within the last quarter of an hour
    /// (RFC 9470).
    pub fn freshly(&self) -> Result<(), Problem> {
        let ago = self.proved_at.map(|at| self.now().utc().timestamp() - at);
        if ago.is_some_and(|seconds| seconds <= FRESH) {
            Ok(())
        } else {
            Err(Code::LogInAgain.into())
        }
    }

    /// The network that the request comes from, as limits count it.
    pub fn address(&self) -> String {
        self.app.edge.proxies.caller(&self.request)
    }

    pub fn now(&self) -> Instant {
        self.app.store.clock().now()
    }

    /// For one statement. Whose sealed data it opened is noted before anybody sees the answer,
    /// but for the caller's own.
    pub async fn read<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Conn<'_>, Instant) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let (app, reader) = (self.app.clone(), self.reader());
        ended(web::block(move || reader.notes(&app, app.store.read(watched(f))?)).await)
    }

    /// For several statements that must see one state; noted as `read`.
    pub async fn snapshot<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Conn<'_>, Instant) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let (app, reader) = (self.app.clone(), self.reader());
        ended(web::block(move || reader.notes(&app, app.store.snapshot(watched(f))?)).await)
    }

    fn reader(&self) -> Reader {
        Reader { actor: self.actor, own: self.own }
    }

    /// One transaction, noted as `read`: what it answers may open a record too. A disabled account, or one with another role or organisation than its
    /// token says, has lost its writes.
    pub async fn write<T: Send + 'static>(
        &self,
        f: impl Fn(&mut Tx<'_>, Instant) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let (app, reader, organisation) = (self.app.clone(), self.reader(), self.organisation);
        let work = move || {
            let done = app.store.write(reader.actor, |tx, now| {
                if !db::accounts::holds(tx, organisation)? {
                    return Err(Problem::from(Code::AccountDisabled));
                }
                Ok((f(tx, now)?, now, tx.seen()))
            })?;
            reader.notes(&app, done)
        };
        ended(web::block(work).await)
    }

    /// A request that must happen once: `work` makes the thing under the id that it is given, and
    /// `show` answers, the first time as every later time. `work` may answer itself: rows that are
    /// not read again cannot collide with what others put beside them.
    pub async fn once<T: Send + 'static>(
        &self,
        key: Key,
        seen: Seen,
        work: impl Fn(&mut Tx<'_>, Instant, Uuid) -> Result<Option<T>, Problem> + Send + 'static,
        show: impl Fn(&mut Tx<'_>, Uuid) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let actor = self.actor.account.map_or(String::new(), |a| a.to_string());
        let scope = format!("{}\0{actor}\0{}", scope_of(&self.request), key.0);
        self.write(move |tx, now| {
            let made = tx.new_id();
            let scope = hash("once.scope", scope.as_bytes());
            let body = tx.seal.index("once.body", &seen.0);
            match db::once::claim(tx, &scope, &body, made)? {
                db::once::Claim::First => match work(tx, now, made)? {
                    Some(answer) => Ok(answer),
                    None => show(tx, made),
                },
                db::once::Claim::Repeat(made) => show(tx, made),
                db::once::Claim::Other => Err(Code::KeyReused.into()),
            }
        })
        .await
    }
}

impl IfMatch {
    /// 412 with the present tag unless the reader's names the present version.
    pub fn holds(&self, version: i64, present: impl FnOnce() -> String) -> Result<(), Problem> {
        if self.names(version) { Ok(()) } else { Err(Problem::stale(present())) }
    }
}
