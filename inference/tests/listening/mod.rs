//! What the tests measure in audio: reference recordings, signal to noise, pitch, level.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use symphonia::core::audio::SampleBuffer;
use symphonia::core::codecs::DecoderOptions;
use symphonia::core::formats::FormatOptions;
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::probe::Hint;

/// A recording of what Kokoro says, made by an independent implementation.
#[derive(serde::Deserialize)]
pub(crate) struct Reference {
    pub(crate) name: String,
    pub(crate) voice: String,
    pub(crate) speed: f32,
    pub(crate) phonemes: String,
    /// Units of 600 samples.
    pub(crate) durations: Vec<u32>,
    pub(crate) samples: usize,
}

/// The folder with the recordings, or `None`, with the reason printed, where it is absent.
pub(crate) fn references() -> Option<(PathBuf, Vec<Reference>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/audio");
    let Ok(index) = std::fs::read_to_string(folder.join("index.json")) else {
        // Not through `println`, which the harness keeps to itself.
        let _ = writeln!(std::io::stderr(), "skipped: no recordings in {}", folder.display());
        return None;
    };
    Some((folder, serde_json::from_str(&index).unwrap()))
}

/// The samples of a mono FLAC file.
pub(crate) fn flac(path: &Path) -> Vec<f32> {
    let stream =
        MediaSourceStream::new(Box::new(File::open(path).unwrap()), MediaSourceStreamOptions::default());
    let options = (FormatOptions::default(), MetadataOptions::default());
    let probed = symphonia::default::get_probe().format(&Hint::new(), stream, &options.0, &options.1);
    let mut format = probed.unwrap().format;
    let parameters = format.default_track().unwrap().codec_params.clone();
    let mut decoder = symphonia::default::get_codecs().make(&parameters, &DecoderOptions::default()).unwrap();
    let mut samples = Vec::new();
    while let Ok(packet) = format.next_packet() {
        let audio = decoder.decode(&packet).unwrap();
        let mut buffer = SampleBuffer::<f32>::new(audio.capacity() as u64, *audio.spec());
        buffer.copy_interleaved_ref(audio);
        samples.extend_from_slice(buffer.samples());
    }
    samples
}

/// Power of `reference` over the power of what `found` differs from it by, in dB.
pub(crate) fn signal_to_noise(reference: &[f32], found: &[f32]) -> f64 {
    assert_eq!(reference.len(), found.len());
    let power = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>();
    let signal = power(&mut reference.iter().map(|&r| f64::from(r)));
    let noise = power(&mut reference.iter().zip(found).map(|(&r, &f)| f64::from(r) - f64::from(f)));
    10.0 * (signal / noise).log10()
}

/// The median fundamental frequency of the voiced parts, in Hz, between 70 and 400 Hz.
///
/// The lag of the first dip below 0.15 of the cumulative mean normalised difference, refined by a parabola
/// (de Cheveigné and Kawahara, "YIN", 2002), every 10 ms over 40 ms.
pub(crate) fn median_pitch(samples: &[f32]) -> f64 {
    const WINDOW: usize = 960;
    const SHORTEST: usize = 60;
    const LONGEST: usize = 342;
    let loudest = samples.iter().fold(0.0_f32, |m, s| m.max(s.abs()));
    let mut pitches: Vec<f64> = Vec::new();
    for start in (0..samples.len().saturating_sub(WINDOW + LONGEST + 1)).step_by(240) {
        let frame = &samples[start..=start + WINDOW + LONGEST];
        if frame[..WINDOW].iter().all(|s| s.abs() < 0.05 * loudest) {
            continue;
        }
        let difference =
            |lag: usize| -> f64 { (0..WINDOW).map(|i| f64::from(frame[i] - frame[i + lag]).powi(2)).sum() };
        let mut sum = 0.0;
        let normalised: Vec<f64> = (1..=LONGEST + 1)
            .map(|lag| {
                let d = difference(lag);
                sum += d;
                if sum > 0.0 { d * lag as f64 / sum } else { 1.0 }
            })
            .collect();
        let at = |lag: usize| normalised[lag - 1];
        let dip = (SHORTEST..=LONGEST).find(|&lag| at(lag) < 0.15 && at(lag) <= at(lag + 1));
        if let Some(lag) = dip {
            let (before, here, after) = (at(lag - 1), at(lag), at(lag + 1));
            let curvature = before - 2.0 * here + after;
            let shift = if curvature > 0.0 { 0.5 * (before - after) / curvature } else { 0.0 };
            pitches.push(24_000.0 / (lag as f64 + shift));
        }
    }
    pitches.sort_by(f64::total_cmp);
    pitches[pitches.len() / 2]
}

/// The root mean square of the 20 ms windows that are within 30 dB of the loudest, in dB below full scale.
pub(crate) fn active_level(samples: &[f32]) -> f64 {
    let energies: Vec<f64> = samples
        .chunks_exact(480)
        .map(|window| window.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>() / 480.0)
        .collect();
    let loudest = energies.iter().copied().fold(0.0, f64::max);
    let active: Vec<f64> = energies.into_iter().filter(|e| *e > loudest * 1e-3).collect();
    10.0 * (active.iter().sum::<f64>() / active.len() as f64).log10()
}
