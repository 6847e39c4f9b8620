//! DNSMOS, judged by Python where it has the package `speechmos`.
//!
//! DNSMOS predicts how people would rate speech, from 1 to 5: "DNSMOS: A Non-Intrusive Perceptual Objective Speech
//! Quality Metric", Reddy et al., 2021; P.808 is its first model, and overall that of "DNSMOS P.835", 2022.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

const SCRIPT: &str = include_str!("dnsmos.py");

/// What DNSMOS says, from 1 (bad) to 5 (excellent).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Judgement {
    pub(crate) overall: f64,
    pub(crate) p808: f64,
}

/// Judges `samples` at 24 kHz with `python`, or tells in a few words why it cannot.
pub(crate) fn judge(python: &Path, samples: &[f32]) -> Result<Judgement, String> {
    let unusable = |error: std::io::Error| format!("{}: {error}", python.display());
    let mut child = Command::new(python)
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(unusable)?;
    if let Some(mut input) = child.stdin.take() {
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        // A Python without the package ends before it reads; what it says then tells more than the broken pipe.
        let _ = input.write_all(&bytes);
    }
    let output = child.wait_with_output().map_err(unusable)?;
    let said = String::from_utf8_lossy(&output.stdout);
    said.lines().last().and_then(|line| serde_json::from_str(line).ok()).ok_or_else(|| {
        let errors = String::from_utf8_lossy(&output.stderr);
        let last = errors.lines().rfind(|line| !line.trim().is_empty());
        last.map_or_else(|| format!("{} ended with {}", python.display(), output.status), str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_python_that_is_not_there_is_a_reason() {
        let reason = judge(Path::new("/nowhere/python3"), &[0.0]).unwrap_err();
        assert!(reason.starts_with("/nowhere/python3: "), "{reason}");
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_says_nothing_is_a_reason() {
        let reason = judge(Path::new("true"), &vec![0.0; 100_000]).unwrap_err();
        assert!(reason.starts_with("true ended with "), "{reason}");
    }
}
