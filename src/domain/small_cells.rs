//! Counts that may be shown: no small cell, and none that the others and the total give away.
//! Must not know: what is counted, for whom.

/// A table of counts as the public may see it; `None` is hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub cells: Vec<Option<u64>>,
    pub total: Option<u64>,
}

/// Hides every cell under `threshold`, zeros too, and then the next smallest ones until no hidden
/// small cell can be computed from the shown cells and the total, even by somebody who knows this
/// method. Where that needs more cells than there are, the total is hidden as well; a total under
/// the threshold always is. For one table by one grouping: where it hides a total, no other table
/// may show it, and tables that cross two groupings are not protected. Costs a sort of the cells.
pub fn hide_small(cells: &[u64], threshold: u64) -> Shown {
    let mut order: Vec<(usize, u64)> = cells.iter().copied().enumerate().collect();
    order.sort_by_key(|(index, count)| (*count, *index));
    let small = order.iter().take_while(|(_, count)| *count < threshold).count();
    let total = sum(&order);
    let hidden = if small == 0 {
        Some(0)
    } else {
        (small..=order.len()).find(|hidden| holds(&order, small, *hidden, threshold))
    };
    let shown_from = hidden.unwrap_or(order.len());
    let mut shown = vec![None; cells.len()];
    for (index, count) in order.iter().skip(shown_from) {
        if let Some(cell) = shown.get_mut(*index) {
            *cell = Some(*count);
        }
    }
    let total = (hidden.is_some() && total >= threshold).then_some(total);
    Shown { cells: shown, total }
}

/// Whether the first `hidden` cells of the order keep the `small` ones among them secret. The
/// reader knows their sum, that small ones are under the threshold, and that the others lie
/// between the threshold and the smallest shown cell.
fn holds(order: &[(usize, u64)], small: usize, hidden: usize, threshold: u64) -> bool {
    let known = sum(order.get(..hidden).unwrap_or_default());
    let others = (hidden - small) as u64;
    let most_each = order.get(hidden).map_or(known, |(_, count)| *count);
    let ceiling = (small as u64).saturating_mul(threshold.saturating_sub(1));
    let least = known.saturating_sub(others.saturating_mul(most_each));
    let most = ceiling.min(known.saturating_sub(others.saturating_mul(threshold)));
    // A range of sums leaves doubt; one exact sum does so only among several cells that are
    // neither all empty nor all as large as a small cell can be.
    least < most || (small > 1 && 0 < least && least < ceiling)
}

fn sum(order: &[(usize, u64)]) -> u64 {
    order.iter().map(|(_, count)| *count).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(counts: &[u64]) -> Vec<Option<u64>> {
        hide_small(counts, 5).cells
    }

    #[test]
    fn a_table_without_small_cells_is_shown_whole() {
        let shown = hide_small(&[5, 9, 30], 5);
        assert_eq!(shown, Shown { cells: vec![Some(5), Some(9), Some(30)], total: Some(44) });
    }

    #[test]
    fn one_small_cell_takes_the_next_smallest_with_it() {
        assert_eq!(cells(&[30, 3, 12, 40]), [Some(30), None, None, Some(40)]);
    }

    #[test]
    fn two_small_cells_hide_each_other() {
        assert_eq!(cells(&[3, 2, 12, 40]), [None, None, Some(12), Some(40)]);
    }

    #[test]
    fn small_cells_that_are_all_empty_need_company() {
        assert_eq!(cells(&[0, 0, 12, 40]), [None, None, None, Some(40)]);
    }

    #[test]
    fn small_cells_that_are_all_at_the_brim_need_company() {
        assert_eq!(cells(&[4, 4, 12, 40]), [None, None, None, Some(40)]);
    }

    #[test]
    fn a_companion_as_large_as_the_smallest_shown_cell_gives_nothing_away() {
        // With one companion of 20 and a shown 20 the small cell could only be 4.
        assert_eq!(cells(&[4, 20, 20, 30]), [None, None, None, Some(30)]);
    }

    #[test]
    fn a_small_total_is_hidden_too() {
        assert_eq!(hide_small(&[2, 1], 5), Shown { cells: vec![None, None], total: None });
        assert_eq!(hide_small(&[], 5), Shown { cells: vec![], total: None });
    }

    #[test]
    fn a_table_that_cannot_hide_its_small_cell_hides_the_total() {
        assert_eq!(hide_small(&[4], 5).total, None);
        let shown = hide_small(&[0, 5], 5);
        assert_eq!(shown, Shown { cells: vec![None, None], total: None });
        let shown = hide_small(&[3, 9], 5);
        assert_eq!(shown, Shown { cells: vec![None, None], total: Some(12) });
    }

    #[test]
    fn another_threshold_is_kept_as_well() {
        let shown = hide_small(&[9, 10, 25, 40], 10);
        assert_eq!(shown.cells, [None, None, Some(25), Some(40)]);
        assert_eq!(hide_small(&[1, 2], 0).cells, [Some(1), Some(2)]);
    }

    /// Every table that a reader must think possible: the shown cells and total agree, and this
    /// method hides exactly the same in it. A hidden cell is tried up to `most`.
    fn readings(shown: &Shown, threshold: u64, most: u64) -> Vec<Vec<u64>> {
        let mut tables = vec![vec![]];
        for cell in &shown.cells {
            let options: Vec<u64> = cell.map_or_else(|| (0..=most).collect(), |n| vec![n]);
            tables = tables
                .iter()
                .flat_map(|head: &Vec<u64>| {
                    options.iter().map(move |n| [head.as_slice(), &[*n]].concat())
                })
                .filter(|table| shown.total.is_none_or(|total| table.iter().sum::<u64>() <= total))
                .collect();
        }
        tables.retain(|table| hide_small(table, threshold) == *shown);
        tables
    }

    #[test]
    fn no_small_cell_of_any_small_table_can_be_computed() {
        let (threshold, most) = (3, 7);
        for code in 0..8_u64.pow(4) {
            let counts: Vec<u64> = (0..4).map(|i| code / 8_u64.pow(i) % 8).collect();
            if !counts.is_sorted() {
                continue;
            }
            let tables = readings(&hide_small(&counts, threshold), threshold, 2 * most);
            assert!(tables.contains(&counts));
            for (index, count) in counts.iter().enumerate().filter(|(_, n)| **n < threshold) {
                let doubt = tables.iter().any(|table| table[index] != *count);
                assert!(doubt, "cell {index} of {counts:?} is given away");
            }
        }
    }
}
