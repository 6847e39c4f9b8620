//! A sound server of our own, with a device that nobody hears and everybody can record.

use std::fs;
use std::io;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

const SINK: &str = "sostenuto_test";
/// Patience with a server that starts, in steps of [`NAP`].
const TRIES: usize = 500;
const NAP: Duration = Duration::from_millis(20);

/// A `PulseAudio` server with one null sink, in folders of its own. Dropping it ends it.
#[derive(Debug)]
pub struct SoundServer {
    folder: TempDir,
    child: Child,
    rate: u32,
    channels: u16,
}

/// What is being recorded from a [`SoundServer`]. Dropping it ends it.
#[derive(Debug)]
pub struct Recorder {
    child: Child,
    file: PathBuf,
    rate: u32,
}

impl SoundServer {
    /// Starts a server whose device has `rate` and `channels`. Where the server or its tools are not installed, says
    /// what is skipped and why.
    ///
    /// # Errors
    /// It is installed, and does not start.
    pub fn start(rate: u32, channels: u16) -> io::Result<Option<Self>> {
        for tool in ["pulseaudio", "pactl", "parec"] {
            if Command::new(tool)
                .arg("--version")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_err()
            {
                // Not through `println`, which the harness keeps to itself.
                let _ = writeln!(std::io::stderr(), "skipped: {tool} is not installed");
                return Ok(None);
            }
        }
        let folder = tempfile::tempdir()?;
        let socket = folder.path().join("native");
        let script = folder.path().join("server.pa");
        // Without `norewinds` the null sink renders two seconds ahead and then asks for nothing.
        fs::write(
            &script,
            format!(
                "load-module module-native-protocol-unix auth-anonymous=1 socket={}\n\
                 load-module module-null-sink sink_name={SINK} rate={rate} channels={channels} \
                 format=float32le norewinds=1\n\
                 set-default-sink {SINK}\n",
                socket.display()
            ),
        )?;
        let mut command = Command::new("pulseaudio");
        command
            .args(["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--realtime=no"])
            .args(["--high-priority=no", "--log-target=stderr", "--log-level=error", "-F"])
            .arg(&script)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        in_folder(&mut command, folder.path());
        let child = command.spawn()?;
        let server = Self { folder, child, rate, channels };
        for _ in 0..TRIES {
            if server.tool("pactl").arg("info").output()?.status.success() {
                return Ok(Some(server));
            }
            std::thread::sleep(NAP);
        }
        Err(io::Error::other("the sound server does not answer"))
    }

    /// Makes `command` play on this server.
    pub fn play_here(&self, command: &mut Command) {
        in_folder(command, self.folder.path());
    }

    /// Records the device, what nobody plays included, from now on.
    ///
    /// # Errors
    /// The recorder does not start.
    pub fn record(&self) -> io::Result<Recorder> {
        let file = self.folder.path().join("monitor.raw");
        let child = self
            .tool("parec")
            .args(["-d", &format!("{SINK}.monitor"), "--raw", "--latency-msec=20", "--format=float32le"])
            .args([format!("--rate={}", self.rate), format!("--channels={}", self.channels)])
            .stdin(Stdio::null())
            .stdout(fs::File::create(&file)?)
            .stderr(Stdio::null())
            .spawn()?;
        let recorder = Recorder { child, file, rate: self.rate };
        for _ in 0..TRIES {
            if fs::metadata(&recorder.file)?.len() > 0 {
                return Ok(recorder);
            }
            std::thread::sleep(NAP);
        }
        Err(io::Error::other("the sound server gives nothing to record"))
    }

    /// Channels of its device.
    pub fn channels(&self) -> u16 {
        self.channels
    }

    fn tool(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        in_folder(&mut command, self.folder.path());
        command
    }
}

/// Keeps `command` away from every other sound server of this machine.
fn in_folder(command: &mut Command, folder: &Path) {
    command
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env("HOME", folder)
        .env("XDG_RUNTIME_DIR", folder)
        .env("PULSE_RUNTIME_PATH", folder)
        .env("PULSE_SERVER", format!("unix:{}", folder.join("native").display()));
}

impl Recorder {
    /// Waits until what is played now has been written, and returns every frame so far, interleaved.
    ///
    /// # Errors
    /// The recording cannot be read.
    pub fn finish(mut self) -> io::Result<Vec<f32>> {
        // The monitor is late by its latency, and written in blocks of it.
        let second = u64::from(self.rate) * 4;
        let enough = fs::metadata(&self.file)?.len() + second;
        for _ in 0..TRIES {
            if fs::metadata(&self.file)?.len() >= enough {
                break;
            }
            std::thread::sleep(NAP);
        }
        self.child.kill()?;
        self.child.wait()?;
        let bytes = fs::read(&self.file)?;
        let (samples, _) = bytes.as_chunks::<4>();
        Ok(samples.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for SoundServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
