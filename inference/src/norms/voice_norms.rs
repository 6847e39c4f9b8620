//! What is known of one voice, and what follows from it.

use super::{Figures, Fit, Learned, NormsChoice, Shape};
use crate::generator::Statistics;

/// So many fragments with predicted norms are spoken before one is compared with its own norms again.
const RECHECK_AFTER: u32 = 100;
/// After a check that failed so many more fragments are learned from before the next one.
const RETRY_AFTER: u64 = 10;

/// How one fragment gets its norms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Measured while it is spoken.
    Exact,
    /// Known before.
    Predicted,
}

/// Whether a voice may be spoken with predicted norms.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Gate {
    /// Not compared yet.
    #[default]
    Untried,
    /// The prediction was close enough: it is this one that is used.
    Passed {
        /// What passed.
        fit: Fit,
        /// How close it was.
        figures: Figures,
    },
    /// It was not.
    Failed {
        /// How far off it was.
        figures: Figures,
        /// Fragments learned from until then.
        count: u64,
    },
}

/// What is known of one voice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VoiceNorms {
    pub(super) learned: Learned,
    pub(super) gate: Gate,
    /// Fragments spoken with predicted norms since the last check.
    since_check: u32,
    /// Whether the last check failed although the one before had passed.
    is_doubted: bool,
}

/// The voice has not passed: `sostenuto models learn`, or another choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPassed;

impl VoiceNorms {
    /// Whether it has passed, and the last check said otherwise: the next one decides.
    pub(super) fn is_doubted(&self) -> bool {
        self.is_doubted
    }

    pub(super) fn from_parts(learned: Learned, gate: Gate) -> Self {
        Self { learned, gate, since_check: 0, is_doubted: false }
    }

    /// The same, after other fragments were learned from too.
    pub(super) fn with(&self, learned: Learned) -> Self {
        Self { learned, gate: self.gate.clone(), ..*self }
    }

    /// What was learned so far.
    pub fn learned(&self) -> &Learned {
        &self.learned
    }

    /// Whether a prediction was checked, and how that went.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Whether fragments may be predicted.
    pub fn has_passed(&self) -> bool {
        matches!(self.gate, Gate::Passed { .. })
    }

    /// How a fragment of this shape gets its norms. What is not ordinary, or has another share of silence than all that
    /// was learned from, gets its own.
    ///
    /// # Errors
    /// Predicted norms are wanted, and the voice has not passed.
    pub fn way(&self, choice: NormsChoice, shape: Shape) -> Result<Way, NotPassed> {
        match (choice, &self.gate) {
            (NormsChoice::Predicted | NormsChoice::Auto, Gate::Passed { fit, .. }) => {
                Ok(if shape.is_ordinary && fit.holds(shape) { Way::Predicted } else { Way::Exact })
            }
            (NormsChoice::Predicted, _) => Err(NotPassed),
            (NormsChoice::Exact | NormsChoice::Auto, _) => Ok(Way::Exact),
        }
    }

    /// Writes the norms of a fragment of this shape over `statistics`. Returns whether there are any.
    pub fn predict(&mut self, shape: Shape, statistics: &mut Statistics) -> bool {
        let Gate::Passed { fit, .. } = &self.gate else { return false };
        fit.predict(shape, statistics);
        self.since_check = self.since_check.saturating_add(1);
        true
    }

    /// Learns from a fragment that was spoken with its own norms. Returns whether it counts.
    pub fn learn(&mut self, shape: Shape, measured: &Statistics) -> bool {
        shape.is_ordinary && self.learned.add(shape, measured)
    }

    /// The prediction that a fragment of this shape, spoken in this way, is to be compared with when there is time; it
    /// has not been learned from yet. `None` where no check is due.
    pub fn to_check(&self, shape: Shape, way: Way) -> Option<Fit> {
        if !shape.is_ordinary {
            return None;
        }
        match (&self.gate, way) {
            (Gate::Passed { fit, .. }, Way::Predicted) => {
                (self.since_check >= RECHECK_AFTER).then(|| fit.clone())
            }
            (Gate::Passed { .. }, Way::Exact) => None,
            (Gate::Failed { count, .. }, _) if self.learned.count() < count + RETRY_AFTER => None,
            (Gate::Untried | Gate::Failed { .. }, _) => self.learned.fit().filter(|fit| fit.holds(shape)),
        }
    }

    /// Notes how far `fit` was from a fragment with its own norms: opens the gate, or closes it. Sentences differ, so one
    /// that fails does not close a gate that was open: the next one decides.
    pub fn judge(&mut self, fit: Fit, figures: Figures) {
        if self.has_passed() && !figures.pass() && !self.is_doubted {
            self.is_doubted = true;
            self.since_check = RECHECK_AFTER;
        } else {
            self.decide(fit, figures);
        }
    }

    /// Opens the gate, or closes it, by how far `fit` was from fragments with their own norms.
    pub fn decide(&mut self, fit: Fit, figures: Figures) {
        (self.since_check, self.is_doubted) = (0, false);
        self.gate = if figures.pass() {
            Gate::Passed { fit, figures }
        } else {
            Gate::Failed { figures, count: self.learned.count() }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::super::ENOUGH;
    use super::*;
    use crate::generator::STATISTICS;

    const CLOSE: Figures = Figures { log_mel: 1.5, level: 0.2 };
    const FAR: Figures = Figures { log_mel: 3.0, level: 0.2 };

    fn shape(share: f32) -> Shape {
        Shape { share, tokens: 60, is_ordinary: true }
    }

    fn measured() -> Statistics {
        Statistics { mean: vec![0.5; STATISTICS], deviation: vec![2.0; STATISTICS] }
    }

    fn learn(voice: &mut VoiceNorms, fragments: u64) {
        for n in 0..fragments {
            assert!(voice.learn(shape(0.1 + 0.01 * (n % 10) as f32), &measured()));
        }
    }

    fn passed() -> VoiceNorms {
        let mut voice = VoiceNorms::default();
        learn(&mut voice, ENOUGH);
        let fit = voice.to_check(shape(0.15), Way::Exact).unwrap();
        voice.judge(fit, CLOSE);
        voice
    }

    #[test]
    fn nothing_is_predicted_before_the_gate_has_passed() {
        let mut voice = VoiceNorms::default();
        assert_eq!(voice.to_check(shape(0.15), Way::Exact), None);
        learn(&mut voice, ENOUGH);
        assert_eq!(voice.way(NormsChoice::Auto, shape(0.15)), Ok(Way::Exact));
        assert_eq!(voice.way(NormsChoice::Predicted, shape(0.15)), Err(NotPassed));
        assert!(!voice.predict(shape(0.15), &mut measured()));
        let voice = passed();
        assert_eq!(voice.way(NormsChoice::Auto, shape(0.15)), Ok(Way::Predicted));
        assert_eq!(voice.way(NormsChoice::Predicted, shape(0.15)), Ok(Way::Predicted));
        assert_eq!(voice.way(NormsChoice::Exact, shape(0.15)), Ok(Way::Exact));
    }

    #[test]
    fn short_fragments_and_shares_never_seen_get_their_own_norms() {
        let voice = passed();
        let short = Shape { is_ordinary: false, ..shape(0.15) };
        for choice in [NormsChoice::Auto, NormsChoice::Predicted] {
            assert_eq!(voice.way(choice, short), Ok(Way::Exact));
            assert_eq!(voice.way(choice, shape(0.5)), Ok(Way::Exact));
        }
        let mut voice = VoiceNorms::default();
        assert!(!voice.learn(short, &measured()) && voice.learned().count() == 0);
    }

    #[test]
    fn what_passed_is_what_is_predicted_whatever_is_learned_later() {
        let mut voice = passed();
        let mut before = Statistics::new();
        voice.predict(shape(0.15), &mut before);
        voice.learn(shape(0.15), &Statistics { mean: vec![9.0; STATISTICS], ..measured() });
        let mut after = Statistics::new();
        voice.predict(shape(0.15), &mut after);
        assert_eq!(before, after);
        assert_eq!(voice.to_check(shape(0.15), Way::Exact), None);
    }

    #[test]
    fn a_failed_check_is_repeated_once_more_was_learned() {
        let mut voice = VoiceNorms::default();
        learn(&mut voice, ENOUGH);
        let fit = voice.to_check(shape(0.15), Way::Exact).unwrap();
        voice.judge(fit, FAR);
        assert!(matches!(voice.gate(), Gate::Failed { figures: FAR, count: ENOUGH }));
        learn(&mut voice, RETRY_AFTER - 1);
        assert_eq!(voice.to_check(shape(0.15), Way::Exact), None);
        learn(&mut voice, 1);
        assert!(voice.to_check(shape(0.15), Way::Exact).is_some());
    }

    #[test]
    fn a_prediction_is_checked_again_now_and_then_and_withdrawn_when_it_fails() {
        let mut voice = passed();
        let mut spoken = Statistics::new();
        for _ in 0..RECHECK_AFTER {
            assert_eq!(voice.to_check(shape(0.15), Way::Predicted), None);
            assert!(voice.predict(shape(0.15), &mut spoken));
        }
        let fit = voice.to_check(shape(0.15), Way::Predicted).unwrap();
        let mut good = voice.clone();
        good.judge(fit.clone(), CLOSE);
        assert!(good.has_passed() && good.to_check(shape(0.15), Way::Predicted).is_none());
        voice.judge(fit.clone(), FAR);
        assert_eq!(
            voice.way(NormsChoice::Auto, shape(0.15)),
            Ok(Way::Predicted),
            "one sentence tells little"
        );
        assert!(voice.to_check(shape(0.15), Way::Predicted).is_some(), "so the next one is compared too");
        let mut good = voice.clone();
        good.judge(fit.clone(), CLOSE);
        good.judge(fit.clone(), FAR);
        assert!(good.has_passed());
        voice.judge(fit, FAR);
        assert_eq!(voice.way(NormsChoice::Auto, shape(0.15)), Ok(Way::Exact));
    }
}
