//! How much memory the program may use.

use sostenuto_engine::governor::MemoryLimits;
use sostenuto_engine::resident_bytes;

use crate::exit::Failure;

/// Bytes of a megabyte.
const MB: u64 = 1_000_000;

/// Limits of the memory that is resident, for every command that speaks.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Memory")]
pub(crate) struct Memory {
    /// Above so many megabytes (10^6 bytes) warn once, empty the caches and drop the second session.
    #[arg(long = "memory-soft", value_name = "MB", value_parser = clap::value_parser!(u32).range(1..))]
    soft: Option<u32>,

    /// Above so many megabytes accept no new utterance; what is being spoken is finished.
    #[arg(long = "memory-hard", value_name = "MB", value_parser = clap::value_parser!(u32).range(1..))]
    hard: Option<u32>,
}

impl Memory {
    /// The limits for the engine.
    ///
    /// # Errors
    /// They contradict each other, or this system does not tell what is resident: bad use.
    pub(crate) fn limits(&self) -> Result<MemoryLimits, Failure> {
        let bytes = |megabytes: Option<u32>| megabytes.map(|megabytes| u64::from(megabytes) * MB);
        let limits = MemoryLimits::new(bytes(self.soft), bytes(self.hard))
            .map_err(|error| Failure::usage(format_args!("--memory-soft, --memory-hard: {error}")))?;
        if limits.soft().is_some() && resident_bytes().is_none() {
            return Err(Failure::usage(
                "--memory-soft, --memory-hard: this system does not tell how much memory is resident",
            ));
        }
        Ok(limits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Args {
        #[command(flatten)]
        memory: Memory,
    }

    fn limits(args: &[&str]) -> Option<MemoryLimits> {
        Args::try_parse_from([&["sostenuto"], args].concat()).ok()?.memory.limits().ok()
    }

    #[test]
    fn megabytes_become_bytes_and_neither_is_needed() {
        let both = limits(&["--memory-soft", "800", "--memory-hard", "1000"]).unwrap();
        assert_eq!((both.soft(), both.hard()), (Some(800_000_000), Some(1_000_000_000)));
        assert_eq!(limits(&[]), Some(MemoryLimits::default()));
    }

    #[test]
    fn limits_that_make_no_sense_are_refused() {
        assert_eq!(limits(&["--memory-soft", "0"]), None);
        assert_eq!(limits(&["--memory-hard", "much"]), None);
        assert_eq!(limits(&["--memory-hard", "99999999999"]), None);
        assert_eq!(limits(&["--memory-soft", "1001", "--memory-hard", "1000"]), None);
    }
}
