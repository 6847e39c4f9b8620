//! Loudness as the listener sets it.

use std::ops::RangeInclusive;

/// Volumes that can be set, as factors of the amplitude; 1 leaves every sample as it is.
pub const VOLUME_RANGE: RangeInclusive<f32> = 0.0..=2.0;

/// Time in which the gain goes from 0 to 1, in seconds: long enough not to click.
const RAMP_SECONDS: f32 = 0.005;
/// Frames that are handed on at once.
const BLOCK: usize = 256;

/// `volume` within [`VOLUME_RANGE`]; what is no number is silence.
pub(crate) fn within_range(volume: f32) -> f32 {
    if volume > *VOLUME_RANGE.start() { volume.min(*VOLUME_RANGE.end()) } else { *VOLUME_RANGE.start() }
}

/// A gain that follows what is asked of it without a step.
#[derive(Debug)]
pub(crate) struct Volume {
    /// `None` before the first frame, which has what is asked of it at once.
    gain: Option<f32>,
    step: f32,
}

impl Volume {
    /// A gain for audio of `rate` frames per second.
    pub(crate) fn new(rate: u32) -> Self {
        Self { gain: None, step: 1.0 / (RAMP_SECONDS * rate as f32).max(1.0) }
    }

    /// Hands `frames` on, the gain on its way to `target`.
    pub(crate) fn push(&mut self, target: f32, frames: &[f32], put: &mut impl FnMut(&[f32])) {
        let gain = self.gain.get_or_insert(target);
        if *gain == 1.0 && target == 1.0 {
            put(frames);
            return;
        }
        let mut scaled = [0.0; BLOCK];
        for block in frames.chunks(BLOCK) {
            for (scaled, frame) in scaled.iter_mut().zip(block) {
                *gain = target.clamp(*gain - self.step, *gain + self.step);
                *scaled = frame * *gain;
            }
            put(&scaled[..block.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(volume: &mut Volume, target: f32, frames: usize) -> Vec<f32> {
        let mut out = Vec::new();
        volume.push(target, &vec![0.5; frames], &mut |ready| out.extend_from_slice(ready));
        out
    }

    #[test]
    fn a_volume_is_reached_on_a_ramp_and_kept() {
        let mut volume = Volume::new(24_000);
        assert_eq!(pushed(&mut volume, 1.0, 9), [0.5; 9]);
        let out = pushed(&mut volume, 0.0, 300);
        assert!(out.windows(2).all(|w| w[0] - w[1] <= 0.5 / 120.0 + 1e-6));
        assert!(out[110] > 0.0 && out[121..].iter().all(|&s| s == 0.0));
        assert_eq!(pushed(&mut volume, 2.0, 600)[300..], [1.0; 300]);
    }

    #[test]
    fn full_volume_changes_nothing_and_the_first_frame_has_what_was_asked_before_it() {
        let mut volume = Volume::new(48_000);
        assert_eq!(pushed(&mut volume, 0.5, 10), [0.25; 10]);
        pushed(&mut volume, 1.0, 1_000);
        assert_eq!(volume.gain, Some(1.0));
    }

    #[test]
    fn what_cannot_be_a_volume_is_the_nearest_that_can() {
        let within = [-1.0, 0.0, 0.7, 3.0, f32::INFINITY, f32::NAN].map(within_range);
        assert_eq!(within, [0.0, 0.0, 0.7, 2.0, 2.0, 0.0]);
    }
}
