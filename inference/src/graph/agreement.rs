//! Whether two graphs speak alike.
//!
//! A graph rebuilt from the int8 export differs from it sample by sample: the export rounds every layer's input to eight
//! bits, which moves token durations and the phases of the harmonics. So tokens are compared with tokens: how long each
//! is, and how its energy spreads over the spectrum. That tells a layer whose parts are swapped, transposed or scaled
//! wrongly. It does not tell a weight that is off by one quantisation step in one of the smaller layers: the rounding in
//! the export does as much. A variant that should say the same as its source is compared sample by sample as well.

use std::path::Path;

use realfft::RealFftPlanner;
use realfft::num_complex::Complex32;

use super::mel;
pub use super::spectra::log_spectral_distance;
use crate::runtime::{Model, Runtime};
use crate::{Fragment, Kokoro, SessionError, SynthesisError, Synthesizer, Trim};

/// Samples per spectrum: one unit of the duration predictor.
const LENGTH: usize = 600;

/// Upper edges of the bands, in bins of 40 Hz: about two per octave from 160 Hz on.
const BANDS: [usize; 12] = [4, 6, 8, 12, 16, 24, 34, 48, 68, 96, 136, 200];

/// Energy this far below the loudest band of the fragment counts as silence, in dB.
const FLOOR: f32 = -50.0;

/// How far apart two graphs speak.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Agreement {
    /// Root mean square over tokens of the difference of their lengths, in units of 25 ms.
    pub durations: f32,
    /// Root mean square over tokens and bands of the difference of their levels, in dB.
    pub spectrum: f32,
    /// Power of the source's samples over that of the difference, in dB, infinite where there is none; `None` where the
    /// two are not equally long.
    pub signal_to_noise: Option<f32>,
    /// Distance of the log-mel spectra in dB; `None` where the two are not equally long.
    pub log_mel: Option<f32>,
    /// [`log_spectral_distance`] in dB; `None` where the two are not equally long.
    pub log_spectral: Option<f32>,
}

/// How far apart two graphs may speak.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The most of [`Agreement::durations`].
    pub durations: f32,
    /// The most of [`Agreement::spectrum`].
    pub spectrum: f32,
    /// The least of [`Agreement::signal_to_noise`]; `None` where samples are not compared.
    pub signal_to_noise: Option<f32>,
}

impl Bounds {
    /// For a graph rebuilt from a quantised one. Measured for the published export and its rebuild, `Hello there.` by
    /// `af_heart`: durations 0.0, spectrum 0.58 dB; with two gates swapped in the one LSTM that feeds pitch and energy:
    /// 2.43 dB; with one convolution of the generator off by a quantisation step: 0.61 dB.
    pub const REBUILT: Self = Self { durations: 1.0, spectrum: 1.5, signal_to_noise: None };

    /// For a graph that says the same in other words: not one token longer or shorter, and 60 dB from its source.
    pub const SAME: Self = Self { durations: 0.0, spectrum: 0.1, signal_to_noise: Some(60.0) };

    /// For a graph some of whose weights are rounded, none of them before the pitch curve: not one token longer or
    /// shorter, and nothing that an ear would tell.
    pub const NEAR: Self = Self { durations: 0.0, spectrum: 0.5, signal_to_noise: Some(30.0) };

    /// For a graph that is known to lose: still the same words, at about the same tempo.
    pub const ROUGH: Self = Self { durations: 2.0, spectrum: 6.0, signal_to_noise: None };
}

impl Agreement {
    /// Whether the graphs are as close as `bounds` asks.
    pub fn within(&self, bounds: &Bounds) -> bool {
        self.durations <= bounds.durations
            && self.spectrum <= bounds.spectrum
            && bounds
                .signal_to_noise
                .is_none_or(|least| self.signal_to_noise.is_some_and(|found| found >= least))
    }
}

/// A graph to be compared.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Where it came from, for messages.
    pub path: &'a Path,
    /// The graph itself, with token durations, pitch and energy.
    pub graph: &'a [u8],
}

/// Speaks `fragment` with `source` and with the graph `built` from it, and compares. The published export takes about
/// three seconds per second of audio, so the fragment had better be short.
///
/// # Errors
/// One of the graphs cannot be loaded or run.
pub fn measure(
    runtime: &Runtime,
    source: Candidate<'_>,
    built: Candidate<'_>,
    fragment: &Fragment,
    threads: usize,
) -> Result<Agreement, SessionError> {
    let spoken = |candidate: Candidate<'_>| {
        let model = Model::Bytes(candidate.graph);
        let mut session = Kokoro::build(runtime, model, candidate.path, threads)?;
        session.set_trim(Trim::Off);
        Ok::<_, SessionError>(Spoken::by(&mut session, fragment)?)
    };
    Ok(spoken(source)?.agreement(&spoken(built)?))
}

/// A fragment as one graph speaks it.
pub(crate) struct Spoken {
    pub(crate) samples: Vec<f32>,
    durations: Vec<u32>,
}

impl Spoken {
    /// Speaks `fragment`, silence and all: `session` does not trim.
    pub(crate) fn by(session: &mut dyn Synthesizer, fragment: &Fragment) -> Result<Self, SynthesisError> {
        let mut samples = Vec::new();
        let synthesis = session.synthesize(fragment, &mut |part: &[f32]| samples.extend_from_slice(part))?;
        Ok(Self { samples, durations: synthesis.durations })
    }

    /// How far `other` is from this.
    pub(crate) fn agreement(&self, other: &Self) -> Agreement {
        let units = |duration: u32| duration as f32 / LENGTH as f32;
        let durations = self.durations.iter().zip(&other.durations);
        let durations = rms(durations.map(|(&a, &b)| units(a) - units(b)));
        let (ours, theirs) = (self.levels(), other.levels());
        let spectrum = rms(ours.iter().flatten().zip(theirs.iter().flatten()).map(|(a, b)| a - b));
        Agreement {
            durations,
            spectrum,
            signal_to_noise: signal_to_noise(&self.samples, &other.samples),
            log_mel: mel::distance(&self.samples, &other.samples),
            log_spectral: log_spectral_distance(&self.samples, &other.samples),
        }
    }

    /// The level of every band of every token, in dB below the loudest, [`FLOOR`] at least.
    fn levels(&self) -> Vec<[f32; BANDS.len()]> {
        let transform = RealFftPlanner::<f32>::new().plan_fft_forward(LENGTH);
        let (mut frame, mut spectrum) = (transform.make_input_vec(), transform.make_output_vec());
        let mut rest = self.samples.as_slice();
        let mut levels: Vec<[f32; BANDS.len()]> = Vec::with_capacity(self.durations.len());
        for &duration in &self.durations {
            let (token, later) = rest.split_at((duration as usize).min(rest.len()));
            rest = later;
            let mut energies = [0.0; BANDS.len()];
            for unit in token.chunks_exact(LENGTH) {
                for (i, (to, from)) in frame.iter_mut().zip(unit).enumerate() {
                    *to = from * (std::f32::consts::PI * i as f32 / LENGTH as f32).sin().powi(2);
                }
                let done = transform.process(&mut frame, &mut spectrum);
                debug_assert!(done.is_ok(), "both buffers were made by the transform");
                let mut from = 1;
                for (energy, until) in energies.iter_mut().zip(BANDS) {
                    *energy += spectrum[from..until].iter().map(Complex32::norm_sqr).sum::<f32>();
                    from = until;
                }
            }
            levels.push(energies.map(|energy| energy * LENGTH as f32 / token.len().max(1) as f32));
        }
        let loudest = levels.iter().flatten().copied().fold(f32::MIN_POSITIVE, f32::max);
        for level in levels.iter_mut().flatten() {
            *level = (10.0 * (*level / loudest).log10()).max(FLOOR);
        }
        levels
    }
}

fn signal_to_noise(reference: &[f32], found: &[f32]) -> Option<f32> {
    if reference.len() != found.len() {
        return None;
    }
    let power = |samples: &mut dyn Iterator<Item = f32>| samples.map(|s| f64::from(s).powi(2)).sum::<f64>();
    let noise = power(&mut reference.iter().zip(found).map(|(r, f)| r - f));
    if noise == 0.0 {
        return Some(f32::INFINITY);
    }
    Some((10.0 * (power(&mut reference.iter().copied()) / noise).log10()) as f32)
}

fn rms(differences: impl Iterator<Item = f32>) -> f32 {
    let (count, sum) = differences.fold((0_u32, 0.0), |(count, sum), d| (count + 1, sum + d * d));
    (sum / count.max(1) as f32).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f32, durations: &[u32]) -> Spoken {
        let samples: u32 = durations.iter().sum();
        let wave = |i: u32| (std::f32::consts::TAU * hz * i as f32 / 24_000.0).sin();
        Spoken { samples: (0..samples).map(wave).collect(), durations: durations.to_vec() }
    }

    #[test]
    fn a_fragment_agrees_with_itself_whatever_its_level() {
        let quiet = tone(500.0, &[1200, 600, 1800]);
        let mut loud = tone(500.0, &[1200, 600, 1800]);
        loud.samples.iter_mut().for_each(|s| *s *= 3.0);
        let agreement = quiet.agreement(&loud);
        assert!(agreement.durations == 0.0 && agreement.spectrum < 0.01, "{agreement:?}");
        assert!(agreement.within(&Bounds::REBUILT) && !agreement.within(&Bounds::SAME), "{agreement:?}");
        assert!(quiet.agreement(&quiet).within(&Bounds::SAME));
    }

    #[test]
    fn a_hundredth_of_the_amplitude_as_noise_is_40_db() {
        let reference = tone(500.0, &[1200, 600]);
        let mut found = tone(500.0, &[1200, 600]);
        found.samples.iter_mut().for_each(|s| *s *= 1.01);
        let ratio = reference.agreement(&found).signal_to_noise.unwrap();
        assert!((ratio - 40.0).abs() < 0.01, "{ratio}");
        assert_eq!(reference.agreement(&tone(500.0, &[600, 600])).signal_to_noise, None);
    }

    #[test]
    fn another_spectrum_and_other_durations_are_told_apart() {
        let agreement = tone(500.0, &[1200, 600]).agreement(&tone(2500.0, &[600, 1200]));
        assert!((agreement.durations - 1.0).abs() < 1e-6, "{agreement:?}");
        assert!(!agreement.within(&Bounds::REBUILT) && agreement.spectrum > 10.0, "{agreement:?}");
    }
}
