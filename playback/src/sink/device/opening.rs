//! Opening a device, and closing it, without ever waiting for a host that does not answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread::Thread;
use std::time::Duration;

use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{BufferSize, ErrorKind, FromSample, I24, SampleFormat, SizedSample, StreamConfig, U24};

use super::callback::Callback;
use super::choose::{Choice, allowed, available, choose};
use super::link::Link;
use super::options::Period;
use crate::{Format, MonotonicClock, SinkError};

/// Tries that may hang at the same time. Each holds a thread until its host answers, which may be never.
const MOST_HANGING: usize = 4;
/// How long a try may take. A sound server that is there answers within milliseconds; the pulse client gives one that is
/// frozen two seconds.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long closing waits for the host. Some hosts never come back from closing a stream whose server has died; the
/// stream is then left to its fate.
const CLOSE_PATIENCE: Duration = Duration::from_millis(500);

/// A device that plays silence until a renderer is lent to its callback.
pub(super) struct Opened {
    pub(super) stream: cpal::Stream,
    pub(super) link: Arc<Link>,
    pub(super) name: String,
    pub(super) format: Format,
}

/// What is wanted of a device that is to be opened.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) name: Option<String>,
    /// Whether the default device will do where the named one is not there.
    pub(super) or_default: bool,
    pub(super) period: Period,
}

/// Why a device could not be opened, and which ones there are, for people.
pub(super) struct Refused {
    pub(super) error: SinkError,
    pub(super) available: String,
}

/// A try to open a device, on a thread of its own. Dropping it leaves that thread to itself: it closes what it opens
/// too late.
pub(super) struct Opening {
    result: Receiver<Result<Opened, Refused>>,
    since: Duration,
}

/// Tries at work, those included that were given up and still hang.
#[derive(Clone, Default)]
pub(super) struct AtWork(Arc<AtomicUsize>);

impl AtWork {
    /// Whether another try may begin.
    pub(super) fn has_room(&self) -> bool {
        self.0.load(Ordering::Relaxed) < MOST_HANGING
    }
}

impl Opening {
    /// Begins to open what is `wanted`; wakes `waiter` when that is done.
    pub(super) fn begin(
        wanted: Wanted,
        clock: MonotonicClock,
        at_work: &AtWork,
        waiter: Option<Thread>,
    ) -> Result<Self, Refused> {
        let (result_in, result) = mpsc::channel();
        let count = Arc::clone(&at_work.0);
        count.fetch_add(1, Ordering::Relaxed);
        let spawned = std::thread::Builder::new().name("sink-open".into()).spawn(move || {
            // Nobody waits any more for what comes too late; it is closed here.
            let opened = open(&wanted, clock).map_err(|error| Refused { error, available: available() });
            drop(result_in.send(opened));
            count.fetch_sub(1, Ordering::Relaxed);
            if let Some(waiter) = waiter {
                waiter.unpark();
            }
        });
        if let Err(error) = spawned {
            at_work.0.fetch_sub(1, Ordering::Relaxed);
            return Err(silent(format!("no thread to open it: {error}")));
        }
        Ok(Self { result, since: clock.now() })
    }

    /// How it went, or `None` while it is at work. Never blocks.
    pub(super) fn poll(&self, now: Duration) -> Option<Result<Opened, Refused>> {
        match self.result.try_recv() {
            Ok(result) => Some(result),
            Err(TryRecvError::Empty) if now.saturating_sub(self.since) < PATIENCE => None,
            Err(_) => Some(Err(silent_host())),
        }
    }

    /// How it went, as soon as that is known.
    pub(super) fn wait(&self) -> Result<Opened, Refused> {
        self.result.recv_timeout(PATIENCE).unwrap_or_else(|_| Err(silent_host()))
    }
}

fn silent_host() -> Refused {
    silent("the sound system does not answer".to_string())
}

/// Where nobody could be asked which devices there are.
fn silent(reason: String) -> Refused {
    Refused { error: SinkError::NoDevice { reason }, available: "none that answers".to_string() }
}

/// Closes `stream` on a thread of its own, and waits for that a little if `waits`.
pub(super) fn close(stream: cpal::Stream, name: &str, waits: bool) {
    let (closed, patience) = mpsc::channel();
    let closer = std::thread::Builder::new().name("sink-close".into()).spawn(move || {
        drop(stream);
        let _ = closed.send(());
    });
    if closer.is_ok() && waits && patience.recv_timeout(CLOSE_PATIENCE).is_err() {
        tracing::warn!(device = name, "the sound system did not close the device in time");
    }
}

fn open(wanted: &Wanted, clock: MonotonicClock) -> Result<Opened, SinkError> {
    let choice = match choose(wanted.name.as_deref()) {
        Err(SinkError::UnknownDevice { .. }) if wanted.or_default => choose(None)?,
        choice => choice?,
    };
    let (rate, channels) = (choice.config.sample_rate(), choice.config.channels());
    let period = allowed(wanted.period.frames(rate), choice.config.buffer_size());
    let opened = match stream(&choice, BufferSize::Fixed(period), clock) {
        Err(error) if refuses_config(&error) => stream(&choice, BufferSize::Default, clock),
        opened => opened,
    };
    let name = choice.name;
    let refused = |error: cpal::Error| match error.kind() {
        _ if refuses_config(&error) => {
            SinkError::Unsupported { what: format!("{rate} Hz on {name}: {error}") }
        }
        _ => SinkError::NoDevice { reason: format!("{name}: {error}") },
    };
    let (stream, link) = opened.map_err(refused)?;
    stream.play().map_err(refused)?;
    Ok(Opened { stream, link, format: Format { rate, channels, period }, name })
}

fn refuses_config(error: &cpal::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::UnsupportedConfig | ErrorKind::UnsupportedOperation | ErrorKind::InvalidInput
    )
}

type Built = Result<(cpal::Stream, Arc<Link>), cpal::Error>;

fn stream(choice: &Choice, buffer_size: BufferSize, clock: MonotonicClock) -> Built {
    match choice.config.sample_format() {
        SampleFormat::I8 => build::<i8>(choice, buffer_size, clock),
        SampleFormat::I16 => build::<i16>(choice, buffer_size, clock),
        SampleFormat::I24 => build::<I24>(choice, buffer_size, clock),
        SampleFormat::I32 => build::<i32>(choice, buffer_size, clock),
        SampleFormat::I64 => build::<i64>(choice, buffer_size, clock),
        SampleFormat::U8 => build::<u8>(choice, buffer_size, clock),
        SampleFormat::U16 => build::<u16>(choice, buffer_size, clock),
        SampleFormat::U24 => build::<U24>(choice, buffer_size, clock),
        SampleFormat::U32 => build::<u32>(choice, buffer_size, clock),
        SampleFormat::U64 => build::<u64>(choice, buffer_size, clock),
        SampleFormat::F64 => build::<f64>(choice, buffer_size, clock),
        _ => build::<f32>(choice, buffer_size, clock),
    }
}

fn build<T: SizedSample + FromSample<f32>>(
    choice: &Choice,
    buffer_size: BufferSize,
    clock: MonotonicClock,
) -> Built {
    let (rate, channels) = (choice.config.sample_rate(), choice.config.channels());
    let config = StreamConfig { channels, sample_rate: rate, buffer_size };
    let link = Arc::new(Link::default());
    let mut callback = Callback::new(Arc::clone(&link), clock, rate, channels);
    let errors = Arc::clone(&link);
    let stream = choice.device.build_output_stream(
        config,
        move |out: &mut [T], info| callback.fill(out, info),
        // May be called on the audio thread, and thousands of times a second.
        move |error: cpal::Error| errors.note_error(error.kind()),
        None,
    )?;
    Ok((stream, link))
}
