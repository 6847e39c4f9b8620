//! How long a session takes to load, and what it holds in memory: `load fast|quality [threads] [fragments] [option...]`,
//! where an option is `no-arena`, `shrink`, `no-prepack`, `stock`, `native` or a provider.
//!
//! Run it several times and take the least: what is cold is the process, not the files.

use std::time::Instant;

use sostenuto_inference::assets::Cache;
use sostenuto_inference::{DEFAULT_VOICE, Fragment, Models, Prosody, SessionKind, SessionOptions};

/// Clauses of many lengths are cut from this.
const PHONEMES: &str =
    "ðə kwˈɪk bɹˈWn fˈɑks ʤˈʌmps ˈOvəɹ ðə lˈAzi dˈɔɡ, ænd ðə dˈɔɡ dˈɪd nˌɑt ˈivən wˈAk ˌʌp.";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut kind = SessionKind::Fast;
    let mut options = SessionOptions::on_cpu(1);
    let mut numbers = Vec::new();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "fast" | "quality" => kind = argument.parse()?,
            "no-arena" => options.memory.arena = false,
            "shrink" => options.memory.shrink = true,
            "no-prepack" => options.memory.prepack = false,
            "stock" | "native" => options.form = Some(argument.parse()?),
            other => match other.parse::<usize>() {
                Ok(number) => numbers.push(number),
                Err(_) => options.provider = other.parse()?,
            },
        }
    }
    options.threads = numbers.first().copied().unwrap_or(1);

    let models = Models::new(Cache::of_user()?)?;
    let start = Instant::now();
    models.runtime()?;
    let runtime = start.elapsed();
    let mut ready = models.load(kind, DEFAULT_VOICE, &options)?;
    let loaded = start.elapsed();
    println!(
        "{kind} ({}) on {}: runtime {:.0} ms, session {:.0} ms, of the processor {:.0} ms; {}",
        ready.form,
        ready.report.used,
        runtime.as_secs_f64() * 1e3,
        loaded.saturating_sub(runtime).as_secs_f64() * 1e3,
        processor_ms(),
        memory()
    );
    for (provider, reason) in &ready.report.refused {
        println!("{provider} was refused: {reason}");
    }

    let voice = models.voice(DEFAULT_VOICE, kind)?;
    let symbols: Vec<char> = PHONEMES.chars().collect();
    let (mut samples, from, start) = (0, processor_ms(), Instant::now());
    let fragments = numbers.get(1).copied().unwrap_or(0);
    for n in 0..fragments {
        let length = 3 + n * 37 % (symbols.len() - 3);
        let fragment = Fragment {
            phonemes: symbols[..length].iter().collect(),
            voice: voice.clone(),
            prosody: Prosody::default(),
            seed: 0,
        };
        let synthesis = ready.session.synthesize(&fragment, &mut |_: &[f32]| {})?;
        samples += synthesis.durations.iter().sum::<u32>();
    }
    if fragments > 0 {
        let audio = f64::from(samples) / 24_000.0;
        println!(
            "{fragments} fragments, {audio:.0} s: RTF {:.4}, of the processor {:.4}; {}",
            start.elapsed().as_secs_f64() / audio,
            (processor_ms() - from) / 1e3 / audio,
            memory()
        );
    }
    Ok(())
}

/// Resident memory in MiB, where the system tells.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |field: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(field))?;
        line.trim_start_matches(':').split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib / 1024)
    };
    format!(
        "MiB resident {}, own {}, of files {}, at most {}",
        of("VmRSS").unwrap_or(0),
        of("RssAnon").unwrap_or(0),
        of("RssFile").unwrap_or(0),
        of("VmHWM").unwrap_or(0)
    )
}

/// Processor time of all threads of this process so far, where the system tells.
fn processor_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default();
    fields.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>()
        * 10.0
}
