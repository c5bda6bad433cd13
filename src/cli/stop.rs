//! Why a command ends without success: one line for the person, one status for the shell.
//! Must not know: any command.

use crate::db::{Fault, OpenError};
use crate::domain::problem::Reason;
use crate::texts::{self, Lang};
use std::io;
use std::process::ExitCode;

#[derive(Debug)]
pub struct Stop {
    line: String,
    status: u8,
}

impl Stop {
    pub fn failed(line: impl Into<String>) -> Self {
        Self { line: line.into(), status: 1 }
    }

    /// Something on the command line, in the environment or in the given lines is wrong.
    pub fn wrong(line: impl Into<String>) -> Self {
        Self { line: line.into(), status: 2 }
    }

    /// As `wrong`, with the hint where right use is told.
    pub fn usage(line: impl std::fmt::Display) -> Self {
        Self::wrong(format!("{line} (see `musiman --help`)"))
    }

    /// A rule of the programme, or of passwords, in words.
    pub fn reason(reason: &Reason) -> Self {
        Self::wrong(texts::text(Lang::En, reason.code, &reason.facts))
    }

    pub fn told(self) -> ExitCode {
        if !self.line.is_empty() {
            eprintln!("musiman: {}", self.line.replace('\n', " "));
        }
        ExitCode::from(self.status)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::failed(format!("the database: {fault}"))
    }
}

impl From<OpenError> for Stop {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Scheme(_) => Self::usage(error),
            _ => Self::failed(error.to_string()),
        }
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        // Nobody reads on: that is no failure to tell.
        let line = match error.kind() {
            io::ErrorKind::BrokenPipe => String::new(),
            _ => error.to_string(),
        };
        Self::failed(line)
    }
}
