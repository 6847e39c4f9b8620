//! A run as it is written down.

use crate::Run;

/// `run` as it is written down: rounded to millionths, which is a microsecond or a byte and reads back to the last bit,
/// without the values that are no numbers, which JSON cannot hold, and with a note of how many those were.
pub(crate) fn recorded(mut run: Run) -> Run {
    let before = values(&run);
    run.figures.retain(|_, value| rounded(value));
    let series = &mut run.series;
    series.levels.retain_mut(|l| {
        let parts = [
            &mut l.at_s,
            &mut l.waiting_s,
            &mut l.ring_s,
            &mut l.target_s,
            &mut l.added_delay_s,
            &mut l.concealed_s,
        ];
        all_rounded(parts)
    });
    series
        .fragments
        .retain_mut(|f| all_rounded([&mut f.at_s, &mut f.cost_s, &mut f.audio_s, &mut f.slack_s]));
    series.ttfa_ms.retain_mut(rounded);
    series.stop_ms.retain_mut(rounded);
    series.lateness_us.retain_mut(|(edge, _)| rounded(edge));
    series.memory.retain_mut(|m| all_rounded([&mut m.at_s, &mut m.resident_mb]));
    for fired in &mut run.fired {
        fired.at_s.retain_mut(rounded);
    }
    all_rounded([&mut run.seconds, &mut run.audio_s]);
    match before - values(&run) {
        0 => {}
        1 => run.notes.push("One value was no number and is left out.".to_owned()),
        count => run.notes.push(format!("{count} values were no numbers and are left out.")),
    }
    run
}

/// Rounds `value`, and tells whether it is a number.
fn rounded(value: &mut f64) -> bool {
    // From here on a float has no millionths.
    const COARSE: f64 = 9e9;
    if value.abs() < COARSE {
        *value = (*value * 1e6).round() / 1e6;
    }
    value.is_finite()
}

/// Rounds every one of `values`, and tells whether all are numbers.
fn all_rounded<const N: usize>(values: [&mut f64; N]) -> bool {
    values.map(rounded).into_iter().all(|is_number| is_number)
}

fn values(run: &Run) -> usize {
    let series = &run.series;
    run.figures.len()
        + series.levels.len()
        + series.fragments.len()
        + series.ttfa_ms.len()
        + series.stop_ms.len()
        + series.lateness_us.len()
        + series.memory.len()
        + run.fired.iter().map(|fired| fired.at_s.len()).sum::<usize>()
}
