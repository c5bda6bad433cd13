//! What a published round tells outside the office: one answer for its counts and its nodes
//! together, so that none gives away what another hides. Must not know: tables, HTTP.

use super::identity::Sex;
use super::ids::QuotaId;
use super::places::Kecamatan;
use super::seasons::Sector;
use super::small_cells::hide_small;
use std::collections::HashMap;

/// What counts of a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    pub quota: QuotaId,
    pub kecamatan: String,
    pub sex: Sex,
}

/// Counts by one grouping; `None` is hidden.
pub type Cells = Vec<(&'static str, Option<u64>)>;

/// Counts that may stand side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub placed: Option<u64>,
    pub unplaced: Option<u64>,
    pub by_kecamatan: Cells,
    pub by_sex: Cells,
    /// Sectors that have a quota.
    pub by_sector: Cells,
    quotas: HashMap<QuotaId, bool>,
    inner: bool,
}

impl Told {
    /// Whether the filled seats and the cutoff of a node may be shown: a full node with a cutoff
    /// has as many filled as its cap, so both are shown or none.
    pub fn shows(&self, node: &str) -> bool {
        let quota = node.parse().ok().and_then(|id: QuotaId| self.quotas.get(&id));
        quota.copied().unwrap_or(self.inner)
    }
}

/// Decides what is shown. `quotas` are those with seats to give.
///
/// The total is hidden where a grouping hides it, and where so few are unplaced that the public
/// size of the tree less the total would tell them; nothing else is shown then. Quotas are shown
/// only where every sector is, each sector's as a table of its own; nodes above them only where
/// every quota is, for the sums of nodes are those of their quotas.
pub fn tell(seats: &[Seat], quotas: &[(QuotaId, Sector)], unplaced: u64, smallest: u64) -> Told {
    let mut held: HashMap<QuotaId, u64> = HashMap::new();
    for seat in seats {
        *held.entry(seat.quota).or_default() += 1;
    }
    let of = |sector: Sector| -> Vec<(QuotaId, u64)> {
        let own = quotas.iter().filter(|(_, its)| *its == sector);
        own.map(|(id, _)| (*id, held.get(id).copied().unwrap_or(0))).collect()
    };
    let sectors: Vec<Sector> =
        Sector::ALL.iter().copied().filter(|sector| !of(*sector).is_empty()).collect();

    let homes = Kecamatan::all().map(|home| {
        let code = home.code();
        (code, seats.iter().filter(|seat| seat.kecamatan == code).count() as u64)
    });
    let sexes = Sex::ALL
        .iter()
        .map(|sex| (sex.as_str(), seats.iter().filter(|seat| seat.sex == *sex).count() as u64));
    let fields = sectors
        .iter()
        .map(|sector| (sector.as_str(), of(*sector).iter().map(|(_, count)| count).sum()));
    let (mut by_kecamatan, a) = table(homes, smallest);
    let (mut by_sex, b) = table(sexes, smallest);
    let (mut by_sector, c) = table(fields, smallest);
    let placed = a.and(b).and(c).filter(|_| unplaced >= smallest);
    if placed.is_none() {
        for cells in [&mut by_kecamatan, &mut by_sex, &mut by_sector] {
            hide(cells);
        }
    }
    let open = placed.is_some() && by_sector.iter().all(|(_, count)| count.is_some());
    let mut shown = HashMap::new();
    for sector in sectors {
        let own = of(sector);
        let counts: Vec<u64> = own.iter().map(|(_, count)| *count).collect();
        let cells = hide_small(&counts, smallest).cells;
        shown.extend(own.iter().zip(cells).map(|((id, _), cell)| (*id, open && cell.is_some())));
    }
    let inner = open && shown.values().all(|shown| *shown);
    let unplaced = placed.map(|_| unplaced);
    Told { placed, unplaced, by_kecamatan, by_sex, by_sector, quotas: shown, inner }
}

fn table(cells: impl Iterator<Item = (&'static str, u64)>, smallest: u64) -> (Cells, Option<u64>) {
    let (keys, counts): (Vec<_>, Vec<_>) = cells.unzip();
    let shown = hide_small(&counts, smallest);
    (keys.into_iter().zip(shown.cells).collect(), shown.total)
}

/// A table that is shown whole tells the total too.
fn hide(cells: &mut Cells) {
    for (_, count) in cells {
        *count = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn quota(n: u128) -> QuotaId {
        QuotaId(Uuid::from_u128(n))
    }

    const NODE: &str = "an allocation";

    /// Quotas with a sector and this many seats taken; half the people of each sex.
    fn told(quotas: &[(Sector, usize)], unplaced: u64) -> Told {
        let all: Vec<(QuotaId, usize, Sector)> =
            (1..).zip(quotas).map(|(n, (sector, seats))| (quota(n), *seats, *sector)).collect();
        let ids = all.iter().flat_map(|(id, seats, _)| vec![*id; *seats]);
        let seat = |(n, quota): (usize, QuotaId)| Seat {
            quota,
            kecamatan: if n % 3 == 0 { "321617" } else { "321618" }.to_owned(),
            sex: if n % 2 == 0 { Sex::Female } else { Sex::Male },
        };
        let seats: Vec<Seat> = ids.enumerate().map(seat).collect();
        let quotas: Vec<_> = all.iter().map(|(id, _, sector)| (*id, *sector)).collect();
        tell(&seats, &quotas, unplaced, 5)
    }

    fn shows(told: &Told, n: u128) -> bool {
        told.shows(&quota(n).to_string())
    }

    use Sector::{Agriculture, Fishery};

    #[test]
    fn large_counts_are_shown_with_every_node() {
        let told = told(&[(Agriculture, 20), (Fishery, 20)], 9);
        assert_eq!((told.placed, told.unplaced), (Some(40), Some(9)));
        assert_eq!(told.by_sector.iter().filter_map(|(_, n)| *n).sum::<u64>(), 40);
        assert!(shows(&told, 1) && shows(&told, 2) && told.shows(NODE));
    }

    #[test]
    fn few_unplaced_are_not_told_by_the_size_of_the_tree_less_the_placed() {
        let told = told(&[(Agriculture, 20), (Fishery, 20)], 4);
        assert_eq!((told.placed, told.unplaced), (None, None));
        let cells = [&told.by_kecamatan, &told.by_sex, &told.by_sector];
        assert!(cells.iter().all(|table| table.iter().all(|(_, count)| count.is_none())));
        assert!(!shows(&told, 1) && !told.shows(NODE));
    }

    #[test]
    fn a_hidden_sector_does_not_follow_from_nodes() {
        let told = told(&[(Agriculture, 20), (Fishery, 3)], 9);
        assert_eq!(told.placed, Some(23));
        assert_eq!(told.by_sector, [("agriculture", None), ("fishery", None)]);
        assert!(!shows(&told, 1) && !shows(&told, 2) && !told.shows(NODE));
    }

    #[test]
    fn a_hidden_total_stands_nowhere() {
        let told = told(&[(Agriculture, 4)], 9);
        assert_eq!((told.placed, told.unplaced), (None, None));
        assert!(!shows(&told, 1) && !told.shows(NODE));
    }

    #[test]
    fn a_hidden_quota_takes_the_nodes_above_and_a_companion_with_it() {
        let told = told(&[(Agriculture, 20), (Agriculture, 8), (Agriculture, 2)], 9);
        assert_eq!(told.by_sector, [("agriculture", Some(30))]);
        assert_eq!([1, 2, 3].map(|n| shows(&told, n)), [true, false, false]);
        assert!(!told.shows(NODE));
    }
}
