//! What comes next for a stream: who speaks how much of its text, and when it is taken from a session that is late.
//! Pure: no clock, no thread, no model. The dispatcher acts on it, and so does the simulation of it.

use std::time::Duration;

use sostenuto_g2p::Boundary;

use crate::outlook::LOOK_AHEAD;
use crate::planner::{Budget, Planner};
use crate::policy::{Assignment, Need, PROMPT, Policy, Prospect, assign, take_over_in};
use crate::workload::Candidate;

/// Seconds of audio ahead of a listener above which a stream gets no further fragment.
const ENOUGH_SECONDS: f64 = 8.0;
/// Of a clause that is cut no part has fewer tokens, if that can be helped.
const SHORTEST_CUT: usize = 20;
/// A listener who runs dry within so many seconds is waiting for the first fragment of an utterance.
const WAITING: f64 = 0.2;

/// What does not change from one turn to the next.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Which sessions speak.
    pub policy: Policy,
    /// How large fragments may be.
    pub budget: Budget,
}

/// How a stream stands when it is its turn.
#[derive(Clone, Copy, Debug)]
pub struct Listener {
    /// Seconds of audio that wait in playback or are being made.
    pub ahead: f64,
    /// Whether it plays in real time, so that it runs dry when nothing is ahead.
    pub plays: bool,
    /// Fragments of the utterance that were begun.
    pub begun: u64,
    /// The session that spoke last, and how the text breaks after that.
    pub last: Option<(usize, Boundary)>,
    /// How fast it hears: seconds of speech at tempo 1 in a second.
    pub pace: f64,
}

impl Listener {
    /// Seconds until it runs dry; infinite where nobody listens in real time.
    pub fn deadline(&self) -> f64 {
        if self.plays { self.ahead } else { f64::INFINITY }
    }
}

/// What is to be done for a stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Turn {
    /// The next fragment is begun.
    Speak {
        /// By this session.
        session: usize,
        /// It is planned within so many tokens.
        budget: usize,
        /// It is the first of an utterance, and its listener waits.
        opening: bool,
    },
    /// It waits. Ask again when a session is free or ready, and at the latest after so many seconds.
    Later(f64),
    /// Nothing: enough is ahead of it, or more of the text is needed.
    Nothing,
    /// No session speaks its voice.
    Nobody,
}

/// Streams in the order in which they are served: who runs dry first is first.
pub fn earliest_first(deadlines: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..deadlines.len()).collect();
    order.sort_by(|&a, &b| deadlines[a].total_cmp(&deadlines[b]));
    order
}

impl Rules {
    /// Decides about the stream whose text `planner` holds, all of it if it is `complete`.
    pub fn turn(
        &self,
        now: Duration,
        listener: &Listener,
        planner: &mut Planner,
        complete: bool,
        sessions: &[Candidate<'_>],
    ) -> Turn {
        if listener.ahead >= ENOUGH_SECONDS {
            return Turn::Nothing;
        }
        let deadline = listener.deadline();
        let opening = listener.begun == 0 && deadline < WAITING;
        let need = Need {
            opening,
            deadline,
            tied: listener
                .last
                .filter(|&(_, boundary)| boundary == Boundary::Word)
                .map(|(session, _)| session),
            yields: sessions.iter().any(|session| session.work.speaks_opening()),
        };
        let smallest = self.budget.opening;
        let mut budget = self.allowed(now, &need, listener.pace, planner, sessions);
        let mut was_cut = false;
        loop {
            let Some(tokens) = planner.peek(complete, budget) else { return Turn::Nothing };
            let prospects: Vec<_> = sessions.iter().map(|s| s.prospect(now, tokens, listener.pace)).collect();
            match assign(self.policy, &need, &prospects) {
                Assignment::Now(session) => {
                    // What the better session cannot finish in time, it may in a smaller size; and what the fast one
                    // speaks in its place is no more than it must be.
                    let gives_way = self.policy == Policy::Hybrid && deadline.is_finite();
                    if gives_way && sessions[session].is_fast() && budget > smallest {
                        budget = smallest;
                        continue;
                    }
                    // What would keep the listener waiting if it stalled is cut, be it in the midst of a clause.
                    let longest = self.longest(now, &need, listener.pace, &sessions[session], sessions);
                    if !was_cut && let Some(most) = longest {
                        was_cut = true;
                        if tokens > most {
                            budget = most;
                            planner.cut(most);
                            continue;
                        }
                    }
                    return Turn::Speak { session, budget, opening };
                }
                Assignment::Later(within) => return Turn::Later(within),
                Assignment::Nobody => return Turn::Nobody,
            }
        }
    }

    /// The budget of the next fragment, in tokens: the first is minimal, and each further one as large as what was
    /// planned before and slack allow. Where slack is plenty, or nobody waits, the text alone decides, so that the same
    /// text gives the same samples.
    ///
    /// Where the session streams that is to speak it, a fragment need not be small to begin soon: it is a whole sentence,
    /// the first one too, as far as the first of it is prompt and the rest in time.
    fn allowed(
        &self,
        now: Duration,
        need: &Need,
        pace: f64,
        planner: &Planner,
        sessions: &[Candidate<'_>],
    ) -> usize {
        let streams = self.preferred(sessions).any(|s| s.streams);
        let allowed = if streams { self.budget.most } else { planner.allowed() };
        if need.deadline.is_infinite() {
            return allowed;
        }
        if need.opening {
            let streaming = self.preferred(sessions).filter(|s| s.streams);
            let prompt = streaming.map(|s| s.work.largest_within(now, PROMPT, Some(pace))).max();
            return prompt.unwrap_or_default().clamp(self.budget.opening, self.budget.most);
        }
        // Where no other session can take a fragment over, what stalls must not use up all that is ahead.
        let is_relieved = self.is_relieved(sessions);
        let largest = self
            .preferred(sessions)
            .map(|s| {
                let streams = s.streams_at(pace);
                let promised = s.work.largest_within(now, need.deadline, streams);
                if is_relieved {
                    promised
                } else {
                    promised.min(s.work.largest_bearable(now, need.deadline, streams))
                }
            })
            .max();
        largest.unwrap_or_default().min(allowed).clamp(self.budget.opening, self.budget.most)
    }

    /// The sessions that are there and are to speak, if they can be in time.
    fn preferred<'a>(&self, sessions: &'a [Candidate<'a>]) -> impl Iterator<Item = &'a Candidate<'a>> {
        let prefers_quality =
            self.policy == Policy::Hybrid && sessions.iter().any(|s| !s.is_fast() && s.is_ready());
        sessions.iter().filter(move |s| s.is_ready() && !(prefers_quality && s.is_fast()))
    }

    /// Whether a fast session takes over what the better one cannot finish in time.
    fn is_relieved(&self, sessions: &[Candidate<'_>]) -> bool {
        let ready = |fast| sessions.iter().any(|s| s.is_ready() && s.is_fast() == fast);
        self.policy == Policy::Hybrid && ready(true) && ready(false)
    }

    /// The most tokens that `session` is given where it stalls now and then and nobody relieves it.
    fn longest(
        &self,
        now: Duration,
        need: &Need,
        pace: f64,
        session: &Candidate<'_>,
        sessions: &[Candidate<'_>],
    ) -> Option<usize> {
        let stalls = session.work.cost().stalls() && !self.is_relieved(sessions);
        (stalls && !need.opening && need.deadline.is_finite())
            .then(|| session.work.largest_secured_within(now, need.deadline, session.streams_at(pace)))
            .map(|most| most.max(SHORTEST_CUT))
    }

    /// How many tokens each of the next fragments has at the least, as far as they are certain.
    pub fn preview(&self, planner: &mut Planner, complete: bool, sessions: &[Candidate<'_>]) -> Vec<usize> {
        let sizes = planner.preview(complete, self.budget.opening, LOOK_AHEAD);
        if self.is_relieved(sessions) || !sessions.iter().any(|s| s.work.cost().stalls()) {
            return sizes;
        }
        let parts = |size: usize| {
            let count = (size / SHORTEST_CUT).max(1);
            (0..count).map(move |n| size / count + usize::from(n < size % count))
        };
        sizes.into_iter().flat_map(parts).take(LOOK_AHEAD).collect()
    }
}

/// After how many seconds the session `late` is relieved of its fragment of `tokens` tokens, which its listener needs
/// in `deadline` seconds, and by whom: a fast session that is free. 0 seconds is now; `None` while nobody can.
pub fn relief(
    now: Duration,
    late: usize,
    tokens: usize,
    deadline: f64,
    sessions: &[Candidate<'_>],
) -> Option<(usize, f64)> {
    // What counts is when all of it is there: it cannot be relieved itself.
    let prospects = sessions.iter().map(|session| session.prospect(now, tokens, 1.0)).enumerate();
    let is_free = |prospect: &Prospect| prospect.speaks && prospect.free_in == Some(0.0);
    let (fast, stand_in) = prospects
        .filter(|&(index, _)| index != late && sessions[index].is_fast())
        .find(|(_, prospect)| is_free(prospect))?;
    // An opening that streams has until it is not prompt any more.
    let prompt_in = sessions.get(late).map_or(0.0, |session| session.work.prompt_in(now));
    Some((fast, take_over_in(deadline, stand_in.promise).max(prompt_in)))
}
