//! Two records of one human being: what a proposal to merge them must say, who decides, what is
//! taken from the double, and what a likeness is. Must not know: rows, what hangs on a record.

use super::fields;
use super::ids::{DataRequestId, SeekerId};
use super::lifecycle::{Arrow, Lifecycle};
use super::problem::{Code, Problems};
use super::rights::RecordField;
use super::roles::Role;
use super::seekers::NewSeeker;

/// Most characters of the evidence and of a refusal.
const EVIDENCE_MAX: usize = 2000;
const NOTE_MAX: usize = 1000;

crate::words!(
    MergeState {
        Proposed = "proposed",
        /// The double is an empty record, and its NIK leads to the survivor.
        Confirmed = "confirmed",
        Refused = "refused",
        Withdrawn = "withdrawn",
        /// Still merged, but the NIK that led to the survivor is somebody else's and free.
        Released = "released",
    }
);

crate::words!(
    MergeEvent {
        Confirm = "confirm",
        Refuse = "refuse",
        Withdraw = "withdraw",
        ReleaseNik = "release_nik",
    }
);

const OFFICE: &[Role] = &[Role::Office, Role::Lead];
const LEAD: &[Role] = &[Role::Lead];

const fn arrow(
    from: MergeState,
    event: MergeEvent,
    who: &'static [Role],
    to: MergeState,
) -> Arrow<MergeState> {
    Arrow { from, event, who, to }
}

impl Lifecycle for MergeState {
    type Event = MergeEvent;
    const TABLE: &'static [Arrow<Self>] = &[
        arrow(Self::Proposed, MergeEvent::Confirm, LEAD, Self::Confirmed),
        arrow(Self::Proposed, MergeEvent::Refuse, LEAD, Self::Refused),
        arrow(Self::Proposed, MergeEvent::Withdraw, OFFICE, Self::Withdrawn),
        arrow(Self::Confirmed, MergeEvent::ReleaseNik, LEAD, Self::Released),
    ];
}

impl MergeEvent {
    /// Whether a second person must do it: two stand behind a merge.
    pub const fn needs_another(self) -> bool {
        matches!(self, Self::Confirm | Self::Refuse)
    }
}

crate::words!(
    /// What hangs on a record.
    MergedThing {
        Account = "account",
        ExternalIds = "external_ids",
        Consents = "consents",
        DataRequests = "data_requests",
        Applications = "applications",
        BreachNotices = "breach_notices",
        FrozenLists = "frozen_lists",
        Seats = "seats",
    }
);

/// What becomes of the things of a double.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    pub thing: MergedThing,
    /// Hang on the survivor then.
    pub moves: usize,
    /// Count no more.
    pub ends: usize,
    /// Stay where they are, under the id or the pseudonym of the double.
    pub stays: usize,
}

crate::words!(
    /// In what two records are alike.
    Likeness {
        NameAndBirthDate = "name_and_birth_date",
        Phone = "phone",
        Passport = "passport",
    }
);

/// A proposal as it is sent.
#[derive(Debug, Clone)]
pub struct MergeForm {
    pub survivor: SeekerId,
    pub double: SeekerId,
    pub fields: Vec<RecordField>,
    pub evidence: String,
    pub request: Option<DataRequestId>,
}

/// A proposal, well formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMerge {
    pub survivor: SeekerId,
    pub double: SeekerId,
    /// What the survivor takes from the double; it keeps its own otherwise.
    pub fields: Vec<RecordField>,
    pub evidence: String,
    pub request: Option<DataRequestId>,
}

impl MergeForm {
    pub fn parse(self) -> Result<NewMerge, Problems> {
        let mut p = Problems::default();
        let evidence = p.at("/evidence", fields::line(&self.evidence, EVIDENCE_MAX));
        if self.survivor == self.double {
            p.add("/double_id", Code::Duplicate.with("first", "/survivor_id"));
        }
        for (index, field) in self.fields.iter().enumerate() {
            let first = self.fields.iter().position(|one| one == field);
            if let Some(first) = first.filter(|first| *first < index) {
                let reason = Code::Duplicate.with("first", format!("/fields/{first}"));
                p.add(&format!("/fields/{index}"), reason);
            }
        }
        p.done(|| {
            Some(NewMerge {
                survivor: self.survivor,
                double: self.double,
                fields: self.fields,
                evidence: evidence?,
                request: self.request,
            })
        })
    }
}

/// Why a proposal is refused.
pub fn refusal(note: &str) -> Result<String, Problems> {
    let mut p = Problems::default();
    let note = p.at("/note", fields::line(note, NOTE_MAX));
    p.done(|| note)
}

fn take(field: RecordField, from: &NewSeeker, into: &mut NewSeeker) {
    match field {
        RecordField::Nik => into.nik.clone_from(&from.nik),
        RecordField::Kk => into.kk.clone_from(&from.kk),
        RecordField::Name => into.name.clone_from(&from.name),
        RecordField::BirthPlace => into.birth_place.clone_from(&from.birth_place),
        RecordField::BornOn => into.born_on = from.born_on,
        RecordField::Sex => into.sex = from.sex,
        RecordField::MaritalStatus => into.marital = from.marital,
        RecordField::Address => into.address.clone_from(&from.address),
        RecordField::Village => into.village.clone_from(&from.village),
        RecordField::Kecamatan => into.kecamatan = from.kecamatan,
        RecordField::Education => into.education = from.education,
        RecordField::Phone => into.phone.clone_from(&from.phone),
        RecordField::Email => into.email.clone_from(&from.email),
        RecordField::Ak1Number => into.ak1_number.clone_from(&from.ak1_number),
        RecordField::Ak1IssuedOn => into.ak1_issued_on = from.ak1_issued_on,
        RecordField::FarmMonths => into.farm_months = from.farm_months,
        RecordField::FisheryMonths => into.fishery_months = from.fishery_months,
        RecordField::KoreanLevel => into.korean_level = from.korean_level,
        RecordField::TrainingHours => into.training_hours = from.training_hours,
        RecordField::PassportNumber => into.passport.clone_from(&from.passport),
        RecordField::PassportExpiresOn => into.passport_expires_on = from.passport_expires_on,
    }
}

/// The survivor with these members of the double.
pub fn taken(fields: &[RecordField], survivor: &NewSeeker, double: &NewSeeker) -> NewSeeker {
    let mut new = survivor.clone();
    for field in fields {
        take(*field, double, &mut new);
    }
    new
}

/// The members in which two records differ.
pub fn differing(survivor: &NewSeeker, double: &NewSeeker) -> Vec<RecordField> {
    let differs = |field: &RecordField| taken(&[*field], survivor, double) != *survivor;
    RecordField::ALL.iter().copied().filter(differs).collect()
}

#[cfg(test)]
mod tests {
    use super::super::identity::{Name, Nik, Phone, Sex};
    use super::super::lifecycle::{Refusal, decide};
    use super::super::places::Kecamatan;
    use super::*;
    use uuid::Uuid;

    fn siti(nik: &str) -> NewSeeker {
        NewSeeker {
            nik: Nik::parse(nik).unwrap(),
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
    fn what_is_named_is_taken_and_nothing_else() {
        let (survivor, mut double) = (siti("3216184703960002"), siti("3216184703960003"));
        double.phone = Phone::parse("081234567890").ok();
        double.farm_months = 36;
        let fields = differing(&survivor, &double);
        assert_eq!(fields, [RecordField::Nik, RecordField::Phone, RecordField::FarmMonths]);
        let new = taken(&[RecordField::FarmMonths], &survivor, &double);
        assert_eq!((new.farm_months, new.phone.as_ref(), &new.nik), (36, None, &survivor.nik));
        assert_eq!(taken(&fields, &survivor, &double), double);
        assert_eq!(taken(RecordField::ALL, &survivor, &double), double, "no member is left out");
        assert_eq!(differing(&double, &double), []);
    }

    #[test]
    fn a_proposal_names_two_records_and_each_member_once() {
        let form = |double: u128, fields: &[RecordField]| MergeForm {
            survivor: SeekerId(Uuid::from_u128(1)),
            double: SeekerId(Uuid::from_u128(double)),
            fields: fields.to_vec(),
            evidence: " KTP  seen ".to_owned(),
            request: None,
        };
        let good = form(2, &[RecordField::Nik]).parse().unwrap();
        assert_eq!(good.evidence, "KTP seen");
        let wrong = form(1, &[RecordField::Nik, RecordField::Kk, RecordField::Nik]).parse();
        let told: Vec<String> = wrong.unwrap_err().0.into_iter().map(|w| w.pointer).collect();
        assert_eq!(told, ["/double_id", "/fields/2"]);
        let bare = MergeForm { evidence: "  ".to_owned(), ..form(2, &[]) };
        assert_eq!(bare.parse().unwrap_err().0[0].reason.code, Code::Missing);
        assert_eq!(refusal("").unwrap_err().0[0].pointer, "/note");
    }

    #[test]
    fn a_lead_decides_and_once() {
        let step = |from, event, role| decide::<MergeState>(from, event, role).map(|t| t.to());
        let confirm = |from, role| step(from, MergeEvent::Confirm, role);
        assert_eq!(confirm(MergeState::Proposed, Role::Lead), Ok(MergeState::Confirmed));
        assert_eq!(confirm(MergeState::Proposed, Role::Office), Err(Refusal::Role));
        assert_eq!(confirm(MergeState::Withdrawn, Role::Lead), Err(Refusal::State));
        let withdrawn = step(MergeState::Proposed, MergeEvent::Withdraw, Role::Office);
        assert_eq!(withdrawn, Ok(MergeState::Withdrawn));
        let free = step(MergeState::Confirmed, MergeEvent::ReleaseNik, Role::Lead);
        assert_eq!(free, Ok(MergeState::Released));
    }
}
