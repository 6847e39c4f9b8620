//! Which devices there are, and which of them is meant.

use cpal::traits::{DeviceTrait, HostTrait};
use cpal::{SampleFormat, SupportedBufferSize, SupportedStreamConfig};

use crate::SinkError;

/// A device as a user would choose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// Sound system that leads to it.
    pub host: String,
    /// Name, as [`DeviceOptions`](super::DeviceOptions) takes it.
    pub name: String,
    /// Whether it is the default device of its host.
    pub is_default: bool,
    /// Frames per second that it prefers; `None` where it does not say.
    pub rate: Option<u32>,
    /// Channels that it prefers; `None` where it does not say.
    pub channels: Option<u16>,
}

/// A device that was found, and what it prefers to play.
pub(super) struct Choice {
    pub(super) device: cpal::Device,
    pub(super) name: String,
    pub(super) config: SupportedStreamConfig,
}

/// The output devices that can be reached, default devices first within their host. Asks the sound systems, and waits
/// for their answers.
pub fn output_devices() -> Vec<DeviceInfo> {
    let mut found = Vec::new();
    for host in hosts() {
        let default = host.default_output_device().and_then(|device| name_of(&device));
        let of_host = host.output_devices().into_iter().flatten().filter_map(|device| {
            let name = name_of(&device)?;
            let config = device.default_output_config().ok();
            Some(DeviceInfo {
                host: host.id().name().to_string(),
                is_default: default.as_ref() == Some(&name),
                name,
                rate: config.as_ref().map(SupportedStreamConfig::sample_rate),
                channels: config.as_ref().map(SupportedStreamConfig::channels),
            })
        });
        let mut of_host: Vec<_> = of_host.collect();
        of_host.sort_by_key(|info| !info.is_default);
        found.extend(of_host);
    }
    found
}

/// The names of the devices that can be reached, for people.
pub(super) fn available() -> String {
    let names: Vec<_> = output_devices().into_iter().map(|info| info.name).collect();
    if names.is_empty() { "none".to_string() } else { names.join(", ") }
}

/// The device called `name`, or the first default device that has a configuration to offer.
///
/// # Errors
/// [`SinkError::UnknownDevice`] or [`SinkError::NoDevice`] when there is none, [`SinkError::Unsupported`] when its
/// formats are beyond us.
pub(super) fn choose(name: Option<&str>) -> Result<Choice, SinkError> {
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
            Ok(preferred) => {
                let name = name_of(&device).unwrap_or_else(|| host.id().name().to_string());
                let config = playable(&device, preferred).ok_or_else(|| SinkError::Unsupported {
                    what: format!("{} samples on {name}", preferred.sample_format()),
                })?;
                return Ok(Choice { device, name, config });
            }
            Err(error) => reasons.push(format!("{}: {error}", host.id().name())),
        }
    }
    match name {
        Some(name) => Err(SinkError::UnknownDevice { name: name.to_string(), available: available() }),
        None if reasons.is_empty() => {
            Err(SinkError::NoDevice { reason: "no sound system answers".to_string() })
        }
        None => Err(SinkError::NoDevice { reason: reasons.join("; ") }),
    }
}

/// What the device prefers, or the best of what it takes where that is none of ours.
fn playable(device: &cpal::Device, preferred: SupportedStreamConfig) -> Option<SupportedStreamConfig> {
    if is_playable(preferred.sample_format()) {
        return Some(preferred);
    }
    let configs = device.supported_output_configs().ok()?;
    let best = configs
        .filter(|config| is_playable(config.sample_format()))
        .max_by(cpal::SupportedStreamConfigRange::cmp_default_heuristics)?;
    Some(best.try_with_sample_rate(preferred.sample_rate()).unwrap_or_else(|| best.with_max_sample_rate()))
}

/// Whether samples of this format are numbers, and not a stream of single bits.
fn is_playable(format: SampleFormat) -> bool {
    !matches!(format, SampleFormat::DsdU8 | SampleFormat::DsdU16 | SampleFormat::DsdU32)
}

/// `frames`, or what the device allows that is nearest to it.
pub(super) fn allowed(frames: u32, sizes: &SupportedBufferSize) -> u32 {
    match *sizes {
        SupportedBufferSize::Range { min, max } if min <= max => frames.clamp(min, max),
        _ => frames,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_the_nearest_that_the_device_allows() {
        let range = SupportedBufferSize::Range { min: 64, max: 4_096 };
        assert_eq!([1, 480, 9_000].map(|frames| allowed(frames, &range)), [64, 480, 4_096]);
        assert_eq!(allowed(480, &SupportedBufferSize::Unknown), 480);
        assert_eq!(allowed(480, &SupportedBufferSize::Range { min: 9, max: 0 }), 480);
    }

    #[test]
    fn single_bit_formats_are_beyond_us_and_every_number_is_not() {
        assert!(!is_playable(SampleFormat::DsdU8));
        for format in [SampleFormat::U8, SampleFormat::I16, SampleFormat::I24, SampleFormat::F64] {
            assert!(is_playable(format));
        }
    }
}
