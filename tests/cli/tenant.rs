//! The service as a user of PostgreSQL that owns no table: it serves, and the journal stays.

use crate::backup::with_passphrase;
use crate::{Kind, Service, fresh, kinds, make_lead, musiman, registration, run, url_of};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};

/// The URL of the same database for another user.
fn as_user(url: &str, user: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap();
    let (_, rest) = rest.split_once('@').unwrap();
    format!("postgres://{user}@{rest}")
}

#[test]
fn the_service_runs_on_tables_that_it_does_not_own_and_cannot_change_the_journal() {
    let Some(kind) = kinds().into_iter().find(|kind| *kind == Kind::Postgres) else { return };
    let (url, folder) = fresh(kind);
    let (url, folder) = (url_of(&url), folder.path());
    let user = format!("tenant_{}", std::process::id());
    let mut owner = PgConnection::establish(&url).unwrap();
    owner.batch_execute(&format!("CREATE ROLE {user} LOGIN")).unwrap();
    make_lead(folder, &url);
    let (status, _, err) = run(musiman(folder, &url).args(["migrate", "--grant", &user]));
    assert_eq!(status, 0, "{err}");

    let own = as_user(&url, &user);
    let service = Service::start(folder, &own);
    let token = service.log_in();
    let head = format!(
        "POST /v1/job-seekers HTTP/1.1\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {:032}",
        1
    );
    assert_eq!(service.send(&head, &registration(1)).unwrap().0, 201);
    let ready = service.send("GET /readyz HTTP/1.1", &serde_json::Value::Null).unwrap();
    assert_eq!(ready.0, 200, "{}", ready.1);
    let (status, said) = with_passphrase(folder, &own, &["backup", "a.backup"]);
    assert_eq!(status, 0, "{said}");

    let mut tenant = PgConnection::establish(&own).unwrap();
    for forbidden in [
        "UPDATE journal SET event = 'x'",
        "DELETE FROM journal",
        "TRUNCATE journal",
        "UPDATE journal_seals SET lines = 0",
        "DELETE FROM journal_seals",
        "ALTER TABLE journal DISABLE TRIGGER ALL",
        "DROP TRIGGER journal_stays ON journal",
        "DROP TABLE journal",
        "CREATE OR REPLACE FUNCTION journal_stays() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('x')",
    ] {
        let told = tenant.batch_execute(forbidden).unwrap_err().to_string();
        assert!(told.contains("permission denied") || told.contains("must be owner"), "{told}");
    }
    drop(service);
    owner.batch_execute(&format!("DROP OWNED BY {user}; DROP ROLE {user}")).unwrap();
    let (status, _, err) = run(musiman(folder, "x.db").args(["migrate", "--grant", "x"]));
    assert_eq!((status, err.lines().count()), (2, 1), "{err}");
}
