//! Stage 3 of one stream: the real pump and the real renderer, on a device that is a clock.

use std::sync::Arc;
use std::time::Duration;

use sostenuto_playback::{
    CHUNK_RATE, ChunkRing, Epoch, Pump, PumpEvent, PumpStats, RenderState, Renderer, SinkError, Transport,
    Wake,
};

use crate::Lateness;
use crate::clock::at;
use crate::coded::{Reader, Understood};
use crate::device::{Device, DeviceModel};
use crate::record::{INTERRUPTION, Level};

/// How often the pump's thread asks a sink with a clock of its own for errors.
const HEALTH_CHECK: Duration = Duration::from_millis(50);
/// A shorter silence is not one, in seconds.
const SHORTEST_DRY: f64 = 0.001;
/// How often the level is noted at first, in seconds.
const TRACE_EVERY: f64 = 0.25;
/// When so many levels have been noted, every other one is forgotten.
const MOST_LEVELS: usize = 256;

/// A stretch for which a listener had nothing to hear though audio was due.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dry {
    /// Until then, in seconds.
    pub until: f64,
    /// So long, in seconds.
    pub seconds: f64,
}

/// What was heard of a device, in its own seconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listened {
    /// When audio was due and was not there.
    pub(crate) dry: Vec<Dry>,
    /// Seconds of silence within an utterance that nobody is to blame for but its writer.
    pub(crate) starved_s: f64,
    /// From each stop to silence, in seconds.
    pub(crate) stops_s: Vec<f64>,
    pub(crate) levels: Vec<Level>,
}

impl Listened {
    pub(crate) fn dry_s(&self) -> f64 {
        self.dry.iter().map(|dry| dry.seconds).sum()
    }

    /// The longest from a stop to silence, in seconds.
    pub(crate) fn stop_s(&self) -> f64 {
        self.stops_s.iter().copied().fold(0.0, f64::max)
    }

    pub(crate) fn interruptions(&self) -> usize {
        self.dry.iter().filter(|dry| dry.seconds >= INTERRUPTION).count()
    }
}

/// The pump, the renderer and the device of a stream, and who listens to it.
pub(crate) struct Playback {
    pub(crate) transport: Arc<Transport>,
    pump: Pump,
    renderer: Renderer,
    device: Device,
    lateness: Lateness,
    out: Vec<f32>,
    pub(crate) reader: Reader,
    /// Whether an utterance has begun to sound and is not at its end.
    pub(crate) speaks: bool,
    pub(crate) listened: Listened,
    /// Frames of the dry stretch that lasts.
    dry: u64,
    /// What the renderer had concealed before its last call.
    concealed: u64,
    stop_called: Option<f64>,
    /// By how many seconds the fragment that was heard last was later than at the earliest.
    pub(crate) delay: f64,
    trace_every: f64,
    next_trace: f64,
    /// When a sample was heard last.
    pub(crate) sounded_at: f64,
}

/// What a step of the pump led to.
pub(crate) struct Stepped {
    pub(crate) wake: Duration,
    pub(crate) progressed: bool,
}

impl Playback {
    pub(crate) fn new(
        rings: Vec<ChunkRing>,
        model: DeviceModel,
        lateness: Lateness,
    ) -> Result<Self, SinkError> {
        let transport = Arc::new(Transport::default());
        let (pump, renderer) = Pump::new(rings, Arc::clone(&transport), model.format())?;
        Ok(Self {
            transport,
            pump,
            renderer,
            device: Device::new(model),
            lateness,
            out: Vec::new(),
            reader: Reader::default(),
            speaks: false,
            listened: Listened::default(),
            dry: 0,
            concealed: 0,
            stop_called: None,
            delay: 0.0,
            trace_every: TRACE_EVERY,
            next_trace: 0.0,
            sounded_at: 0.0,
        })
    }

    /// Steps the pump, as its thread does.
    pub(crate) fn step(&mut self, now: Duration) -> Stepped {
        let step = self.pump.step(now);
        let by_sink = now + HEALTH_CHECK;
        let wake = match step.wake {
            Wake::At(time) => time.min(by_sink),
            Wake::OnInput => by_sink,
        };
        Stepped { wake: self.late(wake), progressed: step.progressed }
    }

    /// When the pump's thread runs that is to run at `time`.
    pub(crate) fn late(&mut self, time: Duration) -> Duration {
        time + at(self.lateness.draw())
    }

    pub(crate) fn next_event(&mut self) -> Option<PumpEvent> {
        self.pump.next_event()
    }

    pub(crate) fn stats(&self) -> PumpStats {
        self.pump.stats()
    }

    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    pub(crate) fn understood(&self) -> Understood {
        self.reader.understood
    }

    /// Whether nothing is left to be played.
    pub(crate) fn is_drained(&self) -> bool {
        self.pump.is_drained() && self.transport.is_stopped()
    }

    /// Silences the stream. Returns the epoch that begins.
    pub(crate) fn stop(&mut self, now: f64) -> Epoch {
        let epoch = self.transport.stop();
        self.reader.stop(epoch);
        self.stop_called.get_or_insert(now);
        self.speaks = false;
        epoch
    }

    /// The device's callback.
    pub(crate) fn callback(&mut self, now: f64) {
        let (frames, heard) = self.device.request();
        self.out.resize(frames, 0.0);
        let goes_on = self.transport.is_stopped();
        let rendered = self.renderer.render(&mut self.out);
        self.renderer.publish(at(heard + self.device.seconds(rendered.frames as u64)));

        let concealed = self.transport.concealed_frames() - self.concealed;
        self.concealed += concealed;
        if concealed == 0 && self.dry > 0 {
            self.end_dry(now);
        }
        self.dry += concealed;
        let before = self.reader.understood.heard;
        // What ends an epoch may stand before what begins the next; else what is no audio comes last.
        let audio = if goes_on { rendered.frames } else { frames };
        let (audio, filled) = self.out.split_at(audio);
        self.reader.hear(audio);
        self.reader.hear_filled(filled);
        if !goes_on && rendered.state != RenderState::Playing {
            // What is no audio is somewhere among it.
            self.reader.let_conceal();
        }
        let silent = frames as u64 - (rendered.frames as u64 + concealed).min(frames as u64);
        if self.speaks && !self.transport.is_paused() {
            self.listened.starved_s += self.device.seconds(silent);
        }
        if rendered.frames > 0 {
            self.sounded_at = now;
        }
        if self.transport.is_stopped()
            && let Some(called) = self.stop_called.take()
        {
            // While the device is away it is silent.
            let silent = self.device.away_between(called, now);
            self.note_stop(now - called - silent, before);
        }
        if now >= self.next_trace {
            self.note_level(now);
        }
        self.device.advance();
    }

    /// Ends the dry stretch that lasts, if one does.
    pub(crate) fn end_dry(&mut self, now: f64) {
        let seconds = self.device.seconds(std::mem::take(&mut self.dry));
        if seconds >= SHORTEST_DRY {
            self.listened.dry.push(Dry { until: now, seconds });
        }
    }

    /// Takes everything back that has not been played, so that no buffer is out.
    pub(crate) fn put_away(&mut self, now: Duration) {
        self.transport.stop();
        self.pump.step(now);
    }

    /// Notes how long a stop took that was carried out in the callback `after` seconds after it was called for.
    fn note_stop(&mut self, after: f64, heard_before: u64) {
        // What the new epoch says belongs to no stop.
        if self.reader.understood.heard == heard_before {
            let sounding = self.out.iter().rposition(|&sample| sample != 0.0).map_or(0, |last| last + 1);
            let seconds = after + self.device.seconds(sounding as u64);
            self.listened.stops_s.push(seconds);
        }
    }

    fn note_level(&mut self, now: f64) {
        let level = Level {
            at: now,
            waiting: self.transport.seconds_waiting(),
            ring: self.renderer.available() as f64 / f64::from(CHUNK_RATE),
            target: self.pump.stats().target_s,
            delay: self.delay,
            concealed: self.concealed as f64 / f64::from(CHUNK_RATE),
        };
        self.listened.levels.push(level.rounded());
        if self.listened.levels.len() == MOST_LEVELS {
            let mut keep = false;
            self.listened.levels.retain(|_| {
                keep = !keep;
                keep
            });
            self.trace_every *= 2.0;
        }
        self.next_trace = now + self.trace_every;
    }
}
