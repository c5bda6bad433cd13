//! The ranked list of a job seeker: quotas in the order of the person's own wish.
//! Must not know: where quotas are kept, who else applies.

use super::ids::{QuotaId, SeasonId};
use super::problem::{Code, Problems, Reason};
use super::quotas::{QuotaState, shut};
use std::collections::HashMap;

/// Quotas, best first: at least one, none twice, all open and of one season.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankedList(Vec<QuotaId>);

/// What is known of a listed quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedQuota {
    pub season: SeasonId,
    pub state: QuotaState,
    pub employer_suspended: bool,
}

impl RankedList {
    /// Checks a list for a season that allows `list_max` choices; `known` holds those of the
    /// listed quotas that exist. Problems stand at `/choices` or `/choices/<index>`. A quota that
    /// a job seeker may not see counts as unknown: leave it out of `known`.
    /// Linear in the list.
    pub fn check(
        choices: &[QuotaId],
        season: SeasonId,
        list_max: i64,
        known: &HashMap<QuotaId, ListedQuota>,
    ) -> Result<Self, Problems> {
        let mut p = Problems::default();
        if choices.is_empty() {
            p.add("/choices", Code::ChoicesEmpty);
        }
        let length = i64::try_from(choices.len()).unwrap_or(i64::MAX);
        if length > list_max {
            p.add("/choices", Code::TooMany.with("max", list_max));
            return Err(p);
        }
        let mut first_at: HashMap<QuotaId, usize> = HashMap::new();
        for (index, quota) in choices.iter().enumerate() {
            let at = format!("/choices/{index}");
            if let Some(first) = first_at.get(quota) {
                p.add(&at, Code::Duplicate.with("first", format!("/choices/{first}")));
            } else {
                first_at.insert(*quota, index);
                p.at(&at, may_list(season, known.get(quota)));
            }
        }
        p.done(|| Some(Self(choices.to_vec())))
    }

    /// Best first.
    pub fn choices(&self) -> &[QuotaId] {
        &self.0
    }
}

fn may_list(season: SeasonId, quota: Option<&ListedQuota>) -> Result<(), Reason> {
    match quota {
        None => Err(Code::QuotaUnknown.into()),
        Some(quota) if quota.season != season => Err(Code::QuotaOfOtherSeason.into()),
        Some(quota) => {
            let reason = shut(quota.state, quota.employer_suspended).into_iter().next();
            reason.map_or(Ok(()), Err)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn quota(n: u128) -> QuotaId {
        QuotaId(Uuid::from_u128(n))
    }

    fn season(n: u128) -> SeasonId {
        SeasonId(Uuid::from_u128(n))
    }

    fn listed(season: SeasonId, state: QuotaState) -> ListedQuota {
        ListedQuota { season, state, employer_suspended: false }
    }

    /// Quotas 1 to 5 are open, 6 is endorsed, 7 is of another season, 9 of a suspended employer.
    fn known() -> HashMap<QuotaId, ListedQuota> {
        let mut known: HashMap<_, _> =
            (1..=5).map(|n| (quota(n), listed(season(1), QuotaState::Open))).collect();
        known.insert(quota(6), listed(season(1), QuotaState::Endorsed));
        known.insert(quota(7), listed(season(2), QuotaState::Open));
        let open = listed(season(1), QuotaState::Open);
        known.insert(quota(9), ListedQuota { employer_suspended: true, ..open });
        known
    }

    fn told(choices: &[u128], list_max: i64) -> Vec<(String, Code)> {
        let choices: Vec<QuotaId> = choices.iter().map(|n| quota(*n)).collect();
        match RankedList::check(&choices, season(1), list_max, &known()) {
            Ok(list) => {
                assert_eq!(list.choices(), choices);
                Vec::new()
            }
            Err(p) => p.0.into_iter().map(|w| (w.pointer, w.reason.code)).collect(),
        }
    }

    #[test]
    fn a_good_list_keeps_its_order() {
        assert_eq!(told(&[3, 1, 2], 3), []);
        assert_eq!(told(&[5], 20), []);
    }

    #[test]
    fn an_empty_list_and_a_long_one_are_refused() {
        assert_eq!(told(&[], 3), [("/choices".into(), Code::ChoicesEmpty)]);
        assert_eq!(told(&[1, 2, 3, 4], 3), [("/choices".into(), Code::TooMany)]);
    }

    #[test]
    fn every_bad_choice_is_told_at_its_place() {
        let expected = [
            ("/choices/1", Code::QuotaNotOpen),
            ("/choices/2", Code::QuotaOfOtherSeason),
            ("/choices/3", Code::QuotaUnknown),
            ("/choices/4", Code::EmployerSuspended),
            ("/choices/5", Code::Duplicate),
        ];
        assert_eq!(told(&[1, 6, 7, 8, 9, 1], 20), expected.map(|(at, code)| (at.to_owned(), code)));
    }
}
