//! How long a fragment will sound, learnt on line. Pure.

use super::line::Line;
use super::residuals::MEMORY;

/// Seconds of audio that a fragment gives: `(a0 + a1 n) / speed` for `n` tokens, learnt by recursive least squares
/// as costs are. One for each session and voice; what it is told, and tells, has no pause after it.
#[derive(Clone, Debug)]
pub struct LengthModel {
    line: Line,
}

impl Default for LengthModel {
    /// The voice heart at tempo 1, silence at both ends trimmed.
    fn default() -> Self {
        Self { line: Line::new([0.1, 0.053]) }
    }
}

impl LengthModel {
    /// A fragment is believed to be at most so many times as long as expected, and at least the inverse.
    const OUTLIER: f64 = 3.0;

    /// Learns that a fragment of `tokens` tokens gave `seconds` of audio at tempo `speed`. What is no duration, and
    /// what is no tempo, is passed over.
    pub fn observe(&mut self, tokens: usize, speed: f64, seconds: f64) {
        if !(seconds * speed).is_finite() || seconds <= 0.0 || speed <= 0.0 {
            return;
        }
        let expected = self.expected(tokens, 1.0).max(super::SHORTEST_S);
        let credible = (seconds * speed).clamp(expected / Self::OUTLIER, expected * Self::OUTLIER);
        self.line.observe(tokens as f64, credible.min(super::LONGEST_S), MEMORY);
    }

    /// Seconds of audio that a fragment of `tokens` tokens is expected to give at tempo `speed`, which is above zero.
    pub fn expected(&self, tokens: usize, speed: f64) -> f64 {
        self.line.at(tokens as f64) / speed
    }
}

#[cfg(test)]
mod tests {
    use super::super::traces::TRACES;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_length_of_recorded_fragments_is_known_to_a_tenth_after_five_of_them() {
        for trace in TRACES {
            let name = trace.name;
            let mut model = LengthModel::default();
            let mut off = Vec::new();
            for cost in trace.costs() {
                off.push((model.expected(cost.tokens, 1.0) / cost.audio_s - 1.0).abs());
                model.observe(cost.tokens, 1.0, cost.audio_s);
            }
            let mean = off[5..].iter().sum::<f64>() / (off.len() - 5) as f64;
            println!("{name}: off by {:.1} % on average", 100.0 * mean);
            assert!(mean < 0.1, "{name}: {mean}");
        }
    }

    #[test]
    fn a_tempo_divides_the_length_and_is_told_from_it() {
        let mut model = LengthModel::default();
        let before = model.expected(50, 1.0);
        (0..20).for_each(|_| model.observe(50, 2.0, before / 2.0));
        assert!((model.expected(50, 1.0) - before).abs() < 1e-9);
        assert!((model.expected(50, 0.5) - 2.0 * before).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn a_length_is_a_finite_number_above_zero_whatever_was_observed(
            seen in prop::collection::vec((any::<usize>(), any::<f64>(), any::<f64>()), 0..60), tokens: usize,
        ) {
            let mut model = LengthModel::default();
            for (tokens, speed, seconds) in seen {
                model.observe(tokens, speed, seconds);
                let length = model.expected(tokens, 1.0);
                prop_assert!(length.is_finite() && length >= 0.0);
            }
            prop_assert!(model.expected(tokens, 2.0).is_finite());
        }
    }
}
