//! The few words that control, pump and renderer share without a lock.

use std::ops::RangeInclusive;
use std::time::Duration;

use crossbeam_utils::CachePadded;

use crate::callback_times::{CallbackTimes, Histogram};
use crate::missing::Missing;
use crate::outlook::{Outlook, OutlookCell};
use crate::position::PositionClock;
use crate::sync::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use crate::{Epoch, volume};

/// Rates at which speech can be played; 1 is as it was made.
pub const RATE_RANGE: RangeInclusive<f32> = 0.5..=4.0;

/// Shared state of one stream's playback.
///
/// Each group has one writer. A stop is a hand-shake of three steps: control begins an epoch
/// ([`Transport::stop`]); the renderer fades and throws away what it finds in the ring; the pump drops what it
/// holds and says at which frame the new epoch begins (`publish_flush`), from where on the renderer
/// plays again.
#[derive(Debug, Default)]
pub struct Transport {
    control: CachePadded<Control>,
    outlook: CachePadded<OutlookCell>,
    pump: CachePadded<PumpSide>,
    renderer: CachePadded<RendererSide>,
    /// Which frame left the sink when; written by the sink.
    pub position: CachePadded<PositionClock>,
}

#[derive(Debug)]
struct Control {
    epoch: AtomicU32,
    paused: AtomicBool,
    starved: AtomicBool,
    /// The bits of an `f32`.
    volume: AtomicU32,
    /// The bits of an `f32`.
    gain: AtomicU32,
    /// The bits of an `f32`.
    rate: AtomicU32,
}

impl Default for Control {
    fn default() -> Self {
        Self {
            epoch: AtomicU32::default(),
            paused: AtomicBool::default(),
            starved: AtomicBool::default(),
            volume: AtomicU32::new(1.0_f32.to_bits()),
            gain: AtomicU32::new(1.0_f32.to_bits()),
            rate: AtomicU32::new(1.0_f32.to_bits()),
        }
    }
}

#[derive(Debug, Default)]
struct PumpSide {
    flush_to: AtomicU64,
    flushed: AtomicU32,
    due: AtomicBool,
    /// Frames in the hard ring without which nothing begins to sound again after it was short.
    resume_level: AtomicU32,
    /// Microseconds of audio that wait in playback, ring included.
    waiting_us: AtomicU64,
    /// Of these, in the hard ring.
    ring_us: AtomicU64,
    /// The bits of an `f64`.
    taken: AtomicU64,
    /// The bits of an `f64`.
    slack: AtomicU64,
}

#[derive(Debug, Default)]
struct RendererSide {
    stopped: AtomicU32,
    xruns: AtomicU64,
    missing: Missing,
    callback_duration: Histogram,
    callback_lateness: Histogram,
    latency_us: AtomicU64,
}

impl Transport {
    /// Ends the current epoch: silence follows within the renderer's fade. Ends a pause. Returns the new epoch.
    pub fn stop(&self) -> Epoch {
        let epoch = Epoch(self.control.epoch.fetch_add(1, Ordering::AcqRel).wrapping_add(1));
        // After the epoch: who sees that the pause is over sees the stop too, and plays nothing of what was paused.
        self.set_paused(false);
        epoch
    }

    /// Holds the sound at the sample where it is (`true`), or lets it go on from there. Within the renderer's fade.
    pub fn set_paused(&self, paused: bool) {
        self.control.paused.store(paused, Ordering::Release);
    }

    /// Whether the sound is held.
    pub fn is_paused(&self) -> bool {
        self.control.paused.load(Ordering::Acquire)
    }

    /// The current epoch.
    pub fn epoch(&self) -> Epoch {
        Epoch(self.control.epoch.load(Ordering::Acquire))
    }

    /// Whether the last stop has been carried out at the sink: nothing older than the current epoch sounds.
    pub fn is_stopped(&self) -> bool {
        self.stopped() == self.epoch()
    }

    /// The epoch that began with the stop which was carried out last.
    pub(crate) fn stopped(&self) -> Epoch {
        Epoch(self.renderer.stopped.load(Ordering::Acquire))
    }

    /// Says that there is no text to speak (`true`), or that there is again. Written by the dispatcher.
    pub fn set_starved(&self, starved: bool) {
        self.control.starved.store(starved, Ordering::Release);
    }

    /// Whether playback waits because there is no text to speak.
    pub fn is_starved(&self) -> bool {
        self.control.starved.load(Ordering::Acquire)
    }

    /// Sets the volume, a factor within [`VOLUME_RANGE`](crate::VOLUME_RANGE); what lies outside is the nearest inside,
    /// and what is no number is silence. Heard after what is in the hard ring, on a ramp of 5 ms.
    pub fn set_volume(&self, volume: f32) {
        self.control.volume.store(volume::within_range(volume).to_bits(), Ordering::Relaxed);
    }

    /// The volume that was set last; 1 unless set.
    pub fn volume(&self) -> f32 {
        f32::from_bits(self.control.volume.load(Ordering::Relaxed))
    }

    /// Sets the gain at the renderer, from 0 to 1: to duck or mute what is in the hard ring already. What lies outside
    /// is the nearest inside, and what is no number is silence. Heard from the next callback on, on a ramp of at most
    /// 5 ms. Louder than it was made is the [`volume`](Self::set_volume)'s matter, which peaks are held against.
    pub fn set_gain(&self, gain: f32) {
        let gain = if gain > 0.0 { gain.min(1.0) } else { 0.0 };
        self.control.gain.store(gain.to_bits(), Ordering::Relaxed);
    }

    /// The gain that was set last; 1 unless set.
    pub fn gain(&self) -> f32 {
        f32::from_bits(self.control.gain.load(Ordering::Relaxed))
    }

    /// Sets the rate at which speech is played, a factor within [`RATE_RANGE`]: 2 is twice as fast, at the same pitch.
    /// What lies outside is the nearest inside; what is no number is 1.
    pub fn set_rate(&self, rate: f32) {
        let rate = if rate.is_nan() { 1.0 } else { rate.clamp(*RATE_RANGE.start(), *RATE_RANGE.end()) };
        self.control.rate.store(rate.to_bits(), Ordering::Relaxed);
    }

    /// The rate that was set last; 1 unless set.
    pub fn rate(&self) -> f32 {
        f32::from_bits(self.control.rate.load(Ordering::Relaxed))
    }

    /// Says until when what waits in playback must last; `None` where nothing is known to follow it, or nobody listens
    /// in real time. Written by the dispatcher.
    pub fn set_outlook(&self, outlook: Option<Outlook>) {
        self.outlook.set(outlook);
    }

    /// Until when what waits in playback must last, as the dispatcher said last.
    pub fn outlook(&self) -> Option<Outlook> {
        self.outlook.get()
    }

    /// Seconds of the epoch's audio that playback has taken in, in order, at the tempo at which they were made.
    pub fn seconds_taken(&self) -> f64 {
        f64::from_bits(self.pump.taken.load(Ordering::Acquire))
    }

    /// Seconds by which what follows what is being heard comes sooner than it is needed; below zero it is going to be
    /// late. 0 while nothing is heard or nothing follows.
    pub fn slack(&self) -> f64 {
        f64::from_bits(self.pump.slack.load(Ordering::Relaxed))
    }

    pub(crate) fn set_progress(&self, taken: f64, slack: f64) {
        self.pump.slack.store(slack.to_bits(), Ordering::Relaxed);
        self.pump.taken.store(taken.to_bits(), Ordering::Release);
    }

    /// Seconds of audio that wait to be heard, as the pump last saw it.
    pub fn seconds_waiting(&self) -> f64 {
        self.pump.waiting_us.load(Ordering::Relaxed) as f64 / 1e6
    }

    /// Of the [`seconds_waiting`](Self::seconds_waiting), those in the hard ring.
    pub fn seconds_in_ring(&self) -> f64 {
        self.pump.ring_us.load(Ordering::Relaxed) as f64 / 1e6
    }

    /// Times that the ring was short while audio was due.
    pub fn underruns(&self) -> u64 {
        self.missing(|missing| &missing.underruns)
    }

    /// Frames that the ring lacked while audio was due.
    pub fn underrun_frames(&self) -> u64 {
        self.missing(|missing| &missing.underrun_frames)
    }

    /// Frames that were put in the place of audio after the ring was short: those that it lacked, and those for which
    /// it was waited until it held the [`resume_level`](Self::resume_level).
    pub fn concealed_frames(&self) -> u64 {
        self.missing(|missing| &missing.concealed_frames)
    }

    /// Of the [`concealed_frames`](Self::concealed_frames), those in which nothing sounded.
    pub fn silent_concealed_frames(&self) -> u64 {
        self.missing(|missing| &missing.silent_concealed_frames)
    }

    /// Concealed stretches of at least 150 ms.
    pub fn interruptions(&self) -> u64 {
        self.missing(|missing| &missing.interruptions)
    }

    /// Frames of all interruptions.
    pub fn interruption_frames(&self) -> u64 {
        self.missing(|missing| &missing.interruption_frames)
    }

    /// How long the host's callbacks take and how late they come, as [`Renderer::begun`](crate::Renderer::begun) and
    /// [`Renderer::ended`](crate::Renderer::ended) were told.
    pub fn callback_times(&self) -> CallbackTimes {
        CallbackTimes {
            duration: self.renderer.callback_duration.quantiles(),
            lateness: self.renderer.callback_lateness.quantiles(),
        }
    }

    /// How many of the callbacks came how late: the most that a group of them was late by, and how many they are.
    pub fn callback_lateness(&self) -> Vec<(Duration, u64)> {
        self.renderer.callback_lateness.counts()
    }

    /// How many of the callbacks took how long, as [`callback_lateness`](Self::callback_lateness) tells it.
    pub fn callback_durations(&self) -> Vec<(Duration, u64)> {
        self.renderer.callback_duration.counts()
    }

    /// Time from the beginning of a callback to when its first frame is heard, as the host told last; zero before.
    pub fn latency(&self) -> Duration {
        Duration::from_micros(self.renderer.latency_us.load(Ordering::Relaxed))
    }

    /// Times that the host told of an overrun or underrun of its own.
    pub fn xruns(&self) -> u64 {
        self.renderer.xruns.load(Ordering::Relaxed)
    }

    /// Counts an xrun of the host. Safe on its audio thread.
    pub(crate) fn count_xrun(&self) {
        self.renderer.xruns.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn counts_of_missing(&self) -> &Missing {
        &self.renderer.missing
    }

    fn missing(&self, which: impl Fn(&Missing) -> &AtomicU64) -> u64 {
        which(&self.renderer.missing).load(Ordering::Relaxed)
    }

    pub(crate) fn count_callback_duration(&self, time: Duration) {
        self.renderer.callback_duration.count(time);
    }

    pub(crate) fn count_callback_lateness(&self, time: Duration) {
        self.renderer.callback_lateness.count(time);
    }

    pub(crate) fn set_latency(&self, latency: Duration) {
        self.renderer.latency_us.store(latency.as_micros() as u64, Ordering::Relaxed);
    }

    pub(crate) fn publish_stopped(&self, epoch: Epoch) {
        self.renderer.stopped.store(epoch.0, Ordering::Release);
    }

    /// Says that `epoch` begins at frame `flush_to` of the ring. Called before the first frame of it is written.
    pub(crate) fn publish_flush(&self, epoch: Epoch, flush_to: u64) {
        self.pump.flush_to.store(flush_to, Ordering::Release);
        self.pump.flushed.store(epoch.0, Ordering::Release);
    }

    /// The epoch that the pump began last, and the frame at which it begins, or at which a later one does: then that one
    /// is found as the [`epoch`](Self::epoch) afterwards. While the epoch is a later one, every frame that was in the
    /// ring before this call is older.
    pub(crate) fn flushed(&self) -> (Epoch, u64) {
        let epoch = Epoch(self.pump.flushed.load(Ordering::Acquire));
        (epoch, self.pump.flush_to.load(Ordering::Acquire))
    }

    pub(crate) fn set_due(&self, due: bool) {
        self.pump.due.store(due, Ordering::Release);
    }

    pub(crate) fn is_due(&self) -> bool {
        self.pump.due.load(Ordering::Acquire)
    }

    /// Frames that must be in the hard ring before anything sounds again after it was short. Written by the pump.
    pub fn set_resume_level(&self, frames: u32) {
        self.pump.resume_level.store(frames, Ordering::Relaxed);
    }

    /// Frames that must be in the hard ring before anything sounds again after it was short.
    pub fn resume_level(&self) -> u32 {
        self.pump.resume_level.load(Ordering::Relaxed)
    }

    pub(crate) fn set_seconds_waiting(&self, seconds: f64) {
        self.pump.waiting_us.store((seconds * 1e6) as u64, Ordering::Relaxed);
    }

    pub(crate) fn set_seconds_in_ring(&self, seconds: f64) {
        self.pump.ring_us.store((seconds * 1e6) as u64, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_stream_has_no_stop_to_carry_out() {
        let transport = Transport::default();
        assert!(transport.is_stopped());
        assert_eq!(transport.flushed(), (Epoch(0), 0));
    }

    #[test]
    fn a_volume_is_kept_within_its_range() {
        let transport = Transport::default();
        assert_eq!(transport.volume(), 1.0);
        transport.set_volume(9.0);
        assert_eq!(transport.volume(), 2.0);
    }

    #[test]
    fn a_gain_is_kept_between_silence_and_unity() {
        let transport = Transport::default();
        let set = [0.3, -1.0, 7.0, f32::NAN].map(|gain| {
            transport.set_gain(gain);
            transport.gain()
        });
        assert_eq!(set, [0.3, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn a_rate_is_kept_within_its_range() {
        let transport = Transport::default();
        let set = [0.1, 0.5, 3.0, 9.0, f32::NAN].map(|rate| {
            transport.set_rate(rate);
            transport.rate()
        });
        assert_eq!(set, [0.5, 0.5, 3.0, 4.0, 1.0]);
    }

    #[test]
    fn a_stop_ends_a_pause() {
        let transport = Transport::default();
        transport.set_paused(true);
        assert!(transport.is_paused());
        transport.stop();
        assert!(!transport.is_paused());
    }

    #[test]
    fn a_stop_holds_until_renderer_and_pump_have_answered() {
        let transport = Transport::default();
        let epoch = transport.stop();
        assert!(!transport.is_stopped());
        assert_eq!(transport.flushed(), (Epoch(0), 0));
        transport.publish_stopped(epoch);
        transport.publish_flush(epoch, 480);
        assert!(transport.is_stopped());
        assert_eq!(transport.flushed(), (epoch, 480));
    }
}
