//! The real-time end: copies samples from the ring to the device, and hides it when there are none.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use rtrb::Consumer;

use crate::concealment::Concealment;
use crate::fade::Fade;
use crate::missing::{Filled, Stretch};
use crate::orders::Orders;
use crate::position::Position;
use crate::sabotage::Bug;
use crate::{Epoch, Format, Transport};

/// Frames that are copied at once.
const BLOCK: usize = 256;

/// What one call of [`Renderer::render`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Frames of audio that had left the ring before this call. The first frame of the slice is this one, unless
    /// the ring was short or a stop was carried out.
    pub position: u64,
    /// Frames of audio in the slice; the rest is silence, or conceals that it is missing.
    pub frames: usize,
    /// What the slice ends in.
    pub state: RenderState,
}

/// What the listener hears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RenderState {
    /// Nothing: no audio is due.
    #[default]
    Silent,
    /// Audio.
    Playing,
    /// Nothing, or what is about to be: a pause holds the sound where it is.
    Paused,
    /// The end of what a stop broke off.
    Stopping,
    /// Audio is due and missing: first the concealment of it, then silence, until enough is there to go on.
    Concealing,
}

/// Fills the device's slices from the hard ring.
///
/// `render` is wait-free: no lock, no allocation, no system call, no log, no wake-up, whatever the other threads
/// do. It does not resample, mix or wait: that is the pump's work, and it asks no clock: who calls it may tell it the
/// time. Dropping a renderer frees the ring if the pump is gone already, so drop it where freeing is allowed.
///
/// Whoever owns a callback can do without a [`Sink`](crate::Sink): a [`Pump`](crate::Pump) makes the renderer, which
/// moves into the callback, and is stepped by any thread that is not the callback's.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use rtrb::RingBuffer;
/// use sostenuto_playback::{
///     Buffer, Chunk, ChunkRing, Content, Epoch, Format, Pump, PumpEvent, RenderState, SessionId, StreamId, Tag,
///     Transport,
/// };
///
/// // Chunks go in, their buffers come back.
/// let (mut session, chunks) = RingBuffer::new(8);
/// let (returns, _buffers) = RingBuffer::new(8);
/// let ring = ChunkRing { chunks, returns, taken: Arc::default() };
/// let transport = Arc::new(Transport::default());
/// let format = Format { rate: 24_000, channels: 2, period: 256 };
/// let (mut pump, mut renderer) = Pump::new(vec![ring], Arc::clone(&transport), format)?;
///
/// let tag = |seq| Tag { stream: StreamId(0), epoch: Epoch(0), seq };
/// let audio = Chunk {
///     tag: tag(0),
///     session: SessionId(0),
///     part: 0,
///     last: true,
///     content: Content::Audio,
///     buffer: Buffer { samples: vec![0.25; 1_000], marks: Vec::new() },
///     pause: 0,
///     promised: None,
/// };
/// let end = Chunk {
///     tag: tag(1),
///     content: Content::End { utterance: 7 },
///     buffer: Buffer::default(),
///     session: SessionId(0),
///     part: 0,
///     last: true,
///     pause: 0,
///     promised: None,
/// };
/// session.push(audio).expect("there is room");
/// session.push(end).expect("there is room");
///
/// let mut slice = [0.0; 2 * 256];
/// let (mut now, mut frames, mut finished) = (Duration::ZERO, 0, false);
/// while !finished {
///     // On a thread of its own:
///     pump.step(now);
///     finished = std::iter::from_fn(|| pump.next_event()).any(|event| event == PumpEvent::Finished { utterance: 7 });
///     // In the callback:
///     let rendered = renderer.render(&mut slice);
///     let latency = Duration::from_millis(20);
///     renderer.publish(now + latency + format.time_of(rendered.frames as u64));
///     frames += rendered.frames;
///     now += format.time_of(256);
/// }
/// assert_eq!(frames, 1_000);
/// assert_eq!(renderer.render(&mut slice).state, RenderState::Silent);
/// # Ok::<(), sostenuto_playback::SinkError>(())
/// ```
pub struct Renderer {
    ring: Consumer<f32>,
    transport: Arc<Transport>,
    format: Format,
    /// The epoch of which audio may sound: behind the transport's while what a stop broke off fades.
    epoch: Epoch,
    /// Of what is read from the ring.
    fade: Fade,
    concealment: Concealment,
    /// Of audio that is missing.
    stretch: Stretch,
    /// On its way to `gain_to`, the transport's as it was when the call began.
    gain: f32,
    gain_to: f32,
    state: RenderState,
    read: u64,
    published: u64,
    /// When the callback began, and the frames asked for since.
    begun: Option<Duration>,
    asked: u64,
}

/// Which way the level of what is read goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Rising,
    Falling,
}

impl Renderer {
    /// A renderer for `format` that reads mono samples from `ring`.
    pub fn new(ring: Consumer<f32>, transport: Arc<Transport>, format: Format) -> Self {
        let format = Format { channels: format.channels.max(1), ..format };
        Self {
            ring,
            format,
            // A stop that no renderer has carried out is this one's to carry out.
            epoch: transport.stopped(),
            fade: Fade::new(format.rate),
            concealment: Concealment::new(format.rate),
            stretch: Stretch::new(format.rate),
            gain: transport.gain(),
            gain_to: transport.gain(),
            state: RenderState::default(),
            read: 0,
            published: 0,
            begun: None,
            asked: 0,
            transport,
        }
    }

    /// Counts the first frame of the ring as frame `frame`.
    #[must_use]
    pub fn starting_at(mut self, frame: u64) -> Self {
        self.read = frame;
        self.published = frame;
        self
    }

    /// Frames that can be rendered now without running short: none while a pause or a stop holds them, or as long as
    /// too few are there to go on after the ring was short.
    pub fn available(&self) -> usize {
        let orders = self.orders();
        let fresh = orders.fresh(self.read);
        if orders.paused || self.is_waiting_for_more(fresh) { 0 } else { fresh }
    }

    /// Whether the last slice ended in something that has to fade before there is silence.
    pub fn is_sounding(&self) -> bool {
        !self.fade.is_silent() || self.concealment.sounds()
    }

    /// Whether a stop has been called for and is not yet carried out.
    pub fn is_stopping(&self) -> bool {
        !self.transport.is_stopped()
    }

    /// Fills `out`, interleaved, every channel the same. It may be of any length; what does not make a whole frame is
    /// silence.
    ///
    /// - After a stop the audio of the old epoch fades out within [`FADE_SECONDS`](crate::FADE_SECONDS) and is thrown
    ///   away.
    /// - A pause fades out as fast, and then leaves everything where it is.
    /// - Where the ring is short while audio is due, the voice is held: at its level for 10 ms, falling to silence
    ///   until 60 ms. It goes on as soon as the ring holds the [`Transport::resume_level`], or no more will come.
    #[cfg_attr(feature = "rtsan", rtsan_standalone::nonblocking)]
    pub fn render(&mut self, out: &mut [f32]) -> Rendered {
        if Bug::SleepInCallback.is_planted() {
            std::thread::sleep(Duration::from_millis(3));
        }
        let position = self.read;
        let channels = usize::from(self.format.channels);
        let (out, rest) = out.split_at_mut(out.len() - out.len() % channels);
        rest.fill(0.0);
        self.asked += (out.len() / channels) as u64;

        self.gain_to = self.transport.gain();
        let orders = self.orders();
        let (stale, fresh) = (orders.stale(self.read), orders.fresh(self.read));
        let mut frames = 0;
        let mut at = 0;
        if self.epoch == orders.epoch {
            self.discard(stale);
        } else {
            (at, frames) = self.end_epoch(out, &orders);
        }
        let out = &mut out[at * channels..];
        if self.epoch != orders.epoch {
            self.state = RenderState::Stopping;
        } else if orders.paused {
            frames += self.pause(out, fresh);
            self.state = RenderState::Paused;
        } else {
            frames += self.play(out, fresh, &orders);
        }
        Rendered { position, frames, state: self.state }
    }

    /// Tells the position clock that the frame after those rendered, or thrown away by a stop, is heard at `at`.
    /// While the ring gives nothing the clock stands still.
    pub fn publish(&mut self, at: Duration) {
        if self.published != self.read {
            self.published = self.read;
            self.transport.position.publish(Position { frames: self.read, at });
        }
    }

    /// Tells that a callback began at `at`, for [`Transport::callback_times`]: its lateness is what is more since the
    /// last one began than the frames last for that were asked for since.
    pub fn begun(&mut self, at: Duration) {
        if let Some(last) = self.begun {
            let due = last.saturating_add(self.format.time_of(self.asked));
            self.transport.count_callback_lateness(at.saturating_sub(due));
        }
        (self.begun, self.asked) = (Some(at), 0);
    }

    /// Tells that the callback which began last ended at `at`, for [`Transport::callback_times`].
    pub fn ended(&mut self, at: Duration) {
        if let Some(begun) = self.begun {
            self.transport.count_callback_duration(at.saturating_sub(begun));
        }
    }

    /// Tells how long after the beginning of a callback its first frame is heard, for [`Transport::latency`].
    pub fn set_latency(&mut self, latency: Duration) {
        self.transport.set_latency(latency);
    }

    fn orders(&self) -> Orders {
        Orders::read(&self.transport, || self.ring.slots())
    }

    /// Whether the ring, which was short, holds too little to go on while more will come.
    fn is_waiting_for_more(&self, fresh: usize) -> bool {
        // Half of the ring at most: it can always be filled up to there.
        let level = (self.transport.resume_level() as usize).min(self.ring.buffer().capacity() / 2);
        self.stretch.is_open() && fresh < level && self.transport.is_due()
    }

    /// Carries out a stop: fades what sounds, and throws away what is stale. Returns how many frames of `out` that
    /// took, and in how many of them there is audio.
    fn end_epoch(&mut self, out: &mut [f32], orders: &Orders) -> (usize, usize) {
        let channels = usize::from(self.format.channels);
        let (stale, fading) = (orders.stale(self.read), orders.fading(self.read, self.epoch));
        let frames = self.copy(out, fading.min(self.fade.frames_to_silence()), Level::Falling);
        if frames == fading {
            self.let_go();
        }
        let mut at = frames;
        for frame in out[frames * channels..].chunks_exact_mut(channels) {
            if !self.concealment.sounds() {
                break;
            }
            self.put(frame, 0.0, true);
            at += 1;
        }
        if self.fade.is_silent() {
            self.discard(stale - frames);
        }
        if !self.is_sounding() {
            self.concealment.forget();
            self.stretch.close();
            self.epoch = orders.epoch;
            self.transport.publish_stopped(self.epoch);
        }
        (at, frames)
    }

    /// Fades what sounds, and reads nothing more. Returns the frames of audio.
    fn pause(&mut self, out: &mut [f32], fresh: usize) -> usize {
        let frames = self.copy(out, fresh.min(self.fade.frames_to_silence()), Level::Falling);
        let rest = &mut out[frames * usize::from(self.format.channels)..];
        if !rest.is_empty() {
            self.let_go();
            self.fill(rest, true);
        }
        frames
    }

    /// Plays what there is, and fills the rest. Returns the frames of audio.
    fn play(&mut self, out: &mut [f32], fresh: usize, orders: &Orders) -> usize {
        let is_waiting = self.is_waiting_for_more(fresh);
        let frames = if is_waiting { 0 } else { self.copy(out, fresh, Level::Rising) };
        if frames > 0 {
            self.stretch.close();
            self.state = RenderState::Playing;
        }
        let rest = &mut out[frames * usize::from(self.format.channels)..];
        if rest.is_empty() {
            return frames;
        }
        // Asked again after the ring: what was due before it may have been its last.
        if orders.due && orders.is_answered() && self.transport.is_due() {
            if !self.stretch.is_open() {
                self.concealment.begin();
            }
            self.fade.silence();
            let length = rest.len() / usize::from(self.format.channels);
            let silent = self.fill(rest, false);
            let there = if is_waiting { fresh.min(length) } else { 0 };
            let filled = Filled { frames: length, lacking: length - there, silent };
            self.stretch.grow(filled, self.transport.counts_of_missing());
            self.state = RenderState::Concealing;
        } else {
            self.stretch.close();
            self.let_go();
            self.fill(rest, false);
            self.state = RenderState::Silent;
        }
        frames
    }

    /// Lets the last sample fall to silence, where what is read breaks off.
    fn let_go(&mut self) {
        if !self.fade.is_silent() {
            self.concealment.let_go();
            self.fade.silence();
        }
    }

    /// Copies up to `count` frames to `out`. What still conceals sounds with them, and fades.
    fn copy(&mut self, out: &mut [f32], count: usize, level: Level) -> usize {
        let channels = usize::from(self.format.channels);
        let count = count.min(out.len() / channels);
        let mut block = [0.0; BLOCK];
        let mut copied = 0;
        for out in out[..count * channels].chunks_mut(BLOCK * channels) {
            let (samples, _) = self.ring.pop_partial_slice(&mut block[..out.len() / channels]);
            for (frame, sample) in out.chunks_exact_mut(channels).zip(&*samples) {
                let level = match level {
                    Level::Rising => self.fade.rise(),
                    Level::Falling => self.fade.fall(),
                };
                self.put(frame, *sample * level, true);
            }
            copied += samples.len();
        }
        self.read += copied as u64;
        copied
    }

    /// Fills `out` with what conceals, or silence. Returns in how many frames nothing sounded.
    fn fill(&mut self, out: &mut [f32], released: bool) -> usize {
        let mut silent = 0;
        for frame in out.chunks_exact_mut(usize::from(self.format.channels)) {
            silent += usize::from(!self.concealment.sounds());
            self.put(frame, 0.0, released);
        }
        silent
    }

    /// Puts one frame out: `sample`, and what still conceals.
    fn put(&mut self, frame: &mut [f32], sample: f32, released: bool) {
        let sample = sample + self.concealment.next(released);
        self.concealment.remember(sample);
        let step = self.fade.step();
        self.gain += (self.gain_to - self.gain).clamp(-step, step);
        frame.fill(sample * self.gain);
    }

    fn discard(&mut self, count: usize) {
        if let Ok(chunk) = self.ring.read_chunk(count) {
            chunk.commit_all();
            self.read += count as u64;
        }
    }
}
