//! Clients that send a little now and then to hold connections: each is let go in time, and others
//! are served meanwhile.

use crate::support::cluster::{Kind, fresh};
use musiman::clock::Clock;
use musiman::db::DatabaseUrl;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

struct Service {
    child: Child,
    address: String,
}

impl Drop for Service {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Service {
    fn start(folder: &Path, url: &DatabaseUrl) -> Self {
        let DatabaseUrl::Sqlite(path) = url else { panic!("sockets need one database alone") };
        let mut command = Command::new(env!("CARGO_BIN_EXE_musiman"));
        command.current_dir(folder).env("DATABASE_URL", path).env("MUSIMAN_METRICS", "off");
        command.env("MUSIMAN_LOG", "error").env("MUSIMAN_RATE_ADDRESS", "1000000");
        command.env("MUSIMAN_RATE_DOOR", "1000000").args(["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit("http://").next().unwrap().to_owned();
        Self { child, address }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
        stream
    }

    /// Sends the beginning, then a byte about each second, until the service hangs up. Gives what
    /// was answered and after how many seconds.
    fn drip(&self, begin: &str, byte: Option<&[u8]>) -> (String, u64) {
        let began = Clock::stopwatch();
        let mut stream = self.connect();
        stream.write_all(begin.as_bytes()).unwrap();
        let mut answer = vec![];
        loop {
            let mut piece = [0; 4096];
            match stream.read(&mut piece) {
                Ok(0) => break,
                Ok(count) => answer.extend_from_slice(&piece[..count]),
                Err(e) if [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&e.kind()) => {}
                Err(_) => break,
            }
            if byte.is_some_and(|byte| stream.write_all(byte).is_err()) {
                break;
            }
            assert!(began.elapsed().as_secs() < 90, "it was never let go: {begin}");
        }
        (String::from_utf8_lossy(&answer).into_owned(), began.elapsed().as_secs())
    }
}

const LOG_IN: &str = "POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
    Content-Length: 1000\r\n\r\n{";
/// A body whose length nobody told, and one that nobody reads.
const CHUNKED: &str = "POST /v1/auth/login HTTP/1.1\r\nHost: x\r\n\
    Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n";
const UNREAD: &str = "POST /v1/quotas HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer e30.e30.c2ln\r\n\
    Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n";
const HEAD: &str = "GET /livez HTTP/1.1\r\nHost: x\r\nX-A: ";
#[test]
fn whoever_sends_slowly_is_let_go_and_others_are_served() {
    let (url, folder) = fresh(Kind::Sqlite);
    let service = Service::start(folder.path(), &url);
    std::thread::scope(|scope| {
        let drip = |begin: &'static str, byte: Option<&'static [u8]>| {
            let service = &service;
            scope.spawn(move || service.drip(begin, byte))
        };
        // A head and a body by the second; a body that stops.
        let head = drip(HEAD, Some(b"x"));
        let body = drip(LOG_IN, Some(b" "));
        let chunked = drip(CHUNKED, Some(b"1\r\n \r\n"));
        let unread = drip(UNREAD, Some(b"1\r\n \r\n"));
        let silence = drip(LOG_IN, None);
        let nothing = drip("", None);
        let second =
            drip("GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /livez HTTP/1.1\r\nX-A: ", Some(b"x"));
        let crowd: Vec<_> = (0..50).map(|_| drip(LOG_IN, Some(b" "))).collect();
        for _ in 0..20 {
            let began = Clock::stopwatch();
            let mut stream = service.connect();
            stream
                .write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                .unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            assert!(began.elapsed().as_millis() < 900, "others wait");
        }
        let (answer, seconds) = head.join().unwrap();
        assert!(seconds <= 20 && !answer.contains(" 200 "), "a head: {seconds} s {answer}");
        let (_, seconds) = nothing.join().unwrap();
        assert!(seconds <= 20, "nothing: {seconds} s");
        let (answer, seconds) = silence.join().unwrap();
        assert!(seconds <= 25, "a body that stops: {seconds} s");
        assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("body_too_slow"), "{answer}");
        let (answer, seconds) = body.join().unwrap();
        assert!((28..=45).contains(&seconds), "a body: {seconds} s");
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        let (answer, seconds) = chunked.join().unwrap();
        assert!((28..=45).contains(&seconds), "a body in chunks: {seconds} s");
        assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("body_too_slow"), "{answer}");
        let (answer, seconds) = unread.join().unwrap();
        assert!(seconds <= 15, "a body that nobody reads: {seconds} s");
        assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("token_invalid"), "{answer}");
        let (answer, seconds) = second.join().unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(seconds <= 20, "a second head of a stranger: {seconds} s");
        for slow in crowd {
            assert!(slow.join().unwrap().0.starts_with("HTTP/1.1 408"));
        }
    });
}
