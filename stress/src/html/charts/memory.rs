//! Memory over time, and the line through it.

use super::super::plot::{Axis, Chart, Colour, Layer};
use super::{absent, figure};
use crate::Judged;

/// Resident memory with its regression line.
pub(super) fn memory(judged: &Judged) -> String {
    let memory = &judged.run.series.memory;
    let points = memory.iter().map(|sample| (sample.at_s, sample.resident_mb)).collect();
    let mut chart =
        Chart::new("Resident memory over time", Axis::time("time"), Axis::linear("resident (MB)"))
            .with(Layer::Line { name: "resident".into(), colour: Colour::Blue, is_dashed: false, points });
    let mut reading = "Too short for a line: growth is judged on five minutes and more.".to_owned();
    if let (Some(slope), Some(last)) = (&judged.memory_slope, memory.last()) {
        let ends = [slope.from_s, last.at_s].map(|at_s| (at_s, slope.at(at_s)));
        chart = chart.with(Layer::Line {
            name: "regression".into(),
            colour: Colour::Red,
            is_dashed: true,
            points: ends.into(),
        });
        let grown = if slope.has_grown() { "It grows." } else { "No growth is certain." };
        reading = format!(
            "{} MB/h; with 95 % confidence between {} and {} MB/h. {grown}",
            told(slope.mb_per_hour),
            told(slope.low),
            told(slope.high)
        );
    }
    figure("Memory", &reading, Some(&chart), "", absent(judged))
}

fn told(value: f64) -> String {
    crate::digits::significant(value, 3)
}
