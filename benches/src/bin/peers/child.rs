//! A peer's process.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::{Deserialize, Serialize};
use sostenuto_benches::Result;

use crate::rounds::Plan;
use crate::table::{How, Peer};

/// What a peer tells of a sentence that it spoke.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Spoken {
    /// Until all of it was there, in seconds.
    pub(crate) whole_s: f64,
    /// Until the first of it was there, in seconds.
    pub(crate) first_s: f64,
    /// How long it is, in seconds.
    pub(crate) audio_s: f64,
    /// Its peak memory, where it is not that of its process.
    #[serde(default)]
    pub(crate) peak_mb: Option<f64>,
}

/// A peer that waits to be told what to speak. Dropping it ends it.
pub(crate) struct Speaker {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    told_mb: Option<f64>,
}

impl Speaker {
    /// Starts the process of `peer` on `threads` threads, and waits until it is ready.
    pub(crate) fn start(peer: &Peer, threads: usize, plan: &Plan) -> Result<Self> {
        let mut command = match peer.how {
            How::Own => {
                let mut command = Command::new(std::env::current_exe()?);
                command.arg("speak").args(["--session", peer.name]);
                command
            }
            How::Python => {
                let mut command = Command::new(&plan.python);
                command.arg(&plan.worker).args(["--session", peer.name]);
                command
            }
        };
        command.args(["--threads", &threads.to_string()]).arg("--inputs").arg(&plan.inputs);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (orders, answers) = child.stdin.take().zip(child.stdout.take()).ok_or("no pipes")?;
        let mut speaker = Self { child, orders, answers: BufReader::new(answers), told_mb: None };
        match speaker.line()?.as_str() {
            "ready" => Ok(speaker),
            reason => Err(reason.into()),
        }
    }

    /// Lets it speak the sentence with this number.
    pub(crate) fn speak(&mut self, sentence: usize) -> Result<Spoken> {
        writeln!(self.orders, "{sentence}")?;
        self.orders.flush()?;
        let spoken: Spoken = serde_json::from_str(&self.line()?)?;
        self.told_mb = spoken.peak_mb.or(self.told_mb);
        Ok(spoken)
    }

    /// The most memory of it that was resident, in megabytes (10^6 bytes), where the system tells.
    pub(crate) fn peak_mb(&self) -> Option<f64> {
        self.told_mb.or_else(|| {
            let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
            let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
            kilobytes.trim().trim_end_matches("kB").trim().parse::<f64>().ok().map(|kb| kb * 1_024.0 / 1e6)
        })
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            return Err("it ended; what it said stands above".into());
        }
        Ok(line.trim().to_owned())
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
