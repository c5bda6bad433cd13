//! Closes a season; what it did not publish is void. Must not know: HTTP.

use super::deadline::void_unpublished;
use super::stop::Stop;
use crate::db::Tx;
use crate::db::seasons::{self, SeasonRow};
use crate::domain::lifecycle::decide;
use crate::domain::roles::Role;
use crate::domain::seasons::SeasonEvent;

pub fn close_season(tx: &mut Tx<'_>, row: &SeasonRow, role: Role) -> Result<(), Stop> {
    let step = decide(row.state, SeasonEvent::Close, role)?;
    void_unpublished(tx, row.id)?;
    Ok(seasons::keep(tx, row, step)?)
}
