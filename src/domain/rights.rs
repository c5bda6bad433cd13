//! What a person may ask of those who hold the own data (UU 27/2022, articles 5 to 13), the clocks
//! over the answer, and what an answer must say. Must not know: what a granted request changes.

use super::fields;
use super::ids::RoundId;
use super::lifecycle::{Arrow, Lifecycle};
use super::problem::{Code, Problems, Reason};
use super::roles::Role;
use super::rulebook::Rulebook;
use super::time::{Instant, Zone};

/// Most characters of what a person writes, and of what is answered.
const TEXT_MAX: usize = 2000;
const NOTE_MAX: usize = 1000;

crate::words!(
    RequestKind {
        /// What is held of the person.
        Access = "access",
        /// Some of it is wrong.
        Correction = "correction",
        /// It shall lie still.
        Restriction = "restriction",
        /// It shall go.
        Erasure = "erasure",
        /// A human being shall look at what the engine decided.
        Objection = "objection",
    }
);

crate::words!(
    RequestState {
        Received = "received",
        IdentityChecked = "identity_checked",
        /// Granted, and still at work: a restriction is in force.
        Decided = "decided",
        Done = "done",
        PartlyRefused = "partly_refused",
        Refused = "refused",
        Withdrawn = "withdrawn",
    }
);

crate::words!(
    RequestEvent {
        CheckIdentity = "check_identity",
        Grant = "grant",
        GrantPart = "grant_part",
        Refuse = "refuse",
        /// What was granted is done, or a restriction is lifted.
        Complete = "complete",
        Withdraw = "withdraw",
    }
);

crate::words!(
    /// How a request is answered.
    Verdict { Granted = "granted", PartlyGranted = "partly_granted", Refused = "refused" }
);

crate::words!(
    /// Why a request, or a part of it, is refused.
    RefusalGround {
        IdentityNotProven = "identity_not_proven",
        EvidenceInsufficient = "evidence_insufficient",
        RecordCorrect = "record_correct",
        RetentionDuty = "retention_duty",
        /// The exceptions of article 15: defence, law enforcement, public administration.
        LegalException = "legal_exception",
        Repeated = "repeated",
    }
);

crate::words!(
    /// What a human being found when looking at a result of the engine again.
    ReviewOutcome {
        /// The result stands.
        Upheld = "upheld",
        /// It does not, and the note says what follows.
        Reviewed = "reviewed",
    }
);

crate::words!(
    /// A member of the record, as registrations call it.
    RecordField {
        Nik = "nik",
        Kk = "kk",
        Name = "name",
        BirthPlace = "birth_place",
        BornOn = "born_on",
        Sex = "sex",
        MaritalStatus = "marital_status",
        Address = "address",
        Village = "village",
        Kecamatan = "kecamatan",
        Education = "education",
        Phone = "phone",
        Email = "email",
        Ak1Number = "ak1_number",
        Ak1IssuedOn = "ak1_issued_on",
        FarmMonths = "farm_months",
        FisheryMonths = "fishery_months",
        KoreanLevel = "korean_level",
        TrainingHours = "training_hours",
        PassportNumber = "passport_number",
        PassportExpiresOn = "passport_expires_on",
    }
);

const OFFICE: &[Role] = &[Role::Office, Role::Lead];
const PERSON: &[Role] = &[Role::Seeker];

const fn arrow(
    from: RequestState,
    event: RequestEvent,
    who: &'static [Role],
    to: RequestState,
) -> Arrow<RequestState> {
    Arrow { from, event, who, to }
}

impl Lifecycle for RequestState {
    type Event = RequestEvent;
    const TABLE: &'static [Arrow<Self>] = &[
        arrow(Self::Received, RequestEvent::CheckIdentity, OFFICE, Self::IdentityChecked),
        arrow(Self::IdentityChecked, RequestEvent::Grant, OFFICE, Self::Decided),
        arrow(Self::IdentityChecked, RequestEvent::GrantPart, OFFICE, Self::PartlyRefused),
        arrow(Self::Received, RequestEvent::Refuse, OFFICE, Self::Refused),
        arrow(Self::IdentityChecked, RequestEvent::Refuse, OFFICE, Self::Refused),
        arrow(Self::Decided, RequestEvent::Complete, OFFICE, Self::Done),
        arrow(Self::Received, RequestEvent::Withdraw, PERSON, Self::Withdrawn),
        arrow(Self::IdentityChecked, RequestEvent::Withdraw, PERSON, Self::Withdrawn),
        arrow(Self::Decided, RequestEvent::Withdraw, PERSON, Self::Withdrawn),
    ];
}

impl RequestState {
    /// The states in which a person waits for an answer.
    pub const OPEN: [Self; 2] = [Self::Received, Self::IdentityChecked];

    pub fn is_open(self) -> bool {
        Self::OPEN.contains(&self)
    }
}

impl Verdict {
    pub const fn event(self) -> RequestEvent {
        match self {
            Self::Granted => RequestEvent::Grant,
            Self::PartlyGranted => RequestEvent::GrantPart,
            Self::Refused => RequestEvent::Refuse,
        }
    }

    /// Whether a request in that state was answered so.
    pub const fn stands_in(self, state: RequestState) -> bool {
        match self {
            Self::Granted => matches!(state, RequestState::Decided | RequestState::Done),
            Self::PartlyGranted => matches!(state, RequestState::PartlyRefused),
            Self::Refused => matches!(state, RequestState::Refused),
        }
    }
}

/// When a request is told to a lead officer, and when it must be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    pub escalates_at: Instant,
    pub due_at: Instant,
}

/// By the rule of the day of receipt (`DP-CLOCK`).
pub fn clocks(received: Instant, rules: &Rulebook) -> Result<Clocks, Reason> {
    let ruling = rules.on("DP-CLOCK", received.day_in(Zone::Jakarta), None)?;
    let after = |member| Ok::<_, Reason>(received.plus_hours(ruling.integer_of(member)?));
    Ok(Clocks { escalates_at: after("escalate_hours")?, due_at: after("answer_hours")? })
}

/// A member and what it should say; none clears it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    pub field: RecordField,
    pub value: Option<String>,
}

/// A request as it is sent.
#[derive(Debug, Clone)]
pub struct RequestForm {
    pub kind: RequestKind,
    pub text: Option<String>,
    pub evidence: Option<String>,
    pub corrections: Vec<Correction>,
    pub round: Option<RoundId>,
}

/// A request, well formed: what is wanted and how it is shown for a correction, the round for an
/// objection, and neither for others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    pub kind: RequestKind,
    pub text: Option<String>,
    pub evidence: Option<String>,
    pub corrections: Vec<Correction>,
    pub round: Option<RoundId>,
}

/// Notes a member that this kind needs and lacks, or has and must not have.
fn belongs(p: &mut Problems, pointer: &str, is_given: bool, is_due: bool) {
    match (is_given, is_due) {
        (false, true) => p.add(pointer, Code::Missing),
        (true, false) => p.add(pointer, Code::NotOfThisKind),
        _ => {}
    }
}

impl RequestForm {
    pub fn parse(self) -> Result<NewRequest, Problems> {
        let mut p = Problems::default();
        let text = p.maybe("/text", self.text, |text| fields::line(&text, TEXT_MAX));
        let evidence = p.maybe("/evidence", self.evidence, |text| fields::line(&text, TEXT_MAX));
        let corrects = self.kind == RequestKind::Correction;
        belongs(&mut p, "/corrections", !self.corrections.is_empty(), corrects);
        belongs(&mut p, "/evidence", evidence != Some(None), corrects);
        belongs(&mut p, "/round_id", self.round.is_some(), self.kind == RequestKind::Objection);
        let mut corrections: Vec<Correction> = Vec::new();
        for (index, asked) in self.corrections.into_iter().enumerate() {
            let first = corrections.iter().position(|one| one.field == asked.field);
            if let Some(first) = first {
                let reason = Code::Duplicate.with("first", format!("/corrections/{first}"));
                p.add(&format!("/corrections/{index}/field"), reason);
            }
            let at = format!("/corrections/{index}/value");
            let value = p.maybe(&at, asked.value, |text| fields::line(&text, NOTE_MAX));
            corrections.push(Correction { field: asked.field, value: value.flatten() });
        }
        p.done(|| {
            Some(NewRequest {
                kind: self.kind,
                text: text?,
                evidence: evidence?,
                corrections,
                round: self.round,
            })
        })
    }
}

/// An answer as it is sent.
#[derive(Debug, Clone)]
pub struct DecisionForm {
    pub verdict: Verdict,
    pub fields: Vec<RecordField>,
    pub ground: Option<RefusalGround>,
    pub review: Option<ReviewOutcome>,
    pub note: String,
}

/// An answer, well formed; whether it fits a request is for `check`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub verdict: Verdict,
    /// What is granted of a correction that is granted in part.
    pub fields: Vec<RecordField>,
    pub ground: Option<RefusalGround>,
    pub review: Option<ReviewOutcome>,
    pub note: String,
}

impl DecisionForm {
    pub fn parse(self) -> Result<Decision, Problems> {
        let mut p = Problems::default();
        let note = p.at("/note", fields::line(&self.note, NOTE_MAX));
        belongs(&mut p, "/ground", self.ground.is_some(), self.verdict != Verdict::Granted);
        let in_part = self.verdict == Verdict::PartlyGranted;
        belongs(&mut p, "/fields", !self.fields.is_empty(), in_part);
        p.done(|| {
            Some(Decision {
                verdict: self.verdict,
                fields: self.fields,
                ground: self.ground,
                review: self.review,
                note: note?,
            })
        })
    }
}

impl Decision {
    /// Whether this can answer a request of that kind, which asks to correct these members.
    pub fn check(&self, kind: RequestKind, asked: &[Correction]) -> Result<(), Problems> {
        let mut p = Problems::default();
        let in_part = self.verdict == Verdict::PartlyGranted;
        if in_part && kind != RequestKind::Correction {
            p.add("/outcome", Code::NotOfThisKind);
        }
        for (index, field) in self.fields.iter().enumerate() {
            if !asked.iter().any(|one| one.field == *field) {
                p.add(&format!("/fields/{index}"), Code::UnknownValue);
            }
        }
        if in_part && asked.iter().all(|one| self.fields.contains(&one.field)) {
            p.add("/fields", Code::TooMany.with("max", asked.len().saturating_sub(1)));
        }
        let reviews = kind == RequestKind::Objection && self.verdict == Verdict::Granted;
        belongs(&mut p, "/review", self.review.is_some(), reviews);
        p.done(|| Some(()))
    }

    /// What is granted of the members asked for.
    pub fn granted(&self, asked: Vec<Correction>) -> Vec<Correction> {
        let holds = |one: &Correction| match self.verdict {
            Verdict::Granted => true,
            Verdict::PartlyGranted => self.fields.contains(&one.field),
            Verdict::Refused => false,
        };
        asked.into_iter().filter(holds).collect()
    }
}

#[cfg(test)]
mod tests;
