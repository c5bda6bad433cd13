//! Organisations of the programme: offices, chambers, Korean employers and local governments.
//! Must not know: accounts, quotas.

use super::fields;
use super::identity::{Brn, FarmId};
use super::lifecycle::{Arrow, Lifecycle};
use super::places::SiGun;
use super::problem::{Code, Problems, Reason};
use super::roles::Role;
use super::seasons::AllocationKind;

const NAME_MAX: usize = 160;
const NOTE_MAX: usize = 500;

crate::words!(
    OrganisationKind {
        LabourOffice = "labour_office",
        Kadin = "kadin",
        Farm = "farm",
        /// An ordinary company; it states a demand and sees counts, nothing more.
        Company = "company",
        /// Employs for farms that order by the day (public type).
        Cooperative = "cooperative",
        SiGun = "si_gun",
    }
);

impl OrganisationKind {
    /// Whether it may post quotas, and so must be known in a Korean register.
    pub const fn is_employer(self) -> bool {
        matches!(self, Self::Farm | Self::Company | Self::Cooperative)
    }

    /// The kind of allocation that its quotas draw on; none for those who post none.
    pub const fn allocation_kind(self) -> Option<AllocationKind> {
        match self {
            Self::Farm | Self::Company => Some(AllocationKind::Household),
            Self::Cooperative => Some(AllocationKind::Public),
            Self::LabourOffice | Self::Kadin | Self::SiGun => None,
        }
    }
}

crate::words!(
    OrganisationState {
        Registered = "registered",
        Approved = "approved",
        Suspended = "suspended",
    }
);

crate::words!(
    OrganisationEvent { Approve = "approve", Suspend = "suspend" }
);

const OFFICE: &[Role] = &[Role::Office, Role::Lead];

const fn arrow(
    from: OrganisationState,
    event: OrganisationEvent,
    to: OrganisationState,
) -> Arrow<OrganisationState> {
    Arrow { from, event, who: OFFICE, to }
}

impl Lifecycle for OrganisationState {
    type Event = OrganisationEvent;
    const TABLE: &'static [Arrow<Self>] = &[
        arrow(Self::Registered, OrganisationEvent::Approve, Self::Approved),
        arrow(Self::Suspended, OrganisationEvent::Approve, Self::Approved),
        arrow(Self::Registered, OrganisationEvent::Suspend, Self::Suspended),
        arrow(Self::Approved, OrganisationEvent::Suspend, Self::Suspended),
    ];
}

/// Whether an organisation may post and submit quotas: an employer that the office approved.
pub fn may_employ(kind: OrganisationKind, state: OrganisationState) -> Result<(), Reason> {
    if !kind.is_employer() {
        return Err(Code::OrganisationKindWrong.with("kind", kind));
    }
    if state != OrganisationState::Approved {
        return Err(Code::OrganisationNotApproved.with("state", state));
    }
    Ok(())
}

/// The reason of a suspension or the advice of a chamber: 1 to 500 characters.
pub fn note(text: &str) -> Result<String, Reason> {
    fields::line(text, NOTE_MAX)
}

/// Whether `role` may change what stands on record: the chamber only until the office approved.
pub fn may_change(role: Role, state: OrganisationState) -> bool {
    OFFICE.contains(&role) || state == OrganisationState::Registered
}

/// An organisation as a request says it.
#[derive(Debug, Clone, Default)]
pub struct OrganisationForm {
    pub kind: String,
    pub name: String,
    pub si_gun: Option<String>,
    pub business_number: Option<String>,
    pub farm_id: Option<String>,
}

/// An organisation, well formed: an employer has a business number or a farm id, a local
/// government its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrganisation {
    pub kind: OrganisationKind,
    pub name: String,
    /// The si/gun that it is, or lies in.
    pub si_gun: Option<SiGun>,
    pub business_number: Option<Brn>,
    pub farm_id: Option<FarmId>,
}

impl OrganisationForm {
    pub fn parse(self) -> Result<NewOrganisation, Problems> {
        let mut p = Problems::default();
        let kind: Option<OrganisationKind> = p.at("/kind", fields::word(&self.kind));
        let name = p.at("/name", fields::line(&self.name, NAME_MAX));
        let si_gun = p.maybe("/si_gun", self.si_gun, |code| SiGun::by_code(&code));
        let brn = p.maybe("/business_number", self.business_number, |text| Brn::parse(&text));
        let farm_id = p.maybe("/farm_id", self.farm_id, |text| FarmId::parse(&text));
        if kind == Some(OrganisationKind::SiGun) && si_gun == Some(None) {
            p.add("/si_gun", Code::SiGunMissing);
        }
        let nameless = brn == Some(None) && farm_id == Some(None);
        if kind.is_some_and(OrganisationKind::is_employer) && nameless {
            p.add("/business_number", Code::BusinessIdMissing);
        }
        p.done(|| {
            Some(NewOrganisation {
                kind: kind?,
                name: name?,
                si_gun: si_gun?,
                business_number: brn?,
                farm_id: farm_id?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::lifecycle::{Refusal, decide, roles_of};
    use super::*;

    fn form(kind: &str) -> OrganisationForm {
        OrganisationForm { kind: kind.into(), name: "Bright Field".into(), ..Default::default() }
    }

    fn told(form: OrganisationForm) -> Vec<(String, Code)> {
        match form.parse() {
            Ok(_) => Vec::new(),
            Err(p) => p.0.into_iter().map(|w| (w.pointer, w.reason.code)).collect(),
        }
    }

    #[test]
    fn an_employer_needs_a_business_number_or_a_farm_id() {
        for kind in ["farm", "company", "cooperative"] {
            assert_eq!(
                told(form(kind)),
                [("/business_number".into(), Code::BusinessIdMissing)],
                "{kind}"
            );
            let business_number = Some("514-93-00122".into());
            assert_eq!(told(OrganisationForm { business_number, ..form(kind) }), [], "{kind}");
            let farm_id = Some("1012345678".into());
            assert_eq!(told(OrganisationForm { farm_id, ..form(kind) }), [], "{kind}");
        }
    }

    #[test]
    fn a_wrong_business_number_is_told_once() {
        let business_number = Some("514-93-00123".into());
        assert_eq!(
            told(OrganisationForm { business_number, ..form("farm") }),
            [("/business_number".into(), Code::BrnInvalid)]
        );
    }

    #[test]
    fn a_local_government_needs_its_code() {
        assert_eq!(told(form("si_gun")), [("/si_gun".into(), Code::SiGunMissing)]);
        let si_gun = Some("42720".into());
        let hongcheon = OrganisationForm { si_gun, ..form("si_gun") }.parse().unwrap();
        assert_eq!(hongcheon.si_gun.unwrap().code(), "51720");
    }

    #[test]
    fn an_office_and_a_chamber_need_neither() {
        assert_eq!(told(form("labour_office")), []);
        assert_eq!(told(form("kadin")), []);
        assert_eq!(told(form("agency")), [("/kind".into(), Code::UnknownValue)]);
    }

    #[test]
    fn only_an_approved_employer_may_employ() {
        use OrganisationState::{Approved, Registered, Suspended};
        assert!(may_employ(OrganisationKind::Farm, Approved).is_ok());
        for state in [Registered, Suspended] {
            let refused = may_employ(OrganisationKind::Farm, state).unwrap_err();
            assert_eq!(refused.code, Code::OrganisationNotApproved);
        }
        let chamber = may_employ(OrganisationKind::Kadin, Approved).unwrap_err();
        assert_eq!(chamber.code, Code::OrganisationKindWrong);
    }

    #[test]
    fn only_the_office_approves_and_suspends() {
        for event in OrganisationEvent::ALL {
            assert_eq!(roles_of::<OrganisationState>(*event), [Role::Office, Role::Lead]);
        }
        assert_eq!(
            decide(OrganisationState::Approved, OrganisationEvent::Approve, Role::Lead),
            Err(Refusal::State)
        );
        let lifted = decide(OrganisationState::Suspended, OrganisationEvent::Approve, Role::Lead);
        assert_eq!(lifted.unwrap().to(), OrganisationState::Approved);
    }

    #[test]
    fn a_cooperative_draws_on_the_public_allocation() {
        assert_eq!(OrganisationKind::Cooperative.allocation_kind(), Some(AllocationKind::Public));
        assert_eq!(OrganisationKind::Farm.allocation_kind(), Some(AllocationKind::Household));
        assert_eq!(OrganisationKind::Kadin.allocation_kind(), None);
    }
}
