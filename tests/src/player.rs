//! The counting player, as a test holds it.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use sostenuto_stress::real::send_signal;

/// How long a line may take: far longer than anything does that happens at all.
const PATIENCE: Duration = Duration::from_mins(1);

/// A player in a process of its own. Dropping it ends it.
#[derive(Debug)]
pub struct Player {
    child: Child,
    commands: ChildStdin,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Player {
    /// Starts `command`, which takes commands and tells what happens line by line.
    ///
    /// # Errors
    /// The system starts no process.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn()?;
        let commands = child.stdin.take().ok_or_else(|| io::Error::other("no standard input"))?;
        let out = child.stdout.take().ok_or_else(|| io::Error::other("no standard output"))?;
        let (lines_in, lines): (Sender<String>, _) = channel();
        std::thread::spawn(move || {
            BufReader::new(out).lines().map_while(Result::ok).try_for_each(|line| lines_in.send(line))
        });
        Ok(Self { child, commands, lines, seen: Vec::new() })
    }

    /// Sends a command.
    ///
    /// # Errors
    /// The player is gone.
    pub fn tell(&mut self, command: &str) -> io::Result<()> {
        writeln!(self.commands, "{command}")?;
        self.commands.flush()
    }

    /// Waits for a line that begins with `begin`, and returns the rest of it.
    ///
    /// # Errors
    /// It does not come; the error tells what came.
    pub fn hear(&mut self, begin: &str) -> io::Result<String> {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    let rest = line.strip_prefix(begin).map(|rest| rest.trim().to_owned());
                    self.seen.push(line);
                    if let Some(rest) = rest {
                        return Ok(rest);
                    }
                }
                Err(RecvTimeoutError::Disconnected | RecvTimeoutError::Timeout) => {
                    return Err(io::Error::other(format!("no '{begin}' after {:?}", self.seen)));
                }
            }
        }
    }

    /// Sends its process a signal: `STOP` holds it up, `CONT` lets it go on.
    ///
    /// # Errors
    /// The system does not let us.
    pub fn signal(&self, signal: &str) -> io::Result<()> {
        send_signal(&self.child, signal)
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
