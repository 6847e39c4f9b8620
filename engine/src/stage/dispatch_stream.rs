//! One stream as the dispatcher sees it: the clauses that wait, and the fragments that are being spoken.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rtrb::{Consumer, Producer};
use sostenuto_g2p::Boundary;
use sostenuto_inference::{Prosody, Voice};
use sostenuto_playback::{Buffer, Chunk, Content, Epoch, SessionId, Tag};

use super::g2p::ClauseMessage;
use crate::in_flight::InFlight;
use crate::loudness::LevelMatch;
use crate::outlook::{Ahead, outlook};
use crate::planner::{Budget, Planner};
use crate::shared::StreamShared;
use crate::speech::SpokenUtterance;
use crate::starvation::Starvation;
use crate::turn::Rules;
use crate::workload::Candidate;

/// The dispatcher's own ring to every stream, for what no session says: the end of an utterance, and the gap in the
/// place of a fragment whose session hangs.
pub(crate) const DISPATCHER: SessionId = SessionId(0);

/// The dispatcher's ends of a stream.
pub(crate) struct StreamEnds {
    pub(crate) shared: Arc<StreamShared>,
    pub(crate) clauses: Consumer<ClauseMessage>,
    pub(crate) chunks: Producer<Chunk>,
    /// One for each session, in their order.
    pub(crate) rooms: Vec<Room>,
}

/// How much room there is in the ring between a session and a stream, as far as the dispatcher knows.
pub(crate) struct Room {
    slots: u64,
    sent: u64,
    taken: Arc<AtomicU64>,
}

impl Room {
    /// A ring of `slots` slots, out of which playback has taken `taken` chunks.
    pub(crate) fn new(slots: usize, taken: Arc<AtomicU64>) -> Self {
        Self { slots: slots as u64, sent: 0, taken }
    }

    fn left(&self) -> u64 {
        self.slots.saturating_sub(self.sent - self.taken.load(Ordering::Acquire).min(self.sent))
    }
}

/// A stream, and where the dispatcher is in it.
pub(crate) struct DispatchStream {
    pub(crate) ends: StreamEnds,
    pub(crate) planner: Planner,
    pub(crate) epoch: Epoch,
    /// Fragments of the current utterance that were begun.
    pub(crate) begun: u64,
    /// The session that spoke last, and how the text breaks after that fragment.
    pub(crate) last: Option<(usize, Boundary)>,
    /// Makes its sessions equally loud.
    pub(crate) loudness: LevelMatch,
    seq: u64,
    /// The utterance being planned, and whether all its clauses are there.
    current: Option<(Arc<SpokenUtterance>, bool)>,
    /// Marks that the text names after its last clause.
    marks_left: Vec<String>,
    /// No session speaks the current utterance: the rest of it is let go.
    skips: bool,
    in_flight: InFlight,
    starvation: Starvation,
    /// Who speaks the utterance that was planned last, and how.
    speaker: Option<(Arc<Voice>, Prosody)>,
}

impl DispatchStream {
    pub(crate) fn new(ends: StreamEnds, budget: Budget) -> Self {
        let epoch = ends.shared.transport.epoch();
        Self {
            ends,
            planner: Planner::new(budget),
            epoch,
            begun: 0,
            last: None,
            loudness: LevelMatch::default(),
            seq: 0,
            current: None,
            marks_left: Vec::new(),
            skips: false,
            in_flight: InFlight::default(),
            starvation: Starvation::default(),
            speaker: None,
        }
    }

    /// Follows a stop, and takes in the clauses that the planner can use. Returns whether any were taken.
    pub(crate) fn take_in(&mut self) -> bool {
        self.follow_epoch();
        let mut taken = false;
        while !self.planner.is_full() && !self.current.as_ref().is_some_and(|&(_, complete)| complete) {
            let Ok(message) = self.ends.clauses.pop() else { break };
            taken = true;
            // A clause may be of an epoch that began since the last look.
            self.follow_epoch();
            if message.spoken.epoch != self.epoch {
                continue;
            }
            let complete = message.clause.is_none();
            self.marks_left = message.marks_left;
            if let Some(clause) = message.clause.filter(|_| !self.skips) {
                self.planner.push(clause);
            }
            self.speaker = Some((Arc::clone(&message.spoken.voice), message.spoken.prosody));
            self.current = Some((message.spoken, complete));
        }
        taken
    }

    fn follow_epoch(&mut self) {
        let epoch = self.ends.shared.transport.epoch();
        if epoch != self.epoch {
            self.epoch = epoch;
            self.seq = 0;
            self.starvation.restart();
            self.end_current();
        }
    }

    fn end_current(&mut self) {
        self.current = None;
        self.begun = 0;
        self.last = None;
        self.skips = false;
        self.planner.restart();
    }

    /// Tells playback whether there is nothing to say, or was for so long that what is being spoken is late for that.
    pub(crate) fn note_starvation(&mut self, now: Duration) {
        let shared = &self.ends.shared;
        // Looked at first: a clause that was pushed before the text was exhausted is seen then.
        let lacks_text = shared.text_exhausted.load(Ordering::Acquire)
            // What is there of a sentence waits for the rest of it.
            && !self.planner.is_full()
            && self.ends.clauses.is_empty()
            && !self.in_flight.is_speaking(self.epoch)
            // The end of an utterance is still to be sent.
            && !self.current.as_ref().is_some_and(|&(_, complete)| complete);
        if lacks_text && self.current.is_none() {
            // Between two utterances nobody waits for text.
            self.starvation.restart();
        }
        let is_late = self.starvation.note(now, lacks_text && self.current.is_some());
        shared.transport.set_starved(lacks_text || is_late);
        if lacks_text || is_late {
            shared.pump.wake();
        }
    }

    /// Seconds until the listener runs dry; infinite where nobody listens in real time.
    pub(crate) fn deadline(&mut self) -> f64 {
        if !self.ends.shared.has_deadlines {
            return f64::INFINITY;
        }
        self.seconds_ahead()
    }

    /// Seconds of audio that wait in playback or are being made.
    pub(crate) fn seconds_ahead(&mut self) -> f64 {
        self.settle();
        self.ends.shared.transport.seconds_waiting() + self.in_flight.seconds(self.epoch) / self.rate()
    }

    fn settle(&mut self) {
        let (epoch, rooms) = (self.epoch, &self.ends.rooms);
        let is_taken = |session: usize, sent| rooms[session].taken.load(Ordering::Acquire) >= sent;
        self.in_flight.settle(epoch, is_taken);
        self.in_flight.correct(epoch, self.ends.shared.transport.seconds_taken());
    }

    /// The rate at which it is played.
    pub(crate) fn rate(&self) -> f64 {
        f64::from(self.ends.shared.transport.rate())
    }

    /// Tells playback until when what it has must last, so that nothing that `candidates` speak is late.
    pub(crate) fn publish_outlook(&mut self, now: Duration, rules: Rules, candidates: &[Candidate<'_>]) {
        if !self.ends.shared.has_deadlines {
            return;
        }
        self.settle();
        let (complete, speed) = self
            .current
            .as_ref()
            .map_or((true, 1.0), |(spoken, complete)| (*complete, f64::from(spoken.prosody.speed)));
        let upcoming = rules.preview(&mut self.planner, complete, candidates);
        let (epoch, in_flight, rate) = (self.epoch, &self.in_flight, self.rate());
        let ahead = Ahead { epoch, in_flight, upcoming: &upcoming, complete, speed, rate };
        self.ends.shared.transport.set_outlook(outlook(now, &ahead, rules.policy, candidates));
    }

    /// Who speaks the utterance that was planned last, and how.
    pub(crate) fn speaker(&self) -> Option<(Arc<Voice>, Prosody)> {
        self.speaker.clone()
    }

    /// The utterance that is planned, and whether all its clauses are known.
    pub(crate) fn current(&self) -> Option<(Arc<SpokenUtterance>, bool)> {
        self.current.clone()
    }

    /// Whether `session`, which sends at most `chunks` chunks for a fragment, has room for one.
    pub(crate) fn has_room(&self, session: usize, chunks: usize) -> bool {
        self.ends.rooms[session].left() >= chunks as u64
    }

    /// Gives the next place in the order to a fragment of `session`, predicted to last `seconds`.
    pub(crate) fn begin(&mut self, session: usize, chunks: usize, seconds: f64) -> Tag {
        let tag = self.next_tag();
        let reserved = chunks as u64;
        self.ends.rooms[session].sent += reserved;
        self.in_flight.begin(tag, session, seconds, reserved);
        self.begun += 1;
        tag
    }

    /// The fragment `tag` is handed out while it is being spoken.
    pub(crate) fn stream(&mut self, tag: Tag) {
        self.in_flight.stream(tag);
    }

    /// Notes that `session` is done with the fragment `tag`, having sent `chunks` chunks that last `seconds`.
    pub(crate) fn end_fragment(&mut self, tag: Tag, chunks: u64, seconds: f64) {
        let Some((session, reserved)) = self.in_flight.reservation(tag) else { return };
        let room = &mut self.ends.rooms[session];
        room.sent = room.sent - reserved + chunks;
        self.in_flight.end(tag, seconds, room.sent);
    }

    /// Gives the fragment `tag` to another session, which sends at most `chunks` chunks for it.
    pub(crate) fn hand_over(&mut self, tag: Tag, session: usize, chunks: usize) {
        let Some((late, reserved)) = self.in_flight.reservation(tag) else { return };
        self.ends.rooms[late].sent -= reserved;
        self.ends.rooms[session].sent += chunks as u64;
        self.in_flight.hand_over(tag, session, chunks as u64);
    }

    /// Seconds until the listener needs the fragment `tag`; infinite where nobody listens in real time.
    pub(crate) fn deadline_of(&self, tag: Tag) -> f64 {
        if !self.ends.shared.has_deadlines {
            return f64::INFINITY;
        }
        self.ends.shared.transport.seconds_waiting() + self.in_flight.seconds_before(tag) / self.rate()
    }

    /// Puts a gap in the place of what is owed of the fragment `tag` from `part` on. Its session still has its room.
    pub(crate) fn give_up_on(&mut self, tag: Tag, part: u32) {
        self.in_flight.give_up_on(tag);
        self.send(tag, part, Content::Gap, Buffer::default());
    }

    /// Ends the utterance, if there is room to say so. One without a fragment waits until no fragment is awaited: of such
    /// ends there may be any number, and the pump has room for as many as there are fragments on their way.
    pub(crate) fn end_utterance(&mut self) -> bool {
        // Nobody else does for a stream that nobody waits for.
        self.settle();
        let waits = self.begun == 0 && self.in_flight.is_awaited(self.epoch);
        if waits || self.ends.chunks.is_full() {
            return false;
        }
        if let Some((spoken, _)) = self.current.take() {
            let tag = self.next_tag();
            let marks = spoken.plan_points(std::mem::take(&mut self.marks_left));
            let buffer = Buffer { samples: Vec::new(), marks };
            self.send(tag, 0, Content::End { utterance: spoken.number }, buffer);
        }
        self.end_current();
        true
    }

    /// Lets the current utterance go, because nobody speaks it.
    pub(crate) fn fail_utterance(&mut self, reason: String) {
        if let Some((spoken, _)) = &self.current {
            spoken.fail(reason);
        }
        self.planner.restart();
        self.skips = true;
    }

    fn next_tag(&mut self) -> Tag {
        let tag = Tag { stream: self.ends.shared.id, epoch: self.epoch, seq: self.seq };
        self.seq += 1;
        tag
    }

    fn send(&mut self, tag: Tag, part: u32, content: Content, buffer: Buffer) {
        let chunk =
            Chunk { tag, session: DISPATCHER, part, last: true, content, buffer, pause: 0, promised: None };
        if self.ends.chunks.push(chunk).is_err() {
            tracing::error!(seq = tag.seq, "no room to tell playback of a gap");
        }
        self.ends.shared.pump.wake();
    }
}
