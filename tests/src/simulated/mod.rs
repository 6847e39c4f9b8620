//! Stage 2 on a virtual clock: the decisions of the dispatcher, with sessions and listeners that are numbers.
//!
//! What is decided is decided by the code that the dispatcher runs; a session is what its fragments cost, and a
//! listener plays what it is given and runs dry. Hours pass in milliseconds, and the same way every time. It does not
//! tell what sessions take from each other's cores.

mod costs;
mod listener;
mod pace;
mod script;
mod session;

use std::time::Duration;

use serde::Serialize;
use sostenuto_engine::planner::{Budget, pause_seconds};
use sostenuto_engine::policy::Policy;
use sostenuto_engine::turn::{Rules, Turn, earliest_first, relief};
use sostenuto_engine::workload::Candidate;

pub use costs::Costs;
pub use listener::{Dry, Heard, Listening};
pub use pace::Pace;
pub use script::{Cue, text};
pub use session::Simulated;
use session::{Given, Outcome};

/// The dispatcher's longest sleep, in seconds.
const LONGEST_SLEEP: f64 = 0.1;
/// How soon it looks again at a late session, at the soonest, in seconds.
const SOONEST_LOOK: f64 = 0.01;
/// What is later than this, in seconds, has gone wrong.
const DOOMSDAY: f64 = 100_000.0;

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

/// Sessions and listeners, and the clock.
pub struct World {
    rules: Rules,
    sessions: Vec<Simulated>,
    listening: Vec<Listening>,
    begun: Vec<Begun>,
    now: f64,
}

/// What happened.
pub struct History {
    /// The sessions after it.
    pub sessions: Vec<Simulated>,
    /// The listeners after it.
    pub listening: Vec<Listening>,
    /// Fragments in the order in which they were given out.
    pub begun: Vec<Begun>,
    /// When the last was done, in seconds.
    pub end: f64,
}

impl World {
    /// A world in which `sessions` speak to those who listen, each to its own script.
    pub fn new(policy: Policy, sessions: Vec<Simulated>, scripts: Vec<Vec<Cue>>) -> Self {
        let rules = Rules { policy, budget: Budget::default() };
        let listeners = scripts.into_iter().enumerate();
        let listening = listeners.map(|(n, script)| Listening::new(n, script, rules.budget)).collect();
        Self { rules, sessions, listening, begun: Vec::new(), now: 0.0 }
    }

    /// Lets time pass until everything is said.
    ///
    /// # Panics
    ///
    /// When that never comes.
    pub fn run(mut self) -> History {
        loop {
            let look = self.step();
            if self.listening.iter().all(Listening::is_over) && self.sessions.iter().all(Simulated::is_idle) {
                break;
            }
            let events = self.sessions.iter().filter_map(Simulated::next_event);
            let cues = self.listening.iter().filter_map(Listening::next_cue);
            let next = events.chain(cues).fold(self.now + look.clamp(0.0, LONGEST_SLEEP), f64::min);
            // Time goes on, and the clock has nanoseconds.
            self.now = next.max(self.now + 1e-6);
            assert!(self.now < DOOMSDAY, "it never ends");
        }
        let Self { sessions, listening, begun, now: end, .. } = self;
        History { sessions, listening, begun, end }
    }

    fn clock(&self) -> Duration {
        Duration::from_secs_f64(self.now)
    }

    /// What the dispatcher does when it wakes. Returns when it is to wake again at the latest, in seconds.
    fn step(&mut self) -> f64 {
        for (stream, listening) in self.listening.iter_mut().enumerate() {
            if listening.follow_script(self.now) {
                for session in &mut self.sessions {
                    session.stop(self.now, stream);
                }
            }
        }
        self.hear_reports();
        let look = self.end_overdue().min(self.relieve());
        for listening in &mut self.listening {
            listening.take_in();
        }
        look.min(self.give_out())
    }

    fn candidates(&self) -> Vec<Candidate<'_>> {
        self.sessions.iter().map(|session| session.candidate(self.now)).collect()
    }

    fn hear_reports(&mut self) {
        for index in 0..self.sessions.len() {
            let Some((given, outcome)) = self.sessions[index].report(self.now) else { continue };
            let seconds = match outcome {
                Outcome::Spoken(audio_s) => Some(audio_s + given.pause_s),
                Outcome::Interrupted => None,
            };
            self.listening[given.stream].receive(self.now, given.tag, seconds);
        }
    }

    fn end_overdue(&mut self) -> f64 {
        let mut look = f64::INFINITY;
        for session in &mut self.sessions {
            look = look.min(session.end_overdue(self.now));
            if let Some(given) = session.lost(self.now) {
                self.listening[given.stream].receive(self.now, given.tag, None);
            }
        }
        look
    }

    fn relieve(&mut self) -> f64 {
        let mut look = f64::INFINITY;
        for index in 0..self.sessions.len() {
            let Some((given, tokens)) = self.sessions[index].spare() else { continue };
            let deadline = self.listening[given.stream].deadline_of(self.now, given.tag);
            let Some((fast, left)) = relief(self.clock(), index, tokens, deadline, &self.candidates()) else {
                continue;
            };
            if left <= 0.0
                && let Some(given) = self.sessions[index].relieve(self.now)
            {
                self.listening[given.stream].hand_over(given.tag, fast);
                self.sessions[fast].begin(self.now, Given { may_be_late: false, ..given });
            } else {
                look = look.min(left.max(SOONEST_LOOK));
            }
        }
        look
    }

    fn give_out(&mut self) -> f64 {
        loop {
            let deadlines: Vec<f64> = self.listening.iter().map(|l| l.deadline(self.now)).collect();
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
                listening.take_in();
            }
        }
    }

    /// Returns after how many seconds to ask again, or `None` where something was done.
    fn advance(&mut self, stream: usize, deadlines: &[f64]) -> Option<f64> {
        let now = self.clock();
        let candidates: Vec<_> = self.sessions.iter().map(|session| session.candidate(self.now)).collect();
        let listening = &mut self.listening[stream];
        if listening.end_utterance() {
            return None;
        }
        let state = listening.state(self.now);
        let complete = listening.is_complete();
        match self.rules.turn(now, &state, &mut listening.planner, complete, &candidates) {
            Turn::Speak { session, budget, opening } => {
                let Some(planned) = listening.planner.next_within(complete, budget) else {
                    return Some(f64::INFINITY);
                };
                let pause_s = f64::from(pause_seconds(planned.boundary));
                let tokens = planned.phonemes.chars().count();
                let seconds = self.sessions[session].audio_seconds(tokens) + pause_s;
                let tag = listening.begin(session, seconds, &planned);
                let may_be_late = self.rules.policy == Policy::Hybrid && !self.sessions[session].is_fast();
                let given = Given { stream, tag, tokens, pause_s, opening, may_be_late };
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
            Turn::Nothing | Turn::Nobody => Some(f64::INFINITY),
        }
    }
}
