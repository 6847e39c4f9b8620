//! Checks every kernel of the native generator against the plain reference, on every instruction set of this machine,
//! and times it.
//!
//! ```sh
//! cargo run --release -p sostenuto-benches --bin checkkernels -- [FILTER]... [--isa avx2]... [--bench] [--seed 7]
//! ```
//!
//! A filter is a part of a kernel's name, such as `conv.256.k7`. Each kernel is called on random rows, ranges and
//! options, and what it stores is held to the reference's: by the ratio of signal to noise, and to the last bit where
//! it counts in integers. With `--bench` it is timed too: the least time of a call on the thread's own clock, the
//! reference and the instruction sets in turn, so that all meet the same load.

mod case;
mod conv;
mod dense;
mod pointwise;

use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Parser;
use sostenuto_benches::machine;
use sostenuto_inference::kernels::Isa;
use sostenuto_inference::kernels::chance::Chance;

use case::{Case, Verdict};

/// Calls of each kernel with other random options.
const TRIALS: usize = 6;
/// How long each kernel is timed, unless it takes longer for a few calls.
const TIMED: Duration = Duration::from_millis(60);
/// Calls that are timed at least; the plain reference, whose figure is no contest, may have fewer.
const FEWEST_CALLS: usize = 5;

#[derive(Parser)]
struct Args {
    /// Parts of names; all kernels unless given.
    filters: Vec<String>,
    /// Only this instruction set besides the reference; all of this machine unless given.
    #[arg(long)]
    isa: Vec<Isa>,
    /// Time calls, too.
    #[arg(long)]
    bench: bool,
    /// Where the random numbers begin.
    #[arg(long)]
    seed: Option<u64>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let seed = args.seed.unwrap_or_else(|| {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| u64::from(time.subsec_nanos()))
    });
    let wanted = |isa: &Isa| *isa != Isa::Portable && (args.isa.is_empty() || args.isa.contains(isa));
    let (isas, missing): (Vec<Isa>, Vec<Isa>) =
        Isa::ALL.into_iter().filter(wanted).partition(|isa| isa.is_here());
    println!("{}, {} cores, load {}", machine::processor(), machine::cores(), machine::load());
    let names = |isas: &[Isa]| isas.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    println!("checked: {}; not on this machine: {}; --seed {seed}", names(&isas), names(&missing));
    let mut failed = 0;
    let mut checked = 0;
    for case in all() {
        let name = case.name();
        if !args.filters.is_empty() && !args.filters.iter().any(|filter| name.contains(filter.as_str())) {
            continue;
        }
        let reference = args.bench.then(|| best(&*case, &[Isa::Portable], seed)[0]);
        let here: Vec<Isa> = isas.iter().copied().filter(|&isa| case.has(isa)).collect();
        let times = if args.bench { best(&*case, &here, seed) } else { Vec::new() };
        if let Some(reference) = reference {
            println!("{name:<26} portable {}", speed(&*case, reference));
        }
        for (index, &isa) in here.iter().enumerate() {
            let verdict = judge(&*case, isa, seed);
            checked += 1;
            failed += usize::from(!verdict.passed);
            print!("{name:<26} {isa:<8} {verdict}");
            if let (Some(reference), Some(&time)) = (reference, times.get(index)) {
                print!("  {}  x{:.1}", speed(&*case, time), reference.as_secs_f64() / time.as_secs_f64());
            }
            println!();
        }
    }
    if checked == 0 {
        println!("nothing was checked");
        return ExitCode::FAILURE;
    }
    println!("{checked} checked, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn all() -> Vec<Box<dyn Case>> {
    conv::cases().into_iter().chain(dense::cases()).chain(pointwise::cases()).collect()
}

/// The worst of several calls.
fn judge(case: &dyn Case, isa: Isa, seed: u64) -> Verdict {
    let mut chance = Chance::new(seed);
    (0..TRIALS)
        .map(|_| {
            let trial = chance.seed();
            let [expected, found] = [Isa::Portable, isa].map(|isa| case.called(isa, &mut Chance::new(trial)));
            Verdict::of(&expected, &found, case.bound())
        })
        .reduce(Verdict::worse)
        .unwrap_or_default()
}

/// The least time of a call for each instruction set, taken in turn.
fn best(case: &dyn Case, isas: &[Isa], seed: u64) -> Vec<Duration> {
    let mut calls: Vec<_> = isas.iter().map(|&isa| (isa, case.timed(isa, &mut Chance::new(seed)))).collect();
    let mut least = vec![Duration::MAX; isas.len()];
    let mut spent = Duration::ZERO;
    let fewest = if isas == [Isa::Portable] { 1 } else { FEWEST_CALLS };
    let mut rounds = 0;
    while rounds < fewest || spent < TIMED * isas.len() as u32 {
        for ((_, call), least) in calls.iter_mut().zip(&mut least) {
            let before = clock();
            call();
            let time = clock().saturating_sub(before);
            *least = time.min(*least);
            spent += time.max(Duration::from_micros(1));
        }
        rounds += 1;
    }
    least
}

/// The thread's own clock where there is one.
fn clock() -> Duration {
    machine::thread_time()
        .unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO))
}

fn speed(case: &dyn Case, time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    format!("{micros:>9.1} us {:>6.1} G{}/s", case.work() / time.as_secs_f64() / 1e9, case.unit())
}
