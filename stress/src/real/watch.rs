//! Looks at all streams ten times a second.

use std::sync::Arc;

use sostenuto_engine::StreamControl;
use sostenuto_engine::playback::Transport;

use super::delay;
use super::seat::Seat;
use super::session::Round;
use super::thinned::Thinned;
use super::usage::Burdens;
use crate::{Level, Memory, Moment};

/// Moments that are kept.
const MOST: usize = 8_192;

/// A stream as it is looked at.
pub(super) struct Watched {
    /// Where its listener sits.
    pub(super) seat: Arc<Seat>,
    /// Its counters.
    pub(super) control: StreamControl,
    /// Frames a second of its sink.
    pub(super) rate: u32,
}

/// What was seen.
pub(super) struct Watch {
    levels: Thinned<Level>,
    memory: Thinned<Memory>,
    delay_s: (f64, u64),
    peak_mb: f64,
}

/// What was seen, in all.
pub(super) struct Seen {
    /// What waited over time.
    pub(super) levels: Vec<Level>,
    /// What was resident over time.
    pub(super) memory: Vec<Memory>,
    /// By how much what is heard was later than at the earliest, averaged over the time in which something was said.
    pub(super) delay_s: f64,
    /// The most that was resident.
    pub(super) peak_mb: f64,
}

impl Default for Watch {
    fn default() -> Self {
        Self { levels: Thinned::new(MOST), memory: Thinned::new(MOST), delay_s: (0.0, 0), peak_mb: 0.0 }
    }
}

impl Watch {
    /// Looks at everything, `at_s` into the scenario.
    pub(super) fn look(
        &mut self,
        at_s: f64,
        streams: &[Watched],
        round: &Round,
        burdens: &Burdens,
    ) -> Moment {
        let resident_mb = burdens.resident_mb();
        let mut moment = Moment {
            at_s,
            slack_s: round.ledger.slack_s(),
            resident_mb,
            fired: round.course.count(),
            ..Moment::default()
        };
        let mut nearest: Option<Level> = None;
        let mut concealed_s = 0.0;
        for Watched { seat, control, rate } in streams {
            let Some(transport) = seat.transport() else { continue };
            let (stats, playback) = (control.stats(), control.playback_stats());
            concealed_s += stats.concealed_frames as f64 / f64::from(*rate);
            moment.underruns += stats.underruns;
            moment.interruptions += stats.interruptions;
            moment.audio_s += seat.ear().map_or(stats.audio_s, super::ear::Ear::audio_s);
            let level = Level {
                at_s,
                waiting_s: transport.seconds_waiting(),
                ring_s: Transport::seconds_in_ring(transport),
                target_s: stats.target_s,
                added_delay_s: seat.delay_s(delay::so_far(&stats, &playback, *rate, transport.rate())),
                concealed_s: 0.0,
            };
            if seat.is_speaking() {
                self.delay_s.0 += level.added_delay_s;
                self.delay_s.1 += 1;
            }
            let counts = seat.is_speaking() || nearest.is_none();
            if counts && nearest.is_none_or(|nearest| level.waiting_s < nearest.waiting_s) {
                nearest = Some(level);
            }
        }
        let level = Level { at_s, concealed_s, ..nearest.unwrap_or_default() };
        self.levels.push(level);
        self.memory.push(Memory { at_s, resident_mb });
        self.peak_mb = self.peak_mb.max(resident_mb);
        Moment {
            level_s: level.waiting_s,
            target_s: level.target_s,
            concealed_ms: 1e3 * concealed_s,
            ..moment
        }
    }

    /// All that was seen.
    pub(super) fn seen(self) -> Seen {
        let (sum, count) = self.delay_s;
        let delay_s = if count > 0 { sum / count as f64 } else { 0.0 };
        Seen {
            levels: self.levels.into_vec(),
            memory: self.memory.into_vec(),
            delay_s,
            peak_mb: self.peak_mb,
        }
    }
}
