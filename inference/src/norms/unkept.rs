//! What was found out of a voice since its file was read, and how that joins what the file holds by then.

use super::{Gate, Learned, Shape, VoiceNorms};
use crate::generator::Statistics;

/// What a learner has found out of a voice since it last read the voice's file, or wrote it.
///
/// Other processes write the same file: what they have learned stays, and this is added to it.
#[derive(Debug, Default)]
pub(super) struct Unkept {
    learned: Option<Box<Learned>>,
    /// The gate as it was read, where it was decided anew since.
    decided_over: Option<Gate>,
}

impl Unkept {
    /// Whether nothing was.
    pub(super) fn is_empty(&self) -> bool {
        self.learned.is_none() && self.decided_over.is_none()
    }

    /// A fragment was learned from.
    pub(super) fn learn(&mut self, shape: Shape, measured: &Statistics) {
        self.learned.get_or_insert_default().add(shape, measured);
    }

    /// The gate was decided, which had been `before`.
    pub(super) fn decide(&mut self, before: Gate) {
        self.decided_over.get_or_insert(before);
    }

    /// What is known of a voice where `ours` was found out here and `kept` is what its file holds: all fragments of both,
    /// and the gate of the file unless it was decided here since. Where it was decided there as well, the decision counts
    /// of which more fragments were known, and of as many that of the file; that of the file in any case where that was
    /// learned anew, which shows in that it knows of fewer fragments than had been read.
    pub(super) fn join(&self, ours: &VoiceNorms, mut kept: VoiceNorms) -> VoiceNorms {
        let learned_here = self.learned.as_ref().map_or(0, |learned| learned.count());
        let is_anew = kept.learned.count() + learned_here < ours.learned.count();
        let is_ours = !is_anew
            && self
                .decided_over
                .as_ref()
                .is_some_and(|before| *before == kept.gate || ours.learned.count() > kept.learned.count());
        if let Some(learned) = &self.learned {
            kept.learned.join(learned);
        }
        if is_ours || kept.gate == ours.gate { ours.with(kept.learned) } else { kept }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Figures, Fit};
    use super::*;
    use crate::generator::STATISTICS;

    const CLOSE: Figures = Figures { log_mel: 1.5, level: 0.2 };
    const FAR: Figures = Figures { log_mel: 3.0, level: 0.2 };

    /// What one learner makes of `count` fragments that it hears.
    #[derive(Default)]
    struct Side {
        norms: VoiceNorms,
        unkept: Unkept,
    }

    impl Side {
        fn read(norms: &VoiceNorms) -> Self {
            Self { norms: norms.clone(), unkept: Unkept::default() }
        }

        fn hear(&mut self, count: u16, value: f32) {
            let measured = Statistics { mean: vec![value; STATISTICS], deviation: vec![2.0; STATISTICS] };
            for n in 0..count {
                let shape = Shape {
                    share: 0.1 + 0.25 * f32::from(n) / f32::from(count),
                    tokens: 60,
                    is_ordinary: true,
                };
                assert!(self.norms.learn(shape, &measured));
                self.unkept.learn(shape, &measured);
            }
        }

        fn decide(&mut self, fit: &Fit, figures: Figures) {
            self.unkept.decide(self.norms.gate.clone());
            self.norms.decide(fit.clone(), figures);
        }

        fn joined(&self, kept: &VoiceNorms) -> VoiceNorms {
            self.unkept.join(&self.norms, kept.clone())
        }
    }

    #[test]
    fn a_decision_made_over_what_was_learned_before_does_not_outlive_learning_anew() {
        let (before, fit) = read();
        let mut here = Side::read(&before);
        here.hear(200, 0.5);
        here.decide(&fit, FAR);
        let mut anew = Side::default();
        anew.hear(32, 0.7);
        anew.decide(&fit, CLOSE);
        // Kept once, so that the next file is smaller than what was read.
        let read_again = here.joined(&before);
        let mut here = Side::read(&read_again);
        here.hear(3, 0.5);
        here.decide(&fit, FAR);
        let joined = here.joined(&anew.norms);
        assert!(joined.has_passed() && joined.learned().count() == 35);
    }

    fn read() -> (VoiceNorms, Fit) {
        let mut side = Side::default();
        side.hear(32, 0.5);
        let fit = side.norms.learned().fit().unwrap();
        (side.norms, fit)
    }

    #[test]
    fn what_two_have_learned_is_added_and_what_both_had_read_counts_once() {
        let (read, _) = read();
        let [mut ours, mut theirs] = [&read, &read].map(Side::read);
        ours.hear(3, 1.0);
        theirs.hear(4, 2.0);
        let joined = ours.joined(&theirs.norms);
        assert_eq!(joined.learned().count(), 32 + 3 + 4);
        let mut one = Side::read(&read);
        one.hear(4, 2.0);
        one.hear(3, 1.0);
        let (joined, whole) = (joined.learned().fit().unwrap(), one.norms.learned().fit().unwrap());
        let shape = Shape { share: 0.2, tokens: 60, is_ordinary: true };
        let off = joined.norms(shape).mean[0] - whole.norms(shape).mean[0];
        assert!(off.abs() < 1e-5, "{off}");
    }

    #[test]
    fn a_decision_counts_wherever_it_was_made() {
        let (read, fit) = read();
        let [mut ours, mut theirs] = [&read, &read].map(Side::read);
        theirs.decide(&fit, CLOSE);
        assert!(ours.joined(&theirs.norms).has_passed(), "it was made there only");
        ours.decide(&fit, CLOSE);
        assert!(ours.joined(&read).has_passed(), "it was made here only");
        let mut withdrawn = Side::read(&theirs.norms);
        withdrawn.decide(&fit, FAR);
        assert!(!withdrawn.joined(&theirs.norms).has_passed(), "over what the file holds");
    }

    #[test]
    fn of_two_decisions_that_counts_of_which_more_was_known() {
        let (read, fit) = read();
        for (ours_heard, theirs_heard, is_ours) in [(5, 4, true), (4, 5, false), (4, 4, false)] {
            let [mut ours, mut theirs] = [&read, &read].map(Side::read);
            ours.hear(ours_heard, 1.0);
            theirs.hear(theirs_heard, 1.0);
            ours.decide(&fit, FAR);
            theirs.decide(&fit, CLOSE);
            assert_eq!(ours.joined(&theirs.norms).has_passed(), !is_ours, "{ours_heard} {theirs_heard}");
        }
    }
}
