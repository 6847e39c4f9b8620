//! Who is to listen: to what, on what, and what goes wrong.

use crate::device::DeviceModel;
use crate::lane::Faults;
use crate::{Cue, Lateness};

/// A listener as it is to be.
#[derive(Clone, Debug)]
pub struct Hearer {
    /// What it is told, and when.
    pub script: Vec<Cue>,
    /// What breaks in on that, in order of time: nothing that waits for what was said before.
    pub breaks: Vec<Cue>,
    /// Stretches in seconds, each from a moment to before another, in which no utterance is accepted.
    pub refuses: Vec<(f64, f64)>,
    /// On what it listens.
    pub device: DeviceModel,
    /// What goes wrong with its chunks.
    pub faults: Faults,
    /// How late its pump is.
    pub lateness: Lateness,
    /// Chooses which chunks things go wrong with.
    pub seed: u64,
}

impl Hearer {
    /// Who listens to `script` on a device and through threads as they usually are.
    pub fn new(script: Vec<Cue>) -> Self {
        let (device, faults) = (DeviceModel::default(), Faults::default());
        let (breaks, refuses) = (Vec::new(), Vec::new());
        Self { script, breaks, refuses, device, faults, lateness: Lateness::ordinary(1), seed: 1 }
    }

    /// As it is, but on another device.
    #[must_use]
    pub fn on(self, device: DeviceModel) -> Self {
        Self { device, ..self }
    }
}
