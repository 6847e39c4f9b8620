//! Fills memory until the engine refuses what it is asked to say.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use sostenuto_engine::governor::MemoryLimits;
use sostenuto_engine::resident_bytes;

use super::course::Course;
use super::usage::{Burdens, thread_cpu_ns};
use crate::{Fault, FaultKind};

/// What sessions, lexicons and buffers may take before the limit is reached without any ballast.
const HEADROOM: u64 = 1_500_000_000;
/// Memory of the machine that is left alone.
const SPARE: u64 = 500_000_000;
/// Bytes that are filled at once: so many that the allocator gives them back when they are freed.
const BLOCK: u64 = 64 << 20;
/// How often it is looked whether it is time.
const LOOK: Duration = Duration::from_millis(20);

/// The limits of an engine that some of `faults` want over its hard limit; none where nobody does, or the system does
/// not tell what is resident. To be asked before anything is loaded.
pub(super) fn limits(faults: &[Fault]) -> MemoryLimits {
    let is_wanted = faults.iter().any(|fault| fault.kind() == FaultKind::MemoryLimit);
    let hard = resident_bytes().filter(|_| is_wanted).map(|resident| resident + HEADROOM);
    MemoryLimits::new(None, hard).unwrap_or_default()
}

/// A thread that fills memory when a scenario says so. Dropping it ends it, and gives everything back.
#[derive(Debug)]
pub(super) struct Ballast {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Ballast {
    /// Goes over the hard limit of `limits` when `faults` say so.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn begin(
        faults: &[Fault],
        limits: MemoryLimits,
        course: &Arc<Course>,
        burdens: &Arc<Burdens>,
    ) -> std::io::Result<Self> {
        let over = Arc::new(AtomicBool::new(false));
        let times: Vec<(f64, f64)> = faults
            .iter()
            .filter_map(|fault| match *fault {
                Fault::MemoryLimit { at_s, for_s } => Some((at_s, for_s)),
                _ => None,
            })
            .collect();
        let Some(hard) = limits.hard().filter(|_| !times.is_empty()) else {
            return Ok(Self { over, thread: None });
        };
        let (course, burdens, ended) = (Arc::clone(course), Arc::clone(burdens), Arc::clone(&over));
        let thread = std::thread::Builder::new().name("ballast".to_owned()).spawn(move || {
            for (at_s, for_s) in times {
                wait_until(at_s, &course, &ended);
                fill(hard, for_s, &course, &burdens, &ended);
            }
        })?;
        Ok(Self { over, thread: Some(thread) })
    }
}

impl Drop for Ballast {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn wait_until(at_s: f64, course: &Course, ended: &AtomicBool) {
    while course.seconds().is_none_or(|now| now < at_s) && !ended.load(Ordering::Acquire) {
        std::thread::sleep(LOOK);
    }
}

/// Fills memory until more than `hard` is resident, and holds it for `for_s` seconds. A machine that has not as much is left
/// alone, and the fault does not fire.
fn fill(hard: u64, for_s: f64, course: &Course, burdens: &Burdens, ended: &AtomicBool) {
    let mut blocks: Vec<Vec<u8>> = Vec::new();
    // A twentieth above it, so that what the engine gives up does not bring it below at once.
    let goal = hard + hard / 20;
    while let Some(resident) = resident_bytes().filter(|_| !ended.load(Ordering::Acquire)) {
        if resident > goal {
            course.fire(FaultKind::MemoryLimit);
            wait_until(course.seconds().unwrap_or_default() + for_s, course, ended);
            break;
        }
        if available().is_some_and(|available| available < SPARE + BLOCK) {
            tracing::warn!("the machine has too little memory to go over the limit");
            break;
        }
        let entered = thread_cpu_ns();
        // Told first: whoever looks in between must not take it for the engine's.
        burdens.fill(BLOCK);
        blocks.push(black_box(vec![1; BLOCK as usize]));
        burdens.add_cpu(thread_cpu_ns() - entered);
    }
    let filled = blocks.len() as u64 * BLOCK;
    drop(blocks);
    burdens.free(filled);
}

/// Bytes that the machine could still give; `None` where it does not tell.
///
/// Source on Linux: `MemAvailable` in `/proc/meminfo`, in units of 1,024 bytes.
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kibibytes| kibibytes * 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_limit_only_where_somebody_wants_to_go_over_it() {
        assert_eq!(limits(&[Fault::NanFragments { share: 0.1 }]).hard(), None);
        let hard = limits(&[Fault::MemoryLimit { at_s: 1.0, for_s: 1.0 }]).hard();
        assert_eq!(hard.is_some(), resident_bytes().is_some());
    }

    #[test]
    fn it_goes_over_the_limit_and_gives_everything_back() {
        let (course, burdens) = (Arc::new(Course::new(&[])), Arc::new(Burdens::default()));
        let Some(resident) = resident_bytes() else { return };
        course.begin();
        fill(resident + (40 << 20), 0.0, &course, &burdens, &AtomicBool::new(false));
        assert_eq!((course.count(), burdens.filled()), (1, 0));
    }
}
