//! A round of matching: its states, the two persons behind it, and the time to reveal the secret.
//! Must not know: the matching itself, who the officers are.

use super::ids::AccountId;
use super::lifecycle::{Arrow, Lifecycle};
use super::problem::{Code, Reason};
use super::roles::Role;
use super::rulebook::Rulebook;
use super::time::{Instant, Zone};

crate::words!(
    RoundState {
        Queued = "queued",
        Computed = "computed",
        Approved = "approved",
        Published = "published",
        /// Not to be used; stays visible.
        Void = "void",
    }
);

crate::words!(
    RoundEvent {
        /// A job does it for the officer who asked.
        Compute = "compute",
        Approve = "approve",
        Publish = "publish",
        Void = "void",
    }
);

const OFFICE: &[Role] = &[Role::Office, Role::Lead];
const LEAD: &[Role] = &[Role::Lead];

const fn arrow(
    from: RoundState,
    event: RoundEvent,
    who: &'static [Role],
    to: RoundState,
) -> Arrow<RoundState> {
    Arrow { from, event, who, to }
}

impl Lifecycle for RoundState {
    type Event = RoundEvent;
    const TABLE: &'static [Arrow<Self>] = &[
        arrow(Self::Queued, RoundEvent::Compute, OFFICE, Self::Computed),
        arrow(Self::Computed, RoundEvent::Approve, OFFICE, Self::Approved),
        arrow(Self::Approved, RoundEvent::Publish, LEAD, Self::Published),
        arrow(Self::Queued, RoundEvent::Void, OFFICE, Self::Void),
        arrow(Self::Computed, RoundEvent::Void, OFFICE, Self::Void),
        arrow(Self::Approved, RoundEvent::Void, OFFICE, Self::Void),
    ];
}

/// A round is approved by another officer than the one who had it computed, so that at least two
/// persons stand behind what is published.
pub fn approver(computed_by: AccountId, approver: AccountId) -> Result<(), Reason> {
    if computed_by == approver { Err(Code::ApproverComputed.into()) } else { Ok(()) }
}

/// The last moment for publication with the secret: so many days of 24 hours after the beacon as
/// the rule of the beacon's day in Asia/Jakarta says.
pub fn reveal_until(beacon_at: Instant, rules: &Rulebook) -> Result<Instant, Reason> {
    let days = rules.on("OPS-REVEAL", beacon_at.day_in(Zone::Jakarta), None)?.integer()?;
    Ok(beacon_at.plus_hours(days.saturating_mul(24)))
}

/// Refuses a reveal after that moment: the round is void then, publicly.
pub fn reveal(beacon_at: Instant, now: Instant, rules: &Rulebook) -> Result<(), Reason> {
    let until = reveal_until(beacon_at, rules)?;
    if now <= until {
        return Ok(());
    }
    let ruling = rules.on("OPS-REVEAL", beacon_at.day_in(Zone::Jakarta), None)?;
    Err(ruling.rule().cited(Code::RevealTooLate.with("until", until)))
}

#[cfg(test)]
mod tests {
    use super::super::lifecycle::{Refusal, decide};
    use super::*;
    use uuid::Uuid;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn who_computed_a_round_does_not_approve_it() {
        let (one, two) = (AccountId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        assert_eq!(approver(one, one).unwrap_err().code, Code::ApproverComputed);
        assert!(approver(one, two).is_ok());
    }

    #[test]
    fn a_round_is_published_by_a_lead_officer_after_approval() {
        let publish = |from, role| decide::<RoundState>(from, RoundEvent::Publish, role);
        assert_eq!(publish(RoundState::Computed, Role::Lead), Err(Refusal::State));
        assert_eq!(publish(RoundState::Approved, Role::Office), Err(Refusal::Role));
        assert_eq!(publish(RoundState::Approved, Role::Lead).unwrap().to(), RoundState::Published);
    }

    #[test]
    fn a_published_round_cannot_be_made_void() {
        let void = |from| decide::<RoundState>(from, RoundEvent::Void, Role::Lead);
        assert_eq!(void(RoundState::Published), Err(Refusal::State));
        for from in [RoundState::Queued, RoundState::Computed, RoundState::Approved] {
            assert_eq!(void(from).unwrap().to(), RoundState::Void);
        }
    }

    #[test]
    fn the_secret_is_revealed_within_seven_days_to_the_second() {
        let rules = Rulebook::shipped().unwrap();
        let beacon = at("2026-12-24T10:00:00Z");
        assert!(reveal(beacon, at("2026-12-31T10:00:00Z"), &rules).is_ok());
        let late = reveal(beacon, at("2026-12-31T10:00:00.000001Z"), &rules).unwrap_err();
        assert_eq!(late.code, Code::RevealTooLate);
        let unruled = reveal(beacon, beacon, &Rulebook::default()).unwrap_err();
        assert_eq!(unruled.code, Code::RuleMissing);
    }
}
