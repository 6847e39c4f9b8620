//! A session that is what its fragments cost.

use std::time::Duration;

use sostenuto_engine::cost::CostPrior;
use sostenuto_engine::workload::{Candidate, Standing, Workload};
use sostenuto_inference::{LARGEST_TILE, SessionKind};
use sostenuto_playback::{CHUNK_RATE, Tag};

use crate::clock::at;
use crate::{Costs, Pace, Scatter, Stalls};

/// What became of work on a fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was spoken.
    Spoken,
    /// It could not be spoken.
    Failed,
    /// What came of it was not numbers, so that it was not handed out.
    NotNumbers,
    /// It was ended before it was done: stopped, timed out, or spoken by another session.
    Ended,
}

/// Work on a fragment that is over.
#[derive(Clone, Copy, Debug)]
pub struct Worked {
    /// For whom.
    pub stream: usize,
    /// The fragment's number among all of its stream.
    pub fragment: usize,
    /// How large it is, in tokens.
    pub tokens: usize,
    /// When it was begun, in seconds.
    pub begun: f64,
    /// When it was over, in seconds.
    pub over: f64,
    /// Seconds of audio that came of it.
    pub audio_s: f64,
    /// Whether it stalled.
    pub stalled: bool,
    /// What became of it.
    pub outcome: Outcome,
}

/// What an interrupted session works on until it lets go, in seconds at its usual pace.
const LET_GO: f64 = 0.03;

/// Which share of its work is done when the first tile of a fragment is begun, where it streams: the encoder and the
/// decoder, 9 to 10 % of a Kokoro fragment.
const FIRST_SHARE: f64 = 0.1;
/// A fragment comes in no more tiles; longer ones are handed out in larger tiles.
pub(crate) const MOST_TILES: usize = 120;

/// How many tiles a fragment of `samples` samples comes in, the first of `first`.
fn tiles(samples: usize, first: usize) -> u32 {
    (1 + samples.saturating_sub(first).div_ceil(LARGEST_TILE)).min(MOST_TILES) as u32
}

/// A fragment that a session was given.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) stream: usize,
    /// Its number among all of its stream.
    pub(crate) fragment: usize,
    pub(crate) tag: Tag,
    pub(crate) tokens: usize,
    pub(crate) pause_s: f64,
    /// Tempo at which it is spoken.
    pub(crate) speed: f64,
    pub(crate) opening: bool,
    pub(crate) may_be_late: bool,
    /// When it is promised to be done.
    pub(crate) promised: Option<Duration>,
    /// Samples that its first part is to have, where the session streams.
    pub(crate) first_tile: usize,
}

/// What a session hands to the stream of its fragment.
pub(crate) enum Output {
    /// The next part of the fragment.
    Part {
        /// So many.
        samples: usize,
        /// Whether only the end follows, at once.
        last: bool,
    },
    /// The end of the fragment, as it was to be or not.
    End {
        /// Whether it was spoken.
        spoken: bool,
    },
}

/// A fragment that a session is done with.
pub(crate) struct Report {
    pub(crate) given: Given,
    /// Chunks that have arrived.
    pub(crate) chunks: u64,
    /// Seconds of audio; `None` where it was not spoken.
    pub(crate) audio_s: Option<f64>,
}

#[derive(Debug)]
struct Busy {
    /// `None` once it was given up on, or another session speaks it.
    given: Option<Given>,
    /// For whom it works or worked, and on which fragment of how many tokens.
    job: (usize, usize, usize),
    /// What was given up on, of which its stream still keeps room for the rest.
    lost: Option<Given>,
    begun: f64,
    /// Seconds at its usual pace.
    work: f64,
    end: f64,
    /// When it has something to hand out.
    next: f64,
    samples: usize,
    /// Parts that were handed out, and those that it comes in.
    parts: u32,
    of_parts: u32,
    /// Samples of its first part, where it streams.
    first_tile: Option<usize>,
    /// When its first part was handed out.
    first: Option<f64>,
    spoken: bool,
    stalled: bool,
    /// What becomes of it unless it is ended.
    outcome: Outcome,
    chunks: u64,
    /// It has been handed out to its end, and waits to be reported.
    closed: bool,
}

impl Busy {
    /// Samples of its first `parts` parts.
    fn until(&self, parts: u32) -> usize {
        match self.first_tile.map(|first| first.min(self.samples)) {
            Some(first) if self.of_parts > 1 => {
                let rest = (self.samples - first) * parts.saturating_sub(1) as usize;
                rest / (self.of_parts - 1) as usize + if parts > 0 { first } else { 0 }
            }
            _ => self.samples * parts as usize / self.of_parts.max(1) as usize,
        }
    }
}

/// A session, and what became of its fragments.
#[derive(Debug)]
pub struct Simulated {
    kind: SessionKind,
    work: Workload,
    costs: Costs,
    pace: Pace,
    stalls: Vec<Stalls>,
    fails: (Scatter, f64),
    garbles: (Scatter, f64),
    parts: u32,
    streams: bool,
    ready_at: f64,
    busy: Option<Busy>,
    hangs: bool,
    /// Fragments that it spoke: when it began them, their seconds of audio, and how long it took over what it had
    /// promised, as a ratio.
    pub spoken: Vec<(f64, f64, f64)>,
    /// Fragments that took too long.
    pub timeouts: usize,
    /// Fragments that another session spoke.
    pub taken_over: usize,
    /// Fragments that could not be spoken.
    pub failed: usize,
    /// All that it worked on, in order.
    pub worked: Vec<Worked>,
}

impl Simulated {
    /// A session of which as much is known beforehand as of any, which is ready.
    pub fn new(kind: SessionKind, costs: Costs) -> Self {
        Self {
            kind,
            work: Workload::new(sostenuto_engine::prior(kind)),
            costs,
            pace: Pace::default(),
            stalls: Vec::new(),
            fails: (Scatter::new(0), 0.0),
            garbles: (Scatter::new(0), 0.0),
            parts: 1,
            streams: false,
            ready_at: 0.0,
            busy: None,
            hangs: false,
            spoken: Vec::new(),
            timeouts: 0,
            taken_over: 0,
            failed: 0,
            worked: Vec::new(),
        }
    }

    /// As it is, but at another pace.
    #[must_use]
    pub fn at(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// As it is, but with fragments that stall, these besides any others.
    #[must_use]
    pub fn stalling(mut self, stalls: Stalls) -> Self {
        self.stalls.push(stalls);
        self
    }

    /// As it is, but a `share` of its fragments, from 0 to 1, fails.
    #[must_use]
    pub fn failing(self, seed: u64, share: f64) -> Self {
        Self { fails: (Scatter::new(seed), share), ..self }
    }

    /// As it is, but of a `share` of its fragments, from 0 to 1, come samples that are not numbers. What it is in refuses
    /// them, as the engine does, and sends a gap.
    #[must_use]
    pub fn garbling(self, seed: u64, share: f64) -> Self {
        Self { garbles: (Scatter::new(seed), share), ..self }
    }

    /// As it is, but handing out each fragment in so many parts, as it gets on with it.
    #[must_use]
    pub fn in_parts(self, parts: u32) -> Self {
        let work = if parts > 1 { self.work.in_parts() } else { self.work };
        Self { parts: parts.max(1), work, ..self }
    }

    /// As it is, but handing out each fragment in tiles while it is at work on it: the encoder and the decoder run over
    /// all of it, then comes the first tile, and then one of 300 ms after the other.
    #[must_use]
    pub fn streaming(self) -> Self {
        Self { streams: true, ..self }
    }

    /// As it is, but loaded only at `ready_at`, in seconds.
    #[must_use]
    pub fn loading_until(self, ready_at: f64) -> Self {
        Self { ready_at, ..self }
    }

    /// As it is, but believed to cost something else before it has spoken.
    #[must_use]
    pub fn believed(self, prior: CostPrior) -> Self {
        Self { work: Workload::new(prior), ..self }
    }

    /// As it is, having learnt what `fragments` of its fragments cost.
    #[must_use]
    pub fn warm(mut self, fragments: usize) -> Self {
        for n in 0..fragments {
            let tokens = 12 + 37 * n % 180;
            let (seconds, audio_s) = self.costs.next(tokens);
            self.work.begin(Duration::ZERO, tokens, 1.0, false);
            if self.streams {
                self.work.stream();
                self.work.note_first(FIRST_SHARE * seconds);
            }
            self.work.end(seconds, Some(audio_s));
        }
        self
    }

    /// Whether it does nothing.
    pub fn is_idle(&self) -> bool {
        self.busy.is_none()
    }

    /// Seconds of audio that it spoke.
    pub fn audio_s(&self) -> f64 {
        self.spoken.iter().map(|(_, audio_s, _)| audio_s).sum()
    }

    pub(crate) fn is_fast(&self) -> bool {
        self.kind == SessionKind::Fast
    }

    /// The most chunks that a fragment comes in: its parts and its end.
    pub(crate) fn most_chunks(&self) -> u64 {
        if self.streams { MOST_TILES as u64 + 1 } else { u64::from(self.parts) + 1 }
    }

    /// Whether it hands out fragments while it is at work on them.
    pub(crate) fn streams(&self) -> bool {
        self.streams
    }

    pub(crate) fn audio_seconds(&self, tokens: usize, speed: f64) -> f64 {
        self.work.audio_seconds(tokens, speed)
    }

    /// How soon, as promised, a fragment heard at `pace` may begin to sound after it was begun.
    pub(crate) fn promise(&self, tokens: usize, pace: f64) -> f64 {
        if self.streams { self.work.lead(tokens, pace) } else { self.work.cost().promise(tokens) }
    }

    pub(crate) fn candidate(&self, now: f64) -> Candidate<'_> {
        let standing = if self.hangs {
            Standing::Gone
        } else if now < self.ready_at {
            Standing::Loading
        } else {
            Standing::Ready { speaks: true }
        };
        Candidate { kind: self.kind, standing, work: &self.work, streams: self.streams }
    }

    /// When it has something to hand out.
    pub(crate) fn next_event(&self) -> Option<f64> {
        self.busy.as_ref().filter(|busy| !busy.closed).map(|busy| busy.next)
    }

    pub(crate) fn begin(&mut self, now: f64, mut given: Given) {
        self.work.begin(at(now), given.tokens, given.speed, given.opening);
        if self.streams {
            self.work.stream();
        }
        given.promised = Some(at(now + self.work.secured_in(at(now))));
        let speed = given.speed;
        let (seconds, audio_s) = self.costs.next(given.tokens);
        let slower: f64 = self.stalls.iter_mut().map(Stalls::draw).product();
        let work = seconds * slower;
        let outcome = self.outcome();
        let samples = (audio_s / speed * f64::from(CHUNK_RATE)) as usize;
        let first_tile = self.streams.then_some(given.first_tile);
        let mut busy = Busy {
            job: (given.stream, given.fragment, given.tokens),
            given: Some(given),
            lost: None,
            begun: now,
            work,
            end: self.pace.done(now, work),
            next: 0.0,
            samples,
            parts: 0,
            of_parts: first_tile.map_or(self.parts, |first| tiles(samples, first)),
            first_tile,
            first: None,
            spoken: outcome == Outcome::Spoken,
            stalled: slower > 1.0,
            outcome,
            chunks: 0,
            closed: false,
        };
        self.schedule(&mut busy);
        self.busy = Some(busy);
    }

    /// What becomes of the next fragment.
    fn outcome(&mut self) -> Outcome {
        let happens = |(scatter, share): &mut (Scatter, f64)| *share > 0.0 && scatter.share() < *share;
        let (fails, garbles) = (happens(&mut self.fails), happens(&mut self.garbles));
        match (fails, garbles) {
            (true, _) => Outcome::Failed,
            (false, true) => Outcome::NotNumbers,
            (false, false) => Outcome::Spoken,
        }
    }

    /// Works out when the next part is done, or all of it.
    fn schedule(&self, busy: &mut Busy) {
        let owes = busy.spoken && busy.parts < busy.of_parts;
        let share = if busy.first_tile.is_some() {
            let there = busy.until(busy.parts + 1) as f64 / busy.samples.max(1) as f64;
            FIRST_SHARE + (1.0 - FIRST_SHARE) * there
        } else {
            f64::from(busy.parts + 1) / f64::from(self.parts)
        };
        busy.next = if owes { self.pace.done(busy.begun, busy.work * share) } else { busy.end };
    }

    /// What it has to hand out at `now`, and as which part of which fragment.
    pub(crate) fn next_output(&mut self, now: f64) -> Option<(Given, u32, Output)> {
        let mut busy = self.busy.take()?;
        let mut output = None;
        while output.is_none() && !busy.closed && busy.next <= now {
            let part = busy.parts;
            let done = if busy.spoken && part < busy.of_parts {
                busy.parts += 1;
                busy.first.get_or_insert(busy.next - busy.begun);
                let samples = busy.until(part + 1) - busy.until(part);
                Output::Part { samples, last: part + 1 == busy.of_parts }
            } else {
                busy.closed = true;
                Output::End { spoken: busy.spoken }
            };
            self.schedule(&mut busy);
            // What was taken from it nobody wants.
            output = busy.given.clone().map(|given| (given, part, done));
        }
        self.busy = Some(busy);
        output
    }

    /// Takes note of what it has handed out, as the dispatcher does when it wakes.
    pub(crate) fn note_progress(&mut self) {
        if let Some(first) = self.busy.as_ref().and_then(|busy| busy.first) {
            self.work.note_first(first);
        }
    }

    /// Is told that so many chunks of its fragment have arrived.
    pub(crate) fn note_chunks(&mut self, chunks: u64) {
        if let Some(busy) = &mut self.busy {
            busy.chunks += chunks;
        }
    }

    pub(crate) fn report(&mut self) -> Option<Report> {
        let Busy { given, job, lost, begun, end, first, samples, spoken, stalled, outcome, chunks, .. } =
            self.busy.take_if(|busy| busy.closed)?;
        let seconds = end - begun;
        if let Some(first) = first {
            self.work.note_first(first);
        }
        let (stream, fragment, tokens) = job;
        let audio_s = if spoken && given.is_some() { samples as f64 / f64::from(CHUNK_RATE) } else { 0.0 };
        let outcome = if given.is_some() { outcome } else { Outcome::Ended };
        self.worked.push(Worked { stream, fragment, tokens, begun, over: end, audio_s, stalled, outcome });
        // It has let go at last.
        self.hangs = false;
        self.timeouts += usize::from(self.work.timed_out());
        let Some(given) = given else {
            self.work.end(seconds, None);
            return lost.map(|given| Report { given, chunks, audio_s: None });
        };
        let promise = self.work.cost().promise(given.tokens);
        let audio_s = spoken.then_some(samples as f64 / f64::from(CHUNK_RATE));
        self.work.end(seconds, audio_s);
        match audio_s {
            Some(audio_s) => self.spoken.push((begun, audio_s, seconds / promise)),
            None => self.failed += 1,
        }
        Some(Report { given, chunks, audio_s })
    }

    /// The fragment that it may be relieved of.
    pub(crate) fn spare(&self) -> Option<(Given, usize)> {
        let tokens = self.work.relievable()?;
        let busy = self.busy.as_ref().filter(|busy| busy.parts == 0 && !busy.closed)?;
        let given = busy.given.as_ref().filter(|given| given.may_be_late)?;
        Some((given.clone(), tokens))
    }

    /// Takes its fragment away from it for another session to speak.
    pub(crate) fn relieve(&mut self, now: f64) -> Option<Given> {
        self.work.relieve();
        self.taken_over += 1;
        self.interrupt(now);
        self.busy.as_mut()?.given.take()
    }

    pub(crate) fn stop(&mut self, now: f64, stream: usize) {
        let speaks = |busy: &Busy| busy.given.as_ref().is_some_and(|given| given.stream == stream);
        if self.busy.as_ref().is_some_and(speaks) {
            self.interrupt(now);
        }
    }

    pub(crate) fn is_overdue(&self, now: f64) -> bool {
        self.work.is_overdue(at(now))
    }

    pub(crate) fn end_overdue(&mut self, now: f64) -> f64 {
        if self.work.times_out(at(now)) {
            self.interrupt(now);
        }
        self.work.look_in(at(now))
    }

    /// The fragment that it does not let go of, and how many parts of it were handed out.
    pub(crate) fn lost(&mut self, now: f64) -> Option<(Given, u32)> {
        if !self.work.hangs(at(now)) {
            return None;
        }
        self.hangs = true;
        self.timeouts += 1;
        let busy = self.busy.as_mut()?;
        busy.lost.clone_from(&busy.given);
        Some((busy.given.take()?, busy.parts))
    }

    fn interrupt(&mut self, now: f64) {
        let Some(mut busy) = self.busy.take() else { return };
        let end = self.pace.done(now, LET_GO);
        // What is done sooner than an interrupt is heard was spoken.
        if !busy.closed && end < busy.end {
            busy.end = end;
            busy.spoken = false;
            busy.outcome = Outcome::Ended;
            self.schedule(&mut busy);
        }
        self.busy = Some(busy);
    }
}
