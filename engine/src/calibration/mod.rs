//! What was measured on this machine once, so that the engine need not guess.
//!
//! [`measure`] runs sessions against each other, which takes minutes and is only ever done when asked for.
//! [`Calibration::load`] reads one small file, and hands out what is in it only on the machine, the runtime and the
//! models that it was measured with.

mod file;
mod fit;
mod key;
mod measure;

pub use file::NotUsed;
pub use fit::{Cost, CostPoint};
pub use key::{Key, cpu_name};
pub use measure::{CalibrateError, Measured, Thoroughness, measure};
use sostenuto_inference::{Provider, SessionKind};

/// How sessions are best run on one machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// What it holds for.
    pub key: Key,
    /// The quality session, where its model was there.
    pub quality: Option<SessionSettings>,
    /// The fast session, where its model was there.
    pub fast: Option<SessionSettings>,
    /// Whether two sessions of one model are worth having.
    pub twin: Twin,
    /// Tokens of the opening fragment, which plays while the next one is made.
    pub opening_tokens: usize,
}

/// How one session is best run, and what it then costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SessionSettings {
    /// Where it runs.
    pub provider: Provider,
    /// On how many threads.
    pub threads: usize,
    /// What a fragment costs.
    pub cost: Cost,
}

/// Two sessions with half the threads each against one with all, at work on the same clauses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Twin {
    /// Whether the two are used.
    pub on: bool,
    /// Their total time over that of the one; `None` where it was not measured.
    pub ratio: Option<f64>,
}

impl Twin {
    /// The two count as worth their memory up to this ratio.
    pub const WORTH_IT: f64 = 0.9;

    /// Decides by the measured `ratio`.
    pub fn by(ratio: Option<f64>) -> Self {
        Self { on: ratio.is_some_and(|ratio| ratio <= Self::WORTH_IT), ratio }
    }
}

impl Calibration {
    /// What was measured for sessions of `kind`.
    pub fn session(&self, kind: SessionKind) -> Option<&SessionSettings> {
        match kind {
            SessionKind::Quality => self.quality.as_ref(),
            SessionKind::Fast => self.fast.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_twin_must_save_a_tenth_of_the_time() {
        assert!(Twin::by(Some(0.9)).on);
        assert!(!Twin::by(Some(0.91)).on);
        assert!(!Twin::by(None).on);
    }
}
