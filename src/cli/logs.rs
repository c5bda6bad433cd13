//! Log lines on standard error: text for a person, JSON for a machine.
//! Must not know: what is logged.

use super::stop::Stop;
use crate::config::{DataSettings, LogFormat};
use std::io::{self, IsTerminal as _};
use std::panic::Location;
use tracing_subscriber::EnvFilter;

pub fn start(settings: &DataSettings) -> Result<(), Stop> {
    let filter = EnvFilter::try_new(&settings.log)
        .map_err(|error| Stop::usage(format!("MUSIMAN_LOG: {error}")))?;
    let default = if io::stderr().is_terminal() { LogFormat::Text } else { LogFormat::Json };
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = match settings.log_format.unwrap_or(default) {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).try_init(),
    };
    started.map_err(|error| Stop::failed(error.to_string()))?;
    std::panic::set_hook(Box::new(|told| tell(told.location())));
    Ok(())
}

/// A panic is a line like any other. Its words stay out: they may hold what was being read, such as
/// the text that was cut between two bytes of a letter.
fn tell(place: Option<&Location<'_>>) {
    let thread = std::thread::current();
    let place = place.map(tracing::field::display);
    tracing::error!(place, thread = thread.name(), "panicked");
}
