//! What a bench tells of a text.

use serde::{Deserialize, Serialize};

use super::{Heard, Trial};

/// A quantity that a bench measures.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Metric {
    /// Time to first audio, in milliseconds; a sample to a stream.
    TtfaMs,
    /// From accepting to the end, in seconds; a sample to a stream.
    TotalS,
    /// Seconds of audio; a sample to a stream.
    AudioS,
    /// Synthesis seconds to a second of speech; a sample to a stream.
    Rtf,
    /// Milliseconds between two blocks; a sample to a block. In real time only.
    BlockGapMs,
    /// Blocks that were late; a sample to a stream. In real time only.
    LateBlocks,
    /// Times that the hard ring was short; a sample to a stream. In real time only.
    Underruns,
    /// Concealed stretches of at least 150 ms; a sample to a stream. In real time only.
    Interruptions,
    /// Milliseconds of stage 1 at work; a sample to a stream.
    G2pMs,
    /// Milliseconds of stage 2 at work; a sample to a stream.
    InferenceMs,
    /// Milliseconds of stage 3 at work; a sample to a stream.
    PumpMs,
    /// Seconds of all cores to a second of audio; a sample to a trial.
    CpuPerAudioS,
    /// The most memory that was resident, in megabytes; a sample to a trial.
    PeakRssMb,
}

impl Metric {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 13] = [
        Self::TtfaMs,
        Self::TotalS,
        Self::AudioS,
        Self::Rtf,
        Self::BlockGapMs,
        Self::LateBlocks,
        Self::Underruns,
        Self::Interruptions,
        Self::G2pMs,
        Self::InferenceMs,
        Self::PumpMs,
        Self::CpuPerAudioS,
        Self::PeakRssMb,
    ];

    /// What it is called for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::TtfaMs => "TTFA",
            Self::TotalS => "total",
            Self::AudioS => "audio",
            Self::Rtf => "RTF",
            Self::BlockGapMs => "block gap",
            Self::LateBlocks => "late blocks",
            Self::Underruns => "underruns",
            Self::Interruptions => "interruptions",
            Self::G2pMs => "g2p",
            Self::InferenceMs => "inference",
            Self::PumpMs => "pump",
            Self::CpuPerAudioS => "CPU s per audio s",
            Self::PeakRssMb => "peak memory",
        }
    }

    /// Its unit; empty for a ratio and for a count.
    pub fn unit(self) -> &'static str {
        match self {
            Self::TtfaMs | Self::BlockGapMs | Self::G2pMs | Self::InferenceMs | Self::PumpMs => "ms",
            Self::TotalS | Self::AudioS => "s",
            Self::PeakRssMb => "MB",
            Self::Rtf | Self::LateBlocks | Self::Underruns | Self::Interruptions | Self::CpuPerAudioS => "",
        }
    }

    /// Digits behind the point that are worth reading.
    pub fn digits(self) -> usize {
        match self {
            Self::LateBlocks | Self::Underruns | Self::Interruptions | Self::PeakRssMb => 0,
            Self::TtfaMs | Self::BlockGapMs | Self::InferenceMs => 1,
            Self::TotalS | Self::AudioS | Self::G2pMs | Self::PumpMs => 2,
            Self::Rtf | Self::CpuPerAudioS => 3,
        }
    }

    /// Whether more of it is worse, so that a run can be held against earlier ones by it.
    pub fn is_judged(self) -> bool {
        matches!(
            self,
            Self::TtfaMs
                | Self::TotalS
                | Self::Rtf
                | Self::LateBlocks
                | Self::Underruns
                | Self::Interruptions
                | Self::CpuPerAudioS
                | Self::PeakRssMb
        )
    }

    /// Every sample of it in `trials`; those that were not measured are not there.
    pub fn samples(self, trials: &[Trial]) -> Vec<f64> {
        let heard = |value: fn(&Heard) -> Option<f64>| {
            trials.iter().flat_map(|trial| &trial.streams).filter_map(value).collect()
        };
        let of_trial = |value: fn(&Trial) -> Option<f64>| trials.iter().filter_map(value).collect();
        match self {
            Self::TtfaMs => heard(|heard| heard.ttfa_ms),
            Self::TotalS => heard(|heard| Some(heard.total_s)),
            Self::AudioS => heard(|heard| Some(heard.audio_s)),
            Self::Rtf => heard(|heard| Some(heard.rtf)),
            Self::BlockGapMs => {
                let gaps =
                    trials.iter().flat_map(|trial| &trial.streams).filter_map(|heard| heard.gaps.as_ref());
                gaps.flat_map(|gaps| gaps.ms.iter().copied()).collect()
            }
            Self::LateBlocks => heard(|heard| Some(heard.gaps.as_ref()?.late as f64)),
            Self::Underruns => heard(|heard| heard.gaps.as_ref().map(|_| heard.underruns as f64)),
            Self::Interruptions => heard(|heard| heard.gaps.as_ref().map(|_| heard.interruptions as f64)),
            Self::G2pMs => heard(|heard| Some(heard.g2p_ms)),
            Self::InferenceMs => heard(|heard| Some(heard.inference_ms)),
            Self::PumpMs => heard(|heard| Some(heard.pump_ms)),
            Self::CpuPerAudioS => of_trial(|trial| trial.cpu_per_audio_s),
            Self::PeakRssMb => of_trial(|trial| trial.peak_rss_mb),
        }
    }

    /// `value` with its unit, as it is read.
    pub fn told(self, value: f64) -> String {
        let (digits, unit) = (self.digits(), self.unit());
        let space = if unit.is_empty() { "" } else { " " };
        format!("{value:.digits$}{space}{unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Gaps;

    fn trial(ttfa_ms: [Option<f64>; 2], gaps: Option<&Gaps>) -> Trial {
        let streams =
            ttfa_ms.map(|ttfa_ms| Heard { ttfa_ms, gaps: gaps.cloned(), underruns: 1, ..Heard::default() });
        Trial { streams: streams.into(), peak_rss_mb: Some(9.0), cpu_per_audio_s: None }
    }

    #[test]
    fn every_stream_of_every_trial_is_a_sample_and_what_was_not_measured_is_none() {
        let trials = [trial([Some(1.0), Some(2.0)], None), trial([None, Some(3.0)], None)];
        assert_eq!(Metric::TtfaMs.samples(&trials), [1.0, 2.0, 3.0]);
        assert_eq!(Metric::PeakRssMb.samples(&trials), [9.0, 9.0]);
        assert!(Metric::CpuPerAudioS.samples(&trials).is_empty());
    }

    #[test]
    fn blocks_and_underruns_are_told_in_real_time_only() {
        let freewheel = [trial([None; 2], None)];
        let gaps = Gaps { ms: vec![49.0, 51.0], percentiles: None, late: 4 };
        let stream = [trial([None; 2], Some(&gaps))];
        for metric in [Metric::BlockGapMs, Metric::LateBlocks, Metric::Underruns, Metric::Interruptions] {
            assert!(metric.samples(&freewheel).is_empty(), "{metric:?}");
        }
        assert_eq!(Metric::BlockGapMs.samples(&stream), [49.0, 51.0, 49.0, 51.0]);
        assert_eq!(Metric::LateBlocks.samples(&stream), [4.0, 4.0]);
        assert_eq!(Metric::Underruns.samples(&stream), [1.0, 1.0]);
    }

    #[test]
    fn a_value_is_told_with_its_unit() {
        assert_eq!(Metric::TtfaMs.told(123.456), "123.5 ms");
        assert_eq!(Metric::Rtf.told(0.1234), "0.123");
    }
}
