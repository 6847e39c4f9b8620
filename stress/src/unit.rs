//! What a figure is counted in, and how it is told to a reader.

use crate::Figure;
use crate::digits::{grouped, significant};

/// What a figure is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Times, samples, fragments: a whole number of them.
    Count,
    /// Times to the hour of speech.
    PerHour,
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    Microseconds,
    /// Megabytes (10^6 bytes).
    Megabytes,
    /// Megabytes an hour.
    MegabytesPerHour,
    /// Seconds to a second: a number without a unit.
    Ratio,
}

impl Unit {
    /// As it stands behind a number; empty where a number stands alone.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Count | Self::Ratio => "",
            Self::PerHour => "/h",
            Self::Milliseconds => "ms",
            Self::Microseconds => "µs",
            Self::Megabytes => "MB",
            Self::MegabytesPerHour => "MB/h",
        }
    }

    /// `value` with its unit and no more digits than it is worth: `1,240 ms`, `0.512`, `3`.
    pub fn tell(self, value: f64) -> String {
        let number = match self {
            Self::Count => grouped(value),
            _ => significant(value, 3),
        };
        match self.symbol() {
            "" => number,
            "/h" => format!("{number}/h"),
            symbol => format!("{number} {symbol}"),
        }
    }
}

impl Figure {
    /// What it is counted in.
    pub fn unit(self) -> Unit {
        match self {
            Self::TtfaP50Ms
            | Self::TtfaP95Ms
            | Self::TtfaP99Ms
            | Self::ConcealedMs
            | Self::AddedDelayMs
            | Self::StopP50Ms
            | Self::StopP99Ms
            | Self::StarvedMs => Unit::Milliseconds,
            Self::UnderrunsPerHour | Self::XrunsPerHour | Self::InterruptionsPerHour => Unit::PerHour,
            Self::Underruns
            | Self::Xruns
            | Self::Interruptions
            | Self::StaleSamples
            | Self::LostSamples
            | Self::RepeatedSamples
            | Self::OrderErrors
            | Self::Gaps
            | Self::FailedFragments
            | Self::Timeouts
            | Self::StaleChunks
            | Self::LateChunks
            | Self::DuplicateChunks
            | Self::ReorderDepth
            | Self::Starvations
            | Self::InsertedSamples
            | Self::RemovedSamples
            | Self::UnfinishedUtterances
            | Self::RefusedUtterances
            | Self::DeviceLosses
            | Self::MissingBuffers => Unit::Count,
            Self::Rtf | Self::CpuPerAudioS => Unit::Ratio,
            Self::PeakMemoryMb => Unit::Megabytes,
            Self::MemorySlopeMbPerHour => Unit::MegabytesPerHour,
            Self::CallbackLatenessP99Us | Self::CallbackTimeP99Us | Self::CallbackTimeP999Us => {
                Unit::Microseconds
            }
        }
    }

    /// As people call it: `TTFA p95`, `stale samples`.
    pub fn title(self) -> &'static str {
        match self {
            Self::TtfaP50Ms => "TTFA p50",
            Self::TtfaP95Ms => "TTFA p95",
            Self::TtfaP99Ms => "TTFA p99",
            Self::Underruns => "engine underruns",
            Self::UnderrunsPerHour => "engine underruns per hour",
            Self::Xruns => "device xruns",
            Self::XrunsPerHour => "device xruns per hour",
            Self::Interruptions => "interruptions",
            Self::InterruptionsPerHour => "interruptions per hour",
            Self::ConcealedMs => "concealed",
            Self::AddedDelayMs => "added delay, mean",
            Self::StopP50Ms => "stop to silence p50",
            Self::StopP99Ms => "stop to silence p99",
            Self::StaleSamples => "stale samples",
            Self::LostSamples => "lost samples",
            Self::RepeatedSamples => "repeated samples",
            Self::OrderErrors => "order errors",
            Self::Gaps => "gaps",
            Self::FailedFragments => "failed fragments",
            Self::Timeouts => "timeouts",
            Self::StaleChunks => "stale chunks dropped",
            Self::LateChunks => "late chunks dropped",
            Self::DuplicateChunks => "duplicate chunks dropped",
            Self::ReorderDepth => "reorder depth",
            Self::Starvations => "starvations",
            Self::StarvedMs => "starved",
            Self::InsertedSamples => "samples put in",
            Self::RemovedSamples => "samples left out",
            Self::UnfinishedUtterances => "unfinished utterances",
            Self::RefusedUtterances => "refused utterances",
            Self::DeviceLosses => "device losses",
            Self::MissingBuffers => "missing buffers",
            Self::Rtf => "RTF",
            Self::PeakMemoryMb => "peak memory",
            Self::MemorySlopeMbPerHour => "memory slope",
            Self::CpuPerAudioS => "CPU s per audio s",
            Self::CallbackLatenessP99Us => "callback lateness p99",
            Self::CallbackTimeP99Us => "callback time p99",
            Self::CallbackTimeP999Us => "callback time p99.9",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_the_digits_that_it_is_worth() {
        assert_eq!(Unit::Milliseconds.tell(1_239.7), "1,240 ms");
        assert_eq!(Unit::Milliseconds.tell(0.012_34), "0.0123 ms");
        assert_eq!(Unit::Count.tell(12_345_678.0), "12,345,678");
        assert_eq!(Unit::PerHour.tell(0.5), "0.5/h");
        assert_eq!(Unit::Ratio.tell(0.512_34), "0.512");
    }

    #[test]
    fn names_that_end_in_a_unit_are_told_in_it() {
        for figure in Figure::ALL {
            let name = figure.name();
            let unit = match name.rsplit_once('-') {
                Some((_, "ms")) => Some(Unit::Milliseconds),
                Some((_, "us")) => Some(Unit::Microseconds),
                Some((_, "mb")) => Some(Unit::Megabytes),
                Some((_, "hour")) if name.contains("-mb-") => Some(Unit::MegabytesPerHour),
                Some((_, "hour")) => Some(Unit::PerHour),
                _ => None,
            };
            assert!(unit.is_none_or(|unit| unit == figure.unit()), "{name}: {:?}", figure.unit());
        }
    }
}
