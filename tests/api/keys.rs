//! A rotation over every table that holds sealed values: each comes under the new key, and nothing
//! else of any row changes.

use crate::support::drawn::FREEZE;
use crate::support::played::picture;
use crate::support::{Kind, World, both};
use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::Text;
use musiman::acts::rotate_keys::{Standing, rotate};
use musiman::db::classes::CLASSES;
use musiman::db::reseal::TABLES;
use musiman::db::seekers::Scope;
use musiman::db::{
    Actor, Conn, Fault, Store, Tx, accounts, inputs, seasons, second_factors, seekers, signing,
};
use musiman::domain::ids::SeasonId;
use musiman::seal::Seal;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The key of the tests' own ring, and two more.
const FIRST: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const SECOND: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
const THIRD: &str = "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg=";

/// Somebody has an authenticator app, and is offered another one.
fn with_second_factor(w: &World) {
    let set_up = |tx: &mut Tx<'_>, _| {
        let lead = accounts::by_login(tx, "lead")?.ok_or(Fault::NotFound)?.id;
        let secret = second_factors::offer(tx, lead)?.secret;
        let app = totp_rs::Builder::new().with_secret(secret).build().map_err(Fault::broken)?;
        let shown = app.generate(tx.now.utc().timestamp().unsigned_abs()).to_string();
        second_factors::confirm(tx, lead, &shown)?.ok_or(Fault::NotFound)?;
        second_factors::offer(tx, lead)
    };
    w.store.write::<_, Fault>(Actor::SYSTEM, set_up).unwrap();
}

/// A row of a table in every sealed column's place; gives the season.
pub async fn filled(w: &World) -> SeasonId {
    let d = w.drawn();
    let person = json!({
        "nik": "3216184703967777", "name": "Siti Penuh", "born_on": "1996-03-07",
        "sex": "female", "kecamatan": "321618", "kk": "3216180101960001", "address": "Jalan Satu 1",
        "phone": "081234567890", "email": "siti@example.org",
        "passport_number": "X1234567", "passport_expires_on": "2030-01-01",
    });
    let made = w.post("/v1/job-seekers").by("office").once().json(person).send().await.ok();
    let path = format!("/v1/job-seekers/{}/external-ids", made.id());
    let number = json!({ "system": "siapkerja", "value": "SK-1001" });
    w.post(&path).by("office").once().json(number).send().await.ok();
    for n in 1..=3 {
        let id = w.applicant(n).await;
        w.applies(&d, n, &id).await.ok();
        if n == 3 {
            let merge = w.proposed(made.id(), &id, &[]).await.ok();
            let refusal = format!("/v1/merges/{}/refusal", merge.id());
            let refusal = w.post(&refusal).by("lead").if_match(merge.etag());
            refusal.json(json!({ "note": "Two people." })).send().await.ok();
        }
    }
    let wish = json!([{ "field": "village", "value": "Cijengkol" }]);
    let body =
        json!({ "kind": "correction", "text": "No.", "evidence": "KTP", "corrections": wish });
    let asked = w.asked("seeker1", body).await.ok();
    w.hands_in("seeker1", asked.id(), "photo", picture()).await.ok();
    let no = json!({ "outcome": "refused", "ground": "repeated", "note": "Seen." });
    w.decided("office", &asked, no).await.ok();
    let register = std::fs::read("tests/data/pencari_kerja.csv").unwrap();
    let upload = w.post("/v1/imports/job-seekers?mode=preview").by("office").once();
    upload.bytes("text/csv", register).send().await.ok();
    w.work();
    with_second_factor(w);
    w.at(FREEZE);
    w.lead_does(&d, "freeze", "*", json!({})).await.ok();
    w.clock.advance(TimeDelta::hours(72));
    d.season
}

/// The same database with a ring of these keys.
fn with_keys(w: &World, keys: &[&str]) -> Store {
    let text = format!("index {FIRST}\nseal {}\n", keys.join("\nseal "));
    let seal = Seal::parse(&text).unwrap();
    Store::open(&w.url, 2, w.clock.clone(), Arc::new(seal)).unwrap()
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Every table's rows without their sealed columns.
fn unsealed(w: &World) -> BTreeMap<&'static str, Vec<String>> {
    rows(w, |column| !column.ends_with("_sealed"))
}

/// Every table's rows, with such columns.
pub fn rows(w: &World, shown: fn(&str) -> bool) -> BTreeMap<&'static str, Vec<String>> {
    let mut found = BTreeMap::new();
    for (table, columns) in CLASSES {
        let spelled = columns.iter().filter(|(name, _)| shown(name)).map(|c| {
            if w.kind == Kind::Postgres {
                format!("coalesce(CAST(\"{}\" AS text), '-')", c.0)
            } else {
                format!("coalesce(hex(\"{}\"), '-')", c.0)
            }
        });
        let spelled: Vec<String> = spelled.collect();
        if spelled.is_empty() {
            continue;
        }
        let query =
            format!("SELECT {} AS line FROM {table} ORDER BY 1", spelled.join(" || '|' || "));
        let lines: Vec<Line> = w
            .store
            .read::<_, Fault>(|conn, _| Ok(diesel::sql_query(query).load(conn.db)?))
            .unwrap();
        found.insert(*table, lines.into_iter().map(|line| line.line).collect());
    }
    found
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    number: i64,
}

/// Values of each sealed column.
fn sealed(w: &World) -> BTreeMap<String, i64> {
    let mut found = BTreeMap::new();
    for (table, columns) in CLASSES {
        for (column, _) in columns.iter().filter(|(name, _)| name.ends_with("_sealed")) {
            let query = format!("SELECT count({column}) AS number FROM {table}");
            let count: Number = w
                .store
                .read::<_, Fault>(|conn, _| Ok(diesel::sql_query(query).get_result(conn.db)?))
                .unwrap();
            found.insert(format!("{table}.{column}"), count.number);
        }
    }
    found
}

#[test]
fn keys_of_every_table_turn_over_and_nothing_else_changes() {
    both(|w| async move {
        let season = filled(&w).await;
        let values = sealed(&w);
        assert!(
            values.values().all(|count| *count > 0),
            "a column has nothing to turn: {values:?}"
        );
        let total = u64::try_from(values.values().sum::<i64>()).unwrap();
        let mut before = unsealed(&w);
        let store = with_keys(&w, &[FIRST, SECOND]);
        let mut told = vec![];
        let done = rotate(&store, Duration::ZERO, &mut |done| told.push(done)).unwrap();
        assert_eq!((done, told.last(), told.is_sorted()), (total, Some(&total), true));
        assert!(told.len() >= TABLES.len(), "{told:?}");
        let mut after = unsealed(&w);
        let (old, new) = (before.remove("journal").unwrap(), after.remove("journal").unwrap());
        assert_eq!(new.len(), old.len() + 2, "a line for the beginning and one for the end");
        before.remove("meta");
        after.remove("meta");
        assert_eq!(after, before);
        // The first key is not needed any more: everything opens, and turns over once more.
        let store = with_keys(&w, &[SECOND, THIRD]);
        assert_eq!(Standing::read(&store).unwrap().old(), total);
        assert_eq!(rotate(&store, Duration::ZERO, &mut |_| {}).unwrap(), total);
        let store = with_keys(&w, &[THIRD]);
        assert_eq!(signing::load_or_make(&store).unwrap().len(), 1);
        let opened = store.read::<_, Fault>(|conn, _| {
            let row = seasons::get(conn, season)?;
            let input = inputs::latest(conn, season)?.unwrap();
            let secrets = (seasons::secret(conn, &row)?, seasons::season_key(conn, &row)?);
            Ok((secrets, inputs::canonical(conn, &input)?.is_empty()))
        });
        assert_eq!(opened.unwrap(), (([1; 32], [2; 32]), false));
    });
}

#[test]
fn keys_that_are_missing_stop_a_rotation_by_name_of_the_column() {
    both(|w| async move {
        w.seeker(1).await;
        let store = with_keys(&w, &[SECOND]);
        let stopped = rotate(&store, Duration::ZERO, &mut |_| {}).unwrap_err();
        assert!(stopped.to_string().contains("signing_keys.secret_sealed of "), "{stopped}");
    });
}

#[test]
fn keys_that_turn_over_lose_no_write_of_the_same_row() {
    both(|w| async move {
        let id = w.seeker(1).await["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/job-seekers/{id}");
        let store = with_keys(&w, &[FIRST, SECOND]);
        let newest = Standing::read(&store).unwrap().newest;
        let table = TABLES.iter().find(|t| {
            let page = store.read(|conn, _| t.page(conn, newest, None)).unwrap();
            page.is_some_and(|page| page.end().0.to_string() == id)
        });
        let table = table.unwrap();
        let page = store.read(|conn, _| table.page(conn, newest, None)).unwrap().unwrap();
        // Between the page's reading and its writing somebody changes the phone.
        let read = w.get(&path).by("office").send().await.ok();
        let change = w.patch(&path).by("office").if_match(read.etag());
        let changed = change.merge(&json!({ "phone": "081299999999" })).send().await.ok();
        store.claim::<_, Fault>(|tx, _| table.store(tx, &page)).unwrap();
        let open = |store: &Store| {
            let id = id.parse().unwrap();
            let stated = |conn: &mut Conn<'_>| seekers::get(conn, id, Scope::All)?.open(conn);
            store
                .read::<_, Fault>(|conn, _| stated(conn))
                .unwrap()
                .phone
                .unwrap()
                .as_str()
                .to_owned()
        };
        assert_eq!(json!(open(&store)), changed.body["phone"]);
        rotate(&store, Duration::ZERO, &mut |_| {}).unwrap();
        assert_eq!(json!(open(&with_keys(&w, &[SECOND]))), changed.body["phone"]);
    });
}
