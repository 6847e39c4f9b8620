//! A sound server of our own, with a device that nobody hears and everybody can record.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::burden::apart;

const SINK: &str = "sostenuto_test";
/// Programs that must be installed.
const TOOLS: [&str; 3] = ["pulseaudio", "pactl", "parec"];
/// Patience with a server that starts, in steps of [`NAP`].
const TRIES: usize = 500;
const NAP: Duration = Duration::from_millis(20);

/// A `PulseAudio` server with one null sink, in folders of its own. Dropping it ends it.
///
/// Players find it by a link to its socket. After [`crash`](Self::crash) and [`revive`](Self::revive) that link is only
/// there again once they are let in, so that a recorder can be at work before them.
#[derive(Debug)]
pub struct SoundServer {
    folder: TempDir,
    child: Child,
    device: Device,
    /// Servers started so far: each has a socket of its own.
    life: usize,
}

#[derive(Clone, Copy, Debug)]
struct Device {
    rate: u32,
    channels: u16,
    format: &'static str,
}

/// What is being recorded from a [`SoundServer`]. Dropping it ends it.
#[derive(Debug)]
pub struct Recorder {
    child: Child,
    file: PathBuf,
    rate: u32,
}

impl SoundServer {
    /// Starts a server whose device has `rate` and `channels`.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] where the server or its tools are not installed, anything else where it does not
    /// start.
    pub fn start(rate: u32, channels: u16) -> io::Result<Self> {
        Self::start_with(rate, channels, "float32le")
    }

    /// As [`start`](Self::start), with a device that takes samples of `format`, as the server calls it.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_with(rate: u32, channels: u16, format: &'static str) -> io::Result<Self> {
        for tool in TOOLS {
            let mut command = Command::new(tool);
            command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
            if command.status().is_err() {
                return Err(io::Error::new(io::ErrorKind::NotFound, format!("{tool} is not installed")));
            }
        }
        let folder = tempfile::tempdir()?;
        let device = Device { rate, channels, format };
        let child = spawn(folder.path(), device, 0)?;
        let server = Self { folder, child, device, life: 0 };
        server.wait_until_it_answers()?;
        server.let_in()?;
        Ok(server)
    }

    /// Kills the server, as a crash would. Players find none from then on.
    ///
    /// # Errors
    /// The system does not let us.
    pub fn crash(&mut self) -> io::Result<()> {
        fs::remove_file(self.folder.path().join("native"))?;
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Starts it again after a crash, with a device of `rate`. Players find it once they are [let in](Self::let_in).
    ///
    /// # Errors
    /// It does not start.
    pub fn revive(&mut self, rate: u32) -> io::Result<()> {
        self.life += 1;
        self.device.rate = rate;
        self.child = spawn(self.folder.path(), self.device, self.life)?;
        self.wait_until_it_answers()
    }

    /// Lets players find the server.
    ///
    /// # Errors
    /// The link to its socket cannot be made.
    pub fn let_in(&self) -> io::Result<()> {
        symlink(self.socket(), self.folder.path().join("native"))
    }

    /// Sends its process a signal: `STOP` freezes it, `CONT` lets it go on.
    ///
    /// # Errors
    /// The system does not let us.
    pub fn signal(&self, signal: &str) -> io::Result<()> {
        send_signal(&self.child, signal)
    }

    /// Commands it through `pactl`; returns what that says.
    ///
    /// # Errors
    /// It refuses.
    pub fn command(&self, arguments: &[&str]) -> io::Result<String> {
        let output = self.tool("pactl").args(arguments).output()?;
        if !output.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Adds a device called `name`, like the first one.
    ///
    /// # Errors
    /// The server refuses.
    pub fn add_device(&self, name: &str) -> io::Result<()> {
        let Device { rate, channels, format } = self.device;
        let parameters = [
            format!("sink_name={name}"),
            format!("rate={rate}"),
            format!("channels={channels}"),
            format!("format={format}"),
            "norewinds=1".to_owned(),
            format!("sink_properties=device.description={name}"),
        ];
        let mut arguments = vec!["load-module", "module-null-sink"];
        arguments.extend(parameters.iter().map(String::as_str));
        self.command(&arguments).map(drop)
    }

    /// Takes the first device away.
    ///
    /// # Errors
    /// The server refuses.
    pub fn remove_device(&self) -> io::Result<()> {
        let modules = self.command(&["list", "short", "modules"])?;
        let own = format!("sink_name={SINK} ");
        let module =
            modules.lines().find(|line| line.contains(&own)).and_then(|line| line.split('\t').next());
        self.command(&["unload-module", module.ok_or_else(|| io::Error::other("it is gone"))?]).map(drop)
    }

    /// The name of its first device, as its tools take it.
    pub const fn device(&self) -> &'static str {
        SINK
    }

    /// Times that the server had nothing of a player to play, as its log tells.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn underruns(&self) -> io::Result<usize> {
        let log = fs::read_to_string(self.folder.path().join("server.log"))?;
        Ok(log.lines().filter(|line| line.to_lowercase().contains("underrun")).count())
    }

    /// Makes `command` play on this server.
    pub fn play_here(&self, command: &mut Command) {
        in_folder(command, self.folder.path(), &self.folder.path().join("native"));
    }

    /// Records the device, what nobody plays included, from now on.
    ///
    /// # Errors
    /// The recorder does not start.
    pub fn record(&self) -> io::Result<Recorder> {
        self.record_of(SINK, 20)
    }

    /// Records the device called `name` in blocks of `block_ms`: so much of what was played last is not recorded when
    /// the server dies.
    ///
    /// # Errors
    /// The recorder does not start.
    pub fn record_of(&self, name: &str, block_ms: u32) -> io::Result<Recorder> {
        let file = self.folder.path().join(format!("{name}.{}.raw", self.life));
        let child = self
            .tool("parec")
            .args(["-d", &format!("{name}.monitor"), "--raw", "--format=float32le"])
            .arg(format!("--latency-msec={block_ms}"))
            .args([format!("--rate={}", self.device.rate), format!("--channels={}", self.device.channels)])
            .stdin(Stdio::null())
            .stdout(fs::File::create(&file)?)
            .stderr(Stdio::null())
            .spawn()?;
        let recorder = Recorder { child, file, rate: self.device.rate };
        for _ in 0..TRIES {
            if fs::metadata(&recorder.file)?.len() > 0 {
                return Ok(recorder);
            }
            std::thread::sleep(NAP);
        }
        Err(io::Error::other("the sound server gives nothing to record"))
    }

    /// Where its players find it, as `PULSE_SERVER` takes it.
    pub fn address(&self) -> String {
        format!("unix:{}", self.folder.path().join("native").display())
    }

    /// What its players show to be let in, as `PULSE_COOKIE` takes it: some clients are refused without any, though
    /// everybody may come.
    pub fn cookie(&self) -> PathBuf {
        self.folder.path().join(".config/pulse/cookie")
    }

    /// Channels of its device.
    pub fn channels(&self) -> u16 {
        self.device.channels
    }

    fn socket(&self) -> PathBuf {
        socket(self.folder.path(), self.life)
    }

    fn wait_until_it_answers(&self) -> io::Result<()> {
        for _ in 0..TRIES {
            if self.tool("pactl").arg("info").output()?.status.success() {
                return Ok(());
            }
            std::thread::sleep(NAP);
        }
        Err(io::Error::other("the sound server does not answer"))
    }

    fn tool(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        in_folder(&mut command, self.folder.path(), &self.socket());
        command
    }
}

/// Sends a signal to a process of ours.
///
/// # Errors
/// The system does not let us.
pub fn send_signal(process: &Child, signal: &str) -> io::Result<()> {
    let sent = Command::new("kill").arg(format!("-{signal}")).arg(process.id().to_string()).status()?;
    if sent.success() { Ok(()) } else { Err(io::Error::other(format!("no signal {signal}"))) }
}

fn socket(folder: &Path, life: usize) -> PathBuf {
    folder.join(format!("native.{life}"))
}

fn spawn(folder: &Path, device: Device, life: usize) -> io::Result<Child> {
    let Device { rate, channels, format } = device;
    let socket = socket(folder, life);
    let script = folder.join("server.pa");
    // Without `norewinds` the null sink renders two seconds ahead and then asks for nothing.
    fs::write(
        &script,
        format!(
            "load-module module-native-protocol-unix auth-anonymous=1 socket={}\n\
             load-module module-null-sink sink_name={SINK} rate={rate} channels={channels} \
             format={format} norewinds=1 sink_properties=device.description={SINK}\n\
             set-default-sink {SINK}\n",
            socket.display()
        ),
    )?;
    let mut command = Command::new("pulseaudio");
    command
        .args(["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--realtime=no"])
        .args(["--high-priority=no", "--log-level=debug", "-F"])
        .arg(&script)
        .arg(format!("--log-target=file:{}", folder.join("server.log").display()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    in_folder(&mut command, folder, &socket);
    apart(&mut command);
    command.spawn()
}

/// Keeps `command` away from every other sound server of this machine.
fn in_folder(command: &mut Command, folder: &Path, socket: &Path) {
    command
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env("HOME", folder)
        .env("XDG_RUNTIME_DIR", folder)
        .env("PULSE_RUNTIME_PATH", folder)
        .env("PULSE_SERVER", format!("unix:{}", socket.display()));
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
        self.frames()
    }

    /// Every frame that was recorded before the server died, interleaved.
    ///
    /// # Errors
    /// The recording cannot be read.
    pub fn outlive(self) -> io::Result<Vec<f32>> {
        self.frames()
    }

    fn frames(mut self) -> io::Result<Vec<f32>> {
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
