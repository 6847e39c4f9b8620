//! What the machine was doing.

/// Clock ticks per second in `/proc/PID/stat` (`USER_HZ` of Linux on every architecture that this runs on).
const TICKS: f64 = 100.0;
/// Places of `utime` and `stime` behind the name in `/proc/PID/stat` (proc(5), fields 14 and 15).
const USER_AND_SYSTEM: [usize; 2] = [11, 12];

/// Threads that the machine runs at once.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Processes that wanted to run in the last one, five and fifteen minutes, where the system tells.
pub fn load() -> String {
    let averages = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    averages.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

/// Seconds of all cores that this process has used; `None` where the system does not tell.
pub fn cpu_seconds() -> Option<f64> {
    ticks(&std::fs::read_to_string("/proc/self/stat").ok()?).map(|ticks| ticks as f64 / TICKS)
}

fn ticks(stat: &str) -> Option<u64> {
    // The name may hold blanks and brackets.
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    USER_AND_SYSTEM.iter().map(|&field| fields.get(field)?.parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_in_user_and_system_mode_is_read_behind_any_name() {
        let stat = "12 (a b) c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 7 0 99";
        assert_eq!(ticks(stat), Some(300));
        assert_eq!(ticks("12 (a) S 1"), None);
    }
}
