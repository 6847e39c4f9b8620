//! The real-time end: copies samples from the ring to the device and does nothing else.

use std::sync::Arc;
use std::time::Duration;

use rtrb::Consumer;

use crate::position::Position;
use crate::{Format, Transport};

/// Length of a fade, in seconds: long enough not to click, short enough to count as immediate.
pub const FADE_SECONDS: f32 = 0.005;

/// What one call of [`Renderer::render`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Frames of audio that had left the ring before this call. The first frame of the slice is this one, unless
    /// the ring was short or a stop was carried out.
    pub position: u64,
    /// Frames of audio in the slice; the rest is silence.
    pub frames: usize,
}

/// Fills the device's slices from the hard ring.
///
/// `render` is wait-free: no lock, no allocation, no system call, no log, no wake-up, whatever the other threads
/// do. It does not resample, mix or wait: that is the pump's work. Dropping a renderer frees the ring if the pump is
/// gone already, so drop it where freeing is allowed.
pub struct Renderer {
    ring: Consumer<f32>,
    transport: Arc<Transport>,
    channels: usize,
    fade_step: f32,
    /// Of what is copied: rises after silence, falls after a stop.
    gain: f32,
    /// The last sample copied, and how much of it still sounds where nothing follows.
    held: f32,
    held_gain: f32,
    read: u64,
    published: u64,
    short: bool,
}

impl Renderer {
    /// A renderer for `format` that reads mono samples from `ring`.
    pub fn new(ring: Consumer<f32>, transport: Arc<Transport>, format: Format) -> Self {
        Self {
            ring,
            transport,
            channels: usize::from(format.channels.max(1)),
            fade_step: 1.0 / (FADE_SECONDS * format.rate as f32).max(1.0),
            gain: 0.0,
            held: 0.0,
            held_gain: 0.0,
            read: 0,
            published: 0,
            short: false,
        }
    }

    /// Counts the first frame of the ring as frame `frame`.
    #[must_use]
    pub fn starting_at(mut self, frame: u64) -> Self {
        self.read = frame;
        self.published = frame;
        self
    }

    /// Frames that can be rendered now without running short.
    pub fn available(&self) -> usize {
        self.ring.slots()
    }

    /// Fills `out`, interleaved, every channel the same; what the ring cannot give is silence.
    ///
    /// After a stop the audio of the old epoch fades out within [`FADE_SECONDS`] and is thrown away.
    pub fn render(&mut self, out: &mut [f32]) -> Rendered {
        let position = self.read;
        let wanted = out.len() / self.channels;
        // Read before the ring, so that audio which became due in between is not counted as missing.
        let was_due = self.transport.is_due();
        // Read before `flush_to`: while the pump has not answered a stop, all that is counted here is older.
        let available = self.ring.slots();
        let epoch = self.transport.epoch();
        let flush_to = self.transport.flush_to(epoch);
        let stale = flush_to
            .map_or(available, |frame| frame.saturating_sub(self.read).min(available as u64) as usize);

        let mut frames = 0;
        if stale > 0 {
            let fading = (self.gain / self.fade_step).ceil() as usize;
            frames = self.copy(out, 0, stale.min(fading).min(wanted), -self.fade_step);
            self.discard(stale - frames);
            self.gain = 0.0;
            if frames >= fading {
                self.held_gain = 0.0;
            }
        }
        let fresh = self.copy(out, frames, (available - stale).min(wanted - frames), self.fade_step);
        frames += fresh;

        self.decay(&mut out[frames * self.channels..]);
        let missing = frames < wanted && was_due && flush_to.is_some() && self.transport.is_due();
        if missing {
            self.transport.count_underrun(!self.short, (wanted - frames) as u64);
        }
        self.short = missing;
        // What is copied after the frame at which the epoch begins leaves nothing older to sound.
        if self.held_gain <= 0.0 || fresh > 0 && flush_to.is_some() {
            self.transport.publish_stopped(epoch);
        }
        Rendered { position, frames }
    }

    /// Whether a stop has been called for and is not yet carried out.
    pub fn is_stopping(&self) -> bool {
        !self.transport.is_stopped()
    }

    /// Tells the position clock that the frame after those rendered, or thrown away by a stop, is heard at `at`.
    /// While the ring gives nothing the clock stands still.
    pub fn publish(&mut self, at: Duration) {
        if self.published != self.read {
            self.published = self.read;
            self.transport.position.publish(Position { frames: self.read, at });
        }
    }

    /// Copies up to `count` frames to `out` from frame `at` on, the gain moving by `step` each frame.
    fn copy(&mut self, out: &mut [f32], at: usize, count: usize, step: f32) -> usize {
        let Ok(chunk) = self.ring.read_chunk(count) else {
            return 0;
        };
        let (head, tail) = chunk.as_slices();
        let frames = out[at * self.channels..].chunks_exact_mut(self.channels);
        for (frame, &sample) in frames.zip(head.iter().chain(tail)) {
            self.gain = (self.gain + step).clamp(0.0, 1.0);
            self.held = sample * self.gain;
            self.held_gain = 1.0;
            frame.fill(self.held);
        }
        chunk.commit_all();
        self.read += count as u64;
        count
    }

    fn discard(&mut self, count: usize) {
        if let Ok(chunk) = self.ring.read_chunk(count) {
            chunk.commit_all();
            self.read += count as u64;
        }
    }

    /// Lets the last sample fall to zero over one fade, so that audio that breaks off does not click.
    fn decay(&mut self, out: &mut [f32]) {
        if out.is_empty() {
            return;
        }
        self.gain = 0.0;
        for frame in out.chunks_mut(self.channels) {
            self.held_gain = (self.held_gain - self.fade_step).max(0.0);
            frame.fill(self.held * self.held_gain);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtrb::{Producer, RingBuffer};

    const RATE: u32 = 48_000;
    const FADE: usize = 240;

    fn renderer(channels: u16) -> (Producer<f32>, Arc<Transport>, Renderer) {
        let (producer, consumer) = RingBuffer::new(4_800);
        let transport = Arc::new(Transport::default());
        let format = Format { rate: RATE, channels, period: 480 };
        let renderer = Renderer::new(consumer, Arc::clone(&transport), format);
        (producer, transport, renderer)
    }

    fn largest_step(out: &[f32]) -> f32 {
        out.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn an_empty_ring_gives_silence_that_nobody_counts() {
        let (_producer, transport, mut renderer) = renderer(2);
        let mut out = [1.0; 960];
        let rendered = renderer.render(&mut out);
        assert_eq!(rendered, Rendered { position: 0, frames: 0 });
        assert!(out.iter().all(|&s| s == 0.0));
        assert_eq!(transport.underruns(), 0);
    }

    #[test]
    fn every_channel_carries_the_same_samples() {
        let (mut producer, _transport, mut renderer) = renderer(2);
        producer.push_entire_slice(&[0.5; 960]).unwrap();
        let mut out = [0.0; 1_920];
        assert_eq!(renderer.render(&mut out).frames, 960);
        assert!(out.chunks(2).all(|f| f[0] == f[1]));
        assert_eq!(out[1_919], 0.5);
    }

    #[test]
    fn a_short_ring_fades_counts_once_and_comes_back_without_a_click() {
        let (mut producer, transport, mut renderer) = renderer(1);
        let mut heard = Vec::new();
        let mut out = [0.0; 480];
        producer.push_entire_slice(&[0.5; 700]).unwrap();
        transport.set_due(true);
        for _ in 0..4 {
            renderer.render(&mut out);
            heard.extend_from_slice(&out);
        }
        producer.push_entire_slice(&[0.5; 480]).unwrap();
        renderer.render(&mut out);
        heard.extend_from_slice(&out);
        assert_eq!(transport.underruns(), 1);
        assert_eq!(transport.underrun_frames(), 4 * 480 - 700);
        assert!(largest_step(&heard) <= 0.5 / FADE as f32 + 1e-4, "{}", largest_step(&heard));
    }

    #[test]
    fn a_stop_fades_within_its_time_and_no_old_sample_follows() {
        let (mut producer, transport, mut renderer) = renderer(1);
        let mut out = [0.0; 480];
        producer.push_entire_slice(&[0.5; 4_000]).unwrap();
        renderer.render(&mut out);
        let epoch = transport.stop();
        renderer.render(&mut out);
        assert!(out[..FADE - 1].iter().all(|&s| s > 0.0));
        assert!(out[FADE..].iter().all(|&s| s == 0.0));
        assert!(transport.is_stopped());

        // The pump had not noticed yet and wrote more of the old epoch.
        producer.push_entire_slice(&[0.5; 1_000]).unwrap();
        renderer.render(&mut out);
        assert!(out.iter().all(|&s| s == 0.0));

        producer.push_entire_slice(&[0.5; 100]).unwrap();
        transport.publish_flush(epoch, 5_100);
        producer.push_entire_slice(&[0.25; 480]).unwrap();
        let rendered = renderer.render(&mut out);
        assert_eq!(rendered.frames, 480);
        assert_eq!(out[479], 0.25);
    }

    #[test]
    fn a_fade_longer_than_the_slice_is_finished_in_the_next_one() {
        let (mut producer, transport, mut renderer) = renderer(1);
        producer.push_entire_slice(&[0.5; 2_000]).unwrap();
        renderer.render(&mut [0.0; 480]);
        transport.stop();
        let mut heard = Vec::new();
        for _ in 0..10 {
            let mut out = [0.0; 64];
            renderer.render(&mut out);
            heard.extend_from_slice(&out);
        }
        assert!(largest_step(&heard) <= 0.5 / FADE as f32 + 1e-4);
        assert!(heard[FADE + 64..].iter().all(|&s| s == 0.0));
        assert!(transport.is_stopped());
    }
}
