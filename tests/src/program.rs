//! The program as a user runs it: a child process.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// Beginnings of the variables that cargo sets for the tests it runs.
const TOLD_TO_TESTS: [&str; 5] =
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_", "CARGO_PRIMARY_PACKAGE"];

/// What a run of the program left behind.
#[derive(Debug)]
pub struct Ran {
    /// The exit status; `None` when a signal ended it.
    pub status: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// The program `sostenuto`, built from this checkout.
///
/// The tests build it themselves, through the same cargo and in the same profile that they were built with: cargo
/// does not promise a binary of another package beside a test's executable, and one that lies there may be older
/// than the source. Where it is up to date, that takes a fraction of a second.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
}

impl Program {
    /// The program, built once for all tests of a process.
    ///
    /// # Errors
    /// Why it cannot be built.
    pub fn built() -> Result<Self, String> {
        static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        BUILT.get_or_init(build).clone().map(|path| Self { path })
    }

    /// A command that runs the program in `folder`, where nothing else is to be heard or logged.
    pub fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.path);
        command.current_dir(folder).env_remove("RUST_LOG");
        command
    }

    /// Runs the program in `folder` to its end.
    ///
    /// # Errors
    /// The system starts no process.
    pub fn run(&self, folder: &Path, arguments: &[&str], input: &[u8]) -> std::io::Result<Ran> {
        Ran::through(self.command(folder).args(arguments), input)
    }
}

impl Ran {
    /// Runs `command` to its end, with `input` on its standard input.
    ///
    /// # Errors
    /// The system starts no process.
    pub fn through(command: &mut Command, input: &[u8]) -> std::io::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            let input = input.to_vec();
            // On a thread, so that neither side waits for the other. A program that ends early reads no further.
            std::thread::spawn(move || stdin.write_all(&input));
        }
        Self::of(child)
    }

    /// Waits for `child` to end.
    ///
    /// # Errors
    /// The system gives no account of it.
    pub fn of(child: Child) -> std::io::Result<Self> {
        let output = child.wait_with_output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Self { status: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) })
    }

    /// The one line on standard error.
    ///
    /// # Errors
    /// There is not exactly one; then all of standard error comes back.
    pub fn only_line(&self) -> Result<&str, &str> {
        match self.err.strip_suffix('\n') {
            Some(line) if !line.is_empty() && !line.contains('\n') => Ok(line),
            _ => Err(&self.err),
        }
    }
}

fn build() -> Result<PathBuf, String> {
    // The profile's folder is the one above the test's own: target/PROFILE/deps/TEST.
    let test = std::env::current_exe().map_err(|error| error.to_string())?;
    let folder = test.parent().and_then(Path::parent).ok_or("the test stands in no build folder")?;
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let mut cargo = Command::new(env!("CARGO"));
    // What cargo tells a test about its package looks to build scripts like a change, and they would all run again.
    for (name, _) in std::env::vars_os() {
        let told = name.to_str().is_some_and(|name| TOLD_TO_TESTS.iter().any(|told| name.starts_with(told)));
        if told {
            cargo.env_remove(name);
        }
    }
    let built = cargo
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["build", "--quiet", "--package", "sostenuto", "--profile", profile])
        .arg("--message-format=json-render-diagnostics")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run {}: {error}", env!("CARGO")))?;
    let messages = String::from_utf8_lossy(&built.stdout);
    let executable = messages.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_program = message["target"]["name"] == "sostenuto" && message["target"]["kind"][0] == "bin";
        is_program.then(|| message["executable"].as_str().map(PathBuf::from))?
    });
    executable.ok_or_else(|| "cargo built no program `sostenuto`".to_string())
}
