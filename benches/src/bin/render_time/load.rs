//! More work than the cores can do.

use std::hint::black_box;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use sostenuto_benches::Result;

/// Workers at once.
const WORKERS: usize = 2;

/// Work that goes on until it is dropped.
pub(crate) struct Load {
    name: &'static str,
    stress: Option<Child>,
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    /// None of our own.
    pub(crate) fn none() -> Self {
        Self { name: "idle", stress: None, over: Arc::default(), threads: Vec::new() }
    }

    /// `stress-ng --cpu 2` where it is installed, and as many threads of our own where it is not; for `time` at least.
    pub(crate) fn start(time: Duration) -> Result<Self> {
        let mut load = Self::none();
        let timeout = format!("{}s", time.as_secs() + 5);
        let stress = Command::new("stress-ng")
            .args(["--cpu", &WORKERS.to_string(), "--timeout", &timeout, "--quiet"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        if let Ok(child) = stress {
            (load.name, load.stress) = ("stress-ng", Some(child));
            return Ok(load);
        }
        load.name = "2 threads";
        for _ in 0..WORKERS {
            let over = Arc::clone(&load.over);
            let work = move || {
                let mut number = 1_u64;
                while !over.load(Ordering::Relaxed) {
                    number = black_box(number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
                }
            };
            load.threads.push(std::thread::Builder::new().name("load".into()).spawn(work)?);
        }
        Ok(load)
    }

    /// What it is called in the table.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(stress) = &mut self.stress {
            // It ends by itself: killed, it would leave its workers behind.
            let _ = stress.wait();
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
