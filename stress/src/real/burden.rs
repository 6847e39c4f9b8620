//! What else keeps the machine busy while a scenario runs.

use std::hint::black_box;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::usage::{Burdens, thread_cpu_ns};
use crate::Load;

/// Steps that a hog computes before it looks whether it is over: some milliseconds.
const STEPS: u64 = 2_000_000;
/// Bytes of a page, or fewer.
const PAGE: usize = 4_096;
/// Bytes that are taken at once: so many that the allocator gives them back when they are freed.
const BLOCK: usize = 64 << 20;
/// Rest between two rounds through the memory.
const REST: Duration = Duration::from_millis(20);

/// Threads and a process that keep the machine busy until it is dropped.
#[derive(Debug)]
pub(super) struct Burden {
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    child: Option<Child>,
}

impl Burden {
    /// Keeps the machine as busy as `load` says. What that takes is entered into `burdens`, and what cannot be done here
    /// into `notes`.
    ///
    /// # Errors
    /// The system gives no thread; what was begun ends.
    pub(super) fn begin(
        load: &Load,
        burdens: &Arc<Burdens>,
        notes: &mut Vec<String>,
    ) -> std::io::Result<Self> {
        let mut burden = Self { over: Arc::default(), threads: Vec::new(), child: None };
        let cores = core_affinity::get_core_ids().unwrap_or_default();
        if load.pinned && cores.is_empty() {
            notes.push("the hogs could not be pinned: the system does not tell its cores".to_owned());
        }
        for n in 0..load.cpu_hogs as usize {
            let core = cores.get(n % cores.len().max(1)).copied().filter(|_| load.pinned);
            let (over, burdens) = (Arc::clone(&burden.over), Arc::clone(burdens));
            burden.spawn("hog", move || {
                if let Some(core) = core {
                    core_affinity::set_for_current(core);
                }
                hog(&over, &burdens);
            })?;
        }
        if let Some(memory) = load.memory {
            let (over, burdens) = (Arc::clone(&burden.over), Arc::clone(burdens));
            burden.spawn("memory", move || fill(memory.mb * 1_000_000, &over, &burdens))?;
        }
        if !load.stress_ng.is_empty() {
            let mut command = Command::new("stress-ng");
            command.args(&load.stress_ng);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            apart(&mut command);
            match command.spawn() {
                Ok(child) => burden.child = Some(child),
                Err(error) => {
                    notes.push(format!("stress-ng was not run ({error}); install it for this load"));
                }
            }
        }
        Ok(burden)
    }

    fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
        self.threads.push(std::thread::Builder::new().name(name.to_owned()).spawn(work)?);
        Ok(())
    }
}

impl Drop for Burden {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        if let Some(mut child) = self.child.take() {
            end(&mut child);
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// Keeps Ctrl-C on the terminal from `command`: it is ended when the run is.
pub(super) fn apart(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

/// Asks a process that has children of its own to end them and itself, and waits until it has.
fn end(child: &mut Child) {
    let asked = Command::new("kill").arg("-TERM").arg(child.id().to_string()).status();
    if asked.is_err() {
        let _ = child.kill();
    }
    let _ = child.wait();
}

/// Computes without a pause.
fn hog(over: &AtomicBool, burdens: &Burdens) {
    let mut entered = thread_cpu_ns();
    let mut number = 1_u64;
    while !over.load(Ordering::Acquire) {
        for step in 0..STEPS {
            number = black_box(number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step));
        }
        let now = thread_cpu_ns();
        burdens.add_cpu(now - entered);
        entered = now;
    }
}

/// Takes memory, and touches every page of it again and again.
fn fill(bytes: u64, over: &AtomicBool, burdens: &Burdens) {
    let mut blocks: Vec<Vec<u8>> = Vec::new();
    let mut entered = thread_cpu_ns();
    let mut round = 0_u8;
    while !over.load(Ordering::Acquire) {
        let taken = blocks.len() as u64 * BLOCK as u64;
        if taken < bytes {
            // Told first: whoever looks in between must not take it for the engine's.
            burdens.fill(BLOCK as u64);
            blocks.push(vec![1; BLOCK]);
        } else {
            std::thread::sleep(REST);
        }
        round = round.wrapping_add(1);
        for block in &mut blocks {
            for page in block.chunks_mut(PAGE) {
                page[0] = round;
            }
            black_box(block);
            if over.load(Ordering::Acquire) {
                break;
            }
        }
        let now = thread_cpu_ns();
        burdens.add_cpu(now - entered);
        entered = now;
    }
    let filled = blocks.len() as u64 * BLOCK as u64;
    drop(blocks);
    burdens.free(filled);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryPressure;

    #[test]
    fn what_it_takes_is_entered_and_given_back() {
        let burdens = Arc::new(Burdens::default());
        let load = Load {
            cpu_hogs: 1,
            pinned: true,
            memory: Some(MemoryPressure { mb: 40 }),
            stress_ng: Vec::new(),
        };
        let mut notes = Vec::new();
        let burden = Burden::begin(&load, &burdens, &mut notes).unwrap();
        while burdens.filled() < 40_000_000 || burdens.taken_s() == 0.0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(burden);
        assert_eq!(burdens.filled(), 0);
    }

    #[test]
    fn a_program_that_is_not_there_is_noted_and_one_that_is_ends() {
        let burdens = Arc::new(Burdens::default());
        let load = Load { stress_ng: vec!["--cpu".into(), "1".into()], ..Load::default() };
        let mut notes = Vec::new();
        let burden = Burden::begin(&load, &burdens, &mut notes).unwrap();
        assert_eq!(burden.child.is_none(), notes.len() == 1, "{notes:?}");
    }
}
