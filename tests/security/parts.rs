//! Workbooks that would hurt whoever reads them: refused before they are read, within a bound of
//! memory that is measured, and files of other kinds that only look like registers.

use musiman::domain::problem::Code;
use musiman::outside::tables::{FileProblem, Table};
use std::fs::File;
use std::io::{Cursor, Seek as _, SeekFrom, Write};
use std::process::Command;
use zip::write::SimpleFileOptions;

pub const XLSX: &str = "tests/data/pencari_kerja.xlsx";
/// Bytes of a part that no reader should hold as a whole.
const HUGE: usize = 32 * 1024 * 1024;
/// What looking through any workbook may take beyond what the process has, in KiB.
const BOUND: u64 = 16 * 1024;

/// The workbook with one part more, or with another in the place of its own, on the disk.
pub fn book(name: &str, write: &dyn Fn(&mut dyn Write)) -> File {
    let mut from = zip::ZipArchive::new(File::open(XLSX).unwrap()).unwrap();
    let mut to = zip::ZipWriter::new(tempfile::tempfile().unwrap());
    for at in 0..from.len() {
        let part = from.by_index(at).unwrap();
        if part.name().unwrap() != name {
            to.raw_copy_file(part).unwrap();
        }
    }
    to.start_file(name, SimpleFileOptions::default()).unwrap();
    write(&mut to);
    let mut file = to.finish().unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    file
}

/// Text that deflate does not make a thousandth of, so that the ratio alone does not refuse it.
fn noise(out: &mut dyn Write, bytes: usize) {
    let mut state = 0x9e37_79b9_u32;
    let mut piece = vec![0u8; 64 * 1024];
    for _ in 0..bytes / piece.len() {
        for byte in piece.iter_mut().step_by(8) {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            *byte = b'a' + u8::try_from(state % 16).unwrap();
        }
        piece.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b'x');
        out.write_all(&piece).unwrap();
    }
}

fn code(file: File) -> Option<Code> {
    match Table::open(file) {
        Ok(_) => None,
        Err(FileProblem::Refused(problems)) => Some(problems.0[0].reason.code),
        Err(FileProblem::Io(error)) => panic!("{error}"),
    }
}

pub const SHEET: &str = "xl/worksheets/sheet1.xml";
const OPEN: &[u8] = b"<worksheet><sheetData>";

/// Each hostile part by its name in the child process that measures it.
pub fn hostile(what: &str) -> (File, Code) {
    let sheet = |write: &dyn Fn(&mut dyn Write)| {
        book(SHEET, &|out| {
            out.write_all(OPEN).unwrap();
            write(out);
        })
    };
    match what {
        "deep" => (
            sheet(&|out| (0..200_000).for_each(|n| write!(out, "<a{n}>").unwrap())),
            Code::FileUnsafe,
        ),
        "a long text" => (sheet(&|out| noise(out, HUGE)), Code::FileUnsafe),
        "a long tag" => (
            sheet(&|out| {
                out.write_all(b"<row a=\"").unwrap();
                noise(out, HUGE);
            }),
            Code::FileUnsafe,
        ),
        "a long remark" => (
            sheet(&|out| {
                out.write_all(b"<!--").unwrap();
                noise(out, HUGE);
            }),
            Code::FileUnsafe,
        ),
        "entities" => (
            book(SHEET, &|out| {
                out.write_all(b"<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\">")
                    .unwrap();
                for n in 0..20 {
                    write!(out, "<!ENTITY a{n} \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">").unwrap();
                }
                out.write_all(b"]><worksheet>&a19;</worksheet>").unwrap();
            }),
            Code::FileUnsafe,
        ),
        "an outer entity" => (
            book("xl/styles.xml", &|out| {
                out.write_all(
                    b"<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
                )
                .unwrap();
            }),
            Code::FileUnsafe,
        ),
        "an archive inside" => (
            book("xl/embeddings/book.xlsx", &|out| {
                out.write_all(&std::fs::read(XLSX).unwrap()).unwrap();
            }),
            Code::FileUnsafe,
        ),
        "a ratio" => (
            book("xl/media/image1.bin", &|out| {
                (0..64).for_each(|_| out.write_all(&vec![0; 1024 * 1024]).unwrap());
            }),
            Code::FileUnpacksTooLarge,
        ),
        "a sheet in another alphabet" => (
            book(SHEET, &|out| {
                let text: Vec<u8> =
                    "<worksheet/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
                out.write_all(&text).unwrap();
            }),
            Code::FileUnsafe,
        ),
        other => panic!("{other}"),
    }
}

pub const ALL: [&str; 9] = [
    "deep",
    "a long text",
    "a long tag",
    "a long remark",
    "entities",
    "an outer entity",
    "an archive inside",
    "a ratio",
    "a sheet in another alphabet",
];

const WHAT: &str = "TEST_HOSTILE_PART";

/// The most memory that this process ever had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

/// In a process of its own, whose peak nobody else raises. The file is made before it is measured.
fn measured(what: &str) {
    let (file, expected) = hostile(what);
    let before = peak();
    assert_eq!(code(file), Some(expected), "{what}");
    let grown = peak() - before;
    assert!(grown < BOUND, "{what}: {grown} KiB");
    println!("{what}: {grown} KiB");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what to do comes from the process that starts it")]
fn a_hostile_part_is_refused_within_a_bound_of_memory() {
    if let Ok(what) = std::env::var(WHAT) {
        return measured(&what);
    }
    for what in ALL {
        let child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "parts::a_hostile_part_is_refused_within_a_bound_of_memory",
                "--nocapture",
            ])
            .env(WHAT, what)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout).into_owned();
        let told = String::from_utf8_lossy(&child.stderr).into_owned();
        assert!(child.status.success() && said.contains(" KiB"), "{what}: {said}{told}");
        eprintln!("{}", said.lines().find(|line| line.ends_with(" KiB")).unwrap_or_default());
    }
}

fn of(bytes: &[u8]) -> Option<Code> {
    match Table::open(Cursor::new(bytes.to_vec())) {
        Ok(_) => None,
        Err(FileProblem::Refused(problems)) => Some(problems.0[0].reason.code),
        Err(FileProblem::Io(error)) => panic!("{error}"),
    }
}

/// An archive with these parts.
fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        to.start_file(*name, SimpleFileOptions::default()).unwrap();
        to.write_all(text.as_bytes()).unwrap();
    }
    to.finish().unwrap().into_inner()
}

/// Files of other kinds that only look like registers.
pub fn of_other_kinds() -> Vec<(&'static str, Vec<u8>)> {
    let types = ("[Content_Types].xml", "<Types/>");
    vec![
        ("a text document", archive(&[types, ("word/document.xml", "<w/>")])),
        ("a binary workbook", archive(&[types, ("xl/workbook.bin", "x")])),
        ("an open document", archive(&[("mimetype", "application/x"), ("content.xml", "<o/>")])),
        ("a program", archive(&[("META-INF/MANIFEST.MF", "Main-Class: X")])),
        ("an empty archive", archive(&[("x", "")])),
        ("a page", b"<html><table><tr><td>NIK</td></tr></table></html>".to_vec()),
        ("a page after space", b"\n  <!DOCTYPE html>".to_vec()),
        ("rich text", b"{\\rtf1 NIK;Nama}".to_vec()),
        ("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec()),
        ("a PDF", b"%PDF-1.7\nNIK;Nama".to_vec()),
        ("a picture", b"\x89PNG\r\n\x1a\n".to_vec()),
        ("gzip", b"\x1f\x8b\x08 NIK;Nama".to_vec()),
        ("RAR", b"Rar!\x1a\x07 NIK;Nama".to_vec()),
    ]
}

#[test]
fn what_a_file_is_its_content_tells_and_not_its_name() {
    assert_eq!(of(&std::fs::read(XLSX).unwrap()), None);
    for (what, bytes) in of_other_kinds() {
        assert_eq!(of(&bytes), Some(Code::FileKindUnknown), "{what}");
    }
}
