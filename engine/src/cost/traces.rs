//! Costs of real fragments, recorded by `cost_trace` of the benchmarks.

use serde::Deserialize;

/// A line with the conditions, then a line for each fragment.
pub(super) struct Trace {
    pub(super) name: &'static str,
    lines: &'static str,
    /// Compilers at work on the same two cores disturbed every trace: in the steady ones nine fragments in ten lie
    /// within 0.7 to 1.5 times the best line, in the others within 0.6 to 2.1.
    pub(super) steady: bool,
}

pub(super) const TRACES: [Trace; 4] = [
    Trace {
        name: "quality, 1 thread",
        lines: include_str!("../../../simulator/traces/quality-1.jsonl"),
        steady: false,
    },
    Trace {
        name: "quality, 2 threads",
        lines: include_str!("../../../simulator/traces/quality-2.jsonl"),
        steady: false,
    },
    Trace {
        name: "fast, 1 thread",
        lines: include_str!("../../../simulator/traces/fast-1.jsonl"),
        steady: true,
    },
    Trace {
        name: "fast, 2 threads",
        lines: include_str!("../../../simulator/traces/fast-2.jsonl"),
        steady: true,
    },
];

#[derive(Clone, Copy, Deserialize)]
pub(super) struct Cost {
    pub(super) tokens: usize,
    pub(super) seconds: f64,
    pub(super) audio_s: f64,
}

impl Trace {
    pub(super) fn costs(&self) -> Vec<Cost> {
        self.lines.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
