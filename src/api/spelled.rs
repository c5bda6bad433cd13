//! Gives enums of `words!` their JSON spelling and their schema, from outside.
//! Must not know: what the words mean.

use serde::de::Error as _;

/// Reads a word, or says which ones there are; `mend` tells this message from a wrong type.
pub(super) fn read_word<'de, D, T>(
    deserializer: D,
    all: &[T],
    word: fn(T) -> &'static str,
) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Copy,
{
    let text = <String as serde::Deserialize>::deserialize(deserializer)?;
    all.iter().copied().find(|one| word(*one) == text).ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|one| word(*one)).collect();
        D::Error::custom(format!("{UNKNOWN_WORD}{}", words.join(", ")))
    })
}

/// Begins the message of a text that is none of the words.
pub(super) const UNKNOWN_WORD: &str = "one of: ";

macro_rules! spelled {
    ($($(#[doc = $doc:literal])? $word:ty as $name:literal),+ $(,)?) => {$(
        impl serde::Serialize for $word {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        impl<'de> serde::Deserialize<'de> for $word {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::api::spelled::read_word(deserializer, <$word>::ALL, <$word>::as_str)
            }
        }
        impl utoipa::PartialSchema for $word {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::SchemaType::new(
                        utoipa::openapi::schema::Type::String,
                    ))
                    .enum_values(Some(<$word>::ALL.iter().map(|one| one.as_str())))
                    $(.description(Some($doc.trim())))?
                    .into()
            }
        }
        impl utoipa::ToSchema for $word {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed($name)
            }
        }
    )+};
}
spelled!(
    /// Who the caller is. New roles may join.
    crate::domain::roles::Role as "Role",
    /// In which legal capacity somebody acts. New ones may join.
    crate::domain::capacity::Capacity as "Capacity",
    /// What a machine may do.
    crate::domain::scopes::Scope as "Scope",
    /// How a key of a machine signs.
    crate::domain::client_keys::KeyAlg as "ClientKeyAlgorithm",
    /// How a job goes.
    crate::db::types::JobState as "JobState",
    /// What a job does. New kinds may join.
    crate::db::types::JobKind as "JobKind",
    /// Whether an account may be used.
    crate::db::types::AccountState as "AccountState",
    /// `preview` judges every row and writes none.
    crate::db::types::ImportMode as "ImportMode",
    /// By the content of the file.
    crate::domain::register::Format as "ImportFormat",
    /// `conflict`: a confirmed person with another identity; not written, an officer decides.
    crate::domain::register::Outcome as "RowOutcome",
    /// A withdrawn list stays visible.
    crate::db::types::ApplicationState as "ApplicationState",
    /// Only `sister_city_mou` and `implementing_arrangement` carry a season.
    crate::domain::agreements::AgreementKind as "AgreementKind",
    crate::domain::agreements::AgreementState as "AgreementState",
    crate::domain::agreements::AgreementDocumentKind as "AgreementDocumentKind",
    crate::domain::seasons::Sector as "Sector",
    /// `household`: a farm or company employs; `public`: a cooperative employs for farms.
    crate::domain::seasons::AllocationKind as "AllocationKind",
    /// `open`: approved, job seekers may list it.
    crate::domain::quotas::QuotaState as "QuotaState",
    crate::domain::quotas::WageUnit as "WageUnit",
    crate::domain::quotas::HousingKind as "HousingKind",
    /// Months of experience, levels of Korean, hours of training.
    crate::domain::points::RubricKind as "RubricKind",
    crate::domain::organisations::OrganisationKind as "OrganisationKind",
    /// Only an `approved` employer may post quotas.
    crate::domain::organisations::OrganisationState as "OrganisationState",
    /// What a file is, by its content. New kinds may join.
    crate::domain::papers::MediaType as "EvidenceMediaType",
    /// How sure a rule is: high, medium, low, or recalled without a source.
    crate::domain::rulebook::Confidence as "Confidence",
    /// A breach is closed when everybody who must be told was told.
    crate::domain::breaches::BreachState as "BreachState",
    /// Which data was reached. New kinds may join.
    crate::domain::breaches::DataKind as "DataKind",
    /// How a notice went out.
    crate::domain::breaches::NoticeChannel as "NoticeChannel",
    /// A system that keeps a number of its own for a person.
    crate::domain::external_ids::ExternalSystem as "ExternalSystem",
    /// How a column tells of a person.
    crate::db::classes::Class as "DataClass",
    /// What makes an activity lawful.
    crate::domain::processing::LawfulBasis as "LawfulBasis",
    /// What makes it lawful that data leaves the country.
    crate::domain::processing::TransferBasis as "TransferBasis",
    /// Whose data it is.
    crate::domain::processing::PeopleKind as "PeopleKind",
    /// Who gets to know something of it. New ones may join.
    crate::domain::processing::Recipient as "Recipient",
    /// What protects the data. New ones may join.
    crate::domain::processing::Safeguard as "Safeguard",
    /// What personal data is used for.
    crate::domain::consents::Purpose as "Purpose",
    /// What makes the use lawful: the person's consent, or a task that the law gives the office.
    crate::domain::consents::Basis as "Basis",
    /// How an answer came to the office.
    crate::domain::consents::Channel as "ConsentChannel",
    /// `replaced`: a later answer to the same purpose took its place.
    crate::domain::consents::ConsentState as "ConsentState",
    crate::texts::Lang as "Language",
    crate::domain::rounds::RoundState as "RoundState",
    crate::domain::seasons::SeasonState as "SeasonState",
    crate::domain::identity::Sex as "Sex",
    crate::domain::identity::Marital as "MaritalStatus",
    /// The last school finished.
    crate::domain::identity::Education as "Education",
    /// `draft`: entered by the person; `registered`: by the office; `verified`: papers were seen; `erased`: nothing in it tells of anybody any more, or it was merged into another.
    crate::domain::seekers::SeekerState as "JobSeekerState",
    /// New kinds may join.
    crate::domain::rights::RequestKind as "DataRequestKind",
    /// `decided`: granted and at work, as a restriction in force is.
    crate::domain::rights::RequestState as "DataRequestState",
    crate::domain::rights::Verdict as "DecisionOutcome",
    /// Why a request, or a part of it, is refused. New grounds may join.
    crate::domain::rights::RefusalGround as "RefusalGround",
    /// `upheld`: the result stands; `reviewed`: it does not, and the note says what follows.
    crate::domain::rights::ReviewOutcome as "ReviewOutcome",
    /// `confirmed`: the double is an empty record and its NIK leads on; `released`: the NIK is free again.
    crate::domain::merges::MergeState as "MergeState",
    /// What hangs on a record. New things may join.
    crate::domain::merges::MergedThing as "MergedThing",
    /// In what two records are alike. New ones may join.
    crate::domain::merges::Likeness as "Likeness",
    /// A member of the record, as registrations call it.
    crate::domain::rights::RecordField as "RecordField",
    /// Whether birth date and sex agree with the NIK. A warning, never a refusal.
    crate::domain::seekers::IdentityState as "IdentityState",
);
