//! Holds the time of one `render()` of 480 stereo frames to its bar, while a pump really fills the ring.
//!
//! ```sh
//! cargo run --release -p sostenuto-benches --bin render_time -- [--seconds 600] [--only paced|back-to-back]...
//! ```
//!
//! Each pace is measured while nothing else of ours runs, and while every core has more to do than it can (`stress-ng`
//! where it is installed, our own threads where not). Every 2.5 s the ring runs short for a while, so that
//! calls which fade and conceal are measured too, in a row of their own. Beside the time on the clock stands the time
//! of the core that the thread used: on a machine that is not ours alone only that one is the renderer's own. Reading
//! both clocks costs something too, which the first row tells.

mod load;
mod talk;

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use serde::Serialize;
use sostenuto_benches::histogram::Histogram;
use sostenuto_benches::{Result, machine};
use sostenuto_engine::playback::{Format, MonotonicClock, Renderer, Wake};

use load::Load;
use talk::Talk;

const FORMAT: Format = Format { rate: 48_000, channels: 2, period: 480 };
const PERIOD: Duration = Duration::from_millis(10);
const SAMPLES: usize = FORMAT.period as usize * FORMAT.channels as usize;
/// The bar for the call that is longer than 999 of 1000.
const BAR_US: f64 = 50.0;
/// Calls that nothing was measured of, after which caches and branches are warm.
const WARM_UP: u64 = 100;

#[derive(Parser)]
struct Args {
    /// How long each case is measured.
    #[arg(long, default_value_t = 600)]
    seconds: u64,
    /// Measure this pace; both unless given.
    #[arg(long, value_enum)]
    only: Vec<Pace>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Pace {
    /// A call every 10 ms, as a sound card asks; the pump has a thread of its own.
    Paced,
    /// One call after the other, the pump stepping in between.
    BackToBack,
}

/// What calls took.
#[derive(Default)]
struct Times {
    wall: Histogram,
    core: Histogram,
}

/// The calls of one case.
#[derive(Default)]
struct Calls {
    /// The ring held all that was asked for.
    whole: Times,
    /// It did not.
    short: Times,
}

/// A row of the table.
#[derive(Serialize)]
struct Row {
    pace: Pace,
    load: &'static str,
    calls: &'static str,
    clock: &'static str,
    count: u64,
    p50_us: f64,
    p99_us: f64,
    p999_us: f64,
    max_us: f64,
}

#[derive(Serialize)]
struct Report {
    processor: String,
    cores: usize,
    seconds: u64,
    frames: u32,
    clocks_cost_ns: [u64; 2],
    /// Seconds that the host gave to others, as a share of what all cores had.
    stolen: Option<f64>,
    rows: Vec<Row>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let time = Duration::from_secs(args.seconds);
    let (started, stolen_before) = (Instant::now(), machine::stolen_seconds());
    println!("{}, {} cores, load before {}", machine::processor(), machine::cores(), machine::load());
    let clocks = cost_of_clocks();
    println!("reading the clocks costs {} ns of the clock and {} ns of the core", clocks[0], clocks[1]);
    println!(
        "{:<14} {:<10} {:<6} {:<6} {:>10} {:>9} {:>9} {:>9} {:>10}",
        "pace", "load", "calls", "clock", "count", "p50 us", "p99 us", "p99.9 us", "max us"
    );
    let mut rows = Vec::new();
    for &pace in Pace::value_variants() {
        if !args.only.is_empty() && !args.only.contains(&pace) {
            continue;
        }
        for loaded in [false, true] {
            let load = if loaded { Load::start(time)? } else { Load::none() };
            let calls = match pace {
                Pace::Paced => paced(time)?,
                Pace::BackToBack => back_to_back(time)?,
            };
            for (name, times) in [("whole", &calls.whole), ("short", &calls.short)] {
                for (clock, histogram) in [("wall", &times.wall), ("core", &times.core)] {
                    let row = Row::new(pace, load.name(), name, clock, histogram);
                    row.print();
                    rows.push(row);
                }
            }
        }
    }
    let cores = machine::cores();
    let had = started.elapsed().as_secs_f64() * cores as f64;
    let stolen = machine::stolen_seconds().zip(stolen_before).map(|(after, before)| (after - before) / had);
    println!("load after {}; bar: p99.9 below {BAR_US} us", machine::load());
    let report = Report {
        processor: machine::processor(),
        cores,
        seconds: args.seconds,
        frames: FORMAT.period,
        clocks_cost_ns: clocks,
        stolen,
        rows,
    };
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

impl Row {
    fn new(
        pace: Pace,
        load: &'static str,
        calls: &'static str,
        clock: &'static str,
        times: &Histogram,
    ) -> Self {
        Self {
            pace,
            load,
            calls,
            clock,
            count: times.count(),
            p50_us: times.quantile_us(0.5),
            p99_us: times.quantile_us(0.99),
            p999_us: times.quantile_us(0.999),
            max_us: times.most_us(),
        }
    }

    fn print(&self) {
        let pace = match self.pace {
            Pace::Paced => "every 10 ms",
            Pace::BackToBack => "back to back",
        };
        println!(
            "{pace:<14} {:<10} {:<6} {:<6} {:>10} {:>9.2} {:>9.2} {:>9.2} {:>10.2}  {}",
            self.load,
            self.calls,
            self.clock,
            self.count,
            self.p50_us,
            self.p99_us,
            self.p999_us,
            self.max_us,
            if self.p999_us < BAR_US { "kept" } else { "MISSED" }
        );
    }
}

impl Calls {
    /// Renders one period, and counts what that took unless it belongs to the warm-up.
    fn measure(&mut self, renderer: &mut Renderer, out: &mut [f32], counts: bool) {
        let core = machine::thread_time();
        let wall = Instant::now();
        let rendered = black_box(renderer.render(black_box(out)));
        let wall = wall.elapsed();
        let core = machine::thread_time().zip(core).map(|(after, before)| after.saturating_sub(before));
        if !counts {
            return;
        }
        let times = if rendered.frames == FORMAT.period as usize { &mut self.whole } else { &mut self.short };
        times.wall.add(wall);
        if let Some(core) = core {
            times.core.add(core);
        }
    }
}

/// What the median measurement of nothing shows, on both clocks.
fn cost_of_clocks() -> [u64; 2] {
    let mut nothing = Times::default();
    for _ in 0..10_000 {
        let core = machine::thread_time();
        let wall = Instant::now();
        nothing.wall.add(wall.elapsed());
        if let Some((after, before)) = machine::thread_time().zip(core) {
            nothing.core.add(after.saturating_sub(before));
        }
    }
    [&nothing.wall, &nothing.core].map(|times| (times.quantile_us(0.5) * 1e3) as u64)
}

/// A call every period; the pump runs on a thread of its own, as the engine's does.
fn paced(time: Duration) -> Result<Calls> {
    let (mut talk, mut pump, mut renderer) = Talk::new(FORMAT)?;
    let clock = MonotonicClock::start();
    let over = AtomicBool::new(false);
    let mut calls = Calls::default();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Acquire) {
                talk.speak(clock.now());
                let now = clock.now();
                let until = match pump.step(now).wake {
                    Wake::At(time) => time.min(now + PERIOD),
                    Wake::OnInput => now + PERIOD,
                };
                while pump.next_event().is_some() {}
                std::thread::sleep(until.saturating_sub(clock.now()));
            }
        });
        let mut out = [0.0; SAMPLES];
        let mut due = clock.now();
        for call in 0.. {
            std::thread::sleep(due.saturating_sub(clock.now()));
            calls.measure(&mut renderer, &mut out, call >= WARM_UP);
            renderer.publish(clock.now());
            due += PERIOD;
            if due >= time {
                break;
            }
        }
        over.store(true, Ordering::Release);
    });
    Ok(calls)
}

/// One call after the other, on a clock that counts the periods.
fn back_to_back(time: Duration) -> Result<Calls> {
    let (mut talk, mut pump, mut renderer) = Talk::new(FORMAT)?;
    let started = Instant::now();
    let mut calls = Calls::default();
    let mut out = [0.0; SAMPLES];
    let mut now = Duration::ZERO;
    for call in 0.. {
        talk.speak(now);
        pump.step(now);
        while pump.next_event().is_some() {}
        calls.measure(&mut renderer, &mut out, call >= WARM_UP);
        now += PERIOD;
        renderer.publish(now);
        // Asking costs as much as a call: now and then is enough.
        if call % 1_000 == 0 && started.elapsed() >= time {
            break;
        }
    }
    Ok(calls)
}
