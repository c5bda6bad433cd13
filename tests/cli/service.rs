//! The built program in a folder of its own, and a client that knows just enough HTTP.
//! Must not know: any test.

use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// The program, deaf to the settings of whoever runs the tests.
pub fn musiman(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_musiman"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

/// Runs a command to its end with something on standard input.
pub fn ended(mut command: Command, input: &[u8]) -> Output {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feeding = std::thread::spawn(move || {
        // A program that refuses does not read on.
        stdin.write_all(&input).ok();
    });
    let output = child.wait_with_output().unwrap();
    feeding.join().unwrap();
    output
}

pub const PASSWORD: &str = "sandi yang panjang";

pub fn create_account(folder: &Path, login: &str, role: &str) -> Output {
    let mut command = musiman(folder);
    command.args(["account", "create", "--login", login, "--role", role]);
    ended(command, format!("{PASSWORD}\n").as_bytes())
}

/// A running service; killed when it is dropped.
pub struct Service {
    child: Child,
    pub address: String,
    lines: BufReader<std::process::ChildStdout>,
}

impl Service {
    pub fn start(folder: &Path) -> Self {
        let mut command = musiman(folder);
        command.args(["serve", "--listen", "127.0.0.1:0", "--metrics", "off"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        let (_, address) = line.trim().split_once("http://").expect("it says where it serves");
        Self { address: address.to_owned(), child, lines }
    }

    /// What it printed after the address, until it ends by itself.
    pub fn rest(&mut self) -> String {
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).unwrap();
        rest
    }

    /// Asks for the end, as an init system does.
    pub fn ask_to_end(&mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn token(&self, login: &str) -> String {
        let body = serde_json::json!({ "login": login, "password": PASSWORD }).to_string();
        let answer = send(&self.address, "POST", "/v1/auth/login", &[], &body).unwrap();
        assert_eq!(answer.0, 200, "{}", answer.1);
        answer.1["access_token"].as_str().unwrap().to_owned()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn cut_off() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}

/// Status and JSON body, or an error when the answer did not come whole.
pub fn send(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<(u16, Value)> {
    let mut stream = TcpStream::connect(address)?;
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let head = format!("content-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(format!("{text}{head}{body}").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(cut_off)?;
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or_else(cut_off)?;
    let value = serde_json::from_str(body).map_err(|_| cut_off())?;
    Ok((status, value))
}
