//! The numbers that a run is judged by.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A number that a run is judged by. Of all of them less is better.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Figure {
    /// Time to first audio of utterances that were waited for: half are below.
    TtfaP50Ms,
    /// 95 of 100 are below.
    TtfaP95Ms,
    /// 99 of 100 are below.
    TtfaP99Ms,
    /// Engine underruns: times that the hard ring was short while audio was due.
    Underruns,
    /// The same to the hour of speech.
    UnderrunsPerHour,
    /// Xruns that the host told of.
    Xruns,
    /// The same to the hour of speech.
    XrunsPerHour,
    /// Concealed stretches of at least 150 ms.
    Interruptions,
    /// The same to the hour of speech.
    InterruptionsPerHour,
    /// What was concealed.
    ConcealedMs,
    /// By how much speech was heard later than at the earliest, on average.
    AddedDelayMs,
    /// From a stop to silence at the sink: half are below.
    StopP50Ms,
    /// 99 of 100 are below.
    StopP99Ms,
    /// Samples that were heard though their epoch had been stopped.
    StaleSamples,
    /// Samples that were passed over, more than were left out on purpose.
    LostSamples,
    /// Samples that were heard twice, more than were put in on purpose.
    RepeatedSamples,
    /// Times that samples were heard out of order.
    OrderErrors,
    /// Fragments in whose place there was a gap.
    Gaps,
    /// Fragments that a session could not speak.
    FailedFragments,
    /// Fragments that took too long.
    Timeouts,
    /// Chunks dropped because their epoch had been stopped.
    StaleChunks,
    /// Chunks that came after their place had been played.
    LateChunks,
    /// Chunks whose place was taken.
    DuplicateChunks,
    /// Most fragments that waited for an earlier one at once.
    ReorderDepth,
    /// Times that there was no text.
    Starvations,
    /// Silence within an utterance for want of text.
    StarvedMs,
    /// Samples put in to last longer.
    InsertedSamples,
    /// Samples left out to be faster.
    RemovedSamples,
    /// Utterances that were neither heard to their end nor stopped nor refused.
    UnfinishedUtterances,
    /// Utterances that were refused because memory had run out.
    RefusedUtterances,
    /// Times that the device was lost.
    DeviceLosses,
    /// Buffers that never came back.
    MissingBuffers,
    /// Synthesis seconds to a second of audio.
    Rtf,
    /// Most memory that was resident, in megabytes (10^6 bytes).
    PeakMemoryMb,
    /// By how much resident memory grows in an hour, in megabytes.
    MemorySlopeMbPerHour,
    /// Seconds of all cores to a second of audio.
    CpuPerAudioS,
    /// How late callbacks come: 99 of 100 are below.
    CallbackLatenessP99Us,
    /// How long the renderer takes in a callback: 99 of 100 are below.
    CallbackTimeP99Us,
    /// 999 of 1,000 are below.
    CallbackTimeP999Us,
}

/// What was reached. What was not measured is not there.
pub type Figures = BTreeMap<Figure, f64>;

impl Figure {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 39] = [
        Self::TtfaP50Ms,
        Self::TtfaP95Ms,
        Self::TtfaP99Ms,
        Self::Underruns,
        Self::UnderrunsPerHour,
        Self::Xruns,
        Self::XrunsPerHour,
        Self::Interruptions,
        Self::InterruptionsPerHour,
        Self::ConcealedMs,
        Self::AddedDelayMs,
        Self::StopP50Ms,
        Self::StopP99Ms,
        Self::StaleSamples,
        Self::LostSamples,
        Self::RepeatedSamples,
        Self::OrderErrors,
        Self::Gaps,
        Self::FailedFragments,
        Self::Timeouts,
        Self::StaleChunks,
        Self::LateChunks,
        Self::DuplicateChunks,
        Self::ReorderDepth,
        Self::Starvations,
        Self::StarvedMs,
        Self::InsertedSamples,
        Self::RemovedSamples,
        Self::UnfinishedUtterances,
        Self::RefusedUtterances,
        Self::DeviceLosses,
        Self::MissingBuffers,
        Self::Rtf,
        Self::PeakMemoryMb,
        Self::MemorySlopeMbPerHour,
        Self::CpuPerAudioS,
        Self::CallbackLatenessP99Us,
        Self::CallbackTimeP99Us,
        Self::CallbackTimeP999Us,
    ];

    /// As it stands in files and reports: `ttfa-p50-ms`.
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_has_the_name_that_it_has_in_files() {
        assert_eq!(Figure::TtfaP50Ms.name(), "ttfa-p50-ms");
        assert_eq!(Figure::CallbackTimeP999Us.name(), "callback-time-p999-us");
        let limits: Figures = toml::from_str("stale-samples = 0.0\nstop-p99-ms = 20.0").unwrap();
        assert_eq!(limits[&Figure::StaleSamples], 0.0);
    }
}
