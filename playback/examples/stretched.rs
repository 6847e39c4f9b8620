//! Time-stretches recordings of speech, for judges of speech, and tells what it costs.
//!
//! ```sh
//! cargo run --release -p sostenuto-playback --example stretched -- FOLDER SPEECH.wav ...
//! python3 scripts/judge_stretch.py FOLDER
//! ```
//!
//! Each recording (24 kHz, 16 bits or float) is written to FOLDER as RATE-stretched-NAME, and beside it as
//! RATE-cut-NAME, of which every 20 ms are the first of as many as the rate asks for, or repeated: the naive way.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use hound::{SampleFormat, WavReader};
use sostenuto_playback::{BlockWriter, CHUNK_RATE, Encoding, Format, Stretch, WavBlocks};

const RATES: [f64; 8] = [0.5, 0.91, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0];
/// What the pump pushes at once.
const BLOCK: usize = 240;
/// What the naive way keeps together.
const CUT: usize = 480;
/// The cost is that of the fastest of so many runs: others may be at work on the machine.
const RUNS: usize = 40;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().ok_or("name a folder, and recordings of speech")?;
    std::fs::create_dir_all(&folder)?;
    let recordings =
        arguments.map(|path| Ok((read(&path)?, path))).collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    let seconds: f64 =
        recordings.iter().map(|(samples, _)| samples.len() as f64 / f64::from(CHUNK_RATE)).sum();
    println!("{} recordings, {seconds:.1} s", recordings.len());
    println!(
        "| rate | cost per second of input | share of a core while it plays | length, of input / rate |"
    );
    println!("| --- | --- | --- | --- |");
    for rate in RATES {
        let cost = recordings.iter().map(|(samples, _)| cost(samples, rate)).sum::<f64>() / seconds;
        let length: usize = recordings.iter().map(|(samples, _)| stretched(samples, rate).len()).sum();
        let share = length as f64 / f64::from(CHUNK_RATE) / (seconds / rate);
        println!("| {rate} | {:.0} µs | {:.3} % | {share:.4} |", cost * 1e6, cost * rate * 100.0);
        for (samples, path) in &recordings {
            write(&folder, path, &format!("{rate}-stretched"), &stretched(samples, rate))?;
            write(&folder, path, &format!("{rate}-cut"), &cut(samples, rate))?;
        }
    }
    Ok(())
}

/// Seconds that it takes, the fastest time of each recording.
fn cost(samples: &[f32], rate: f64) -> f64 {
    let run = |_| {
        let started = Instant::now();
        std::hint::black_box(stretched(samples, rate));
        started.elapsed().as_secs_f64()
    };
    (0..RUNS).map(run).fold(f64::MAX, f64::min)
}

fn stretched(samples: &[f32], rate: f64) -> Vec<f32> {
    let mut stretch = Stretch::new();
    let mut out = Vec::with_capacity((samples.len() as f64 / rate) as usize + CUT);
    for block in samples.chunks(BLOCK) {
        stretch.push(block, rate, &mut |piece| out.extend_from_slice(piece.samples));
    }
    stretch.flush(&mut |piece| out.extend_from_slice(piece.samples));
    out
}

fn cut(samples: &[f32], rate: f64) -> Vec<f32> {
    let length = (samples.len() as f64 / rate) as usize;
    let place = |n: usize| ((n / CUT * CUT) as f64 * rate) as usize + n % CUT;
    (0..length).map(|n| samples.get(place(n)).copied().unwrap_or_default()).collect()
}

fn read(path: &Path) -> Result<Vec<f32>, Box<dyn Error>> {
    let mut wav = WavReader::open(path)?;
    let spec = wav.spec();
    if (spec.channels, spec.sample_rate) != (1, CHUNK_RATE) {
        return Err(format!("{} is not mono at {CHUNK_RATE} Hz", path.display()).into());
    }
    let samples = match spec.sample_format {
        SampleFormat::Float => wav.samples::<f32>().collect::<Result<_, _>>()?,
        SampleFormat::Int => wav
            .samples::<i16>()
            .map(|sample| Ok(f32::from(sample?) / 32_768.0))
            .collect::<Result<_, hound::Error>>()?,
    };
    Ok(samples)
}

fn write(folder: &Path, source: &Path, kind: &str, samples: &[f32]) -> Result<(), Box<dyn Error>> {
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    let mut wav = WavBlocks::create(&folder.join(format!("{kind}-{name}")), Format::NATIVE, Encoding::Float)?;
    wav.write(samples)?;
    wav.finish()?;
    Ok(())
}
