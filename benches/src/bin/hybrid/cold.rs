//! From the start of the program to the first audible sample. Its files are in the system's cache.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use sostenuto_benches::Result;
use sostenuto_benches::bars::{figure, held, median, quantile};

const SENTENCE: &str = "The ferry left the harbour early.";
const STARTS: usize = 10;
const BAR_MS: f64 = 500.0;

pub(crate) fn measure(program: Option<PathBuf>) -> Result<()> {
    let program = match program {
        Some(program) => program,
        None => std::env::current_exe()?.with_file_name("sostenuto"),
    };
    let stats = std::env::temp_dir().join(format!("sostenuto-cold-{}.json", std::process::id()));
    // Brings its files into the system's cache.
    start(&program, &stats)?;
    let (mut before, mut audio, mut ttfa) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STARTS {
        before.push(nothing(&program)?);
        let (started, accepted) = start(&program, &stats)?;
        audio.push(started);
        ttfa.push(accepted);
    }
    std::fs::remove_file(&stats)?;

    // What comes before the program's first line is less than a run that only prints its version.
    let before = median(&before);
    let with_start: Vec<f64> = audio.iter().map(|ms| ms + before).collect();
    figure("start and end of a program that does nothing, median", before, "ms");
    figure("accepted to first audio, median", median(&ttfa), "ms");
    figure("first line to first audio, median", median(&audio), "ms");
    held("process to first audio, median", median(&with_start), "ms", BAR_MS);
    held("process to first audio, most", quantile(&with_start, 1.0), "ms", BAR_MS);
    Ok(())
}

/// Speaks with both sessions; returns milliseconds to first audio, from the program's first line and from accepting.
fn start(program: &Path, stats: &Path) -> Result<(f64, f64)> {
    let mut command = Command::new(program);
    command.args(["say", SENTENCE, "--session", "hybrid", "--sink", "paced", "--stats"]).arg(stats);
    run(&mut command)?;
    let told: serde_json::Value = serde_json::from_slice(&std::fs::read(stats)?)?;
    let number = |name: &str| told[name].as_f64().ok_or_else(|| format!("the statistics have no {name}"));
    Ok((number("process_to_audio_ms")?, number("ttfa_ms")?))
}

fn nothing(program: &Path) -> Result<f64> {
    let started = Instant::now();
    run(Command::new(program).arg("--version"))?;
    Ok(started.elapsed().as_secs_f64() * 1e3)
}

fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot run {name}: {error}; build it, or name it with --program"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{name}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()).into())
}
