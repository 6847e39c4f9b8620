//! Which fragments take longer than they should.

use crate::Scatter;

/// Fragments that stall, in runs: two states with chances of leaving them that do not remember, one step to a fragment
/// (Gilbert, "Capacity of a burst-noise channel", Bell System Technical Journal 39, 1960; Elliott 1963).
#[derive(Clone, Debug)]
pub struct Stalls {
    scatter: Scatter,
    enter: f64,
    leave: f64,
    factor: f64,
    stalled: bool,
}

impl Stalls {
    /// A `share` of the fragments, from 0 to below 1, costs `factor` times as much, in runs of `run` fragments on
    /// average, at least 1.
    pub fn new(seed: u64, share: f64, factor: f64, run: f64) -> Self {
        let leave = run.max(1.0).recip();
        // In the long run as many enter the state as leave it.
        let enter = share / (1.0 - share) * leave;
        Self { scatter: Scatter::new(seed), enter, leave, factor, stalled: false }
    }

    /// No fragment stalls.
    pub fn none() -> Self {
        Self::new(0, 0.0, 1.0, 1.0)
    }

    /// How many times as much as usual the next fragment costs.
    pub fn draw(&mut self) -> f64 {
        let chance = self.scatter.share();
        self.stalled = if self.stalled { chance >= self.leave } else { chance < self.enter };
        if self.stalled { self.factor } else { 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn their_share_and_their_runs_are_as_asked_for() {
        for run in [1.0, 4.0] {
            let mut stalls = Stalls::new(1, 0.05, 3.0, run);
            let stalled: Vec<bool> = (0..200_000).map(|_| stalls.draw() > 1.0).collect();
            let share = stalled.iter().filter(|&&stalled| stalled).count() as f64 / stalled.len() as f64;
            let runs = stalled.windows(2).filter(|pair| !pair[0] && pair[1]).count() as f64;
            assert!((share - 0.05).abs() < 0.003, "{share}");
            let mean = share * stalled.len() as f64 / runs;
            assert!((mean - run).abs() < 0.15, "{mean}");
        }
    }

    #[test]
    fn without_any_every_fragment_costs_what_it_costs() {
        let mut stalls = Stalls::none();
        assert!((0..1_000).all(|_| stalls.draw() == 1.0));
    }
}
