//! A job seeker on paper: what a registration holds, whether it agrees with the NIK, what a second
//! registration changes, and the lifecycle. Must not know: registers, tables, JSON.

use super::identity::{Ak1Number, Education, Email, Kk, Marital, Name, Nik, Passport, Phone, Sex};
use super::lifecycle::{Arrow, Lifecycle};
use super::places::Kecamatan;
use super::problem::{Code, Problems};
use super::roles::Role;
use super::time::{Day, past_day};

/// Most characters of an address.
pub const ADDRESS_MAX: usize = 250;
/// Most characters of the name of a place.
pub const PLACE_MAX: usize = 100;
/// Most months of work a person can have: sixty years.
pub const MONTHS_MAX: u16 = 720;
/// Best level of Korean, on the scale of the assessors (domain.md 4.3).
pub const KOREAN_MAX: u8 = 5;
/// Most hours of training: five years of full days.
pub const TRAINING_MAX: u16 = 10_000;

/// Everything that a registration says about a person. All days are Indonesian.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSeeker {
    pub nik: Nik,
    pub kk: Option<Kk>,
    pub name: Name,
    pub birth_place: Option<String>,
    pub born_on: Day,
    pub sex: Sex,
    pub marital: Option<Marital>,
    pub address: Option<String>,
    pub village: Option<String>,
    pub kecamatan: Kecamatan,
    pub education: Option<Education>,
    pub phone: Option<Phone>,
    pub email: Option<Email>,
    pub ak1_number: Option<Ak1Number>,
    pub ak1_issued_on: Option<Day>,
    /// Months of farming, 0 to 720.
    pub farm_months: u16,
    /// Months of fishing, 0 to 720.
    pub fishery_months: u16,
    /// 0 to 5.
    pub korean_level: u8,
    /// Hours of preparatory training.
    pub training_hours: u16,
    pub passport: Option<Passport>,
    pub passport_expires_on: Option<Day>,
}

impl NewSeeker {
    /// The days that must have come by `today`, the day in Jakarta, under the names of the fields.
    /// Codes: those of `past_day`.
    pub fn check_days(&self, today: Day) -> Result<(), Problems> {
        let mut p = Problems::default();
        p.at("/born_on", past_day(self.born_on, today));
        p.maybe("/ak1_issued_on", self.ak1_issued_on, |day| past_day(day, today));
        p.done(|| Some(()))
    }
}

crate::words!(
    /// What the stated birth date and sex are to those in the NIK. Never a ground for refusal: a
    /// NIK stays as first issued, even when it was issued wrong (domain.md 4.1).
    IdentityState {
        Matches = "matches",
        BirthDateDiffers = "birth_date_differs",
        SexDiffers = "sex_differs",
        BothDiffer = "both_differ",
    }
);

/// Compares a statement with the NIK.
pub fn identity_of(nik: &Nik, born_on: Day, sex: Sex, today: Day) -> IdentityState {
    match (nik.agrees_with(born_on, today), nik.sex() == sex) {
        (true, true) => IdentityState::Matches,
        (false, true) => IdentityState::BirthDateDiffers,
        (true, false) => IdentityState::SexDiffers,
        (false, false) => IdentityState::BothDiffer,
    }
}

/// The names of the fields in which two registrations differ, in the order of `NewSeeker`.
pub fn differences(old: &NewSeeker, new: &NewSeeker) -> Vec<&'static str> {
    macro_rules! differing {
        ($($field:ident)+) => {
            [$((stringify!($field), old.$field != new.$field)),+]
        };
    }
    differing!(
        nik kk name birth_place born_on sex marital address village kecamatan education phone email
        ak1_number ak1_issued_on farm_months fishery_months korean_level training_hours passport
        passport_expires_on
    )
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}

/// Months of experience.
pub fn months(count: u64) -> Result<u16, Code> {
    u16::try_from(count).ok().filter(|m| *m <= MONTHS_MAX).ok_or(Code::MonthsInvalid)
}

/// A level of Korean.
pub fn korean_level(level: u64) -> Result<u8, Code> {
    u8::try_from(level).ok().filter(|l| *l <= KOREAN_MAX).ok_or(Code::LevelInvalid)
}

/// Hours of preparatory training.
pub fn training_hours(count: u64) -> Result<u16, Code> {
    u16::try_from(count).ok().filter(|h| *h <= TRAINING_MAX).ok_or(Code::HoursInvalid)
}

crate::words!(
    /// How far a registration was looked at.
    SeekerState {
        /// Entered by the person, seen by nobody.
        Draft = "draft",
        /// Entered or imported by the office.
        Registered = "registered",
        /// An officer saw the papers.
        Verified = "verified",
        /// The person had the record erased, or it was the double of another: nothing in it tells
        /// of anybody.
        Erased = "erased",
    }
);

crate::words!(
    /// What may happen to a registration.
    SeekerEvent {
        Verify = "verify",
        Erase = "erase",
        /// It was the double of another.
        Merge = "merge",
    }
);

impl SeekerState {
    /// What is left of a confirmation after these fields changed: papers were seen for a NIK, a
    /// name, a birth date and a sex, so a record in which one of them is another waits again.
    #[must_use]
    pub fn after_change(self, changed: &[&str]) -> Self {
        let identity = ["nik", "name", "born_on", "sex"].iter().any(|f| changed.contains(f));
        if self == Self::Verified && identity { Self::Registered } else { self }
    }
}

impl Lifecycle for SeekerState {
    type Event = SeekerEvent;
    const TABLE: &'static [Arrow<Self>] = &[
        Arrow {
            from: Self::Draft,
            event: SeekerEvent::Verify,
            who: &[Role::Office, Role::Lead],
            to: Self::Verified,
        },
        Arrow {
            from: Self::Registered,
            event: SeekerEvent::Verify,
            who: &[Role::Office, Role::Lead],
            to: Self::Verified,
        },
        Arrow {
            from: Self::Draft,
            event: SeekerEvent::Erase,
            who: &[Role::Office, Role::Lead],
            to: Self::Erased,
        },
        Arrow {
            from: Self::Registered,
            event: SeekerEvent::Erase,
            who: &[Role::Office, Role::Lead],
            to: Self::Erased,
        },
        Arrow {
            from: Self::Verified,
            event: SeekerEvent::Erase,
            who: &[Role::Office, Role::Lead],
            to: Self::Erased,
        },
        Arrow {
            from: Self::Registered,
            event: SeekerEvent::Merge,
            who: &[Role::Lead],
            to: Self::Erased,
        },
        Arrow {
            from: Self::Verified,
            event: SeekerEvent::Merge,
            who: &[Role::Lead],
            to: Self::Erased,
        },
    ];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::lifecycle::{Refusal, decide};

    fn siti() -> NewSeeker {
        NewSeeker {
            nik: Nik::parse("3216184703960002").unwrap(),
            kk: None,
            name: Name::parse("Siti Contoh").unwrap(),
            birth_place: None,
            born_on: "1996-03-07".parse().unwrap(),
            sex: Sex::Female,
            marital: None,
            address: None,
            village: None,
            kecamatan: Kecamatan::by_name("Setu").unwrap(),
            education: None,
            phone: None,
            email: None,
            ak1_number: None,
            ak1_issued_on: None,
            farm_months: 0,
            fishery_months: 0,
            korean_level: 0,
            training_hours: 0,
            passport: None,
            passport_expires_on: None,
        }
    }

    #[test]
    fn a_statement_that_differs_from_the_nik_is_named() {
        let (nik, today) = (siti().nik, "2026-11-24".parse().unwrap());
        let state = |born_on: &str, sex| identity_of(&nik, born_on.parse().unwrap(), sex, today);
        assert_eq!(state("1996-03-07", Sex::Female), IdentityState::Matches);
        assert_eq!(state("1996-03-08", Sex::Female), IdentityState::BirthDateDiffers);
        assert_eq!(state("1996-03-07", Sex::Male), IdentityState::SexDiffers);
        assert_eq!(state("1996-03-08", Sex::Male), IdentityState::BothDiffer);
    }

    #[test]
    fn a_second_registration_names_what_it_changes() {
        let mut later = siti();
        assert_eq!(differences(&siti(), &later), Vec::<&str>::new());
        later.farm_months = 12;
        later.phone = Phone::parse("081234567890").ok();
        assert_eq!(differences(&siti(), &later), ["phone", "farm_months"]);
    }

    #[test]
    fn a_confirmation_lasts_as_long_as_the_identity() {
        let after = |state: SeekerState, fields: &[&str]| state.after_change(fields);
        assert_eq!(after(SeekerState::Verified, &["phone", "name"]), SeekerState::Registered);
        assert_eq!(after(SeekerState::Verified, &["phone"]), SeekerState::Verified);
        assert_eq!(after(SeekerState::Draft, &["nik"]), SeekerState::Draft);
    }

    #[test]
    fn only_the_office_verifies_and_only_once() {
        let verify = |from, role| decide(from, SeekerEvent::Verify, role).map(|t| t.to());
        assert_eq!(verify(SeekerState::Registered, Role::Office), Ok(SeekerState::Verified));
        assert_eq!(verify(SeekerState::Draft, Role::Lead), Ok(SeekerState::Verified));
        assert_eq!(verify(SeekerState::Registered, Role::Partner), Err(Refusal::Role));
        assert_eq!(verify(SeekerState::Verified, Role::Office), Err(Refusal::State));
    }

    #[test]
    fn counts_have_an_upper_end() {
        assert_eq!((months(720), months(721)), (Ok(720), Err(Code::MonthsInvalid)));
        assert_eq!((korean_level(5), korean_level(6)), (Ok(5), Err(Code::LevelInvalid)));
        assert_eq!(training_hours(1 << 40), Err(Code::HoursInvalid));
    }
}
