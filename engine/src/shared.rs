//! What the owner of a stream and its three stages share.

use std::collections::VecDeque;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sostenuto_playback::{CHUNK_RATE, Epoch, StreamId, Transport};

use crate::EngineError;
use crate::meters::{Meters, StageTimes, StreamStats, read};
use crate::speech::SpokenUtterance;
use crate::speech_event::SpeechEvent;
use crate::waker::Waker;

#[derive(Debug)]
pub(crate) struct StreamShared {
    pub(crate) id: StreamId,
    pub(crate) transport: Arc<Transport>,
    pub(crate) meters: Meters,
    pub(crate) pump: Waker,
    /// A listener's clock drives the sink.
    pub(crate) has_deadlines: bool,
    /// Stage 1 has handed on all the text there is.
    pub(crate) text_exhausted: AtomicBool,
    /// The owner wants no more of the stream once it has been drained.
    pub(crate) closing: AtomicBool,
    utterances: Mutex<Accepted>,
    /// Some of the utterances have ended.
    ended: Condvar,
}

/// The utterances that have not ended.
#[derive(Debug, Default)]
struct Accepted {
    utterances: VecDeque<Arc<SpokenUtterance>>,
    next: u64,
    closed: bool,
}

impl StreamShared {
    pub(crate) fn new(id: StreamId, transport: Arc<Transport>, has_deadlines: bool) -> Self {
        Self {
            id,
            transport,
            meters: Meters::default(),
            pump: Waker::default(),
            has_deadlines,
            text_exhausted: AtomicBool::new(true),
            closing: AtomicBool::new(false),
            utterances: Mutex::default(),
            ended: Condvar::new(),
        }
    }

    fn accepted(&self) -> MutexGuard<'_, Accepted> {
        self.utterances.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Accepts what `make` makes of its number and epoch, and hands it on through `send`. A stop or another speaker
    /// comes before all of it or after all of it.
    ///
    /// # Errors
    /// [`EngineError::ShutDown`] when the stream has ended.
    pub(crate) fn accept(
        &self,
        make: impl FnOnce(u64, Epoch) -> SpokenUtterance,
        send: impl FnOnce(Arc<SpokenUtterance>) -> Result<(), EngineError>,
    ) -> Result<Arc<SpokenUtterance>, EngineError> {
        let mut accepted = self.accepted();
        if accepted.closed {
            return Err(EngineError::ShutDown);
        }
        let utterance = Arc::new(make(accepted.next, self.transport.epoch()));
        send(Arc::clone(&utterance))?;
        accepted.next += 1;
        accepted.utterances.push_back(Arc::clone(&utterance));
        Ok(utterance)
    }

    /// The utterance that is being heard.
    pub(crate) fn current(&self) -> Option<Arc<SpokenUtterance>> {
        self.accepted().utterances.front().cloned()
    }

    /// Ends `number` and everything accepted before it, at the time `at`.
    pub(crate) fn finish(&self, number: u64, at: Duration) {
        let mut accepted = self.accepted();
        while let Some(utterance) = accepted.utterances.pop_front_if(|utterance| utterance.number <= number) {
            utterance.tell(SpeechEvent::Finished, at);
        }
        self.ended.notify_all();
    }

    /// Ends everything of an epoch before `epoch`, at the time `at`.
    pub(crate) fn stop_before(&self, epoch: Epoch, at: Duration) {
        let mut accepted = self.accepted();
        accepted.utterances.retain(|utterance| {
            let stays = !utterance.epoch.is_before(epoch);
            if !stays {
                utterance.tell(SpeechEvent::Stopped, at);
            }
            stays
        });
        self.ended.notify_all();
    }

    /// Ends everything with `event` at the time `at`, and accepts no more.
    pub(crate) fn end_all(&self, event: &SpeechEvent, at: Duration) {
        let mut accepted = self.accepted();
        accepted.closed = true;
        for utterance in accepted.utterances.drain(..) {
            utterance.tell(event.clone(), at);
        }
        self.ended.notify_all();
    }

    /// Waits until everything that is accepted by now has ended, until `until` or for ever. Returns whether it has.
    pub(crate) fn drain(&self, until: Option<Instant>) -> bool {
        let mut accepted = self.accepted();
        let next = accepted.next;
        while accepted.utterances.front().is_some_and(|utterance| utterance.number < next) {
            accepted = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => self.ended.wait(accepted).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return false,
                Some(left) => {
                    self.ended.wait_timeout(accepted, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        true
    }

    pub(crate) fn stats(&self) -> StreamStats {
        let (m, pump) = (&self.meters, self.meters.pump());
        let seconds = |samples: u64| samples as f64 / f64::from(CHUNK_RATE);
        let ms = |counter| read(counter) as f64 / 1e6;
        let synthesised_s = seconds(read(&m.synthesised_samples));
        let inference_ms = ms(&m.inference_ns);
        let sentences = (read(&m.sentences_cached) + read(&m.sentences_pronounced)) as f64;
        StreamStats {
            audio_s: seconds(pump.speech_samples + pump.pause_samples),
            speech_s: seconds(pump.speech_samples),
            rtf: if synthesised_s > 0.0 { inference_ms / 1e3 / synthesised_s } else { 0.0 },
            clauses: read(&m.clauses),
            cache_hit_rate: if sentences > 0.0 { read(&m.sentences_cached) as f64 / sentences } else { 0.0 },
            sentences_pronounced: read(&m.sentences_pronounced),
            fragments: read(&m.fragments),
            failed_fragments: read(&m.failed_fragments),
            timeouts: read(&m.timeouts),
            parts: read(&m.parts),
            stages: StageTimes { g2p_ms: ms(&m.g2p_ns), inference_ms, pump_ms: ms(&m.pump_ns) },
            underruns: self.transport.underruns(),
            underrun_frames: self.transport.underrun_frames(),
            concealed_frames: self.transport.concealed_frames(),
            interruptions: self.transport.interruptions(),
            callback_time: self.transport.callback_times().duration.into(),
            callback_lateness: self.transport.callback_times().lateness.into(),
            inserted_samples: pump.inserted_samples,
            removed_samples: pump.removed_samples,
            level_s: pump.level_s,
            target_s: pump.target_s,
            reorder_depth: pump.reorder_depth,
            device_xruns: self.transport.xruns(),
            starvations: pump.starvations,
            starved_s: pump.starved_s,
            gaps: pump.gaps,
            stale_chunks: pump.stale_chunks,
            out_of_order: pump.late_chunks + pump.duplicate_chunks,
            missed_events: read(&m.missed_events),
            buffers: read(&m.new_buffers),
            buffers_mb: read(&m.buffer_bytes) as f64 / 1e6,
        }
    }
}
