//! `docs/lifecycles.md` shows the tables of domain/, no more and no less.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use musiman::domain::agreements::{AgreementEvent, AgreementState};
use musiman::domain::breaches::{BreachEvent, BreachState};
use musiman::domain::consents::{ConsentEvent, ConsentState};
use musiman::domain::lifecycle::Lifecycle;
use musiman::domain::merges::{MergeEvent, MergeState};
use musiman::domain::organisations::{OrganisationEvent, OrganisationState};
use musiman::domain::quotas::{QuotaEvent, QuotaState};
use musiman::domain::rights::{RequestEvent, RequestState};
use musiman::domain::roles::Role;
use musiman::domain::rounds::{RoundEvent, RoundState};
use musiman::domain::seasons::{SeasonEvent, SeasonState};
use musiman::domain::seekers::{SeekerEvent, SeekerState};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

const PAGE: &str = "docs/lifecycles.md";

const HEAD: &str = "# Lifecycles

Drawn from the tables in `src/domain/` by `tests/lifecycles.rs`. An arrow names what happens and \
who may do it; a step that is not drawn is refused with 409, one by another role with 403.
";

/// A diagram; states that no arrow leads to are where a thing begins.
fn diagram<S: Lifecycle>(
    name: &str,
    state: fn(S) -> &'static str,
    event: fn(S::Event) -> &'static str,
) -> String {
    let mut text = format!("\n## {name}\n\n```mermaid\nstateDiagram-v2\n");
    let reached: BTreeSet<&str> = S::TABLE.iter().map(|arrow| state(arrow.to)).collect();
    let left: BTreeSet<&str> = S::TABLE.iter().map(|arrow| state(arrow.from)).collect();
    for first in left.difference(&reached) {
        writeln!(text, "    [*] --> {first}").unwrap();
    }
    for arrow in S::TABLE {
        let who: Vec<&str> = arrow.who.iter().map(|role: &Role| role.as_str()).collect();
        let (from, to) = (state(arrow.from), state(arrow.to));
        writeln!(text, "    {from} --> {to}: {} ({})", event(arrow.event), who.join(", ")).unwrap();
    }
    text.push_str("```\n");
    text
}

fn page() -> String {
    [
        HEAD.to_owned(),
        diagram("Organisation", OrganisationState::as_str, OrganisationEvent::as_str),
        diagram("Agreement", AgreementState::as_str, AgreementEvent::as_str),
        diagram("Job seeker", SeekerState::as_str, SeekerEvent::as_str),
        diagram("Consent", ConsentState::as_str, ConsentEvent::as_str),
        diagram("Breach", BreachState::as_str, BreachEvent::as_str),
        diagram("Season", SeasonState::as_str, SeasonEvent::as_str),
        diagram("Quota", QuotaState::as_str, QuotaEvent::as_str),
        diagram("Round", RoundState::as_str, RoundEvent::as_str),
        diagram("Data request", RequestState::as_str, RequestEvent::as_str),
        diagram("Merge", MergeState::as_str, MergeEvent::as_str),
    ]
    .concat()
}

#[test]
fn the_page_of_lifecycles_shows_the_tables() {
    let drawn = page();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let kept = std::fs::read_to_string(root.join(PAGE)).unwrap_or_default();
    if drawn != kept {
        std::fs::write(root.join("target/lifecycles.md"), &drawn).unwrap();
    }
    assert!(
        drawn == kept,
        "a lifecycle has changed: read target/lifecycles.md, and if it is meant, copy it to {PAGE}"
    );
}
