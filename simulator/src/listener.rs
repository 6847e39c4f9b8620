//! A listener: its script, where stage 2 is in it, and what it hears.

use std::collections::VecDeque;
use std::time::Duration;

use sostenuto_engine::in_flight::InFlight;
use sostenuto_engine::outlook::{Ahead, outlook};
use sostenuto_engine::planner::{Budget, Planned, Planner};
use sostenuto_engine::starvation::Starvation;
use sostenuto_engine::tempo::tempo;
use sostenuto_engine::turn::{Listener, Rules};
use sostenuto_engine::workload::Candidate;
use sostenuto_g2p::{Boundary, Clause};
use sostenuto_playback::{
    Buffer, CHUNK_RATE, Content, Epoch, PumpEvent, SessionId, SinkError, StreamId, Tag,
};

use crate::clock::at;
use crate::coded::Coder;
use crate::delay::Delay;
use crate::fate::Fate;
use crate::hearer::Hearer;
use crate::lane::{Faults, Lane, Mishap, Part, begin_mark};
use crate::playback::Playback;
use crate::script::typed;
use crate::session::{Given, Output, Report, Simulated};
use crate::{Cue, Dry, LateCounts};

/// The dispatcher's own lane to a stream.
const DISPATCHER: usize = 0;

/// A text that is there, or comes bit by bit.
struct Text {
    utterance: usize,
    said: f64,
    clauses: VecDeque<(f64, Clause)>,
}

/// An utterance that is not at its end.
struct Open {
    said: f64,
    /// Whether its listener heard nothing else when it was said.
    waited_for: bool,
}

/// What was said before is taken back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stop {
    /// When, in seconds.
    pub at: f64,
    /// How many utterances had not been heard to their end.
    pub unheard: usize,
    /// Whether something else was said at once.
    pub barges_in: bool,
}

/// What a script's moment asks of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Nothing,
    Stop,
    End,
}

/// A listener at work.
pub struct Listening {
    script: VecDeque<Cue>,
    breaks: VecDeque<Cue>,
    refuses: Vec<(f64, f64)>,
    texts: VecDeque<Text>,
    pub(crate) planner: Planner,
    utterances: usize,
    /// The utterance that is being planned, and when it was said.
    current: Option<(usize, f64)>,
    complete: bool,
    skips: bool,
    stream: StreamId,
    epoch: Epoch,
    seq: u64,
    begun: u64,
    last: Option<(usize, Boundary)>,
    in_flight: InFlight,
    starvation: Starvation,
    /// The dispatcher's, then the sessions'.
    pub(crate) lanes: Vec<Lane>,
    coder: Coder,
    pub(crate) playback: Playback,
    pub(crate) delay: Delay,
    /// Every fragment that was begun, in order.
    pub fragments: Vec<Fate>,
    open: VecDeque<Open>,
    /// Since when it hears nothing, in seconds.
    free_since: f64,
    stopping: Option<Epoch>,
    pub(crate) finished: usize,
    /// Utterances that nobody could speak to their end.
    pub failed: usize,
    /// Seconds from each utterance that was waited for to its first audible sample.
    pub ttfa: Vec<f64>,
    /// When everything was taken back.
    pub stops: Vec<Stop>,
    /// When an utterance was not accepted, in seconds.
    pub refused: Vec<f64>,
}

impl Listening {
    pub(crate) fn new(
        number: usize,
        hearer: Hearer,
        sessions: &[Simulated],
        budget: Budget,
    ) -> Result<Self, SinkError> {
        let Hearer { script, breaks, refuses, device, faults, lateness, seed } = hearer;
        let lane = |n: usize| {
            let faults = if n == DISPATCHER { Faults::default() } else { faults };
            let chunks = n.checked_sub(1).map_or(0, |session| sessions[session].most_chunks());
            Lane::new(SessionId(n as u8), chunks as usize, faults, seed.wrapping_add(n as u64))
        };
        let (lanes, rings): (Vec<_>, Vec<_>) = (0..=sessions.len()).map(lane).unzip();
        Ok(Self {
            script: script.into(),
            breaks: breaks.into(),
            refuses,
            texts: VecDeque::new(),
            planner: Planner::new(budget),
            utterances: 0,
            current: None,
            complete: false,
            skips: false,
            stream: StreamId(number as _),
            epoch: Epoch(0),
            seq: 0,
            begun: 0,
            last: None,
            in_flight: InFlight::default(),
            starvation: Starvation::default(),
            lanes,
            coder: Coder::new(),
            playback: Playback::new(rings, device, lateness)?,
            delay: Delay::default(),
            fragments: Vec::new(),
            open: VecDeque::new(),
            free_since: 0.0,
            stopping: None,
            finished: 0,
            failed: 0,
            ttfa: Vec::new(),
            stops: Vec::new(),
            refused: Vec::new(),
        })
    }

    /// The fragments that it heard, and the gaps in place of others, in order. A gap behind a fragment that a stop kept
    /// from being heard was never come to.
    pub fn heard(&self) -> impl Iterator<Item = &Fate> {
        let mut kept_from: Option<Epoch> = None;
        self.fragments.iter().filter(move |fate| {
            if !fate.gap && fate.heard.is_none() {
                kept_from = Some(fate.tag.epoch);
            }
            fate.heard.is_some() || (fate.gap && kept_from != Some(fate.tag.epoch))
        })
    }

    /// Utterances that are not at their end.
    pub fn unfinished(&self) -> usize {
        self.open.len()
    }

    /// From each stop to silence, in seconds, where nothing else was heard at once.
    pub fn silences(&self) -> &[f64] {
        &self.playback.listened.stops_s
    }

    /// What went wrong with chunks, and when, in seconds.
    pub fn mishaps(&self) -> impl Iterator<Item = (Mishap, f64)> {
        self.lanes.iter().flat_map(|lane| lane.mishaps.iter().copied())
    }

    /// Which of its device's incidents made a difference, by their numbers, and when, in seconds.
    pub fn happened(&self) -> &[(usize, f64)] {
        self.playback.device().happened()
    }

    /// When a callback of its device came only after what it was to give should have been heard, in seconds; of those
    /// that follow each other so the first.
    pub fn xruns(&self) -> &[f64] {
        self.playback.device().xruns()
    }

    /// How late the callbacks of its device came.
    pub fn lateness(&self) -> &LateCounts {
        self.playback.device().lateness()
    }

    /// When audio was due and was not there.
    pub fn dry(&self) -> &[Dry] {
        &self.playback.listened.dry
    }

    /// Does what the script says at `now`.
    pub(crate) fn follow_script(&mut self, now: f64) -> Asked {
        while let Some(cue) = self.due(now) {
            match cue {
                Cue::Say(at, clauses) => self.say(at, clauses.into_iter().map(|clause| (at, clause))),
                Cue::Then(_, clauses) => self.say(now, clauses.into_iter().map(|clause| (now, clause))),
                Cue::Type(at, clauses, rate) => self.say(at, typed(at, clauses, rate)),
                Cue::ThenType(_, clauses, rate) => self.say(now, typed(now, clauses, rate)),
                Cue::Stop(_) => {
                    self.stop(now, false);
                    return Asked::Stop;
                }
                Cue::BargeIn(_, clauses) => {
                    self.stop(now, true);
                    self.say(now, clauses.into_iter().map(|clause| (now, clause)));
                    return Asked::Stop;
                }
                Cue::Close(_) => self.close(),
                Cue::Pause(at) => {
                    self.playback.transport.set_paused(true);
                    self.delay.hold(at);
                }
                Cue::Resume(at) => {
                    self.playback.transport.set_paused(false);
                    self.delay.go_on(at);
                }
                Cue::Rate(_, rate) => self.playback.transport.set_rate(rate),
                Cue::End(_) => return Asked::End,
            }
        }
        Asked::Nothing
    }

    /// The cue that is due at `now`.
    fn due(&mut self, now: f64) -> Option<Cue> {
        let first = [self.script_cue(), self.break_cue()];
        let [in_script, breaks] = first.map(|at| at.filter(|&at| at <= now).unwrap_or(f64::INFINITY));
        if in_script.min(breaks).is_infinite() {
            return None;
        }
        if in_script <= breaks { self.script.pop_front() } else { self.breaks.pop_front() }
    }

    /// Ends the text that is being read where it is, and lets those go that have not begun.
    fn close(&mut self) {
        self.script.clear();
        let begun = self.current.map(|(utterance, _)| utterance);
        let said = self.texts.len();
        self.texts.retain(|text| Some(text.utterance) == begun);
        for _ in self.texts.len()..said {
            self.open.pop_back();
        }
        self.texts.iter_mut().for_each(|text| text.clauses.clear());
    }

    fn say(&mut self, said: f64, clauses: impl Iterator<Item = (f64, Clause)>) {
        if self.refuses.iter().any(|&(from, to)| (from..to).contains(&said)) {
            self.refused.push(said);
            self.free_since = self.free_since.max(said);
            return;
        }
        self.texts.push_back(Text { utterance: self.utterances, said, clauses: clauses.collect() });
        self.open.push_back(Open { said, waited_for: self.open.is_empty() });
        self.utterances += 1;
    }

    fn stop(&mut self, now: f64, barges_in: bool) {
        self.stops.push(Stop { at: now, unheard: self.open.len(), barges_in });
        self.texts.clear();
        self.open.clear();
        self.delay.go_on(now);
        self.delay.restart();
        self.free_since = now;
        self.stopping = Some(self.playback.stop(now));
    }

    fn end_current(&mut self) {
        self.planner.restart();
        (self.current, self.complete, self.skips) = (None, false, false);
        (self.begun, self.last) = (0, None);
    }

    /// Whether all is said and heard.
    pub(crate) fn is_over(&self) -> bool {
        let told = self.script.is_empty() && self.breaks.is_empty();
        let said = told && self.texts.is_empty() && self.current.is_none();
        said && self.open.is_empty() && self.stopping.is_none() && self.playback.is_drained()
    }

    /// When the script has something to say next, or more of a text is there.
    pub(crate) fn next_moment(&self, now: f64) -> Option<f64> {
        let clause = self.texts.front().and_then(|text| text.clauses.front()).map(|&(at, _)| at);
        self.next_cue().into_iter().chain(clause.filter(|&at| at > now)).min_by(f64::total_cmp)
    }

    fn next_cue(&self) -> Option<f64> {
        self.script_cue().into_iter().chain(self.break_cue()).min_by(f64::total_cmp)
    }

    fn break_cue(&self) -> Option<f64> {
        self.breaks.front().map(Cue::at)
    }

    fn script_cue(&self) -> Option<f64> {
        match self.script.front()? {
            Cue::Then(gap, _) | Cue::ThenType(gap, ..) => {
                self.open.is_empty().then_some(self.free_since + gap)
            }
            cue => Some(cue.at()),
        }
    }

    /// Takes in the clauses that the planner can use.
    pub(crate) fn take_in(&mut self, now: f64) {
        let epoch = self.playback.transport.epoch();
        if epoch != self.epoch {
            (self.epoch, self.seq) = (epoch, 0);
            self.starvation.restart();
            self.end_current();
        }
        while !self.planner.is_full() && !self.complete {
            let Some(text) = self.texts.front_mut() else { break };
            if text.clauses.is_empty() {
                self.current = Some((text.utterance, text.said));
                self.complete = true;
                self.texts.pop_front();
            } else if let Some((_, clause)) = text.clauses.pop_front_if(|(at, _)| *at <= now) {
                self.current = Some((text.utterance, text.said));
                if !self.skips {
                    self.planner.push(clause);
                }
            } else {
                break;
            }
        }
    }

    /// Tells playback whether there is nothing to say, or was for so long that what is being spoken is late for that.
    /// Returns whether that is so.
    pub(crate) fn note_starvation(&mut self, now: f64) -> bool {
        let clauses = self.texts.front().map(|text| text.clauses.front());
        let exhausted = clauses.is_none_or(|clause| clause.is_some_and(|&(at, _)| at > now));
        let lacks_text = exhausted
            && !self.planner.is_full()
            && !self.in_flight.is_speaking(self.epoch)
            && (self.current.is_none() || !self.complete);
        if lacks_text && self.current.is_none() {
            self.starvation.restart();
        }
        let is_late = self.starvation.note(at(now), lacks_text && self.current.is_some());
        self.playback.transport.set_starved(lacks_text || is_late);
        lacks_text || is_late
    }

    pub(crate) fn is_current(&self) -> bool {
        self.current.is_some()
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Ends the utterance, if all of it is planned and there is room to say so. Returns whether it was.
    pub(crate) fn end_utterance(&mut self) -> bool {
        let Some((utterance, _)) = self.current else { return false };
        let waits = self.begun == 0 && self.in_flight.is_awaited(self.epoch);
        let ends = !waits && self.complete && self.planner.is_empty() && self.lanes[DISPATCHER].has_room(1);
        if ends {
            let tag = self.next_tag();
            let content = Content::End { utterance: utterance as u64 };
            self.tell(tag, 0, content);
            self.end_current();
        }
        ends
    }

    /// Lets the current utterance go, because nobody speaks it.
    pub(crate) fn fail_utterance(&mut self) {
        self.planner.restart();
        self.skips = true;
        self.failed += 1;
    }

    /// Seconds until it runs dry.
    pub(crate) fn deadline(&mut self) -> f64 {
        self.settle();
        self.playback.transport.seconds_waiting() + self.in_flight.seconds(self.epoch) / self.rate()
    }

    /// Seconds until it needs the fragment `tag`.
    pub(crate) fn deadline_of(&self, tag: Tag) -> f64 {
        self.playback.transport.seconds_waiting() + self.in_flight.seconds_before(tag) / self.rate()
    }

    fn settle(&mut self) {
        let Self { in_flight, lanes, epoch, .. } = self;
        in_flight.settle(*epoch, |session, sent| lanes[session + 1].taken() >= sent);
        in_flight.correct(*epoch, self.playback.transport.seconds_taken());
    }

    fn rate(&self) -> f64 {
        f64::from(self.playback.transport.rate())
    }

    /// Tells playback until when what it has must last, so that nothing that `candidates` speak is late.
    pub(crate) fn publish_outlook(&mut self, now: Duration, rules: Rules, candidates: &[Candidate<'_>]) {
        if self.utterances == 0 {
            return;
        }
        self.settle();
        let complete = self.current.is_none() || self.complete;
        let upcoming = rules.preview(&mut self.planner, complete, candidates);
        let (epoch, in_flight, rate) = (self.epoch, &self.in_flight, self.rate());
        let ahead = Ahead { epoch, in_flight, upcoming: &upcoming, complete, speed: 1.0, rate };
        self.playback.transport.set_outlook(outlook(now, &ahead, rules.policy, candidates));
    }

    /// How much slower than usual its next fragment is spoken, which lasts `seconds`.
    pub(crate) fn tempo(&self, seconds: f64) -> f64 {
        tempo(self.playback.transport.slack(), seconds)
    }

    pub(crate) fn state(&mut self) -> Listener {
        let (ahead, pace) = (self.deadline(), self.rate());
        Listener { ahead, plays: true, begun: self.begun, last: self.last, pace }
    }

    pub(crate) fn has_room(&self, session: usize, chunks: u64) -> bool {
        self.lanes[session + 1].has_room(chunks)
    }

    pub(crate) fn is_living(&self, tag: Tag) -> bool {
        tag.epoch == self.epoch
    }

    /// Gives the next place to a fragment of `session`, predicted to last `seconds`, which is due in so many seconds, and
    /// with so much slack.
    pub(crate) fn begin(
        &mut self,
        now: f64,
        index: usize,
        session: &Simulated,
        seconds: f64,
        (due_in, slack): (f64, f64),
        planned: Planned,
    ) -> (Tag, usize) {
        let tag = self.next_tag();
        let (utterance, said) = self.current.unwrap_or_default();
        let chunks = session.most_chunks();
        self.lanes[index + 1].sent += chunks;
        self.in_flight.begin(tag, index, seconds, chunks);
        if session.streams() {
            self.in_flight.stream(tag);
        }
        self.last = Some((index, planned.boundary));
        self.begun += 1;
        let Planned { source, phonemes, .. } = planned;
        let (came, seconds, heard) = (None, None, None);
        let (begun, gap, delay) = (now, false, 0.0);
        let due = now + due_in;
        self.fragments.push(Fate {
            tag,
            utterance,
            said,
            source,
            phonemes,
            begun,
            due,
            slack,
            came,
            seconds,
            gap,
            heard,
            delay,
        });
        (tag, self.fragments.len() - 1)
    }

    fn next_tag(&mut self) -> Tag {
        let tag = Tag { stream: self.stream, epoch: self.epoch, seq: self.seq };
        self.seq += 1;
        tag
    }

    /// Another session speaks the fragment `tag`.
    pub(crate) fn hand_over(&mut self, tag: Tag, session: usize, chunks: u64) {
        let Some((late, reserved)) = self.in_flight.reservation(tag) else { return };
        self.lanes[late + 1].sent -= reserved;
        self.lanes[session + 1].sent += chunks;
        self.in_flight.hand_over(tag, session, chunks);
    }

    /// Gets what `session` hands out of a fragment. Returns how many chunks have arrived.
    pub(crate) fn receive(
        &mut self,
        now: f64,
        session: usize,
        given: &Given,
        part: u32,
        output: &Output,
    ) -> u64 {
        let lane = &mut self.lanes[session + 1];
        lane.now = now;
        let fate = &mut self.fragments[given.fragment];
        let (tag, pause) = (given.tag, (given.pause_s * f64::from(CHUNK_RATE)) as u32);
        let lives = tag.epoch == self.playback.transport.epoch();
        match *output {
            Output::Part { samples, last } => {
                let mut buffer = lane.buffer();
                let from = self.coder.write(samples, &mut buffer.samples);
                let place = (given.fragment as u64) << 16 | u64::from(part);
                self.playback.reader.expect(from, buffer.samples.len(), place, tag.epoch);
                if part == 0 {
                    buffer.marks.push(begin_mark(given.fragment));
                    fate.came = Some(now);
                }
                let content = Content::Audio;
                let part = Part { tag, number: part, last: false, content, pause: 0, promised: None };
                if last { lane.send_before_end(part, buffer) } else { lane.send(part, buffer) }
            }
            Output::End { spoken } => {
                fate.gap = !spoken && lives;
                let content = if spoken { Content::Audio } else { Content::Gap };
                let pause = if spoken { pause } else { 0 };
                // What is promised is the whole of it.
                let promised = given.promised.filter(|_| spoken);
                lane.send(Part { tag, number: part, last: true, content, pause, promised }, Buffer::default())
            }
        }
    }

    /// A session is done with a fragment.
    pub(crate) fn end_fragment(&mut self, report: &Report) {
        let Report { given, chunks, audio_s } = report;
        let seconds = audio_s.map(|audio_s| audio_s + given.pause_s);
        self.fragments[given.fragment].seconds = seconds;
        let Some((session, reserved)) = self.in_flight.reservation(given.tag) else { return };
        let lane = &mut self.lanes[session + 1];
        lane.sent = lane.sent - reserved + chunks;
        let sent = lane.sent;
        self.in_flight.end(given.tag, seconds.unwrap_or(0.0), sent);
    }

    /// Puts a gap in the place of what is owed of a fragment from `part` on.
    pub(crate) fn give_up_on(&mut self, given: &Given, part: u32) {
        self.in_flight.give_up_on(given.tag);
        self.fragments[given.fragment].gap = given.tag.epoch == self.playback.transport.epoch();
        self.tell(given.tag, part, Content::Gap);
    }

    fn tell(&mut self, tag: Tag, part: u32, content: Content) {
        let lane = &mut self.lanes[DISPATCHER];
        lane.sent += lane.send(
            Part { tag, number: part, last: true, content, pause: 0, promised: None },
            Buffer::default(),
        );
    }

    /// Experiences what the pump tells.
    pub(crate) fn experience(&mut self, event: &PumpEvent) {
        match *event {
            PumpEvent::Audible { at } => {
                self.playback.speaks = true;
                if let Some(open) = self.open.front().filter(|open| open.waited_for) {
                    self.ttfa.push(at.as_secs_f64() - open.said);
                }
            }
            PumpEvent::Mark { index, at, .. } => self.hear(index as usize, at.as_secs_f64()),
            PumpEvent::Finished { .. } => {
                self.open.pop_front();
                self.finished += 1;
                self.playback.speaks = false;
                self.free_since = self.free_since.max(self.playback.sounded_at);
            }
            PumpEvent::Stopped { epoch } => {
                self.stopping.take_if(|stopping| *stopping == epoch);
            }
        }
    }

    /// The fragment begins to sound at `at`.
    fn hear(&mut self, fragment: usize, at: f64) {
        let model = self.playback.device().model();
        let (latency, stretch, absent) = (model.latency, model.stretch(), self.playback.device().absent());
        let rate = f64::from(self.playback.transport.rate());
        let starvations = self.playback.stats().starvations;
        let before = self.delay.last().and_then(|last| self.fragments[last].seconds).unwrap_or(0.0);
        let came = self.fragments[fragment].came.unwrap_or(at);
        let utterance = self.fragments[fragment].utterance;
        let delay = self.delay.hear(
            fragment,
            utterance,
            came,
            at - latency,
            before * stretch / rate,
            absent,
            starvations,
        );
        let fate = &mut self.fragments[fragment];
        (fate.heard, fate.delay) = (Some(at), delay);
        self.playback.delay = delay;
    }

    /// Takes back what was not played, so that all buffers come back. Returns how many were made and how many are
    /// missing.
    pub(crate) fn put_away(&mut self, now: f64) -> (u64, i64) {
        self.playback.end_dry(now);
        self.playback.put_away(at(now));
        let made = self.lanes.iter().map(Lane::buffers_made).sum();
        (made, self.lanes.iter_mut().map(Lane::buffers_missing).sum())
    }
}
