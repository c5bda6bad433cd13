//! The service as a process of its own, and clients that keep their connections.

use futures_util::future::join_all;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

pub struct Service {
    program: PathBuf,
    folder: PathBuf,
    url: String,
}

/// Threads that carry the clients.
const THREADS: usize = 2;

/// The service while it serves; killed at the end.
pub struct Serving {
    child: Child,
    address: String,
    token: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What the clients of one measurement saw.
pub struct Figures {
    pub rate: f64,
    pub p50: f64,
    pub p99: f64,
    pub cpu_micros: f64,
    pub refused: usize,
}

impl Service {
    pub fn new(folder: &Path, url: &str) -> Self {
        Self::of(Path::new(env!("CARGO_BIN_EXE_musiman")), folder, url)
    }

    /// Another build of the program.
    pub fn of(program: &Path, folder: &Path, url: &str) -> Self {
        Self { program: program.into(), folder: folder.into(), url: url.into() }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).env("DATABASE_URL", &self.url);
        command
            .env("MUSIMAN_KEYS", "bench.keys")
            .env("MUSIMAN_LOG", "warn")
            .env("MUSIMAN_METRICS", "off");
        command
    }

    pub fn import(&self, file: &Path) {
        let done = self.command().args(["import", "job-seekers"]).arg(file).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        print!("{}", String::from_utf8_lossy(&done.stdout));
    }

    pub fn serve(self) -> Serving {
        let mut account = self
            .command()
            .args(["account", "create", "--login", "bench", "--role", "lead"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        account.stdin.take().unwrap().write_all(b"kata sandi panjang\n").unwrap();
        assert!(account.wait().unwrap().success());
        let mut child = self
            .command()
            .args(["serve", "--listen", "127.0.0.1:0", "--requests-per-minute", "4000000000"])
            .args(["--second-factor", "off"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit("http://").next().unwrap().to_owned();
        let mut serving = Serving { child, address, token: String::new() };
        let body = r#"{"login":"bench","password":"kata sandi panjang"}"#;
        let answer = serving.once(&format!(
            "POST /v1/auth/login HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        let tokens: serde_json::Value = serde_json::from_str(&answer).unwrap();
        tokens["access_token"].as_str().unwrap().clone_into(&mut serving.token);
        serving
    }
}

impl Serving {
    /// One request on a connection of its own.
    pub fn once(&self, request: &str) -> String {
        let (status, body) = runtime().block_on(async {
            let mut client = Client::new(&self.address, &self.token).await;
            let status = client.send(request).await;
            (status, client.body().to_owned())
        });
        assert!(status < 300, "{status} {body}");
        body
    }

    /// Ids of people in different places of the register.
    pub fn some_ids(&self) -> Vec<String> {
        let mut ids = vec![];
        for kecamatan in 321_601..321_624 {
            let page = self
                .once(&format!("GET /v1/job-seekers?limit=4&kecamatan={kecamatan} HTTP/1.1\r\n"));
            let page: serde_json::Value = serde_json::from_str(&page).unwrap();
            let rows = page["data"].as_array().unwrap();
            ids.extend(rows.iter().map(|r| r["id"].as_str().unwrap().to_owned()));
        }
        ids
    }

    fn proc(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).unwrap()
    }

    pub fn resident_megabytes(&self) -> u64 {
        let status = self.proc("status");
        let line = status.lines().find(|l| l.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }

    /// CPU seconds so far, at the usual 100 ticks a second.
    fn cpu(&self) -> f64 {
        let stat = self.proc("stat");
        let (_, rest) = stat.rsplit_once(')').unwrap();
        let ticks: f64 =
            rest.split_whitespace().skip(11).take(2).map(|t| t.parse::<f64>().unwrap()).sum();
        ticks / 100.0
    }

    /// So many clients send requests, each on its own connection, for so long; as with pgbench,
    /// two threads carry all of them.
    pub fn load(
        &self,
        clients: usize,
        time: Duration,
        request: &(dyn Fn(usize) -> String + Sync),
    ) -> Figures {
        let next = AtomicUsize::new(0);
        let (cpu, begun) = (self.cpu(), Instant::now());
        let carry = || {
            let one = async || {
                let mut client = Client::new(&self.address, &self.token).await;
                let mut seen = vec![];
                while begun.elapsed() < time {
                    let text = request(next.fetch_add(1, Ordering::Relaxed));
                    let sent = Instant::now();
                    let status = client.send(&text).await;
                    seen.push((sent.elapsed().as_secs_f64() * 1e3, status));
                }
                seen
            };
            let all = join_all((0..clients / THREADS).map(|_| one()));
            runtime().block_on(all)
        };
        let seen: Vec<(f64, u16)> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..THREADS).map(|_| scope.spawn(carry)).collect();
            all.into_iter().flat_map(|t| t.join().unwrap()).flatten().collect()
        });
        let (spent, cpu) = (begun.elapsed().as_secs_f64(), self.cpu() - cpu);
        let mut times: Vec<f64> = seen.iter().map(|s| s.0).collect();
        times.sort_by(f64::total_cmp);
        let count = f64::from(u32::try_from(times.len()).unwrap());
        Figures {
            rate: count / spent,
            p50: times[times.len() / 2],
            p99: times[times.len() * 99 / 100],
            cpu_micros: cpu * 1e6 / count,
            refused: seen.iter().filter(|s| s.1 >= 300).count(),
        }
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_io().build().unwrap()
}

/// One connection that is kept, with what was read of the last answer.
struct Client {
    stream: TcpStream,
    token: String,
    read: Vec<u8>,
    head: usize,
}

impl Client {
    async fn new(address: &str, token: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, token: token.to_owned(), read: vec![], head: 0 }
    }

    /// `request` is the request line and own headers, with or without a body behind an empty line.
    async fn send(&mut self, request: &str) -> u16 {
        let (line, rest) = request.split_once("\r\n").unwrap();
        let token = if self.token.is_empty() {
            String::new()
        } else {
            format!("Authorization: Bearer {}\r\n", self.token)
        };
        let end = if rest.contains("\r\n\r\n") { "" } else { "\r\n" };
        let text = format!("{line}\r\nHost: bench\r\n{token}{rest}{end}");
        self.stream.write_all(text.as_bytes()).await.unwrap();
        self.read.clear();
        let (status, length) = loop {
            self.more().await;
            let Some(at) = self.read.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            self.head = at + 4;
            break status_and_length(std::str::from_utf8(&self.read[..at]).unwrap());
        };
        while self.read.len() < self.head + length {
            self.more().await;
        }
        status
    }

    async fn more(&mut self) {
        assert!(self.stream.read_buf(&mut self.read).await.unwrap() > 0, "the service hung up");
    }

    fn body(&self) -> &str {
        std::str::from_utf8(&self.read[self.head..]).unwrap()
    }
}

fn status_and_length(head: &str) -> (u16, usize) {
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().get(9..12).unwrap().parse().unwrap();
    let length = lines.filter_map(|l| l.split_once(": "));
    let mut length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    (status, length.next().map_or(0, |(_, value)| value.parse().unwrap()))
}
