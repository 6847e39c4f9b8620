//! Bugs planted on purpose, by which the stress harness is proved: a build with one of them must fail.
//!
//! Without the feature `sabotage` none can be planted, and every question whether one is has the answer no at compile
//! time.

/// A bug that can be planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "sabotage"),
    expect(unreachable_pub, reason = "only a build that plants bugs names them")
)]
#[repr(u8)]
pub enum Bug {
    /// The pump keeps and takes chunks of epochs that were stopped.
    SkipEpochCheck = 1,
    /// The pump loses the samples of every eighth fragment.
    DropChunk,
    /// The renderer sleeps for 3 ms in every call.
    SleepInCallback,
    /// The pump keeps every buffer, and forgets it.
    LeakBuffer,
}

#[cfg(feature = "sabotage")]
mod planted {
    use std::str::FromStr;
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::Bug;

    static PLANTED: AtomicU8 = AtomicU8::new(0);

    impl Bug {
        /// All of them, each with its name.
        pub const ALL: [(Self, &str); 4] = [
            (Self::SkipEpochCheck, "skip-epoch-check"),
            (Self::DropChunk, "drop-chunk"),
            (Self::SleepInCallback, "sleep-in-callback"),
            (Self::LeakBuffer, "leak-buffer"),
        ];

        /// Plants it in this process, in the place of the one before.
        pub fn plant(self) {
            PLANTED.store(self as u8, Ordering::Relaxed);
        }

        /// Takes out the one that was planted.
        pub fn weed() {
            PLANTED.store(0, Ordering::Relaxed);
        }

        pub(crate) fn is_planted(self) -> bool {
            PLANTED.load(Ordering::Relaxed) == self as u8
        }
    }

    /// Not a bug's name.
    #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
    #[error("unknown bug '{0}'; choose skip-epoch-check, drop-chunk, sleep-in-callback or leak-buffer")]
    pub struct UnknownBug(String);

    impl FromStr for Bug {
        type Err = UnknownBug;

        fn from_str(name: &str) -> Result<Self, UnknownBug> {
            let found = Self::ALL.iter().find(|(_, known)| *known == name);
            found.map(|(bug, _)| *bug).ok_or_else(|| UnknownBug(name.to_owned()))
        }
    }
}

#[cfg(feature = "sabotage")]
pub use planted::UnknownBug;

#[cfg(not(feature = "sabotage"))]
impl Bug {
    #[expect(clippy::unused_self, reason = "none is, whichever is asked for")]
    pub(crate) const fn is_planted(self) -> bool {
        false
    }
}
