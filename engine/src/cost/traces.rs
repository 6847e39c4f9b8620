//! Costs of real fragments, recorded by `cost_trace` of the benchmarks.

use serde::Deserialize;

/// The traces by name: a line with the conditions, then a line for each fragment.
pub(super) const TRACES: [(&str, &str); 2] = [
    ("fast, 1 thread", include_str!("../../../tests/traces/fast-1.jsonl")),
    ("fast, 2 threads", include_str!("../../../tests/traces/fast-2.jsonl")),
];

#[derive(Clone, Copy, Deserialize)]
pub(super) struct Cost {
    pub(super) tokens: usize,
    pub(super) seconds: f64,
    pub(super) audio_s: f64,
}

pub(super) fn trace(lines: &str) -> Vec<Cost> {
    lines.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect()
}
