//! The journal's chain: sealed while many write, and every way to bend it is found.

use crate::support::{Kind, NO_LIMITS, World, both};
use diesel::connection::SimpleConnection as _;
use musiman::acts::verify_journal::{Broken, Finding, Fracture, verify};
use musiman::db::{Actor, Conn, Fault, seals};
use musiman::jobs::sealing::seal_all;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Lines that the world writes itself come first; these join.
fn write_lines(w: &World, count: u128) {
    for n in 0..count {
        w.store
            .write::<_, Fault>(Actor::SYSTEM, |tx, _| {
                let detail = serde_json::json!({ "zeta": n.to_string(), "alpha": [1, 2] });
                tx.journal("test", Uuid::from_u128(n), "write", Some(detail))
            })
            .unwrap();
    }
}

/// Other tests' transactions in the same cluster may hold the horizon back for a while.
#[expect(clippy::disallowed_methods, reason = "waits for transactions of others")]
pub fn seal(w: &World) -> Finding {
    let begun = Instant::now();
    loop {
        seal_all(&w.store).unwrap();
        let finding = verify(&w.store).unwrap();
        if finding.tail == 0 || begun.elapsed() > Duration::from_mins(1) {
            assert_eq!(finding.tail, 0, "the journal was never sealed to its end");
            return finding;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn sql(w: &World, text: &str) -> Result<(), Fault> {
    w.store.write::<_, Fault>(Actor::SYSTEM, |tx, _| Ok(tx.db.batch_execute(text)?))
}

/// Somebody with the keys of the database itself takes its own defence away first.
pub fn bend(w: &World, text: &str) {
    let open = match w.kind {
        Kind::Postgres => {
            "ALTER TABLE journal DISABLE TRIGGER ALL; ALTER TABLE journal_seals DISABLE TRIGGER ALL;"
        }
        Kind::Sqlite => {
            "DROP TRIGGER IF EXISTS journal_line_stays; DROP TRIGGER IF EXISTS journal_line_remains; \
             DROP TRIGGER IF EXISTS journal_seal_stays; DROP TRIGGER IF EXISTS journal_seal_remains;"
        }
    };
    sql(w, &format!("{open} {text}")).unwrap();
}

fn seals_of(w: &World) -> Vec<seals::SealRow> {
    w.store.read::<_, Fault>(|conn: &mut Conn<'_>, _| seals::after(conn, 0, i64::MAX)).unwrap()
}

fn fractures(w: &World) -> Vec<(i64, Fracture)> {
    verify(&w.store).unwrap().broken.iter().map(|b: &Broken| (b.number, b.fracture)).collect()
}

/// Three links: what the world began with, and twice four lines.
pub fn three_links(w: &World) {
    seal(w);
    write_lines(w, 4);
    seal(w);
    write_lines(w, 4);
    seal(w);
}

#[test]
fn every_line_is_sealed_once_and_the_unsealed_tail_is_told() {
    both(|w| async move {
        three_links(&w);
        let finding = verify(&w.store).unwrap();
        assert_eq!(finding.broken, []);
        let sealed: i64 = seals_of(&w).iter().map(|seal| seal.lines).sum();
        assert_eq!((finding.lines, finding.tail), (sealed, 0));
        assert!(finding.lines >= 8 && finding.seals >= 3, "{finding:?}");
        write_lines(&w, 3);
        let finding = verify(&w.store).unwrap();
        assert_eq!((finding.tail, finding.broken.len()), (3, 0));
        assert!(finding.oldest.is_some());
    });
}

#[test]
fn the_database_refuses_to_change_or_remove_a_line_or_a_seal() {
    both(|w| async move {
        three_links(&w);
        for text in [
            "UPDATE journal SET event = 'other'",
            "DELETE FROM journal",
            "UPDATE journal_seals SET lines = 0",
            "DELETE FROM journal_seals",
        ] {
            assert!(sql(&w, text).is_err(), "{text}");
        }
        assert_eq!(fractures(&w), []);
    });
}

/// How a line or a seal is bent, where it shows, and as what.
struct Bent {
    text: &'static str,
    shows: &'static [Fracture],
}

const LAST_LINE: &str = "(SELECT max(seq) FROM journal WHERE event = 'write' AND seq < \
     (SELECT max(seq) FROM journal))";

const BENT: [Bent; 10] = [
    Bent {
        text: "UPDATE journal SET capacity = 'operator' WHERE seq = {line}",
        shows: &[Fracture::LinesAltered],
    },
    Bent {
        text: "UPDATE journal SET digest_after = journal_seals.digest FROM journal_seals \
               WHERE seq = {line} AND journal_seals.number = 1",
        shows: &[Fracture::LinesAltered],
    },
    Bent {
        text: "UPDATE journal SET event = 'forgave' WHERE seq = {line}",
        shows: &[Fracture::LinesAltered],
    },
    Bent {
        text: "UPDATE journal SET detail = '{\"alpha\": [1, 2]}' WHERE seq = {line}",
        shows: &[Fracture::LinesAltered],
    },
    Bent {
        text: "UPDATE journal SET at = at - {hour} WHERE seq = {line}",
        shows: &[Fracture::LinesAltered],
    },
    Bent {
        text: "UPDATE journal SET role = 'lead' WHERE seq = {line}",
        shows: &[Fracture::LinesAltered],
    },
    Bent { text: "DELETE FROM journal WHERE seq = {line}", shows: &[Fracture::LinesMissing] },
    Bent {
        text: "UPDATE journal_seals SET lines = lines + 1 WHERE number = {seal}",
        shows: &[Fracture::LinesMissing],
    },
    Bent {
        text: "UPDATE journal_seals SET digest = {zeros} WHERE number = {seal}",
        shows: &[Fracture::LinesAltered, Fracture::Signature],
    },
    Bent {
        text: "UPDATE journal_seals SET signature = {zeros} WHERE number = {seal}",
        shows: &[Fracture::Signature],
    },
];

#[test]
fn a_line_or_a_seal_that_was_bent_is_found() {
    both(|w| async move {
        let mut world = w;
        for bent in BENT {
            three_links(&world);
            let last = seals_of(&world).last().unwrap().number;
            let postgres = world.kind == Kind::Postgres;
            let text = bent.text.replace("{line}", LAST_LINE).replace("{seal}", &last.to_string());
            let text =
                text.replace("{hour}", if postgres { "interval '1 hour'" } else { "3600000000" });
            let text = text.replace("{zeros}", if postgres { "'\\x00'::bytea" } else { "x'00'" });
            bend(&world, &text);
            let wanted: Vec<_> = bent.shows.iter().map(|f| (last, *f)).collect();
            assert_eq!(fractures(&world), wanted, "{text}");
            world = World::new(world.kind, NO_LIMITS).await;
        }
    });
}

#[test]
fn a_line_that_was_put_in_and_a_seal_that_was_taken_out_are_found() {
    both(|w| async move {
        three_links(&w);
        let links = seals_of(&w);
        let last = links.last().unwrap();
        // A forger who knows how lines are ordered puts his into the last sealed stretch.
        let (columns, values) = match w.kind {
            Kind::Postgres => (
                "changed_tx, at, capacity, subject_kind, subject, event",
                format!("{}, now(), 'service', 'test', gen_random_uuid(), 'forged'", last.from_tx),
            ),
            Kind::Sqlite => (
                "seq, at, capacity, subject_kind, subject, event",
                // The place of a line that is moved out of the way, to the end.
                format!("{}, 1, 'service', 'test', zeroblob(16), 'forged'", last.from_tx),
            ),
        };
        if w.kind == Kind::Sqlite {
            bend(&w, &format!("DELETE FROM journal WHERE seq = {}", last.from_tx));
        }
        bend(&w, &format!("INSERT INTO journal ({columns}) VALUES ({values})"));
        let shows = match w.kind {
            Kind::Postgres => Fracture::LinesInserted,
            Kind::Sqlite => Fracture::LinesAltered,
        };
        assert_eq!(fractures(&w), [(last.number, shows)]);
        bend(&w, &format!("DELETE FROM journal_seals WHERE number = {}", last.number - 1));
        assert_eq!(fractures(&w)[0], (last.number - 1, Fracture::SealMissing));
    });
}

#[test]
fn many_writers_and_two_sealers_make_one_chain() {
    both(|w| async move {
        let (done, store) = (AtomicBool::new(false), w.store.clone());
        let writes = |thread: u128| {
            for n in 0..40 {
                let subject = Uuid::from_u128(thread << 64 | n);
                store
                    .write::<_, Fault>(Actor::SYSTEM, |tx, _| {
                        tx.journal("test", subject, "write", None)
                    })
                    .unwrap();
            }
        };
        let seals = || {
            while !done.load(Ordering::Relaxed) {
                seal_all(&store).unwrap();
            }
        };
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..8).map(|n| scope.spawn(move || writes(n))).collect();
            let sealers: Vec<_> = (0..2).map(|_| scope.spawn(seals)).collect();
            for writer in writers {
                writer.join().unwrap();
            }
            done.store(true, Ordering::Relaxed);
            for sealer in sealers {
                sealer.join().unwrap();
            }
        });
        let finding = seal(&w);
        assert_eq!(finding.broken, []);
        assert!(finding.lines >= 320, "{}", finding.lines);
        assert!(finding.seals > 1, "the sealers worked beside the writers");
    });
}
