//! Examples are made up; the vectors are those of domain.md 4.

use super::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn nik(text: &str) -> Nik {
    Nik::parse(text).unwrap()
}

#[test]
fn a_nik_tells_birth_date_and_sex() {
    let today = day("2026-11-24");
    let (man, woman) = (nik("3216180703960001"), nik("3216184703960002"));
    assert_eq!((man.born_on(today), man.sex()), (day("1996-03-07"), Sex::Male));
    assert_eq!((woman.born_on(today), woman.sex()), (day("1996-03-07"), Sex::Female));
    assert_eq!(man.as_u64(), 3_216_180_703_960_001);
    assert_eq!(man.masked(), "3216********0001");
}

#[test]
fn the_century_of_a_nik_is_the_latest_in_which_the_person_is_seventeen() {
    let today = day("2026-11-24");
    assert_eq!(nik("3216180703090001").born_on(today), day("2009-03-07"));
    assert_eq!(nik("3216180703100001").born_on(today), day("1910-03-07"));
    assert_eq!(nik("3216182902000001").born_on(day("2010-01-01")), day("2000-02-29"));
}

#[test]
fn a_minor_agrees_with_the_nik_and_a_wrong_century_does_not() {
    let (today, nik) = (day("2026-11-24"), nik("3216180703110001"));
    assert!(nik.agrees_with(day("2011-03-07"), today));
    assert!(!nik.agrees_with(day("1911-03-07"), today));
    assert!(!nik.agrees_with(day("2011-03-08"), today));
}

#[test]
fn a_nik_is_read_as_registers_write_it() {
    for text in
        ["321618 070396 0001", "32.16.18.070396.0001", "'3216180703960001", " 3216-1807-0396-0001 "]
    {
        assert_eq!(nik(text).as_str(), "3216180703960001", "{text}");
    }
    assert_eq!(nik("3275042210919053").as_str(), "3275042210919053");
}

#[test]
fn a_wrong_nik_is_refused_by_its_own_code() {
    for (text, code) in [
        ("3.21619E+15", Code::NikUnreadable),
        ("-3216180703960001", Code::NikUnreadable),
        ("", Code::NikUnreadable),
        ("\u{0663}216180703960001", Code::NikUnreadable),
        ("321618070396001", Code::NikLength),
        ("3216990703960001", Code::NikDistrict),
        ("2016180703960001", Code::NikDistrict),
        ("3275000703960001", Code::NikDistrict),
        ("3216183102960001", Code::NikDate),
        ("3216184003960001", Code::NikDate),
        ("3216180013960001", Code::NikDate),
        ("3216182902970001", Code::NikDate),
        ("3216180703960000", Code::NikSerial),
    ] {
        assert_eq!(Nik::parse(text), Err(code), "{text}");
    }
}

#[test]
fn a_name_is_folded_and_must_hold_a_letter() {
    assert_eq!(Name::parse("  Siti \u{a0} Aminah\n").unwrap().as_str(), "Siti Aminah");
    assert_eq!(Name::parse("Andre\u{301}").unwrap().as_str(), "Andr\u{e9}");
    assert_eq!(Name::parse(" \t"), Err(Code::NameEmpty.into()));
    for text in ["12345", "=SUM(A1)", "Si\u{0}ti", "Siti\u{202e}"] {
        assert_eq!(Name::parse(text), Err(Code::NameInvalid.into()), "{text:?}");
    }
    assert!(Name::parse(&"a".repeat(120)).is_ok());
    assert_eq!(Name::parse(&"a".repeat(121)), Err(Code::TooLong.with("max", 120)));
}

#[test]
fn a_phone_becomes_one_spelling_whatever_the_habit() {
    for text in [
        "081234567890",
        "+6281234567890",
        "6281234567890",
        "0812-3456-7890",
        "(0812) 3456 7890",
        "+62 0812 3456 7890",
        "006281234567890",
        "81234567890",
        "'+6281234567890",
    ] {
        assert_eq!(Phone::parse(text).unwrap().as_str(), "+6281234567890", "{text}");
    }
    assert_eq!(Phone::parse("+82 10-1234-5678").unwrap().as_str(), "+821012345678");
    assert_eq!(Phone::parse("081234567890").unwrap().masked(), "+62*******7890");
    for text in
        ["tidak ada", "", "0812345", "0218901234", "+6512345678", "821012345678", "08123456789x"]
    {
        assert_eq!(Phone::parse(text), Err(Code::PhoneInvalid), "{text}");
    }
}

#[test]
fn an_email_has_a_local_part_and_a_domain() {
    assert_eq!(Email::parse(" Siti.A@Contoh.ID ").unwrap().as_str(), "Siti.A@contoh.id");
    for text in [
        "siti",
        "@contoh.id",
        "siti@",
        "siti@contoh",
        "si ti@contoh.id",
        "a..b@contoh.id",
        "a@-b.id",
        "a@b.1",
    ] {
        assert_eq!(Email::parse(text), Err(Code::EmailInvalid), "{text}");
    }
}

#[test]
fn papers_have_their_forms() {
    assert_eq!(Passport::parse(" e4470309 ").unwrap().as_str(), "E4470309");
    for text in ["44703099", "E12345", "E123456789", "E-470309"] {
        assert_eq!(Passport::parse(text), Err(Code::PassportInvalid), "{text}");
    }
    assert_eq!(Ak1Number::parse("3216/69898/2025").unwrap().as_str(), "3216/69898/2025");
    assert_eq!(Ak1Number::parse(&"1".repeat(41)), Err(Code::Ak1TooLong));
    assert_eq!(Kk::parse("3216 1807 0396 0001").unwrap().as_str(), "3216180703960001");
    assert_eq!(Kk::parse("0016180703960001"), Err(Code::KkInvalid));
    assert_eq!(FarmId::parse("1001234567").unwrap().as_str(), "1001234567");
    assert_eq!(FarmId::parse("100123456"), Err(Code::FarmIdInvalid));
}

#[test]
fn a_business_number_proves_its_check_digit() {
    assert_eq!(Brn::parse("5149300122").unwrap().as_str(), "514-93-00122");
    assert_eq!(Brn::parse("613-88-00070").unwrap().as_str(), "613-88-00070");
    for text in ["514-93-00123", "514-93-0012", "100-93-00122", "514-00-00122", "514-93-00002"] {
        assert_eq!(Brn::parse(text), Err(Code::BrnInvalid), "{text}");
    }
}

#[test]
fn debug_output_hides_the_person() {
    let shown = format!("{:?} {:?}", nik("3216180703960001"), Name::parse("Siti").unwrap());
    assert_eq!(shown, "Nik(..) Name(..)");
}
