//! A listener at the sink, who knows nothing but what is heard, and when something was said or stopped.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sostenuto_engine::playback::{FADE_SECONDS, RenderState};

use super::thinned::Thinned;

/// Louder than this is audible: -60 dBFS.
const AUDIBLE: f32 = 1e-3;
/// What a stop breaks off fades, and so may what conceals: so many seconds of what is rendered after it may sound.
const MAY_SOUND: f32 = 2.0 * FADE_SECONDS;
/// A stop is timed where something sounded so shortly before it.
const SOUNDING: Duration = Duration::from_millis(100);
/// How much sooner than the engine says a sample may have left the sink: the engine reckons from the last callback, which
/// may have come late.
const TOLERANCE: Duration = Duration::from_millis(50);
/// An utterance that is not yet known to sound may have begun so long after it was accepted.
const SOONEST: Duration = Duration::from_millis(10);
/// Values of a distribution that are kept.
const MOST: usize = 20_000;
/// Blocks that are kept between a stop and the next utterance.
const BLOCKS: usize = 10_000;

/// A block as it leaves the sink.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block<'a> {
    /// Its samples, mono.
    pub(super) samples: &'a [f32],
    /// Frames a second.
    pub(super) rate: u32,
    /// When its callback began.
    pub(super) begun: Duration,
    /// When its first sample leaves the sink.
    pub(super) leaves: Duration,
    /// Frames of it that are audio.
    pub(super) frames: usize,
    /// What it ends in.
    pub(super) state: RenderState,
}

/// What was heard.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    /// Seconds of audio, concealment not counted.
    pub(super) audio_s: f64,
    /// From the acceptance of each utterance that was waited for to its first audible sample, in seconds.
    pub(super) ttfa_s: Vec<f64>,
    /// From each stop to the last audible sample before the silence, in seconds.
    pub(super) stop_s: Vec<f64>,
    /// Audible samples that were rendered after a stop, later than a fade, and belong to nothing that was said after it.
    pub(super) stale_samples: u64,
}

/// A listener at the sink. The sink tells it what leaves, the speaker what was said and stopped.
#[derive(Debug)]
pub(super) struct Ear(Mutex<Hearing>);

#[derive(Debug)]
struct Hearing {
    audio_s: f64,
    ttfa_s: Thinned<f64>,
    stop_s: Thinned<f64>,
    stale_samples: u64,
    /// When what was accepted last is waited for.
    waits_since: Option<Duration>,
    /// What was accepted last, after a stop.
    accepted: Option<Duration>,
    stop: Option<Stop>,
    /// The audible blocks since that stop.
    audible: Vec<Audible>,
    /// When the last audible sample left.
    sounded: Option<Duration>,
    dry_since: Option<Duration>,
}

#[derive(Clone, Copy, Debug)]
struct Stop {
    called: Duration,
    returned: Duration,
    /// Seconds that may still sound.
    may_sound: f32,
    was_sounding: bool,
}

/// What is audible of a block.
#[derive(Clone, Copy, Debug)]
struct Audible {
    first: Duration,
    last: Duration,
    /// It was on its way out when the stop came, or is what fades.
    is_tail: bool,
    /// Audible samples that no fade explains.
    stale: u64,
}

impl Default for Ear {
    fn default() -> Self {
        Self(Mutex::new(Hearing {
            audio_s: 0.0,
            ttfa_s: Thinned::new(MOST),
            stop_s: Thinned::new(MOST),
            stale_samples: 0,
            waits_since: None,
            accepted: None,
            stop: None,
            audible: Vec::new(),
            sounded: None,
            dry_since: None,
        }))
    }
}

impl Ear {
    fn hearing(&self) -> MutexGuard<'_, Hearing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A block leaves the sink.
    pub(super) fn hear(&self, block: Block<'_>) {
        self.hearing().hear(block);
    }

    /// An utterance was accepted at `at`; it is waited for where nothing else was to be heard before it.
    pub(super) fn accept(&self, at: Duration, is_waited_for: bool) {
        let mut hearing = self.hearing();
        if is_waited_for {
            hearing.waits_since = Some(at);
        }
        hearing.accepted = hearing.accepted.or(Some(at));
    }

    /// What was waited for is over, and nothing of it was heard.
    pub(super) fn give_up(&self) {
        self.hearing().waits_since = None;
    }

    /// The engine says that what was accepted began to sound at `at`.
    pub(super) fn begin(&self, at: Duration) {
        self.hearing().settle(Some(at.saturating_sub(TOLERANCE)));
    }

    /// A stop was called for at `called`, and the call was over at `returned`.
    pub(super) fn stop(&self, called: Duration, returned: Duration) {
        let mut hearing = self.hearing();
        hearing.settle(None);
        hearing.stop_called(called, returned);
    }

    /// For how long the ring has been short at `now`.
    pub(super) fn dry_for(&self, now: Duration) -> Option<Duration> {
        self.hearing().dry_since.map(|since| now.saturating_sub(since))
    }

    /// Seconds of audio that were heard so far.
    pub(super) fn audio_s(&self) -> f64 {
        self.hearing().audio_s
    }

    /// All that was heard. What is audible and undecided was stale.
    pub(super) fn heard(&self) -> Heard {
        let mut hearing = self.hearing();
        hearing.settle(None);
        Heard {
            audio_s: hearing.audio_s,
            ttfa_s: hearing.ttfa_s.clone().into_vec(),
            stop_s: hearing.stop_s.clone().into_vec(),
            stale_samples: hearing.stale_samples,
        }
    }
}

impl Hearing {
    fn hear(&mut self, block: Block<'_>) {
        let Block { samples, rate, begun, leaves, frames, state } = block;
        let seconds = |frames: usize| Duration::from_secs_f64(frames as f64 / f64::from(rate.max(1)));
        self.audio_s += seconds(frames).as_secs_f64();
        self.dry_since = (state == RenderState::Concealing).then(|| self.dry_since.unwrap_or(leaves));
        let is_audible = |sample: &f32| sample.abs() > AUDIBLE;
        let (mut explained, mut is_tail) = (samples.len(), true);
        if let Some(stop) = self.stop.as_mut().filter(|stop| begun > stop.returned) {
            explained = (stop.may_sound * rate as f32) as usize;
            is_tail = explained > 0;
            stop.may_sound = (stop.may_sound - samples.len() as f32 / rate.max(1) as f32).max(0.0);
        }
        let Some(first) = samples.iter().position(is_audible) else { return };
        let last = samples.iter().rposition(is_audible).unwrap_or(first);
        let (first, last) = (leaves + seconds(first), leaves + seconds(last + 1));
        self.sounded = Some(last);
        if self.stop.is_some() {
            let stale = samples.iter().skip(explained).filter(|sample| is_audible(sample)).count() as u64;
            if self.audible.len() < BLOCKS {
                self.audible.push(Audible { first, last, is_tail, stale });
            }
        } else if let Some(since) = self.waits_since.take() {
            self.ttfa_s.push(first.saturating_sub(since).as_secs_f64());
        }
    }

    fn stop_called(&mut self, called: Duration, returned: Duration) {
        let sounded = self.sounded.unwrap_or_default();
        let was_sounding = self.sounded.is_some() && sounded + SOUNDING >= called;
        let stop = Stop { called, returned, may_sound: MAY_SOUND, was_sounding };
        // A block that is on its way out when the stop comes was rendered before it.
        if sounded > called {
            self.audible.push(Audible { first: called, last: sounded, is_tail: true, stale: 0 });
        }
        self.stop = Some(stop);
        (self.accepted, self.waits_since) = (None, None);
    }

    /// Decides what the audible blocks since the last stop were: what begins at `new` or later was said after it. Where
    /// that is not known, nothing else can have sounded before an utterance was accepted.
    fn settle(&mut self, new: Option<Duration>) {
        if let Some(stop) = self.stop.take() {
            let unsure = self.accepted.map(|at| at + SOONEST);
            let begin = new.or(unsure);
            let is_old = |block: &&Audible| block.is_tail || begin.is_none_or(|begin| block.first < begin);
            let old = self.audible.iter().filter(is_old);
            let last = old.clone().map(|block| block.last).max();
            if stop.was_sounding {
                self.stop_s.push(last.unwrap_or_default().saturating_sub(stop.called).as_secs_f64());
            }
            self.stale_samples += old.map(|block| block.stale).sum::<u64>();
        }
        if let Some(new) = new {
            let mut said = self.audible.iter().filter(|block| !block.is_tail).map(|block| block.first);
            let first = said.find(|&first| first >= new);
            if let Some((since, first)) = self.waits_since.zip(first) {
                self.waits_since = None;
                self.ttfa_s.push(first.saturating_sub(since).as_secs_f64());
            }
        }
        self.audible.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 1_000;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Hears 10 ms that begin at `at`, of which the milliseconds in `loud` are audible.
    fn hear(ear: &Ear, at: u64, loud: std::ops::Range<usize>) {
        let mut samples = [0.0005; 10];
        samples[loud].fill(0.1);
        let state = RenderState::Playing;
        ear.hear(Block { samples: &samples, rate: RATE, begun: ms(at), leaves: ms(at), frames: 10, state });
    }

    #[test]
    fn an_utterance_is_heard_at_its_first_audible_sample() {
        let ear = Ear::default();
        ear.accept(ms(1_000), true);
        hear(&ear, 1_010, 0..0);
        hear(&ear, 1_020, 4..10);
        hear(&ear, 1_030, 0..10);
        let heard = ear.heard();
        assert_eq!(heard.ttfa_s, [0.024]);
        assert!((heard.audio_s - 0.03).abs() < 1e-9);
    }

    #[test]
    fn one_that_was_not_waited_for_has_no_first_audio() {
        let ear = Ear::default();
        ear.accept(ms(0), false);
        hear(&ear, 10, 0..10);
        assert!(ear.heard().ttfa_s.is_empty());
    }

    #[test]
    fn a_stop_is_silent_when_its_last_sample_has_left_and_its_fade_is_not_stale() {
        let ear = Ear::default();
        hear(&ear, 0, 0..10);
        ear.stop(ms(4), ms(5));
        hear(&ear, 10, 0..5);
        hear(&ear, 20, 0..0);
        let heard = ear.heard();
        assert_eq!((heard.stop_s.as_slice(), heard.stale_samples), (&[0.011][..], 0));
    }

    #[test]
    fn what_sounds_longer_than_a_fade_is_stale() {
        let ear = Ear::default();
        hear(&ear, 0, 0..10);
        ear.stop(ms(4), ms(5));
        hear(&ear, 10, 0..10);
        hear(&ear, 20, 0..3);
        hear(&ear, 60, 2..4);
        let heard = ear.heard();
        assert_eq!((heard.stop_s.as_slice(), heard.stale_samples), (&[0.06][..], 5));
    }

    #[test]
    fn what_is_said_after_a_stop_is_told_from_what_was_stopped() {
        let ear = Ear::default();
        hear(&ear, 0, 0..10);
        ear.stop(ms(4), ms(5));
        ear.accept(ms(6), true);
        hear(&ear, 10, 0..4);
        hear(&ear, 40, 2..3);
        hear(&ear, 100, 3..10);
        hear(&ear, 110, 0..10);
        ear.begin(ms(110));
        hear(&ear, 120, 0..10);
        let heard = ear.heard();
        assert_eq!((heard.ttfa_s.as_slice(), heard.stale_samples), (&[0.097][..], 1));
        assert_eq!(heard.stop_s, [0.039]);
    }

    #[test]
    fn a_stop_before_its_utterance_is_known_to_sound_accuses_nobody() {
        let ear = Ear::default();
        hear(&ear, 0, 0..10);
        ear.stop(ms(4), ms(5));
        ear.accept(ms(6), true);
        hear(&ear, 10, 0..4);
        hear(&ear, 50, 0..10);
        ear.stop(ms(60), ms(61));
        hear(&ear, 70, 0..5);
        assert_eq!(ear.heard().stale_samples, 0);
    }

    #[test]
    fn a_stop_of_silence_is_not_timed() {
        let ear = Ear::default();
        hear(&ear, 0, 0..10);
        ear.stop(ms(300), ms(300));
        assert!(ear.heard().stop_s.is_empty());
    }
}
