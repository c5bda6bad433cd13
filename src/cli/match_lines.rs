//! `musiman match`: answers matching instances line by line, in constant memory.
//! Must not know: what an instance is.

use super::stop::Stop;
use crate::matching::exchange;
use clap::Args;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct Match {
    /// File with one instance a line, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Match {
    /// Every line is answered; lines that are no instance are told by the status.
    pub fn run(self) -> Result<(), Stop> {
        let mut lines: Box<dyn BufRead> = if self.file == Path::new("-") {
            Box::new(io::stdin().lock())
        } else {
            let opened = File::open(&self.file);
            let shown = self.file.display();
            Box::new(BufReader::new(
                opened.map_err(|error| Stop::usage(format!("{shown}: {error}")))?,
            ))
        };
        match answer_all(&mut lines)? {
            0 => Ok(()),
            bad => Err(Stop::wrong(format!("lines without an answer: {bad}"))),
        }
    }
}

fn answer_all(lines: &mut dyn BufRead) -> Result<usize, Stop> {
    let mut out = BufWriter::new(io::stdout().lock());
    let (mut bad, mut bytes) = (0, Vec::new());
    while lines.read_until(b'\n', &mut bytes)? > 0 {
        // What is not UTF-8 becomes a line that is no JSON, and is answered as such.
        let line = String::from_utf8_lossy(&bytes);
        if !line.trim().is_empty() {
            let reply = exchange::answer(line.trim());
            bad += usize::from(reply.is_error);
            writeln!(out, "{}", reply.json)?;
        }
        bytes.clear();
    }
    out.flush()?;
    Ok(bad)
}
