//! Speaks texts again and again, and measures.

use std::time::{Duration, Instant};

use sostenuto_engine::playback::{Freewheel, Paced, Sink};
use sostenuto_engine::{
    Engine, EngineError, EventOptions, Input, NoEvent, Readers, SessionState, Speech, SpeechEvent, Stream,
    Utterance, peak_rss_mb,
};

use super::blocks::BlockLog;
use super::process::{cpu_seconds, forget_peak};
use super::{BenchText, Heard, Interrupt, Pace, Plan, Speaker, Trial};

/// The longest time that a text is spoken before it is counted: what is loaded or made at the first time is there then.
const WARM_UP: Duration = Duration::from_secs(10);
/// How often it is looked whether all sessions are loaded.
const LOOK: Duration = Duration::from_millis(20);
/// Blocks for which a log has room at first: a minute and a half.
const BLOCKS: usize = 2_000;

/// Measures an engine.
pub struct Bench<'a> {
    /// The engine. Nothing else may speak with it meanwhile.
    pub engine: &'a Engine,
    /// What it reads texts with: it forgets them before each trial, as if each were new.
    pub readers: &'a Readers,
    /// Who speaks.
    pub speaker: &'a Speaker,
    /// What is to be measured.
    pub plan: &'a Plan,
    /// Ends it early.
    pub interrupt: Interrupt,
}

/// The trials of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The text.
    pub text: BenchText,
    /// Those that were spoken to their end.
    pub trials: Vec<Trial>,
}

/// What is told while it goes on.
#[derive(Clone, Copy, Debug)]
pub enum Told<'a> {
    /// A text is spoken for the first time, which is not counted.
    WarmUp {
        /// The text.
        text: &'a BenchText,
    },
    /// Time `number` of a text begins, counted from 1.
    Begins {
        /// The text.
        text: &'a BenchText,
        /// Which time.
        number: u32,
    },
    /// It is over.
    Trial {
        /// The text.
        text: &'a BenchText,
        /// Which time.
        number: u32,
        /// What it took.
        trial: &'a Trial,
    },
}

/// Why a bench cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BenchError {
    /// No session could be loaded: `sostenuto doctor` tells why.
    #[error("no session could be loaded")]
    NoSession,
    /// Choose another text, or look at what the reason names.
    #[error("{text} cannot be spoken: {reason}")]
    Unspoken {
        /// The text's name.
        text: String,
        /// Why.
        reason: String,
    },
    /// Choose another text: this one has nothing to say.
    #[error("{text}: nothing to say")]
    Silent {
        /// The text's name.
        text: String,
    },
    /// The engine cannot do it.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// How one time of speaking ended.
enum End {
    Spoken(Trial),
    Stopped,
}

/// A stream that speaks.
struct Voiced {
    stream: Stream,
    speech: Speech,
    accepted: Instant,
    log: BlockLog,
}

impl Bench<'_> {
    /// Speaks every text as the plan says, and tells `told` of it. Where it is ended early, the texts and trials so far
    /// come back.
    ///
    /// # Errors
    /// [`BenchError`]: the first that comes; nothing is measured past it.
    pub fn run(&self, told: &mut dyn FnMut(Told<'_>)) -> Result<Vec<Measured>, BenchError> {
        let mut all = Vec::new();
        for text in &self.plan.texts {
            told(Told::WarmUp { text });
            self.speak(text, 0, Some(WARM_UP))?;
            self.wait_for_sessions()?;
            let mut measured = Measured { text: text.clone(), trials: Vec::new() };
            for number in 1..=self.plan.trials {
                if self.interrupt.was_pressed() {
                    break;
                }
                told(Told::Begins { text, number });
                if let End::Spoken(trial) = self.speak(text, number, None)? {
                    told(Told::Trial { text, number, trial: &trial });
                    measured.trials.push(trial);
                }
            }
            if !measured.trials.is_empty() {
                all.push(measured);
            }
            if self.interrupt.was_pressed() {
                break;
            }
        }
        Ok(all)
    }

    /// Waits until no session is being loaded any more.
    fn wait_for_sessions(&self) -> Result<(), BenchError> {
        loop {
            let sessions = self.engine.session_stats();
            if self.interrupt.was_pressed() {
                return Ok(());
            }
            if sessions.iter().all(|session| session.state != SessionState::Loading) {
                let speaks = sessions.iter().any(|session| session.state == SessionState::Ready);
                return if speaks { Ok(()) } else { Err(BenchError::NoSession) };
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Speaks `text` on all streams at once, for so long at most.
    fn speak(&self, text: &BenchText, number: u32, longest: Option<Duration>) -> Result<End, BenchError> {
        self.readers.shrink();
        let mut streams = Vec::new();
        for _ in 0..self.plan.concurrency {
            streams.push(self.open()?);
        }
        self.interrupt.watch(streams.iter().map(|(stream, _)| stream.control()).collect());
        if self.plan.pace == Pace::Stream {
            std::thread::sleep(self.plan.chunk.mul_f64(Plan::phase(number)));
        }
        let forgot = forget_peak();
        let cpu = cpu_seconds();
        let mut voiced = Vec::new();
        for (stream, log) in streams {
            let accepted = Instant::now();
            let speech = stream.speak(self.utterance(text))?;
            voiced.push(Voiced { stream, speech, accepted, log });
        }
        if self.interrupt.was_pressed() {
            // It came before there was anything to stop.
            self.interrupt.stop_streams();
        }
        let until = longest.and_then(|longest| Instant::now().checked_add(longest));
        let mut heard = Vec::new();
        let mut stopped = false;
        for voiced in &voiced {
            match self.listen(text, voiced, until)? {
                Some(told) => heard.push(told),
                None => stopped = true,
            }
        }
        let cpu = cpu.zip(cpu_seconds()).map(|(before, after)| after - before);
        let peak_rss_mb = peak_rss_mb();
        tracing::debug!(text = text.name, number, forgot, "spoken");
        for voiced in voiced {
            voiced.stream.close()?;
        }
        if stopped {
            return Ok(End::Stopped);
        }
        let mut trial = Trial { streams: heard, peak_rss_mb, cpu_per_audio_s: None };
        let audio_s = trial.audio_s();
        if audio_s <= 0.0 {
            return Err(BenchError::Silent { text: text.name.clone() });
        }
        trial.cpu_per_audio_s = cpu.map(|cpu| cpu / audio_s);
        Ok(End::Spoken(trial))
    }

    fn open(&self) -> Result<(Stream, BlockLog), EngineError> {
        let log = BlockLog::with_room(BLOCKS);
        let (format, writer) = (self.plan.format(), log.clone());
        let stream = self.engine.open(|_, _| {
            Ok(match self.plan.pace {
                Pace::Freewheel => Box::new(Freewheel::into_writer(format, writer)) as Box<dyn Sink>,
                Pace::Stream => Box::new(Paced::into_writer(format, writer)),
            })
        })?;
        Ok((stream, log))
    }

    fn utterance(&self, text: &BenchText) -> Utterance {
        Utterance {
            input: Input::Text(text.text.clone()),
            language: self.speaker.language,
            voice: self.speaker.voice.clone(),
            prosody: self.speaker.prosody,
            seed: self.speaker.seed,
            marks: false,
            events: EventOptions::default(),
        }
    }

    /// Waits for the end of what is spoken; `None` where it was stopped, which it is at `until`.
    fn listen(
        &self,
        text: &BenchText,
        voiced: &Voiced,
        until: Option<Instant>,
    ) -> Result<Option<Heard>, BenchError> {
        let Voiced { stream, speech, accepted, log } = voiced;
        let mut ttfa_ms = None;
        loop {
            let next = match until {
                None => speech.next_event().ok_or(NoEvent::Over),
                Some(until) => speech.next_event_within(until.saturating_duration_since(Instant::now())),
            };
            let told = match next {
                Ok(told) => told,
                Err(NoEvent::NotYet) => {
                    stream.stop();
                    speech.wait();
                    return Ok(None);
                }
                Err(NoEvent::Over) => return Ok(None),
            };
            match told.event {
                SpeechEvent::Audible { ttfa } => ttfa_ms = Some(ttfa.as_secs_f64() * 1e3),
                SpeechEvent::Stopped => return Ok(None),
                SpeechEvent::Failed { reason } => {
                    return Err(BenchError::Unspoken { text: text.name.clone(), reason });
                }
                SpeechEvent::Finished => {
                    let total = speech.instant_of(told.at).saturating_duration_since(*accepted);
                    let gaps = (self.plan.pace == Pace::Stream).then(|| log.gaps(self.plan.chunk));
                    return Ok(Some(Heard::of(&stream.stats(), ttfa_ms, total.as_secs_f64(), gaps)));
                }
                _ => {}
            }
        }
    }
}
