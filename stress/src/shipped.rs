//! The scenarios that come with the program.

use crate::{Scenario, ScenarioError};

/// A scenario that comes with the program.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// Its name.
    pub name: &'static str,
    /// Its file, which may extend others.
    pub toml: &'static str,
}

impl Shipped {
    /// What it says.
    ///
    /// # Errors
    /// None that a test does not find.
    pub fn scenario(&self) -> Result<Scenario, ScenarioError> {
        Scenario::find(self.name)
    }
}

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        &[$(Shipped { name: $name, toml: include_str!(concat!("../scenarios/", $name, ".toml")) }),*]
    };
}

/// All of them: steady ones, each fault by itself, and composed ones.
pub static SHIPPED: &[Shipped] = shipped![
    "steady-article",
    "steady-book",
    "steady-typing",
    "steady-words",
    "steady-mixed",
    "policy-hybrid",
    "policy-quality",
    "several-listeners",
    "fault-slow-inference",
    "fault-stalls",
    "fault-freeze",
    "fault-failed-fragments",
    "fault-nan-fragments",
    "fault-dropped-chunks",
    "fault-duplicated-chunks",
    "fault-reordered-chunks",
    "fault-consumer-stall",
    "fault-late-callback",
    "fault-callback-burst",
    "fault-device-loss",
    "fault-period-change",
    "fault-clock-drift",
    "fault-stop-storm",
    "fault-barge-in",
    "fault-memory-limit",
    "fault-server-kill",
    "hybrid-slow",
    "hybrid-stalls",
    "hybrid-freeze",
    "bad-day",
    "rough-chunks",
    "real-minute",
    "ten-hours",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{Fault, FaultKind};

    fn all() -> Vec<Scenario> {
        SHIPPED.iter().map(|shipped| shipped.scenario().unwrap()).collect()
    }

    #[test]
    fn each_can_be_read_has_the_name_of_its_file_and_says_what_it_is_for() {
        for (shipped, scenario) in SHIPPED.iter().zip(all()) {
            assert_eq!(shipped.name, scenario.name);
            assert!(scenario.about.ends_with('.'), "{}", shipped.name);
            assert!((5.0..=60.0).contains(&scenario.real_seconds), "{}", shipped.name);
        }
    }

    #[test]
    fn each_fault_has_a_scenario_of_its_own() {
        for kind in FaultKind::ALL {
            let scenario = Scenario::find(&format!("fault-{}", kind.name())).unwrap();
            assert!(scenario.faults.iter().any(|fault| fault.kind() == kind), "{}", kind.name());
        }
    }

    #[test]
    fn every_text_and_every_fault_is_in_the_steady_ones_and_in_the_others() {
        let (steady, others): (Vec<_>, Vec<_>) =
            all().into_iter().partition(|scenario| scenario.name.starts_with("steady-"));
        let texts: BTreeSet<_> =
            steady.iter().map(|s| format!("{:?}", std::mem::discriminant(&s.text))).collect();
        assert_eq!((texts.len(), steady.iter().map(|s| s.faults.len()).sum::<usize>()), (5, 0));
        let faults: BTreeSet<_> = others.iter().flat_map(|s| &s.faults).map(Fault::kind).collect();
        assert_eq!(faults.len(), FaultKind::ALL.len());
    }
}
