//! Keyed digests of rows: a line of the journal tells which state a change found and which one it
//! left, and holds neither. Must not know: which lines there are, what a row means.

use super::reseal;
use super::{Conn, Fault};
use crate::seal::Place;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// A row whose states the journal tells apart.
pub trait Stated: Serialize + Sized {
    const TABLE: &'static str;

    fn row(&self) -> Uuid;

    /// The kind and id that its lines are about.
    fn subject(&self) -> (&'static str, Uuid);

    /// The row as it stands now.
    fn again(&self, conn: &mut Conn<'_>) -> Result<Self, Fault>;
}

/// `stated!(QuotaRow of quotas, |row| (SUBJECT, row.id.uuid()))`: a row of that table, found by its
/// `id`, with what its lines are about.
macro_rules! stated {
    ($row:ident of $table:ident, |$it:ident| $subject:expr) => {
        impl $crate::db::states::Stated for $row {
            const TABLE: &'static str = stringify!($table);

            fn row(&self) -> uuid::Uuid {
                self.id.uuid()
            }

            fn subject(&self) -> (&'static str, uuid::Uuid) {
                let $it = self;
                $subject
            }

            fn again(&self, conn: &mut $crate::db::Conn<'_>) -> Result<Self, $crate::db::Fault> {
                use $crate::db::schema::$table::table;
                let query = table.find(self.id);
                Ok($crate::each_backend!(&mut *conn.db, |c| {
                    query.select(Self::as_select()).first(c)
                })?)
            }
        }
    };
}
pub(super) use stated;

/// Columns that say when and by whom a row was changed or used: the line says it too.
const STAMPS: [&str; 5] = ["changed_by", "changed_tx", "updated_at", "used_at", "version"];

/// HMAC-SHA256 under the index key over the JSON text `[table, row, columns]`: columns in the order
/// of their names but for the stamps and look-up hashes, sealed ones opened, moments in microseconds
/// since 1970. It stays the same when sealing keys turn over; under another index key it is another.
/// O(row).
pub fn digest<R: Stated>(conn: &Conn<'_>, row: &R) -> Result<Vec<u8>, Fault> {
    let mut value = serde_json::to_value(row).map_err(Fault::broken)?;
    if let Some(columns) = value.as_object_mut() {
        columns.retain(|name, _| !STAMPS.contains(&name.as_str()) && !name.ends_with("_index"));
        for (name, member) in columns {
            if let Some(column) = reseal::column(R::TABLE, name) {
                open(conn, Place { column, row: row.row() }, member);
            }
        }
    }
    value.sort_all_objects();
    let text = json!([R::TABLE, row.row(), value]).to_string();
    Ok(conn.seal.index("journal.state", text.as_bytes()))
}

/// A value that does not open stays as it is: damage must not keep anybody from changing a row.
fn open(conn: &Conn<'_>, place: Place, member: &mut Value) {
    let bytes = |value: &Value| u8::try_from(value.as_u64()?).ok();
    let sealed: Option<Vec<u8>> = member.as_array().and_then(|all| all.iter().map(bytes).collect());
    if let Some(Ok(opened)) = sealed.map(|sealed| conn.seal.open(place, &sealed)) {
        *member = json!(opened);
    }
}
