//! A run that is watched while it goes on, as text.

use crate::Moment;
use crate::digits::{duration, grouped, significant};

/// Cells of the bar.
const CELLS: usize = 40;

/// A run at a moment, as a block of five lines of at most 79 characters that can be drawn over the one before it:
///
/// ```text
/// stalls  1 min 12 s of 10 min, 68.2 s heard
///   waiting  2.31 s  [###################.....................]  peak 4.6 s
///   target   60 ms   slack 1.82 s
///   underruns 0   interruptions 0   concealed 0 ms
///   faults fired 3   memory 412 MB
/// ```
#[derive(Clone, Debug)]
pub struct Live {
    name: String,
    of_s: f64,
    peak_s: f64,
}

impl Live {
    /// For the scenario `name`, which takes `of_s` seconds.
    pub fn new(name: &str, of_s: f64) -> Self {
        Self { name: name.to_owned(), of_s, peak_s: 0.0 }
    }

    /// The block for `moment`. The bar goes to the most that has waited so far.
    pub fn block(&mut self, moment: &Moment) -> Vec<String> {
        self.peak_s = self.peak_s.max(moment.level_s);
        let lines = [
            format!(
                "{}  {} of {}, {} heard",
                self.name,
                duration(moment.at_s),
                duration(self.of_s),
                duration(moment.audio_s)
            ),
            format!(
                "  waiting  {:>7}  [{}]  peak {}",
                seconds(moment.level_s),
                bar(moment.level_s, self.peak_s),
                seconds(self.peak_s)
            ),
            format!("  target   {:>7}  slack {}", seconds(moment.target_s), slack(moment)),
            format!(
                "  underruns {}   interruptions {}   concealed {} ms",
                moment.underruns,
                moment.interruptions,
                grouped(moment.concealed_ms)
            ),
            format!("  faults fired {}   memory {} MB", moment.fired, grouped(moment.resident_mb)),
        ];
        lines.into_iter().map(|line| line.chars().take(79).collect()).collect()
    }

    /// The same in a line, for a log.
    pub fn line(&self, moment: &Moment) -> String {
        format!(
            "{} {:.0}/{:.0} s: waiting {}, target {}, slack {}, {} underruns, {} interruptions, {} ms concealed, \
             {} faults, {} MB",
            self.name,
            moment.at_s,
            self.of_s,
            seconds(moment.level_s),
            seconds(moment.target_s),
            slack(moment),
            moment.underruns,
            moment.interruptions,
            grouped(moment.concealed_ms),
            moment.fired,
            grouped(moment.resident_mb)
        )
    }
}

/// What a terminal is sent to draw `block` over one of `before` lines (0 for the first one), by the control sequences
/// of ECMA-48: cursor up (CUU), erase to the end of the line (EL).
pub fn redrawn(before: usize, block: &[String]) -> String {
    let mut out = if before > 0 { format!("\x1b[{before}A") } else { String::new() };
    for line in block {
        out.push('\r');
        out.push_str(line);
        out.push_str("\x1b[K\n");
    }
    out
}

fn slack(moment: &Moment) -> String {
    moment.slack_s.map_or_else(|| "–".to_owned(), seconds)
}

fn seconds(value: f64) -> String {
    if value.abs() < 0.9995 && value != 0.0 {
        return format!("{} ms", significant((value * 1000.0).round(), 3));
    }
    format!("{} s", significant((value * 100.0).round() / 100.0, 3))
}

fn bar(value: f64, most: f64) -> String {
    let share = if most > 0.0 && value.is_finite() { (value / most).clamp(0.0, 1.0) } else { 0.0 };
    let full = (share * CELLS as f64).round() as usize;
    "#".repeat(full) + &".".repeat(CELLS - full)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Moment = Moment {
        at_s: 72.0,
        level_s: 2.31,
        target_s: 0.06,
        slack_s: Some(1.821),
        underruns: 1,
        interruptions: 0,
        concealed_ms: 35.0,
        resident_mb: 412.4,
        fired: 3,
        audio_s: 68.2,
    };

    #[test]
    fn a_block_tells_level_target_slack_underruns_and_faults() {
        let mut live = Live::new("stalls", 600.0);
        live.block(&Moment { level_s: 4.62, ..MOMENT });
        assert_eq!(
            live.block(&MOMENT),
            [
                "stalls  72 s of 10 min, 68.2 s heard",
                "  waiting   2.31 s  [####################....................]  peak 4.62 s",
                "  target     60 ms  slack 1.82 s",
                "  underruns 1   interruptions 0   concealed 35 ms",
                "  faults fired 3   memory 412 MB",
            ]
        );
    }

    #[test]
    fn a_log_has_one_line() {
        let line = Live::new("stalls", 600.0).line(&Moment { slack_s: None, ..MOMENT });
        assert!(
            line.starts_with("stalls 72/600 s: waiting 2.31 s, target 60 ms, slack –, 1 underruns"),
            "{line}"
        );
        assert!(!line.contains('\n'));
    }

    #[test]
    fn a_block_is_drawn_over_the_one_before_it() {
        let block = ["a".to_owned(), "b".to_owned()];
        assert_eq!(redrawn(0, &block), "\ra\x1b[K\n\rb\x1b[K\n");
        assert!(redrawn(2, &block).starts_with("\x1b[2A\ra"));
    }

    #[test]
    fn odd_moments_are_told_too() {
        let mut live = Live::new("x", f64::NAN);
        let odd = Moment { level_s: f64::NAN, target_s: f64::INFINITY, slack_s: Some(-3.0), ..MOMENT };
        assert_eq!(live.block(&odd).len(), 5);
        assert!(live.block(&odd)[2].contains("slack \u{2212}3 s"));
    }
}
