//! Which column is which, by the many spellings of a header.
//! Must not know: what may stand in a column.

use super::super::problem::{Code, Problems};
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

crate::words!(
    /// A known column; the word is the name of the field of `NewSeeker`, which is a header too.
    Field {
        Nik = "nik",
        Kk = "kk",
        Name = "name",
        BirthPlace = "birth_place",
        BornOn = "born_on",
        Sex = "sex",
        Marital = "marital",
        Address = "address",
        Village = "village",
        Kecamatan = "kecamatan",
        Education = "education",
        Phone = "phone",
        Email = "email",
        Ak1Number = "ak1_number",
        Ak1IssuedOn = "ak1_issued_on",
        FarmMonths = "farm_months",
        FisheryMonths = "fishery_months",
        KoreanLevel = "korean_level",
        TrainingHours = "training_hours",
        Passport = "passport",
        PassportExpiresOn = "passport_expires_on",
        /// The running number of a list; read over.
        RowNumber = "row_number",
        /// The extra column of a file of refused rows; read over when the mended file comes back.
        Problem = "problem",
    }
);

impl Field {
    /// Without these a row cannot become a seeker.
    pub const REQUIRED: [Self; 5] =
        [Self::Nik, Self::Name, Self::BornOn, Self::Sex, Self::Kecamatan];

    /// The header that a labour office writes.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Nik => "NIK",
            Self::Kk => "No KK",
            Self::Name => "Nama Lengkap",
            Self::BirthPlace => "Tempat Lahir",
            Self::BornOn => "Tanggal Lahir",
            Self::Sex => "Jenis Kelamin",
            Self::Marital => "Status Perkawinan",
            Self::Address => "Alamat",
            Self::Village => "Desa/Kelurahan",
            Self::Kecamatan => "Kecamatan",
            Self::Education => "Pendidikan Terakhir",
            Self::Phone => "No HP",
            Self::Email => "Email",
            Self::Ak1Number => "No AK-1",
            Self::Ak1IssuedOn => "Tgl Terbit AK-1",
            Self::FarmMonths => "Pengalaman Tani (bulan)",
            Self::FisheryMonths => "Pengalaman Perikanan (bulan)",
            Self::KoreanLevel => "Bahasa Korea (0-5)",
            Self::TrainingHours => "Jam Pelatihan",
            Self::Passport => "No Paspor",
            Self::PassportExpiresOn => "Masa Berlaku Paspor",
            Self::RowNumber => "No",
            Self::Problem => "Masalah",
        }
    }

    /// Other spellings, folded. Abbreviations of "nomor" and "tanggal" are unfolded before.
    const fn synonyms(self) -> &'static [&'static str] {
        match self {
            Self::Nik => &["noktp", "nonik", "ktp", "noindukkependudukan", "idnumber"],
            Self::Kk => &["kk", "nokartukeluarga", "kartukeluarga", "familycard"],
            Self::Name => &["nama", "namalengkap", "namapencarikerja", "fullname"],
            Self::BirthPlace => &["tempatkelahiran", "placeofbirth", "birthplace"],
            Self::BornOn => &["tgllahir", "tglkelahiran", "dateofbirth", "birthdate", "dob"],
            Self::Sex => &["kelamin", "jk", "lp", "gender"],
            Self::Marital => &["statuskawin", "statusnikah", "statuspernikahan", "maritalstatus"],
            Self::Address => &["alamatktp", "alamatlengkap", "alamatdomisili"],
            Self::Village => &["desa", "kelurahan", "kelurahandesa", "desakel", "keldesa"],
            Self::Kecamatan => &["kec", "kecamatandomisili", "district"],
            Self::Education => &["pendidikan", "ijazah", "ijazahterakhir", "lasteducation"],
            Self::Phone => &[
                "telepon",
                "telp",
                "tlp",
                "hp",
                "notelepon",
                "notelp",
                "notlp",
                "nohandphone",
                "handphone",
                "nowa",
                "whatsapp",
                "nohpwa",
                "phonenumber",
                "mobile",
            ],
            Self::Email => &["alamatemail", "surel", "emailaddress"],
            Self::Ak1Number => &["noak1", "ak1", "nokartukuning", "kartukuning", "nokartuak1"],
            Self::Ak1IssuedOn => &["tglak1", "tglkartukuning", "ak1issued", "ak1date"],
            Self::FarmMonths => &["pengalamantani", "pengalamanpertanian", "farmexperience"],
            Self::FisheryMonths => {
                &["pengalamanperikanan", "pengalamannelayan", "fisheryexperience"]
            }
            Self::KoreanLevel => &["bahasakorea", "levelkorea", "levelbahasakorea", "korean"],
            Self::TrainingHours => &["jampelatihan", "pelatihan", "jamlatihan", "training"],
            Self::Passport => &["paspor", "nopassport", "passportnumber"],
            Self::PassportExpiresOn => {
                &["berlakupaspor", "pasporberlakuhingga", "passportexpiry", "passportexpires"]
            }
            Self::RowNumber => &["nourut"],
            Self::Problem => &["problems", "catatanmasalah"],
        }
    }

    fn recognise(header: &str) -> Option<Self> {
        let bare = header.split_once('(').map_or(header, |(before, _)| before);
        let at = |text: &str| SPELLINGS.get(&fold(text)).copied();
        let first = at(header).into_iter().chain(at(bare)).min()?;
        Self::ALL.get(first).copied()
    }
}

/// Each spelling with the first field that has it, by its place among all. Made once: every cell of
/// the first rows of a file is looked up for every delimiter.
static SPELLINGS: LazyLock<HashMap<String, usize>> = LazyLock::new(|| {
    let mut all = HashMap::new();
    for (at, field) in Field::ALL.iter().enumerate() {
        let own = [fold(field.title()), fold(field.as_str())];
        for spelling in own.into_iter().chain(field.synonyms().iter().map(|s| (*s).to_owned())) {
            all.entry(spelling).or_insert(at);
        }
    }
    all
});

/// Letters and digits in lower case, with "nomor" and "tanggal" in their short forms.
fn fold(header: &str) -> String {
    let bare: String =
        header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    bare.replace("nomor", "no").replace("tanggal", "tgl")
}

/// The header of one register, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    headers: Vec<String>,
    fields: Vec<Option<Field>>,
}

impl Columns {
    /// Reads a header in any order. Columns that are not known, and second columns of one kind,
    /// are ignored and reported by `ignored`.
    ///
    /// Codes: `ColumnMissing` with `column` for each required one, `HeaderMissing` when fewer than
    /// two columns are known, so that this is no header at all.
    pub fn recognise(header: &[String]) -> Result<Self, Problems> {
        let width = header.iter().rposition(|h| !h.trim().is_empty()).map_or(0, |last| last + 1);
        let headers: Vec<String> = header.iter().take(width).map(|h| h.trim().to_owned()).collect();
        let mut fields: Vec<Option<Field>> = Vec::with_capacity(width);
        for header in &headers {
            let field = Field::recognise(header).filter(|f| !fields.contains(&Some(*f)));
            fields.push(field);
        }
        let columns = Self { headers, fields };
        let mut problems = Problems::default();
        if columns.known() < 2 {
            problems.add("", Code::HeaderMissing);
            return Err(problems);
        }
        for field in Field::REQUIRED.into_iter().filter(|f| columns.at(*f).is_none()) {
            problems.add(field.title(), Code::ColumnMissing.with("column", field.title()));
        }
        problems.done(|| Some(columns))
    }

    /// How many known columns a line of cells would give; the best line of a file is its header.
    pub fn known_in(header: &[String]) -> usize {
        let known = header.iter().filter_map(|h| Field::recognise(h));
        known.filter(|f| !f.is_read_over()).collect::<BTreeSet<_>>().len()
    }

    fn known(&self) -> usize {
        self.fields.iter().flatten().filter(|f| !f.is_read_over()).count()
    }

    /// How many cells a row must have.
    pub fn width(&self) -> usize {
        self.headers.len()
    }

    /// The header texts as they stand.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// Where the column stands, from 0.
    pub fn at(&self, field: Field) -> Option<usize> {
        self.fields.iter().position(|f| *f == Some(field))
    }

    /// The header text of the column, or the usual one where the register lacks it.
    pub fn header(&self, field: Field) -> &str {
        self.at(field).and_then(|at| self.headers.get(at)).map_or(field.title(), String::as_str)
    }

    /// Headers whose columns are not read. A running number and a problem column are not among
    /// them: nobody misses those.
    pub fn ignored(&self) -> Vec<&str> {
        self.headers
            .iter()
            .zip(&self.fields)
            .filter(|(header, field)| field.is_none() && !header.is_empty())
            .map(|(header, _)| header.as_str())
            .collect()
    }
}

impl Field {
    const fn is_read_over(self) -> bool {
        matches!(self, Self::RowNumber | Self::Problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Vec<String> {
        text.split(';').map(str::to_owned).collect()
    }

    #[test]
    fn every_title_and_every_field_name_is_its_own_header() {
        for field in Field::ALL {
            assert_eq!(Field::recognise(field.title()), Some(*field));
            assert_eq!(Field::recognise(field.as_str()), Some(*field));
            assert_eq!(Field::recognise(&field.title().to_uppercase()), Some(*field));
            for synonym in field.synonyms() {
                assert_eq!(Field::recognise(synonym), Some(*field), "{synonym}");
            }
        }
    }

    #[test]
    fn headers_are_recognised_in_any_order_and_spelling() {
        let columns = Columns::recognise(&header(
            "Kec.;Jenis Kelamin (L/P);NOMOR KTP;  nama ;Tanggal_Lahir;Telepon;Nomor Kartu Keluarga",
        ))
        .unwrap();
        assert_eq!(columns.at(Field::Kecamatan), Some(0));
        assert_eq!(columns.at(Field::Sex), Some(1));
        assert_eq!(columns.at(Field::Nik), Some(2));
        assert_eq!(columns.header(Field::Nik), "NOMOR KTP");
        assert_eq!(columns.at(Field::Phone), Some(5));
        assert_eq!(columns.at(Field::Kk), Some(6));
        assert_eq!(columns.at(Field::Email), None);
    }

    #[test]
    fn unknown_and_second_columns_are_reported() {
        let text = "No;NIK;Nama;Tgl Lahir;L/P;Kecamatan;Hobi;No HP;Telepon;Masalah;;";
        let columns = Columns::recognise(&header(text)).unwrap();
        assert_eq!(columns.ignored(), ["Hobi", "Telepon"]);
        assert_eq!(columns.width(), 10);
    }

    #[test]
    fn every_missing_column_is_named() {
        let problems = Columns::recognise(&header("NIK;Nama;Alamat")).unwrap_err();
        let named: Vec<_> = problems.0.iter().map(|w| w.pointer.as_str()).collect();
        assert_eq!(named, ["Tanggal Lahir", "Jenis Kelamin", "Kecamatan"]);
        assert!(problems.0.iter().all(|w| w.reason.code == Code::ColumnMissing));
        let problems = Columns::recognise(&header("DATA PENCARI KERJA")).unwrap_err();
        assert_eq!(problems.0[0].reason.code, Code::HeaderMissing);
    }
}
