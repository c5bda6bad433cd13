//! The tables as the program needs them, and who may do what with them.
//! Must not know: which tables there are, but for those of the journal.

use super::{Db, Fault, Store, sql};
use diesel::connection::SimpleConnection as _;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

const LOCK: &str = "SELECT pg_advisory_lock(7751001)";
const UNLOCK: &str = "SELECT pg_advisory_unlock(7751001)";

#[derive(QueryableByName)]
struct There {
    #[diesel(sql_type = Bool)]
    there: bool,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

const PG_THERE: &str = "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS there";
const SQLITE_THERE: &str = "SELECT EXISTS (SELECT 1 FROM sqlite_master \
    WHERE name = '__diesel_schema_migrations') AS there";
const VERSIONS: &str = "SELECT version FROM __diesel_schema_migrations ORDER BY version";

/// What the service does with the tables, and no more: it changes no table, and of the journal no
/// line that stands.
fn granted(role: &str) -> String {
    let role = format!("\"{}\"", role.replace('"', "\"\""));
    format!(
        "GRANT USAGE ON SCHEMA public TO {role}; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}; \
         GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}; \
         REVOKE UPDATE, DELETE ON journal, journal_seals FROM {role}; \
         REVOKE INSERT, UPDATE, DELETE ON __diesel_schema_migrations FROM {role};"
    )
}

fn versions(db: &mut Db) -> Result<Vec<String>, Fault> {
    let there = if sql::is_postgres(db) { PG_THERE } else { SQLITE_THERE };
    if !diesel::sql_query(there).get_result::<There>(db)?.there {
        return Ok(vec![]);
    }
    let versions: Vec<Version> = diesel::sql_query(VERSIONS).load(db)?;
    Ok(versions.into_iter().map(|line| line.version).collect())
}

/// The versions that this program knows.
fn known(db: &Db) -> Result<Vec<String>, Fault> {
    fn names<B: diesel::backend::Backend>(all: Vec<Box<dyn Migration<B>>>) -> Vec<String> {
        all.iter().map(|one| one.name().version().to_string()).collect()
    }
    if sql::is_postgres(db) {
        MigrationSource::<Pg>::migrations(&POSTGRES).map(names)
    } else {
        MigrationSource::<Sqlite>::migrations(&SQLITE).map(names)
    }
    .map_err(Fault::Broken)
}

impl Store {
    /// Brings the tables up to date; of many processes one does it while the others wait. Where
    /// nothing is to be done, the user needs no right to change tables.
    pub fn migrate(&self) -> Result<usize, Fault> {
        if self.is_migrated()? {
            return Ok(0);
        }
        let mut db = self.write.get().map_err(|_| Fault::Busy)?;
        match &mut *db {
            Db::Pg(c) => {
                c.batch_execute(LOCK)?;
                let ran = c.run_pending_migrations(POSTGRES).map(|v| v.len());
                c.batch_execute(UNLOCK)?;
                ran.map_err(Fault::Broken)
            }
            Db::Sqlite(c) => {
                c.run_pending_migrations(SQLITE).map(|v| v.len()).map_err(Fault::Broken)
            }
        }
    }

    /// Whether every migration that this program knows is in place.
    pub fn is_migrated(&self) -> Result<bool, Fault> {
        let mut db = self.read.get().map_err(|_| Fault::Busy)?;
        let there = versions(&mut db)?;
        Ok(known(&db)?.iter().all(|version| there.contains(version)))
    }

    /// Versions of the migrations that made the tables, in their order.
    pub fn migrations(&self) -> Result<Vec<String>, Fault> {
        versions(&mut *self.read.get().map_err(|_| Fault::Busy)?)
    }

    /// Lets a user of PostgreSQL run the service on tables that it does not own. `false` on SQLite,
    /// which has no users.
    pub fn grant(&self, role: &str) -> Result<bool, Fault> {
        let mut db = self.write.get().map_err(|_| Fault::Busy)?;
        let is_postgres = sql::is_postgres(&db);
        if is_postgres {
            db.batch_execute(&granted(role))?;
        }
        Ok(is_postgres)
    }
}
