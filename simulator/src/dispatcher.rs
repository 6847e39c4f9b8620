//! Stage 2 on a virtual clock: what the dispatcher does when it wakes, with sessions that are numbers.
//!
//! What is decided is decided by the pure functions that the dispatcher's thread runs; the steps between them are its
//! steps, in its order.

use std::time::Duration;

use serde::Serialize;
use sostenuto_engine::flow::first_tile;
use sostenuto_engine::planner::pause_seconds;
use sostenuto_engine::policy::Policy;
use sostenuto_engine::turn::{Rules, Turn, earliest_first, relief};
use sostenuto_engine::workload::Candidate;

use crate::clock::at;
use crate::listener::Listening;
use crate::session::{Given, Simulated};

/// How soon it looks again at a late session, at the soonest, in seconds.
const SOONEST_LOOK: f64 = 0.01;

/// A fragment as it was given out.
#[derive(Clone, Debug, Serialize)]
pub struct Begun {
    /// When, in seconds.
    pub at: f64,
    /// Whose.
    pub stream: usize,
    /// Its place in its stream, since the last stop.
    pub seq: u64,
    /// Who spoke it at first.
    pub session: usize,
    /// How large it was.
    pub tokens: usize,
    /// Seconds until its listener ran dry.
    pub deadline: f64,
    /// Deadlines of the streams at that time, in their order.
    pub deadlines: Vec<f64>,
    /// It was the first of an utterance whose listener waited.
    pub opening: bool,
}

/// The dispatcher, its sessions and its streams.
pub(crate) struct Dispatcher {
    pub(crate) rules: Rules,
    pub(crate) sessions: Vec<Simulated>,
    pub(crate) listening: Vec<Listening>,
    pub(crate) begun: Vec<Begun>,
    now: f64,
}

impl Dispatcher {
    pub(crate) fn new(rules: Rules, sessions: Vec<Simulated>, listening: Vec<Listening>) -> Self {
        Self { rules, sessions, listening, begun: Vec::new(), now: 0.0 }
    }

    /// What it does when it wakes. Calls `starved` with each stream that has nothing to say. Returns after how many
    /// seconds it wakes again at the latest.
    pub(crate) fn step(&mut self, now: f64, mut starved: impl FnMut(usize)) -> f64 {
        self.now = now;
        self.hear_reports();
        self.sessions.iter_mut().for_each(Simulated::note_progress);
        let look = self.relieve().min(self.end_overdue());
        for (stream, listening) in self.listening.iter_mut().enumerate() {
            listening.take_in(now);
            if listening.note_starvation(now) {
                starved(stream);
            }
        }
        let look = look.min(self.give_out());
        self.publish_outlooks();
        look
    }

    /// A session hands out what it has done by `now`. Returns whose it is, where there was any.
    pub(crate) fn hand_out(&mut self, now: f64, session: usize) -> Option<usize> {
        let mut stream = None;
        while let Some((given, part, output)) = self.sessions[session].next_output(now) {
            let chunks = self.listening[given.stream].receive(now, session, &given, part, &output);
            self.sessions[session].note_chunks(chunks);
            stream = Some(given.stream);
        }
        stream
    }

    /// A stream was stopped: whoever speaks for it is interrupted.
    pub(crate) fn stop(&mut self, now: f64, stream: usize) {
        for session in &mut self.sessions {
            session.stop(now, stream);
        }
    }

    fn publish_outlooks(&mut self) {
        let (now, rules, clock) = (self.now, self.rules, self.clock());
        let Self { sessions, listening, .. } = self;
        let candidates: Vec<_> = sessions.iter().map(|session| session.candidate(now)).collect();
        for listening in listening {
            listening.publish_outlook(clock, rules, &candidates);
        }
    }

    fn clock(&self) -> Duration {
        at(self.now)
    }

    fn candidates(&self) -> Vec<Candidate<'_>> {
        self.sessions.iter().map(|session| session.candidate(self.now)).collect()
    }

    fn hear_reports(&mut self) {
        for session in &mut self.sessions {
            if let Some(report) = session.report() {
                self.listening[report.given.stream].end_fragment(&report);
            }
        }
    }

    fn end_overdue(&mut self) -> f64 {
        let mut look = f64::INFINITY;
        for session in &mut self.sessions {
            look = look.min(session.end_overdue(self.now));
            if let Some((given, part)) = session.lost(self.now) {
                self.listening[given.stream].give_up_on(&given, part);
            }
        }
        look
    }

    fn relieve(&mut self) -> f64 {
        let mut look = f64::INFINITY;
        for index in 0..self.sessions.len() {
            let Some((given, tokens)) = self.sessions[index].spare() else { continue };
            let listening = &self.listening[given.stream];
            if !listening.is_living(given.tag) {
                continue;
            }
            let deadline = listening.deadline_of(given.tag);
            let Some((fast, left)) = relief(self.clock(), index, tokens, deadline, &self.candidates()) else {
                continue;
            };
            let chunks = self.sessions[fast].most_chunks();
            if (left <= 0.0 || self.sessions[index].is_overdue(self.now))
                && self.listening[given.stream].has_room(fast, chunks)
                && let Some(given) = self.sessions[index].relieve(self.now)
            {
                self.listening[given.stream].hand_over(given.tag, fast, chunks);
                self.sessions[fast].begin(self.now, Given { may_be_late: false, ..given });
            } else {
                look = look.min(left.max(SOONEST_LOOK));
            }
        }
        look
    }

    fn give_out(&mut self) -> f64 {
        loop {
            let deadlines: Vec<f64> = self.listening.iter_mut().map(Listening::deadline).collect();
            let mut look = f64::INFINITY;
            let mut done = false;
            for index in earliest_first(&deadlines) {
                let Some(within) = self.advance(index, &deadlines) else {
                    done = true;
                    break;
                };
                look = look.min(within);
            }
            if !done {
                return look;
            }
            for listening in &mut self.listening {
                listening.take_in(self.now);
            }
        }
    }

    /// Returns after how many seconds to ask again, or `None` where something was done.
    fn advance(&mut self, stream: usize, deadlines: &[f64]) -> Option<f64> {
        let now = self.clock();
        let candidates: Vec<_> = self.sessions.iter().map(|session| session.candidate(self.now)).collect();
        let listening = &mut self.listening[stream];
        if !listening.is_current() {
            return Some(f64::INFINITY);
        }
        let complete = listening.is_complete();
        if complete && listening.planner.is_empty() {
            return (!listening.end_utterance()).then_some(f64::INFINITY);
        }
        let state = listening.state();
        match self.rules.turn(now, &state, &mut listening.planner, complete, &candidates) {
            Turn::Speak { session, budget, opening } => {
                let speaker = &self.sessions[session];
                if !listening.has_room(session, speaker.most_chunks()) {
                    return Some(f64::INFINITY);
                }
                let Some(planned) = listening.planner.next_within(complete, budget) else {
                    return Some(f64::INFINITY);
                };
                let pause_s = f64::from(pause_seconds(planned.boundary));
                let tokens = planned.phonemes.chars().count();
                let usual = speaker.audio_seconds(tokens, 1.0);
                let speed = if opening { 1.0 } else { listening.tempo(usual) };
                let seconds = speaker.audio_seconds(tokens, speed) + pause_s;
                let slack = state.deadline() - speaker.promise(tokens, speed * state.pace);
                let first_tile = first_tile(slack);
                let (tag, fragment) =
                    listening.begin(self.now, session, speaker, seconds, (state.deadline(), slack), planned);
                let may_be_late = self.rules.policy == Policy::Hybrid && !speaker.is_fast();
                let promised = None;
                let given = Given {
                    stream,
                    fragment,
                    tag,
                    tokens,
                    pause_s,
                    speed,
                    opening,
                    may_be_late,
                    promised,
                    first_tile,
                };
                self.begun.push(Begun {
                    at: self.now,
                    stream,
                    seq: tag.seq,
                    session,
                    tokens,
                    deadline: state.deadline(),
                    deadlines: deadlines.to_vec(),
                    opening,
                });
                self.sessions[session].begin(self.now, given);
                None
            }
            Turn::Later(within) => Some(within),
            Turn::Nothing => Some(f64::INFINITY),
            Turn::Nobody => {
                listening.fail_utterance();
                None
            }
        }
    }
}
