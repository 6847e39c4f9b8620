//! What can go wrong with a sink, told so that the caller knows what to do.

/// Why a sink cannot be opened or goes no further.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// There is no sound device or no sound server to ask for one. Use another sink, or connect a device and open
    /// the sink again.
    #[error("no sound device: {reason}")]
    NoDevice {
        /// What the host said.
        reason: String,
    },
    /// The named device is not there. Choose one of those that are.
    #[error("no sound device named '{name}'; there is {available}")]
    UnknownDevice {
        /// As asked for.
        name: String,
        /// Names of the devices, joined by commas.
        available: String,
    },
    /// The device refuses the format, or no resampler leads to it. Choose another device or format.
    #[error("the sink cannot play {what}")]
    Unsupported {
        /// The format refused.
        what: String,
    },
    /// The device went away while it played, and neither it nor another one could be opened in time. Connect one and open
    /// the sink again.
    #[error("the sound device was lost: {reason}")]
    Lost {
        /// What was tried, what the host said, and which devices there are.
        reason: String,
    },
    /// The file cannot be written. Make room or choose another place.
    #[error("cannot write {path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
}
