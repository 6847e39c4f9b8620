//! How times are spread: to first audio, to silence, and of callbacks.

use super::super::plot::{Axis, Bin, Chart, Colour, Layer, linear_bins, log_bins};
use super::{absent, figure, limit};
use crate::{Figure, Judged};

const BINS: usize = 48;
/// Where the longest time is so many times the median, equal steps would put all others into the first bar.
const LONG_TAIL: f64 = 12.0;

/// Time to first audio.
pub(super) fn ttfa(judged: &Judged) -> String {
    let values = &judged.run.series.ttfa_ms;
    let marks = [(Figure::TtfaP50Ms, "p50"), (Figure::TtfaP95Ms, "p95"), (Figure::TtfaP99Ms, "p99")];
    let chart = histogram("time to first audio (ms)", "utterances", values).with_all(lines(judged, &marks));
    let reading = format!("{} that were waited for. Dashed: limits.", counted(values.len(), "utterance"));
    figure("Time to first audio", &reading, Some(&chart), "", "no utterance was waited for")
}

/// From a stop to silence at the sink.
pub(super) fn stop(judged: &Judged) -> String {
    let values = &judged.run.series.stop_ms;
    let marks = [(Figure::StopP50Ms, "p50"), (Figure::StopP99Ms, "p99")];
    let chart = histogram("stop to silence (ms)", "stops", values).with_all(lines(judged, &marks));
    let reading =
        format!("{}, each until the sink was silent. Dashed: limits.", counted(values.len(), "stop"));
    figure("Stop latency", &reading, Some(&chart), "", "nothing was stopped")
}

/// How late callbacks came.
pub(super) fn lateness(judged: &Judged) -> String {
    let bins = by_edges(&judged.run.series.lateness_us);
    let callbacks: u64 = bins.iter().map(|bin| bin.count).sum();
    let chart = Chart::new(
        "How late callbacks came, as a histogram",
        Axis::log("lateness of a callback (µs)"),
        Axis::log("callbacks"),
    )
    .with(Layer::Bars { name: String::new(), colour: Colour::Blue, bins })
    .with_all(lines(judged, &[(Figure::CallbackLatenessP99Us, "p99")]));
    let reading = format!(
        "{}. Both axes are logarithmic: it is the tail that counts.",
        counted_u64(callbacks, "callback")
    );
    figure("Callback lateness", &reading, Some(&chart), "", absent(judged))
}

fn histogram(x: &str, y: &str, values: &[f64]) -> Chart {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    let longest = sorted.last().copied().unwrap_or(0.0);
    let is_long = sorted.first().is_some_and(|least| *least > 0.0) && longest > LONG_TAIL * median;
    let (axis, bins) = if is_long {
        (Axis::log(x), log_bins(values, BINS))
    } else {
        (Axis::linear(x).from_zero(), linear_bins(values, BINS.min(values.len())))
    };
    Chart::new(x, axis, Axis::linear(y).from_zero()).with(Layer::Bars {
        name: String::new(),
        colour: Colour::Blue,
        bins,
    })
}

/// The percentiles that were reached, and their limits.
fn lines(judged: &Judged, marks: &[(Figure, &str)]) -> Vec<Layer> {
    let mut layers = Vec::new();
    for (figure, name) in marks {
        let tell = |value: f64| figure.unit().tell(value);
        if let Some(reached) = judged.run.figures.get(figure) {
            let label = format!("{name} {}", tell(*reached));
            layers.push(Layer::Down { label, colour: Colour::Green, is_dashed: false, x: *reached });
        }
        if let Some(limit) = limit(judged, *figure) {
            let label = format!("{name} at most {}", tell(limit));
            layers.push(Layer::Down { label, colour: Colour::Red, is_dashed: true, x: limit });
        }
    }
    layers
}

/// Bins from their upper edges; the first is taken to be an octave wide.
fn by_edges(edges: &[(f64, u64)]) -> Vec<Bin> {
    let lower = |n: usize| {
        let edge = edges[n].0;
        if n > 0 && edges[n - 1].0 > 0.0 { edges[n - 1].0 } else { edge / 2.0 }
    };
    (0..edges.len())
        .map(|n| Bin { from: lower(n), to: edges[n].0, count: edges[n].1 })
        .filter(|b| b.count > 0)
        .collect()
}

fn counted(count: usize, what: &str) -> String {
    counted_u64(count as u64, what)
}

fn counted_u64(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{} {what}s", crate::digits::grouped(count as f64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_begin_where_the_one_before_ends() {
        let bins = by_edges(&[(0.0, 2), (10.0, 5), (20.0, 0), (40.0, 1)]);
        assert_eq!(
            bins.iter().map(|b| (b.from, b.to)).collect::<Vec<_>>(),
            [(0.0, 0.0), (5.0, 10.0), (20.0, 40.0)]
        );
    }
}
