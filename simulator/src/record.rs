//! What happened to a listener, in figures.

use serde::{Deserialize, Serialize};

use crate::fate::Fate;
use crate::listener::Listening;

/// So long a concealed stretch, in seconds, is an interruption (W3C webrtc-stats, and `NetEq`).
pub(crate) const INTERRUPTION: f64 = 0.15;

/// How a simulation ended.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// Everything was said and heard.
    #[default]
    Over,
    /// The script ended it.
    Cut,
    /// Nothing happened any more, though not everything had been heard.
    Stuck,
}

/// How a figure spreads.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Spread {
    /// The least.
    pub least: f64,
    /// Half is below it.
    pub median: f64,
    /// 95 of 100 are below it.
    pub p95: f64,
    /// The most.
    pub most: f64,
}

impl Spread {
    /// That of `values`, in thousandths; zeros where there are none.
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |share: f64| values.get((share * values.len() as f64) as usize).or(values.last());
        let value = |share: f64| thousandths(at(share).copied().unwrap_or_default());
        Self { least: value(0.0), median: value(0.5), p95: value(0.95), most: value(1.0) }
    }
}

/// What waited at a moment, in seconds.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Level {
    /// When.
    pub at: f64,
    /// In playback, ring included.
    pub waiting: f64,
    /// In the hard ring.
    pub ring: f64,
    /// What was to be kept there.
    pub target: f64,
    /// By how much what is heard is later than at the earliest.
    #[serde(default)]
    pub delay: f64,
    /// What has been concealed so far.
    #[serde(default)]
    pub concealed: f64,
}

impl Level {
    /// As it is, in thousandths.
    pub(crate) fn rounded(self) -> Self {
        let Self { at, waiting, ring, target, delay, concealed } = self;
        let [at, waiting, ring, target, delay, concealed] =
            [at, waiting, ring, target, delay, concealed].map(thousandths);
        Self { at, waiting, ring, target, delay, concealed }
    }
}

/// What happened to a listener. The same scenario gives the same record, bit for bit.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Record {
    /// How it ended.
    pub ending: Ending,
    /// Seconds that passed.
    pub seconds: f64,
    /// Seconds of speech that were heard, pauses and fades not counted.
    pub audio_s: f64,
    /// Utterances that were heard to their end.
    pub finished: usize,
    /// Fragments that were begun.
    pub fragments: usize,
    /// Fragments that a gap took the place of.
    pub gaps: usize,
    /// Of the utterances that were waited for.
    pub ttfa_ms: Spread,
    /// By how much speech was heard later than at the earliest, averaged over its length: start gate, inserted and
    /// concealed time.
    pub added_delay_ms: f64,
    /// The same at its worst.
    pub most_added_delay_ms: f64,
    /// Times that the hard ring was short while audio was due.
    pub underruns: u64,
    /// What was concealed.
    pub concealed_ms: f64,
    /// Concealed stretches of at least 150 ms.
    pub interruptions: usize,
    /// Times that there was no text.
    pub starvations: u64,
    /// Silence within an utterance for want of text.
    pub starved_ms: f64,
    /// For how long the beginnings of utterances were held back.
    pub pre_roll_ms: f64,
    /// Samples put in.
    pub inserted_samples: u64,
    /// Samples left out.
    pub removed_samples: u64,
    /// Most fragments that waited for an earlier one at once.
    pub reorder_depth: u64,
    /// Samples that were heard though their epoch had been stopped.
    pub stale_samples: u64,
    /// Samples that were passed over, more than were left out on purpose.
    pub lost_samples: u64,
    /// Samples that were heard twice, concealment aside, more than were put in on purpose.
    pub repeated_samples: u64,
    /// Times that samples were heard out of order, or that nobody sent.
    pub order_errors: u64,
    /// Chunks dropped because their epoch had been stopped.
    pub stale_chunks: u64,
    /// Chunks whose place had been played.
    pub late_chunks: u64,
    /// Chunks whose place was taken.
    pub duplicate_chunks: u64,
    /// The longest from a stop to silence.
    pub stop_ms: f64,
    /// Buffers that were made for samples.
    pub buffers_made: u64,
    /// Buffers that never came back.
    pub buffers_missing: i64,
    /// By how much fragments were promised before their listener would run dry.
    pub slack_ms: Spread,
    /// By how much fragments came before they were heard.
    pub waited_ms: Spread,
    /// The slack of each fragment, in milliseconds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slacks_ms: Vec<f64>,
    /// What waited over time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<Level>,
}

impl Record {
    /// As it is, without what is told of every fragment and every moment.
    #[must_use]
    pub fn summary(self) -> Self {
        Self { slacks_ms: Vec::new(), levels: Vec::new(), ..self }
    }

    pub(crate) fn of(listening: &mut Listening, ending: Ending, now: f64) -> Self {
        // Everything comes back first; it is part of no figure.
        let stats = listening.playback.stats();
        if ending == Ending::Over {
            listening.playback.reader.finish();
        }
        let (buffers_made, buffers_missing) = listening.put_away(now);
        let understood = listening.playback.understood();
        let listened = &listening.playback.listened;
        let fates = &listening.fragments;
        let heard = || fates.iter().filter(|fate| fate.heard.is_some());
        let length = |fate: &Fate| fate.seconds.unwrap_or(0.0);
        let total: f64 = heard().map(length).sum();
        let late: f64 = heard().map(|fate| fate.delay * length(fate)).sum();
        let millis = |seconds: f64| thousandths(1e3 * seconds);
        let waited = |fate: &Fate| Some(1e3 * (fate.heard? - fate.came?));
        let slacks: Vec<f64> = fates.iter().map(|fate| 1e3 * fate.slack).collect();
        Self {
            ending,
            seconds: thousandths(now),
            audio_s: thousandths(understood.heard as f64 / f64::from(sostenuto_playback::CHUNK_RATE)),
            finished: listening.finished,
            fragments: fates.len(),
            gaps: fates.iter().filter(|fate| fate.gap).count(),
            ttfa_ms: Spread::of(listening.ttfa.iter().map(|ttfa| 1e3 * ttfa).collect()),
            added_delay_ms: if total > 0.0 { millis(late / total) } else { 0.0 },
            most_added_delay_ms: millis(heard().map(|fate| fate.delay).fold(0.0, f64::max)),
            underruns: listening.playback.transport.underruns(),
            concealed_ms: millis(listened.dry_s()),
            interruptions: listened.interruptions(),
            starvations: stats.starvations,
            starved_ms: millis(listened.starved_s),
            pre_roll_ms: millis(stats.pre_roll_s),
            inserted_samples: stats.inserted_samples,
            removed_samples: stats.removed_samples,
            reorder_depth: stats.reorder_depth,
            stale_samples: understood.stale,
            lost_samples: understood.lost.saturating_sub(stats.removed_samples),
            repeated_samples: understood.repeated.saturating_sub(stats.inserted_samples),
            order_errors: understood.misplaced + understood.unknown,
            stale_chunks: stats.stale_chunks,
            late_chunks: stats.late_chunks,
            duplicate_chunks: stats.duplicate_chunks,
            stop_ms: millis(listened.stop_s()),
            buffers_made,
            buffers_missing,
            slack_ms: Spread::of(slacks.clone()),
            waited_ms: Spread::of(heard().filter_map(waited).collect()),
            slacks_ms: slacks.into_iter().map(f64::round).collect(),
            levels: listened.levels.clone(),
        }
    }
}

/// Rounded, so that a file stays short; zero has no sign.
fn thousandths(value: f64) -> f64 {
    (value * 1e3).round() / 1e3 + 0.0
}
