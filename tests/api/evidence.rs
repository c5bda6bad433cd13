//! Files that people hand in with what they ask: checked, sealed, shown to few, gone in time.

use crate::rights::correction;
use crate::support::dump::dump;
use crate::support::played::picture;
use crate::support::{both, rules};
use chrono::TimeDelta;
use musiman::acts::forget_copies::forget_copies;
use musiman::matching::lottery::hex;
use serde_json::json;

#[test]
fn a_photograph_is_kept_sealed_and_fetched_by_the_person_and_the_office_alone() {
    both(|w| async move {
        w.applicant(1).await;
        w.applicant(2).await;
        let asked = w.asked("seeker1", correction("village", "Setu")).await.ok();
        let made = w.hands_in("seeker1", asked.id(), "photo-one", picture()).await.ok();
        assert_eq!((made.status, &made.body["media_type"]), (201, &json!("image/png")));
        let again = w.hands_in("seeker1", asked.id(), "photo-one", picture()).await.ok();
        assert_eq!(again.body, made.body);
        let list = format!("/v1/data-requests/{}/files", asked.id());
        for by in ["seeker1", "office", "lead"] {
            let files = w.get(&list).by(by).send().await.ok();
            assert_eq!(files.body["data"], json!([made.body]));
            let file = w.get(made.header("location")).by(by).send().await.ok();
            assert_eq!(file.header("content-type"), "application/octet-stream");
            assert!(file.header("content-disposition").ends_with(".png\""));
            assert_eq!(file.header("cache-control"), "no-store");
            assert_eq!(file.header("x-content-type-options"), "nosniff");
            assert!(file.header("content-disposition").starts_with("attachment; "));
            let kept = image::load_from_memory(&file.bytes).unwrap().to_rgb8();
            assert_eq!(
                kept.as_raw(),
                image::load_from_memory(&picture()).unwrap().to_rgb8().as_raw()
            );
        }
        for path in [list.as_str(), made.header("location")] {
            w.get(path).by("seeker2").send().await.refused(404, "not_found");
            w.get(path).by("kadin").send().await.refused(403, "role_forbidden");
        }
        w.hands_in("seeker2", asked.id(), "photo-two", picture()).await.refused(404, "not_found");
        w.store.flush_reads().unwrap();
        let own = w.get("/v1/me/journal").by("seeker1").send().await.ok().body.to_string();
        assert!(own.contains("get_evidence_file"), "{own}");
        let at_rest: String = dump(&w.store, w.kind).into_values().flatten().collect();
        let drawn = hex(&picture()[..16]);
        assert!(!at_rest.to_lowercase().contains(&drawn), "a file lies open");
    });
}

#[test]
fn what_is_no_paper_too_much_or_too_late_is_refused_and_leaves_nothing() {
    both(|w| async move {
        w.applicant(1).await;
        let asked = w.asked("seeker1", correction("village", "Setu")).await.ok();
        let script = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec();
        let none = w.hands_in("seeker1", asked.id(), "key-svg", script).await;
        none.refused(422, "paper_kind_unknown");
        let cut = w.hands_in("seeker1", asked.id(), "key-cut", picture()[..60].to_vec()).await;
        cut.refused(422, "paper_unreadable");
        let large = vec![0u8; 8 * 1024 * 1024 + 1];
        w.hands_in("seeker1", asked.id(), "key-large", large).await.refused(413, "body_too_large");
        let path = format!("/v1/me/data-requests/{}/files", asked.id());
        let html = w.post(&path).by("seeker1").once().bytes("text/html", picture()).send().await;
        html.refused(415, "media_type_unsupported");
        let list = format!("/v1/data-requests/{}/files", asked.id());
        assert_eq!(w.get(&list).by("office").send().await.ok().body["data"], json!([]));
        for n in 0..5 {
            let key = format!("photo-{n}-of-five");
            assert_eq!(w.hands_in("seeker1", asked.id(), &key, picture()).await.status, 201);
        }
        w.hands_in("seeker1", asked.id(), "a-sixth-one", picture())
            .await
            .refused(409, "evidence_full");
        let present = w.request_now(&asked).await;
        let seen = w.identified(&present).await;
        let no = json!({ "outcome": "refused", "ground": "record_correct", "note": "Right." });
        w.decided("office", &seen, no).await.ok();
        w.hands_in("seeker1", asked.id(), "after-it-all", picture())
            .await
            .refused(409, "state_conflict");
        assert_eq!(
            w.get(&list).by("office").send().await.ok().body["data"].as_array().unwrap().len(),
            5
        );
        // A phone that lost the answer gets it still.
        let again = w.hands_in("seeker1", asked.id(), "photo-4-of-five", picture()).await;
        assert_eq!(again.status, 201, "{}", again.body);
        w.clock.advance(TimeDelta::days(90) - TimeDelta::seconds(1));
        assert_eq!(forget_copies(&w.store, &rules()).unwrap().evidence, 0);
        w.clock.advance(TimeDelta::seconds(2));
        assert_eq!(forget_copies(&w.store, &rules()).unwrap().evidence, 5);
        assert_eq!(w.get(&list).by("office").send().await.ok().body["data"], json!([]));
    });
}

#[test]
fn the_files_of_an_erased_person_are_gone() {
    both(|w| async move {
        w.applicant(1).await;
        let asked = w.asked("seeker1", correction("village", "Setu")).await.ok();
        let made = w.hands_in("seeker1", asked.id(), "photo-one", picture()).await.ok();
        w.granted("seeker1", json!({ "kind": "erasure" })).await.ok();
        w.get(made.header("location")).by("office").send().await.refused(404, "not_found");
        assert_eq!(dump(&w.store, w.kind)["evidence_files"], Vec::<String>::new());
    });
}
