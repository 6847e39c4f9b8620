//! Whether a scenario's values can be meant.

use crate::{Fault, Scenario, ScenarioError, TextSource};

/// A value that cannot be meant.
#[derive(Debug)]
pub(crate) struct Wrong {
    field: String,
    value: String,
    expected: String,
}

impl Wrong {
    pub(crate) fn in_file(self, origin: &str) -> ScenarioError {
        let Self { field, value, expected } = self;
        ScenarioError::Value { origin: origin.to_owned(), field, value, expected }
    }
}

/// A value as it was given.
struct Given(String);

impl From<f64> for Given {
    fn from(value: f64) -> Self {
        Self(value.to_string())
    }
}

impl From<&str> for Given {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

/// The longest run, in seconds: a day.
const LONGEST: f64 = 86_400.0;
/// The most frames that a device asks for at once.
const MOST_FRAMES: u32 = 8_192;

impl Scenario {
    /// Checks that each value can be meant, as those that are read are checked already.
    ///
    /// # Errors
    /// [`ScenarioError::Value`] names the field, and what was expected.
    pub fn check(&self) -> Result<(), ScenarioError> {
        check(self).map_err(|wrong| wrong.in_file(&self.name))
    }
}

/// Checks that each value is in its range.
pub(crate) fn check(scenario: &Scenario) -> Result<(), Wrong> {
    let Scenario { name, sim_seconds, real_seconds, speech, machine, .. } = scenario;
    let is_name = !name.is_empty()
        && name.split('-').all(|word| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        });
    expect("name", format!("'{name}'").as_str(), is_name, "lower case words joined by hyphens")?;
    for (field, seconds) in [("sim-seconds", *sim_seconds), ("real-seconds", *real_seconds)] {
        within(field, seconds, 1.0, LONGEST)?;
    }
    check_text(&scenario.text)?;
    within("speech.rate", speech.rate, 0.5, 4.0)?;
    within("speech.streams", f64::from(speech.streams), 1.0, 64.0)?;
    within("machine.cores", f64::from(machine.cores), 1.0, 1_024.0)?;
    within("machine.quality-rtf", machine.quality_rtf, 0.001, 100.0)?;
    within("machine.fast-rtf", machine.fast_rtf, 0.001, 100.0)?;
    within("machine.spread", machine.spread, 0.0, 0.95)?;
    within("load.cpu-hogs", f64::from(scenario.load.cpu_hogs), 0.0, 1_024.0)?;
    for (figure, &limit) in &scenario.limits {
        let field = format!("limits.{}", figure.name());
        expect(&field, limit, limit.is_finite(), "a number")?;
    }
    let seconds = sim_seconds.min(*real_seconds);
    for (n, fault) in scenario.faults.iter().enumerate() {
        check_fault(&format!("faults[{n}]"), fault, seconds)?;
    }
    Ok(())
}

fn check_text(text: &TextSource) -> Result<(), Wrong> {
    match text {
        TextSource::Article | TextSource::Book => Ok(()),
        TextSource::Typing { tokens_per_s } => within("text.tokens-per-s", *tokens_per_s, 0.1, 10_000.0),
        TextSource::Words { per_s } => within("text.per-s", *per_s, 0.01, 100.0),
        TextSource::Mixed { languages } => {
            expect("text.languages", "empty", !languages.is_empty(), "a list of one language tag or more")
        }
    }
}

/// Checks a fault of a scenario that lasts `seconds` in its shorter mode.
fn check_fault(name: &str, fault: &Fault, seconds: f64) -> Result<(), Wrong> {
    let field = |of: &str| format!("{name}.{of}");
    let share = |share: f64, most: f64| {
        let expected = format!("from above 0 to {most}");
        expect(&field("share"), share, share > 0.0 && share <= most, expected)
    };
    let factor =
        |factor: f64| expect(&field("factor"), factor, (1.0..=1e3).contains(&factor), "from 1 to 1000");
    let at = |at: f64| {
        let expected = format!("from 0 to below {seconds}, for how long the shorter of the two modes lasts");
        expect(&field("at-s"), at, (0.0..seconds).contains(&at), expected)
    };
    let lasts = |lasts: f64| within(&field("for-s"), lasts, 0.001, LONGEST);
    let every = |every: f64, least: f64| {
        let expected = format!("from {least} to {seconds}, for how long the shorter of the two modes lasts");
        expect(&field("every-s"), every, (least..=seconds).contains(&every), expected)
    };
    match *fault {
        Fault::SlowInference { factor: by, at_s, for_s } => {
            factor(by)?;
            at(at_s)?;
            lasts(for_s)
        }
        Fault::Stalls { share: of, factor: by, run } => {
            share(of, 0.9)?;
            factor(by)?;
            within(&field("run"), run, 1.0, 1_000.0)
        }
        Fault::Freeze { at_s, for_s }
        | Fault::DeviceLoss { at_s, for_s }
        | Fault::MemoryLimit { at_s, for_s }
        | Fault::ServerKill { at_s, for_s } => {
            at(at_s)?;
            lasts(for_s)
        }
        Fault::FailedFragments { share: of }
        | Fault::NanFragments { share: of }
        | Fault::DroppedChunks { share: of }
        | Fault::DuplicatedChunks { share: of }
        | Fault::ReorderedChunks { share: of } => share(of, 1.0),
        Fault::ConsumerStall { every_s, for_s } => {
            lasts(for_s)?;
            every(every_s, for_s)
        }
        Fault::LateCallback { every_s, by_s } => {
            within(&field("by-s"), by_s, 0.001, LONGEST)?;
            every(every_s, by_s)
        }
        Fault::CallbackBurst { every_s, callbacks } => {
            within(&field("callbacks"), f64::from(callbacks), 2.0, 1_000.0)?;
            every(every_s, 0.01)
        }
        Fault::PeriodChange { at_s, frames } => {
            at(at_s)?;
            within(&field("frames"), f64::from(frames), 16.0, f64::from(MOST_FRAMES))
        }
        Fault::ClockDrift { ppm } => {
            let some = ppm != 0.0 && ppm.abs() <= 10_000.0;
            expect(&field("ppm"), ppm, some, "from -10000 to 10000, and not 0")
        }
        Fault::StopStorm { every_s } | Fault::BargeIn { every_s } => every(every_s, 0.01),
    }
}

fn within(field: &str, value: f64, least: f64, most: f64) -> Result<(), Wrong> {
    expect(field, value, (least..=most).contains(&value), format!("from {least} to {most}"))
}

fn expect<E: Into<String>>(
    field: &str,
    value: impl Into<Given>,
    holds: bool,
    expected: E,
) -> Result<(), Wrong> {
    if holds {
        return Ok(());
    }
    Err(Wrong { field: field.to_owned(), value: value.into().0, expected: expected.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Figure;

    fn plain() -> Scenario {
        let text = "name = \"plain\"\nsim-seconds = 60\nreal-seconds = 10\ntext = { kind = \"book\" }\n";
        Scenario::from_toml(text, "plain").unwrap()
    }

    /// What is wrong with a plain scenario after `change`: its field, or nothing.
    fn wrong(change: impl Fn(&mut Scenario)) -> Option<String> {
        let mut scenario = plain();
        change(&mut scenario);
        check(&scenario).err().map(|wrong| wrong.field)
    }

    #[test]
    fn a_value_that_cannot_be_meant_is_named() {
        let is_wrong = |field: &str, change: fn(&mut Scenario)| {
            assert_eq!(wrong(change).as_deref(), Some(field));
        };
        is_wrong("name", |s| s.name = "Two Words".into());
        is_wrong("name", |s| s.name = "a--b".into());
        is_wrong("sim-seconds", |s| s.sim_seconds = f64::NAN);
        is_wrong("real-seconds", |s| s.real_seconds = 0.0);
        is_wrong("text.per-s", |s| s.text = TextSource::Words { per_s: 0.0 });
        is_wrong("text.languages", |s| s.text = TextSource::Mixed { languages: vec![] });
        is_wrong("text.tokens-per-s", |s| s.text = TextSource::Typing { tokens_per_s: -1.0 });
        is_wrong("speech.rate", |s| s.speech.rate = 9.0);
        is_wrong("speech.streams", |s| s.speech.streams = 0);
        is_wrong("machine.cores", |s| s.machine.cores = 0);
        is_wrong("machine.spread", |s| s.machine.spread = 1.0);
        is_wrong("limits.rtf", |s| s.limits.extend([(Figure::Rtf, f64::INFINITY)]));
    }

    #[test]
    fn a_fault_that_could_not_fire_or_makes_no_sense_is_named() {
        let is_wrong = |field: &str, fault: Fault| {
            let wrong =
                wrong(|scenario| scenario.faults = vec![Fault::ClockDrift { ppm: 1.0 }, fault.clone()]);
            assert_eq!(wrong, Some(format!("faults[1].{field}")));
        };
        is_wrong("at-s", Fault::Freeze { at_s: 10.0, for_s: 1.0 });
        is_wrong("for-s", Fault::DeviceLoss { at_s: 1.0, for_s: -1.0 });
        is_wrong("factor", Fault::SlowInference { factor: 0.5, at_s: 1.0, for_s: 1.0 });
        is_wrong("run", Fault::Stalls { share: 0.1, factor: 2.0, run: 0.0 });
        is_wrong("share", Fault::NanFragments { share: 0.0 });
        is_wrong("share", Fault::DroppedChunks { share: f64::NAN });
        is_wrong("every-s", Fault::ConsumerStall { every_s: 1.0, for_s: 2.0 });
        is_wrong("by-s", Fault::LateCallback { every_s: 1.0, by_s: 0.0 });
        is_wrong("callbacks", Fault::CallbackBurst { every_s: 1.0, callbacks: 1 });
        is_wrong("frames", Fault::PeriodChange { at_s: 1.0, frames: 0 });
        is_wrong("ppm", Fault::ClockDrift { ppm: 0.0 });
        is_wrong("every-s", Fault::StopStorm { every_s: 11.0 });
        assert_eq!(wrong(|scenario| scenario.faults = vec![Fault::BargeIn { every_s: 2.0 }]), None);
    }
}
