//! What a simulation led to, in figures and over time.

use sostenuto_simulator::{History, LateCounts, Listening, Outcome, Record, Simulated, Worked};

use super::strikes::happened;
use crate::{FaultKind, Figure, Figures, Fragment, Level, Scenario, Series};

/// So many fragments are told; of more every n-th.
const MOST_FRAGMENTS: usize = 5_000;

/// Seconds of speech that were heard.
pub(crate) fn audio_s(history: &History) -> f64 {
    history.records.iter().map(|record| record.audio_s).sum()
}

/// The figures that a simulation knows, but for those that follow from others: all but memory, and what threads cost.
pub(crate) fn figures(history: &History, kinds: &[Vec<FaultKind>]) -> Figures {
    let History { records, listening, sessions, .. } = history;
    let mut figures = Figures::new();
    let sum = |of: fn(&Record) -> u64| records.iter().map(of).sum::<u64>() as f64;
    let total = |of: fn(&Record) -> f64| records.iter().map(of).sum::<f64>();
    let told = |of: fn(&Listening) -> usize| listening.iter().map(of).sum::<usize>() as f64;
    let work = |is: fn(&Worked) -> bool| {
        sessions.iter().flat_map(|session| &session.worked).filter(|worked| is(worked)).count() as f64
    };

    let audio_s = audio_s(history);
    let losses =
        [FaultKind::DeviceLoss, FaultKind::ServerKill].map(|fault| happened(history, kinds, fault).len());
    figures.extend([
        (Figure::Underruns, sum(|record| record.underruns)),
        (Figure::Xruns, told(|listening| listening.xruns().len())),
        (Figure::Interruptions, sum(|record| record.interruptions as u64)),
        (Figure::ConcealedMs, total(|record| record.concealed_ms)),
        (Figure::StaleSamples, sum(|record| record.stale_samples)),
        (Figure::LostSamples, sum(|record| record.lost_samples)),
        (Figure::RepeatedSamples, sum(|record| record.repeated_samples)),
        (Figure::OrderErrors, sum(|record| record.order_errors)),
        (Figure::Gaps, sum(|record| record.gaps as u64)),
        (
            Figure::FailedFragments,
            work(|worked| matches!(worked.outcome, Outcome::Failed | Outcome::NotNumbers)),
        ),
        (Figure::Timeouts, sessions.iter().map(|session| session.timeouts).sum::<usize>() as f64),
        (Figure::StaleChunks, sum(|record| record.stale_chunks)),
        (Figure::LateChunks, sum(|record| record.late_chunks)),
        (Figure::DuplicateChunks, sum(|record| record.duplicate_chunks)),
        (Figure::ReorderDepth, records.iter().map(|record| record.reorder_depth).max().unwrap_or(0) as f64),
        (Figure::Starvations, sum(|record| record.starvations)),
        (Figure::StarvedMs, total(|record| record.starved_ms)),
        (Figure::InsertedSamples, sum(|record| record.inserted_samples)),
        (Figure::RemovedSamples, sum(|record| record.removed_samples)),
        (Figure::UnfinishedUtterances, told(|listening| listening.unfinished() + listening.failed)),
        (Figure::RefusedUtterances, told(|listening| listening.refused.len())),
        (Figure::DeviceLosses, losses.iter().sum::<usize>() as f64),
        (Figure::MissingBuffers, records.iter().map(|record| record.buffers_missing).sum::<i64>() as f64),
        (Figure::CallbackLatenessP99Us, 1e6 * lateness(history).quantile(0.99)),
    ]);
    if audio_s > 0.0 {
        let late = records.iter().map(|record| record.added_delay_ms * record.audio_s).sum::<f64>();
        figures.insert(Figure::AddedDelayMs, late / audio_s);
    }
    let (spent, spoken) = sessions
        .iter()
        .flat_map(|session| &session.worked)
        .filter(|worked| worked.audio_s > 0.0)
        .fold((0.0, 0.0), |sum, worked| (sum.0 + worked.over - worked.begun, sum.1 + worked.audio_s));
    if spoken > 0.0 {
        figures.insert(Figure::Rtf, spent / spoken);
    }
    figures
}

/// What happened over time. Levels are those of the first listener.
pub(crate) fn series(scenario: &Scenario, history: &History) -> Series {
    let levels = history.records.first().map_or(&[][..], |record| &record.levels);
    let level = |level: &sostenuto_simulator::Level| Level {
        at_s: level.at,
        waiting_s: level.waiting,
        ring_s: level.ring,
        target_s: level.target,
        added_delay_s: level.delay,
        concealed_s: level.concealed,
    };
    let millis = |of: fn(&Listening) -> &[f64]| {
        history.listening.iter().flat_map(of).map(|seconds| 1e3 * seconds).collect()
    };
    Series {
        levels: levels.iter().map(level).collect(),
        fragments: fragments(scenario, history),
        ttfa_ms: millis(|listening| &listening.ttfa),
        stop_ms: millis(Listening::silences),
        lateness_us: lateness(history).bins().map(|(edge, count)| (1e6 * edge, count)).collect(),
        memory: Vec::new(),
    }
}

fn lateness(history: &History) -> LateCounts {
    history.listening.iter().fold(LateCounts::default(), |mut sum, listening| {
        sum.append(listening.lateness());
        sum
    })
}

fn fragments(scenario: &Scenario, history: &History) -> Vec<Fragment> {
    let is_fast = |session: usize| super::sessions::is_fast(scenario, session);
    let of_session = |(session, simulated): (usize, &'_ Simulated)| {
        simulated.worked.iter().map(move |worked| (session, *worked)).collect::<Vec<_>>()
    };
    let mut work: Vec<(usize, Worked)> = history
        .sessions
        .iter()
        .enumerate()
        .flat_map(of_session)
        .filter(|(_, w)| w.outcome != Outcome::Ended)
        .collect();
    work.sort_by(|a, b| a.1.over.total_cmp(&b.1.over));
    let every = work.len().div_ceil(MOST_FRAGMENTS).max(1);
    let told = |(session, worked): (usize, Worked)| {
        let due = history.listening[worked.stream].fragments[worked.fragment].due;
        Fragment {
            at_s: worked.over,
            tokens: worked.tokens,
            cost_s: worked.over - worked.begun,
            audio_s: worked.audio_s,
            slack_s: due - worked.over,
            is_fast: is_fast(session),
        }
    };
    work.into_iter().step_by(every).map(told).collect()
}
