//! The pulse train that the voiced part of the signal is filtered from.
//!
//! The sum of all harmonics below 11 kHz at unit amplitude, in closed form:
//! `sum_{h=1..H} cos(h t) = sin((H + 1/2) t) / (2 sin(t / 2)) - 1/2` (Dirichlet's kernel).

use super::HOP;
use super::elementary::sin_turns;
use crate::SAMPLE_RATE;

/// A frame with a lower fundamental, in Hz, is unvoiced.
const VOICED_ABOVE: f32 = 40.0;

/// No harmonic lies above this frequency, in Hz.
const HIGHEST_HARMONIC: f32 = 11_000.0;

/// Makes the pulse train a frame at a time, its phase running on from frame to frame.
#[derive(Default)]
pub(super) struct Pulses {
    /// In turns, -1/2 to 1/2: near zero, where the pulse stands, it is finest.
    phase: f64,
}

impl Pulses {
    /// Appends the samples of frame `frame` to `train`.
    ///
    /// `f0` is the whole curve, in Hz, a value per frame; it is interpolated between the centres of the frames.
    pub(super) fn extend(&mut self, f0: &[f32], frame: usize, train: &mut Vec<f32>) {
        let this = f0[frame];
        let before = f0[frame.saturating_sub(1)];
        let after = f0[(frame + 1).min(f0.len() - 1)];
        if before.max(this).max(after) <= VOICED_ABOVE {
            // Where nothing is voiced the phase runs on as at the lowest voiced pitch.
            self.phase += f64::from(VOICED_ABOVE) * HOP as f64 / f64::from(SAMPLE_RATE);
            self.phase -= self.phase.round();
            train.resize(train.len() + HOP, 0.0);
            return;
        }
        let mut fundamental = [0.0_f32; HOP];
        let mut turns = [0.0_f32; HOP];
        for (i, (hz, turns)) in fundamental.iter_mut().zip(&mut turns).enumerate() {
            let position = (i as f32 + 0.5) / HOP as f32;
            *hz = if position < 0.5 {
                before * (0.5 - position) + this * (0.5 + position)
            } else {
                this * (1.5 - position) + after * (position - 0.5)
            };
            self.phase += f64::from(hz.max(VOICED_ABOVE)) * (1.0 / f64::from(SAMPLE_RATE));
            if self.phase > 0.5 {
                self.phase -= 1.0;
            }
            *turns = self.phase as f32;
        }
        train.extend(fundamental.iter().zip(&turns).map(|(&hz, &turns)| {
            if hz > VOICED_ABOVE { kernel((HIGHEST_HARMONIC / hz).floor(), turns) } else { 0.0 }
        }));
    }
}

/// Dirichlet's kernel of `harmonics` harmonics, `turns` into a period.
fn kernel(harmonics: f32, turns: f32) -> f32 {
    let n = harmonics + 0.5;
    let divisor = 2.0 * sin_turns(0.5 * turns);
    if divisor.abs() <= 1e-6 { n - 0.5 } else { sin_turns(n * turns) / divisor - 0.5 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn train(f0: &[f32]) -> Vec<f32> {
        let (mut pulses, mut train) = (Pulses::default(), Vec::new());
        for frame in 0..f0.len() {
            pulses.extend(f0, frame, &mut train);
        }
        train
    }

    #[test]
    fn a_steady_pitch_gives_the_sum_of_its_harmonics() {
        let f0 = 187.0_f64;
        let train = train(&[f0 as f32; 8]);
        let harmonics = (11_000.0 / f0).floor() as usize;
        for (i, &sample) in train.iter().enumerate() {
            let phase = (i + 1) as f64 * f0 / 24_000.0 * std::f64::consts::TAU;
            let sum: f64 = (1..=harmonics).map(|h| (h as f64 * phase).cos()).sum();
            assert!((f64::from(sample) - sum).abs() < 2e-3, "sample {i}: {sample} instead of {sum}");
        }
    }

    #[test]
    fn unvoiced_frames_are_silent_and_do_not_stop_the_phase() {
        assert!(train(&[0.0; 4]).iter().all(|&s| s == 0.0));
        let mut curve = [0.0; 12];
        curve[6..].fill(200.0);
        assert!(train(&curve)[..5 * HOP].iter().all(|&s| s == 0.0));
        assert!(train(&curve)[7 * HOP..].iter().any(|&s| s > 40.0));
    }
}
