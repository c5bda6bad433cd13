//! Typed ids. All are UUIDv7, made by the clock so that they sort by creation.
//! Must not know: how a database or JSON spells them.

use uuid::Uuid;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            pub const fn uuid(self) -> Uuid { self.0 }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self { Self(id) }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { text.parse().map(Self) }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
    )+};
}

ids!(
    AccountId,
    AgreementId,
    AllocationId,
    ApplicationId,
    BreachId,
    ConsentId,
    /// What a person asks about the own data.
    DataRequestId,
    /// A file that a person handed in.
    EvidenceId,
    /// A number of a person in another system.
    ExternalIdId,
    ImportId,
    JobId,
    /// A proposal to merge two records.
    MergeId,
    OrganisationId,
    QuotaId,
    RoundId,
    SeasonId,
    /// A job seeker.
    SeekerId,
    SessionId,
    /// A secret of a client.
    SecretId,
    /// A public key of a client.
    ClientKeyId,
);
