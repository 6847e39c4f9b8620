//! Exit statuses, and the one line on standard error that goes with each.

use std::fmt::Display;
use std::process::ExitCode;

/// All that was asked for was done.
pub(crate) const DONE: u8 = 0;
/// Bad use: arguments, text or files that cannot be what was meant.
pub(crate) const USAGE: u8 = 2;
/// Ended by Ctrl-C, as shells count it.
pub(crate) const INTERRUPTED: u8 = 130;

/// Why the program ends without having done all that was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    status: u8,
    line: String,
}

impl Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.line)
    }
}

impl Failure {
    /// What was asked for went wrong: status 1.
    pub(crate) fn failed(reason: impl Display) -> Self {
        Self { status: 1, line: reason.to_string() }
    }

    /// What was asked for makes no sense: status 2.
    pub(crate) fn usage(reason: impl Display) -> Self {
        Self { status: USAGE, line: reason.to_string() }
    }

    /// The same, of one thing among several.
    pub(crate) fn in_the_course_of(self, what: &str) -> Self {
        Self { line: format!("{what}: {}", self.line), ..self }
    }

    /// Says so, and gives the exit status.
    pub(crate) fn report(self) -> ExitCode {
        if self.line.is_empty() {
            return ExitCode::from(self.status);
        }
        eprintln!("sostenuto: {}", self.line.lines().map(str::trim).collect::<Vec<_>>().join(" "));
        ExitCode::from(self.status)
    }
}

/// Says what is wrong with the arguments, in one line; help and version are not wrong.
pub(crate) fn report_arguments(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // Written to standard output; a reader who has gone has seen enough.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    if error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return ExitCode::from(USAGE);
    }
    let text = error.render().to_string();
    let lines: Vec<_> = text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
    let line = lines.join(" ");
    Failure::usage(line.strip_prefix("error: ").unwrap_or(&line)).report()
}

/// Ends the program at once, from any thread.
///
/// Not by way of the C library's exit handlers: those of the model runtime pull it from under its own threads.
pub(crate) fn leave(status: u8) -> ! {
    #[cfg(unix)]
    signal_hook::low_level::exit(status.into());
    #[cfg(not(unix))]
    std::process::exit(status.into());
}

macro_rules! failed_from {
    ($($error:ty),+) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::failed(error)
            }
        })+
    };
}

failed_from!(sostenuto_engine::EngineError, sostenuto_engine::inference::assets::AssetError);

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            // Whoever read standard output has seen enough, as `| head` has.
            std::io::ErrorKind::BrokenPipe => Self { status: 0, line: String::new() },
            _ => Self::failed(error),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        std::io::Error::from(error).into()
    }
}

impl From<sostenuto_engine::inference::ModelsError> for Failure {
    fn from(error: sostenuto_engine::inference::ModelsError) -> Self {
        use sostenuto_engine::inference::ModelsError::{Asset, Blend, NoTwin, Session, UnknownVoice, Voice};
        use sostenuto_engine::inference::SessionError::{Build, Graph, Interface, NotBuilt};
        use sostenuto_engine::inference::VoiceError::{NotFinite, WrongLength};
        use sostenuto_engine::inference::assets::AssetError::Damaged;
        match error {
            UnknownVoice { .. }
            | NoTwin { .. }
            | Blend(_)
            | Voice(WrongLength { .. } | NotFinite { .. })
            | Asset(Damaged { .. })
            | Session(Build { .. } | Graph { .. } | Interface { .. } | NotBuilt(_)) => Self::usage(error),
            _ => Self::failed(error),
        }
    }
}
