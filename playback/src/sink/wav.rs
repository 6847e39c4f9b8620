//! WAV files.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use hound::{SampleFormat, WavSpec, WavWriter};

use super::{BlockWriter, Freewheel};
use crate::{Format, SinkError};

/// How samples stand in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// 16-bit integers: what every player reads.
    #[default]
    Pcm16,
    /// 32-bit floats: the samples exactly as they were rendered.
    Float,
}

/// Bytes of samples that fit into a WAV file beside its header, whose lengths have 32 bits.
const MOST_BYTES: u64 = u32::MAX as u64 - 1_024;

/// Writes blocks into a WAV file, for [`Freewheel::into_writer`] or [`Paced::into_writer`](super::Paced).
pub struct WavBlocks {
    path: PathBuf,
    encoding: Encoding,
    writer: Option<WavWriter<BufWriter<File>>>,
    room: u64,
}

impl WavBlocks {
    /// Creates or replaces the file at `path`.
    ///
    /// # Errors
    /// [`SinkError::File`] when it cannot be created.
    pub fn create(path: &Path, format: Format, encoding: Encoding) -> Result<Self, SinkError> {
        let (bits_per_sample, sample_format) = match encoding {
            Encoding::Pcm16 => (16, SampleFormat::Int),
            Encoding::Float => (32, SampleFormat::Float),
        };
        let spec =
            WavSpec { channels: format.channels, sample_rate: format.rate, bits_per_sample, sample_format };
        let writer = WavWriter::create(path, spec).map_err(|error| file_error(path, &error))?;
        let room = MOST_BYTES / u64::from(bits_per_sample / 8);
        Ok(Self { path: path.to_path_buf(), encoding, writer: Some(writer), room })
    }
}

fn file_error(path: &Path, error: &hound::Error) -> SinkError {
    let reason = match error {
        hound::Error::IoError(error) => error.to_string(),
        other => other.to_string(),
    };
    SinkError::File { path: path.display().to_string(), reason }
}

impl BlockWriter for WavBlocks {
    fn write(&mut self, block: &[f32]) -> Result<(), SinkError> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let Some(room) = self.room.checked_sub(block.len() as u64) else {
            let reason = "a WAV file holds 4 GB at most; write the text in parts".to_string();
            return Err(SinkError::File { path: self.path.display().to_string(), reason });
        };
        self.room = room;
        let encoding = self.encoding;
        let mut write = |sample: f32| match encoding {
            Encoding::Pcm16 => writer.write_sample(to_pcm16(sample)),
            Encoding::Float => writer.write_sample(sample),
        };
        block.iter().try_for_each(|&sample| write(sample)).map_err(|error| file_error(&self.path, &error))
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        match self.writer.take() {
            Some(writer) => writer.finalize().map_err(|error| file_error(&self.path, &error)),
            None => Ok(()),
        }
    }
}

fn to_pcm16(sample: f32) -> i16 {
    (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16
}

/// A WAV file, written as fast as the samples come.
pub type Wav = Freewheel<WavBlocks>;

impl Wav {
    /// Creates or replaces the file at `path`.
    ///
    /// # Errors
    /// [`SinkError::File`] when it cannot be created.
    pub fn create(path: &Path, format: Format, encoding: Encoding) -> Result<Self, SinkError> {
        Ok(Self::into_writer(format, WavBlocks::create(path, format, encoding)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_clip_instead_of_wrapping() {
        assert_eq!(to_pcm16(0.0), 0);
        assert_eq!(to_pcm16(0.5), 16_384);
        assert_eq!(to_pcm16(1.5), 32_767);
        assert_eq!(to_pcm16(-1.5), -32_768);
    }

    #[test]
    fn both_encodings_are_read_back_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("speech.wav");
        for (encoding, tolerance) in [(Encoding::Pcm16, 1.0 / 32_768.0), (Encoding::Float, 0.0)] {
            let mut blocks = WavBlocks::create(&path, Format::NATIVE, encoding).unwrap();
            blocks.write(&[0.25, -0.5, 0.1]).unwrap();
            blocks.finish().unwrap();
            let mut reader = hound::WavReader::open(&path).unwrap();
            assert_eq!(reader.spec().sample_rate, 24_000);
            let samples: Vec<f32> = match encoding {
                Encoding::Pcm16 => {
                    reader.samples::<i16>().map(|s| f32::from(s.unwrap()) / 32_768.0).collect()
                }
                Encoding::Float => reader.samples::<f32>().map(Result::unwrap).collect(),
            };
            for (read, written) in samples.iter().zip([0.25, -0.5, 0.1]) {
                assert!((read - written).abs() <= tolerance);
            }
            assert_eq!(samples.len(), 3);
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_named_in_the_error() {
        let error =
            Wav::create(Path::new("/no/such/folder/a.wav"), Format::NATIVE, Encoding::Pcm16).err().unwrap();
        assert!(error.to_string().starts_with("cannot write /no/such/folder/a.wav: "), "{error}");
    }

    #[test]
    fn a_file_that_would_grow_too_long_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.wav");
        let mut blocks = WavBlocks::create(&path, Format::NATIVE, Encoding::Pcm16).unwrap();
        blocks.room = 3;
        assert!(blocks.write(&[0.5; 2]).is_ok());
        assert!(matches!(blocks.write(&[0.5; 2]), Err(SinkError::File { .. })));
        blocks.finish().unwrap();
        assert_eq!(hound::WavReader::open(&path).unwrap().len(), 2);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error_and_not_a_panic() {
        let mut blocks = match WavBlocks::create(Path::new("/dev/full"), Format::NATIVE, Encoding::Float) {
            Ok(blocks) => blocks,
            Err(error) => return assert!(matches!(error, SinkError::File { .. })),
        };
        let written = (0..100).try_for_each(|_| blocks.write(&[0.5; 1_000]));
        assert!(matches!(written.and_then(|()| blocks.finish()), Err(SinkError::File { .. })));
    }
}
