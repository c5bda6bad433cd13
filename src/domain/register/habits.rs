//! How registers spell days, sex, marital status and schooling. Must not know: columns.

use super::super::identity::{Education, Marital, Sex};
use super::super::problem::Code;
use super::super::time::Day;
use super::Cell;
use chrono::Datelike;

/// Months by their first letters, Indonesian and English.
const MONTHS: [(&str, u32); 20] = [
    ("jan", 1),
    ("feb", 2),
    ("peb", 2),
    ("mar", 3),
    ("apr", 4),
    ("mei", 5),
    ("may", 5),
    ("jun", 6),
    ("jul", 7),
    ("agu", 8),
    ("ags", 8),
    ("agt", 8),
    ("aug", 8),
    ("sep", 9),
    ("okt", 10),
    ("oct", 10),
    ("nov", 11),
    ("nop", 11),
    ("des", 12),
    ("dec", 12),
];

/// A real date, or `7 Maret 1996`, `07/03/1996` and `07-03-1996` (day first), `1996-03-07`, also
/// with a time behind it. Years have four digits, from 1900 to 2199.
pub(super) fn day(cell: &Cell) -> Result<Day, Code> {
    let day = match cell {
        Cell::Date(day) => Some(*day),
        Cell::Text(text) => written_day(text),
        Cell::Empty | Cell::Number(_) => None,
    };
    day.filter(|d| (1900..2200).contains(&d.year())).ok_or(Code::DayInvalid)
}

fn written_day(text: &str) -> Option<Day> {
    let text = text.trim().trim_start_matches('\'');
    let date = text.split_once('T').map_or(text, |(date, _)| date);
    let mut parts = date.split([' ', '/', '-', '.', ',']).filter(|part| !part.is_empty());
    let (first, middle, last) = (parts.next()?, parts.next()?, parts.next()?);
    let rest_is_a_time = parts.all(|part| part.contains(':'));
    if !rest_is_a_time {
        return None;
    }
    let (year, day) = if first.len() == 4 { (first, last) } else { (last, first) };
    if year.len() != 4 || !(1..=2).contains(&day.len()) {
        return None;
    }
    Day::from_ymd_opt(digits(year)?.try_into().ok()?, month(middle)?, digits(day)?)
}

fn month(text: &str) -> Option<u32> {
    if (1..=2).contains(&text.len()) {
        return digits(text);
    }
    let text = text.to_lowercase();
    let is_word = text.chars().all(char::is_alphabetic);
    MONTHS.iter().find(|(start, _)| is_word && text.starts_with(start)).map(|(_, month)| *month)
}

fn digits(text: &str) -> Option<u32> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Letters and digits in lower case.
fn fold(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

pub(super) fn sex(text: &str) -> Result<Sex, Code> {
    match fold(text).as_str() {
        "l" | "lk" | "lakilaki" | "laki" | "pria" | "m" | "male" => Ok(Sex::Male),
        "p" | "pr" | "perempuan" | "wanita" | "f" | "female" => Ok(Sex::Female),
        _ => Err(Code::SexUnknown),
    }
}

pub(super) fn marital(text: &str) -> Result<Marital, Code> {
    match fold(text).as_str() {
        "belumkawin" | "belummenikah" | "lajang" | "tidakkawin" | "bk" | "single" => {
            Ok(Marital::Single)
        }
        "kawin" | "menikah" | "nikah" | "sudahkawin" | "kawintercatat" | "kawinbelumtercatat"
        | "k" | "married" => Ok(Marital::Married),
        "ceraihidup" | "cerai" | "divorced" => Ok(Marital::Divorced),
        "ceraimati" | "janda" | "duda" | "widowed" => Ok(Marital::Widowed),
        _ => Err(Code::MaritalUnknown),
    }
}

pub(super) fn education(text: &str) -> Result<Education, Code> {
    match fold(text).as_str() {
        "none" | "tidaksekolah" | "belumsekolah" | "tidaktamatsd" => Ok(Education::Unschooled),
        "sd" | "mi" | "sdmi" | "sdsederajat" | "paketa" => Ok(Education::Primary),
        "smp" | "mts" | "smpmts" | "smpsederajat" | "sltp" | "paketb" => Ok(Education::Junior),
        "sma" | "ma" | "smama" | "smasederajat" | "smu" | "slta" | "sltasederajat" | "paketc" => {
            Ok(Education::Senior)
        }
        "smk" | "stm" | "smea" | "mak" => Ok(Education::Vocational),
        "d1" | "di" => Ok(Education::DiplomaOne),
        "d2" | "dii" => Ok(Education::DiplomaTwo),
        "d3" | "diii" => Ok(Education::DiplomaThree),
        "d4" | "div" => Ok(Education::DiplomaFour),
        "s1" | "sarjana" | "strata1" => Ok(Education::Bachelor),
        "s2" | "magister" | "strata2" => Ok(Education::Master),
        "s3" | "doktor" | "strata3" => Ok(Education::Doctor),
        _ => Err(Code::EducationUnknown),
    }
}

/// A whole number that is not negative; a spreadsheet's `6.0` is 6.
pub(super) fn whole(text: &str) -> Option<u64> {
    let text = text.trim().trim_start_matches('\'');
    let text = text.strip_suffix(".0").or_else(|| text.strip_suffix(",0")).unwrap_or(text);
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Result<String, Code> {
        day(&Cell::Text(text.to_owned())).map(|d| d.to_string())
    }

    #[test]
    fn a_day_is_read_in_every_habit() {
        for text in [
            "7 Maret 1996",
            "07/03/1996",
            "07-03-1996",
            "1996-03-07",
            "7/3/1996",
            "7.3.1996",
            " 07 MAR 1996 ",
            "7-Mar-1996",
            "1996-03-07 00:00:00",
            "1996-03-07T00:00:00",
            "7 March, 1996",
            "1996/03/07",
            "'07/03/1996",
        ] {
            assert_eq!(written(text).as_deref(), Ok("1996-03-07"), "{text}");
        }
        assert_eq!(written("1 Agustus 2001").as_deref(), Ok("2001-08-01"));
        assert_eq!(day(&Cell::Date("1996-03-07".parse().unwrap())).map(|d| d.year()), Ok(1996));
    }

    #[test]
    fn a_day_that_is_none_or_unclear_is_refused() {
        for text in [
            "31/02/1996",
            "07/13/1996",
            "07/03/96",
            "1899-12-31",
            "2200-01-01",
            "7 Marz1 1996",
            "Maret 1996",
            "35131",
            "7 xyz 1996",
            "+7/03/1996",
            "07/03/1996/2",
            "",
        ] {
            assert_eq!(written(text), Err(Code::DayInvalid), "{text}");
        }
        assert_eq!(day(&Cell::Number(35131.0)), Err(Code::DayInvalid));
    }

    #[test]
    fn sex_and_status_and_schooling_have_several_words() {
        for text in ["L", "Laki-laki", "LAKI - LAKI", "Pria", "male"] {
            assert_eq!(sex(text), Ok(Sex::Male), "{text}");
        }
        for text in ["P", "Perempuan", "wanita"] {
            assert_eq!(sex(text), Ok(Sex::Female), "{text}");
        }
        assert_eq!(sex("X"), Err(Code::SexUnknown));
        assert_eq!(marital("Cerai Mati"), Ok(Marital::Widowed));
        assert_eq!(marital("?"), Err(Code::MaritalUnknown));
        assert_eq!(education("D-III"), Ok(Education::DiplomaThree));
        assert_eq!(education("TK"), Err(Code::EducationUnknown));
        for word in Sex::ALL {
            assert_eq!(sex(word.as_str()), Ok(*word));
        }
        for word in Marital::ALL {
            assert_eq!(marital(word.as_str()), Ok(*word));
        }
        for word in Education::ALL {
            assert_eq!(education(word.as_str()), Ok(*word));
        }
    }

    #[test]
    fn a_whole_number_is_not_negative() {
        assert_eq!(whole(" 12 "), Some(12));
        assert_eq!(whole("6.0"), Some(6));
        for text in ["-1", "1.5", "satu", "", "+3"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }
}
