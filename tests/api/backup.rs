//! A backup of a season in its middle, put back into a database of either kind, and played on.

use crate::audit::seal;
use crate::doubles::{again, nik};
use crate::rounds::{freeze, published, three_lists, through};
use crate::seekers::settled;
use crate::support::drawn::{Drawn, FREEZE};
use crate::support::played::whole;
use crate::support::{Bare, Kind, NO_LIMITS, RING, World, kinds};
use musiman::acts::archive::{Reader, Trouble};
use musiman::acts::backup::{backup, size};
use musiman::acts::restore::restore;
use musiman::acts::verify_journal::verify;
use musiman::db::{Fault, Store, copy};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};

const PASSPHRASE: &str = "kata sandi cadangan yang panjang";

fn backed_up(w: &World) -> Vec<u8> {
    let ring = || Ok(RING.to_owned());
    let (file, rows) = backup(&w.store, ring, vec![], PASSPHRASE, &mut |_| ()).unwrap();
    assert!(rows > 0);
    file
}

fn put_back(store: &Store, file: &[u8]) -> Result<u64, Trouble> {
    restore(store, || Reader::open(file, PASSPHRASE))
}

/// The service on a database of that kind which was made of the backup alone.
async fn restored(kind: Kind, file: &[u8], old: &World) -> World {
    let bare = Bare::new(kind, old.clock.clone());
    assert_eq!(put_back(&bare.store, file).unwrap(), size(&bare.store).unwrap() - 1);
    World::over(bare, NO_LIMITS).await
}

/// Every row of every table as text, in an order of its own.
fn rows(w: &World) -> BTreeMap<&'static str, Vec<Value>> {
    let read = |table| {
        let mut rows = vec![];
        w.store
            .read::<_, Fault>(|conn, _| {
                copy::each_row(conn, table, |row| {
                    rows.push(serde_json::from_str::<Value>(row).unwrap());
                    Ok::<_, Fault>(())
                })
            })
            .unwrap();
        // Member order of JSON in a column is the database's affair.
        for cell in rows.iter_mut().flat_map(|row| row.as_array_mut().unwrap()) {
            let inner = cell.as_str().filter(|text| text.starts_with(['{', '[']));
            if let Some(mut inner) = inner.and_then(|text| serde_json::from_str::<Value>(text).ok())
            {
                inner.sort_all_objects();
                *cell = inner;
            }
        }
        rows.sort_by_key(ToString::to_string);
        (table, rows)
    };
    copy::tables().map(read).collect()
}

/// A season with three lists before its freeze, in a journal that is sealed.
async fn season(w: &World) -> (Drawn, Vec<String>) {
    let made = three_lists(w).await;
    seal(w);
    made
}

/// Runs the body on a world, and the kind of database to which it moves, for every pair of kinds.
fn every_pair<F, Fut>(body: F)
where
    F: Fn(World, Kind) -> Fut,
    Fut: Future<Output = ()>,
{
    for (from, to) in
        kinds().into_iter().flat_map(|from| kinds().into_iter().map(move |to| (from, to)))
    {
        actix_web::rt::System::new().block_on(async {
            let old = World::new(from, NO_LIMITS).await;
            body(old, to).await;
        });
    }
}

#[test]
fn a_season_is_played_on_after_a_restore_onto_either_database() {
    every_pair(|old, to| async move {
        let (d, people) = season(&old).await;
        let (_, page) = settled(&old, "/v1/job-seekers?updated_since=0", 3).await;
        let was = rows(&old);
        let new = restored(to, &backed_up(&old), &old).await;

        // Everything is there, and the one line that tells of the restore.
        let mut is = rows(&new);
        is.get_mut("journal").unwrap().retain(|line| line[8] != "restore");
        assert_eq!(was, is);
        let finding = seal(&new);
        assert!(finding.broken.is_empty(), "{:?}", finding.broken);
        assert!(finding.seals > verify(&old.store).unwrap().seals, "a link of its own");

        // A client that follows changes misses none, and gets none twice.
        let path = format!("/v1/job-seekers/{}", people[0]);
        let read = new.get(&path).by("office").send().await.ok();
        let change = new.patch(&path).by("office").if_match(read.etag());
        change.merge(&json!({ "phone": "081299990000" })).send().await.ok();
        let mark = page["watermark"].as_str().unwrap();
        let since = format!("/v1/job-seekers?updated_since={mark}");
        assert_eq!(settled(&new, &since, 1).await.0, ["Siti Contoh 1"]);

        // The secrets of the season open: the draw is the one that was promised.
        new.at(FREEZE);
        let round = through(&new, &d).await;
        let told = published(&new, &round).await;
        assert_eq!(told.body["secret"], "01".repeat(32));
        let seats = new.get(&format!("/v1/rounds/{}/seats", told.id())).by("office").send().await;
        assert_eq!(seats.ok().body["data"].as_array().unwrap().len(), 2);
        let finding = seal(&new);
        assert!(finding.broken.is_empty(), "{:?}", finding.broken);
    });
}

#[test]
fn a_wrong_nik_leads_to_the_record_that_stands_after_a_restore_too() {
    every_pair(|old, to| async move {
        let one = old.verified(whole(1)).await;
        let two = old.verified(again(2)).await;
        old.merged(&one, &two, &[]).await;
        let was = rows(&old);
        let new = restored(to, &backed_up(&old), &old).await;
        for table in ["seekers", "merges", "consents"] {
            assert_eq!(rows(&new)[table], was[table], "{table}");
        }
        assert_eq!(new.sought(&nik(2)).await["data"][0]["id"], json!(one));
        let again = new.post("/v1/job-seekers").by("office").once().json(again(2));
        again.send().await.refused(409, "nik_taken");
    });
}

#[test]
fn a_restored_database_can_be_backed_up_and_restored_again() {
    every_pair(|old, to| async move {
        season(&old).await;
        let new = restored(to, &backed_up(&old), &old).await;
        seal(&new);
        let again = restored(old.kind, &backed_up(&new), &new).await;
        let finding = seal(&again);
        assert!(finding.broken.is_empty(), "{:?}", finding.broken);
        assert_eq!(rows(&again)["seekers"], rows(&old)["seekers"]);
    });
}

#[test]
fn a_backup_is_of_one_moment_while_others_write() {
    for kind in kinds() {
        actix_web::rt::System::new().block_on(async {
            let old = World::new(kind, NO_LIMITS).await;
            let (d, _) = season(&old).await;
            old.at(FREEZE);
            freeze(&old, &d).await.ok();
            let over = AtomicBool::new(false);
            let store = old.store.clone();
            let file = std::thread::scope(|scope| {
                // Each transaction writes two lines that belong together.
                let writer = scope.spawn(|| {
                    let mut pairs = 0u128;
                    while !over.load(Ordering::Relaxed) {
                        pairs += 1;
                        let write = |tx: &mut musiman::db::Tx<'_>, _| {
                            let id = uuid::Uuid::from_u128(pairs);
                            tx.journal("test", id, "one", None)?;
                            tx.journal("test", id, "other", None)
                        };
                        store.write::<_, Fault>(musiman::db::Actor::SYSTEM, write).unwrap();
                    }
                    pairs
                });
                let file = backed_up(&old);
                over.store(true, Ordering::Relaxed);
                assert!(writer.join().unwrap() > 1, "nobody wrote meanwhile");
                file
            });
            let new = restored(kind, &file, &old).await;
            let lines = &rows(&new)["journal"];
            let of = |event: &str| lines.iter().filter(|line| line[6] == event).count();
            assert_eq!(of("one"), of("other"), "a transaction was cut in two");
        });
    }
}

#[test]
fn what_is_no_whole_backup_changes_nothing() {
    for kind in kinds() {
        actix_web::rt::System::new().block_on(async {
            let old = World::new(kind, NO_LIMITS).await;
            let file = backed_up(&old);
            assert!(matches!(put_back(&old.store, &file), Err(Trouble::InUse)));
            let bare = Bare::new(kind, old.clock.clone());
            let new = &bare.store;
            let open = |passphrase| restore(new, || Reader::open(&file[..], passphrase));
            let told = open("kata sandi cadangan yang salah");
            assert!(matches!(told, Err(Trouble::Shut)), "{told:?}");
            for cut in [0, 20, file.len() / 2, file.len() - 1] {
                let told = put_back(new, &file[..cut]);
                assert!(matches!(told, Err(Trouble::Damaged(_))), "{cut} {told:?}");
            }
            for at in [file.len() / 3, file.len() - 5] {
                let mut bent = file.clone();
                bent[at] ^= 1;
                let told = put_back(new, &bent);
                assert!(matches!(told, Err(Trouble::Damaged(_) | Trouble::Shut)), "{at} {told:?}");
            }
            assert_eq!(size(new).unwrap(), 0);
            let other = || Ok(RING.replace("seal AAEC", "seal AQEC"));
            let told = backup(&old.store, other, vec![], PASSPHRASE, &mut |_| ());
            assert!(matches!(told, Err(Trouble::NoKey(_))), "a ring that opens nothing");
        });
    }
}
