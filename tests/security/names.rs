//! Tricks with paths, and with the file that goes back to an office and is opened in a
//! spreadsheet there.

use crate::support::{World, both};
use musiman::domain::register::{Cell, Columns};
use musiman::outside::tables::RefusedRows;

#[test]
fn no_path_leads_out_of_the_routes() {
    both(|w: World| async move {
        for path in [
            "/../../../../etc/passwd",
            "/docs/../../etc/passwd",
            "/docs/..%2f..%2f..%2fetc%2fpasswd",
            "/docs/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
            "/docs/%252e%252e%252fetc%252fpasswd",
            "/docs/..%5c..%5cetc%5cpasswd",
            "/docs/%00",
            "/docs//etc/passwd",
            "/v1/job-seekers/../accounts",
            "/v1/job-seekers/%2e%2e/accounts",
            "/v1//accounts",
            "/v1/accounts/",
            "/v1/accounts;role=lead",
            "/v1/accounts%00",
            "/v1/accounts%20",
            "/v1/accounts.json",
            "/V1/ACCOUNTS",
            "//v1/accounts",
            "/./v1/accounts",
            "/.git/config",
            "/data/musiman.db",
            "/metrics",
            "/v1/job-seekers/%27%20OR%201%3D1",
            "/v1/job-seekers/01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11%0d%0aSet-Cookie:x=1",
            "/v1/job-seekers/{01993f0a-7d1e-7a53-9a0e-0b1b0a7a4c11}",
            "/v1/job-seekers/3216184703960002",
        ] {
            let told = w.get(path).by("kadin").send().await;
            assert!(
                matches!(told.status, 400 | 403 | 404),
                "{path}: {} {}",
                told.status,
                told.body
            );
            assert!(told.header("set-cookie").is_empty(), "{path}");
            let text = String::from_utf8_lossy(&told.bytes);
            assert!(!text.contains("root:x:0") && !text.contains("login"), "{path}: {text}");
        }
        let long = format!("/v1/job-seekers/{}", "a".repeat(60_000));
        assert!(matches!(w.get(&long).by("office").send().await.status, 400 | 404 | 414));
        for (name, value) in [
            ("x-http-method-override", "DELETE"),
            ("x-original-url", "/v1/accounts"),
            ("x-rewrite-url", "/v1/accounts"),
            ("x-forwarded-host", "evil.example"),
        ] {
            let told = w.get("/v1/seasons").by("kadin").header(name, value).send().await.ok();
            assert!(!String::from_utf8_lossy(&told.bytes).contains("evil"), "{name}");
            assert!(told.body["data"].is_array(), "{name}");
        }
    });
}

/// The cells of a file as a spreadsheet reads them: quoted ones in full.
fn cells(file: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .has_headers(false)
        .flexible(true)
        .from_reader(file.strip_prefix(b"\xef\xbb\xbf".as_slice()).expect("its mark"));
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

const FORMULAS: [&str; 14] = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1;1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u{a0}=1+1",
    "\u{ff1d}1+1",
    "=cmd|' /C calc'!A0",
    "=HYPERLINK(\"http://x.example\";\"x\")",
    "=1+1\";=1+1;\"",
    "%0A=1+1",
];

fn is_formula(cell: &str) -> bool {
    let first = cell.trim_start().chars().next();
    let begins = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    first.is_some_and(|c| begins.contains(&c)) || cell.starts_with(['\t', '\r', '\n'])
}

#[test]
fn no_cell_of_the_file_of_refused_rows_is_a_formula() {
    let header = ["NIK", "Nama Lengkap", "Tanggal Lahir", "Jenis Kelamin", "Kecamatan", "=1+1"];
    let columns = Columns::recognise(&header.map(str::to_owned)).expect("a header");
    let mut file = RefusedRows::begin(Vec::new(), &columns, "Masalah").unwrap();
    for formula in FORMULAS {
        let row = vec![Cell::Text(formula.to_owned()); 8];
        file.row(&row, formula).unwrap();
    }
    let file = file.finish().unwrap();
    let rows = cells(&file);
    assert_eq!(rows.len(), FORMULAS.len() + 1);
    assert!(rows[1..].iter().all(|row| row.len() == 9), "{rows:?}");
    let found: Vec<&String> = rows.iter().flatten().filter(|cell| is_formula(cell)).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn no_cell_of_a_register_comes_back_over_http_as_a_formula() {
    both(|w: World| async move {
        let mut register =
            "NIK;Nama Lengkap;Tanggal Lahir;Jenis Kelamin;Kecamatan;=1+1\r\n".to_owned();
        for formula in FORMULAS {
            let cell = format!("\"{}\"", formula.replace('"', "\"\""));
            register.push_str(&[cell.as_str(); 6].join(";"));
            register.push_str("\r\n");
        }
        let path = "/v1/imports/job-seekers?mode=apply";
        let upload = w.post(path).by("office").once().bytes("text/csv", register.into_bytes());
        let begun = upload.send().await.ok();
        w.work();
        let path = format!("/v1/imports/{}/refused-rows", begun.id());
        let sent = w.get(&path).by("office").send().await.ok();
        assert!(sent.header("content-disposition").starts_with("attachment; filename=\""));
        assert_eq!(sent.header("x-content-type-options"), "nosniff");
        let rows = cells(&sent.bytes);
        assert!(rows.len() > FORMULAS.len(), "{rows:?}");
        let found: Vec<&String> = rows.iter().flatten().filter(|cell| is_formula(cell)).collect();
        assert!(found.is_empty(), "{found:?}");
    });
}

#[test]
fn a_name_of_a_file_in_an_upload_names_nothing() {
    both(|w: World| async move {
        let path = "/v1/imports/job-seekers?mode=preview";
        let register = "NIK;Nama Lengkap;Tanggal Lahir;Jenis Kelamin;Kecamatan\r\n";
        for name in ["../../etc/passwd", "x.csv\"; filename=\"../y", "C:\\x.csv", "x\u{0}.csv"] {
            let name: String = name.chars().filter(|c| !c.is_control()).collect();
            let told = w
                .post(path)
                .by("office")
                .once()
                .header("content-disposition", &format!("attachment; filename=\"{name}\""))
                .bytes("text/csv", register.into())
                .send()
                .await
                .ok();
            assert!(!told.body.to_string().contains("passwd"), "{}", told.body);
        }
    });
}
