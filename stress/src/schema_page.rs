//! Holds `docs/stress-schema.md` and the report together.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::trial::report;
use crate::{Fault, Figure, MemoryPressure, SinkKind, TextSource};

const PAGE: &str = include_str!("../../docs/stress-schema.md");

/// What stands in the first column of the tables under the heads that `wanted` picks.
fn first_column(wanted: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let parts = PAGE.split("\n## ").skip(1).filter(|part| wanted(part.lines().next().unwrap_or_default()));
    let lines = parts.flat_map(str::lines);
    lines.filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect()
}

fn paths(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let is_figure = Figure::ALL.iter().any(|figure| figure.name() == *name);
                let name = if is_figure { "{figure}" } else { name };
                let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                found.insert(path.clone());
                paths(value, &path, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| paths(value, &format!("{path}[]"), found)),
        _ => {}
    }
}

/// One of each, so that every field that a report can have is there.
fn faults() -> Vec<Fault> {
    vec![
        Fault::SlowInference { factor: 2.0, at_s: 1.0, for_s: 1.0 },
        Fault::Stalls { share: 0.1, factor: 2.0, run: 2.0 },
        Fault::Freeze { at_s: 1.0, for_s: 1.0 },
        Fault::FailedFragments { share: 0.1 },
        Fault::NanFragments { share: 0.1 },
        Fault::DroppedChunks { share: 0.1 },
        Fault::DuplicatedChunks { share: 0.1 },
        Fault::ReorderedChunks { share: 0.1 },
        Fault::ConsumerStall { every_s: 1.0, for_s: 1.0 },
        Fault::LateCallback { every_s: 1.0, by_s: 0.1 },
        Fault::CallbackBurst { every_s: 1.0, callbacks: 3 },
        Fault::DeviceLoss { at_s: 1.0, for_s: 1.0 },
        Fault::PeriodChange { at_s: 1.0, frames: 64 },
        Fault::ClockDrift { ppm: 10.0 },
        Fault::StopStorm { every_s: 1.0 },
        Fault::BargeIn { every_s: 1.0 },
        Fault::MemoryLimit { at_s: 1.0, for_s: 1.0 },
        Fault::ServerKill { at_s: 1.0, for_s: 1.0 },
    ]
}

#[test]
fn every_field_of_a_report_is_documented_and_no_other() {
    let mut report = report();
    let judged = report.suites[0].clone();
    for text in [
        TextSource::Article,
        TextSource::Book,
        TextSource::Typing { tokens_per_s: 5.0 },
        TextSource::Words { per_s: 1.0 },
        TextSource::Mixed { languages: vec!["en-US".into()] },
    ] {
        let mut judged = judged.clone();
        judged.run.scenario.text = text;
        report.suites.push(judged);
    }
    let scenario = &mut report.suites[0].run.scenario;
    scenario.faults = faults();
    scenario.sink = SinkKind::Device { name: Some("d".into()) };
    scenario.load.memory = Some(MemoryPressure { mb: 100 });
    scenario.load.stress_ng = vec!["--vm".into()];
    let every: BTreeSet<_> = crate::FaultKind::ALL.into_iter().collect();
    assert_eq!(scenario.faults.iter().map(Fault::kind).collect::<BTreeSet<_>>(), every);

    let mut found = BTreeSet::new();
    paths(&serde_json::to_value(&report).unwrap(), "", &mut found);
    let documented: BTreeSet<String> =
        first_column(|head| head != "Figures").into_iter().map(str::to_owned).collect();
    let undocumented: Vec<_> = found.difference(&documented).collect();
    let unknown: Vec<_> = documented.difference(&found).collect();
    assert!(
        undocumented.is_empty() && unknown.is_empty(),
        "undocumented {undocumented:?}, unknown {unknown:?}"
    );
}

#[test]
fn every_figure_is_documented_and_no_other() {
    assert_eq!(first_column(|head| head == "Figures"), Figure::ALL.map(Figure::name));
}
