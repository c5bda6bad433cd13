//! A register as a workbook. Bytes that are no archive are put into one as its only sheet.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::io::{Cursor, Write as _};

#[path = "../register.rs"]
mod register;

const PARTS: [(&str, &str); 3] = [
    (
        "_rels/.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    ),
];

fn packed(sheet: &[u8]) -> Option<Vec<u8>> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let plain = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored);
    for (name, text) in PARTS {
        zip.start_file(name, plain).ok()?;
        zip.write_all(text.as_bytes()).ok()?;
    }
    zip.start_file("xl/worksheets/sheet1.xml", plain).ok()?;
    zip.write_all(sheet).ok()?;
    Some(zip.finish().ok()?.into_inner())
}

/// The reader of workbooks panics on some sheets, and the import contains that; any other panic is a
/// find.
fn contain() {
    let found = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |told| {
        if !told.location().is_some_and(|place| place.file().contains("calamine")) {
            found(told);
        }
    }));
}

fuzz_target!(init: contain(), |bytes: &[u8]| {
    if bytes.starts_with(b"PK\x03\x04") {
        register::read(bytes.to_vec());
    } else if let Some(book) = packed(bytes) {
        register::read(book);
    }
});
