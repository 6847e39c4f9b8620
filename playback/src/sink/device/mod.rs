//! A sound device, through the system's sound server where there is one.

mod back_off;
mod callback;
mod choose;
mod link;
mod opening;
mod options;
mod watchdog;

use std::sync::Arc;
use std::time::Duration;

use back_off::BackOff;
pub use choose::{DeviceInfo, output_devices};
use link::Link;
use opening::{AtWork, Opened, Opening, Refused, Wanted};
pub use options::{DeviceOptions, KeepAlive, Period};
use watchdog::Watchdog;

use super::{Drive, Sink};
use crate::FADE_SECONDS;
use crate::{Format, MonotonicClock, Position, Renderer, SinkError, Transport};

/// Plays through a sound device, at the rate and with the channels that it prefers.
///
/// The device's callback renders into the slice it is given, and publishes the position; it does nothing else. Whoever
/// drives the sink watches over the device: one that goes away, or falls silent, is opened again as soon as it can be,
/// or the default device in its place, and meanwhile [`Drive`] says so. Only devices of hosts that follow the default
/// device follow it (`PulseAudio`, `PipeWire`, `CoreAudio`, WASAPI: all but the plain ones).
///
/// Opening and closing happen on threads of their own, because a sound server that hangs never lets go of its client.
pub struct Device {
    options: DeviceOptions,
    clock: MonotonicClock,
    transport: Arc<Transport>,
    name: String,
    format: Format,
    state: State,
    at_work: AtWork,
}

enum State {
    Playing(Playing),
    /// The renderer has been called in and is not back yet.
    Leaving(Playing, Leave),
    Away(Away),
    Closed,
}

/// Why a device that plays is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leave {
    Lost,
    /// There has been nothing to play for long enough.
    Idle,
}

struct Playing {
    stream: cpal::Stream,
    link: Arc<Link>,
    watchdog: Watchdog,
    callbacks: u64,
    idle_since: Duration,
}

struct Away {
    leave: Leave,
    opening: Option<Opening>,
    back_off: BackOff,
    /// Since when audio waits.
    waits_since: Option<Duration>,
    /// What came of the last try.
    refused: Option<Refused>,
}

impl Device {
    /// Opens the device that `options` name, or the default one. `clock` is the clock that the pump is driven by, and
    /// `transport` the stream's, where xruns are counted.
    ///
    /// # Errors
    /// [`SinkError::NoDevice`] or [`SinkError::UnknownDevice`] when there is none, [`SinkError::Unsupported`] when
    /// its formats are beyond us.
    pub fn open(
        options: DeviceOptions,
        clock: MonotonicClock,
        transport: Arc<Transport>,
    ) -> Result<Self, SinkError> {
        let at_work = AtWork::default();
        let wanted = Wanted { name: options.name.clone(), or_default: false, period: options.period };
        let opening = Opening::begin(wanted, clock, &at_work, None);
        let opened = opening.and_then(|opening| opening.wait()).map_err(|refused| refused.error)?;
        let (name, format) = (opened.name.clone(), opened.format);
        let state = State::Playing(Playing::new(opened, &options, clock.now()));
        Ok(Self { options, clock, transport, name, format, state, at_work })
    }

    /// The name of the device that plays, or did last.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Watches over a device that plays.
    fn watch(&mut self, mut playing: Playing, now: Duration) -> Drive {
        let signs = playing.link.signs(playing.callbacks);
        playing.callbacks = signs.callbacks;
        for _ in 0..signs.xruns {
            self.transport.count_xrun();
        }
        if signs.was_rerouted {
            tracing::info!(device = self.name, "the sound system moved the sound to another device");
        }
        let has_work = self.transport.is_due() || self.transport.seconds_waiting() > 0.0;
        let heard_last = self.transport.position.read().map(|position| position.at);
        if has_work || heard_last.is_none_or(|at| at > now) {
            playing.idle_since = now;
        }
        let limit = self.options.keep_alive.limit();
        let is_idle = limit.is_some_and(|limit| now.saturating_sub(playing.idle_since) > limit);
        let leave = match playing.watchdog.is_alive(signs.callbacks, now) {
            alive if signs.is_over || !alive => Leave::Lost,
            _ if is_idle => Leave::Idle,
            _ => {
                self.state = State::Playing(playing);
                return Drive::OwnClock;
            }
        };
        playing.link.call_in();
        self.leave(playing, leave, now)
    }

    /// Leaves a device, once its callback has given back the renderer.
    fn leave(&mut self, playing: Playing, leave: Leave, now: Duration) -> Drive {
        let Some(renderer) = playing.link.give_back() else {
            self.state = State::Leaving(playing, leave);
            return Drive::At(now + self.period());
        };
        drop(renderer);
        let heard = match self.transport.position.read() {
            None => 0,
            Some(position) if leave == Leave::Idle => position.frames,
            Some(position) => heard(position, playing.link.last_callback(), self.format),
        };
        match leave {
            Leave::Lost => tracing::warn!(device = self.name, "the sound device was lost"),
            Leave::Idle => tracing::debug!(device = self.name, "closing the sound device, which is idle"),
        }
        opening::close(playing.stream, &self.name, false);
        let back_off = BackOff::new(now);
        self.state = State::Away(Away { leave, opening: None, back_off, waits_since: None, refused: None });
        Drive::Suspended { heard }
    }

    /// Tries to get a device back.
    fn seek(&mut self, mut away: Away, now: Duration) -> Result<Drive, SinkError> {
        let waits = self.transport.seconds_waiting() > 0.0;
        // Nobody waits for what is paused.
        let is_awaited = waits && !self.transport.is_paused();
        away.waits_since = away.waits_since.or(Some(now)).filter(|_| is_awaited);
        if let Some(result) = away.opening.as_ref().and_then(|opening| opening.poll(now)) {
            away.opening = None;
            match result {
                Ok(opened) => {
                    tracing::info!(device = opened.name, "the sound goes on");
                    self.name.clone_from(&opened.name);
                    self.format = opened.format;
                    self.state = State::Playing(Playing::new(opened, &self.options, now));
                    return Ok(Drive::Reopened(self.format));
                }
                Err(refused) => {
                    away.refused = Some(refused);
                    away.back_off.fail(now);
                }
            }
        }
        let seeks = waits || away.leave == Leave::Lost;
        if away.opening.is_none() && seeks && away.back_off.is_due(now) && self.at_work.has_room() {
            let (name, period) = (self.options.name.clone(), self.options.period);
            let wanted = Wanted { name, or_default: true, period };
            let waiter = Some(std::thread::current());
            match Opening::begin(wanted, self.clock, &self.at_work, waiter) {
                Ok(opening) => away.opening = Some(opening),
                Err(refused) => {
                    away.refused = Some(refused);
                    away.back_off.fail(now);
                }
            }
        }
        let patience = self.options.patience;
        if away.waits_since.is_some_and(|since| now.saturating_sub(since) > patience) {
            return Err(SinkError::Lost { reason: self.given_up(away.refused.as_ref()) });
        }
        self.state = State::Away(away);
        Ok(Drive::OwnClock)
    }

    /// Why the sink goes no further, for people.
    fn given_up(&self, refused: Option<&Refused>) -> String {
        let Self { name, options: DeviceOptions { patience, .. }, .. } = self;
        let begin = format!("{name} went away, and nothing took its place within {patience:?}");
        match refused {
            Some(Refused { error, available }) => format!("{begin} ({error}); there is {available}"),
            None => begin,
        }
    }

    fn period(&self) -> Duration {
        Duration::from_secs_f64(f64::from(self.format.period) / f64::from(self.format.rate))
    }
}

impl Playing {
    fn new(opened: Opened, options: &DeviceOptions, now: Duration) -> Self {
        let Opened { stream, link, format, .. } = opened;
        let period = Duration::from_secs_f64(f64::from(format.period) / f64::from(format.rate));
        let watchdog = Watchdog::new(options.silence_limit, period, now);
        Self { stream, link, watchdog, callbacks: 0, idle_since: now }
    }
}

/// The frames that a device has played for certain that was lost some time after its last callback, where the position
/// clock stood at `position` afterwards.
///
/// What it had not played at its last callback may have been lost with it. Hosts tell that from what they knew a period
/// before, and the fade with which the sound goes on must not hide anything: so much is played again. Of what had been
/// over for as long at the last callback nothing is.
fn heard(position: Position, last_callback: Duration, format: Format) -> u64 {
    let seconds = position.at.as_secs_f64() - last_callback.as_secs_f64();
    let margin = f64::from(format.period) + f64::from(FADE_SECONDS) * f64::from(format.rate);
    let unheard = (seconds * f64::from(format.rate) + margin).round().max(0.0);
    position.frames.saturating_sub(unheard as u64)
}

impl Sink for Device {
    fn format(&self) -> Format {
        self.format
    }

    fn is_real_time(&self) -> bool {
        true
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), SinkError> {
        if let State::Playing(playing) = &self.state {
            playing.link.lend(renderer);
        }
        Ok(())
    }

    fn drive(&mut self, now: Duration) -> Result<Drive, SinkError> {
        match std::mem::replace(&mut self.state, State::Closed) {
            State::Playing(playing) => Ok(self.watch(playing, now)),
            State::Leaving(playing, leave) => Ok(self.leave(playing, leave, now)),
            State::Away(away) => self.seek(away, now),
            State::Closed => Err(SinkError::Lost { reason: format!("{} was closed", self.name) }),
        }
    }

    fn close(&mut self) -> Result<(), SinkError> {
        if let State::Playing(playing) | State::Leaving(playing, _) =
            std::mem::replace(&mut self.state, State::Closed)
        {
            playing.link.call_in();
            opening::close(playing.stream, &self.name, true);
        }
        Ok(())
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // Closing a device only warns when the host does not answer.
        let _ = self.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: Format = Format { rate: 24_000, channels: 1, period: 240 };

    /// A device that was lost and is not sought for the next hour, with a second of patience.
    fn lost(transport: &Arc<Transport>) -> Device {
        let options = DeviceOptions { patience: Duration::from_secs(1), ..DeviceOptions::default() };
        let back_off = BackOff::new(Duration::from_hours(1));
        let away = Away { leave: Leave::Lost, opening: None, back_off, waits_since: None, refused: None };
        Device {
            options,
            clock: MonotonicClock::start(),
            transport: Arc::clone(transport),
            name: "test".to_string(),
            format: FORMAT,
            state: State::Away(away),
            at_work: AtWork::default(),
        }
    }

    #[test]
    fn a_sink_gives_up_when_audio_has_waited_for_long_enough_and_a_pause_or_silence_does_not_count() {
        let transport = Arc::new(Transport::default());
        let mut device = lost(&transport);
        let mut gives_up_at = |seconds| device.drive(Duration::from_secs(seconds)).is_err();
        assert!(!gives_up_at(0) && !gives_up_at(9));
        transport.set_seconds_waiting(0.5);
        transport.set_paused(true);
        assert!(!gives_up_at(10) && !gives_up_at(19));
        transport.set_paused(false);
        assert!(!gives_up_at(20) && !gives_up_at(21) && gives_up_at(22));
    }

    fn heard_at(frames: u64, ahead_ms: u64, last_callback_ms: u64) -> u64 {
        let at = Duration::from_millis(1_000 + ahead_ms);
        heard(Position { frames, at }, Duration::from_millis(last_callback_ms), FORMAT)
    }

    #[test]
    fn what_was_still_on_its_way_at_the_last_callback_counts_as_lost_and_a_period_and_a_fade_with_it() {
        assert_eq!(heard_at(10_000, 30, 1_000), 10_000 - 720 - 240 - 120);
        assert_eq!(heard_at(10_000, 0, 1_000), 10_000 - 240 - 120);
        assert_eq!(heard_at(100, 30, 1_000), 0);
    }

    #[test]
    fn what_was_on_its_way_longer_ago_was_heard() {
        assert_eq!(heard_at(10_000, 30, 1_020), 10_000 - 240 - 240 - 120);
        assert_eq!(heard_at(10_000, 30, 1_040), 10_000 - 120);
    }

    #[test]
    fn of_speech_that_was_over_before_its_device_was_lost_nothing_is_played_again() {
        assert_eq!(heard_at(10_000, 30, 1_050), 10_000);
        assert_eq!(heard_at(10_000, 30, 5_000), 10_000);
    }
}
