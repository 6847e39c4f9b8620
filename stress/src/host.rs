//! The machine that runs were made on.

use serde::{Deserialize, Serialize};
use sostenuto_engine::calibration::cpu_name;

/// The machine that runs were made on, as a report tells it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Host {
    /// The processor, in the system's words.
    pub cpu: String,
    /// Cores that the process may use.
    pub cores: usize,
    /// The system and its kernel.
    pub os: String,
    /// Memory in megabytes (10^6 bytes); 0 where the system does not tell.
    pub memory_mb: u64,
}

impl Host {
    /// This machine.
    pub fn here() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let name = pretty_name(&read("/etc/os-release")).unwrap_or_else(|| std::env::consts::OS.to_owned());
        let kernel = read("/proc/sys/kernel/osrelease");
        let os = [name.as_str(), kernel.trim(), std::env::consts::ARCH];
        Self {
            cpu: cpu_name(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            os: os.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "),
            memory_mb: total_mb(&read("/proc/meminfo")).unwrap_or(0),
        }
    }

    /// It in a line.
    pub fn line(&self) -> String {
        let cores = if self.cores == 1 { "1 core".to_owned() } else { format!("{} cores", self.cores) };
        let memory = match self.memory_mb {
            0 => String::new(),
            mb => format!(", {:.1} GB", mb as f64 / 1000.0),
        };
        format!("{}, {cores}{memory}, {}", self.cpu, self.os)
    }
}

/// The system's name in `os-release` (freedesktop.org, `os-release(5)`).
fn pretty_name(os_release: &str) -> Option<String> {
    let value = os_release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(value.trim_matches(['"', '\'']).to_owned()).filter(|name| !name.is_empty())
}

/// All memory, in megabytes, by `/proc/meminfo` (`proc_meminfo(5)`), whose kB are 1,024 bytes.
fn total_mb(meminfo: &str) -> Option<u64> {
    let value = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024 / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_says_is_understood() {
        assert_eq!(pretty_name("ID=x\nPRETTY_NAME=\"Debian 12\"\n").as_deref(), Some("Debian 12"));
        assert_eq!(pretty_name("ID=x"), None);
        assert_eq!(total_mb("MemTotal:       16384000 kB\nMemFree: 1 kB"), Some(16_777));
        assert_eq!(total_mb("MemTotal: many"), None);
    }

    #[test]
    fn this_machine_has_a_processor() {
        let here = Host::here();
        assert!(here.cores >= 1 && !here.cpu.is_empty() && !here.os.is_empty(), "{here:?}");
        assert!(here.line().contains(&here.cpu));
    }
}
