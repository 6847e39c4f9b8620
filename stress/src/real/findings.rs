//! Makes figures of all that was seen, heard and counted.

use std::collections::BTreeMap;
use std::time::Duration;

use super::ear::Heard;
use super::ledger::Spoken;
use super::speaker::Account;
use super::watch::Seen;
use crate::derived::derive;
use crate::{Figure, Figures, Series};

/// All that was seen, heard and counted.
pub(super) struct Findings {
    /// What became of what each speaker said.
    pub(super) accounts: Vec<Account>,
    /// What was heard on each stream; nothing where nobody hears what leaves the sink.
    pub(super) heard: Option<Vec<Heard>>,
    /// What the sessions did.
    pub(super) spoken: Spoken,
    /// What was seen.
    pub(super) seen: Seen,
    /// How late callbacks came, on all streams.
    pub(super) lateness: Vec<(Duration, u64)>,
    /// How long they took.
    pub(super) durations: Vec<(Duration, u64)>,
    /// Processor seconds.
    pub(super) cpu_s: f64,
    /// Times that a device was lost.
    pub(super) losses: u64,
    /// Frames a second of the sinks.
    pub(super) rate: u32,
}

/// The edge below which `share` of all lie that `bins` count.
fn binned(bins: &[(Duration, u64)], share: f64) -> Option<Duration> {
    let total: u64 = bins.iter().map(|(_, count)| count).sum();
    let rank = ((share * total as f64).ceil() as u64).max(1);
    let mut below = 0;
    bins.iter().find_map(|&(edge, count)| {
        below += count;
        (below >= rank).then_some(edge)
    })
}

/// The counts of all `histograms`, edge by edge.
pub(super) fn merged(histograms: impl IntoIterator<Item = Vec<(Duration, u64)>>) -> Vec<(Duration, u64)> {
    let mut all = BTreeMap::new();
    for (edge, count) in histograms.into_iter().flatten() {
        *all.entry(edge).or_insert(0) += count;
    }
    all.into_iter().collect()
}

fn millis(seconds: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut millis: Vec<f64> = seconds.into_iter().map(|seconds| 1e3 * seconds).collect();
    millis.sort_by(f64::total_cmp);
    millis
}

impl Findings {
    /// Seconds of speech that were heard.
    pub(super) fn audio_s(&self) -> f64 {
        match &self.heard {
            Some(heard) => heard.iter().map(|heard| heard.audio_s).sum(),
            None => self.accounts.iter().map(|account| account.stats.audio_s).sum(),
        }
    }

    /// The figures, and what happened over time.
    pub(super) fn conclude(self) -> (Figures, Series) {
        let audio_s = self.audio_s();
        let (ttfa_ms, stop_ms) = match &self.heard {
            Some(heard) => (
                millis(heard.iter().flat_map(|heard| heard.ttfa_s.iter().copied())),
                millis(heard.iter().flat_map(|heard| heard.stop_s.iter().copied())),
            ),
            None => (
                millis(self.accounts.iter().flat_map(|account| account.ttfa_s.iter().copied())),
                millis(self.accounts.iter().flat_map(|account| account.stop_s.iter().copied())),
            ),
        };
        let mut figures = self.counted();
        let mut tell = |figure, value: Option<f64>| {
            if let Some(value) = value {
                figures.insert(figure, value);
            }
        };
        let us = |time: Duration| time.as_secs_f64() * 1e6;
        tell(Figure::CallbackLatenessP99Us, binned(&self.lateness, 0.99).map(us));
        tell(Figure::CallbackTimeP99Us, binned(&self.durations, 0.99).map(us));
        tell(Figure::CallbackTimeP999Us, binned(&self.durations, 0.999).map(us));
        tell(Figure::AddedDelayMs, Some(1e3 * self.seen.delay_s));
        tell(Figure::PeakMemoryMb, (self.seen.peak_mb > 0.0).then_some(self.seen.peak_mb));
        tell(Figure::Rtf, (self.spoken.audio_s > 0.0).then(|| self.spoken.cost_s / self.spoken.audio_s));
        tell(Figure::CpuPerAudioS, (audio_s > 0.0 && self.cpu_s > 0.0).then(|| self.cpu_s / audio_s));
        tell(Figure::DeviceLosses, Some(self.losses as f64));
        let series = Series {
            levels: self.seen.levels,
            fragments: self.spoken.fragments,
            ttfa_ms,
            stop_ms,
            lateness_us: self.lateness.into_iter().map(|(edge, count)| (us(edge), count)).collect(),
            memory: self.seen.memory,
        };
        derive(&mut figures, &series, audio_s);
        (figures, series)
    }

    /// What is a sum over streams, or the most of any.
    fn counted(&self) -> Figures {
        let mut figures = Figures::new();
        let rate = f64::from(self.rate.max(1));
        for Account { stats, playback, refused, unfinished, .. } in &self.accounts {
            let mut add = |figure, value: f64| *figures.entry(figure).or_insert(0.0) += value;
            add(Figure::Underruns, stats.underruns as f64);
            if self.heard.is_none() {
                // Nobody tells of them where there is no host.
                add(Figure::Xruns, stats.device_xruns as f64);
            }
            add(Figure::Interruptions, stats.interruptions as f64);
            add(Figure::ConcealedMs, 1e3 * stats.concealed_frames as f64 / rate);
            add(Figure::Gaps, stats.gaps as f64);
            add(Figure::FailedFragments, stats.failed_fragments.saturating_sub(stats.timeouts) as f64);
            add(Figure::Timeouts, stats.timeouts as f64);
            add(Figure::StaleChunks, playback.stale_chunks as f64);
            add(Figure::LateChunks, playback.late_chunks as f64);
            add(Figure::DuplicateChunks, playback.duplicate_chunks as f64);
            add(Figure::Starvations, stats.starvations as f64);
            add(Figure::StarvedMs, 1e3 * stats.starved_s);
            add(Figure::InsertedSamples, stats.inserted_samples as f64);
            add(Figure::RemovedSamples, stats.removed_samples as f64);
            add(Figure::RefusedUtterances, *refused as f64);
            add(Figure::UnfinishedUtterances, *unfinished as f64);
            let depth = figures.entry(Figure::ReorderDepth).or_insert(0.0);
            *depth = depth.max(stats.reorder_depth as f64);
        }
        if let Some(heard) = &self.heard {
            let stale: u64 = heard.iter().map(|heard| heard.stale_samples).sum();
            figures.insert(Figure::StaleSamples, stale as f64);
        }
        // With several streams the sessions' samples cannot be told apart.
        if let [Account { astray: Some((lost, repeated)), .. }] = self.accounts.as_slice() {
            figures.insert(Figure::LostSamples, *lost as f64);
            figures.insert(Figure::RepeatedSamples, *repeated as f64);
        }
        figures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_of_several_streams_make_one_histogram() {
        let us = Duration::from_micros;
        let bins = merged([vec![(us(1), 90), (us(8), 5)], vec![(us(1), 4), (us(64), 1)]]);
        assert_eq!(bins, [(us(1), 94), (us(8), 5), (us(64), 1)]);
        assert_eq!(binned(&bins, 0.94), Some(us(1)));
        assert_eq!(binned(&bins, 0.99), Some(us(8)));
        assert_eq!(binned(&bins, 0.999), Some(us(64)));
        assert_eq!(binned(&[], 0.5), None);
    }
}
