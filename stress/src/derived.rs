//! Figures that follow from others and from what happened over time.

use crate::{Figure, Figures, Series, percentile};

/// What a time is told by: the figure, and the share of all times that are below.
const OF_TTFA: [(Figure, f64); 3] =
    [(Figure::TtfaP50Ms, 0.5), (Figure::TtfaP95Ms, 0.95), (Figure::TtfaP99Ms, 0.99)];
const OF_STOP: [(Figure, f64); 2] = [(Figure::StopP50Ms, 0.5), (Figure::StopP99Ms, 0.99)];
/// What is counted, and the same to the hour of speech.
const HOURLY: [(Figure, Figure); 3] = [
    (Figure::Underruns, Figure::UnderrunsPerHour),
    (Figure::Xruns, Figure::XrunsPerHour),
    (Figure::Interruptions, Figure::InterruptionsPerHour),
];

/// Adds to `figures` the percentiles of the times in `series`, and what is counted there to the hour of speech, of which
/// `audio_s` seconds were heard. What was not measured, or is of no speech, is left out.
pub(crate) fn derive(figures: &mut Figures, series: &Series, audio_s: f64) {
    let of_ttfa = OF_TTFA.map(|(figure, share)| (figure, percentile(&series.ttfa_ms, share)));
    let of_stop = OF_STOP.map(|(figure, share)| (figure, percentile(&series.stop_ms, share)));
    let times = of_ttfa.into_iter().chain(of_stop);
    figures.extend(times.filter_map(|(figure, value)| Some((figure, value?))));
    if audio_s > 0.0 {
        for (counted, per_hour) in HOURLY {
            if let Some(&count) = figures.get(&counted) {
                figures.insert(per_hour, count * (3_600.0 / audio_s));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(ttfa_ms: Vec<f64>) -> Series {
        Series { ttfa_ms, ..Series::default() }
    }

    #[test]
    fn percentiles_are_of_the_times_and_counts_are_to_the_hour_of_speech() {
        let mut figures = Figures::from([(Figure::Underruns, 3.0), (Figure::Xruns, 0.0)]);
        derive(&mut figures, &series((1..=100).map(f64::from).collect()), 7_200.0);
        let at = |figure| figures.get(&figure).copied();
        assert_eq!([Figure::TtfaP50Ms, Figure::TtfaP95Ms].map(at), [Some(50.0), Some(95.0)]);
        assert_eq!([Figure::UnderrunsPerHour, Figure::XrunsPerHour].map(at), [Some(1.5), Some(0.0)]);
        assert_eq!([Figure::StopP50Ms, Figure::InterruptionsPerHour].map(at), [None, None]);
    }

    #[test]
    fn nothing_is_to_the_hour_where_nothing_was_heard() {
        let mut figures = Figures::from([(Figure::Underruns, 3.0)]);
        derive(&mut figures, &series(Vec::new()), 0.0);
        assert_eq!(figures, Figures::from([(Figure::Underruns, 3.0)]));
    }
}
