//! What waited to be heard, over time.

use super::super::plot::{Axis, Chart, Colour, Lane, Layer};
use super::figure;
use crate::{Judged, Level, Series};

const WIDTH: f64 = 1080.0;
const NOTHING: &str = "nothing was sampled";

/// All that waited in playback.
pub(super) fn waiting(judged: &Judged) -> String {
    let levels = &judged.run.series.levels;
    let chart = Chart::new(
        "Seconds of speech that waited in playback, over time",
        time(judged),
        Axis::linear("waiting (s)").from_zero(),
    )
    .with(line("waiting in playback", Colour::Blue, false, levels, |level| level.waiting_s))
    .with_lanes(lanes(judged))
    .sized(WIDTH, 230.0);
    let reading = "Seconds of speech that waited to be heard, hard ring included. Ticks above: when faults fired, and when \
                   speech was concealed for want of samples.";
    figure("Buffer level", reading, Some(&chart), "wide", NOTHING)
}

/// The hard ring and its target.
pub(super) fn ring(judged: &Judged) -> String {
    let levels = &judged.run.series.levels;
    let chart = Chart::new(
        "Milliseconds in the hard ring and their target, over time",
        time(judged),
        Axis::linear("hard ring (ms)").from_zero(),
    )
    .with(line("in the hard ring", Colour::Blue, false, levels, |level| level.ring_s * 1000.0))
    .with(line("target", Colour::Orange, true, levels, |level| level.target_s * 1000.0))
    .with_lanes(lanes(judged))
    .sized(WIDTH, 210.0);
    let reading = "What the device callback draws from, and how much the adaptive buffer wants there. At 0 the engine \
                   underruns.";
    figure("Hard ring and target", reading, Some(&chart), "wide", NOTHING)
}

/// How much time each fragment had left.
pub(super) fn slack(judged: &Judged) -> String {
    let points = |is_fast: bool| {
        let fragments = judged.run.series.fragments.iter().filter(|fragment| fragment.is_fast == is_fast);
        fragments.map(|fragment| (fragment.at_s, fragment.slack_s)).collect()
    };
    let chart =
        Chart::new("Slack of every fragment, over time", time(judged), Axis::linear("slack (s)").from_zero())
            .with(dots("quality session", Colour::Blue, points(false)))
            .with(dots("fast session", Colour::Purple, points(true)))
            .with(Layer::Across { name: "too late below this".into(), colour: Colour::Red, y: 0.0 })
            .with_lanes(lanes(judged))
            .sized(WIDTH, 220.0);
    let reading =
        "A dot to a fragment: how long before its listener ran dry it was done. Below 0 it came too late.";
    figure("Slack per fragment", reading, Some(&chart), "wide", "no fragment was sampled")
}

/// What concealment added to the delay.
pub(super) fn delay(judged: &Judged) -> String {
    let levels = &judged.run.series.levels;
    let chart = Chart::new(
        "Added delay and concealed time, over time",
        time(judged),
        Axis::linear("seconds").from_zero(),
    )
    .with(line("concealed so far", Colour::Orange, true, levels, |level| level.concealed_s))
    .with(line("added delay", Colour::Blue, false, levels, |level| level.added_delay_s));
    let reading =
        "Every concealed second is heard later by a second, until pauses and tempo have made up for it.";
    figure("Added delay against concealed time", reading, Some(&chart), "", NOTHING)
}

/// All plots over time go from the beginning to the end of the run, so that they can be read below each other.
pub(super) fn time(judged: &Judged) -> Axis {
    Axis::time("time").from_zero().until(judged.run.seconds)
}

/// A lane to each fault that fired, and one to concealment where there was some.
fn lanes(judged: &Judged) -> Vec<Lane> {
    let faults = judged.run.fired.iter().filter(|fired| !fired.at_s.is_empty());
    let mut lanes: Vec<Lane> = faults
        .map(|fired| Lane {
            name: fired.fault.name().to_owned(),
            colour: Colour::Orange,
            at: fired.at_s.clone(),
        })
        .collect();
    let concealed = concealed_at(&judged.run.series);
    if !concealed.is_empty() {
        lanes.push(Lane { name: "concealed".to_owned(), colour: Colour::Red, at: concealed });
    }
    lanes
}

/// When more had been concealed than a sample before.
fn concealed_at(series: &Series) -> Vec<f64> {
    let pairs = series.levels.windows(2);
    pairs.filter(|pair| pair[1].concealed_s > pair[0].concealed_s).map(|pair| pair[1].at_s).collect()
}

fn line(
    name: &str,
    colour: Colour,
    is_dashed: bool,
    levels: &[Level],
    value: impl Fn(&Level) -> f64,
) -> Layer {
    let points = levels.iter().map(|level| (level.at_s, value(level))).collect();
    Layer::Line { name: name.to_owned(), colour, is_dashed, points }
}

/// Dots that are in the legend only where there are some.
pub(super) fn dots(name: &str, colour: Colour, points: Vec<(f64, f64)>) -> Layer {
    let name = if points.is_empty() { String::new() } else { name.to_owned() };
    Layer::Dots { name, colour, points }
}
