//! The sound device, through a real sound server without hardware: what it plays is what the file sink writes.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use sostenuto_inference::assets::Cache;
use sostenuto_tests::{Program, Ran, Recording, Watchdog, fetched, sound_server};

const TEXT: &str = "The rain in Spain stays mainly in the plain, and the train was late again.";
/// Blocks that are looked for one by one, in seconds: a stall of the machine shifts what follows it.
const BLOCK_S: f64 = 0.1;
/// The longest stall after which the speech is found again, in seconds.
const STALL_S: f64 = 0.3;
/// Blocks that may be torn by stalls of a machine that is not ours alone.
const TORN: f64 = 0.1;

fn say(program: &Program, folder: &Path, to: &[&str]) -> Command {
    let mut command = program.command(folder);
    command.args(["say", TEXT, "--session", "fast", "--stats", "stats.json"]).args(to);
    command
}

fn stats(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("stats.json")).unwrap()).unwrap()
}

/// The samples of `speech` at `rate`, which is a multiple of its own, in straight lines. What lies above the telephone
/// band, where lines are not good enough, is cut away from both sides of a comparison by [`smooth`].
fn at_rate(speech: &Recording, rate: u32) -> Vec<f32> {
    let times = (rate / speech.rate) as usize;
    let between = |pair: &[f32]| {
        let (a, b) = (pair[0], pair[1]);
        (0..times).map(move |n| a + (b - a) * n as f32 / times as f32)
    };
    speech.samples.windows(2).flat_map(between).collect()
}

/// Running means over about 0.3 ms, twice: a low-pass at 1.5 kHz.
fn smooth(samples: &[f32], rate: u32) -> Vec<f32> {
    let width = (rate as usize / 3_000).max(1);
    let once = |samples: &[f32]| -> Vec<f32> {
        samples.windows(width).map(|window| window.iter().sum::<f32>() / width as f32).collect()
    };
    once(&once(samples))
}

/// How alike two smooth blocks of one length are, told from every `step`th sample: 1 for the same up to loudness.
fn likeness(a: &[f32], b: &[f32], step: usize) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).step_by(step).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    };
    let norm = (dot(a, a) * dot(b, b)).sqrt();
    if norm > 0.0 { dot(a, b) / norm } else { 0.0 }
}

/// The place in `heard`, from `from` up to `reach` samples on, where `block` fits best, and how well.
fn find(block: &[f32], heard: &[f32], from: usize, reach: usize, step: usize) -> (usize, f64) {
    let last = heard.len().saturating_sub(block.len()).min(from + reach);
    let fits = (from..=last).map(|at| (at, likeness(block, &heard[at..at + block.len()], step)));
    fits.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((from, 0.0))
}

fn onset(samples: &[f32]) -> usize {
    samples.iter().position(|sample| sample.abs() > 0.001).unwrap_or(samples.len())
}

fn assert_plays_what_the_file_holds(rate: u32, channels: u16) {
    let all = [fetched("onnxruntime"), fetched("kokoro-distilled-heart")];
    if !all.iter().all(Option::is_some) {
        return;
    }
    let Some(server) = sound_server(rate, channels).unwrap() else { return };
    let _watchdog = Watchdog::over("a sound device");
    let program = Program::built().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let written =
        Ran::through(&mut say(&program, folder.path(), &["--out", "x.wav", "--float"]), b"").unwrap();
    assert_eq!((written.status, written.err.as_str()), (Some(0), ""));
    let file = Recording::read(&folder.path().join("x.wav")).unwrap();

    let recorder = server.record().unwrap();
    let mut device = say(&program, folder.path(), &["--sink", "device"]);
    // The server's tools need another home; the assets stay where they are.
    device.env("SOSTENUTO_HOME", Cache::of_user().unwrap().folder());
    server.play_here(&mut device);
    let played = Ran::through(&mut device, b"").unwrap();
    // A stall of the machine may count as a loss of the device, of which the program warns.
    assert_eq!((played.status, played.out.as_str()), (Some(0), ""), "{}", played.err);
    let heard = recorder.finish().unwrap();

    let frames = heard.chunks_exact(usize::from(server.channels()));
    assert!(frames.clone().all(|frame| frame.iter().all(|&sample| sample == frame[0])));
    let heard: Vec<f32> = frames.map(|frame| frame[0]).collect();
    let stats = stats(folder.path());
    assert_eq!((&stats["sink_rate"], &stats["sink_channels"]), (&rate.into(), &channels.into()));
    let underrun_s = stats["underrun_frames"].as_f64().unwrap() / f64::from(rate);

    let wanted = smooth(&at_rate(&file, rate), rate);
    let heard = smooth(&heard, rate);
    let block = (BLOCK_S * f64::from(rate)) as usize;
    let reach = |seconds: f64| (seconds * f64::from(rate)) as usize;
    let (begin, wanted) = (onset(&heard), &wanted[onset(&wanted)..]);
    let mut from = begin.saturating_sub(reach(0.02));
    let (mut blocks, mut torn, mut shift) = (0, 0, 0);
    for wanted in wanted.chunks_exact(block) {
        // Pauses fit everywhere.
        if wanted.iter().map(|sample| sample.abs()).fold(0.0, f32::max) < 0.01 {
            from += block;
            continue;
        }
        let (at, fit) =
            find(wanted, &heard, from.saturating_sub(reach(0.005)), reach(STALL_S), rate as usize / 6_000);
        blocks += 1;
        if fit > 0.98 {
            shift += at.saturating_sub(from);
            from = at + block;
        } else {
            torn += 1;
            from += block;
        }
    }
    println!(
        "{rate} Hz, {channels} channels: {torn} of {blocks} blocks torn, {} underruns of {underrun_s} s, shifted by {} s",
        stats["underruns"],
        shift as f64 / f64::from(rate)
    );
    assert!(blocks > 20, "{blocks}");
    assert!(f64::from(torn) <= f64::from(blocks) * TORN, "{torn} of {blocks} blocks are torn");
}

#[test]
fn a_device_at_the_models_rate_plays_what_the_file_holds() {
    assert_plays_what_the_file_holds(24_000, 1);
}

#[test]
fn a_stereo_device_at_another_rate_plays_what_the_file_holds() {
    assert_plays_what_the_file_holds(48_000, 2);
}
