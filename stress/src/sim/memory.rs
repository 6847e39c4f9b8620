//! When a simulated engine accepts no utterance, because memory has run out.

use std::time::Duration;

use sostenuto_engine::governor::{Governor, MemoryLimits, MemoryLimitsError};

use crate::Fault;

/// What is resident usually, what is while a fault lasts, and above what the engine refuses, in bytes.
const USUAL: u64 = 1_000_000_000;
const BALLAST: u64 = 3_000_000_000;
const HARD: u64 = 2_000_000_000;

/// Stretches in seconds, each from a moment to before another, in which the engine's governor refuses utterances. It
/// looks at memory that grows for the time of each [`Fault::MemoryLimit`].
pub(crate) fn refusals(faults: &[Fault]) -> Result<Vec<(f64, f64)>, MemoryLimitsError> {
    let stretch = |fault: &Fault| match *fault {
        Fault::MemoryLimit { at_s, for_s } => Some((at_s, at_s + for_s)),
        _ => None,
    };
    let ballast: Vec<(f64, f64)> = faults.iter().filter_map(stretch).collect();
    let end = ballast.iter().map(|ballast| ballast.1).fold(0.0, f64::max);
    let mut governor = Governor::new(MemoryLimits::new(None, Some(HARD))?);
    let (mut refusals, mut since, mut now) = (Vec::new(), None, Duration::ZERO);
    while !ballast.is_empty() && now.as_secs_f64() < end + 2.0 * Governor::INTERVAL.as_secs_f64() {
        let at = now.as_secs_f64();
        let is_full = ballast.iter().any(|&(from, to)| (from..to).contains(&at));
        governor.observe(if is_full { BALLAST } else { USUAL }, now);
        match (since, governor.refuses()) {
            (None, Some(_)) => since = Some(at),
            (Some(from), None) => {
                refusals.push((from, at));
                since = None;
            }
            _ => {}
        }
        now += Governor::INTERVAL;
    }
    Ok(refusals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utterances_are_refused_from_the_look_after_memory_ran_out_to_the_look_after_there_is_some_again() {
        let faults = [Fault::MemoryLimit { at_s: 3.5, for_s: 4.0 }, Fault::ClockDrift { ppm: 1.0 }];
        assert_eq!(refusals(&faults).unwrap(), [(4.0, 8.0)]);
        assert!(refusals(&faults[1..]).unwrap().is_empty());
    }
}
