//! The register of processing activities, read from `rules/processing.toml`.
//! Must not know: which columns there are, who reads the register.

use super::consents::Purpose;
use super::rulebook::{RuleRef, Rulebook};
use super::time::Day;
use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::LazyLock;
use toml::{Table, Value};

crate::words!(
    /// What makes an activity lawful (UU 27/2022, article 20 (2)).
    LawfulBasis {
        Consent = "consent",
        Contract = "contract",
        LegalDuty = "legal_duty",
        VitalInterest = "vital_interest",
        PublicTask = "public_task",
        LegitimateInterest = "legitimate_interest",
    }
);

crate::words!(
    /// What makes it lawful that data leaves the country (article 56).
    TransferBasis {
        EqualProtection = "equal_protection",
        BindingSafeguards = "binding_safeguards",
        Consent = "consent",
    }
);

crate::words!(
    /// Whose data it is.
    PeopleKind { JobSeekers = "job_seekers", Staff = "staff", Partners = "partners" }
);

crate::words!(
    /// Who gets to know something of it.
    Recipient {
        LabourOffice = "labour_office",
        Kadin = "kadin",
        Employer = "employer",
        SiGun = "si_gun",
        TrainingProvider = "training_provider",
        Authority = "authority",
        Public = "public",
    }
);

crate::words!(
    /// What protects the data.
    Safeguard {
        Sealed = "sealed",
        KeyedHash = "keyed_hash",
        Masked = "masked",
        Pseudonyms = "pseudonyms",
        SmallCells = "small_cells",
        Consent = "consent",
        TwoPersons = "two_persons",
        ShortLived = "short_lived",
        Limits = "limits",
        Journal = "journal",
        ReadLines = "read_lines",
    }
);

/// A member of a rule that says how long data stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    pub rule: String,
    pub member: String,
}

impl Retention {
    /// The figure of the rule on a day, and the rule; `None` where no rule says so.
    pub fn on(&self, day: Day, rules: &Rulebook) -> Option<(i64, RuleRef)> {
        let ruling = rules.on(&self.rule, day, None).ok()?;
        Some((ruling.number_of(&self.member)?, ruling.rule()))
    }
}

/// One activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    pub id: String,
    pub valid_from: Day,
    /// By the language's code.
    pub title: BTreeMap<String, String>,
    pub purposes: Vec<Purpose>,
    pub basis: LawfulBasis,
    pub source: String,
    pub people: Vec<PeopleKind>,
    /// Table and column.
    pub columns: Vec<(String, String)>,
    pub recipients: Vec<Recipient>,
    /// None where nothing leaves the country.
    pub transfer: Option<TransferBasis>,
    pub retention: Retention,
    pub safeguards: Vec<Safeguard>,
}

fn text<'a>(item: &'a Value, name: &str) -> Option<&'a str> {
    item.get(name)?.as_str()
}

fn texts(item: &Value, name: &str) -> Option<Vec<String>> {
    item.get(name)?.as_array()?.iter().map(|word| Some(word.as_str()?.to_owned())).collect()
}

fn words<T: FromStr>(item: &Value, name: &str) -> Option<Vec<T>> {
    texts(item, name)?.iter().map(|word| word.parse().ok()).collect()
}

fn pair(text: &str, between: char) -> Option<(String, String)> {
    text.split_once(between).map(|(one, two)| (one.to_owned(), two.to_owned()))
}

fn read(item: &Value) -> Option<Activity> {
    let date = item.get("valid_from")?.as_datetime()?.date?;
    let title = item.get("title")?.as_table()?.iter();
    let transfer = match text(item, "transfer") {
        None => None,
        Some(word) => Some(word.parse().ok()?),
    };
    let (rule, member) = pair(text(item, "retention")?, '/')?;
    let columns = texts(item, "columns")?;
    Some(Activity {
        id: text(item, "id")?.to_owned(),
        valid_from: Day::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())?,
        title: title
            .map(|(language, said)| Some((language.clone(), said.as_str()?.to_owned())))
            .collect::<Option<_>>()?,
        purposes: words(item, "purposes")?,
        basis: text(item, "basis")?.parse().ok()?,
        source: text(item, "source")?.to_owned(),
        people: words(item, "people")?,
        columns: columns.iter().map(|column| pair(column, '.')).collect::<Option<_>>()?,
        recipients: words(item, "recipients")?,
        transfer,
        retention: Retention { rule, member },
        safeguards: words(item, "safeguards")?,
    })
}

fn all(text: &str) -> Option<Vec<Activity>> {
    let document: Table = text.parse().ok()?;
    document.get("activity")?.as_array()?.iter().map(read).collect()
}

// A test reads the file, so the empty register never leaves this line.
static REGISTER: LazyLock<Vec<Activity>> =
    LazyLock::new(|| all(include_str!("../../rules/processing.toml")).unwrap_or_default());

/// The activities of a day in the order of the file; of each the entry that began last.
pub fn on(day: Day) -> Vec<&'static Activity> {
    let begun = || REGISTER.iter().filter(|one| one.valid_from <= day);
    let latest = |one: &&Activity| {
        !begun().any(|other| other.id == one.id && other.valid_from > one.valid_from)
    };
    begun().filter(latest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_activity_is_whole_and_its_retention_is_a_rule() {
        let day: Day = "2026-11-24".parse().unwrap();
        let rules = Rulebook::shipped().unwrap();
        let register = on(day);
        assert!(register.len() >= 8, "rules/processing.toml was not read");
        for one in register {
            let languages: Vec<&str> = one.title.keys().map(String::as_str).collect();
            assert_eq!(languages, ["en", "id", "ko"], "{}", one.id);
            assert!(one.retention.on(day, &rules).is_some_and(|(n, _)| n > 0), "{}", one.id);
            assert!(!one.people.is_empty() && !one.safeguards.is_empty(), "{}", one.id);
            let abroad = [Recipient::Employer, Recipient::SiGun];
            let leaves = one.recipients.iter().any(|r| abroad.contains(r));
            assert_eq!(one.transfer.is_some(), leaves, "{}: article 56", one.id);
        }
        assert!(on("2025-12-31".parse().unwrap()).is_empty());
    }

    #[test]
    fn what_rests_on_consent_is_asked_for_it() {
        for one in on("2026-11-24".parse().unwrap()) {
            let asks = one.safeguards.contains(&Safeguard::Consent);
            assert_eq!(one.basis == LawfulBasis::Consent, asks, "{}", one.id);
        }
    }
}
