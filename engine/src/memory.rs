//! How much memory the process uses, and what for.

use serde::Serialize;

/// The most memory that was ever resident, in megabytes (10^6 bytes); `None` where the system does not tell.
///
/// Source on Linux: `VmHWM` in `/proc/self/status`, in units of 1,024 bytes.
pub fn peak_rss_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    Some(parse(&status, "VmHWM:")? as f64 / 1e6)
}

/// The memory that is resident now, in bytes; `None` where the system does not tell.
///
/// Source on Linux: `VmRSS` in `/proc/self/status`, elsewhere what the system's own call tells.
pub fn resident_bytes() -> Option<u64> {
    #[cfg(target_os = "linux")]
    return parse(&std::fs::read_to_string("/proc/self/status").ok()?, "VmRSS:");
    #[cfg(not(target_os = "linux"))]
    memory_stats::memory_stats().map(|stats| stats.physical_mem as u64)
}

/// Bytes of one line of `/proc/self/status`.
fn parse(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1_024)
}

/// What the resident memory is used for, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MemoryByPart {
    /// What loading the sessions added.
    pub models: u64,
    /// Room for audio between the stages.
    pub audio_buffers: u64,
    /// How fragments of text are pronounced.
    pub fragment_cache: u64,
    /// The rest: program, lexicons, what the runtime needs for one fragment.
    pub other: u64,
    /// All that is resident.
    pub total: u64,
}

impl MemoryByPart {
    /// Splits the `total` that is resident. `models` is the difference that loading them made to [`resident_bytes`];
    /// the other two are known exactly. Parts that were paged out since, and then exceed the total, leave no rest.
    pub fn split(total: u64, models: u64, audio_buffers: u64, fragment_cache: u64) -> Self {
        let known = models.saturating_add(audio_buffers).saturating_add(fragment_cache);
        Self { models, audio_buffers, fragment_cache, other: total.saturating_sub(known), total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_status_is_read_in_bytes() {
        let status = "Name:\tx\nVmHWM:\t   97656 kB\nVmRSS:\t  1 kB\n";
        assert_eq!(parse(status, "VmHWM:"), Some(97_656 * 1_024));
        assert_eq!(parse(status, "VmRSS:"), Some(1_024));
        assert_eq!(parse("Name:\tx\n", "VmRSS:"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_touched_becomes_resident() {
        const BYTES: u64 = 64 << 20;
        let before = resident_bytes().unwrap();
        let touched = std::hint::black_box(vec![1_u8; BYTES as usize]);
        let after = resident_bytes().unwrap();
        drop(touched);
        assert!(after > before + BYTES / 2, "{before} {after}");
        assert!(peak_rss_mb().unwrap() * 1e6 >= after as f64 * 0.99);
    }

    #[test]
    fn the_parts_make_up_the_total() {
        let parts = MemoryByPart::split(1_000, 600, 50, 10);
        assert_eq!(parts.other, 340);
        assert_eq!(MemoryByPart::split(100, 600, 50, 10).other, 0);
        let json = serde_json::to_value(parts).unwrap();
        assert_eq!(json["models"], 600);
    }
}
