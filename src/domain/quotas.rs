//! A quota: a partner's demand for seasonal workers, its terms and its way to being open.
//! Must not know: who applies, how seats are given.

mod terms;

pub use terms::{check_terms, employer_cap, last_day_of, monthly_wage, within_season};

use super::fields;
use super::lifecycle::{Arrow, Lifecycle};
use super::problem::{Code, Problems, Reason};
use super::roles::Role;
use super::seasons::{AllocationKind, Sector};
use super::time::Day;

const CROP_MAX: usize = 80;
const WORK_MAX: usize = 1_000;
const DOCUMENT_MAX: usize = 120;
const NOTE_MAX: usize = 500;
const SEATS_MAX: i64 = 1_000;
const WON_MAX: i64 = 100_000_000;
const WEEK_HOURS: i64 = 7 * 24;
const MONTH_DAYS: i64 = 31;
const EXPERIENCE_MAX: i64 = 600;

crate::words!(
    QuotaState {
        Draft = "draft",
        Submitted = "submitted",
        /// The si/gun's document is entered.
        Endorsed = "endorsed",
        /// Approved: job seekers may list it.
        Open = "open",
        Rejected = "rejected",
        Withdrawn = "withdrawn",
    }
);

crate::words!(
    QuotaEvent {
        Submit = "submit",
        Withdraw = "withdraw",
        /// The office enters the document of the si/gun.
        Endorse = "endorse",
        Approve = "approve",
        Reject = "reject",
    }
);

const PARTNER: &[Role] = &[Role::Partner];
const OFFICE: &[Role] = &[Role::Office, Role::Lead];

const fn arrow(
    from: QuotaState,
    event: QuotaEvent,
    who: &'static [Role],
    to: QuotaState,
) -> Arrow<QuotaState> {
    Arrow { from, event, who, to }
}

impl Lifecycle for QuotaState {
    type Event = QuotaEvent;
    const TABLE: &'static [Arrow<Self>] = &[
        arrow(Self::Draft, QuotaEvent::Submit, PARTNER, Self::Submitted),
        // A demand that was sent back is mended and submitted again.
        arrow(Self::Rejected, QuotaEvent::Submit, PARTNER, Self::Submitted),
        arrow(Self::Submitted, QuotaEvent::Endorse, OFFICE, Self::Endorsed),
        arrow(Self::Endorsed, QuotaEvent::Approve, OFFICE, Self::Open),
        arrow(Self::Submitted, QuotaEvent::Reject, OFFICE, Self::Rejected),
        arrow(Self::Endorsed, QuotaEvent::Reject, OFFICE, Self::Rejected),
        // The office takes an opened one back.
        arrow(Self::Open, QuotaEvent::Reject, OFFICE, Self::Rejected),
        arrow(Self::Draft, QuotaEvent::Withdraw, PARTNER, Self::Withdrawn),
        arrow(Self::Submitted, QuotaEvent::Withdraw, PARTNER, Self::Withdrawn),
        arrow(Self::Endorsed, QuotaEvent::Withdraw, PARTNER, Self::Withdrawn),
        arrow(Self::Open, QuotaEvent::Withdraw, PARTNER, Self::Withdrawn),
        arrow(Self::Rejected, QuotaEvent::Withdraw, PARTNER, Self::Withdrawn),
    ];
}

impl QuotaState {
    /// Whether the partner may still change the terms.
    pub const fn terms_may_change(self) -> bool {
        matches!(self, Self::Draft | Self::Rejected)
    }
}

/// What keeps everybody from a seat of the quota: it is not open, or its employer is suspended.
pub fn shut(state: QuotaState, employer_suspended: bool) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if state != QuotaState::Open {
        reasons.push(Code::QuotaNotOpen.with("state", state));
    }
    if employer_suspended {
        reasons.push(Code::EmployerSuspended.into());
    }
    reasons
}

/// The number of the document with which a si/gun endorses: 1 to 120 characters.
pub fn document(text: &str) -> Result<String, Reason> {
    fields::line(text, DOCUMENT_MAX)
}

/// Why a demand is sent back: 1 to 500 characters.
pub fn note(text: &str) -> Result<String, Reason> {
    fields::line(text, NOTE_MAX)
}

crate::words!(
    /// What the wage is paid by.
    WageUnit { Hour = "hour", Month = "month" }
);

crate::words!(
    /// Where the worker lives. Which of them are banned or count as proper is a dated rule.
    HousingKind {
        House = "house",
        Apartment = "apartment",
        Dormitory = "dormitory",
        Prefab = "prefab",
        Container = "container",
        Greenhouse = "greenhouse",
        Warehouse = "warehouse",
    }
);

/// The terms as a request says them: plain values, days as `YYYY-MM-DD`.
#[derive(Debug, Clone, Default)]
pub struct QuotaForm {
    pub kind: String,
    pub sector: String,
    pub crop: String,
    pub work: String,
    pub starts_on: String,
    pub ends_on: String,
    pub seats: i64,
    pub wage_unit: String,
    pub wage_amount: i64,
    pub hours_per_week: i64,
    pub days_off_per_month: i64,
    pub housing: String,
    pub housing_deduction: i64,
    pub meals_deduction: i64,
    pub min_experience_months: Option<i64>,
}

/// The terms that a contract under the quota will have. Money is whole won, days are of Asia/Seoul.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaTerms {
    /// Household or public type; decides which allocation the seats draw on.
    pub kind: AllocationKind,
    pub sector: Sector,
    /// What grows or is caught.
    pub crop: String,
    /// What the worker does, in the employer's words.
    pub work: String,
    pub starts_on: Day,
    /// Last day of the contract.
    pub ends_on: Day,
    pub seats: i64,
    pub wage_unit: WageUnit,
    /// Won an hour or a month.
    pub wage_amount: i64,
    /// Hours paid in every week of the contract.
    pub hours_per_week: i64,
    pub days_off_per_month: i64,
    pub housing: HousingKind,
    /// Won a month.
    pub housing_deduction: i64,
    /// Won a month.
    pub meals_deduction: i64,
    /// Months in the sector that the employer asks for; the rule's minimum holds anyway.
    pub min_experience_months: Option<i64>,
}

impl QuotaForm {
    /// Reads the form; every problem with its pointer. Bounds here are those of arithmetic and
    /// calendar; the programme's rules are `check_terms`.
    pub fn parse(self) -> Result<QuotaTerms, Problems> {
        let mut p = Problems::default();
        let kind = p.at("/kind", fields::word(&self.kind));
        let sector = p.at("/sector", fields::word(&self.sector));
        let crop = p.at("/crop", fields::line(&self.crop, CROP_MAX));
        let work = p.at("/work", fields::line(&self.work, WORK_MAX));
        let starts_on = p.at("/starts_on", fields::day(&self.starts_on));
        let ends_on = p.at("/ends_on", fields::day(&self.ends_on));
        fields::in_order(&mut p, "/ends_on", starts_on, ends_on);
        let seats = p.at("/seats", fields::number(self.seats, 1..=SEATS_MAX));
        let wage_unit = p.at("/wage_unit", fields::word(&self.wage_unit));
        let wage_amount = p.at("/wage_amount", fields::number(self.wage_amount, 1..=WON_MAX));
        let hours = p.at("/hours_per_week", fields::number(self.hours_per_week, 1..=WEEK_HOURS));
        let days_off =
            p.at("/days_off_per_month", fields::number(self.days_off_per_month, 0..=MONTH_DAYS));
        let housing = p.at("/housing", fields::word(&self.housing));
        let board = p.at("/housing_deduction", fields::number(self.housing_deduction, 0..=WON_MAX));
        let meals = p.at("/meals_deduction", fields::number(self.meals_deduction, 0..=WON_MAX));
        let experience = p.maybe("/min_experience_months", self.min_experience_months, |months| {
            fields::number(months, 0..=EXPERIENCE_MAX)
        });
        p.done(|| {
            Some(QuotaTerms {
                kind: kind?,
                sector: sector?,
                crop: crop?,
                work: work?,
                starts_on: starts_on?,
                ends_on: ends_on?,
                seats: seats?,
                wage_unit: wage_unit?,
                wage_amount: wage_amount?,
                hours_per_week: hours?,
                days_off_per_month: days_off?,
                housing: housing?,
                housing_deduction: board?,
                meals_deduction: meals?,
                min_experience_months: experience?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::lifecycle::{Refusal, decide, roles_of};
    use super::*;

    #[test]
    fn every_bad_term_is_told_at_once() {
        let problems = QuotaForm { min_experience_months: Some(-1), ..QuotaForm::default() }
            .parse()
            .unwrap_err();
        let pointers: Vec<&str> = problems.0.iter().map(|w| w.pointer.as_str()).collect();
        let expected = [
            "/kind",
            "/sector",
            "/crop",
            "/work",
            "/starts_on",
            "/ends_on",
            "/seats",
            "/wage_unit",
            "/wage_amount",
            "/hours_per_week",
            "/housing",
            "/min_experience_months",
        ];
        assert_eq!(pointers, expected);
    }

    #[test]
    fn a_contract_cannot_end_before_it_starts() {
        let form = QuotaForm {
            starts_on: "2026-03-02".into(),
            ends_on: "2026-03-01".into(),
            ..QuotaForm::default()
        };
        let problems = form.parse().unwrap_err();
        let ends = problems.0.iter().find(|w| w.pointer == "/ends_on").unwrap();
        assert_eq!(ends.reason.code, Code::PeriodReversed);
    }

    #[test]
    fn a_demand_opens_only_through_endorsement_and_approval() {
        let submitted = decide(QuotaState::Draft, QuotaEvent::Submit, Role::Partner).unwrap().to();
        assert_eq!(decide(submitted, QuotaEvent::Approve, Role::Office), Err(Refusal::State));
        let endorsed = decide(submitted, QuotaEvent::Endorse, Role::Office).unwrap().to();
        let open = decide(endorsed, QuotaEvent::Approve, Role::Lead).unwrap().to();
        assert_eq!(open, QuotaState::Open);
    }

    #[test]
    fn neither_partner_nor_kadin_opens_a_quota() {
        for event in [QuotaEvent::Endorse, QuotaEvent::Approve, QuotaEvent::Reject] {
            assert_eq!(roles_of::<QuotaState>(event), [Role::Office, Role::Lead]);
        }
        for event in [QuotaEvent::Submit, QuotaEvent::Withdraw] {
            assert_eq!(roles_of::<QuotaState>(event), [Role::Partner]);
        }
    }

    #[test]
    fn the_office_takes_an_open_quota_back() {
        let back = decide(QuotaState::Open, QuotaEvent::Reject, Role::Office).unwrap().to();
        assert_eq!(back, QuotaState::Rejected);
        let partner = decide(QuotaState::Open, QuotaEvent::Reject, Role::Partner);
        assert_eq!(partner, Err(Refusal::Role));
    }

    #[test]
    fn a_suspended_employer_shuts_its_open_quotas() {
        let codes = |state, suspended| {
            shut(state, suspended).into_iter().map(|r| r.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(QuotaState::Open, false), []);
        assert_eq!(codes(QuotaState::Open, true), [Code::EmployerSuspended]);
        let both = [Code::QuotaNotOpen, Code::EmployerSuspended];
        assert_eq!(codes(QuotaState::Rejected, true), both);
    }

    #[test]
    fn a_rejected_demand_is_mended_and_submitted_again() {
        assert!(QuotaState::Rejected.terms_may_change());
        assert!(decide(QuotaState::Rejected, QuotaEvent::Submit, Role::Partner).is_ok());
        for state in [QuotaState::Submitted, QuotaState::Endorsed, QuotaState::Open] {
            assert!(!state.terms_may_change());
        }
        assert_eq!(
            decide(QuotaState::Withdrawn, QuotaEvent::Submit, Role::Partner),
            Err(Refusal::State)
        );
    }
}
