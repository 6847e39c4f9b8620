//! A fragment spoken both ways, when there is time for the second.

use std::ops::ControlFlow;

use crate::generator::{Generator, Input, Interrupted, Tiles};
use crate::norms::{Figures, Fit, Learner, Shape, Way};
use crate::{Fragment, Interrupt, LARGEST_TILE};

/// A comparison that is due.
pub(super) struct Due {
    pub(super) fragment: Fragment,
    pub(super) shape: Shape,
    /// As it was spoken.
    pub(super) way: Way,
    /// What predicts it, or did.
    pub(super) fit: Fit,
}

/// The last fragment for which a comparison was due, as it was spoken and with all that it takes to speak it again.
pub(super) struct Check {
    due: Option<Due>,
    hidden: Vec<f32>,
    source: Vec<f32>,
    style: Vec<f32>,
    /// All samples, nothing trimmed.
    spoken: Vec<f32>,
    other: Vec<f32>,
}

impl Check {
    pub(super) fn new() -> Self {
        let (hidden, source, style) = (Vec::new(), Vec::new(), Vec::new());
        Self { due: None, hidden, source, style, spoken: Vec::new(), other: Vec::new() }
    }

    /// Keeps a fragment that was spoken as `samples` from `input`.
    pub(super) fn keep(&mut self, due: Due, input: &Input<'_>, samples: &[f32]) {
        let kept = [
            (&mut self.hidden, input.hidden),
            (&mut self.source, input.source),
            (&mut self.style, input.style),
            (&mut self.spoken, samples),
        ];
        for (to, from) in kept {
            to.clear();
            to.extend_from_slice(from);
        }
        self.due = Some(due);
    }

    /// Speaks what is due the other way, and tells `learner` how far apart the two are; else lets it keep what it has
    /// learned, a voice at a time. Returns whether a comparison was due, or another voice is. An interrupted comparison
    /// stays due.
    pub(super) fn settle(
        &mut self,
        generator: &mut Generator,
        learner: &mut Learner,
        interrupt: &Interrupt,
    ) -> bool {
        let Some(due) = self.due.take() else {
            return learner.keep();
        };
        let Ok(figures) = self.speak(&due, generator, learner, interrupt) else {
            self.due = Some(due);
            return true;
        };
        let Due { fragment, fit, .. } = due;
        if let Some(figures) = figures {
            learner.judge(&fragment.voice, fit, figures);
        }
        true
    }

    /// `None` where the two cannot be compared.
    fn speak(
        &mut self,
        due: &Due,
        generator: &mut Generator,
        learner: &mut Learner,
        interrupt: &Interrupt,
    ) -> Result<Option<Figures>, Interrupted> {
        let input = Input { hidden: &self.hidden, source: &self.source, style: &self.style };
        match due.way {
            Way::Exact => {
                self.other.clear();
                let (norms, other) = (due.fit.norms(due.shape), &mut self.other);
                let tiles = Tiles { first: LARGEST_TILE, rest: LARGEST_TILE };
                let mut put = |tile: &[f32]| {
                    other.extend_from_slice(tile);
                    ControlFlow::Continue(())
                };
                generator.predicted(&input, &norms, tiles, interrupt, &mut put)?;
                Ok(Figures::of(&self.spoken, &self.other))
            }
            Way::Predicted => {
                let (samples, measured) = generator.exact(&input, interrupt)?;
                let figures = Figures::of(samples, &self.spoken);
                learner.learn(&due.fragment, due.shape, measured);
                Ok(figures)
            }
        }
    }
}
