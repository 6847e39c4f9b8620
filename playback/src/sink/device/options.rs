//! What a user may ask of a device.

use std::time::Duration;

/// How a [`Device`](super::Device) is chosen, opened and given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceOptions {
    /// The device of this name; the default one, wherever that is, unless given.
    pub name: Option<String>,
    /// The period that is asked of the host, which may grant another one.
    pub period: Period,
    /// How long the device is kept open while nothing is said.
    pub keep_alive: KeepAlive,
    /// How long audio that is not paused may wait for a device that was lost before the sink gives up.
    pub patience: Duration,
    /// How long the host may ask for nothing before its device counts as lost; never less than
    /// eight periods.
    pub silence_limit: Duration,
}

impl Default for DeviceOptions {
    /// The default device with periods of 10 ms, kept open, waited for for 30 s, and lost after 200 ms without a sign
    /// of life.
    fn default() -> Self {
        Self {
            name: None,
            period: Period::default(),
            keep_alive: KeepAlive::default(),
            patience: Duration::from_secs(30),
            silence_limit: Duration::from_millis(200),
        }
    }
}

/// Audio that a host is asked to take at once. A shorter period is heard sooner and runs short sooner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// So long, whatever the rate.
    Time(Duration),
    /// So many frames.
    Frames(u32),
}

impl Default for Period {
    /// 10 ms, which every server grants and which keeps a stop well inside 20 ms.
    fn default() -> Self {
        Self::Time(Duration::from_millis(10))
    }
}

impl Period {
    /// Frames at `rate`, at least one.
    pub fn frames(self, rate: u32) -> u32 {
        let frames = match self {
            Self::Time(time) => (time.as_secs_f64() * f64::from(rate)).round() as u32,
            Self::Frames(frames) => frames,
        };
        frames.max(1)
    }
}

/// How long a device stays open, playing silence, while there is nothing to play.
///
/// An open device answers at once and costs a little all the time; a closed one costs nothing, and the next utterance
/// waits until it is open again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeepAlive {
    /// Closed as soon as an utterance has been heard.
    Never,
    /// Open as long as the stream.
    #[default]
    WhileOpen,
    /// Closed after so much silence; before the first utterance it stays open.
    For(Duration),
}

impl KeepAlive {
    /// The silence after which the device is closed; `None` where it stays open.
    pub(super) fn limit(self) -> Option<Duration> {
        match self {
            Self::Never => Some(Duration::ZERO),
            Self::WhileOpen => None,
            Self::For(time) => Some(time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_counted_in_frames_of_the_device_and_is_never_empty() {
        assert_eq!(Period::default().frames(48_000), 480);
        assert_eq!(Period::Time(Duration::from_millis(10)).frames(44_100), 441);
        assert_eq!(Period::Frames(256).frames(48_000), 256);
        assert_eq!(Period::Time(Duration::ZERO).frames(48_000), 1);
    }
}
