//! What a machine may be let do, in closed words. Must not know: paths, tokens.

use super::UnknownWord;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

crate::words!(
    /// Each is a part of what every officer may do. Nothing that decides stands here: a machine
    /// approves nothing, and nothing of a lead officer's is open to it.
    Scope {
        AgreementsRead = "agreements.read",
        ApplicationsRead = "applications.read",
        ImportsRead = "imports.read",
        ImportsWrite = "imports.write",
        JobsRead = "jobs.read",
        OrganisationsRead = "organisations.read",
        QuotasRead = "quotas.read",
        RoundsRead = "rounds.read",
        SeasonsRead = "seasons.read",
        SeekersRead = "seekers.read",
        SeekersWrite = "seekers.write",
    }
);

impl Scope {
    /// What the words open, for whoever chooses among them.
    pub const fn said(self) -> &'static str {
        match self {
            Self::AgreementsRead => "Read agreements.",
            Self::ApplicationsRead => "Read ranked lists.",
            Self::ImportsRead => "Read how imports went.",
            Self::ImportsWrite => "Upload registers.",
            Self::JobsRead => "Read how jobs go.",
            Self::OrganisationsRead => "Read organisations.",
            Self::QuotasRead => "Read quotas.",
            Self::RoundsRead => "Read rounds, seats and explanations.",
            Self::SeasonsRead => "Read seasons and their inputs.",
            Self::SeekersRead => "Read and look up job seekers, and judge eligibility.",
            Self::SeekersWrite => "Register and change job seekers.",
        }
    }
}

/// Several scopes, spelled with one space between them (RFC 6749, section 3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn within(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl FromStr for Scopes {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        text.split(' ').filter(|word| !word.is_empty()).map(str::parse).collect()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.iter().map(Scope::as_str).collect();
        f.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_as_they_are_spelled() {
        let both: Scopes = "seekers.write  seekers.read".parse().unwrap();
        assert_eq!(both.to_string(), "seekers.read seekers.write");
        let one: Scopes = "seekers.read".parse().unwrap();
        assert!(one.within(&both) && !both.within(&one));
        assert_eq!("seekers.approve".parse::<Scopes>(), Err(UnknownWord));
    }
}
