//! What the machine is, and what it was doing.

use std::time::Duration;

/// Clock ticks per second in `/proc/PID/stat` (`USER_HZ` of Linux on every architecture that this runs on).
const TICKS: f64 = 100.0;
/// Places of `utime` and `stime` behind the name in `/proc/PID/stat` (proc(5), fields 14 and 15).
const USER_AND_SYSTEM: [usize; 2] = [11, 12];

/// Place of `steal` behind the word `cpu` in `/proc/stat` (proc(5)): what other guests of the host took.
const STEAL: usize = 7;

/// The processor's name, where the system tells.
pub fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name"));
    model.map_or("unknown processor", |name| name.trim_start_matches([' ', '\t', ':'])).to_string()
}

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

/// Seconds of all cores that the host gave to others, since the machine started; `None` where the system does not tell.
pub fn stolen_seconds() -> Option<f64> {
    stolen_ticks(&std::fs::read_to_string("/proc/stat").ok()?).map(|ticks| ticks as f64 / TICKS)
}

/// Time of a core that the calling thread has used; `None` where the system does not tell. It does not run on while
/// the thread waits for its turn.
pub fn thread_time() -> Option<Duration> {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Some(Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
    }
    #[cfg(not(unix))]
    None
}

/// Time that the calling thread could have run and had no core, since it began; `None` where the system does not tell
/// (`/proc/PID/schedstat` of Linux, second field).
pub fn waited_for_core() -> Option<Duration> {
    waited(&std::fs::read_to_string("/proc/thread-self/schedstat").ok()?)
}

fn waited(schedstat: &str) -> Option<Duration> {
    schedstat.split_whitespace().nth(1)?.parse().ok().map(Duration::from_nanos)
}

fn stolen_ticks(stat: &str) -> Option<u64> {
    let all = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    all.split_whitespace().nth(STEAL)?.parse().ok()
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

    #[test]
    fn stolen_time_is_that_of_all_cores_together() {
        let stat = "cpu  10 20 30 40 50 60 70 80 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n";
        assert_eq!(stolen_ticks(stat), Some(80));
        assert_eq!(stolen_ticks("intr 1"), None);
    }

    #[test]
    fn what_a_thread_waited_for_a_core_is_the_second_of_three() {
        assert_eq!(waited("500 1200 3\n"), Some(Duration::from_nanos(1_200)));
        assert_eq!(waited(""), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_threads_time_goes_on_while_it_works() {
        let before = thread_time().unwrap();
        let mut sum = 0_u64;
        while thread_time().unwrap() == before {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(thread_time().unwrap() > before);
    }
}
