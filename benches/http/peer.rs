//! The peer: pgbench with the statements that the server's log says the service sent.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// Requests that are watched; each becomes a script, and pgbench draws among them.
const WATCHED: usize = 40;

/// Transactions a second, and how long they took in milliseconds.
pub struct Answered {
    pub rate: f64,
    pub p50: f64,
    pub p99: f64,
}

pub struct Peer {
    url: String,
    folder: PathBuf,
    database: String,
}

impl Peer {
    /// `postgres://postgres@/name?host=folder`
    pub fn new(url: &str) -> Self {
        let (rest, host) =
            url.split_once("?host=").expect("a cluster of our own: unset TEST_DATABASE_URL");
        let database = rest.rsplit('/').next().unwrap().to_owned();
        Self { url: url.to_owned(), folder: host.into(), database }
    }

    pub fn run_sql(&self, sql: &str) {
        PgConnection::establish(&self.url).unwrap().batch_execute(sql).unwrap();
    }

    fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.folder.join("log")).unwrap()).into_owned()
    }

    /// Sends requests while the server logs each statement, and writes a script for each request.
    pub fn scripts(&self, what: &str, send: impl Fn(usize)) -> Vec<PathBuf> {
        // Every connection of the pool knows its types and statements first.
        (0..WATCHED).for_each(|n| send(n + WATCHED));
        self.run_sql("ALTER SYSTEM SET log_statement = 'all'");
        self.run_sql("SELECT pg_reload_conf()");
        std::thread::sleep(Duration::from_millis(500));
        let scripts = (0..WATCHED)
            .map(|n| {
                let before = self.log().len();
                send(n);
                std::thread::sleep(Duration::from_millis(30));
                let log = self.log();
                let path = self.folder.join(format!("{what}-{n}.sql"));
                let script = script_of(log.get(before..).unwrap());
                if n == 0 {
                    println!("{what}: {} statements a request", script.matches(";\n").count());
                }
                std::fs::write(&path, script).unwrap();
                path
            })
            .collect();
        self.run_sql("ALTER SYSTEM RESET log_statement");
        self.run_sql("SELECT pg_reload_conf()");
        std::thread::sleep(Duration::from_millis(500));
        scripts
    }

    pub fn pgbench(&self, scripts: &[PathBuf], clients: usize, time: Duration) -> Answered {
        let log = tempfile::tempdir().unwrap();
        let mut command = Command::new("pgbench");
        command
            .args(["-n", "-M", "prepared", "-U", "postgres", "--max-tries=20", "-h"])
            .arg(&self.folder);
        command.args(["-c", &clients.to_string(), "-j", "2", "-T", &time.as_secs().to_string()]);
        command.arg("-l").arg("--log-prefix").arg(log.path().join("log"));
        for script in scripts {
            command.arg("-f").arg(script);
        }
        let done = command.arg(&self.database).output().expect("pgbench is installed");
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        let line = text.lines().find(|l| l.starts_with("tps = "));
        let line =
            line.unwrap_or_else(|| panic!("{text} {}", String::from_utf8_lossy(&done.stderr)));
        let rate = line.split_whitespace().nth(2).unwrap().parse().unwrap();
        let logs = std::fs::read_dir(log.path()).unwrap().map(|l| l.unwrap().path());
        let logs: String = logs.map(|l| std::fs::read_to_string(l).unwrap()).collect();
        let micros = logs.lines().filter_map(|l| l.split(' ').nth(2)?.parse::<f64>().ok());
        let mut times: Vec<f64> = micros.map(|m| m / 1e3).collect();
        times.sort_by(f64::total_cmp);
        Answered { rate, p50: times[times.len() / 2], p99: times[times.len() * 99 / 100] }
    }
}

struct Statement {
    session: String,
    sql: String,
    values: Vec<String>,
}

/// The worker asks for jobs all the time; that belongs to no request.
fn without_the_worker(statements: &mut Vec<Statement>) {
    while let Some(at) = statements.iter().position(|s| s.sql.contains("READ COMMITTED")) {
        let session = statements[at].session.clone();
        let ends = |s: &Statement| s.session == session && s.sql == "COMMIT";
        let end =
            statements.iter().skip(at).position(ends).map_or(statements.len(), |n| at + n + 1);
        let mut n = 0;
        statements.retain(|s| {
            n += 1;
            !(at < n && n <= end && s.session == session)
        });
    }
}

/// The statements of a stretch of log with their values put in. What must differ in each run of a
/// script (the made id, keyed hashes that must be unique) is made of a random number.
fn script_of(log: &str) -> String {
    let mut statements: Vec<Statement> = vec![];
    for line in log.lines() {
        let session = line.split_once('[').and_then(|(_, r)| r.split_once(']')).map_or("", |p| p.0);
        let mut add = |sql: &str| {
            let (session, sql) = (session.to_owned(), sql.to_owned());
            statements.push(Statement { session, sql, values: vec![] });
        };
        if let Some((_, sql)) = line.split_once("LOG:  statement: ") {
            add(sql);
        } else if let Some((_, rest)) = line.split_once("LOG:  execute ") {
            add(rest.split_once(": ").unwrap().1);
        } else if let Some((_, values)) = line.split_once("DETAIL:  parameters: ") {
            let last = statements.iter_mut().rev().find(|s| s.session == session);
            last.unwrap().values = values_of(values);
        }
    }
    without_the_worker(&mut statements);
    let claim = statements.iter().find(|s| s.sql.contains("INSERT INTO \"once\""));
    let made = claim.map(|s| s.values[2].clone());
    let mut script = String::from("\\set a random(1, 1000000000000)\n");
    for Statement { sql, values, .. } in statements {
        let mut text = sql;
        for (i, value) in values.iter().enumerate().rev() {
            text = text.replace(&format!("${}", i + 1), &put_in(value, made.as_deref()));
        }
        writeln!(script, "{text};").unwrap();
    }
    script
}

fn put_in(value: &str, made: Option<&str>) -> String {
    let hash = value.strip_prefix("'\\x").is_some_and(|hex| hex.len() == 65);
    match made {
        Some(made) if value == made => {
            "('01990000-0000-7000-8000-' || lpad(to_hex(:a::bigint), 12, '0'))::uuid".to_owned()
        }
        Some(_) if hash => "sha256(:a::bigint::text::bytea)".to_owned(),
        _ if value.starts_with("'\\x") => format!("{value}::bytea"),
        _ => value.to_owned(),
    }
}

/// `$1 = 'a''b', $2 = NULL` to its values, quotes and all.
fn values_of(text: &str) -> Vec<String> {
    let (mut values, mut rest) = (vec![], text);
    while let Some((_, after)) = rest.split_once(" = ") {
        let end = if after.starts_with('\'') {
            let mut end = 1;
            while let Some(at) = after.get(end..).and_then(|t| t.find('\'')) {
                end += at + 1;
                if !after.get(end..).is_some_and(|t| t.starts_with('\'')) {
                    break;
                }
                end += 1;
            }
            end
        } else {
            after.find(", $").unwrap_or(after.len())
        };
        values.push(after.get(..end).unwrap().to_owned());
        rest = after.get(end..).unwrap();
    }
    values
}
