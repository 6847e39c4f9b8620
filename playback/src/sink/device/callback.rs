//! What the host calls when its device wants samples.

use std::sync::Arc;
use std::time::Duration;

use cpal::{FromSample, OutputCallbackInfo, SizedSample};

use super::link::Link;
use crate::MonotonicClock;

/// Samples converted at once, for devices that do not take floats and hosts that ask for any number of them.
const SCRATCH: usize = 1_024;

/// Renders into what the host hands over, at its format, and publishes the position; does nothing else.
///
/// A host may ask for more or less than its period: every slice is filled.
pub(super) struct Callback {
    link: Arc<Link>,
    clock: MonotonicClock,
    rate: u32,
    channels: usize,
    scratch: [f32; SCRATCH],
}

impl Callback {
    /// A callback for a device of `rate` and `channels`.
    pub(super) fn new(link: Arc<Link>, clock: MonotonicClock, rate: u32, channels: u16) -> Self {
        let channels = usize::from(channels).clamp(1, SCRATCH);
        Self { link, clock, rate, channels, scratch: [0.0; SCRATCH] }
    }

    /// Fills `out`, whose first frame is heard in as long as `info` says.
    pub(super) fn fill<T: SizedSample + FromSample<f32>>(
        &mut self,
        out: &mut [T],
        info: &OutputCallbackInfo,
    ) {
        let timestamp = info.timestamp();
        self.fill_ahead(out, timestamp.playback.saturating_duration_since(timestamp.callback));
    }

    /// Fills `out`, whose first frame is heard in `ahead`.
    fn fill_ahead<T: SizedSample + FromSample<f32>>(&mut self, out: &mut [T], mut ahead: Duration) {
        let Self { link, clock, rate, channels, scratch } = self;
        let (rate, channels) = (f64::from(*rate), *channels);
        let length = |frames: usize| Duration::from_secs_f64(frames as f64 / rate);
        let now = clock.now();
        link.with_renderer(now, |renderer| {
            let Some(renderer) = renderer else { return out.fill(T::EQUILIBRIUM) };
            renderer.begun(now);
            renderer.set_latency(ahead);
            for piece in out.chunks_mut(SCRATCH - SCRATCH % channels) {
                let floats = &mut scratch[..piece.len()];
                let rendered = renderer.render(floats);
                renderer.publish(now + ahead + length(rendered.frames));
                for (sample, &float) in piece.iter_mut().zip(floats.iter()) {
                    *sample = T::from_sample(float);
                }
                ahead += length(piece.len() / channels);
            }
            renderer.ended(clock.now());
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Format, Renderer, Transport};

    const FORMAT: Format = Format { rate: 24_000, channels: 2, period: 240 };

    /// What a device hears of frames of 0.5, of which 2,000 are there, when it asks for `frames` and then for as many.
    fn heard<T: SizedSample + FromSample<f32>>(frames: usize) -> (Vec<T>, Arc<Transport>) {
        let (mut producer, ring) = rtrb::RingBuffer::new(4_000);
        producer.push_entire_slice(&[0.5; 2_000]).unwrap();
        let transport = Arc::new(Transport::default());
        let link = Arc::new(Link::default());
        link.lend(Renderer::new(ring, Arc::clone(&transport), FORMAT));
        let mut callback = Callback::new(link, MonotonicClock::start(), FORMAT.rate, FORMAT.channels);
        let mut out = vec![T::EQUILIBRIUM; 2 * frames * 2];
        for half in out.chunks_mut(2 * frames) {
            callback.fill_ahead(half, Duration::from_millis(20));
        }
        (out, transport)
    }

    #[test]
    fn every_format_gets_the_same_sound() {
        let last = 2 * 2 * 500 - 1;
        assert_eq!(heard::<f32>(500).0[last], 0.5);
        assert_eq!(heard::<f64>(500).0[last], 0.5);
        assert_eq!(heard::<i8>(500).0[last], 1 << 6);
        assert_eq!(heard::<i16>(500).0[last], 1 << 14);
        assert_eq!(heard::<i32>(500).0[last], 1 << 30);
        assert_eq!(heard::<u8>(500).0[last], 3 << 6);
        assert_eq!(heard::<u16>(500).0[last], 3 << 14);
        assert_eq!(heard::<cpal::I24>(500).0[last].inner(), 1 << 22);
    }

    #[test]
    fn a_callback_of_any_size_is_filled_in_order_and_the_clock_tells_when_its_last_frame_is_heard() {
        for frames in [1, 77, 480, 512, 513, 960] {
            let (out, transport) = heard::<f32>(frames);
            let faded = out.len().min(2 * 120);
            assert!(out[..faded].is_sorted(), "{frames}");
            assert!(out[faded..].iter().all(|&sample| sample == 0.5), "{frames}");
            let position = transport.position.read().unwrap();
            assert_eq!(position.frames, 2 * frames as u64);
            let ahead = Duration::from_millis(20) + Duration::from_secs_f64(frames as f64 / 24_000.0);
            assert!(position.at + Duration::from_micros(1) >= ahead, "{frames}");
        }
    }

    #[test]
    fn without_a_renderer_a_device_hears_silence() {
        let mut callback = Callback::new(Arc::default(), MonotonicClock::start(), 24_000, 1);
        let mut out = [1_u8; 2_000];
        callback.fill_ahead(&mut out, Duration::ZERO);
        assert_eq!(out, [128; 2_000]);
    }
}
