//! What is known of a voice, as bytes.
//!
//! Little-endian, in this order, without gaps:
//!
//! | what | type |
//! | --- | --- |
//! | `SOSTNORM`, version, channels | 8 bytes, u32, u32 |
//! | fragments learned from | u64 |
//! | of the variables (share of silence, length): sums, products, least, most | f64: 2, 3, 2, 2 |
//! | of the means, then of the logarithms of the deviations: sums, sums times each variable | f64: 3 x channels each |
//! | gate: 0 untried, 1 passed, 2 failed | u8 |
//! | passed or failed: log-mel distance, level | f32: 2 |
//! | failed: fragments learned from until then | u64 |
//! | passed: centre, lowest, highest | f32: 2 each |
//! | passed: of the means, then of the logarithms: level, slope by each variable | f32: 3 x channels each |
//! | SHA-256 of all before | 32 bytes |

use super::learned::{Fit, Learned, Plane, Sums};
use super::{Figures, Gate, VoiceNorms};
use crate::assets::Digest;
use crate::generator::STATISTICS;

/// Of the format and of what the numbers mean.
pub(super) const VERSION: u32 = 1;
const MAGIC: [u8; 8] = *b"SOSTNORM";
const DIGEST: usize = 32;

/// Bytes that are no norms of this version: learn anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unusable {
    #[error("it is damaged")]
    Damaged,
    #[error("it is of another version")]
    OtherVersion,
}

/// `voice` as bytes.
pub(super) fn encode(voice: &VoiceNorms) -> Vec<u8> {
    let mut out = Writer(Vec::new());
    out.0.extend(MAGIC);
    out.u32(VERSION);
    out.u32(STATISTICS as u32);
    let learned = &voice.learned;
    out.u64(learned.count);
    for values in [&learned.sums[..], &learned.products, &learned.least, &learned.most] {
        out.f64s(values);
    }
    for sums in [&learned.mean, &learned.log] {
        for values in [&sums.plain, &sums.by[0], &sums.by[1]] {
            out.f64s(values);
        }
    }
    match &voice.gate {
        Gate::Untried => out.0.push(0),
        Gate::Passed { fit, figures } => {
            out.0.push(1);
            out.f32s(&[figures.log_mel, figures.level]);
            for values in [&fit.centre, &fit.lowest, &fit.highest] {
                out.f32s(values);
            }
            for plane in [&fit.mean, &fit.log] {
                for values in [&plane.level, &plane.slopes[0], &plane.slopes[1]] {
                    out.f32s(values);
                }
            }
        }
        Gate::Failed { figures, count } => {
            out.0.push(2);
            out.f32s(&[figures.log_mel, figures.level]);
            out.u64(*count);
        }
    }
    let digest = Digest::of_bytes(&out.0);
    out.0.extend(digest.bytes());
    out.0
}

/// The voice that [`encode`] made `bytes` of.
pub(super) fn decode(bytes: &[u8]) -> Result<VoiceNorms, Unusable> {
    let (content, digest) = bytes.split_last_chunk::<DIGEST>().ok_or(Unusable::Damaged)?;
    let mut reader = Reader(content);
    if reader.take::<8>()? != MAGIC {
        return Err(Unusable::Damaged);
    }
    if (reader.u32()?, reader.u32()?) != (VERSION, STATISTICS as u32) {
        return Err(Unusable::OtherVersion);
    }
    if Digest::of_bytes(content).bytes() != *digest {
        return Err(Unusable::Damaged);
    }
    let voice = reader.voice()?;
    if reader.0.is_empty() { Ok(voice) } else { Err(Unusable::Damaged) }
}

struct Writer(Vec<u8>);

impl Writer {
    fn u32(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }

    fn f32s(&mut self, values: &[f32]) {
        self.0.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    }

    fn f64s(&mut self, values: &[f64]) {
        self.0.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Unusable> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Unusable::Damaged)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn u32(&mut self) -> Result<u32, Unusable> {
        Ok(u32::from_le_bytes(self.take()?))
    }

    fn u64(&mut self) -> Result<u64, Unusable> {
        Ok(u64::from_le_bytes(self.take()?))
    }

    fn f32(&mut self) -> Result<f32, Unusable> {
        Ok(f32::from_le_bytes(self.take()?))
    }

    fn f64(&mut self) -> Result<f64, Unusable> {
        Ok(f64::from_le_bytes(self.take()?))
    }

    fn f32_array<const N: usize>(&mut self) -> Result<[f32; N], Unusable> {
        let mut values = [0.0; N];
        for value in &mut values {
            *value = self.f32()?;
        }
        Ok(values)
    }

    fn f64_array<const N: usize>(&mut self) -> Result<[f64; N], Unusable> {
        let mut values = [0.0; N];
        for value in &mut values {
            *value = self.f64()?;
        }
        Ok(values)
    }

    fn f32s(&mut self) -> Result<Vec<f32>, Unusable> {
        (0..STATISTICS).map(|_| self.f32()).collect()
    }

    fn f64s(&mut self) -> Result<Vec<f64>, Unusable> {
        (0..STATISTICS).map(|_| self.f64()).collect()
    }

    fn sums(&mut self) -> Result<Sums, Unusable> {
        Ok(Sums { plain: self.f64s()?, by: [self.f64s()?, self.f64s()?] })
    }

    fn plane(&mut self) -> Result<Plane, Unusable> {
        Ok(Plane { level: self.f32s()?, slopes: [self.f32s()?, self.f32s()?] })
    }

    fn figures(&mut self) -> Result<Figures, Unusable> {
        Ok(Figures { log_mel: self.f32()?, level: self.f32()? })
    }

    fn voice(&mut self) -> Result<VoiceNorms, Unusable> {
        let learned = Learned {
            count: self.u64()?,
            sums: self.f64_array()?,
            products: self.f64_array()?,
            least: self.f64_array()?,
            most: self.f64_array()?,
            mean: self.sums()?,
            log: self.sums()?,
        };
        let gate = match self.take()? {
            [0] => Gate::Untried,
            [1] => {
                let figures = self.figures()?;
                let fit = Fit {
                    centre: self.f32_array()?,
                    lowest: self.f32_array()?,
                    highest: self.f32_array()?,
                    mean: self.plane()?,
                    log: self.plane()?,
                };
                Gate::Passed { fit, figures }
            }
            [2] => Gate::Failed { figures: self.figures()?, count: self.u64()? },
            _ => return Err(Unusable::Damaged),
        };
        Ok(VoiceNorms::from_parts(learned, gate))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Shape;
    use super::*;
    use crate::generator::Statistics;

    fn learned() -> VoiceNorms {
        let mut voice = VoiceNorms::default();
        for n in 0..25_u8 {
            let value = |channel: usize| (channel as f32 / 999.0 + f32::from(n)).sin();
            let measured = Statistics {
                mean: (0..STATISTICS).map(value).collect(),
                deviation: (0..STATISTICS).map(|channel| value(channel).abs() + 0.1).collect(),
            };
            let share = 0.1 + 0.01 * f32::from(n);
            assert!(voice.learn(Shape { share, tokens: 30 + usize::from(n), is_ordinary: true }, &measured));
        }
        voice
    }

    fn each_gate() -> [VoiceNorms; 4] {
        let fit = learned().learned.fit().unwrap();
        let figures = |log_mel| Figures { log_mel, level: -0.5 };
        let (mut passed, mut failed) = (learned(), learned());
        passed.judge(fit.clone(), figures(1.5));
        failed.judge(fit, figures(3.5));
        [VoiceNorms::default(), learned(), passed, failed]
    }

    #[test]
    fn what_is_written_is_read_back() {
        for voice in each_gate() {
            let bytes = encode(&voice);
            assert!(bytes.len() < 700_000, "{}", bytes.len());
            assert!(decode(&bytes).unwrap() == voice);
        }
    }

    #[test]
    fn a_changed_byte_is_noticed_wherever_it_is() {
        let bytes = encode(&each_gate()[2]);
        for at in [0, 9, 20, 400_000, bytes.len() - 40, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[at] ^= 4;
            assert!(decode(&changed).is_err(), "{at}");
        }
    }

    #[test]
    fn a_file_cut_short_or_of_another_kind_is_damaged() {
        let bytes = encode(&learned());
        for content in [&bytes[..bytes.len() - 1], &bytes[..50], &[], &[7; 100]] {
            assert_eq!(decode(content).err(), Some(Unusable::Damaged));
        }
    }

    #[test]
    fn another_version_is_told_from_damage() {
        let mut bytes = encode(&learned());
        bytes[8] += 1;
        assert_eq!(decode(&bytes).err(), Some(Unusable::OtherVersion));
    }
}
