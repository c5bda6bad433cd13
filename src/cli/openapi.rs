//! `musiman openapi`: prints the document that `openapi/openapi.json` holds.
//! Must not know: any route.

use super::stop::Stop;
use std::io::Write as _;

pub fn run() -> Result<(), Stop> {
    let mut out = std::io::stdout().lock();
    out.write_all(crate::api::document_text().as_bytes())?;
    Ok(out.flush()?)
}
