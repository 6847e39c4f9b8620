//! The native form beside the stock float graph, round by round in one run: speed on one thread and on two, time to the
//! first part of a long and a short sentence, agreement, and how soon a stop frees the session. Prints tables.
//!
//! Norms are predicted for the default voice, which is learned first where it was not. `SOSTENUTO_ISA` chooses another
//! instruction set for the generator.

use std::error::Error;
use std::time::{Duration, Instant};

use clap::Parser;
use sostenuto_benches::machine;
use sostenuto_inference::assets::Cache;
use sostenuto_inference::kernels::Isa;
use sostenuto_inference::norms::NormsChoice;
use sostenuto_inference::{
    DEFAULT_VOICE, Form, Fragment, Kokoro, Models, PartSink, Prosody, SAMPLE_RATE, SessionKind,
    SessionOptions, SynthesisError, Synthesizer, Variant,
};
use sostenuto_stress::percentile;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// "The quick brown fox jumps over the lazy dog, and the dog did not even wake up."
const FIVE_SECONDS: &str =
    "ðə kwˈɪk bɹˈWn fˈɑks ʤˈʌmps ˈOvəɹ ðə lˈAzi dˈɔɡ, ænd ðə dˈɔɡ dˈɪd nˌɑt ˈivən wˈAk ˌʌp.";
/// "They walked along the river until the lamps were lit and the last boats came."
const FIFTEEN_WORDS: &str = "ðˌA wˈɔkt əlˈɔŋ ðə ɹˈɪvəɹ əntˈɪl ðə lˈæmps wɜɹ lˈɪt ænd ðə lˈæst bˈOts kˈAm.";
/// "The lamps were lit there."
const FIVE_WORDS: &str = "ðə lˈæmps wɜɹ lˈɪt ðˈɛɹ.";
/// Stops of the sessions that the runtime runs whole, each at another moment of a fragment.
const STOPS_OF_OTHERS: u32 = 100;

#[derive(Parser)]
struct Args {
    /// How often each speaks each sentence; 0 measures stops alone.
    #[arg(default_value_t = 9)]
    rounds: usize,
    /// Stops of each session of ours.
    #[arg(long, default_value_t = 400)]
    stops: u32,
}

/// A row of the tables.
#[derive(Clone, Copy, PartialEq)]
enum Row {
    Float,
    Stock,
    Exact,
    Predicted,
    Int8,
}

impl Row {
    const ALL: [Self; 5] = [Self::Float, Self::Stock, Self::Exact, Self::Predicted, Self::Int8];

    fn name(self) -> &'static str {
        match self {
            Self::Float => "float graph, ONNX Runtime",
            Self::Stock => "stock form (fused graph)",
            Self::Exact => "native, exact",
            Self::Predicted => "native, predicted",
            Self::Int8 => "native-int8, exact",
        }
    }

    fn load(self, models: &Models, threads: usize) -> Result<Box<dyn Synthesizer>> {
        let (form, norms) = match self {
            Self::Float => {
                let graph = models.graph(Variant::Float)?;
                return Ok(Box::new(Kokoro::load(&models.runtime()?, &graph, threads)?));
            }
            Self::Stock => (Form::Stock, NormsChoice::Exact),
            Self::Exact => (Form::Native, NormsChoice::Exact),
            Self::Predicted => (Form::Native, NormsChoice::Predicted),
            Self::Int8 => (Form::NativeInt8, NormsChoice::Exact),
        };
        let options = SessionOptions { form: Some(form), norms, ..SessionOptions::on_cpu(threads) };
        let ready = models.load(SessionKind::Quality, DEFAULT_VOICE, &options)?;
        if ready.form == form {
            Ok(ready.session)
        } else {
            Err(format!("{} was not loaded", self.name()).into())
        }
    }
}

/// What comes out, and when it began.
struct Heard {
    began: Instant,
    first: Option<Duration>,
    samples: Vec<f32>,
}

impl PartSink for Heard {
    fn put(&mut self, samples: &[f32]) {
        self.first.get_or_insert(self.began.elapsed());
        self.samples.extend_from_slice(samples);
    }
}

/// One fragment: how long it took, its first part, its audio with what was trimmed, and its samples.
struct Spoken {
    took: f64,
    first: f64,
    audio: f64,
    samples: Vec<f32>,
}

fn speak(session: &mut dyn Synthesizer, fragment: &Fragment) -> Result<Spoken> {
    let mut heard = Heard { began: Instant::now(), first: None, samples: Vec::new() };
    let told = session.synthesize(fragment, &mut heard)?;
    let took = heard.began.elapsed().as_secs_f64();
    let samples = told.samples + told.trimmed_lead + told.trimmed_tail;
    let first = heard.first.ok_or("nothing was heard")?.as_secs_f64();
    Ok(Spoken { took, first, audio: samples as f64 / f64::from(SAMPLE_RATE), samples: heard.samples })
}

fn main() -> Result<()> {
    let Args { rounds, stops: wanted } = Args::parse();
    let models = Models::new(Cache::of_user()?)?;
    let isa = Isa::chosen()?;
    println!("machine: {}, {} cores, load {}", machine::processor(), machine::cores(), machine::load());
    println!("generator: {isa}; {rounds} rounds\n");
    let voice = models.voice(DEFAULT_VOICE, SessionKind::Quality)?;
    let fragment = |phonemes: &str| Fragment {
        phonemes: phonemes.into(),
        voice: voice.clone(),
        prosody: Prosody::default(),
        seed: 0,
    };
    let rows: Vec<Row> = Row::ALL.into_iter().filter(|row| *row != Row::Int8 || isa.has_int8()).collect();
    for threads in [1, 2] {
        let mut sessions = Vec::new();
        for row in &rows {
            sessions.push(row.load(&models, threads)?);
        }
        if rounds > 0 {
            compare(&rows, &mut sessions, threads, rounds, &fragment)?;
        }
        if threads == 2 {
            for (row, session) in rows.iter().zip(&mut sessions) {
                let others = matches!(row, Row::Float | Row::Stock);
                let count = if others { wanted.min(STOPS_OF_OTHERS) } else { wanted };
                stops(row.name(), session.as_mut(), &fragment(FIVE_SECONDS), count)?;
            }
        }
    }
    Ok(())
}

fn compare(
    rows: &[Row],
    sessions: &mut [Box<dyn Synthesizer>],
    threads: usize,
    rounds: usize,
    fragment: &dyn Fn(&str) -> Fragment,
) -> Result<()> {
    let [five_seconds, long, short] = [FIVE_SECONDS, FIFTEEN_WORDS, FIVE_WORDS].map(fragment);
    let mut times = vec![[const { Vec::<f64>::new() }; 3]; rows.len()];
    let mut said = vec![Vec::new(); rows.len()];
    for round in 0..=rounds {
        for (index, session) in sessions.iter_mut().enumerate() {
            let spoken = [
                speak(session.as_mut(), &five_seconds)?,
                speak(session.as_mut(), &long)?,
                speak(session.as_mut(), &short)?,
            ];
            // The first round warms up.
            if round > 0 {
                let [five_seconds, long, short] = spoken;
                times[index][0].push(five_seconds.took / five_seconds.audio);
                times[index][1].push(long.first);
                times[index][2].push(short.first);
                said[index] = five_seconds.samples;
            }
        }
    }
    println!("{threads} thread(s):\n");
    println!(
        "| | RTF, best | median | of float, best | median | first part, 15 words, ms | of float | 5 words, ms | SNR, dB |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for times in times.iter_mut().flatten() {
        times.sort_by(f64::total_cmp);
    }
    let middle = |times: &[f64]| times.get(times.len() / 2).copied().unwrap_or(f64::NAN);
    let (float, heard) = (times[0].clone(), said[0].clone());
    for ((row, times), said) in rows.iter().zip(&times).zip(&said) {
        println!(
            "| {} | {:.3} | {:.3} | {:.3} | {:.3} | {:.0} | {:.3} | {:.0} | {} |",
            row.name(),
            times[0][0],
            middle(&times[0]),
            times[0][0] / float[0][0],
            middle(&times[0]) / middle(&float[0]),
            middle(&times[1]) * 1e3,
            middle(&times[1]) / middle(&float[1]),
            middle(&times[2]) * 1e3,
            snr(&heard, said).map_or_else(|| "-".into(), |ratio| format!("{ratio:.1}")),
        );
    }
    println!();
    Ok(())
}

/// How soon a session is free again once it was stopped, at moments spread over a fragment.
fn stops(name: &str, session: &mut dyn Synthesizer, fragment: &Fragment, count: u32) -> Result<()> {
    let whole = speak(session, fragment)?.took;
    let interrupt = session.interrupt();
    let mut times = Vec::new();
    for stop in 0..count {
        let wait = Duration::from_secs_f64(whole * f64::from(stop) / f64::from(count));
        let raised = std::thread::scope(|scope| {
            let stopper = scope.spawn(|| {
                std::thread::sleep(wait);
                let raised = Instant::now();
                interrupt.raise();
                raised
            });
            let ended = session.synthesize(fragment, &mut |_: &[f32]| {});
            let free = Instant::now();
            match ended {
                Err(SynthesisError::Interrupted) | Ok(_) => {}
                Err(error) => return Err(Box::<dyn Error>::from(error)),
            }
            let raised = stopper.join().map_err(|_| "the stopper panicked")?;
            Ok(free.checked_duration_since(raised))
        })?;
        interrupt.clear();
        times.extend(raised.map(|late| (late.as_secs_f64() * 1e3, f64::from(stop) / f64::from(count))));
    }
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let late: Vec<f64> = times.iter().map(|(late, _)| *late).collect();
    let at = |share: f64| percentile(&late, share).unwrap_or(f64::NAN);
    print!(
        "{name}: stopped {} times, free after {:.1} ms (p50), {:.1} (p99)",
        times.len(),
        at(0.5),
        at(0.99)
    );
    let slowest: Vec<String> = times
        .iter()
        .rev()
        .take(5)
        .map(|(late, place)| format!("{late:.1} at {:.0} %", place * 100.0))
        .collect();
    println!("; slowest {}", slowest.join(", "));
    Ok(())
}

/// `None` where one says something of another length.
fn snr(signal: &[f32], other: &[f32]) -> Option<f64> {
    let square = |value: f32| f64::from(value) * f64::from(value);
    let power: f64 = signal.iter().map(|&value| square(value)).sum();
    let error: f64 = signal.iter().zip(other).map(|(&a, &b)| square(a - b)).sum();
    (signal.len() == other.len() && error > 0.0).then(|| 10.0 * (power / error).log10())
}
