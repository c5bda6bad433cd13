//! A failure of the protection of personal data: what is to be known of it, whom it is told to, and
//! until when (UU 27/2022, article 46). Must not know: who was touched, how notices are sent.

use super::fields;
use super::lifecycle::{Arrow, Lifecycle};
use super::problem::{Code, Problems, Reason};
use super::roles::Role;
use super::rulebook::Rulebook;
use super::time::{Instant, Zone};
use std::collections::BTreeSet;

const TITLE_MAX: usize = 200;
const TEXT_MAX: usize = 2000;

crate::words!(
    /// A breach is closed when everybody who must be told was told.
    BreachState { Open = "open", Closed = "closed" }
);

crate::words!(BreachEvent { Close = "close" });

impl Lifecycle for BreachState {
    type Event = BreachEvent;
    const TABLE: &'static [Arrow<Self>] = &[Arrow {
        from: Self::Open,
        event: BreachEvent::Close,
        who: &[Role::Lead],
        to: Self::Closed,
    }];
}

crate::words!(
    /// Which data was reached, as a notice says it.
    DataKind {
        Identity = "identity",
        Contact = "contact",
        Profile = "profile",
        Work = "work",
        Credentials = "credentials",
        Health = "health",
        CriminalRecord = "criminal_record",
        Finance = "finance",
        Results = "results",
    }
);

crate::words!(
    /// How a notice went out.
    NoticeChannel {
        App = "app",
        Letter = "letter",
        Email = "email",
        Phone = "phone",
        InPerson = "in_person",
        Portal = "portal",
    }
);

/// A text for people, in Indonesian at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worded {
    pub id: String,
    pub ko: Option<String>,
    pub en: Option<String>,
}

impl Worded {
    pub fn parse(id: &str, ko: Option<&str>, en: Option<&str>) -> Result<Self, Problems> {
        let mut p = Problems::default();
        let id = p.at("/id", fields::line(id, TEXT_MAX));
        let ko = p.maybe("/ko", ko, |text| fields::line(text, TEXT_MAX));
        let en = p.maybe("/en", en, |text| fields::line(text, TEXT_MAX));
        p.done(|| Some(Self { id: id?, ko: ko?, en: en? }))
    }

    /// In this language, or in Indonesian where nobody wrote it.
    pub fn in_language(&self, language: &str) -> &str {
        let other = match language {
            "ko" => self.ko.as_deref(),
            "en" => self.en.as_deref(),
            _ => None,
        };
        other.unwrap_or(&self.id)
    }
}

/// What is known of a breach, as it is told.
#[derive(Debug, Clone)]
pub struct BreachForm {
    pub title: String,
    pub happened_from: Option<String>,
    pub happened_to: Option<String>,
    pub data_kinds: Vec<DataKind>,
    pub how: Result<Worded, Problems>,
    pub handling: Result<Worded, Problems>,
}

/// The same, well formed. The title is for the office alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreachTerms {
    pub title: String,
    pub happened_from: Option<Instant>,
    pub happened_to: Option<Instant>,
    pub data_kinds: Vec<DataKind>,
    pub how: Worded,
    pub handling: Worded,
}

fn worded(p: &mut Problems, at: &str, given: Result<Worded, Problems>) -> Option<Worded> {
    match given {
        Ok(words) => Some(words),
        Err(part) => {
            p.under(at, part);
            None
        }
    }
}

impl BreachForm {
    pub fn parse(self) -> Result<BreachTerms, Problems> {
        let mut p = Problems::default();
        let title = p.at("/title", fields::line(&self.title, TITLE_MAX));
        let from = p.maybe("/happened_from", self.happened_from, |t| fields::instant(&t));
        let to = p.maybe("/happened_to", self.happened_to, |t| fields::instant(&t));
        if let (Some(Some(from)), Some(Some(to))) = (from, to)
            && to < from
        {
            p.add("/happened_to", Code::PeriodReversed.with("from", from).with("to", to));
        }
        if self.data_kinds.is_empty() {
            p.add("/data_kinds", Code::Missing);
        }
        let kinds: BTreeSet<DataKind> = self.data_kinds.iter().copied().collect();
        if kinds.len() < self.data_kinds.len() {
            p.add("/data_kinds", Code::Duplicate);
        }
        let how = worded(&mut p, "/how", self.how);
        let handling = worded(&mut p, "/handling", self.handling);
        p.done(|| {
            Some(BreachTerms {
                title: title?,
                happened_from: from?,
                happened_to: to?,
                data_kinds: kinds.into_iter().collect(),
                how: how?,
                handling: handling?,
            })
        })
    }
}

/// Whether a moment has come by now, and lies not before `earliest`.
pub fn past(at: Instant, earliest: Option<Instant>, now: Instant) -> Result<Instant, Reason> {
    if at > now {
        return Err(Code::InstantInFuture.into());
    }
    match earliest {
        Some(from) if at < from => Err(Code::TooEarly.with("from", from)),
        _ => Ok(at),
    }
}

/// Until when person and authority must be told, by the rule of the day on which it became known.
pub fn notice_until(known_at: Instant, rules: &Rulebook) -> Result<Instant, Reason> {
    let ruling = rules.on("ID-BREACH", known_at.day_in(Zone::Jakarta), None)?;
    Ok(known_at.plus_hours(ruling.integer_of("notice_hours")?))
}

/// Refuses to close while somebody waits for a notice: every reason.
pub fn may_close(authority_is_told: bool, people_who_wait: i64) -> Result<(), Vec<Reason>> {
    let mut reasons = Vec::new();
    if !authority_is_told {
        reasons.push(Code::BreachAuthorityWaits.into());
    }
    if people_who_wait > 0 {
        reasons.push(Code::BreachPeopleWait.with("people", people_who_wait));
    }
    if reasons.is_empty() { Ok(()) } else { Err(reasons) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn form() -> BreachForm {
        let words = || Worded::parse("Berkas terkirim ke alamat salah.", None, None);
        BreachForm {
            title: "Berkas".into(),
            happened_from: Some("2026-11-20T01:00:00Z".into()),
            happened_to: None,
            data_kinds: vec![DataKind::Contact, DataKind::Identity],
            how: words(),
            handling: words(),
        }
    }

    #[test]
    fn the_clock_runs_72_hours_from_the_moment_of_knowledge() {
        let rules = Rulebook::shipped().unwrap();
        let until = notice_until(at("2026-11-24T02:30:00Z"), &rules).unwrap();
        assert_eq!(until, at("2026-11-27T02:30:00Z"));
        let before = notice_until(at("2024-01-01T00:00:00Z"), &rules).unwrap_err();
        assert_eq!(before.code, Code::RuleMissing);
    }

    #[test]
    fn everything_that_is_wrong_with_a_record_is_told() {
        assert_eq!(form().parse().unwrap().data_kinds, [DataKind::Identity, DataKind::Contact]);
        let mut wrong = form();
        wrong.happened_to = Some("2026-11-19T01:00:00Z".into());
        wrong.data_kinds = vec![DataKind::Health, DataKind::Health];
        wrong.how = Worded::parse(" ", None, Some(""));
        let told = wrong.parse().unwrap_err();
        let told: Vec<&str> = told.0.iter().map(|w| w.pointer.as_str()).collect();
        assert_eq!(told, ["/happened_to", "/data_kinds", "/how/id", "/how/en"]);
    }

    #[test]
    fn a_moment_has_come_and_lies_not_before_the_other() {
        let now = at("2026-11-24T00:00:00Z");
        let from = Some(at("2026-11-20T00:00:00Z"));
        let code = |text: &str| past(at(text), from, now).map_err(|r| r.code);
        assert!(code("2026-11-20T00:00:00Z").is_ok());
        assert_eq!(code("2026-11-24T00:00:01Z"), Err(Code::InstantInFuture));
        assert_eq!(code("2026-11-19T23:59:59Z"), Err(Code::TooEarly));
    }

    #[test]
    fn nobody_closes_while_somebody_waits() {
        assert!(may_close(true, 0).is_ok());
        assert_eq!(may_close(false, 3).unwrap_err().len(), 2);
    }
}
