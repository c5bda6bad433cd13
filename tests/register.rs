//! A register of 5,000 made-up job seekers and its first 500 as a workbook, read to the last row;
//! then the same register in other habits, broken files, hostile files, and a large one.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use musiman::domain::problem::Code;
use musiman::domain::register::{Cell, Columns, Field, Format, RowVerdict, Seen, read_row};
use musiman::outside::tables::{FileProblem, RefusedRows, Row, Table};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

const CSV: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/pencari_kerja.csv");
const XLSX: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/pencari_kerja.xlsx");

/// What came out of a whole register.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    accepted: u32,
    refused: u32,
    problems: BTreeMap<&'static str, u32>,
    warnings: BTreeMap<&'static str, u32>,
}

fn judged(table: &mut Table) -> Vec<(Row, RowVerdict)> {
    let columns = table.columns().clone();
    let today = "2026-11-24".parse().unwrap();
    let mut seen = Seen::default();
    let verdict = |row: Row| {
        let number = u32::try_from(row.number).unwrap();
        let verdict = seen.admit(&columns, number, read_row(&columns, &row.cells, today));
        (row, verdict)
    };
    table.rows().unwrap().map(Result::unwrap).map(verdict).collect()
}

fn outcome(table: &mut Table) -> Outcome {
    let mut outcome = Outcome::default();
    for (_, verdict) in judged(table) {
        let (place, reasons) = match verdict {
            RowVerdict::Accepted(accepted) => {
                outcome.accepted += 1;
                (&mut outcome.warnings, accepted.warnings)
            }
            RowVerdict::Refused(refused) => {
                outcome.refused += 1;
                (&mut outcome.problems, refused.problems.0)
            }
        };
        for wrong in reasons {
            *place.entry(wrong.reason.code.as_str()).or_default() += 1;
        }
    }
    outcome
}

fn file(path: &str) -> Table {
    Table::open(File::open(path).unwrap()).unwrap()
}

fn table(bytes: impl Into<Vec<u8>>) -> Table {
    Table::open(Cursor::new(bytes.into())).unwrap()
}

fn file_codes(bytes: impl Into<Vec<u8>>) -> Vec<Code> {
    match Table::open(Cursor::new(bytes.into())) {
        Ok(_) => vec![],
        Err(FileProblem::Refused(problems)) => problems.0.iter().map(|w| w.reason.code).collect(),
        Err(FileProblem::Io(error)) => panic!("{error}"),
    }
}

fn text_of_csv() -> String {
    std::fs::read_to_string(CSV).unwrap().trim_start_matches('\u{feff}').to_owned()
}

/// The register as cells; it has no quotes and no line breaks in cells.
fn cells_of_csv() -> Vec<Vec<String>> {
    text_of_csv().lines().map(|l| l.split(';').map(str::to_owned).collect()).collect()
}

fn joined(rows: &[Vec<String>], delimiter: &str, line_end: &str) -> String {
    rows.iter().map(|row| row.join(delimiter) + line_end).collect()
}

#[test]
fn the_csv_gives_exactly_what_a_careful_reader_finds() {
    let mut table = file(CSV);
    assert_eq!(table.format(), Format::Csv);
    assert_eq!(table.columns().ignored(), Vec::<&str>::new());
    let outcome = outcome(&mut table);
    assert_eq!((outcome.accepted, outcome.refused), (4848, 152));
    assert_eq!(
        outcome.problems,
        BTreeMap::from([
            ("kecamatan_unknown", 18),
            ("name_empty", 21),
            ("nik_date_impossible", 26),
            ("nik_length", 29),
            ("nik_twice_in_file", 21),
            ("nik_unreadable", 24),
            ("phone_invalid", 13),
        ])
    );
    assert_eq!(
        outcome.warnings,
        BTreeMap::from([("birth_date_differs_from_nik", 36), ("sex_differs_from_nik", 24)])
    );
}

#[test]
fn the_workbook_gives_the_same_for_its_rows() {
    let mut table = file(XLSX);
    assert_eq!(table.format(), Format::Xlsx);
    let book = outcome(&mut table);
    assert_eq!((book.accepted, book.refused), (487, 13));
    assert_eq!(book.warnings.values().sum::<u32>(), 6);
    let first_500 = joined(&cells_of_csv()[..501], ";", "\n");
    assert_eq!(outcome(&mut self::table(first_500)), book);
}

#[test]
fn a_workbook_and_a_text_file_tell_the_same_seekers() {
    let seekers = |table: &mut Table| -> Vec<_> {
        let accepted = judged(table).into_iter().filter_map(|(row, verdict)| match verdict {
            RowVerdict::Accepted(a) => Some((row.number, a.seeker)),
            RowVerdict::Refused(_) => None,
        });
        accepted.take_while(|(number, _)| *number <= 500).collect()
    };
    assert_eq!(seekers(&mut file(XLSX)), seekers(&mut file(CSV)));
}

#[test]
fn real_dates_of_a_workbook_arrive_as_dates() {
    let mut table = file(XLSX);
    let at = table.columns().at(Field::BornOn).unwrap();
    let dates =
        table.rows().unwrap().filter(|r| matches!(r.as_ref().unwrap().cells[at], Cell::Date(_)));
    assert_eq!(dates.count(), 250);
}

#[test]
fn columns_may_stand_in_any_order_under_upper_case_headers() {
    let mut rows = cells_of_csv();
    for (at, row) in rows.iter_mut().enumerate() {
        row.reverse();
        row.rotate_left(7);
        if at == 0 {
            *row = row.iter().map(|header| header.to_uppercase()).collect();
        }
    }
    assert_eq!(outcome(&mut table(joined(&rows, ";", "\n"))), outcome(&mut file(CSV)));
}

#[test]
fn delimiter_line_end_and_encoding_do_not_matter() {
    let expected = outcome(&mut file(XLSX));
    let rows = &cells_of_csv()[..501];
    for (delimiter, line_end) in [("\t", "\n"), ("|", "\r"), (";", "\r\n"), (",", "\r\n")] {
        assert_eq!(
            outcome(&mut table(joined(rows, delimiter, line_end))),
            expected,
            "{delimiter:?}"
        );
    }
    let text = format!("\u{feff}{}", joined(rows, ";", "\r\n"));
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(outcome(&mut table(little)), expected);
    assert_eq!(outcome(&mut table(big)), expected);
}

const SMALL: &str = "NIK;Nama;Tanggal Lahir;Jenis Kelamin;Kecamatan\n";

fn names(bytes: impl Into<Vec<u8>>) -> Vec<String> {
    let name = |(_, verdict)| match verdict {
        RowVerdict::Accepted(a) => a.seeker.name.as_str().to_owned(),
        RowVerdict::Refused(r) => r.problems.0[0].reason.code.as_str().to_owned(),
    };
    judged(&mut table(bytes)).into_iter().map(name).collect()
}

#[test]
fn one_byte_of_another_encoding_spoils_nothing() {
    let mut bytes = SMALL.as_bytes().to_vec();
    bytes.extend(b"3216180703960001;Andr\xe9;7/3/1996;L;Setu\n");
    bytes.extend("3216180703960002;Ren\u{e9};7/3/1996;L;Setu\n".bytes());
    assert_eq!(names(bytes), ["Andr\u{e9}", "Ren\u{e9}"]);
}

#[test]
fn titles_and_empty_rows_may_stand_above_and_between() {
    let text = format!(
        "sep=;\n\"DATA; PENCARI KERJA\"\n;;;;\n\n{SMALL};;;;\n\
         3216180703960001;Siti;7/3/1996;P;Setu\n\n;;;;\n\
         3216180703960002;Budi;7/3/1996;L;Setu\n"
    );
    assert_eq!(names(text.clone()), ["Siti", "Budi"]);
    let numbers: Vec<u64> = table(text).rows().unwrap().map(|row| row.unwrap().number).collect();
    assert_eq!(numbers, [1, 2]);
}

#[test]
fn broken_rows_are_told_and_the_rows_after_them_are_not_lost() {
    let text = format!(
        "{SMALL}3216180703960001;Siti;7/3/1996\n\
         3216180703960002;\"Budi;7/3/1996;L;Setu\n\
         3216180703960003;Ani;7/3/1996;L;Setu;x\n\
         3216180703960004;\"Uus;7/3/1996;L;Setu\n\
         3216180703960005;\"Eka\nPutri\";7/3/1996;L;\"Setu\"\n\
         {}\n\
         3216180703960006;Tono;7/3/1996;L;Setu",
        "x".repeat(100_000)
    );
    let broken = "row_broken";
    assert_eq!(names(text), [broken, broken, broken, broken, "Eka Putri", broken, "Tono"]);
}

#[test]
fn missing_columns_are_named_and_a_file_without_header_is_told() {
    let Err(FileProblem::Refused(problems)) =
        Table::open(Cursor::new("No;Nama;NIK;Alamat\n1;Siti;3216180703960001;Setu\n"))
    else {
        panic!("opened")
    };
    let named: Vec<_> = problems.0.iter().map(|w| w.pointer.as_str()).collect();
    assert_eq!(named, ["Tanggal Lahir", "Jenis Kelamin", "Kecamatan"]);
    assert_eq!(file_codes("just a letter\nto somebody\n"), [Code::HeaderMissing]);
    assert_eq!(file_codes(""), [Code::HeaderMissing]);
    let late = "title\n".repeat(20) + SMALL;
    assert_eq!(file_codes(late), [Code::HeaderMissing]);
}

#[test]
fn a_file_of_another_kind_is_told_by_its_content() {
    assert_eq!(file_codes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec()), [Code::FileKindUnknown]);
    assert_eq!(file_codes("%PDF-1.7\n"), [Code::FileKindUnknown]);
    assert_eq!(file_codes(b"\x7fELF\x00\x00".to_vec()), [Code::FileKindUnknown]);
    assert_eq!(file_codes(b"PK\x03\x04 and then nothing".to_vec()), [Code::FileUnreadable]);
}

#[test]
fn an_import_goes_on_where_it_stopped() {
    for path in [CSV, XLSX] {
        let mut table = file(path);
        let all: Vec<Row> = table.rows().unwrap().map(Result::unwrap).collect();
        let mut rows = table.rows().unwrap();
        rows.pass(300).unwrap();
        let rest: Vec<Row> = rows.map(Result::unwrap).collect();
        assert_eq!(rest, all[300..]);
        assert_eq!(rest[0].number, 301);
        let mut rows = table.rows().unwrap();
        rows.pass(1_000_000).unwrap();
        assert!(rows.next().is_none());
    }
}

/// The refused rows of a register as the file that goes back, with their codes.
fn refused_file(table: &mut Table, title: &str) -> (Vec<u8>, Vec<Vec<Code>>) {
    let columns: Columns = table.columns().clone();
    let mut file = RefusedRows::begin(Vec::new(), &columns, title).unwrap();
    let mut codes = Vec::new();
    for (row, verdict) in judged(table) {
        if let RowVerdict::Refused(refused) = verdict {
            let reasons: Vec<Code> = refused.problems.0.iter().map(|w| w.reason.code).collect();
            let text: Vec<&str> = reasons.iter().map(|c| c.as_str()).collect();
            file.row(&row.cells, &text.join(", ")).unwrap();
            codes.push(reasons);
        }
    }
    (file.finish().unwrap(), codes)
}

#[test]
fn the_refused_file_can_be_mended_and_sent_again() {
    for path in [CSV, XLSX] {
        let (bytes, codes) = refused_file(&mut file(path), "Masalah");
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.starts_with("\u{feff}No;Nama Lengkap;NIK;") && text.ends_with("\r\n"));
        let mut again = table(bytes);
        assert_eq!(again.columns().ignored(), Vec::<&str>::new());
        let (third, second_codes) = refused_file(&mut again, "Masalah");
        let alone = codes.iter().filter(|c| **c != [Code::NikTwiceInFile]);
        assert!(alone.eq(second_codes.iter().filter(|c| **c != [Code::NikTwiceInFile])));
        let header = String::from_utf8(third).unwrap().lines().next().unwrap().to_owned();
        assert_eq!(header.matches("Masalah").count(), 1);

        let mut rows: Vec<Vec<String>> =
            text.lines().map(|l| l.split(';').map(str::to_owned).collect()).collect();
        for (at, row) in rows.iter_mut().enumerate().skip(1) {
            row[1] = "Nama Contoh".to_owned();
            row[2] = format!("'321618070396{at:04}");
            row[9] = "Setu".to_owned();
            row[11] = "'+6281234567890".to_owned();
        }
        let mended = outcome(&mut table(joined(&rows, ";", "\r\n")));
        assert_eq!((mended.accepted as usize, mended.refused), (codes.len(), 0));
    }
}

#[test]
fn a_formula_of_a_sender_does_not_run_at_the_reader() {
    let text = format!("{SMALL}3216180703960001;=cmd|' /C calc'!A0;7/3/1996;L;Setu;extra\n");
    let (bytes, _) = refused_file(&mut table(text), "Masalah");
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains(";'=cmd|"), "{text}");
    assert!(text.ends_with(";Setu;row_broken;extra\r\n"), "{text}");
}

/// The workbook with one part more, or with another in the place of its own.
fn book_with(name: &str, content: &[u8]) -> Vec<u8> {
    let mut from = zip::ZipArchive::new(File::open(XLSX).unwrap()).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..from.len() {
        let part = from.by_index(at).unwrap();
        if part.name().unwrap() != name {
            to.raw_copy_file(part).unwrap();
        }
    }
    to.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    to.write_all(content).unwrap();
    to.finish().unwrap().into_inner()
}

/// Writes another unpacked size into the directory entry of a part.
fn with_promise(mut book: Vec<u8>, part: &str, size: u32) -> Vec<u8> {
    let name_at = (0..book.len() - part.len())
        .rev()
        .find(|at| book[*at..].starts_with(part.as_bytes()))
        .unwrap();
    book[name_at - 22..name_at - 18].copy_from_slice(&size.to_le_bytes());
    book
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_not_unpacked() {
    let honest = book_with("xl/media/image1.bin", b"picture");
    assert_eq!(outcome(&mut table(honest.clone())).accepted, 487);
    let bomb = with_promise(honest, "xl/media/image1.bin", 1 << 30);
    assert_eq!(file_codes(bomb), [Code::FileUnpacksTooLarge]);
    let strings = book_with("xl/sharedStrings.xml", b"<sst></sst>");
    let bomb = with_promise(strings, "xl/sharedStrings.xml", 200 << 20);
    assert_eq!(file_codes(bomb), [Code::FileUnpacksTooLarge]);
}

#[test]
fn a_part_longer_than_promised_is_not_read_to_its_end() {
    let book = with_promise(std::fs::read(XLSX).unwrap(), "xl/worksheets/sheet1.xml", 100_000);
    assert_eq!(file_codes(book), [Code::FileUnreadable]);
}

/// Sheets on which calamine 0.38 panics where numbers that are too large are told.
#[test]
fn a_cell_beyond_all_rows_and_columns_makes_a_workbook_unreadable() {
    for cell in ["SSSSSSSSSSSS1", "A99999999999"] {
        let sheet = format!(
            "<worksheet><sheetData><row r=\"1\"><c r=\"{cell}\"><v>1</v></c></row></sheetData></worksheet>"
        );
        let codes = file_codes(book_with("xl/worksheets/sheet1.xml", sheet.as_bytes()));
        assert!(!cfg!(debug_assertions) || codes == [Code::FileUnreadable], "{codes:?}");
    }
}

#[test]
fn a_workbook_cannot_announce_strings_it_does_not_have() {
    for (root, codes) in [
        ("<sst count=\"1\" uniqueCount=\"1\">", vec![]),
        ("<?xml version=\"1.0\"?>\n<sst uniqueCount=\"999999999999\">", vec![Code::FileUnreadable]),
        ("<sst uniqueCount = '99999999'>", vec![Code::FileUnreadable]),
        ("<!-- <sst> --><sst uniqueCount=\"999999999999\">", vec![Code::FileUnreadable]),
        ("<sst a='>' uniqueCount=\"999999999999\">", vec![Code::FileUnreadable]),
    ] {
        let strings = format!("{root}<si><t>x</t></si></sst>");
        let book = book_with("xl/sharedStrings.xml", strings.as_bytes());
        assert_eq!(file_codes(book), codes, "{root}");
    }
}

/// A register that is written while it is read, so that no test holds it in memory.
struct Generated {
    rows: u64,
    next: u64,
    waiting: Cursor<Vec<u8>>,
}

impl Generated {
    fn new(rows: u64) -> Self {
        Self { rows, next: 0, waiting: Cursor::new(SMALL.as_bytes().to_vec()) }
    }

    fn line(row: u64) -> String {
        let (month, year, serial) = (row / 9999 % 12 + 1, 60 + row / 9999 / 12, row % 9999 + 1);
        format!("32161805{month:02}{year}{serial:04};Nama {row};05/{month:02}/19{year};L;Setu\n")
    }
}

impl Read for Generated {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.waiting.read(out)?;
        if count > 0 || self.next == self.rows {
            return Ok(count);
        }
        let until = self.rows.min(self.next + 100);
        let lines: String = (self.next..until).map(Self::line).collect();
        self.waiting = Cursor::new(lines.into_bytes());
        self.next = until;
        self.waiting.read(out)
    }
}

impl Seek for Generated {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        assert_eq!(to, SeekFrom::Start(0), "a register is read from its start");
        *self = Self::new(self.rows);
        Ok(0)
    }
}

#[test]
fn two_hundred_thousand_rows_are_read_one_by_one() {
    let mut table = Table::open(Generated::new(200_000)).unwrap();
    let mut nik_of_last = Cell::Empty;
    let mut count = 0;
    for row in table.rows().unwrap() {
        let row = row.unwrap();
        count += 1;
        assert_eq!((row.number, row.cells.len()), (count, 5));
        nik_of_last = row.cells[0].clone();
    }
    assert_eq!((count, nik_of_last), (200_000, Cell::Text("3216180509610020".to_owned())));
}

#[test]
fn every_row_of_a_generated_register_is_accepted() {
    let outcome = outcome(&mut Table::open(Generated::new(20_000)).unwrap());
    assert_eq!((outcome.accepted, outcome.warnings.len()), (20_000, 0));
}
