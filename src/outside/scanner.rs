//! A program that judges files, such as one that knows harmful ones: it reads a file on its standard
//! input and ends with 0 if the file may be kept and with 1 if not. Must not know: whose files.

use crate::clock::Clock;
use std::io::{self, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// How long it may judge.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(20);

#[derive(Debug, Clone)]
pub struct Scanner {
    program: String,
    arguments: Vec<String>,
}

impl Scanner {
    /// A program with its arguments, split at spaces; none if there are no words.
    pub fn named(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace().map(str::to_owned);
        let program = words.next()?;
        Some(Self { program, arguments: words.collect() })
    }

    /// Whether the program lets the file pass.
    ///
    /// # Errors
    /// It cannot be run, is too slow, or ends in another way than with 0 or 1: then nobody knows.
    pub fn passes(&self, bytes: Vec<u8>) -> io::Result<bool> {
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program that has seen enough may close its end early: what counts is how it ends.
            std::thread::spawn(move || drop(stdin.write_all(&bytes)));
        }
        let ended = ended_in_time(&mut child)?;
        match ended.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(io::Error::other(format!("the scanner ended with {ended}"))),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "files are judged on blocking threads")]
fn ended_in_time(child: &mut Child) -> io::Result<ExitStatus> {
    let began = Clock::stopwatch();
    while began.elapsed() < PATIENCE {
        if let Some(ended) = child.try_wait()? {
            return Ok(ended);
        }
        std::thread::sleep(LOOK);
    }
    child.kill()?;
    child.wait()?;
    Err(io::Error::new(io::ErrorKind::TimedOut, "the scanner gave no answer in time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_in_which_the_program_ends_is_its_answer() {
        let scanner = |text: &str| Scanner::named(text).unwrap();
        assert!(Scanner::named(" ").is_none());
        assert!(scanner("cat").passes(vec![7; 1_000_000]).unwrap());
        assert!(!scanner("grep -q harmless").passes(b"harmful".to_vec()).unwrap());
        assert!(scanner("grep -q harmless").passes(b"harmless\n".to_vec()).unwrap());
        assert!(!scanner("false").passes(vec![7; 1_000_000]).unwrap());
        assert!(scanner("no-such-program-here").passes(Vec::new()).is_err());
        assert!(scanner("grep x /no/such/file").passes(Vec::new()).is_err());
    }
}
