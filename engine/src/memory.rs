//! How much memory the process has used.

/// The most memory that was ever resident, in megabytes (10^6 bytes); `None` where the system does not tell.
///
/// Source on Linux: `VmHWM` in `/proc/self/status`, in units of 1,024 bytes.
pub fn peak_rss_mb() -> Option<f64> {
    parse_peak(&std::fs::read_to_string("/proc/self/status").ok()?)
}

fn parse_peak(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1_024.0 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_read_in_megabytes() {
        let status = "Name:\tx\nVmHWM:\t   97656 kB\nVmRSS:\t  1 kB\n";
        assert!((parse_peak(status).unwrap() - 100.0).abs() < 0.001);
        assert_eq!(parse_peak("Name:\tx\n"), None);
    }
}
