//! The tree of caps of a frozen input. Must not know: lists, people.

use crate::acts::frozen::InputNode;
use crate::db::quotas::QuotaRow;
use crate::db::seasons::{AllocationRow, SeasonRow};
use crate::domain::ids::{AllocationId, OrganisationId};
use crate::domain::rulebook::Rulebook;
use crate::domain::seasons::AllocationKind;
use std::collections::{BTreeMap, HashMap, HashSet};

type Employers<'a> = BTreeMap<(AllocationId, OrganisationId), Vec<&'a QuotaRow>>;

/// The cap of an employer under one allocation: what the rule allows, at most its seats there.
/// An employer with quotas in several allocations keeps its seats in each.
fn employer_cap(quotas: &[&QuotaRow], alone: bool, rules: &Rulebook) -> i64 {
    let seats: i64 = quotas.iter().map(|q| i64::from(q.seats)).sum();
    let ceiling = quotas
        .iter()
        .filter(|q| alone && q.kind == AllocationKind::Household)
        .filter_map(|q| rules.on("KR-CAP-EMP", q.starts_on, Some(&q.si_gun)).ok())
        .filter_map(|ruling| ruling.integer_of("ceiling").ok())
        .min();
    ceiling.map_or(seats, |ceiling| ceiling.min(seats))
}

/// Season, allocations, employers, quotas; allocations without open quotas are left out, and a
/// listed quota that is not open any more, or whose employer is suspended, hangs under the season
/// without a seat.
pub fn tree(
    season: &SeasonRow,
    allocations: &[AllocationRow],
    open: &[QuotaRow],
    shut: &[QuotaRow],
    rules: &Rulebook,
) -> Vec<InputNode> {
    let root = season.id.to_string();
    let mut employers: Employers<'_> = BTreeMap::new();
    let mut places: HashMap<OrganisationId, HashSet<AllocationId>> = HashMap::new();
    for quota in open {
        let at = (quota.allocation_id, quota.organisation_id);
        employers.entry(at).or_default().push(quota);
        places.entry(quota.organisation_id).or_default().insert(quota.allocation_id);
    }
    let used = |a: &&AllocationRow| open.iter().any(|q| q.allocation_id == a.id);
    let node =
        |id: String, cap: i64, parent: &str| InputNode { cap, id, parent: Some(parent.to_owned()) };
    let heads: i64 = allocations.iter().map(|a| i64::from(a.heads)).sum();
    let mut nodes = vec![InputNode { cap: heads, id: root.clone(), parent: None }];
    nodes.extend(
        allocations.iter().filter(used).map(|a| node(a.id.to_string(), i64::from(a.heads), &root)),
    );
    for ((allocation, employer), quotas) in &employers {
        let id = format!("{allocation}/{employer}");
        let alone = places.get(employer).is_none_or(|p| p.len() == 1);
        let seats = quotas.iter().map(|q| node(q.id.to_string(), i64::from(q.seats), &id));
        nodes.extend(seats);
        let cap = employer_cap(quotas, alone, rules);
        nodes.push(node(id, cap, &allocation.to_string()));
    }
    nodes.extend(shut.iter().map(|q| node(q.id.to_string(), 0, &root)));
    nodes.sort_by(|a, b| a.id.cmp(&b.id));
    nodes
}
