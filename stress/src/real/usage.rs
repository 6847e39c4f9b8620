//! What the process takes of the machine, without what the harness itself takes on purpose.

use std::sync::atomic::{AtomicU64, Ordering};

use sostenuto_engine::resident_bytes;

/// What the harness's own threads and ballast take.
#[derive(Debug, Default)]
pub(super) struct Burdens {
    cpu_ns: AtomicU64,
    bytes: AtomicU64,
}

/// Whose processor time.
#[derive(Clone, Copy, Debug)]
enum Of {
    Thread,
    Process,
}

#[cfg(unix)]
fn nanoseconds(of: Of) -> u64 {
    use rustix::time::{ClockId, clock_gettime};
    let time = clock_gettime(match of {
        Of::Thread => ClockId::ThreadCPUTime,
        Of::Process => ClockId::ProcessCPUTime,
    });
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

#[cfg(not(unix))]
fn nanoseconds(_: Of) -> u64 {
    0
}

/// Processor time of the calling thread so far, in nanoseconds; 0 where the system does not tell.
pub(super) fn thread_cpu_ns() -> u64 {
    nanoseconds(Of::Thread)
}

impl Burdens {
    /// A thread of the harness has taken so much processor time more.
    pub(super) fn add_cpu(&self, ns: u64) {
        self.cpu_ns.fetch_add(ns, Ordering::Relaxed);
    }

    /// The harness has filled so many bytes.
    pub(super) fn fill(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The harness has given so many bytes back.
    pub(super) fn free(&self, bytes: u64) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Bytes that the harness has filled.
    pub(super) fn filled(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Processor seconds that the harness's own threads have taken.
    pub(super) fn taken_s(&self) -> f64 {
        self.cpu_ns.load(Ordering::Relaxed) as f64 / 1e9
    }

    /// Seconds of all cores that the process has taken so far. Its children's are not among them; 0 where the
    /// system does not tell.
    pub(super) fn cpu_s(&self) -> f64 {
        (nanoseconds(Of::Process) as f64 / 1e9 - self.taken_s()).max(0.0)
    }

    /// Resident memory, in megabytes (10^6 bytes); 0 where the system does not tell.
    pub(super) fn resident_mb(&self) -> f64 {
        resident_bytes().unwrap_or_default().saturating_sub(self.filled()) as f64 / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_harness_takes_is_not_counted() {
        let burdens = Burdens::default();
        let before = burdens.cpu_s();
        burdens.add_cpu(3_600_000_000_000);
        assert!(burdens.cpu_s() <= before);
        let resident = burdens.resident_mb();
        burdens.fill(1 << 50);
        assert_eq!(burdens.resident_mb(), 0.0);
        burdens.free(1 << 50);
        assert!(resident > 0.0 && burdens.resident_mb() > 0.0);
    }
}
