//! The tables of the house: its rooms, and what only some of them may name.

/// Paths that only some rooms may name.
pub struct Ban {
    /// Rooms that it binds, with spaces between; none means all of them.
    pub rooms: &'static str,
    /// Files of those rooms that are free of it.
    pub except: &'static str,
    /// `a::b` binds that path and all below, `a*` all that begin so, `..A::b` the segments
    /// anywhere, `a!` a macro.
    pub paths: &'static str,
    pub mend: &'static str,
}

pub const ROOMS: &str = "acts api cli clock config db domain jobs lib main matching outside \
    password render seal texts totp";

pub const BANS: [Ban; 22] = [
    Ban {
        rooms: "domain matching",
        except: "",
        paths: "crate::acts crate::api crate::cli crate::clock crate::config crate::db \
            crate::jobs crate::outside crate::render crate::seal crate::texts",
        mend: "the two lowest floors know no other: hand the value in as an argument",
    },
    Ban {
        rooms: "matching",
        except: "",
        paths: "crate::domain",
        mend: "matching knows only agents, leaves, caps and keys: translate in acts",
    },
    Ban {
        rooms: "domain matching",
        except: "",
        paths: "actix* diesel* tokio* utoipa* validator tracing* getrandom std::env std::fs \
            std::net std::process std::thread std::time ..Utc::now ..Local::now \
            ..Uuid::new_v4 ..Uuid::now_v7 ..Uuid::new_v7",
        mend: "domain and matching are true on paper: no web, table, clock, chance or machine",
    },
    Ban {
        rooms: "domain matching",
        except: "src/matching/exchange.rs",
        paths: "serde*",
        mend: "values read and write themselves by words and parse; only exchange.rs has JSON",
    },
    Ban {
        rooms: "db",
        except: "",
        paths: "crate::acts crate::api crate::cli crate::jobs crate::outside crate::render \
            crate::texts",
        mend: "db stands under these floors: return a row or a Fault and let them go on",
    },
    Ban {
        rooms: "db acts jobs",
        except: "",
        paths: "actix* utoipa* validator",
        mend: "HTTP ends in api: take and return values of domain or rows of db",
    },
    Ban {
        rooms: "outside password render seal texts totp",
        except: "",
        paths: "crate::acts crate::api crate::cli crate::db crate::jobs",
        mend: "these stand beside the chain: take what you need as an argument",
    },
    Ban {
        rooms: "outside password render seal texts totp clock config",
        except: "",
        paths: "actix* diesel* utoipa* validator",
        mend: "only api names the web and only db names tables",
    },
    Ban {
        rooms: "clock config",
        except: "",
        paths: "crate::acts crate::api crate::cli crate::jobs",
        mend: "start-up values know nobody who uses them",
    },
    Ban {
        rooms: "acts",
        except: "",
        paths: "crate::api crate::cli crate::jobs",
        mend: "an act has several doors and knows none of them",
    },
    Ban {
        rooms: "jobs",
        except: "",
        paths: "crate::api crate::cli",
        mend: "what a job shares with a handler or a command is an act",
    },
    Ban {
        rooms: "api",
        except: "",
        paths: "crate::cli",
        mend: "what a handler shares with a command is an act",
    },
    Ban {
        rooms: "api acts jobs cli main",
        except: "",
        paths: "diesel*",
        mend: "a query belongs into the file of its table in src/db",
    },
    Ban {
        rooms: "",
        except: "src/db/mod.rs src/db/doors.rs",
        paths: "..AnsiTransactionManager ..TransactionManager ..begin_transaction",
        mend: "only the doors of db begin a transaction: use write, snapshot or claim",
    },
    Ban {
        rooms: "",
        except: "src/clock.rs",
        paths: "..SystemTime ..Utc::now ..Local::now ..Instant::now",
        mend: "only clock.rs asks the time: take `now` from the door, or Clock::now",
    },
    Ban {
        rooms: "",
        except: "src/config.rs",
        paths: "..env::var ..env::var_os ..env::vars ..env::vars_os",
        mend: "only config.rs reads the environment (and clap its own): add a field to Config",
    },
    Ban {
        rooms: "",
        except: "src/api/guard.rs",
        paths: "..AUTHORIZATION",
        mend: "only guard.rs reads the Authorization header: take an Only<R>",
    },
    Ban {
        // answer.rs and routes.rs choose 200, 201, 202, 204 and 304 by the type of a good answer;
        // frame.rs reads the status of answers that actix makes, to give them a problem's body;
        // health.rs serves fixed documents, which nothing refuses.
        rooms: "api",
        except: "src/api/problem.rs src/api/answer.rs src/api/routes.rs src/api/frame.rs \
            src/api/health.rs",
        paths: "..StatusCode ..HttpResponse::Ok ..HttpResponse::Created \
            ..HttpResponse::Accepted ..HttpResponse::NoContent ..HttpResponse::BadRequest \
            ..HttpResponse::Unauthorized ..HttpResponse::Forbidden \
            ..HttpResponse::NotFound ..HttpResponse::Conflict \
            ..HttpResponse::InternalServerError ..HttpResponse::ServiceUnavailable",
        mend: "only problem.rs chooses a status: return a Problem, or an answer type of answer.rs",
    },
    Ban {
        rooms: "",
        except: "",
        paths: "..TcpStream ..UdpSocket ..UnixStream ..UnixDatagram ..ToSocketAddrs ..lookup_host \
            ..TcpSocket reqwest* ureq* hyper* curl* awc* isahc* surf* attohttpc* lettre*",
        mend: "the service calls nobody: only its database's driver opens a connection",
    },
    Ban {
        rooms: "",
        except: "src/seal/source.rs src/outside/scanner.rs",
        paths: "..process::Command ..Command::new",
        mend: "two programs are ever run, which whoever runs the service names: the one that prints \
            the key ring (seal/source.rs) and the one that judges files (outside/scanner.rs)",
    },
    Ban {
        rooms: "",
        except: "",
        paths: "todo! unimplemented! dbg!",
        mend: "finish it, or leave it out",
    },
    Ban {
        rooms: "acts api clock config db domain jobs matching outside render seal texts",
        except: "",
        paths: "print! println! eprint! eprintln!",
        mend: "only cli speaks to a terminal: write a tracing event",
    },
];

/// Literals that only some files may hold.
pub const WORDS: [(&str, &str, &str); 2] = [
    (
        "BEGIN",
        "src/db/mod.rs src/db/doors.rs",
        "only the doors of db begin a transaction: use write, snapshot or claim",
    ),
    (
        "authorization",
        "src/api/guard.rs",
        "only guard.rs reads the Authorization header: take an Only<R>",
    ),
];
