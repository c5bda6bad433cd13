//! A throw-away PostgreSQL for this test binary, or the server of `TEST_DATABASE_URL`; and SQLite
//! files. Each test gets a copy of a migrated template.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use musiman::clock::Clock;
use musiman::db::{DatabaseUrl, Store};
use musiman::seal::Seal;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// The databases that this machine can offer. Without PostgreSQL it is said loudly, and under
/// `CI=true` it is a failure.
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment")]
pub fn kinds() -> Vec<Kind> {
    if server().is_some() {
        return vec![Kind::Sqlite, Kind::Postgres];
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "PostgreSQL is required with CI=true: set TEST_DATABASE_URL or install its server"
    );
    eprintln!("LEFT OUT on PostgreSQL: no TEST_DATABASE_URL, no server binaries on this machine");
    vec![Kind::Sqlite]
}

/// URL of a server, up to and without the name of a database: `(before, after)`.
struct Server {
    before: String,
    after: String,
}

impl Server {
    fn url(&self, name: &str) -> String {
        format!("{}{name}{}", self.before, self.after)
    }
}

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment")]
fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER
        .get_or_init(|| match std::env::var("TEST_DATABASE_URL") {
            Ok(url) => {
                let (base, options) = url.split_once('?').map_or((&*url, ""), |(b, o)| (b, o));
                let (before, _) =
                    base.rsplit_once('/').expect("TEST_DATABASE_URL names a database");
                let after = if options.is_empty() { String::new() } else { format!("?{options}") };
                Some(Server { before: format!("{before}/"), after })
            }
            Err(_) => start(),
        })
        .as_ref()
}

fn server_binaries() -> Option<PathBuf> {
    let on_path = Command::new("sh").args(["-c", "command -v initdb"]).output().ok()?;
    let found = PathBuf::from(String::from_utf8_lossy(&on_path.stdout).trim());
    if let Some(folder) = found.parent().filter(|p| p.join("postgres").exists()) {
        return Some(folder.to_owned());
    }
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    versions.sort();
    versions.pop()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    id.stdout.trim_ascii() == b"0"
}

/// The server must end with the test process, and must not run as root.
fn as_server_user(program: &Path, root: bool) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "QUIT"]);
    if root {
        command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]);
    }
    command.arg("--").arg(program).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null());
    command
}

fn remove_old(base: &Path) {
    for entry in std::fs::read_dir(base).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(pid) = name.strip_prefix("musiman-pg-") else { continue };
        if !Path::new("/proc").join(pid).exists() {
            std::fs::remove_dir_all(entry.path()).ok();
        }
    }
}

fn start() -> Option<Server> {
    let bin = server_binaries()?;
    let root = is_root();
    remove_old(&std::env::temp_dir());
    let folder = std::env::temp_dir().join(format!("musiman-pg-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).expect("own folder");
    if root {
        let given = Command::new("chown").arg("postgres:postgres").arg(&folder).status();
        assert!(given.expect("chown runs").success(), "the user postgres exists");
    }
    let data = folder.join("data");
    let init = as_server_user(&bin.join("initdb"), root)
        .args([
            "-U",
            "postgres",
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-D",
        ])
        .arg(&data)
        .output()
        .expect("initdb runs");
    assert!(init.status.success(), "initdb: {}", String::from_utf8_lossy(&init.stderr));
    let server = Server {
        before: "postgres://postgres@/".to_owned(),
        after: format!("?host={}", folder.display()),
    };
    // The bench reads there which statements the service sends.
    let log = std::fs::File::create(folder.join("log")).expect("own folder");
    // The death signal comes when the thread that spawned the server ends: this one never does.
    std::thread::spawn(move || {
        let mut child = as_server_user(&bin.join("postgres"), root)
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&folder)
            .args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", "synchronous_commit=off"])
            .args(["-c", "full_page_writes=off", "-c", "autovacuum=off"])
            .args(["-c", "wal_level=minimal", "-c", "max_wal_senders=0"])
            .args(["-c", "max_connections=300"])
            .stderr(log)
            .spawn()
            .expect("postgres starts");
        child.wait().ok();
        loop {
            std::thread::park();
        }
    });
    let up = (0..200).any(|_| {
        #[expect(clippy::disallowed_methods, reason = "waits for another program")]
        std::thread::sleep(Duration::from_millis(25));
        PgConnection::establish(&server.url("postgres")).is_ok()
    });
    assert!(up, "PostgreSQL did not start");
    Some(server)
}

/// A key ring for tests; the same in every process, so that templates fit.
pub fn seal() -> Arc<Seal> {
    Arc::new(Seal::parse(RING).expect("a key ring"))
}

/// Its text.
pub const RING: &str = "index AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\
    seal AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

fn migrated(url: &str) {
    let url: DatabaseUrl = url.parse().expect("a database url");
    let store = Store::open(&url, 1, Clock::system(), seal()).expect("the template opens");
    store.migrate().expect("the template migrates");
}

fn number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A migrated database of its own, and the folder that must live as long.
pub fn fresh(kind: Kind) -> (DatabaseUrl, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = match kind {
        Kind::Sqlite => fresh_sqlite(folder.path()),
        Kind::Postgres => fresh_postgres(),
    };
    (url.parse().expect("a database url"), folder)
}

fn fresh_sqlite(folder: &Path) -> String {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    let bytes = TEMPLATE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("template.db");
        migrated(&path.display().to_string());
        std::fs::read(&path).expect("the template was written")
    });
    let path = folder.join("test.db");
    std::fs::write(&path, bytes).expect("the copy is written");
    path.display().to_string()
}

fn fresh_postgres() -> String {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let server = server().expect("kinds() offered it");
    let admin = || PgConnection::establish(&server.url("postgres")).expect("the server answers");
    let template = TEMPLATE.get_or_init(|| {
        let name = format!("musiman_template_{}", std::process::id());
        let sql = format!("DROP DATABASE IF EXISTS {name}; ");
        admin().batch_execute(&sql).expect("an old template goes");
        admin().batch_execute(&format!("CREATE DATABASE {name}")).expect("a template is made");
        migrated(&server.url(&name));
        name
    });
    let name = format!("musiman_test_{}_{}", std::process::id(), number());
    let sql = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY");
    let _turn = ONE_AT_A_TIME.lock();
    admin().batch_execute(&sql).expect("a database is made");
    server.url(&name)
}
