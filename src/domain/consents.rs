//! Consent, purpose by purpose: what is asked in which words from which day, and what becomes of an
//! answer. The words stand in `rules/consent_texts.toml`. Must not know: who answers, where answers
//! are kept.

use super::lifecycle::{Arrow, Lifecycle};
use super::organisations::OrganisationKind;
use super::problem::{Code, Problems, Reason};
use super::roles::Role;
use super::rulebook::hex;
use super::time::Day;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use toml::Table;

crate::words!(
    /// What personal data is used for (domain.md 5.3).
    Purpose {
        Registration = "registration",
        Matching = "matching",
        ShareWithKrGov = "share_with_kr_gov",
        ShareWithEmployer = "share_with_employer",
        Medical = "medical",
        TrainingProvider = "training_provider",
        Statistics = "statistics",
    }
);

crate::words!(
    /// What makes the use lawful (UU 27/2022, article 20).
    Basis { Consent = "consent", PublicTask = "public_task" }
);

crate::words!(
    /// How an answer came to the office.
    Channel {
        App = "app",
        /// A form or a letter.
        Paper = "paper",
        Desk = "desk",
        /// Enough to withdraw, as that must be as easy as can be; no consent is proved by it.
        Phone = "phone",
        Import = "import",
    }
);

impl Channel {
    /// How an officer may have heard that somebody withdraws.
    pub const OF_WITHDRAWALS: [Self; 3] = [Self::Paper, Self::Desk, Self::Phone];
}

crate::words!(
    /// A record is ended once and never changed otherwise.
    ConsentState { InForce = "in_force", Withdrawn = "withdrawn", Replaced = "replaced" }
);

crate::words!(
    ConsentEvent {
        Withdraw = "withdraw",
        /// A later answer to the same purpose takes its place.
        Replace = "replace",
    }
);

const ANSWERED: &[Role] = &[Role::Office, Role::Lead, Role::Seeker];

impl Lifecycle for ConsentState {
    type Event = ConsentEvent;
    const TABLE: &'static [Arrow<Self>] = &[
        Arrow {
            from: Self::InForce,
            event: ConsentEvent::Withdraw,
            who: ANSWERED,
            to: Self::Withdrawn,
        },
        Arrow {
            from: Self::InForce,
            event: ConsentEvent::Replace,
            who: ANSWERED,
            to: Self::Replaced,
        },
    ];
}

/// A wording in every language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentText {
    pub purpose: Purpose,
    pub version: i32,
    pub valid_from: Day,
    pub basis: Basis,
    /// By the language's code.
    pub wordings: BTreeMap<String, String>,
}

/// The wording that somebody saw, to be kept with the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub version: i32,
    pub language: String,
    pub digest: String,
}

/// SHA-256 of a wording in hex.
pub fn digest(wording: &str) -> String {
    hex(&Sha256::digest(wording.as_bytes()))
}

const LANGUAGES: [&str; 3] = ["id", "ko", "en"];

fn read(item: &toml::Value) -> Option<ConsentText> {
    let word = |name: &str| item.get(name).and_then(toml::Value::as_str);
    let date = item.get("valid_from")?.as_datetime()?.date?;
    let wording = |language: &str| Some((language.to_owned(), word(language)?.to_owned()));
    Some(ConsentText {
        purpose: word("purpose")?.parse().ok()?,
        version: i32::try_from(item.get("version")?.as_integer()?).ok()?,
        valid_from: Day::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())?,
        basis: word("basis")?.parse().ok()?,
        wordings: LANGUAGES.into_iter().map(wording).collect::<Option<_>>()?,
    })
}

fn all(text: &str) -> Option<Vec<ConsentText>> {
    let document: Table = text.parse().ok()?;
    document.get("text")?.as_array()?.iter().map(read).collect()
}

// A test reads the file, so the empty list never leaves this line.
static TEXTS: LazyLock<Vec<ConsentText>> =
    LazyLock::new(|| all(include_str!("../../rules/consent_texts.toml")).unwrap_or_default());

/// The version of a purpose that is asked on a day.
pub fn text_on(purpose: Purpose, day: Day) -> Option<&'static ConsentText> {
    let asked = TEXTS.iter().filter(|t| t.purpose == purpose && t.valid_from <= day);
    asked.max_by_key(|t| (t.valid_from, t.version))
}

/// What is asked on a day, in the order of the purposes.
pub fn texts_on(day: Day) -> Vec<&'static ConsentText> {
    Purpose::ALL.iter().filter_map(|purpose| text_on(*purpose, day)).collect()
}

/// The wording of a version that was asked on the day, with the basis of its purpose. Pointers:
/// `/purpose`, `/text_version`.
pub fn shown(
    purpose: Purpose,
    version: i32,
    language: &str,
    day: Day,
) -> Result<(Basis, Shown), Problems> {
    let mut p = Problems::default();
    let Some(text) = text_on(purpose, day) else {
        p.add("/purpose", Code::ConsentTextUnknown);
        return Err(p);
    };
    if text.version != version {
        p.add("/text_version", Code::ConsentTextUnknown.with("current", text.version));
    }
    let wording = text.wordings.get(language);
    p.done(|| {
        let shown = Shown { version, language: language.to_owned(), digest: digest(wording?) };
        Some((text.basis, shown))
    })
}

/// Why something is left undone for want of a consent.
pub fn missing(purpose: Purpose) -> Reason {
    Code::ConsentMissing.with("purpose", purpose)
}

/// What a Korean partner of this kind may be told about a person for.
pub const fn sharing(kind: OrganisationKind) -> Purpose {
    match kind {
        OrganisationKind::SiGun => Purpose::ShareWithKrGov,
        _ => Purpose::ShareWithEmployer,
    }
}

#[cfg(test)]
mod tests {
    use super::super::lifecycle::{Refusal, decide};
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn every_purpose_is_asked_in_every_language() {
        let asked = texts_on(day("2026-11-24"));
        let purposes: Vec<Purpose> = asked.iter().map(|t| t.purpose).collect();
        assert_eq!(purposes, Purpose::ALL);
        for text in asked {
            assert!(text.wordings.values().all(|w| w.len() > 100 && !w.contains("  ")), "{text:?}");
            let digests: std::collections::BTreeSet<String> =
                text.wordings.values().map(|w| digest(w)).collect();
            assert_eq!(digests.len(), LANGUAGES.len(), "{}: twice the same words", text.purpose);
        }
        assert!(texts_on(day("2025-12-31")).is_empty());
    }

    #[test]
    fn versions_of_a_purpose_follow_each_other_by_number_and_day() {
        for purpose in Purpose::ALL {
            let of = TEXTS.iter().filter(|t| t.purpose == *purpose);
            let all: Vec<(i32, Day)> = of.map(|t| (t.version, t.valid_from)).collect();
            let numbers: Vec<i32> = all.iter().map(|(version, _)| *version).collect();
            assert_eq!(numbers, (1..).take(all.len()).collect::<Vec<_>>(), "{purpose}");
            assert!(all.is_sorted_by(|a, b| a.1 < b.1), "{purpose}");
        }
    }

    /// People have seen these words: whoever wants others adds a version.
    #[test]
    fn a_wording_that_was_shown_stays_as_it_was() {
        let first = TEXTS.iter().filter(|t| t.version == 1);
        let words: String = first.flat_map(|t| t.wordings.values().cloned()).collect();
        assert_eq!(
            digest(&words),
            "50cb6ff259313253c881b3eb2ea939b6731c374df919828b4d261f52704a9ed9"
        );
    }

    #[test]
    fn an_answer_names_the_wording_that_is_asked_on_its_day() {
        let on = day("2026-11-24");
        let (basis, seen) = shown(Purpose::Matching, 1, "ko", on).unwrap();
        assert_eq!((basis, seen.version, seen.digest.len()), (Basis::Consent, 1, 64));
        let other = shown(Purpose::Matching, 2, "ko", on).unwrap_err();
        assert_eq!(other.0[0].reason, Code::ConsentTextUnknown.with("current", 1));
        let early = shown(Purpose::Matching, 1, "id", day("2025-01-01")).unwrap_err();
        assert_eq!(early.0[0].pointer, "/purpose");
        assert_eq!(shown(Purpose::Registration, 1, "id", on).unwrap().0, Basis::PublicTask);
    }

    #[test]
    fn an_answer_ends_once() {
        let withdraw = |from| decide::<ConsentState>(from, ConsentEvent::Withdraw, Role::Seeker);
        assert_eq!(withdraw(ConsentState::InForce).unwrap().to(), ConsentState::Withdrawn);
        assert_eq!(withdraw(ConsentState::Withdrawn), Err(Refusal::State));
        assert_eq!(withdraw(ConsentState::Replaced), Err(Refusal::State));
    }
}
