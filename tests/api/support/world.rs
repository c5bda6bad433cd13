//! A world for one test: the application, a clock to move, and somebody in every role.

use super::cluster::{Kind, fresh, kinds, seal};
use super::request::{Answer, Heard, Request};
use actix_web::http::Method;
use actix_web::{test, web};
use musiman::api::limits::Rates;
use musiman::api::token::Holder;
use musiman::api::{App, Edge};
use musiman::clock::Clock;
use musiman::db::accounts::{self, NewAccount};
use musiman::db::{Actor, DatabaseUrl, Fault, Store};
use musiman::domain::ids::{AccountId, OrganisationId, SeekerId};
use musiman::domain::roles::Role;
use musiman::domain::rulebook::{DEMO, Rulebook};
use musiman::domain::sessions::Ends;
use musiman::jobs;
use musiman::password;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

type Answers = Pin<Box<dyn Future<Output = Answer>>>;

/// Everything that a test needs. Cheap to clone; clones share it all.
#[derive(Clone)]
pub struct World {
    pub kind: Kind,
    pub url: DatabaseUrl,
    pub store: Arc<Store>,
    pub clock: Clock,
    pub app: web::Data<App>,
    /// Every answer, once somebody listens.
    pub heard: Rc<RefCell<Option<Vec<Heard>>>>,
    send: Rc<dyn Fn(test::TestRequest) -> Answers>,
    _folder: Rc<tempfile::TempDir>,
}

/// A database with tables and nothing in them.
pub struct Bare {
    pub kind: Kind,
    url: DatabaseUrl,
    pub store: Arc<Store>,
    clock: Clock,
    folder: Rc<tempfile::TempDir>,
}

impl Bare {
    pub fn new(kind: Kind, clock: Clock) -> Self {
        let (url, folder) = fresh(kind);
        let store = Arc::new(Store::open(&url, 8, clock.clone(), seal()).unwrap());
        Self { kind, url, store, clock, folder: Rc::new(folder) }
    }
}

/// No test is slowed by limits unless it asks for them.
pub const NO_LIMITS: Rates = Rates { account: u32::MAX, address: u32::MAX, door: u32::MAX };

/// The day on which tests begin.
pub const START: &str = "2026-11-24T02:00:00Z";

/// The shipped rules under those of the demonstration: the corridor is open, 2027 has a wage.
pub fn rules() -> Rulebook {
    Rulebook::shipped().unwrap().with_overlay(DEMO).unwrap()
}

/// How long log-ins last on the day on which tests begin.
pub fn ends() -> Ends {
    Ends::on(START.parse().unwrap(), &rules()).unwrap()
}

/// Runs the body on a fresh world of each kind of database.
pub fn both<F, Fut>(body: F)
where
    F: Fn(World) -> Fut,
    Fut: Future<Output = ()>,
{
    for kind in kinds() {
        actix_web::rt::System::new().block_on(async {
            body(World::new(kind, NO_LIMITS).await).await;
        });
    }
}

impl World {
    pub async fn new(kind: Kind, edge: impl Into<Edge>) -> Self {
        let world = Self::over(Bare::new(kind, Clock::fixed(START.parse().unwrap())), edge).await;
        world.people();
        world
    }

    /// The service on a database as it stands.
    pub async fn over(bare: Bare, edge: impl Into<Edge>) -> Self {
        let app = App::new(bare.store.clone(), edge, rules(), false).unwrap();
        Self::serving(bare, app).await
    }

    /// A world whose sandbox clients are answered from the data of another one.
    pub async fn beside(kind: Kind, demo: &Self) -> Self {
        let bare = Bare::new(kind, demo.clock.clone());
        let app = App::new(bare.store.clone(), NO_LIMITS, rules(), false).unwrap();
        let world = Self::serving(bare, app.with_sandbox(demo.app.clone())).await;
        world.people();
        world
    }

    async fn serving(bare: Bare, app: App) -> Self {
        let Bare { kind, url, store, clock, folder } = bare;
        let app = web::Data::new(app);
        let service = Rc::new(test::init_service(musiman::application!(app.clone())).await);
        let send = move |request: test::TestRequest| {
            let service = service.clone();
            let answers: Answers = Box::pin(async move {
                Answer::read(test::call_service(&*service, request.to_request()).await).await
            });
            answers
        };
        let (send, heard) = (Rc::new(send), Rc::default());
        Self { kind, url, store, clock, app, heard, send, _folder: folder }
    }

    /// `office`, `office2`, `lead` and `kadin` exist from the beginning.
    fn people(&self) {
        for (login, role) in [
            ("office", Role::Office),
            ("office2", Role::Office),
            ("lead", Role::Lead),
            ("kadin", Role::Kadin),
        ] {
            self.account(login, role, None, None);
        }
    }

    /// Makes an account that nobody can log in to by password; tests hold its token.
    pub fn account(
        &self,
        login: &str,
        role: Role,
        organisation: Option<OrganisationId>,
        seeker: Option<SeekerId>,
    ) -> AccountId {
        let id = AccountId(self.clock.new_id());
        let new = || NewAccount {
            login: login.to_owned(),
            name: Some(login.to_owned()),
            password_hash: password::NOBODY.to_owned(),
            role,
            organisation,
            seeker,
        };
        self.store
            .write::<_, Fault>(Actor::SYSTEM, |tx, _| accounts::insert(tx, id, new()))
            .unwrap();
        id
    }

    /// A token of the account with this login.
    pub fn token(&self, login: &str) -> String {
        let account = self
            .store
            .read::<_, Fault>(|conn, _| accounts::by_login(conn, login))
            .unwrap()
            .unwrap_or_else(|| panic!("no account {login}"));
        let holder = Holder {
            account: account.id.uuid(),
            role: account.role,
            organisation: account.organisation_id.map(OrganisationId::uuid),
            job_seeker: account.seeker_id.map(SeekerId::uuid),
            session: None,
            proved_at: self.clock.now(),
        };
        self.app.tokens.sign(holder, self.clock.new_id(), self.clock.now()).unwrap()
    }

    pub fn request(&self, method: Method, path: &str) -> Request {
        Request::new(self.clone(), method, path)
    }
    pub fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }
    pub fn post(&self, path: &str) -> Request {
        self.request(Method::POST, path)
    }
    pub fn put(&self, path: &str) -> Request {
        self.request(Method::PUT, path)
    }
    pub fn delete(&self, path: &str) -> Request {
        self.request(Method::DELETE, path)
    }
    pub fn patch(&self, path: &str) -> Request {
        self.request(Method::PATCH, path)
    }

    pub(super) async fn send(&self, request: test::TestRequest) -> Answer {
        (self.send)(request).await
    }

    /// Runs jobs as the worker does until none waits.
    pub fn work(&self) {
        let holder = self.clock.new_id();
        while jobs::run_one(&self.store, holder, &AtomicBool::new(false)).unwrap() {}
    }

    /// Another worker takes a job, and is asked to stop as soon as it has begun.
    pub fn begin_work(&self) {
        let holder = self.clock.new_id();
        assert!(jobs::run_one(&self.store, holder, &AtomicBool::new(true)).unwrap());
    }

    /// A registration that the register accepts, with a NIK of its own.
    #[expect(clippy::unused_self, reason = "the world is whom a test asks for people")]
    pub fn siti(&self, number: u32) -> Value {
        json!({
            "nik": format!("321618470396{:04}", number % 9999 + 1), "name": format!("Siti Contoh {number}"),
            "born_on": "1996-03-07", "sex": "female", "kecamatan": "321618",
            "phone": format!("0812{:08}", number), "farm_months": 36,
            "ak1_number": "3216/00001/2026", "ak1_issued_on": "2026-03-02",
        })
    }

    /// Registers one more person through the office; gives the answer's body.
    pub async fn seeker(&self, number: u32) -> Value {
        let made =
            self.post("/v1/job-seekers").by("office").once().json(self.siti(number)).send().await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.body
    }
}
