//! Why espeak-ng cannot be had.

use std::path::PathBuf;

/// What is wrong with espeak-ng's data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EspeakError {
    /// Say where the data is.
    #[error(
        "no espeak-ng-data in {}: set SOSTENUTO_ESPEAK_DATA to the folder of that name, or put it beside the program",
        looked_in.display()
    )]
    NoData {
        /// The last place that it was looked for in.
        looked_in: PathBuf,
    },
    /// The data is damaged or of another version: use that which was built with the program.
    #[error("espeak-ng does not take the data in {}: use the espeak-ng-data of version 1.52", path.display())]
    Refused {
        /// Where the data is.
        path: PathBuf,
    },
    /// A process has one espeak-ng: use the folder that was given first.
    #[error("espeak-ng runs already, with the data in {}", running.display())]
    OtherData {
        /// Where the data is that it uses.
        running: PathBuf,
    },
    /// The data lacks the files of a language.
    #[error("the espeak-ng-data in {} has no voice '{voice}'", path.display())]
    NoVoice {
        /// espeak-ng's name for the language.
        voice: &'static str,
        /// Where the data is.
        path: PathBuf,
    },
}
