//! Registers over HTTP: uploaded, judged, stored, mended, and left off in the middle.

use crate::support::{Answer, World, both, rules};
use chrono::TimeDelta;
use musiman::acts::forget_copies::{Forgotten, forget_copies};
use musiman::db::{Fault, copy};
use serde_json::{Value, json};

const CSV: &str = "text/csv";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const REGISTER: &str = "tests/data/pencari_kerja.csv";
const BOOK: &str = "tests/data/pencari_kerja.xlsx";

fn register() -> Vec<u8> {
    std::fs::read(REGISTER).unwrap()
}

/// The header and the first rows of the register.
fn first(rows: usize) -> Vec<u8> {
    register().split_inclusive(|b| *b == b'\n').take(rows + 1).flatten().copied().collect()
}

fn counts(new: u64, unchanged: u64, refused: u64, warned: u64) -> Value {
    json!({
        "new": new, "unchanged": unchanged, "changed": 0, "conflict": 0, "refused": refused,
        "warned": warned,
    })
}

impl World {
    async fn upload(&self, mode: &str, media_type: &str, body: Vec<u8>) -> Answer {
        let path = format!("/v1/imports/job-seekers?mode={mode}");
        self.post(&path).by("office").once().bytes(media_type, body).send().await
    }

    async fn import(&self, id: &str) -> Answer {
        self.get(&format!("/v1/imports/{id}")).by("office").send().await.ok()
    }

    /// Uploads, runs the job, and gives the import as it ended.
    async fn imported(&self, mode: &str, media_type: &str, body: Vec<u8>) -> Answer {
        let begun = self.upload(mode, media_type, body).await.ok();
        assert_eq!(begun.status, 202);
        self.work();
        self.import(begun.id()).await
    }

    async fn rows(&self, id: &str, query: &str) -> Answer {
        self.get(&format!("/v1/imports/{id}/rows?{query}")).by("office").send().await
    }

    async fn is_register_empty(&self) -> bool {
        let list = self.get("/v1/job-seekers").by("office").send().await.ok();
        list.body["data"] == json!([])
    }
}

#[test]
fn a_register_is_imported_exactly_and_a_second_time_changes_nothing() {
    both(|w| async move {
        let begun = w.upload("apply", "text/csv; charset=utf-8", register()).await.ok();
        assert_eq!((begun.status, &begun.body["state"]), (202, &json!("waiting")));
        assert_eq!(begun.header("location"), format!("/v1/imports/{}", begun.id()));
        w.work();
        let done = w.import(begun.id()).await;
        assert_eq!(done.body["state"], "done");
        assert_eq!(done.body["counts"], counts(4848, 0, 152, 60));
        assert_eq!(done.body["rows_done"], 5000);
        assert_eq!((&done.body["rows_total"], &done.body["format"]), (&json!(5000), &json!("csv")));
        let job = format!("/v1/jobs/{}", done.body["job_id"].as_str().unwrap());
        let job = w.get(&job).by("office").send().await.ok();
        assert_eq!((&job.body["state"], &job.body["done"]), (&json!("done"), &json!(5000)));
        let again = w.imported("apply", CSV, register()).await;
        assert_eq!(again.body["counts"], counts(0, 4848, 152, 60));
        let book = w.imported("apply", XLSX, std::fs::read(BOOK).unwrap()).await;
        assert_eq!(book.body["counts"], counts(0, 487, 13, 6));
        assert_eq!(book.body["format"], "xlsx");
    });
}

#[test]
fn a_preview_judges_every_row_and_writes_none() {
    both(|w| async move {
        let book = std::fs::read(BOOK).unwrap();
        let seen = w.imported("preview", "application/octet-stream", book.clone()).await;
        assert_eq!(seen.body["counts"], counts(487, 0, 13, 6));
        assert!(w.is_register_empty().await);
        w.imported("apply", XLSX, book.clone()).await;
        let seen = w.imported("preview", XLSX, book).await;
        assert_eq!(seen.body["counts"], counts(0, 487, 13, 6));
    });
}

#[test]
fn rows_are_listed_page_by_page_in_the_order_of_the_file() {
    both(|w| async move {
        let id = w.imported("apply", CSV, first(1200)).await.id().to_owned();
        let (mut numbers, mut query) = (vec![], "limit=100".to_owned());
        loop {
            let page = w.rows(&id, &query).await.ok();
            let data = page.body["data"].as_array().unwrap().clone();
            numbers.extend(data.iter().map(|row| row["row"].as_u64().unwrap()));
            let Some(cursor) = page.body["next_cursor"].as_str() else { break };
            query = format!("limit=100&cursor={cursor}");
        }
        assert_eq!(numbers, (1..=1200).collect::<Vec<u64>>());
        let stranger = format!("outcome=new&{}", query.trim_start_matches("limit=100&"));
        w.rows(&id, &stranger).await.refused(400, "cursor_invalid");
        w.rows(&id, "outcome=lost").await.refused(400, "parameter_invalid");
    });
}

#[test]
fn a_refused_row_says_why_in_the_readers_language() {
    both(|w| async move {
        let id = w.imported("preview", CSV, first(600)).await.id().to_owned();
        let path = format!("/v1/imports/{id}/rows?outcome=refused&limit=1");
        let mut details = vec![];
        for language in ["id", "ko", "en"] {
            let asked = w.get(&path).by("office").header("accept-language", language);
            let row = asked.send().await.ok().body["data"][0].clone();
            assert_eq!(row["outcome"], "refused");
            assert_eq!(row["problems"][0]["code"], "nik_length");
            assert_eq!(row["problems"][0]["column"], "NIK");
            details.push(row["problems"][0]["detail"].as_str().unwrap().to_owned());
        }
        details.dedup();
        assert_eq!(details.len(), 3);
        let warned = w.rows(&id, "told=true&outcome=new").await.ok();
        let codes = &warned.body["data"][0]["problems"][0]["code"];
        assert!(codes.as_str().unwrap().contains("differs_from_nik"), "{codes}");
    });
}

#[test]
fn a_changed_row_names_its_fields_and_a_confirmed_person_is_never_overwritten() {
    both(|w| async move {
        let line = |nik: &str, name: &str, months: u32| {
            format!("NIK;Nama;Tgl Lahir;L/P;Kecamatan;Pengalaman Tani\n{nik};{name};1996-03-07;P;Setu;{months}\n")
                .into_bytes()
        };
        let nik = "3216184703960002";
        w.imported("apply", CSV, line(nik, "Siti Contoh", 12)).await;
        let changed = w.imported("apply", CSV, line(nik, "Siti Contoh", 24)).await;
        assert_eq!(changed.body["counts"]["changed"], 1);
        let rows = w.rows(changed.id(), "").await.ok();
        assert_eq!(rows.body["data"][0]["changed_fields"], json!(["farm_months"]));
        let list = w.get("/v1/job-seekers").by("office").send().await.ok();
        let path = format!("/v1/job-seekers/{}", list.body["data"][0]["id"].as_str().unwrap());
        let one = w.get(&path).by("office").send().await.ok();
        let confirm = w.post(&format!("{path}/verification")).by("office").if_match(one.etag());
        confirm.send().await.ok();
        let differs = w.imported("apply", CSV, line(nik, "Siti Lain", 24)).await;
        assert_eq!(differs.body["counts"]["conflict"], 1);
        let rows = w.rows(differs.id(), "outcome=conflict&told=true").await.ok();
        assert_eq!(rows.body["data"][0]["changed_fields"], json!(["name"]));
        assert_eq!(rows.body["data"][0]["problems"][0]["code"], "identity_conflict");
        let one = w.get(&path).by("office").send().await.ok();
        assert_eq!(one.body["name"], "Siti Contoh");
    });
}

#[test]
fn refused_rows_come_back_as_a_file_that_is_accepted_when_it_is_mended() {
    both(|w| async move {
        let rows = "Hobi;NIK;Nama;Tgl Lahir;L/P;Kecamatan\n\
            tani;321618470396;Siti Contoh;1996-03-07;P;Setu\n\
            laut;3216184703960003;Ani Contoh;1996-03-07;P;Setu\n\
            tani;3216184703960004;;1996-03-07;P;Setu\n";
        let first = w.imported("apply", CSV, rows.into()).await;
        assert_eq!(first.body["counts"], counts(1, 0, 2, 0));
        assert_eq!(first.body["ignored_columns"], json!(["Hobi"]));
        let path = format!("/v1/imports/{}/refused-rows", first.id());
        let file = w.get(&path).by("office").send().await.ok();
        assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
        assert!(file.header("content-disposition").starts_with("attachment"));
        let text = String::from_utf8(file.bytes).unwrap();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.contains("Masalah") && text.contains("NIK: "), "{text}");
        let same = w.imported("apply", CSV, text.clone().into()).await;
        assert_eq!(same.body["counts"], counts(0, 0, 2, 0));
        let mended = text
            .replace("321618470396;", "3216184703960002;")
            .replace("3216184703960004;;", "3216184703960004;Budi Contoh;");
        let mended = w.imported("apply", CSV, mended.into()).await;
        assert_eq!(mended.body["counts"], counts(2, 0, 0, 0));
    });
}

#[test]
fn an_import_that_was_left_off_goes_on_elsewhere_without_doubling_anybody() {
    both(|w| async move {
        let begun = w.upload("apply", CSV, register()).await.ok();
        for rows in [500, 1000] {
            w.begin_work();
            let now = w.import(begun.id()).await;
            assert_eq!(
                (&now.body["state"], &now.body["rows_done"]),
                (&json!("running"), &json!(rows))
            );
            assert_eq!(now.body["rows_total"], 5000);
            assert_ne!(now.etag(), begun.etag());
            let early = format!("/v1/imports/{}/refused-rows", begun.id());
            w.get(&early).by("office").send().await.refused(409, "state_conflict");
            w.work();
            assert_eq!(w.import(begun.id()).await.body["rows_done"], rows, "the lease holds");
            w.clock.advance(TimeDelta::seconds(31));
        }
        w.work();
        let done = w.import(begun.id()).await;
        assert_eq!((&done.body["state"], &done.body["rows_done"]), (&json!("done"), &json!(5000)));
        assert_eq!(done.body["counts"], counts(4848, 0, 152, 60));
        let again = w.imported("preview", CSV, register()).await;
        assert_eq!(again.body["counts"], counts(0, 4848, 152, 60));
    });
}

#[test]
fn a_file_that_is_none_ends_its_job_with_a_code() {
    both(|w| async move {
        let no_header = "Nama;NIK\nSiti;3216184703960002\n";
        for (body, code) in [
            (b"%PDF-1.7 not a register".to_vec(), "file_kind_unknown"),
            (b"PK\x03\x04 and then nothing".to_vec(), "file_unreadable"),
            (no_header.into(), "column_missing"),
            (Vec::new(), "header_missing"),
        ] {
            let ended = w.imported("apply", "application/octet-stream", body).await;
            assert_eq!(
                (&ended.body["state"], &ended.body["problem"]),
                (&json!("failed"), &json!(code))
            );
            assert_eq!(ended.body["problems"][0]["code"], code);
            let rows = w.rows(ended.id(), "").await.ok();
            assert_eq!(rows.body["data"], json!([]));
            let path = format!("/v1/imports/{}/refused-rows", ended.id());
            w.get(&path).by("office").send().await.refused(409, "state_conflict");
        }
        let columns = w.imported("apply", CSV, no_header.into()).await.body["problems"].clone();
        let named: Vec<&str> =
            columns.as_array().unwrap().iter().filter_map(|p| p["column"].as_str()).collect();
        assert_eq!(named, ["Tanggal Lahir", "Jenis Kelamin", "Kecamatan"]);
        assert!(w.is_register_empty().await);
    });
}

#[test]
fn an_upload_is_taken_once_whatever_the_line_does() {
    both(|w| async move {
        let key = w.clock.new_id().to_string();
        let send = |mode: &str, body: Vec<u8>| {
            let path = format!("/v1/imports/job-seekers?mode={mode}");
            w.post(&path).by("office").key(&key).bytes(CSV, body).send()
        };
        let one = send("apply", first(3)).await.ok();
        let two = send("apply", first(3)).await.ok();
        assert_eq!((one.id(), one.body["job_id"].clone()), (two.id(), two.body["job_id"].clone()));
        send("apply", first(4)).await.refused(422, "idempotency_key_reused");
        send("preview", first(3)).await.refused(422, "idempotency_key_reused");
    });
}

#[test]
fn an_upload_of_another_kind_or_size_is_refused() {
    both(|w| async move {
        w.upload("apply", "application/pdf", first(3)).await.refused(415, "media_type_unsupported");
        w.upload("apply", CSV, vec![b'x'; 64 * 1024 * 1024 + 1])
            .await
            .refused(413, "body_too_large");
        w.upload("both", CSV, first(3)).await.refused(400, "parameter_invalid");
        let path = "/v1/imports/job-seekers?mode=apply";
        let keyless = w.post(path).by("office").bytes(CSV, first(3)).send().await;
        keyless.refused(400, "idempotency_key_missing");
        for path in ["", "/rows", "/refused-rows"] {
            let nowhere = format!("/v1/imports/{}{path}", w.clock.new_id());
            w.get(&nowhere).by("office").send().await.refused(404, "not_found");
        }
    });
}

#[test]
fn only_the_office_imports_and_reads_imports() {
    both(|w| async move {
        let id = w.upload("preview", CSV, first(3)).await.ok().id().to_owned();
        let send = w.post("/v1/imports/job-seekers?mode=apply").by("kadin").once();
        send.bytes(CSV, first(3)).send().await.refused(403, "role_forbidden");
        for path in ["", "/rows", "/refused-rows"] {
            let path = format!("/v1/imports/{id}{path}");
            w.get(&path).by("kadin").send().await.refused(403, "role_forbidden");
        }
    });
}

#[test]
fn an_uploaded_register_goes_when_its_time_is_over_and_its_counts_stay() {
    both(|w| async move {
        let done = w.imported("apply", CSV, first(40)).await;
        let waiting = w.upload("preview", CSV, first(3)).await.ok();
        let pieces = |table| w.store.read::<_, Fault>(|conn, _| copy::count(conn, table)).unwrap();
        assert!(pieces("import_verdicts") > 0 && pieces("once") > 0);
        let forget = || forget_copies(&w.store, &rules()).unwrap();
        w.clock.advance(TimeDelta::days(30) - TimeDelta::seconds(1));
        assert_eq!(forget().uploads, 0);
        w.clock.advance(TimeDelta::seconds(2));
        assert_eq!(forget(), Forgotten { uploads: 1, ..Forgotten::default() });
        assert_eq!((pieces("import_verdicts"), pieces("import_chunks"), pieces("once")), (0, 1, 0));
        assert_eq!(forget().uploads, 0, "what still waits for its job stays");
        let now = w.import(done.id()).await;
        assert_eq!(now.body["counts"], done.body["counts"]);
        assert!(now.body["destroyed_at"].is_string() && done.body["destroyed_at"].is_null());
        assert_eq!(w.rows(done.id(), "").await.ok().body["data"], json!([]));
        let refused = w.get(&format!("/v1/imports/{}/refused-rows", done.id())).by("office");
        refused.send().await.refused(409, "state_conflict");
        w.work();
        assert_eq!(w.import(waiting.id()).await.body["state"], "done");
    });
}
