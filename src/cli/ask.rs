//! Secrets that a person types, or a program gives as one line of standard input.
//! Must not know: what they open.

use super::stop::Stop;
use std::io::{self, IsTerminal as _, Write as _};

/// A secret that is there already: asked for once.
pub fn secret(name: &str) -> Result<String, Stop> {
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    io::stderr().flush()?;
    Ok(rpassword::prompt_password(format!("{name}: "))?)
}

/// A secret that begins to hold: on a terminal it is asked for twice.
pub fn new_secret(name: &str) -> Result<String, Stop> {
    let first = secret(name)?;
    if io::stdin().is_terminal() && secret("Once more")? != first {
        return Err(Stop::wrong("the two differ"));
    }
    Ok(first)
}
