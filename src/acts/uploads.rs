//! Whom the uploads that are still kept name. Must not know: what is done about it.

use crate::db::{Conn, Fault, imports, merges, seekers};
use crate::domain::identity::Nik;
use crate::domain::ids::{ImportId, SeekerId};
use crate::domain::register::Field;
use crate::outside::tables::{FileProblem, Table};
use std::collections::HashSet;

/// By which these people are found: by their own NIKs, and by those of their doubles.
fn found_by(conn: &mut Conn<'_>, people: &[SeekerId]) -> Result<HashSet<Vec<u8>>, Fault> {
    let mut records = people.to_vec();
    for person in people {
        records.extend(merges::doubles_of(conn, *person)?);
    }
    Ok(seekers::nik_indexes(conn, &records)?.into_iter().collect())
}

/// Which of these imports have uploads that name one of these people; a file that cannot be read
/// may name anybody.
pub fn uploads_naming(
    conn: &mut Conn<'_>,
    people: &[SeekerId],
    among: Vec<ImportId>,
) -> Result<Vec<ImportId>, Fault> {
    let indexes = found_by(conn, people)?;
    let mut naming = Vec::new();
    for import in among {
        let mut niks = HashSet::new();
        let is_read = each_nik(conn, import, |nik| {
            niks.insert(nik.clone());
            true
        })?;
        let is_named = niks.iter().any(|nik| indexes.contains(&seekers::nik_index(conn, nik)));
        if is_named || !is_read {
            naming.push(import);
        }
    }
    Ok(naming)
}

/// Everybody whom some upload names, by the index of the NIK.
pub struct Named {
    indexes: HashSet<Vec<u8>>,
    /// A file that cannot be read may name anybody.
    anybody: bool,
}

impl Named {
    /// O(rows of all uploads).
    pub fn by_uploads(conn: &mut Conn<'_>) -> Result<Self, Fault> {
        let mut named = Self { indexes: HashSet::new(), anybody: false };
        for import in imports::with_upload(conn)? {
            let mut niks = HashSet::new();
            named.anybody |= !each_nik(conn, import, |nik| {
                niks.insert(nik.clone());
                true
            })?;
            named.indexes.extend(niks.iter().map(|nik| seekers::nik_index(conn, nik)));
        }
        Ok(named)
    }

    pub fn has(&self, conn: &mut Conn<'_>, person: SeekerId) -> Result<bool, Fault> {
        let indexes = found_by(conn, &[person])?;
        Ok(self.anybody || indexes.iter().any(|index| self.indexes.contains(index)))
    }
}

/// Hands over the NIKs of an upload until `take` says no. False if the file cannot be read to
/// its end.
fn each_nik(
    conn: &mut Conn<'_>,
    import: ImportId,
    mut take: impl FnMut(&Nik) -> bool,
) -> Result<bool, Fault> {
    let mut file = tempfile::tempfile().map_err(Fault::broken)?;
    imports::copy_upload(conn, import, &mut file)?;
    match Table::open(file).and_then(|mut table| niks(&mut table, &mut take)) {
        Ok(()) => Ok(true),
        Err(FileProblem::Refused(_)) => Ok(false),
        Err(FileProblem::Io(error)) => Err(Fault::broken(error)),
    }
}

fn niks(table: &mut Table, take: &mut impl FnMut(&Nik) -> bool) -> Result<(), FileProblem> {
    let Some(at) = table.columns().at(Field::Nik) else { return Ok(()) };
    for row in table.rows()? {
        let row = row?;
        let nik = row.cells.get(at).and_then(|cell| Nik::parse(&cell.text()).ok());
        if nik.is_some_and(|nik| !take(&nik)) {
            break;
        }
    }
    Ok(())
}
