//! Draws from a seed: the same seed gives the same draws.

use std::ops::RangeInclusive;

/// A source of draws.
pub(super) struct Draw(fastrand::Rng);

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    pub(super) fn number(&mut self, range: RangeInclusive<usize>) -> usize {
        self.0.usize(range)
    }

    /// True so many times of a hundred.
    pub(super) fn percent(&mut self, percent: u8) -> bool {
        self.0.u8(0..100) < percent
    }

    pub(super) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.0.usize(0..choices.len())]
    }

    /// Each of them with a chance of one half.
    pub(super) fn some_of<T: Copy>(&mut self, choices: &[T]) -> Vec<T> {
        choices.iter().copied().filter(|_| self.0.bool()).collect()
    }

    /// A word of letters and digits.
    pub(super) fn word(&mut self, length: usize) -> String {
        (0..length).map(|_| self.0.alphanumeric()).collect()
    }
}
