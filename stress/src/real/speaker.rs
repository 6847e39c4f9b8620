//! Who speaks on a stream: says what the scenario says, stops it, and keeps an account of what became of it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sostenuto_engine::g2p::Language;
use sostenuto_engine::inference::{Prosody, Voice};
use sostenuto_engine::playback::{PumpStats, Transport};
use sostenuto_engine::{
    EngineError, EventOptions, Heard, Input, NoEvent, Speech, SpeechEvent, Stream, StreamStats, Utterance,
};

use super::prose::Prose;
use super::seat::Seat;
use super::session::{Round, STREAM_SHIFT};
use super::text::Writing;
use super::thinned::Thinned;
use super::timetable::Recurring;
use crate::{Fault, FaultKind, TextSource};

/// How often it looks what happened and what is due.
const LOOK: Duration = Duration::from_millis(2);
/// Utterances that may wait; a storm holds back above it.
const WAITING: usize = 32;
/// After so long without a sound an utterance is given up.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long everything may take to be over after the last stop.
const GRACE: Duration = Duration::from_secs(5);
/// After a refusal it is tried again so many seconds later.
const RETRY_S: f64 = 0.5;
/// Values of a distribution that are kept.
const MOST: usize = 20_000;

/// What a speaker is to do.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Its place among all.
    pub(super) number: usize,
    /// What it says.
    pub(super) text: TextSource,
    /// In which languages, in turn.
    pub(super) languages: Vec<Language>,
    /// With which voice.
    pub(super) voice: Arc<Voice>,
    /// How fast it is played.
    pub(super) rate: f32,
    /// What is taken back, and how often.
    pub(super) faults: Vec<Fault>,
    /// Decides what is left to chance.
    pub(super) seed: u64,
}

/// What became of what a speaker said.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    /// Utterances that were accepted.
    pub(super) accepted: u64,
    /// Those that memory had run out for.
    pub(super) refused: u64,
    /// Those that never came to an end.
    pub(super) unfinished: u64,
    /// As the engine says, of those that were waited for, in seconds.
    pub(super) ttfa_s: Vec<f64>,
    /// From each stop of a sound until the renderer had carried it out, in seconds, the device's latency included.
    pub(super) stop_s: Vec<f64>,
    /// Samples that the sessions handed out more than playback took in, and the other way round, as they were when
    /// everything that had been said had been heard; `None` where there was no such moment before the first stop.
    pub(super) astray: Option<(u64, u64)>,
    /// Why the stream ended early, if it did.
    pub(super) failure: Option<String>,
    /// What the stream counted.
    pub(super) stats: StreamStats,
    /// What its playback counted.
    pub(super) playback: PumpStats,
}

struct Open {
    speech: Speech,
    is_waited_for: bool,
    sounds: bool,
    /// Nothing has been taken back since it was accepted.
    is_wanted: bool,
}

/// Who speaks on a stream.
pub(super) struct Speaker {
    part: Part,
    stream: Stream,
    seat: Arc<Seat>,
    round: Arc<Round>,
    over: Arc<AtomicBool>,
    prose: Vec<Arc<Mutex<Prose>>>,
    turn: usize,
    storms: Vec<(FaultKind, Recurring)>,
    open: VecDeque<Open>,
    writing: Option<Writing>,
    /// When there is something to be said again, in seconds of the scenario.
    next_s: f64,
    /// When something was heard last, and where playback was.
    alive: (Instant, u64),
    was_stopped: bool,
    ttfa_s: Thinned<f64>,
    stop_s: Thinned<f64>,
    account: Account,
}

impl Speaker {
    /// A speaker on `stream`, who speaks until the run is `over`.
    pub(super) fn new(
        part: Part,
        stream: Stream,
        seat: Arc<Seat>,
        round: Arc<Round>,
        over: Arc<AtomicBool>,
    ) -> Self {
        let prose = |(n, &language): (usize, &Language)| {
            Arc::new(Mutex::new(Prose::new(language, part.seed.wrapping_add(n as u64))))
        };
        let prose = part.languages.iter().enumerate().map(prose).collect();
        let storm = |(n, fault): (usize, &Fault)| match *fault {
            Fault::StopStorm { every_s } | Fault::BargeIn { every_s } => {
                Some((fault.kind(), Recurring::new(every_s, part.seed.wrapping_add(100 + n as u64))))
            }
            _ => None,
        };
        let storms = part.faults.iter().enumerate().filter_map(storm).collect();
        Self {
            part,
            stream,
            seat,
            round,
            over,
            prose,
            turn: 0,
            storms,
            open: VecDeque::new(),
            writing: None,
            next_s: 0.0,
            alive: (Instant::now(), 0),
            was_stopped: false,
            ttfa_s: Thinned::new(MOST),
            stop_s: Thinned::new(MOST),
            account: Account::default(),
        }
    }

    /// Speaks until the run is over, takes back what is left then, and tells what became of it all.
    pub(super) fn speak(mut self) -> Account {
        self.stream.set_rate(self.part.rate);
        while !self.over.load(Ordering::Acquire) && self.account.failure.is_none() {
            let at_s = self.round.course.seconds().unwrap_or_default();
            self.listen(at_s);
            self.storm(at_s);
            if at_s >= self.next_s
                && let Err(error) = self.say(at_s)
            {
                self.take_refusal(&error, at_s);
            }
            self.give_up_on_silence();
            self.seat.set_speaking(!self.open.is_empty());
            std::thread::sleep(LOOK);
        }
        self.finish()
    }

    fn finish(mut self) -> Account {
        self.stop();
        drop(self.writing.take());
        let begun = Instant::now();
        while !self.open.is_empty() && begun.elapsed() < GRACE {
            self.listen(f64::INFINITY);
            std::thread::sleep(LOOK);
        }
        // A stream that ended early did not do what it was asked for.
        self.account.unfinished += self.open.len() as u64 + u64::from(self.account.failure.is_some());
        self.account.stats = self.stream.stats();
        self.account.playback = self.stream.control().playback_stats();
        self.account.ttfa_s = self.ttfa_s.into_vec();
        self.account.stop_s = self.stop_s.into_vec();
        if let Err(error) = self.stream.close() {
            self.account.failure.get_or_insert_with(|| error.to_string());
        }
        self.account
    }

    /// Hears what became of what was said.
    fn listen(&mut self, at_s: f64) {
        let mut ended = 0;
        for open in &mut self.open {
            loop {
                match open.speech.try_next_event() {
                    Ok(Heard { event: SpeechEvent::Audible { ttfa }, at }) => {
                        open.sounds = true;
                        if let Some(ear) = self.seat.ear().filter(|_| open.is_wanted) {
                            ear.begin(at);
                        }
                        if open.is_waited_for {
                            self.ttfa_s.push(ttfa.as_secs_f64());
                        }
                    }
                    Ok(Heard { event: SpeechEvent::Failed { reason }, .. }) => {
                        self.account.failure.get_or_insert(reason);
                        ended += 1;
                    }
                    Ok(Heard { event, .. }) => ended += usize::from(event.is_last()),
                    Err(NoEvent::NotYet | NoEvent::Over) => break,
                }
            }
        }
        if ended > 0 {
            if self.open.iter().take(ended).any(|open| open.is_waited_for && !open.sounds)
                && let Some(ear) = self.seat.ear()
            {
                ear.give_up();
            }
            self.open.drain(..ended.min(self.open.len()));
            if self.open.is_empty() && at_s.is_finite() {
                self.fall_silent(at_s);
            }
        }
    }

    /// Everything that was said is over.
    fn fall_silent(&mut self, at_s: f64) {
        if !self.was_stopped
            && let Some(handed_out) = self.round.ledger.samples()
        {
            let taken = self.stream.control().playback_stats().speech_samples;
            self.account.astray = Some((handed_out.saturating_sub(taken), taken.saturating_sub(handed_out)));
        }
        let pause = match self.part.text {
            TextSource::Article | TextSource::Typing { .. } => 1.0 + self.share(),
            TextSource::Mixed { .. } | TextSource::Book => 0.3,
            TextSource::Words { .. } => return,
        };
        self.next_s = self.next_s.max(at_s + pause);
    }

    fn share(&self) -> f64 {
        self.prose[0].lock().unwrap_or_else(PoisonError::into_inner).share()
    }

    /// Says what is next, if it is its turn.
    fn say(&mut self, at_s: f64) -> Result<(), EngineError> {
        let is_free = self.open.is_empty();
        match self.part.text.clone() {
            TextSource::Words { per_s } => {
                // A backlog is not made up for.
                self.next_s = (self.next_s + per_s.max(1e-3).recip()).max(at_s);
                if self.open.len() < WAITING {
                    let word = self.with_prose(Prose::word);
                    self.accept(Input::Text(word))?;
                }
            }
            _ if !is_free => {}
            TextSource::Article => {
                let article = self.with_prose(|prose| {
                    let seconds = prose.article_length();
                    prose.article(seconds)
                });
                self.accept(Input::Text(article))?;
            }
            TextSource::Mixed { .. } => {
                let sentence = self.with_prose(Prose::sentence);
                self.accept(Input::Text(sentence.to_owned()))?;
                self.turn += 1;
            }
            TextSource::Book => {
                let (writer, reader) = self.stream.text();
                self.accept(Input::Stream(reader))?;
                let prose = Arc::clone(self.prose());
                self.write(|over| Writing::book(writer, prose, over));
            }
            TextSource::Typing { tokens_per_s } => {
                let text = self.with_prose(|prose| {
                    let seconds = prose.article_length();
                    prose.article(seconds)
                });
                let (writer, reader) = self.stream.text();
                self.accept(Input::Stream(reader))?;
                self.write(|over| Writing::typing(writer, text, tokens_per_s, over));
            }
        }
        Ok(())
    }

    fn write(&mut self, begin: impl FnOnce(Arc<AtomicBool>) -> std::io::Result<Writing>) {
        match begin(Arc::clone(&self.over)) {
            Ok(writing) => self.writing = Some(writing),
            Err(error) => self.account.failure = Some(error.to_string()),
        }
    }

    fn prose(&self) -> &Arc<Mutex<Prose>> {
        &self.prose[self.turn % self.prose.len()]
    }

    fn with_prose<T>(&self, take: impl FnOnce(&mut Prose) -> T) -> T {
        take(&mut self.prose().lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn accept(&mut self, input: Input) -> Result<(), EngineError> {
        let is_waited_for = self.open.is_empty();
        let language = self.part.languages[self.turn % self.part.languages.len()];
        let utterance = Utterance {
            input,
            language,
            voice: Arc::clone(&self.part.voice),
            prosody: Prosody::default(),
            seed: (self.part.number as u64) << STREAM_SHIFT,
            marks: false,
            events: EventOptions::default(),
        };
        if is_waited_for {
            self.seat.begin_delay(self.delay_so_far());
            self.alive = (Instant::now(), self.frames());
        }
        // The ear is told before the first sample can leave.
        let at = self.seat.now();
        if let Some(ear) = self.seat.ear() {
            ear.accept(at, is_waited_for);
        }
        let speech = self.stream.speak(utterance)?;
        self.account.accepted += 1;
        self.open.push_back(Open { speech, is_waited_for, sounds: false, is_wanted: true });
        Ok(())
    }

    fn delay_so_far(&self) -> f64 {
        let (stats, playback) = (self.stream.stats(), self.stream.control().playback_stats());
        super::delay::so_far(&stats, &playback, self.stream.format().rate, self.part.rate)
    }

    fn take_refusal(&mut self, error: &EngineError, at_s: f64) {
        match error {
            EngineError::MemoryLimit { .. } => {
                self.account.refused += 1;
                self.next_s = self.next_s.max(at_s + RETRY_S);
            }
            error => self.account.failure = Some(error.to_string()),
        }
    }

    /// Takes everything back, where a storm says so.
    fn storm(&mut self, at_s: f64) {
        // Where nothing sounds a storm waits until something does: else none ever would.
        if !self.open.iter().any(|open| open.sounds && open.is_wanted) {
            return;
        }
        let due: Vec<FaultKind> =
            self.storms.iter_mut().filter_map(|(kind, often)| often.is_due(at_s).then_some(*kind)).collect();
        for kind in due {
            self.round.course.fire(kind);
            self.stop();
            self.next_s = if kind == FaultKind::BargeIn {
                let sentence = self.with_prose(Prose::sentence).to_owned();
                if let Err(error) = self.accept(Input::Text(sentence)) {
                    self.take_refusal(&error, at_s);
                }
                at_s
            } else {
                at_s + 0.2 + 0.5 * self.share()
            };
        }
    }

    fn stop(&mut self) {
        self.was_stopped = true;
        let sounds = self.open.iter().any(|open| open.sounds && open.is_wanted);
        self.open.iter_mut().for_each(|open| open.is_wanted = false);
        let called = self.seat.now();
        self.stream.stop();
        let returned = self.seat.now();
        if let Some(ear) = self.seat.ear() {
            ear.stop(called, returned);
        } else if sounds && let Some(transport) = self.seat.transport() {
            self.stop_s.push(self.time_stop(transport, called));
        }
        if self.writing.as_ref().is_some_and(|writing| !writing.is_over()) {
            // Nobody reads it any more, so it ends at its next word.
            self.writing = None;
        }
    }

    /// Waits until the renderer has carried out a stop; returns how long it took until that was heard.
    fn time_stop(&self, transport: &Transport, called: Duration) -> f64 {
        let limit = called + Duration::from_secs(1);
        while !transport.is_stopped() && self.seat.now() < limit {
            std::thread::sleep(Duration::from_micros(200));
        }
        (self.seat.now() + transport.latency()).saturating_sub(called).as_secs_f64()
    }

    fn frames(&self) -> u64 {
        let position = self.seat.transport().and_then(|transport| transport.position.read());
        position.map_or(0, |position| position.frames)
    }

    /// Takes back what is not going to be heard any more, so that the rest of the run tells something.
    fn give_up_on_silence(&mut self) {
        let frames = self.frames();
        // Who waits for somebody who is writing waits for nothing else.
        let is_written = self.writing.as_ref().is_some_and(|writing| !writing.is_over());
        let is_starved = is_written && self.seat.transport().is_some_and(Transport::is_starved);
        if frames != self.alive.1 || self.open.is_empty() || is_starved {
            self.alive = (Instant::now(), frames);
        } else if self.alive.0.elapsed() > PATIENCE {
            self.account.unfinished += self.open.len() as u64;
            self.open.clear();
            self.stop();
            self.alive = (Instant::now(), frames);
        }
    }
}
