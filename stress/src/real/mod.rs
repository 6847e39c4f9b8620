//! Scenarios on this machine, by the wall clock.
//!
//! ```text
//! speaker (one a stream) --utterances--> engine: sessions, each watched --> sink: paced, device, sound server
//!    ^ stops, storms                        | ledger                          | ear
//!    +--------------------- watch, 10 times a second: levels, memory, moments +
//! ```
//!
//! What can be measured by somebody who stands outside is: the `ear` hears the samples that leave the sink, the
//! `ledger` sees what the sessions hand out. The engine's own counters tell the rest.

mod ailments;
mod ballast;
mod burden;
mod chunk_faults;
mod course;
mod delay;
mod device;
mod ear;
#[cfg(unix)]
mod environment;
mod error;
mod findings;
mod fitness;
mod ledger;
mod paced;
mod prose;
mod readiness;
mod seat;
#[cfg_attr(not(unix), path = "no_server.rs")]
mod server;
mod session;
#[cfg(unix)]
mod sound_server;
mod speaker;
mod text;
mod thinned;
mod timetable;
mod tone;
mod usage;
mod watch;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

pub use error::RealError;
pub use fitness::check_fit;
use sostenuto_engine::g2p::Language;
use sostenuto_engine::inference::{SessionKind, Voice};
use sostenuto_engine::playback::{Device, DeviceOptions, Sink, Transport};
use sostenuto_engine::{Engine, EngineOptions, EngineStart, LoadPhonemizer, Readers, SessionSpec, Stream};
#[cfg(unix)]
pub use sound_server::{Recorder, SoundServer, send_signal};

use self::ailments::Ailments;
use self::ballast::Ballast;
use self::burden::Burden;
use self::chunk_faults::Astray;
use self::course::Course;
use self::device::Plugged;
use self::ear::Ear;
use self::findings::{Findings, merged};
use self::ledger::Ledger;
use self::paced::Paced;
use self::readiness::{wait_until_loaded, warm_up};
use self::seat::Seat;
use self::server::Server;
use self::session::Round;
use self::speaker::{Account, Part, Speaker};
pub use self::tone::Tone;
use self::usage::Burdens;
use self::watch::{Watch, Watched};
use crate::{Mode, Moment, Run, Scenario, SinkKind, TextSource};

/// Time between two looks.
const TICK: Duration = Duration::from_millis(100);
/// What a scenario needs to be run on this machine.
pub struct RealOptions {
    /// How the engine runs. Its memory limit is the scenario's matter.
    pub engine: EngineOptions,
    /// Which sessions speak, the first to speak first.
    pub sessions: Vec<SessionSpec>,
    /// With which voice.
    pub voice: Arc<Voice>,
    /// In which language, where the scenario names none.
    pub language: Language,
    /// Loads what languages are read with.
    pub load: LoadPhonemizer,
    /// Whose caches count among the memory that is used.
    pub readers: Option<Arc<Readers>>,
    /// How long it runs, in seconds; as the scenario says, unless given.
    pub seconds: Option<f64>,
    /// Ends the run when it is set; what was found until then is told.
    pub interrupted: Arc<AtomicBool>,
}

/// Runs `scenario` on this machine. `observer` is shown what is going on about ten times a second.
///
/// The scenario begins when every session is loaded and has spoken, so that no figure tells of a cold start.
///
/// # Errors
/// [`RealError`] where the scenario asks for what its sink or this build cannot do, or the engine does not start.
pub fn run(
    scenario: &Scenario,
    options: RealOptions,
    observer: &mut dyn FnMut(&Moment),
) -> Result<Run, RealError> {
    let RealOptions {
        engine: mut engine_options,
        sessions,
        voice,
        language,
        load,
        readers,
        seconds,
        interrupted,
    } = options;
    fitness::check_fit(scenario)?;
    let mut notes = Vec::new();
    // Ended last: the engine's devices are this server's.
    let mut server = Server::start(scenario)?;
    let limits = ballast::limits(&scenario.faults);
    engine_options.memory = limits;
    let languages = languages(&scenario.text, language, &mut notes)?;
    if engine_options.policy != scenario.speech.policy {
        notes.push(format!(
            "the scenario asks for the policy {}; {} was run",
            scenario.speech.policy, engine_options.policy
        ));
    }
    let round = Arc::new(Round {
        course: Arc::new(Course::new(&scenario.faults)),
        ledger: Ledger::default(),
        seats: OnceLock::new(),
    });
    let mut start = EngineStart::new(engine_options, load, languages[0])?;
    if let Some(readers) = readers {
        start = start.with_readers(readers);
    }
    let course = Arc::clone(&round.course);
    if let Some(astray) = Astray::new(&scenario.faults, scenario.seed, course) {
        start = start.with_chunk_faults(Arc::new(astray));
    }
    let engine = start.with_sessions(watch_over(sessions, scenario, &round))?;
    wait_until_loaded(&engine, &interrupted, &mut notes)?;
    warm_up(&engine, &languages, &voice, &interrupted)?;

    let mut streams = Vec::new();
    for number in 0..scenario.speech.streams.max(1) as usize {
        streams.push(open(&engine, scenario, &round, number)?);
    }
    let seats: Vec<Arc<Seat>> = streams.iter().map(|(_, seat)| Arc::clone(seat)).collect();
    let _ = round.seats.set(seats.clone());
    let watched: Vec<Watched> = streams.iter().map(watched).collect();
    let rate = watched.first().map_or(0, |watched| watched.rate);

    let burdens = Arc::new(Burdens::default());
    let over = Arc::new(AtomicBool::new(false));
    let length = seconds.unwrap_or(scenario.real_seconds);
    let burden = Burden::begin(&scenario.load, &burdens, &mut notes).map_err(RealError::Thread)?;
    let ballast =
        Ballast::begin(&scenario.faults, limits, &round.course, &burdens).map_err(RealError::Thread)?;
    round.course.begin();
    server.suffer(scenario, &round.course)?;
    let cpu_before = burdens.cpu_s();
    let speakers = speakers(scenario, streams, &round, &over, &languages, &voice)?;
    let mut watch = Watch::default();
    let at_s = loop {
        std::thread::sleep(TICK);
        let at_s = round.course.seconds().unwrap_or_default();
        observer(&watch.look(at_s, &watched, &round, &burdens));
        if at_s >= length {
            break at_s;
        }
        if interrupted.load(Ordering::Acquire) {
            notes.push(format!("it was interrupted after {at_s:.0} s of {length:.0}"));
            break at_s;
        }
        if speakers.iter().all(JoinHandle::is_finished) {
            notes.push(format!("nobody spoke any more after {at_s:.0} s of {length:.0}"));
            break at_s;
        }
    };
    let cpu_s = burdens.cpu_s() - cpu_before;
    over.store(true, Ordering::Release);
    drop((burden, ballast));
    let accounts = accounts(speakers);
    notes.extend(
        accounts
            .iter()
            .filter_map(|account| account.failure.as_ref())
            .map(|why| format!("a stream failed: {why}")),
    );

    notes.extend(server.recover().err().map(|error| error.to_string()));
    let findings = gather(accounts, &seats, &round, watch, cpu_s, rate);
    let audio_s = findings.audio_s();
    let (figures, series) = findings.conclude();
    Ok(Run {
        scenario: scenario.clone(),
        mode: Mode::Real,
        seconds: at_s,
        audio_s,
        fired: round.course.fired(),
        figures,
        series,
        notes,
    })
}

/// Lets somebody speak on each of `streams`.
fn speakers(
    scenario: &Scenario,
    streams: Vec<(Stream, Arc<Seat>)>,
    round: &Arc<Round>,
    over: &Arc<AtomicBool>,
    languages: &[Language],
    voice: &Arc<Voice>,
) -> Result<Vec<JoinHandle<Account>>, RealError> {
    let speak = |(number, (stream, seat))| {
        let part = part(scenario, number, languages, voice);
        let speaker = Speaker::new(part, stream, seat, Arc::clone(round), Arc::clone(over));
        let thread = std::thread::Builder::new().name("speaker".to_owned());
        thread.spawn(move || speaker.speak()).map_err(|error| {
            // Those who speak already are to fall silent.
            over.store(true, Ordering::Release);
            RealError::Thread(error)
        })
    };
    streams.into_iter().enumerate().map(speak).collect()
}

/// All that was seen, heard and counted.
fn gather(
    accounts: Vec<Account>,
    seats: &[Arc<Seat>],
    round: &Round,
    watch: Watch,
    cpu_s: f64,
    rate: u32,
) -> Findings {
    let histogram = |tell: fn(&Transport) -> Vec<(Duration, u64)>| {
        merged(seats.iter().filter_map(|seat| seat.transport().map(tell)))
    };
    Findings {
        heard: seats.iter().map(|seat| seat.ear().map(Ear::heard)).collect(),
        spoken: round.ledger.spoken(),
        seen: watch.seen(),
        lateness: histogram(Transport::callback_lateness),
        durations: histogram(Transport::callback_durations),
        cpu_s,
        losses: seats.iter().map(|seat| seat.losses()).sum(),
        rate,
        accounts,
    }
}

/// The languages that are spoken in turn. Those that this build cannot read are left out.
fn languages(
    text: &TextSource,
    language: Language,
    notes: &mut Vec<String>,
) -> Result<Vec<Language>, RealError> {
    let TextSource::Mixed { languages: tags } = text else { return Ok(vec![language]) };
    let mut read = Vec::new();
    for tag in tags {
        match tag.parse() {
            Ok(language) => read.push(language),
            Err(error) => notes.push(format!("{tag} was left out: {error}")),
        }
    }
    if read.is_empty() { Err(RealError::NoLanguage { tags: tags.join(", ") }) } else { Ok(read) }
}

/// The sessions as they are watched, with the faults that they suffer from.
fn watch_over(sessions: Vec<SessionSpec>, scenario: &Scenario, round: &Arc<Round>) -> Vec<SessionSpec> {
    let quality = sessions.iter().position(|spec| spec.kind == SessionKind::Quality).unwrap_or(0);
    let watch = |(n, spec): (usize, SessionSpec)| {
        let seed = scenario.seed.wrapping_add(1_000 * (n as u64 + 1));
        session::watched(spec, round, Ailments::new(&scenario.faults, n == quality, seed))
    };
    sessions.into_iter().enumerate().map(watch).collect()
}

/// Opens a stream and its sink.
fn open(
    engine: &Engine,
    scenario: &Scenario,
    round: &Arc<Round>,
    number: usize,
) -> Result<(Stream, Arc<Seat>), RealError> {
    let seat = Arc::new(Seat::new(scenario.sink == SinkKind::Paced));
    let stream = engine.open(|clock, transport| {
        seat.sit_down(clock, Arc::clone(transport));
        let (transport, seat) = (Arc::clone(transport), Arc::clone(&seat));
        let device = |name| DeviceOptions { name, ..DeviceOptions::default() };
        let options = match &scenario.sink {
            SinkKind::Paced => {
                let seed = scenario.seed.wrapping_add(number as u64);
                let course = Arc::clone(&round.course);
                let paced = Paced::new(clock, transport, course, seat, &scenario.faults, seed);
                return Ok(Box::new(paced) as Box<dyn Sink>);
            }
            SinkKind::Device { name } => device(name.clone()),
            // The one device of the server that this process is pointed at.
            SinkKind::Server => device(None),
        };
        Ok(Box::new(Plugged::new(Device::open(options, clock, transport)?, seat)))
    })?;
    Ok((stream, seat))
}

fn watched((stream, seat): &(Stream, Arc<Seat>)) -> Watched {
    Watched { seat: Arc::clone(seat), control: stream.control(), rate: stream.format().rate }
}

fn part(scenario: &Scenario, number: usize, languages: &[Language], voice: &Arc<Voice>) -> Part {
    Part {
        number,
        text: scenario.text.clone(),
        languages: languages.to_vec(),
        voice: Arc::clone(voice),
        rate: scenario.speech.rate as f32,
        faults: scenario.faults.clone(),
        seed: scenario.seed.wrapping_mul(31).wrapping_add(number as u64),
    }
}

/// What became of what each speaker said; one that broke down did not come to an end.
fn accounts(speakers: Vec<JoinHandle<Account>>) -> Vec<Account> {
    let broken =
        || Account { unfinished: 1, failure: Some("it broke down".to_owned()), ..Account::default() };
    speakers.into_iter().map(|speaker| speaker.join().unwrap_or_else(|_| broken())).collect()
}
