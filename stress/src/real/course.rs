//! How far a scenario has got, and which faults have fired.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Instant;

use crate::{Fault, FaultKind, Fired};

/// Moments of a fault that are kept.
const MOMENTS: usize = 1_000;

/// The clock of a scenario, which begins once everything is loaded, and the faults that have fired on it.
#[derive(Debug)]
pub(super) struct Course {
    begun: OnceLock<Instant>,
    fired: Mutex<BTreeMap<FaultKind, Fired>>,
}

impl Course {
    /// A course on which `faults` are to fire.
    pub(super) fn new(faults: &[Fault]) -> Self {
        let none = |fault: &Fault| (fault.kind(), Fired { fault: fault.kind(), count: 0, at_s: Vec::new() });
        Self { begun: OnceLock::new(), fired: Mutex::new(faults.iter().map(none).collect()) }
    }

    /// The scenario begins now.
    pub(super) fn begin(&self) {
        self.begun.get_or_init(Instant::now);
    }

    /// Seconds that have passed; `None` before it begins.
    pub(super) fn seconds(&self) -> Option<f64> {
        self.begun.get().map(|begun| begun.elapsed().as_secs_f64())
    }

    /// A fault fires now. What happens before the scenario begins is no part of it.
    pub(super) fn fire(&self, fault: FaultKind) {
        let Some(at_s) = self.seconds() else { return };
        let mut fired = self.fired.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = fired.entry(fault).or_insert_with(|| Fired { fault, count: 0, at_s: Vec::new() });
        entry.count += 1;
        if entry.at_s.len() < MOMENTS {
            entry.at_s.push(at_s);
        }
    }

    /// The faults that were to fire, and how often each did.
    pub(super) fn fired(&self) -> Vec<Fired> {
        self.fired.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// How often any of them has fired.
    pub(super) fn count(&self) -> u64 {
        self.fired.lock().unwrap_or_else(PoisonError::into_inner).values().map(|fired| fired.count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_that_never_fires_is_told_with_a_count_of_nought() {
        let course =
            Course::new(&[Fault::NanFragments { share: 0.1 }, Fault::FailedFragments { share: 0.1 }]);
        course.fire(FaultKind::NanFragments);
        assert_eq!(course.count(), 0, "it had not begun");
        course.begin();
        course.fire(FaultKind::NanFragments);
        let fired = course.fired();
        let count = |kind| fired.iter().find(|fired| fired.fault == kind).map(|fired| fired.count);
        assert_eq!(count(FaultKind::NanFragments), Some(1));
        assert_eq!(count(FaultKind::FailedFragments), Some(0));
    }

    #[test]
    fn only_so_many_moments_are_kept() {
        let course = Course::new(&[]);
        course.begin();
        (0..1_500).for_each(|_| course.fire(FaultKind::Stalls));
        let fired = &course.fired()[0];
        assert_eq!((fired.count, fired.at_s.len()), (1_500, 1_000));
    }
}
