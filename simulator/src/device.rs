//! A device that is a clock: when it asks for how many frames.

use std::collections::VecDeque;
use std::time::Duration;

use sostenuto_playback::{CHUNK_RATE, Format};

use crate::clock::at;
use crate::{Lateness, Scatter};

/// Something that happens to a device.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Incident {
    /// No callback comes for so many seconds; then all that were missed come at once.
    Stall {
        /// When, in seconds.
        at: f64,
        /// How long, in seconds.
        seconds: f64,
    },
    /// The device is not there for so many seconds; then it asks for what is next.
    Loss {
        /// When, in seconds.
        at: f64,
        /// How long, in seconds.
        seconds: f64,
    },
    /// It asks for so many frames at once from now on.
    Period {
        /// When, in seconds.
        at: f64,
        /// How many frames.
        frames: u32,
    },
}

impl Incident {
    /// When it happens, in seconds.
    pub fn at(&self) -> f64 {
        match self {
            Self::Stall { at, .. } | Self::Loss { at, .. } | Self::Period { at, .. } => *at,
        }
    }
}

/// A device as it is to be: mono at the models' rate, so that every sample can be told.
#[derive(Clone, Debug)]
pub struct DeviceModel {
    /// Frames that it asks for at once.
    pub period: u32,
    /// By how many millionths of a second its second is too long.
    pub drift_ppm: f64,
    /// Seconds from a callback until its first frame is heard.
    pub latency: f64,
    /// How late its callbacks come.
    pub lateness: Lateness,
    /// What happens to it, in order of time.
    pub incidents: Vec<Incident>,
}

impl Default for DeviceModel {
    /// 10 ms at once, heard 10 ms later, always in time.
    fn default() -> Self {
        let period = CHUNK_RATE / 100;
        Self { period, drift_ppm: 0.0, latency: 0.01, lateness: Lateness::none(), incidents: Vec::new() }
    }
}

impl DeviceModel {
    /// As it is, but stalled for up to `longest` seconds, after `every` seconds on average, for `seconds`.
    #[must_use]
    pub fn stalled(mut self, seed: u64, seconds: f64, every: f64, longest: f64) -> Self {
        let (mut scatter, mut at) = (Scatter::new(seed), 0.0);
        while at < seconds {
            at -= every * (1.0 - scatter.share()).ln();
            let seconds = longest * scatter.share();
            self.incidents.push(Incident::Stall { at, seconds });
            at += seconds;
        }
        self
    }

    /// What stage 3 is told of it.
    pub fn format(&self) -> Format {
        Format { rate: CHUNK_RATE, channels: 1, period: self.period }
    }

    /// Seconds of the world that a second of its own lasts.
    pub fn stretch(&self) -> f64 {
        1.0 + self.drift_ppm * 1e-6
    }
}

/// A device at work.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    model: DeviceModel,
    incidents: VecDeque<Incident>,
    period: u32,
    /// When the next callback is due, in seconds, and when it comes.
    due: f64,
    comes: f64,
    /// Seconds for which it was not there, so far.
    absent: f64,
}

impl Device {
    pub(crate) fn new(model: DeviceModel) -> Self {
        let (incidents, period) = (model.incidents.iter().copied().collect(), model.period);
        Self { model, incidents, period, due: 0.0, comes: 0.0, absent: 0.0 }
    }

    /// When the next callback comes.
    pub(crate) fn next(&self) -> Duration {
        at(self.comes)
    }

    /// How many frames it asks for, and when the first is heard.
    pub(crate) fn request(&self) -> (usize, f64) {
        (self.period as usize, self.due + self.model.latency)
    }

    /// How many seconds it was not there.
    pub(crate) fn absent(&self) -> f64 {
        self.absent
    }

    pub(crate) fn model(&self) -> &DeviceModel {
        &self.model
    }

    /// Goes on to the next callback.
    pub(crate) fn advance(&mut self) {
        self.due += self.seconds(u64::from(self.period));
        // A callback never comes before the one before it.
        self.comes = self.comes.max(self.due + self.model.lateness.draw());
        while let Some(incident) = self.incidents.front().copied().filter(|next| next.at() <= self.comes) {
            match incident {
                Incident::Stall { at, seconds } if at + seconds > self.comes => self.comes = at + seconds,
                Incident::Loss { at, seconds } => {
                    let back = at + seconds;
                    if back > self.due {
                        self.absent += back - self.due;
                        self.due = back;
                        self.comes = self.comes.max(back);
                    }
                }
                Incident::Period { frames, .. } => self.period = frames.max(1),
                Incident::Stall { .. } => {}
            }
            self.incidents.pop_front();
        }
    }

    /// How long so many frames last.
    pub(crate) fn seconds(&self, frames: u64) -> f64 {
        frames as f64 / f64::from(CHUNK_RATE) * self.model.stretch()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When the callbacks up to `until` come and how many frames each asks for.
    fn callbacks(model: DeviceModel, until: f64) -> Vec<(f64, usize)> {
        let mut device = Device::new(model);
        let mut callbacks = Vec::new();
        while device.comes < until {
            callbacks.push(((device.comes * 1e6).round() / 1e6, device.request().0));
            device.advance();
        }
        callbacks
    }

    fn with(incident: Incident) -> DeviceModel {
        DeviceModel { incidents: vec![incident], ..DeviceModel::default() }
    }

    #[test]
    fn its_clock_drifts() {
        let slow = DeviceModel { drift_ppm: 300.0, ..DeviceModel::default() };
        assert_eq!(callbacks(slow, 9.995).last(), Some(&(9.992_997, 240)));
        assert_eq!(callbacks(DeviceModel::default(), 9.995).last(), Some(&(9.99, 240)));
    }

    #[test]
    fn after_a_stall_what_was_missed_comes_at_once() {
        let callbacks = callbacks(with(Incident::Stall { at: 0.025, seconds: 0.03 }), 0.08);
        let times: Vec<f64> = callbacks.iter().map(|callback| callback.0).collect();
        assert_eq!(times, [0.0, 0.01, 0.02, 0.055, 0.055, 0.055, 0.06, 0.07]);
    }

    #[test]
    fn after_a_loss_nothing_is_made_up_for() {
        let callbacks = callbacks(with(Incident::Loss { at: 0.025, seconds: 1.0 }), 1.04);
        let times: Vec<f64> = callbacks.iter().map(|callback| callback.0).collect();
        assert_eq!(times, [0.0, 0.01, 0.02, 1.025, 1.035]);
    }

    #[test]
    fn its_period_changes() {
        let callbacks = callbacks(with(Incident::Period { at: 0.015, frames: 480 }), 0.07);
        assert_eq!(callbacks, [(0.0, 240), (0.01, 240), (0.02, 480), (0.04, 480), (0.06, 480)]);
    }
}
