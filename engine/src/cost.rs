//! What a fragment will cost a session, learnt on line: the planner's promises. Pure: time comes in as numbers.

mod length;
mod line;
mod residuals;

use std::time::Duration;

use sostenuto_g2p::vocabulary::MAX_TOKENS;

pub use length::LengthModel;
use line::Line;
use residuals::{MEMORY, Residuals};

/// Which share of the fragments a promise holds for.
const PROMISE: f64 = 0.95;
/// What is kept of the old once the costs have changed for good: a memory of about three fragments.
const SHORT_MEMORY: f64 = 0.7;
/// The same for the spread: that of the time before says more than the few residuals of the change itself.
const SHORT_SPREAD_MEMORY: f64 = 0.85;
/// So many fragments in a row off to one side are no chance.
const RUN: u32 = 3;
/// For how many fragments the memory is then short.
const RELEARN: u32 = 5;
/// A fragment far off by itself counts as a tenth more than the spread allows, and never as more than so many times
/// what was expected; likewise below.
const LONE_OUTLIER: f64 = 2.0;
/// A fragment that takes so many times what was expected has stalled.
const STALLED: f64 = 2.0;
/// What a stall costs, in times of what was expected: three times, and as much more as costs vary anyway.
const STALL: f64 = 3.3;
/// So many fragments are needed to know what to expect.
const LEARNING: u64 = 5;
/// What is kept of the memory of stalls at each fragment: one is remembered for some 460 fragments.
const STALL_MEMORY: f64 = 0.995;
/// How much of a stall must be remembered for the next one to be expected.
const STALL_KNOWN: f64 = 0.1;
/// Which share of the fragments what is secured holds for, where none has stalled.
const SECURED: f64 = 0.99;
/// Off by so much is off, however widely the costs spread.
const CLEARLY_OFF: f64 = 1.3;
/// Shorter than this is as good as nothing.
const SHORTEST_S: f64 = 1e-6;
/// Longer than this is as good as for ever.
const LONGEST_S: f64 = 3_600.0;

/// What is believed of a session's costs before it has spoken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostPrior {
    /// Seconds for any fragment, however short.
    pub c0_s: f64,
    /// Seconds for each token more.
    pub c1_s_per_token: f64,
    /// Standard deviation of a fragment's cost, as a part of it: 0.25 is a quarter.
    pub spread: f64,
}

impl CostPrior {
    /// Both coefficients positive, so that they can be learnt as factors of what they were believed to be. Neither is
    /// so small beside the other that no fragment would show it.
    fn coefficients(self) -> [f64; 2] {
        let sane = |seconds: f64| {
            if seconds.is_finite() { seconds.clamp(SHORTEST_S, LONGEST_S) } else { SHORTEST_S }
        };
        let (c0, c1) = (sane(self.c0_s), sane(self.c1_s_per_token));
        [c0.max(c1), c1.max(c0 / MAX_TOKENS as f64)]
    }

    fn deviation(self) -> f64 {
        if self.spread.is_finite() { self.spread.clamp(0.01, 1.0) } else { 1.0 }
    }
}

/// Seconds of synthesis for a fragment of `n` tokens: `c0 + c1 n`, learnt by recursive least squares, and how far
/// off that is. One for each session.
///
/// The spread is that of `ln(actual / expected)`, in a histogram that forgets: what slows a machine down (a lower
/// clock, a neighbour on the core) slows long fragments as much as short ones, so the ratio spreads alike for all,
/// and its quantile does not mind by how much the worst was off. A promise is the expected cost times the 95th
/// percentile of that ratio, and at most 4 times the expected cost.
///
/// Costs that change for good (heat, another load) are known by three fragments in a row that were off to the same
/// side, and then learnt anew within five. A single one that is far off changes little.
#[derive(Clone, Debug)]
pub struct CostModel {
    line: Line,
    residuals: Residuals,
    /// Actual over expected of the fragment before.
    previous: f64,
    /// Fragments in a row that were off to the same side: above zero where they were dearer than expected.
    run: i32,
    /// Fragments to come for which the memory is short.
    relearn: u32,
    /// Fragments seen.
    seen: u64,
    /// Fragments that stalled, older ones counting ever less.
    stalls: f64,
}

impl CostModel {
    /// The model of a session that has not spoken yet. Values of the prior that make no sense are made to.
    pub fn new(prior: CostPrior) -> Self {
        Self {
            line: Line::new(prior.coefficients()),
            residuals: Residuals::new(prior.deviation()),
            previous: 1.0,
            run: 0,
            relearn: 0,
            seen: 0,
            stalls: 0.0,
        }
    }

    /// Learns that a fragment of `tokens` tokens took `seconds`. What is no duration is passed over.
    pub fn observe(&mut self, tokens: usize, seconds: f64) {
        if !seconds.is_finite() || seconds <= 0.0 {
            return;
        }
        let expected = self.expected(tokens);
        let ratio = seconds.clamp(SHORTEST_S, LONGEST_S) / expected.max(SHORTEST_S);
        self.count_run(ratio);
        self.seen += 1;
        // While little is known it is the expectation that is off, and likewise where it is off again and again.
        let stalled = ratio > STALLED && self.seen > LEARNING && self.run.unsigned_abs() < RUN;
        self.stalls = STALL_MEMORY * self.stalls + f64::from(u8::from(stalled));
        // What is far off is believed as far as the fragment before bears it out.
        let lone = (1.1 * self.residual_q95()).min(LONE_OUTLIER);
        let (least, most) = (lone.recip().min(self.previous), lone.max(self.previous));
        let (memory, spread_memory) =
            if self.relearn > 0 { (SHORT_MEMORY, SHORT_SPREAD_MEMORY) } else { (MEMORY, MEMORY) };
        self.relearn = self.relearn.saturating_sub(1);
        self.residuals.update(ratio.ln(), spread_memory);
        self.previous = ratio;
        self.line.observe(tokens as f64, expected.max(SHORTEST_S) * ratio.clamp(least, most), memory);
    }

    /// Counts fragments in a row that are off to the same side: outside what nine fragments in ten were within, or
    /// clearly off.
    fn count_run(&mut self, ratio: f64) {
        let side = if ratio > self.residual_q95().min(CLEARLY_OFF) {
            1
        } else if ratio < self.residuals.quantile(1.0 - PROMISE).exp().clamp(CLEARLY_OFF.recip(), 1.0) {
            -1
        } else {
            0
        };
        self.run = if side == self.run.signum() { self.run + side } else { side };
        if self.run.unsigned_abs() >= RUN {
            self.relearn = RELEARN;
        }
    }

    /// Seconds that a fragment of `tokens` tokens is expected to take.
    pub fn expected(&self, tokens: usize) -> f64 {
        self.line.at(tokens as f64)
    }

    /// Seconds that it will take at most, 19 times out of 20.
    pub fn promise(&self, tokens: usize) -> f64 {
        self.expected(tokens) * self.residual_q95()
    }

    /// Seconds that it takes even if it stalls: 99 times out of 100, and 3.3 times what is expected where fragments
    /// have stalled not long ago. At least the [`promise`](Self::promise).
    pub fn secured(&self, tokens: usize) -> f64 {
        self.expected(tokens) * self.worst()
    }

    /// Whether fragments have been seen to stall, not long ago.
    pub fn stalls(&self) -> bool {
        self.stalls > STALL_KNOWN
    }

    /// What one fragment in a hundred costs, in times of what is expected of it.
    pub(crate) fn unusual(&self) -> f64 {
        self.residuals.quantile(SECURED).exp().max(self.residual_q95())
    }

    /// What a fragment may cost at worst, in times of what is expected of it.
    pub(crate) fn worst(&self) -> f64 {
        if self.stalls() { self.stalled() } else { self.unusual() }
    }

    /// What a fragment that stalls costs, in times of what is expected of it.
    pub(crate) fn stalled(&self) -> f64 {
        self.unusual().max(STALL)
    }

    /// `c0` in seconds and `c1` in seconds per token; neither is negative.
    pub fn coefficients(&self) -> (f64, f64) {
        let [c0, c1] = self.line.coefficients();
        (c0, c1)
    }

    /// The 95th percentile of actual over expected cost, and at least 1.
    pub fn residual_q95(&self) -> f64 {
        self.residuals.quantile(PROMISE).exp().max(1.0)
    }
}

/// The most tokens, up to [`MAX_TOKENS`], that are promised within `seconds`; 0 where not even one is.
pub fn largest_within(model: &CostModel, seconds: f64) -> usize {
    largest(model, seconds, model.residual_q95(), |tokens| model.promise(tokens))
}

/// The most tokens, up to [`MAX_TOKENS`], that are [`secured`](CostModel::secured) within `seconds`; 0 where not even
/// one is.
pub fn largest_secured_within(model: &CostModel, seconds: f64) -> usize {
    largest(model, seconds, model.worst(), |tokens| model.secured(tokens))
}

/// The most tokens, up to [`MAX_TOKENS`], of a fragment of which a listener who runs dry in `seconds` notices nothing,
/// be it unusually dear: then it takes half of them. If it stalls, it takes all of them at most, and half where that is
/// known to happen, so that the next one may stall as well.
pub fn largest_bearable(model: &CostModel, seconds: f64) -> usize {
    let stalled = if model.stalls() { 0.5 * seconds } else { seconds };
    let (unusual, stall) = (model.unusual(), model.stalled());
    let within = |seconds, factor| largest(model, seconds, factor, |tokens| factor * model.expected(tokens));
    within(0.5 * seconds, unusual).min(within(stalled, stall))
}

/// The most tokens whose `cost`, which is what is expected of them times `factor`, is within `seconds`.
fn largest(model: &CostModel, seconds: f64, factor: f64, cost: impl Fn(usize) -> f64) -> usize {
    let (c0, c1) = model.coefficients();
    let tokens = (seconds / factor - c0) / c1;
    let mut tokens = if tokens.is_nan() { 0 } else { tokens.clamp(0.0, MAX_TOKENS as f64) as usize };
    // Rounding may have put it one off to either side.
    while tokens < MAX_TOKENS && cost(tokens + 1) <= seconds {
        tokens += 1;
    }
    while tokens > 0 && cost(tokens) > seconds {
        tokens -= 1;
    }
    tokens
}

/// How long a fragment of `tokens` tokens may take before it is given up: four times what was promised, so that a
/// machine that has just become busy is not taken for one that hangs; at least 2 s and at most 60 s.
pub fn timeout(model: &CostModel, tokens: usize) -> Duration {
    const PROMISES: f64 = 4.0;
    const FLOOR_S: f64 = 2.0;
    const CEILING_S: f64 = 60.0;
    Duration::from_secs_f64((PROMISES * model.promise(tokens)).clamp(FLOOR_S, CEILING_S))
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod traces;
