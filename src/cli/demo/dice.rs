//! Chance that is the same on every machine: xorshift64* (Vigna 2016). Not for secrets.
//! Must not know: what is drawn.

pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        // The state must never be zero.
        Self(seed | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// From 0 to `end - 1`; 0 when there is no choice.
    pub fn below(&mut self, end: u64) -> u64 {
        // The high bits are the good ones; the bias of so small ends does not matter here.
        (self.next() >> 16).checked_rem(end).unwrap_or(0)
    }

    /// One of them.
    pub fn pick<T: Copy>(&mut self, of: &[T], default: T) -> T {
        let end = u64::try_from(of.len()).unwrap_or(0);
        usize::try_from(self.below(end)).ok().and_then(|i| of.get(i)).copied().unwrap_or(default)
    }

    /// `count` of them without repetition, each draw in proportion to the weights that are left.
    pub fn weighted<T: Copy>(&mut self, mut of: Vec<(T, u64)>, count: usize) -> Vec<T> {
        let mut drawn = Vec::new();
        while drawn.len() < count && !of.is_empty() {
            let mut left = self.below(of.iter().map(|(_, weight)| weight).sum());
            let found = of.iter().position(|(_, weight)| {
                let hit = left < *weight;
                left = left.saturating_sub(*weight);
                hit
            });
            drawn.push(of.swap_remove(found.unwrap_or(0)).0);
        }
        drawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_gives_the_same_draws_without_repetition() {
        let draw = || {
            let of = (0..40_u32).map(|i| (i, 1000 / u64::from(i + 1))).collect();
            Dice::new(7).weighted(of, 10)
        };
        let mut first = draw();
        assert_eq!(first, draw());
        first.sort_unstable();
        first.dedup();
        assert_eq!(first.len(), 10);
    }
}
