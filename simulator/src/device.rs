//! A device that is a clock: when it asks for how many frames.

use std::collections::VecDeque;
use std::time::Duration;

use sostenuto_playback::{CHUNK_RATE, Format};

use crate::clock::at;
use crate::{LateCounts, Lateness, Scatter};

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
    /// It takes nothing for so many seconds, and then goes on with what is next.
    Hold {
        /// When, in seconds.
        at: f64,
        /// How long, in seconds.
        seconds: f64,
    },
    /// So many callbacks come at once: half of them were missed before, the others come ahead of their time.
    Burst {
        /// When it begins to miss them, in seconds.
        at: f64,
        /// How many.
        callbacks: u32,
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
            Self::Stall { at, .. }
            | Self::Loss { at, .. }
            | Self::Hold { at, .. }
            | Self::Burst { at, .. }
            | Self::Period { at, .. } => *at,
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
    incidents: VecDeque<(usize, Incident)>,
    period: u32,
    /// When the next callback is due, in seconds, and when it comes.
    due: f64,
    comes: f64,
    /// Callbacks that are still to come at once.
    together: u32,
    /// Seconds for which it was not there, so far.
    absent: f64,
    /// When it was not there last, from and to, in seconds.
    away: (f64, f64),
    /// Which of the incidents made a difference, and when, in seconds.
    happened: Vec<(usize, f64)>,
    /// A callback came when what it was to give should have been heard.
    overdue: bool,
    xruns: Vec<f64>,
    lateness: LateCounts,
}

impl Device {
    pub(crate) fn new(model: DeviceModel) -> Self {
        let (incidents, period) = (model.incidents.iter().copied().enumerate().collect(), model.period);
        Self {
            model,
            incidents,
            period,
            due: 0.0,
            comes: 0.0,
            together: 0,
            absent: 0.0,
            away: (0.0, 0.0),
            happened: Vec::new(),
            overdue: false,
            xruns: Vec::new(),
            lateness: LateCounts::default(),
        }
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

    /// For how many of the seconds from `from` to `to`, in which it was away once at most, it was not there.
    pub(crate) fn away_between(&self, from: f64, to: f64) -> f64 {
        (self.away.1.min(to) - self.away.0.max(from)).max(0.0)
    }

    pub(crate) fn model(&self) -> &DeviceModel {
        &self.model
    }

    /// Goes on to the next callback.
    pub(crate) fn advance(&mut self) {
        self.due += self.seconds(u64::from(self.period));
        let late = self.model.lateness.draw();
        if self.together > 0 {
            self.together -= 1;
        } else {
            // A callback never comes before the one before it.
            self.comes = self.comes.max(self.due + late);
        }
        while let Some((number, incident)) =
            self.incidents.pop_front_if(|(_, incident)| incident.at() <= self.comes)
        {
            if self.suffer(incident) {
                self.happened.push((number, incident.at()));
            }
        }
        let overdue = self.comes > self.due + self.model.latency;
        if overdue && !self.overdue {
            self.xruns.push(self.comes);
        }
        self.overdue = overdue;
        self.lateness.add(self.comes - self.due);
    }

    /// Lets an incident happen. Returns whether it made a difference.
    fn suffer(&mut self, incident: Incident) -> bool {
        match incident {
            Incident::Stall { at, seconds } => {
                let end = at + seconds;
                let is_later = end > self.comes;
                self.comes = self.comes.max(end);
                is_later
            }
            Incident::Loss { at, seconds } | Incident::Hold { at, seconds } => {
                let back = at + seconds;
                let is_away = back > self.due;
                if is_away {
                    self.absent += back - self.due;
                    self.away = (at, back);
                    self.due = back;
                    self.comes = self.comes.max(back);
                }
                is_away
            }
            Incident::Burst { callbacks, .. } => {
                let missed = self.seconds(u64::from(callbacks / 2) * u64::from(self.period));
                self.comes = self.comes.max(self.due + missed);
                self.together = callbacks.saturating_sub(1);
                callbacks > 1
            }
            Incident::Period { frames, .. } => {
                let changes = self.period != frames.max(1);
                self.period = frames.max(1);
                changes
            }
        }
    }

    /// Which of its incidents made a difference, by their numbers in the model, and when, in seconds.
    pub(crate) fn happened(&self) -> &[(usize, f64)] {
        &self.happened
    }

    /// When a callback came only after what it was to give should have been heard, the one before not.
    pub(crate) fn xruns(&self) -> &[f64] {
        &self.xruns
    }

    /// How late its callbacks came.
    pub(crate) fn lateness(&self) -> &LateCounts {
        &self.lateness
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
    fn after_a_hold_nothing_is_made_up_for_either() {
        let hold = callbacks(with(Incident::Hold { at: 0.025, seconds: 1.0 }), 1.04);
        assert_eq!(hold, callbacks(with(Incident::Loss { at: 0.025, seconds: 1.0 }), 1.04));
    }

    #[test]
    fn in_a_burst_some_come_late_and_some_ahead_of_time_and_all_at_once() {
        let callbacks = callbacks(with(Incident::Burst { at: 0.025, callbacks: 4 }), 0.085);
        let times: Vec<f64> = callbacks.iter().map(|callback| callback.0).collect();
        assert_eq!(times, [0.0, 0.01, 0.02, 0.05, 0.05, 0.05, 0.05, 0.07, 0.08]);
    }

    #[test]
    fn what_made_no_difference_did_not_happen_and_a_callback_too_late_is_an_xrun() {
        let incidents = vec![
            Incident::Stall { at: 0.025, seconds: 0.03 },
            Incident::Stall { at: 0.03, seconds: 0.01 },
            Incident::Period { at: 0.07, frames: 240 },
        ];
        let mut device = Device::new(DeviceModel { incidents, ..DeviceModel::default() });
        (0..10).for_each(|_| device.advance());
        assert_eq!(device.happened(), [(0, 0.025)]);
        assert_eq!(device.xruns(), [0.055]);
        assert_eq!(device.lateness().count(), 10);
    }

    #[test]
    fn its_period_changes() {
        let callbacks = callbacks(with(Incident::Period { at: 0.015, frames: 480 }), 0.07);
        assert_eq!(callbacks, [(0.0, 240), (0.01, 240), (0.02, 480), (0.04, 480), (0.06, 480)]);
    }
}
