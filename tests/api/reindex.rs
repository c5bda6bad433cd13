//! Every keyed hash under another index key: what is made anew, what goes, and who is kept out.

use crate::audit::{bend, three_links};
use crate::doubles::{again, nik};
use crate::keys::{filled, rows};
use crate::support::{Kind, World, both, fresh, kinds};
use diesel::connection::SimpleConnection as _;
use musiman::acts::replace_index::replace_index;
use musiman::acts::verify_journal::{Fracture, verify};
use musiman::clock::Clock;
use musiman::db::seekers::Scope;
use musiman::db::{
    Actor, Fault, OpenError, Store, Tx, accounts, merges, meta, once, seals, seekers,
};
use musiman::domain::identity::Nik;
use musiman::domain::roles::Role;
use musiman::jobs::sealing::seal_all;
use musiman::seal::{Seal, hash};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

const FIRST: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const SECOND: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
const THIRD: &str = "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg=";

/// What goes, beside what keys and the journal note of themselves.
const GONE: [&str; 4] = ["refresh_tokens", "activation_codes", "attempts", "rate_leases"];

/// The world's database as a program with these index keys opens it.
fn with_index(w: &World, keys: &[&str]) -> Result<Store, OpenError> {
    // As the first program that opens a database does.
    w.store.write(Actor::SYSTEM, |tx, _| meta::key_ring_fits(tx)).unwrap();
    let text = format!("index {}\nseal {FIRST}\n", keys.join("\nindex "));
    Store::open(&w.url, 2, w.clock.clone(), Arc::new(Seal::parse(&text).unwrap()))
}

fn replaced(w: &World, keys: &[&str]) -> Store {
    let store = with_index(w, keys).unwrap();
    replace_index(&store, &mut |_| {}).unwrap();
    store
}

fn fractures(store: &Store) -> Vec<(i64, Fracture)> {
    verify(store).unwrap().broken.iter().map(|b| (b.number, b.fracture)).collect()
}

/// Everybody who has an account logs in with the NIK, instead of the short names of tests; who has
/// none gets a code.
async fn log_in_by_nik(w: &World) {
    let people = w.get("/v1/job-seekers?limit=100").by("office").send().await.ok();
    for person in people.body["data"].as_array().unwrap() {
        let id = person["id"].as_str().unwrap().parse().unwrap();
        let follow = |tx: &mut Tx<'_>, _| {
            let nik = seekers::get(tx, id, Scope::All)?.open(tx)?.nik;
            accounts::relogin(tx, id, &nik)
        };
        w.store.write::<_, Fault>(Actor::SYSTEM, follow).unwrap();
    }
    let new = people.body["data"].as_array().unwrap().iter().find(|p| p["name"] == "Siti Penuh");
    let path = format!("/v1/job-seekers/{}/activation-code", new.unwrap()["id"].as_str().unwrap());
    w.post(&path).by("office").once().send().await.ok();
}

#[test]
fn every_hash_is_made_anew_and_nothing_else_changes() {
    both(|w| async move {
        filled(&w).await;
        log_in_by_nik(&w).await;
        let hashes = |w: &World| rows(w, |column| column.ends_with("_index"));
        let (mut before, old) = (rows(&w, |column| !column.ends_with("_index")), hashes(&w));
        let store = with_index(&w, &[FIRST, SECOND]).unwrap();
        let mut told = vec![];
        let done = replace_index(&store, &mut |rows| told.push(rows)).unwrap();
        assert_eq!((told.last(), told.is_sorted()), (Some(&done.rows), true));
        assert!(done.swept > 0, "a code for a first log-in goes");
        let (mut after, new) = (rows(&w, |column| !column.ends_with("_index")), hashes(&w));
        for table in ["seekers", "external_ids", "accounts"] {
            let (old, new) = (&old[table], &new[table]);
            assert!(!old.is_empty() && old.len() == new.len(), "{table}");
            let known: BTreeSet<&String> = old.iter().collect();
            assert!(new.iter().all(|line| !known.contains(line)), "{table} keeps an old hash");
        }
        let (was, is) = (before.remove("journal").unwrap(), after.remove("journal").unwrap());
        assert_eq!(is.len(), was.len() + 1);
        assert_eq!(before.remove("once").unwrap().len(), after.remove("once").unwrap().len());
        for table in ["meta", "sessions"] {
            before.remove(table);
            after.remove(table);
        }
        for table in GONE {
            before.remove(table);
            assert_eq!(after.remove(table).unwrap_or_default(), [""; 0], "{table} is empty");
        }
        assert_eq!(after, before);
        let found = store.read::<_, Fault>(|conn, _| {
            let nik = Nik::parse("3216184703967777").map_err(|_| Fault::NotFound)?;
            Ok((seekers::by_nik(conn, &nik, 9)?.len(), accounts::by_login(conn, "lead")?.is_some()))
        });
        assert_eq!(found.unwrap(), (1, true));
        // Once more, without the first key: nothing needs it.
        let store = replaced(&w, &[SECOND, THIRD]);
        assert_eq!(store.seal().index_key(), *store.seal().index_keys().last().unwrap());
        assert!(matches!(with_index(&w, &[FIRST, SECOND]), Err(OpenError::OtherRing)));
    });
}

#[test]
fn a_wrong_nik_leads_to_the_record_that_stands_under_another_key_too() {
    both(|w| async move {
        let (one, two) = (w.known(1).await, w.verified(again(2)).await);
        w.account("seeker2", Role::Seeker, None, two.parse().ok());
        w.merged(&one, &two, &[]).await;
        let store = replaced(&w, &[FIRST, SECOND]);
        let standing = store.read::<_, Fault>(|conn, _| {
            let nik = Nik::parse(&nik(2)).map_err(|_| Fault::NotFound)?;
            let double = seekers::by_nik(conn, &nik, 9)?.remove(0);
            merges::standing(conn, double.id)
        });
        assert_eq!(standing.unwrap().map(|id| id.to_string()), Some(one));
    });
}

#[test]
fn a_hash_that_is_not_of_its_value_stops_it_and_nothing_changes() {
    both(|w| async move {
        w.seeker(1).await;
        let wrong = if w.kind == Kind::Postgres { "'\\x00'::bytea" } else { "x'00'" };
        let bent = format!("UPDATE seekers SET phone_index = {wrong}");
        w.store.write::<_, Fault>(Actor::SYSTEM, |tx, _| Ok(tx.db.batch_execute(&bent)?)).unwrap();
        let store = with_index(&w, &[FIRST, SECOND]).unwrap();
        let before = rows(&w, |_| true);
        let stopped = replace_index(&store, &mut |_| {}).err().unwrap();
        assert!(stopped.to_string().contains("phone_index of "), "{stopped}");
        assert_eq!(rows(&w, |_| true), before);
        w.get("/v1/job-seekers").by("office").send().await.ok();
    });
}

#[test]
fn a_program_with_the_old_key_is_let_in_no_more() {
    both(|w| async move {
        let old = with_index(&w, &[FIRST]).unwrap();
        let store = replaced(&w, &[FIRST, SECOND]);
        assert!(matches!(with_index(&w, &[FIRST]), Err(OpenError::OtherRing)));
        if w.kind == Kind::Postgres {
            // The connections of before end, as when the server was started anew meanwhile.
            let ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
            store
                .write::<_, Fault>(Actor::SYSTEM, |tx, _| Ok(tx.db.batch_execute(ended)?))
                .unwrap();
            let write = |tx: &mut Tx<'_>| tx.journal("test", Uuid::nil(), "write", None);
            for _ in 0..3 {
                let written = old.write::<_, Fault>(Actor::SYSTEM, |tx, _| write(tx));
                assert!(written.is_err(), "it writes although everybody is found by another key");
            }
            assert!(old.read::<_, Fault>(|conn, _| accounts::by_login(conn, "lead")).is_err());
        }
    });
}

#[test]
fn who_wants_the_database_alone_gets_it_alone() {
    for kind in kinds() {
        let (url, _folder) = fresh(kind);
        let clock = Clock::system();
        let ring = || Arc::new(Seal::parse(&format!("index {FIRST}\nseal {FIRST}\n")).unwrap());
        let open = || Store::open(&url, 1, clock.clone(), ring());
        let alone = || Store::alone(&url, clock.clone(), ring());
        let shared = open().unwrap();
        assert!(matches!(alone(), Err(OpenError::InUse)), "another program has it open");
        drop(shared);
        let store = alone().unwrap();
        assert!(open().is_err(), "another program comes in beside it");
        let line = |tx: &mut Tx<'_>| tx.journal("test", Uuid::nil(), "write", None);
        store.write::<_, Fault>(Actor::SYSTEM, |tx, _| line(tx)).unwrap();
        drop(store);
        open().unwrap().write::<_, Fault>(Actor::SYSTEM, |tx, _| line(tx)).unwrap();
    }
}

#[test]
fn a_request_of_before_is_known_by_its_key_alone() {
    both(|w| async move {
        let made = Uuid::from_u128(7);
        let claim = |store: &Store, body: &[u8]| {
            let (scope, body) = (hash("t", b"scope"), store.seal().index("once.body", body));
            store
                .write::<_, Fault>(Actor::SYSTEM, |tx, _| once::claim(tx, &scope, &body, made))
                .unwrap()
        };
        assert_eq!(claim(&w.store, b"a"), once::Claim::First);
        assert_eq!(claim(&w.store, b"b"), once::Claim::Other);
        let store = replaced(&w, &[FIRST, SECOND]);
        assert_eq!(claim(&store, b"a"), once::Claim::Repeat(made));
    });
}

#[test]
fn seals_under_an_old_key_are_vouched_for_and_still_cannot_be_bent() {
    both(|w| async move {
        three_links(&w);
        let last =
            |store: &Store| store.read::<_, Fault>(|conn, _| seals::last(conn)).unwrap().unwrap();
        let old = last(&w.store).number;
        drop(replaced(&w, &[FIRST, SECOND]));
        let store = with_index(&w, &[SECOND]).unwrap();
        assert_eq!(fractures(&store), []);
        seal_all(&store).unwrap();
        assert!(fractures(&store).is_empty());
        // A seal of the old key's time that somebody bends shows as before.
        let zeros = if w.kind == Kind::Postgres { "'\\x00'::bytea" } else { "x'00'" };
        bend(&w, &format!("UPDATE journal_seals SET digest = {zeros} WHERE number = {old}"));
        let found = fractures(&store);
        let shows = [(old, Fracture::LinesAltered), (old, Fracture::Signature)];
        assert!(shows.iter().all(|fracture| found.contains(fracture)), "{found:?}");
        // Nor do they end before the one that the new key vouches for.
        bend(&w, &format!("DELETE FROM journal_seals WHERE number >= {old}"));
        assert!(fractures(&store).contains(&(old, Fracture::SealMissing)));
        // Without the new key's word the old signatures count for nothing.
        bend(&w, "DELETE FROM meta WHERE key = 'journal_vouched'");
        assert!(fractures(&store).contains(&(1, Fracture::Signature)));
    });
}
