//! What fragments cost by their length.

use super::super::plot::{Axis, Chart, Colour, Layer};
use super::buffer::dots;
use super::figure;
use crate::{Fragment, Judged};

/// Tokens to a step of the median.
const STEP: usize = 10;
/// Of fewer fragments there is no median.
const FEWEST: usize = 5;

/// RTF by fragment length, with its median.
pub(super) fn rtf(judged: &Judged) -> String {
    let of = |is_fast: bool| -> Vec<(usize, f64)> {
        let fragments = judged.run.series.fragments.iter().filter(|fragment| fragment.is_fast == is_fast);
        fragments.filter_map(|fragment| Some((fragment.tokens, rtf_of(fragment)?))).collect()
    };
    let (quality, fast) = (of(false), of(true));
    let points = |of: &[(usize, f64)]| of.iter().map(|(tokens, rtf)| (*tokens as f64, *rtf)).collect();
    let chart = Chart::new(
        "RTF of every fragment by its length",
        Axis::linear("length of the fragment (tokens)").from_zero(),
        Axis::log("RTF"),
    )
    .with(dots("quality session", Colour::Blue, points(&quality)))
    .with(dots("fast session", Colour::Purple, points(&fast)))
    .with(median(Colour::Blue, &quality))
    .with(median(Colour::Purple, &fast))
    .with(Layer::Across { label: "real time".into(), colour: Colour::Red, y: 1.0 });
    let reading = "A dot to a fragment: its synthesis time over the length of its audio. Lines: medians. Above 1 it \
                   cannot keep up.";
    figure("RTF by fragment length", reading, Some(&chart), "", "no fragment was sampled")
}

fn rtf_of(fragment: &Fragment) -> Option<f64> {
    (fragment.audio_s > 0.0).then(|| fragment.cost_s / fragment.audio_s)
}

fn median(colour: Colour, fragments: &[(usize, f64)]) -> Layer {
    let mut steps: Vec<Vec<f64>> = Vec::new();
    for (tokens, rtf) in fragments {
        let step = tokens / STEP;
        if steps.len() <= step {
            steps.resize(step + 1, Vec::new());
        }
        steps[step].push(*rtf);
    }
    let points = steps.iter_mut().enumerate().filter(|(_, rtfs)| rtfs.len() >= FEWEST).map(|(step, rtfs)| {
        rtfs.sort_by(f64::total_cmp);
        ((step * STEP) as f64 + STEP as f64 / 2.0, rtfs[rtfs.len() / 2])
    });
    Layer::Line { name: String::new(), colour, is_dashed: false, points: points.collect() }
}
