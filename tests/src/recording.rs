//! A WAV file as numbers.

use std::path::Path;

use hound::SampleFormat;

/// The first channel of a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// Frames per second.
    pub rate: u32,
    /// Samples, full scale is 1.
    pub samples: Vec<f32>,
}

impl Recording {
    /// Reads a WAV file of 16-bit or float samples.
    ///
    /// # Errors
    /// It is no such file.
    pub fn read(path: &Path) -> Result<Self, hound::Error> {
        let mut wav = hound::WavReader::open(path)?;
        let spec = wav.spec();
        let all: Vec<f32> = match spec.sample_format {
            SampleFormat::Float => wav.samples::<f32>().collect::<Result<_, _>>()?,
            SampleFormat::Int => {
                let scale = 1.0 / f64::from(1u32 << (spec.bits_per_sample - 1));
                wav.samples::<i32>()
                    .map(|sample| sample.map(|sample| (f64::from(sample) * scale) as f32))
                    .collect::<Result<_, _>>()?
            }
        };
        let samples = all.into_iter().step_by(usize::from(spec.channels.max(1))).collect();
        Ok(Self { rate: spec.sample_rate, samples })
    }

    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate)
    }

    /// Root of the mean square.
    pub fn rms(&self) -> f64 {
        let energy: f64 = self.samples.iter().map(|&sample| f64::from(sample).powi(2)).sum();
        (energy / self.samples.len().max(1) as f64).sqrt()
    }

    /// Seconds before the first sample above -60 dBFS; all of it where there is none.
    pub fn lead_seconds(&self) -> f64 {
        let onset = self.samples.iter().position(|sample| sample.abs() > 0.001);
        onset.unwrap_or(self.samples.len()) as f64 / f64::from(self.rate)
    }
}
