//! Runs a registry client: pip or npm, as the user has set it up.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use super::SourceError;
use super::error::{Failure, Trouble};

/// The programs that stand for each client, in the order to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clients {
    /// Python interpreters that may have pip.
    pub python: Vec<PathBuf>,
    /// npm.
    pub npm: Vec<PathBuf>,
    /// How long one run may take before it is ended.
    pub limit: Duration,
}

impl Default for Clients {
    /// `python3`, then `python`; `npm`, which is `npm.cmd` on Windows; 15 minutes.
    fn default() -> Self {
        Self {
            python: vec!["python3".into(), "python".into()],
            npm: vec![if cfg!(windows) { "npm.cmd".into() } else { "npm".into() }],
            limit: Duration::from_mins(15),
        }
    }
}

const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long to listen to a client that has ended: a process that it left behind may hold its end open.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Runs the first of `programs` that can do the work with `arguments` in `folder`, which also takes its temporary
/// files.
pub(super) fn run(
    programs: &[PathBuf],
    arguments: &[OsString],
    folder: &Path,
    limit: Duration,
) -> Result<(), Failure> {
    let mut unable = None;
    for program in programs {
        match run_one(program, arguments, folder, limit)? {
            Outcome::Done => return Ok(()),
            Outcome::NotInstalled => {}
            Outcome::Failed { error, unusable } => {
                if !unusable {
                    return Err(error.into());
                }
                unable = Some(error);
            }
        }
    }
    let named: Vec<_> = programs.iter().map(|program| program.display().to_string()).collect();
    Err(unable.unwrap_or(SourceError::ClientMissing { program: named.join("` or `") }).into())
}

enum Outcome {
    Done,
    NotInstalled,
    /// `unusable`: this program could not have done it for any package.
    Failed {
        error: SourceError,
        unusable: bool,
    },
}

fn run_one(
    program: &Path,
    arguments: &[OsString],
    folder: &Path,
    limit: Duration,
) -> Result<Outcome, Failure> {
    let spawned = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .envs(["TMPDIR", "TEMP", "TMP"].map(|name| (name, folder)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let failed = |line: String| SourceError::ClientFailed { program: program.display().to_string(), line };
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Outcome::NotInstalled),
        Err(error) => return Ok(Outcome::Failed { error: failed(error.to_string()), unusable: true }),
    };
    let said = child.stderr.take().map(listen);
    let started = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if started.elapsed() < limit => thread::sleep(LOOK_EVERY),
            Ok(None) => {
                let ended = child.kill().and_then(|()| child.wait());
                let line = match ended {
                    Ok(_) => format!("no end after {} s", limit.as_secs_f32()),
                    Err(error) => format!("no end after {} s, and {error}", limit.as_secs_f32()),
                };
                return Ok(Outcome::Failed { error: failed(line), unusable: false });
            }
            Err(error) => return Ok(Outcome::Failed { error: failed(error.to_string()), unusable: false }),
        }
    };
    if status.success() {
        return Ok(Outcome::Done);
    }
    let said: Vec<u8> = said.map_or_else(Vec::new, |said| {
        let until = Instant::now() + LAST_WORDS;
        std::iter::from_fn(|| said.recv_timeout(until.saturating_duration_since(Instant::now())).ok())
            .flatten()
            .collect()
    });
    let said = String::from_utf8_lossy(&said);
    if tells_of_a_full_disk(&said) {
        return Err(Trouble::DiskFull.into());
    }
    let line = last_line(&said).map_or_else(|| status.to_string(), str::to_owned);
    Ok(Outcome::Failed { error: failed(line), unusable: is_unusable(status, &said) })
}

/// Reads what a client says until it closes its end, so that it is never held up by a full pipe.
fn listen(mut stderr: ChildStderr) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = stderr.read(&mut buffer) {
            if sender.send(buffer[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}

fn tells_of_a_full_disk(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    ["no space left", "errno 28", "enospc", "not enough space on the disk", "disk quota exceeded"]
        .iter()
        .any(|sign| said.contains(sign))
}

/// A Python without pip, or the stand-in for Python that Windows ships (it exits with 9009).
fn is_unusable(status: ExitStatus, said: &str) -> bool {
    said.contains("No module named pip") || status.code() == Some(9009)
}

/// The last line that tells a cause: npm ends with the place of its log.
fn last_line(said: &str) -> Option<&str> {
    said.lines()
        .map(str::trim)
        .rfind(|line| !line.is_empty() && !line.contains("A complete log of this run can be found in"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_read_from_what_the_clients_say() {
        assert!(tells_of_a_full_disk("ERROR: [Errno 28] No space left on device\n"));
        assert!(tells_of_a_full_disk("npm error code ENOSPC\n"));
        assert!(!tells_of_a_full_disk("ERROR: No matching distribution found for x==1\n"));
    }

    #[test]
    fn the_cause_is_the_last_line_that_is_not_npms_log() {
        let said = "npm error code E404\nnpm error 404 Not Found\n\nnpm error A complete log of this run can be \
                    found in: /x\n\n";
        assert_eq!(last_line(said), Some("npm error 404 Not Found"));
        assert_eq!(last_line("\n"), None);
    }

    #[cfg(unix)]
    mod programs {
        use super::*;

        fn shell(script: &str) -> Vec<OsString> {
            vec!["-c".into(), script.into()]
        }

        fn ran(programs: &[&str], script: &str, limit: Duration) -> Result<(), Failure> {
            let folder = tempfile::tempdir().unwrap();
            let programs: Vec<_> = programs.iter().map(PathBuf::from).collect();
            run(&programs, &shell(script), folder.path(), limit)
        }

        const LONG: Duration = Duration::from_mins(1);

        #[test]
        fn a_program_that_is_not_installed_gives_way_to_the_next() {
            ran(&["/nowhere/sh", "sh"], "true", LONG).unwrap();
        }

        #[test]
        fn a_client_that_is_not_installed_is_named() {
            let error = ran(&["/nowhere/a", "/nowhere/b"], "true", LONG).unwrap_err();
            let Failure::Source(error) = error else { panic!("{error:?}") };
            assert_eq!(error.to_string(), "`/nowhere/a` or `/nowhere/b` is not installed");
        }

        #[test]
        fn a_failing_client_tells_its_last_line() {
            let error = ran(&["sh"], "echo first >&2; echo last >&2; exit 3", LONG).unwrap_err();
            let Failure::Source(error) = error else { panic!("{error:?}") };
            assert_eq!(error.to_string(), "sh failed: last");
        }

        #[test]
        fn a_client_without_its_module_gives_way_to_the_next() {
            let script = "case $0 in */sh) echo No module named pip >&2; exit 1;; esac";
            ran(&["/bin/sh", "sh"], script, LONG).unwrap();
        }

        #[test]
        fn a_process_left_behind_does_not_hold_up_the_fetch() {
            let error = ran(&["sh"], "sleep 5 & echo last >&2; kill -9 $$", LONG).unwrap_err();
            let Failure::Source(error) = error else { panic!("{error:?}") };
            assert_eq!(error.to_string(), "sh failed: last");
        }

        #[test]
        fn a_client_that_never_ends_is_ended() {
            let error = ran(&["sh"], "exec sleep 600", Duration::from_millis(50)).unwrap_err();
            assert!(matches!(error, Failure::Source(SourceError::ClientFailed { .. })), "{error:?}");
        }

        #[cfg(target_os = "linux")]
        #[test]
        fn a_client_on_a_full_disk_is_not_a_failing_source() {
            let result = ran(&["sh"], "LC_ALL=C cat /proc/version > /dev/full", LONG);
            assert!(matches!(result, Err(Failure::Ours(Trouble::DiskFull))), "{result:?}");
        }

        #[test]
        fn temporary_files_stay_in_the_folder() {
            ran(&["sh"], "test \"$TMPDIR\" = \"$(pwd -P)\" || test \"$TMPDIR\" = \"$PWD\"", LONG).unwrap();
        }
    }
}
