//! Everybody who lives by the clock, each woken as its thread or its device is.

use std::time::Duration;

use sostenuto_engine::planner::Budget;
use sostenuto_engine::policy::Policy;
use sostenuto_engine::turn::Rules;
use sostenuto_playback::SinkError;

use crate::clock::{SimClock, at};
use crate::dispatcher::{Begun, Dispatcher};
use crate::hearer::Hearer;
use crate::listener::{Asked, Listening};
use crate::record::{Ending, Record};
use crate::session::Simulated;

/// The dispatcher's longest sleep, in seconds.
const LONGEST_SLEEP: f64 = 0.1;
/// How long a thread takes to run that was woken, in seconds.
const WOKEN: f64 = 0.000_05;
/// The clock has nanoseconds, and time goes on.
const SHORTEST_SLEEP: f64 = 1e-6;
/// When nothing has happened for so many seconds, nothing will.
const PATIENCE: f64 = 60.0;

/// The dispatcher's alarm; the sessions' follow, then those of each listener.
const DISPATCHER: usize = 0;

/// One of a listener's alarms.
#[derive(Clone, Copy)]
enum Of {
    Script,
    Pump,
    Callback,
}

const ALARMS: usize = 3;

/// Sessions and listeners, and the clock.
pub struct World {
    clock: SimClock,
    stage: Dispatcher,
    /// When something happened last, in seconds.
    alive: f64,
}

/// What happened.
pub struct History {
    /// The sessions after it.
    pub sessions: Vec<Simulated>,
    /// The listeners after it.
    pub listening: Vec<Listening>,
    /// What happened to each listener, in figures.
    pub records: Vec<Record>,
    /// Fragments in the order in which they were given out.
    pub begun: Vec<Begun>,
    /// When all was over, in seconds.
    pub end: f64,
}

impl World {
    /// A world in which `sessions` speak to those who listen.
    ///
    /// # Errors
    /// [`SinkError`] where playback refuses a listener's device.
    pub fn new(policy: Policy, sessions: Vec<Simulated>, hearers: Vec<Hearer>) -> Result<Self, SinkError> {
        let rules = Rules { policy, budget: Budget::default() };
        let clock = SimClock::new(1 + sessions.len() + ALARMS * hearers.len());
        let mut listening = Vec::new();
        for (n, hearer) in hearers.into_iter().enumerate() {
            listening.push(Listening::new(n, hearer, &sessions, rules.budget)?);
        }
        Ok(Self { clock, stage: Dispatcher::new(rules, sessions, listening), alive: 0.0 })
    }

    /// Lets time pass until everything is said and heard, or nothing happens any more.
    pub fn run(mut self) -> History {
        self.clock.set(DISPATCHER, Duration::ZERO);
        for stream in 0..self.stage.listening.len() {
            self.clock.set(self.alarm(stream, Of::Pump), Duration::ZERO);
            self.clock.set(self.alarm(stream, Of::Callback), Duration::ZERO);
            self.set_script(stream);
        }
        let mut ending = None;
        while ending.is_none() {
            let Some(alarm) = self.clock.advance() else { break };
            let sessions = self.stage.sessions.len();
            ending = match alarm.checked_sub(1 + sessions) {
                Some(of_listener) => {
                    let stream = of_listener / ALARMS;
                    match of_listener % ALARMS {
                        0 => self.follow_script(stream),
                        1 => self.step_pump(stream),
                        _ => self.call_back(stream),
                    }
                }
                None if alarm == DISPATCHER => self.dispatch(),
                None => self.hand_out(alarm - 1),
            };
        }
        self.finish(ending.unwrap_or(Ending::Stuck))
    }

    fn finish(self, ending: Ending) -> History {
        let end = self.clock.seconds();
        let Dispatcher { sessions, mut listening, begun, .. } = self.stage;
        let records = listening.iter_mut().map(|listening| Record::of(listening, ending, end)).collect();
        History { sessions, listening, records, begun, end }
    }

    fn alarm(&self, stream: usize, of: Of) -> usize {
        1 + self.stage.sessions.len() + ALARMS * stream + of as usize
    }

    fn after(&self, seconds: f64) -> Duration {
        self.clock.now() + at(seconds)
    }

    fn wake_dispatcher(&mut self) {
        self.clock.wake(DISPATCHER, self.after(WOKEN));
    }

    fn wake_pump(&mut self, stream: usize) {
        let woken = self.after(WOKEN);
        let time = self.stage.listening[stream].playback.late(woken);
        self.clock.wake(self.alarm(stream, Of::Pump), time);
    }

    fn set_script(&mut self, stream: usize) {
        let alarm = self.alarm(stream, Of::Script);
        match self.stage.listening[stream].next_moment(self.clock.seconds()) {
            Some(moment) => self.clock.set(alarm, at(moment)),
            None => self.clock.clear(alarm),
        }
    }

    fn dispatch(&mut self) -> Option<Ending> {
        let mut starved = Vec::new();
        let look = self.stage.step(self.clock.seconds(), |stream| starved.push(stream));
        for stream in starved {
            self.wake_pump(stream);
        }
        for session in 0..self.stage.sessions.len() {
            self.set_session(session);
        }
        // What it has just taken in may be followed by what is not there yet.
        for stream in 0..self.stage.listening.len() {
            self.set_script(stream);
        }
        self.clock.wake(DISPATCHER, self.after(look.clamp(SHORTEST_SLEEP, LONGEST_SLEEP)));
        None
    }

    fn set_session(&mut self, session: usize) {
        match self.stage.sessions[session].next_event() {
            Some(time) => self.clock.set(1 + session, at(time)),
            None => self.clock.clear(1 + session),
        }
    }

    fn hand_out(&mut self, session: usize) -> Option<Ending> {
        if let Some(stream) = self.stage.hand_out(self.clock.seconds(), session) {
            self.wake_pump(stream);
        }
        self.set_session(session);
        self.wake_dispatcher();
        None
    }

    fn follow_script(&mut self, stream: usize) -> Option<Ending> {
        let now = self.clock.seconds();
        match self.stage.listening[stream].follow_script(now) {
            Asked::End => return Some(Ending::Cut),
            Asked::Stop => {
                self.stage.stop(now, stream);
                for session in 0..self.stage.sessions.len() {
                    self.set_session(session);
                }
            }
            Asked::Nothing => {}
        }
        self.set_script(stream);
        self.wake_pump(stream);
        self.wake_dispatcher();
        None
    }

    fn step_pump(&mut self, stream: usize) -> Option<Ending> {
        let listening = &mut self.stage.listening[stream];
        let stepped = listening.playback.step(self.clock.now());
        let mut told = false;
        while let Some(event) = listening.playback.next_event() {
            listening.experience(&event);
            told = true;
        }
        self.clock.wake(self.alarm(stream, Of::Pump), stepped.wake);
        if stepped.progressed {
            self.wake_dispatcher();
        }
        if told {
            self.set_script(stream);
        }
        None
    }

    fn call_back(&mut self, stream: usize) -> Option<Ending> {
        let now = self.clock.seconds();
        let playback = &mut self.stage.listening[stream].playback;
        playback.callback(now);
        let (sounded_at, next) = (playback.sounded_at, playback.device().next());
        self.clock.set(self.alarm(stream, Of::Callback), next);
        self.ending(now, sounded_at)
    }

    /// Whether it is over at `now`, one listener having heard something at `sounded_at` last.
    fn ending(&mut self, now: f64, sounded_at: f64) -> Option<Ending> {
        let Dispatcher { sessions, listening, .. } = &self.stage;
        if sessions.iter().all(Simulated::is_idle) && listening.iter().all(Listening::is_over) {
            return Some(Ending::Over);
        }
        let works = |session: &Simulated| session.next_event().is_some_and(f64::is_finite);
        let comes = |listening: &Listening| listening.next_moment(now).is_some_and(|at| at > now);
        self.alive = self.alive.max(sounded_at);
        if sessions.iter().any(works) || listening.iter().any(comes) {
            self.alive = now;
        }
        (now - self.alive > PATIENCE).then_some(Ending::Stuck)
    }
}
