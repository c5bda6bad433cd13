//! Made-up people: a register file, and single registrations.

use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::path::Path;

/// A NIK of its own for each number: district, day, month and year by turns, then the serial.
fn nik(n: u64) -> (String, String) {
    let (district, day, month, year) =
        (n % 23 + 1, n / 23 % 28 + 1, n / 644 % 12 + 1, n / 7728 % 30 + 70);
    let serial = n / 231_840 + 1;
    (
        format!("3216{district:02}{day:02}{month:02}{year:02}{serial:04}"),
        format!("19{year:02}-{month:02}-{day:02}"),
    )
}

pub fn write(path: &Path, people: u64) {
    let mut out = BufWriter::new(std::fs::File::create(path).unwrap());
    writeln!(out, "NIK;Nama Lengkap;Tanggal Lahir;Jenis Kelamin;Kecamatan;Alamat;No HP;No AK-1;Tgl Terbit AK-1;Pengalaman Tani (bulan);No Paspor").unwrap();
    let districts: Vec<&str> = include_str!("../../rules/kecamatan.csv")
        .lines()
        .skip(1)
        .filter_map(|l| l.split(',').nth(1))
        .collect();
    for n in 0..people {
        let (nik, born) = nik(n);
        let kecamatan = districts[usize::try_from(n % 23).unwrap()];
        writeln!(
            out,
            "{nik};Contoh Orang {n};{born};L;{kecamatan};Jl. Contoh {n};0812{n:08};3216/{n}/2026;2026-03-02;{};C{n:07}",
            n % 120
        )
        .unwrap();
    }
}

/// A registration over HTTP of somebody who is not in the file.
pub fn creation(n: usize) -> String {
    let (nik, born) = nik(u64::try_from(n).unwrap() % 2_000_000_000 + 300_000);
    let mut body = String::new();
    write!(
        body,
        "{{\"nik\":\"{nik}\",\"name\":\"Contoh Baru {n}\",\"born_on\":\"{born}\",\"sex\":\"male\",\"kecamatan\":\"321618\",\
         \"address\":\"Jl. Contoh {n}\",\"phone\":\"081200000000\",\"farm_months\":12}}"
    )
    .unwrap();
    format!(
        "POST /v1/job-seekers HTTP/1.1\r\nIdempotency-Key: bench-{:020}-{n}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        std::process::id(),
        body.len()
    )
}
