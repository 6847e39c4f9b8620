//! Stage 2's dispatcher: plans fragments over all streams and gives them to the sessions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, TryRecvError};
use sostenuto_inference::{Fragment, Prosody, SAMPLE_RATE, Voice};
use sostenuto_playback::{MonotonicClock, Tag};

use super::LONGEST_SLEEP;
use super::anybody::Anybody;
use super::dispatch_stream::{DispatchStream, StreamEnds};
use super::session::{Job, Report};
use super::slot::{Assigned, Slot};
use crate::flow::first_tile;
use crate::governor::{Decision, Governor};
use crate::memory::resident_bytes;
use crate::meters::add;
use crate::planner::{Budget, Planned, pause_seconds};
use crate::policy::Policy;
use crate::readers::Readers;
use crate::session_stats::SessionBoard;
use crate::speech::SpokenUtterance;
use crate::tempo::{slowed, tempo};
use crate::turn::{Listener, Rules, Turn, earliest_first, relief};
use crate::waker::Waker;
use crate::workload::Candidate;

/// How soon a late session is looked at again, at the soonest, in seconds.
const SOONEST_LOOK: f64 = 0.01;

pub(crate) struct DispatchStage {
    pub(crate) streams: Receiver<StreamEnds>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) anybody: Arc<Anybody>,
    pub(crate) policy: Policy,
    pub(crate) budget: Budget,
    pub(crate) clock: MonotonicClock,
    pub(crate) g2p: Waker,
    pub(crate) board: Arc<SessionBoard>,
    pub(crate) governor: Governor,
    /// Their caches are emptied when memory runs short.
    pub(crate) readers: Option<Arc<Readers>>,
    /// The hard memory limit is crossed.
    pub(crate) refuses: Arc<AtomicBool>,
}

/// What became of the next thing that a stream has to do.
enum Advance {
    /// It was done; there may be more.
    Done,
    /// It waits, so many seconds at most.
    Later(f64),
    /// There is nothing.
    Nothing,
}

impl DispatchStage {
    /// Runs until the engine is gone.
    pub(crate) fn run(mut self) {
        let mut streams: Vec<DispatchStream> = Vec::new();
        loop {
            loop {
                match self.streams.try_recv() {
                    Ok(ends) => streams.push(DispatchStream::new(ends, self.budget)),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return,
                }
            }
            streams.retain(|stream| !stream.ends.chunks.is_abandoned());
            let now = self.clock.now();
            self.mind_memory(now);
            self.hear_reports(now, &mut streams);
            self.anybody.note(self.slots.iter().any(Slot::is_busy));
            for slot in &mut self.slots {
                slot.note_progress(now);
            }
            let overdue = self.relieve(now, &mut streams).min(self.end_overdue(now, &mut streams));
            for stream in &mut streams {
                if stream.take_in() {
                    self.g2p.wake();
                }
                // Before any of it can be heard.
                stream.note_starvation(now);
            }
            let look = self.give_out(now, &mut streams);
            self.publish_outlooks(now, &mut streams);
            let sleep = look.min(overdue).max(0.0);
            if sleep > 0.0 {
                std::thread::park_timeout(LONGEST_SLEEP.min(Duration::from_secs_f64(sleep.min(1.0))));
            }
        }
    }

    /// Gives up what can be done without where memory runs short, and lets no utterance begin where it has run out.
    fn mind_memory(&mut self, now: Duration) {
        if !self.governor.is_due(now) {
            return;
        }
        let Some(resident) = resident_bytes() else { return };
        if self.governor.observe(resident, now) == Decision::Shrink {
            let twin = if self.policy == Policy::Twin && self.slots.len() > 1 {
                self.slots.last_mut()
            } else {
                None
            };
            tracing::warn!(
                resident_mb = resident / 1_000_000,
                "above the soft memory limit: emptying the caches{}",
                if twin.is_some() { " and dropping the second session" } else { "" }
            );
            if let Some(readers) = &self.readers {
                readers.shrink();
            }
            if let Some(twin) = twin {
                twin.drop_session();
                self.board.show(self.slots.len() - 1, self.slots[self.slots.len() - 1].stats());
            }
        }
        self.refuses.store(self.governor.refuses().is_some(), Ordering::Release);
    }

    fn hear_reports(&mut self, now: Duration, streams: &mut [DispatchStream]) {
        for index in 0..self.slots.len() {
            while let Some(report) = self.slots[index].next_report() {
                match report {
                    Report::Ready { voices, report, bytes } => {
                        self.slots[index].become_ready(voices, report, bytes, now);
                    }
                    Report::Failed { error } => {
                        let kind = self.slots[index].kind;
                        // Where no other is left, the utterance that fails tells.
                        if self.slots.len() > 1 {
                            tracing::warn!("the {kind} session is not there: {error}");
                        }
                        self.slots[index].fail(error);
                    }
                    Report::Streams { voice, prosody, streams: does } => {
                        self.slots[index].hear_answer(&voice, prosody, does);
                    }
                    Report::Done { tag, time, first, streams: does, samples, chunks, was_spoken, level } => {
                        let audio_s = samples as f64 / f64::from(SAMPLE_RATE);
                        let slot = &mut self.slots[index];
                        let pause_s = slot.end(time, first, does, audio_s, was_spoken);
                        let kind = slot.kind;
                        if let Some(stream) = find(streams, tag) {
                            if let Some(level) = level.filter(|_| was_spoken) {
                                stream.loudness.hear(kind, level);
                            }
                            // Where another session speaks it, it is not at its end.
                            if let Some(pause_s) = pause_s {
                                stream.end_fragment(tag, chunks, audio_s + pause_s);
                            }
                        }
                    }
                }
                self.board.show(index, self.slots[index].stats());
            }
        }
    }

    /// Interrupts fragments that take too long, and gives up on sessions that hang. Returns when to look again.
    fn end_overdue(&mut self, now: Duration, streams: &mut [DispatchStream]) -> f64 {
        let mut look = f64::INFINITY;
        for (index, slot) in self.slots.iter_mut().enumerate() {
            look = look.min(slot.interrupt_overdue(now));
            let Some((tag, part)) = slot.lost(now) else { continue };
            tracing::error!("the {} session hangs; it gets no more to speak", slot.kind);
            self.board.show(index, slot.stats());
            if let Some(stream) = find(streams, tag) {
                add(&stream.ends.shared.meters.timeouts, 1);
                if let Some(part) = part {
                    add(&stream.ends.shared.meters.failed_fragments, 1);
                    stream.give_up_on(tag, part);
                }
            }
        }
        look
    }

    /// Takes fragments from sessions that will be late, as long as another can still be in time. Returns when to look
    /// again.
    fn relieve(&mut self, now: Duration, streams: &mut [DispatchStream]) -> f64 {
        let mut look = f64::INFINITY;
        for index in 0..self.slots.len() {
            let Some((job, tokens)) = self.slots[index].spare() else { continue };
            let Some(stream) = find(streams, job.tag).filter(|s| s.epoch == job.tag.epoch) else { continue };
            let deadline = stream.deadline_of(job.tag);
            let candidates = self.candidates(&job.fragment.voice, job.fragment.prosody);
            let Some((fast, left)) = relief(now, index, tokens, deadline, &candidates) else { continue };
            let chunks = self.slots[fast].most_chunks();
            // What is overdue is not waited for to the last moment: it would be a gap.
            if (left <= 0.0 || self.slots[index].is_overdue(now))
                && stream.has_room(fast, chunks)
                && let Some(mut fragment) = self.slots[index].relieve()
            {
                // Not when the late session has let go: one that is frozen never does.
                stream.hand_over(fragment.job.tag, fast, chunks);
                fragment.job.gain = stream.loudness.next_gain();
                self.begin(now, fast, fragment, false);
                self.board.show(index, self.slots[index].stats());
            } else {
                look = look.min(left.max(SOONEST_LOOK));
            }
        }
        look
    }

    fn publish_outlooks(&self, now: Duration, streams: &mut [DispatchStream]) {
        for stream in streams {
            if let Some((voice, prosody)) = stream.speaker() {
                stream.publish_outlook(now, self.rules(), &self.candidates(&voice, prosody));
            }
        }
    }

    fn rules(&self) -> Rules {
        Rules { policy: self.policy, budget: self.budget }
    }

    fn candidates(&self, voice: &Voice, prosody: Prosody) -> Vec<Candidate<'_>> {
        self.slots.iter().map(|slot| slot.candidate(voice, prosody)).collect()
    }

    /// Gives out fragments, the listener who runs dry first being served first, until nothing more can be done.
    /// Returns after how many seconds to look again.
    fn give_out(&mut self, now: Duration, streams: &mut [DispatchStream]) -> f64 {
        loop {
            let deadlines: Vec<f64> = streams.iter_mut().map(DispatchStream::deadline).collect();
            let mut look = f64::INFINITY;
            let mut done = false;
            for index in earliest_first(&deadlines) {
                match self.advance(now, &mut streams[index]) {
                    Advance::Done => {
                        done = true;
                        break;
                    }
                    Advance::Later(within) => look = look.min(within),
                    Advance::Nothing => {}
                }
            }
            if !done {
                return look;
            }
            for stream in streams.iter_mut() {
                if stream.take_in() {
                    self.g2p.wake();
                }
            }
        }
    }

    fn advance(&mut self, now: Duration, stream: &mut DispatchStream) -> Advance {
        let Some((spoken, complete)) = stream.current() else { return Advance::Nothing };
        if complete && stream.planner.is_empty() {
            return if stream.end_utterance() { Advance::Done } else { Advance::Nothing };
        }
        let ask = |slot: &mut Slot| slot.answers_within(now, &spoken.voice, spoken.prosody);
        let wait = self.slots.iter_mut().map(ask).max().unwrap_or_default();
        if !wait.is_zero() {
            // The report wakes.
            return Advance::Later(wait.as_secs_f64());
        }
        let pace = f64::from(spoken.prosody.speed) * stream.rate();
        let listener = Listener {
            ahead: stream.seconds_ahead(),
            plays: stream.ends.shared.has_deadlines,
            begun: stream.begun,
            last: stream.last,
            pace,
        };
        let rules = self.rules();
        let candidates = self.candidates(&spoken.voice, spoken.prosody);
        match rules.turn(now, &listener, &mut stream.planner, complete, &candidates) {
            Turn::Speak { session, budget, opening } => {
                self.speak(now, session, stream, &spoken, complete, budget, opening)
            }
            Turn::Later(within) => Advance::Later(within),
            Turn::Nothing => Advance::Nothing,
            Turn::Nobody => {
                stream.fail_utterance(self.why_nobody(spoken.voice.name()));
                Advance::Done
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "all of it is what was decided about the fragment")]
    fn speak(
        &mut self,
        now: Duration,
        index: usize,
        stream: &mut DispatchStream,
        spoken: &Arc<SpokenUtterance>,
        complete: bool,
        allowed: usize,
        opening: bool,
    ) -> Advance {
        let slot = &mut self.slots[index];
        let chunks = slot.most_chunks();
        if !stream.has_room(index, chunks) {
            return Advance::Nothing;
        }
        let Some(planned) = stream.planner.next_within(complete, allowed) else { return Advance::Nothing };
        let marks = spoken.plan_marks(&planned);
        let Planned { phonemes, boundary, .. } = planned;
        let tokens = phonemes.chars().count();
        let pause_s = f64::from(pause_seconds(boundary) / spoken.prosody.speed);
        let mut prosody = spoken.prosody;
        if stream.ends.shared.has_deadlines && !opening {
            let slack = stream.ends.shared.transport.slack();
            let factor = tempo(slack, slot.audio_seconds(tokens, prosody.speed));
            prosody = slowed(prosody, factor, |prosody| slot.streams(&spoken.voice, prosody));
        }
        let streams = slot.streams(&spoken.voice, prosody);
        let seed = spoken.seed.wrapping_add(stream.begun);
        let pace = f64::from(prosody.speed) * stream.rate();
        let first_tile = first_tile(stream.deadline() - slot.promise(streams, tokens, pace));
        let tag = stream.begin(index, chunks, slot.audio_seconds(tokens, prosody.speed) + pause_s);
        if streams {
            stream.stream(tag);
        }
        stream.last = Some((index, boundary));
        let voice = Arc::clone(&spoken.voice);
        let fragment = Fragment { phonemes, voice, prosody, seed };
        let job = Job {
            shared: Arc::clone(&stream.ends.shared),
            spoken: Arc::clone(spoken),
            tag,
            fragment,
            marks,
            gain: if slot.is_fast() { stream.loudness.next_gain() } else { 1.0 },
            pause: (pause_s * f64::from(SAMPLE_RATE)) as u32,
            promised: None,
            first_tile,
        };
        let may_be_late =
            self.policy == Policy::Hybrid && !slot.is_fast() && stream.ends.shared.has_deadlines;
        self.begin(now, index, Assigned { job, tokens, pause_s, opening }, may_be_late);
        Advance::Done
    }

    /// Gives a session a fragment, and has the others leave what can wait.
    fn begin(&mut self, now: Duration, index: usize, fragment: Assigned, may_be_relieved: bool) {
        self.anybody.begins();
        self.slots.iter().for_each(Slot::want);
        self.slots[index].begin(now, fragment, may_be_relieved);
    }

    fn why_nobody(&self, voice: &str) -> String {
        let reasons: Vec<_> = self.slots.iter().filter_map(Slot::why_not).collect();
        if reasons.is_empty() {
            return format!("no session speaks voice {voice} under the policy '{}'", self.policy);
        }
        reasons.join("; ")
    }
}

fn find(streams: &mut [DispatchStream], tag: Tag) -> Option<&mut DispatchStream> {
    streams.iter_mut().find(|stream| stream.ends.shared.id == tag.stream)
}
