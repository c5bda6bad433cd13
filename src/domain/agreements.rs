//! Agreements between the regency and a Korean si/gun, by kind of instrument.
//! A season stands on one that is effective and may unlock quotas.
//! Must not know: seasons, documents beyond their numbers.

use super::fields;
use super::lifecycle::{Arrow, Lifecycle};
use super::places::SiGun;
use super::problem::{Code, Problems, Reason};
use super::roles::Role;
use super::time::Day;

const TITLE_MAX: usize = 200;
const NUMBER_MAX: usize = 120;
const DOCUMENTS_MAX: usize = 50;

crate::words!(
    /// The instrument. The Korean side of a seasonal programme must be a local government; a
    /// chamber and a company may propose, never bind.
    AgreementKind {
        LetterOfIntent = "letter_of_intent",
        SisterCityMou = "sister_city_mou",
        ImplementingArrangement = "implementing_arrangement",
        ChamberCompanyMemorandum = "chamber_company_memorandum",
    }
);

impl AgreementKind {
    /// Whether quotas may be opened under it. A letter of intent is no treaty, and a memorandum of
    /// a chamber with a company never counts.
    pub const fn can_unlock(self) -> bool {
        matches!(self, Self::SisterCityMou | Self::ImplementingArrangement)
    }
}

crate::words!(
    AgreementState {
        Proposed = "proposed",
        /// The labour office has seen the signed papers.
        Confirmed = "confirmed",
        Ended = "ended",
    }
);

crate::words!(
    AgreementEvent { Confirm = "confirm", End = "end" }
);

const OFFICE: &[Role] = &[Role::Office, Role::Lead];

impl Lifecycle for AgreementState {
    type Event = AgreementEvent;
    const TABLE: &'static [Arrow<Self>] = &[
        Arrow {
            from: Self::Proposed,
            event: AgreementEvent::Confirm,
            who: OFFICE,
            to: Self::Confirmed,
        },
        Arrow { from: Self::Proposed, event: AgreementEvent::End, who: OFFICE, to: Self::Ended },
        Arrow { from: Self::Confirmed, event: AgreementEvent::End, who: OFFICE, to: Self::Ended },
    ];
}

/// Whether `role` may change what an agreement says: the chamber only while it is proposed, nobody
/// once it has ended.
pub fn may_change(role: Role, state: AgreementState) -> bool {
    match state {
        AgreementState::Proposed => true,
        AgreementState::Confirmed => OFFICE.contains(&role),
        AgreementState::Ended => false,
    }
}

crate::words!(
    /// What a document of an agreement is.
    AgreementDocumentKind {
        StatementOfIntent = "statement_of_intent",
        CooperationPlan = "cooperation_plan",
        DprdApproval = "dprd_approval",
        HomeAffairsVerification = "home_affairs_verification",
        FullPowers = "full_powers",
        SignedOriginal = "signed_original",
        Registration = "registration",
        ImplementingArrangement = "implementing_arrangement",
        MojLodging = "moj_lodging",
        Other = "other",
    }
);

/// What decides whether an agreement carries a season.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Footing {
    pub kind: AgreementKind,
    pub state: AgreementState,
    pub effective_from: Day,
    /// Last day; none for an agreement without end.
    pub effective_to: Option<Day>,
}

impl Footing {
    /// Whether it is confirmed and in force on the day.
    pub fn effective_on(&self, day: Day) -> bool {
        self.state == AgreementState::Confirmed
            && self.effective_from <= day
            && self.effective_to.is_none_or(|last| day <= last)
    }

    /// Every reason why no season of `from ..= to` may stand on it; empty if it may.
    pub fn against(&self, from: Day, to: Day) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if !self.kind.can_unlock() {
            reasons.push(Code::AgreementCannotUnlock.with("kind", self.kind));
        }
        if !self.effective_on(from) || !self.effective_on(to) {
            let last = self.effective_to.map_or_else(String::new, |last| last.to_string());
            let reason = Code::AgreementNotEffective
                .with("state", self.state)
                .with("effective_from", self.effective_from);
            reasons.push(reason.with("effective_to", last).with("from", from).with("to", to));
        }
        reasons
    }
}

/// A document as a request says it.
#[derive(Debug, Clone, Default)]
pub struct AgreementDocumentForm {
    pub kind: String,
    pub number: String,
    pub dated_on: String,
}

/// A document by kind, number and date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreementDocument {
    pub kind: AgreementDocumentKind,
    pub number: String,
    pub dated_on: Day,
}

/// An agreement as a request says it.
#[derive(Debug, Clone, Default)]
pub struct AgreementForm {
    pub kind: String,
    pub title: String,
    pub si_gun: Option<String>,
    pub effective_from: String,
    pub effective_to: Option<String>,
    pub documents: Vec<AgreementDocumentForm>,
}

/// An agreement, well formed. The Korean partner is a si/gun, except in a memorandum of a chamber
/// with a company, which may name none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAgreement {
    pub kind: AgreementKind,
    pub title: String,
    pub si_gun: Option<SiGun>,
    pub effective_from: Day,
    pub effective_to: Option<Day>,
    pub documents: Vec<AgreementDocument>,
}

impl AgreementForm {
    pub fn parse(self) -> Result<NewAgreement, Problems> {
        let mut p = Problems::default();
        let kind = p.at("/kind", fields::word(&self.kind));
        let title = p.at("/title", fields::line(&self.title, TITLE_MAX));
        let si_gun = p.maybe("/si_gun", self.si_gun, |code| SiGun::by_code(&code));
        let needs_place = kind.is_some_and(|k| k != AgreementKind::ChamberCompanyMemorandum);
        if needs_place && si_gun == Some(None) {
            p.add("/si_gun", Code::SiGunMissing);
        }
        let from = p.at("/effective_from", fields::day(&self.effective_from));
        let to = p.maybe("/effective_to", self.effective_to, |day| fields::day(&day));
        fields::in_order(&mut p, "/effective_to", from, to.flatten());
        let documents = documents(&mut p, &self.documents);
        p.done(|| {
            Some(NewAgreement {
                kind: kind?,
                title: title?,
                si_gun: si_gun?,
                effective_from: from?,
                effective_to: to?,
                documents: documents?,
            })
        })
    }
}

fn documents(p: &mut Problems, forms: &[AgreementDocumentForm]) -> Option<Vec<AgreementDocument>> {
    if forms.len() > DOCUMENTS_MAX {
        p.add("/documents", Code::TooMany.with("max", DOCUMENTS_MAX));
        return None;
    }
    let read: Vec<Option<AgreementDocument>> = forms
        .iter()
        .enumerate()
        .map(|(index, form)| {
            let at = |member: &str| format!("/documents/{index}/{member}");
            let kind = p.at(&at("kind"), fields::word(&form.kind));
            let number = p.at(&at("number"), fields::line(&form.number, NUMBER_MAX));
            let dated_on = p.at(&at("dated_on"), fields::day(&form.dated_on));
            Some(AgreementDocument { kind: kind?, number: number?, dated_on: dated_on? })
        })
        .collect();
    read.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::super::lifecycle::{decide, roles_of};
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn footing(kind: AgreementKind) -> Footing {
        Footing {
            kind,
            state: AgreementState::Confirmed,
            effective_from: day("2026-01-01"),
            effective_to: Some(day("2027-12-31")),
        }
    }

    fn form() -> AgreementForm {
        AgreementForm {
            kind: "sister_city_mou".into(),
            title: "Bekasi and Hongcheon".into(),
            si_gun: Some("51720".into()),
            effective_from: "2026-01-01".into(),
            effective_to: None,
            documents: vec![],
        }
    }

    fn told(form: AgreementForm) -> Vec<(String, Code)> {
        form.parse().unwrap_err().0.into_iter().map(|w| (w.pointer, w.reason.code)).collect()
    }

    #[test]
    fn neither_a_chamber_nor_a_letter_of_intent_unlocks_quotas() {
        assert!(AgreementKind::SisterCityMou.can_unlock());
        assert!(AgreementKind::ImplementingArrangement.can_unlock());
        for kind in [AgreementKind::ChamberCompanyMemorandum, AgreementKind::LetterOfIntent] {
            let reasons = footing(kind).against(day("2027-03-01"), day("2027-10-31"));
            assert_eq!(reasons.len(), 1);
            assert_eq!(reasons[0].code, Code::AgreementCannotUnlock);
        }
    }

    #[test]
    fn an_agreement_is_effective_on_both_its_border_days() {
        let mou = footing(AgreementKind::SisterCityMou);
        for (on, effective) in [
            ("2025-12-31", false),
            ("2026-01-01", true),
            ("2027-12-31", true),
            ("2028-01-01", false),
        ] {
            assert_eq!(mou.effective_on(day(on)), effective, "{on}");
        }
        let endless = Footing { effective_to: None, ..mou };
        assert!(endless.effective_on(day("2050-01-01")));
    }

    #[test]
    fn an_agreement_that_is_only_proposed_or_ended_is_never_effective() {
        for state in [AgreementState::Proposed, AgreementState::Ended] {
            let mou = Footing { state, ..footing(AgreementKind::SisterCityMou) };
            assert!(!mou.effective_on(day("2026-06-01")));
        }
    }

    #[test]
    fn an_agreement_must_cover_the_whole_season() {
        let mou = footing(AgreementKind::SisterCityMou);
        assert!(mou.against(day("2027-03-01"), day("2027-12-31")).is_empty());
        let reasons = mou.against(day("2027-03-01"), day("2028-01-01"));
        assert_eq!(reasons[0].code, Code::AgreementNotEffective);
    }

    #[test]
    fn only_the_office_confirms_and_ends_an_agreement() {
        for event in AgreementEvent::ALL {
            assert_eq!(roles_of::<AgreementState>(*event), [Role::Office, Role::Lead]);
        }
        let ended = decide(AgreementState::Ended, AgreementEvent::Confirm, Role::Lead);
        assert!(ended.is_err());
    }

    #[test]
    fn a_partner_is_a_known_si_gun_unless_it_is_a_company() {
        assert_eq!(form().parse().unwrap().si_gun.unwrap().name(), "Hongcheon");
        let without = AgreementForm { si_gun: None, ..form() };
        assert_eq!(told(without.clone()), [("/si_gun".into(), Code::SiGunMissing)]);
        let kind = "chamber_company_memorandum".into();
        assert!(AgreementForm { kind, ..without }.parse().is_ok());
        let unknown = AgreementForm { si_gun: Some("99999".into()), ..form() };
        assert_eq!(told(unknown), [("/si_gun".into(), Code::SiGunUnknown)]);
    }

    #[test]
    fn every_bad_field_of_an_agreement_is_told_at_once() {
        let bad = AgreementForm {
            title: " ".into(),
            effective_to: Some("2025-12-31".into()),
            documents: vec![AgreementDocumentForm::default()],
            ..form()
        };
        let expected = [
            ("/title", Code::Missing),
            ("/effective_to", Code::PeriodReversed),
            ("/documents/0/kind", Code::UnknownValue),
            ("/documents/0/number", Code::Missing),
            ("/documents/0/dated_on", Code::DayInvalid),
        ];
        assert_eq!(told(bad), expected.map(|(at, code)| (at.to_owned(), code)));
    }
}
