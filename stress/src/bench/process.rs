//! What the process used.

/// Seconds of all cores that this process has used; `None` where the system does not tell.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems do not tell")]
pub(super) fn cpu_seconds() -> Option<f64> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Some(time.tv_sec as f64 + time.tv_nsec as f64 / 1e9)
}

/// Seconds of all cores that this process has used; `None` where the system does not tell.
#[cfg(not(unix))]
pub(super) fn cpu_seconds() -> Option<f64> {
    None
}

/// Has the most memory that was ever resident begin anew with what is resident now, where the system can: Linux does
/// when told `5` (`/proc/PID/clear_refs` in proc(5)). Returns whether it did.
pub(super) fn forget_peak() -> bool {
    cfg!(target_os = "linux") && std::fs::write("/proc/self/clear_refs", "5").is_ok()
}

/// The name of this machine; empty where the system does not tell.
pub(super) fn host() -> String {
    let told = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let told = told.or_else(|| std::env::var("COMPUTERNAME").ok()).or_else(|| std::env::var("HOSTNAME").ok());
    told.map(|name| name.trim().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn time_goes_on_while_the_process_works() {
        let before = cpu_seconds().unwrap();
        let mut sum = 0_u64;
        while cpu_seconds().unwrap() < before + 1e-3 {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(sum > 0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_peak_that_was_forgotten_is_no_peak_any_more() {
        const BYTES: usize = 256 << 20;
        drop(std::hint::black_box(vec![1_u8; BYTES]));
        let before = sostenuto_engine::peak_rss_mb().unwrap();
        if !forget_peak() {
            println!("skipped: this system does not forget a peak");
            return;
        }
        let after = sostenuto_engine::peak_rss_mb().unwrap();
        assert!(after < before - 100.0, "{before} MB before, {after} MB after");
    }
}
