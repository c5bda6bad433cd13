//! Hostile registers over HTTP, to the end of their job: each is refused with a code or judged row by
//! row, none writes anybody, and the worker takes the next good one.

use crate::parts::{ALL, SHEET, XLSX, book, hostile, of_other_kinds};
use crate::support::{Answer, World, both};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{Cursor, Read as _, Write};
use zip::write::SimpleFileOptions;

const BOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const CSV: &str = "text/csv";
const HEADER: &str = "NIK;Nama Lengkap;Tanggal Lahir;Jenis Kelamin;Kecamatan";
/// Three rows as they should be.
const GOOD: &str = "3216184703960001;Siti Contoh;1996-03-07;Perempuan;Pebayuran\r\n\
    3216184703960002;Siti Contoh;1996-03-07;Perempuan;Pebayuran\r\n\
    3216184703960003;Siti Contoh;1996-03-07;Perempuan;Pebayuran\r\n";

fn whole(mut file: File) -> Vec<u8> {
    let mut bytes = vec![];
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

/// A sheet of rows, each of cells as they stand in its XML.
fn sheet(rows: &[Vec<String>]) -> Vec<u8> {
    whole(book(SHEET, &|out| {
        write!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>").unwrap();
        for (at, cells) in rows.iter().enumerate() {
            write!(out, "<row r=\"{}\">{}</row>", at + 1, cells.concat()).unwrap();
        }
        out.write_all(b"</sheetData></worksheet>").unwrap();
    }))
}

fn cell(text: &str) -> String {
    format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

fn cells(line: &str) -> Vec<String> {
    line.split(';').map(cell).collect()
}

/// A sheet with the header and one row in which something is wrong.
fn with_row(row: Vec<String>) -> Vec<u8> {
    sheet(&[cells(HEADER), row])
}

/// The row of a good person with another cell in that place.
fn row_with(at: usize, cell: String) -> Vec<String> {
    let mut row = cells(GOOD.lines().next().unwrap());
    row[at] = cell;
    row
}

fn csv(rows: &[u8]) -> Vec<u8> {
    [HEADER.as_bytes(), b"\r\n", rows].concat()
}

/// The workbook with parts whose names lead elsewhere.
fn with_names() -> Vec<u8> {
    let mut from = zip::ZipArchive::new(File::open(XLSX).unwrap()).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in
        ["../../../tmp/musiman-was-here", "/tmp/musiman-was-here", "C:\\was-here", "xl/../../x"]
    {
        to.start_file(name, SimpleFileOptions::default()).unwrap();
        to.write_all(b"x").unwrap();
    }
    for at in 0..from.len() {
        to.raw_copy_file(from.by_index(at).unwrap()).unwrap();
    }
    to.finish().unwrap().into_inner()
}

/// How a job ends.
#[derive(Debug, PartialEq, Eq)]
enum Ends {
    /// With that code for the whole file.
    Fails(String),
    /// With every row refused, the first for that reason.
    Refuses(String),
}
use Ends::{Fails, Refuses};

type Files = Vec<(String, Vec<u8>, Ends)>;

fn fails(code: &str) -> Ends {
    Fails(code.to_owned())
}

fn refuses(code: &str) -> Ends {
    Refuses(code.to_owned())
}

fn books() -> Files {
    let mut all: Files = vec![];
    for what in ALL {
        let (file, code) = hostile(what);
        all.push((what.to_owned(), whole(file), fails(code.as_str())));
    }
    for (what, bytes) in of_other_kinds() {
        all.push((what.to_owned(), bytes, fails("file_kind_unknown")));
    }
    let honest = std::fs::read(XLSX).unwrap();
    let mut bent = honest.clone();
    bent.truncate(honest.len() / 2);
    let beyond = "<c r=\"A4294967297\"><v>1</v></c>".to_owned();
    let formula = "<c t=\"str\"><f>HYPERLINK(\"http://x.example\",\"x\")</f><v>=1+1</v></c>";
    let wide = (0..1200).map(|_| cell("x")).collect();
    for (what, bytes, ends) in [
        ("half a workbook", bent, fails("file_unreadable")),
        ("a cell beyond all rows", with_row(vec![beyond]), fails("file_unreadable")),
        ("a formula", with_row(row_with(0, formula.to_owned())), refuses("nik_unreadable")),
        ("a huge cell", with_row(row_with(1, cell(&"a".repeat(900_000)))), refuses("too_long")),
        ("a thousand columns", with_row(wide), refuses("row_broken")),
        (
            "an error",
            with_row(row_with(2, "<c t=\"e\"><v>#REF!</v></c>".to_owned())),
            refuses("day_invalid"),
        ),
        ("a NUL", with_row(row_with(1, cell("Siti\u{0}Contoh"))), fails("file_unsafe")),
        (
            "a string that is not there",
            with_row(row_with(1, "<c t=\"s\"><v>99999999</v></c>".to_owned())),
            fails("file_unreadable"),
        ),
    ] {
        all.push((what.to_owned(), bytes, ends));
    }
    all
}

fn texts() -> Files {
    let row = |name: &[u8]| {
        let rest = b";1996-03-07;Perempuan;Pebayuran\r\n";
        csv(&[b"3216184703960001;", name, rest].concat())
    };
    let columns = |line: &str| format!("{line}{}\r\n", ";x".repeat(1500));
    let wide = [columns(HEADER), columns("x;Siti;1996-03-07;Perempuan;Pebayuran")].concat();
    let all = vec![
        ("NULs", row(b"Siti\0Contoh"), fails("file_kind_unknown")),
        ("bad UTF-8", row(b"Siti \xc3\x28 \x81\x8d"), refuses("name_invalid")),
        ("a huge cell", row(&vec![b'a'; 60_000]), refuses("too_long")),
        ("a row without an end", row(&vec![b'a'; 9_000_000]), refuses("row_broken")),
        (
            "a quote without an end",
            csv(b"\"3216184703960001;Siti;1996-03-07\r\nx;y\r\n"),
            refuses("row_broken"),
        ),
        (
            "columns twice",
            format!("NIK;{HEADER}\r\nx;{GOOD}").into_bytes(),
            refuses("nik_unreadable"),
        ),
        ("a thousand columns", wide.into_bytes(), refuses("row_broken")),
        ("nothing but NULs", vec![0; 100_000], fails("file_kind_unknown")),
        ("half of UTF-16", b"\xff\xfeN".to_vec(), fails("header_missing")),
    ];
    all.into_iter().map(|(what, bytes, ends)| (what.to_owned(), bytes, ends)).collect()
}

impl World {
    async fn comes(&self, media_type: &str, bytes: Vec<u8>) -> Answer {
        let path = "/v1/imports/job-seekers?mode=apply";
        let begun = self.post(path).by("office").once().bytes(media_type, bytes).send().await.ok();
        assert_eq!(begun.status, 202);
        self.work();
        let path = format!("/v1/imports/{}", begun.id());
        self.get(&path).by("office").send().await.ok()
    }

    /// The code with which the job failed, or that of the first row of those that were all refused.
    async fn ended(&self, media_type: &str, bytes: Vec<u8>) -> Ends {
        let import = self.comes(media_type, bytes).await;
        let told = &import.body;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        if told["state"] == "failed" {
            assert_eq!(told["problem"], told["problems"][0]["code"], "{told}");
            return Fails(text(&told["problem"]));
        }
        assert_eq!((&told["state"], &told["problem"]), (&json!("done"), &Value::Null), "{told}");
        let rows = format!("/v1/imports/{}/rows", import.id());
        let rows = self.get(&rows).by("office").send().await.ok().body["data"].take();
        let all_refused = rows.as_array().unwrap().iter().all(|row| row["outcome"] == "refused");
        if !all_refused {
            return Refuses(rows.to_string());
        }
        Refuses(text(&rows[0]["problems"][0]["code"]))
    }

    async fn must_end(&self, media_type: &str, files: Files) {
        let mut wrong = vec![];
        for (what, bytes, ends) in files {
            let ended = self.ended(media_type, bytes).await;
            if ended != ends {
                wrong.push(format!("{what}: {ended:?} instead of {ends:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// Nobody came in by what was refused, and the next good register is read.
    async fn goes_on(&self) {
        let list = self.get("/v1/job-seekers").by("office").send().await.ok();
        assert_eq!(list.body["data"], json!([]));
        let good = self.comes(CSV, csv(GOOD.as_bytes())).await;
        assert_eq!(
            (&good.body["state"], &good.body["counts"]["new"]),
            (&json!("done"), &json!(3)),
            "{}",
            good.body
        );
    }
}

#[test]
fn a_hostile_workbook_ends_its_job_with_a_code_and_the_worker_goes_on() {
    both(|w: World| async move {
        w.must_end(BOOK, books()).await;
        w.goes_on().await;
    });
}

#[test]
fn a_hostile_text_is_judged_row_by_row_and_the_worker_goes_on() {
    both(|w: World| async move {
        w.must_end(CSV, texts()).await;
        w.goes_on().await;
    });
}

#[test]
fn names_of_parts_lead_nowhere() {
    both(|w: World| async move {
        let import = w.comes(BOOK, with_names()).await;
        assert_eq!(import.body["state"], "done", "{}", import.body);
        let honest = w.comes(BOOK, std::fs::read(XLSX).unwrap()).await;
        assert!(import.body["counts"]["new"].as_u64() > Some(0), "{}", import.body);
        assert_eq!(honest.body["counts"]["unchanged"], import.body["counts"]["new"]);
        assert!(!std::path::Path::new("/tmp/musiman-was-here").exists());
    });
}
