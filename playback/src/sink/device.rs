//! A sound device, through the system's sound server where there is one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, ErrorKind, FromSample, OutputCallbackInfo, SampleFormat, SizedSample, StreamConfig};

use super::{Drive, Sink};
use crate::{Format, MonotonicClock, Renderer, SinkError, Transport};

/// Period asked for: 10 ms, which every server grants and which keeps a stop well inside 20 ms.
const PERIODS_PER_SECOND: u32 = 100;
/// Samples converted at once for devices that do not take floats.
const SCRATCH: usize = 1_024;
/// How long closing waits for the host. Some hosts never come back from closing a stream whose server has died; the
/// stream is then left to its fate.
const CLOSE_PATIENCE: Duration = Duration::from_millis(500);

const HEALTHY: u8 = 0;
const LOST: u8 = 1;

/// A device as a user would choose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// Sound system that leads to it.
    pub host: String,
    /// Name, as [`Device::open`] takes it.
    pub name: String,
    /// Whether it is the default device of its host.
    pub is_default: bool,
}

/// Plays through a sound device, at the rate and with the channels that it prefers.
///
/// The device's callback renders into the slice it is given, and publishes the position; it does nothing else. A
/// lost device is reported by [`Sink::drive`]; it is not opened again.
pub struct Device {
    inner: cpal::Device,
    config: StreamConfig,
    sample_format: SampleFormat,
    name: String,
    format: Format,
    clock: MonotonicClock,
    transport: Arc<Transport>,
    health: Arc<AtomicU8>,
    stream: Option<cpal::Stream>,
}

impl Device {
    /// Opens the device called `name`, or the default one. `clock` is the clock that the pump is driven by, and
    /// `transport` the stream's, where xruns are counted.
    ///
    /// # Errors
    /// [`SinkError::NoDevice`] or [`SinkError::UnknownDevice`] when there is none, [`SinkError::Unsupported`] when
    /// its formats are beyond us.
    pub fn open(
        name: Option<&str>,
        clock: MonotonicClock,
        transport: Arc<Transport>,
    ) -> Result<Self, SinkError> {
        let (device, name) = find(name)?;
        let supported = device
            .default_output_config()
            .map_err(|error| SinkError::NoDevice { reason: format!("{name}: {error}") })?;
        let sample_format = supported.sample_format();
        if !matches!(sample_format, SampleFormat::F32 | SampleFormat::I16 | SampleFormat::I32) {
            return Err(SinkError::Unsupported { what: format!("{sample_format} samples on {name}") });
        }
        let rate = supported.sample_rate();
        let period = rate / PERIODS_PER_SECOND;
        let config = StreamConfig {
            channels: supported.channels(),
            sample_rate: rate,
            buffer_size: BufferSize::Fixed(period),
        };
        let format = Format { rate, channels: config.channels, period };
        let health = Arc::new(AtomicU8::new(HEALTHY));
        Ok(Self {
            inner: device,
            config,
            sample_format,
            name,
            format,
            clock,
            transport,
            health,
            stream: None,
        })
    }

    /// The device's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn build<T: SizedSample + FromSample<f32>>(
        &self,
        renderer: Renderer,
    ) -> Result<cpal::Stream, cpal::Error> {
        let channels = usize::from(self.config.channels.max(1));
        let mut callback = Callback { renderer, clock: self.clock, rate: self.format.rate, channels };
        let mut scratch = [0.0f32; SCRATCH];
        let whole_frames = SCRATCH - SCRATCH % channels;
        let health = Arc::clone(&self.health);
        let transport = Arc::clone(&self.transport);
        self.inner.build_output_stream(
            self.config,
            move |out: &mut [T], info: &OutputCallbackInfo| {
                let mut ahead = latency(info);
                callback.renderer.begun(callback.clock.now());
                callback.renderer.set_latency(ahead);
                for piece in out.chunks_mut(whole_frames) {
                    let floats = &mut scratch[..piece.len()];
                    ahead = callback.fill(floats, ahead);
                    for (sample, &float) in piece.iter_mut().zip(floats.iter()) {
                        *sample = T::from_sample(float);
                    }
                }
                callback.renderer.ended(callback.clock.now());
            },
            // May be called on the audio thread, and thousands of times a second.
            move |error: cpal::Error| match error.kind() {
                ErrorKind::Xrun => transport.count_xrun(),
                ErrorKind::DeviceNotAvailable | ErrorKind::StreamInvalidated | ErrorKind::HostUnavailable => {
                    health.store(LOST, Ordering::Relaxed);
                }
                _ => {}
            },
            None,
        )
    }
}

struct Callback {
    renderer: Renderer,
    clock: MonotonicClock,
    rate: u32,
    channels: usize,
}

impl Callback {
    /// Renders into `out`, whose first frame is heard in `ahead`. Returns when the frame after it is heard.
    fn fill(&mut self, out: &mut [f32], ahead: Duration) -> Duration {
        let length = |frames: usize| Duration::from_secs_f64(frames as f64 / f64::from(self.rate));
        let rendered = self.renderer.render(out);
        let at = self.clock.now() + ahead + length(rendered.frames);
        self.renderer.publish(at);
        ahead + length(out.len() / self.channels)
    }
}

fn latency(info: &OutputCallbackInfo) -> Duration {
    let timestamp = info.timestamp();
    timestamp.playback.saturating_duration_since(timestamp.callback)
}

impl Sink for Device {
    fn format(&self) -> Format {
        self.format
    }

    fn is_real_time(&self) -> bool {
        true
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), SinkError> {
        let refused = |error: cpal::Error| match error.kind() {
            ErrorKind::UnsupportedConfig | ErrorKind::UnsupportedOperation | ErrorKind::InvalidInput => {
                SinkError::Unsupported { what: format!("{} Hz on {}: {error}", self.format.rate, self.name) }
            }
            _ => SinkError::NoDevice { reason: format!("{}: {error}", self.name) },
        };
        let stream = match self.sample_format {
            SampleFormat::I16 => self.build::<i16>(renderer),
            SampleFormat::I32 => self.build::<i32>(renderer),
            _ => self.build::<f32>(renderer),
        }
        .map_err(refused)?;
        stream.play().map_err(refused)?;
        self.stream = Some(stream);
        Ok(())
    }

    fn drive(&mut self, _now: Duration) -> Result<Drive, SinkError> {
        match self.health.load(Ordering::Relaxed) {
            LOST => Err(SinkError::Lost { reason: format!("{} went away", self.name) }),
            _ => Ok(Drive::OwnClock),
        }
    }

    fn close(&mut self) -> Result<(), SinkError> {
        let Some(stream) = self.stream.take() else { return Ok(()) };
        let (closed, patience) = mpsc::channel();
        let closer = std::thread::Builder::new().name("sink-close".into()).spawn(move || {
            drop(stream);
            let _ = closed.send(());
        });
        if closer.is_ok() && patience.recv_timeout(CLOSE_PATIENCE).is_err() {
            tracing::warn!(device = self.name, "the sound system did not close the device in time");
        }
        Ok(())
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // Closing a device only warns when the host does not answer.
        let _ = self.close();
    }
}

/// The output devices that can be reached, default devices first within their host.
pub fn output_devices() -> Vec<DeviceInfo> {
    let mut found = Vec::new();
    for host in hosts() {
        let default = host.default_output_device().and_then(|device| name_of(&device));
        let names = host.output_devices().into_iter().flatten().filter_map(|device| name_of(&device));
        let mut of_host: Vec<_> = names
            .map(|name| DeviceInfo {
                host: host.id().name().to_string(),
                is_default: default.as_ref() == Some(&name),
                name,
            })
            .collect();
        of_host.sort_by_key(|info| !info.is_default);
        found.extend(of_host);
    }
    found
}

fn hosts() -> impl Iterator<Item = cpal::Host> {
    let ids = cpal::available_hosts().into_iter().filter(|id| id.name() != "ALSA" || alsa_has_something());
    ids.filter_map(|id| cpal::host_from_id(id).ok())
}

/// Whether ALSA has a card, or a configuration that may lead elsewhere. Asked without either, its library writes a
/// screen of complaints to standard error.
fn alsa_has_something() -> bool {
    let home = std::env::var_os("HOME").map(std::path::PathBuf::from).unwrap_or_default();
    std::path::Path::new("/proc/asound/cards").exists()
        || std::path::Path::new("/etc/asound.conf").exists()
        || home.join(".asoundrc").exists()
        || std::env::var_os("ALSA_CONFIG_PATH").is_some()
}

fn name_of(device: &cpal::Device) -> Option<String> {
    device.description().ok().map(|description| description.name().to_string())
}

/// The device called `name`, or the first default device that has a configuration to offer.
fn find(name: Option<&str>) -> Result<(cpal::Device, String), SinkError> {
    let mut reasons = Vec::new();
    for host in hosts() {
        let device = match name {
            None => host.default_output_device(),
            Some(wanted) => host
                .output_devices()
                .into_iter()
                .flatten()
                .find(|device| name_of(device).as_deref() == Some(wanted)),
        };
        let Some(device) = device else { continue };
        match device.default_output_config() {
            Ok(_) => {
                let name = name_of(&device).unwrap_or_else(|| host.id().name().to_string());
                return Ok((device, name));
            }
            Err(error) => reasons.push(format!("{}: {error}", host.id().name())),
        }
    }
    match name {
        Some(name) => {
            let names: Vec<_> = output_devices().into_iter().map(|info| info.name).collect();
            let available = if names.is_empty() { "none".to_string() } else { names.join(", ") };
            Err(SinkError::UnknownDevice { name: name.to_string(), available })
        }
        None if reasons.is_empty() => {
            Err(SinkError::NoDevice { reason: "no sound system answers".to_string() })
        }
        None => Err(SinkError::NoDevice { reason: reasons.join("; ") }),
    }
}
