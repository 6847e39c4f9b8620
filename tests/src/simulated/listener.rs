//! A listener who plays what comes, in order and in real time.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use sostenuto_engine::in_flight::InFlight;
use sostenuto_engine::planner::{Budget, Planned, Planner};
use sostenuto_engine::turn::Listener;
use sostenuto_g2p::{Boundary, Clause};
use sostenuto_playback::{Epoch, StreamId, Tag};

use super::Cue;

/// A shorter silence is not one, in seconds.
const SHORTEST_DRY: f64 = 0.001;

/// A stretch for which a listener had nothing to hear within an utterance.
#[derive(Clone, Copy, Debug)]
pub struct Dry {
    /// Until then, in seconds.
    pub until: f64,
    /// So long, in seconds.
    pub seconds: f64,
}

/// A fragment that came to a listener.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Its place in the order.
    pub tag: Tag,
    /// The utterance that it belongs to.
    pub utterance: usize,
    /// What it is of the text, in tokens.
    pub source: Range<usize>,
    /// What it is made of.
    pub phonemes: String,
    /// Seconds of audio and pause; `None` of a gap.
    pub seconds: Option<f64>,
    /// Seconds from the moment that the utterance was there until this fragment could be heard.
    pub after: f64,
}

/// What a fragment is, on its way to the listener.
struct Owed {
    utterance: usize,
    said: f64,
    opening: bool,
    source: Range<usize>,
    phonemes: String,
}

/// A listener, its script, and where stage 2 is in it.
pub struct Listening {
    script: VecDeque<Cue>,
    /// Utterances that are there: their number, when they came, and their clauses.
    texts: VecDeque<(usize, f64, VecDeque<Clause>)>,
    pub(super) planner: Planner,
    utterances: usize,
    /// The utterance that is being planned, and when it came.
    current: Option<(usize, f64)>,
    complete: bool,
    stream: StreamId,
    epoch: Epoch,
    seq: u64,
    begun: u64,
    last: Option<(usize, Boundary)>,
    in_flight: InFlight,
    /// What was begun since the last stop and has not come.
    owed: BTreeMap<u64, Owed>,
    /// What came, but is not yet to be played.
    early: BTreeMap<u64, (Owed, Option<f64>)>,
    next: u64,
    /// When all that it can play has been played.
    plays_until: f64,
    /// What came to it, in the order of playing.
    pub heard: Vec<Heard>,
    /// When it had nothing to hear though an utterance had begun.
    pub dry: Vec<Dry>,
}

impl Listening {
    pub(super) fn new(number: usize, script: Vec<Cue>, budget: Budget) -> Self {
        Self {
            stream: StreamId(number as _),
            script: script.into(),
            texts: VecDeque::new(),
            planner: Planner::new(budget),
            utterances: 0,
            current: None,
            complete: false,
            epoch: Epoch(0),
            seq: 0,
            begun: 0,
            last: None,
            in_flight: InFlight::default(),
            owed: BTreeMap::new(),
            early: BTreeMap::new(),
            next: 0,
            plays_until: 0.0,
            heard: Vec::new(),
            dry: Vec::new(),
        }
    }

    /// Does what the script says up to `now`. Returns whether that was to stop.
    pub(super) fn follow_script(&mut self, now: f64) -> bool {
        let mut stopped = false;
        while self.script.front().is_some_and(|cue| cue.at() <= now) {
            match self.script.pop_front() {
                Some(Cue::Say(at, clauses)) => {
                    self.texts.push_back((self.utterances, at, clauses.into()));
                    self.utterances += 1;
                }
                Some(Cue::Stop(_)) => {
                    self.stop(now);
                    stopped = true;
                }
                None => {}
            }
        }
        stopped
    }

    fn stop(&mut self, now: f64) {
        self.texts.clear();
        self.end_current();
        self.epoch = Epoch(self.epoch.0 + 1);
        (self.seq, self.next) = (0, 0);
        self.owed.clear();
        self.early.clear();
        self.plays_until = self.plays_until.min(now);
    }

    fn end_current(&mut self) {
        self.planner.restart();
        (self.current, self.complete, self.begun, self.last) = (None, false, 0, None);
    }

    /// Whether all is said.
    pub(super) fn is_over(&self) -> bool {
        self.script.is_empty() && self.texts.is_empty() && self.current.is_none() && self.owed.is_empty()
    }

    pub(super) fn next_cue(&self) -> Option<f64> {
        self.script.front().map(Cue::at)
    }

    /// Takes in the clauses that the planner can use.
    pub(super) fn take_in(&mut self) {
        while !self.planner.is_full() && !self.complete {
            let Some((utterance, at, clauses)) = self.texts.front_mut() else { break };
            self.current = Some((*utterance, *at));
            if let Some(clause) = clauses.pop_front() {
                self.planner.push(clause);
            } else {
                self.complete = true;
                self.texts.pop_front();
            }
        }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Ends the utterance, if all of it is planned. Returns whether it was.
    pub(super) fn end_utterance(&mut self) -> bool {
        let ends = self.complete && self.planner.is_empty();
        if ends {
            self.end_current();
        }
        ends
    }

    /// Seconds that it can play.
    fn waiting(&self, now: f64) -> f64 {
        (self.plays_until - now).max(0.0)
    }

    /// Seconds until it runs dry.
    pub(super) fn deadline(&self, now: f64) -> f64 {
        self.waiting(now) + self.in_flight.seconds(self.epoch)
    }

    /// Seconds until it needs the fragment `tag`.
    pub(super) fn deadline_of(&self, now: f64, tag: Tag) -> f64 {
        self.waiting(now) + self.in_flight.seconds_before(tag)
    }

    pub(super) fn state(&self, now: f64) -> Listener {
        Listener { ahead: self.deadline(now), plays: true, begun: self.begun, last: self.last }
    }

    /// Gives the next place to a fragment of `session`, predicted to last `seconds`.
    pub(super) fn begin(&mut self, session: usize, seconds: f64, planned: &Planned) -> Tag {
        let tag = Tag { stream: self.stream, epoch: self.epoch, seq: self.seq };
        let (utterance, said) = self.current.unwrap_or_default();
        let (source, phonemes) = (planned.source.clone(), planned.phonemes.clone());
        self.in_flight.begin(tag, session, seconds, 1);
        self.owed.insert(self.seq, Owed { utterance, said, opening: self.begun == 0, source, phonemes });
        self.last = Some((session, planned.boundary));
        self.begun += 1;
        self.seq += 1;
        tag
    }

    /// Another session speaks the fragment `tag`.
    pub(super) fn hand_over(&mut self, tag: Tag, session: usize) {
        self.in_flight.hand_over(tag, session, 1);
    }

    /// Gets `seconds` of audio and pause of the fragment `tag`, or a gap in place of it.
    ///
    /// # Panics
    ///
    /// When it came before.
    pub(super) fn receive(&mut self, now: f64, tag: Tag, seconds: Option<f64>) {
        self.in_flight.end(tag, seconds.unwrap_or(0.0), 1);
        self.in_flight.settle(self.epoch, |_, _| true);
        if tag.epoch != self.epoch {
            return;
        }
        let owed = self.owed.remove(&tag.seq);
        assert!(owed.is_some(), "{tag:?} came twice");
        self.early.extend(owed.map(|owed| (tag.seq, (owed, seconds))));
        while let Some((owed, seconds)) = self.early.remove(&self.next) {
            let tag = Tag { seq: self.next, ..tag };
            self.next += 1;
            let Owed { utterance, said, opening, source, phonemes } = owed;
            let dry = now - self.plays_until;
            if dry > SHORTEST_DRY && !opening {
                self.dry.push(Dry { until: now, seconds: dry });
            }
            let start = self.plays_until.max(now);
            self.plays_until = start + seconds.unwrap_or(0.0);
            self.heard.push(Heard { tag, utterance, source, phonemes, seconds, after: start - said });
        }
    }
}
