//! `musiman audit verify`: whether the journal still says what was sealed.
//! Must not know: how a seal is made.

use super::stop::Stop;
use super::{logs, start};
use crate::acts::verify_journal::{Broken, Finding, Fracture, holds, verify};
use crate::config::DataSettings;
use crate::matching::lottery::hex;
use clap::{Args, Subcommand};
use std::io::Write as _;

#[derive(Subcommand)]
pub enum Audit {
    /// Look for any altered, missing or inserted line
    Verify(Verify),
}

#[derive(Args)]
pub struct Verify {
    /// A link of the chain that was noted earlier, as NUMBER:DIGEST; the chain must still have it
    #[arg(long)]
    head: Option<String>,
    #[command(flatten)]
    data: DataSettings,
}

impl Audit {
    pub fn run(self) -> Result<(), Stop> {
        match self {
            Self::Verify(verify) => verify.run(),
        }
    }
}

/// `NUMBER:DIGEST` as `verify` prints it.
fn noted(text: &str) -> Option<(i64, Vec<u8>)> {
    let (number, digest) = text.split_once(':')?;
    let bytes = digest.as_bytes().chunks(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let digest: Vec<u8> = bytes.map(byte).collect::<Option<_>>()?;
    (digest.len() == 32).then_some((number.parse().ok()?, digest))
}

impl Verify {
    fn run(self) -> Result<(), Stop> {
        logs::start(&self.data)?;
        let head = self.head.as_deref().map(|text| {
            noted(text)
                .ok_or_else(|| Stop::wrong("--head is NUMBER:DIGEST, as this command prints it"))
        });
        let head = head.transpose()?;
        let store = start::open(&self.data)?.store;
        let finding = verify(&store)?;
        let mut problems: Vec<String> = finding.broken.iter().map(told).collect();
        if let Some((number, digest)) = head
            && !holds(&store, number, &digest)?
        {
            problems.push(format!("seal {number} is not the one that was noted"));
        }
        report(&finding, &problems)?;
        match problems.len() {
            0 => Ok(()),
            count => Err(Stop::failed(format!("the journal was tampered with: {count} findings"))),
        }
    }
}

fn told(broken: &Broken) -> String {
    let what = match broken.fracture {
        Fracture::SealMissing => return format!("seal {} is missing", broken.number),
        Fracture::Range => "does not begin where the one before ends",
        Fracture::LinesMissing => "lines are missing",
        Fracture::LinesInserted => "lines were inserted",
        Fracture::LinesAltered => "lines were altered",
        Fracture::Signature => "the signature is not of this key ring",
    };
    let at = broken.sealed_at.map_or(String::new(), |at| format!(" of {}", at.utc().to_rfc3339()));
    let (sealed, found) = (broken.sealed_lines, broken.found_lines);
    format!("seal {}{at}: {what} ({sealed} sealed, {found} found)", broken.number)
}

fn report(finding: &Finding, problems: &[String]) -> Result<(), Stop> {
    let mut out = std::io::stdout().lock();
    for problem in problems {
        writeln!(out, "{problem}")?;
    }
    writeln!(out, "{} lines under {} seals", finding.lines, finding.seals)?;
    if let Some((number, digest)) = &finding.head {
        writeln!(out, "head {number}:{}", hex(digest))?;
    }
    match finding.oldest {
        Some(oldest) => {
            let oldest = oldest.utc().to_rfc3339();
            writeln!(out, "{} lines not sealed yet, the oldest of {oldest}", finding.tail)?;
        }
        None => writeln!(out, "every line is sealed")?,
    }
    Ok(())
}
