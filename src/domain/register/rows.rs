//! What one row says: a seeker with warnings, or everything that is wrong with it. No reason holds
//! a value of the row, so reasons can be kept and shown without a person's data.
//! Must not know: where rows come from.

use super::super::identity::{Ak1Number, Email, Kk, Name, Nik, Passport, Phone, free_text};
use super::super::places::Kecamatan;
use super::super::problem::{Code, Problems, Reason, Wrong};
use super::super::seekers::{
    ADDRESS_MAX, IdentityState, NewSeeker, PLACE_MAX, identity_of, korean_level, months,
    training_hours,
};
use super::super::time::{Day, past_day};
use super::columns::{Columns, Field};
use super::{Cell, habits};

/// The judgement over one row. Pointers are the register's own header texts; "" is the whole row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowVerdict {
    Accepted(Box<Accepted>),
    Refused(Refused),
}

/// A row that became a registration. A warning leaves it accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub seeker: NewSeeker,
    pub identity: IdentityState,
    pub warnings: Vec<Wrong>,
}

/// A row that did not, with its NIK where that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub nik: Option<Nik>,
    pub problems: Problems,
}

/// Reads one row. `today` is the day in Jakarta. Codes: those of the types of `identity`,
/// `Missing`, `DayInvalid`, `DayInFuture`, and `RowBroken` with `expected` and `found` when the
/// number of cells is not that of the header.
pub fn read_row(columns: &Columns, cells: &[Cell], today: Day) -> RowVerdict {
    let filled = cells.iter().rposition(|c| !c.is_blank()).map_or(0, |last| last + 1);
    if cells.len() < columns.width() || filled > columns.width() {
        let mut problems = Problems::default();
        let found = if filled > columns.width() { filled } else { cells.len() };
        let reason = Code::RowBroken.with("expected", columns.width()).with("found", found);
        problems.add("", reason);
        return RowVerdict::Refused(Refused { nik: None, problems });
    }
    let mut row = Row { columns, cells, problems: Problems::default() };
    let nik = row.must(Field::Nik, |c| Nik::parse(&c.text()));
    let seeker = row.seeker(nik.clone(), today);
    match row.problems.done(|| seeker) {
        Ok(seeker) => accepted(columns, seeker, today),
        Err(problems) => RowVerdict::Refused(Refused { nik, problems }),
    }
}

fn accepted(columns: &Columns, seeker: NewSeeker, today: Day) -> RowVerdict {
    let identity = identity_of(&seeker.nik, seeker.born_on, seeker.sex, today);
    let birth_date = (Field::BornOn, Code::BirthDateDiffers);
    let sex = (Field::Sex, Code::SexDiffers);
    let differing = match identity {
        IdentityState::Matches => vec![],
        IdentityState::BirthDateDiffers => vec![birth_date],
        IdentityState::SexDiffers => vec![sex],
        IdentityState::BothDiffer => vec![birth_date, sex],
    };
    let warnings = differing
        .into_iter()
        .map(|(field, code)| Wrong {
            pointer: columns.header(field).to_owned(),
            reason: code.into(),
        })
        .collect();
    RowVerdict::Accepted(Box::new(Accepted { seeker, identity, warnings }))
}

struct Row<'a> {
    columns: &'a Columns,
    cells: &'a [Cell],
    problems: Problems,
}

impl<'a> Row<'a> {
    /// Reads every field before it gives up, so that all problems are told at once.
    fn seeker(&mut self, nik: Option<Nik>, today: Day) -> Option<NewSeeker> {
        let kk = self.may(Field::Kk, |c| Kk::parse(&c.text()));
        let name = self.at(Field::Name, |c| Name::parse(&unmarked(&c.text())));
        let birth_place = self.words(Field::BirthPlace, PLACE_MAX);
        let born_on = self.must(Field::BornOn, |c| past_day(habits::day(c)?, today));
        let sex = self.must(Field::Sex, |c| habits::sex(&c.text()));
        let marital = self.may(Field::Marital, |c| habits::marital(&c.text()));
        let address = self.words(Field::Address, ADDRESS_MAX);
        let village = self.words(Field::Village, PLACE_MAX);
        let kecamatan = self.must(Field::Kecamatan, kecamatan);
        let education = self.may(Field::Education, |c| habits::education(&c.text()));
        let phone = self.may(Field::Phone, |c| Phone::parse(&c.text()));
        let email = self.may(Field::Email, |c| Email::parse(&unmarked(&c.text())));
        let ak1_number = self.may(Field::Ak1Number, |c| Ak1Number::parse(&unmarked(&c.text())));
        let ak1_issued_on = self.may(Field::Ak1IssuedOn, |c| past_day(habits::day(c)?, today));
        let farm_months = self.count(Field::FarmMonths, Code::MonthsInvalid, months);
        let fishery_months = self.count(Field::FisheryMonths, Code::MonthsInvalid, months);
        let korean_level = self.count(Field::KoreanLevel, Code::LevelInvalid, korean_level);
        let training_hours = self.count(Field::TrainingHours, Code::HoursInvalid, training_hours);
        let passport = self.may(Field::Passport, |c| Passport::parse(&unmarked(&c.text())));
        let passport_expires_on = self.may(Field::PassportExpiresOn, habits::day);
        Some(NewSeeker {
            nik: nik?,
            kk: kk?,
            name: name?,
            birth_place: birth_place?,
            born_on: born_on?,
            sex: sex?,
            marital: marital?,
            address: address?,
            village: village?,
            kecamatan: kecamatan?,
            education: education?,
            phone: phone?,
            email: email?,
            ak1_number: ak1_number?,
            ak1_issued_on: ak1_issued_on?,
            farm_months: farm_months?,
            fishery_months: fishery_months?,
            korean_level: korean_level?,
            training_hours: training_hours?,
            passport: passport?,
            passport_expires_on: passport_expires_on?,
        })
    }

    fn cell(&self, field: Field) -> &'a Cell {
        self.columns.at(field).and_then(|at| self.cells.get(at)).unwrap_or(&Cell::Empty)
    }

    /// Hands every cell to `parse`, the blank one too.
    fn at<T, E: Into<Reason>>(
        &mut self,
        field: Field,
        parse: impl FnOnce(&Cell) -> Result<T, E>,
    ) -> Option<T> {
        let tried = parse(self.cell(field));
        self.problems.at(self.columns.header(field), tried)
    }

    /// A field that must be there.
    fn must<T>(&mut self, field: Field, parse: impl FnOnce(&Cell) -> Result<T, Code>) -> Option<T> {
        self.at(field, |cell| if cell.is_blank() { Err(Code::Missing) } else { parse(cell) })
    }

    /// A field that may be blank or struck out with a dash.
    #[expect(clippy::option_option, reason = "wrong, absent and given are three things")]
    fn may<T, E: Into<Reason>>(
        &mut self,
        field: Field,
        parse: impl FnOnce(&Cell) -> Result<T, E>,
    ) -> Option<Option<T>> {
        let cell = self.cell(field);
        let given = Some(cell).filter(|c| !c.is_blank() && unmarked(&c.text()).trim() != "-");
        self.problems.maybe(self.columns.header(field), given, parse)
    }

    #[expect(clippy::option_option, reason = "wrong, absent and given are three things")]
    fn words(&mut self, field: Field, max: usize) -> Option<Option<String>> {
        self.may(field, |c| free_text(&unmarked(&c.text()), max)).map(Option::flatten)
    }

    /// A number, 0 where the cell is blank.
    fn count<T: Default>(
        &mut self,
        field: Field,
        wrong: Code,
        limit: impl FnOnce(u64) -> Result<T, Code>,
    ) -> Option<T> {
        self.may(field, |c| habits::whole(&c.text()).ok_or(wrong).and_then(limit))
            .map(Option::unwrap_or_default)
    }
}

/// Spreadsheets, and our own file of refused rows, mark text that looks like a formula or a number
/// with an apostrophe in front. One before a letter belongs to the word: `'Aisyah`.
fn unmarked(text: &str) -> String {
    let text = text.trim();
    match text.strip_prefix('\'') {
        Some(rest) if !rest.starts_with(char::is_alphabetic) => rest.to_owned(),
        _ => text.to_owned(),
    }
}

/// By name, or by its six-digit code.
fn kecamatan(cell: &Cell) -> Result<Kecamatan, Code> {
    let text = unmarked(&cell.text());
    Kecamatan::by_name(&text).or_else(|_| Kecamatan::by_code(&text.replace('.', "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Columns {
        let header = ["NIK", "Nama", "Tgl Lahir", "L/P", "Kec", "Telepon", "Alamat"];
        Columns::recognise(&header.map(str::to_owned)).unwrap()
    }

    fn row(text: &str) -> RowVerdict {
        let cells: Vec<Cell> = text.split(';').map(|t| Cell::Text(t.to_owned())).collect();
        read_row(&columns(), &cells, "2026-11-24".parse().unwrap())
    }

    fn codes(verdict: RowVerdict) -> Vec<(String, Code)> {
        match verdict {
            RowVerdict::Refused(r) => {
                r.problems.0.into_iter().map(|w| (w.pointer, w.reason.code)).collect()
            }
            RowVerdict::Accepted(_) => panic!("accepted"),
        }
    }

    fn at(pointer: &str, code: Code) -> (String, Code) {
        (pointer.to_owned(), code)
    }

    #[test]
    fn a_good_row_becomes_a_seeker() {
        let RowVerdict::Accepted(accepted) =
            row("'3216180703960001;siti  aminah;7 Maret 1996;P;KEC.  SETU ;0812-3456-7890;-")
        else {
            panic!("refused")
        };
        assert_eq!(accepted.seeker.name.as_str(), "siti aminah");
        assert_eq!(accepted.seeker.kecamatan.name(), "Setu");
        assert_eq!(accepted.seeker.phone.unwrap().as_str(), "+6281234567890");
        assert_eq!(accepted.seeker.address, None);
        assert_eq!(accepted.identity, IdentityState::SexDiffers);
        assert_eq!(accepted.warnings[0].pointer, "L/P");
        assert_eq!(accepted.warnings[0].reason.code, Code::SexDiffers);
    }

    #[test]
    fn a_bad_row_tells_everything_at_once_under_its_own_headers() {
        assert_eq!(
            codes(row("321618;;01/01/2030;X;Kota Bekasi;tidak ada;")),
            [
                at("NIK", Code::NikLength),
                at("Nama", Code::NameEmpty),
                at("Tgl Lahir", Code::DayInFuture),
                at("L/P", Code::SexUnknown),
                at("Kec", Code::KecamatanUnknown),
                at("Telepon", Code::PhoneInvalid),
            ]
        );
        assert_eq!(codes(row(";Siti;;;;;")).len(), 4);
    }

    #[test]
    fn a_row_with_other_cells_than_the_header_is_broken() {
        assert_eq!(codes(row("3216180703960001;Siti")), [at("", Code::RowBroken)]);
        assert_eq!(codes(row("1;2;3;4;5;6;7;8")), [at("", Code::RowBroken)]);
        let trailing = "3216180703960001;Siti;7 Maret 1996;L;Setu;;;;;";
        assert!(matches!(row(trailing), RowVerdict::Accepted(_)));
    }

    #[test]
    fn a_number_cell_is_a_nik_only_while_it_is_exact() {
        let read = |n: f64| {
            let mut cells = vec![Cell::Number(n)];
            cells.extend(
                ["Siti", "7 Maret 1996", "L", "Setu", "", ""].map(|t| Cell::Text(t.into())),
            );
            read_row(&columns(), &cells, "2026-11-24".parse().unwrap())
        };
        assert!(matches!(read(3_216_180_703_960_001.0), RowVerdict::Accepted(_)));
        assert_eq!(codes(read(9_216_180_703_960_001.0)), [at("NIK", Code::NikUnreadable)]);
        assert_eq!(codes(read(321_618.0)), [at("NIK", Code::NikLength)]);
    }

    #[test]
    fn an_apostrophe_marks_text_but_belongs_to_a_name() {
        assert_eq!(unmarked("'+62812"), "+62812");
        assert_eq!(unmarked("'321618"), "321618");
        assert_eq!(unmarked("'Aisyah"), "'Aisyah");
    }
}
